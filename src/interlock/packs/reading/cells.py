# SPDX-License-Identifier: Apache-2.0
"""What a row of a table asks for beside what it is about: an approval, a limit, a prohibition in a cell of its own.

`Promote | Release Manager | needs approval from the Product Owner` is a step, and an approval by somebody else.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from interlock.packs.coverage import Kind
from interlock.packs.reading.owning import OWNERS
from interlock.packs.reading.passages import Form, Passage
from interlock.packs.reading.saying import Saying, action_of
from interlock.packs.reading.seeking import sought

_ASSENT: Final = sought(
    r"\b(?:needs?|requires?|takes?|must have|subject to|only (?:after|with)|pending|after) (?:\w+ ){0,3}?"
    r"(?P<signed>sign-?offs?|signatures?)?(?:approvals?|consent|permission|agreement|go-?ahead|clearance|ok|okay)? ?"
    r"(?:of|from|by) "
)
_WORD: Final = re.compile(
    r"\b(?:sign-?offs?|signatures?|approvals?|consent|permission|agreement|go-?ahead|clearance|ok|okay)\b"
)
_SIGNED: Final = re.compile(r"\b(?:sign-?offs?|signatures?)\b")
_BARRED: Final = sought(
    r"\b(?:must|shall|may) not\b|\bnever\b|\b(?:do not|don't)\b|\bnot (?:be )?(?:allowed|permitted)\b"
    r"|\bforbidden\b|\bprohibited\b|\b(?:not|no) more than\b|\b(?:must|shall|has to|have to) (?:stay|be|remain) "
    r"(?:below|under|less|at most|above)\b"
)
_HALTS: Final = re.compile(
    r"^(?:abort|stop|halt|pause|revert|roll(?:s)? ?-?back|back out)\b.*\b(?:if|when|on|unless)\b"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that asks for something: in its own words, and behind what it is about."""

    kind: Kind
    bare: Passage
    whole: Passage


def in_cells(one: Saying) -> Iterator[Cell]:
    """Each cell of a row that asks for something by itself."""
    passage = one.passage
    if passage.form is not Form.ROW or len(passage.cells) < _LEAST:
        return
    about = passage.cells[0][1]
    action = action_of(passage)
    for column, cell in passage.cells[1:]:
        kind = _kind(cell.lower().replace("\u2019", "'"))
        if kind and cell != action and not OWNERS.search(column.lower()):
            bare = replace(passage, form=Form.SENTENCE, text=cell, cells=())
            yield Cell(kind, bare, replace(bare, text=f"{about}: {cell}") if about else bare)


def without(row: Passage, told: Iterable[Cell]) -> str:
    """The words of a row but for these cells: what carries the row does not carry what they ask for."""
    taken = {cell.bare.text for cell in told}
    return " | ".join(cell for _, cell in row.cells if cell and cell not in taken)


_LEAST: Final = 2


def _kind(low: str) -> Kind | None:
    if _ASSENT.search(low) and _WORD.search(low):
        return Kind.SIGNOFF if _SIGNED.search(low) else Kind.APPROVAL
    return Kind.RULE if _BARRED.search(low) or _HALTS.match(low) else None
