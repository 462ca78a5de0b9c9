# SPDX-License-Identifier: Apache-2.0
"""Bring together what is looked at where nobody acts: a delivery by itself, and what is seen to run."""

from collections.abc import Iterator

from interlock.domain.action import AskFor
from interlock.domain.actor import CONTROLLER
from interlock.domain.decision import Accepted
from interlock.domain.delivery import DeliverHead, DeliveryCommand, Dock, Older
from interlock.domain.drift import Post, ReportRunning
from interlock.domain.ids import EnvironmentName, PromotionId, ReleaseId, ServiceName
from interlock.domain.incident import Severity
from interlock.domain.procedure import Governance
from interlock.domain.promotion import Promotion, PromotionPhase, RequestPromotion
from interlock.domain.queueing import Turn, request
from interlock.domain.release import Release, ReleasePhase
from interlock.domain.slot import OccupantKind, Stranger
from interlock.ledger.codec import Undecodable
from interlock.service.gather import Gatherer, Ungoverned

ASKS = 5
"""How often the controller asks for a promotion by itself before it leaves that to people."""


def dock_of(command: DeliveryCommand, gatherer: Gatherer) -> Dock:
    """What a delivery looks at. Raises `Ungoverned` where no rules are in force."""
    view, governance = gatherer.view, _in_force(command.service, gatherer)
    service = view.service(command.service)
    if not isinstance(command, DeliverHead):
        return Dock(governance, service)
    made = command.made
    open_ones = (gatherer.release(one) for one in service.open_releases)
    older = tuple(_older(one, gatherer) for one in open_ones if one.branch)
    return Dock(governance, service, view.change(made.change), view.release(made.release), older)


def post_of(command: ReportRunning, gatherer: Gatherer) -> Post:
    """Where something was seen to run; rules that cannot be read do not keep it from being recorded."""
    slot = gatherer.view.slot(command.service, command.environment)
    try:
        governance = gatherer.in_force(command.service)
    except Undecodable:
        return Post(slot)
    return Post(slot, governance.procedure.drift if governance else Severity.MAJOR)


def stranger_in(service: ServiceName, environment: EnvironmentName, gatherer: Gatherer) -> Stranger:
    """What was found to run there and was not released. Who adopts it is said by the rules in force."""
    view, governance = gatherer.view, gatherer.in_force(service)
    drift = view.drift(service, environment)
    adopters = governance.procedure.adopters if governance else ()
    return Stranger(drift.found, view.incident(drift.incident), adopters, gatherer.crew(service), gatherer.now)


def may_be_asked_for(gatherer: Gatherer, service: ServiceName) -> Iterator[AskFor]:
    """The promotion of what was delivered last, once its gate is open: exactly what would be accepted now."""
    delivered = gatherer.view.deliveries(service).release
    if not delivered:
        return
    release = gatherer.release(delivered)
    environment = gatherer.pinned(release).procedure.delivery.environment
    if release.phase is not ReleasePhase.OPEN or not environment or environment in release.reached:
        return
    promotion = _next_ask(gatherer, delivered, environment)
    if promotion:
        command = RequestPromotion(promotion, delivered, environment)
        turn = gatherer.turn(delivered, environment)
        if isinstance(request(Promotion(), command, turn, CONTROLLER, gatherer.now), Accepted):
            yield AskFor(promotion, delivered, environment)


def _next_ask(gatherer: Gatherer, release: ReleaseId, environment: EnvironmentName) -> PromotionId:
    """The first name nobody used for its promotion there; empty once it was asked for often enough."""
    names = (PromotionId(f"{release}/{environment}/{number}") for number in range(1, ASKS + 1))
    return next((name for name in names if not gatherer.view.promotion(name).id), PromotionId(""))


def _older(release: Release, gatherer: Gatherer) -> Older:
    """A delivered release that is open still: what of it only waits, and whether something is under way."""
    waiting: list[tuple[Promotion, Turn]] = []
    under_way = False
    for environment in gatherer.pinned(release).procedure.environments:
        slot = gatherer.view.slot(release.service, environment.name)
        is_here = slot.occupying == release.id
        named = [slot.occupant] if is_here and slot.kind is OccupantKind.PROMOTION else []
        under_way = under_way or (is_here and not named)
        for promotion in (*named, *(one.promotion for one in slot.queue if one.release == release.id)):
            state, turn = gatherer.turn_of(PromotionId(promotion))
            if state.phase is PromotionPhase.WAITING:
                waiting.append((state, turn))
            else:
                under_way = True
    return Older(release, gatherer.view.change(release.change), tuple(waiting), under_way)


def _in_force(service: ServiceName, gatherer: Gatherer) -> Governance:
    governance = gatherer.in_force(service)
    if governance is None:
        raise Ungoverned("governance.none", f"'{service}' is not governed yet", "run `interlock adopt`")
    return governance
