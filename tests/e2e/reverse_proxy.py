"""nginx before a server: what a good reverse proxy adds on this machine, to judge the door by."""

import pathlib
import socket
import subprocess

from harness import ROOT, eventually

NGINX = ROOT / "build" / "nginx" / "unpacked" / "usr" / "sbin" / "nginx"

# One worker and kept connections on both sides, as the door has them.
CONFIGURATION = """
daemon off; master_process off; pid {place}/pid;
events {{ }}
http {{
  access_log off;
  {scratch}
  upstream behind {{ server 127.0.0.1:{behind}; keepalive 4; keepalive_requests 1000000; }}
  server {{
    listen 127.0.0.1:{port};
    keepalive_requests 1000000;
    location / {{ proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }}
  }}
}}
"""


class ReverseProxy:
    def __init__(self, place: pathlib.Path, port: int, behind: int):
        self.port = port
        file = place / "nginx.conf"
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        scratch = " ".join(f"{kind}_temp_path {place}/{kind};" for kind in kinds)
        file.write_text(CONFIGURATION.format(place=place, scratch=scratch, port=port, behind=behind))
        self.command = [NGINX, "-p", place, "-c", file, "-e", place / "nginx.log"]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL)
        eventually(self.listens, 10, "nginx listens")
        return self

    def listens(self):
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
