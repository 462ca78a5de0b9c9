# SPDX-License-Identifier: Apache-2.0
"""Where something may move again by a command that lets on what somebody stopped."""

from collections.abc import Iterator
from typing import assert_never

from interlock.domain.actor import Actor
from interlock.domain.artifact import LiftRecall
from interlock.domain.decision import Decision, Refused
from interlock.domain.freeze import LiftFreeze
from interlock.domain.ids import Digest, ServiceName
from interlock.domain.letting_on import Alternatives, LetOn, Stopped, refusal
from interlock.domain.procedure import Governance
from interlock.domain.release import Release
from interlock.domain.rollout import ResumeRollout
from interlock.ledger.codec import Command, Event
from interlock.service.engine import asks_who_lets_on
from interlock.service.gather import Gatherer


def unless_kept(command: Command, decision: Decision[Event], actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    """The decision; a refusal where it would let on what its actor may not."""
    if isinstance(decision, Refused) or not isinstance(command, LetOn) or not asks_who_lets_on(gatherer.engine):
        return decision
    return refusal(_places(command, gatherer), actor) or decision


def _places(command: LetOn, gatherer: Gatherer) -> Iterator[Alternatives]:
    match command:
        case LiftFreeze(freeze):
            declared = gatherer.view.freezes().declared[freeze]
            for place in _everywhere(gatherer):
                is_there = not declared.services or place.governance.service in declared.services
                if is_there and (not declared.environments or place.environment in declared.environments):
                    yield (place,)
        case LiftRecall(digest):
            yield from _recalled(digest, gatherer)
        case ResumeRollout(promotion):
            state, turn = gatherer.turn_of(promotion)
            yield (Stopped(turn.situation.governance, state.environment),)
        case _:
            assert_never(command)


def _recalled(digest: Digest, gatherer: Gatherer) -> Iterator[Alternatives]:
    """Every place of the services that have it; of what none has, any place: who knows where it will come."""
    everywhere = tuple(_everywhere(gatherer))
    having = {place.governance.service for place in everywhere if _has(place.governance, digest, gatherer)}
    if having:
        yield from ((place,) for place in everywhere if place.governance.service in having)
    elif everywhere:
        yield everywhere


def _everywhere(gatherer: Gatherer) -> Iterator[Stopped]:
    for service in gatherer.view.services():
        governance = gatherer.in_force(service)
        if governance is not None:
            yield from (Stopped(governance, one.name) for one in governance.procedure.environments)


def _has(governance: Governance, digest: Digest, gatherer: Gatherer) -> bool:
    """Whether the service could expose it: in a release that is open, or that it can go back to."""
    return any(
        digest in (release.digest, *(artifact.digest for artifact in release.artifacts))
        for release in _exposable(governance, governance.service, gatherer)
    )


def _exposable(governance: Governance, service: ServiceName, gatherer: Gatherer) -> Iterator[Release]:
    view = gatherer.view
    yield from (view.release(one) for one in view.service(service).open_releases)
    slots = (view.slot(service, one.name) for one in governance.procedure.environments)
    yield from (view.release(placed.release) for slot in slots for placed in (slot.live, *slot.good) if placed.release)
