"""An MCP server whose tools answer what no server should.

The handshake and the list of tools are in order; what a call gets is told by the name of the tool.
"""

import http.server
import json
import os
import threading

MIB = 1 << 20
FLOOD = 1 << 30
STATEMENT = b'data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"%s"}}\n\n'


def endless_line(server, _message):
    server.begin("text/event-stream")
    server.write(b"data: ")
    while True:
        server.write(b"x" * MIB)


def flood(server, message):
    """A gibibyte of events, each in order, and then the result."""
    server.begin("text/event-stream")
    event = STATEMENT % (b"y" * (65536 - len(STATEMENT) + 2))
    sent = 0
    while sent < FLOOD:
        server.write(event)
        sent += len(event)
    server.write(b"data: " + json.dumps(server.result(message, "flooded")).encode() + b"\n\n")


def wrong_json(server, _message):
    server.answer(b'{"jsonrpc":"2.0","id":')


def not_json_rpc(server, _message):
    server.answer(b'["what", {"is": "this"}]')


def other_id(server, message):
    server.answer(json.dumps(server.result(message | {"id": "somebody-else"}, "not yours")).encode())


def web_page(server, _message):
    server.answer(b"<html><body>It works!</body></html>", "text/html")


def nothing(server, _message):
    server.answer(b"")


def hang_up(server, _message):
    server.close_connection = True


def half(server, _message):
    server.begin("text/event-stream")
    server.write(b'data: {"jsonrpc":"2.0","id"')


def silence(_server, _message):
    threading.Event().wait()


def hello(server, message):
    server.answer(json.dumps(server.result(message, "hello")).encode())


TOOLS = {
    tool.__name__: tool
    for tool in [
        endless_line, flood, wrong_json, not_json_rpc, other_id, web_page, nothing, hang_up, half, silence, hello
    ]
}  # fmt: skip


class Server(http.server.BaseHTTPRequestHandler):
    disable_nagle_algorithm = True  # header and body are two writes
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def begin(self, content_type):
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def write(self, piece):
        self.wfile.write(piece)

    def answer(self, body, content_type="application/json", status=200):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def result(self, message, text):
        return {"jsonrpc": "2.0", "id": message["id"], "result": {"content": [{"type": "text", "text": text}]}}

    def do_GET(self):
        self.answer(b"{}", status=200 if self.path == "/health" else 405)

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            self.handle_message(message)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def handle_message(self, message):
        method = message["method"]
        if "id" not in message:
            return self.answer(b"", status=202)
        frame = {"jsonrpc": "2.0", "id": message["id"]}
        if method == "tools/call":
            return TOOLS[message["params"]["name"]](self, message)
        if method == "initialize":
            who = {"name": "garbage", "version": "1"}
            frame["result"] = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": who}
        elif method == "tools/list":
            schema = {"type": "object"}
            frame["result"] = {"tools": [{"name": name, "inputSchema": schema} for name in TOOLS]}
        else:
            frame["error"] = {"code": -32601, "message": "no such method"}
        self.answer(json.dumps(frame).encode())


http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["MCP_PORT"])), Server).serve_forever()
