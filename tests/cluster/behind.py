"""Who stands behind the stand-in of the Kubernetes provider (tests/terraform/standin/behind.go): a change that Terraform
applies becomes one of the API server, a question of a data source is put to it.

As the real provider does: an object that is new must not be there already, and one that is deleted is waited for, its
pods are not.
"""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from api import Refused
from cluster import eventually
from objects import KINDS, translate

(SCHEMA,) = (Path(__file__).parents[1] / "terraform/schemas").glob("kubernetes-*.json")
GONE_WITHIN = 60


class Hand:
    """What the provider does with the API server."""

    def __init__(self, api):
        self.api = api
        self.schemas = json.loads(SCHEMA.read_text())["resource_schemas"]

    def change(self, kind, prior, planned):
        if kind not in KINDS:
            raise Refused(f"{kind}: not translated yet, see objects.py")
        if planned:
            thing = translate(kind, planned, self.schemas[kind]["block"])
            if not prior and self.api.exists(thing):
                raise Refused(f"{thing['kind']} {thing['metadata']['name']} already exists")
            self.api.apply(thing)
        else:
            thing = translate(kind, prior, self.schemas[kind]["block"])
            self.api.delete(thing, propagation="Background")
            eventually(lambda: not self.api.exists(thing), f"{thing['kind']} is gone", GONE_WITHIN)

    def read(self, kind, config):
        """An object that does not exist has nothing to add."""
        version, name = KINDS[kind]
        wanted = config["metadata"][0]
        thing = {"apiVersion": version, "kind": name, "metadata": {k: wanted[k] for k in ("name", "namespace")}}
        if not self.api.exists(thing):
            return {}
        found = self.api.get(thing)
        return {"id": f"{wanted['namespace']}/{wanted['name']}", "data": found.get("data", {})}


@contextmanager
def behind(api):
    """The address to be named by WORKSPACED_STANDIN_KUBERNETES."""
    hand = Hand(api)

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                if "read" in asked:
                    code, said = 200, json.dumps(hand.read(asked["read"], asked["config"]))
                else:
                    hand.change(asked["change"], asked["prior"], asked["planned"])
                    code, said = 200, ""
            except (Refused, TimeoutError) as error:
                code, said = 422, str(error)
            except Exception as error:  # noqa: BLE001  Terraform shows it where somebody looks
                code, said = 500, f"behind the stand-in: {type(error).__name__}: {error}"
            self.send_response(code)
            self.send_header("Content-Length", str(len(said.encode())))
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
