"""The front door of an MCP server, by hand: both eras on both sides, and a server that comes and goes."""

import os
import signal
import threading

import pytest

from harness import eventually, is_alive, stays
from mcp_bed import Server, knock
from mcp_client import LEGACY, MODERN

ERAS = [LEGACY, MODERN]
era = pytest.mark.parametrize("version", ERAS)


@pytest.fixture
def serve(workspace, free_port):
    """A function: a daemon with one server behind a door, ready unless told otherwise."""

    def serve(program="mcp_http", options=None, wait=True, takes=0, **tables):
        tables.setdefault("claude", False)
        server = Server(workspace, free_port(), program, "t0ken-of-the-server" * (program == "mcp_http"), options or {})
        server.start_takes(takes)
        workspace.configure(server.service("fleet", **tables))
        workspace.up() if wait else workspace.ctl("up")
        return server

    return serve


def kill(server):
    """Returns when the server is dead, whether or not the daemon knows already."""
    pid = server.workspace.service("fleet")["pid"]
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not is_alive(pid), 5, "the server is dead")


def together(count, work):
    """`work(n)` in `count` threads at once; what they returned, in order."""
    results = [None] * count

    def run(n):
        try:
            results[n] = work(n)
        except Exception as e:
            results[n] = e

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def reason_of(message):
    return message["error"]["data"]["reason"]


# ---------------------------------------------------------------- eras


@era
@pytest.mark.parametrize("program", ["mcp_http", "mcp_stdio", "mcp_modern"])
def test_a_client_of_each_era_uses_a_server_of_each_kind(serve, workspace, program, version):
    serve(program)
    with knock(workspace, "fleet", version=version) as client:
        said = client.open()
        assert "tools" in said["capabilities"]
        listed = client.ask("tools/list")
        assert {"echo", "count"} <= {tool["name"] for tool in listed["tools"]}
        assert ("ttlMs" in listed and "cacheScope" in listed) == (version == MODERN)
        assert client.call("echo", text="hello").startswith("hello from ")


@era
@pytest.mark.parametrize("program", ["mcp_http", "mcp_stdio", "mcp_modern"])
def test_progress_is_told_under_the_clients_own_token(serve, workspace, program, version):
    serve(program)
    with knock(workspace, "fleet", version=version) as client:
        client.open()
        *told, answer = client.begin("count", progress="mine", to=3)
        assert [each["params"]["progressToken"] for each in told] == ["mine"] * 3, told
        assert answer["result"]["content"][0]["text"].startswith("counted")
        assert ("resultType" in answer["result"]) == (version == MODERN)


def test_a_tool_that_asks_back_is_passed_on_or_an_error(serve, workspace):
    serve("mcp_modern")
    with knock(workspace, "fleet", version=MODERN) as client:
        assert client.begin("ask").answer()["result"]["resultType"] == "input_required"
    with knock(workspace, "fleet") as client:
        client.open()
        assert "input" in client.begin("ask").answer()["error"]["message"]


# ---------------------------------------------------------------- a server that comes and goes


@era
@pytest.mark.parametrize("program", ["mcp_http", "mcp_stdio"])
def test_calls_go_on_after_the_server_was_killed(serve, workspace, program, version):
    server = serve(program)
    with knock(workspace, "fleet", version=version) as client:
        client.open()
        before = client.call("echo", text="hello")
        kill(server)
        assert client.call("echo", text="hello") != before


def test_a_session_with_the_server_is_opened_anew_behind_the_clients_back(serve, workspace):
    server = serve(options={"MCP_STATEFUL": "1"})
    with server.client() as direct:
        direct.open()
        assert direct.session, "this server has sessions"
    with knock(workspace, "fleet") as client, knock(workspace, "fleet") as other:
        client.open(), other.open()
        session = client.session
        assert session and session != other.session
        before = client.call("echo", text="hello")
        kill(server)
        after = [client.call("echo", text="hello"), other.call("echo", text="hello")]
        assert before not in after
        assert client.session == session


def test_a_held_call_gets_its_header_early_and_its_answer_when_the_server_is_back(serve, workspace):
    server = serve()
    server.start_takes(3)
    kill(server)

    def call(n):
        with knock(workspace, "fleet") as client:
            client.open()
            answer = client.begin("echo", text=f"call {n}")
            return answer.to_header, answer.is_stream, answer.answer()

    for n, (to_header, is_stream, message) in enumerate(together(20, call)):
        assert to_header < 1 and is_stream
        assert message["result"]["content"][0]["text"].startswith(f"call {n} from "), message


@era
def test_what_a_client_asks_first_is_answered_while_the_server_is_away(serve, workspace, version):
    server = serve()
    with knock(workspace, "fleet", version=version) as client:
        known = client.open(), client.tools()
    server.start_takes(50)
    kill(server)
    eventually(lambda: workspace.state_of("fleet") != "ready", 5, "the daemon has seen it")

    def first_questions():
        with knock(workspace, "fleet", version=version, timeout=2) as client:
            return client.open(), client.tools()

    assert first_questions() == known
    workspace.ctl("down")
    workspace.ctl("up")
    assert first_questions() == known, "also in the daemon's next life"


@era
def test_an_unknown_server_has_no_tools_until_it_is_there_and_that_is_told(serve, workspace, version):
    serve(wait=False, takes=3)
    with knock(workspace, "fleet", version=version) as client, knock(workspace, "fleet", version=version) as ear:
        client.open()
        assert client.tools() == []
        ear.session = client.session
        if version == MODERN:
            stream = ear.send("subscriptions/listen", {"notifications": {"toolsListChanged": True}})
        else:
            stream = ear.listen()
        for message in stream:
            if message["method"] == "notifications/tools/list_changed":
                break
        assert "echo" in client.tools()
        stream.leave()


@era
def test_a_new_tool_is_told_to_who_listens(serve, workspace, version):
    serve(options={"MCP_STATEFUL": "1"})
    with knock(workspace, "fleet", version=version) as ear, knock(workspace, "fleet", version=version) as client:
        ear.open()
        client.session = ear.session  # this server tells nobody else
        if version == MODERN:
            stream = ear.send("subscriptions/listen", {"notifications": {"toolsListChanged": True}})
            assert next(iter(stream))["method"] == "notifications/subscriptions/acknowledged"
        else:
            stream = ear.listen()
        assert client.call("learn", name="sing") == "learned sing"
        assert next(iter(stream))["method"] == "notifications/tools/list_changed"
        assert "sing" in client.tools()
        assert client.call("sing").startswith("sing from")
        stream.leave()


# ---------------------------------------------------------------- calls that are lost, bounded, withdrawn


@era
def test_a_call_that_was_cut_is_repeated_only_if_it_is_harmless(serve, workspace, version):
    server = serve()

    def call(n):
        tool = ("write", "read")[n]
        with knock(workspace, "fleet", version=version) as client:
            client.open()
            return client.begin(tool, text="it", seconds=2).answer()

    def cut(_):
        eventually(lambda: {"begin write it", "begin read it"} <= set(server.journal), 20)
        kill(server)

    written, read, _ = together(3, lambda n: (call, call, cut)[n](n))
    assert reason_of(written) == "outcome_unknown" and "write" in written["error"]["message"], written
    assert read["result"]["content"][0]["text"] == "read it"
    assert server.journal.count("begin write it") == 1 and server.journal.count("begin read it") == 2


def test_a_call_waits_no_longer_than_its_bound(serve, workspace):
    server = serve(hold_timeout="1s")
    server.start_takes(50)
    kill(server)
    with knock(workspace, "fleet") as client:
        client.open()
        answer = client.begin("write", text="it").answer()
    assert reason_of(answer) == "unavailable" and "was not sent" in answer["error"]["message"], answer
    assert "begin write it" not in server.journal


def test_a_client_that_leaves_takes_its_held_call_with_it(serve, workspace):
    server = serve()
    server.start_takes(2)
    kill(server)
    eventually(lambda: workspace.state_of("fleet") != "ready", 5, "the daemon has seen it")
    with knock(workspace, "fleet") as client:
        client.open()
        client.begin("write", text="left").leave()
    workspace.wait_state("fleet", "ready", within=30)
    with knock(workspace, "fleet") as client:
        client.open()
        client.call("write", text="stayed")
    assert "begin write left" not in server.journal


def test_a_cancelled_call_is_cancelled_in_the_server(serve, workspace):
    server = serve(options={"MCP_STATEFUL": "1"})
    with knock(workspace, "fleet") as client, knock(workspace, "fleet") as second:
        client.open()
        call = client.begin_without_header("write", text="long", seconds=60)
        second.session = client.session
        eventually(lambda: "begin write long" in server.journal, 10)
        second.notify("notifications/cancelled", {"requestId": call})
        eventually(lambda: "cancelled write long" in server.journal, 10)


@era
def test_a_server_over_stdio_hears_when_a_client_has_left(serve, workspace, version):
    server = serve("mcp_stdio")
    with knock(workspace, "fleet", version=version) as client:
        client.open()
        client.begin_without_header("write", text="long", seconds=60)
        eventually(lambda: "begin write long" in server.journal, 10)
    eventually(lambda: "cancelled write long" in server.journal, 10)


def test_a_slow_answer_gets_its_header_before_the_client_gives_up(serve, workspace):
    serve()
    with knock(workspace, "fleet", timeout=15) as client:
        client.open()
        answer = client.begin("read", text="slow", seconds=8)
        assert answer.to_header < 7
        assert answer.answer()["result"]["content"][0]["text"] == "read slow"


def test_a_server_that_is_told_to_stop_takes_no_more_calls(serve, workspace):
    server = serve(hold_timeout="1s")
    with knock(workspace, "fleet") as client:
        client.open()
        assert "echo" in client.tools()
        workspace.ctl("stop", "fleet")
        assert "echo" in client.tools()
        assert reason_of(client.begin("write", text="it").answer()) == "unavailable"
    stays(lambda: "begin write it" not in server.journal, 0.3, "the call was not sent")
