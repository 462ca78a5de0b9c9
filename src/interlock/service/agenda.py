# SPDX-License-Identifier: Apache-2.0
"""What every service needs now: the pure `next_actions` of all that is under way, safety first.

The controller performs the agenda; `interlock status` shows it. Rollbacks come before promotions, promotions before
gathering evidence, messages last: nothing that tells stands before something that saves. Nothing is gathered about an
environment in which something moves: what a check sees there may still be what ran before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from interlock.domain import collecting, outbox, promoting, returning
from interlock.domain.action import Action, StartRollback
from interlock.domain.ids import PromotionId, ReleaseId, RollbackId, ServiceName
from interlock.domain.procedure import Governance
from interlock.domain.promotion import Promotion
from interlock.domain.release import Release
from interlock.domain.requirement import Requirement
from interlock.domain.slot import OccupantKind, SlotState
from interlock.ledger.codec import Undecodable
from interlock.service.gather import Gatherer, Ungoverned


class Urgency(IntEnum):
    """The order in which actions are performed."""

    SAFETY = 0
    EXPOSURE = 1
    EVIDENCE = 2
    MESSAGE = 3


@dataclass(frozen=True, slots=True)
class Due:
    """An action and the service it is for."""

    urgency: Urgency
    service: ServiceName
    action: Action


def agenda(gatherer: Gatherer, services: tuple[ServiceName, ...]) -> tuple[Due, ...]:
    """Everything due now in these services, most urgent first."""
    return tuple(sorted(_all(gatherer, services), key=lambda due: due.urgency))


def _all(gatherer: Gatherer, services: tuple[ServiceName, ...]) -> Iterator[Due]:
    for service in services:
        governance = gatherer.in_force(service)
        if governance is None:
            continue
        for environment in governance.procedure.environments:
            slot = gatherer.view.slot(service, environment.name)
            yield from _readable(_slot(gatherer, service, slot))
        for release in gatherer.view.service(service).open_releases:
            yield from _readable(_release(gatherer, service, governance, release))
        for action in outbox.next_actions(gatherer.view.outbox(service), gatherer.now):
            yield Due(Urgency.MESSAGE, service, action)


def _readable(due: Iterator[Due]) -> tuple[Due, ...]:
    """What is due there, or nothing where its rules cannot be read: that must not stop what else there is to do."""
    try:
        return tuple(due)
    except (Ungoverned, Undecodable):
        return ()


def _slot(gatherer: Gatherer, service: ServiceName, slot: SlotState) -> Iterator[Due]:
    view, now = gatherer.view, gatherer.now
    match slot.kind:
        case OccupantKind.ROLLBACK:
            rollback = view.rollback(RollbackId(slot.occupant))
            verification = gatherer.verification(service, rollback.environment)
            evidence = view.evidence(rollback.digest)
            for action in returning.next_actions(rollback, verification, evidence, now):
                yield Due(Urgency.SAFETY, service, action)
        case OccupantKind.PROMOTION:
            yield from _promotion(gatherer, view.promotion(PromotionId(slot.occupant)))
        case OccupantKind.FREE if slot.queue:
            yield from _promotion(gatherer, view.promotion(PromotionId(slot.queue[0].promotion)))
        case OccupantKind.FREE:
            return


def _promotion(gatherer: Gatherer, promotion: Promotion) -> Iterator[Due]:
    if promoting.is_going_back(promotion):
        yield Due(Urgency.SAFETY, promotion.service, StartRollback(promotion.id))
        return
    stage = gatherer.situation_under(promotion).stages()[-1]
    evidence = gatherer.view.evidence(promotion.digest)
    for action in promoting.next_actions(promotion, stage, evidence, gatherer.now):
        yield Due(Urgency.EXPOSURE, promotion.service, action)


def _release(gatherer: Gatherer, service: ServiceName, governance: Governance, release: ReleaseId) -> Iterator[Due]:
    one = gatherer.view.release(release)
    settled = {
        environment.name: gatherer.view.slot(service, environment.name)
        for environment in governance.procedure.environments
    }
    live_in = tuple(
        name for name, slot in settled.items() if slot.kind is OccupantKind.FREE and slot.live.release == release
    )
    requirements = _requirements(gatherer, one)
    evidence = gatherer.view.evidence(one.digest)
    for action in collecting.next_actions(one, requirements, evidence, live_in, gatherer.now):
        yield Due(Urgency.EVIDENCE, service, action)


def _requirements(gatherer: Gatherer, release: Release) -> tuple[Requirement, ...]:
    """Everything the release's path asks for, up to its last environment."""
    pinned = gatherer.pinned(release)
    path = pinned.procedure.path_for(gatherer.view.change(release.change).kind)
    stages = (pinned.procedure.stage(name) for name in path.stages) if path else ()
    return tuple(requirement for stage in stages for requirement in stage.requires)
