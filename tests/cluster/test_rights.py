"""The rights of Coder's ServiceAccount by deploy/flux: what the template needs, and no more."""

import bed
import pytest
from cluster import volume
from workspace import Workspace

RIGHTS = [
    # namespace, group, resource, name, verbs that Coder has; it must have no others
    ("coder-workspace", "apps", "deployments", "", {"get", "create", "patch", "delete"}),
    ("coder-workspace", "", "persistentvolumeclaims", "", {"get", "create", "patch", "delete"}),
    ("coder-workspace", "", "pods", "", set()),
    ("coder-workspace", "", "pods/exec", "", set()),
    ("coder-workspace", "", "secrets", "", set()),
    ("coder-workspace", "", "configmaps", "", set()),
    ("coder-workspace", "", "serviceaccounts", "", set()),
    ("coder-workspace", "rbac.authorization.k8s.io", "rolebindings", "", set()),
    ("coder-workspace", "networking.k8s.io", "networkpolicies", "", set()),
    ("coder", "", "configmaps", "coder-workspace-config", {"get"}),
    ("coder", "", "configmaps", "another", set()),
    ("coder", "", "configmaps", "", set()),
    ("coder", "", "secrets", "onepassword-connect-token", set()),
    ("coder", "", "secrets", "", set()),
    ("coder", "", "pods", "", set()),
    ("coder", "apps", "deployments", "registry", set()),
    ("coder", "", "persistentvolumeclaims", "registry-data", set()),
    ("kube-system", "", "secrets", "", set()),
    ("default", "apps", "deployments", "", set()),
    ("", "", "secrets", "", set()),
    ("", "", "namespaces", "", set()),
    ("", "", "nodes", "", set()),
]
VERBS = {"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}


@pytest.mark.parametrize(
    "namespace, group, resource, name, verbs", RIGHTS, ids=[f"{r[0] or 'all'}:{r[2]}{r[3] and '/' + r[3]}" for r in RIGHTS]
)
def test_coder_may_do_what_the_template_needs_and_no_more(coder, namespace, group, resource, name, verbs):
    assert {verb for verb in VERBS if allowed(coder.api, namespace, group, resource, name, verb)} == verbs


def allowed(api, namespace, group, resource, name, verb):
    resource, _, part = resource.partition("/")
    asked = {"namespace": namespace, "group": group, "resource": resource, "subresource": part, "name": name, "verb": verb}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "metadata": {},
        "spec": {"resourceAttributes": asked},
    }
    return api.create(review)["status"]["allowed"]


def test_a_workspace_lives_and_dies_with_these_rights_alone(known, flux, coder, stand_behind, tmp_path):
    """Start, stop, start with more, deletion: Coder's account, the namespace, the quota and limits of deploy/flux."""
    known.api.apply(volume("workspace", "10Gi"))
    template = bed.Template(tmp_path / "one", settings="cluster").init()
    workspace = Workspace(template, known, "coder-workspace", stand_behind, coder)
    workspace.start()
    workspace.condition("Available")
    workspace.stop()
    workspace.gone(workspace.pods)
    workspace.start()
    workspace.condition("Available")
    workspace.destroy()
    workspace.gone(workspace.claims)
    workspace.gone(workspace.deployments)


def test_coder_reads_the_config_map_of_the_template(flux, coder):
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "coder-workspace-config", "namespace": "coder"}}
    assert coder.api.get(config)["data"]["registry_pull_url"] == "localhost:31500"
