"""Adds a header to every request on its way: for clients that cannot be told to send one."""

import socket
import socketserver
import threading
from contextlib import contextmanager


def with_header(reader, header):
    """The next request with the header in it; nothing at the end."""
    lines = [reader.readline()]
    while lines[-1] not in (b"\r\n", b""):
        lines.append(reader.readline())
    if lines[-1] == b"":
        return b""
    size = next((int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")), 0)
    return lines[0] + header + b"".join(lines[1:]) + reader.read(size)


@contextmanager
def adding_header(port, header):
    """A port that leads to `port`."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            with socket.create_connection(("127.0.0.1", port)) as there:
                back = threading.Thread(target=self.pass_back, args=(there,), daemon=True)
                back.start()
                try:
                    while request := with_header(self.rfile, header):
                        there.sendall(request)
                    there.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                back.join(5)

        def pass_back(self, there):
            try:
                while piece := there.recv(65536):
                    self.connection.sendall(piece)
                self.connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                there.close()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join(5)
