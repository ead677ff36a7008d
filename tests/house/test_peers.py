"""docs/peers.md claims nothing without a test, and leaves nothing out without a reason."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/peers.md").read_text()
SECTIONS = ["Restart policy and failure actions", "Dependencies and ordering", "Configuration", "Identity, limits, PID 1"]


def rows(section):
    """(row, verdict, how or why not, names of tests) of each line of a section's table."""
    text = TEXT.split(f"\n## {section}\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert lines[:2] == ["| row | we | how, or why not | held by |", "|---|---|---|---|"]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    assert all(len(each) == 4 for each in cells), "a row has four cells"
    return [(row, verdict, why, re.findall(r"`([^`]+)`", held)) for row, verdict, why, held in cells]


ROWS = [row for section in SECTIONS for row in rows(section)]


def source_of(name):
    """The one test file of that name, which may be led by folders where the name alone is not enough."""
    found = [path for path in (ROOT / "tests").rglob("*") if path.suffix in (".py", ".cpp")
             and f"/{path.relative_to(ROOT).with_suffix('')}".endswith(f"/{name}")]
    assert len(found) == 1, f"{name} is {[str(path.relative_to(ROOT)) for path in found] or 'no file'}"
    return found[0]


def has_test(path, test):
    text = path.read_text()
    if path.suffix == ".py":
        return re.search(rf"^def {re.escape(test)}\(", text, re.M)
    return re.search(rf"^TEST(_F|_P)?\(\w+, {re.escape(test)}\)", text, re.M)


def test_every_section_is_read():
    assert re.findall(r"^## (.*)$", TEXT, re.M) == SECTIONS


@pytest.mark.parametrize(("row", "verdict", "why", "tests"), ROWS, ids=[row[0] for row in ROWS])
def test_a_row_is_held_by_tests_or_has_a_reason(row, verdict, why, tests):
    assert verdict in ("yes", "in part", "no")
    assert bool(tests) == (verdict != "no"), "a claim has its tests, and only a claim"
    assert why or verdict == "yes", "what we do not do has a reason"
    for each in tests:
        file, _, test = each.partition("::")
        assert has_test(source_of(file), test), f"{each} is no test"
