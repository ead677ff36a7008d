# shellcheck shell=bash
# shellcheck disable=SC2154  # root and python are of ./dev, cache of tests/terraform/go.sh
# A real Kubernetes API server for the tests, without containers: etcd from Debian; kube-apiserver, controller manager,
# scheduler and kwok (which plays the nodes) built from the Go module proxy. Sourced by ./dev, after
# tests/terraform/dev.sh.

kubernetes_version=1.33.13 # needs no newer etcd than Debian's 3.4
kubernetes_parts="kube-apiserver kube-controller-manager kube-scheduler"
kwok_version=0.7.0
kustomize_controller_version=1.9.5

# Custom resources that deploy/flux and its example have objects of, or that kustomize-controller watches:
# MODULE@VERSION FILE...
crd_sources="github.com/fluxcd/kustomize-controller@v$kustomize_controller_version
  config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml
github.com/fluxcd/source-controller@v1.9.6
  config/crd/bases/source.toolkit.fluxcd.io_buckets.yaml
  config/crd/bases/source.toolkit.fluxcd.io_externalartifacts.yaml
  config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml
  config/crd/bases/source.toolkit.fluxcd.io_helmrepositories.yaml
  config/crd/bases/source.toolkit.fluxcd.io_ocirepositories.yaml
github.com/fluxcd/helm-controller@v1.6.4
  config/crd/bases/helm.toolkit.fluxcd.io_helmreleases.yaml
github.com/1Password/onepassword-operator@v1.12.0
  config/crd/bases/onepassword.com_onepassworditems.yaml
github.com/prometheus-operator/prometheus-operator@v0.90.1
  example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml
  example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml"
crds_version=$(cksum <<<"$crd_sources" | cut -d ' ' -f 1)

# setup_cluster: everything that tests/cluster/cluster.py starts, named in the environment.
setup_cluster() {
  need openssl
  setup_etcd
  setup_kubectl
  program kubernetes "$kubernetes_version" 6
  program kwok "$kwok_version" 3
  export WORKSPACED_KUBERNETES=$cache/kubernetes-$kubernetes_version WORKSPACED_KWOK=$cache/kwok-$kwok_version/kwok
  export WORKSPACED_ETCD=$root/build/etcd/unpacked/usr/bin/etcd
}

# setup_gitops: the controller of Flux that reconciles manifests, and the custom resources of all that they name.
setup_gitops() {
  program kustomize-controller "$kustomize_controller_version" 3
  program crds "$crds_version" 1
  export WORKSPACED_KUSTOMIZE_CONTROLLER=$cache/kustomize-controller-$kustomize_controller_version/kustomize-controller
  export WORKSPACED_CRDS=$cache/crds-$crds_version
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

# kubectl, in the version that Debian has: what the documents say must work with an old one, too.
setup_kubectl() {
  once kubectl 1 unpack_kubectl
  export WORKSPACED_KUBECTL=$root/build/kubectl/unpacked/usr/bin/kubectl
}
download_kubectl() { (cd build/kubectl && apt-get -qq download kubernetes-client 2>/dev/null); }
unpack_kubectl() {
  say "Unpacking kubectl into build/kubectl"
  rm -rf build/kubectl && mkdir -p build/kubectl
  download_kubectl || { apt_get update && download_kubectl; }
  dpkg-deb -x build/kubectl/kubernetes-client_*.deb build/kubectl/unpacked
  build/kubectl/unpacked/usr/bin/kubectl version --client >/dev/null
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

# Its go.mod takes the API from a directory that is a module of its own, which a published module does not have.
build_kustomize_controller() {
  local module=github.com/fluxcd/kustomize-controller version=v$kustomize_controller_version
  go_source "$module" "$version" "$1" || return
  (cd "$1" && go mod edit -replace "$module/api=$module/api@$version") || return
  go_build "$1" "$2/kustomize-controller" "" .
}

build_crds() {
  local word module=''
  for word in $crd_sources; do
    if [[ $word == *@* ]]; then
      module=$word
      go_source "${module%@*}" "${module#*@}" "$1/$module" || return
    else
      cp "$1/$module/$word" "$2" || return
    fi
  done
}

# test_cluster: start to deletion of a workspace, and the Flux manifests, against the API server.
test_cluster() {
  setup_template
  setup_flux
  setup_cluster
  setup_gitops
  say "Tests of the template and the Flux manifests: in a cluster"
  run_pytest tests/cluster
}
