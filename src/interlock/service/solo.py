# SPDX-License-Identifier: Apache-2.0
"""Who declared, in the rules that an exported ledger was under, to work alone.

1. Every governance that ever came into force is looked at, not only the last: what was agreed under it still stands.
2. Rules that this version cannot read are named as such. Nothing about them is guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from interlock.domain.governance import NO_GOVERNANCE, GovernanceAdopted, GovernanceApproved, GovernanceRef
from interlock.domain.ids import Digest, PersonId, ServiceName
from interlock.ledger.bundle import RECORDS, BundleReader
from interlock.ledger.canonical import decode
from interlock.ledger.codec import Undecodable, decode_event
from interlock.service.library import PackLibrary
from interlock.service.rereading import Rereading
from interlock.service.view import View

_MARKS: Final = tuple(f'"event":"{one.__name__}"'.encode() for one in (GovernanceAdopted, GovernanceApproved))

_UNREADABLE: Final = GovernanceRef(NO_GOVERNANCE, Digest(""), Digest(""), ())


@dataclass(frozen=True, slots=True)
class Solo:
    """The rules of a service under which these people may agree with themselves, from one record on."""

    service: ServiceName
    people: tuple[PersonId, ...]
    since: int


@dataclass(frozen=True, slots=True)
class SoloEnded:
    """As `Solo`, until rules without it came into force by the record `until`."""

    service: ServiceName
    people: tuple[PersonId, ...]
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Unread:
    """Rules that cannot be read here: whether anybody works alone under them is not known."""

    service: ServiceName
    since: int


def solo_modes(bundle: BundleReader, library: PackLibrary) -> tuple[Solo | SoloEnded | Unread, ...]:
    """What was declared, service by service, oldest first. The bundle is one that was verified."""
    found: list[Solo | SoloEnded | Unread] = []
    now: dict[ServiceName, Solo] = {}
    reader = Rereading.of(bundle)
    for index, service, ref in _in_force(bundle):
        reader.keep((ref.pack, ref.bindings))
        before = now.pop(service, Solo(service, (), index))
        try:
            people = library.governance(View(reader), ref).solo
        except Undecodable:
            people = ()
            found.append(Unread(service, index))
        if people == before.people:
            since = before.since
        else:
            since = index
            found += [SoloEnded(service, before.people, before.since, index)] if before.people else []
        if people:
            now[service] = Solo(service, people, since)
    return (*found, *now.values())


def _in_force(bundle: BundleReader) -> Iterator[tuple[int, ServiceName, GovernanceRef]]:
    """Each governance that came into force, with the record's index; other records are not decoded."""
    for line in bundle.lines(RECORDS):
        if any(mark in line for mark in _MARKS):
            record = decode(line.removesuffix(b"\n"))
            try:
                event = decode_event(record.event, record.version, record.payload)
            except Undecodable:
                yield record.index, ServiceName(record.stream.removeprefix("service/")), _UNREADABLE
                continue
            if isinstance(event, GovernanceAdopted | GovernanceApproved):
                yield record.index, event.service, event.governance
