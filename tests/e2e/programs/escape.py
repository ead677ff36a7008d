"""A service whose child gets away by every means that are asked for, and says where it is.

  escape.py FILE MEANS…    fork twice-fork setsid close ignore clear
"""

import os
import signal
import sys
import time

file, means = sys.argv[1], set(sys.argv[2:])


def away():
    if "ignore" in means:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
    if "setsid" in means:
        os.setsid()
    if "twice-fork" in means and os.fork():
        os._exit(0)
    with open(file, "a") as out:
        out.write(f"{os.getpid()}\n")
    if "close" in means:
        os.closerange(0, 64)
    if "clear" in means:
        os.execve("/bin/sleep", ["sleep", "3333"], {})
    time.sleep(3333)


if os.fork() == 0:
    away()
if "stay" in means:
    time.sleep(3333)
time.sleep(0.3)
