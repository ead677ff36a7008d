#!/bin/sh
# apart.sh ARGUMENTS…: the Python of the tests with a network and mounts of its own, which end with it.
root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
exec unshare --net --mount --kill-child --fork "$root/build/venv/bin/python" "$@"
