"""The devcontainer and the feature as a workspace gets them: cloned, built and entered by the real envbuilder."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from envbuilder import BUILD_SECONDS, brought_up, free_port, registry_with_debian

pytestmark = [pytest.mark.image, pytest.mark.timeout(BUILD_SECONDS + 300)]

ROOT = Path(__file__).parents[2]
TOOLS = [
    "workspaced --version",
    "workspacectl version",
    "claude --version",
    "git --version",
    "gh --version",
    "jq --version",
    "curl --version",
    "direnv version",
    "node --version",
    "npm --version",
    "npx --version",
    "python3 --version",
    "uv --version",
]


@pytest.fixture(scope="module")
def debian(tmp_path_factory):
    with registry_with_debian(tmp_path_factory.mktemp("registry") / "registry") as image:
        yield image


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, debian):
    """This checkout as it stands, changes that are not committed included; Debian comes from our registry."""
    directory = tmp_path_factory.mktemp("workspace")
    repository = directory / "workspaced"
    repository.mkdir()
    listed = subprocess.check_output(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT)
    present = b"\0".join(name for name in listed.split(b"\0") if name and (ROOT / name.decode()).exists())
    files = subprocess.check_output(["tar", "-C", ROOT, "--null", "-T", "-", "-c"], input=present)
    subprocess.run(["tar", "-C", repository, "-x"], input=files, check=True)
    description = repository / "devcontainer/devcontainer.json"
    devcontainer = json.loads(description.read_text())
    devcontainer["build"]["args"] = {"BASE_IMAGE": debian}
    description.write_text(json.dumps(devcontainer))
    with brought_up(directory, repository) as container:
        yield container


def test_the_init_script_runs_as_coder_in_the_clone(workspace):
    assert workspace.says("id", "-un") == "coder"
    assert workspace.says("pwd") == "/workspaces/workspaced"
    assert workspace.environment["HOME"] == "/home/coder"


def test_the_clone_is_coders_and_nothing_is_left_to_commit(workspace):
    assert workspace.says("find", "/workspaces/workspaced", "!", "-user", "coder") == ""
    assert workspace.says("git", "status", "--porcelain") == ""


def test_coder_may_use_sudo_without_a_password(workspace):
    assert workspace.says("sudo", "-n", "id", "-un") == "root"


@pytest.mark.parametrize("command", TOOLS)
def test_a_promised_tool_runs(workspace, command):
    assert workspace.says(*command.split())


def test_uv_makes_an_environment_with_the_python_that_is_there(workspace):
    workspace.says("uv", "venv", "--offline", "--python", "/usr/bin/python3", "/tmp/uv-environment")
    workspace.says("/tmp/uv-environment/bin/python", "-c", "import ssl")


def test_direnv_is_hooked_into_a_terminal(workspace):
    assert "_direnv_hook" in workspace.says("bash", "-ic", "echo $PROMPT_COMMAND")


def test_a_terminal_completes_the_verbs(workspace):
    load = "source /usr/share/bash-completion/bash_completion; _completion_loader workspacectl; complete -p workspacectl"
    assert "workspacectl" in workspace.says("bash", "-c", load)


def comes_up_and_goes_down(container):
    health = free_port()
    configuration = f"""
[http]
listen = "127.0.0.1:{health}"

[services.site]
command = ["sh", "-c", "echo serving; exec sleep 600"]

[services.site.ready]
exec = "true"
"""
    container.says("mkdir", "-p", "/tmp/project")
    container.says("sh", "-c", f"cat >/tmp/project/workspaced.toml <<'END'\n{configuration}END")
    at = {"WORKSPACED_CONFIG": "/tmp/project/workspaced.toml"}
    container.says("workspacectl", "up", "--wait", "--timeout", "60s", **at)
    assert "site" in container.says("workspacectl", "status", **at)
    assert "serving" in container.says("workspacectl", "logs", "site", **at)
    container.says("workspacectl", "down", **at)


def test_a_workspace_comes_up_and_goes_down(workspace):
    comes_up_and_goes_down(workspace)


def published(feature, debian):
    """Publishes the feature into the registry that Debian is in; gives its name there. The CLI takes only localhost for a
    registry without TLS."""
    registry = "localhost:" + debian.partition("/")[0].partition(":")[2]
    publish = [os.environ["WORKSPACED_DEVCONTAINERS_CLI"], "features", "publish", "--registry", registry]
    subprocess.run([*publish, "--namespace", "coder", feature], check=True, timeout=60)
    return f"{registry}/coder/workspaced:0"


@pytest.mark.parametrize("place", ["beside", "registry"])
def test_the_feature_adds_the_daemon_to_a_plain_image(tmp_path, debian, feature, place):
    repository = tmp_path / "somebody"
    shutil.copytree(feature, repository / ".devcontainer/workspaced")
    name = "./workspaced" if place == "beside" else published(feature, debian)
    devcontainer = {"image": debian, "features": {name: {}}}
    (repository / ".devcontainer/devcontainer.json").write_text(json.dumps(devcontainer))
    with brought_up(tmp_path, repository) as container:
        comes_up_and_goes_down(container)
