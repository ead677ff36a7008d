"""deploy/flux as a cluster gets it: built by kustomize, variables filled in as Flux does.

Of Flux's substitution only the two forms that the manifests use are known here, and any other is an error; a test
against the real kustomize-controller (tests/cluster) holds this to what Flux makes of the same files.
"""

import os
import re
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
FLUX = ROOT / "deploy" / "flux"
EXAMPLE = FLUX / "clusters" / "example"
COMPONENTS = sorted(path.parent.name for path in FLUX.glob("components/*/kustomization.yaml"))

# Those that bring objects of their own; the others change what is there already.
STANDALONE = ["logstream", "monitoring", "networkpolicy", "quota"]

FILLED_IN = {
    "repository_url": "https://git.example.com/team/workspaced.git",
    "onepassword_vault": "coder",
    "onepassword_connect_item": "connect-token",
    "node_cidr": "192.0.2.0/24",
}
VARIABLE = re.compile(r"\$\{(\w+)(?::=([^}]*))?\}")
AS_IT_IS = {"kustomize.toolkit.fluxcd.io/substitute": "disabled"}


class Missing(Exception):
    """A variable without a value and without a default."""


def build(directory):
    """The objects of a directory with a kustomization.yaml, variables not filled in."""
    done = subprocess.run(
        [os.environ["WORKSPACED_KUSTOMIZE"], "build", directory], capture_output=True, text=True, timeout=60
    )
    if done.returncode:
        raise ValueError(done.stderr)
    return list(yaml.safe_load_all(done.stdout))


def build_with(components, scratch, resources=FLUX / "base"):
    """`resources` with these components, as a Kustomization of Flux combines them by path and spec.components."""
    names = {
        "resources": [os.path.relpath(resources, scratch)],
        "components": [os.path.relpath(FLUX / "components" / each, scratch) for each in components],
    }
    (scratch / "kustomization.yaml").write_text(yaml.safe_dump(names))
    return build(scratch)


def example_values():
    """What the one file to fill in says, filled in."""
    return unfilled_values() | FILLED_IN


def unfilled_values():
    return yaml.safe_load((EXAMPLE / "variables.yaml").read_text())["data"]


def example():
    """The objects of the example, filled in."""
    things = build(EXAMPLE)
    named(things, "ConfigMap", "workspaced-variables")["data"].update(FILLED_IN)
    named(things, "GitRepository", "workspaced")["spec"]["url"] = FILLED_IN["repository_url"]
    return things


def substitute(things, values):
    """Like Flux: in the text of each object, unless an annotation says no."""
    return [
        thing if is_left_alone(thing) else yaml.safe_load(VARIABLE.sub(value_by(values), yaml.safe_dump(thing, width=9999)))
        for thing in things
    ]


def value_by(values):
    def value_of(found):
        name, default = found.groups()
        if name not in values and default is None:
            raise Missing(name)
        return values.get(name) or default or ""

    return value_of


def is_left_alone(thing):
    return AS_IT_IS.items() <= thing["metadata"].get("annotations", {}).items()


def variables(things):
    """The variables of these objects: name to default, None for those that have none."""
    text = yaml.safe_dump_all([thing for thing in things if not is_left_alone(thing)], width=9999)
    unknown = VARIABLE.sub("", text)
    assert "${" not in unknown, unknown[unknown.index("${") - 80 :][:160]
    return dict(found.groups() for found in VARIABLE.finditer(text))


def everything(scratch):
    """All that deploy/flux can bring into a cluster, but the example's own wiring; variables not filled in."""
    ours = [name for name in COMPONENTS if name != "coder-connect-env"]
    return build_with(ours, scratch) + build(EXAMPLE / "coder")


def named(things, kind, name):
    (found,) = [t for t in things if t["kind"] == kind and t["metadata"]["name"] == name]
    return found
