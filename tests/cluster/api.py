"""The API of a Kubernetes server, for objects of any kind."""

import ssl

import httpx


class Refused(Exception):
    """The API server said no, and why."""


class Api:
    """Objects as the API server takes them: whatever it does not know in one is an error."""

    def __init__(self, url, token, certificate, user=None):
        """With `user` as an administrator in his name: (name, groups)."""
        self.url = url
        headers = [("Authorization", f"Bearer {token}")]
        if user:
            headers += [("Impersonate-User", user[0]), *(("Impersonate-Group", group) for group in user[1])]
        self.http = httpx.Client(
            base_url=url,
            headers=headers,
            verify=ssl.create_default_context(cafile=certificate),
            trust_env=False,
            timeout=30,
        )
        self.plurals = {}

    def apply(self, thing, part="", **parameters):
        """Creates it or makes it so; what the last call named and this one does not is removed."""
        return self.ask(
            "PATCH",
            self._path(thing, part),
            params={"fieldManager": "test", "force": "true", "fieldValidation": "Strict"} | parameters,
            headers={"Content-Type": "application/apply-patch+yaml"},
            json=thing,
        )

    def create(self, thing):
        """For what is asked and not kept: reviews."""
        path = self._collection(thing["apiVersion"], thing["kind"], thing["metadata"].get("namespace"))
        return self.ask("POST", path, params={"fieldValidation": "Strict"}, json=thing)

    def patch(self, thing, change, part=""):
        return self.ask(
            "PATCH", self._path(thing, part), headers={"Content-Type": "application/merge-patch+json"}, json=change
        )

    def get(self, thing):
        return self.ask("GET", self._path(thing))

    def exists(self, thing):
        return self.http.get(self._path(thing)).status_code != 404

    def delete(self, thing, propagation="Foreground"):
        """Gone, with all that belongs to it, unless a finalizer holds it. In the background what belongs to it goes later."""
        self.ask("DELETE", self._path(thing), params={"propagationPolicy": propagation})

    def items(self, kind, namespace, version="v1"):
        return self.ask("GET", self._collection(version, kind, namespace))["items"]

    def ask(self, method, path, **arguments):
        answer = self.http.request(method, path, **arguments)
        if answer.is_error:
            raise Refused(f"{method} {path}: {answer.status_code} {answer.json().get('message', answer.text)}")
        return answer.json()

    def _path(self, thing, part=""):
        meta = thing["metadata"]
        path = self._collection(thing["apiVersion"], thing["kind"], meta.get("namespace"))
        return f"{path}/{meta['name']}{part and '/' + part}"

    def _collection(self, version, kind, namespace):
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        if (version, kind) not in self.plurals:
            for known in self.ask("GET", root)["resources"]:
                if "/" not in known["name"]:
                    self.plurals[version, known["kind"]] = known["name"]
        return f"{root}{namespace and f'/namespaces/{namespace}' or ''}/{self.plurals[version, kind]}"
