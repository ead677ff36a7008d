"""The node that pods run on. The API server's own node is kwok's, which says of every pod that it runs; here the pods of
some namespaces do run, each in a root file system of its own with processes of its own. As a kubelet does it: images are
pulled, init containers come before containers, volumes outlive pods, who is deleted gets a SIGTERM and his time.

There is one container to a pod, no limit of resources, no user but root, and one network for all.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path

from root import PATH, entering

# A kubelet brings the first two, as files of the pod that can be written: envbuilder moves away what cannot while it builds.
# The third is for an authority of the tests, which the image of a real one need not know.
OF_THE_NODE = ("/etc/hosts", "/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt")


class Pod:
    """One pod, from its images to its end."""

    def __init__(self, node, thing):
        self.node, self.thing, self.spec = node, thing, thing["spec"]
        self.name = thing["metadata"]["name"]
        self.home = node.home / "pods" / self.name
        self.home.mkdir(parents=True)
        self.log = self.home / "log"
        self.process = None
        self.is_deleted = False
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            for container in self.spec.get("initContainers", []):
                if (code := self.begin(container).wait()) != 0:
                    return self.note(f"init container {container['name']} has ended with {code}")
            (only,) = self.spec["containers"]
            process = self.begin(only)
            self.note(f"container {only['name']} has ended with {process.wait()}")
        except Exception as error:  # noqa: BLE001  whatever it is, the log of the pod is where somebody looks
            self.note(f"{type(error).__name__}: {error}")

    def begin(self, container):
        root, image = self.node.store.unpack(container["image"])
        command = container.get("command") or image.get("Entrypoint") or []
        command = [*command, *(container.get("args") or ([] if container.get("command") else image.get("Cmd") or []))]
        environment = {"PATH": PATH, **dict(pair.split("=", 1) for pair in image.get("Env", []))}
        environment |= {variable["name"]: self.value(variable) for variable in container.get("env", [])}
        see, share = [], [(self.copy_of(path), path) for path in OF_THE_NODE]
        for mount in container.get("volumeMounts", []):
            (see if mount.get("readOnly") else share).append((self.volume(mount["name"]), mount["mountPath"]))
        with self.lock, open(self.log, "ab") as log:
            if self.is_deleted:
                raise RuntimeError("deleted before its containers ran")
            self.process = subprocess.Popen(
                entering(Path(root), command, see=see, share=share),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self.process

    def copy_of(self, path):
        file = self.home / "files" / Path(path).name
        file.parent.mkdir(exist_ok=True)
        shutil.copyfile(path, file)
        return file

    def value(self, variable):
        if "valueFrom" not in variable:
            return variable.get("value", "")
        raise RuntimeError(f"{variable['name']}: this node knows values only, no valueFrom")

    def volume(self, name):
        volume = next(v for v in self.spec["volumes"] if v["name"] == name)
        if "persistentVolumeClaim" in volume:
            claim = volume["persistentVolumeClaim"]["claimName"]
            directory = self.node.home / "claims" / self.thing["metadata"]["namespace"] / claim
        else:
            directory = self.home / "volumes" / name
        directory.mkdir(parents=True, exist_ok=True)
        if "configMap" in volume:
            for file, text in self.node.config_map(self.thing, volume["configMap"]["name"]).items():
                (directory / file).write_text(text)
        elif not {"persistentVolumeClaim", "emptyDir"} & volume.keys():
            raise RuntimeError(f"volume {name}: of what kind it is, this node does not know: {volume}")
        return directory

    def note(self, text):
        with open(self.log, "a") as log:
            print(f"node: {text}", file=log)

    def first_process(self):
        """PID 1 of the container that runs, as seen from here."""
        with contextlib.suppress(OSError, ValueError):
            return int(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text())

    def end(self):
        """SIGTERM, the time that the pod is given, then SIGKILL."""
        with self.lock:
            self.is_deleted = True
        if self.process and (first := self.first_process()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(first, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.spec.get("terminationGracePeriodSeconds", 30))
        if self.process and self.process.poll() is None:
            self.note("killed, its time was over")
            os.killpg(self.process.pid, signal.SIGKILL)
        self.thread.join()


class Node:
    """Runs the pods of `namespaces` until it is closed."""

    def __init__(self, api, store, home, namespaces):
        self.api, self.store, self.home, self.namespaces = api, store, home, namespaces
        self.pods, self.ending = {}, []
        self.is_closed = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_closed.set()
        self.thread.join()
        for pod in self.pods.values():
            pod.end()
        for thread in self.ending:
            thread.join()

    def config_map(self, pod, name):
        wanted = {"name": name, "namespace": pod["metadata"]["namespace"]}
        return self.api.get({"apiVersion": "v1", "kind": "ConfigMap", "metadata": wanted})["data"]

    def watch(self):
        while not self.is_closed.wait(0.2):
            there = {p["metadata"]["uid"]: p for n in self.namespaces for p in self.api.items("Pod", n)}
            for uid in self.pods.keys() - there.keys():
                ending = threading.Thread(target=self.pods.pop(uid).end, daemon=True)
                ending.start()
                self.ending.append(ending)
            for uid in there.keys() - self.pods.keys():
                if there[uid]["spec"].get("nodeName") and "deletionTimestamp" not in there[uid]["metadata"]:
                    self.pods[uid] = Pod(self, there[uid])
