# shellcheck shell=bash
# shellcheck disable=SC2154  # root is of ./dev, cache of tests/terraform/go.sh
# What ./dev does for devcontainer/: sourced by it, after tests/terraform/dev.sh and tests/registry/dev.sh.

devcontainers_version=0.89.0
builder_version=1.3.0

# setup_devcontainer: the devcontainers CLI, and shells that run in an empty root.
setup_devcontainer() {
  need util-linux busybox-static bash-static
  [[ -n $(command -v npm) ]] || need nodejs npm
  once devcontainers "$devcontainers_version" install_devcontainers
  export WORKSPACED_DEVCONTAINERS_CLI=$root/build/devcontainers/node_modules/.bin/devcontainer
}
install_devcontainers() {
  say "Installing the devcontainers CLI $devcontainers_version into build/devcontainers"
  rm -rf build/devcontainers
  npm install --silent --no-fund --no-audit --prefix build/devcontainers "@devcontainers/cli@$devcontainers_version" </dev/null
  build/devcontainers/node_modules/.bin/devcontainer --version >/dev/null
}

# test_devcontainer: what needs neither a Debian root nor envbuilder; the release build is there.
test_devcontainer() {
  setup_devcontainer
  say "Tests of the devcontainer"
  run_pytest tests/devcontainer -m "not image"
}

# setup_devcontainer_image: envbuilder, and the Debian that images start from.
setup_devcontainer_image() {
  [[ $(id -u) == 0 ]] || die "the image is built as envbuilder does it, in a root file system of its own: that needs root"
  need buildah debootstrap ccache git
  setup_registry
  program envbuilder "$builder_version" 5
  program debian 12 2
  export WORKSPACED_ENVBUILDER=$cache/envbuilder-$builder_version/envbuilder WORKSPACED_DEBIAN_ROOT=$cache/debian-12
  WORKSPACED_CCACHE=$(ccache --get-config cache_dir)
  export WORKSPACED_CCACHE
  mkdir -p "$WORKSPACED_CCACHE"
}

build_envbuilder() {
  go_source github.com/coder/envbuilder "v$builder_version" "$1" && go_build "$1" "$2/envbuilder" "" ./cmd/envbuilder
}

# The certificates of this machine go with it: where a proxy stands before the registries, its image would know it, too.
build_debian() {
  debootstrap --variant=minbase bookworm "$2" || return
  mkdir -p "$2/usr/local/share/ca-certificates"
  find /usr/local/share/ca-certificates -name '*.crt' -exec cp -t "$2/usr/local/share/ca-certificates" {} +
}

# test_devcontainer_image: envbuilder builds the image and an image with the feature; the feature on a real Debian.
test_devcontainer_image() {
  setup_devcontainer
  setup_devcontainer_image
  say "Tests of the devcontainer: built by envbuilder"
  run_pytest tests/devcontainer -m image
}
