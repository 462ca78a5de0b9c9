# SPDX-License-Identifier: Apache-2.0
"""Processes killed, and ports that fail, at every point where it could matter (I10).

1. A point lies before and after every effect: an append, a start or a cancel, a look, a delivered message.
2. `Crash` is no `Exception`, so nothing on its way can swallow it; the world survives, and whoever acts is built anew.
3. What is compared afterwards is what the ledger folds to, what runs, what was told, and which effects there were;
   not the ids of commands, the times, or how often a start was authorised.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias

from interlock.adapters.check.memory import MemoryCheck
from interlock.adapters.deploy.memory import MemoryDeployer
from interlock.adapters.journal.memory import MemoryJournal
from interlock.domain.ids import (
    ChangeId,
    Digest,
    EffectKey,
    EnvironmentName,
    IncidentId,
    PromotionId,
    ReleaseId,
    RollbackId,
    ServiceName,
    StreamId,
)
from interlock.domain.traffic import Exposure
from interlock.ledger.command import PREFIX
from interlock.ledger.record import Batch
from interlock.ports.check import Checker, CheckProgress, CheckRequest
from interlock.ports.deploy import Deployer, DeployProgress, DeployRequest, Presence
from interlock.ports.failure import Deduplication
from interlock.ports.journal import Entry, Journal, ProposalProgress, Written
from interlock.ports.notify import Message, Notifier
from interlock.ports.router import Capability, Held, Pools, ProxyState, TrafficRouter
from interlock.ports.store import Appended, Conflict, LedgerStore
from interlock.service.handle import Desk, Outcome, Submission
from interlock.service.view import View
from interlock.testing.world import SimulatedWorkshop, World
from interlock.workflows.controller import Controller


class Crash(BaseException):
    """The process is gone."""


class Points(Protocol):
    """What hears of every point that is passed."""

    def pass_point(self, name: str) -> None: ...


@dataclass(slots=True)
class Fuse:
    """Counts the points passed and blows at those in `at`: `blow` raises what happens there, given the point's name."""

    at: tuple[int, ...]
    blow: Callable[[str], BaseException] = Crash
    only: tuple[str, ...] = ()
    """Points to count, by the beginning of their names; none: all."""
    names: list[str] = field(default_factory=list)

    def pass_point(self, name: str) -> None:
        """Pass a point, or blow."""
        if self.only and not name.startswith(self.only):
            return
        self.names.append(name)
        if len(self.names) in self.at:
            raise self.blow(name)

    @property
    def passed(self) -> int:
        """How many points there were so far."""
        return len(self.names)


class FusedStore:
    """A store with a point before and behind every append; reading is safe."""

    def __init__(self, store: LedgerStore, fuse: Points) -> None:
        self._store = store
        self._fuse = fuse
        self.origin = store.origin
        self.head = store.head
        self.stream = store.stream
        self.records = store.records
        self.growth = store.growth
        self.streams = store.streams
        self.stretch = store.stretch
        self.blob = store.blob
        self.text = store.text
        self.checkpoint = store.checkpoint
        self.close = store.close

    def append(self, batch: Batch) -> Appended | Conflict:
        self._fuse.pass_point("before append")
        answer = self._store.append(batch)
        self._fuse.pass_point("after append")
        return answer


@dataclass(frozen=True, slots=True)
class FusedDeployer:
    deployer: Deployer
    fuse: Fuse

    @property
    def deduplication(self) -> Deduplication:
        return self.deployer.deduplication

    def start(self, request: DeployRequest, key: EffectKey) -> None:
        self.fuse.pass_point("before deployer start")
        self.deployer.start(request, key)
        self.fuse.pass_point("after deployer start")

    def observe(self, key: EffectKey) -> DeployProgress:
        self.fuse.pass_point("before deployer observe")
        return self.deployer.observe(key)

    def cancel(self, key: EffectKey) -> None:
        self.fuse.pass_point("before deployer cancel")
        self.deployer.cancel(key)
        self.fuse.pass_point("after deployer cancel")

    def running(self, service: ServiceName, environment: EnvironmentName) -> Presence:
        return self.deployer.running(service, environment)

    def retire(self, service: ServiceName, environment: EnvironmentName) -> None:
        self.fuse.pass_point("before deployer retire")
        self.deployer.retire(service, environment)
        self.fuse.pass_point("after deployer retire")


@dataclass(frozen=True, slots=True)
class FusedJournal:
    """A journal with points around what it writes and asks for."""

    journal: Journal
    fuse: Fuse

    def write(self, entry: Entry) -> Written:
        self.fuse.pass_point("before journal write")
        written = self.journal.write(entry)
        self.fuse.pass_point("after journal write")
        return written

    def propose(self, branch: str, key: EffectKey) -> None:
        self.fuse.pass_point("before journal propose")
        self.journal.propose(branch, key)
        self.fuse.pass_point("after journal propose")

    def proposal(self, key: EffectKey) -> ProposalProgress:
        return self.journal.proposal(key)


@dataclass(frozen=True, slots=True)
class FusedRouter:
    """A router with points around what changes traffic."""

    router: TrafficRouter
    fuse: Fuse

    @property
    def ttl(self) -> timedelta:
        return self.router.ttl

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.router.capabilities

    def arrange(self, pools: Pools) -> None:
        self.fuse.pass_point("before router arrange")
        self.router.arrange(pools)
        self.fuse.pass_point("after router arrange")

    def hold(self, exposure: Exposure) -> Held:
        self.fuse.pass_point("before router hold")
        held = self.router.hold(exposure)
        self.fuse.pass_point("after router hold")
        return held

    def withdraw(self) -> Held:
        self.fuse.pass_point("before router withdraw")
        held = self.router.withdraw()
        self.fuse.pass_point("after router withdraw")
        return held

    def observe(self) -> tuple[ProxyState, ...]:
        return self.router.observe()

    def close(self) -> None:
        self.router.close()


@dataclass(frozen=True, slots=True)
class FusedChecker:
    checker: Checker
    fuse: Fuse

    @property
    def deduplication(self) -> Deduplication:
        return self.checker.deduplication

    def start(self, request: CheckRequest, key: EffectKey) -> None:
        self.fuse.pass_point("before checker start")
        self.checker.start(request, key)
        self.fuse.pass_point("after checker start")

    def observe(self, request: CheckRequest, key: EffectKey) -> CheckProgress:
        self.fuse.pass_point("before checker observe")
        return self.checker.observe(request, key)

    def cancel(self, key: EffectKey) -> None:
        self.fuse.pass_point("before checker cancel")
        self.checker.cancel(key)
        self.fuse.pass_point("after checker cancel")


@dataclass(frozen=True, slots=True)
class FusedNotifier:
    notifier: Notifier
    fuse: Fuse

    @property
    def deduplication(self) -> Deduplication:
        return self.notifier.deduplication

    def deliver(self, message: Message, key: EffectKey, lost: tuple[str, ...] = ()) -> None:
        self.fuse.pass_point("before notifier deliver")
        self.notifier.deliver(message, key, lost)
        self.fuse.pass_point("after notifier deliver")


@dataclass(frozen=True, slots=True)
class Fragile:
    """The hands of a scenario whose every process may die. People repeat what was not answered, word for word."""

    world: World
    controllers: Fuse
    people: Fuse = field(default_factory=lambda: Fuse(()))

    def hand_in(self, submission: Submission) -> Outcome:
        """Hand in until there is an answer."""
        while True:
            try:
                return fused_desk(self.world, self.people).submit(submission, self.world.clock.now())
            except Crash:
                continue

    def settle(self) -> int:
        """Let controllers work, each after the death of the one before, until nothing is left to do."""
        while True:
            try:
                return self.world.settle(self.controller)
            except Crash:
                self.world.kill()

    def work(self, span: timedelta) -> int:
        """Let controllers work while this time passes."""
        until = self.world.moments.now() + span
        while True:
            try:
                return self.world.work(max(until - self.world.moments.now(), timedelta(0)), self.controller)
            except Crash:
                self.world.kill()

    def controller(self) -> Controller:
        """A controller just started."""
        fuse, world = self.controllers, self.world
        workshop = SimulatedWorkshop(
            world.library,
            lambda lane: FusedDeployer(MemoryDeployer(world.deploys, lane), fuse),
            FusedChecker(MemoryCheck(world.checks), fuse),
            FusedNotifier(world.notifications, fuse),
            lambda place: FusedRouter(world.traffic.router(place), fuse),
            world.traffic.metrics,
            world.trunk,
            FusedJournal(MemoryJournal(world.journal), fuse),
        )
        return Controller(fused_desk(world, fuse), workshop, world.clock, world.keeper())


def fused_desk(world: World, fuse: Points) -> Desk:
    """The world's desk, over a store with points."""
    whole = world.desk()
    return Desk(FusedStore(world.store, fuse), whole.verifier, whole.library, whole.calendar)


Quiet: TypeAlias = "str | int | float | bool | tuple[Quiet, ...] | None"


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Where a world has come to, without what a crash may change."""

    states: Mapping[StreamId, Quiet]
    running: Mapping[tuple[str, str], str]
    told: frozenset[EffectKey]
    effects: frozenset[tuple[str, EffectKey]]
    repeated: tuple[tuple[str, EffectKey], ...]
    """Effects that happened twice under one key: none in this world, whose adapters deduplicate by key."""


def aftermath(world: World) -> Aftermath:
    """Where the world has come to."""
    view = world.desk().view()
    streams = [stream for stream in world.store.streams("") if not stream.startswith(PREFIX)]
    acted = [*world.deploys.acted, *world.checks.acted]
    return Aftermath(
        states={stream: quiet(fold(view, stream)) for stream in streams},
        running={place: present.version for place, present in world.deploys.present.items()},
        told=frozenset(sent.key for sent in world.notifications.outbox),
        effects=frozenset(acted),
        repeated=tuple(sorted({one for one in acted if acted.count(one) > 1})),
    )


_FOLDS: Final[Mapping[str, Callable[[View, str], object]]] = {
    "people": lambda view, _: view.people(),
    "ledger": lambda view, _: view.keyring(),
    "freezes": lambda view, _: view.freezes(),
    "service": lambda view, name: view.service(ServiceName(name)),
    "change": lambda view, name: view.change(ChangeId(name)),
    "release": lambda view, name: view.release(ReleaseId(name)),
    "approval": lambda view, name: view.approvals(ReleaseId(name)),
    "waiver": lambda view, name: view.waivers(ReleaseId(name)),
    "evidence": lambda view, name: view.evidence(Digest(name)),
    "artifact": lambda view, name: view.recall(Digest(name)),
    "promotion": lambda view, name: view.promotion(PromotionId(name)),
    "rollout": lambda view, name: view.rollout(PromotionId(name)),
    "rollback": lambda view, name: view.rollback(RollbackId(name)),
    "incident": lambda view, name: view.incident(IncidentId(name)),
    "delivery": lambda view, name: view.deliveries(ServiceName(name)),
    "drift": lambda view, name: view.drift(ServiceName(name.split("/")[0]), EnvironmentName(name.split("/")[1])),
    "docket": lambda view, name: view.docket(ServiceName(name)),
    "absences": lambda view, _: view.absences(),
    "outbox": lambda view, name: view.outbox(ServiceName(name)),
    "asked": lambda view, name: view.asks(ReleaseId(name)),
    "baseline": lambda view, name: view.baseline(ServiceName(name.split("/")[0]), EnvironmentName(name.split("/")[1])),
    "slot": lambda view, name: view.slot(ServiceName(name.split("/")[0]), EnvironmentName(name.split("/")[1])),
}
_TRIES: Final = frozenset({"begun"})
"""How often a start was authorised is what a crash may change."""


def fold(view: View, stream: StreamId) -> object:
    """The state of any stream but a command's, by the kind its name begins with."""
    kind, _, name = stream.partition("/")
    return _FOLDS[kind](view, name)


def quiet(value: object) -> Quiet:
    """The value with its times blanked and rounded, to be compared."""
    if is_dataclass(value) and not isinstance(value, type):
        shown = [one.name for one in fields(value) if one.name not in _TRIES]
        return (type(value).__name__, *((name, quiet(getattr(value, name))) for name in shown))
    match value:
        case datetime():
            return "a time"
        case timedelta():
            return round(value.total_seconds())
        case str() | int() | float() | bool() | None:
            return value
        case Mapping():
            return tuple(sorted(((quiet(key), quiet(one)) for key, one in value.items()), key=repr))
        case frozenset():
            return tuple(sorted((quiet(one) for one in value), key=repr))
        case Sequence():
            return tuple(quiet(one) for one in value)
        case _:
            raise TypeError(f"no state holds a {type(value).__name__}")


def different(one: Aftermath, other: Aftermath) -> tuple[str, ...]:
    """What is not the same, in words; nothing when nobody could tell the two worlds apart."""
    streams = sorted({*one.states, *other.states})
    states = [
        f"{stream}: {one.states.get(stream)} / {other.states.get(stream)}"
        for stream in streams
        if one.states.get(stream) != other.states.get(stream)
    ]
    parts: Iterable[tuple[str, object, object]] = (
        ("running", one.running, other.running),
        ("told", one.told, other.told),
        ("effects", one.effects, other.effects),
        ("repeated", one.repeated, other.repeated),
    )
    return (*states, *(f"{name}: {left} / {right}" for name, left, right in parts if left != right))
