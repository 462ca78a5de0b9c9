# SPDX-License-Identifier: Apache-2.0
"""A router whose proxies are values: for simulations, dry runs and crash tests.

1. The proxies are apart from the adapter, so a controller that was killed and built anew meets the same proxies.
2. An exposure lives in a proxy until its lease ends on the clock that was passed in; nothing here waits.
3. `exposure_now` is the truth a simulation builds traffic from: what is in effect, whoever asked for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from interlock.adapters.users import carried, turn
from interlock.domain.traffic import UNEXPOSED, Exposure
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.router import (
    COHORT_COOKIE,
    COHORT_HEADER,
    NOBODY,
    Capability,
    Carrier,
    Held,
    Pools,
    ProxyState,
    UserKey,
)

TTL: Final = timedelta(seconds=3)
NO_POOLS: Final = Pools(())
_BY_HEADER: Final = UserKey(Carrier.HEADER, COHORT_HEADER)
_BY_COOKIE: Final = UserKey(Carrier.COOKIE, COHORT_COOKIE)
_SEED: Final = 0


class Manner(StrEnum):
    """How a proxy behaves towards its router."""

    TAKES = "takes"
    REFUSES = "refuses"
    """Declines every exposure; what it was given before lives on until its lease ends."""
    MUTE = "mute"
    """Is connected and confirms nothing; it takes nothing over either."""
    AWAY = "away"
    """Is not connected. Traffic still flows through it, with what it was given before until its lease ends."""
    ALIEN = "alien"
    """Somebody else answers in its place, and is told nothing."""


@dataclass(frozen=True, slots=True)
class Leased:
    """An exposure and the moment it ends by itself."""

    exposure: Exposure
    until: datetime


@dataclass(slots=True)
class MemoryProxy:
    """One proxy. `pushes` counts the exposures it was told, also those it refused."""

    manner: Manner = Manner.TAKES
    users: UserKey = NOBODY
    pools: Pools = NO_POOLS
    leased: tuple[Leased, ...] = ()
    pushes: int = 0

    def exposure_at(self, now: datetime) -> Exposure:
        """What it gives the candidate at that moment."""
        return next((lease.exposure for lease in self.leased if now < lease.until), UNEXPOSED)

    def gives_candidate(self, now: datetime, headers: Mapping[str, str], drawn: int) -> bool:
        """Whether a request goes to the candidate: by its cohort, its user's turn, or the turn that was drawn for it.

        The names of headers are in lower case.
        """
        exposure = self.exposure_at(now)
        invited = (carried(headers, _BY_HEADER), carried(headers, _BY_COOKIE))
        is_shared = self._turn(headers, drawn) < exposure.share
        return is_shared or (exposure.cohort in invited and bool(exposure.cohort))

    def gives_baseline(self, now: datetime, headers: Mapping[str, str], drawn: int) -> bool:
        """Whether one that does not go to the candidate goes to the baseline."""
        exposure = self.exposure_at(now)
        return self._turn(headers, drawn) < exposure.share + exposure.baseline

    def _turn(self, headers: Mapping[str, str], drawn: int) -> int:
        user = carried(headers, self.users) if self.users != NOBODY else ""
        return turn(user, _SEED) if user else drawn

    def restart(self) -> None:
        """Come (back) up: with its pools, which are durable, and without any exposure."""
        self.manner = Manner.TAKES
        self.leased = ()


@dataclass(slots=True)
class RouterWorld:
    """The proxies of one service in one environment, by name, and the pools that were arranged last."""

    proxies: dict[str, MemoryProxy] = field(default_factory=dict)
    pools: Pools = NO_POOLS
    arranged: list[Pools] = field(default_factory=list)
    """Every arrangement, in order, so that a test can count."""

    def behave(self, manner: Manner, *proxies: str) -> None:
        """From now on these proxies (without names: all) behave so."""
        for name in proxies or tuple(self.proxies):
            self.proxies[name].manner = manner

    def restart(self, *proxies: str) -> None:
        """These proxies (without names: all) start anew, from what was arranged last."""
        for name in proxies or tuple(self.proxies):
            self.proxies[name].pools = self.pools
            self.proxies[name].restart()

    def pushes(self) -> int:
        """How many exposures were pushed to how many proxies, together."""
        return sum(proxy.pushes for proxy in self.proxies.values())


@dataclass(frozen=True, slots=True)
class MemoryRouter:
    """Routes in a `RouterWorld`, which is given the proxies named here that it does not have yet."""

    clock: Callable[[], datetime]
    ttl: timedelta = TTL
    proxies: tuple[str, ...] = ("memory",)
    world: RouterWorld = field(default_factory=RouterWorld)
    capabilities: frozenset[Capability] = frozenset({Capability.COHORTS, Capability.BASELINE})
    users: UserKey = NOBODY

    def __post_init__(self) -> None:
        for name in self.proxies:
            self.world.proxies.setdefault(name, MemoryProxy(users=self.users, pools=self.world.pools))
        if self.users != NOBODY:
            object.__setattr__(self, "capabilities", self.capabilities | {Capability.STICKY})

    def exposure_now(self) -> Exposure:
        """The exposure in effect now, where it is highest; whatever was asked for."""
        now = self.clock()
        seen = [proxy.exposure_at(now) for _, proxy in self._named()]
        return max(seen, key=lambda one: (one.share, one.cohort, one.baseline), default=UNEXPOSED)

    def arrange(self, pools: Pools) -> None:
        self._refuse_baseline(pools.baseline)
        self.world.pools = pools
        self.world.arranged.append(pools)
        for _, proxy in self._named():
            if proxy.manner in {Manner.TAKES, Manner.REFUSES}:
                proxy.pools = pools
        aliens = self._where(Manner.ALIEN)
        if aliens:
            raise Rejected(
                "router.another_proxy", f"another proxy answers for {', '.join(aliens)}", "start the right one"
            )
        self._refuse_silence(self._where(Manner.MUTE))

    def hold(self, exposure: Exposure) -> Held:
        if exposure.cohort and Capability.COHORTS not in self.capabilities:
            raise Rejected("router.cohorts", "this router knows no cohorts", "use shares of all traffic instead")
        self._refuse_baseline(exposure.baseline)
        now = self.clock()
        taking = self._where(Manner.TAKES)
        is_held = bool(taking) and all(self.world.proxies[name].exposure_at(now) == exposure for name in taking)
        for _, proxy in self._named():
            self._push(proxy, Leased(exposure, now + self.ttl))
        refusing = self._where(Manner.REFUSES)
        if refusing:
            raise Rejected(
                "router.refused", f"{', '.join(refusing)} refused the exposure", "see what the proxy says about it"
            )
        if not is_held:
            self._refuse_silence(self._where(Manner.MUTE))
        if not taking:
            raise Unavailable("router.no_proxy", "no proxy is connected", "start a proxy, or wait until it connects")
        return Held(taking, self._where(Manner.MUTE, Manner.AWAY, Manner.ALIEN))

    def withdraw(self) -> Held:
        for _, proxy in self._named():
            if proxy.manner in {Manner.TAKES, Manner.REFUSES}:
                proxy.leased = ()
        confirmed = tuple(name for name, proxy in self._named() if proxy.manner in {Manner.TAKES, Manner.REFUSES})
        return Held(confirmed, self._where(Manner.AWAY, Manner.ALIEN))

    def observe(self) -> tuple[ProxyState, ...]:
        now = self.clock()
        gone = {Manner.MUTE, Manner.AWAY, Manner.ALIEN}
        return tuple(
            ProxyState(name, is_up=False)
            if proxy.manner in gone
            else ProxyState(name, is_up=True, exposure=proxy.exposure_at(now), pools=proxy.pools)
            for name, proxy in self._named()
        )

    def close(self) -> None:
        self.withdraw()

    def _named(self) -> tuple[tuple[str, MemoryProxy], ...]:
        return tuple((name, self.world.proxies[name]) for name in self.proxies)

    def _where(self, *manners: Manner) -> tuple[str, ...]:
        return tuple(name for name, proxy in self._named() if proxy.manner in manners)

    def _push(self, proxy: MemoryProxy, lease: Leased) -> None:
        if proxy.manner in {Manner.AWAY, Manner.ALIEN}:
            return
        proxy.pushes += 1
        if proxy.manner is Manner.TAKES:
            proxy.leased = () if lease.exposure == UNEXPOSED else (lease,)

    def _refuse_baseline(self, baseline: object) -> None:
        if baseline and Capability.BASELINE not in self.capabilities:
            raise Rejected("router.no_baseline", "this router knows no third pool", "do without a baseline")

    def _refuse_silence(self, mute: tuple[str, ...]) -> None:
        if mute:
            raise Unavailable(
                "router.unconfirmed", f"{', '.join(mute)} did not confirm in time", "see whether the proxy still works"
            )
