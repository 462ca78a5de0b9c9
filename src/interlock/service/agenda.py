# SPDX-License-Identifier: Apache-2.0
"""What every service needs now: the pure `next_actions` of all that is under way, safety first.

The controller performs the agenda; `interlock status` shows it. Rollbacks come before promotions, promotions before
gathering evidence, messages last: nothing that tells stands before something that saves. Nothing is gathered about an
environment in which something moves: what a check sees there may still be what ran before.

Who asks again and again may keep `Lulls`: a service in which nothing is due is not asked again before its time, or
before something moved that its agenda was made from.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from interlock.domain import (
    accompanying,
    attending,
    chasing,
    collecting,
    journal,
    outbox,
    promoting,
    requesting,
    returning,
    rolling,
)
from interlock.domain.action import Action, Deadline, GoBack, Measure, NoticeLoss, StartRollback, WakeAt
from interlock.domain.collecting import Around, Patience
from interlock.domain.gate import met
from interlock.domain.ids import EnvironmentName, PromotionId, ReleaseId, RollbackId, ServiceName, StreamId
from interlock.domain.incident import Incident
from interlock.domain.procedure import Governance
from interlock.domain.promotion import Manner, Promotion
from interlock.domain.release import Release
from interlock.domain.requirement import Requirement
from interlock.domain.rollout import NOBODY
from interlock.domain.slot import OccupantKind, SlotState
from interlock.domain.trunk import UNDELIVERED
from interlock.ledger.codec import Undecodable
from interlock.ports.store import LedgerStore
from interlock.service.casework import review_of, room
from interlock.service.dockside import may_be_asked_for
from interlock.service.endings import ended_in
from interlock.service.gather import Gatherer, Ungoverned

LONGEST: Final = timedelta(minutes=1)
"""How long a lull is believed in."""


class Urgency(IntEnum):
    """The order in which actions are performed."""

    SAFETY = 0
    WATCH = 1
    EXPOSURE = 2
    EVIDENCE = 3
    MESSAGE = 4


@dataclass(frozen=True, slots=True)
class Due:
    """An action and the service it is for."""

    urgency: Urgency
    service: ServiceName
    action: Action


Place = tuple[ServiceName, EnvironmentName]
HolderOf = Callable[[Place], str]
"""Under what name the asker would hold an exposure in a place."""


def onlooker(_: Place) -> str:
    """Who only looks holds nothing."""
    return NOBODY


def agenda(gatherer: Gatherer, services: tuple[ServiceName, ...], holder: HolderOf = onlooker) -> tuple[Due, ...]:
    """Everything due now in these services, most urgent first, for the one who would hold their exposures."""
    return _most_urgent_first(due for service in services for due in _service(gatherer, service, holder))


@dataclass(frozen=True, slots=True)
class _Lull:
    """Nothing is due in a service until then, as long as nothing in `reads` moves and the holders' names stay."""

    since: datetime
    until: datetime
    reads: frozenset[StreamId]
    holders: tuple[tuple[Place, str], ...]
    wakes: tuple[Due, ...]

    def lasts(self, now: datetime, holder: HolderOf) -> bool:
        return self.since <= now < self.until and all(holder(place) == name for place, name in self.holders)


@dataclass(slots=True)
class Lulls:
    """Where nothing is due at present. It all follows from the ledger and the time, and may be forgotten at any time.

    `size` is how much of the ledger was looked through for what moves.
    """

    known: dict[ServiceName, _Lull] = field(default_factory=dict)
    size: int = 0

    def agenda(
        self,
        store: LedgerStore,
        gatherer: Callable[[], Gatherer],
        services: tuple[ServiceName, ...],
        holder: HolderOf,
    ) -> tuple[Due, ...]:
        """What `agenda` would say of this ledger. Every call of `gatherer` gives a view that has read nothing yet."""
        self._forget_what_moved(store)
        now = gatherer().now
        return _most_urgent_first(due for service in services for due in self._service(gatherer, service, holder, now))

    def _service(
        self, gatherer: Callable[[], Gatherer], service: ServiceName, holder: HolderOf, now: datetime
    ) -> tuple[Due, ...]:
        lull = self.known.get(service)
        if lull is not None and lull.lasts(now, holder):
            return lull.wakes
        fresh = gatherer()
        holders: list[tuple[Place, str]] = []

        def noted(place: Place) -> str:
            holders.append((place, holder(place)))
            return holders[-1][1]

        found = tuple(_service(fresh, service, noted))
        self.known.pop(service, None)
        wakes = tuple(due.action.at for due in found if isinstance(due.action, WakeAt | Deadline))
        if len(wakes) == len(found):
            until = min((*wakes, now + LONGEST))
            self.known[service] = _Lull(now, until, frozenset(fresh.view.reads), tuple(holders), found)
        return found

    def _forget_what_moved(self, store: LedgerStore) -> None:
        """The size is read first: what is appended meanwhile is looked at again."""
        size = store.head().size
        if self.known and size != self.size:
            moved = {record.stream for record in store.records(since=self.size)}
            self.known = {service: lull for service, lull in self.known.items() if lull.reads.isdisjoint(moved)}
        self.size = size


def _most_urgent_first(due: Iterator[Due]) -> tuple[Due, ...]:
    return tuple(sorted(due, key=lambda one: one.urgency))


def _service(gatherer: Gatherer, service: ServiceName, holder: HolderOf) -> Iterator[Due]:
    governance = gatherer.in_force(service)
    if governance is None:
        return
    for environment in governance.procedure.environments:
        slot = gatherer.view.slot(service, environment.name)
        yield from _readable(_slot(gatherer, service, slot, holder))
        yield from _readable(_leftovers(gatherer, service, environment.name))
        for incident in gatherer.open_incidents(service, environment.name):
            yield from _readable(_incident(gatherer, incident))
    for release in gatherer.view.service(service).open_releases:
        yield from _readable(_release(gatherer, service, governance, release))
    yield from _readable(_reviews(gatherer, service))
    yield from _readable(_delivered(gatherer, service, governance))
    for action in outbox.next_actions(gatherer.view.outbox(service), gatherer.now):
        yield Due(Urgency.MESSAGE, service, action)
    if governance.records_on:
        ended = tuple(ended_in(gatherer, service))
        for action in journal.next_actions(gatherer.view.journal(service), ended, gatherer.now):
            yield Due(Urgency.MESSAGE, service, action)


def _reviews(gatherer: Gatherer, service: ServiceName) -> Iterator[Due]:
    state = gatherer.view.service(service)
    for change in state.reviews:
        for action in chasing.next_actions(state, review_of(service, change, gatherer), gatherer.now):
            yield Due(Urgency.MESSAGE, service, action)


def _delivered(gatherer: Gatherer, service: ServiceName, governance: Governance) -> Iterator[Due]:
    if governance.procedure.delivery != UNDELIVERED:
        for action in may_be_asked_for(gatherer, service):
            yield Due(Urgency.EXPOSURE, service, action)


def _readable(due: Iterator[Due]) -> tuple[Due, ...]:
    """What is due there, or nothing where its rules cannot be read: that must not stop what else there is to do."""
    try:
        return tuple(due)
    except (Ungoverned, Undecodable):
        return ()


def _slot(gatherer: Gatherer, service: ServiceName, slot: SlotState, holder: HolderOf) -> Iterator[Due]:
    view, now = gatherer.view, gatherer.now
    match slot.kind:
        case OccupantKind.ROLLBACK:
            rollback = view.rollback(RollbackId(slot.occupant))
            verification = gatherer.verification(service, rollback.environment)
            evidence = view.evidence_of(rollback.target, rollback.digest)
            for action in returning.next_actions(rollback, verification, evidence, now):
                yield Due(Urgency.SAFETY, service, action)
        case OccupantKind.PROMOTION:
            yield from _promotion(gatherer, view.promotion(PromotionId(slot.occupant)), holder)
        case OccupantKind.FREE if slot.queue:
            yield from _promotion(gatherer, view.promotion(PromotionId(slot.queue[0].promotion)), holder)
        case OccupantKind.FREE:
            return


def _leftovers(gatherer: Gatherer, service: ServiceName, environment: EnvironmentName) -> Iterator[Due]:
    """What nothing is compared with any more. It is nobody's safety, so it stands behind all that is."""
    for action in accompanying.leftovers(gatherer.berth(service, environment)):
        yield Due(Urgency.EVIDENCE, service, action)


def _incident(gatherer: Gatherer, state: Incident) -> Iterator[Due]:
    for action in attending.next_actions(state, room(state, gatherer), gatherer.now):
        urgency = Urgency.SAFETY if isinstance(action, GoBack) else _IN_INCIDENTS
        yield Due(urgency, state.service, action)


_IN_INCIDENTS: Final = Urgency.WATCH
"""A clock that ran out may decide to go back, so nothing is exposed further before."""


def _promotion(gatherer: Gatherer, promotion: Promotion, holder: HolderOf) -> Iterator[Due]:
    if promoting.is_going_back(promotion):
        yield Due(Urgency.SAFETY, promotion.service, StartRollback(promotion.id))
        return
    if promotion.manner is Manner.BESIDE:
        _, course = gatherer.course_of(promotion.id)
        name = holder((promotion.service, promotion.environment))
        for action in rolling.next_actions(promotion, course, name, gatherer.now):
            yield Due(_URGENT.get(type(action), Urgency.EXPOSURE), promotion.service, action)
        for action in accompanying.next_actions(promotion, course):
            yield Due(Urgency.EXPOSURE, promotion.service, action)
        stage = course.turn.stage
    else:
        stage = gatherer.situation_under(promotion).stages()[-1]
    evidence = gatherer.view.evidence_of(promotion.release, promotion.digest)
    for action in promoting.next_actions(promotion, stage, evidence, gatherer.now):
        yield Due(Urgency.EXPOSURE, promotion.service, action)


_URGENT: Final = {NoticeLoss: Urgency.SAFETY, Measure: Urgency.WATCH}
"""Nothing is exposed further before it was seen how what is exposed does."""


def _release(gatherer: Gatherer, service: ServiceName, governance: Governance, release: ReleaseId) -> Iterator[Due]:
    one = gatherer.view.release(release)
    settled = {
        environment.name: gatherer.view.slot(service, environment.name)
        for environment in governance.procedure.environments
    }
    live_in = tuple(
        name for name, slot in settled.items() if slot.kind is OccupantKind.FREE and slot.live.digest == one.digest
    )
    requirements = _requirements(gatherer, one)
    evidence = gatherer.view.evidence_of(one.id, one.digest)
    is_newest = bool(one.branch) and gatherer.view.deliveries(service).release == one.id
    patience = Patience.LONG if is_newest else Patience.SHORT
    around = Around(live_in, tuple(gatherer.live_for(service, requirements)), patience)
    for action in collecting.next_actions(one, requirements, evidence, around, gatherer.now):
        yield Due(Urgency.EVIDENCE, service, action)
    yield from _asking(gatherer, one)


def _asking(gatherer: Gatherer, release: Release) -> Iterator[Due]:
    """Whom to tell that what is asked of them is the next in order."""
    procedure, path = gatherer.pinned(release).procedure, gatherer.path_of(release)
    if path is None or not any(stage.messages.asked for stage in procedure.stages):
        return
    asks = gatherer.view.asks(release.id)
    for environment in procedure.environments_of(path):
        situation = gatherer.situation(release.id, environment)
        if requesting.is_asking(asks, situation):
            for action in requesting.next_actions(asks, situation, met(situation, gatherer.now)):
                yield Due(Urgency.MESSAGE, release.service, action)


def _requirements(gatherer: Gatherer, release: Release) -> tuple[Requirement, ...]:
    """Everything the release's path asks for, up to its last environment."""
    pinned = gatherer.pinned(release)
    path = gatherer.path_of(release)
    stages = (pinned.procedure.stage(name) for name in path.stages) if path else ()
    return tuple(requirement for stage in stages for requirement in stage.requires)
