"""A workspace as Coder drives it: Terraform applies the template for each transition, and its objects reach the API
server by the real provider, or, where that is a stand-in, by translation."""

import json

import bed
from cluster import eventually
from objects import objects

WITHIN = 120  # the machine may be busy with other tests


class Workspace:
    def __init__(self, template, cluster, namespace, coder=None):
        """`coder`: the cluster in the eyes of the Coder server; without it, Coder may do everything."""
        coder = coder or cluster
        self.template = template
        self.api = cluster.api
        self.hand = coder.api
        self.namespace = namespace
        # Without a cache: envbuilder's provider would look for a registry.
        self.variables = {"namespace": namespace, "cache_enabled": False}
        self.sent = {}
        self.translated = not bed.ALL_REAL
        if self.translated:
            self.schemas = json.loads(template.terraform("providers", "schema", "-json").ok().output)
        else:
            template.environment["KUBE_CONFIG_PATH"] = str(coder.kubeconfig)

    # ------------------------------------------------------------ what Coder does

    def start(self, **variables):
        return self._apply("start", variables)

    def stop(self):
        return self._apply("stop", {})

    def destroy(self):
        self.template.destroy(**self.variables)
        self._send({})

    def _apply(self, transition, variables):
        state = self.template.apply(transition, **self.variables | variables)
        if self.translated:
            self._send(objects(state, self.schemas))
        return state

    def _send(self, wanted):
        """The difference to what was sent before: what is no longer wanted goes first, pods come last."""
        if not self.translated:
            return
        for key in [key for key in self.sent if key not in wanted]:
            self.hand.delete(self.sent.pop(key))
        for key, thing in sorted(wanted.items(), key=lambda item: item[0][0] == "Deployment"):
            self.sent[key] = thing
            self.hand.apply(thing)

    # ------------------------------------------------------------ what the cluster has

    def deployments(self):
        return self.api.items("Deployment", self.namespace, "apps/v1")

    def pods(self):
        return self.api.items("Pod", self.namespace)

    def claims(self):
        return self.api.items("PersistentVolumeClaim", self.namespace)

    def condition(self, kind):
        """That condition of the workspace's Deployment, once it holds."""

        def holds():
            (deployment,) = self.deployments()
            found = [c for c in deployment.get("status", {}).get("conditions", []) if c["type"] == kind]
            return found[0] if found and found[0]["status"] == "True" else None

        return eventually(holds, f"the Deployment is {kind}", WITHIN)

    def gone(self, what):
        """`what()`, which lists something, comes to list nothing."""
        eventually(lambda: not what(), f"nothing left of {what.__name__}", WITHIN)
