# SPDX-License-Identifier: Apache-2.0
"""`interlock incident`: problems in an environment; a rollback nobody asked for opens one by itself."""

from typing import Annotated

from cyclopts import App, Parameter

from interlock.cli.naming import ServiceOption, environment_of, in_force, release_of, service_of
from interlock.cli.output import Fault, Json, Report
from interlock.cli.people import words_of
from interlock.cli.session import ME, Me, Session, reading
from interlock.cli.text import Line, Rows, bad, good, para, quiet, step, strong
from interlock.domain.ids import IncidentId, TextRef, parse_version
from interlock.domain.incident import IncidentPhase, Severity

app = App(name="incident", help="Problems in an environment.")

IncidentArg = Annotated[str, Parameter(name="ID", help="The incident's id.")]


@app.command(name="list")
def list_incidents() -> Report:
    """Every incident, open ones marked."""
    data: list[Json] = []
    rows: list[Line] = []
    with reading() as session:
        for stream in session.house.store.streams("incident/"):
            one = session.gatherer.view.incident(IncidentId(stream.removeprefix("incident/")))
            said = summary_of(session, one.summary)
            data.append(
                {
                    "incident": one.id,
                    "phase": one.phase.value,
                    "severity": one.severity.value,
                    "environment": one.environment,
                    "release": one.release,
                    "summary": said,
                }
            )
            phase = bad("open") if one.phase is IncidentPhase.OPEN else quiet(one.phase.value)
            rows.append((strong(one.id), phase, one.severity.value, one.environment, one.release, said))
    return Report({"incidents": data}, (Rows(tuple(rows)),) if rows else (para(quiet("there is no incident")),))


@app.command(name="open")
def open_incident(
    incident: IncidentArg,
    /,
    *,
    environment: Annotated[str, Parameter(help="Where.")],
    summary: Annotated[str, Parameter(help="What is wrong, in a sentence.")],
    severity: Annotated[Severity, Parameter(help="How bad it is.")] = Severity.MAJOR,
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
        suspect = suspect or session.gatherer.view.slot(of.name, place).live.release
        voice = session.speak(me)
        words = voice.speaker.words(summary, "the summary")
        done = voice.say(OpenIncident(named, of.name, place, suspect, severity, words), f"open incident {named}")
    return Report(
        {"incident": named, "environment": place, "release": suspect, "command": done.id},
        (
            para(good("✓ "), "incident ", strong(named), f" is open: {severity.value}, {place}", quiet(f"  {suspect}")),
            step(f"`interlock rollback {place} --reason ...` if it must go back"),
        ),
    )


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


def summary_of(session: Session, summary: str) -> str:
    """The words of a summary, which a person's incident keeps beside the ledger and ours does not."""
    return words_of(session, TextRef(summary)) if summary.startswith("text:") else summary


def _id(text: str) -> IncidentId:
    try:
        return IncidentId(parse_version(text))
    except ValueError as fault:
        raise Fault("incident.id", str(fault).replace("a version", "an id")) from fault
