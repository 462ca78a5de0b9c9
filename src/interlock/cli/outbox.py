# SPDX-License-Identifier: Apache-2.0
"""`interlock outbox`: messages that have not arrived, why, and how a person has one tried anew."""

from collections.abc import Iterator
from typing import Annotated

from cyclopts import App, Parameter

from interlock.cli.naming import ServiceOption, service_of, services
from interlock.cli.output import Fault, Json, Report
from interlock.cli.session import ME, Me, Session, reading
from interlock.cli.text import Line, Rows, bad, good, para, quiet, step, strong, warn
from interlock.domain.action import Tell
from interlock.domain.ids import EffectKey, ServiceName
from interlock.domain.moment import in_words
from interlock.domain.outbox import Waiting

app = App(name="outbox", help="Messages that have not arrived.")

Found = tuple[str, Waiting]
"""`waiting` or `given up`, and the message."""


@app.command(name="list")
def list_messages(*, service: ServiceOption = "") -> Report:
    """Every message that waits to be delivered or was given up, to whom, and why."""
    data: list[Json] = []
    rows: list[Line] = []
    with reading() as session:
        named = (service_of(session, service).name,) if service else services(session)
        for one in named:
            for phase, waiting in _messages(session, one):
                title, due = _title(session, waiting), waiting.due
                data.append(
                    {
                        "key": due.key,
                        "service": one,
                        "to": due.to,
                        "message": due.notice,
                        "title": title,
                        "phase": phase,
                        "tries": waiting.tries,
                        "tried_again": waiting.not_before.isoformat() if phase == "waiting" and waiting.tries else "",
                        "why": waiting.detail,
                    }
                )
                standing = bad("given up") if phase == "given up" else warn(_when(waiting))
                rows.append((strong(due.key), f"to {due.to or 'everybody'}", standing, title, quiet(waiting.detail)))
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


def _messages(session: Session, service: ServiceName) -> Iterator[Found]:
    outbox = session.gatherer.view.outbox(service)
    yield from (("given up", one) for one in outbox.given_up.values())
    yield from (("waiting", one) for one in outbox.waiting.values())


def _meant(session: Session, service: ServiceName, key: str) -> EffectKey:
    keys = [one.due.key for _, one in _messages(session, service)]
    meant = [one for one in keys if one == key] or [one for one in keys if one.startswith(key) or one.endswith(key)]
    if len(meant) == 1:
        return meant[0]
    if not meant:
        return EffectKey(key)
    sentence = f"'{key}' is the beginning or end of {len(meant)} keys"
    raise Fault("outbox.ambiguous", sentence, "write more of it; `interlock outbox list` shows them whole")


def _title(session: Session, waiting: Waiting) -> str:
    from interlock.service.letters import letter

    due = waiting.due
    tell = Tell(due.key, due.tone.value, due.title, due.body, due.to, due.quotes)
    return letter(session.house.store, tell, due.service, ()).title


def _when(waiting: Waiting) -> str:
    return f"tried again {in_words(waiting.not_before)}" if waiting.tries else "to be told"
