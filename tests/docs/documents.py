"""The Markdown files of the repository, taken apart: headings, links, code, tables."""

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
PARSER = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Code:
    """A fenced block, or code within a line: then its language is "inline"."""

    place: str
    language: str
    text: str


@dataclass
class Document:
    path: Path
    anchors: set[str] = field(default_factory=set)
    links: list[tuple[str, str]] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    tables: list[list[list[list[str]]]] = field(default_factory=list)
    """Each a list of rows of cells; a cell is the list of its pieces of code, after its text as the first."""

    @property
    def name(self):
        return str(self.path.relative_to(ROOT))

    def blocks(self, *languages):
        return [code for code in self.codes if code.language in languages]


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def read(path):
    document = Document(path)
    line = 0
    for token, after in pairs(PARSER.parse(path.read_text())):
        line = token.map[0] + 1 if token.map else line
        place = f"{document.name}:{line}"
        if token.type == "fence":
            document.codes.append(Code(place, (token.info.split() or [""])[0], token.content))
        elif token.type == "heading_open":
            add_anchor(document, plain(after))
        elif token.type == "table_open":
            document.tables.append([])
        elif token.type == "tr_open":
            document.tables[-1].append([])
        elif token.type in ("th_open", "td_open"):
            document.tables[-1][-1].append([plain(after), *codes_within(after)])
        elif token.type == "inline":
            document.codes += [Code(place, "inline", text) for text in codes_within(token)]
            document.links += [(place, target) for target in targets_within(token)]
    return document


def pairs(tokens):
    return zip(tokens, [*tokens[1:], None], strict=True)


def plain(inline):
    return "".join(child.content for child in inline.children)


def codes_within(inline):
    return [child.content for child in inline.children if child.type == "code_inline"]


def targets_within(inline):
    found = [child.attrs.get("href") or child.attrs.get("src") for child in inline.children]
    return [target for target in found if target]


def add_anchor(document, heading):
    """As GitHub makes them: a heading that stands there twice gets a number."""
    name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    again = sum(1 for known in document.anchors if re.fullmatch(rf"{re.escape(name)}(-\d+)?", known))
    document.anchors.add(f"{name}-{again}" if again else name)


ALL = [read(path) for path in tracked("*.md")]
CODES = [code for document in ALL for code in document.codes]
