# shellcheck shell=bash
# shellcheck disable=SC2154  # cache is of tests/terraform/go.sh
# What ./dev does for deploy/flux: sourced by it, after tests/terraform/dev.sh.
#
#   test_flux            the pytest tests of this directory
#   cmd_flux test        them alone; cmd_flux schemas: write schemas/ anew, from a Kubernetes API server

kustomize_version=5.8.1
kubeconform_version=0.8.0

# setup_flux: everything that tests/flux runs, named in the environment.
setup_flux() {
  program kustomize "$kustomize_version" 2
  program kubeconform "$kubeconform_version" 1
  export WORKSPACED_KUSTOMIZE=$cache/kustomize-$kustomize_version/kustomize
  export WORKSPACED_KUBECONFORM=$cache/kubeconform-$kubeconform_version/kubeconform
  setup_promtool
}

build_kustomize() {
  go_source sigs.k8s.io/kustomize/kustomize/v5 "v$kustomize_version" "$1" && go_build "$1" "$2/kustomize" "" .
}

build_kubeconform() {
  go_source github.com/yannh/kubeconform "v$kubeconform_version" "$1" && go_build "$1" "$2/kubeconform" "" ./cmd/kubeconform
}

# test_flux: what can be said of deploy/flux without a cluster; tests/cluster says the rest.
test_flux() {
  setup_flux
  say "Tests of the Flux manifests"
  run_pytest tests/flux -n 2
}

cmd_flux() {
  case ${1:-} in
    test)
      # shellcheck disable=SC2034  # of run_pytest
      local filter='' matched=''
      setup_python
      test_flux
      ;;
    schemas) write_schemas ;;
    *) die "flux needs one of: test, schemas" ;;
  esac
}

write_schemas() {
  setup_python
  setup_flux
  setup_cluster
  setup_gitops
  "$python" tests/cluster/schemas.py
}
