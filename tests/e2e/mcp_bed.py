"""MCP servers to put behind a front door, and clients that knock at it."""

import contextlib
import http.client
import json
from dataclasses import dataclass, field

from harness import PROGRAMS, PYTHON
from mcp_client import Client


def toml(value):
    """A value as TOML writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def table(name, values):
    return f"[{name}]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in values.items())


def read_token(workspace):
    """What a client of a door shows."""
    return (workspace.state / "tokens/read").read_text().strip()


def knock(workspace, name, **options):
    """A client of the door of [mcp.NAME], with the right token."""
    options.setdefault("token", read_token(workspace))
    return Client(workspace.http_port, f"/mcp/{name}", **options)


@dataclass
class Server:
    """One of programs/mcp_*.py, with a journal of what it did."""

    workspace: object
    port: int
    program: str = "mcp_http"
    token: str = ""
    options: dict = field(default_factory=dict)  # more of its environment

    def __post_init__(self):
        self.journal_file = self.workspace.directory / f"journal-{self.port}"
        self.token_file = self.workspace.directory / f"token-{self.port}"
        self.delay_file = self.workspace.directory / f"delay-{self.port}"
        self.change_token(self.token)
        self.start_takes(0)

    def start_takes(self, seconds):
        """The next starts, from the process to the open port, beside what they take anyway."""
        self.delay_file.write_text(str(seconds))

    def change_token(self, token):
        self.token = token
        fresh = self.token_file.with_suffix(".new")
        fresh.write_text(token + "\n")
        fresh.replace(self.token_file)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/mcp"

    @property
    def environment(self):
        named = {
            "MCP_PORT": str(self.port),
            "MCP_JOURNAL": str(self.journal_file),
            "MCP_DELAY_FILE": str(self.delay_file),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(PROGRAMS),
        }
        if self.token:
            named["MCP_TOKEN_FILE"] = str(self.token_file)
        return named | self.options

    @property
    def command(self):
        return [PYTHON, str(PROGRAMS / f"{self.program}.py")]

    @property
    def reloading(self):
        """The same under uvicorn's reloader, which serves from a child."""
        watched = str(self.workspace.make(f"watched-{self.port}"))
        options = ["--reload", "--reload-dir", watched, "--host", "127.0.0.1", "--port", str(self.port)]
        return [PYTHON, "-m", "uvicorn", "mcp_http:app", *options, "--timeout-graceful-shutdown", "3"]

    def service(self, name, command=None, **tables):
        """Its tables in the configuration: a service, ready when MCP answers, and the door before it.

        `tables` replaces or adds keys: `live`, `stop` of the service, `hold_timeout`, `claude` of the door.
        """
        of_door = ("hold_timeout", "call_timeout", "claude", "clients", "required")
        door = {k: v for k, v in tables.items() if k in of_door}
        rest = {k: v for k, v in tables.items() if k not in of_door}
        command = command or self.command
        if self.program == "mcp_stdio":
            return table(f"mcp.{name}", {"command": command, "environment": self.environment} | door)
        service = {
            "command": command,
            "environment": self.environment,
            "backoff": {"initial": "100ms", "jitter": 0},
            "stop": {"timeout": "5s"},
            "ready": {"mcp": name, "timeout": "60s", "interval": "50ms"},
        }
        door = {"service": name, "url": self.url} | door
        if self.token:
            door["bearer_token_file"] = str(self.token_file)
        return table(f"services.{name}", service | rest) + table(f"mcp.{name}", door)

    def start(self, command=None):
        """Without a daemon."""
        return self.workspace.start(*(command or self.command), env=self.workspace.env | self.environment)

    @property
    def journal(self):
        return self.journal_file.read_text().splitlines() if self.journal_file.exists() else []

    def answers(self):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)) as connection:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200

    def client(self, **options):
        return Client(self.port, token=self.token, **options)
