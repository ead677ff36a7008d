"""From the resources of the Kubernetes provider to the objects that the provider would send.

Used where the real provider is out of reach. Small on purpose: names are rewritten by rule, the table below has what no
rule gives, and the API server refuses whatever comes out wrong (fieldValidation=Strict).
"""

import re

KINDS = {
    "kubernetes_config_map_v1": ("v1", "ConfigMap"),
    "kubernetes_deployment_v1": ("apps/v1", "Deployment"),
    "kubernetes_persistent_volume_claim_v1": ("v1", "PersistentVolumeClaim"),
    "kubernetes_secret_v1": ("v1", "Secret"),
    "kubernetes_service_account_v1": ("v1", "ServiceAccount"),
}

# Repeated blocks that the provider names in the singular.
REPEATED = {
    "container": "containers",
    "init_container": "initContainers",
    "port": "ports",
    "toleration": "tolerations",
    "volume": "volumes",
    "volume_mount": "volumeMounts",
}

# Blocks that the provider lets one repeat, although Kubernetes takes one.
SINGLE = {"label_selector"}

# Texts to the provider, numbers to the API server.
NUMBERS = {"fs_group", "port", "replicas", "run_as_group", "run_as_user"}
OCTAL = {"default_mode", "mode"}

# The provider's own business, or the API server's: not part of what is sent.
METADATA = ("name", "namespace", "labels", "annotations")
CONTENT = ("spec", "data", "binary_data", "type", "immutable", "automount_service_account_token")


def camel(name):
    return re.sub(r"_([a-z0-9])", lambda m: m[1].upper(), name)


def translate(kind, values, schema):
    version, name = KINDS[kind]
    everything = block(schema, values)
    metadata = {key: everything["metadata"][key] for key in METADATA if key in everything["metadata"]}
    thing = {"apiVersion": version, "kind": name, "metadata": metadata}
    thing |= {camel(key): everything[camel(key)] for key in CONTENT if camel(key) in everything}
    if name == "Secret":
        thing["stringData"] = thing.pop("data", {})
    return thing


def block(schema, values):
    """What is set in a block; what is not set is left to the API server."""
    result = {}
    for name in schema.get("attributes", {}):
        if values.get(name) is not None:
            result[camel(name)] = attribute(name, values[name])
    for name, nested in schema.get("block_types", {}).items():
        parts = [block(nested["block"], part or {}) for part in values.get(name) or []]
        if len(parts) == 1 and (nested.get("max_items") == 1 or name in SINGLE):
            result[camel(name)] = parts[0]
        elif parts:
            result[REPEATED.get(name, camel(name))] = parts
    return result


def attribute(name, value):
    if name in NUMBERS and str(value).isdigit():
        return int(value)
    if name in OCTAL:
        return int(value, 8)
    return value
