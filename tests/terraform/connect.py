"""A stand-in for the 1Password Connect server: the part of its HTTP API by which vaults and items are read, with one
vault and the items of a test in it."""

import json
import re
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "connect-token"
VAULT = {"id": "vaultvaultvaultvaultvaultv", "name": "sample-vault"}
FILTER = re.compile(r'(?:name|title) eq "(.*)"')


def api_credential(value):
    """An item of the category that has a `credential`."""
    return {
        "category": "API_CREDENTIAL",
        "fields": [{"id": "credential", "type": "CONCEALED", "label": "credential", "value": value}],
    }


def password(value):
    """An item of the category Password."""
    return {
        "category": "PASSWORD",
        "fields": [{"id": "password", "type": "CONCEALED", "purpose": "PASSWORD", "label": "password", "value": value}],
    }


def in_section(label, value):
    """An item whose value stands in a field that somebody made himself, in a section."""
    section = {"id": "own", "label": "Own"}
    field = {"id": "f1", "type": "CONCEALED", "label": label, "value": value, "section": section}
    return {"category": "SECURE_NOTE", "sections": [section], "fields": [field]}


class Connect:
    """with Connect({"title": item}) as server: server.url"""

    def __init__(self, items):
        self.items = {f"item{n:022}": {**item, "title": title} for n, (title, item) in enumerate(items.items())}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def answer(self, path, query, authorization):
        """(status, JSON)"""
        if authorization != f"Bearer {TOKEN}":
            return 401, {"status": 401, "message": "Invalid bearer token"}
        wanted = FILTER.fullmatch(query.get("filter", [""])[0])
        vault_path = f"/v1/vaults/{VAULT['id']}"
        if path == "/v1/vaults":
            return 200, [VAULT] if wanted is None or wanted[1] == VAULT["name"] else []
        if path == vault_path:
            return 200, VAULT
        if path == f"{vault_path}/items":
            return 200, [self._item(i) for i, item in self.items.items() if wanted and item["title"] == wanted[1]]
        item = path.removeprefix(f"{vault_path}/items/")
        if item in self.items:
            return 200, self._item(item)
        return 404, {"status": 404, "message": "Item not found"}

    def _item(self, item):
        return {"id": item, "vault": {"id": VAULT["id"]}, "version": 1, **self.items[item]}

    def _handler(self):
        connect = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                status, body = connect.answer(
                    url.path, urllib.parse.parse_qs(url.query), self.headers.get("Authorization")
                )
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("1Password-Connect-Version", "1.7.3")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        return Handler
