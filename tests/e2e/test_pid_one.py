"""As the first process of a container, with and without a configuration; and as an ordinary one, who costs nothing at rest.

A PID namespace makes the first process, and nsenter(1) the strangers in it, as `kubectl exec` does.
"""

import os
import shutil
import signal
import subprocess
import time
from functools import cached_property
from pathlib import Path

import pytest

from harness import BUILD, children_of, eventually, is_alive, memory_of, stat_of, stays

WORKSPACED = BUILD / "workspaced"
CONTAINER = ["unshare", "--fork", "--kill-child", "--pid", "--mount-proc"]


def can_unshare():
    return subprocess.run([*CONTAINER, "true"], capture_output=True).returncode == 0


namespaces = pytest.mark.skipif(not can_unshare(), reason="needs the right to make a PID namespace")


class Container:
    """A daemon that is PID 1 of a namespace of its own."""

    def __init__(self, workspace, *arguments):
        self.workspace = workspace
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.shell = workspace.start(*CONTAINER, WORKSPACED, *arguments, **quiet)

    @cached_property
    def init(self):
        """The daemon's number outside."""
        return eventually(self.first_process, what="the container has its first process")

    def first_process(self):
        children = Path(f"/proc/{self.shell.pid}/task/{self.shell.pid}/children").read_text().split()
        return int(children[0]) if children and os.readlink(f"/proc/{children[0]}/exe") == str(WORKSPACED) else None

    def enter(self, script):
        """Runs a shell in it whose parent is outside."""
        argv = ["nsenter", "--target", str(self.init), "--pid", "--", "sh", "-c", script]
        return self.workspace.run(*argv)

    def ends(self):
        return self.shell.wait(timeout=20)

    def stop(self):
        os.kill(self.init, signal.SIGTERM)
        return self.ends()


def container(workspace):
    """With the services of workspace's configuration, all of them ready."""
    made = Container(workspace, "run")
    eventually(lambda: workspace.get("/health").status == 200, what="it is ready")
    assert workspace.daemon_pid() == 1
    return made


def orphans(parent, marker):
    """Children of a process that have `marker` on their command line."""
    commands = {pid: Path(f"/proc/{pid}/cmdline") for pid, state in children_of(parent) if state != "Z"}
    return [pid for pid, command in commands.items() if marker in command.read_text()]


SLEEP = '[services.web]\ncommand = ["sleep", "1000"]\n'


@namespaces
def test_zombies_of_strangers_are_reaped(workspace):
    workspace.configure(SLEEP)
    first = container(workspace)
    flag = workspace.directory / "flag"
    first.enter(f"for i in 1 2 3; do (while ! test -e {flag}; do sleep 0.02; done; exit 4) >/dev/null 2>&1 & done")
    lost = eventually(lambda: orphans(first.init, str(flag)), what="their shell is gone, and they are ours")
    assert len(lost) == 3
    flag.touch()
    eventually(lambda: [stat_of(pid) for pid in lost] == [None] * 3, what="they have ended and are reaped")
    assert first.stop() == 0


@namespaces
def test_a_stop_does_not_hit_strangers(workspace):
    workspace.configure(SLEEP)
    first = container(workspace)
    first.enter("sleep 4321 >/dev/null 2>&1 & setsid sleep 4321 >/dev/null 2>&1 &")
    strangers = eventually(lambda: orphans(first.init, "4321"), what="strangers live below PID 1")
    assert len(strangers) == 2
    workspace.ctl("stop", "web")
    workspace.ctl("start", "web")
    stays(lambda: all(is_alive(pid) for pid in strangers), 0.3, "strangers live on")
    assert first.stop() == 0
    assert not any(is_alive(pid) for pid in strangers), "they end with the container"


@namespaces
def test_term_stops_its_services_in_order(workspace):
    path = workspace.directory / "events"

    def service(name, needs=""):
        script = f"trap 'echo -{name} >>{path}; exit 0' TERM; echo +{name} >>{path}; while :; do sleep 0.02; done"
        depends = f'depends_on = {{ {needs} = "ready" }}' if needs else ""
        ready = f'ready = {{ exec = ["grep", "-q", "+{name}", "{path}"] }}'
        return f'[services.{name}]\ncommand = ["sh", "-c", "{script}"]\n{ready}\n{depends}\n'

    workspace.configure(service("a") + service("b", "a") + service("c", "b"))
    first = container(workspace)
    assert first.stop() == 0
    assert path.read_text().split() == ["+a", "+b", "+c", "-c", "-b", "-a"]


@namespaces
def test_the_container_ends_with_the_code_of_the_service_that_it_is_for(workspace):
    workspace.configure(SLEEP + '[services.main]\ncommand = ["sh", "-c", "exit 42"]\nrestart = "never"\non_failure = "exit"\n')
    assert Container(workspace, "run").ends() == 42


@namespaces
def test_who_escapes_from_a_service_is_stopped_with_it(workspace):
    """Below PID 1 strangers come to the daemon as well: the environment tells them apart."""
    workspace.configure('[services.web]\ncommand = ["sh", "-c", "setsid sh -c \'sleep 4323 & sleep 0.1\' & exec sleep 1000"]\n')
    first = container(workspace)
    escaped, = eventually(lambda: orphans(first.init, "sleep\x004323"), what="it has escaped")
    workspace.ctl("stop", "web")
    assert not is_alive(escaped)
    assert first.stop() == 0


@namespaces
@pytest.mark.parametrize("end, code", [("exit 11", 11), ("kill -KILL $$", 137)])
def test_a_single_command_needs_no_configuration_and_gives_the_container_its_code(workspace, end, code):
    del workspace.env["WORKSPACED_CONFIG"]
    assert Container(workspace, "--", "sh", "-c", f"sleep 0.2; {end}").ends() == code


@namespaces
def test_a_single_command_hears_term_and_strangers_around_it_are_reaped(workspace):
    ready, flag = workspace.directory / "ready", workspace.directory / "flag"
    first = Container(workspace, "--", "sh", "-c", f"trap 'exit 5' TERM; touch {ready}; while :; do sleep 0.02; done")
    eventually(ready.exists, what="the trap is set")
    first.enter(f"(while ! test -e {flag}; do sleep 0.02; done) >/dev/null 2>&1 &")
    orphan, = eventually(lambda: orphans(first.init, str(flag)), what="a stranger lives below PID 1")
    flag.touch()
    eventually(lambda: stat_of(orphan) is None, what="it has ended and is reaped")
    assert first.stop() == 5


# ---------------------------------------------------------------- as an ordinary process


def test_orphans_of_a_service_come_to_the_daemon_and_not_to_pid_1(workspace):
    workspace.configure('[services.web]\ncommand = ["sh", "-c", "setsid sh -c \'sleep 4325 & sleep 0.1\' & exec sleep 1000"]\n')
    workspace.up()
    daemon = workspace.daemon_pid()
    orphan, = eventually(lambda: orphans(daemon, "sleep\x004325"), what="the daemon is the parent of the orphan")
    os.kill(orphan, signal.SIGKILL)
    eventually(lambda: stat_of(orphan) is None, what="and reaps it")
    assert workspace.state_of("web") == "ready"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a file system read-only and become somebody else")
def test_an_ordinary_user_on_a_read_only_root_is_enough(workspace):
    """As in a pod with readOnlyRootFilesystem, runAsNonRoot, no capability, and one volume that can be written."""
    workspace.configure('[services.web]\ncommand = ["sh", "-c", "echo hello; touch /etc/x; exec sleep 1000"]\n')
    shutil.copy(WORKSPACED, workspace.directory / "workspaced")
    subprocess.run(["chown", "-R", "nobody", workspace.directory], check=True)
    closed = f"mount --make-rprivate / && mount --bind {workspace.directory} {workspace.directory} && mount -o remount,bind,ro /"
    nobody = "exec setpriv --reuid nobody --regid nogroup --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs"
    workspace.start(
        "unshare", "--mount", "sh", "-c", f'{closed} && {nobody} "$@"', "sh", workspace.directory / "workspaced", "run",
        stdout=subprocess.DEVNULL, stderr=open(workspace.directory / "daemon.err", "wb"),
    )
    eventually(lambda: workspace.get("/health").status == 200, what="it is ready")
    log = eventually(lambda: "touch" in workspace.log_of("web") and workspace.log_of("web"), what="the service has written")
    assert log.startswith("hello\n") and "Read-only file system" in log, log
    daemon = workspace.daemon_pid()
    assert os.stat(f"/proc/{daemon}").st_uid != 0
    workspace.ctl("restart", "web")
    workspace.ctl("down")
    assert not is_alive(daemon)


def wakes_of(pid):
    """How often it has gone to sleep: each time it was woken for something."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("voluntary_ctxt_switches")).split()[1])


def test_at_rest_it_sleeps_until_something_happens(workspace):
    """A loop that looks once a second wakes six times in these seconds."""
    workspace.configure("".join(f'[services.s{i}]\ncommand = ["sleep", "1000"]\n' for i in range(20)))
    workspace.up()
    daemon = workspace.daemon_pid()

    def settled():
        before = wakes_of(daemon)
        time.sleep(1)
        return wakes_of(daemon) == before

    eventually(settled, 30, "what the start has left to do is done")
    before = wakes_of(daemon)
    time.sleep(6)
    assert wakes_of(daemon) - before <= 2


def test_a_hundred_services_are_watched_in_little_memory(workspace):
    workspace.configure("".join(f'[services.s{i}]\ncommand = ["sleep", "1000"]\n' for i in range(100)))
    workspace.up()
    used = memory_of(workspace.daemon_pid())
    print(f"{used / 1e6:.1f} MB")
    assert used < 12e6
