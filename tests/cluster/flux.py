"""Flux in the cluster of the tests: its kustomize-controller for real. There is no source-controller: an HTTP server
here hands out deploy/ of this checkout as the artifact of the GitRepository, whose status says so.
"""

import hashlib
import http.server
import io
import itertools
import os
import tarfile
import threading
import time
from pathlib import Path

import manifests
import yaml
from cluster import eventually, volume

NAMESPACE = "flux-system"
CONNECT_TOKEN = {
    "apiVersion": "onepassword.com/v1",
    "kind": "OnePasswordItem",
    "metadata": {"name": "onepassword-connect-token", "namespace": "coder"},
}
LOGSTREAM = {
    "apiVersion": "helm.toolkit.fluxcd.io/v2",
    "kind": "HelmRelease",
    "metadata": {"name": "coder-logstream-kube", "namespace": "coder"},
}
WITHIN = 90
numbers = itertools.count(1)


def add_custom_resources(cluster):
    """Those that deploy/flux has objects of, served before this returns."""
    definitions = [yaml.safe_load(file.read_text()) for file in sorted(Path(os.environ["WORKSPACED_CRDS"]).iterdir())]
    for definition in definitions:
        cluster.api.apply(definition)
    for definition in definitions:
        eventually(lambda d=definition: is_established(cluster.api.get(d)), definition["metadata"]["name"], WITHIN)


def is_established(definition):
    conditions = definition.get("status", {}).get("conditions") or []
    return any(c["type"] == "Established" and c["status"] == "True" for c in conditions)


def condition(thing, kind):
    return next((c for c in thing.get("status", {}).get("conditions", []) if c["type"] == kind), {})


def is_ready(thing):
    generation = thing.get("status", {}).get("observedGeneration")
    return condition(thing, "Ready").get("status") == "True" and generation in (None, thing["metadata"]["generation"])


def offer_volume(api):
    """One for the registry: free again if its claim has gone."""
    offered = volume("registry", "100Gi")
    api.apply(offered)
    if api.get(offered).get("status", {}).get("phase") == "Released":
        api.patch(offered, {"spec": {"claimRef": None}})


class Artifact:
    """deploy/ in a tar file on an HTTP server of its own."""

    def __init__(self):
        source, buffer = manifests.ROOT / "deploy", io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for file in sorted(source.rglob("*")):
                if file.is_file():
                    tar.add(file, arcname=str(Path("deploy") / file.relative_to(source)))
        self.content = buffer.getvalue()
        self.digest = hashlib.sha256(self.content).hexdigest()

    def __enter__(self):
        content = self.content

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def status(self):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        ready = {"type": "Ready", "status": "True", "reason": "Succeeded", "message": "stored"}
        return {
            "observedGeneration": 1,
            "artifact": {
                "path": "deploy.tar.gz",
                "url": f"http://127.0.0.1:{self.server.server_port}/deploy.tar.gz",
                "digest": f"sha256:{self.digest}",
                "revision": f"main@sha1:{self.digest[:40]}",
                "lastUpdateTime": now,
                "size": len(self.content),
            },
            "conditions": [ready | {"lastTransitionTime": now}],
        }


class Flux:
    """The example of deploy/flux, in the hands of the real controller."""

    def __init__(self, cluster, artifact, **values):
        self.api = cluster.api
        self.artifact = artifact
        self.things = manifests.example()
        self.values = manifests.named(self.things, "ConfigMap", "workspaced-variables")["data"]
        self.values.update(values)
        cluster.api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        cluster.run(
            os.environ["WORKSPACED_KUSTOMIZE_CONTROLLER"],
            "--enable-leader-election=false",
            "--metrics-addr=127.0.0.1:0",
            "--health-addr=127.0.0.1:0",
            "--requeue-dependency=2s",
            KUBECONFIG=str(cluster.kubeconfig),
            RUNTIME_NAMESPACE=NAMESPACE,
        )

    def install(self):
        """What an administrator applies."""
        for thing in self.things:
            self.api.apply(thing)
        source = manifests.named(self.things, "GitRepository", "workspaced")
        self.api.patch(source, {"status": self.artifact.status()}, part="status")

    def remove(self):
        """The Kustomizations go, and what they brought before them."""
        things = [thing for thing in self.things if thing["kind"] == "Kustomization" and self.api.exists(thing)]
        for thing in things:
            self.api.delete(thing)
        for thing in things:
            eventually(lambda t=thing: not self.api.exists(t), f"{thing['metadata']['name']} is gone", WITHIN)

    def kustomization(self, name):
        return self.api.get(manifests.named(self.things, "Kustomization", name))

    def ready(self, *names):
        for name in names:
            try:
                eventually(lambda n=name: is_ready(self.kustomization(n)), f"{name} is ready", WITHIN)
            except TimeoutError as error:
                raise TimeoutError(f"{error}: {condition(self.kustomization(name), 'Ready').get('message')}") from None

    def reconcile(self, name):
        """Once more, now; returns when it is done."""
        request = str(next(numbers))
        thing = manifests.named(self.things, "Kustomization", name)
        self.api.patch(thing, {"metadata": {"annotations": {"reconcile.fluxcd.io/requestedAt": request}}})
        eventually(
            lambda: self.kustomization(name)["status"].get("lastHandledReconcileAt") == request, f"{name} again", WITHIN
        )
        self.ready(name)

    def play_operator(self, thing):
        """The 1Password operator and helm-controller do not run here: this is what they say when all is well."""
        eventually(lambda: self.api.exists(thing), f"{thing['metadata']['name']} is there", WITHIN)
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        done = {"type": "Ready", "status": "True", "lastTransitionTime": now}
        status = {"conditions": [done]}
        if thing["kind"] == "HelmRelease":
            done |= {"reason": "InstallSucceeded", "message": "installed"}
            status["observedGeneration"] = self.api.get(thing)["metadata"]["generation"]
        self.api.patch(thing, {"status": status}, part="status")
