"""The schemas of tests/flux/schemas, for kubeconform, from what an API server says of itself. Run as a program (`./dev
flux schemas`) it writes them; a test here holds them to the server.

Descriptions are left out, and everything that is not named is refused, as the server refuses it (fieldValidation=Strict).
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "flux")]

import manifests  # noqa: E402
from cluster import Cluster, eventually  # noqa: E402
from flux import add_custom_resources  # noqa: E402

SCHEMAS = Path(__file__).parents[1] / "flux" / "schemas"
KEPT = ("type", "enum", "required", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
# Types whose schema does not say all that the server takes.
FREE = {"IntOrString": {"type": ["string", "integer"]}, "Quantity": {"type": ["string", "number"]}}


def kinds():
    """(apiVersion, kind) of everything in deploy/flux."""
    with tempfile.TemporaryDirectory() as scratch:
        things = manifests.everything(Path(scratch)) + manifests.build(manifests.EXAMPLE)
    return {(thing["apiVersion"], thing["kind"]) for thing in things}


def schemas(api):
    """File name to text of the schema of each of these kinds."""
    wanted, found = kinds(), {}
    definitions = described(api, wanted)
    for name, definition in definitions.items():
        for version, kind in known_as(definition) & wanted:
            # kubeconform calls the group without a name by its version.
            group, number = (version if "/" in version else f"{version}/{version}").split("/")
            text = json.dumps(schema(definition, definitions, {name}), sort_keys=True, separators=(",", ":"))
            found[f"{group}/{kind.lower()}_{number}.json"] = text + "\n"
    return found


def described(api, wanted):
    """The definitions of a server's OpenAPI document; custom resources come into it a moment after they are served."""

    def complete():
        definitions = api.ask("GET", "/openapi/v2")["definitions"]
        return definitions if wanted <= set().union(*map(known_as, definitions.values())) else None

    return eventually(complete, f"the server describes all of {wanted}", 60)


def known_as(definition):
    """(apiVersion, kind) of the objects that a definition describes."""
    names = definition.get("x-kubernetes-group-version-kind", [])
    return {(f"{name['group']}/{name['version']}".removeprefix("/"), name["kind"]) for name in names}


def schema(of, definitions, inside):
    """JSON Schema of a definition, references resolved; one that contains itself is left free there."""
    if "$ref" in of:
        name = of["$ref"].split("/")[-1]
        kind = name.split(".")[-1]
        return FREE.get(kind) or ({} if name in inside else schema(definitions[name], definitions, inside | {name}))
    made = {key: of[key] for key in KEPT if key in of}
    if of.get("x-kubernetes-int-or-string"):
        made["type"] = ["string", "integer"]
    if "properties" in of:
        made["properties"] = {name: schema(part, definitions, inside) for name, part in of["properties"].items()}
        for name in made["properties"].keys() - set(of.get("required", [])):
            made["properties"][name] = optional(made["properties"][name])
        if not of.get("x-kubernetes-preserve-unknown-fields"):
            made["additionalProperties"] = False
    if isinstance(of.get("additionalProperties"), dict):
        made["additionalProperties"] = schema(of["additionalProperties"], definitions, inside)
    if "items" in of:
        made["items"] = schema(of["items"], definitions, inside)
    return made


def optional(made):
    """The server takes null for what may be left out."""
    return made | {"type": [made["type"], "null"]} if isinstance(made.get("type"), str) else made


def main():
    with tempfile.TemporaryDirectory(prefix="workspaced-schemas-") as directory, Cluster(directory) as cluster:
        add_custom_resources(cluster)
        written = schemas(cluster.api)
    shutil.rmtree(SCHEMAS, ignore_errors=True)
    for file, text in written.items():
        (SCHEMAS / file).parent.mkdir(parents=True, exist_ok=True)
        (SCHEMAS / file).write_text(text)
    print(f"{len(written)} schemas in {SCHEMAS}")


if __name__ == "__main__":
    main()
