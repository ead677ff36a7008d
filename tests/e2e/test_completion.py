"""Completion in real shells: somebody presses Tab, and what is then run is what was meant."""

import os
import signal

import pytest

from harness import BUILD, eventually
from shells import SHELLS, Shell

SERVICES = '''
[services.web-server]
command = ["sleep", "1000"]
[services.web-worker]
command = ["sleep", "1000"]
[services.database]
command = ["sleep", "1000"]
'''


@pytest.fixture(params=SHELLS)
def shell(request, workspace):
    workspace.configure(SERVICES)
    workspace.up()
    with_completion = Shell(request.param, workspace)
    yield with_completion
    with_completion.close()


def test_verb_and_name_are_completed_and_run(shell, workspace):
    shell.type("workspacectl sto\tdat\t\r")
    eventually(lambda: workspace.state_of("database") == "stopped", 20, "the completed line was run")
    assert workspace.state_of("web-server") == "ready"


def test_two_tabs_list_the_names(shell):
    shell.type("workspacectl restart web-\t\t")
    shell.expect("web-server")
    shell.expect("web-worker")
    assert "database" not in shell.screen()


def test_options_and_their_values_are_completed(shell, workspace):
    marker = workspace.directory / "waited"
    shell.type(f"workspacectl wait --fo\tst\tdatab\t && echo done > {marker}\r")
    workspace.ctl("stop", "database")
    eventually(marker.exists, 20, "it was a wait for `stopped`")


def test_files_are_completed_where_a_file_is_meant(shell, workspace):
    (workspace.directory / "another.toml").write_text(workspace.config_file.read_text())
    shell.type("workspacectl check ano\t\r")
    shell.expect("another.toml: no errors")


def test_an_option_before_the_verb_is_no_hindrance(shell, workspace):
    shell.type("workspacectl --no-color sto\tdat\t\r")
    eventually(lambda: workspace.state_of("database") == "stopped", 20, "the completed line was run")


def test_without_a_daemon_a_name_is_not_completed_and_nothing_is_said(shell, workspace):
    workspace.ctl("down")
    shell.forget()
    shell.type("workspacectl restart dat\t\t")
    shell.type("\x15echo still he''re\r")  # Ctrl-U takes the line away
    shell.expect("still here")
    assert "database" not in shell.screen() and "no daemon" not in shell.screen()


def test_an_answer_takes_milliseconds_also_from_a_daemon_that_hangs(workspace):
    workspace.configure(SERVICES)
    workspace.up()
    pid = workspace.daemon_pid()
    line = [BUILD / "workspacectl", "completion", "--", "restart", ""]
    assert [x.split("\t")[0] for x in workspace.run(*line).out.splitlines()] == ["database", "web-server", "web-worker"]
    os.kill(pid, signal.SIGSTOP)
    try:
        result = min((workspace.run(*line) for _ in range(5)), key=lambda r: r.seconds)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert result.out == result.err == "" and result.code == 0, result
    assert result.seconds < 0.15, result
