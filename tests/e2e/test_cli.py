"""workspacectl as people and scripts use it: what it prints and how it ends."""

import json
import os
import pty
import signal
import time

import pytest

from harness import BUILD, DONE, FAILED, PROGRAMS, PYTHON, TIMED_OUT, USAGE, eventually, is_alive

SERVICES = '''
[services.web]
command = ["sh", "-c", "echo web is here; exec sleep 1000"]
[services.db]
command = ["sh", "-c", "echo db is here; exec sleep 1000"]
[services.import]
kind = "task"
command = ["sh", "-c", "echo imported"]
depends_on = { db = "ready" }
[services.later]
command = ["sleep", "1000"]
autostart = false
'''

VERBS = ["up", "down", "status", "start", "stop", "restart", "logs", "wait", "why", "reload", "check", "version"]


@pytest.fixture
def running(workspace):
    workspace.configure(SERVICES)
    workspace.up()
    return workspace


def test_status_is_a_table_of_80_columns_without_colour(running):
    table = running.ctl("status").out
    lines = table.splitlines()
    for name, state in (("web", "ready"), ("db", "ready"), ("import", "completed"), ("later", "stopped")):
        assert any(line.split()[:2] == [name, state] for line in lines), table
    assert max(map(len, lines)) <= 80, table
    assert "\x1b" not in table


def test_colour_on_a_terminal_only(running):
    def output_on_a_terminal(env):
        reading, writing = pty.openpty()
        process = running.start(BUILD / "workspacectl", "status", stdout=writing, stderr=writing, env=env)
        process.wait(timeout=10)
        os.close(writing)
        seen = b""
        try:
            while more := os.read(reading, 65536):
                seen += more
        except OSError:
            pass  # how Linux says that the other side of a terminal is closed
        os.close(reading)
        return seen

    env = running.env | {"TERM": "xterm"}
    assert b"\x1b[" in output_on_a_terminal(env)
    assert b"\x1b[" not in output_on_a_terminal(env | {"NO_COLOR": "1"})


def test_status_says_by_its_exit_code_whether_all_is_well(running):
    running.ctl("stop", "web")
    table = running.ctl("status", code=FAILED).out
    assert any(line.split()[:2] == ["web", "stopped"] for line in table.splitlines()), table
    assert running.get("/health").status == 503


def test_stop_start_and_restart_wait_for_the_outcome(running):
    first = running.service("web")["pid"]
    running.ctl("stop", "web")
    assert running.state_of("web") == "stopped" and not is_alive(first)
    running.ctl("start", "web")
    second = running.service("web")
    assert second["state"] == "ready" and second["pid"] != first
    running.ctl("restart", "web")
    third = running.service("web")
    assert third["state"] == "ready" and third["pid"] != second["pid"] and third["run"] == second["run"] + 1
    running.ctl("start", "later")
    assert running.state_of("later") == "ready"


def test_several_names_patterns_and_all(running):
    running.ctl("stop", "web", "d*")
    assert running.state_of("web") == running.state_of("db") == "stopped"
    running.ctl("start", "web", "db")
    running.ctl("stop", "--all")
    assert {s["state"] for s in running.services().values()} <= {"stopped", "completed"}


def test_an_unknown_name_is_a_usage_error_with_the_nearest(running):
    for verb in ("start", "stop", "restart", "why", "logs", "wait"):
        result = running.ctl(verb, "wbe", code=USAGE)
        assert "wbe" in result.err and "web" in result.err, result


def test_start_of_a_service_that_crashes_fails_and_shows_why(workspace):
    workspace.configure('''
[services.broken]
command = ["sh", "-c", "echo the disk is on fire; exit 9"]
autostart = false
backoff = { initial = "5s", attempts = 3 }
''')
    workspace.up()
    result = workspace.ctl("start", "broken", code=FAILED)
    assert result.seconds < 3, "it does not wait for the retries"
    said = result.out + result.err
    assert "exit code 9" in said and "the disk is on fire" in said, said


def test_logs_of_one_service_are_as_written_and_of_several_are_prefixed(running):
    assert running.ctl("logs", "web").out == "web is here\n"
    both = running.ctl("logs", "web", "db").out.splitlines()
    assert any(x.startswith("web") and x.endswith("web is here") for x in both), both
    assert any(x.startswith("db") and x.endswith("db is here") for x in both), both


def test_logs_n_gives_the_last_lines(workspace):
    workspace.configure('[services.many]\ncommand = ["sh", "-c", "seq 1 1000; exec sleep 1000"]\n')
    workspace.up()
    eventually(lambda: workspace.log_of("many").endswith("1000\n"), 5, "all lines are logged")
    assert workspace.ctl("logs", "-n", "3", "many").out == "998\n999\n1000\n"


def test_logs_f_follows_and_ends_with_its_reader(workspace):
    tick = workspace.directory / "tick"
    os.mkfifo(tick)
    workspace.configure(f'[services.ticker]\ncommand = ["sh", "-c", "while :; do cat {tick}; done"]\n')
    workspace.up()
    follower = workspace.start_ctl("logs", "-f", "ticker")
    for n in range(3):
        with open(tick, "w") as f:
            f.write(f"tick {n}\n")
        # Each line arrives by itself, before the next is written.
        assert follower.stdout.readline() == f"tick {n}\n".encode()
    follower.send_signal(signal.SIGINT)
    follower.wait(timeout=5)


def test_logs_f_sees_the_lines_of_the_next_run(workspace):
    workspace.configure('[services.web]\ncommand = ["sh", "-c", "echo run; exec sleep 1000"]\n')
    workspace.up()
    follower = workspace.start_ctl("logs", "-f", "web")
    assert follower.stdout.readline() == b"run\n"
    workspace.ctl("restart", "web")
    assert follower.stdout.readline() == b"run\n"


@pytest.mark.alone
def test_wait_returns_within_ten_milliseconds_of_the_port(workspace, free_port):
    port = free_port()
    opened = workspace.directory / "opened"
    workspace.configure(f'''
[services.late]
command = ["{PYTHON}", "{PROGRAMS / 'port.py'}", "{port}", "1.0", "{opened}"]
ready = {{ tcp = "127.0.0.1:{port}" }}
''')
    workspace.ctl("up")
    workspace.ctl("wait", "late")
    late = time.monotonic() - float(opened.read_text())
    # The bar is 10 ms (bench/); a busy machine gets more.
    assert late < 0.3, f"wait returned {late:.3f} s after the port was open"


def test_wait_for_completed_and_stopped_and_its_timeout(running):
    running.ctl("wait", "--for", "completed", "import")
    running.ctl("wait", "--for", "stopped", "later")
    result = running.ctl("wait", "--for", "stopped", "web", "--timeout", "300ms", code=TIMED_OUT)
    assert "web" in result.err, result
    running.ctl("wait")


def test_why_names_the_chain_that_blocks(workspace, free_port):
    port = free_port()
    workspace.configure(f'''
[services.db]
command = ["sh", "-c", "echo waiting for the tape; exec sleep 1000"]
ready = {{ tcp = "127.0.0.1:{port}" }}
[services.api]
command = ["sleep", "1000"]
depends_on = {{ db = "ready" }}
[services.web]
command = ["sleep", "1000"]
depends_on = {{ api = "started" }}
''')
    workspace.ctl("up")
    eventually(lambda: workspace.service("db")["probe"], what="the probe has answered")
    eventually(lambda: workspace.log_of("db"), what="db has written")
    why = workspace.ctl("why", "web").out
    for part in ("api", "db", f"127.0.0.1:{port}", "refused", "waiting for the tape"):
        assert part in why, f"{part!r} is missing:\n{why}"
    assert why.index("api") < why.index("refused")


def test_why_after_a_crash_tells_the_exit_and_the_next_retry(workspace):
    workspace.configure('''
[services.broken]
command = ["sh", "-c", "echo out of cheese; kill -SEGV $$$$"]
backoff = { initial = "20s", jitter = 0.0 }
''')
    workspace.ctl("up")
    workspace.wait_state("broken", "backoff")
    why = workspace.ctl("why", "broken").out
    for part in ("SIGSEGV", "next attempt in", "out of cheese"):
        assert part in why, why


def test_json_of_every_verb_is_json_and_nothing_else(running):
    verbs = [["status"], ["why", "web"], ["wait"], ["restart", "web"], ["stop", "later"], ["start", "web"], ["reload"],
             ["check"], ["version"], ["up"], ["up", "--wait"], ["down"]]
    for verb in verbs:
        result = running.ctl(*verb, "--json")
        assert json.loads(result.out) is not None, result
        assert result.err == "", result
        assert result.out.count("\n") == 1, f"{verb}: one line"


def test_json_of_logs_is_a_line_for_each_line(running):
    lines = [json.loads(x) for x in running.ctl("logs", "web", "db", "--json").out.splitlines()]
    assert len(lines) == 2 and {x["service"] for x in lines} == {"web", "db"}


def test_json_of_a_failure_has_the_exit_code(workspace):
    workspace.configure("")
    result = workspace.ctl("status", "--json", code=4)
    assert json.loads(result.out)["error"], result


def test_help_of_every_verb_has_an_example(workspace):
    overview = workspace.ctl("help").out
    for verb in VERBS:
        assert f"\n  {verb} " in overview, verb
        help_text = workspace.ctl(verb, "--help").out
        assert f"Usage: workspacectl {verb}" in help_text and f"workspacectl {verb}" in help_text.split("Examples:")[1]
    for line in overview.splitlines():
        assert len(line) <= 80, line


def test_version_and_check_need_no_daemon(workspace):
    workspace.configure(SERVICES)
    assert workspace.ctl("version").out.startswith("workspacectl 0.")
    assert "no errors" in workspace.ctl("check").out
    assert workspace.run(BUILD / "workspaced", "--check").code == DONE


def test_up_twice_is_one_daemon_and_brings_back_what_was_stopped(running):
    pid = running.daemon_pid()
    running.ctl("stop", "web")
    running.up()
    assert running.daemon_pid() == pid
    assert running.state_of("web") == "ready"


def test_ten_ups_at_once_start_one_daemon(workspace):
    workspace.configure(SERVICES)
    ups = [workspace.start_ctl("up", "--wait", "--timeout", "20s") for _ in range(10)]
    codes = [(u.communicate(timeout=30), u.returncode) for u in ups]
    assert [code for _, code in codes] == [DONE] * 10, codes
    assert workspace.state_of("web") == "ready"
    assert workspace.log_of("db") == "db is here\n", "each service was started once"


def test_a_closed_reader_does_not_matter(running):
    reading, writing = os.pipe()
    os.close(reading)
    process = running.start(BUILD / "workspacectl", "logs", "-f", stdout=writing)
    os.close(writing)
    running.ctl("restart", "web")
    assert process.wait(timeout=10) is not None


def test_the_socket_option_and_variable(running):
    elsewhere = running.directory / "nobody.sock"
    running.ctl("--socket", elsewhere, "status", code=4)
    running.ctl("status", "--socket", running.socket)
    running.env["WORKSPACED_SOCKET"] = str(elsewhere)
    running.ctl("status", code=4)
    del running.env["WORKSPACED_SOCKET"]
