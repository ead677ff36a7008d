"""Every command in the documents exists, with the options that it is given."""

import re

import commands
import pytest
from documents import Code

# What reads well and does something else, by the words of a command.
TRAPS = {
    r"kubectl .*(-n|--namespace[ =])\s?coder\b .*(com\.coder\.workspace|\bcoder-[0-9A-Z]|WORKSPACE)":
        "the pods of workspaces are in coder-workspace, not in Coder's own namespace",
    r"kubectl (run|exec) .*\bdocker (pull|push|run)\b": "there is no Docker daemon in that pod: ask the registry with curl",
    r"kubectl run .*--image=(docker\.io/library/)?docker\b(?!\.)": "there is no Docker daemon in that pod: ask the registry with curl",
}


@pytest.mark.parametrize("name", sorted(commands.programs()))
def test_every_call_of_a_program_is_one_that_it_knows(name):
    program = commands.programs()[name]
    called = [command for command in commands.ALL if command.words[0] == name]
    wrong = [f"{command}: {problem}" for command in called if (problem := program.problem(command))]
    assert not wrong, "\n".join(wrong)


def test_no_command_is_one_that_only_looks_right():
    wrong = [
        f"{command}: {why}"
        for command in commands.ALL
        for trap, why in TRAPS.items()
        if re.search(trap, " ".join(command.words))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "workspacectl dokter",
        "workspacectl up --wate",
        "workspacectl stat cpu|ram",
        "coder ssh dev -- workspacectl statsu",
        "./dev tset",
        "./dev template planet",
        "coder external-auth list",
        "coder apps --workspace dev",
        "coder state pull",
        "kubectl get pods --namespaces coder",
        "flux reconcile kustomizations apps",
        "workspaced --cheque",
    ],
)
def test_a_wrong_command_would_be_found(text):
    block = Code("here:1", "sh" if "|" not in text else "inline", text)
    problems = [
        commands.programs()[command.words[0]].problem(command)
        for command in commands.commands_of(block)
        if command.words[0] in commands.programs()
    ]
    assert any(problems)


def test_commands_are_found_wherever_they_stand():
    block = Code("here:1", "sh", "cd x && A=1 sudo coder ssh dev -- workspacectl status | grep \"$(coder list)\" # coder apps\n")
    found = [" ".join(command.words[:2]) for command in commands.commands_of(block)]
    assert found == ["cd x", "coder ssh", "workspacectl status", "grep $(coder list)", "coder list"]
