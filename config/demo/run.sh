#!/usr/bin/env bash
# The main job in a minute: start, wait until ready, tell health, point Claude Code at the server.
# Called by `./dev demo`, which has built the programs and the Python environment. Writes below build/demo only and
# leaves no process.
set -euo pipefail

sources=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$sources/../.." && pwd)
ctl=$root/build/release/workspacectl

export DEMO_SOURCES=$sources DEMO_DIR=$root/build/demo DEMO_PYTHON=$root/build/venv/bin/python
export WORKSPACED_CONFIG=$sources/workspaced.toml WORKSPACED_SOCKET=$DEMO_DIR/control.sock
export CLAUDE_CONFIG_DIR=$DEMO_DIR/claude

if [[ -t 1 ]]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi
title() { printf '\n%s\n' "${bold}== $*${plain}"; }

free_ports() {
  "$DEMO_PYTHON" - <<'END'
import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(s.getsockname()[1] for s in held))
END
}

# get PATH: the answer's status line and body.
get() {
  local line body
  exec 3<>"/dev/tcp/127.0.0.1/$DEMO_HTTP_PORT"
  printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$1" >&3
  read -r line <&3
  while read -r body <&3 && [[ $body != $'\r' ]]; do :; done
  printf '%s\n%s\n' "${line%$'\r'}" "$(cat <&3)"
  exec 3>&-
}

# The entry that Claude Code will find. Where no Claude Code is installed it carries the door's token as a header.
show_claude_entry() {
  "$DEMO_PYTHON" - "$CLAUDE_CONFIG_DIR/.claude.json" <<'END'
import json, re, sys
servers = json.load(open(sys.argv[1]))["mcpServers"]
print(re.sub(r"Bearer [^\"]+", "Bearer <redacted>", json.dumps({"mcpServers": servers}, indent=2)))
END
}

stop() {
  trap - EXIT INT TERM HUP
  title "workspacectl down"
  "$ctl" down || true
}

exec 9>"$root/build/demo.lock"
flock -n 9 || { echo "a demo is running in this checkout already; stop it first" >&2; exit 1; }
rm -rf "$DEMO_DIR"
mkdir -p "$DEMO_DIR" "$CLAUDE_CONFIG_DIR"
read -r DEMO_HTTP_PORT DEMO_MCP_PORT <<<"$(free_ports)"
DEMO_TOKEN=$("$DEMO_PYTHON" -c 'import secrets; print(secrets.token_urlsafe(32))')
export DEMO_HTTP_PORT DEMO_MCP_PORT DEMO_TOKEN

trap stop EXIT
trap 'exit 0' INT TERM HUP

title "workspacectl up"
"$ctl" up 9>&-
title "GET /health, before the services are ready"
get /health
title "workspacectl up --wait"
"$ctl" up --wait --timeout 90s 9>&-
"$ctl" wait prepare notes clumsy
title "GET /health, after"
get /health
title "workspacectl status"
"$ctl" status
title "what Claude Code finds in $CLAUDE_CONFIG_DIR/.claude.json"
show_claude_entry
title "What to try next, from another terminal"
cat <<END
export WORKSPACED_SOCKET=$WORKSPACED_SOCKET WORKSPACED_CONFIG=$WORKSPACED_CONFIG
PATH=$root/build/release:\$PATH
workspacectl status                 # clumsy crashes every 20 s: see its restarts grow
workspacectl logs -f clumsy         # and why
workspacectl why clumsy
kill -9 \$(pgrep -f notes_server.py) # the MCP server: 503, a new process, 200 again
curl -i http://127.0.0.1:$DEMO_HTTP_PORT/health
curl http://127.0.0.1:$DEMO_HTTP_PORT/metrics
CLAUDE_CONFIG_DIR=$CLAUDE_CONFIG_DIR claude mcp list
END

if [[ -t 0 && -t 1 ]]; then
  title "Following the logs; Ctrl-C stops everything"
  "$ctl" logs -f || true
fi
