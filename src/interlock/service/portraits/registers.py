# SPDX-License-Identifier: Apache-2.0
"""What is kept in lists, as data: freezes, change requests, recalls, messages, people, rules, committed records."""

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from interlock.domain.action import Tell
from interlock.domain.change import Change
from interlock.domain.freeze import FreezeDeclared
from interlock.domain.governance import Service
from interlock.domain.ids import ChangeId, Digest, EffectKey, PersonId, ServiceName, TextRef
from interlock.domain.journal import Leaf, of_key
from interlock.domain.outbox import Waiting
from interlock.domain.procedure import Governance
from interlock.ports.store import LedgerStore
from interlock.service.gather import Gatherer
from interlock.service.letters import letter
from interlock.service.portraits.fleet import ProposalShown
from interlock.service.portraits.releases import words_of


class FreezeShown(msgspec.Struct, frozen=True):
    """A freeze that was not lifted."""

    freeze: str
    begins: str
    ends: str
    services: list[str]
    """Those that may be seen by who asks."""
    and_others: bool
    """Whether it is about further ones."""
    environments: list[str]
    admits: list[str]
    in_force: bool
    reason: str


class ChangeShown(msgspec.Struct, frozen=True):
    """A change request."""

    change: str
    service: str
    kind: str
    labels: list[str]
    phase: str
    author: str
    title: str


class RecallShown(msgspec.Struct, frozen=True):
    """Content that must gain exposure nowhere."""

    digest: str
    by: str
    reason: str


class MessageShown(msgspec.Struct, frozen=True):
    """A message that has not arrived. `phase`: waiting, or given up."""

    key: str
    service: str
    to: str
    message: str
    title: str
    phase: str
    tries: int
    tried_again: str
    why: str


class PersonShown(msgspec.Struct, frozen=True):
    """Somebody who is registered."""

    person: str
    name: str
    roles: list[str]
    keys: list[str]


class RulesShown(msgspec.Struct, frozen=True):
    """The rules in force for a service."""

    service: str
    governance: str
    pack: str
    version: str
    roles: dict[str, list[str]]
    posts: dict[str, dict[str, list[str]]]
    governors: list[str]
    solo: list[str]
    environments: list[str]
    files: dict[str, str]
    proposals: list[ProposalShown]
    former: list[str]


class CommittedShown(msgspec.Struct, frozen=True):
    """What was, or could not be, written into the repository."""

    of: str
    phase: str
    branch: str
    commit: str
    paths: list[str]
    tries: int
    detail: str


def freeze(store: LedgerStore, one: FreezeDeclared, now: datetime, sees: Callable[[ServiceName], bool]) -> FreezeShown:
    """A freeze, as told to who sees these services."""
    services = [service for service in one.services if sees(service)]
    return FreezeShown(
        freeze=one.freeze,
        begins=one.begins.isoformat(),
        ends=one.ends.isoformat(),
        services=list[str](services),
        and_others=len(services) < len(one.services),
        environments=list(one.environments),
        admits=[kind.value for kind in one.admits],
        in_force=one.begins <= now < one.ends,
        reason=words_of(store, one.reason),
    )


def changes(gatherer: Gatherer, store: LedgerStore) -> Iterator[ChangeShown]:
    """Every change request."""
    for stream in store.streams("change/"):
        yield change(store, gatherer.view.change(ChangeId(stream.removeprefix("change/"))))


def change(store: LedgerStore, one: Change) -> ChangeShown:
    """A change request."""
    title = words_of(store, one.title)
    labels = [str(label) for label in one.labels]
    return ChangeShown(one.id, one.service, one.kind.value, labels, one.phase.value, one.author, title)


def recalls(gatherer: Gatherer, store: LedgerStore) -> Iterator[RecallShown]:
    """Everything that is recalled."""
    for stream in store.streams("artifact/"):
        digest = Digest(stream.removeprefix("artifact/"))
        one = gatherer.view.recall(digest)
        if one.is_recalled:
            yield RecallShown(digest, one.by, words_of(store, TextRef(one.reason)) or one.reason)


def undelivered(gatherer: Gatherer, service: ServiceName) -> Iterator[tuple[str, Waiting]]:
    """The messages of a service that have not arrived, and whether they wait or were given up."""
    outbox = gatherer.view.outbox(service)
    yield from (("given up", one) for one in outbox.given_up.values())
    yield from (("waiting", one) for one in outbox.waiting.values())


def message(store: LedgerStore, service: ServiceName, phase: str, waiting: Waiting) -> MessageShown:
    """A message that has not arrived."""
    due = waiting.due
    tell = Tell(due.key, due.tone.value, due.title, due.body, due.to, due.quotes)
    return MessageShown(
        key=due.key,
        service=service,
        to=due.to,
        message=due.notice,
        title=letter(store, tell, due.service, ()).title,
        phase=phase,
        tries=waiting.tries,
        tried_again=waiting.not_before.isoformat() if phase == "waiting" and waiting.tries else "",
        why=waiting.detail,
    )


def people(gatherer: Gatherer, store: LedgerStore, services: tuple[ServiceName, ...]) -> Iterator[PersonShown]:
    """Everybody who is registered, by their handles."""
    known, roles = gatherer.view.people(), roles_of(gatherer, services)
    for person, name in sorted(known.names.items()):
        held = list(roles.get(person, ()))
        yield PersonShown(person, words_of(store, name), held, list(known.keys_of(person)))


def roles_of(gatherer: Gatherer, services: tuple[ServiceName, ...]) -> dict[PersonId, tuple[str, ...]]:
    """Which roles people hold under the rules in force, of all these services together; `qa (staging)`: there alone."""
    found: dict[PersonId, tuple[str, ...]] = {}
    for service in services:
        governance = gatherer.in_force(service)
        for role, holders in governance.holders.items() if governance else ():
            for holder in holders:
                found[holder] = (*found.get(holder, ()), role)
        for place, roles in governance.posts.items() if governance else ():
            for role, holders in roles.items():
                for holder in holders:
                    found[holder] = (*found.get(holder, ()), f"{role} ({place})")
    return {person: tuple(dict.fromkeys(held)) for person, held in found.items()}


def rules(state: Service, governance: Governance) -> RulesShown:
    """The rules in force."""
    procedure = governance.procedure
    return RulesShown(
        service=state.name,
        governance=governance.digest,
        pack=procedure.pack,
        version=procedure.version,
        roles={role: list(governance.holders.get(role, ())) for role in procedure.roles},
        posts={
            place: {role: list(people) for role, people in roles.items()} for place, roles in governance.posts.items()
        },
        governors=list(procedure.governors),
        solo=list(governance.solo),
        environments=[one.name for one in procedure.environments],
        files={file.path: file.digest for file in state.in_force.files},
        proposals=[ProposalShown(digest, one.by) for digest, one in state.proposals.items()],
        former=[digest for digest in state.approved if digest != state.in_force.digest],
    )


def committed(key: EffectKey, leaf: Leaf) -> CommittedShown:
    """What was written into the repository."""
    return CommittedShown(
        of_key(key), leaf.phase.value, leaf.branch, leaf.commit, list(leaf.paths), leaf.tries, leaf.detail
    )
