"""Each script of the template as Terraform renders it, run for real with the real workspaced in a scratch root, as
nobody where root could do too much."""

import contextlib
import http.client
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import bed
import pytest
from pod import TOKEN, Pod, eventually

PROGRAM = bed.ROOT / "build" / os.environ.get("WORKSPACED_TEST_PRESET", "release") / "workspaced"


@pytest.fixture(scope="session")
def rendered(tmp_path_factory):
    """Name to text of every script, for the sample workspace."""
    template = bed.Template(tmp_path_factory.mktemp("template")).init()
    return template.plan(cache_enabled=False)["planned_values"]["outputs"]["scripts"]["value"]


@pytest.fixture
def pod(rendered):
    # Not tmp_path: a socket's path has 108 bytes at most, and nobody could not enter it.
    root = Path(tempfile.mkdtemp(prefix="wsd-pod-"))
    root.chmod(0o755)
    pod = Pod(root, rendered)
    yield pod
    for pid in pod.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    eventually(lambda: not pod.processes(), "every process of the pod has ended")
    shutil.rmtree(root)


@pytest.fixture
def provided(pod):
    """A pod to which the init container has brought the program."""
    code, output = pod.run("provide", source_program=PROGRAM)
    assert code == 0, output
    return pod


# ---------------------------------------------------------------- all of them


def test_shellcheck_finds_nothing(rendered):
    for name, text in rendered.items():
        done = subprocess.run(["shellcheck", "-"], input=text, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{name}: {done.stdout}"


def test_kubernetes_leaves_scripts_in_the_pod_as_they_are(rendered):
    """In what a pod's specification says, it makes one dollar of two."""
    for name in ("prepare", "provide"):
        assert "$$" not in rendered[name]


def test_the_configuration_in_the_template_is_the_one_of_the_repository(rendered):
    configuration = (bed.ROOT / "config/workspaced.toml").read_text()
    assert (bed.TEMPLATE / "files/workspaced.toml").read_text() == configuration
    assert f"<<'END_OF_CONFIGURATION' || return 1\n{configuration}END_OF_CONFIGURATION\n" in rendered["startup"]


# ---------------------------------------------------------------- provide


def test_provide_brings_both_names(provided):
    for name, argument in (("workspaced", "--version"), ("workspacectl", "version")):
        command = [provided.programs / name, argument]
        done = subprocess.run(command, env=provided.environment, capture_output=True, text=True, timeout=10)
        assert done.returncode == 0 and done.stdout.startswith(name), done


def test_provide_names_an_image_without_the_program(pod):
    code, output = pod.run("provide", source_program="/nowhere/workspaced")
    assert code == 1
    assert "no /nowhere/workspaced" in output and "workspaced_image" in output


# ---------------------------------------------------------------- startup


def test_startup_waits_until_the_services_are_ready(provided):
    startup = provided.start("startup")
    eventually(lambda: provided.health() == 503, "/health says that the services are not ready")
    assert startup.poll() is None, "it did not wait"
    provided.serve()
    output, _ = startup.communicate(timeout=20)
    assert startup.returncode == 0, output
    assert provided.health() == 200
    assert TOKEN not in output


def test_startup_closes_its_pipes_when_it_ends(provided):
    """The agent waits for ten seconds, then calls the script failed and may kill what holds them."""
    provided.serve()
    startup = provided.start("startup")
    startup.wait(timeout=30)
    ended = time.monotonic()
    startup.stdout.read()
    assert time.monotonic() - ended < 0.5
    assert startup.returncode == 0 and provided.daemon()


def test_startup_may_run_again(provided):
    provided.serve()
    assert provided.run("startup")[0] == 0
    first = provided.daemon()
    code, output = provided.run("startup")
    assert code == 0, output
    assert len(first) == 1 and provided.daemon() == first, "the second run started another daemon"


def test_no_secret_is_in_a_process_list(provided):
    provided.serve()
    provided.run("startup")
    assert not [command for command in provided.processes().values() if TOKEN in command]


def test_startup_with_a_home_that_cannot_be_written(provided):
    provided.become_nobody()
    provided.home.chmod(0o555)
    provided.serve()
    code, output = provided.run("startup")
    assert code == 0, output
    assert f"{provided.home} cannot be written: workspaced keeps its state in {provided.persist}" in output
    assert provided.health() == 200


def test_startup_with_a_broken_configuration(provided):
    broken = provided.repository / "workspaced.toml"
    broken.write_text('[services.web]\ncommnad = "true"\n')
    code, output = provided.run("startup")
    assert code == 3
    assert f"{broken}:2:1" in output and "command" in output
    assert f"startup: the configuration {broken} has the errors above" in output
    assert not provided.daemon()


def test_startup_with_the_configuration_that_the_template_names(provided):
    code, output = provided.run("startup", config="deploy/services.toml")
    assert code == 3
    assert f"{provided.repository}/deploy/services.toml" in output


def test_startup_prefers_the_configuration_of_the_repository(provided):
    (provided.repository / "workspaced.toml").write_text(
        f'[http]\nlisten = "127.0.0.1:{provided.http_port}"\n[services.own]\ncommand = "sleep 600"\n'
    )
    code, output = provided.run("startup")
    assert code == 0, output
    assert "own" in output and "fleet-mcp" not in output


def test_startup_with_a_service_that_fails(provided):
    (provided.repository / "workspaced.toml").write_text(
        f'[http]\nlisten = "127.0.0.1:{provided.http_port}"\n'
        '[services.web]\ncommand = ["sh", "-c", "echo out of cheese; exit 7"]\nrestart = "never"\n'
    )
    code, output = provided.run("startup")
    assert code == 1
    assert "web" in output and "startup: a service that is required failed" in output


def test_startup_when_time_runs_out(provided):
    code, output = provided.run("startup", startup_seconds=1)
    assert code == 5
    assert "startup: services were not ready within 1 s" in output
    assert provided.daemon(), "the services go on: they may be only slow"


def test_startup_without_the_token(provided):
    del provided.environment["FLEET_MCP_AUTH_TOKEN"]
    code, output = provided.run("startup")
    assert code == 3
    assert "FLEET_MCP_AUTH_TOKEN" in output


def test_startup_without_the_program(pod):
    code, output = pod.run("startup")
    assert code == 127
    assert "startup: there is no workspacectl" in output and "workspaced_image" in output


def test_startup_without_the_repository(provided):
    shutil.rmtree(provided.repository)
    code, output = provided.run("startup")
    assert code == 1
    assert f"startup: the repository is not in {provided.repository}" in output


def test_startup_when_the_volume_cannot_be_written(provided):
    provided.become_nobody()
    provided.persist.chmod(0o555)
    code, output = provided.run("startup")
    assert code == 6
    assert f"startup: cannot write {provided.persist}/workspaced/workspaced.toml" in output


def test_startup_names_optional_secrets_that_are_missing(provided):
    provided.serve()
    provided.environment["HA_TOKEN"] = "there"
    code, output = provided.run("startup", optional_names="HA_TOKEN PERPLEXITY_API_KEY")
    assert code == 0
    assert "PERPLEXITY_API_KEY is not set: its optional secret has no value" in output
    assert "HA_TOKEN is not set" not in output


def test_the_program_of_the_image_goes_first(provided):
    provided.fake("workspacectl", 'echo "the image\'s own: $*"')
    code, output = provided.run("startup")
    assert code == 0 and "the image's own: up --wait --timeout 300s --config" in output


def test_terminals_find_the_program(provided):
    provided.serve()
    provided.run("startup")
    assert (provided.bin / "workspacectl").resolve() == provided.programs / "workspaced"


def test_the_page_is_allowed_behind_the_proxy_of_coder(provided):
    provided.environment["VSCODE_PROXY_URI"] = "https://{{port}}--main--dev--ada.apps.example.com:8443"
    provided.serve()
    code, output = provided.run("startup")
    assert code == 0, output
    connection = http.client.HTTPConnection("127.0.0.1", provided.http_port, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", "/health", headers={"Host": "workspaced--main--dev--ada.apps.example.com"})
        assert connection.getresponse().status == 200


# ---------------------------------------------------------------- shutdown


def test_shutdown_ends_everything_in_time(provided):
    provided.serve()
    provided.run("startup")
    code, output = provided.run("shutdown")
    assert code == 0, output
    assert provided.processes() == {}


def test_shutdown_with_nothing_to_stop(provided):
    assert provided.run("shutdown")[0] == 0


def test_shutdown_without_the_program(pod):
    assert pod.run("shutdown") == (0, "shutdown: there is no workspacectl, so nothing to stop\n")


# ---------------------------------------------------------------- prepare


@pytest.fixture
def passwd(pod):
    """A list of users with one, called like us and at home in the pod."""
    file = pod.root / "passwd"
    us = pwd.getpwuid(os.getuid())
    file.write_text(f"other:x:9:9::/nowhere:/bin/sh\n{us.pw_name}:x:{us.pw_uid}:{us.pw_gid}::{pod.home}:/bin/sh\n")
    pod.environment["TARGET_USER"] = us.pw_name
    return file


def test_prepare_takes_along_what_the_image_brought(pod, passwd):
    (pod.home / ".claude").mkdir()
    (pod.home / ".claude/CLAUDE.md").write_text("of the image")
    code, output = pod.run("prepare", passwd_file=passwd)
    assert (code, output) == (0, "")
    assert (pod.home / ".claude").is_symlink()
    assert (pod.persist / "claude/CLAUDE.md").read_text() == "of the image"


def test_prepare_gives_a_new_home_what_the_last_one_had(pod, passwd):
    pod.run("prepare", passwd_file=passwd)
    (pod.home / ".claude/projects").mkdir()
    (pod.home / ".claude.json").write_text(json.dumps({"of": "the first start"}))
    shutil.rmtree(pod.home)
    (pod.home / ".claude").mkdir(parents=True)
    (pod.home / ".claude.json").write_text("of the image")
    assert pod.run("prepare", passwd_file=passwd) == (0, "")
    assert (pod.home / ".claude/projects").is_dir()
    assert json.loads((pod.home / ".claude.json").read_text()) == {"of": "the first start"}


def test_prepare_gives_the_user_the_volume(pod, passwd):
    """A new volume is root's, and envbuilder gives away the checkout only."""
    user = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    pod.environment["TARGET_USER"] = user
    passwd.write_text(f"{user}:x:1:1::{pod.home}:/bin/sh\n")
    assert pod.run("prepare", passwd_file=passwd) == (0, "")
    assert pod.persist.parent.owner() == user


def test_prepare_may_run_again(pod, passwd):
    assert pod.run("prepare", passwd_file=passwd) == (0, "")
    (pod.home / ".claude/notes").write_text("kept")
    assert pod.run("prepare", passwd_file=passwd) == (0, "")
    assert (pod.home / ".claude/notes").read_text() == "kept"


def test_prepare_keeps_others_out(pod, passwd):
    shutil.rmtree(pod.persist)
    pod.run("prepare", passwd_file=passwd)
    assert pod.persist.stat().st_mode & 0o077 == 0


def test_prepare_never_stops_a_start(pod, passwd):
    pod.environment["TARGET_USER"] = "stranger"
    code, output = pod.run("prepare", passwd_file=passwd)
    assert code == 0
    assert "knows no home of the user 'stranger'" in output and "sessions of Claude Code will be lost" in output


# ---------------------------------------------------------------- wait_services


def test_claude_code_waits_for_the_services(provided):
    waiting = provided.start("wait_services")
    startup = provided.start("startup")
    eventually(lambda: provided.health() == 503, "the daemon runs")
    assert waiting.poll() is None, "it did not wait"
    provided.serve()
    output, _ = waiting.communicate(timeout=20)
    assert (waiting.returncode, output) == (0, "")
    assert startup.wait(timeout=20) == 0


def test_claude_code_starts_without_the_services_in_the_end(provided):
    code, output = provided.run("wait_services", startup_seconds=1)
    assert code == 0
    assert "not every required service is ready; Claude Code starts all the same" in output


# ---------------------------------------------------------------- stat

FIGURES = ["services", "cpu", "memory", "disk", "cpu_host", "memory_host", "load_host", "swap_host"]


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_is_what_workspacectl_says(pod, figure):
    pod.fake("workspacectl", 'echo "workspacectl: $*"')
    arguments = {"memory": "mem", "memory_host": "mem --host"}.get(figure, figure.replace("_host", " --host"))
    assert pod.run(f"stat_{figure}") == (0, f"workspacectl: stat {arguments}\n")


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ("services", r"not started"),
        ("cpu", r"coder: stat cpu"),
        ("memory_host", r"coder: stat mem --host"),
        ("disk", r"coder: stat disk --path /\w*"),
        ("load_host", r"[\d.]+ [\d.]+ [\d.]+ \(\d+ cores\)"),
        ("swap_host", r"\d+\.\d/\d+\.\d GiB"),
    ],
)
@pytest.mark.parametrize("old_program", [False, True], ids=["none", "too old"])
def test_a_figure_without_workspacectl(pod, figure, said, old_program):
    pod.fake("coder", 'echo "coder: $*"')
    if old_program:
        pod.fake("workspacectl", 'echo "unknown verb" >&2; exit 2')
    code, output = pod.run(f"stat_{figure}")
    assert code == 0
    assert re.fullmatch(said + r"\n", output), output


CORES, GIB = r"\d+\.\d/\d+(\.\d)? cores \(\d+%\)", r"\d+\.\d/\d+\.\d GiB \(\d+%\)"
REAL_FIGURES = {
    "services": r"1/1 ready",
    "cpu": CORES,
    "memory": GIB,
    "disk": GIB,
    "cpu_host": CORES,
    "memory_host": GIB,
    "load_host": r"\d+\.\d\d \d+\.\d\d \d+\.\d\d \(\d+ cores\)",
    "swap_host": GIB,
}


def test_every_figure_of_the_real_program_is_one_line(provided):
    provided.fake("coder", 'echo "the fallback: $*"')
    assert provided.run("stat_services") == (0, "not started\n")
    provided.serve()
    assert provided.run("startup")[0] == 0
    for figure in FIGURES:
        code, output = provided.run(f"stat_{figure}")
        assert code == 0
        assert re.fullmatch(REAL_FIGURES[figure] + r"\n", output), f"{figure}: {output}"


def test_a_figure_of_the_real_program_costs_next_to_nothing(provided):
    """The dashboard asks for eight of them every few seconds. The best of some, as other tests run beside this one."""
    provided.serve()
    assert provided.run("startup")[0] == 0
    for figure in ("cpu", "mem", "disk", "load", "swap", "services"):
        assert min(seconds(provided, figure) for _ in range(8)) < 0.05, figure


def seconds(pod, figure):
    command = [pod.programs / "workspacectl", "stat", figure]
    start = time.monotonic()
    subprocess.run(command, env=pod.environment, check=True, capture_output=True, timeout=10)
    return time.monotonic() - start
