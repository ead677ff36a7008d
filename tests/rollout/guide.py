"""docs/install.md, followed: the blocks of a section in their order, each done as it says."""

import re
from dataclasses import dataclass

from documents import ALL, ROOT

GUIDE = "docs/install.md"


@dataclass
class Step:
    """Something to type and what is said then; no `says` where the document shows none."""

    place: str
    command: str
    says: list[str]

    def is_answered(self, output):
        """Every line shown is there, in this order. … is any text, spaces are as many as there are, more may follow."""
        lines = iter([" ".join(line.split()) for line in output.splitlines()])
        return all(any(re.match(pattern(shown), line) for line in lines) for shown in self.says)


def pattern(shown):
    return ".*".join(re.escape(part) for part in " ".join(shown.split()).split("…"))


def blocks(heading):
    """The blocks of code under the heading that begins so."""
    text = (ROOT / GUIDE).read_text().splitlines()
    starts = [n for n, line in enumerate(text, 1) if line.startswith("## ")]
    (start,) = [n for n in starts if text[n - 1].startswith(f"## {heading}")]
    end = min((n for n in starts if n > start), default=len(text))
    (document,) = [document for document in ALL if document.name == GUIDE]
    return [code for code in document.codes if code.language != "inline" and start < line_of(code) < end]


def line_of(code):
    return int(code.place.rpartition(":")[2])


def steps(code):
    """What is typed in a block; nothing in one that is a file."""
    if code.language not in ("sh", "console"):
        return []
    if code.language == "sh":
        return [Step(code.place, line, []) for line in code.text.splitlines()]
    found = []
    for line in code.text.splitlines():
        if line.startswith("$ "):
            found.append(Step(code.place, line[2:], []))
        else:
            found[-1].says.append(line)
    return found
