"""What follows the end of a run: what counts as a failure, pauses, giving up, the end of the daemon, how a stop gets harder."""

import signal
import subprocess

import pytest

from harness import BUILD, eventually, processes_with, stays


def shell(name, script, keys=""):
    return f'[services.{name}]\ncommand = ["sh", "-c", "{script}"]\n{keys}\n'


@pytest.mark.parametrize("code, state", [(0, "stopped"), (3, "stopped"), (4, "backoff")])
def test_the_listed_exit_codes_are_no_failure(workspace, code, state):
    keys = 'restart = "on-failure"\nsuccess_exit_codes = [0, 3]\nbackoff = { initial = "30s" }'
    workspace.configure(shell("web", f"exit {code}", keys))
    workspace.ctl("up")
    assert workspace.wait_state("web", state)["last_run"]["code"] == code


def test_a_stable_run_clears_the_count_of_failures(workspace):
    """Two services that crash every half a second; for one of them that is a long life."""
    backoff = 'backoff = {{ initial = "20ms", factor = 10.0, attempts = 2, reset_after = "{}" }}'
    workspace.configure(
        shell("steady", "sleep 0.5; exit 1", backoff.format("300ms")) + shell("weak", "sleep 0.5; exit 1", backoff.format("1h"))
    )
    workspace.ctl("up")
    assert workspace.wait_state("weak", "failed")["run"] == 2
    eventually(lambda: workspace.service("steady")["run"] >= 4, 20, "it is started again and again")
    assert workspace.service("steady")["failures_in_row"] <= 1


def test_without_a_limit_of_attempts_it_is_never_given_up(workspace):
    workspace.configure(shell("web", "exit 1", 'backoff = { initial = "5ms", factor = 1.0, attempts = 0 }'))
    workspace.ctl("up")
    eventually(lambda: workspace.service("web")["run"] > 25, 20, "far more runs than the usual ten")
    assert workspace.state_of("web") != "failed"


def next_retries(workspace, jitter):
    """When each of 20 services that have failed together is started again, in seconds from now."""
    keys = f'backoff = {{ initial = "60s", max = "10m", jitter = {jitter} }}'
    workspace.configure("".join(shell(f"s{i}", "exit 1", keys) for i in range(20)))
    workspace.ctl("up")
    for i in range(20):
        workspace.wait_state(f"s{i}", "backoff", within=20)
    return [s["next_retry_in_seconds"] for s in workspace.services().values()]


def test_jitter_spreads_the_restarts_of_services_that_failed_together(workspace):
    """Evenly over a minute: twenty within a third of it come once in ten million times."""
    due = next_retries(workspace, jitter=0.5)
    assert max(due) - min(due) > 20, due
    assert 0 < min(due) and max(due) <= 90, due


def test_without_jitter_they_come_back_as_they_went(workspace):
    assert max(next_retries(workspace, jitter=0.0)) <= 60


def test_of_a_service_that_was_given_up_each_later_try_is_a_single_one(workspace):
    path = workspace.directory / "runs"
    keys = 'backoff = { initial = "5ms", attempts = 3, retry_failed_after = "400ms" }'
    workspace.configure(shell("web", f"date +%s%N >>{path}; exit 1", keys))
    workspace.ctl("up")
    eventually(lambda: workspace.service("web")["run"] >= 6, what="it is tried again, and again")
    times = [int(line) / 1e9 for line in path.read_text().split()]
    pauses = [later - earlier for earlier, later in zip(times, times[1:])]
    assert min(pauses[2:]) > 0.35, f"the third run and each one after it is followed by the long pause: {pauses}"
    assert "gave up after 3 failed runs in a row" in workspace.wait_state("web", "failed")["reason"]


def end_of_daemon(workspace, script, keys):
    workspace.configure(shell("helper", "exec sleep 1000") + shell("main", script, keys))
    daemon = workspace.start(BUILD / "workspaced", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    code = daemon.wait(timeout=20)
    assert processes_with(workspace.marker) == {}
    return code


@pytest.mark.parametrize("code", [0, 5])
def test_a_service_that_has_done_its_work_may_be_the_end_of_the_daemon(workspace, code):
    keys = 'restart = "on-failure"\nsuccess_exit_codes = [0, 5]\non_success = "exit"'
    assert end_of_daemon(workspace, f"exit {code}", keys) == code


def test_its_failure_ends_the_daemon_only_when_it_is_given_up(workspace):
    path = workspace.directory / "runs"
    keys = 'backoff = { initial = "5ms", attempts = 3 }\non_failure = "exit"'
    assert end_of_daemon(workspace, f"echo run >>{path}; exit 9", keys) == 9
    assert path.read_text() == "run\n" * 3


def test_the_end_of_a_service_is_otherwise_not_the_end_of_the_daemon(workspace):
    workspace.configure(shell("main", "exit 9", 'restart = "never"'))
    daemon = workspace.start_daemon()
    workspace.wait_state("main", "failed")
    stays(lambda: daemon.poll() is None, 0.3, "the daemon runs on")
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(timeout=10) == 0, "how its services have ended is not its own end"


def test_a_stop_gets_harder_step_by_step(workspace):
    """The stop command, which fails; the signal, which is ignored; SIGKILL, to all that is left."""
    path = workspace.directory / "steps"
    workspace.configure(
        shell(
            "stubborn",
            f"trap 'echo signal >>{path}' USR1; (trap '' USR1; exec sleep 1000) & while :; do sleep 0.02; done",
            f'stop = {{ command = ["sh", "-c", "echo command >>{path}; exit 1"], signal = "USR1", timeout = "1s" }}',
        )
    )
    workspace.up()
    stop = workspace.ctl("stop", "stubborn")
    assert stop.seconds > 0.9, stop
    assert path.read_text() == "command\nsignal\n"
    assert workspace.service("stubborn")["last_run"]["signal"] == "KILL"
    assert processes_with(workspace.marker).keys() == {workspace.daemon_pid()}


def test_a_process_that_uses_more_than_its_limit_is_started_again(workspace):
    """A limit of setrlimit(2): here of the size of a file, the quickest to reach."""
    workspace.configure(
        shell(
            "writer",
            "exec head -c 5000 /dev/zero >big",
            f'working_dir = "{workspace.directory}"\nlimits = {{ fsize = "2KiB" }}\nbackoff = {{ initial = "20ms" }}',
        )
    )
    workspace.ctl("up")
    eventually(lambda: workspace.service("writer")["restarts"]["signal"] >= 2, what="it was started again")
    assert workspace.service("writer")["last_run"]["signal"] == "XFSZ"
