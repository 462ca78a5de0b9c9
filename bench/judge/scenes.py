# SPDX-License-Identifier: Apache-2.0
"""What is simulated: services, schedules, nuisances and faults, and the cells of the comparison. Values only.

A *null cell* is a service under nuisances whose candidate is as good as stable: a rollback there is false. No cell, no
size of a nuisance and no fault is taken from a judge: they were fixed before any was measured.
"""

from dataclasses import dataclass, replace
from typing import Final

MINUTE: Final = 60
STABLE_INSTANCES: Final = 20


@dataclass(frozen=True, slots=True)
class Schedule:
    """Shares of the traffic, one after the other, each for so many seconds."""

    name: str
    shares: tuple[float, ...]
    seconds: int

    @property
    def total(self) -> int:
        """Seconds of all steps."""
        return self.seconds * len(self.shares)

    def share_at(self, second: float) -> float:
        """The share that a fixed schedule has reached."""
        return self.shares[min(int(second // self.seconds), len(self.shares) - 1)]


SLOW: Final = Schedule("A", (0.01, 0.05, 0.25, 0.50), 10 * MINUTE)
QUICK: Final = Schedule("B", (0.05, 0.10, 0.25, 0.50, 1.0), 5 * MINUTE)
"""At its last step stable has no traffic: nothing can be compared there."""


@dataclass(frozen=True, slots=True)
class Nuisance:
    """What makes healthy services noisy. Deviations are of the logarithm of the error rate (or of the latency).

    `drift`: amplitude of a slow wave, `common`: a wandering both arms share; `instance`: a lasting difference per
    instance, `wander`: one that changes within minutes. `cluster`: errors come in groups of this mean size.
    `warm_up`: a fresh instance starts this many times worse and recovers with a time constant of a minute.
    `bursts`: minutes in which both arms have 20 times the errors. `lost`: chance that an arm's tick is never seen;
    `blackout`: seconds in which one arm, or both, say nothing at all.
    """

    name: str
    drift: float = 0.0
    common: float = 0.0
    instance: float = 0.0
    wander: float = 0.0
    cluster: float = 1.0
    warm_up: float = 1.0
    bursts: int = 0
    lost: float = 0.0
    blackout: int = 0
    heavy: bool = False
    """Lasting differences with the tails of Student's t of 4 degrees, of the same deviation."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What the candidate does worse: `errors` times the error rate, `slower` times the latency, `tail` times as many
    slow outliers, from `at` seconds after its start.
    """

    name: str = "none"
    errors: float = 1.0
    slower: float = 1.0
    tail: float = 1.0
    at: int = 0


HEALTHY: Final = Fault()


@dataclass(frozen=True, slots=True)
class Cell:
    """One service with one nuisance, schedule and fault. `rate`: requests a second; `rate_of_bad`: of stable.

    With `latency` requests slower than the edges are counted instead of errors.
    """

    rate: float
    rate_of_bad: float
    nuisance: Nuisance
    schedule: Schedule = SLOW
    tick: int = 10
    fault: Fault = HEALTHY
    latency: bool = False

    @property
    def name(self) -> str:
        """Unique, and part of the seed."""
        what = "latency" if self.latency else f"{self.rate_of_bad * 100:g}%"
        timing = "" if (self.tick, self.schedule) == (10, SLOW) else f" {self.schedule.name}/{self.tick}s"
        fault = "" if self.fault == HEALTHY else f" {self.fault.name}"
        return f"{self.nuisance.name} {self.rate:g}rps {what}{timing}{fault}"

    @property
    def ticks(self) -> int:
        """Ticks of the whole schedule."""
        return self.schedule.total // self.tick

    def with_fault(self, fault: Fault) -> "Cell":
        """The same service with another candidate."""
        return replace(self, fault=fault)


IID: Final = Nuisance("iid")
DRIFT: Final = Nuisance("drift", drift=0.5, common=0.2)
BURSTS: Final = Nuisance("bursts", bursts=3)
LOSSES: Final = Nuisance("gaps", lost=0.10, blackout=120)
REAL: Final = Nuisance(
    "real", drift=0.5, common=0.2, instance=0.10, wander=0.10, cluster=1.5, warm_up=2.0, bursts=1, lost=0.02
)
HARSH: Final = Nuisance(
    "harsh",
    drift=0.8,
    common=0.3,
    instance=0.2,
    wander=0.2,
    cluster=3.0,
    warm_up=3.0,
    bursts=2,
    lost=0.10,
    blackout=120,
)
HEAVY: Final = Nuisance("heavy-10", instance=0.10, heavy=True)
KINDS: Final = (
    IID,
    DRIFT,
    BURSTS,
    Nuisance("instances-10", instance=0.10),
    Nuisance("instances-20", instance=0.20),
    Nuisance("wander-20", wander=0.20),
    Nuisance("clusters-4", cluster=4.0),
    Nuisance("warm-up-2", warm_up=2.0),
    Nuisance("warm-up-3", warm_up=3.0),
    LOSSES,
    REAL,
    HARSH,
)
SERVICES: Final = ((1000.0, 0.005), (1000.0, 0.001), (100.0, 0.005), (10.0, 0.005))


def _null_cells() -> tuple[Cell, ...]:
    """48 of kinds and services, 10 more of realistic traffic and of little, 6 of other timings, 2 of heavy tails."""
    crossed = [Cell(rate, bad, kind) for kind in KINDS for rate, bad in SERVICES]
    others = ((1000.0, 0.02), (1000.0, 0.0001), (100.0, 0.02), (100.0, 0.001), (10.0, 0.02), (10.0, 0.001))
    real = [Cell(rate, bad, REAL) for rate, bad in others]
    little = [Cell(rate, 0.01, kind) for rate in (1.0, 0.1) for kind in (IID, LOSSES)]
    minutes = [Cell(rate, 0.005, REAL, tick=60) for rate in (1000.0, 100.0)]
    quick = [Cell(rate, 0.005, kind, QUICK) for kind in (REAL, HARSH) for rate in (1000.0, 100.0)]
    heavy = [Cell(rate, 0.005, HEAVY) for rate in (1000.0, 100.0)]
    return (*crossed, *real, *little, *minutes, *quick, *heavy)


NULLS: Final = _null_cells()

SLOW_KINDS: Final = (
    IID,
    Nuisance("drift", drift=0.2, common=0.05),
    Nuisance("instances-3", instance=0.03),
    Nuisance("instances-6", instance=0.06),
    Nuisance("wander-5", wander=0.05),
    Nuisance("warm-up-1.5", warm_up=1.5),
    Nuisance("warm-up-2", warm_up=2.0),
    LOSSES,
    Nuisance("real", drift=0.2, common=0.05, instance=0.03, wander=0.03, warm_up=1.5, lost=0.02),
)
"""The same for latencies, where instances differ less."""
LATENCY_REAL: Final = SLOW_KINDS[-1]
LATENCY_NULLS: Final = tuple(Cell(rate, 0.0, kind, latency=True) for kind in SLOW_KINDS for rate in (1000.0, 100.0))

RATED: Final = tuple(Cell(rate, bad, REAL) for rate in (100.0, 1000.0) for bad in (0.001, 0.005, 0.02))
"""The services in which speed is compared at equal false rollback."""
TIMES: Final = tuple(Fault(f"x{times:g}", errors=times) for times in (1.5, 2.0, 5.0, 10.0))
LATE: Final = tuple(Fault(f"x{times:g} at 25m", errors=times, at=25 * MINUTE) for times in (2.0, 5.0, 10.0))
LATE_CELLS: Final = tuple(Cell(rate, 0.005, REAL, fault=fault) for rate in (1000.0, 100.0) for fault in LATE)
SHIFTS: Final = (
    *(Fault(f"+{round(times * 100 - 100)}%", slower=times) for times in (1.10, 1.25, 1.50, 2.0)),
    *(Fault(f"tail x{times:g}", tail=times) for times in (1.5, 2.0, 5.0)),
)
SHIFT_CELLS: Final = tuple(Cell(1000.0, 0.0, LATENCY_REAL, fault=fault, latency=True) for fault in SHIFTS)
PACED: Final = tuple(Cell(rate, bad, REAL) for rate, bad in ((1000.0, 0.02), (1000.0, 0.005), (1000.0, 0.001)))
"""The services in which a healthy rollout is measured as its judge paces it."""
