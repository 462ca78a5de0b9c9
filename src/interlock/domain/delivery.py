# SPDX-License-Identifier: Apache-2.0
"""Continuous delivery: every new head of a branch becomes a release by itself, and goes as far as the procedure says.

1. Only the controller delivers, only under a procedure that says so, and only the commit that was seen at the head.
   Everything in it is named after that commit, so a repeat is the same command.
2. What is delivered travels on a path that reaches no production environment, and stays on such a path: the controller
   asks for its promotion into the one environment named, and for no other. Its gate is everybody's gate.
3. A newer head takes the place of an older one that waits; what is under way comes to its end.
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
from interlock.domain.ids import PersonId, ReleaseId, ServiceName, StreamId, TextRef
from interlock.domain.moment import NEVER
from interlock.domain.procedure import Governance
from interlock.domain.promotion import Cause, Promotion
from interlock.domain.queueing import Turn
from interlock.domain.release import CreateRelease, Release, ReleasePhase
from interlock.domain.trunk import Head
from interlock.domain.unattended import fault_of_rule

NO_AUTHOR = PersonId("")
"""In place of the author of a change that the controller opened."""
UNSAID = TextRef("")


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


DeliveryCommand = SeeHead | DeliverHead | ReportObstacle


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
    """Older ones that waited and are withdrawn."""


@dataclass(frozen=True, slots=True)
class DeliveryObstructed:
    service: ServiceName
    sentence: str
    since: datetime


DeliveryEvent = HeadSeen | HeadDelivered | DeliveryObstructed
Emits = DeliveryEvent | ChangeEvent | queueing.Emits


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The newest head, what was made of it (empty: nothing yet), and what is in the way."""

    head: Head = Head()
    release: ReleaseId = ReleaseId("")
    obstacle: str = ""
    since: datetime = NEVER


@dataclass(frozen=True, slots=True)
class Older:
    """A release delivered before, its change, and the promotions of it that have not exposed anything yet."""

    release: Release
    change: Change
    waiting: tuple[tuple[Promotion, Turn], ...] = ()
    under_way: bool = False


@dataclass(frozen=True, slots=True)
class Dock:
    """What a delivery looks at: the rules in force, what there is already by its names, and what is still open."""

    governance: Governance
    service: Service
    change: Change = field(default_factory=Change)
    release: Release = field(default_factory=Release)
    older: tuple[Older, ...] = ()


def delivery_stream(service: ServiceName) -> StreamId:
    """The stream of what is delivered of one service by itself."""
    return StreamId(f"delivery/{service}")


def decide(state: Deliveries, command: DeliveryCommand, dock: Dock, actor: Actor, now: datetime) -> Decision[Emits]:
    """Whether this may be delivered."""
    if isinstance(actor, Person):
        sentence = "only the controller delivers by itself"
        return refuse("delivery.robot_only", sentence, "make a release: `interlock release create`")
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


def evolve(state: Deliveries, event: DeliveryEvent) -> Deliveries:
    """What is delivered after the event."""
    match event:
        case HeadSeen(_, branch, head, number):
            return replace(state, head=Head(branch, head, number), release=ReleaseId(""), obstacle="")
        case HeadDelivered(release=one):
            return replace(state, release=one, obstacle="")
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
    gone = tuple(one.release.id for one in dock.older if not one.under_way)
    return Accepted(
        (
            Emitted(delivery_stream(command.service), HeadDelivered(command.service, head.commit, made.release, gone)),
            Emitted(change_stream(made.change), opened),
            *release.created(made, dock.service, made.authors, head.branch),
            *(event for one in dock.older if not one.under_way for event in _overtaken(one, made.release)),
        )
    )


def _other_than_seen(command: DeliverHead, head: Head, branch: str) -> str:
    """What of it is not the head that was seen, as a sentence."""
    made = command.made
    if not head.commit or head.branch != branch or made.commit != head.commit:
        return f"commit {made.commit[:12]} was not seen at the head of '{branch}'"
    if (made.service, made.version, made.change) != (command.service, head.version, head.change):
        return f"what is made of this head is called '{head.version}', under change '{head.change}'"
    return ""


def _overtaken(one: Older, newer: ReleaseId) -> Iterator[Emitted[Emits]]:
    """A newer head takes the place of one that waits."""
    if one.release.phase is ReleasePhase.OPEN:
        for promotion, turn in one.waiting:
            yield from queueing.end(promotion, turn, Cause.SUPERSEDED, f"{newer} takes its place")
        yield from release.withdrawn(one.release, UNSAID)
    if one.change.phase is ChangePhase.OPEN:
        yield Emitted(change_stream(one.change.id), ChangeClosed(one.change.id, UNSAID))
