# shellcheck shell=bash
# What ./dev does for tests/conformance: sourced by it, works with its `need`, `once`, `say` and `die`.

conformance_version=0.2.0-alpha.12
conformance_node=22 # the suite does not run on Debian's

# setup_conformance: the MCP conformance suite, and a Node.js for it, in build/conformance.
setup_conformance() {
  [[ -n $(command -v npm) ]] || need nodejs npm
  once conformance "$conformance_version $conformance_node" install_conformance
}
install_conformance() {
  local platform directory=build/conformance
  case $(uname -m) in
    x86_64) platform=linux-x64 ;;
    aarch64) platform=linux-arm64 ;;
    *) die "there is no Node.js package for $(uname -m)" ;;
  esac
  say "Installing the MCP conformance suite $conformance_version into $directory"
  rm -rf "$directory"
  npm install --silent --no-fund --no-audit --prefix "$directory" \
    "node-$platform@$conformance_node" "@modelcontextprotocol/conformance@$conformance_version" </dev/null
  ln -s "node_modules/node-$platform/bin/node" "$directory/node"
  ln -s node_modules/@modelcontextprotocol/conformance/dist/index.js "$directory/suite.js"
  "$directory/node" "$directory/suite.js" --version >/dev/null
}
