"""Claude Code's configuration: our entries in it, among the writes of the real Claude Code and of others."""

import json
import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import CLAUDE, DONE, FAILED, ROOT, eventually, stays

CHANGES = 100  # by each side

# Keys, order and numbers that a round trip through a careless JSON library would change.
FOREIGN = """{
  "zebra": 12345678901234567890,
  "ratio": 2.50,
  "projects": {"/workspaces/setup": {"history": ["caf\\u00e9", "na\u00efve"], "allowedTools": []}},
  "mcpServers": {"other": {"type": "http", "url": "http://127.0.0.1:1/mcp", "unknownKey": 1e3}},
  "apple": null
}"""

# Claude Code passes all numbers through JavaScript: these it writes as it has read them.
SHARED = {"zebra": 9007199254740991, "ratio": 2.5, "tiny": 1e-7, "text": "caf\u00e9 \u2603", "none": None,
          "deep": {"list": [1, [2, {"three": -3.75}]], "flag": False}}


def table(name):
    return f'[mcp.{name}]\nservice = "web"\nurl = "http://127.0.0.1:1/mcp"\nbearer_token = "secret-of-the-server"\n'


@pytest.fixture
def fleet(workspace):
    """A daemon is to be started that knows the MCP server `fleet`."""
    workspace.claude_file = workspace.claude_dir / ".claude.json"
    workspace.services = '[services.web]\ncommand = ["sleep", "1000"]\n' + table("fleet")
    workspace.configure(workspace.services)
    # Where `automatic` finds a Claude Code that it knows.
    workspace.env["PATH"] += f":{os.path.dirname(CLAUDE)}"
    return workspace


def entries(fleet):
    return json.loads(fleet.claude_file.read_text())["mcpServers"]


def status(fleet, server="fleet"):
    listed = fleet.request_unix("GET", "/v1/mcp").json["entries"]
    return next(e for e in listed if e["server"] == server and e["program"] == "claude")


def wait_state(fleet, state):
    def reached():
        seen = status(fleet)
        assert seen["state"] == state, seen
        return seen

    return eventually(reached, 10, f"the entry is {state}")


def claude(fleet, *args, program=CLAUDE):
    done = fleet.run(program, "mcp", *args, timeout=90)
    assert done.code == 0, done
    return done


def add_by_claude(fleet, name):
    return claude(fleet, "add", "-s", "user", "--transport", "http", name, f"http://127.0.0.1:1/{name}")


def change_ours(fleet, n):
    """One more server in the configuration: one more write of ours, which is over when the sync answers."""
    fleet.services += table(f"ours-{n}")
    fleet.configure(fleet.services)
    assert fleet.request_unix("POST", "/v1/reload").status == 200
    answer = fleet.request_unix("POST", "/v1/mcp/sync", timeout=60)
    assert answer.status == 200, answer
    odd = [e for e in answer.json["entries"] if not e["fine"]]
    assert not odd, odd


@pytest.mark.timeout(300)
def test_two_hundred_changes_at_once_lose_nothing(fleet):
    fleet.claude_file.write_text(json.dumps(SHARED))
    fleet.start_daemon("run")
    wait_state(fleet, "in place")
    with ThreadPoolExecutor(3) as pool:
        theirs = [pool.submit(add_by_claude, fleet, f"theirs-{n}") for n in range(CHANGES)]
        for n, each in enumerate(theirs):  # step by step, so that the two are at it to the end
            change_ours(fleet, n)
            each.result()
    document = json.loads(fleet.claude_file.read_text())
    wanted = {"fleet"} | {f"{who}-{n}" for who in ("ours", "theirs") for n in range(CHANGES)}
    assert set(document["mcpServers"]) == wanted
    assert {key: document[key] for key in SHARED} == SHARED
    left = [p.name for p in fleet.claude_dir.iterdir() if ".lock" in p.name or ".tmp" in p.name]
    assert left == [], "a lock or a temporary file is left"
    log = (fleet.logs / "workspaced/workspaced.log").read_text()
    assert "another program undid it" not in log
    assert len(re.findall("wrote our MCP servers", log)) == CHANGES + 1, "one of ours had to be written again"


def test_every_byte_that_is_not_ours_stays(fleet):
    fleet.claude_file.write_text(FOREIGN)
    fleet.start_daemon("run")
    wait_state(fleet, "in place")
    text = fleet.claude_file.read_text()
    for line in FOREIGN.splitlines():
        if "mcpServers" not in line:
            assert f"{line}\n" in f"{text}\n"
    assert '"other": {"type": "http", "url": "http://127.0.0.1:1/mcp", "unknownKey": 1e3}' in text
    entry = entries(fleet)["fleet"]
    assert entry["url"] == f"http://127.0.0.1:{fleet.http_port}/mcp/fleet"
    assert set(entry) == {"type", "url", "headersHelper"}
    assert fleet.claude_file.stat().st_mode & 0o777 == 0o644, "nothing secret, so nobody's mode is changed"
    fleet.ctl("mcp", "remove", "fleet")
    assert json.loads(fleet.claude_file.read_text()) == json.loads(FOREIGN)


def test_the_helper_prints_our_token_and_the_file_has_none(fleet):
    fleet.start_daemon("run")
    wait_state(fleet, "in place")
    token = (fleet.state / "tokens/read").read_text().strip()
    written = fleet.claude_file.read_text()
    assert token not in written and "secret-of-the-server" not in written
    # As Claude Code calls it: by a shell, from another directory, with hardly any environment.
    helper = entries(fleet)["fleet"]["headersHelper"]
    done = fleet.run("env", "-i", "/bin/sh", "-c", f"cd / && {helper}")
    assert done.code == DONE, done
    assert done.json == {"Authorization": f"Bearer {token}"}


def test_without_a_claude_that_runs_helpers_the_token_stands_in_a_private_file(fleet):
    fleet.env["PATH"] = fleet.env["PATH"].rsplit(":", 1)[0]
    fleet.claude_file.write_text("{}")
    fleet.start_daemon("run")
    wait_state(fleet, "in place")
    token = (fleet.state / "tokens/read").read_text().strip()
    assert entries(fleet)["fleet"]["headers"] == {"Authorization": f"Bearer {token}"}
    assert fleet.claude_file.stat().st_mode & 0o777 == 0o600
    assert token not in fleet.ctl("mcp", "--json").out


@pytest.mark.parametrize("broken", ["", '{"half": [1, 2', "[]", "not json", '{"a": "\ud800"}x'])
def test_a_broken_file_is_never_replaced(fleet, broken):
    fleet.claude_file.write_bytes(broken.encode("utf-8", "surrogatepass"))
    before = fleet.claude_file.read_bytes()
    fleet.start_daemon("run")
    seen = wait_state(fleet, "file unreadable")
    assert "repair it or move it away" in seen["detail"]
    forced = fleet.ctl("mcp", "sync", "--force", code=FAILED)
    assert "file unreadable" in forced.out
    stays(lambda: fleet.claude_file.read_bytes() == before, 1.0, "the broken file is as it was")
    fleet.claude_file.write_text('{"half": [1, 2]}')
    wait_state(fleet, "in place")
    assert json.loads(fleet.claude_file.read_text())["half"] == [1, 2]


def test_a_write_that_comes_in_two_halves_is_waited_for(fleet):
    fleet.start_daemon("run")
    wait_state(fleet, "in place")
    whole = json.dumps({"mcpServers": {"theirs": {}}, "filler": "x" * 100_000})
    with open(fleet.claude_file, "w") as out:
        out.write(whole[:50_000])
        out.flush()
        stays(lambda: fleet.claude_file.stat().st_size == 50_000, 1.0, "the first half is left alone")
        out.write(whole[50_000:])
    eventually(lambda: set(entries(fleet)) == {"theirs", "fleet"}, 10, "both are there")


def test_what_a_writer_without_lock_lost_is_written_again(fleet):
    fleet.claude_file.write_text('{"n": 1}')
    fleet.start_daemon("run")
    wait_state(fleet, "in place")
    fresh = fleet.claude_dir / ".claude.json.tmp"
    fresh.write_text('{"n": 2, "mcpServers": {}}')
    os.replace(fresh, fleet.claude_file)
    eventually(lambda: "fleet" in entries(fleet), 5, "our entry is back")
    assert json.loads(fleet.claude_file.read_text())["n"] == 2


def test_what_the_user_changes_with_claude_is_his_until_forced(fleet):
    fleet.start_daemon("run")
    wait_state(fleet, "in place")
    # Stopped, so that nothing of ours comes between his two commands; not before the entry is known to have stayed.
    fleet.ctl("mcp", "sync")
    fleet.ctl("down")
    claude(fleet, "remove", "-s", "user", "fleet")
    claude(fleet, "add", "-s", "user", "--transport", "http", "fleet", "http://127.0.0.1:1/mine")
    fleet.start_daemon("run")
    seen = wait_state(fleet, "changed by hand")
    assert seen["differences"][0] == {
        "member": "url",
        "wanted": f'"http://127.0.0.1:{fleet.http_port}/mcp/fleet"',
        "found": '"http://127.0.0.1:1/mine"',
    }
    shown = fleet.ctl("mcp", code=FAILED)
    assert "changed by hand" in shown.out and "http://127.0.0.1:1/mine" in shown.out
    fleet.ctl("mcp", "sync", code=FAILED)
    assert entries(fleet)["fleet"]["url"] == "http://127.0.0.1:1/mine"
    fleet.ctl("mcp", "sync", "--force", "fleet")
    assert entries(fleet)["fleet"]["url"].endswith(f":{fleet.http_port}/mcp/fleet")


@pytest.mark.parametrize("program", [CLAUDE, ROOT / "build/npm-2.1.197/claude"], ids=["newest", "2.1.197"])
def test_claude_comes_in_by_the_helper_and_keeps_what_we_wrote(fleet, program):
    fleet.start_daemon("run")
    wait_state(fleet, "in place")
    # Our door lets nobody in without the token, which only the helper has.
    bare = fleet.request("POST", "/mcp/fleet", "{}", {"Content-Type": "application/json"})
    assert bare.status == 401, bare
    shown = claude(fleet, "get", "fleet", program=program)
    assert f"http://127.0.0.1:{fleet.http_port}/mcp/fleet" in shown.out
    assert "✔ Connected" in shown.out, shown
    before = entries(fleet)["fleet"]
    add_by_claude(fleet, "theirs")
    assert entries(fleet) == {"fleet": before, "theirs": entries(fleet)["theirs"]}


def test_an_entry_goes_with_its_server_also_while_we_do_not_run(fleet):
    fleet.services += table("second") + table("third")
    fleet.configure(fleet.services)
    fleet.start_daemon("run")
    eventually(lambda: set(entries(fleet)) == {"fleet", "second", "third"}, what="all are told")
    fleet.services = fleet.services.replace(table("second"), "")
    fleet.configure(fleet.services)
    fleet.ctl("reload")
    eventually(lambda: set(entries(fleet)) == {"fleet", "third"}, what="the second is gone")
    fleet.ctl("down")
    assert set(entries(fleet)) == {"fleet", "third"}, "they stay: the daemon comes back"
    fleet.configure(fleet.services.replace(table("third"), table("third") + "claude = false\n"))
    fleet.start_daemon("run")
    eventually(lambda: set(entries(fleet)) == {"fleet"}, what="the third is gone")
    assert status(fleet, "third")["state"] == "not wanted"


def test_scopes_and_other_programs(fleet):
    repo = fleet.make("repo")
    (repo / ".git").mkdir()
    fleet.services += 'clients = ["cursor", "vscode", "gemini"]\n'
    fleet.services += table("local") + f'claude = {{ scope = "local", project = "{repo}" }}\n'
    fleet.services += table("shared") + f'claude = {{ scope = "project", project = "{repo}", always_load = true }}\n'
    fleet.configure(fleet.services)
    fleet.start_daemon("run")
    eventually(lambda: all(e["fine"] for e in fleet.request_unix("GET", "/v1/mcp").json["entries"]), what="all in place")

    ours = f"http://127.0.0.1:{fleet.http_port}/mcp"
    token = (fleet.state / "tokens/read").read_text().strip()
    header = {"headers": {"Authorization": f"Bearer {token}"}}
    project = json.loads(fleet.claude_file.read_text())["projects"][str(repo.resolve())]
    assert project["mcpServers"] == {"local": {"type": "http", "url": f"{ours}/local"} | header}
    shared = json.loads((repo / ".mcp.json").read_text())["mcpServers"]["shared"]
    assert shared["url"] == f"{ours}/shared" and shared["alwaysLoad"] is True and "headers" not in shared
    assert "workspacectl" in shared["headersHelper"]
    files = {
        ".cursor/mcp.json": {"mcpServers": {"fleet": {"url": f"{ours}/fleet"} | header}},
        ".config/Code/User/mcp.json": {"servers": {"fleet": {"type": "http", "url": f"{ours}/fleet"} | header}},
        ".gemini/settings.json": {"mcpServers": {"fleet": {"httpUrl": f"{ours}/fleet"} | header}},
    }
    for name, content in files.items():
        path = fleet.home / name
        assert json.loads(path.read_text()) == content
        assert path.stat().st_mode & 0o777 == 0o600
