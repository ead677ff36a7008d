"""docs/workspace.md is run as it stands: its files are written, its commands typed from top to bottom in one workspace, and
what they print is compared with what it shows. Numbers and times may differ, and "…" is any text."""

import re

from harness import PROGRAMS, PYTHON, ROOT

GUIDE = (ROOT / "docs/workspace.md").read_text()
PORT = "8080"


def steps(text):
    """In order: ("file", its name, its text) and ("command", what is typed, what it prints)."""
    for language, block in re.findall(r"^```(toml|console)\n(.*?)^```$", text, re.M | re.S):
        if language == "toml":
            yield "file", re.match(r"# ([\w./]+)", block)[1], block
            continue
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, printed = part.partition("\n")
            yield "command", command, printed


NUMBER = re.compile(r"\d+(\.\d+)?( (?:ms|s)\b)?")


def pattern(printed):
    """A regular expression of what is shown: numbers, their units, the widths of columns and … are free."""
    words = " ".join(printed.split())
    free = NUMBER.sub(lambda number: "\1" if number[2] else "\0", words)
    return (
        re.escape(free)
        .replace("\0", r"[\d.]+")
        .replace("\1", r"[\d.]+ (?:ms|s|min)")
        .replace(r"\ …", "(?: .*)?")
        .replace(r"…\ ", "(?:.* )?")
        .replace("…", ".*")
    )


def give_notes_server(workspace):
    """The MCP server that the guide speaks of: a real one, of the tests."""
    program = workspace.make("bin") / "notes-server"
    journal = workspace.directory / "journal"
    program.write_text(f'#!/bin/sh\nMCP_JOURNAL="{journal}" exec "{PYTHON}" "{PROGRAMS}/mcp_stdio.py"\n')
    program.chmod(0o755)
    workspace.env["PATH"] += f":{program.parent}"


def test_what_the_guide_shows_is_what_happens(workspace, free_port):
    give_notes_server(workspace)
    text = GUIDE.replace(PORT, str(free_port()))
    conf_d = workspace.make("conf.d")
    (conf_d / "00-test.toml").write_text(
        f'[daemon]\nlog_dir = "{workspace.logs}"\nstate_dir = "{workspace.state}"\n'
        f'[http]\nlisten = "127.0.0.1:{workspace.http_port}"\n'
    )
    typed = 0
    for kind, first, rest in steps(text):
        if kind == "file":
            (workspace.directory / first).write_text(rest)
            continue
        result = workspace.run("bash", "-c", f"{first} 2>&1", timeout=60)
        seen = " ".join(result.out.split())
        assert re.fullmatch(pattern(rest), seen, re.S), f"$ {first}\n{result.out}\n--- the guide shows\n{rest}"
        typed += 1
    assert typed > 10
