"""The simulation of the core is a judge: it must condemn a core that has a fault.

Each mutant is the core with one small fault. It is built from the sources, and the simulated schedules must find it. A
mutant whose text is no longer in the sources fails: then the fault has to be put in anew.
"""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/dev"
SCHEDULES = "4000"

# name: (file of daemon/core, what stands there, what stands there in the mutant)
MUTANTS = {
    "the timer of a backoff is dropped": (
        "lifecycle.cpp",
        "if (const auto* backoff = std::get_if<in::backoff>(&subject.state)) return backoff->until;",
        "",
    ),
    "the timer before SIGKILL is dropped": (
        "lifecycle.cpp",
        "return stopping->killed ? std::nullopt : std::optional(stopping->kill_at);",
        "return std::nullopt;",
    ),
    "the timer of the ready probe is dropped": (
        "lifecycle.cpp",
        "return starting->probe.next ? std::min(limit, *starting->probe.next) : limit;",
        "return starting->probe.next;",
    ),
    "an exit is ignored": (
        "lifecycle.cpp",
        "void machine::on(const process_exited& what) {",
        "void machine::on(const process_exited& what) {\n  if (next_.runs % 2 == 0) return;",
    ),
    "the end of a group is ignored": (
        "lifecycle.cpp",
        "void machine::on(const group_gone&) {",
        "void machine::on(const group_gone&) {\n  if (next_.runs % 2 == 0) return;",
    ),
    "news of an old run is believed": (
        "lifecycle.cpp",
        "const bool stale = named && (current == nullptr || current->id != *named);",
        "const bool stale = named && current == nullptr;",
    ),
    "what a process left behind is forgotten": (
        "lifecycle.cpp",
        'if (what.group_alive) return begin_stop(std::move(because), text + "; stopping what it left behind");',
        "",
    ),
    "a service starts before what it needs": (
        "fleet.cpp",
        "bool fleet::may_start(const member& subject) const {",
        "bool fleet::may_start(const member& subject) const {\n  if (subject.state.runs > 1) return true;",
    ),
    "a dependency stops before its dependants": (
        "fleet.cpp",
        "bool fleet::dependants_hold(const std::string& name) const {",
        "bool fleet::dependants_hold(const std::string& name) const {\n  if (shutting_down_) return false;",
    ),
    "who follows another does not": (
        "fleet.cpp",
        "subject.ask = pending::follow;",
        "continue;",
    ),
    "who does not follow another does": (
        "fleet.cpp",
        "|| !needs->second.restart ||",
        "||",
    ),
    "a process starts beside its hook": (
        "lifecycle.cpp",
        "if (prepare) return run_hook_now(hook_kind::before_start);",
        "if (prepare) run_hook_now(hook_kind::before_start);",
    ),
    "a schedule starts what is paused": (
        "lifecycle.cpp",
        "void machine::on(const schedule_due&) {\n  if (next_.paused) return;",
        "void machine::on(const schedule_due&) {",
    ),
    "a new daemon starts beside what runs": (
        "takeover.cpp",
        "const bool is_it = found && found->run == id.value;",
        "const bool is_it = false && found->run == id.value;",
    ),
    "a run that was not written down is forgotten": (
        "takeover.cpp",
        "if (found && found->run > remembered.runs)",
        "if (false)",
    ),
}


def compile_command(source):
    """The dev preset's own command for a source of the core."""
    commands = subprocess.run(
        ["ninja", "-C", BUILD, "-t", "commands", f"daemon/core/CMakeFiles/ws_core.dir/{source}.o"],
        check=True, capture_output=True, text=True,
    ).stdout.splitlines()
    return shlex.split(commands[-1])


def build(directory, source):
    """The simulation with one object of its own, which the linker takes instead of the library's."""
    words = compile_command(source)
    mine = directory / source
    original = ROOT / "daemon/core" / source
    words = [str(mine) if Path(w).name == source and not w.startswith("-") and w.endswith(".cpp") else w for w in words]
    for option, value in (("-o", directory / "mutant.o"), ("-MF", directory / "mutant.d"), ("-MT", "mutant.o")):
        words[words.index(option) + 1] = str(value)
    words = ["-O1" if w == "-O0" else w for w in words if w != "-Werror"]
    assert str(mine) in words and str(original) not in words, words
    subprocess.run(words, cwd=BUILD, check=True, capture_output=True)
    tests = BUILD / "tests/unit/core/CMakeFiles/unit_core.dir"
    program = directory / "mutant"
    subprocess.run(
        ["g++", "-o", program, directory / "mutant.o", tests / "random_fleet.cpp.o", tests / "simulation.cpp.o",
         tests / "simulation_test.cpp.o", BUILD / "daemon/core/libws_core.a", "-lgtest", "-lgtest_main"],
        check=True, capture_output=True,
    )
    return program


def simulate(program):
    environment = {"PATH": os.environ["PATH"], "WORKSPACED_SCHEDULES": SCHEDULES}
    return subprocess.run(
        [program, "--gtest_filter=simulation.random*"], env=environment, capture_output=True, text=True, timeout=100
    )


@pytest.mark.parametrize("name", MUTANTS)
def test_the_simulation_finds(tmp_path, name):
    source, healthy, sick = MUTANTS[name]
    text = (ROOT / "daemon/core" / source).read_text()
    assert text.count(healthy) == 1, f"{source} has changed: put the fault in anew"
    (tmp_path / source).write_text(text.replace(healthy, sick))
    ended = simulate(build(tmp_path, source))
    assert ended.returncode != 0, f"{SCHEDULES} schedules did not notice that {name}"
    assert "replay: WORKSPACED_SEED=" in ended.stdout or ended.returncode < 0, ended.stdout


def test_the_healthy_core_passes(tmp_path):
    """As it is built for the mutants: what they fail for is their fault."""
    source = "lifecycle.cpp"
    (tmp_path / source).write_text((ROOT / "daemon/core" / source).read_text())
    assert simulate(build(tmp_path, source)).returncode == 0
