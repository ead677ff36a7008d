#!/usr/bin/env bash
# package.sh DIRECTORY PROGRAM…: lays the feature in DIRECTORY, with these builds of workspaced, one for each architecture.
# ./dev feature calls it with the release build.
set -euo pipefail

sources=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)/workspaced

die() {
  printf 'package.sh: %s\n' "$*" >&2
  exit 2
}

# machine_of PROGRAM: as uname -m would name it, by the field e_machine of an ELF header.
machine_of() {
  case $(od -An -N 20 -t x1 "$1" | tr -d ' \n') in
    7f454c46*3e00) echo x86_64 ;;
    7f454c46*b700) echo aarch64 ;;
    *) die "$1 is no program for x86_64 or aarch64" ;;
  esac
}

[[ $# -ge 2 ]] || die "usage: package.sh DIRECTORY PROGRAM…"
directory=$1
shift
machines=()
for program in "$@"; do
  [[ -f $program ]] || die "there is no $program"
  machines+=("$(machine_of "$program")")
done

rm -rf "$directory"
mkdir -p "$directory"
cp "$sources"/* "$directory"
for i in "${!machines[@]}"; do
  cp "${@:i+1:1}" "$directory/workspaced-${machines[i]}"
done
printf 'The feature is in %s, for %s\n' "$directory" "${machines[*]}"
