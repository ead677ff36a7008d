"""Who reaches whom when the component networkpolicy is in."""

import pytest
from manifests import FLUX, build, example_values, substitute
from policies import Address, Pod, connects

CODER = Pod("coder", {"app.kubernetes.io/name": "coder"})
DATABASE = Pod("coder", {"app.kubernetes.io/name": "postgresql"})
REGISTRY = Pod("coder", {"app.kubernetes.io/name": "registry"}, {"metrics": 5001})
WORKSPACE = Pod("coder-workspace", {"app.kubernetes.io/name": "coder-workspace"})
NEIGHBOUR = Pod("coder-workspace", {"app.kubernetes.io/name": "coder-workspace"})
PROMETHEUS = Pod("monitoring", {"app.kubernetes.io/name": "prometheus"})
DNS = Pod("kube-system", {"k8s-app": "kube-dns"})
CONNECT = Pod("1password", {"app": "onepassword-connect"})
STRANGER = Pod("default")
POSER = Pod("default", {"app.kubernetes.io/name": "coder"})  # the right label in the wrong namespace
NODE = Address("192.0.2.17")
SITE = Address("192.168.1.5")
API_SERVER = Address("10.96.0.1")
CLOUD = Address("169.254.169.254")
INTERNET = Address("203.0.113.80")
INTERNET_6 = Address("2001:db8::80")
SITE_6 = Address("fd00::5")

MATRIX = [
    # source, target, port, allowed
    ("a build pushes", WORKSPACE, REGISTRY, 5000, True),
    ("Coder looks for cached images", CODER, REGISTRY, 5000, True),
    ("a node pulls through the NodePort", NODE, REGISTRY, 5000, True),
    ("a stranger does not pull", STRANGER, REGISTRY, 5000, False),
    ("nor one who calls himself Coder", POSER, REGISTRY, 5000, False),
    ("nor another pod of Coder's namespace", DATABASE, REGISTRY, 5000, False),
    ("nor a host of the site", SITE, REGISTRY, 5000, False),
    ("nor the internet", INTERNET, REGISTRY, 5000, False),
    ("Prometheus asks the registry", PROMETHEUS, REGISTRY, 5001, True),
    ("but does not pull", PROMETHEUS, REGISTRY, 5000, False),
    ("a workspace does not read the registry's debug port", WORKSPACE, REGISTRY, 5001, False),
    ("nor does a node", NODE, REGISTRY, 5001, False),
    ("Prometheus asks a workspace", PROMETHEUS, WORKSPACE, 9101, True),
    ("but nothing else there", PROMETHEUS, WORKSPACE, 9001, False),
    ("workspaces do not reach each other", WORKSPACE, NEIGHBOUR, 9101, False),
    ("on no port", WORKSPACE, NEIGHBOUR, 22, False),
    ("Coder does not come in: the agent calls it", CODER, WORKSPACE, 8080, False),
    ("nor does a stranger", STRANGER, WORKSPACE, 9101, False),
    ("nor a node", NODE, WORKSPACE, 9101, False),
    ("the agent calls Coder", WORKSPACE, CODER, 8080, True),
    ("a workspace does not reach the database", WORKSPACE, DATABASE, 5432, False),
    ("nor 1Password Connect", WORKSPACE, CONNECT, 8080, False),
    ("nor a stranger", WORKSPACE, STRANGER, 80, False),
    ("nor one who calls himself Coder", WORKSPACE, POSER, 8080, False),
    ("nor Prometheus", WORKSPACE, PROMETHEUS, 9090, False),
    ("nor the API server", WORKSPACE, API_SERVER, 443, False),
    ("nor the cloud's metadata", WORKSPACE, CLOUD, 80, False),
    ("nor the site", WORKSPACE, SITE, 8123, False),
    ("nor by IPv6", WORKSPACE, SITE_6, 8123, False),
    ("a workspace reaches the internet", WORKSPACE, INTERNET, 443, True),
    ("also by IPv6", WORKSPACE, INTERNET_6, 443, True),
    ("the name service by TCP", WORKSPACE, DNS, 53, True),
    ("and nothing else there", WORKSPACE, DNS, 8080, False),
    ("Coder is left alone", STRANGER, CODER, 8080, True),
    ("and goes where it likes", CODER, CONNECT, 8080, True),
]


@pytest.fixture(scope="module")
def policies():
    return substitute(build(FLUX / "components" / "networkpolicy"), example_values())


@pytest.mark.parametrize("source, target, port, allowed", [row[1:] for row in MATRIX], ids=[row[0] for row in MATRIX])
def test_who_reaches_whom(policies, source, target, port, allowed):
    assert connects(policies, source, target, port) is allowed


def test_names_are_asked_for_by_udp(policies):
    assert connects(policies, WORKSPACE, DNS, 53, "UDP")
