# SPDX-License-Identifier: Apache-2.0
"""Reading: what is kept in lists: freezes, changes, recalls, messages, people, committed records."""

from collections.abc import Iterator
from typing import Final

import msgspec
from litestar import get
from litestar.params import FromPath

from interlock.api.refusals import problems
from interlock.api.scene import Look, Looking
from interlock.domain.ids import Digest, ReleaseId
from interlock.domain.release import release_stream
from interlock.service.portraits import registers
from interlock.service.portraits.registers import (
    ChangeShown,
    CommittedShown,
    FreezeShown,
    MessageShown,
    PersonShown,
    RecallShown,
)

LISTS: Final = ("lists",)


class Freezes(msgspec.Struct, frozen=True):
    """Every freeze that was not lifted."""

    freezes: list[FreezeShown]


class Changes(msgspec.Struct, frozen=True):
    """Every change request."""

    changes: list[ChangeShown]


class Recalls(msgspec.Struct, frozen=True):
    """Everything that is recalled, as far as the caller may see."""

    recalls: list[RecallShown]


class Messages(msgspec.Struct, frozen=True):
    """Every message that has not arrived."""

    messages: list[MessageShown]


class People(msgspec.Struct, frozen=True):
    """Everybody who is registered."""

    people: list[PersonShown]


class Committed(msgspec.Struct, frozen=True):
    """What was written into a service's repository, and what could not be."""

    records: list[CommittedShown]


@get("/freezes", sync_to_thread=True, responses=problems(401, 403), tags=LISTS, operation_id="freezes")
def freezes(look: Looking) -> Freezes:
    """Times in which nothing is promoted."""
    declared = look.gatherer.view.freezes().declared.values()
    mine = [one for one in declared if not one.services or any(map(look.caller.reaches, one.services))]
    reaches = look.caller.reaches
    return Freezes([registers.freeze(look.store, one, look.gatherer.now, reaches) for one in mine])


@get("/changes", sync_to_thread=True, responses=problems(401, 403), tags=LISTS, operation_id="changes")
def changes(look: Looking) -> Changes:
    """Change requests: why something changes."""
    mine = set(look.services)
    found = registers.changes(look.gatherer, look.store)
    return Changes([one for one in found if one.service in mine])


@get("/recalls", sync_to_thread=True, responses=problems(401, 403), tags=LISTS, operation_id="recalls")
def recalls(look: Looking) -> Recalls:
    """Content that must gain exposure nowhere; to who is narrowed, what a release of their services holds of it."""
    found = list(registers.recalls(look.gatherer, look.store))
    if found and look.caller.services:
        mine = set(_content(look))
        found = [one for one in found if one.digest in mine]
    return Recalls(found)


def _content(look: Look) -> Iterator[Digest]:
    """By which digests the releases are known that the caller may see, and everything they are made of."""
    for name in look.services:
        for stream in look.store.streams(release_stream(ReleaseId(f"{name}:"))):
            one = look.gatherer.view.release(ReleaseId(stream.removeprefix(release_stream(ReleaseId("")))))
            yield one.digest
            yield from (artifact.digest for artifact in one.artifacts)


@get("/outbox", sync_to_thread=True, responses=problems(401, 403), tags=LISTS, operation_id="outbox")
def outbox(look: Looking) -> Messages:
    """Messages that have not arrived, and why."""
    found = (
        registers.message(look.store, name, phase, waiting)
        for name in look.services
        for phase, waiting in registers.undelivered(look.gatherer, name)
    )
    return Messages(list(found))


@get("/people", sync_to_thread=True, responses=problems(401, 403), tags=LISTS, operation_id="people")
def people(look: Looking) -> People:
    """Who takes part, with which roles and keys."""
    return People(list(registers.people(look.whole().gatherer, look.store, look.services)))


@get(
    "/services/{service:str}/committed",
    sync_to_thread=True,
    responses=problems(401, 403, 404),
    tags=LISTS,
    operation_id="committed",
)
def committed(look: Looking, service: FromPath[str]) -> Committed:
    """What of this service was written into its repository."""
    leaves = look.gatherer.view.journal(look.service(service).name).leaves
    return Committed([registers.committed(key, leaf) for key, leaf in leaves.items()])


HANDLERS: Final = (freezes, changes, recalls, outbox, people, committed)
