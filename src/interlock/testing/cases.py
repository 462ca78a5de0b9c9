# SPDX-License-Identifier: Apache-2.0
"""What people do in incidents of a scenario, and how an incident is expected to stand. Verbs like those of `acts`.

Where an act names no incident, the newest that is open is meant.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

from interlock.domain.absence import DeclareAway, DeclareBack
from interlock.domain.answering import Answer, EscalateIncident, GiveAnswer
from interlock.domain.clocks import running
from interlock.domain.duty import AnswerQuestion, AttestDuty, DoStepByHand, NameGap, RetryStep, WriteReport
from interlock.domain.ids import (
    DutyId,
    EnvironmentName,
    IncidentId,
    LabelName,
    NoticeId,
    PersonId,
    ReleaseId,
    digest_of,
)
from interlock.domain.incident import (
    CloseIncident,
    Incident,
    IncidentPhase,
    LabelIncident,
    OpenIncident,
    ScheduleReview,
    Severity,
)
from interlock.domain.moment import NEVER
from interlock.domain.owing import closing
from interlock.domain.slot import OccupantKind
from interlock.domain.telling import Said, SendNotice
from interlock.ledger.codec import Command
from interlock.packs.model import Name
from interlock.packs.shape import key
from interlock.packs.wanted import DAY, YEAR
from interlock.service.casework import room
from interlock.service.document import headings_of
from interlock.testing.acts import Act
from interlock.testing.stage import SERVICE, WORDS, Stage
from interlock.testing.world import Unplayable

_INCIDENTS = "incident/"
NEWEST = IncidentId("")
"""In place of an incident's name: the newest that is open."""
NOBODY_SAID = ""
UNSAID = ("*",)
"""Nothing is expected of a listing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InIncident(Act):
    """What every act in an incident says."""

    incident: Name = field(default=NEWEST, metadata=key(doc="The incident; none: the newest that is open."))

    def case(self, stage: Stage) -> IncidentId:
        """The incident it is about."""
        return IncidentId(self.incident) if self.incident else newest(stage).id


def newest(stage: Stage) -> Incident:
    """The incident opened last of those that are open."""
    view = stage.gatherer().view
    named = [IncidentId(name.removeprefix(_INCIDENTS)) for name in stage.world.store.streams(_INCIDENTS)]
    found = [one for one in map(view.incident, named) if one.phase is IncidentPhase.OPEN]
    if not found:
        raise Unplayable("no incident is open")
    return max(found, key=lambda one: one.opened_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declare(Act):
    """Open an incident about what is live in an environment, or on its way there."""

    declare: Name = field(metadata=key(doc="What it is called."))
    there: EnvironmentName = field(metadata=key("in", doc="Where it is."))
    about: tuple[LabelName, ...] = field(default=(), metadata=key(doc="What it is about."))
    severity: Severity = field(default=Severity.MAJOR, metadata=key(doc="How bad it is."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        slot = stage.gatherer().view.slot(SERVICE, self.there)
        on_its_way = slot.occupying if slot.kind is OccupantKind.PROMOTION else ReleaseId("")
        release = stage.release(self.of) if self.of else on_its_way or slot.live.release
        yield OpenIncident(IncidentId(self.declare), SERVICE, self.there, release, self.severity, WORDS, self.about)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label(InIncident):
    """Say what an incident is about."""

    label: LabelName = field(metadata=key(doc="What it is about."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield LabelIncident(self.case(stage), self.label)


@dataclass(frozen=True, slots=True, kw_only=True)
class SayWhat(InIncident):
    """Say what is to be done about it."""

    answer: Answer = field(metadata=key(doc="What is to be done."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield GiveAnswer(self.case(stage), self.answer, WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalate(InIncident):
    """Ask whoever settles disagreements."""

    escalate: Name = field(metadata=key(doc="The incident; `newest` is the newest that is open."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield EscalateIncident(newest(stage).id if self.escalate == "newest" else IncidentId(self.escalate))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell(InIncident):
    """Send a message of the procedure."""

    tell: NoticeId = field(metadata=key(doc="The message."))
    saying: Mapping[str, str] = field(default_factory=dict, metadata=key(doc="Its fields."))
    more_in: timedelta = field(
        default=timedelta(0), metadata=key(doc="After how long more is told; none: not said.", span=DAY)
    )

    def commands(self, stage: Stage) -> Iterator[Command]:
        promised = stage.world.moments.now() + self.more_in if self.more_in else NEVER
        fields = tuple(Said(name, stage.words(words)) for name, words in self.saying.items())
        yield SendNotice(self.case(stage), self.tell, fields, promised)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attest(InIncident):
    """Attest what an incident owes."""

    attest: DutyId = field(metadata=key(doc="What is owed."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield AttestDuty(self.case(stage), self.attest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle(InIncident):
    """Decide a question that an incident asks."""

    settle: DutyId = field(metadata=key(doc="The question."))
    named: Name = field(metadata=key("as", doc="The answer."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield AnswerQuestion(self.case(stage), self.settle, self.named, WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(InIncident):
    """Write down what an incident owes."""

    report: DutyId = field(metadata=key(doc="What is owed."))
    sections: Mapping[str, str] = field(metadata=key(doc="What it says under each heading."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        document = self._document()
        yield WriteReport(self.case(stage), self.report, digest_of(document), headings_of(document))

    def blobs(self, stage: Stage) -> tuple[bytes, ...]:
        return (self._document(),)

    def _document(self) -> bytes:
        return "".join(f"# {heading}\n\n{text}\n\n" for heading, text in self.sections.items()).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class FindGap(InIncident):
    """Name a gap of the procedure, with the rules that close it."""

    gap: DutyId = field(metadata=key(doc="What is owed."))
    closed_by: Name = field(metadata=key(doc="The rules that close it, by the name they have under `given`."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield NameGap(self.case(stage), self.gap, WORDS, stage.governance(self.closed_by).digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand(InIncident):
    """Do a step that failed by hand."""

    by_hand: DutyId = field(metadata=key(doc="The step."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield DoStepByHand(self.case(stage), self.by_hand, WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Again(InIncident):
    """Have a step that failed tried again."""

    again: DutyId = field(metadata=key(doc="The step."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield RetryStep(self.case(stage), self.again)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule(InIncident):
    """Say when people come together about it."""

    schedule: timedelta = field(metadata=key(doc="In how long.", span=YEAR))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield ScheduleReview(self.case(stage), stage.world.moments.now() + self.schedule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(InIncident):
    """Close an incident."""

    close: Name = field(metadata=key(doc="The incident; `newest` is the newest that is open."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield CloseIncident(newest(stage).id if self.close == "newest" else IncidentId(self.close), WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoAway(Act):
    """Be away for a while."""

    away: timedelta = field(metadata=key(doc="For how long.", span=YEAR))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield DeclareAway(self.by, stage.world.moments.now() + self.away)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeBack(Act):
    """Be back."""

    back: PersonId = field(metadata=key(doc="Who is."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield DeclareBack(self.back)


ACase: TypeAlias = (
    Declare
    | Label
    | SayWhat
    | Escalate
    | Tell
    | Attest
    | Settle
    | Report
    | FindGap
    | ByHand
    | Again
    | Schedule
    | Close
    | GoAway
    | ComeBack
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the newest open incident stands."""

    decided: str = field(
        default=NOBODY_SAID, metadata=key(doc="What is done about it: rollback, hotfix or stay; open, disagreed.")
    )
    right: str = field(default=NOBODY_SAID, metadata=key(doc="By what right that was decided."))
    labels: tuple[str, ...] = field(default=UNSAID, metadata=key(doc="What it is about."))
    clocks: tuple[str, ...] = field(default=UNSAID, metadata=key(doc="Every clock that runs."))
    missed: tuple[str, ...] = field(default=UNSAID, metadata=key(doc="Every clock that has run out."))
    owes: tuple[str, ...] = field(
        default=UNSAID, metadata=key(doc="The codes of everything that keeps it from being closed; [] is nothing.")
    )

    def found(self, stage: Stage) -> Iterator[tuple[str, str, str]]:
        """What is looked at: its name, what is expected, and what is so."""
        gatherer = stage.gatherer()
        state = newest(stage)
        handling = room(state, gatherer).handling
        if self.decided:
            said = state.settled.answer.value if state.settled.by else state.stance.value
            yield "the incident", self.decided, said
        if self.right:
            yield "the right", self.right, state.settled.capacity
        if self.labels != UNSAID:
            yield "the labels", _set(self.labels), _set(state.labels)
        if self.clocks != UNSAID:
            clocks = running(handling, state)
            waiting = tuple(one.clock.id for one in clocks if state.missed.get(one.clock.id) != one.due)
            yield "the clocks", _set(self.clocks), _set(waiting)
        if self.missed != UNSAID:
            yield "the clocks that ran out", _set(self.missed), _set(tuple(state.missed))
        if self.owes != UNSAID:
            finding = closing(handling, state)
            leaves = () if finding.opens else tuple(leaf.code for leaf in finding.blockers())
            yield "what it owes", _set(self.owes), _set(leaves)


def _set(words: tuple[str, ...]) -> str:
    return ", ".join(sorted(dict.fromkeys(words))) or "nothing"
