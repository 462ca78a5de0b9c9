# SPDX-License-Identifier: Apache-2.0
"""`interlock freeze`: times in which nothing is promoted, and what kinds of change may pass."""

from typing import Annotated

from cyclopts import App, Parameter

from interlock.cli.naming import ReasonOption, moment
from interlock.cli.output import Fault, Json, Report
from interlock.cli.session import ME, Me, reading
from interlock.cli.text import Line, Rows, good, para, quiet, step, strong, warn
from interlock.domain.change import ChangeKind
from interlock.domain.ids import EnvironmentName, FreezeId, ServiceName, parse_version

app = App(name="freeze", help="Times in which nothing is promoted.")

FreezeArg = Annotated[str, Parameter(name="ID", help="What the freeze is called, such as christmas.")]


@app.command
def declare(
    freeze: FreezeArg,
    /,
    *,
    until: Annotated[str, Parameter(help="When it ends: 4h, 2d, or 2026-12-27T08:00+01:00.")],
    reason: ReasonOption,
    begin: Annotated[str, Parameter(name="--from", help="When it begins.")] = "now",
    service: Annotated[tuple[str, ...], Parameter(help="Only this service; may be given again.")] = (),
    environment: Annotated[tuple[str, ...], Parameter(help="Only this environment; may be given again.")] = (),
    admit: Annotated[tuple[ChangeKind, ...], Parameter(help="A kind of change that may pass.")] = (),
    me: Me = ME,
) -> Report:
    """Declare a freeze. Rollbacks are never held by one."""
    from interlock.domain.freeze import DeclareFreeze

    named = _id(freeze)
    with reading() as session:
        begins, ends = moment(begin, session.now), moment(until, session.now)
        voice = session.speak(me)
        command = DeclareFreeze(
            named,
            tuple(ServiceName(one) for one in service),
            tuple(EnvironmentName(one) for one in environment),
            begins,
            ends,
            voice.speaker.words(reason),
            admit,
        )
        done = voice.say(command, f"declare freeze {named}")
    scope = ", ".join((*service, *environment)) or "everything"
    return Report(
        {"freeze": named, "begins": begins.isoformat(), "ends": ends.isoformat(), "command": done.id},
        (
            para(good("✓ "), strong(named), f" holds {scope} until {ends:%Y-%m-%d %H:%M} UTC"),
            step(f"it ends by itself; earlier: `interlock freeze lift {named} --reason 'WHY'`"),
        ),
    )


@app.command
def lift(freeze: FreezeArg, /, *, reason: ReasonOption, me: Me = ME) -> Report:
    """Lift a freeze before it ends, by your name."""
    from interlock.domain.freeze import LiftFreeze

    named = FreezeId(freeze)
    with reading() as session:
        voice = session.speak(me)
        done = voice.say(LiftFreeze(named, voice.speaker.words(reason)), f"lift freeze {named}")
    return Report({"freeze": named, "command": done.id}, (para(good("✓ "), strong(named), " is lifted"),))


@app.command(name="list")
def list_freezes() -> Report:
    """Every freeze that was not lifted."""
    from interlock.service.portraits.findings import plain
    from interlock.service.portraits.registers import freeze

    data: list[Json] = []
    rows: list[Line] = []
    with reading() as session:
        for one in session.gatherer.view.freezes().declared.values():
            holds = one.begins <= session.now < one.ends
            phase = warn("in force") if holds else quiet("over" if one.ends <= session.now else "to come")
            scope = ", ".join((*one.services, *one.environments)) or "everything"
            shown = freeze(session.house.store, one, session.now, lambda _service: True)
            data.append(plain(shown))
            span = f"{one.begins:%Y-%m-%d %H:%M} to {one.ends:%Y-%m-%d %H:%M} UTC"
            passing = f"admits {', '.join(shown.admits)}" if shown.admits else ""
            rows.append((strong(one.freeze), phase, scope, span, passing, shown.reason))
    return Report({"freezes": data}, (Rows(tuple(rows)),) if rows else (para(quiet("there is no freeze")),))


def _id(text: str) -> FreezeId:
    try:
        return FreezeId(parse_version(text))
    except ValueError as fault:
        raise Fault("freeze.id", str(fault).replace("a version", "an id")) from fault
