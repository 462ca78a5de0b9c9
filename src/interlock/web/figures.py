# SPDX-License-Identifier: Apache-2.0
"""What a rollout's charts draw: both arms over time, how much worse the candidate may be, the evidence and its bound.

It is folded from the rollout's own records, and the judge is asked anew at every measurement: what is drawn for a
moment is what was known then.
"""

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, cast

from interlock.domain.ids import PromotionId
from interlock.domain.judge.account import Account
from interlock.domain.judge.judging import accounted
from interlock.domain.rollout import ExposureLost, Measured, Rollout, RolloutEvent, evolve, rollout_stream
from interlock.domain.traffic import WHOLE, ArmCounters, Tick, between
from interlock.ledger.codec import decode_event
from interlock.ports.store import LedgerStore
from interlock.service.remembering import Standing

POINTS: Final = 240
"""How many points a chart has at most; of a longer rollout several measurements make one."""
TAIL: Final = 0.95
"""Of all requests, so many are at most as slow as the latency drawn."""
REMEMBERED: Final = 32
"""Rollouts whose fold is kept, those looked at last."""
_MICRO: Final = 1000.0
"""Microseconds of a millisecond."""


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement: what both arms did since the one before, and what the judge knew then."""

    at: float
    share: float
    tick: Tick
    edges: tuple[int, ...]
    account: Account


@dataclass(frozen=True, slots=True)
class Band:
    """The ratio of candidate to stable of one metric, with the bounds that hold at every look at once."""

    name: str
    what: str
    low: tuple[float | None, ...]
    likeliest: tuple[float | None, ...]
    high: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Columns for the charts, all of one length. Times are seconds since 1970; what is not known is None.

    Rates are in percent, latencies in milliseconds, evidence in natural logarithms.
    """

    at: tuple[float, ...] = ()
    share: tuple[float, ...] = ()
    errors_stable: tuple[float | None, ...] = ()
    errors_candidate: tuple[float | None, ...] = ()
    latency_stable: tuple[float | None, ...] = ()
    latency_candidate: tuple[float | None, ...] = ()
    evidence: tuple[float, ...] = ()
    threshold: float = 0.0
    hold_at: float = 0.0
    bands: tuple[Band, ...] = field(default=())


@dataclass(slots=True)
class _Plot:
    """How far a rollout's records were folded, and what came of it."""

    position: int = 0
    state: Rollout = Rollout()
    points: list[Point] = field(default_factory=list)


@dataclass(slots=True)
class Plotter:
    """Draws rollouts again and again without folding them anew. One ledger; may be used from several threads."""

    plots: dict[PromotionId, _Plot] = field(default_factory=dict)
    standing: Standing = field(default_factory=Standing)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def figures(self, store: LedgerStore, promotion: PromotionId) -> Figures:
        """What there is to draw of a promotion's rollout; nothing where nothing was measured yet."""
        with self.lock:
            if not self.standing.is_kept(store):
                self.plots.clear()
            plot = self.plots.pop(promotion, _Plot())
            for record in store.stream(rollout_stream(promotion), after=plot.position):
                event = cast("RolloutEvent", decode_event(record.event, record.version, record.payload))
                plot.points.extend(_points(plot.state, event))
                plot.position, plot.state = record.position, evolve(plot.state, event)
            self.plots[promotion] = plot
            while len(self.plots) > REMEMBERED:
                del self.plots[next(iter(self.plots))]
            points = tuple(plot.points)
        return _drawn(tuple(_thinned(points)))


def _drawn(points: tuple[Point, ...]) -> Figures:
    if not points:
        return Figures()
    last = points[-1].account
    return Figures(
        at=tuple(round(one.at, 3) for one in points),
        share=tuple(one.share for one in points),
        errors_stable=tuple(_rate(one.tick.stable) for one in points),
        errors_candidate=tuple(_rate(one.tick.candidate) for one in points),
        latency_stable=tuple(latency(one.tick.stable, one.edges) for one in points),
        latency_candidate=tuple(latency(one.tick.candidate, one.edges) for one in points),
        evidence=tuple(_finite(one.account.log_evidence, 0.0) for one in points),
        threshold=last.threshold,
        hold_at=last.hold_at,
        bands=tuple(_band(number, points) for number in range(len(last.metrics))),
    )


def latency(arm: ArmCounters, edges: tuple[int, ...]) -> float | None:
    """How slow the slowest requests but one in twenty are at most, in milliseconds, as far as the edges can tell."""
    if not arm.requests or len(arm.slower) != len(edges):
        return None
    wanted, below, before = (1 - TAIL) * arm.requests, 0.0, arm.requests
    for edge, slower in zip(edges, arm.slower, strict=True):
        if slower <= wanted:
            part = (before - wanted) / (before - slower) if before > slower else 1.0
            return (below + (edge - below) * part) / _MICRO
        below, before = float(edge), slower
    return below / _MICRO if edges else None


def _points(before: Rollout, event: RolloutEvent) -> Iterator[Point]:
    """What the event adds."""
    match event:
        case Measured(at=at, snapshot=snapshot):
            after = evolve(before, event)
            told = accounted(after.evidence, after.analysis)
            share = after.exposure.share / WHOLE * 100
            yield Point(at.timestamp(), share, between(before.snapshot, snapshot), snapshot.edges, told)
        case ExposureLost(at=at):
            after = evolve(before, event)
            told = accounted(after.evidence, after.analysis)
            yield Point(at.timestamp(), 0.0, Tick(), before.snapshot.edges, told)
        case _:
            return


def _thinned(points: tuple[Point, ...]) -> Iterator[Point]:
    """At most so many points; each tells what all that it stands for counted."""
    each = math.ceil(len(points) / POINTS) or 1
    for first in range(0, len(points), each):
        group = points[first : first + each]
        stable = _together([one.tick.stable for one in group])
        candidate = _together([one.tick.candidate for one in group])
        last = group[-1]
        yield Point(last.at, last.share, Tick(stable, candidate), last.edges, last.account)


def _together(arms: list[ArmCounters]) -> ArmCounters:
    widest = max(len(one.slower) for one in arms)
    slower = tuple(sum(one.slower[at] for one in arms if len(one.slower) == widest) for at in range(widest))
    return ArmCounters(sum(one.requests for one in arms), sum(one.errors for one in arms), slower)


def _rate(arm: ArmCounters) -> float | None:
    return 100 * arm.errors / arm.requests if arm.requests else None


def _band(number: int, points: tuple[Point, ...]) -> Band:
    metrics = [one.account.metrics[number] for one in points]
    last = metrics[-1]
    return Band(
        last.name,
        last.what,
        tuple(_known(one.low) for one in metrics),
        tuple(_known(one.likeliest) for one in metrics),
        tuple(_known(one.high) for one in metrics),
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _finite(value: float, otherwise: float) -> float:
    return value if math.isfinite(value) else otherwise
