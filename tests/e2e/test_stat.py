"""`workspacectl stat`: figures for Coder's agent metadata."""

import json
import os
import re
import subprocess

import pytest

from harness import NO_DAEMON, PYTHON, USAGE

CORES, GIB = r"\d+\.\d/\d+(\.\d)? cores \(\d+%\)", r"\d+\.\d/\d+\.\d GiB \(\d+%\)"
FIGURES = {"cpu": CORES, "mem": GIB, "disk": GIB, "swap": GIB, "load": r"\d+\.\d\d \d+\.\d\d \d+\.\d\d \(\d+ cores\)"}


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("host", [[], ["--host"]])
def test_a_figure_is_one_line_and_needs_no_daemon(workspace, figure, host):
    for _ in range(2):
        assert re.fullmatch(FIGURES[figure] + r"\n", workspace.ctl("stat", figure, *host).out)


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_is_an_object_with_json(workspace, figure):
    document = json.loads(workspace.ctl("stat", figure, "--json").out)
    assert document["figure"] == figure and 0 <= document["used"] and document["unit"] in ("cores", "bytes"), document


def test_cpu_is_what_was_used_since_the_last_question(workspace):
    workspace.ctl("stat", "cpu", "--host")
    subprocess.run([PYTHON, "-c", "import time; t = time.time()\nwhile time.time() - t < 1.5: pass"], check=True)
    used = json.loads(workspace.ctl("stat", "cpu", "--host", "--json").out)["used"]
    assert 0.5 < used <= os.cpu_count() + 0.1, used


def test_services_counts_those_that_count_for_health(workspace):
    workspace.configure('''
[services.a]
command = ["sleep", "1000"]
[services.b]
command = ["sleep", "1000"]
ready = { exec = "false", timeout = "60s" }
[services.c]
command = ["false"]
required = false
''')
    assert workspace.ctl("stat", "services", code=NO_DAEMON).out == ""
    workspace.ctl("up")
    workspace.ctl("wait", "a")
    assert workspace.ctl("stat", "services").out == "1/2 ready\n"
    assert json.loads(workspace.ctl("stat", "services", "--json").out) == {
        "figure": "services", "used": 1, "total": 2, "unit": "services",
    }


def test_an_unknown_figure_is_a_usage_error(workspace):
    assert "services" in workspace.ctl("stat", "gpu", code=USAGE).err
