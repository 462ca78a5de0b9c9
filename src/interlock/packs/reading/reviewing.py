# SPDX-License-Identifier: Apache-2.0
"""What a person made of a reading: each statement accepted, of another kind, joined, bound to a check, or dropped.

1. A decision is about words, not about a place: it holds where the line moved, and not where the words changed.
2. The last decision about a statement counts. What was not decided stays as it was read, and is told as open.
3. Nothing is dropped without a reason.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, assert_never

from interlock.domain.ids import parse_name
from interlock.packs.coverage import Kind
from interlock.packs.reading.notes import Dropped
from interlock.packs.reading.phases import Phase
from interlock.packs.reading.reading import IN_ORDER, Asked, Reading, Unmapped


class Verdict(StrEnum):
    """What becomes of a statement."""

    ACCEPT = "accept"
    KIND = "kind"
    """It is of another kind."""
    MERGE = "merge"
    """It is carried by whatever carries the statement before it."""
    DROP = "drop"
    CHECK = "check"
    """This check decides it."""
    ATTEST = "attest"
    """Somebody in a role attests it by hand."""
    LEAVE = "leave"
    """It is decided later."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something to decide on; `is_read` where the reading understood it. `kind` is empty where it did not."""

    source: str
    line: int
    text: str
    kind: str
    is_read: bool
    is_first: bool
    """Nothing stands before it that it could be merged with."""
    confidence: int
    section: tuple[str, ...]
    roles: tuple[str, ...] = ()
    check: str = ""
    phase: Phase = Phase.ANY

    @property
    def at(self) -> str:
        """Where it stands, for people: `RELEASE.md:22`."""
        return f"{self.source}:{self.line}"

    @property
    def words(self) -> tuple[str, str, str]:
        """What it is known by: its document, its words and its kind as it was read."""
        return self.source, " ".join(self.text.split()), self.kind


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision about the statement with these words; the others where the verdict needs them."""

    words: tuple[str, str, str]
    verdict: Verdict
    kind: str = ""
    check: str = ""
    reason: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The readings after the decisions, what was dropped, and what nobody decided yet."""

    readings: tuple[Reading, ...]
    dropped: tuple[Dropped, ...]
    left: tuple[Item, ...]


Made = Asked | Dropped | Unmapped
_SURE: Final = 100


def items_of(readings: Iterable[Reading]) -> tuple[Item, ...]:
    """Everything there is to decide, document by document and line by line."""
    return tuple(item for reading in readings for item, _ in _paired(reading))


def _paired(reading: Reading) -> Iterator[tuple[Item, Asked | Unmapped]]:
    every: list[Asked | Unmapped] = [*reading.asked, *reading.unmapped]
    is_first = True
    for one in sorted(every, key=lambda one: one.line):
        match one:
            case Asked():
                yield (
                    Item(
                        reading.name, one.line, one.text, one.kind.value, is_read=True, is_first=is_first,
                        confidence=one.confidence, section=one.section, roles=one.roles, check=one.check,
                        phase=one.phase,
                    ),
                    one,
                )  # fmt: skip
                is_first = False
            case Unmapped():
                yield (
                    Item(
                        reading.name, one.line, one.text, "", is_read=False, is_first=is_first, confidence=0,
                        section=one.section,
                    ),
                    one,
                )  # fmt: skip
            case never:
                assert_never(never)


def wrong_with(item: Item, decided: Decided) -> str:
    """Why this decision cannot be taken about this item, as a sentence; empty: it can."""
    match decided.verdict:
        case Verdict.MERGE if item.is_first:
            return "nothing stands before it that it could be merged with"
        case Verdict.DROP if not decided.reason.strip():
            return "what is dropped is dropped with a reason"
        case Verdict.KIND if decided.kind not in tuple(Kind):
            return f"there is no kind '{decided.kind}'; there are: {', '.join(Kind)}"
        case Verdict.ACCEPT | Verdict.CHECK if not item.is_read and not decided.kind:
            return "it was not understood; say of which kind it is, or why it is dropped"
        case Verdict.CHECK if not (decided.check and is_role(decided.check)):
            is_no_name = f"'{decided.check}' is no name of a check: letters, digits and dashes, such as unit-tests"
            return is_no_name if decided.check else "name the check that decides it"
        case Verdict.ATTEST if item.phase is Phase.AFTER:
            return "nobody is asked once a release is out; bind it to a check, or drop it with a reason"
        case Verdict.ATTEST if not is_role(decided.role):
            return f"'{decided.role}' is no name of a role: letters, digits and dashes, such as qa-lead"
        case _:
            return ""


def reviewed(readings: Iterable[Reading], decisions: Iterable[Decided]) -> Reviewed:
    """The readings as these decisions leave them."""
    last = {one.words: one for one in decisions}
    known = tuple(readings)
    made = [_reviewed(one, last) for one in known]
    dropped = tuple(what for _, gone in made for what in gone)
    left = tuple(item for item in items_of(known) if _is_open(last.get(item.words)))
    return Reviewed(tuple(reading for reading, _ in made), dropped, left)


def _is_open(decided: Decided | None) -> bool:
    return decided is None or decided.verdict is Verdict.LEAVE


def _reviewed(reading: Reading, last: dict[tuple[str, str, str], Decided]) -> tuple[Reading, tuple[Dropped, ...]]:
    asked: list[Asked] = []
    unmapped: list[Unmapped] = []
    dropped: list[Dropped] = []
    for item, one in _paired(reading):
        decided = last.get(item.words)
        before = [known for known in asked if not known.text.startswith(IN_ORDER)][-1:]
        match one if decided is None else _made(one, decided, before):
            case Asked() as kept:
                asked.append(kept)
            case Unmapped() as still:
                unmapped.append(still)
            case Dropped() as gone:
                dropped.append(gone)
            case never:
                assert_never(never)
    return replace(reading, asked=tuple(asked), unmapped=tuple(unmapped)), tuple(dropped)


def _made(one: Asked | Unmapped, decided: Decided, before: list[Asked]) -> Made:
    match decided.verdict:
        case Verdict.DROP:
            section = one.section[-1] if one.section else ""
            return Dropped(one.text, decided.reason, section)
        case Verdict.LEAVE:
            return one
        case Verdict.ACCEPT | Verdict.KIND | Verdict.CHECK | Verdict.MERGE | Verdict.ATTEST:
            kept = _as_asked(one, decided)
            if decided.verdict is Verdict.MERGE and before:
                return replace(kept, kind=before[-1].kind, roles=before[-1].roles, check="", is_joined=True)
            return kept
        case never:
            assert_never(never)


def is_role(told: str) -> bool:
    """Whether a role can be called so; nothing told is who was read, or whoever usually decides."""
    try:
        return not told or parse_name(told) == told
    except ValueError:
        return False


def _as_asked(one: Asked | Unmapped, decided: Decided) -> Asked:
    unread = Kind.SIGNOFF if decided.verdict is Verdict.ATTEST else Kind.RULE
    kind = Kind(decided.kind) if decided.kind else unread
    if isinstance(one, Unmapped):
        kept = Asked(
            one.line, (one.line,), one.text, kind, roles=(), phase=Phase.ANY, section=one.section, deadline=None,
            prohibits=False, condition="", check="", confidence=_SURE,
        )  # fmt: skip
    else:
        kept = replace(one, kind=kind if decided.kind else one.kind, confidence=_SURE)
    if decided.verdict is Verdict.ATTEST:
        return replace(kept, roles=(decided.role,) if decided.role else kept.roles, is_attested=True)
    if decided.check:
        both = kept.kind in (Kind.BOTH, Kind.SIGNOFF) and decided.kind
        return replace(kept, check=decided.check, kind=kept.kind if both or kept.kind is Kind.BOTH else Kind.GATE)
    return kept
