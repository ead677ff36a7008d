"""writer.py LINES: writes that many numbered lines of 1 KiB, then waits to be stopped. See line() in test_log_capture."""

import signal
import sys

lines = int(sys.argv[1])
filling = b"." * (1024 - 13) + b"\n"
block = 1024
for start in range(0, lines, block):
    sys.stdout.buffer.write(b"".join(b"%012d%b" % (i, filling) for i in range(start, min(start + block, lines))))
sys.stdout.buffer.flush()
signal.pause()
