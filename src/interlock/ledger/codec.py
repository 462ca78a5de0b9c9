# SPDX-License-Identifier: Apache-2.0
"""Events and commands to and from JSON, by an explicit table of names and versions.

1. A name stands for one type for ever; a changed shape is a new version, and `upcast` brings the old one up.
2. Decoding is strict: an unknown name, version or field is an error, never a guess.
3. What is in the table is what travels; nothing else can get into the ledger.
4. A field that came later is not written where it says what its absence says: what was recorded before it is, to the
   byte, what the same rules make of it today.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final, TypeAlias, TypeVar

import msgspec

from interlock.domain import (
    absence,
    approval,
    artifact,
    baseline,
    change,
    chasing,
    delivery,
    docket,
    drift,
    evidence,
    freeze,
    governance,
    groups,
    incident,
    journal,
    outbox,
    people,
    promotion,
    records,
    release,
    requesting,
    rollback,
    rollout,
    slot,
    traffic,
    waiver,
)
from interlock.ledger import keyring
from interlock.ledger.record import Json

Event: TypeAlias = (
    people.PeopleEvent
    | governance.GovernanceEvent
    | change.ChangeEvent
    | release.ReleaseEvent
    | approval.ApprovalEvent
    | records.RecordWritten
    | waiver.WaiverEvent
    | evidence.EvidenceEvent
    | freeze.FreezeEvent
    | artifact.RecallEvent
    | slot.SlotEvent
    | promotion.PromotionEvent
    | rollback.RollbackEvent
    | rollout.RolloutEvent
    | baseline.BaselineEvent
    | incident.IncidentEvent
    | docket.DocketEvent
    | absence.AbsenceEvent
    | groups.GroupsRecorded
    | delivery.DeliveryEvent
    | drift.DriftEvent
    | outbox.OutboxEvent
    | journal.JournalEvent
    | requesting.PeopleAsked
    | keyring.KeyringEvent
)
Command: TypeAlias = (
    people.PeopleCommand
    | governance.GovernanceCommand
    | change.ChangeCommand
    | release.ReleaseCommand
    | approval.ApprovalCommand
    | records.WriteRecord
    | waiver.WaiverCommand
    | evidence.EvidenceCommand
    | freeze.FreezeCommand
    | artifact.RecallCommand
    | slot.AdoptRunning
    | promotion.PromotionCommand
    | rollback.RollbackCommand
    | rollout.RolloutCommand
    | baseline.BaselineCommand
    | incident.IncidentCommand
    | absence.AbsenceCommand
    | groups.RecordGroups
    | delivery.DeliveryCommand
    | drift.ReportRunning
    | outbox.OutboxCommand
    | journal.JournalCommand
    | requesting.AskPeople
    | chasing.ChaseReview
    | keyring.KeyringCommand
)

T = TypeVar("T")


class Undecodable(ValueError):
    """What was read is not something this version can have written; nothing is guessed."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A named, versioned payload."""

    name: str
    version: int
    payload: Mapping[str, Json]


def _members(union: object) -> tuple[type, ...]:
    return tuple(getattr(union, "__args__", (union,)))


EVENTS: Final[Mapping[tuple[str, int], type]] = MappingProxyType({(kind.__name__, 1): kind for kind in _members(Event)})
COMMANDS: Final[Mapping[tuple[str, int], type]] = MappingProxyType(
    {(kind.__name__, 1): kind for kind in _members(Command)}
)
_FIELDS: Final[Mapping[type, tuple[str, ...]]] = {
    kind: tuple(field.name for field in fields(kind)) for table in (EVENTS, COMMANDS) for kind in table.values()
}
_LATER: Final[Mapping[str, tuple[Json, ...]]] = {
    "baseline": (0, "none", msgspec.to_builtins(traffic.ArmCounters())),
    "baseline_ready": (0,),
    "baseline_members": (0,),
    "warm_up": (0,),
}
"""Fields that came later, and what their absence says."""
_GROWN: Final = frozenset(
    {rollout.RolloutBegun, rollout.ExposureAuthorised, rollout.Measured, rollout.RecordMeasurement}
)
"""What has such fields."""
_VERSIONS: Final = {kind: version for table in (EVENTS, COMMANDS) for (_, version), kind in table.items()}


def encode(value: Event | Command) -> Encoded:
    """The value's name, its newest version, and its payload as JSON builtins."""
    kind = type(value)
    payload: Mapping[str, Json] = msgspec.to_builtins(value)
    return Encoded(kind.__name__, _VERSIONS[kind], _without_later(payload) if kind in _GROWN else payload)


def _without_later(payload: Mapping[str, Json]) -> Mapping[str, Json]:
    """Rule 4."""
    return {key: _spare(one) for key, one in payload.items() if one not in _LATER.get(key, ())}


def _spare(value: Json) -> Json:
    if isinstance(value, Mapping):
        return _without_later(value)
    return [_spare(one) for one in value] if isinstance(value, list | tuple) else value


def decode_event(name: str, version: int, payload: Mapping[str, Json]) -> Event:
    """The event of that name and version. Raises `Undecodable`."""
    event: Event = _decode(EVENTS, name, version, payload)
    return event


def decode_command(name: str, version: int, payload: Mapping[str, Json]) -> Command:
    """The command of that name and version. Raises `Undecodable`, also for a field unknown deep inside."""
    command: Command = _decode(COMMANDS, name, version, payload)
    unknown = next(_beyond(payload, msgspec.to_builtins(command)), "")
    if unknown:
        raise Undecodable(f"{name}: unknown field '{unknown}'")
    return command


def _beyond(given: Json, understood: Json) -> Iterator[str]:
    """The keys of what was given that were not understood."""
    if isinstance(given, Mapping) and isinstance(understood, Mapping):
        for key, value in given.items():
            if key not in understood:
                yield key
            else:
                yield from _beyond(value, understood[key])
    elif isinstance(given, list | tuple) and isinstance(understood, list | tuple):
        for one, other in zip(given, understood, strict=False):
            yield from _beyond(one, other)


def decode_as(kind: type[T], payload: Json) -> T:
    """A payload of a known shape. Raises `Undecodable`."""
    try:
        return msgspec.convert(payload, kind)
    except msgspec.ValidationError as fault:
        raise Undecodable(f"{kind.__name__}: {fault}") from fault


def _decode(table: Mapping[tuple[str, int], type[T]], name: str, version: int, payload: Mapping[str, Json]) -> T:
    kind = table.get((name, version))
    if kind is None:
        raise Undecodable(f"'{name}' version {version} is not known to this version of Interlock")
    unknown = set(payload) - set(_FIELDS[kind])
    if unknown:
        raise Undecodable(f"{name}: unknown field '{min(unknown)}'")
    return decode_as(kind, payload)
