"""What NetworkPolicies let through, by the rules of the API's documentation: whoever no policy selects is open; others
let in (or out) what any of their policies allows. A connection needs both ends' consent.

An evaluator of our own, as no network plugin runs without a cluster. It knows the fields that the manifests here use
and refuses others.
"""

import ipaddress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Pod:
    namespace: str
    labels: dict = field(default_factory=dict)
    ports: dict = field(default_factory=dict)  # the named ones


@dataclass(frozen=True)
class Address:
    """Somebody who is no pod: a node, a host on the internet."""

    ip: str


def connects(policies, source, target, port, protocol="TCP"):
    """May `source` open a connection to this port of `target`?"""
    return agrees(policies, "Egress", source, target, target, port, protocol) and agrees(
        policies, "Ingress", target, source, target, port, protocol
    )


def agrees(policies, direction, one, other, target, port, protocol):
    if isinstance(one, Address):
        return True
    mine = [p for p in policies if direction in p["spec"]["policyTypes"] and selects(p, one)]
    key, peers = ("egress", "to") if direction == "Egress" else ("ingress", "from")
    return not mine or any(
        rule_allows(rule, peers, other, target, port, protocol) for p in mine for rule in p["spec"].get(key, [])
    )


def rule_allows(rule, peers, other, target, port, protocol):
    known_only(rule, peers, "ports")
    return ("ports" not in rule or any(is_port(p, target, port, protocol) for p in rule["ports"])) and (
        peers not in rule or any(is_peer(p, other) for p in rule[peers])
    )


def is_port(wanted, target, port, protocol):
    known_only(wanted, "port", "protocol")
    number = target.ports.get(wanted["port"]) if isinstance(wanted["port"], str) else wanted["port"]
    return number == port and wanted.get("protocol", "TCP") == protocol


def is_peer(peer, other):
    known_only(peer, "ipBlock", "namespaceSelector", "podSelector")
    if "ipBlock" in peer:
        return isinstance(other, Address) and is_in(peer["ipBlock"], other.ip)
    if not isinstance(other, Pod):
        return False
    # Without a selector of namespaces only the policy's own would count: none of ours is meant so.
    namespace = {"kubernetes.io/metadata.name": other.namespace}
    return matches(peer["namespaceSelector"], namespace) and matches(peer.get("podSelector", {}), other.labels)


def is_in(block, ip):
    known_only(block, "cidr", "except")
    address = ipaddress.ip_address(ip)
    return address in ipaddress.ip_network(block["cidr"]) and not any(
        address in ipaddress.ip_network(hole) for hole in block.get("except", [])
    )


def selects(policy, pod):
    return policy["metadata"]["namespace"] == pod.namespace and matches(policy["spec"]["podSelector"], pod.labels)


def matches(selector, labels):
    known_only(selector, "matchLabels")
    return selector.get("matchLabels", {}).items() <= labels.items()


def known_only(thing, *names):
    assert set(thing) <= set(names), f"not known to this evaluator: {set(thing) - set(names)}"
