# SPDX-License-Identifier: Apache-2.0
"""The incident room: what is decided and by whom, which clocks run, what happened, what is to be said, what is owed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from interlock.domain.alerting import composed
from interlock.domain.answering import Answer, Stance
from interlock.domain.authority import who_decides
from interlock.domain.clocks import Running, concerns, running
from interlock.domain.handling import (
    WHAT_IS_DONE,
    AttestationAsked,
    Duty,
    GapsAsked,
    Handling,
    Notice,
    Promising,
    QuestionAsked,
    ReportAsked,
    StepAsked,
)
from interlock.domain.ids import IncidentId, PersonId, RoleName, ServiceName, TextRef
from interlock.domain.incident import Incident, IncidentPhase, Severity
from interlock.domain.moment import NEVER, in_words
from interlock.domain.occasion import Occasion, OccasionKind
from interlock.domain.outbox import MessageDue
from interlock.domain.owing import ahead, closing, is_done, owed
from interlock.domain.telling import NoticeSent, Said
from interlock.service.casework import room
from interlock.service.gather import Ungoverned
from interlock.service.timeline import Entry, records_of, timeline
from interlock.web.findings import Node, plain
from interlock.web.look import Look
from interlock.web.page import Page, Place, Reader

LISTED: Final = 100
"""Incidents that are listed, newest first."""


@dataclass(frozen=True, slots=True)
class ClockShown:
    """One clock that runs."""

    name: str
    due: datetime
    since: datetime
    is_out: bool
    then: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One message of the procedure, as it would read now."""

    notice: Notice
    title: str
    body: str
    times: int
    promises: bool

    @property
    def goes_by_itself(self) -> bool:
        """Whether nobody has to send it."""
        return bool(self.notice.on)


@dataclass(frozen=True, slots=True)
class Owing:
    """One duty that is owed now, and what its form asks for."""

    duty: Duty
    kind: str
    roles: tuple[RoleName, ...]
    asked: str
    answers: tuple[str, ...] = ()
    draft: str = ""
    is_theirs: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A role, what it may do here, and who holds it; `away` says who of them is."""

    role: RoleName
    part: str
    people: tuple[PersonId, ...]
    away: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """The page of an incident."""

    state: Incident
    summary: str
    decision: str
    who_decides: str
    words: tuple[tuple[str, str, str], ...]
    clocks: tuple[ClockShown, ...]
    entries: tuple[Entry, ...]
    drafts: tuple[Draft, ...]
    owing: tuple[Owing, ...]
    closing: Node
    held: tuple[Held, ...]
    labels: tuple[str, ...]
    may_decide: bool
    live: str

    @property
    def is_open(self) -> bool:
        """Whether nobody closed it."""
        return self.state.phase is IncidentPhase.OPEN

    @property
    def in_words(self) -> Mapping[Answer, str]:
        """What each of them means."""
        return WHAT_IS_DONE

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What can be said about it."""
        return tuple(Answer)


def listing(look: Look) -> Page:
    """Every incident, open ones first, and the form to open one."""
    seen = (one for one in look.viewer.incidents() if look.sees(one.service))
    known = sorted(seen, key=lambda one: (one.phase is not IncidentPhase.OPEN, _age(one, look.now)))
    rows = tuple((one, look.words(one.summary)) for one in known[:LISTED])
    places = {name: _places(look, name) for name in look.services}
    model: dict[str, object] = {
        "rows": rows,
        "more": max(len(known) - LISTED, 0),
        "severities": tuple(Severity),
        "places": places,
        "now": look.now,
    }
    return Page("incidents.html", "Incidents", Place.INCIDENTS, model)


def page(look: Look, named: str, reader: Reader) -> Page:
    """The room of an incident. Raises `Ungoverned` (code `incident.unknown`)."""
    state = look.view.incident(IncidentId(named))
    if state.phase is IncidentPhase.ABSENT or not look.sees(state.service):
        raise Ungoverned("incident.unknown", f"there is no incident '{named}'", "see `interlock incident list`")
    return Page("incident.html", state.id, Place.INCIDENTS, {"one": _room(look, state, reader), "now": look.now})


def _room(look: Look, state: Incident, reader: Reader) -> Room:
    around = room(state, look.gatherer)
    handling, crew = around.handling, around.crew
    authority = handling.authority
    return Room(
        state,
        look.words(state.summary),
        _decision(state),
        who_decides(authority) if authority.is_declared else "anybody registered",
        tuple((person, WHAT_IS_DONE[word.answer], word.capacity.value) for person, word in state.words.items()),
        tuple(_clock(one, look.now) for one in running(handling, state)),
        tuple(reversed(timeline(records_of(look.store, state)))),
        tuple(_drafts(look, state, handling, reader)),
        tuple(_owing(look, state, handling, reader)),
        plain(closing(handling, state)),
        tuple(_held(look, state, handling)),
        tuple(one.name for one in handling.labels if one.name not in state.labels),
        not authority.is_declared or crew.holds(reader.person, authority.roles),
        around.slot.live.release,
    )


def _decision(state: Incident) -> str:
    if state.stuck:
        return f"it was to go back, and cannot: {state.stuck}"
    if state.stance is Stance.DECIDED:
        return f"{WHAT_IS_DONE[state.settled.answer]} ({state.settled.capacity})"
    return "nothing is decided yet" if state.stance is Stance.OPEN else "those who may decide disagree"


def _clock(one: Running, now: datetime) -> ClockShown:
    then = "then it goes back" if one.clock.missed.value == "rollback" else ""
    tells = f"{', '.join(one.clock.tells)} is told" if one.clock.tells else ""
    return ClockShown(one.clock.id, one.due, one.since, one.is_over(now), then or tells)


def _drafts(look: Look, state: Incident, handling: Handling, reader: Reader) -> Iterator[Draft]:
    for notice in handling.notices:
        if not concerns(notice.scope, state):
            continue
        blanks = tuple(Said(one.name, TextRef(f"[{one.says}]")) for one in notice.template.fields)
        sent = NoticeSent(state.id, notice.id, blanks, NEVER, f"person:{reader.person}", look.now)
        message = next((one.event for one in composed(state, notice, sent) if isinstance(one.event, MessageDue)), None)
        times = state.times(Occasion(OccasionKind.SENT, notice.id))
        title, body = (message.title, message.body) if message else (notice.template.title, notice.template.body)
        yield Draft(notice, title, body, times, notice.promises is Promising.NEXT)


def _owing(look: Look, state: Incident, handling: Handling, reader: Reader) -> Iterator[Owing]:
    if state.phase is not IncidentPhase.OPEN:
        return
    crew = look.gatherer.crew(state.service, state.environment)
    for duty in owed(handling, state):
        if is_done(duty, state) or ahead(duty, handling, state):
            continue
        for one in _asked(look, state, duty):
            theirs = not one.roles or crew.holds(reader.person, one.roles)
            yield Owing(one.duty, one.kind, one.roles, one.asked, one.answers, one.draft, theirs)


def _asked(look: Look, state: Incident, duty: Duty) -> Iterator[Owing]:
    match duty.asked:
        case QuestionAsked(roles, question, answers):
            yield Owing(duty, "settle", roles, question, answers)
        case AttestationAsked(roles, statement, _):
            yield Owing(duty, "attest", roles, statement)
        case ReportAsked(roles, sections):
            yield Owing(duty, "write", roles, ", ".join(sections), draft=_report(look, state, sections))
        case GapsAsked(roles):
            yield Owing(duty, "attest", roles, "The procedure has no gap that let this happen.")
        case StepAsked() if duty.id in state.failed:
            how = "failed" if duty.id in state.refuted else "came to no answer"
            yield Owing(duty, "step", (), f"the step {how}: {state.failed[duty.id]}")
        case _:
            return


def _report(look: Look, state: Incident, sections: tuple[str, ...]) -> str:
    """A draft: what is known stands in it, what people know is left for them to write."""
    known = timeline(records_of(look.store, state))
    lines = "\n".join(f"- {in_words(one.at)}: {one.sentence}" for one in known)
    parts = [f"## {one}\n\n{lines if 'timeline' in one.casefold() else ''}" for one in sections]
    return f"# {state.id}\n\n" + "\n\n".join(part.strip() for part in parts) + "\n"


def _held(look: Look, state: Incident, handling: Handling) -> Iterator[Held]:
    crew = look.gatherer.crew(state.service, state.environment)
    authority = handling.authority
    parts = {authority.primary: "decides", authority.escalation: "settles a disagreement"}
    parts |= {role: f"decides where it is about {' or '.join(labels)}" for role, labels in authority.mandate.items()}
    parts |= {authority.fallback: "stands in"}
    for role in handling.roles or tuple(crew.holders):
        people = crew.holders.get(role, ())
        away = tuple(one for one in people if crew.absences.is_away(one, look.now))
        yield Held(role, parts.get(role, ""), people, away)


def _age(state: Incident, now: datetime) -> float:
    return (now - state.opened_at).total_seconds() if state.opened_at != NEVER else float("inf")


def _places(look: Look, service: ServiceName) -> tuple[str, ...]:
    governance = look.gatherer.in_force(service)
    return tuple(one.name for one in governance.procedure.environments) if governance else ()
