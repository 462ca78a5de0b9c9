# SPDX-License-Identifier: Apache-2.0
"""Whether a row of a table asks for something, by the titles of its columns and by its cells."""

import re
from collections.abc import Callable
from typing import Final

from interlock.packs.reading.beside import SIGNING
from interlock.packs.reading.habits import PROCEDURAL, TOLD
from interlock.packs.reading.legends import is_legend
from interlock.packs.reading.lexicon import MODAL, cut
from interlock.packs.reading.owning import OWNERS, RECEIVES, is_signing
from interlock.packs.reading.relations import Relation
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.topics import QUIET

ASKS: Final = 3
"""What one plain sign weighs."""
DOUBTED: Final = 1
"""What is no requirement, and is shown to a person."""
_CHARGES: Final = sought(
    r"\bresponsibilit\w+|\bdut(?:y|ies)\b|\btasks?\b|\bdoes\b|\bfunction\b|\bsigns?\b|\battests\b"
    r"|\bdecides\b|\bjob\b|\bin charge of\b|\bpart\b"
)
_DOES: Final = sought(
    r"\b(?:pass(?:es)? (?:when|if)|acceptance|done when|may|allowed|hours|entry|exit|reactions?|needs|windows?"
    r"|first (?:message|update|notice)|actions?|steps?"
    r"|tasks?|activit\w+|checks?"
    r"|gates?|requirements?|criteri\w+|threshold"
    r"|(?:pre-?)?conditions?|prerequisites?|deadline|sla|within|control|what|respon[sd]\w* (?:time"
    r"|within)?|acknowledge\w*"
    r"|lead time|approvers?|approvals?(?: required)?|required approvals?|sign-?offs?|must|blocking"
    r"|trigger|milestone|deliverable|metric|verification|waits?|soak|bake|hold|waves?|evidence)\b"
)
_ANNALS: Final = sought(r"\b(?:date|author|version|revision|phone|changes? (?:made|log))\b")
_FORM: Final = re.compile(r"^(?:field|item) \| (?:entry|value|content|input|filled in)")
"""A table that is to be filled in."""
_DAYS: Final = sought(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|christmas|easter"
    r"|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*|days?|weeks?|hours?|min(?:utes?)?|quarter|year|h)\b"
)


def _is_ordered(one: Saying, _: str) -> bool:
    """A cell that is a command: `roll back`, `page the on-call engineer`."""
    cells = (cell for _, cell in one.passage.cells[1:] if not _ANSWER.match(cell))
    is_comparing = not one.passage.cells[0][0]
    return one.topic in TOLD and any(cut(cell).opener and (" " in cell or not is_comparing) for cell in cells)


_ANSWER: Final = re.compile(r"^(?:yes|no|none|nobody)(?:$|[,;.]| [a-z]+, )", re.IGNORECASE)
"""What a cell begins with that answers the title of its column: `no, after the gateway`, `no train, a holiday`."""


def _has_days(one: Saying, _: str) -> bool:
    """Two cells with days or hours are from when and until when; a whole row of days is one of a calendar."""
    if all(map(_is_date, [cell for _, cell in one.passage.cells[1:]])) and len(one.passage.cells) > _SPAN:
        return False
    return one.topic in TOLD and sum(bool(_DAYS.search(cell.lower())) for _, cell in one.passage.cells) > 1


_SPAN: Final = 3
"""A name, from when, until when."""


def _is_of_page(one: Saying) -> bool:
    """`Author | R. Okafor`: what a page says of itself in a table of two columns."""
    return len(one.passage.cells) == _LEAST and bool(_OF_PAGE.match(one.passage.cells[0][1].lower()))


_LEAST: Final = 2
_OF_PAGE: Final = re.compile(
    r"^(?:author|version|revision|date|status|document(?: no\.?| number)?|approved by|approved|next review|review cycle"
    r"|last (?:review|change|update)d?|classification|valid (?:from|until)|supersedes|replaces|effective(?: date)?)$"
)


def _is_date(cell: str) -> bool:
    """`Mon 2.9.`, `3 to 5 Sep`: a day and no more."""
    words = _WORDS.findall(cell.lower())
    return any(map(str.isdigit, cell)) and all(map(_DAY.fullmatch, words))


_DAY: Final = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*|to|and"
)


def _is_signed(one: Saying, columns: str) -> bool:
    """Somebody, what they sign for, and a place for it: `Curator | No animal showed stress | | |`."""
    is_signed = is_signing(columns) or bool(SIGNING.search(one.title))
    is_said = bool(one.own) or bool(_DECLARES.match(one.words.low)) or _is_open(one, columns)
    return is_signed and is_said and not _EDITIONS.search(columns)


def _is_open(one: Saying, columns: str) -> bool:
    """Whether a row holds nothing but what is signed: `Licence clerk: names | | |`."""
    first, *others = one.passage.cells
    return "signature" in columns and bool(others) and bool(first[1]) and not any(cell.strip() for _, cell in others)


_DECLARES: Final = re.compile(r"^(?:i|we) (?:have |hereby )?[a-z]{3,}\b")
"""`I have validated it`: whoever signs says so."""


_EDITIONS: Final = sought(r"\b(?:version|revision|author|edition|issue|changes?)\b")


def _is_charged(one: Saying, columns: str) -> bool:
    """Something that somebody has to see to: `Verification report | Verification lead`."""
    is_owned = bool(one.own) and bool(OWNERS.search(columns)) and not _HELD.search(columns)
    return is_owned and any(
        len(_WORDS.findall(_DATE.sub("", cell))) > 1
        for column, cell in one.passage.cells
        if not OWNERS.search(column.lower())
    )


_WORDS: Final = re.compile(r"[^\W\d_]{2,}")
_DATE: Final = re.compile(
    r"\d+\.? ?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*", re.IGNORECASE
)


_HELD: Final = sought(
    r"\b(?:services?|systems?|components?|packages?|modules?|repo\w*|areas?|products?|environments?|channels?|roles?"
    r"|contacts?|backup|phone|e-?mail|names?|address|team|seat|hat|position)\b"
)
"""What belongs to somebody, and asks for nothing by itself."""


_SHARE: Final = re.compile(r"^\d{1,3} ?%")
"""So many have it, and so long it is watched."""
_FACTS: Final = sought(
    r"\b(?:usually|normally|typically|takes?|lives?|is (?:in|at|with|on)|comes? from|what (?:it|they|this)"
    r" (?:does|do|is|are))\b"
)
"""The title of a column that tells how it is with what stands first in its row."""


_ROWS: Final[tuple[tuple[Callable[[Saying, str], bool], int], ...]] = (
    (lambda _, columns: bool(_DOES.search(columns)), ASKS),
    (lambda one, _: any(time.relation is Relation.WITHIN for time in one.times), 1),
    (lambda one, _: one.topic in PROCEDURAL and bool(one.main.opener) and not _ANSWER.match(one.main.low), 2),
    (lambda one, _: one.words.has(MODAL), 1),
    (lambda one, columns: bool(one.own) and (not OWNERS.search(columns) or bool(_CHARGES.search(columns))), ASKS),
    (_is_ordered, ASKS),
    (lambda one, _: {"r", "a"} <= {column.lower() for column, _ in one.passage.cells}, ASKS),
    (_has_days, ASKS),
    (lambda _, columns: bool(RECEIVES.search(columns)) and "when" in columns, ASKS),
    (lambda one, columns: one.topic in TOLD and bool(one.own and one.times) and not _DOES.search(columns), ASKS),
    (_is_charged, ASKS),
    (lambda one, _: one.in_relation(Relation.FOR) and any(_SHARE.match(cell) for _, cell in one.passage.cells), ASKS),
)


def worth_of_row(one: Saying) -> int:
    """How much speaks for it that this row asks for something."""
    columns = " | ".join(column.lower() for column, _ in one.passage.cells)
    worth = sum(value for holds, value in _ROWS if holds(one, columns))
    if _is_signed(one, columns):
        return worth + ASKS
    if _ANNALS.search(columns) or _FORM.match(columns) or _FACTS.search(columns):
        return worth - 2 * ASKS
    if _is_of_page(one) or is_legend(one.passage):
        return worth - 2 * ASKS
    is_quiet = one.topic in QUIET and not _ENTERS.search(columns)
    return min(worth, DOUBTED) if is_quiet else worth


_ENTERS: Final = sought(
    r"\b(?:(?:entry|exit|promotion|acceptance|go(?:/| or )no-go) (?:conditions?|criteri\w+|gates?)|soak|bake"
    r"|minimum (?:wait|time|soak|bake)|(?:required )?approvals?|sign-?offs?)\b"
)
"""Titles of columns that ask for something wherever they stand, also where a document says what it is about."""
