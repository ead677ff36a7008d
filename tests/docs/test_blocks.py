"""Every block of code in the documents is what its language says: whoever reads that language has nothing to say."""

import configparser
import json
import os
import re
import subprocess
import tomllib

import pytest
import yaml
from commands import BUILD, SHELL, shell_text
from documents import CODES, ROOT, Code

# Text that no program reads.
PROSE = ("inline", "", "text", "diff")
REFERENCE = tomllib.loads((ROOT / "config/reference.toml").read_text())


def run(*command, text="", **rest):
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, **rest)


def judged(*command, text):
    done = run(*command, text=text)
    assert done.returncode == 0, done.stdout + done.stderr


def judge_shell(code, _directory):
    text = shell_text(code)
    assert text.strip(), "a console shows commands after a dollar"
    judged("bash", "-n", text=text)
    # 1090, 2034, 2154: what a piece of a script reads or sets may stand elsewhere. 2016: what another machine's shell expands.
    judged("shellcheck", "--shell=bash", "--exclude=1090,1091,2016,2034,2154", "--severity=info", "-", text=text)
    placeholder = re.search(r"(?<![<\w])<[a-z][\w -]*>", text)
    assert not placeholder, f"the shell reads {placeholder[0]} as a redirection: write it in capitals"


def judge_toml(code, directory):
    document = tomllib.loads(code.text)
    if not set(document) <= set(REFERENCE):
        return  # somebody else's
    (directory / "workspaced.toml").write_text(code.text)
    (directory / "conf.d").mkdir()
    (directory / "conf.d/rest.toml").write_text(rest_of(document))
    variables = {name: "8000" for name in re.findall(r"(?<!\$)\$\{(\w+)(?::\?[^}]*)?\}", code.text)}
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory), **variables}
    done = run(BUILD / "workspacectl", "check", directory / "workspaced.toml", env=environment)
    mistaken = "with a mistake" in code.text.splitlines()[0]
    assert done.returncode == (3 if mistaken else 0), done.stdout + done.stderr


def rest_of(document):
    """What makes a configuration of a piece of one: commands of services, and services that others name."""
    services = document.get("services", {})
    named = {other for service in services.values() for other in service.get("depends_on", {})}
    named |= {mcp["service"] for mcp in document.get("mcp", {}).values() if "service" in mcp}
    named |= set(document.get("mcp_server", {}).get("control", [])) - {"*"}
    without = [name for name in sorted(named | set(services)) if "command" not in services.get(name, {})]
    return "\n".join(f'[services."{name}"]\ncommand = "true"\n' for name in without)


def judge_yaml(code, _directory):
    assert [part for part in yaml.safe_load_all(code.text) if part is not None]


def judge_json(code, _directory):
    json.loads(code.text)


def judge_jsonc(code, _directory):
    json.loads(re.sub(r"^\s*//.*$|(?<=[\s,{\[])//.*$", "", code.text, flags=re.M))


def judge_terraform(code, _directory):
    judged(os.environ.get("WORKSPACED_TERRAFORM", "terraform"), "fmt", "-check", "-diff", "-", text=code.text)


def judge_ini(code, _directory):
    """As supervisord reads its file."""
    configparser.RawConfigParser(inline_comment_prefixes=(";",), strict=False).read_string(code.text)


def judge_dockerfile(code, _directory):
    """Nothing here builds images: only that every line is an instruction."""
    known = "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL RUN SHELL STOPSIGNAL USER VOLUME WORKDIR".split()
    for line in re.sub(r"^#.*\n|\\\n", "", code.text, flags=re.M).splitlines():
        assert not line.strip() or line.split()[0] in known, line


JUDGES = dict.fromkeys(SHELL, judge_shell) | {
    "toml": judge_toml,
    "yaml": judge_yaml,
    "json": judge_json,
    "jsonc": judge_jsonc,
    "hcl": judge_terraform,
    "terraform": judge_terraform,
    "ini": judge_ini,
    "dockerfile": judge_dockerfile,
}


@pytest.mark.parametrize("code", [pytest.param(code, id=code.place) for code in CODES if code.language not in PROSE])
def test_a_block_is_what_its_language_says(code, tmp_path):
    assert code.language in JUDGES, f"nobody here reads {code.language}: give it a judge"
    JUDGES[code.language](code, tmp_path)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sh", "if true; then echo x"),
        ("sh", "cat $file"),
        ("sh", "kubectl logs <pod>"),
        ("console", "workspacectl status"),
        ("toml", '[services.web]\ncomand = "x"'),
        ("toml", "[services.web.ready]\nhttp = 1"),
        ("yaml", "a: [b"),
        ("json", "{'a': 1}"),
        ("hcl", "a=1"),
        ("ini", "command = x"),
        ("dockerfile", "FORM debian"),
    ],
)
def test_a_wrong_block_would_be_found(language, text, tmp_path):
    with pytest.raises((AssertionError, ValueError, yaml.YAMLError, configparser.Error)):
        JUDGES[language](Code("here:1", language, text), tmp_path)
