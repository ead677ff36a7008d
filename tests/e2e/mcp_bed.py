"""MCP by hand: servers to put behind a door, and a client that sees each byte and when it came."""

import contextlib
import http.client
import itertools
import json
import time
from dataclasses import dataclass, field

from harness import PROGRAMS, PYTHON

LEGACY, MODERN = "2025-06-18", "2026-07-28"
META = "io.modelcontextprotocol/"


class Events:
    """The answer to a request while it comes: JSON at once, or events one by one."""

    def __init__(self, client, response, asked):
        self.client = client
        self.response = response
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.to_header = time.monotonic() - asked
        self.comments = 0
        self.messages = []  # read so far

    @property
    def is_stream(self):
        return self.headers.get("content-type", "").startswith("text/event-stream")

    def __iter__(self):
        """Message after message, as they come."""
        if not self.is_stream:
            body = self.response.read()
            if body:
                yield self.keep(body)
            return
        data = []
        while line := self.response.readline():
            line = line.rstrip(b"\r\n")
            if line.startswith(b"data:"):
                data.append(line[5:].removeprefix(b" "))
            elif line.startswith(b":"):
                self.comments += 1
            elif not line and data:
                text, data = b"\n".join(data), []
                if text:  # else an event of nothing but an id
                    yield self.keep(text)

    def keep(self, text):
        self.messages.append(json.loads(text))
        return self.messages[-1]

    def answer(self):
        """The response, after everything before it."""
        for message in self:
            if "method" not in message:
                for _ in self:
                    pass
                return message
        raise AssertionError(f"no response in answer {self.status}: {self.messages}")

    def leave(self):
        """Without waiting for the end."""
        self.client.connection.close()
        self.response.close()


@dataclass
class Client:
    """One connection of an MCP client, of the era of `version`. It asks one thing at a time."""

    port: int
    path: str = "/mcp"
    token: str = ""
    version: str = LEGACY
    timeout: float = 60.0
    session: str = ""
    connection: object = None
    ids: object = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    # what is sent

    def headers(self, method="", name=""):
        sent = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if self.session:
            sent["Mcp-Session-Id"] = self.session
        if self.version == MODERN:
            sent |= {"MCP-Protocol-Version": MODERN, "Mcp-Method": method}
            if name:
                sent["Mcp-Name"] = name
        elif method != "initialize":
            sent["MCP-Protocol-Version"] = self.version
        return sent

    def message(self, method, params, progress=None):
        params = dict(params or {})
        meta = {"progressToken": progress} if progress else {}
        if self.version == MODERN:
            meta |= {
                META + "protocolVersion": MODERN,
                META + "clientCapabilities": {},
                META + "clientInfo": {"name": "test", "version": "1"},
            }
        if meta:
            params["_meta"] = meta
        return {"jsonrpc": "2.0", "method": method} | ({"params": params} if params else {})

    def post(self, document, headers):
        body = document if isinstance(document, (bytes, str)) else json.dumps(document)
        asked = time.monotonic()
        self.connection.request("POST", self.path, body=body, headers=headers)
        return Events(self, self.connection.getresponse(), asked)

    def send(self, method, params=None, progress=None):
        """A request; returns when the header of its answer is there."""
        name = (params or {}).get("name", "") if method == "tools/call" else ""
        document = self.message(method, params, progress) | {"id": next(self.ids)}
        return self.post(document, self.headers(method, name))

    def notify(self, method, params=None):
        answer = self.post(self.message(method, params), self.headers(method))
        list(answer)
        return answer

    # what is asked

    def ask(self, method, params=None):
        """The result; fails on an error."""
        answer = self.send(method, params)
        message = answer.answer()
        assert "result" in message, f"{method}: {answer.status} {message}"
        return message["result"]

    def open(self):
        """What a client does first; returns what the server says of itself."""
        if self.version == MODERN:
            return self.ask("server/discover")
        params = {
            "protocolVersion": self.version,
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        }
        answer = self.send("initialize", params)
        said = answer.answer()
        assert "result" in said, said
        self.session = answer.headers.get("mcp-session-id", "")
        assert self.notify("notifications/initialized").status == 202
        return said["result"]

    def tools(self):
        return sorted(tool["name"] for tool in self.ask("tools/list")["tools"])

    def begin(self, tool, progress=None, **arguments):
        """A call, when the header of its answer is there."""
        return self.send("tools/call", {"name": tool, "arguments": arguments}, progress)

    def begin_without_header(self, tool, **arguments):
        """A call that nobody reads the answer of; returns the id of the request."""
        params = {"name": tool, "arguments": arguments}
        document = self.message("tools/call", params) | {"id": next(self.ids)}
        body = json.dumps(document)
        self.connection.request("POST", self.path, body=body, headers=self.headers("tools/call", tool))
        return document["id"]

    def call(self, tool, **arguments):
        """The text of a call's result."""
        result = self.ask("tools/call", {"name": tool, "arguments": arguments})
        assert not result.get("isError"), result
        return "".join(part["text"] for part in result["content"])

    def listen(self):
        """What the server says unasked."""
        asked = time.monotonic()
        headers = self.headers() | {"Accept": "text/event-stream"}
        self.connection.request("GET", self.path, headers=headers)
        return Events(self, self.connection.getresponse(), asked)


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
