#!/bin/sh
# Puts workspaced and workspacectl into an image, of any distribution: the program is static and lies beside this script.
# Run as root while the image is built; to run it again does no harm.
set -eu

bin=/usr/local/bin
source=$(dirname "$0")

fail() {
  printf 'feature workspaced: %s\n' "$*" >&2
  exit 1
}

# find_program: the path of the program for this machine.
find_program() {
  case $(uname -m) in
    x86_64 | amd64) machine=x86_64 ;;
    aarch64 | arm64) machine=aarch64 ;;
    *) fail "there is no workspaced for $(uname -m), only for x86_64 and aarch64" ;;
  esac
  program=$source/workspaced-$machine
  [ -f "$program" ] ||
    fail "$program is missing: this feature was packaged without it. './dev feature' on a $machine machine makes it"
}

# install_program: renamed into place, so that a daemon which runs keeps its file and nobody meets half of one. A packaged
# feature does not keep modes. It must run here, which an image of another architecture does not let it.
install_program() {
  { mkdir -p "$bin" && cp "$program" "$bin/.workspaced.new"; } || fail "cannot write to $bin: features are installed by root"
  chmod 0755 "$bin/.workspaced.new"
  if ! said=$("$bin/.workspaced.new" --version 2>&1); then
    rm -f "$bin/.workspaced.new"
    fail "$program does not run in this image, is it a static release build for $machine? $said"
  fi
  mv -f "$bin/.workspaced.new" "$bin/workspaced"
  ln -sf workspaced "$bin/workspacectl"
}

# install_completion SHELL FILE: where the image has that shell's directory of completions.
install_completion() {
  [ -d "${2%/*}" ] || return 0
  "$bin/workspacectl" completion "$1" >"$2" || { rm -f "$2" && fail "$program cannot print completions for $1"; }
}

find_program
install_program
install_completion bash /usr/share/bash-completion/completions/workspacectl
install_completion zsh /usr/share/zsh/site-functions/_workspacectl
install_completion fish /usr/share/fish/vendor_completions.d/workspacectl.fish
printf 'feature workspaced: %s is installed in %s\n' "$said" "$bin"
