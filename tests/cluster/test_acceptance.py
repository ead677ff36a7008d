"""Lines of docs/testing.md that kubectl decides, as they stand there, by the real kubectl and what `./dev accept` runs them with.
Here are no kubelet and no network between pods, so none that looks into a pod; and no Coder, so of a line that also asks
coder, kubectl's part."""

import os
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "docs"))

from accept import Line  # noqa: E402

PROGRAMS = f"{Path(os.environ['WORKSPACED_KUBECTL']).parent}:/usr/bin:/bin"


def problem(cluster, id, namespace="coder-workspace", workspace="dev", **more):
    line = Line(id)
    line.commands = [command for command in line.commands if command.startswith("kubectl ")]
    assert line.commands
    environment = {"KUBECONFIG": str(cluster.kubeconfig), "HOME": str(cluster.home), "PATH": PROGRAMS}
    return line.problem(
        lambda command: command.replace("-n coder-workspace", f"-n {namespace}").replace("name=dev", f"name={workspace}"),
        env=environment,
        **more,
    )


def test_what_is_asked_of_a_workspace(cluster, workspace):
    of = {"namespace": workspace.namespace, "workspace": workspace.template.coder["CODER_WORKSPACE_NAME"]}
    workspace.start()
    workspace.condition("Available")
    for id in ("C02", "C03", "C04"):
        assert problem(cluster, id, **of) is None
    assert problem(cluster, "R01", **of, patience=0), "it runs, so it has not stopped"
    workspace.stop()
    assert problem(cluster, "R01", **of) is None
    assert problem(cluster, "C02", **of) is None
    workspace.destroy()
    workspace.gone(workspace.claims)
    assert problem(cluster, "E05", **of) is None


@pytest.mark.parametrize("id", ["P12", "P19", "P20", "P22"])
def test_what_is_asked_of_the_cluster(cluster, flux, id):
    assert problem(cluster, id) is None


def test_the_registry_goes_away_and_comes_back(cluster, flux):
    assert problem(cluster, "E03") is None
    assert problem(cluster, "P20") is None
