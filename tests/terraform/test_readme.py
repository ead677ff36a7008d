"""terraform/README.md is true: its tables are the template's, its requirements are complete, its tests exist."""

import re
from pathlib import Path

import bed
import reference

TEXT = reference.README.read_text()
ROW = re.compile(r"^\| (T\d\d) \| .* \| (.*) \| (.*) \|$", re.MULTILINE)


def test_parameters_and_variables_are_those_of_the_template(tmp_path):
    assert TEXT == reference.wanted(reference.plan_of_the_sample(tmp_path)), "tests/terraform/reference.py --write"


def test_every_requirement_has_a_row():
    assert [row[0] for row in ROW.findall(TEXT)] == [f"T{n:02}" for n in range(1, 41)]


def test_every_file_that_meets_a_requirement_exists():
    for requirement, files, _ in ROW.findall(TEXT):
        for name in re.findall(r"`([\w./]+)`", files):
            assert (bed.TEMPLATE / name).is_file(), f"{requirement}: {name}"


def test_every_test_that_is_named_exists():
    runs = "".join(f.read_text() for f in bed.TEMPLATE.glob("tests/*.tftest.hcl"))
    functions = "".join(f.read_text() for f in (bed.ROOT / "tests").glob("*/test_*.py"))
    named = named_tests(TEXT) | named_tests((Path(__file__).parent / "README.md").read_text())
    assert len(named) > 80
    assert [name for name in named if f'run "{name}" {{' not in runs and f"def {name}(" not in functions] == []


def named_tests(text):
    """What the last column of each table with tests has in backticks, file names and commands aside."""
    tables = re.findall(r"^\|.*\| (?:held by|test) \|\n\|[-|]+\|\n((?:\|.*\|\n)+)", text, re.MULTILINE)
    cells = [row.split(" | ")[-1] for table in tables for row in table.splitlines()]
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
