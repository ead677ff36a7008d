"""An MCP server of 2026-07-28 and nothing before: no initialize, no sessions, no stream but those asked for.

  $MCP_PORT     where it listens
  $MCP_JOURNAL  a file that gets the method of each request, and who asked
"""

import http.server
import json
import os
import time

VERSION = "2026-07-28"
META = "io.modelcontextprotocol/"
TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
TOOLS = [
    {"name": "echo", "description": "Says what it was told.", "inputSchema": TEXT},
    {"name": "count", "description": "Tells of its progress.", "inputSchema": {"type": "object"}},
    {"name": "ask", "description": "Cannot go on without an answer.", "inputSchema": {"type": "object"}},
]


def note(line):
    with open(os.environ["MCP_JOURNAL"], "a", encoding="utf-8") as journal:
        journal.write(line + "\n")


class Refusal(Exception):
    def __init__(self, status, code, message, data=None):
        super().__init__(message)
        self.status = status
        self.error = {"code": code, "message": message} | ({"data": data} if data else {})


def complete(**members):
    server = {META + "serverInfo": {"name": "modern-only", "version": "3.0"}}
    return {"resultType": "complete", "_meta": server} | members


def discover(_params):
    return complete(supportedVersions=[VERSION], capabilities={"tools": {}}, ttlMs=0, cacheScope="private")


def list_tools(_params):
    return complete(tools=TOOLS, ttlMs=0, cacheScope="private")


def call(params):
    tool = params["name"]
    if tool == "echo":
        text = f"{params['arguments']['text']} from {os.getpid()}"
    elif tool == "count":
        text = "counted"
    elif tool == "ask":
        wanted = {"who": {"method": "elicitation/create", "params": {"message": "Who is there?"}}}
        return complete(resultType="input_required", inputRequests=wanted, requestState="s1")
    else:
        raise Refusal(200, -32602, f"there is no tool {tool}")
    return complete(content=[{"type": "text", "text": text}])


METHODS = {"server/discover": discover, "tools/list": list_tools, "tools/call": call}


class Server(http.server.BaseHTTPRequestHandler):
    disable_nagle_algorithm = True  # header and body are two writes
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer(200 if self.path == "/health" else 405, {})

    do_DELETE = do_GET

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            self.check(message)
            note(message["method"])
            if message["params"].get("name") == "count":
                return self.answer_with_progress(message)
            self.answer(200, {"result": METHODS[message["method"]](message["params"])} | self.frame(message))
        except Refusal as e:
            note(f"refused {message.get('method')} {e}")
            self.answer(e.status, {"error": e.error} | self.frame(message))

    def frame(self, message):
        return {"jsonrpc": "2.0", "id": message.get("id")}

    def check(self, message):
        """The rules for headers, which a client of the era before cannot keep."""
        method, meta = message.get("method"), message.get("params", {}).get("_meta", {})
        version = self.headers.get("MCP-Protocol-Version")
        if META + "clientCapabilities" not in meta or META + "protocolVersion" not in meta:
            raise Refusal(400, -32602, "_meta is missing")
        if version != meta[META + "protocolVersion"] or self.headers.get("Mcp-Method") != method:
            raise Refusal(400, -32020, "the headers are not those of the message")
        if version != VERSION:
            raise Refusal(400, -32022, "unsupported version", {"supported": [VERSION], "requested": version})
        if method == "tools/call" and self.headers.get("Mcp-Name") != message["params"]["name"]:
            raise Refusal(400, -32020, "Mcp-Name is not the tool")
        if method not in METHODS:
            raise Refusal(404, -32601, f"there is no method {method}")

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_with_progress(self, message):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        token = message["params"]["_meta"].get("progressToken")
        for n in range(3 if token is not None else 0):
            params = {"progressToken": token, "progress": n, "total": 3}
            self.send_event({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})
            time.sleep(0.02)
        self.send_event({"result": call(message["params"])} | self.frame(message))
        self.close_connection = True

    def send_event(self, document):
        self.wfile.write(f"data: {json.dumps(document)}\n\n".encode())


if __name__ == "__main__":
    note(f"start {os.getpid()}")
    http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["MCP_PORT"])), Server).serve_forever()
