"""Starting, watching and stopping processes: order, gates, restarts, whole groups, signals, PID 1, reload."""

import json
import os
import signal
import subprocess
import time

import pytest

from harness import (BUILD, DONE, PROGRAMS, PYTHON, eventually, is_alive, processes_with, stays, stat_of, zombies_of)


def recorder(workspace):
    """A shell prefix that appends words to one file, which `events()` reads."""
    path = workspace.directory / "events"
    path.touch()
    return path, lambda: path.read_text().split()


# ---------------------------------------------------------------- order and gates


def test_starts_in_order_of_dependencies_and_stops_in_reverse(workspace):
    path, events = recorder(workspace)

    def service(name, needs=""):
        script = f"trap 'echo -{name} >>{path}; exit 0' TERM; echo +{name} >>{path}; while :; do sleep 0.05; done"
        depends = f'depends_on = {{ {needs} = "ready" }}' if needs else ""
        return f'[services.{name}]\ncommand = ["sh", "-c", "{script}"]\nready = {{ exec = ["grep", "-q", "+{name}", "{path}"] }}\n{depends}\n'

    workspace.configure(service("c", "b") + service("a") + service("b", "a"))
    workspace.up()
    assert events() == ["+a", "+b", "+c"]
    workspace.ctl("down")
    assert events() == ["+a", "+b", "+c", "-c", "-b", "-a"]


def test_a_dependant_waits_until_its_dependency_is_ready(workspace, free_port):
    port = free_port()
    verdict = workspace.directory / "verdict"
    verdict.write_text("503")
    workspace.configure(f'''
[services.db]
command = ["{PYTHON}", "{PROGRAMS / 'web.py'}", "{port}", "{verdict}"]
ready = {{ http = "http://127.0.0.1:{port}/health" }}
[services.web]
command = ["sleep", "1000"]
depends_on = {{ db = "ready" }}
''')
    workspace.ctl("up")
    eventually(lambda: "503" in workspace.service("db")["probe"]["answer"], what="the probe sees 503")
    web = workspace.service("web")
    assert web["state"] == "waiting" and web["run"] == 0 and "db" in web["reason"], web
    assert workspace.get("/health").status == 503
    verdict.write_text("200")
    workspace.ctl("wait", "web")
    assert workspace.get("/health").status == 200


def test_a_task_must_complete_first(workspace):
    path, events = recorder(workspace)
    workspace.configure(f'''
[services.migrate]
kind = "task"
command = ["sh", "-c", "sleep 0.5; echo migrated >>{path}"]
[services.web]
command = ["sh", "-c", "echo web >>{path}; exec sleep 1000"]
depends_on = {{ migrate = "completed" }}
''')
    workspace.up()
    eventually(lambda: events() == ["migrated", "web"])
    assert workspace.state_of("migrate") == "completed"


def test_a_failed_task_keeps_its_dependants_down(workspace):
    workspace.configure('''
[services.migrate]
kind = "task"
command = ["sh", "-c", "echo no such table; exit 2"]
[services.web]
command = ["sleep", "1000"]
depends_on = { migrate = "completed" }
''')
    up = workspace.up("--timeout", "10s", code=1)
    assert "no such table" in up.out + up.err, up
    assert workspace.service("web")["run"] == 0
    assert workspace.state_of("migrate") == "failed"


# ---------------------------------------------------------------- restarts


def test_a_failing_live_probe_restarts_the_service(workspace, free_port):
    port = free_port()
    verdict = workspace.directory / "verdict"
    workspace.configure(f'''
[services.web]
command = ["{PYTHON}", "{PROGRAMS / 'web.py'}", "{port}", "{verdict}"]
ready = {{ tcp = "127.0.0.1:{port}" }}
live = {{ http = "http://127.0.0.1:{port}/health", interval = "100ms", timeout = "1s", failure_threshold = 3 }}
backoff = {{ initial = "20ms" }}
''')
    workspace.up()
    first = workspace.service("web")["pid"]
    verdict.write_text("500")
    eventually(lambda: workspace.service("web")["restarts"]["liveness"] >= 1, what="liveness restarted it")
    verdict.unlink()
    eventually(lambda: workspace.get("/health").status == 200, 15)
    assert workspace.service("web")["pid"] != first


def test_on_failure_report_only_degrades(workspace, free_port):
    port = free_port()
    verdict = workspace.directory / "verdict"
    workspace.configure(f'''
[services.web]
command = ["{PYTHON}", "{PROGRAMS / 'web.py'}", "{port}", "{verdict}"]
ready = {{ tcp = "127.0.0.1:{port}" }}
live = {{ http = "http://127.0.0.1:{port}/health", interval = "100ms", failure_threshold = 2, on_failure = "report" }}
''')
    workspace.up()
    first = workspace.service("web")["pid"]
    verdict.write_text("500")
    workspace.wait_state("web", "degraded")
    assert workspace.get("/health").status == 503
    verdict.unlink()
    workspace.wait_state("web", "ready")
    assert workspace.service("web")["pid"] == first


def test_a_service_not_ready_in_time_is_started_again(workspace, free_port):
    workspace.configure(f'''
[services.lazy]
command = ["sleep", "1000"]
ready = {{ tcp = "127.0.0.1:{free_port()}", timeout = "300ms" }}
backoff = {{ initial = "20ms", attempts = 2 }}
''')
    up = workspace.up("--timeout", "20s", code=1)
    assert "lazy" in up.out + up.err
    lazy = workspace.service("lazy")
    assert lazy["state"] == "failed" and lazy["run"] == 2, lazy
    assert processes_with(workspace.marker).keys() == {workspace.daemon_pid()}, "no run is left"


@pytest.mark.parametrize("policy, code, state", [
    ("always", 0, "backoff"), ("on-failure", 1, "backoff"), ("on-failure", 0, "stopped"), ("never", 1, "failed"),
])
def test_restart_policies(workspace, policy, code, state):
    workspace.configure(f'''
[services.once]
command = ["sh", "-c", "exit {code}"]
restart = "{policy}"
backoff = {{ initial = "30s" }}
''')
    workspace.ctl("up")
    once = workspace.wait_state("once", state)
    assert once["run"] == 1 and once["last_run"]["code"] == code, once


def test_backoff_grows_and_gives_up(workspace):
    path, events = recorder(workspace)
    workspace.configure(f'''
[services.broken]
command = ["sh", "-c", "date +%s%N >>{path}; exit 1"]
backoff = {{ initial = "100ms", factor = 2.0, jitter = 0.0, attempts = 4 }}
''')
    workspace.ctl("up")
    workspace.wait_state("broken", "failed")
    times = [int(t) / 1e9 for t in events()]
    gaps = [b - a for a, b in zip(times, times[1:])]
    assert len(times) == 4
    for gap, least in zip(gaps, (0.1, 0.2, 0.4)):
        assert least <= gap < least + 0.5, gaps


# ---------------------------------------------------------------- stopping


def test_stop_ends_the_whole_group(workspace):
    workspace.configure('''
[services.family]
command = ["sh", "-c", "sleep 1000 & sh -c 'sleep 1000 & wait' & wait"]
''')
    workspace.up()
    daemon = workspace.daemon_pid()
    eventually(lambda: len(processes_with(workspace.marker)) >= 5, what="the family is complete")
    workspace.ctl("stop", "family")
    assert processes_with(workspace.marker).keys() == {daemon}
    assert zombies_of(daemon) == []


def test_who_ignores_term_is_killed_after_the_timeout(workspace):
    workspace.configure('''
[services.stubborn]
command = ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"]
stop = { timeout = "700ms" }
''')
    workspace.up()
    eventually(lambda: "ready" in workspace.log_of("stubborn"))
    stop = workspace.ctl("stop", "stubborn")
    assert 0.6 < stop.seconds < 3
    last = workspace.service("stubborn")["last_run"]
    assert last["signal"] == "KILL", last


def test_a_group_whose_leader_has_gone_is_swept(workspace):
    workspace.configure('''
[services.leaver]
command = ["sh", "-c", "trap '' TERM; (trap '' TERM; exec sleep 1000) & sleep 0.3"]
restart = "never"
success_exit_codes = [0]
stop = { timeout = "500ms" }
''')
    workspace.ctl("up")
    daemon = workspace.daemon_pid()
    eventually(lambda: workspace.service("leaver")["last_run"], what="the leader has ended")
    eventually(lambda: processes_with(workspace.marker).keys() == {daemon}, 5, "its group has ended too")


def test_the_stop_signal_is_the_configured_one(workspace):
    path, events = recorder(workspace)
    workspace.configure(f'''
[services.web]
command = ["sh", "-c", "trap 'echo hup >>{path}; exit 0' HUP; trap 'echo term >>{path}' TERM; echo up >>{path}; while :; do sleep 0.05; done"]
stop = {{ signal = "HUP", timeout = "5s" }}
''')
    workspace.up()
    eventually(lambda: events() == ["up"])
    workspace.ctl("stop", "web")
    assert events() == ["up", "hup"]


def test_term_to_the_daemon_stops_everything_in_order(workspace):
    workspace.configure('''
[services.db]
command = ["sleep", "1000"]
[services.web]
command = ["sleep", "1000"]
depends_on = { db = "ready" }
''')
    daemon = workspace.start_daemon()
    workspace.ctl("wait")
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(timeout=10) == 0
    assert processes_with(workspace.marker) == {}
    assert not workspace.socket.exists()


def test_a_second_daemon_refuses_and_leaves_the_first_alone(workspace):
    workspace.configure('[services.web]\ncommand = ["sleep", "1000"]\n')
    workspace.up()
    pid = workspace.service("web")["pid"]
    second = workspace.run(BUILD / "workspaced")
    assert second.code not in (0, None) and second.err, second
    assert workspace.service("web")["pid"] == pid
    assert workspace.get("/health").status == 200


def test_a_taken_port_is_an_error_that_names_it(workspace):
    import socket

    workspace.configure('[services.web]\ncommand = ["sleep", "1000"]\n')
    with socket.create_server(("127.0.0.1", workspace.http_port)):
        up = workspace.ctl("up", code=None)
        assert up.code != DONE and str(workspace.http_port) in up.err and "in use" in up.err, up
        assert processes_with(workspace.marker) == {}


def test_the_socket_of_a_killed_daemon_does_not_stop_the_next_one(workspace):
    workspace.configure("")
    workspace.ctl("up")
    os.kill(workspace.daemon_pid(), signal.SIGKILL)
    assert workspace.socket.exists()
    eventually(lambda: workspace.ctl("status", code=None).code == 4)
    workspace.up()
    assert workspace.ctl("status").code == 0


# ---------------------------------------------------------------- what a process gets


def test_a_service_starts_clean(workspace):
    """Its own session, three streams, nothing blocked or ignored, its directory and its environment."""
    workspace.configure(f'''
[services.probe]
kind = "task"
command = ["{PYTHON}", "{PROGRAMS / 'selfie.py'}"]
working_dir = "{workspace.home}"
env_file = ["{workspace.directory}/probe.env"]
environment = {{ FROM_TABLE = "table", BOTH = "table" }}
''')
    (workspace.directory / "probe.env").write_text("# comment\nFROM_FILE='a b'\nexport BOTH=file\n\n")
    workspace.env |= {"INHERITED": "yes"}
    workspace.up()
    seen = json.loads(workspace.log_of("probe"))
    assert seen["sid"] == seen["pgid"] == seen["pid"]
    assert seen["fds"] == [0, 1, 2]
    assert seen["stdin"] == "/dev/null"
    assert seen["ignored"] == 0 and seen["blocked"] == 0, seen
    assert seen["cwd"] == str(workspace.home)
    env = seen["environment"]
    assert (env["FROM_FILE"], env["FROM_TABLE"], env["BOTH"], env["INHERITED"]) == ("a b", "table", "table", "yes")


# ---------------------------------------------------------------- PID 1


def can_unshare():
    done = subprocess.run(["unshare", "--fork", "--pid", "--mount-proc", "true"], capture_output=True)
    return done.returncode == 0


@pytest.mark.skipif(not can_unshare(), reason="needs the right to make a PID namespace")
def test_as_pid_1_it_reaps_orphans_and_ends_cleanly(workspace):
    workspace.configure('''
[services.orphans]
command = ["sh", "-c", "while :; do (sleep 0.05 & ) ; sleep 0.02; done"]
[services.daemonised]
command = ["sh", "-c", "setsid sh -c 'sleep 0.2' & sleep 0.1"]
backoff = { initial = "50ms", factor = 1.0, attempts = 0 }
restart = "always"
required = false
''')
    init = workspace.start(
        "unshare", "--fork", "--kill-child", "--pid", "--mount-proc", BUILD / "workspaced", "run",
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    eventually(lambda: workspace.get("/health").status == 200)
    inside = int(subprocess.check_output(["pgrep", "-P", str(init.pid)]).split()[0])
    assert workspace.daemon_pid() == 1
    begun = time.monotonic()
    # A zombie may be seen for a moment, never for long.
    while time.monotonic() - begun < 2:
        eventually(lambda: zombies_of(inside) == [], 1.0, "every orphan is reaped")
    os.kill(inside, signal.SIGTERM)
    assert init.wait(timeout=15) == 0
    assert processes_with(workspace.marker) == {}


def test_orphans_of_services_are_reaped(workspace):
    workspace.configure('''
[services.orphans]
command = ["sh", "-c", "while :; do (sleep 0.05 & ) ; sleep 0.02; done"]
''')
    workspace.up()
    daemon = workspace.daemon_pid()
    for _ in range(20):
        eventually(lambda: zombies_of(daemon) == [], 1.0, "every orphan is reaped")


# ---------------------------------------------------------------- reload


def test_reload_adds_removes_and_changes_only_what_differs(workspace):
    def service(name, word="x"):
        return f'[services.{name}]\ncommand = ["sh", "-c", "echo {word}; exec sleep 1000"]\n'

    workspace.configure(service("same") + service("changed", "before") + service("gone"))
    workspace.up()
    before = workspace.services()
    workspace.configure(service("same") + service("changed", "after") + service("new"))
    plan = workspace.ctl("reload", "--dry-run").out
    assert "changed" in plan and "gone" in plan and "new" in plan, plan
    assert workspace.services().keys() == before.keys(), "a dry run changes nothing"
    workspace.ctl("reload")
    workspace.ctl("wait", "same", "changed", "new")
    eventually(lambda: workspace.services().keys() == {"same", "changed", "new"})
    after = workspace.services()
    assert after["same"]["pid"] == before["same"]["pid"]
    assert after["changed"]["pid"] != before["changed"]["pid"]
    eventually(lambda: workspace.log_of("changed") == "before\nafter\n")
    assert not is_alive(before["gone"]["pid"])


def test_nobody_waits_for_a_service_that_a_reload_removes(workspace):
    slow = "trap 'sleep 0.3; exit 0' TERM; while :; do sleep 0.02; done"
    workspace.configure('[services.a]\ncommand = "sleep 1000"\n' f'[services.slow]\ncommand = ["sh", "-c", "{slow}"]\n')
    workspace.up()
    workspace.configure('[services.a]\ncommand = "sleep 1000"\n')
    assert workspace.up("--timeout", "30s").seconds < 10
    assert workspace.services().keys() == {"a"}


def test_hup_reloads(workspace):
    workspace.configure('[services.one]\ncommand = ["sleep", "1000"]\n')
    daemon = workspace.start_daemon()
    workspace.configure('[services.two]\ncommand = ["sleep", "1000"]\n')
    daemon.send_signal(signal.SIGHUP)
    eventually(lambda: workspace.services().keys() == {"two"})


# ---------------------------------------------------------------- health


def test_health_names_each_service_with_state_and_reason(workspace, free_port):
    port = free_port()
    workspace.configure(f'''
[services.good]
command = ["sleep", "1000"]
[services.bad]
command = ["sleep", "1000"]
ready = {{ tcp = "127.0.0.1:{port}" }}
[services.optional]
command = ["false"]
required = false
backoff = {{ initial = "30s" }}
''')
    workspace.ctl("up")
    eventually(lambda: workspace.service("bad")["probe"])
    workspace.wait_state("good", "ready")
    health = workspace.get("/health")
    assert health.status == 503 and health.headers["content-type"].startswith("application/json")
    services = health.json["services"]
    assert services["good"]["state"] == "ready" and services["bad"]["state"] == "starting"
    assert "refused" in services["bad"]["reason"], services["bad"]
    assert workspace.get("/health/good").status == 200
    assert workspace.get("/health/bad").status == 503
    assert workspace.get("/livez").status == 200
    assert workspace.get("/readyz").status == 503
    assert "bad" in workspace.get("/readyz?verbose").text


def test_what_is_not_required_does_not_count(workspace):
    workspace.configure('''
[services.good]
command = ["sleep", "1000"]
[services.optional]
command = ["false"]
required = false
backoff = { initial = "30s" }
''')
    workspace.up()
    workspace.wait_state("optional", "backoff")
    stays(lambda: workspace.get("/health").status == 200, 0.3, "/health is 200")
    assert stat_of(workspace.daemon_pid())
