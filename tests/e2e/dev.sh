# shellcheck shell=bash
# What ./dev does for tests/e2e beyond the newest Claude Code: sourced by it, works with its `once`, `say` and `die`.

old_claude_version=2.1.197

# Claude Code as people had it before it spoke the MCP of 2026-07-28: the front door serves both.
setup_old_claude() {
  [[ -n $(command -v npm) ]] || need nodejs npm
  once old-claude "$old_claude_version" install_old_claude
}
install_old_claude() {
  local platform directory=build/npm-$old_claude_version
  case $(uname -m) in
    x86_64) platform=linux-x64 ;;
    aarch64) platform=linux-arm64 ;;
    *) die "there is no Claude Code for $(uname -m)" ;;
  esac
  say "Installing Claude Code $old_claude_version into $directory"
  rm -rf "$directory"
  npm install --silent --no-fund --no-audit --prefix "$directory" \
    "@anthropic-ai/claude-code-$platform@$old_claude_version" </dev/null
  ln -s "node_modules/@anthropic-ai/claude-code-$platform/claude" "$directory/claude"
  "$directory/claude" --version >/dev/null
}

# nginx alone, unpacked from its package, for a comparison: installing that would start a server on the machine.
setup_nginx() {
  need libpcre2-8-0 libssl3 zlib1g
  once nginx 1 unpack_nginx
}
download_nginx() { (cd build/nginx && apt-get -qq download nginx 2>/dev/null); }
unpack_nginx() {
  say "Unpacking nginx into build/nginx"
  rm -rf build/nginx && mkdir -p build/nginx
  download_nginx || { apt_get update && download_nginx; }
  dpkg-deb -x build/nginx/nginx_*.deb build/nginx/unpacked
  build/nginx/unpacked/usr/sbin/nginx -v 2>/dev/null
}

# A browser for the web page, with a font to show it in.
setup_browser() { need chromium chromium-driver fonts-dejavu-core; }

# What doctor looks for in a workspace, and the shells that completion is for.
setup_shells() { need zsh fish git curl jq; }
