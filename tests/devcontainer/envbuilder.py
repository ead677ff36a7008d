"""The real envbuilder, in an empty root of its own as in its scratch image: clones, builds by kaniko, runs an init script as
the image's user. Around it, for real too: a git server, and a registry that Debian's image comes from."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
from root import PATH, entering

BUILD_SECONDS = 1800  # of a machine that has compiled nothing yet


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def eventually(check, within, running):
    """Until `check()` is true; not longer than `within` seconds, nor than the process `running` lives."""
    deadline = time.monotonic() + within
    while not check():
        assert running.poll() is None, f"{running.args[0]} has ended with {running.returncode}"
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(0.1)


@contextmanager
def running(command, log, **more):
    """`command` in the background. At the end it is killed with all that it started: it has nothing to save."""
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, **more
        )
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def answers(url):
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def registry_with_debian(directory):
    """A registry with the root that debootstrap left as image; gives its name. A ccache in it reads this machine's."""
    address = f"127.0.0.1:{free_port()}"
    directory.mkdir()
    (directory / "config.yml").write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {directory}/blobs}}}}\nhttp: {{addr: '{address}'}}\n"
    )
    ccache = directory / "ccache.conf"
    ccache.write_text("cache_dir = /ccache\nread_only = true\ntemporary_dir = /tmp/ccache\n")
    with running([os.environ["WORKSPACED_REGISTRY_DEBIAN"], "serve", directory / "config.yml"], directory / "log") as process:
        eventually(lambda: answers(f"http://{address}/v2/"), 20, process)
        store = directory / "store"
        buildah = ["buildah", "--root", store, "--runroot", directory / "run", "--storage-driver", "vfs"]
        container = subprocess.check_output([*buildah, "from", "scratch"], text=True).strip()
        for source, target in ((os.environ["WORKSPACED_DEBIAN_ROOT"], "/"), (ccache, "/etc/ccache.conf")):
            subprocess.check_call([*buildah, "add", "--quiet", container, source, target])
        variables = ["--env", f"PATH={PATH}"]
        if "LANG" in os.environ:  # by which ccache tells results apart
            variables += ["--env", f"LANG={os.environ['LANG']}"]
        subprocess.check_call([*buildah, "config", *variables, container])
        image = f"{address}/library/debian:12"
        subprocess.check_call([*buildah, "commit", "--quiet", "--tls-verify=false", "--rm", container, f"docker://{image}"])
        shutil.rmtree(store)
        yield image


@contextmanager
def git_server(repository, log):
    """Serves the directory `repository`, as it stands, as one commit on main; gives the URL."""
    author = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*author, "commit", "-q", "-m", "as it stands"]):
        subprocess.check_call(["git", *words], cwd=repository)
    port = free_port()
    url = f"git://127.0.0.1:{port}/{repository.name}"
    base = f"--base-path={repository.parent}"
    serve = ["git", "daemon", "--export-all", "--reuseaddr", base, "--listen=127.0.0.1", f"--port={port}"]
    with running(serve, log) as process:
        ask = ["git", "ls-remote", "-q", url]
        eventually(lambda: subprocess.run(ask, capture_output=True).returncode == 0, 20, process)
        yield url


class Container:
    """A workspace that envbuilder has brought up. Its PID 1 is the init script, as the Coder agent would be."""

    def __init__(self, pid):
        self.pid = pid
        environment = Path(f"/proc/{pid}/environ").read_bytes().decode()
        self.environment = dict(line.split("=", 1) for line in environment.split("\0") if line)

    def run(self, *command, timeout=60, **variables):
        """Runs `command` with the user, environment and directory of PID 1."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        user, group = (status.split(f"{key}:")[1].split()[0] for key in ("Uid", "Gid"))
        into = ["nsenter", "-t", str(self.pid), "-m", "-p", "-r", "-w", "-S", user, "-G", group]
        environment = [f"{name}={value}" for name, value in (self.environment | variables).items()]
        return subprocess.run(
            [*into, "env", "-i", *environment, *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def says(self, *command, **more):
        done = self.run(*command, **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()


@contextmanager
def brought_up(directory, repository):
    """A container of the devcontainer of `repository`, once its init script runs. It works in `directory`."""
    root, volume, log = directory / "root", directory / "workspaces", directory / "envbuilder.log"
    (root / ".envbuilder/bin").mkdir(parents=True)
    shutil.copy(os.environ["WORKSPACED_ENVBUILDER"], root / ".envbuilder/bin/envbuilder")
    volume.mkdir()
    with git_server(repository, directory / "git.log") as url:
        environment = {
            "PATH": PATH,
            "KANIKO_DIR": "/.envbuilder",
            "ENVBUILDER_GIT_URL": f"{url}#refs/heads/main",
            "ENVBUILDER_INIT_SCRIPT": "touch /workspaces/up; exec sleep infinity",
            "ENVBUILDER_IGNORE_PATHS": "/var/run,/ccache",
            "ENVBUILDER_FORCE_SAFE": "true",
            "ENVBUILDER_EXIT_ON_BUILD_FAILURE": "true",
        }
        see = [(name, name) for name in ("/etc/resolv.conf", "/etc/hosts")] + [(os.environ["WORKSPACED_CCACHE"], "/ccache")]
        command = entering(root, ["/.envbuilder/bin/envbuilder"], see=see, share=[(volume, "/workspaces")])
        with running(command, log, env=environment) as process:
            try:
                eventually((volume / "up").exists, BUILD_SECONDS, process)
            except AssertionError as e:
                said = log.read_text(errors="replace").splitlines()
                raise AssertionError(f"{e}; envbuilder said:\n" + "\n".join(said[-40:])) from None
            (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            yield Container(int(child))
