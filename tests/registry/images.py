"""Images as kaniko, BuildKit and Docker make them, small; pushed and pulled by the registry's HTTP interface."""

import hashlib
import json
import random

import httpx

DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
OCI = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
PARTS = {
    DOCKER: ("application/vnd.docker.container.image.v1+json", "application/vnd.docker.image.rootfs.diff.tar.gzip"),
    OCI: ("application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar+gzip"),
}


def digest_of(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Image:
    """A manifest, its blobs by digest, and for an index the images that it is made of."""

    def __init__(self, kind, manifest, blobs=(), children=()):
        self.kind, self.children = kind, list(children)
        self.blobs = {digest_of(blob): blob for blob in blobs}
        self.manifest = json.dumps({"schemaVersion": 2, "mediaType": kind} | manifest).encode()
        self.digest = digest_of(self.manifest)

    def on_disk(self):
        """Digests of all that the registry must have for it."""
        return {self.digest, *self.blobs}.union(*(child.on_disk() for child in self.children))


def descriptor(media_type, content):
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}


def layer(name, size=2000):
    return name.encode() + random.Random(name).randbytes(size)


def image(name, layers=None, kind=DOCKER):
    """An image with a configuration of its own, and these layers or one of its own."""
    layers = layers or [layer(name)]
    config = json.dumps({"architecture": "amd64", "os": "linux", "name": name}).encode()
    config_type, layer_type = PARTS[kind]
    manifest = {"config": descriptor(config_type, config), "layers": [descriptor(layer_type, one) for one in layers]}
    return Image(kind, manifest, [config, *layers])


def index(*children):
    manifests = [descriptor(child.kind, child.manifest) for child in children]
    return Image(INDEX, {"manifests": manifests}, children=children)


class Client:
    def __init__(self, address, repository):
        self.http = httpx.Client(base_url=f"http://{address}/v2/{repository}", timeout=20)

    def push(self, image, tag=None):
        """As tools do: what is there already is not sent again. Without a tag by digest."""
        for child in image.children:
            self.push(child)
        for digest, blob in image.blobs.items():
            if self.http.head(f"/blobs/{digest}").status_code == 404:
                upload = self.http.post("/blobs/uploads/")
                assert upload.status_code == 202, upload.text
                done = self.http.put(upload.headers["Location"], params=self.with_state(upload, digest), content=blob)
                assert done.status_code == 201, done.text
        done = self.http.put(f"/manifests/{tag or image.digest}", content=image.manifest,
                             headers={"Content-Type": image.kind})
        assert done.status_code == 201, done.text
        return image

    @staticmethod
    def with_state(upload, digest):
        return httpx.URL(upload.headers["Location"]).params.merge({"digest": digest})

    def manifest(self, reference):
        return self.http.get(f"/manifests/{reference}", headers={"Accept": f"{DOCKER}, {OCI}, {INDEX}"})

    def assert_whole(self, image, tag=None):
        """Every byte of it can be pulled, by digest, and by the tag if there is one."""
        for reference in filter(None, [image.digest, tag]):
            answer = self.manifest(reference)
            assert answer.status_code == 200, f"{reference}: {answer.text}"
            assert answer.content == image.manifest
        for digest, blob in image.blobs.items():
            answer = self.http.get(f"/blobs/{digest}")
            assert answer.status_code == 200 and answer.content == blob, f"{digest}: {answer.status_code}"
        for child in image.children:
            self.assert_whole(child)

    def assert_gone(self, reference):
        assert self.manifest(reference).status_code == 404
