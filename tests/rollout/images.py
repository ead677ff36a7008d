"""Images, by buildah, without an engine: made from directories, pushed, pulled, unpacked to be run."""

import json
import subprocess


class Store:
    """Where buildah keeps what it works on."""

    def __init__(self, directory):
        self.directory = directory
        self.options = ["--root", directory / "store", "--runroot", directory / "run", "--storage-driver", "vfs"]

    def buildah(self, verb, *words):
        """What it says; it is told on failure."""
        done = subprocess.run(
            ["buildah", *self.options, verb, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise RuntimeError(f"buildah {verb} {' '.join(map(str, words))}: {done.stderr}")
        return done.stdout.strip()

    def push(self, *names, contents=(), base="scratch", env=(), entrypoint=None, user=None):
        """An image of `base` and `contents`, pairs of a path here and one there, under each of `names`."""
        container = self.buildah("from", base)
        for source, target in contents:
            self.buildah("add", "--quiet", container, source, target)
        settings = [word for variable in env for word in ("--env", variable)]
        if entrypoint:
            settings += ["--entrypoint", json.dumps(entrypoint)]
        if user:
            settings += ["--user", user]
        if settings:
            self.buildah("config", *settings, container)
        image = self.buildah("commit", "--quiet", "--rm", "--disable-compression", container, names[0])
        for name in names:
            self.buildah("push", "--quiet", "--disable-compression", image, f"docker://{name}")

    def build(self, name, dockerfile, context):
        """What `docker build` and `docker push` do."""
        self.buildah("build", "--quiet", "--tag", name, "--file", dockerfile, context)
        self.buildah("push", "--quiet", name, f"docker://{name}")

    def unpack(self, name):
        """(a root file system of its own to be written to, the configuration of the image). As with containerd and Docker, a
        registry on localhost needs no TLS."""
        container = self.buildah("from", "--pull", f"--tls-verify={str(not name.startswith('localhost:')).lower()}", name)
        root = self.buildah("mount", container)
        return root, json.loads(self.buildah("inspect", container))["OCIv1"]["config"]
