# SPDX-License-Identifier: Apache-2.0
"""How a candidate is given traffic: steps, what is watched meanwhile, and how much doubt a rollback may cost.

1. A step is finished when it was *observed* for its hold, over at least as many candidate requests as it asks for.
2. The budget is per rollout: the chance that an honest candidate is ever rolled back by comparison, over all looks,
   steps and guards together.
3. Who cannot see holds; after `blind_for` it goes back. Nobody looking is never a pass.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from interlock.domain.ids import RoleName

NO_CAP: Final = 10_000


class Measure(StrEnum):
    """What a guard counts as bad."""

    ERRORS = "errors"
    LATENCY = "latency"
    """A request slower than the edge; compared at every edge that a request can be on either side of."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Bad requests of the candidate, compared with those of the stable arm at the same time.

    `tolerated`: by how many percent stable's rate may be exceeded without that being a reason to act.
    `longer`: of latencies, in place of that, by how many percent a time may be longer; 0: a rate decides.
    `cap`: a rate of bad requests (basis points of all) that is never exceeded in good order; `NO_CAP`: none is set.
    """

    name: str
    measure: Measure
    tolerated: int = 5
    cap: int = NO_CAP
    longer: int = 0


class Split(StrEnum):
    """What a share is a part of."""

    REQUESTS = "requests"
    """Each falls by itself, so that the share is what is counted."""
    USERS = "users"
    """Users stay on one side; what they ask is no measure of the share."""


class Baseline(StrEnum):
    """Whether a candidate, whose instances are fresh, is compared with fresh ones of what is stable, too."""

    NONE = "none"
    FRESH = "fresh"
    """With as many, started with its own and given the same share, so that both warm up alike."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How noisy a service is in good order, as its own past showed; 0: nobody looked, and the usual is assumed.

    `spread`: by how much its instances differ, in basis points. `dispersion`: how many times more than chance errors
    vary, in hundredths. `warm_up`: how many times the others' rate a fresh instance may have, in hundredths;
    `warm_up_of_times`: how many times as long it may take. `spread_of_times`, `dispersion_of_times`: the same of times,
    and of slow answers. `wander_of_times`: by how much one instance's times change within minutes, in basis points.
    """

    spread: int = 0
    dispersion: int = 0
    warm_up: int = 0
    warm_up_of_times: int = 0
    spread_of_times: int = 0
    dispersion_of_times: int = 0
    wander_of_times: int = 0


@dataclass(frozen=True, slots=True)
class Analysis:
    """All guards of a rollout and the one budget they share, in basis points. `split`: what the router divides.

    `baseline`: what the candidate is compared with besides what is stable.
    """

    guards: tuple[Guard, ...] = (Guard("errors", Measure.ERRORS), Guard("latency", Measure.LATENCY, longer=3))
    risk: int = 100
    split: Split = Split.REQUESTS
    habit: Habit = Habit()
    baseline: Baseline = Baseline.NONE


@dataclass(frozen=True, slots=True)
class Weigh:
    """Expose so much of the traffic (basis points), watch it for so long, over at least so many candidate requests."""

    share: int
    hold: timedelta = timedelta(0)
    least: int = 0


@dataclass(frozen=True, slots=True)
class Invite:
    """Expose all of one cohort (requests that ask for it by a header) and nothing else, for so long."""

    cohort: str
    hold: timedelta = timedelta(0)
    least: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """Wait until a person of one of these roles says: go on. Exposure stays as it is meanwhile."""

    roles: tuple[RoleName, ...]


Step = Weigh | Invite | Ask


class Pace(StrEnum):
    """When a step is over."""

    STEADY = "steady"
    """When it was observed for all of its time."""
    PROVEN = "proven"
    """Also as soon as the candidate is proven to be no worse, at what its share puts at stake."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """`every`: the pause between measurements. Without steps everything is exposed at once, and watched as it bakes."""

    steps: tuple[Step, ...] = ()
    every: timedelta = timedelta(seconds=5)
    blind_for: timedelta = timedelta(seconds=30)
    analysis: Analysis = Analysis()
    pace: Pace = Pace.STEADY
