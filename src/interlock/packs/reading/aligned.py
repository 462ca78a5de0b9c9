# SPDX-License-Identifier: Apache-2.0
"""Two columns that were drawn with spaces, as the items of a list: `Hall supervisor      agrees to the date`.

Where several lines in a row have one wide gap, and what stands behind it begins in the same place, each is an item with
its label. No line is added or removed.
"""

import re
from typing import Final

_TWO: Final = re.compile(
    r"^(?P<indent> {0,8})(?P<label>(?![-*+|>#\d(\[_])\S(?:[^\s|]| (?! ))*?)(?P<gap> {3,})(?P<rest>[^\s|_.].*)$"
)
_LEAST: Final = 2
_LONGEST: Final = 40
_SIGNED: Final = re.compile(r": {3,}|:$| {3,}:|\S {3,}\S.* {3,}\S|__|\.\.\.")
"""What has a colon already, a third column, or a place to write in."""


def as_labelled(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines, as many as were given, with an item for each row of two such columns."""
    found = list(lines)
    rows: list[tuple[int, re.Match[str]]] = []
    for number, line in enumerate((*lines, "")):
        row = _TWO.match(line)
        is_row = row is not None and len(row["label"]) <= _LONGEST and not _SIGNED.search(line)
        if row and is_row and (not rows or row.start("rest") == rows[0][1].start("rest")):
            rows.append((number, row))
        elif not (rows and line.strip() and len(line) - len(line.lstrip()) == rows[0][1].start("rest")):
            _write(found, rows)
            rows = [(number, row)] if row and is_row else []
    return tuple(found)


def _write(found: list[str], rows: list[tuple[int, re.Match[str]]]) -> None:
    for number, row in rows if len(rows) >= _LEAST else ():
        joined = " " if _GOES_ON.match(row["rest"]) else ": "
        found[number] = f"{row['indent'][:_DEEPEST]}- {row['label']}{joined}{row['rest']}"


_DEEPEST: Final = 3
"""An item that is indented further is none."""
_GOES_ON: Final = re.compile(r"(?:is|are|means?|stands) ")
"""`REV     is the revision`."""
