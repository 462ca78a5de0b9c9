# SPDX-License-Identifier: Apache-2.0
"""`interlock change`: why something changes, and by which path it travels."""

from typing import Annotated

from cyclopts import App, Parameter

from interlock.cli.naming import ServiceOption, service_of
from interlock.cli.output import Fault, Json, Report
from interlock.cli.session import ME, Me, reading
from interlock.cli.text import Line, Rows, good, para, quiet, step, strong, warn
from interlock.domain.change import ChangeKind, ChangePhase
from interlock.domain.ids import ChangeId, LabelName, parse_name, parse_version

app = App(name="change", help="Change requests: why something changes.")

ChangeArg = Annotated[str, Parameter(name="ID", help="The change request's id, such as CR-7.")]


@app.command(name="open")
def open_change(
    change: ChangeArg,
    /,
    *,
    title: Annotated[str, Parameter(help="What changes and why, in a sentence.")],
    kind: Annotated[ChangeKind, Parameter(help="Which path it takes.")] = ChangeKind.NORMAL,
    label: Annotated[
        tuple[str, ...], Parameter(help="What is special about it, for the conditions of the pack; several times.")
    ] = (),
    service: ServiceOption = "",
    me: Me = ME,
) -> Report:
    """Open a change request. You are its author, and authors do not approve their own work."""
    from interlock.domain.change import OpenChange

    named = _id(change)
    labels = _labels(label)
    with reading() as session:
        of = service_of(session, service).name
        voice = session.speak(me)
        words = voice.speaker.words(title, "the title")
        done = voice.say(OpenChange(named, of, kind, words, labels), f"open change request {named}")
    return Report(
        {
            "change": named,
            "service": of,
            "kind": kind.value,
            "labels": list(labels),
            "author": voice.person,
            "command": done.id,
        },
        (
            para(good("✓ "), strong(named), f" is open: {_kind(kind, labels)}, {of}, by {voice.person}"),
            step(f"tag a commit, then `interlock release create VERSION --change {named}`"),
        ),
    )


@app.command
def close(
    change: ChangeArg,
    /,
    *,
    reason: Annotated[str, Parameter(help="How it ended, in a sentence.")],
    me: Me = ME,
) -> Report:
    """Close a change request; it carries no further release."""
    from interlock.domain.change import CloseChange

    named = _id(change)
    with reading() as session:
        voice = session.speak(me)
        done = voice.say(CloseChange(named, voice.speaker.words(reason)), f"close change request {named}")
    return Report({"change": named, "command": done.id}, (para(good("✓ "), strong(named), " is closed"),))


@app.command
def review(
    change: ChangeArg,
    /,
    *,
    outcome: Annotated[str, Parameter(help="What the review found, in a sentence.")],
    service: ServiceOption = "",
    me: Me = ME,
) -> Report:
    """Complete the retroactive review of an emergency change. Its author cannot."""
    from interlock.domain.governance import CompleteReview

    named = _id(change)
    with reading() as session:
        of = service_of(session, service).name
        voice = session.speak(me)
        command = CompleteReview(of, named, voice.speaker.words(outcome, "the outcome"))
        done = voice.say(command, f"review the emergency change {named}")
    return Report(
        {"change": named, "command": done.id}, (para(good("✓ "), "the review of ", strong(named), " is done"),)
    )


@app.command(name="list")
def list_changes() -> Report:
    """Every change request."""
    from interlock.service.portraits.findings import plain
    from interlock.service.portraits.registers import change as portrait

    with reading() as session:
        view = session.gatherer.view
        data: list[Json] = []
        rows: list[Line] = []
        for stream in session.house.store.streams("change/"):
            one = view.change(ChangeId(stream.removeprefix("change/")))
            shown = portrait(session.house.store, one)
            data.append(plain(shown))
            phase = warn("open") if one.phase is ChangePhase.OPEN else quiet(one.phase.value)
            by = f"by {one.author}" if one.author else quiet("by the controller")
            rows.append((strong(one.id), phase, _kind(one.kind, one.labels), one.service, by, shown.title))
    blocks = (Rows(tuple(rows)),) if rows else (para(quiet("there is no change request yet")),)
    return Report({"changes": data}, blocks)


def _labels(texts: tuple[str, ...]) -> tuple[LabelName, ...]:
    try:
        return tuple(LabelName(parse_name(text)) for text in dict.fromkeys(texts))
    except ValueError as fault:
        sentence = str(fault).replace("a name", "a label")
        raise Fault("change.label", sentence, "write it in small letters, such as --label direct") from fault


def _kind(kind: ChangeKind, labels: tuple[LabelName, ...]) -> str:
    return f"{kind.value} ({', '.join(labels)})" if labels else kind.value


def _id(text: str) -> ChangeId:
    try:
        return ChangeId(parse_version(text))
    except ValueError as fault:
        raise Fault("change.id", str(fault).replace("a version", "an id")) from fault
