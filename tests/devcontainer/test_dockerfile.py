"""The Dockerfile: clean for hadolint, in step with ./dev, and free of what kaniko gets wrong."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "devcontainer/Dockerfile"
TEXT = DOCKERFILE.read_text().replace("\\\n", " ")
BUILD, WORKSPACE = TEXT.split("\nFROM ")[1:]


def lint(dockerfile):
    return subprocess.run(
        [ROOT / "build/venv/bin/hadolint", "--no-color", dockerfile], capture_output=True, text=True, timeout=60
    )


def instructions(name, stage=TEXT):
    return [line.split(maxsplit=1)[1] for line in stage.splitlines() if line.startswith(name + " ")]


@pytest.mark.parametrize("file", [DOCKERFILE, ROOT / "deploy/image/Dockerfile"], ids=lambda f: f.parent.name)
def test_hadolint_finds_nothing(file):
    assert lint(file).stdout == ""


def test_hadolint_would_find_something(tmp_path):
    faulty = tmp_path / "Dockerfile"
    faulty.write_text("FROM debian:12\nRUN cd /tmp && sudo apt-get install curl\n")
    done = lint(faulty)
    assert done.returncode != 0 and "DL3004" in done.stdout


def test_the_build_stage_installs_what_dev_build_installs():
    (wanted,) = re.findall(r"^packages_build=\((.*?)\)", (ROOT / "dev").read_text(), re.S | re.M)
    (installed,) = re.findall(r"--no-install-recommends (.*?)&&", BUILD)
    assert sorted(installed.split()) == sorted(wanted.split())


def test_claude_code_is_the_version_that_the_tests_run():
    (wanted,) = re.findall(r"^claude_version=(.*)$", (ROOT / "dev").read_text(), re.M)
    assert f"CLAUDE_CODE_VERSION={wanted}" in instructions("ARG")


def test_kaniko_copies_no_symbolic_link():
    for words in instructions("COPY"):
        if words.startswith("--from="):
            continue
        for source in words.split()[:-1]:
            assert (ROOT / source).exists(), source
            links = [path for path in [ROOT / source, *(ROOT / source).rglob("*")] if path.is_symlink()]
            assert not links, f"COPY {words}: {links}"


def test_the_last_stage_is_the_workspace_and_its_user_is_coder():
    # envbuilder builds the last stage, and takes the user from it.
    assert instructions("USER", WORKSPACE) == ["coder"]
    assert not instructions("USER", BUILD)


def test_an_empty_version_leaves_claude_code_out(tmp_path):
    (step,) = [words for words in instructions("RUN", WORKSPACE) if "claude-code@" in words]
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\nexit 1\n")
    npm.chmod(0o755)
    for version, code in (("", 0), ("1.2.3", 1)):
        env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "CLAUDE_CODE_VERSION": version}
        assert subprocess.run(["sh", "-c", step], env=env).returncode == code
