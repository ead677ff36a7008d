"""What the documents promise is what the programs do."""

import re
import tomllib

import pytest

from harness import ROOT

README = (ROOT / "README.md").read_text()


def section(title):
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_verb_of_the_help_is_in_the_readme_and_the_other_way_round(workspace):
    verbs = workspace.ctl("help").out.split("Verbs:\n")[1].split("\n\n")[0]
    known = {line.split()[0] for line in verbs.splitlines() if line.startswith("  ") and line[2] != " "}
    told = set()
    for row in re.findall(r"^\| (`.*?) \|", section("Commands"), re.M):
        told |= {code.split()[0] for code in re.findall(r"`([^`]+)`", row)}
    assert told - {"workspacectl", "'patterns-*'"} == known


def test_every_exit_code_of_the_help_is_in_the_readme(workspace):
    told = re.findall(r"^\| (\d) \|", section("Commands"), re.M)
    assert told == list("0123456")
    codes = workspace.ctl("help").out.split("Exit codes:")[1]
    assert re.findall(r"\b(\d) ", codes) == told


def test_every_key_of_the_reference_is_in_the_readme():
    def leaves(table, path=()):
        for key, value in table.items():
            if isinstance(value, dict) and path[:1] in ((), ("services",), ("mcp",)) and len(path) < 2:
                yield from leaves(value, (*path, key))
            else:
                yield (*path, key)

    reference = tomllib.loads((ROOT / "config/reference.toml").read_text())
    text = section("Configuration")
    missing = [".".join(path) for path in leaves(reference) if not re.search(rf"`(\S+\.)?{path[-1]}\b", text)]
    assert not missing, f"README does not tell of {missing}"


@pytest.mark.parametrize("path", ["/health", "/health/web", "/livez", "/readyz", "/metrics", "/v1/services",
                                  "/v1/services/web", "/v1/services/web/logs"])
def test_every_route_of_the_readme_answers(workspace, path):
    assert path.replace("web", "<service>" if path.startswith("/health") else "<name>") in section("HTTP")
    workspace.configure('[services.web]\ncommand = ["sleep", "1000"]\n')
    workspace.up()
    assert workspace.request_unix("GET", path).status == 200
