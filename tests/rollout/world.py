"""The world around the cluster, in a network of its own where names and ports are ours: a server for Git and for modules
of Terraform, and registries of images, all with certificates of an authority that this machine trusts as long as the
tests run. `./dev` starts the tests in namespaces for network and mounts, so nothing of it is seen outside.
"""

import contextlib
import http.server
import io
import os
import socket
import socketserver
import ssl
import subprocess
import tarfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
STUBS = HERE.parent / "terraform/modules"

# Who is where. The first address answers for Git and modules, the second for images, the third is the cluster.
HOSTS = {
    "127.0.0.2": ["git.example.com", "registry.coder.com"],
    "127.0.0.3": ["docker.io", "index.docker.io", "registry-1.docker.io", "ghcr.io", "registry.example.com"],
    "127.0.0.1": ["localhost", "coder.example.com", "coder.coder.svc.cluster.local", "registry.coder.svc.cluster.local"],
}
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL, **more)


def enter(directory):
    """Makes the network and its names; gives certificate and key."""
    # To the agent a machine with nothing but loopback has no network.
    run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
    for name in ("lo", "eth0", "eth1"):
        run("ip", "link", "set", name, "up")
    run("ip", "address", "add", "192.0.2.1/24", "dev", "eth0")
    hosts = directory / "hosts"
    hosts.write_text("".join(f"{address} {' '.join(names)}\n" for address, names in HOSTS.items()))
    run("mount", "--bind", hosts, "/etc/hosts")
    certificate, key = directory / "world.crt", directory / "world.key"
    names = ",".join(f"DNS:{name}" for address in ("127.0.0.2", "127.0.0.3") for name in HOSTS[address])
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tests"]
    run(*request, "-addext", f"subjectAltName={names}", "-keyout", key, "-out", certificate)
    bundle = directory / "ca-certificates.crt"
    bundle.write_text(BUNDLE.read_text() + certificate.read_text())
    run("mount", "--bind", bundle, BUNDLE)
    return certificate, key


class Answer(http.server.BaseHTTPRequestHandler):
    """Repositories under `repositories`, over smart HTTP; modules of a registry from our stubs."""

    protocol_version = "HTTP/1.1"
    repositories = Path()

    def do_GET(self):
        if self.headers["Host"].startswith("git."):
            self.git()
        else:
            self.module()

    def do_POST(self):
        self.git()

    def git(self):
        """As RFC 3875 has it, which git-http-backend(1) speaks."""
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.repositories),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(length),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": "test",
        }
        done = subprocess.run(["git", "http-backend"], env=environment, input=self.body(length), capture_output=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
        self.say(int(fields.pop("Status", "200 OK").split()[0]), body, fields)

    def body(self, length):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(length)
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def module(self):
        """The module registry protocol: https://developer.hashicorp.com/terraform/internals/module-registry-protocol"""
        words = self.path.strip("/").split("/")
        if self.path == "/.well-known/terraform.json":
            return self.say(200, b'{"modules.v1": "/v1/"}', {"Content-Type": "application/json"})
        match words:
            case ["v1", _, name, _, "versions"]:
                versions = [stub.name.rpartition("-")[2] for stub in STUBS.glob(f"{name}-*")]
                listed = ", ".join(f'{{"version": "{version}"}}' for version in versions)
                said = f'{{"modules": [{{"versions": [{listed}]}}]}}'
                return self.say(200, said.encode(), {"Content-Type": "application/json"})
            case ["v1", _, name, _, version, "download"]:
                return self.say(204, b"", {"X-Terraform-Get": f"/archive/{name}-{version}.tar.gz"})
            case ["archive", file]:
                packed = io.BytesIO()
                with tarfile.open(fileobj=packed, mode="w:gz") as archive:
                    archive.add(STUBS / file.removesuffix(".tar.gz"), arcname=".")
                return self.say(200, packed.getvalue(), {"Content-Type": "application/gzip"})
        self.say(404, b"", {})

    def say(self, code, body, fields):
        self.send_response(code)
        for name, value in fields.items():
            self.send_header(name, value)
        if code != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def serving(repositories, certificate, key):
    """Git and modules at the first address of HOSTS."""
    answer = type("Here", (Answer,), {"repositories": repositories})
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with http.server.ThreadingHTTPServer(("127.0.0.2", 443), answer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


@contextmanager
def program(command, log, **more):
    """In the background; at the end it is asked to go, and waited for."""
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **more)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def image_registry(directory, certificate, key):
    """A registry for every name at the second address of HOSTS."""
    directory.mkdir()
    (directory / "config.yml").write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {directory}/blobs}}}}\n"
        f"http: {{addr: '127.0.0.3:443', tls: {{certificate: {certificate}, key: {key}}}}}\n"
    )
    with program([os.environ["WORKSPACED_REGISTRY"], "serve", directory / "config.yml"], directory / "log") as process:
        until_open("127.0.0.3", 443, process)
        yield


@contextmanager
def node_port(port, to):
    """What a NodePort is on the node itself: connections to `port` go on to `to`."""

    class Forward(socketserver.BaseRequestHandler):
        def handle(self):
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", to)) as there:
                back = threading.Thread(target=pump, args=(there, self.request), daemon=True)
                back.start()
                pump(self.request, there)
                back.join()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

    with Server(("127.0.0.1", port), Forward) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def pump(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def until_open(host, port, process=None, within=30):
    """Somebody listens there; not longer than the process lives that should."""
    deadline = time.monotonic() + within
    while True:
        assert process is None or process.poll() is None, f"{process.args[0]} has ended with {process.returncode}"
        try:
            socket.create_connection((host, port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, f"{host}:{port} does not open"
            time.sleep(0.05)
