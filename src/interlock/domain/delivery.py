# SPDX-License-Identifier: Apache-2.0
"""Continuous delivery: every new head of a branch becomes a release by itself, and goes as far as the procedure says.

1. Only the controller delivers, only under a procedure that says so, and only the commit that was seen at the head.
   Everything in it is named after that commit, so a repeat is the same command.
2. What is delivered travels on a path that reaches no production environment, and stays on such a path: the controller
   asks for its promotion into the one environment named, and for no other. Its gate is everybody's gate.
3. The newest head whose gate is open goes there, and older ones that wait give way to it. Before that a newer one
   takes the place only of what a check has refuted: whoever commits faster than checks run still sees main arrive.
   What is under way comes to its end, and what gave way is not asked for again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from interlock.domain import change, queueing, release
from interlock.domain.actor import Actor, Person
from interlock.domain.change import Change, ChangeClosed, ChangeEvent, ChangeOpened, ChangePhase, change_stream
from interlock.domain.decision import Accepted, Decision, Emitted, Reason, Refused, refuse
from interlock.domain.governance import Service
from interlock.domain.ids import UNSAID, PersonId, ReleaseId, ServiceName, StreamId
from interlock.domain.moment import NEVER
from interlock.domain.procedure import Governance
from interlock.domain.promotion import Cause, Promotion, RequestPromotion
from interlock.domain.queueing import Turn
from interlock.domain.release import CreateRelease, Release, ReleasePhase
from interlock.domain.trunk import Head
from interlock.domain.unattended import fault_of_rule

NO_AUTHOR = PersonId("")
"""In place of the author of a change that the controller opened."""


@dataclass(frozen=True, slots=True)
class SeeHead:
    """This commit stands at the head of the branch now."""

    service: ServiceName
    branch: str
    head: str


@dataclass(frozen=True, slots=True)
class DeliverHead:
    """Open a change for the head that was seen, and make a release of it."""

    service: ServiceName
    made: CreateRelease


@dataclass(frozen=True, slots=True)
class ReportObstacle:
    """Why the head cannot be read, or nothing can be made of it. An empty sentence: nothing is in the way any more."""

    service: ServiceName
    sentence: str


@dataclass(frozen=True, slots=True)
class PromoteHead:
    """Ask for the promotion of what was delivered; older ones that only wait give way to it."""

    service: ServiceName
    asked: RequestPromotion


DockCommand = SeeHead | DeliverHead | ReportObstacle
DeliveryCommand = DockCommand | PromoteHead


@dataclass(frozen=True, slots=True)
class HeadSeen:
    service: ServiceName
    branch: str
    head: str
    number: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class HeadDelivered:
    service: ServiceName
    head: str
    release: ReleaseId
    instead_of: tuple[ReleaseId, ...] = ()
    """Older ones that a check had refuted, and that are withdrawn."""


@dataclass(frozen=True, slots=True)
class HeadPromoted:
    """Its promotion was asked for."""

    service: ServiceName
    release: ReleaseId
    instead_of: tuple[ReleaseId, ...] = ()
    """Older ones that waited and are withdrawn."""


@dataclass(frozen=True, slots=True)
class DeliveryObstructed:
    service: ServiceName
    sentence: str
    since: datetime


DeliveryEvent = HeadSeen | HeadDelivered | HeadPromoted | DeliveryObstructed
Emits = DeliveryEvent | ChangeEvent | queueing.Emits


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The newest head, what was made of it (empty: nothing yet), and what is in the way.

    `candidates`: what was asked for last, and what was delivered after it, oldest first.
    """

    head: Head = Head()
    release: ReleaseId = ReleaseId("")
    candidates: tuple[ReleaseId, ...] = ()
    obstacle: str = ""
    since: datetime = NEVER


@dataclass(frozen=True, slots=True)
class Older:
    """A release delivered before, its change, and the promotions of it that have not exposed anything yet."""

    release: Release
    change: Change
    waiting: tuple[tuple[Promotion, Turn], ...] = ()
    under_way: bool = False
    is_red: bool = False
    """A check that its gate asks for has spoken against it."""


@dataclass(frozen=True, slots=True)
class Dock:
    """What a delivery looks at: the rules in force, what there is already by its names, and what is still open."""

    governance: Governance
    service: Service
    change: Change = field(default_factory=Change)
    release: Release = field(default_factory=Release)
    older: tuple[Older, ...] = ()


@dataclass(frozen=True, slots=True)
class Berth:
    """What asking looks at: the promotion of that name, its turn, and what was delivered before and is open still."""

    promotion: Promotion
    turn: Turn
    older: tuple[Older, ...] = ()


def delivery_stream(service: ServiceName) -> StreamId:
    """The stream of what is delivered of one service by itself."""
    return StreamId(f"delivery/{service}")


def decide(state: Deliveries, command: DockCommand, dock: Dock, actor: Actor, now: datetime) -> Decision[Emits]:
    """Whether this may be delivered."""
    if isinstance(actor, Person):
        return _robot_only()
    stream = delivery_stream(command.service)
    match command:
        case ReportObstacle(service, sentence):
            if sentence == state.obstacle:
                return refuse("delivery.no_news", "that is known already", "nothing needs doing")
            return Accepted((Emitted(stream, DeliveryObstructed(service, sentence, now)),))
        case SeeHead(service, branch, head):
            if branch != dock.governance.procedure.delivery.branch or not branch:
                sentence = f"no rule in force delivers branch '{branch}'"
                return refuse("delivery.not_ruled", sentence, "nothing needs doing")
            if (branch, head) == (state.head.branch, state.head.commit):
                return refuse("delivery.no_news", "that is known already", "nothing needs doing")
            return Accepted((Emitted(stream, HeadSeen(service, branch, head, state.head.number + 1, now)),))
        case DeliverHead():
            return _deliver(state, command, dock)
        case _:
            assert_never(command)


def promote(state: Deliveries, command: PromoteHead, berth: Berth, actor: Actor, now: datetime) -> Decision[Emits]:
    """Whether the promotion of what was delivered may be asked for, and what gives way to it."""
    if isinstance(actor, Person):
        return _robot_only()
    asked = command.asked
    if asked.release not in state.candidates:
        sentence = f"'{asked.release}' was not delivered by itself, or has given way to a newer head"
        return refuse("delivery.given_way", sentence, "for this one a person asks: `interlock promote`")
    answer = queueing.request(berth.promotion, asked, berth.turn, actor, now)
    if isinstance(answer, Refused):
        return answer
    gone = tuple(one for one in berth.older if not one.under_way)
    names = tuple(one.release.id for one in gone)
    promoted = HeadPromoted(command.service, asked.release, names)
    return Accepted(
        (
            *answer.events,
            Emitted(delivery_stream(command.service), promoted),
            *(event for one in gone for event in _gives_way(one, asked.release)),
        )
    )


def evolve(state: Deliveries, event: DeliveryEvent) -> Deliveries:
    """What is delivered after the event."""
    match event:
        case HeadSeen(_, branch, head, number):
            return replace(state, head=Head(branch, head, number), release=ReleaseId(""), obstacle="")
        case HeadDelivered(release=one, instead_of=gone):
            left = tuple(other for other in state.candidates if other not in gone)
            return replace(state, release=one, candidates=(*left, one), obstacle="")
        case HeadPromoted(release=one):
            return replace(state, candidates=state.candidates[state.candidates.index(one) :])
        case DeliveryObstructed(_, sentence, since):
            return replace(state, obstacle=sentence, since=since)
        case _:
            assert_never(event)


def _deliver(state: Deliveries, command: DeliverHead, dock: Dock) -> Decision[Emits]:
    made, head, rule = command.made, state.head, dock.governance.procedure.delivery
    fault = fault_of_rule(dock.governance, rule.kind) or _other_than_seen(command, head, rule.branch)
    if fault:
        return refuse("delivery.not_ruled", fault, "make a release yourself: `interlock release create`")
    opened = ChangeOpened(made.change, made.service, rule.kind, UNSAID, NO_AUTHOR)
    if dock.change.phase is not ChangePhase.ABSENT:
        return refuse("change.exists", f"change request '{made.change}' exists already", "nothing needs doing")
    reasons: list[Reason] = release.faults(dock.release, made, change.evolve(Change(), opened), dock.service)
    if reasons:
        return Refused(tuple(reasons))
    gone = tuple(one for one in dock.older if one.is_red and not one.under_way)
    delivered = HeadDelivered(command.service, head.commit, made.release, tuple(one.release.id for one in gone))
    return Accepted(
        (
            Emitted(delivery_stream(command.service), delivered),
            Emitted(change_stream(made.change), opened),
            *release.created(made, dock.service, made.authors, head.branch),
            *(event for one in gone for event in _gives_way(one, made.release)),
        )
    )


def _robot_only() -> Refused:
    sentence = "only the controller delivers by itself"
    return refuse("delivery.robot_only", sentence, "make a release: `interlock release create`")


def _other_than_seen(command: DeliverHead, head: Head, branch: str) -> str:
    """What of it is not the head that was seen, as a sentence."""
    made = command.made
    if not head.commit or head.branch != branch or made.commit != head.commit:
        return f"commit {made.commit[:12]} was not seen at the head of '{branch}'"
    if (made.service, made.version, made.change) != (command.service, head.version, head.change):
        return f"what is made of this head is called '{head.version}', under change '{head.change}'"
    return ""


def _gives_way(one: Older, newer: ReleaseId) -> Iterator[Emitted[Emits]]:
    if one.release.phase is ReleasePhase.OPEN:
        for promotion, turn in one.waiting:
            yield from queueing.end(promotion, turn, Cause.SUPERSEDED, f"{newer} takes its place")
        yield from release.withdrawn(one.release, UNSAID)
    if one.change.phase is ChangePhase.OPEN:
        yield Emitted(change_stream(one.change.id), ChangeClosed(one.change.id, UNSAID))
