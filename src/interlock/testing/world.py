# SPDX-License-Identifier: Apache-2.0
"""A simulated world: people with keys, environments, checks and time, all in values, moved by the real rules.

Everything that decides here is the program itself: the desk, the agenda, the controller. Only what is outside is
simulated, consistently with itself, on a clock that jumps to the next thing to do. A release with a day of baking
takes milliseconds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

from interlock.adapters.calendar.rfc5545 import Rfc5545Calendar
from interlock.adapters.check.memory import CheckWorld, MemoryCheck
from interlock.adapters.clock import MemoryClock
from interlock.adapters.deploy.memory import DeployWorld, MemoryDeployer
from interlock.adapters.journal.memory import JournalWorld, MemoryJournal
from interlock.adapters.notify.memory import MemoryNotifier
from interlock.adapters.signer.memory import MemoryPersonSigner, MemorySigner
from interlock.adapters.signer.ssh import SshVerifier
from interlock.adapters.store.memory import MemoryStore
from interlock.domain.governance import GovernanceRef
from interlock.domain.ids import AudienceName, CheckId, CommandId, EnvironmentName, PersonId, ServiceName
from interlock.domain.release import Release
from interlock.domain.traffic import Lane
from interlock.domain.trunk import Head
from interlock.ledger.codec import Command, encode
from interlock.ledger.command import CommandBody, SshSignature
from interlock.packs.bindings import Bindings
from interlock.ports.calendar import Calendar
from interlock.ports.check import Checker, CheckRequest
from interlock.ports.clock import Clock
from interlock.ports.deploy import Deployer, DeployRequest
from interlock.ports.failure import Unavailable
from interlock.ports.journal import Journal
from interlock.ports.metrics import TrafficMetrics
from interlock.ports.notify import Notifier
from interlock.ports.router import Endpoint, TrafficRouter
from interlock.ports.source import Commit
from interlock.ports.store import LedgerStore
from interlock.service.compose import Draft
from interlock.service.gather import Gatherer
from interlock.service.handle import Desk, Outcome, Submission
from interlock.service.library import PackLibrary
from interlock.service.remembering import Remembered
from interlock.service.view import View
from interlock.testing.traffic import Place, TrafficWorld, endpoints_of
from interlock.testing.trunk import TrunkWorld
from interlock.workflows.controller import Controller, Moved, Rest
from interlock.workflows.keeper import PULSE, Keeper

BEGINNING: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning."""
ORIGIN: Final = "simulated.example/ledger"
"""The name of the simulated ledger."""
LAST_DAY: Final = datetime.max.replace(tzinfo=UTC)
"""Later than anything."""
_PULSE: Final = timedelta(seconds=PULSE)
_UNWRITTEN: Final = Rest(1, ())
"""After a step that the ledger did not take."""
LOOK: Final = timedelta(seconds=1)
"""How long the controller waits before it looks again at an effect that is under way."""


@dataclass(slots=True)
class TickingClock:
    """A simulated clock that moves a microsecond whenever it is looked at, as no two moments are the same."""

    clock: MemoryClock

    def now(self) -> datetime:
        """The next moment."""
        self.clock.advance(timedelta(microseconds=1))
        return self.clock.now()


@dataclass(frozen=True, slots=True)
class SimulatedWorkshop:
    """Adapters that act on the simulated world; the bindings say only whether traffic is split."""

    library: PackLibrary
    deploys: Callable[[Lane], Deployer]
    checks: Checker
    notifications: Notifier
    routers: Callable[[Place], TrafficRouter]
    counters: Callable[[Place], TrafficMetrics]
    trunk: TrunkWorld = field(default_factory=TrunkWorld)
    notebook: Journal = field(default_factory=lambda: MemoryJournal(JournalWorld()))

    def deployer(self, view: View, ref: GovernanceRef, environment: EnvironmentName, lane: Lane = Lane.A) -> Deployer:
        """The same for every environment."""
        return self.deploys(lane)

    def deploy_request(
        self, view: View, ref: GovernanceRef, release: Release, environment: EnvironmentName
    ) -> DeployRequest:
        """The release, with nothing to fetch."""
        return DeployRequest(release.service, environment, release.id, release.version, release.digest, ())

    def runs(self, view: View, ref: GovernanceRef, check: CheckId) -> bool:
        """Every check is run."""
        return True

    def goes_by_name(self, view: View, ref: GovernanceRef, check: CheckId, environment: EnvironmentName) -> bool:
        """As it is bound."""
        return self.library.rules(view, ref).bindings.goes_by_name(check, environment)

    def checker(self, view: View, ref: GovernanceRef, environment: EnvironmentName, check: CheckId) -> Checker:
        """The same for every check."""
        return self.checks

    def check_request(
        self, view: View, ref: GovernanceRef, release: Release, environment: EnvironmentName, check: CheckId, lane: Lane
    ) -> CheckRequest:
        """About the release, without a workspace."""
        nowhere = Path("/nonexistent")
        return CheckRequest(check, release.service, environment, release.id, release.version, release.digest, nowhere)

    def head(self, view: View, ref: GovernanceRef, branch: str) -> str:
        """The simulated branch's, whatever its name."""
        return self.trunk.head()

    def draft(self, gatherer: Gatherer, store: LedgerStore, service: ServiceName, head: Head) -> Draft:
        """As it was written, with no rules of its own."""
        return self.trunk.draft(service, head, gatherer.view.service(service).in_force.digest)

    def routes(self, view: View, ref: GovernanceRef, environment: EnvironmentName) -> bool:
        """As it is bound."""
        bound = self.library.rules(view, ref).bindings.environments.get(environment)
        return bound is not None and bound.route is not None

    def router(self, view: View, ref: GovernanceRef, environment: EnvironmentName) -> TrafficRouter:
        """The simulated proxies."""
        return self.routers((self.library.rules(view, ref).bindings.service, environment))

    def metrics(self, view: View, ref: GovernanceRef, environment: EnvironmentName) -> TrafficMetrics:
        """The simulated counters."""
        return self.counters((self.library.rules(view, ref).bindings.service, environment))

    def endpoints(
        self, view: View, ref: GovernanceRef, environment: EnvironmentName, lane: Lane
    ) -> tuple[Endpoint, ...]:
        """One for each lane."""
        return endpoints_of(lane)

    def tells(self, view: View, ref: GovernanceRef, to: AudienceName) -> bool:
        """Everybody is told, and every audience that is bound."""
        return not to or bool(self.library.rules(view, ref).bindings.addresses(to))

    def notifier(self, view: View, ref: GovernanceRef, to: AudienceName) -> Notifier:
        """The simulated outbox."""
        return self.notifications

    def bindings(self, view: View, ref: GovernanceRef) -> Bindings:
        """As they are written."""
        return self.library.rules(view, ref).bindings

    def journal(self, view: View, ref: GovernanceRef) -> Journal:
        """The simulated repository."""
        return self.notebook

    def commits(self, base: str, head: str) -> tuple[Commit, ...]:
        """Nothing is known of any commit."""
        return ()


@dataclass(slots=True)
class _Sight:
    """Which looks around are worth while: none, once all was looked at and nothing outside moves by itself."""

    outside: tuple[int, int] = (-1, 0)
    complete_at: datetime = BEGINNING

    def looks(self, rest: Rest, outside: tuple[int, int], now: datetime) -> tuple[datetime, ...]:
        if outside != self.outside:
            self.outside, self.complete_at = outside, max(rest.look_at, default=now)
        return rest.look_at if now <= self.complete_at else ()


class Unplayable(ValueError):
    """The scenario asks for what this world does not have, or cannot come to the end of."""


@dataclass(slots=True)
class World:
    """One ledger, one controller, and everything outside."""

    moments: MemoryClock = field(default_factory=lambda: MemoryClock(BEGINNING))
    store: LedgerStore = field(default_factory=lambda: MemoryStore(ORIGIN, MemorySigner(ORIGIN)))
    deploys: DeployWorld = field(default_factory=DeployWorld)
    checks: CheckWorld = field(default_factory=CheckWorld)
    notifications: MemoryNotifier = field(default_factory=MemoryNotifier)
    calendar: Calendar = field(default_factory=Rfc5545Calendar)
    trunk: TrunkWorld = field(default_factory=TrunkWorld)
    journal: JournalWorld = field(default_factory=JournalWorld)
    """The repository that records are committed to."""
    library: PackLibrary = field(default_factory=PackLibrary)
    """Shared by all desks: it keeps nothing but content by its digest."""
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    lives: "count[int]" = field(default_factory=lambda: count(1))
    """How many controllers were started."""
    alive: list[Keeper] = field(default_factory=list)
    """The one that lives holds exposures; nobody, before the first and after a death."""
    remembered: Remembered = field(default_factory=Remembered)
    """What the process that lives has folded; it dies with it."""
    traffic: TrafficWorld = field(init=False)

    def __post_init__(self) -> None:
        self.traffic = TrafficWorld(self.moments.now, self.deploys)

    @property
    def clock(self) -> Clock:
        """The clock everything here goes by."""
        return TickingClock(self.moments)

    def desk(self) -> Desk:
        """A desk as a process just started would have it: it remembers nothing."""
        return Desk(self.store, SshVerifier(), self.library, self.calendar)

    def open_desk(self) -> Desk:
        """The desk of the process that lives: what it has folded once it need not fold again."""
        return Desk(self.store, SshVerifier(), self.library, self.calendar, self.remembered)

    def workshop(self) -> SimulatedWorkshop:
        """The adapters of a process just started."""
        return SimulatedWorkshop(
            self.library,
            lambda lane: MemoryDeployer(self.deploys, lane),
            MemoryCheck(self.checks),
            self.notifications,
            self.traffic.router,
            self.traffic.metrics,
            self.trunk,
            MemoryJournal(self.journal),
        )

    def keeper(self) -> Keeper:
        """Who holds the exposures of the controller of this life; a controller asked for again is still the same."""
        if not self.alive:
            name = f"controller-{next(self.lives)}"
            self.alive.append(Keeper(name, self._seconds))
        return self.alive[0]

    def _seconds(self) -> float:
        return (self.moments.now() - BEGINNING).total_seconds()

    def kill(self) -> None:
        """The controller is gone; what it held runs out by itself."""
        self.alive.clear()
        self.remembered = Remembered()

    def controller(self) -> Controller:
        """A controller just started."""
        return Controller(self.open_desk(), self.workshop(), self.clock, self.keeper())

    def body(self, person: str, command: Command, *, named: str = "") -> CommandBody:
        """What the person would sign; a command without an id gets the next one of this world."""
        encoded = encode(command)
        return CommandBody(
            encoded.name,
            encoded.version,
            CommandId(named or f"{person}-{next(self.numbers)}"),
            self.store.origin,
            f"person:{PersonId(person)}",
            self.clock.now(),
            encoded.payload,
        )

    def signed(self, person: str, command: Command, *, named: str = "", blobs: tuple[bytes, ...] = ()) -> Submission:
        """The command with the person's signature, not handed in yet."""
        signer = MemoryPersonSigner(person)
        body = self.body(person, command, named=named)
        return Submission(body, SshSignature(signer.public_key, signer.sign(body.message)), blobs=blobs)

    def hand_in(self, submission: Submission) -> Outcome:
        """The submission arrives now."""
        return self.open_desk().submit(submission, self.clock.now())

    def say(self, person: str, command: Command, *, named: str = "", blobs: tuple[bytes, ...] = ()) -> Outcome:
        """The person signs the command and hands it in."""
        return self.hand_in(self.signed(person, command, named=named, blobs=blobs))

    def claim(self, person: str, command: Command, *, named: str = "") -> Outcome:
        """The person hands the command in without a signature."""
        return self.hand_in(Submission(self.body(person, command, named=named)))

    def settle(self, controller: Callable[[], Controller] | None = None, steps: int = 10_000) -> int:
        """Let the controller work, and time pass, until nothing is left to do. Gives the number of steps."""
        return self._drive(controller or self.controller, steps, LAST_DAY)

    def work(self, span: timedelta, controller: Callable[[], Controller] | None = None, steps: int = 10_000) -> int:
        """Let the controller work while this time passes. Gives the number of steps."""
        until = self.moments.now() + span
        taken = self._drive(controller or self.controller, steps, until)
        for keeper in self.alive:
            self._flow(until, keeper)
        self.moments.set(max(until, self.moments.now()))
        return taken

    def _drive(self, controller: Callable[[], Controller], steps: int, until: datetime) -> int:
        one, sight = controller(), _Sight()
        for step in range(steps):
            try:
                came = one.step()
            except Unavailable:
                came = _UNWRITTEN
            if isinstance(came, Moved):
                continue
            outside = (self.store.head().size, self.deploys.outages)
            looks = sight.looks(came, outside, self.moments.now()) if until < LAST_DAY else ()
            looks = (*looks, *came.deadlines) if until < LAST_DAY else looks
            if not self._pass_time(came, looks, until, one.keeper):
                return step
        raise Unplayable(f"after {steps} steps something is still looked at again and again: wait for a shorter time")

    def _pass_time(self, rest: Rest, looks: tuple[datetime, ...], until: datetime, keeper: Keeper) -> bool:
        """Go on to the next thing to do, or to look at; what is exposed is held again on the way."""
        now = self.moments.now()
        later = [moment for moment in (*rest.wake_at, *looks) if moment > now]
        if rest.pending:
            later.append(now + LOOK)
        if not later:
            return False
        aim = min(later) if not keeper.leases else min(*later, now + LOOK)
        if aim > until:
            return False
        self._flow(aim, keeper)
        return True

    def _flow(self, until: datetime, keeper: Keeper) -> None:
        """Let time pass; what is exposed is held meanwhile."""
        while self.moments.now() < until:
            pulse = self.moments.now() + _PULSE if keeper.leases else until
            self.moments.set(min(until, pulse))
            keeper.works()
            keeper.renew()
