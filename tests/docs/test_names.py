"""Every test that a document names is in the repository."""

import re

from documents import ALL, ROOT

TEXTS = {
    "functions": "".join(path.read_text() for path in ROOT.glob("tests/*/*.py")),
    "runs": "".join(path.read_text() for path in ROOT.glob("terraform/tests/*.tftest.hcl")),
}
KNOWN = set(re.findall(r"^def (test_\w+)\(", TEXTS["functions"], re.M))
KNOWN |= set(re.findall(r'^run "(\w+)" \{', TEXTS["runs"], re.M))


def named(document):
    """Code that begins with test_, and all code of one word in columns headed "held by", "test" or "tests"."""
    for code in document.codes:
        if code.language == "inline" and re.fullmatch(r"test_\w+", code.text):
            yield code.text
    for head, *rows in document.tables:
        columns = [i for i, cell in enumerate(head) if cell[0] in ("held by", "test", "tests")]
        for row in rows:
            yield from (word for i in columns for word in row[i][1:] if re.fullmatch(r"\w+", word))


def test_every_test_that_is_named_exists():
    missing = {f"{document.name}: {name}" for document in ALL for name in named(document) if name not in KNOWN}
    assert not missing, "\n".join(sorted(missing))


def test_names_are_found_where_they_are_expected():
    """The template's table alone names more than sixty."""
    template = next(document for document in ALL if document.name == "terraform/README.md")
    assert len(set(named(template))) > 60
