# SPDX-License-Identifier: Apache-2.0
"""A finding as a page shows it: the tree, and behind every leaf the evidence and the words of people it rests on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from interlock.domain.actor import name_of
from interlock.domain.approval import Decided, SignedOff, answers, cause_of_death, cause_of_end
from interlock.domain.evidence import EvidenceRecorded
from interlock.domain.gate import Situation
from interlock.domain.ids import Digest
from interlock.domain.requirement import (
    ApprovalRequirement,
    CheckRequirement,
    CountRequirement,
    HoldRequirement,
    PeopleRequirement,
    RecordRequirement,
    Requirement,
    SignoffRequirement,
)
from interlock.domain.verdict import Finding, NotWaived, Verdict, WaivedBy
from interlock.service.views import Awaited
from interlock.web.look import Look

NEWEST: Final = 5
"""How many readings of a check are shown, newest first."""
WORDS: Final = {
    Verdict.PASS: "pass",
    Verdict.INCONCLUSIVE: "not known",
    Verdict.FAIL: "fail",
    Verdict.ERROR: "error",
    Verdict.NOT_APPLICABLE: "does not apply",
}
WAIVED: Final = "waived"


@dataclass(frozen=True, slots=True)
class Piece:
    """One reading of a check."""

    number: int
    verdict: str
    word: str
    summary: str
    source: str
    assurance: str
    taken_at: datetime
    report: Digest
    query: str
    count: int
    measured: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Word:
    """What one person said about it; `died` says why it counts no more (empty: it counts)."""

    by: str
    said: str
    assurance: str
    at: datetime
    died: str
    comment: str


@dataclass(frozen=True, slots=True)
class Exempted:
    """The waiver that stands beside a finding."""

    waiver: str
    asked_by: str
    granted_by: str
    expires: datetime
    reason: str
    mitigation: str


@dataclass(frozen=True, slots=True)
class Node:
    """A finding and what is behind it."""

    finding: Finding
    mark: str
    word: str
    children: tuple["Node", ...] = ()
    pieces: tuple[Piece, ...] = ()
    words: tuple[Word, ...] = ()
    waived: tuple[Exempted, ...] = ()
    awaited: tuple[Awaited, ...] = ()

    @property
    def has_more(self) -> bool:
        """Whether there is anything to open."""
        return bool(self.children or self.pieces or self.words or self.waived)

    @property
    def is_open(self) -> bool:
        """Whether it is shown opened: what keeps a gate shut is."""
        return not self.finding.opens and bool(self.children)


def plain(finding: Finding) -> Node:
    """A finding on its own."""
    return Node(finding, mark_of(finding), word_of(finding), tuple(plain(one) for one in finding.children))


def mark_of(finding: Finding) -> str:
    """The name of its shape."""
    return finding.effective.value if isinstance(finding.waiver, NotWaived) else WAIVED


def word_of(finding: Finding) -> str:
    """The word beside its shape."""
    return WORDS[finding.effective] if isinstance(finding.waiver, NotWaived) else WAIVED


@dataclass(frozen=True, slots=True)
class Backed:
    """Puts behind the leaves of a gate what they rest on."""

    look: Look
    situation: Situation
    awaited: tuple[Awaited, ...]

    def tree(self, gate: Finding) -> Node:
        """The gate, from its root."""
        asked = {str(one.id): one for one in self.situation.requirements()}
        return self._node(gate, asked)

    def _node(self, finding: Finding, asked: dict[str, Requirement]) -> Node:
        children = tuple(self._node(one, asked) for one in finding.children)
        requirement = asked.get(finding.subject)
        waits = tuple(one for one in self.awaited if one.finding is finding)
        if requirement is None or children:
            return Node(finding, mark_of(finding), word_of(finding), children, awaited=waits)
        return Node(
            finding,
            mark_of(finding),
            word_of(finding),
            (),
            tuple(self._pieces(requirement)),
            tuple(self._words(requirement)),
            tuple(self._waived(finding)),
            waits,
        )

    def _pieces(self, asked: Requirement) -> Iterator[Piece]:
        match asked:
            case (
                CheckRequirement(check=check, environment=environment)
                | CountRequirement(check=check, environment=environment)
            ):
                series = self.situation.evidence.series.get((check, environment))
                for one in reversed(series.pieces[-NEWEST:] if series else ()):
                    yield _piece(one)
            case SignoffRequirement() | ApprovalRequirement() | RecordRequirement() | HoldRequirement():
                return

    def _words(self, asked: Requirement) -> Iterator[Word]:
        match asked:
            case SignoffRequirement():
                yield from self._attested(asked)
            case ApprovalRequirement():
                yield from self._decided(asked)
            case RecordRequirement():
                written = self.situation.records.written.get(asked.id)
                if written is not None:
                    yield Word(written.by, f"wrote it: {', '.join(written.sections)}", "", written.at, "", "")
            case CheckRequirement() | CountRequirement() | HoldRequirement():
                return

    def _attested(self, asked: SignoffRequirement) -> Iterator[Word]:
        for signed in reversed(self.situation.approvals.signoffs):
            if signed.requirement == asked.id:
                yield self._word(signed, asked, "attested", "")

    def _decided(self, asked: ApprovalRequirement) -> Iterator[Word]:
        for decided in reversed(self.situation.approvals.decisions):
            if self._is_about(decided, asked):
                yield self._word(decided, asked, decided.answer.value, self.look.words(decided.comment))

    def _is_about(self, decided: Decided, asked: ApprovalRequirement) -> bool:
        return decided.environment == self.situation.environment.name and answers(decided.requirement, asked)

    def _word(self, entry: SignedOff | Decided, asked: PeopleRequirement, said: str, comment: str) -> Word:
        situation = self.situation
        died = cause_of_death(entry.bound, situation.release, situation.evidence, situation.records)
        died = died or cause_of_end(asked, entry.bound, situation.release, situation.live)
        return Word(entry.by, said, entry.assurance.value, entry.at, died, comment)

    def _waived(self, finding: Finding) -> Iterator[Exempted]:
        if isinstance(finding.waiver, WaivedBy):
            book, named = self.situation.waivers, finding.waiver.waiver
            asked, look = book.asked[named], self.look
            yield Exempted(
                named,
                asked.by,
                book.granted.get(named, ""),
                asked.expires,
                look.words(asked.reason),
                look.words(asked.mitigation),
            )


def _piece(one: EvidenceRecorded) -> Piece:
    return Piece(
        one.number,
        one.verdict.value,
        WORDS[one.verdict],
        one.summary,
        one.source or name_of(one.by),
        one.assurance.value,
        one.taken_at,
        one.report,
        one.query,
        one.count,
        one.measured,
    )
