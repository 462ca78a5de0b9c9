# SPDX-License-Identifier: Apache-2.0
"""Rows of tables: what a row asks for follows from the titles of its columns as much as from its words."""

import re
from typing import Final

from interlock.packs.reading.beside import signing_line
from interlock.packs.reading.lexicon import APPROVED, DOING, SIGNED, TELLING, TOLD, cut
from interlock.packs.reading.manner import begins_as_told
from interlock.packs.reading.owning import is_signing
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.timing import is_timed
from interlock.packs.reading.topics import Topic

_REACTION: Final = sought(
    r"\b(?:reactions?|response|consequence|then|if (?:red|not|it fails|missed|failed|exceeded)|on failure|action)\b"
)
_MEASURE: Final = sought(
    r"\b(?:signal|metric|alarm|alert|threshold|symptom|indicator|measure|red|limit|condition|trigger)\b"
)
_CLOSED: Final = sought(r"\b(?:freezes?|blackouts?|moratori\w+|windows?|closed|from)\b")
_DATED: Final = sought(
    r"^[^a-z]*\d|\b(?:day|week|month|year|quarter|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|christmas|easter"
    r"|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b"
)
_ENDS: Final = sought(r"\b(?:from|until|to|till|end)\b")
_NEEDS: Final = sought(r"\b(?:needs|requires?|approvals?|required)\b")
_AGREED: Final = sought(r"\b(?:reviews?|approvals?|approvers?|sign-?offs?)\b")
_DECIDES: Final = re.compile(
    r"^(?:the )?(?:[a-z-]+ )?(?:board|committee|council|director|lead|manager|head)s?"
    r"(?:,? (?:and|or|no) (?:the )?[a-z -]{3,30})?$"
)
"""A cell that names who decides, and no more."""
_HEARS: Final = sought(
    r"(?<!by )\b(?:whom|who (?:hears|gets|receives|is told|knows|to (?:contact|notify|inform|tell))"
    r"|informed?|notif\w+|recipients?"
    r"|first (?:message|update|notice)|channel)\b"
)


_OF_STEPS: Final = re.compile(r"^(?:[^|]* \| )?(?:steps?|actions?|tasks?|activit(?:y|ies))(?: \||$)")
"""Who hears of a step is not what the step is."""
_CHECK: Final = sought(r"\b(?:checks?|gates?|criteri\w+|controls?|tests?)\b")


def _columns(one: Saying) -> str:
    return " | ".join(column.lower() for column, _ in one.passage.cells)


def is_reaction(one: Saying) -> bool:
    """A measure, and what is done when it is bad: `error rate | 3 % | roll back`."""
    if one.passage.form is not Form.ROW or not _MEASURE.search(_columns(one)):
        return False
    return any(_REACTION.search(column.lower()) and cut(cell).opener for column, cell in one.passage.cells[1:])


def is_closed_row(one: Saying) -> bool:
    """A time in which nothing is released, or the only one in which something is."""
    columns = _columns(one)
    has_days = any(_DATED.search(cell.lower()) for name, cell in one.passage.cells if _ENDS.search(name.lower()))
    is_span = has_days and "from" in columns and bool(re.search(r"\b(?:until|to|till|end)\b", columns))
    is_week = bool(re.search(r"\bdays?\b", columns)) and bool(re.search(r"\bhours?\b", columns))
    return (
        is_span
        or is_week
        or (bool(_CLOSED.search(one.title)) and bool(re.search(r"\b(?:when|days?|dates?|period)\b", columns)))
    )


def is_check_row(one: Saying) -> bool:
    """A row of a table of checks."""
    first = one.passage.cells[0][0].lower() if one.passage.cells else ""
    return one.passage.form is Form.ROW and bool(_CHECK.search(first)) and not one.given


def is_required_row(one: Saying) -> bool:
    """A row that says what has to be so, with a place to say that it is: `Requirement | Owner | OK`."""
    if one.passage.form is not Form.ROW or not one.passage.cells or one.words.has(_ABOUT_TELLING | SIGNED | APPROVED):
        return False
    columns = [column.lower().strip(" ?") for column, _ in one.passage.cells]
    return any(map(_HAS_TO_BE.match, columns)) and any(map(_IS_SO.match, columns))


_HAS_TO_BE: Final = re.compile(
    r"^(?:requirements?|criteri(?:on|a)|acceptance criteri(?:on|a)|(?:pre-?)?conditions?|must be true)$"
)
_IS_SO: Final = re.compile(
    r"^(?:ok|okay|done|met|pass(?:ed)?|result|status|fulfilled|tick|check(?:ed)?|✓|✔|☑|y/n|yes/no|pass/fail)$"
)
_ABOUT_TELLING: Final = TOLD | TELLING


def is_verified_row(one: Saying) -> bool:
    """A row that says what is checked and what is expected of it."""
    return one.passage.form is Form.ROW and bool(_VERIFIED.search(_columns(one))) and not one.words.has(_ABOUT_TELLING)


_VERIFIED: Final = sought(
    r"\bchecks?\b.*\bexpect\w+|\bhow (?:we|you|to|do we) (?:know|verify|check|tell)\b"
    r"|\bpre-?conditions?\b.*\b(?:proof|evidence|how)\b"
)


def is_signed_row(one: Saying) -> bool:
    """Somebody, and what they sign for."""
    return one.passage.form is Form.ROW and bool(one.given) and is_signing(_columns(one)) and not _is_done_there(one)


_DONE_THERE: Final = re.compile(
    r"\b(?:steps?|actions?|tasks?|activit(?:y|ies))\b.*\| done\b[^|]*\b(?:initials?|time)\b"
)


def _is_done_there(one: Saying) -> bool:
    """`Activity | Performed by | Done (time / initials)`: who puts their letters there has done it."""
    return bool(_DONE_THERE.search(_columns(one))) and one.main.opener in _DOES


_DOES: Final = DOING | TELLING


def is_signature(one: Saying) -> bool:
    """Somebody, and an empty place for their name: `Curator | No animal is stressed | |`, `Curator: ______`."""
    if one.passage.form is not Form.ROW:
        return bool(signing_line(one.passage))
    is_empty = any(not any(map(str.isalnum, cell)) for _, cell in one.passage.cells[1:])
    return bool(one.own) and is_empty and is_signing(_columns(one)) and not _is_done_there(one)


def is_told_row(one: Saying) -> bool:
    """Whom a table says to tell, and by when."""
    is_told = one.topic is Topic.TELLING or bool(_HEARS.search(_columns(one)) and not _OF_STEPS.search(_columns(one)))
    return one.passage.form is Form.ROW and is_told and not begins_as_told(one)


def approves_row(one: Saying) -> bool:
    columns = " ".join(column.lower() for column, _ in one.passage.cells)
    needs = [cell.lower() for column, cell in one.passage.cells if _NEEDS.search(column.lower())]
    if one.passage.form is Form.ROW and one.topic is Topic.TYPES and any(map(_AGREED.search, needs)):
        return True
    if one.passage.form is Form.ROW and any(map(_DECIDES.match, needs)):
        return True
    return (
        one.passage.form is Form.ROW
        and bool(one.given)
        and bool(re.search(r"\bapprov\w*|\bauthori[sz]\w*|\bsign-?off", columns))
        and not begins_as_told(one)
    )


def is_not_blocking(one: Saying) -> bool:
    cells = [(column.lower(), cell.lower()) for column, cell in one.passage.cells]
    return any(
        re.search(r"\b(?:blocking|required|mandatory|must)\b", column)
        and cell in ("no", "optional", "n", "❌", "non-blocking")
        for column, cell in cells
    )


def is_timed_row(one: Saying) -> bool:
    """A severity and by when it is answered."""
    return one.passage.form is Form.ROW and is_timed(one)


def is_row_of_steps(one: Saying) -> bool:
    columns = " ".join(column.lower() for column, _ in one.passage.cells)
    return bool(re.search(r"\b(?:steps?|actions?|tasks?|activit\w+|what)\b", columns))
