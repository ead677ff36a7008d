"""docs/migrate-from-supervisord.md: its tables are complete for the real supervisord, and its example is the same before and
after: real programs run both."""

import os
import re
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from importlib import resources
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/migrate-from-supervisord.md").read_text()
BIN = Path(sys.executable).parent
PROGRAMS = {"migrate", "api", "worker-0", "worker-1"}


def block(language):
    return re.search(rf"```{language}\n(.*?)```", TEXT, re.S)[1]


@pytest.fixture
def project(tmp_path):
    """The directory that the example is about, with its three programs, and a function that moves a configuration there."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "migrate.py").write_text("import time; time.sleep(0.5)\n")
    (tmp_path / "worker.py").write_text("import time; time.sleep(600)\n")
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = str(s.getsockname()[1])

    def put(name, text):
        text = text.replace("/workspaces/project", str(tmp_path)).replace("8000", port)
        text = text.replace("/tmp/supervisor.sock", str(tmp_path / "s"))
        (tmp_path / name).write_text(text)
        return tmp_path / name

    put.directory, put.url = tmp_path, f"http://127.0.0.1:{port}/"
    put.env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "USER": "coder", "TMPDIR": str(tmp_path)}
    return put


def eventually(check, within=20):
    deadline = time.monotonic() + within
    while not check():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)


def answers(url):
    try:
        return urllib.request.urlopen(url, timeout=2).status == 200
    except (urllib.error.URLError, OSError):
        return False


def test_every_key_of_supervisord_is_in_the_tables():
    sample = (resources.files("supervisor") / "skel/sample.conf").read_text()
    keys = set(re.findall(r"^;?([a-z_]+) ?=", sample, re.M))
    assert len(keys) > 40
    told = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\|.*?(?<!\\)\|", TEXT, re.M))))
    assert keys - told == set()


def test_every_command_of_supervisorctl_is_in_the_tables():
    from supervisor.supervisorctl import DefaultControllerPlugin

    verbs = {name.removeprefix("do_") for name in dir(DefaultControllerPlugin) if name.startswith("do_")}
    table = TEXT.split("\n## Commands\n")[1]
    told = {word for code in re.findall(r"`([^`]+)`", table) for word in code.split()}
    assert verbs - told == {"exit", "quit", "help"}


def test_what_the_tables_name_of_workspaced_exists():
    reference = (ROOT / "config/reference.toml").read_text()
    for code in re.findall(r"`((?:daemon|http|log|stop|backoff|limits)\.\w+)`", TEXT):
        table, key = code.split(".")
        assert re.search(rf"^\[(?:services\.web\.)?{table}\][^[]*?^(?:# )?{key} =", reference, re.M | re.S), code


def test_before_runs_under_supervisord(project):
    configuration = project("supervisord.conf", block("ini"))
    control = [BIN / "supervisorctl", "-c", configuration]

    def up():
        said = subprocess.run([*control, "status"], env=project.env, capture_output=True, text=True).stdout
        states = {line.split()[0].rpartition(":")[2]: line.split()[1] for line in said.splitlines() if len(line.split()) > 1}
        return states == dict.fromkeys(PROGRAMS, "RUNNING") | {"migrate": "EXITED"}

    daemon = subprocess.Popen(
        [BIN / "supervisord", "-c", configuration], env=project.env, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    try:
        eventually(up)
        eventually(lambda: answers(project.url))
    finally:
        daemon.terminate()
        daemon.wait(20)


def test_after_runs_under_workspaced(project):
    # Its control socket and page at a place of their own; that is the machine's doing, not the example's.
    text = block("toml").replace("[daemon]\n", '[daemon]\nstate_dir = "state"\n') + '\n[http]\nlisten = "127.0.0.1:0"\n'
    configuration = project("workspaced.toml", text)
    env = {**project.env, "WORKSPACED_SOCKET": str(project.directory / "w")}

    def ctl(*words):
        done = subprocess.run([ROOT / "build/release/workspacectl", *words], env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert set(tomllib.loads(block("toml"))["services"]) == PROGRAMS
    ctl("check", str(configuration))
    try:
        ctl("up", "--wait", "--timeout", "30s", "--config", str(configuration))
        assert answers(project.url)
        ctl("wait", "--for", "completed", "migrate")
        assert {line.split()[0] for line in ctl("status").splitlines()[1:5]} == PROGRAMS
    finally:
        ctl("down")
