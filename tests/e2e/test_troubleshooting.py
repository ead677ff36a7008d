"""Every message of the daemon in docs/troubleshooting.md is made to appear, by the mistake that the document says."""

import os
import re
import shutil
import signal
import socket
import threading

import pytest

from harness import BUILD, PROGRAMS, PYTHON, ROOT, eventually
from mcp_bed import Server, knock, read_token

DOCUMENT = (ROOT / "docs/troubleshooting.md").read_text()
SECTIONS = ("Services", "Claude Code and MCP", "Page and HTTP")


def messages():
    """The first columns headed "message" of those sections."""
    for title in SECTIONS:
        section = DOCUMENT.split(f"\n## {title}\n")[1].split("\n## ")[0]
        for table in re.findall(r"^\| message .*\n\|[-|]+\n((?:\|.*\n)+)", section, re.M):
            yield from re.findall(r"^\| `([^`]+)` \|", table, re.M)


MISTAKES = {}


def shows(*texts):
    """The function makes the mistake and returns what people then see."""

    def keep(mistake):
        MISTAKES.update(dict.fromkeys(texts, mistake))
        return mistake

    return keep


# ---------------------------------------------------------------- services

GIVES_UP = 'backoff = { initial = "20ms", attempts = 2 }\n'


def started(workspace, services, *arguments, **tables):
    """What `up --wait` says, and `why` of each service."""
    workspace.configure(services, **tables)
    up = workspace.up("--timeout", "10s", *arguments, code=None)
    names = re.findall(r"^\[services\.(\w+)\]", services, re.M) if workspace.socket.exists() else []
    return up.out + up.err + "".join(workspace.ctl("why", name).out for name in names)


@shows("no daemon answers on …")
def no_daemon(workspace, free_port):
    return workspace.ctl("status", code=None).err


@shows("there is no configuration in any of the usual places")
def no_configuration(workspace, free_port):
    del workspace.env["WORKSPACED_CONFIG"]
    return workspace.up(code=None).err


@shows("unknown key; did you mean …")
def a_misspelt_key(workspace, free_port):
    return started(workspace, '[services.web]\ncomand = "true"')


@shows("the environment variable … is not set")
def a_missing_variable(workspace, free_port):
    return started(workspace, '[services.web]\ncommand = "true"\nenvironment = { TOKEN = "${TOKEN:?from the agent}" }')


@shows("cannot find …: not found in PATH", "gave up after … failed runs in a row")
def a_missing_program(workspace, free_port):
    return started(workspace, f'[services.web]\ncommand = "moon run web"\n{GIVES_UP}')


@shows("there is no user … in /etc/passwd")
def a_missing_user(workspace, free_port):
    return started(workspace, f'[services.web]\ncommand = "true"\nuser = "nobody-of-this-name"\n{GIVES_UP}')


@shows("last log lines of …")
def a_taken_port(workspace, free_port):
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        seen = started(workspace, f'[services.web]\ncommand = ["{PYTHON}", "{PROGRAMS}/web.py", "{port}"]\n{GIVES_UP}')
    assert "Address already in use" in seen
    return seen


@shows("stopping what it left behind")
def a_command_that_goes_into_the_background(workspace, free_port):
    """What it leaves behind does not heed, so that there is time to see it stopped."""
    return started(workspace, f'''[services.web]
command = ["sh", "-c", "(trap '' TERM; exec sleep 1000) & echo started"]
stop = {{ timeout = "1s" }}
{GIVES_UP}''')


@shows("killed by SIGKILL")
def a_service_that_does_not_heed(workspace, free_port):
    started(workspace, '''[services.web]
command = ["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"]
stop = { timeout = "200ms" }
''')
    workspace.ctl("stop", "web")
    return workspace.ctl("why", "web").out


@shows("not ready yet: …", "waiting for … to be ready")
def a_probe_that_fails(workspace, free_port):
    workspace.configure(f'''[services.slow]
command = "sleep 1000"
ready = {{ http = "http://127.0.0.1:{free_port()}/health" }}
[services.web]
command = "sleep 1000"
depends_on = {{ slow = "ready" }}
''')
    workspace.up("--timeout", "1s", code=None)
    return workspace.ctl("why", "web").out


@shows("waiting for … to be completed")
def a_task_that_fails(workspace, free_port):
    return started(workspace, '''[services.prepare]
kind = "task"
command = "false"
[services.web]
command = "sleep 1000"
depends_on = { prepare = "completed" }
''')


@shows("cannot listen on …: Address already in use")
def a_taken_port_of_the_daemon(workspace, free_port):
    with socket.create_server(("127.0.0.1", workspace.http_port)):
        return started(workspace, "")


@shows("another daemon (pid …) manages …")
def two_daemons(workspace, free_port):
    started(workspace, "")
    return workspace.run(BUILD / "workspaced", "run").err


@shows("the daemon runs with …; stop it first")
def another_configuration(workspace, free_port):
    started(workspace, "")
    other = workspace.directory / "other.toml"
    other.write_text(workspace.config_file.read_text())
    return workspace.up("--config", other, code=None).err


@shows("cannot make the directory …")
def a_place_that_cannot_be_written(workspace, free_port):
    workspace.config_file.write_text('[daemon]\nstate_dir = "/proc/nowhere/state"\n')
    return workspace.up(code=None).err


@shows("cannot use the control socket …: permission denied")
def somebody_elses_daemon(workspace, free_port):
    """Nobody's socket, or as root that of a directory which nobody may enter."""
    started(workspace, "")
    program = [workspace.directory / "workspacectl", "--socket", workspace.socket, "status"]
    shutil.copy(BUILD / "workspaced", program[0])
    if os.getuid() == 0:
        workspace.directory.chmod(0o711)
        return workspace.run("setpriv", "--reuid", "65534", "--clear-groups", *program).err
    workspace.runtime.chmod(0)
    seen = workspace.run(*program).err
    workspace.runtime.chmod(0o700)
    return seen


# ---------------------------------------------------------------- MCP


def fleet(workspace, free_port, code=None, **tables):
    """A real MCP server behind a door, and what people see of the door."""
    server = Server(workspace, free_port(), token="the-right-one")
    if "url" in tables:
        tables["url"] = f"http://127.0.0.1:{server.port}{tables['url']}"
    text = server.service("fleet", claude=False, hold_timeout="1s", ready={"tcp": f"127.0.0.1:{server.port}"})
    for key, value in tables.items():
        text = re.sub(rf'^({key}|{key}_file) = ".*"$', f'{key} = "{value}"', text, flags=re.M)
    workspace.configure(text)
    workspace.up(code=code)
    return server


def call(workspace, tool="read", **arguments):
    with knock(workspace, "fleet") as client:
        client.open()
        return client.begin(tool, **arguments).answer()["error"]["message"]


@shows("initialize: 401 Unauthorized", "refuses the door's token", "last problem: …", "the server was never seen")
def a_wrong_token(workspace, free_port):
    fleet(workspace, free_port, bearer_token="a-wrong-one")
    said = call(workspace, text="it", seconds=0)
    return said + workspace.ctl("why", "fleet").out


@shows("initialize: 404 Not Found", "could not be reached within …")
def a_wrong_path(workspace, free_port):
    fleet(workspace, free_port, url="/wrong")
    said = call(workspace, text="it", seconds=0)
    return said + workspace.ctl("why", "fleet").out


@shows("holding", "was not ready within …; the call was not sent")
def a_server_that_does_not_come(workspace, free_port):
    workspace.configure(f'''[services.fleet]
command = "sleep 1000"
ready = {{ http = "http://127.0.0.1:{free_port()}/" }}
[mcp.fleet]
service = "fleet"
url = "http://127.0.0.1:1/mcp"
hold_timeout = "500ms"
claude = false
''')
    workspace.ctl("up")
    return call(workspace) + workspace.ctl("status", code=None).out


@shows("nobody knows whether it was done")
def a_server_that_dies_with_a_call(workspace, free_port):
    server = fleet(workspace, free_port)
    said = []
    caller = threading.Thread(target=lambda: said.append(call(workspace, "write", text="it", seconds=30)))
    caller.start()
    eventually(lambda: "begin write it" in server.journal)
    os.kill(workspace.service("fleet")["pid"], signal.SIGKILL)
    caller.join(timeout=30)
    return said[0]


def entry(workspace, free_port):
    """The file of Claude Code, and our entry in it."""
    workspace.configure(f'''[services.fleet]
command = "sleep 1000"
[mcp.fleet]
service = "fleet"
url = "http://127.0.0.1:{free_port()}/mcp"
''')
    return workspace.claude_dir / ".claude.json"


@shows("not wanted")
def an_entry_that_nobody_asked_for(workspace, free_port):
    entry(workspace, free_port)
    workspace.up()
    return workspace.ctl("mcp", code=None).out


@shows("changed by hand")
def an_entry_with_another_address(workspace, free_port):
    file = entry(workspace, free_port)
    workspace.up()
    eventually(file.exists)
    file.write_text(file.read_text().replace("/mcp/fleet", "/mcp/other"))
    return workspace.ctl("mcp", code=None).out


@shows("missing")
def a_file_that_cannot_be_written(workspace, free_port):
    entry(workspace, free_port).symlink_to("/proc/nowhere/claude.json")
    workspace.up()
    return workspace.ctl("mcp", code=None).out


@shows("file unreadable")
def a_file_that_is_not_json(workspace, free_port):
    entry(workspace, free_port).write_text("{ mcpServers")
    workspace.up()
    return workspace.ctl("mcp", code=None).out


# ---------------------------------------------------------------- HTTP


@shows("this Host is not served here")
def a_foreign_host(workspace, free_port):
    started(workspace, "")
    return workspace.get("/", headers={"Host": "services--dev.coder.example.com"}).text


@shows("this needs one of the bearer tokens")
def no_token(workspace, free_port):
    started(workspace, "")
    return workspace.get("/v1/services").text


@shows("this needs admin access")
def the_lesser_token(workspace, free_port):
    started(workspace, "")
    headers = {"Authorization": f"Bearer {read_token(workspace)}"}
    return workspace.request("POST", "/v1/shutdown", headers=headers).text


# ---------------------------------------------------------------- the tests


def test_every_message_is_made_here_and_no_other():
    assert set(messages()) == set(MISTAKES)


@pytest.mark.parametrize("message", sorted(MISTAKES))
def test_the_message_appears(message, workspace, free_port):
    seen = MISTAKES[message](workspace, free_port)
    assert re.search(".*".join(map(re.escape, message.split("…"))), seen), seen
