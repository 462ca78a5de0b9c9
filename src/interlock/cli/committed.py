# SPDX-License-Identifier: Apache-2.0
"""`interlock record committed` and `retry`: what was written into the repository, and what could not be."""

from collections.abc import Iterator
from typing import Annotated

from cyclopts import Parameter

from interlock.cli.naming import ServiceOption, service_of
from interlock.cli.output import Fault, Json, Report
from interlock.cli.session import ME, Me, Session, reading
from interlock.cli.text import Line, Rows, Words, bad, good, para, quiet, step, strong, warn
from interlock.domain.ids import EffectKey, ServiceName
from interlock.domain.journal import JournalPhase, Leaf, RetryRecords, of_key


def committed(*, service: ServiceOption = "") -> Report:
    """What of this service was written into its repository, on which branch, and what could not be."""
    from interlock.service.portraits.findings import plain
    from interlock.service.portraits.registers import committed as portrait

    with reading() as session:
        found = tuple(_leaves(session, service_of(session, service).name))
    data: list[Json] = [plain(portrait(key, leaf)) for key, leaf in found]
    if not found:
        hint = step("bind `records` in interlock.yaml to have them committed once a release has ended", 0)
        return Report({"records": data}, (para(quiet("nothing was committed yet")), hint))
    rows: tuple[Line, ...] = tuple(
        (_mark(leaf), strong(of_key(key)), leaf.branch or quiet("nowhere yet"), leaf.commit[:12], quiet(_told(leaf)))
        for key, leaf in found
    )
    return Report({"records": data}, (Rows(rows),))


def retry(
    name: Annotated[str, Parameter(name="NAME", help="The release or incident, as `interlock record committed` says.")],
    /,
    *,
    service: ServiceOption = "",
    me: Me = ME,
) -> Report:
    """Try anew, at once, to write what could not be written into the repository."""
    with reading() as session:
        of = service_of(session, service).name
        keys = [key for key, _ in _leaves(session, of) if name in {of_key(key), of_key(key).partition(":")[2]}]
        if not keys:
            sentence = f"nothing is known of records of '{name}'"
            raise Fault("journal.unknown", sentence, "see `interlock record committed`")
        done = session.speak(me).say(RetryRecords(of, keys[0]), f"try the records of {name} anew")
    then = step("`interlock record committed` says what came of it")
    return Report(
        {"key": keys[0], "command": done.id}, (para(good("✓ "), strong(of_key(keys[0])), " is tried anew"), then)
    )


def _leaves(session: Session, service: ServiceName) -> Iterator[tuple[EffectKey, Leaf]]:
    yield from session.gatherer.view.journal(service).leaves.items()


def _mark(leaf: Leaf) -> Words:
    match leaf.phase:
        case JournalPhase.DONE:
            return good("✓")
        case JournalPhase.GIVEN_UP:
            return bad("✗")
        case _:
            return warn("·")


def _told(leaf: Leaf) -> str:
    return leaf.detail or ", ".join(leaf.paths)
