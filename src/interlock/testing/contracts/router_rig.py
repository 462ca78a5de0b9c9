# SPDX-License-Identifier: Apache-2.0
"""What the kit of the router port needs of an adapter's world, and what it asks of it.

Splits are asked for with so many requests that a fair random draw never fails; an exact split needs a test of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from interlock.domain.traffic import UNEXPOSED, Exposure
from interlock.ports.router import Endpoint, Held, Pools, TrafficRouter

HALF: Final = Exposure(5_000)
TENTH: Final = Exposure(1_000)
TESTERS: Final = Exposure(0, "testers")
NO_HEADERS: Final[Mapping[str, str]] = {}
USERS: Final = tuple(f"user-{at}" for at in range(60))
"""So many that, with half of them exposed, it is no accident when fewer than a quarter are, or more than three."""
AT_ONCE: Final = 5
"""How many users are asked for between two renewals: well within any lease."""
MANY: Final = 400
SLACK: Final = timedelta(seconds=1)
"""How much longer than its lease an exposure may be seen."""
MOMENT: Final = timedelta(milliseconds=100)
TRIAL: Final = 40
"""So many requests, with half of them exposed, that none reaching the candidate is no accident."""
PATIENCE: Final = 200
"""How many moments the kit gives a proxy to come back."""


@dataclass(frozen=True, slots=True)
class Served:
    """Requests by who answered them: the process behind the first pools' stable or candidate endpoints, or nobody; or
    the one behind the rig's baseline.
    """

    stable: int = 0
    candidate: int = 0
    failed: int = 0
    baseline: int = 0


class RouterRig(Protocol):
    """What the kit needs of the adapter's world: proxies that run, and the services behind them, all answering."""

    @property
    def proxies(self) -> tuple[str, ...]:
        """The names of the proxies, two or more. All run when the test begins, and serve stable."""
        ...

    @property
    def pools(self) -> Pools:
        """Two endpoints of stable and one of the candidate. They are arranged when the test begins."""
        ...

    @property
    def baseline(self) -> tuple[Endpoint, ...]:
        """Where another service answers, for a baseline; it is not arranged when the test begins."""
        ...

    def router(self) -> TrafficRouter:
        """A router built anew with the same configuration; the one before it is dead as by SIGKILL.

        It returns when every proxy that runs is connected.
        """
        ...

    def crash(self) -> None:
        """Whoever holds the router is dead, as by SIGKILL: nothing is withdrawn, nobody renews."""
        ...

    def refused(self) -> TrafficRouter:
        """A router whose proxies are connected, have the pools, and refuse every exposure."""
        ...

    def unconfirmed(self, held: Exposure = UNEXPOSED) -> TrafficRouter:
        """A router that holds this (nothing: it held nothing), and of which one proxy then stays connected and answers
        no more; `serve` is not asked for after it.
        """
        ...

    def serve(self, requests: int, headers: Mapping[str, str] = NO_HEADERS) -> Served:
        """Send GET requests with these headers one after another, evenly through the proxies that run."""
        ...

    def user(self, name: str) -> Mapping[str, str]:
        """The headers of that user's requests; any, where the router tells no users apart."""
        ...

    def stop_proxy(self, proxy: str) -> None:
        """End it, and return when the router can know."""
        ...

    def start_proxy(self, proxy: str) -> None:
        """Start it again as its operator would, and return when it serves."""
        ...

    def kill_candidate(self) -> None:
        """The candidate's process is dead, as by SIGKILL. Nobody has noticed when this returns."""
        ...

    def kill_baseline(self) -> None:
        """The process behind the baseline is dead likewise."""
        ...

    def wait(self, span: timedelta) -> None:
        """Let so much time pass."""
        ...


def until_all_hold(rig: RouterRig, router: TrafficRouter, exposure: Exposure) -> Held:
    """Held by every proxy, also those that are only coming back."""
    for _ in range(PATIENCE):
        held = router.hold(exposure)
        if not held.absent:
            return held
        rig.wait(MOMENT)
    raise AssertionError(f"a proxy is absent after {PATIENCE} moments")


def after_lease(rig: RouterRig, router: TrafficRouter) -> Served:
    """Who serves when a lease that just began has ended; it is given `SLACK` for that, where it needs it."""
    rig.wait(router.ttl)
    for _ in range(SLACK // MOMENT):
        if rig.serve(TRIAL) == Served(stable=TRIAL):
            break
        rig.wait(MOMENT)
    return rig.serve(MANY)
