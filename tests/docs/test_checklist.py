"""docs/testing.md has every line of the acceptance checklist, and says of each who decides it."""

import json
import re
import subprocess

import pytest
from accept import Line
from checklist import ROWS, rows
from commands import BUILD
from documents import ROOT
from test_names import KNOWN

# How many lines each section of the checklist has, in its order. The checklist is part of the product's requirements: these
# numbers change only with it.
LINES = {"P": 22, "D": 4, "C": 17, "W": 9, "R": 7, "L": 4, "E": 5, "M": 8}
IDS = [f"{section}{n:02}" for section, count in LINES.items() for n in range(1, count + 1)]
IN_A_CLUSTER = {"doctor", "scripted", "manual"}


def kinds(row):
    """Without the names of what doctor calls its checks."""
    return {kind.split()[0] for kind in row["kind"][0].split(", ")}


def test_every_line_of_the_checklist_is_there_once_and_in_order():
    assert [row["id"][0] for row in rows()] == IDS


@pytest.mark.parametrize("id", IDS)
def test_each_says_who_decides(id):
    row = ROWS[id]
    assert row["must hold"][0]
    assert kinds(row) and kinds(row) <= {"automated"} | IN_A_CLUSTER
    if "automated" in kinds(row):
        by = row["held by"][1:]
        assert [word for word in by if word in KNOWN or re.match(r"\./dev \w+|tests/\w+", word)] == by and by
    assert ("doctor" in kinds(row)) == bool(row["kind"][1:])
    assert ("scripted" in kinds(row)) <= bool(Line(id).commands), "nothing that ./dev accept could run"
    if kinds(row) & IN_A_CLUSTER:
        assert row["do"][0] and row["expect"][0]
    else:
        assert not row["do"][0] and not row["expect"][0]


def test_doctor_has_every_check_that_is_named(tmp_path):
    """Asked in a place where it finds nothing: it tells of every check all the same."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "WORKSPACED_SOCKET": str(tmp_path / "none.sock")}
    done = subprocess.run(
        [BUILD / "workspacectl", "doctor", "--json"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=30
    )
    known = {check["check"] for check in json.loads(done.stdout)["checks"]}
    assert {name for row in ROWS.values() for name in row["kind"][1:]} <= known


def test_most_of_it_needs_no_person():
    """Manual alone is left to what only eyes or somebody else's program can judge."""
    assert len([row for row in ROWS.values() if kinds(row) == {"manual"}]) <= 3
    assert len([row for row in ROWS.values() if "automated" in kinds(row)]) >= 50


def checks_of_the_installation():
    """Ids in brackets in the text, and the commands of the next console."""
    text = (ROOT / "docs/install.md").read_text()
    for ids, console in re.findall(r"\(([A-Z]\d\d(?:, [A-Z]\d\d)*)\):\n\n *```console\n(.*?)```", text, re.S):
        yield ids.split(", "), [line.strip()[2:] for line in console.splitlines() if line.strip().startswith("$ ")]


def test_the_installation_checks_by_the_same_commands():
    """Who installs and who accepts read the same command in two places; here it is one."""
    checked = 0
    for ids, typed in checks_of_the_installation():
        for id in ids:
            theirs = ROWS[id]["do"][1:]
            assert [command for command in typed if command in theirs], f"{id}: {theirs} is none of {typed}"
            checked += 1
    assert checked > 10
