"""The lines of docs/testing.md."""

from documents import ALL

HEAD = ["id", "must hold", "kind", "held by", "do", "expect"]


def rows():
    """Each a cell by the head of its column: its text, then its pieces of code."""
    document = next(document for document in ALL if document.name == "docs/testing.md")
    tables = [table for table in document.tables if [cell[0] for cell in table[0]] == HEAD]
    return [dict(zip(HEAD, row, strict=True)) for table in tables for row in table[1:]]


ROWS = {row["id"][0]: row for row in rows()}
