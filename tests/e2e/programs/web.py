"""web.py PORT [FILE]: an HTTP server whose /health answers with the status code in FILE (200 without one)."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

port = int(sys.argv[1])
verdict = Path(sys.argv[2]) if len(sys.argv) > 2 else None


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        code = int(verdict.read_text()) if verdict and verdict.exists() else 200
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


print("web listens", flush=True)
ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
