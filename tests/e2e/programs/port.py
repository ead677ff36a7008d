"""port.py PORT SECONDS FILE: opens a TCP port after a while and writes when (CLOCK_MONOTONIC) to FILE."""

import signal
import socket
import sys
import time
from pathlib import Path

time.sleep(float(sys.argv[2]))
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
Path(sys.argv[3]).write_text(str(time.monotonic()))
signal.pause()
