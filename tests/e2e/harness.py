"""What the tests say things with: a workspace, the programs in it, HTTP, processes, deadlines."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / os.environ.get("WORKSPACED_TEST_PRESET", "release")
PROGRAMS = Path(__file__).parent / "programs"
PYTHON = str(ROOT / "build/venv/bin/python")
CLAUDE = str(ROOT / "build/npm/claude")
PROMTOOL = str(ROOT / "build/promtool/promtool")

# Exit codes of workspacectl, as README promises them.
DONE, FAILED, USAGE, CONFIGURATION, NO_DAEMON, TIMED_OUT, NOT_PERMITTED = range(7)


def eventually(check, within=10.0, what=None):
    """The first true value of `check()`; fails after `within` seconds with what it last said."""
    deadline = time.monotonic() + within
    while True:
        problem = None
        try:
            value = check()
            if value:
                return value
        except (AssertionError, OSError, http.client.HTTPException, KeyError) as e:
            problem, value = e, None
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what or 'the condition'}; last: {problem or value!r}")
        time.sleep(0.02)


def stays(check, during, what):
    """`check()` is true the whole time: for what must not happen."""
    deadline = time.monotonic() + during
    while time.monotonic() < deadline:
        assert check(), f"not all the time: {what}"
        time.sleep(0.02)


# ---------------------------------------------------------------- processes


def stat_of(pid):
    """(state, ppid) of a process; None when there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(")") + 2 :].split()
    return fields[0], int(fields[1])


def is_alive(pid):
    """Also while only its main thread is a zombie: until the last thread is gone, its files are open."""
    seen = stat_of(pid)
    if seen is None or seen[0] != "Z":
        return seen is not None
    try:
        return len(os.listdir(f"/proc/{pid}/task")) > 1
    except (FileNotFoundError, ProcessLookupError):
        return False


def all_pids():
    return [int(p) for p in os.listdir("/proc") if p.isdigit()]


def children_of(parent):
    """(pid, state) of each child."""
    seen = ((pid, stat_of(pid)) for pid in all_pids())
    return [(pid, s[0]) for pid, s in seen if s and s[1] == parent]


def zombies_of(parent):
    return [pid for pid, state in children_of(parent) if state == "Z"]


def processes_with(marker):
    """Processes whose environment has `marker`, with their command line."""
    found = {}
    for pid in all_pids():
        try:
            if marker.encode() in Path(f"/proc/{pid}/environ").read_bytes():
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
                found[pid] = command.decode(errors="replace")
        except OSError:
            pass
    return found


def memory_of(pid, key="VmRSS"):
    """Bytes; VmHWM is the highest ever."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"^{key}:\s+(\d+) kB", text, re.M)[1]) * 1024


def cgroup_mounts():
    return [line.split()[1] for line in open("/proc/mounts") if line.split()[2] == "cgroup2"]


def open_fds(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


# ---------------------------------------------------------------- HTTP


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def request(connection, method, path, body=None, headers=None):
    with contextlib.closing(connection):
        connection.request(method, path, body=body, headers=headers or {})
        reply = connection.getresponse()
        return Answer(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read())


# ---------------------------------------------------------------- workspace


@dataclass
class Result:
    code: int
    out: str
    err: str
    seconds: float

    @property
    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"exit code {self.code} after {self.seconds:.2f} s\n--- out\n{self.out}\n--- err\n{self.err}"


@dataclass
class Workspace:
    directory: Path
    http_port: int
    marker: str = field(default_factory=lambda: f"wsd-test-{uuid.uuid4().hex}")
    started: list = field(default_factory=list)

    def __post_init__(self):
        self.home = self.make("home")
        self.claude_dir = self.make("claude")
        self.runtime = self.make("run", 0o700)
        self.logs = self.directory / "logs"
        self.state = self.directory / "state"
        self.socket = self.runtime / "workspaced.sock"
        self.config_file = self.directory / "workspaced.toml"
        # Nothing of the caller's environment but where programs are.
        self.env = {
            "PATH": f"{BUILD}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": str(self.runtime),
            "CLAUDE_CONFIG_DIR": str(self.claude_dir),
            "WORKSPACED_CONFIG": str(self.config_file),
            "WORKSPACED_TEST_MARKER": self.marker,
            "DISABLE_TELEMETRY": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        }

    def make(self, name, mode=0o755):
        path = self.directory / name
        path.mkdir(mode=mode)
        return path

    # configuration

    def configure(self, services, http="", daemon=""):
        """Writes workspaced.toml: `services` after the tables every test needs."""
        self.config_file.write_text(
            f'[daemon]\nlog_dir = "{self.logs}"\nstate_dir = "{self.state}"\n{daemon}\n'
            f'[http]\nlisten = "127.0.0.1:{self.http_port}"\n{http}\n{services}\n'
        )

    # programs

    def run(self, *argv, timeout=30.0, **options):
        options.setdefault("env", self.env)
        begun = time.monotonic()
        done = subprocess.run(
            [str(a) for a in argv],
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            **options,
        )
        spent = time.monotonic() - begun
        return Result(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"), spent)

    def ctl(self, *args, code=DONE, timeout=30.0):
        """workspacectl; `code` is the exit code it must end with, None for any."""
        result = self.run(BUILD / "workspacectl", *args, timeout=timeout)
        assert code is None or result.code == code, f"workspacectl {' '.join(map(str, args))}: {result}"
        return result

    def start(self, *argv, **options):
        """A program that runs on; it is killed at the end of the test."""
        options.setdefault("env", self.env)
        options.setdefault("cwd", self.directory)
        options.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen([str(a) for a in argv], **options)
        self.started.append(process)
        return process

    def start_ctl(self, *args, **options):
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        return self.start(BUILD / "workspacectl", *args, **options)

    def start_daemon(self, *args, **options):
        """workspaced in the foreground, returned when it answers."""
        log = options.setdefault("stderr", open(self.directory / "daemon.err", "wb"))
        options.setdefault("stdout", log)
        process = self.start(BUILD / "workspaced", *args, **options)

        def answers():
            assert process.poll() is None, (self.directory / "daemon.err").read_text()
            return self.get("/livez").status == 200

        eventually(answers, what="the daemon answers")
        return process

    def up(self, *args, code=DONE, timeout=60.0):
        return self.ctl("up", "--wait", *args, code=code, timeout=timeout)

    # what the daemon says

    def get(self, path, headers=None, timeout=10.0):
        return self.request("GET", path, headers=headers, timeout=timeout)

    def request(self, method, path, body=None, headers=None, timeout=10.0):
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=timeout)
        return request(connection, method, path, body, headers)

    def request_unix(self, method, path, body=None, headers=None, timeout=10.0):
        return request(UnixConnection(self.socket, timeout), method, path, body, headers)

    def services(self):
        """The documents of all services by name."""
        document = self.request_unix("GET", "/v1/services").json
        return {s["name"]: s for s in document["services"]}

    def service(self, name):
        return self.services()[name]

    def state_of(self, name):
        return self.service(name)["state"]

    def daemon_pid(self):
        return self.request_unix("GET", "/v1/services").json["daemon"]["pid"]

    def kill_daemon(self):
        """As a crash; what it leaves behind wants somebody to reap it: the fixture `init`."""
        pid = self.daemon_pid()
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not is_alive(pid), what="the daemon is dead")

    def wait_state(self, name, *states, within=10.0):
        def reached():
            seen = self.service(name)
            assert seen["state"] in states, f"{name} is {seen['state']}: {seen['reason']}"
            return seen

        return eventually(reached, within, f"{name} is {' or '.join(states)}")

    def log_of(self, name):
        path = self.logs / name / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def metrics(self):
        """Samples by 'name{labels}' as written."""
        samples = {}
        for line in self.get("/metrics").text.splitlines():
            if line and not line.startswith("#"):
                key, value = line.rsplit(" ", 1)
                samples[key] = float(value)
        return samples

    # the end

    def finish(self, pids_before):
        """The daemon stops when told, and no process of the test is left, alive or zombie."""
        if self.socket.exists():
            down = self.ctl("down", "--timeout", "20s", code=None)
            assert down.code in (DONE, NO_DAEMON), f"down: {down}"
        for process in self.started:
            if process.poll() is None and "workspaced" not in os.path.basename(process.args[0]):
                process.kill()
            process.wait(timeout=20)
        eventually(lambda: not processes_with(self.marker), 5, "no process of the test is alive")
        self.reap(pids_before)

    def reap(self, pids_before):
        """Orphans that came to us: one daemon for each `up`, and nothing else."""
        strangers = []
        for pid, state in children_of(os.getpid()):
            if pid in pids_before or state != "Z":
                continue
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            os.waitpid(pid, 0)
            if name not in ("workspaced", "workspacectl"):
                strangers.append(f"{name} ({pid})")
        assert not strangers, f"processes that the daemon did not reap: {strangers}"

    def kill_all(self):
        for _ in range(3):
            for pid in processes_with(self.marker):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        for process in self.started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()
