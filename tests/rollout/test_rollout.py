"""From a cluster with Coder to a workspace, by docs/install.md, command by command; then the lines of docs/testing.md that a
command decides. One story: each test goes on where the one before has ended."""

import functools
import json
import time

from accept import LOOKS, PATIENCE, Line, answers, doctor
from checklist import ROWS
from guide import blocks, steps

# Commands of the guide that are not typed here: the program cannot be had, or what they ask is not here.
NOT_HERE = ("flux ", "kubectl exec -n coder deploy/coder -- sh -c", "./dev build")

# Lines of the checklist that are not asked here, and why.
ELSEWHERE = {
    "no 1Password: tests/terraform has its Connect server played": ["P05", "P06", "P07", "P08", "P09", "P10", "P12"],
    "no flux program, no GitHub": ["P17", "P18", "C12", "W04"],
    "no limits by cgroups: this node sets none": ["L01", "L02"],
}
FIRST = ["C01", "C03"]  # the guide creates the workspace by the command of C01, so that is not done again
BEGIN = ["P19", "P20", "P21", "P22", "D01", "D02"]
AT_WORK = ["C02", "C04", "C05", "C07", "C08", "C09", "C10", "C11", "C13", "C14", "C15", "C16"]
AT_WORK += ["W02", "W03", "W05", "W06", "W09", "L03", "M03", "M04", "M05", "M08"]
CACHED = ["C06", "R03", "R04"]
AGAIN = ["R01", "R02", "R05", "R06", "R07"]
ERRORS = ["E01", "E03", "E05"]

# What tests/terraform/sample has for the stand-in of the 1Password provider.
SECRETS = {
    "onepassword_vault": "sample-vault",
    "secrets": {
        "CLAUDE_CODE_OAUTH_TOKEN": {"item": "claude-code"},
        "PERPLEXITY_API_KEY": {"item": "perplexity", "required": False},
        "HA_TOKEN": {"item": "haos-api", "field": "password", "required": False},
    },
}


def follow(owner, heading, *wanted):
    """Does the blocks under this heading, all of them or those whose text has one of `wanted`."""
    for code in blocks(heading):
        if wanted and not any(text in code.text for text in wanted):
            continue
        if code.language == "json":
            (owner.directory / "terraform/terraform.tfvars.json").write_text(code.text)
            continue
        for step in steps(code):
            if not step.command.startswith(NOT_HERE):
                take(owner, step)


def take(owner, step):
    """A look is taken again until it shows what is expected, as a person would."""
    deadline = time.monotonic() + PATIENCE
    while True:
        done = owner.run("bash", "-c", step.command, typed=answers(step.command))
        if done.returncode == 0 and step.is_answered(done.stdout):
            return
        seen = f"{step.place}: {step.command}\nexpected: {step.says}\nexit code {done.returncode}:\n{done.stdout}"
        assert step.command.startswith(LOOKS) and time.monotonic() < deadline, seen
        time.sleep(1)


def set_variables(owner, **values):
    file = owner.directory / "terraform/terraform.tfvars.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def hold(owner, ids):
    """Each of these lines holds; all that do not are told."""
    here = {"env": owner.environment, "cwd": owner.directory}
    checks = functools.cache(lambda: doctor(**here))
    problems = {id: Line(id).problem(doctor=checks, **here) for id in ids}
    assert not any(problems.values()), "\n".join(f"{id}: {problem}" for id, problem in problems.items() if problem)


def test_every_line_that_a_command_decides_is_asked_or_said_why_not():
    asked = BEGIN + AT_WORK + CACHED + AGAIN + ERRORS + FIRST + sum(ELSEWHERE.values(), [])
    assert sorted(asked) == sorted(id for id in ROWS if Line(id).is_decided)


def test_the_cluster_is_prepared(owner):
    follow(owner, "Phase 0", "rollout status")


def test_a_pod_starts_from_the_fallback_image(owner, repository):
    follow(owner, "Phase 1")
    assert Line("C01").commands[0] in {step.command for code in blocks("Phase 1") for step in steps(code)}
    hold(owner, ["C03"])


def test_the_devcontainer_is_built_and_its_services_are_ready(owner, repository, feature):
    repository.add_devcontainers(feature)
    follow(owner, "Phase 2")
    set_variables(owner, **SECRETS)
    owner.says("coder", "templates", "push", "workspace", "--directory", "terraform", "--yes")
    owner.says("coder", "update", "dev")
    hold(owner, BEGIN)
    hold(owner, AT_WORK)
    owner.says("coder", "delete", "try", "--yes")  # of M08; two workspaces on one network would want the same ports


def test_the_image_comes_from_the_cache(owner):
    set_variables(owner, cache_enabled=True)
    follow(owner, "Phase 3")
    hold(owner, CACHED)


def test_a_stop_keeps_the_volume(owner):
    hold(owner, AGAIN)


def test_errors_are_told_and_a_deletion_leaves_nothing(owner):
    hold(owner, ERRORS)


def test_the_registry_says_nothing_of_a_collector_of_traces(home, owner):
    """Which it looks for by default, and there is none."""
    logs = [log.read_text() for log in (home / "node/pods").glob("registry-*/log")]
    assert "listening on" in logs[0] and not any("traces export" in log for log in logs)
