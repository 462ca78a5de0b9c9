# SPDX-License-Identifier: Apache-2.0
"""`interlock outbox`: messages that have not arrived, why, and how a person has one tried anew."""

from typing import Annotated

from cyclopts import App, Parameter

from interlock.cli.naming import ServiceOption, service_of, services
from interlock.cli.output import Fault, Json, Report
from interlock.cli.session import ME, Me, Session, reading
from interlock.cli.text import Line, Rows, bad, good, para, quiet, step, strong, warn
from interlock.domain.ids import EffectKey, ServiceName
from interlock.domain.moment import in_words
from interlock.domain.outbox import Waiting

app = App(name="outbox", help="Messages that have not arrived.")


@app.command(name="list")
def list_messages(*, service: ServiceOption = "") -> Report:
    """Every message that waits to be delivered or was given up, to whom, and why."""
    from interlock.service.portraits.findings import plain
    from interlock.service.portraits.registers import message, undelivered

    data: list[Json] = []
    rows: list[Line] = []
    with reading() as session:
        named = (service_of(session, service).name,) if service else services(session)
        for one in named:
            for phase, waiting in undelivered(session.gatherer, one):
                shown = message(session.house.store, one, phase, waiting)
                data.append(plain(shown))
                standing = bad("given up") if phase == "given up" else warn(_when(waiting))
                to = f"to {shown.to or 'everybody'}"
                rows.append((strong(shown.key), to, standing, shown.title, quiet(shown.why)))
    if not rows:
        return Report({"messages": data}, (para(quiet("every message has arrived")),))
    then = step("`interlock outbox retry KEY` tries one anew; the beginning or end of its key will do", 0)
    return Report({"messages": data}, (Rows(tuple(rows)), then))


@app.command
def retry(
    key: Annotated[str, Parameter(name="KEY", help="The message's key, or as much of it as names no other.")],
    /,
    *,
    service: ServiceOption = "",
    me: Me = ME,
) -> Report:
    """Try a message anew, at once and as often as the first time."""
    from interlock.domain.outbox import RetryMessage

    with reading() as session:
        of = service_of(session, service).name
        meant = _meant(session, of, key)
        done = session.speak(me).say(RetryMessage(of, meant), f"try '{meant}' anew")
    return Report(
        {"key": meant, "command": done.id},
        (para(good("✓ "), strong(meant), " is tried anew"), step("`interlock outbox list` says whether it arrived")),
    )


def _meant(session: Session, service: ServiceName, key: str) -> EffectKey:
    from interlock.service.portraits.registers import undelivered

    keys = [one.due.key for _, one in undelivered(session.gatherer, service)]
    meant = [one for one in keys if one == key] or [one for one in keys if one.startswith(key) or one.endswith(key)]
    if len(meant) == 1:
        return meant[0]
    if not meant:
        return EffectKey(key)
    sentence = f"'{key}' is the beginning or end of {len(meant)} keys"
    raise Fault("outbox.ambiguous", sentence, "write more of it; `interlock outbox list` shows them whole")


def _when(waiting: Waiting) -> str:
    return f"tried again {in_words(waiting.not_before)}" if waiting.tries else "to be told"
