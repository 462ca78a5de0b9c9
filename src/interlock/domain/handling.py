# SPDX-License-Identifier: Apache-2.0
"""How a written procedure wants incidents handled, as data: clocks, labels, messages, authority, and what is owed.

1. A clock runs from one occasion to another. When it runs out it tells people, and where the procedure says so it
   decides: silence is an answer, and the answer is to go back.
2. A duty is something owed before the incident may be closed. One that comes after others is refused before them.
3. Whoever decides to go back decides about what is live. Nobody needs authority to pause or abort what is only on its
   way (I0): see `authority`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from interlock.domain.answering import Answer
from interlock.domain.ids import AudienceName, CheckId, ClockId, DutyId, EnvironmentName, LabelName, NoticeId, RoleName
from interlock.domain.incident import Severity
from interlock.domain.occasion import Occasion, OccasionKind
from interlock.domain.template import Template

ANY_LABEL: Final = LabelName("")
"""Of what applies however an incident is labelled."""
OUT_OF_REACH: Final = ClockId("out-of-reach")
"""The clock of the primary role: when it runs out, whoever stands in for it decides."""
DISAGREEMENT: Final = ClockId("disagreement")
"""The clock of those who disagree: when it runs out, whoever settles it is asked."""
ESCALATION: Final = ClockId("escalation")
"""The clock of whoever is asked to settle it: when it runs out, silence has decided."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which incidents something is meant for: those at least so bad, with this label (any: whatever label)."""

    severity: Severity = Severity.MINOR
    label: LabelName = ANY_LABEL


@dataclass(frozen=True, slots=True)
class Label:
    """What an incident can be about. If somebody in these roles says so, it goes back at once: nothing is weighed.

    An incident that opens because one of the checks in `found_by` said no is about it from the beginning.
    """

    name: LabelName
    goes_back_for: tuple[RoleName, ...] = ()
    found_by: tuple[CheckId, ...] = ()
    cites: tuple[str, ...] = ()


class Missed(StrEnum):
    """What follows when a clock has run out, beside that people are told."""

    TELL = "tell"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class Clock:
    """Runs from one occasion until one of others. What was promised is due when it was promised for, and `within`.

    Once it has run out, people are told `again` and again (zero: just once) until something stops it.
    """

    id: ClockId
    within: timedelta
    starts: Occasion
    stopped_by: tuple[Occasion, ...]
    tells: tuple[AudienceName, ...] = ()
    missed: Missed = Missed.TELL
    scope: Scope = Scope()
    cites: tuple[str, ...] = ()
    again: timedelta = timedelta(0)


class Promising(StrEnum):
    """Whether a message says when more is told."""

    NOTHING = "nothing"
    NEXT = "next"


LONGEST_SILENCE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Notice:
    """A message of an incident. With `on` it goes out by itself; without, a person sends it and writes its fields.

    What it promises comes `within` that time: a promise for next month would silence the clock that minds it.
    """

    template: Template
    promises: Promising = Promising.NOTHING
    within: timedelta = LONGEST_SILENCE
    on: tuple[Occasion, ...] = ()
    scope: Scope = Scope()

    @property
    def id(self) -> NoticeId:
        """The name of the message."""
        return self.template.id


@dataclass(frozen=True, slots=True)
class StepAsked:
    """A program of the service is run; it is bound as a check is, and has done its work when it says so."""

    step: CheckId


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """Somebody in these roles decides something, and says why."""

    roles: tuple[RoleName, ...]
    question: str
    answers: tuple[str, ...]


class Apart(StrEnum):
    """Who may not attest it, whatever role they hold."""

    NOBODY = "nobody"
    OPENER = "opener"


@dataclass(frozen=True, slots=True)
class AttestationAsked:
    """Somebody in these roles attests that it is so."""

    roles: tuple[RoleName, ...]
    statement: str
    apart: Apart = Apart.NOBODY


@dataclass(frozen=True, slots=True)
class ReportAsked:
    """Somebody in these roles writes a document with these sections."""

    roles: tuple[RoleName, ...]
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GapsAsked:
    """Somebody in these roles says which gap of the procedure let it happen, with the change that closes it."""

    roles: tuple[RoleName, ...]


@dataclass(frozen=True, slots=True)
class NoticeAsked:
    """A message was sent."""

    notice: NoticeId


@dataclass(frozen=True, slots=True)
class ReviewAsked:
    """It is scheduled when people come together about it."""


@dataclass(frozen=True, slots=True)
class RestorationAsked:
    """Something else than the release under suspicion runs there, proven."""


Asked = (
    StepAsked
    | QuestionAsked
    | AttestationAsked
    | ReportAsked
    | GapsAsked
    | NoticeAsked
    | ReviewAsked
    | RestorationAsked
)


class Owed(StrEnum):
    """When a duty is owed at all."""

    ALWAYS = "always"
    GOING_BACK = "going_back"
    """Where the environment went back, or is to."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Something owed before the incident may be closed, after these others are done."""

    id: DutyId
    asked: Asked
    after: tuple[DutyId, ...] = ()
    owed: Owed = Owed.ALWAYS
    scope: Scope = Scope()
    cites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Authority:
    """Who decides about going back. Without a primary role it is nobody in particular."""

    primary: RoleName = RoleName("")
    mandate: Mapping[RoleName, tuple[LabelName, ...]] = field(default_factory=dict)
    """Roles whose word to go back counts at once in an incident of one of these labels."""
    fallback: RoleName = RoleName("")
    """Whose word counts when nobody of the primary role can be reached."""
    after: timedelta = timedelta(0)
    """How long the primary role may be silent in an incident before it counts as out of reach."""
    escalation: RoleName = RoleName("")
    """Who settles a disagreement."""
    escalate_after: timedelta = timedelta(0)
    answer_within: timedelta = timedelta(0)
    """How long whoever settles it may be silent before it goes back."""
    cites: tuple[str, ...] = ()

    @property
    def is_declared(self) -> bool:
        """Whether the decision is anybody's in particular."""
        return bool(self.primary)

    @property
    def roles(self) -> tuple[RoleName, ...]:
        """Everybody whose word is heard, most authority first."""
        named = (self.primary, *self.mandate, self.fallback, self.escalation)
        return tuple(dict.fromkeys(role for role in named if role))


UNDECLARED: Final = Authority()


@dataclass(frozen=True, slots=True)
class Handling:
    """Everything a procedure says of incidents, in these environments (none named: in all)."""

    environments: tuple[EnvironmentName, ...] = ()
    labels: tuple[Label, ...] = ()
    notices: tuple[Notice, ...] = ()
    clocks: tuple[Clock, ...] = ()
    duties: tuple[Duty, ...] = ()
    authority: Authority = UNDECLARED

    @property
    def is_declared(self) -> bool:
        """Whether the procedure says anything of incidents."""
        return self != Handling()

    def label(self, name: LabelName) -> Label | None:
        """The label of that name."""
        return next((one for one in self.labels if one.name == name), None)

    def labels_of(self, checks: tuple[CheckId, ...]) -> tuple[LabelName, ...]:
        """What an incident is about that opens because these checks said no."""
        return tuple(one.name for one in self.labels if not set(checks).isdisjoint(one.found_by))

    def notice(self, name: NoticeId) -> Notice | None:
        """The message of that name."""
        return next((one for one in self.notices if one.id == name), None)

    def duty(self, name: DutyId) -> Duty | None:
        """The duty of that name."""
        return next((one for one in self.duties if one.id == name), None)

    @property
    def roles(self) -> tuple[RoleName, ...]:
        """Every role it speaks of."""
        asked = (duty.asked for duty in self.duties)
        people = (one for one in asked if isinstance(one, QuestionAsked | AttestationAsked | ReportAsked | GapsAsked))
        named = [*self.authority.roles, *(role for one in people for role in one.roles)]
        named += [role for label in self.labels for role in label.goes_back_for]
        return tuple(dict.fromkeys(named))

    @property
    def all_clocks(self) -> tuple[Clock, ...]:
        """The clocks the procedure names, and those that its authority implies."""
        return (*self.clocks, *_implied(self.authority))

    def there(self, environment: EnvironmentName) -> "Handling":
        """What it says of incidents in this environment."""
        return self if not self.environments or environment in self.environments else UNHANDLED


UNHANDLED: Final = Handling()
"""Of a procedure that says nothing of incidents: they are opened, and a person closes them."""


def _implied(authority: Authority) -> Iterator[Clock]:
    opened, decided, disagreed, escalated = (
        Occasion(kind)
        for kind in (OccasionKind.OPENED, OccasionKind.DECIDED, OccasionKind.DISAGREED, OccasionKind.ESCALATED)
    )
    cites = authority.cites
    if authority.fallback:
        tells = (AudienceName(authority.fallback),)
        yield Clock(OUT_OF_REACH, authority.after, opened, (decided, disagreed), tells, cites=cites)
    if authority.escalation:
        tells = (AudienceName(authority.escalation),)
        yield Clock(DISAGREEMENT, authority.escalate_after, disagreed, (decided, escalated), tells, cites=cites)
        yield Clock(ESCALATION, authority.answer_within, escalated, (decided,), tells, Missed.ROLLBACK, cites=cites)


WHAT_IS_DONE: Final[Mapping[Answer, str]] = {
    Answer.ROLLBACK: "it goes back",
    Answer.HOTFIX: "it is repaired at once",
    Answer.STAY: "it stays as it is",
}
