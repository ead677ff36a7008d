"""The pod of deploy/flux/base/registry without a container engine.

Runs the very commands of deployment.yaml with the very config.yml and prune.sh; adapted are only the directories, which
lie in a temporary one, and the ports, which the kernel chooses. The shell and its tools are busybox, as in the image,
but for flock, which Debian's busybox lacks. Variables keep their defaults, or are set in the environment, where Flux
would substitute them: the shell reads ${name:=default} as Flux does.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import yaml

MANIFESTS = Path(__file__).parents[2] / "deploy/flux/base/registry"
DAY = 86400


def busybox(directory):
    """A directory for PATH with the tools of the image."""
    directory.mkdir()
    shutil.copy(os.environ["WORKSPACED_BUSYBOX"], directory / "busybox")
    subprocess.run([directory / "busybox", "--install", "-s", directory], check=True)
    (directory / "flock").symlink_to(shutil.which("flock"))
    return directory


class Pod:
    def __init__(self, directory, program, tools):
        self.data, self.etc, programs = directory / "data", directory / "etc", directory / "bin"
        for path in (self.data, self.etc, programs):
            path.mkdir(exist_ok=True)
        programs.joinpath("registry").symlink_to(program)
        self.environment = {"PATH": f"{programs}:{tools}"}
        shutil.copy(MANIFESTS / "prune.sh", self.etc)
        self.address, metrics = (f"127.0.0.1:{port}" for port in free_ports(2))
        config = (MANIFESTS / "config.yml").read_text()
        for shipped, here in [(":5000", self.address), (":5001", metrics), ("/var/lib/registry", str(self.data))]:
            assert config.count(shipped) == 1
            config = config.replace(shipped, here)
        self.etc.joinpath("config.yml").write_text(config)
        self.metrics = f"http://{metrics}/metrics"
        spec = yaml.safe_load((MANIFESTS / "deployment.yaml").read_text())["spec"]["template"]["spec"]
        self.containers = {c["name"]: self.command(c) for c in spec["initContainers"] + spec["containers"]}
        self.process = None

    def command(self, container):
        words = [word.replace("/var/lib/registry", str(self.data)) for word in container["command"] + container["args"]]
        return [word.replace("/etc/registry", str(self.etc)) for word in words]

    def run(self, container, **settings):
        """Starts one container, in a process group of its own."""
        return subprocess.Popen(self.containers[container], env=self.environment | settings, start_new_session=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def prune(self, **settings):
        """The init container, to its end: exit code and what it wrote."""
        process = self.run("prune", **settings)
        output = process.communicate(timeout=60)[0]
        return process.returncode, output

    def serve(self):
        """The registry, until it answers as its probes ask."""
        log = open(self.data.parent / "log", "a")
        self.process = subprocess.Popen(self.containers["registry"], env=self.environment, start_new_session=True,
                                        stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + 30
        while not self.answers():
            assert self.process.poll() is None, (self.data.parent / "log").read_text()
            assert time.monotonic() < deadline, "the registry does not answer"
            time.sleep(0.02)

    def answers(self):
        try:
            return httpx.get(f"http://{self.address}/v2/").status_code == 200
        except httpx.TransportError:
            return False

    def start(self, **settings):
        """As the kubelet does: the registry only after the init container was successful."""
        code, output = self.prune(**settings)
        assert code == 0, output
        self.serve()
        return output

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60)
        self.process = None

    def restart(self, **settings):
        self.stop()
        return self.start(**settings)

    def pass_days(self, days):
        """Lets time pass: everything on the volume becomes so much older."""
        for path in self.data.rglob("*"):
            if path.is_file():
                os.utime(path, (path.stat().st_atime, path.stat().st_mtime - days * DAY))

    def blobs(self):
        """Digests of the blobs on disk."""
        return {f"sha256:{path.parent.name}" for path in self.data.glob("docker/registry/v2/blobs/sha256/*/*/data")}

    def files(self):
        """Everything on the volume, with content and age."""
        found = (path for path in self.data.rglob("*") if path.is_file())
        return {str(path.relative_to(self.data)): (path.read_bytes(), path.stat().st_mtime) for path in found}


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
