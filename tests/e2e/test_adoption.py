"""A daemon that is killed leaves its services running and writing; the next one goes on with them."""

import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import time
import zlib
from collections import defaultdict
from pathlib import Path

import pytest

from harness import BUILD, DONE, FAILED, PROGRAMS, PYTHON, eventually, is_alive, processes_with

ROUNDS = int(os.environ.get("WORKSPACED_KILLS", "12"))
SERVICES = 20


def python(name, code, keys=""):
    return f'[services.{name}]\ncommand = ["{PYTHON}", "-c", """{code}"""]\n{keys}\n'


SLEEP = "import time; time.sleep(1000)"


def test_a_new_daemon_goes_on_with_what_runs(workspace, init):
    workspace.configure(python("a", SLEEP) + python("b", SLEEP, "autostart = false") + python("c", SLEEP))
    workspace.up()
    workspace.ctl("restart", "a")
    workspace.ctl("stop", "c")
    before = workspace.services()
    workspace.kill_daemon()
    assert is_alive(before["a"]["pid"])
    workspace.ctl("up")
    after = workspace.services()
    for name in ("a", "b", "c"):
        for key in ("state", "pid", "run", "restarts", "wanted", "reason"):
            assert after[name].get(key) == before[name].get(key), (name, key)
    assert after["a"]["up_seconds"] >= before["a"]["up_seconds"]


def test_it_can_be_stopped_and_its_end_is_known(workspace, init):
    flag = workspace.directory / "flag"
    code = f"import os,sys,time\\nwhile not os.path.exists('{flag}'): time.sleep(0.02)\\nsys.exit(7)"
    workspace.configure(python("a", SLEEP) + python("b", code, 'restart = "never"'))
    workspace.up()
    before = workspace.services()
    workspace.kill_daemon()
    workspace.up()
    workspace.ctl("stop", "a")
    eventually(lambda: not is_alive(before["a"]["pid"]))
    assert workspace.service("a")["state"] == "stopped"
    flag.write_text("")
    workspace.wait_state("b", "failed")
    # How it ended: where neither the parent's zombie nor the kernel tells, it was unseen.
    assert workspace.service("b")["reason"] in ("exit code 7", "ended unseen")


def test_what_ended_meanwhile_is_noticed(workspace, init):
    workspace.configure(python("a", SLEEP, 'restart = "never"') + python("b", SLEEP, 'backoff = { initial = "0ms" }'))
    workspace.up()
    before = workspace.services()
    workspace.kill_daemon()
    for name in ("a", "b"):
        os.kill(before[name]["pid"], signal.SIGKILL)
        eventually(lambda: not is_alive(before[name]["pid"]))
    workspace.ctl("up")
    workspace.wait_state("a", "failed")
    after = workspace.wait_state("b", "ready")
    assert after["pid"] != before["b"]["pid"] and after["run"] == before["b"]["run"] + 1


def test_lines_written_while_no_daemon_runs_are_in_the_log_though_their_writer_is_gone(workspace, init):
    flag = workspace.directory / "flag"
    code = f"import os,time\\nprint('first', flush=True)\\nwhile not os.path.exists('{flag}'): time.sleep(0.01)\\nprint('last', flush=True)"
    workspace.configure(python("a", code, 'restart = "never"'))
    workspace.ctl("up")
    eventually(lambda: workspace.log_of("a") == "first\n")
    pid = workspace.service("a")["pid"]
    workspace.kill_daemon()
    flag.write_text("")
    eventually(lambda: not is_alive(pid))
    assert workspace.log_of("a") == "first\n"
    workspace.ctl("up")
    eventually(lambda: workspace.log_of("a") == "first\nlast\n")


def test_a_changed_service_is_restarted_an_unchanged_one_is_not(workspace, init):
    workspace.configure(python("a", SLEEP) + python("b", SLEEP) + python("c", SLEEP))
    workspace.up()
    before = workspace.services()
    workspace.kill_daemon()
    workspace.configure(python("a", SLEEP) + python("b", SLEEP, 'environment = { NEW = "1" }'))
    workspace.up("--timeout", "10s")
    eventually(lambda: workspace.service("b")["pid"] not in (None, before["b"]["pid"]))
    workspace.wait_state("b", "ready")
    assert workspace.service("a")["pid"] == before["a"]["pid"]
    eventually(lambda: not is_alive(before["c"]["pid"]), what="what the configuration does not know any more is stopped")
    assert "c" not in workspace.services()


def damage(workspace, how):
    file = workspace.state / "services"
    content = file.read_bytes()
    if how == "deleted":
        file.unlink()
    elif how == "emptied":
        file.write_bytes(b"")
    elif how == "overwritten":
        file.write_bytes(b"\xff" * len(content))
    elif how == "torn":
        file.write_bytes(content[: len(content) // 2])
    elif how == "flipped":
        middle = len(content) // 2
        file.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])


@pytest.mark.parametrize("how", ["deleted", "emptied", "overwritten", "torn", "flipped"])
def test_nothing_is_started_twice_when_what_was_written_down_cannot_be_read(workspace, init, how):
    workspace.configure("".join(python(name, SLEEP) for name in "abc"))
    workspace.up()
    before = workspace.services()
    workspace.kill_daemon()
    damage(workspace, how)
    workspace.up()
    after = workspace.services()
    for name in "abc":
        assert (after[name]["pid"], after[name]["run"]) == (before[name]["pid"], before[name]["run"])
    if how in ("overwritten", "flipped"):
        assert (workspace.state / "services.unreadable").exists()


def test_a_record_of_another_boot_is_worth_nothing(workspace, init):
    workspace.configure(python("a", SLEEP, "autostart = false") + python("b", SLEEP))
    workspace.up()
    workspace.ctl("start", "a")
    workspace.ctl("stop", "b")
    pid = workspace.service("a")["pid"]
    workspace.kill_daemon()
    os.kill(pid, signal.SIGKILL)
    file = workspace.state / "services"
    lines = file.read_bytes().splitlines(keepends=True)
    text = re.sub(rb'"epoch":"[^"]*"', b'"epoch":"another boot"', lines[0][9:-1])
    file.write_bytes(b"%08x " % zlib.crc32(text) + text + b"\n" + b"".join(lines[1:]))
    workspace.up()
    assert workspace.state_of("a") == "stopped" and workspace.service("a")["run"] == 0
    assert workspace.state_of("b") == "ready"


def test_a_number_that_another_process_has_now_is_not_taken_for_the_service(workspace, init):
    """The process that was written down is gone, and a stranger has its number: nobody signals him."""
    workspace.configure(python("a", SLEEP, 'restart = "never"'))
    workspace.up()
    workspace.kill_daemon()
    pid = int(re.findall(rb'"pid":(\d+)', (workspace.state / "services").read_bytes())[-1])
    stranger = workspace.start(PYTHON, "-c", SLEEP, start_new_session=True, env={})
    os.kill(pid, signal.SIGKILL)
    file = workspace.state / "services"
    changed = b""
    for line in file.read_bytes().splitlines():
        text = line[9:].replace(b'"pid":%d' % pid, b'"pid":%d' % stranger.pid)
        changed += b"%08x " % zlib.crc32(text) + text + b"\n"
    file.write_bytes(changed)
    workspace.ctl("up")
    workspace.wait_state("a", "failed")
    workspace.ctl("down")
    assert stranger.poll() is None


# ---------------------------------------------------------------- many rounds


def numbered_services(workspace):
    (workspace.directory / "counts").mkdir()
    services = ""
    for i in range(SERVICES):
        life = random.choice(["stay", "0.3", "1", "3"])
        services += (
            f'[services.n{i}]\ncommand = ["{PYTHON}", "-I", "-S", "{PROGRAMS / "numbered_lines.py"}", "{workspace.directory}", "n{i}", "{life}"]\n'
            f'backoff = {{ initial = "{random.choice([0, 50])}ms", max = "100ms", attempts = 0 }}\n'
            'log = { max_size = "20KB", keep = 1000 }\n'
        )
    return services


def annoy(workspace, until):
    """Requests as somebody at a terminal makes them, while the daemon may die in the middle of one."""
    while time.monotonic() < until:
        verb = random.choice(["start", "stop", "restart"])
        name = f"n{random.randrange(SERVICES)}"
        with contextlib.suppress(OSError, Exception):
            workspace.request_unix("POST", f"/v1/services/{name}/{verb}", timeout=2)


def whole_log(workspace, name):
    directory = workspace.logs / name
    parts = sorted(directory.glob(f"{name}.log.*"), key=lambda p: -int(p.suffix[1:]))
    return "".join(p.read_text() for p in [*parts, directory / f"{name}.log"])


def check_lines(workspace):
    """Each line that a run wrote is in the log, once and in order."""
    counts = {p.name: int(p.read_text() or 0) for p in (workspace.directory / "counts").iterdir()}
    total = 0
    for i in range(SERVICES):
        seen = defaultdict(list)
        for line in whole_log(workspace, f"n{i}").splitlines():
            run, stream, number = line.split(" ")
            seen[run, stream].append(int(number))
        for file, count in counts.items():
            name, run = file.split(".")
            if name != f"n{i}":
                continue
            for stream in ("out", "err"):
                lines = seen.pop((run, stream), [])
                total += len(lines)
                assert lines == list(range(1, len(lines) + 1)), (name, run, stream, lines)
                assert count <= len(lines) <= count + 1, (name, run, stream, count, len(lines))
        assert not seen, f"lines of nobody in the log of n{i}: {seen}"
    return total


def check_nobody_is_forgotten(workspace):
    def all_are_where_they_should_be():
        services = workspace.services()
        for s in services.values():
            assert s["state"] in (("ready", "starting", "backoff") if s["wanted"] else ("stopped",)), s
        known = {s["pid"] for s in services.values() if s.get("pid")}
        running = {pid for pid, command in processes_with(workspace.marker).items() if "numbered_lines.py" in command}
        assert running == known
        return True

    eventually(all_are_where_they_should_be, 10)
    assert not (workspace.directory / "twice").exists()


def rounds(workspace, end_of_a_round):
    seed = int(os.environ.get("WORKSPACED_SEED", time.time_ns() % 1_000_000))
    print(f"WORKSPACED_SEED={seed}")
    random.seed(seed)
    workspace.configure(numbered_services(workspace))
    workspace.ctl("up")
    for _ in range(ROUNDS):
        annoy(workspace, time.monotonic() + random.uniform(0, 0.5))
        end_of_a_round()
    check_nobody_is_forgotten(workspace)
    workspace.ctl("down")
    assert check_lines(workspace) > 100


@pytest.mark.timeout(60 + 4 * ROUNDS)
def test_killed_again_and_again_no_line_is_lost_and_nothing_started_twice_or_forgotten(workspace, init):
    def kill_and_start():
        workspace.kill_daemon()
        time.sleep(random.uniform(0, 0.2))
        workspace.ctl("up")

    rounds(workspace, kill_and_start)


# ---------------------------------------------------------------- another program in the daemon's place


@pytest.fixture
def installed(workspace):
    """The programs in a directory of their own, where a new version may be put in their place."""
    directory = workspace.make("bin")
    shutil.copy(BUILD / "workspaced", directory / "workspaced")
    (directory / "workspacectl").symlink_to("workspaced")
    ctl = directory / "workspacectl"
    workspace.ctl = lambda *args, code=DONE, timeout=30.0: checked(workspace.run(ctl, *args, timeout=timeout), code)
    return directory


def checked(result, code):
    assert code is None or result.code == code, result
    return result


def install(directory, content=None):
    """Over the old file by renaming, as packages do it."""
    new = directory / "new"
    new.write_bytes(content or (BUILD / "workspaced").read_bytes())
    new.chmod(0o755)
    new.rename(directory / "workspaced")


def test_an_upgrade_leaves_the_services_alone(workspace, init, installed):
    workspace.configure(python("a", SLEEP) + python("b", SLEEP))
    workspace.up()
    workspace.ctl("restart", "b")
    before, pid = workspace.services(), workspace.daemon_pid()
    assert os.stat(f"/proc/{pid}/exe").st_ino == (installed / "workspaced").stat().st_ino
    install(installed)
    assert os.stat(f"/proc/{pid}/exe").st_ino != (installed / "workspaced").stat().st_ino
    assert "upgraded" in workspace.ctl("upgrade").out
    assert workspace.daemon_pid() == pid
    assert os.stat(f"/proc/{pid}/exe").st_ino == (installed / "workspaced").stat().st_ino
    after = workspace.services()
    for name in "ab":
        for key in ("state", "pid", "run", "restarts"):
            assert after[name][key] == before[name][key], (name, key)
    os.kill(after["a"]["pid"], signal.SIGKILL)
    eventually(lambda: workspace.service("a")["reason"] != before["a"]["reason"])
    # They are still our children: how one ends is known.
    eventually(lambda: workspace.service("a")["last_run"]["signal"] == "KILL")


def test_a_file_that_is_no_successor_is_refused(workspace, init, installed):
    workspace.configure(python("a", SLEEP))
    workspace.up()
    before = workspace.services()
    install(installed, b"#!/bin/sh\necho something else\n")
    refused = workspace.run(BUILD / "workspacectl", "upgrade")
    assert refused.code == FAILED and "is not a workspaced" in refused.err, refused
    install(installed)
    workspace.config_file.write_text("nonsense")
    refused = workspace.ctl("upgrade", code=FAILED)
    assert "does not take" in refused.err and "workspaced.toml:1" in refused.err, refused
    assert workspace.services().keys() == before.keys() and workspace.service("a")["pid"] == before["a"]["pid"]


def test_what_only_the_old_daemon_knew_is_ended_and_begun_again(workspace, init, installed):
    """A probe, and a hook before the start, are under way."""
    flag = workspace.directory / "flag"
    hook = f"while not os.path.exists('{flag}'): time.sleep(0.01)"
    workspace.configure(
        f'[services.a]\ncommand = "sleep 1000"\nready = {{ exec = ["sleep", "999"], timeout = "1000s" }}\n'
        f'[services.b]\ncommand = "sleep 1000"\nhooks = {{ before_start = ["{PYTHON}", "-c", "import os,time\\n{hook}"] }}\n'
    )
    workspace.ctl("up")
    eventually(lambda: any("sleep 999" in c for c in processes_with(workspace.marker).values()))
    old = set(processes_with(workspace.marker)) - {workspace.daemon_pid(), workspace.service("a")["pid"]}
    install(installed)
    workspace.ctl("upgrade")
    eventually(lambda: not any(is_alive(pid) for pid in old), what="probe and hook of the old daemon are gone")
    flag.write_text("")
    workspace.wait_state("b", "ready")
    assert workspace.service("b")["run"] == 1


def test_a_stop_during_an_upgrade_is_not_lost(workspace, init, installed):
    workspace.configure(python("a", SLEEP))
    workspace.up()
    pid = workspace.daemon_pid()
    for wait in (0, 0.005, 0.02):
        upgrade = workspace.start(installed / "workspacectl", "upgrade", "--timeout", "2s", stderr=subprocess.DEVNULL)
        time.sleep(wait)
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: not is_alive(pid), what=f"TERM {wait} s after the request ends the daemon")
        upgrade.kill()
        workspace.up()
        pid = workspace.daemon_pid()


@pytest.mark.timeout(60 + 4 * ROUNDS)
def test_upgraded_again_and_again_no_line_is_lost_and_nothing_started_twice_or_forgotten(workspace, init, installed):
    def upgrade():
        install(installed)
        workspace.ctl("upgrade")

    rounds(workspace, upgrade)
