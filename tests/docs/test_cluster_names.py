"""What the documents ask a cluster for is there by that name: objects, namespaces, labels and addresses are those of deploy/flux
and of the template."""

import re

import commands
from documents import ALL, ROOT, tracked

MANIFESTS = "".join(path.read_text() for path in tracked("deploy/flux/*.yaml"))
TEMPLATE = "".join(path.read_text() for path in tracked("terraform/*.tf"))
NAMED = set(re.findall(r"\bname: [\"']?([\w.-]+)", MANIFESTS))

# What is in the cluster before us, and what people make while they read.
OTHERS = {"coder", "onepassword-connect", "onepassworditems.onepassword.com", "coder-workspace"}
NAMESPACES = {"coder", "coder-workspace", "1password", "flux-system", "monitoring"}
VERBS_WITH_A_KIND = ("get", "describe", "delete", "patch", "annotate")

ADDRESS = re.compile(r"[\w.-]+\.svc\.cluster\.local(?::\d+)?|localhost:315\d\d|ghcr\.io/coder/[\w.-]+:\d[\w.]*")


def kubectl():
    return [command for command in commands.ALL if command.words[0] == "kubectl"]


def option(command, *names):
    """Values of an option, however it is written."""
    words = command.words
    for i, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names:
            yield value if equals else words[i + 1]


def names_of(command):
    """KIND/NAME anywhere, and the word after a kind that follows a verb."""
    words = command.words[: command.words.index("--")] if "--" in command.words else command.words
    yield from (name for word in words for name in re.findall(r"^(?:deployment|deploy|configmap|kustomization)/(.+)", word))
    plain = [words[i] for i in range(1, len(words)) if not words[i].startswith("-") and words[i - 1] not in ("-n", "-l", "-o")]
    if plain[:1] and plain[0] in VERBS_WITH_A_KIND and len(plain) > 2:
        yield plain[2]


def is_known(name):
    return name in NAMED | OTHERS or name.isupper() or "…" in name


def test_every_object_has_the_name_of_a_manifest():
    wrong = [f"{command}: {name}" for command in kubectl() for name in names_of(command) if not is_known(name)]
    assert not wrong, "\n".join(wrong)


def test_every_namespace_is_one_that_is_there():
    found = [(command, value) for command in kubectl() for value in option(command, "-n", "--namespace")]
    assert len(found) > 20
    wrong = [f"{command}: {value}" for command, value in found if value not in NAMESPACES]
    assert not wrong, "\n".join(wrong)


def test_every_label_is_one_that_something_has():
    found = [(command, value.split("=")[0]) for command in kubectl() for value in option(command, "-l", "--selector")]
    assert len(found) > 5
    wrong = [f"{command}: {label}" for command, label in found if f'"{label}"' not in TEMPLATE and f"{label}:" not in MANIFESTS]
    assert not wrong, "\n".join(wrong)


def test_every_address_is_one_that_is_configured():
    wrong = [
        f"{document.name}: {address}"
        for document in ALL
        for address in ADDRESS.findall(document.path.read_text())
        if address not in MANIFESTS + TEMPLATE
    ]
    assert not wrong, "\n".join(wrong)
