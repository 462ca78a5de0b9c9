# SPDX-License-Identifier: Apache-2.0
"""Splitting one service's traffic in one environment between stable and candidate, safe when the caller is dead.

1. `arrange` says which endpoints are stable and which are the candidate's. It is durable: a proxy that (re)starts while
   no caller lives serves stable from it at once. It is idempotent, costs no request, and returns when every proxy that
   runs has taken it over. It changes no exposure.
2. `hold` exposes the candidate so far and returns once every connected proxy has *confirmed* it. It is a lease: it
   lives at most `ttl` after it was last held; held again in time it just goes on. Never more than was held is exposed.
3. A proxy that refuses is `Rejected` (`router.refused`); when none is connected, or one that is does not confirm in
   time, it is `Unavailable` (`router.no_proxy`, `router.unconfirmed`). After either, nothing stays exposed longer than
   `ttl`, and the refused exposure is not pushed again by itself. Only what was confirmed, and is held on, goes on for
   the others when one of them falls silent: that one is reported as absent, and what it was given ends by itself.
4. `withdraw` ends all exposure: at once where it reaches, by the lease where it does not. It fails for nothing the
   outside does, and returns who confirmed.
5. A caller that was killed, stopped or cut off exposes nothing after `ttl`. A router built anew holds nothing, and a
   proxy that connects to it serves stable.
6. A proxy that is not connected is no reason to fail: it serves stable. It is reported as absent.
7. A candidate that dies costs no request that stable could have answered.
8. `observe` reads what the proxies serve now (from them, not from what was asked).
9. Every call ends within `patience`. Faults are `Unavailable` or `Rejected`, never anything else.
10. A cohort's requests name it in the header `x-interlock-cohort`, or in a cookie called `interlock-cohort` beside
    whatever other cookies: exactly, in its own case. A cookie that merely contains the name is none.
11. A router that was told how users are known decides by user: the value of the key gives every user a fixed turn of
    `WHOLE`, the same in every proxy and after every restart, and the candidate gets those whose turn is below the
    share. So who has the candidate keeps it while the share grows. Who has no value is split request by request.
12. A baseline is a third pool, whose share is held, refused, confirmed and lost like the candidate's and with it; it is
   taken from stable's alone. Its requests are answered by stable when it dies. Of users, it has those whose turns come
   right after the candidate's.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, Protocol

from interlock.domain.traffic import Exposure

COHORT_HEADER: Final = "x-interlock-cohort"
COHORT_COOKIE: Final = "interlock-cohort"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one instance listens. `host` is an IP address."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Pools:
    """Where the arms are. An empty candidate, or baseline: there is none."""

    stable: tuple[Endpoint, ...]
    candidate: tuple[Endpoint, ...] = ()
    baseline: tuple[Endpoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """Which of the configured proxies confirmed, and which are not connected or fell silent."""

    confirmed: tuple[str, ...]
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProxyState:
    """What one proxy serves now. `is_up` is False for one that does not answer; the rest is then empty."""

    proxy: str
    is_up: bool
    exposure: Exposure = Exposure()
    pools: Pools = Pools(())


@dataclass(frozen=True, slots=True)
class ProxyCommand:
    """How one proxy is started. It runs on its own, and goes on when whoever started it ends."""

    proxy: str
    command: tuple[str, ...]


class Carrier(StrEnum):
    """Which part of a request tells who sent it."""

    COOKIE = "cookie"
    HEADER = "header"


@dataclass(frozen=True, slots=True)
class UserKey:
    """How a request tells which user it is from: by the value of this cookie or header. Without a name nobody knows."""

    carrier: Carrier = Carrier.COOKIE
    name: str = ""

    def __str__(self) -> str:
        return f"{self.carrier} {self.name}" if self.name else "nobody"


NOBODY: Final = UserKey()
"""Users are not told apart."""


class Capability(StrEnum):
    """What a router can do besides splitting by share."""

    COHORTS = "cohorts"
    """Requests that name an exposed cohort reach the candidate (clause 10)."""
    STICKY = "sticky"
    """A user who was given the candidate stays with it while it is exposed (clause 11)."""
    BASELINE = "baseline"
    """There is a third pool (clause 12). Without it, one that is asked for is `Rejected` (`router.no_baseline`)."""


class TrafficRouter(Protocol):
    """Splits the traffic of one service in one environment."""

    @property
    def ttl(self) -> timedelta: ...

    @property
    def capabilities(self) -> frozenset[Capability]: ...

    def arrange(self, pools: Pools) -> None: ...

    def hold(self, exposure: Exposure) -> Held: ...

    def withdraw(self) -> Held: ...

    def observe(self) -> tuple[ProxyState, ...]: ...

    def close(self) -> None:
        """Give back what the adapter keeps open (a port, say). What was held is withdrawn first."""
        ...
