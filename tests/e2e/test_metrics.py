"""/metrics as Prometheus wants it, with the numbers that are true."""

import subprocess

from harness import PROMTOOL, PROGRAMS, PYTHON, eventually


def check_metrics(text):
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=text.encode(), capture_output=True, timeout=30)
    assert done.returncode == 0 and not done.stderr and not done.stdout, (done.stdout + done.stderr).decode()


def test_promtool_has_nothing_to_say(workspace, free_port):
    port = free_port()
    workspace.configure(f'''
[services.web]
command = ["{PYTHON}", "{PROGRAMS / 'web.py'}", "{port}"]
ready = {{ http = "http://127.0.0.1:{port}/health" }}
live = {{ tcp = "127.0.0.1:{port}", interval = "100ms" }}
[services."dotted.name"]
command = ["true"]
kind = "task"
[services.broken]
command = ["false"]
required = false
backoff = {{ initial = "20ms", attempts = 3 }}
''')
    workspace.up()
    workspace.wait_state("broken", "failed")
    answer = workspace.get("/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    check_metrics(answer.text)
    assert answer.text.endswith("\n")


def test_openmetrics_by_accept(workspace):
    workspace.configure('[services.web]\ncommand = ["sleep", "1000"]\n')
    workspace.up()
    answer = workspace.get("/metrics", {"Accept": "application/openmetrics-text; version=1.0.0"})
    if answer.headers["content-type"].startswith("application/openmetrics-text"):
        assert answer.text.endswith("# EOF\n")
    else:
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")


def test_exactly_one_state_of_each_service_is_1(workspace):
    workspace.configure('''
[services.web]
command = ["sleep", "1000"]
[services.job]
kind = "task"
command = ["true"]
[services.off]
command = ["sleep", "1000"]
autostart = false
''')
    workspace.up()
    samples = workspace.metrics()
    for service, state in (("web", "ready"), ("job", "completed"), ("off", "stopped")):
        states = {k: v for k, v in samples.items() if k.startswith(f'workspaced_service_state{{service="{service}"')}
        assert len(states) == 9
        assert [k for k, v in states.items() if v == 1] == [
            f'workspaced_service_state{{service="{service}",state="{state}"}}'
        ]


def test_restarts_are_counted_by_cause(workspace):
    workspace.configure('''
[services.broken]
command = ["sh", "-c", "exit 4"]
backoff = { initial = "10ms", jitter = 0.0, attempts = 4 }
[services.web]
command = ["sleep", "1000"]
''')
    workspace.ctl("up")
    workspace.wait_state("broken", "failed")
    workspace.wait_state("web", "ready")
    workspace.ctl("restart", "web")
    samples = workspace.metrics()
    assert samples['workspaced_service_restarts_total{service="broken",cause="exit"}'] == 3
    assert samples['workspaced_service_exit_code{service="broken"}'] == 4
    assert samples['workspaced_service_restarts_total{service="web",cause="request"}'] == 1
    assert samples['workspaced_service_restarts_total{service="web",cause="exit"}'] == 0


def test_what_a_service_uses_and_writes(workspace):
    workspace.configure('''
[services.busy]
command = ["sh", "-c", "echo 12345; i=0; while [ $$i -lt 300000 ]; do i=$$((i+1)); done; exec sleep 1000"]
''')
    workspace.up()

    def measured():
        samples = workspace.metrics()
        assert samples['workspaced_service_cpu_seconds_total{service="busy"}'] > 0.02
        assert samples['workspaced_service_memory_bytes{service="busy"}'] > 100_000
        assert samples['workspaced_service_open_fds{service="busy"}'] >= 3
        assert samples['workspaced_service_log_bytes_total{service="busy",stream="stdout"}'] == 6
        return True

    eventually(measured, 10)


def test_probes_are_timed_and_failures_counted(workspace, free_port):
    port = free_port()
    workspace.configure(f'''
[services.late]
command = ["{PYTHON}", "{PROGRAMS / 'port.py'}", "{port}", "1.0", "opened"]
working_dir = "{workspace.directory}"
ready = {{ tcp = "127.0.0.1:{port}" }}
''')
    workspace.up()
    samples = workspace.metrics()
    failures = sum(v for k, v in samples.items() if k.startswith('workspaced_probe_failures_total{service="late"'))
    count = next(v for k, v in samples.items() if k.startswith('workspaced_probe_duration_seconds_count{service="late"'))
    assert failures >= 3 and count == failures + 1
    ready = samples['workspaced_service_ready_seconds{service="late"}']
    assert 1.0 <= ready < 3.0
