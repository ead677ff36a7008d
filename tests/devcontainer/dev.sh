# shellcheck shell=bash
# shellcheck disable=SC2154  # root is of ./dev, cache of tests/terraform/go.sh
# What ./dev does for devcontainer/: sourced by it, works with its `need`, `once`, `program` and `run_pytest`.

devcontainers_version=0.89.0

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
