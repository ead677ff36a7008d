"""A workspace as Coder drives it: Terraform applies the template for each transition, and its objects reach the API
server by the real provider, or, where that is a stand-in, by who stands behind it."""

import bed
from cluster import eventually

WITHIN = 120  # the machine may be busy with other tests


class Workspace:
    def __init__(self, template, cluster, namespace, stand_behind, coder=None):
        """`coder`: the cluster in the eyes of the Coder server; without it, Coder may do everything. `stand_behind` gives the
        address of somebody with an API's rights."""
        coder = coder or cluster
        self.template = template
        self.api = cluster.api
        self.namespace = namespace
        # Without a cache: envbuilder's provider would look for a registry.
        self.variables = {"namespace": namespace, "cache_enabled": False}
        if bed.ALL_REAL:
            template.environment["KUBE_CONFIG_PATH"] = str(coder.kubeconfig)
        else:
            template.environment["WORKSPACED_STANDIN_KUBERNETES"] = stand_behind(coder.api)

    # ------------------------------------------------------------ what Coder does

    def start(self, **variables):
        return self.template.apply("start", **self.variables | variables)

    def stop(self):
        return self.template.apply("stop", **self.variables)

    def destroy(self):
        self.template.destroy(**self.variables)

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
