# SPDX-License-Identifier: Apache-2.0
"""What runs where, what is under way, what waits and for whom, as data. `held` is decided by who can see the driver."""

from collections.abc import Mapping
from functools import partial
from typing import TypeAlias

import msgspec

from interlock.domain.freeze import FreezeDeclared
from interlock.domain.ids import ServiceName
from interlock.domain.slot import LiveStanding
from interlock.domain.traffic import UNEXPOSED
from interlock.service.portraits.findings import AwaitedShown, awaited
from interlock.service.rollouts import NoRollout, Onlooker, Progress
from interlock.service.views import OpenRelease, ServiceStatus, Slot, Status, Viewer

Rollouts: TypeAlias = Mapping[str, Progress]
"""What is rolled out now, by its promotion."""


class SlotShown(msgspec.Struct, frozen=True):
    """One service in one environment."""

    environment: str
    live: str
    version: str
    since: str
    standing: str
    adopted_by: str
    under_way: str
    phase: str
    pace: str
    held: bool
    awaited: list[AwaitedShown]
    queue: list[str]


class OpenReleaseShown(msgspec.Struct, frozen=True):
    """A release on its way, and what it waits for."""

    release: str
    environment: str
    moving_to: list[str]
    opens: bool
    awaited: list[AwaitedShown]


class ProposalShown(msgspec.Struct, frozen=True):
    """Rules that wait for approval."""

    governance: str
    by: str


class WaiverAskedShown(msgspec.Struct, frozen=True):
    """A waiver that waits to be granted."""

    waiver: str
    requirement: str
    by: str


class ReviewShown(msgspec.Struct, frozen=True):
    """A retroactive review that is owed."""

    change: str
    due: str


class DriftShown(msgspec.Struct, frozen=True):
    """Something else runs than was released, or it cannot be told."""

    environment: str
    open: bool
    expected: str
    found: str
    version: str
    found_at: str
    incident: str
    unknown_since: str
    why: str


class DeliveryShown(msgspec.Struct, frozen=True):
    """What goes to an environment by itself."""

    branch: str
    environment: str
    head: str
    release: str
    obstacle: str


class ServiceShown(msgspec.Struct, frozen=True):
    """One service now."""

    service: str
    pack: str
    governance: str
    solo: list[str]
    not_apart: list[str]
    environments: list[SlotShown]
    releases: list[OpenReleaseShown]
    proposals: list[ProposalShown]
    waivers: list[WaiverAskedShown]
    reviews: list[ReviewShown]
    undelivered: list[str]
    drift: list[DriftShown]
    delivery: DeliveryShown
    unwritten: dict[str, str]


class IncidentNamed(msgspec.Struct, frozen=True):
    """An incident that is open."""

    incident: str
    severity: str
    environment: str
    release: str


class FreezeNamed(msgspec.Struct, frozen=True):
    """A freeze in force or to come."""

    freeze: str
    begins: str
    ends: str


class StatusShown(msgspec.Struct, frozen=True):
    """Everything that is worth knowing now. `controller`: whether the one process that acts seems to be at work."""

    ledger: str
    controller: bool
    services: list[ServiceShown]
    incidents: list[IncidentNamed]
    freezes: list[FreezeNamed]


def rollouts_of(viewer: Viewer, found: Status) -> dict[str, Progress]:
    """What these services roll out now."""
    return {promotion: seen for one in found.services for promotion, seen in _rollouts(viewer, one).items()}


def _rollouts(viewer: Viewer, one: ServiceStatus) -> Rollouts:
    seen = ((slot.state.occupant, Onlooker().there(viewer, one.service.name, slot.environment)) for slot in one.slots)
    return {promotion: found for promotion, found in seen if not isinstance(found, NoRollout)}


def status(viewer: Viewer, names: tuple[ServiceName, ...], *, driven: bool) -> StatusShown:
    """What these services do now."""
    found = viewer.status(())
    shown = (service(viewer, name, driven=driven) for name in names)
    return StatusShown(
        ledger=viewer.store.origin,
        controller=driven,
        services=[one for one in shown if one is not None],
        incidents=[IncidentNamed(one.id, one.severity.value, one.environment, one.release) for one in found.incidents],
        freezes=[_freeze(one) for one in found.freezes],
    )


def service(viewer: Viewer, name: ServiceName, *, driven: bool) -> ServiceShown | None:
    """What one service does now; nothing where nobody governs it."""
    return viewer.part(("shown", name, driven), partial(_service, name=name, driven=driven))


def _service(viewer: Viewer, name: ServiceName, *, driven: bool) -> ServiceShown | None:
    one = viewer.service(name)
    if one is None:
        return None
    rollouts = _rollouts(viewer, one)
    if rollouts:
        viewer.hold_for_a_moment()
    return ServiceShown(
        service=one.service.name,
        pack=one.governance.procedure.pack,
        governance=one.governance.digest,
        solo=list(one.governance.solo),
        not_apart=list(one.not_apart),
        environments=[_slot(slot, rollouts, driven=driven) for slot in one.slots],
        releases=[open_release(release) for release in one.releases],
        proposals=[ProposalShown(digest, proposal.by) for digest, proposal in one.proposals],
        waivers=[WaiverAskedShown(asked.waiver, asked.requirement, asked.by) for asked in one.waivers],
        reviews=[ReviewShown(review.change, review.due.isoformat()) for review in one.reviews],
        undelivered=list(one.given_up),
        drift=_drifts(one),
        delivery=_delivery(one),
        unwritten={name: leaf.detail for name, leaf in one.unwritten},
    )


def open_release(one: OpenRelease) -> OpenReleaseShown:
    """A release on its way."""
    return OpenReleaseShown(
        release=one.release.id,
        environment=one.environment,
        moving_to=list(one.moving_to),
        opens=one.gate.opens,
        awaited=[awaited(wait) for wait in one.awaited],
    )


def is_held(seen: Progress, *, driven: bool) -> bool:
    """Whether somebody holds what the ledger allows to be exposed; what nobody holds the proxies drop by themselves.

    What is becoming stable stands in the proxies' files already, and needs nobody.
    """
    return driven or seen.exposure == UNEXPOSED or bool(seen.promotion.settled_by)


def _slot(slot: Slot, rollouts: Rollouts, *, driven: bool) -> SlotShown:
    seen = rollouts.get(slot.state.occupant)
    return SlotShown(
        environment=slot.environment,
        live=slot.state.live.release,
        version=slot.version,
        since=slot.since.isoformat() if slot.version else "",
        standing=slot.state.standing.value if slot.version else "",
        adopted_by=slot.state.vouched.by if slot.state.standing is LiveStanding.ADOPTED else "",
        under_way=slot.state.occupant,
        phase=slot.under_way,
        pace=seen.pace if seen else "",
        held=seen is not None and seen.exposure != UNEXPOSED and is_held(seen, driven=driven),
        awaited=[awaited(wait) for wait in seen.awaited] if seen else [],
        queue=[queued.promotion for queued in slot.state.queue],
    )


def _drifts(one: ServiceStatus) -> list[DriftShown]:
    return [
        DriftShown(
            environment=environment,
            open=known.is_open,
            expected=known.expected,
            found=known.found,
            version=known.shown,
            found_at=known.found_at.isoformat() if known.is_open else "",
            incident=known.incident,
            unknown_since=known.hidden_since.isoformat() if known.is_hidden else "",
            why=known.why,
        )
        for environment, known in one.drifts.items()
    ]


def _delivery(one: ServiceStatus) -> DeliveryShown:
    rule = one.governance.procedure.delivery
    known = one.deliveries
    return DeliveryShown(rule.branch, rule.environment, known.head.commit, known.release, known.obstacle)


def _freeze(one: FreezeDeclared) -> FreezeNamed:
    return FreezeNamed(one.freeze, one.begins.isoformat(), one.ends.isoformat())
