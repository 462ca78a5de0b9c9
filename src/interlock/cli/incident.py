# SPDX-License-Identifier: Apache-2.0
"""`interlock incident`: problems in an environment; a rollback nobody asked for opens one by itself.

What it owes beside its decision is done in `incident_duties`, shown in `incident_text`.
"""

from typing import Annotated

from cyclopts import App, Parameter

from interlock.cli import incident_duties
from interlock.cli.incident_duties import IncidentArg, known, said, summary_of
from interlock.cli.naming import (
    ReasonOption,
    ServiceOption,
    environment_of,
    in_force,
    moment,
    release_of,
    service_of,
)
from interlock.cli.output import Fault, Json, Report
from interlock.cli.session import ME, Me, Session, reading
from interlock.cli.text import Line, Rows, Verbatim, bad, good, para, quiet, step, strong
from interlock.domain.answering import Answer
from interlock.domain.ids import EnvironmentName, IncidentId, LabelName, ReleaseId, ServiceName, parse_version
from interlock.domain.incident import IncidentPhase, Severity
from interlock.domain.moment import in_words
from interlock.domain.slot import OccupantKind

app = App(name="incident", help="Problems in an environment.")


@app.command(name="list")
def list_incidents() -> Report:
    """Every incident, open ones marked."""
    from interlock.service.portraits import incidents as portraits
    from interlock.service.portraits.findings import plain

    data: list[Json] = []
    rows: list[Line] = []
    with reading() as session:
        for stream in session.house.store.streams("incident/"):
            one = session.gatherer.view.incident(IncidentId(stream.removeprefix("incident/")))
            shown = portraits.listed(session.house.store, one)
            data.append(plain(shown))
            phase = bad("open") if one.phase is IncidentPhase.OPEN else quiet(one.phase.value)
            rows.append((strong(one.id), phase, one.severity.value, one.environment, one.release, shown.summary))
    return Report({"incidents": data}, (Rows(tuple(rows)),) if rows else (para(quiet("there is no incident")),))


@app.command(name="open")
def open_incident(
    incident: IncidentArg,
    /,
    *,
    environment: Annotated[str, Parameter(help="Where.")],
    summary: Annotated[str, Parameter(help="What is wrong, in a sentence.")],
    severity: Annotated[Severity, Parameter(help="How bad it is.")] = Severity.MAJOR,
    about: Annotated[tuple[str, ...], Parameter(help="What it is about, by the pack; may be given again.")] = (),
    release: Annotated[str, Parameter(help="The release under suspicion; without it what is live there.")] = "",
    service: ServiceOption = "",
    me: Me = ME,
) -> Report:
    """Open an incident."""
    from interlock.domain.incident import OpenIncident

    named = _id(incident)
    with reading() as session:
        of = service_of(session, service)
        place = environment_of(in_force(session, of), environment)
        suspect = release_of(session, release, of.name).id if release else None
        suspect = suspect or _suspect(session, of.name, place)
        voice = session.speak(me)
        words = voice.speaker.words(summary, "the summary")
        labels = tuple(LabelName(one) for one in about)
        command = OpenIncident(named, of.name, place, suspect, severity, words, labels)
        done = voice.say(command, f"open incident {named}")
    return Report(
        {"incident": named, "environment": place, "release": suspect, "command": done.id},
        (
            para(good("✓ "), "incident ", strong(named), f" is open: {severity.value}, {place}", quiet(f"  {suspect}")),
            step(f"`interlock incident show {named}` says what the procedure asks for"),
            step(f"`interlock rollback {place} --reason 'WHY'` if it must go back"),
        ),
    )


@app.command
def show(incident: IncidentArg, /) -> Report:
    """How it stands: what was decided, which clocks run, and what is owed before it may be closed."""
    from interlock.cli.incident_text import blocks, data
    from interlock.service.casework import room

    with reading() as session:
        state = known(session, incident)
        handling = room(state, session.gatherer).handling
        said = summary_of(session, state.summary)
        return Report(data(state, handling, said), tuple(blocks(state, handling, said, session.now)))


@app.command
def timeline(
    incident: IncidentArg,
    /,
    *,
    markdown: Annotated[bool, Parameter(help="As a draft of the report.")] = False,
) -> Report:
    """What happened, from the ledger: decisions, clocks, rollbacks, messages."""
    from interlock.service.portraits.findings import plain
    from interlock.service.portraits.incidents import entry as portrait
    from interlock.service.timeline import as_markdown, records_of
    from interlock.service.timeline import timeline as entries_of

    with reading() as session:
        state = known(session, incident)
        entries = entries_of(records_of(session.house.store, state))
    shown: list[Json] = [plain(portrait(entry)) for entry in entries]
    if markdown:
        return Report({"incident": state.id, "timeline": shown}, (Verbatim(as_markdown(state, entries)),))
    rows = tuple((quiet(f"{entry.at:%m-%d %H:%M:%S}"), entry.sentence) for entry in entries)
    return Report({"incident": state.id, "timeline": shown}, (Rows(rows),))


@app.command
def label(
    incident: IncidentArg,
    label: Annotated[str, Parameter(name="LABEL", help="What it is about, by the pack.")],
    /,
    *,
    me: Me = ME,
) -> Report:
    """Say what it is about."""
    from interlock.domain.incident import LabelIncident

    return said(incident, lambda one, _: LabelIncident(one, LabelName(label)), me, f"is about {label}")


@app.command
def decide(
    incident: IncidentArg,
    answer: Annotated[Answer, Parameter(name="ANSWER", help="What is to be done.")],
    /,
    *,
    reason: ReasonOption,
    me: Me = ME,
) -> Report:
    """Say what is to be done about it. Whose word counts, and when, the pack says."""
    from interlock.domain.answering import GiveAnswer

    with reading() as session:
        state = known(session, incident)
        voice = session.speak(me)
        command = GiveAnswer(state.id, answer, voice.speaker.words(reason))
        done = voice.say(command, f"answer incident {state.id}")
    events = {record.event: record.payload for record in done.records}
    capacity = str(events["AnswerGiven"]["capacity"])
    counts = "IncidentDecided" in events
    outcome = "it is decided" if counts else "it is heard"
    outcome = "they disagree now" if "DisagreementArose" in events else outcome
    return Report(
        {"incident": state.id, "answer": answer.value, "capacity": capacity, "counts": counts, "command": done.id},
        (
            para(good("✓ "), f"{voice.person} says: ", strong(answer.value), f" ({capacity}); {outcome}"),
            step(f"`interlock incident show {state.id}`"),
        ),
    )


@app.command
def escalate(incident: IncidentArg, /, *, me: Me = ME) -> Report:
    """Ask whoever settles it when people disagree, without waiting for the clock."""
    from interlock.domain.answering import EscalateIncident

    return said(incident, lambda one, _: EscalateIncident(one), me, "is escalated")


@app.command
def schedule(
    incident: IncidentArg,
    when: Annotated[str, Parameter(name="WHEN", help="When people come together: 26h, or 2026-12-24T10:00.")],
    /,
    *,
    me: Me = ME,
) -> Report:
    """Say when its review takes place."""
    from interlock.domain.incident import ScheduleReview

    with reading() as session:
        at = moment(when, session.now)
    return said(incident, lambda one, _: ScheduleReview(one, at), me, f"is reviewed at {in_words(at)}")


@app.command
def away(
    *,
    until: Annotated[str, Parameter(help="Until when: 2h, or 2026-12-24T10:00.")],
    me: Me = ME,
) -> Report:
    """Say that you are away: whoever stands in for you may decide at once."""
    from interlock.domain.absence import DeclareAway

    with reading() as session:
        at = moment(until, session.now)
        voice = session.speak(me)
        done = voice.say(DeclareAway(voice.person, at), "be away")
    words = para(good("✓ "), strong(voice.person), f" is away until {in_words(at)}")
    return Report({"person": voice.person, "until": at.isoformat(), "command": done.id}, (words,))


@app.command
def back(*, me: Me = ME) -> Report:
    """Say that you are back."""
    from interlock.domain.absence import DeclareBack

    with reading() as session:
        voice = session.speak(me)
        done = voice.say(DeclareBack(voice.person), "be back")
    return Report({"person": voice.person, "command": done.id}, (para(good("✓ "), strong(voice.person), " is back"),))


app.command(incident_duties.send)
app.command(incident_duties.answer)
app.command(incident_duties.sign)
app.command(incident_duties.write)
app.command(incident_duties.did)
app.command(incident_duties.retry)
app.command(incident_duties.gap)


@app.command
def close(
    incident: IncidentArg,
    /,
    *,
    outcome: Annotated[str, Parameter(help="What was found and done, in a sentence.")],
    me: Me = ME,
) -> Report:
    """Close an incident, by your name."""
    from interlock.domain.incident import CloseIncident

    named = IncidentId(incident)
    with reading() as session:
        voice = session.speak(me)
        done = voice.say(CloseIncident(named, voice.speaker.words(outcome, "the outcome")), f"close incident {named}")
    return Report(
        {"incident": named, "command": done.id}, (para(good("✓ "), "incident ", strong(named), " is closed"),)
    )


def _suspect(session: Session, service: ServiceName, place: EnvironmentName) -> ReleaseId:
    """What is on its way there, or else live."""
    slot = session.gatherer.view.slot(service, place)
    return slot.occupying if slot.kind is OccupantKind.PROMOTION else slot.live.release


def _id(text: str) -> IncidentId:
    try:
        return IncidentId(parse_version(text))
    except ValueError as fault:
        raise Fault("incident.id", str(fault).replace("a version", "an id")) from fault
