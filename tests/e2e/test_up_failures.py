"""`up --wait` when it does not work out: which exit code, and what it says about the culprit."""

from harness import CONFIGURATION, FAILED, NO_DAEMON, TIMED_OUT, USAGE


def test_a_service_that_never_gets_ready_runs_out_of_time_and_its_probe_is_named(workspace, free_port):
    port = free_port()
    workspace.configure(f'''
[services.lazy]
command = ["sleep", "1000"]
ready = {{ http = "http://127.0.0.1:{port}/health" }}
''')
    up = workspace.up("--timeout", "2s", code=TIMED_OUT)
    assert 1.9 < up.seconds < 3.5
    said = up.out + up.err
    assert "lazy" in said
    assert f"127.0.0.1:{port}" in said, said
    assert "refused" in said, said


def test_an_unhealthy_answer_is_shown(workspace, free_port, tmp_path):
    from harness import PROGRAMS, PYTHON

    port = free_port()
    verdict = tmp_path / "verdict"
    verdict.write_text("500")
    workspace.configure(f'''
[services.sick]
command = ["{PYTHON}", "{PROGRAMS / 'web.py'}", "{port}", "{verdict}"]
ready = {{ http = "http://127.0.0.1:{port}/health" }}
''')
    up = workspace.up("--timeout", "2s", code=TIMED_OUT)
    assert "500" in up.out + up.err, up


def test_a_service_that_crashes_at_start_fails_with_its_last_log_lines(workspace):
    workspace.configure('''
[services.broken]
command = ["sh", "-c", "echo opening the vault; echo 'no such key: zanzibar' >&2; exit 7"]
backoff = { initial = "20ms", attempts = 2 }
''')
    up = workspace.up("--timeout", "20s", code=FAILED)
    said = up.out + up.err
    assert up.seconds < 10
    assert "broken" in said and "exit code 7" in said, said
    assert "opening the vault" in said and "no such key: zanzibar" in said, said


def test_a_program_that_does_not_exist_is_told_with_the_step_that_failed(workspace):
    workspace.configure('''
[services.ghost]
command = ["/nonexistent/program"]
backoff = { initial = "20ms", attempts = 2 }
[services.nowhere]
command = ["true"]
working_dir = "/nonexistent/directory"
backoff = { initial = "20ms", attempts = 2 }
''')
    up = workspace.up("--timeout", "20s", code=FAILED)
    said = up.out + up.err
    assert "/nonexistent/program" in said and "No such file" in said, said
    workspace.wait_state("nowhere", "failed")
    assert "/nonexistent/directory" in workspace.ctl("why", "nowhere").out


def test_a_broken_configuration_is_refused_with_every_error(workspace):
    workspace.configure('''
[services.web]
comand = ["true"]
restart = "sometimes"
[services.api]
command = ["true"]
depends_on = { db = "ready" }
''')
    up = workspace.up(code=CONFIGURATION)
    said = up.out + up.err
    assert "comand" in said and "did you mean" in said and "command" in said, said
    assert "sometimes" in said, said
    assert "db" in said, said
    assert "workspaced.toml:" in said, said
    assert not workspace.socket.exists(), "nothing starts from a bad file"


def test_without_a_daemon_the_verbs_say_so(workspace):
    workspace.configure("")
    for verb in (["status"], ["start", "x"], ["stop", "x"], ["logs"], ["wait"], ["why", "x"], ["reload"]):
        result = workspace.ctl(*verb, code=NO_DAEMON)
        assert "workspacectl up" in result.err, f"{verb} says what to do: {result}"


def test_usage_errors(workspace):
    for arguments in (["frobnicate"], ["up", "--no-such-option"], ["why"], ["up", "--timeout", "soon"]):
        result = workspace.ctl(*arguments, code=USAGE)
        assert result.err and not result.out, result
