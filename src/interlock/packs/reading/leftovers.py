# SPDX-License-Identifier: Apache-2.0
"""Tables and lists that a wiki left behind in HTML, a row or an item to a line, as the Markdown that they stand for.

Markdown has a line of dashes below the titles, and HTML a line above them that opens the table: the titles take the
one, the dashes the other. No line is added or removed; a table that is laid out differently stays as it is.
"""

import re
from typing import Final

_OPENS: Final = re.compile(
    r"^\s*<table(?:\s[^<>]*)?>(?:\s*</?(?:thead|tbody|colgroup|col)(?:\s[^<>]*)?/?>)*\s*$", re.IGNORECASE
)
_ROW: Final = re.compile(r"^\s*(?:<t(?:body|head)(?:\s[^<>]*)?>\s*)?<tr(?:\s[^<>]*)?>(?P<cells>.*)</tr>", re.IGNORECASE)
_CELL: Final = re.compile(r"<t[dh](?:\s[^<>]*)?>(.*?)</t[dh]>", re.IGNORECASE)
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
_LEAST: Final = 2
"""One cell in a row makes no table."""


def as_rows(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines, as many as were given, with rows of Markdown for rows of HTML."""
    if not any("<tr" in line.lower() for line in lines):
        return lines
    found = list(lines)
    is_open = False
    for number, line in enumerate(lines):
        cells = _cells(line)
        if number and cells and _OPENS.match(lines[number - 1]):
            found[number - 1], found[number] = _row(cells), _row(["---"] * len(cells))
            is_open = True
        elif is_open and cells:
            found[number] = _row(cells)
        else:
            is_open = False
    return tuple(found)


def _cells(line: str) -> list[str]:
    row = _ROW.match(line)
    cells = _CELL.findall(row["cells"]) if row else []
    return [_BREAK.sub(", ", cell).replace("|", "/").strip() for cell in cells] if len(cells) >= _LEAST else []


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


_PART: Final = re.compile(r"<(?P<end>/?)(?P<name>[ou]l|li)(?:\s[^<>]*)?>", re.IGNORECASE)


def as_lists(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines, as many as were given, with items of Markdown, as deep and as counted as those of HTML."""
    if not any("<li" in line.lower() for line in lines):
        return lines
    found: list[str] = []
    stack: list[str] = []
    for line in lines:
        if line.lstrip().startswith("|"):
            found.append(_PART.sub(" ", line))
        else:
            mark = _mark_of(line, stack)
            found.append(mark + _PART.sub("", line).strip() if mark else line)
    return tuple(found)


def _mark_of(line: str, stack: list[str]) -> str:
    """What the first item of the line begins with; empty: it has none. The lists it opens and ends are noted."""
    mark = ""
    for part in _PART.finditer(line):
        name = part["name"].lower()
        if name == "li":
            mark = mark or ("" if part["end"] else _marked(stack))
        elif not part["end"]:
            stack.append(name)
        elif stack:
            stack.pop()
    return mark


def _marked(stack: list[str]) -> str:
    """What an item begins with in a list so deep."""
    indent = "   " * (len(stack) - 1)
    return f"{indent}{'1.' if stack and stack[-1] == 'ol' else '-'} "
