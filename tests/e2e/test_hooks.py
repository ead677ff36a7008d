"""What surrounds a run: hooks, a stop command, dependencies with patience and followers, the end of the daemon."""

import subprocess

from harness import BUILD, FAILED, eventually, is_alive, processes_with


def journal(workspace):
    path = workspace.directory / "journal"
    path.touch()
    return path, lambda: path.read_text().splitlines()


def test_hooks_run_around_a_run_and_know_how_it_ended(workspace):
    path, lines = journal(workspace)
    workspace.configure(f'''
[services.web]
command = ["sh", "-c", "echo run >>{path}; exec sleep 1000"]
environment = {{ MINE = "yes" }}
[services.web.hooks]
before_start = ["sh", "-c", "sleep 0.2; echo $$WORKSPACED_HOOK $$WORKSPACED_SERVICE $$MINE >>{path}"]
after_ready = ["sh", "-c", "echo $$WORKSPACED_HOOK $$WORKSPACED_MAIN_PID >>{path}"]
after_stop = ["sh", "-c", "echo $$WORKSPACED_HOOK $$WORKSPACED_END >>{path}"]
''')
    workspace.up()
    pid = workspace.service("web")["pid"]
    eventually(lambda: lines() == ["before_start web yes", "run", f"after_ready {pid}"], what="the hooks have run")
    workspace.ctl("stop", "web")
    assert lines()[3:] == ["after_stop killed by SIGTERM"], "stop returns when the last hook has ended"


def test_a_failing_before_start_says_what_it_said(workspace):
    workspace.configure('''
[services.web]
command = ["sleep", "1000"]
backoff = { attempts = 1 }
hooks = { before_start = ["sh", "-c", "echo working; echo no such database >&2; exit 4"] }
''')
    workspace.up(code=FAILED)
    reason = workspace.service("web")["reason"]
    assert "before_start failed: exit code 4: no such database" in reason, reason
    assert workspace.service("web")["pid"] is None


def test_a_hook_that_hangs_is_killed_with_all_it_started(workspace):
    workspace.configure(f'''
[services.web]
command = ["sleep", "1000"]
backoff = {{ attempts = 1 }}
hooks = {{ before_start = ["sh", "-c", "sleep 3333 & sleep 3333"], timeout = "500ms" }}
''')
    workspace.up(code=FAILED)
    assert "timed out after 500 ms" in workspace.service("web")["reason"]
    eventually(lambda: "3333" not in " ".join(processes_with(workspace.marker).values()), what="it is gone")


def test_a_stop_command_stops_it(workspace):
    path, lines = journal(workspace)
    workspace.configure(f'''
[services.web]
command = ["sh", "-c", "trap 'echo TERM >>{path}; exit 0' TERM; trap 'echo USR1 >>{path}; exit 0' USR1; while :; do sleep 0.05; done"]
stop = {{ command = ["sh", "-c", "kill -USR1 $$WORKSPACED_MAIN_PID"] }}
''')
    workspace.up()
    workspace.ctl("stop", "web")
    assert lines() == ["USR1"]


def test_a_stop_command_that_fails_is_followed_by_the_signal(workspace):
    path, lines = journal(workspace)
    workspace.configure(f'''
[services.web]
command = ["sh", "-c", "trap 'echo TERM >>{path}; exit 0' TERM; while :; do sleep 0.05; done"]
stop = {{ command = "false" }}
''')
    workspace.up()
    workspace.ctl("stop", "web")
    assert lines() == ["TERM"]


def test_who_waits_too_long_for_a_dependency_says_for_which(workspace):
    workspace.configure('''
[services.db]
command = ["sleep", "1000"]
ready = { exec = "false", timeout = "60s" }
required = false
[services.web]
command = ["sleep", "1000"]
backoff = { attempts = 1 }
depends_on = { db = { condition = "ready", timeout = "400ms" } }
''')
    workspace.up(code=FAILED)
    assert "waited 400 ms for db to be ready (it is starting)" in workspace.service("web")["reason"]


def test_a_follower_is_restarted_with_what_it_needs(workspace):
    workspace.configure('''
[services.db]
command = ["sleep", "1000"]
[services.web]
command = ["sleep", "1000"]
depends_on = { db = { condition = "started", restart = true } }
[services.other]
command = ["sleep", "1000"]
depends_on = { db = "started" }
''')
    workspace.up()
    workspace.ctl("restart", "db")
    workspace.ctl("wait", "db", "web", "other")
    runs = {name: each["run"] for name, each in workspace.services().items()}
    assert runs == {"db": 2, "web": 2, "other": 1}
    assert workspace.service("web")["restarts"]["dependency"] == 1


def test_a_service_that_is_given_up_is_tried_again_later(workspace):
    path, lines = journal(workspace)
    workspace.configure(f'''
[services.web]
command = ["sh", "-c", "echo x >>{path}; test $(wc -l <{path}) -ge 4 && exec sleep 1000; exit 1"]
backoff = {{ initial = "10ms", attempts = 2, retry_failed_after = "300ms" }}
''')
    workspace.ctl("up")
    workspace.wait_state("web", "ready")
    assert len(lines()) == 4


def test_a_service_may_be_the_end_of_the_daemon(workspace):
    workspace.configure('''
[services.helper]
command = ["sleep", "1000"]
[services.main]
command = ["sh", "-c", "sleep 0.3; exit 42"]
restart = "never"
on_failure = "exit"
''')
    daemon = workspace.start(BUILD / "workspaced", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert daemon.wait(timeout=15) == 42
    assert not [pid for pid in processes_with(workspace.marker) if is_alive(pid)]


def test_its_end_by_a_signal_is_128_and_the_signal(workspace):
    workspace.configure('''
[services.main]
command = ["sh", "-c", "sleep 0.3; kill -KILL $$$$"]
restart = "never"
on_failure = "exit"
''')
    daemon = workspace.start(BUILD / "workspaced", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert daemon.wait(timeout=15) == 137
