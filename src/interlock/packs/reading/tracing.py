# SPDX-License-Identifier: Apache-2.0
"""A document beside the pack that carries it: for every line that asks for something, what became of it.

1. A statement belongs to a line when it says the same words below a title of the same matter: below `Always` a line
   says something else than below `Never`. In a pack that somebody wrote in other words it does when it speaks of the
   same things in the same section; that is told as a likeness, never as certain.
2. What nothing carries is unmapped, whether it was not understood, is new in the document, or was left for later. Only
   a recorded reason makes it dropped.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from interlock.packs.coverage import Carried, Element, Kind, Statement, covers
from interlock.packs.reading.notes import Dropped, NotesFile
from interlock.packs.reading.reading import Asked, Reading, Unmapped
from interlock.packs.reading.topics import QUIET, Topic, topic_of


class State(StrEnum):
    """What became of a line."""

    ENFORCED = "enforced"
    """A machine sees to it."""
    ATTESTED = "attested"
    """A person says so, and signs."""
    UNMAPPED = "unmapped"
    DROPPED = "dropped"
    """It is left out on purpose, and the reason is written down."""


class Why(StrEnum):
    """Why a line is unmapped."""

    CARRIED = "carried"
    """It is not."""
    NOT_CITED = "not_cited"
    """It is a statement of the pack, and no element carries it."""
    NEW = "new"
    """No statement of the pack says it."""
    NOT_UNDERSTOOD = "not_understood"
    """It could ask for something, and it was not understood what."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing that the document asks for, and what the pack does about it."""

    line: int
    lines: tuple[int, ...]
    text: str
    kind: str
    state: State
    why: Why
    statement: str
    carriers: tuple[str, ...]
    reason: str
    is_alike: bool = False
    """The statement says it in other words."""


@dataclass(frozen=True, slots=True)
class Tracing:
    """The whole comparison. `gone` are statements of the pack that the document no longer makes."""

    source: str
    lines: tuple[str, ...]
    traces: tuple[Trace, ...]
    gone: tuple[Statement, ...]

    def count(self, state: State) -> int:
        """How many are in this state."""
        return sum(one.state is state for one in self.traces)


_WORD: Final = re.compile(r"[a-z0-9]+")
_SAID: Final = re.compile(r"[^\W_]+|[<>=≠≈]+|[-+\u2212](?=\d)")
"""What makes one line say another thing than the next: signs, too."""
_DRAFTED: Final = re.compile(r"^.*?:\d+ ?(?P<section>.*)$")
"""Where a statement stands that was drafted from a document."""
_ENDING: Final = re.compile(r"(?:ations?|ments?|ings?|ed|es|s|al|ly|e)$")
_DULL: Final = frozenset(
    "a an the of to in on for and or is are be been with by at as it its that this all any each "
    "every must shall should not no from "
    "into if when than then what who which whether was has have had do does so but only out up before after".split()
)
_LIKE: Final = 0.5
_SECTION: Final = 0.15
_UNKNOWN: Final = 0.5
_SHARED: Final = 2
_ATTESTING: Final = frozenset({Kind.SIGNOFF, Kind.APPROVAL, Kind.RECORD})


def traced(reading: Reading, pack: Carried, notes: NotesFile) -> Tracing:
    """The document beside the pack."""
    matched = Matches(pack.statements)
    reasons = Reasons(notes)
    asked = [_traced(one, matched.of(one), pack, reasons) for one in reading.asked]
    asked += [_unread(one, reasons) for one in reading.unmapped]
    return Tracing(
        reading.name, reading.lines, tuple(sorted(asked, key=lambda one: one.line)), tuple(_gone(matched, reading))
    )


def _traced(one: Asked, found: "_Match", pack: Carried, reasons: "Reasons") -> Trace:
    reason = reasons.of(one.text, _title(one))
    statement = found.statement
    carriers = _carriers(pack, statement.id) if statement else ()
    state, why = _state(statement, carriers, pack)
    if state is State.UNMAPPED and reason:
        state = State.DROPPED
    names = tuple(part.name for part in carriers) + tuple(
        "the engine" for _ in (pack.engine_for(statement.id) if statement else ())
    )
    kind = statement.kind if statement else one.kind
    return Trace(
        one.line,
        one.lines,
        one.text,
        kind.value,
        state,
        why,
        statement.id if statement else "",
        names,
        reason,
        found.is_alike,
    )


def _carriers(pack: Carried, statement: str) -> tuple[Element, ...]:
    return pack.elements_for(statement)


def _state(statement: Statement | None, carriers: tuple[Element, ...], pack: Carried) -> tuple[State, Why]:
    if statement is None:
        return State.UNMAPPED, Why.NEW
    if pack.engine_for(statement.id):
        return State.ENFORCED, Why.CARRIED
    if not carriers:
        return State.UNMAPPED, Why.NOT_CITED
    by_people = all(part.counts & _ATTESTING and Kind.GATE not in part.counts for part in carriers)
    is_covered = covers((part.counts for part in carriers), statement.kind)
    return (State.ATTESTED if by_people or not is_covered else State.ENFORCED), Why.CARRIED


def _unread(one: Unmapped, reasons: "Reasons") -> Trace:
    reason = reasons.of(one.text, _title(one))
    state = State.DROPPED if reason else State.UNMAPPED
    return Trace(one.line, (one.line,), one.text, "", state, Why.NOT_UNDERSTOOD, "", (), reason)


def _gone(matched: "Matches", reading: Reading) -> Iterator[Statement]:
    """Statements that name this document as their place, and whose words it does not hold any more."""
    for one in matched.statements:
        if one.id not in matched.used and one.at.startswith(f"{reading.name}:"):
            yield one


@dataclass(frozen=True, slots=True)
class _Match:
    statement: Statement | None
    is_alike: bool = False


class Matches:
    """Finds the statement that a line makes; each is the answer to one line, or to several that say the same."""

    def __init__(self, statements: tuple[Statement, ...]) -> None:
        self.statements = statements
        self.used: set[str] = set()
        self._texts: dict[str, list[Statement]] = defaultdict(list)
        for one in statements:
            self._texts[_plain(one.text)].append(one)
        self._stems = [(one, _stems(one.text), _stems(one.at)) for one in statements]
        every = Counter(word for _, words, _ in self._stems for word in words)
        self._rare = {word: 1 / count for word, count in every.items()}

    def of(self, asked: Asked) -> _Match:
        """The statement; none, where the pack makes no such statement."""
        section = _title(asked)
        same = [one for one in self._texts.get(_plain(asked.text), ()) if _is_of(one, section)]
        found = max(same, key=lambda one: (_is_below(one, section), one.kind is asked.kind), default=None)
        alike = found is None
        if found is None:
            found = self._likest(asked)
        if found is not None:
            self.used.add(found.id)
        return _Match(found, alike and found is not None)

    def _likest(self, asked: Asked) -> Statement | None:
        said, section = _stems(asked.text), _stems(" ".join(asked.section))
        best: tuple[float, Statement | None] = (_LIKE, None)
        for statement, words, where in self._stems:
            shared = said & words
            if len(shared) < _SHARED or statement.at.partition(":")[2]:
                continue
            worth = self._weight(shared) / min(self._weight(said), self._weight(words)) + _SECTION * bool(
                section & where
            )
            if worth > best[0]:
                best = (worth, statement)
        return best[1]

    def _weight(self, words: frozenset[str]) -> float:
        """How much these words tell: one that every statement has tells nothing."""
        return sum(self._rare.get(word, _UNKNOWN) for word in words)


class Reasons:
    """Why something is left out, by what it says and below which title."""

    def __init__(self, notes: NotesFile) -> None:
        self._by_text: dict[str, list[Dropped]] = defaultdict(list)
        for one in notes.dropped:
            self._by_text[_plain(one.text)].append(one)

    def of(self, text: str, section: str) -> str:
        found = (
            one for one in self._by_text.get(_plain(text), ()) if not one.section or _are_alike(one.section, section)
        )
        return next((one.reason for one in found), "")


def _title(asked: Asked | Unmapped) -> str:
    return asked.section[-1] if asked.section else ""


def _is_of(statement: Statement, section: str) -> bool:
    """Whether a line with its words says what it says there, below this title."""
    drafted = _DRAFTED.match(statement.at)
    return drafted is None or _are_alike(drafted["section"], section)


def _is_below(statement: Statement, section: str) -> bool:
    drafted = _DRAFTED.match(statement.at)
    return drafted is not None and drafted["section"].casefold() == section.casefold()


def _are_alike(title: str, other: str) -> bool:
    topics = {topic_of(title), topic_of(other)}
    return title.casefold() == other.casefold() or len(topics) == 1 or not topics & _TELLING


_TELLING: Final = QUIET | {Topic.PROHIBITED, Topic.TRIGGER, Topic.ROLLBACK, Topic.INCIDENT}
"""Titles below which the same words say something else than below others."""


def _plain(text: str) -> str:
    return " ".join(_SAID.findall(text.casefold().replace("≤", "<=").replace("≥", ">=")))


def _stems(text: str) -> frozenset[str]:
    return frozenset(_ENDING.sub("", word) or word for word in _WORD.findall(text.casefold()) if word not in _DULL)


def unmapped(traces: Iterable[Trace]) -> tuple[Trace, ...]:
    """Those that nothing carries and nobody dropped."""
    return tuple(one for one in traces if one.state is State.UNMAPPED)
