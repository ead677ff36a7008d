"""terraform/README.md is true: its tables are the template's, its requirements are complete."""

import re

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
