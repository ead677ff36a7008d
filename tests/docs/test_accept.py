"""`./dev accept` with stand-ins for coder and kubectl: there is no cluster here. tests/cluster/test_acceptance.py has a real one
for what kubectl decides."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ACCEPT = Path(__file__).parent / "accept.py"


@pytest.fixture
def accept(tmp_path):
    """A function: the lines, decided where these programs are: a name, and what its script says."""

    def decide(*ids, **programs):
        for name, script in programs.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
            (tmp_path / name).chmod(0o755)
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        return subprocess.run([sys.executable, ACCEPT, *ids], env=environment, capture_output=True, text=True, timeout=30)

    return decide


def checks(**results):
    found = [{"check": name.replace("_", "-"), "result": r, "seen": "PERPLEXITY_API_KEY", "fix": "mend it"} for name, r in results.items()]
    return f"cat <<'END'\n{json.dumps({'checks': found})}\nEND"


def test_a_line_holds_when_the_command_says_what_is_expected(accept):
    done = accept("P06", kubectl="echo condition met")
    assert (done.returncode, done.stdout.split()[:2]) == (0, ["ok", "P06"])


def test_another_answer_is_shown_and_fails(accept):
    done = accept("P06", kubectl="echo condition unknown")
    assert done.returncode == 1 and "FAILED P06" in done.stdout and "condition unknown" in done.stdout


def test_a_command_that_fails_is_shown_with_what_it_said(accept):
    done = accept("P06", kubectl="echo condition met; echo no such deployment >&2; exit 1")
    assert done.returncode == 1 and "FAILED P06" in done.stdout and "no such deployment" in done.stdout


def test_a_look_is_taken_again_until_it_shows_what_is_expected(accept, tmp_path):
    """R01 stops the workspace, whose pod has a minute to end."""
    second = f"if [ -e {tmp_path}/seen ]; then echo No resources found; else touch {tmp_path}/seen; echo Terminating; fi"
    done = accept("R01", coder="echo stopped", kubectl=second)
    assert (done.returncode, done.stdout.split()[:2]) == (0, ["ok", "R01"])


def test_what_a_program_asks_is_answered_with_enter(accept):
    done = accept("C01", coder="read -r branch && read -r size && test -z $branch$size")
    assert done.returncode == 0, done.stdout


def test_doctor_decides_by_the_line_of_that_name(accept):
    assert accept("C10", coder=checks(secrets="ok", claude_token="failed")).returncode == 0
    done = accept("C09", coder=checks(secrets="ok", claude_token="failed"))
    assert done.returncode == 1 and "fix: mend it" in done.stdout


def test_a_workspace_that_is_not_there_is_told(accept):
    done = accept("C09", coder="echo no workspace >&2; exit 1")
    assert done.returncode != 0 and "has no answer" in done.stderr


def test_what_a_person_must_see_is_shown(accept):
    done = accept("W01")
    assert done.returncode == 0 and "look   W01" in done.stdout and "VS Code" in done.stdout


def test_nothing_is_done_unasked(accept):
    done = accept(coder="exit 1", kubectl="exit 1")
    assert done.returncode == 2 and len(done.stdout.splitlines()) == 76
