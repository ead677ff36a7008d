"""Writes numbered lines to stdout and stderr for a while, and beside that how far it has come.

usage: numbered_lines.py DIRECTORY NAME SEED_OF_LIFETIME|stay

DIRECTORY/NAME.lock is held while it lives; who finds it held says so in DIRECTORY/twice. DIRECTORY/counts/NAME.RUN has the last
line that was written whole to each stream.
"""

import fcntl
import os
import random
import sys
import time

directory, name, life = sys.argv[1:]
lock = os.open(f"{directory}/{name}.lock", os.O_RDWR | os.O_CREAT)
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    with open(f"{directory}/twice", "a") as f:
        f.write(f"{name}\n")

run = f"{time.monotonic_ns():x}"
count = os.open(f"{directory}/counts/{name}.{run}", os.O_RDWR | os.O_CREAT)
end = None if life == "stay" else time.monotonic() + random.uniform(0, float(life))
n = 0
while end is None or time.monotonic() < end:
    n += 1
    for stream, word in ((1, "out"), (2, "err")):
        line = f"{run} {word} {n}\n".encode()
        while line:
            line = line[os.write(stream, line) :]
    os.pwrite(count, f"{n:10}".encode(), 0)
    time.sleep(random.uniform(0, 0.02))
sys.exit(random.choice([0, 1, 1]))
