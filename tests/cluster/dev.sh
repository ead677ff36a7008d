# shellcheck shell=bash
# shellcheck disable=SC2154  # root and python are of ./dev, cache of tests/terraform/go.sh
# A real Kubernetes API server for the tests, without containers: etcd from Debian; kube-apiserver, controller manager,
# scheduler and kwok (which plays the nodes) built from the Go module proxy. Sourced by ./dev, after
# tests/terraform/dev.sh.

kubernetes_version=1.33.13 # needs no newer etcd than Debian's 3.4
kubernetes_parts="kube-apiserver kube-controller-manager kube-scheduler"
kwok_version=0.7.0

# setup_cluster: everything that tests/cluster/cluster.py starts, named in the environment.
setup_cluster() {
  need openssl
  setup_etcd
  program kubernetes "$kubernetes_version" 6
  program kwok "$kwok_version" 3
  export WORKSPACED_KUBERNETES=$cache/kubernetes-$kubernetes_version WORKSPACED_KWOK=$cache/kwok-$kwok_version/kwok
  export WORKSPACED_ETCD=$root/build/etcd/unpacked/usr/bin/etcd
}

# run_cluster: an API server to play with, until Ctrl-C; it says what to export for kubectl and others.
run_cluster() {
  setup_python
  setup_cluster
  exec "$python" tests/cluster/cluster.py
}

# etcd alone, unpacked from its package: installing that would start a server on the machine.
setup_etcd() { once etcd 1 unpack_etcd; }
download_etcd() { (cd build/etcd && apt-get -qq download etcd-server 2>/dev/null); }
unpack_etcd() {
  say "Unpacking etcd into build/etcd"
  rm -rf build/etcd && mkdir -p build/etcd
  download_etcd || { apt_get update && download_etcd; }
  dpkg-deb -x build/etcd/etcd-server_*.deb build/etcd/unpacked
  build/etcd/unpacked/usr/bin/etcd --version >/dev/null
}

# Kubernetes is one module that names its parts by relative paths; as a dependency it wants each at its published v0.x.
# Without a version of the usual form, clients refuse to talk to the server.
build_kubernetes() {
  local module=k8s.io/kubernetes part packages=() package flags='' minor=${kubernetes_version%.*}
  go_source "$module" "v$kubernetes_version" "$1/upstream" || return
  {
    printf 'module parts\n\n%s\n\n' "$(grep '^go ' "$1/upstream/go.mod")"
    printf 'require %s v%s\n\n' "$module" "$kubernetes_version"
    sed -n "s|^\t\(k8s.io/[^ ]*\) => ./staging.*|replace \1 => \1 v0.${kubernetes_version#*.}|p" "$1/upstream/go.mod"
  } >"$1/go.mod"
  rm -r "$1/upstream"
  for part in $kubernetes_parts; do packages+=("$module/cmd/$part"); done
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    flags+=" -X $package.gitVersion=v$kubernetes_version -X $package.gitMajor=1 -X $package.gitMinor=${minor#*.}"
  done
  go_build "$1" "$2/" "$flags" "${packages[@]}"
}

build_kwok() { go_source sigs.k8s.io/kwok "v$kwok_version" "$1" && go_build "$1" "$2/kwok" "" ./cmd/kwok; }

# test_cluster: start to deletion of a workspace, against the API server.
test_cluster() {
  setup_template
  setup_cluster
  say "Tests of the template: in a cluster"
  run_pytest tests/cluster
}
