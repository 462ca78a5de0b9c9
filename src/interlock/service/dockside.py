# SPDX-License-Identifier: Apache-2.0
"""Bring together what is looked at where nobody acts: a delivery by itself, and what is seen to run."""

from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile

from interlock.domain.action import AskFor, Deadline
from interlock.domain.actor import CONTROLLER
from interlock.domain.adopting import Stranger
from interlock.domain.decision import Accepted
from interlock.domain.delivery import Berth, DeliverHead, Deliveries, Dock, DockCommand, Older, PromoteHead, promote
from interlock.domain.drift import Post, ReportRunning
from interlock.domain.gate import is_red
from interlock.domain.ids import EnvironmentName, PromotionId, ReleaseId, ServiceName
from interlock.domain.incident import Severity
from interlock.domain.procedure import Adopters, Governance
from interlock.domain.promotion import Promotion, PromotionPhase, RequestPromotion
from interlock.domain.queueing import Turn
from interlock.domain.release import Release, ReleasePhase
from interlock.domain.reopening import reopenings
from interlock.domain.slot import OccupantKind
from interlock.ledger.codec import Undecodable
from interlock.service.gather import Gatherer, Ungoverned

ASKS = 5
"""How often the controller asks for a promotion by itself before it leaves that to people."""


def dock_of(command: DockCommand, gatherer: Gatherer) -> Dock:
    """What a delivery looks at. Raises `Ungoverned` where no rules are in force."""
    view, governance = gatherer.view, _in_force(command.service, gatherer)
    service = view.service(command.service)
    if not isinstance(command, DeliverHead):
        return Dock(governance, service)
    made = command.made
    older = _before(made.release, gatherer, command.service)
    return Dock(governance, service, view.change(made.change), view.release(made.release), older)


def berth_of(command: PromoteHead, gatherer: Gatherer) -> Berth:
    """What asking for the promotion of something delivered looks at."""
    asked = command.asked
    turn = gatherer.turn(asked.release, asked.environment)
    older = _before(asked.release, gatherer, command.service)
    return Berth(gatherer.view.promotion(asked.promotion), turn, older)


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
    adopters = governance.procedure.adopters if governance else Adopters()
    crew = gatherer.crew(service, environment)
    return Stranger(drift, view.incident(drift.incident), adopters, crew, gatherer.now)


def may_be_asked_for(gatherer: Gatherer, service: ServiceName) -> Iterator[AskFor | Deadline]:
    """The promotion of the newest that was delivered and whose gate is open: exactly what would be accepted now.

    Where none is, when time alone may open one.
    """
    state = gatherer.view.deliveries(service)
    again: list[datetime] = []
    for delivered in reversed(state.candidates):
        release = gatherer.release(delivered)
        environment = gatherer.pinned(release).procedure.delivery.environment
        if environment in release.reached:
            break
        action = _ask_for(gatherer, state, release, environment)
        if action:
            yield action
            return
        if release.phase is ReleasePhase.OPEN and environment:
            again += reopenings(gatherer.situation(release.id, environment), gatherer.now)[:1]
    yield from (Deadline(moment) for moment in again)


def _ask_for(gatherer: Gatherer, state: Deliveries, release: Release, environment: EnvironmentName) -> AskFor | None:
    promotion = _next_ask(gatherer, release.id, environment)
    if release.phase is not ReleasePhase.OPEN or not environment or not promotion:
        return None
    command = PromoteHead(release.service, RequestPromotion(promotion, release.id, environment))
    answer = promote(state, command, berth_of(command, gatherer), CONTROLLER, gatherer.now)
    return AskFor(promotion, release.id, environment) if isinstance(answer, Accepted) else None


def _next_ask(gatherer: Gatherer, release: ReleaseId, environment: EnvironmentName) -> PromotionId:
    """The first name nobody used for its promotion there; empty once it was asked for often enough."""
    names = (PromotionId(f"{release}/{environment}/{number}") for number in range(1, ASKS + 1))
    return next((name for name in names if not gatherer.view.promotion(name).id), PromotionId(""))


def _before(newer: ReleaseId, gatherer: Gatherer, service: ServiceName) -> tuple[Older, ...]:
    """What was delivered before it and is open still."""
    earlier = takewhile(lambda one: one != newer, gatherer.view.service(service).open_releases)
    releases = (gatherer.release(one) for one in earlier)
    return tuple(_older(one, gatherer) for one in releases if one.branch)


def _older(release: Release, gatherer: Gatherer) -> Older:
    """A delivered release that is open still: what of it only waits, and whether something is under way."""
    waiting: list[tuple[Promotion, Turn]] = []
    under_way = False
    procedure = gatherer.pinned(release).procedure
    for environment in procedure.environments:
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
    there = procedure.delivery.environment
    red = bool(there) and is_red(gatherer.situation(release.id, there), gatherer.now)
    return Older(release, gatherer.view.change(release.change), tuple(waiting), under_way, red)


def _in_force(service: ServiceName, gatherer: Gatherer) -> Governance:
    governance = gatherer.in_force(service)
    if governance is None:
        raise Ungoverned("governance.none", f"'{service}' is not governed yet", "run `interlock adopt`")
    return governance
