# SPDX-License-Identifier: Apache-2.0
"""A service with a procedure for incidents, and one incident in it: what people say, what the clock does.

cyd decides, bob may mandate for security, dan stands in, ann settles what they disagree about.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from tests.domain.shop import ANN, BOB, CYD, D0, D1, DAN, PRODUCTION, R0, R1, SHOP, START, WORDS, ann, cyd

from interlock.domain import assessing, attending
from interlock.domain.absence import Absences
from interlock.domain.action import Action, Announce, NoteArrived, NoteMissed, NoteRestored
from interlock.domain.actor import CONTROLLER, Actor
from interlock.domain.answering import Answer, GiveAnswer
from interlock.domain.attending import Room
from interlock.domain.authority import Crew
from interlock.domain.decision import Accepted, Decision
from interlock.domain.handling import (
    AttestationAsked,
    Authority,
    Clock,
    Duty,
    GapsAsked,
    Handling,
    Label,
    Missed,
    Notice,
    NoticeAsked,
    Owed,
    Promising,
    QuestionAsked,
    ReportAsked,
    RestorationAsked,
    ReviewAsked,
    Scope,
    StepAsked,
)
from interlock.domain.ids import (
    AudienceName,
    CheckId,
    ClockId,
    Digest,
    DutyId,
    IncidentId,
    LabelName,
    NoticeId,
    PersonId,
    RoleName,
    RollbackId,
)
from interlock.domain.incident import (
    Incident,
    IncidentCommand,
    IncidentEvent,
    MissClock,
    OpenIncident,
    ReportRestored,
    Severity,
    evolve,
)
from interlock.domain.occasion import Occasion, OccasionKind
from interlock.domain.outbox import MessageDue, Outbox, Tone, Waiting
from interlock.domain.rollback import Rollback, RollbackPhase
from interlock.domain.slot import OccupantKind, Placed, SlotState
from interlock.domain.telling import ReportArrived, SendNotice
from interlock.domain.template import Field, Template

I1: Final = IncidentId("i1")
MINUTE: Final = timedelta(minutes=1)
MANAGER, SECURITY, ON_CALL, OWNER = (RoleName(one) for one in ("manager", "security", "on-call", "owner"))
ABOUT_SECURITY, THREAT = LabelName("security"), LabelName("threat")
ROOM: Final = AudienceName("room")
DECLARED, ALERT, UPDATE, RESOLVED, BACK = (
    NoticeId(one) for one in ("declared", "alert", "update", "resolved", "back-again")
)
FLAGS, DATA, PROVEN, CHECKED = (DutyId(one) for one in ("flags", "data", "proven", "checked"))
STORY, GAPS, REVIEW, TOLD, LOOKED = (DutyId(one) for one in ("story", "gaps", "review", "told", "looked-at"))
ASSESS, FIRST_WORD, NEXT_WORD, HOTFIX, REVIEWED = (
    ClockId(one) for one in ("assess", "first-word", "next-word", "hotfix", "reviewed")
)
OPENED, DECIDED, PROMISED, SCHEDULED, BACK_UP = (
    Occasion(one)
    for one in (
        OccasionKind.OPENED,
        OccasionKind.DECIDED,
        OccasionKind.PROMISED,
        OccasionKind.SCHEDULED,
        OccasionKind.RESTORED,
    )
)


def heard(notice: NoticeId) -> Occasion:
    """That message arrived."""
    return Occasion(OccasionKind.ARRIVED, notice)


def template(name: NoticeId, *fields: str) -> Template:
    """A message to the room that says these fields."""
    body = "\n".join(f"{one}: {{fields.{one}}}" for one in fields) or "{status}"
    asked = tuple(Field(one, f"the {one}") for one in fields)
    return Template(name, (ROOM,), f"{name} {{incident}}", body, Tone.WARNING, (), asked)


HAVING: Final = Authority(MANAGER, {SECURITY: (ABOUT_SECURITY,)}, ON_CALL, MINUTE * 5, OWNER, MINUTE * 10, MINUTE * 10)
CLOCKS: Final = (
    Clock(FIRST_WORD, MINUTE * 5, OPENED, (heard(ALERT),), (ROOM,)),
    Clock(ASSESS, MINUTE * 15, OPENED, (DECIDED,), (), Missed.ROLLBACK),
    Clock(NEXT_WORD, timedelta(0), PROMISED, (heard(UPDATE), heard(RESOLVED)), (ROOM,)),
    Clock(HOTFIX, MINUTE * 30, Occasion(OccasionKind.DECIDED, Answer.HOTFIX), (BACK_UP,), (ROOM,), Missed.ROLLBACK),
    Clock(REVIEWED, timedelta(hours=48), OPENED, (SCHEDULED,), (ROOM,), scope=Scope(Severity.MAJOR)),
)
NOTICES: Final = (
    Notice(template(DECLARED), on=(OPENED, Occasion(OccasionKind.LABELLED, ABOUT_SECURITY))),
    Notice(template(ALERT, "summary", "impact"), Promising.NEXT),
    Notice(template(UPDATE, "summary"), Promising.NEXT),
    Notice(template(RESOLVED, "cause")),
    Notice(template(BACK), on=(BACK_UP,)),
)
SEQUENCE: Final = (
    Duty(FLAGS, StepAsked(CheckId("flags-off")), (), Owed.GOING_BACK),
    Duty(DATA, QuestionAsked((MANAGER,), "does data go back?", ("keep", "restore")), (FLAGS,), Owed.GOING_BACK),
    Duty(PROVEN, RestorationAsked(), (DATA,), Owed.GOING_BACK),
    Duty(CHECKED, AttestationAsked((SECURITY,), "it works again"), (PROVEN,), Owed.GOING_BACK),
)
CLOSING: Final = (
    Duty(STORY, ReportAsked((MANAGER,), ("Timeline", "Impact")), (CHECKED,)),
    Duty(GAPS, GapsAsked((MANAGER,))),
    Duty(REVIEW, ReviewAsked()),
    Duty(TOLD, NoticeAsked(RESOLVED), (REVIEW,)),
    Duty(LOOKED, AttestationAsked((SECURITY,), "security has looked"), scope=Scope(label=ABOUT_SECURITY)),
)
HANDLING: Final = Handling(
    (PRODUCTION,),
    (Label(ABOUT_SECURITY), Label(THREAT, (MANAGER, SECURITY))),
    NOTICES,
    CLOCKS,
    (*SEQUENCE, *CLOSING),
    HAVING,
)
HOLDERS: Final[dict[RoleName, tuple[PersonId, ...]]] = {
    MANAGER: (CYD,),
    SECURITY: (BOB,),
    ON_CALL: (DAN,),
    OWNER: (ANN,),
}
NEW, OLD = Placed(R1, D1), Placed(R0, D0)
LIVE: Final = SlotState(live=NEW, good=(OLD, NEW))
"""The release under suspicion completed, and serves everybody."""
RETURNED: Final = SlotState(live=OLD, good=(OLD,))
B1: Final = RollbackId("b1")
Noted = NoteArrived | NoteMissed | NoteRestored | Announce


@dataclass
class Ward:
    """One incident, what its steps look at, and the time."""

    room: Room = field(default_factory=lambda: Room(HANDLING, Crew(HOLDERS), LIVE))
    state: Incident = field(default_factory=Incident)
    now: datetime = START
    told: list[MessageDue] = field(default_factory=list)

    def tell(self, command: IncidentCommand, actor: Actor) -> Decision[attending.Emits]:
        """Give a command now; what it leads to is so from now on."""
        decision = assessing.decide(self.state, command, self.room, actor, self.now)
        if isinstance(decision, Accepted):
            for emitted in decision.events:
                if isinstance(emitted.event, MessageDue):
                    self.told.append(emitted.event)
                elif isinstance(emitted.event, IncidentEvent):
                    self.state = evolve(self.state, emitted.event)
        return decision

    def well(self, command: IncidentCommand, actor: Actor = cyd) -> tuple[object, ...]:
        """Give a command that must be accepted; its events."""
        decision = self.tell(command, actor)
        assert isinstance(decision, Accepted), decision
        return tuple(emitted.event for emitted in decision.events)

    def answer(self, answer: Answer, actor: Actor = cyd) -> tuple[object, ...]:
        """Somebody says what is to be done, and is heard."""
        return self.well(GiveAnswer(I1, answer, WORDS), actor)

    def wants(self) -> tuple[Action, ...]:
        """What the incident needs now."""
        return attending.next_actions(self.state, self.room, self.now)

    def wait(self, minutes: float) -> None:
        """Let time pass while the controller sees to what it can by itself."""
        until = self.now + MINUTE * minutes
        self.see_to()
        while self.now < until:
            self.now = min(until, self.now + MINUTE)
            self.see_to()

    def see_to(self) -> None:
        """The controller records what it notices, until there is nothing new."""
        while mine := [one for one in self.wants() if isinstance(one, Noted)]:
            self.well(_recorded(mine[0]), CONTROLLER)

    def nobody_hears(self) -> None:
        """What was told so far waits to be delivered."""
        outbox = Outbox({due.key: Waiting(due, 1, self.now) for due in self.told})
        self.room = replace(self.room, outbox=outbox)

    def went_back(self) -> None:
        """The rollback that answers it has come to its end."""
        self.state = replace(self.state, rollback=B1)
        going = Rollback(RollbackPhase.COMPLETED, B1, target=R0)
        self.room = replace(self.room, slot=RETURNED, rollback=going)

    def goes_back(self, kind: OccupantKind = OccupantKind.ROLLBACK) -> None:
        """The traffic is back, and the proof is under way."""
        self.state = replace(self.state, rollback=B1)
        going = Rollback(RollbackPhase.PROVING, B1, target=R0)
        self.room = replace(self.room, slot=SlotState(live=OLD, good=(OLD,), kind=kind), rollback=going)

    def away(self, person: PersonId, minutes: int) -> None:
        """Somebody is away from now on."""
        absences = Absences({person: self.now + MINUTE * minutes})
        self.room = replace(self.room, crew=Crew(self.room.crew.holders, absences))

    def proposed(self, *digests: Digest) -> None:
        """These changes of the rules were proposed."""
        self.room = replace(self.room, proposals=frozenset(digests))


def _recorded(action: Noted) -> IncidentCommand:
    match action:
        case NoteMissed(incident, clock):
            return MissClock(incident, clock)
        case NoteArrived(incident, notice, number):
            return ReportArrived(incident, notice, number)
        case NoteRestored(incident):
            return ReportRestored(incident)
        case Announce(incident, notice):
            return SendNotice(incident, notice, ())


def opened(*labels: LabelName, severity: Severity = Severity.MAJOR) -> Ward:
    """An incident about what is live in production, opened by ann."""
    ward = Ward()
    ward.well(OpenIncident(I1, SHOP, PRODUCTION, R1, severity, WORDS, labels), ann)
    return ward
