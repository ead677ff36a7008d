"""A real Kubernetes API server for a test: etcd, kube-apiserver, controller manager, scheduler, and kwok in the place
of the nodes, all on 127.0.0.1, all ended with it. Run as a program it stays up until Ctrl-C and prints what to export.

`./dev` builds the programs first (dev.sh beside this file) and names them in the environment.
"""

import base64
import contextlib
import ctypes
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import httpx
from api import Api

PR_SET_PDEATHSIG = 1
UP_WITHIN, DOWN_WITHIN = 90, 20

KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters: [{{name: test, cluster: {{server: "{server}", certificate-authority-data: {authority}}}}}]
users: [{{name: admin, user: {{token: {token}{impersonation}}}}}]
contexts: [{{name: test, context: {{cluster: test, user: admin}}}}]
current-context: test
"""

NODE = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {
        "name": "node-0",
        "labels": {"kubernetes.io/hostname": "node-0", "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"},
    },
}
STORAGE_CLASS = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    "provisioner": "kubernetes.io/no-provisioner",
    "allowVolumeExpansion": True,
}
CAPACITY = {"cpu": "32", "memory": "256Gi", "pods": "110"}


def volume(name, size):
    """One to be claimed; nothing is ever stored on it."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": size},
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "standard",
            "persistentVolumeReclaimPolicy": "Retain",
            "hostPath": {"path": f"/tmp/{name}"},
        },
    }


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]


def eventually(check, what, within):
    """The first true value of `check()`; a call that fails to connect counts as false."""
    deadline = time.monotonic() + within
    while True:
        with contextlib.suppress(httpx.TransportError):
            value = check()
            if value:
                return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within} s: {what}")
        time.sleep(0.05)


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Cluster:
    """with Cluster(directory) as cluster: cluster.kubeconfig, cluster.api"""

    def __init__(self, directory):
        self.home = Path(directory)
        self.kubeconfig = self.home / "kubeconfig"
        self.processes = []

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        etcd, peer, self.port = free_ports(3)
        self.token = secrets.token_hex(16)
        (self.home / "tokens.csv").write_text(f"{self.token},admin,admin,system:masters\n")
        subprocess.run(
            ["openssl", "genrsa", "-out", "accounts.key", "2048"], cwd=self.home, check=True, capture_output=True
        )
        self._start_storage(f"http://127.0.0.1:{etcd}", f"http://127.0.0.1:{peer}")
        self._start_server(f"http://127.0.0.1:{etcd}")
        self._start_controllers()
        self._add_node()

    def stop(self):
        """Last started, first stopped: the API server needs etcd to say goodbye."""
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(DOWN_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    # ------------------------------------------------------------ the programs

    def run(self, program, *arguments, **environment):
        """A program that ends with the cluster."""
        name = Path(program).name
        with open(self.home / f"{name}.log", "wb") as log:
            self.processes.append(
                subprocess.Popen(
                    [program, *arguments],
                    cwd=self.home,
                    env={"PATH": os.environ["PATH"], "HOME": str(self.home), **environment},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    preexec_fn=die_with_parent,
                )
            )

    def _start_storage(self, client, peer):
        self.run(
            os.environ["WORKSPACED_ETCD"],
            "--data-dir=etcd",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
        )

    def _start_server(self, etcd):
        self.run(
            self._kubernetes("kube-apiserver"),
            f"--etcd-servers={etcd}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={self.port}",
            "--cert-dir=certs",
            "--service-account-key-file=accounts.key",
            "--service-account-signing-key-file=accounts.key",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--token-auth-file=tokens.csv",
            "--authorization-mode=RBAC",
            "--allow-privileged=true",
            "--service-cluster-ip-range=10.96.0.0/16",
        )
        # It signs a certificate of its own, with 127.0.0.1 in it, before it listens.
        self.certificate = certificate = self.home / "certs" / "apiserver.crt"
        self.wait(lambda: certificate.exists() and b"END" in certificate.read_bytes(), "the API server's certificate")
        self.api = Api(f"https://127.0.0.1:{self.port}", self.token, certificate)
        self._write_kubeconfig(self.kubeconfig)
        self.wait(lambda: self.api.http.get("/readyz").status_code == 200, "the API server is ready")

    def as_service_account(self, namespace, name):
        """The same cluster in the eyes of somebody's pods: `api` and `kubeconfig` with no more rights than theirs."""
        user = f"system:serviceaccount:{namespace}:{name}"
        groups = ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"]
        kubeconfig = self.home / f"kubeconfig-{namespace}-{name}"
        self._write_kubeconfig(kubeconfig, f', as: "{user}", as-groups: {json.dumps(groups)}')
        return SimpleNamespace(api=Api(self.api.url, self.token, self.certificate, (user, groups)), kubeconfig=kubeconfig)

    def _write_kubeconfig(self, file, impersonation=""):
        authority = base64.b64encode(self.certificate.read_bytes()).decode()
        file.write_text(
            KUBECONFIG.format(server=self.api.url, token=self.token, authority=authority, impersonation=impersonation)
        )

    def _start_controllers(self):
        # Without the controllers of nodes: kwok's heartbeats are too slow for them.
        self.run(
            self._kubernetes("kube-controller-manager"),
            f"--kubeconfig={self.kubeconfig}",
            "--service-account-private-key-file=accounts.key",
            "--leader-elect=false",
            "--secure-port=0",
            "--controllers=*,-node-lifecycle-controller,-node-ipam-controller,-cloud-node-lifecycle-controller",
        )
        self.run(
            self._kubernetes("kube-scheduler"),
            f"--kubeconfig={self.kubeconfig}",
            "--leader-elect=false",
            "--secure-port=0",
        )
        self.run(os.environ["WORKSPACED_KWOK"], f"--kubeconfig={self.kubeconfig}", "--manage-all-nodes=true")

    def _add_node(self):
        self.api.apply(NODE)
        self.api.apply({**NODE, "status": {"capacity": CAPACITY, "allocatable": CAPACITY}}, part="status")
        self.wait(self._node_is_ready, "the node is ready")

    def _node_is_ready(self):
        # Without its controller nobody takes the taint of a new node away.
        node = self.api.get(NODE)
        if node["spec"].get("taints"):
            self.api.patch(NODE, {"spec": {"taints": None}})
        return {"type": "Ready", "status": "True"}.items() <= next(
            (c for c in node.get("status", {}).get("conditions", []) if c["type"] == "Ready"), {}
        ).items()

    def wait(self, check, what):
        """`check` comes true; a program that has ended meanwhile is named with its last words."""

        def check_all():
            for process in self.processes:
                if process.poll() is not None:
                    log = self.home / f"{Path(process.args[0]).name}.log"
                    raise RuntimeError(f"{log.stem} has ended:\n{log.read_text(errors='replace')[-2000:]}")
            return check()

        return eventually(check_all, what, UP_WITHIN)

    @staticmethod
    def _kubernetes(program):
        return str(Path(os.environ["WORKSPACED_KUBERNETES"]) / program)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="workspaced-cluster-") as directory, Cluster(directory) as cluster:
        # Blocked and waited for: one that came just before a pause() would be lost. Only now, as programs inherit the mask.
        ends = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        print(f"export KUBECONFIG={cluster.kubeconfig}", flush=True)
        signal.sigwait(ends)


if __name__ == "__main__":
    main()
