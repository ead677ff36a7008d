#!/bin/sh
# enter.sh ROOT [see|share SOURCE TARGET]… -- COMMAND…: runs COMMAND in the root file system ROOT with a /proc and a /dev of
# its own; each SOURCE of this machine is at TARGET there, to be read only (see) or also written (share). To be called in
# fresh mount and process namespaces, as root there.
set -eu

root=$1
shift
mount --bind "$root" "$root"
mkdir -p "$root/proc" "$root/dev" "$root/tmp"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for device in null zero full random urandom; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"

while [ "$1" != -- ]; do
  if [ -d "$2" ]; then
    mkdir -p "$root$3"
  else
    mkdir -p "$root${3%/*}"
    [ -e "$root$3" ] || : >"$root$3"
  fi
  mount --bind "$2" "$root$3"
  [ "$1" = share ] || mount -o remount,bind,ro "$root$3"
  shift 3
done
shift
exec chroot "$root" "$@"
