"""A scratch root in which a script of the template runs as the agent would run it: a repository, a volume, a home."""

import contextlib
import http.client
import os
import pwd
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

NOBODY = pwd.getpwnam("nobody")
TOKEN = "t0ken-of-the-script-tests_0123456789abcdefg"

# What stands for fleet-mcp: its /health is 503 until somebody makes the file `healthy` beside it.
SERVER = """
import http.server, os, pathlib

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if pathlib.Path("healthy").exists() else 503)
        self.end_headers()

    def log_message(self, *_):
        pass

http.server.HTTPServer(("127.0.0.1", int(os.environ["FLEET_MCP_PORT"])), Answer).serve_forever()
"""


def eventually(check, what, within=20.0):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if found := check():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {within} s: {what}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Pod:
    """What a script finds when the agent runs it: the repository on the volume, a home, an environment."""

    def __init__(self, root, rendered):
        self.root, self.rendered = root, rendered
        self.repository, self.home = root / "workspaces/setup", root / "home"
        self.persist, self.programs = root / "workspaces/.persist", root / "opt/workspaced"
        self.bin = root / "scripts-bin"
        for directory in (self.repository / "bin", self.home, self.persist, self.programs, self.bin, root / "run"):
            directory.mkdir(parents=True)
        (self.repository / "server.py").write_text(SERVER)
        wrapper = self.repository / "bin/exec"
        wrapper.write_text(f"#!/bin/sh\nexec {sys.executable} server.py\n")
        wrapper.chmod(0o755)
        self.http_port = free_port()
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(root / "run"),
            "WORKSPACE_DIR": str(self.repository),
            "WORKSPACED_LISTEN": f"127.0.0.1:{self.http_port}",
            "FLEET_MCP_PORT": str(free_port()),
            "FLEET_MCP_AUTH_TOKEN": TOKEN,
            "CODER_SCRIPT_BIN_DIR": str(self.bin),
        }
        self.user = {}

    def become_nobody(self):
        """For what root cannot be denied. Changes nothing where the tests do not run as root anyway."""
        if os.getuid() == 0:
            for path in [self.root, *self.root.rglob("*")]:
                os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid, follow_symlinks=False)
            self.user = {"user": NOBODY.pw_uid, "group": NOBODY.pw_gid, "extra_groups": []}

    def script(self, name, **head):
        """The rendered text, at home in the scratch root; `head` replaces values at its top."""
        text = self.rendered[name]
        for here, there in (
            ("/workspaces/.persist", self.persist),
            ("/workspaces/setup", self.repository),
            ("/opt/workspaced", self.programs),
        ):
            text = text.replace(here, str(there))
        for variable, value in head.items():
            text, count = re.subn(rf"^{variable}='.*'$", f"{variable}='{value}'", text, flags=re.MULTILINE)
            assert count == 1, f"{name} has no {variable} at its top"
        return text

    def start(self, name, **head):
        """As the agent runs a script: through the interpreter of its first line, with pipes."""
        text = self.script(name, **head)
        assert text.startswith("#!/bin/sh\n")
        return subprocess.Popen(
            ["/bin/sh", "-c", text],
            env=self.environment,
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **self.user,
        )

    def run(self, name, **head):
        """(exit code, output)."""
        process = self.start(name, **head)
        try:
            output, _ = process.communicate(timeout=60)
        finally:
            process.kill()
        return process.returncode, output

    def fake(self, name, text):
        """A program of the image."""
        path = self.root / "image-bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        self.environment["PATH"] = f"{path.parent}:/usr/bin:/bin"

    def health(self):
        """What Coder's health check sees: the status, or None when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=2)
        with contextlib.closing(connection), contextlib.suppress(OSError):
            connection.request("GET", "/health")
            return connection.getresponse().status

    def serve(self):
        (self.repository / "healthy").touch()

    def processes(self):
        """Processes of this pod, by the home in their environment."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if f"HOME={self.home}\0".encode() in (entry / "environ").read_bytes():
                        found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def daemon(self):
        return [pid for pid, command in self.processes().items() if "workspaced run" in command]
