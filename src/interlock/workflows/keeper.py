# SPDX-License-Identifier: Apache-2.0
"""The keeper: holds what this process exposes, for as long as it is fit to.

1. An exposure is a lease. It is held again well inside its time, and only while the controller's own steps come
   through: a controller that hangs, or that cannot write its ledger, lets go.
2. What was not held again in time, or refused when it was, is lost, whatever the proxies say since: it gets a new
   holder's name, and the ledger is told before anything is exposed under that (I9).
3. Letting go asks nobody, and waits for nobody who holds; who comes back from holding what is not to be held any more
   lets go of it again.
4. One router that does not answer costs the others nothing.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.traffic import Exposure
from interlock.ports.failure import PortFailure, Rejected, Unavailable
from interlock.ports.router import Held, TrafficRouter

Place = tuple[ServiceName, EnvironmentName]
NO_PROXY: Final = "router.no_proxy"
"""What a router says when no proxy at all is connected."""
RENEWALS: Final = 3
"""How often an exposure is held within its time."""
PATIENCE: Final = 10.0
"""Seconds within which the controller must have come through a step, or rested in good order."""
TOGETHER: Final = 32
"""How many routers are spoken to at once: more than will ever fail to answer at the same time."""
PULSE: Final = 0.2
"""Seconds between two looks at what must be held again."""


@dataclass(slots=True)
class _Lease:
    router: TrafficRouter
    exposure: Exposure
    held_at: float

    def is_over(self, now: float) -> bool:
        return now - self.held_at >= self.router.ttl.total_seconds()

    def is_due(self, now: float) -> bool:
        return now - self.held_at >= self.router.ttl.total_seconds() / RENEWALS


@dataclass(frozen=True, slots=True)
class Sighting:
    """Which proxies confirmed that holder when it held last, and which were not connected then."""

    holder: str = ""
    proxies: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(slots=True)
class Keeper:
    """What one process exposes. `name` is its own and nobody else's; `monotonic` tells seconds that never jump.

    All methods may be called from several threads. `_table` guards the leases and their counts, and is never held while
    a router is spoken to; a line is held by who exposes something in its place, never by who lets go.
    """

    name: str
    monotonic: Callable[[], float]
    leases: dict[Place, _Lease] = field(default_factory=dict)
    losses: dict[Place, int] = field(default_factory=dict)
    ends: dict[Place, int] = field(default_factory=dict)
    """How often an exposure ended there: lost or withdrawn."""
    sightings: dict[Place, Sighting] = field(default_factory=dict)
    """What was seen of the proxies when they were spoken to last; it outlives the lease, and tells whose it was."""
    seen: float = 0.0
    stumbled: bool = False
    _table: threading.Lock = field(default_factory=threading.Lock)
    _lines: dict[Place, threading.Lock] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.seen = self.monotonic()

    def holder(self, place: Place) -> str:
        """Under what name an exposure there would be held now; it changes whenever one was lost."""
        lease = self.leases.get(place)
        if lease is not None and lease.is_over(self.monotonic()):
            self._lose(place, lease)
        with self._table:
            return self._name(place)

    def sighting(self, place: Place) -> Sighting:
        """What was seen of the proxies there last, by this keeper; nobody's when nothing was held there yet."""
        with self._table:
            return self.sightings.get(place, Sighting())

    def hold(self, place: Place, router: TrafficRouter, exposure: Exposure, holder: str) -> Held:
        """Expose so far under the name that the ledger was told, and hold it from now on.

        Raises what the router raises; what was held there before is then held on. Raises `Unavailable` with the codes
        `router.lease_lost`, when that was lost since `holder` was asked for, and `router.withdrawn`, when somebody let
        go meanwhile; then nothing is held there.
        """
        with self._line(place):
            begun, ends = self.monotonic(), self.ends.get(place, 0)
            if self.holder(place) != holder:
                raise Unavailable("router.lease_lost", "its exposure was lost meanwhile", "the controller begins anew")
            held = router.hold(exposure)
            with self._table:
                if self.ends.get(place, 0) == ends:
                    self.leases[place] = _Lease(router, exposure, begun)
                    self.sightings[place] = Sighting(holder, held.confirmed, held.absent)
                    return held
            _let_go(router)
        raise Unavailable("router.withdrawn", "it was withdrawn meanwhile", "hold again, if that is meant")

    def withdraw(self, place: Place, router: TrafficRouter) -> None:
        """Nothing is exposed there any more."""
        with self._table:
            self.leases.pop(place, None)
            self.ends[place] = self.ends.get(place, 0) + 1
        router.withdraw()

    def drop(self, place: Place) -> None:
        """Nothing is exposed there any more through the router that held it, whatever the bindings say by now."""
        lease = self.leases.get(place)
        if lease is not None:
            self.withdraw(place, lease.router)

    def works(self) -> None:
        """The controller came through an action, or rests in good order. Since it stumbled that says nothing."""
        if not self.stumbled:
            self.seen = self.monotonic()

    def stumbles(self) -> None:
        """The ledger did not take what the controller wanted to record."""
        self.stumbled = True

    def comes_through(self) -> None:
        """The controller came through a whole step, and the ledger took everything."""
        self.stumbled = False
        self.works()

    def renew(self) -> None:
        """Hold again what is due, one after another."""
        for place in self._due():
            self.renew_one(place)

    def renew_one(self, place: Place) -> None:
        """Hold again if it is due; let go of it when the controller does not come through."""
        line = self._line(place)
        if not line.acquire(blocking=False):
            return  # Somebody is about to hold or has just held it.
        try:
            lease, now = self.leases.get(place), self.monotonic()
            if lease is None:
                return
            if self._is_stuck(now) or lease.is_over(now):
                self._lose(place, lease)
            elif lease.is_due(now):
                self._hold_again(place, lease, now)
        finally:
            line.release()

    def release(self) -> None:
        """Let go of everything."""
        with self._table:
            held = tuple(self.leases.items())
        with ThreadPoolExecutor(TOGETHER, thread_name_prefix="release") as hands:
            for place, lease in held:
                hands.submit(self.withdraw, place, lease.router)

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Hold again in time while this lasts, then let go of everything."""
        done = threading.Event()
        thread = threading.Thread(target=self._keep, args=(done,), name="keeper", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            self.release()
            thread.join()

    def _keep(self, done: threading.Event) -> None:
        asked: dict[Place, Future[None]] = {}
        with ThreadPoolExecutor(TOGETHER, thread_name_prefix="keeper") as hands:
            while not done.wait(PULSE):
                for place in self._due():
                    if place not in asked or asked[place].done():
                        asked[place] = hands.submit(self.renew_one, place)

    def _due(self) -> tuple[Place, ...]:
        now = self.monotonic()
        is_stuck = self._is_stuck(now)
        with self._table:
            return tuple(place for place, lease in self.leases.items() if is_stuck or lease.is_due(now))

    def _is_stuck(self, now: float) -> bool:
        return now - self.seen > PATIENCE

    def _line(self, place: Place) -> threading.Lock:
        with self._table:
            return self._lines.setdefault(place, threading.Lock())

    def _hold_again(self, place: Place, lease: _Lease, now: float) -> None:
        try:
            held = lease.router.hold(lease.exposure)
        except Rejected:
            self._lose(place, lease)
        except Unavailable as fault:
            if fault.code == NO_PROXY:
                before = self.sighting(place)
                self._sees(place, lease, Held((), before.proxies + before.absent))
            self._let_go_unless_held(place, lease, lease.held_at)
        else:
            self._sees(place, lease, held)
            self._let_go_unless_held(place, lease, now)

    def _sees(self, place: Place, lease: _Lease, held: Held) -> None:
        with self._table:
            if self.leases.get(place) is lease:
                self.sightings[place] = Sighting(self._name(place), held.confirmed, held.absent)

    def _name(self, place: Place) -> str:
        return f"{self.name}.{self.losses.get(place, 0)}"

    def _let_go_unless_held(self, place: Place, lease: _Lease, held_at: float) -> None:
        with self._table:
            if self.leases.get(place) is lease:
                lease.held_at = held_at
                return
        _let_go(lease.router)

    def _lose(self, place: Place, lease: _Lease) -> None:
        with self._table:
            if self.leases.get(place) is not lease:
                return
            del self.leases[place]
            self.losses[place] = self.losses.get(place, 0) + 1
            self.ends[place] = self.ends.get(place, 0) + 1
        _let_go(lease.router)


def _let_go(router: TrafficRouter) -> None:
    """Whoever cannot be told now finds out by the lease."""
    try:
        router.withdraw()
    except PortFailure:
        return
