"""The dependency rule of daemon/README.md: what a room may include is what it links, and the build enforces it."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DAEMON = ROOT / "daemon"


def links() -> dict[str, set[str]]:
    """Room -> rooms it links, from the CMakeLists.txt of each room."""
    found = {}
    for listing in DAEMON.glob("*/CMakeLists.txt"):
        match = re.search(r"ws_room\((\w+)(.*?)\)", listing.read_text(), re.S)
        if match:
            used = match[2].split("USES", 1)[1] if "USES" in match[2] else ""
            found[match[1]] = set(re.sub(r"#.*", "", used).split())
    return found


def reach(room: str, direct: dict[str, set[str]]) -> set[str]:
    seen = set()
    todo = [room]
    while todo:
        for other in direct.get(todo.pop(), ()):
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return seen


def compile_command(room: str) -> list[str]:
    """The dev preset's command for one source of the room, without its output and source."""
    commands = json.loads((ROOT / "build/dev/compile_commands.json").read_text())
    entry = next(each for each in commands if f"/daemon/{room}/" in each["file"])
    words = shlex.split(entry["command"])
    compiler = next(i for i, word in enumerate(words) if word.endswith("c++"))
    kept, skip = [], False
    for word in words[compiler:]:
        if skip or word in ("-c", entry["file"]) or word.endswith(".cpp"):
            skip = False
        elif word in ("-o", "-MF", "-MT"):
            skip = True
        elif word != "-MD":
            kept.append(word)
    return kept


def includes(room: str, header: str) -> bool:
    result = subprocess.run(
        [*compile_command(room), "-E", "-x", "c++", "-", "-o", "/dev/null"],
        input=f'#include "{header}"\n', cwd=ROOT / "build/dev", capture_output=True, text=True, check=False)
    if result.returncode != 0:
        assert header in result.stderr, result.stderr
    return result.returncode == 0


def some_header(room: str) -> str:
    return f"{room}/{min(path.name for path in (DAEMON / room).glob('*.hpp'))}"


def test_arrows_point_one_way():
    direct = links()
    assert "core" in direct and direct["core"] == set()
    for room in direct:
        assert room not in reach(room, direct), f"{room} depends on itself"


def test_the_readme_names_every_room_and_what_it_uses():
    rows = {match[1]: {word.strip() for word in match[2].split(",")}
            for match in re.finditer(r"^\| `(\w+)/` \|[^|]*\|([^|]*)\|$", (DAEMON / "README.md").read_text(), re.M)}
    direct = links()
    for room, used in direct.items():
        assert room in rows, f"daemon/README.md says nothing of {room}/"
        if room in ("core", "app"):
            continue
        assert rows[room] == used - {"asio"}, f"daemon/README.md on {room}/"


@pytest.mark.parametrize("room", sorted(links()))
def test_an_include_across_a_forbidden_line_does_not_compile(room):
    direct = links()
    allowed = reach(room, direct) | {room}
    for other in direct:
        assert includes(room, some_header(other)) == (other in allowed), f"{room} -> {other}"


def test_no_source_walks_around_the_rule():
    for source in [*DAEMON.rglob("*.cpp"), *DAEMON.rglob("*.hpp")]:
        assert not re.search(r'#include "\.\./', source.read_text()), source
