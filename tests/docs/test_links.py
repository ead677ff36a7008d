"""Whatever a document points to inside the repository is there."""

import re
import subprocess
from pathlib import Path

from documents import ALL, ROOT, tracked

ANCHORS = {document.path: document.anchors for document in ALL}
FILES = set(tracked())
# .devcontainer aside: there is one in every repository, and documents speak of the reader's.
TOP = {path.relative_to(ROOT).parts[0] for path in FILES} - {".devcontainer"}


def exists(path):
    """In the repository, not just in somebody's checkout."""
    return path == ROOT or path in FILES or any(path in known.parents for known in FILES)


def ignored(path):
    """What git ignores is made by somebody who follows the document."""
    return subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT).returncode == 0


def problem_of(document, target):
    name, _, anchor = target.partition("#")
    path = Path(document, "..", name).resolve() if name else document
    if not exists(path):
        return "is not there"
    if anchor and path.suffix == ".md" and anchor not in ANCHORS[path]:
        return f"{path.name} has no such heading"
    return None


def test_every_link_leads_to_a_file_and_every_anchor_to_a_heading():
    wrong = [
        f"{place}: {target}: {problem}"
        for document in ALL
        for place, target in document.links
        if not re.match(r"https?://|mailto:", target) and (problem := problem_of(document.path, target))
    ]
    assert not wrong, "\n".join(wrong)


def test_every_file_that_is_named_by_its_path_is_there():
    """`daemon/core/fleet.hpp`: code of one word whose first part is a directory at the top of the repository. It may be meant
    from the document's own directory."""
    wrong = []
    for document in ALL:
        for code in document.blocks("inline"):
            path = re.fullmatch(r"(?:\./)?([\w.-]+)/[\w./-]+", code.text)
            here = (ROOT / code.text, Path(document.path, "..", code.text).resolve())
            if path and path[1] in TOP and not any(exists(each) or ignored(each) for each in here):
                wrong.append(f"{code.place}: {code.text}")
    assert not wrong, "\n".join(wrong)


def test_what_is_imported_for_agents_is_there():
    """A line @FILE in CLAUDE.md stands for the file."""
    for document in ALL:
        for name in re.findall(r"^@(\S+)$", document.path.read_text(), re.M):
            assert exists(document.path.parent / name), f"{document.name}: @{name}"
