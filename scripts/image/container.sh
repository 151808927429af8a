#!/bin/sh
# The first process of a container, inside new namespaces for mounts, processes and the network: puts its file
# system together and becomes its command. No container runtime is needed, and what a compose file promises is
# really so: a read-only root, no capabilities, no new privileges.
# container.sh ROOT WORKDIR MOUNTS COMMAND...: MOUNTS has a line for each, `tmpfs PATH` or `bind SOURCE PATH`; the
# environment is the command's, which gives up being root by itself.
set -eu
root=$1 workdir=$2 mounts=$3
shift 3

ip link set lo up
mount --make-rprivate /
mount --bind "$root" "$root"
printf '%s\n' "$mounts" | while read -r kind source path; do
  case $kind in
  tmpfs)
    mkdir -p "$root$source"
    mount -t tmpfs -o nosuid,nodev,noexec tmpfs "$root$source"
    ;;
  bind)
    if [ -d "$source" ]; then mkdir -p "$root$path"; else mkdir -p "$root${path%/*}" && : >"$root$path"; fi
    mount --bind "$source" "$root$path"
    ;;
  esac
done
mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
for device in null zero random urandom; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -o remount,bind,ro "$root"

exec chroot "$root" /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$workdir" "$@"
