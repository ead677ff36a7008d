"""The commands that documents tell people to type, and what is known of the programs that they call.

Ours are asked: `workspacectl help`, `workspaced --help`, `./dev help`. Those of others are listed in programs.toml, as far
as our documents use them: a command that is not there is wrong, or new and to be added with the source looked up.
"""

import functools
import os
import re
import subprocess
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import tree_sitter_bash
from documents import CODES, ROOT
from tree_sitter import Language, Parser

BASH = Parser(Language(tree_sitter_bash.language()))
SHELL = ("sh", "bash", "shell", "console")
BUILD = ROOT / "build" / os.environ.get("WORKSPACED_TEST_PRESET", "release")
BEFORE_A_COMMAND = {"sudo", "nice", "exec", "time", "command"}


@dataclass(frozen=True)
class Command:
    place: str
    words: tuple[str, ...]
    typed: bool
    """In a block, to be typed as it stands; in a line it may be a name ("what `coder state pull` shows")."""

    def __str__(self):
        return f"{self.place}: {' '.join(self.words)}"


# ---------------------------------------------------------------- commands in documents


def shell_text(code):
    """What is typed: of a console, the lines after the prompt."""
    if code.language != "console":
        return code.text
    return "".join(f"{line[2:]}\n" for line in code.text.splitlines() if line.startswith(("$ ", "> ")))


def without_synopsis(text):
    """[--wait], a|b and … are how people write what may be left out, chosen from or repeated."""
    return re.sub(r"(?<=[\w'\]])\|(?=[\w'\[-])", "¦", text).replace("…", "").replace("...", "")


def split(text):
    """The words of every simple command, quotes taken off."""
    todo, found = [BASH.parse(text.encode()).root_node], []
    while todo:
        node = todo.pop()
        todo += reversed(node.children)
        if node.type == "command":
            parts = [c for c in node.children if c.type not in ("variable_assignment", "file_redirect", "herestring_redirect")]
            found.append([part.text.decode().strip("\"'") for part in parts])
    return found


def within(words):
    """The command itself, and the one that it carries after -- into a pod or a workspace."""
    while words and words[0] in BEFORE_A_COMMAND:
        words = words[1:]
    yield words
    if "--" in words[1:] and words[0] != "workspaced":
        yield from within(words[words.index("--") + 1 :])


def commands_of(code):
    typed = code.language in SHELL
    if not typed and code.language != "inline":
        return
    text = shell_text(code) if typed else without_synopsis(code.text)
    for words in split(text):
        for each in within(words):
            each = each if typed else [w for w in (word.strip("[]") for word in each) if w]
            if each:
                yield Command(code.place, tuple(each), typed)


ALL = [command for code in CODES for command in commands_of(code)]


# ---------------------------------------------------------------- programs


@dataclass
class Verb:
    options: set[str] = field(default_factory=set)
    choices: set[str] = field(default_factory=set)
    """What the first argument must be one of, unless it is empty."""
    needs: int = 0


@dataclass
class Program:
    verbs: dict[tuple[str, ...], Verb]
    options: set[str] = field(default_factory=set)
    with_value: set[str] = field(default_factory=set)
    """Those of the options before a verb that take the next word."""

    def problem(self, command):
        """What is wrong with the command, or None."""
        words = list(command.words[1:])
        while words and words[0].startswith("-"):
            option = words.pop(0)
            if name_of(option) not in self.options:
                return f"no option {option}"
            if option in self.with_value and words:
                words.pop(0)
        if not words:
            return None
        for alternative in alternatives(words):
            path = max((p for p in self.verbs if tuple(alternative[: len(p)]) == p), key=len, default=None)
            if path is None:
                return f"no verb '{' '.join(alternative[:2])}'"
            wrong = self.problem_of(self.verbs[path], alternative[len(path) :], command.typed)
            if wrong:
                return wrong
        return None

    def problem_of(self, verb, rest, typed):
        rest = rest[: rest.index("--")] if "--" in rest else rest
        for word in rest:
            if word.startswith("-") and word != "-" and not known(word, verb.options | self.options):
                return f"no option {word}"
        arguments = [word for word in rest if not word.startswith("-")]
        if typed and len(arguments) < verb.needs:
            return f"needs {verb.needs} arguments"
        for word in arguments[:1] if verb.choices else ():
            if not set(word.split("¦")) <= verb.choices and not word.isupper():
                return f"'{word}' is none of {sorted(verb.choices)}"
        return None


def name_of(option):
    return option.split("=")[0]


def known(option, options):
    """-it is -i and -t, -n5 is -n with a value."""
    short = not option.startswith("--")
    return name_of(option) in options or (short and (option[:2] in options) and option[2:].isalnum())


def alternatives(words):
    """`start¦stop NAME` is two commands."""
    return [[first, *words[1:]] for first in words[0].split("¦")]


def told(*command):
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


OPTION = re.compile(r"(?<![\w-])(--?[a-zA-Z][\w-]*)")


def options_in(help_text):
    return set(OPTION.findall("\n".join(re.findall(r"^ +(-.*?)(?:  |$)", help_text, re.M))))


def workspacectl():
    program = str(BUILD / "workspacectl")
    overview = told(program, "help")
    verbs = {}
    for name in re.findall(r"^  ([a-z]+) ", overview.split("Verbs:\n")[1].split("\n\n")[0], re.M):
        text = told(program, "help", name)
        usage = text.splitlines()[0]
        choices = re.search(r" \[?([a-z]+(?:\|[a-z]+)+)", usage.split(name, 1)[1])
        verbs[(name,)] = Verb(options_in(text), set(choices[1].split("|")) if choices else set())
    return Program(verbs, {*options_in(overview), "--version", "--help"}, {"--socket"})


def workspaced():
    text = told(str(BUILD / "workspaced"), "--help")
    options = options_in(text) | {"--version", "--help", "--"}
    return Program({("run",): Verb(options)}, options, {"--config", "--socket", "--"})


def dev():
    """./dev template says its own verbs when it is given none that it knows."""
    text = told("./dev", "help") + told("./dev", "template", "help")
    options = set(OPTION.findall(text))
    verbs = {(name,): Verb(options) for name in re.findall(r"^  \./dev (\w+)", text, re.M)}
    verbs[("help",)] = Verb()
    verbs[("template",)].choices = set(re.findall(r"\w+", text.split("needs one of:")[1])) - {"floor"}
    return Program(verbs, {"--help", "-h"})


def others():
    for name, told_of in tomllib.loads((Path(__file__).parent / "programs.toml").read_text()).items():
        verbs = {}
        for synopsis, options in told_of["commands"].items():
            words = synopsis.split()
            path = tuple(word for word in words if not word.isupper())
            verbs[path] = Verb(set(options), needs=len(words) - len(path))
        yield name, Program(verbs, set(told_of["options"]), set(told_of["options"]))


@functools.cache
def programs():
    return {"workspacectl": workspacectl(), "workspaced": workspaced(), "./dev": dev(), **dict(others())}
