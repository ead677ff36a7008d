"""Nothing that a service starts is left when it is stopped, however it tried to get away."""

import itertools
import os
import shutil
import signal
import subprocess

import pytest

from harness import BUILD, PROGRAMS, PYTHON, cgroup_mounts, eventually, is_alive

MEANS = ["twice-fork", "setsid", "close", "ignore", "clear"]
ALL = [c for n in range(len(MEANS) + 1) for c in itertools.combinations(MEANS, n)]

# Without a parent, with a session of its own, and with nothing in its environment that names its run: only a cgroup can
# tell it from a stranger. Where there is none it is ended with the daemon, not with its service. One that still has its
# parent when its service is asked to stop is known by that; when the main process ends by itself, it is too late.
NAMELESS = {"twice-fork", "setsid", "clear"}
NAMELESS_AFTER_AN_END = {"setsid", "clear"}


def start(workspace, *means, keys="", up=None, program=(PYTHON, PROGRAMS / "escape.py")):
    file = workspace.directory / "escaped"
    file.write_text("")
    words = ", ".join(f'"{w}"' for w in (*program, file, *means))
    workspace.configure(f'''
[services.web]
command = [{words}]
restart = "never"
stop = {{ timeout = "500ms" }}
{keys}
''')
    (up or workspace.ctl)("up")
    return eventually(lambda: [int(line) for line in file.read_text().split()], what="it has got away")[0]


def has_cgroup(pid):
    return "/workspaced-" in open(f"/proc/{pid}/cgroup").read()


def must_have_cgroup():
    """Our own group is the top of a hierarchy that we see and may divide: then each run has one of its own."""
    if "0::/\n" not in open("/proc/self/cgroup").readlines():
        return False
    for mount in cgroup_mounts():
        try:
            os.mkdir(f"{mount}/wsd-test-{os.getpid()}")
            os.rmdir(f"{mount}/wsd-test-{os.getpid()}")
            return True
        except OSError:
            pass
    return False


@pytest.mark.parametrize("means", ALL, ids="+".join)
def test_after_a_stop_nobody_is_left(workspace, means):
    escaped = start(workspace, "stay", *means)
    held = has_cgroup(escaped)
    assert held or not must_have_cgroup()
    workspace.ctl("stop", "web")
    if NAMELESS <= set(means) and not held:
        workspace.ctl("down")
    assert not is_alive(escaped)


@pytest.mark.parametrize("means", ALL, ids="+".join)
def test_after_the_end_of_its_main_process_nobody_is_left(workspace, means):
    escaped = start(workspace, *means)
    held = is_alive(escaped) and has_cgroup(escaped)
    workspace.wait_state("web", "stopped", "failed")
    if NAMELESS_AFTER_AN_END <= set(means) and not held:
        workspace.ctl("down")
    assert not is_alive(escaped)


def test_a_stop_of_one_service_leaves_the_escaped_of_another_alone(workspace):
    files = [workspace.directory / name for name in ("a", "b")]
    workspace.configure("\n".join(
        f'[services.{f.name}]\ncommand = ["{PYTHON}", "{PROGRAMS / "escape.py"}", "{f}", "stay", "setsid", "twice-fork"]'
        for f in files
    ))
    workspace.ctl("up")
    a, b = (eventually(lambda: f.exists() and f.read_text().split(), what="it has got away")[0] for f in files)
    workspace.ctl("stop", "a")
    assert not is_alive(int(a)) and is_alive(int(b))


def test_a_new_run_starts_only_when_nobody_of_the_last_one_is_left(workspace):
    escaped = start(workspace, "stay", "setsid", "twice-fork", "ignore")
    workspace.ctl("restart", "web")
    assert not is_alive(escaped)
    assert workspace.service("web")["run"] == 2


def test_a_crash_is_no_way_out(workspace):
    escaped = start(workspace, "stay", "setsid", "twice-fork")
    os.kill(workspace.service("web")["pid"], signal.SIGKILL)
    eventually(lambda: not is_alive(escaped), what="it is gone")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a mount read-only")
@pytest.mark.parametrize("means", ALL, ids="+".join)
def test_without_a_cgroup_nobody_is_left_either(workspace, means):
    """As in a pod, where the hierarchy is read-only. The nameless end with the daemon, all others with their service."""
    closed = " && ".join(f"mount -o remount,bind,ro {mount}" for mount in cgroup_mounts()) or "true"

    def up(verb):
        workspace.run("unshare", "--mount", "sh", "-c", f'{closed} && exec "$@"', "sh", BUILD / "workspacectl", verb)

    escaped = start(workspace, "stay", *means, up=up)
    assert not has_cgroup(escaped)
    workspace.ctl("stop", "web")
    if NAMELESS <= set(means):
        assert is_alive(escaped), "he can be told from a stranger: say so in docs/peers.md"
        workspace.ctl("down")
    assert not is_alive(escaped)


@pytest.mark.skipif(os.geteuid() != 0, reason="is an ordinary user already: the tests above are his")
@pytest.mark.parametrize("means", [m for m in ALL if {"twice-fork", "setsid"} <= set(m)], ids="+".join)
def test_an_ordinary_user_has_nobody_left_either(workspace, means):
    """With programs that he can reach, wherever this checkout is."""
    daemon, script = workspace.directory / "workspaced", workspace.directory / "escape.py"
    shutil.copy(BUILD / "workspaced", daemon)
    shutil.copy(PROGRAMS / "escape.py", script)

    def up(_):
        subprocess.run(["chown", "-R", "nobody", workspace.directory], check=True)
        workspace.start_daemon(user="nobody", group="nogroup", extra_groups=[], executable=daemon)

    escaped = start(workspace, "stay", *means, up=up, program=("/usr/bin/python3", script))
    assert os.stat(f"/proc/{escaped}").st_uid != 0
    workspace.ctl("stop", "web")
    if NAMELESS <= set(means):
        workspace.ctl("down")
    assert not is_alive(escaped)


def test_no_group_is_left_in_the_hierarchy(workspace):
    start(workspace, "stay", "setsid", "twice-fork", "clear")
    pid = workspace.service("web")["pid"]
    own = next(line for line in open(f"/proc/{pid}/cgroup") if line.startswith("0::"))[3:].strip()
    if "/workspaced-" not in own:
        pytest.skip("this machine lets us make no cgroup")
    groups = [mount + os.path.dirname(own) for mount in cgroup_mounts()]
    assert any(map(os.path.exists, groups))
    workspace.ctl("down")
    assert not any(map(os.path.exists, groups))
