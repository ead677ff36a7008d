"""An MCP server that does next to nothing, so that what is measured is the way to it.

It knows the handshake, its one tool and no errors. It answers as JSON, on connections that are kept.

  $MCP_PORT     where it listens
  $MCP_JOURNAL  a file that gets a line at the start
"""

import asyncio
import json
import os

SAY = {"name": "say", "inputSchema": {"type": "object"}}
RESULTS = {
    "initialize": {
        "protocolVersion": "2025-06-18",
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "quick", "version": "1"},
    },
    "ping": {},
    "tools/list": {"tools": [SAY]},
    "tools/call": {"content": [{"type": "text", "text": "done"}]},
}


def answer(message):
    if "id" not in message:
        return b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
    result = RESULTS.get(message["method"])
    error = {"code": -32601, "message": "no such method"}
    body = json.dumps(
        {"jsonrpc": "2.0", "id": message["id"]} | ({"error": error} if result is None else {"result": result})
    ).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.received = b""

    def data_received(self, data):
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            head, rest = self.received[:end].lower(), self.received[end + 4 :]
            if not head.startswith(b"post"):
                healthy = b"/health" in head
                status = b"200 OK" if healthy else b"405 Method Not Allowed"
                self.transport.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
                self.received = rest
                continue
            size = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            if len(rest) < size:
                return
            self.received = rest[size:]
            self.transport.write(answer(json.loads(rest[:size])))


async def main():
    with open(os.environ["MCP_JOURNAL"], "a", encoding="utf-8") as journal:
        journal.write(f"start {os.getpid()}\n")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", int(os.environ["MCP_PORT"]), backlog=4096)
    await server.serve_forever()


asyncio.run(main())
