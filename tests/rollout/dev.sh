# shellcheck shell=bash
# shellcheck disable=SC2154  # root and python are of ./dev, cache of tests/terraform/go.sh
# A rollout as docs/install.md tells it, with a real Coder server. Sourced by ./dev, after those of tests/cluster,
# tests/registry and tests/devcontainer.

coder_server_version=2.30.0 # from the Go module proxy; without its web pages, which are not in the module
pgserver_version=0.1.4      # PostgreSQL 16 in a Python package: nothing of it starts by itself, as Debian's would

# setup_rollout: everything that tests/rollout starts, named in the environment.
setup_rollout() {
  [[ $(id -u) == 0 ]] || die "pods run in root file systems and a network of their own: that needs root"
  need buildah debootstrap git iproute2 openssl
  setup_registry
  setup_claude
  program coder "$coder_server_version" 9
  program envbuilder "$builder_version" 5
  program debian-workspace 12 2
  once postgres "$pgserver_version" install_postgres
  export WORKSPACED_CODER=$cache/coder-$coder_server_version/coder
  export WORKSPACED_ENVBUILDER=$cache/envbuilder-$builder_version/envbuilder
  export WORKSPACED_WORKSPACE_ROOT=$cache/debian-workspace-12
  export WORKSPACED_POSTGRES=$root/build/postgres/pgserver/pginstall/bin
}

# aibridge is published nowhere; it is only needed where the enterprise edition is built.
build_coder() {
  go_source github.com/coder/coder/v2 "v$coder_server_version" "$1" || return
  (cd "$1" && go mod edit -droprequire github.com/coder/aibridge) || return
  go_build "$1" "$2/coder" "-X github.com/coder/coder/v2/buildinfo.tag=$coder_server_version" ./cmd/coder
}

# What images of workspaces have besides: people's fallback image, and the base of their devcontainer.
build_debian_workspace() {
  debootstrap --variant=minbase --include=ca-certificates,curl,git,jq,procps,python3,sudo bookworm "$2" &&
    chroot "$2" useradd --create-home --shell /bin/bash coder &&
    rm -rf "$2"/var/cache/apt/archives/*.deb "$2"/var/lib/apt/lists/* "$2"/usr/share/{doc,locale,man}
}

install_postgres() {
  say "Installing PostgreSQL from pgserver $pgserver_version into build/postgres"
  rm -rf build/postgres
  build/venv/bin/pip install --quiet --disable-pip-version-check --no-deps --target build/postgres \
    "pgserver==$pgserver_version"
  build/postgres/pgserver/pginstall/bin/postgres --version >/dev/null
}

# test_rollout: in namespaces for network and mounts, so that names and ports are those of the documents.
test_rollout() {
  setup_template
  setup_flux
  setup_cluster
  setup_gitops
  setup_devcontainer
  setup_rollout
  say "Tests of a rollout, with a real Coder server"
  # shellcheck disable=SC2034  # of run_pytest
  local python=$root/tests/rollout/apart.sh
  run_pytest tests/rollout
}
