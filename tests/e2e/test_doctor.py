"""`workspacectl doctor`: it finds what was really broken, says what to do, and the rest stays as it was."""

import json
import os
import shutil
import signal
import socket
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from harness import BUILD, CLAUDE, CONFIGURATION, DONE, FAILED, NO_DAEMON, TIMED_OUT, eventually

SERVICES = '''
[services.web]
command = ["sleep", "1000"]
[services.db]
command = ["sleep", "1000"]
'''


def checks(workspace, code=DONE):
    """What each check says, by its name."""
    result = workspace.ctl("doctor", "--json", code=code)
    answer = result.json
    assert answer["exit_code"] == result.code
    return {each["check"]: each for each in answer["checks"]}


def failing(found):
    return {name for name, each in found.items() if each["result"] == "failed"}


@pytest.fixture
def well(workspace):
    workspace.configure(SERVICES)
    workspace.up()
    return workspace


@pytest.fixture
def coder(workspace):
    """A workspace as Coder's agent gives it: its variables, its server, a checkout with a remote."""

    class CoderServer(BaseHTTPRequestHandler):
        # A stand-in for the one open route of a Coder server that doctor asks.
        def do_GET(self):
            known = self.path == "/api/v2/buildinfo"
            body = b'{"external_url":"http://x","version":"v2.34.1+abc"}' if known else b""
            self.send_response(200 if known else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), CoderServer)
    Thread(target=server.serve_forever, daemon=True).start()
    git_env = workspace.env | {"GIT_CONFIG_NOSYSTEM": "1"}
    origin, checkout = workspace.directory / "origin.git", workspace.directory / "setup"
    for words in (["init", "-q", "--bare", "-b", "main", origin], ["clone", "-q", origin, checkout],
                  ["-C", checkout, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"],
                  ["-C", checkout, "push", "-q", "origin", "HEAD:main"]):
        subprocess.run(["git", *words], env=git_env, check=True, capture_output=True)
    workspace.env |= {
        "CODER": "true",
        "CODER_WORKSPACE_NAME": "dev",
        "CODER_WORKSPACE_AGENT_NAME": "main",
        "CODER_AGENT_URL": f"http://127.0.0.1:{server.server_port}/",
        "CLAUDE_CODE_OAUTH_TOKEN": "secret-of-claude",
        "FLEET_MCP_AUTH_TOKEN": "secret-of-the-fleet-0123456789-0123456789-x",
        "GH_TOKEN": "secret-of-github",
        "GIT_AUTHOR_EMAIL": "a@b",
        "WORKSPACE_DIR": str(checkout),
    }
    workspace.checkout = checkout
    workspace.configure(SERVICES)
    workspace.up()
    yield workspace
    server.shutdown()
    server.server_close()


def test_nothing_fails_in_a_workspace_that_is_well(well):
    found = checks(well)
    assert not failing(found), found
    for name in ("configuration", "daemon", "version", "services", "health", "metrics", "socket", "tokens", "state-dir",
                 "log-dir", "home"):
        assert found[name]["result"] in ("ok", "warning") and found[name]["seen"], found[name]
    assert str(well.daemon_pid()) in found["daemon"]["seen"]
    for name in ("coder-agent", "coder-server", "volume", "tools"):
        assert found[name]["result"] == "skipped" and "not in a Coder workspace" in found[name]["seen"]


def test_the_table_fits_80_columns_and_has_a_line_for_each_check(well):
    table = well.ctl("doctor").out
    assert max(map(len, table.splitlines())) <= 80, table
    for name in checks(well):
        assert f"  {name} " in table, name


def test_it_changes_nothing(well):
    before = well.request_unix("GET", "/v1/services").json["services"]
    well.configure(SERVICES + '[services.api]\ncommand = ["sleep", "1000"]\n')
    found = checks(well)
    assert found["configuration"]["result"] == "warning" and "added: api" in found["configuration"]["seen"]
    assert found["configuration"]["fix"] == "workspacectl reload"
    after = well.request_unix("GET", "/v1/services").json["services"]
    assert [(s["name"], s["pid"], s["run"]) for s in after] == [(s["name"], s["pid"], s["run"]) for s in before]


def test_without_a_daemon_the_rest_is_judged_all_the_same(well):
    well.ctl("down")
    found = checks(well, code=NO_DAEMON)
    assert failing(found) == {"daemon"}, found
    assert "workspacectl up --wait" in found["daemon"]["fix"]
    assert found["configuration"]["result"] == "ok" and found["memory"]["result"] != "skipped"


def test_a_daemon_that_hangs_is_told_in_time(well):
    pid = well.daemon_pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        result = well.ctl("doctor", "--json", code=TIMED_OUT)
    finally:
        os.kill(pid, signal.SIGCONT)
    daemon = next(each for each in result.json["checks"] if each["check"] == "daemon")
    assert "does not answer" in daemon["seen"] and "KILL" in daemon["fix"]
    assert result.seconds < 4, "two seconds, and a busy machine gets more"


def test_errors_of_the_configuration_that_runs_and_of_one_that_does_not(well):
    good = well.config_file.read_text()
    well.config_file.write_text(good + "[services.api]\ncomand = 1\n")

    def judged():
        found = checks(well, code=CONFIGURATION)
        assert "comand" in found["configuration"]["seen"], found["configuration"]
        assert f"workspacectl check {well.config_file}" in found["configuration"]["fix"]
        return failing(found)

    assert judged() == {"configuration"}
    well.ctl("down")
    assert judged() == {"configuration", "daemon"}


def test_a_service_that_fails_is_named_with_its_reason(workspace):
    workspace.configure(SERVICES + '[services.broken]\ncommand = ["sh", "-c", "exit 7"]\nrestart = "never"\n')
    workspace.up(code=FAILED)
    found = checks(workspace, code=FAILED)
    assert failing(found) == {"services"}
    assert "broken is failed" in found["services"]["seen"] and "exit code 7" in found["services"]["seen"]
    assert found["services"]["fix"] == "workspacectl why broken"
    assert "answers 503" in found["health"]["seen"], "it agrees with the services"


def test_somebody_elses_program_on_the_port_of_the_daemon(workspace):
    workspace.configure(SERVICES)

    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(404)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", workspace.http_port), Stranger)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        found = checks(workspace, code=NO_DAEMON)
    finally:
        server.shutdown()
        server.server_close()
    assert failing(found) == {"daemon", "health"}
    assert f"ss -ltnp 'sport = :{workspace.http_port}'" in found["health"]["fix"]


def test_somebody_on_the_port_of_a_service_that_is_stopped(workspace, free_port):
    port = free_port()
    workspace.configure(f'''
[services.late]
command = ["sleep", "1000"]
autostart = false
ready = {{ tcp = "127.0.0.1:{port}" }}
''')
    workspace.up()
    assert checks(workspace)["probe-ports"]["result"] == "ok"
    with socket.create_server(("127.0.0.1", port)):
        found = checks(workspace)["probe-ports"]
    assert found["result"] == "warning" and f"port {port}" in found["seen"] and "late does not run" in found["seen"]


def test_files_that_others_may_read(well):
    (well.state / "tokens" / "admin").chmod(0o644)
    well.socket.chmod(0o666)
    found = checks(well, code=FAILED)
    assert failing(found) == {"tokens", "socket"}
    subprocess.run(found["socket"]["fix"], shell=True, check=True)
    subprocess.run(found["tokens"]["fix"].split(";")[0], shell=True, check=True)
    assert not failing(checks(well)), "the fix is one"


def test_a_token_that_is_gone_comes_back_with_the_fix(well):
    (well.state / "tokens" / "read").unlink()
    found = checks(well, code=FAILED)
    assert failing(found) == {"tokens"} and found["tokens"]["fix"].startswith("workspacectl upgrade")
    well.ctl("upgrade")
    assert not failing(checks(well))


def test_a_log_directory_that_is_gone_comes_back_with_the_fix(well):
    shutil.rmtree(well.logs)
    found = checks(well, code=FAILED)
    assert failing(found) == {"log-dir"} and found["log-dir"]["fix"].startswith("workspacectl upgrade")
    well.ctl("upgrade")
    assert not failing(checks(well))
    well.ctl("restart", "web")
    assert (well.logs / "web" / "web.log").exists()


def test_a_directory_that_cannot_be_written(well):
    well.logs.chmod(0o555)
    # Root may write everywhere, so he has to give that up first.
    without = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] if os.geteuid() == 0 else []
    result = well.run(*without, BUILD / "workspacectl", "doctor", "--json")
    well.logs.chmod(0o755)
    found = {each["check"]: each for each in result.json["checks"]}
    assert result.code == FAILED and failing(found) == {"log-dir"}, result
    assert "cannot be written" in found["log-dir"]["seen"] and "sudo chown" in found["log-dir"]["fix"]


def test_entries_of_claude_code_that_drift_and_the_fix(workspace):
    workspace.env["PATH"] += f":{os.path.dirname(CLAUDE)}"
    workspace.configure('[services.web]\ncommand = ["sleep", "1000"]\n[mcp.fleet]\nservice = "web"\n'
                        'url = "http://127.0.0.1:1/mcp"\n')
    workspace.ctl("up")
    file = workspace.claude_dir / ".claude.json"
    eventually(lambda: checks(workspace, code=None)["registrations"]["result"] == "ok", 10)
    workspace.ctl("mcp", "sync")  # not before the entry is known to have stayed is a change of it somebody's will
    document = json.loads(file.read_text())
    document["mcpServers"]["fleet"]["url"] = "http://127.0.0.1:2/mcp"
    file.write_text(json.dumps(document))
    found = checks(workspace, code=FAILED)
    assert found["registrations"]["result"] == "failed" and "changed by hand" in found["registrations"]["seen"]
    assert "workspacectl mcp sync --force fleet" in found["registrations"]["fix"]
    workspace.ctl("mcp", "sync", "--force", "fleet")
    again = checks(workspace, code=FAILED)
    assert again["registrations"]["result"] == "ok"
    assert again["doors"]["result"] != "ok", "nobody listens on port 1"
    assert "2." in again["claude-code"]["seen"]


def test_a_coder_workspace_that_is_well(coder):
    found = checks(coder, code=FAILED)
    # A test's directory is on no volume of its own.
    assert failing(found) - {"tools"} <= {"volume"}, found
    assert "Coder v2.34.1" in found["coder-server"]["seen"]
    assert "as on the Coder server" in found["clock"]["seen"]
    assert found["checkout"]["seen"].endswith("on main") and found["git-remote"]["result"] == "ok"
    assert "CLAUDE_CODE_OAUTH_TOKEN, FLEET_MCP_AUTH_TOKEN, GH_TOKEN" in found["secrets"]["seen"]
    assert "secret-of" not in coder.ctl("doctor", code=FAILED).out


def test_what_is_missing_in_a_coder_workspace(coder, free_port):
    programs = coder.make("programs")
    for name in ("bash", "git", "jq"):
        (programs / name).symlink_to(shutil.which(name))
    coder.env |= {"PATH": f"{programs}", "CODER_AGENT_URL": f"http://127.0.0.1:{free_port()}", "HA_TOKEN": ""}
    coder.env["FLEET_MCP_AUTH_TOKEN"] = "a/b=="
    del coder.env["GH_TOKEN"], coder.env["CLAUDE_CODE_OAUTH_TOKEN"]
    (coder.directory / "origin.git" / "HEAD").unlink()
    found = checks(coder, code=FAILED)
    assert "not in PATH: curl" in found["tools"]["seen"]
    assert found["coder-server"]["result"] == "skipped", "there is no curl to ask it with"
    assert {"fleet-token", "git-remote", "tools"} <= failing(found)
    assert {"github-login", "claude-token", "secrets"} <= {n for n, e in found.items() if e["result"] == "warning"}
    assert "HA_TOKEN is empty" in found["secrets"]["seen"]


def test_a_coder_server_that_cannot_be_reached_or_is_slow(coder, free_port):
    coder.env["CODER_AGENT_URL"] = f"http://127.0.0.1:{free_port()}"
    assert "coder_url" in checks(coder, code=FAILED)["coder-server"]["fix"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        coder.env["CODER_AGENT_URL"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        result = coder.ctl("doctor", "--json", code=FAILED)
    assert "does not answer in time" in result.out
    assert result.seconds < 4, "two seconds, and a busy machine gets more"


def test_a_checkout_that_is_missing_detached_or_somebody_elses(coder):
    git = ["git", "-C", str(coder.checkout)]
    subprocess.run([*git, "checkout", "-q", "--detach"], check=True)
    found = checks(coder, code=FAILED)["checkout"]
    assert found["result"] == "warning" and "on no branch" in found["seen"]
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "12345", coder.checkout], check=True)
        found = checks(coder, code=FAILED)["checkout"]
        assert found["result"] == "failed" and "safe.directory" in found["fix"]
    shutil.rmtree(coder.checkout)
    found = checks(coder, code=FAILED)
    assert "there is no such directory" in found["checkout"]["seen"] and found["git-remote"]["result"] == "skipped"
