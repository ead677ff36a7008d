"""An MCP client by hand, of either era: it sees each message, and when it came."""

import http.client
import itertools
import json
import time
from dataclasses import dataclass, field

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
