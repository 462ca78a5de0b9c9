# SPDX-License-Identifier: Apache-2.0
"""Latencies, compared as counts of requests slower than an edge: one contest per edge, and their mean.

1. Quantiles are for people. What is compared is how many were slower, which adds up over instances and ticks and says
   by itself how much it says.
2. Tolerance, spread and warm-up are factors of *time*. Who may take f times as long may be slower than an edge as often
   as stable is slower than the f-th part of it, so the candidate at one edge is held against stable at a faster one.
   What is left, as edges are where they are, and spread and warm-up are turned into factors of a rate by how steeply
   stable's tail falls there: where it falls with x^-s, a time 3 % longer makes 1.03^s times as many slow ones.
3. A few milliseconds are nothing: any answer may take `floor` longer. That is much of a short time and little of a long
   one, so whose long answers take longer by more is seen there, however short most of them are.
4. Edges and slopes come from stable's requests before the first comparison, never from the candidate.
5. Edges that are no longer measured are compared no further; nothing is guessed between them.
6. Where stable's tail falls steeply, a warm-up that is a factor of time allows any rate there. So one tail more lies
   *beyond*: as much slower than what stable hardly ever takes as a warm-up may make it. Who is that slow is not warming
   up, but for its very first answers: they are reason to expose no more, and to go back where there are many of them.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

from interlock.domain.judge.contest import (
    Beat,
    Contest,
    Terms,
    begin,
    fold,
    log_doubt,
    log_evidence,
    log_safe,
    log_wonder,
    log_young_doubt,
)
from interlock.domain.judge.edges import choose, seldom
from interlock.domain.judge.noise import BORNE, MEASURED, Count, Noise
from interlock.domain.judge.stakes import log_sum

_TELLING: Final = 20
"""Slow requests of stable from which an edge has a say in what is safe."""
_ALIKE: Final = 3.0
"""Spreads: where a tail falls so steeply that honest instances differ by more than the limit, this is no worse."""
LEAST_SEEN: Final = 200
"""Requests of stable from which edges and slopes are taken."""
_STEEPEST: Final = 40.0
"""A service that takes nearly the same time every time; what is allowed there is cut short by no more."""
_FLATTEST: Final = 0.5
_UNSEEN: Final = 4.0
"""Of a lone edge, where nobody sees how steeply the tail falls: more steeply than most do."""
_HALF: Final = 0.5
_NO_TERMS: Final = 1e-9
_FAR: Final = 1.8
"""A margin (a logarithm) that would rather be guessed from a slope than read off: then a faster edge is taken."""
COLD: Final = 30.0
"""As `Noise.warm_up`, beyond what a warm-up explains."""
_CLEAR_OF: Final = 1.5
"""How many times as slow as the first edge that 200 requests of stable hardly exceeded, so that it is rare indeed."""
_ROOT: Final = 0.25
"""The power of what an edge says by which it is weighed: its evidence goes with the square of a deviation."""
BY_TIME: Final = -1.0
"""In place of a tolerated rate: what is tolerated is a longer time."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """`longer`: the part by which times may be longer. `floor` and edges: microseconds.

    `exceeded`: in its place, the part by which the rate of slow requests may be exceeded at every edge; or `BY_TIME`.
    `spread`, `wander`, `warm_up`: as in `Noise`, of times. `noise`: the rest of it is taken as it is. A pause makes all
    slow that an instance does then, so one accident may be all there is.
    """

    longer: float = 0.03
    exceeded: float = BY_TIME
    floor: float = 5000.0
    spread: float = 0.05
    wander: float = 0.0
    warm_up: float = 2.2
    noise: Noise = Noise(accident=math.inf)


USUAL: Final = Tolerance()


def known(dispersion: float) -> Noise:
    """The noise of times whose dispersion a past showed."""
    return replace(USUAL.noise, short=dispersion, long=dispersion, ticks=MEASURED, borne=BORNE, unseen=1.0)


@dataclass(frozen=True, slots=True)
class Slow:
    """Requests of one arm in one tick, and how many were slower than each edge."""

    all: float
    slower: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Tail:
    """The contest at one edge. `beside`: the edge, as fast or faster, that stable's requests are counted at.

    `alike`: the same with both arms at `edge`, for what speaks in the candidate's favour: what it may be slower by does
    not. Where both are counted there anyway it stays empty.
    """

    edge: int
    beside: int
    terms: Terms
    contest: Contest = begin()
    alike: Contest = begin()
    is_beyond: bool = False
    """Rule 6."""


@dataclass(frozen=True, slots=True)
class Tails:
    """All that must be remembered of latencies. `unseen`: ticks in a row in which no edge could be compared."""

    seen: float = 0.0
    edges: tuple[int, ...] = ()
    slower: tuple[float, ...] = ()
    tails: tuple[Tail, ...] = ()
    unseen: int = 0


def scout(tails: Tails, stable: Slow, edges: tuple[int, ...], tolerance: Tolerance = USUAL) -> Tails:
    """After one more tick of stable alone; once enough is seen, edges are chosen and stay."""
    if tails.tails or not _is_told(stable, edges):
        return tails
    old = tails.slower if tails.edges == edges else (0.0,) * len(edges)
    seen = stable.all + (tails.seen if tails.edges == edges else 0.0)
    slower = tuple(was + now for was, now in zip(old, stable.slower, strict=True))
    after = replace(tails, seen=seen, edges=edges, slower=slower)
    if seen < LEAST_SEEN:
        return after
    return replace(after, tails=_chosen(after, tolerance))


def follow(
    tails: Tails, beat: Beat, arms: tuple[Slow, Slow], edges: tuple[int, ...], tolerance: Tolerance = USUAL
) -> Tails:
    """After one more tick. `arms`: stable, candidate. Of `beat` all but the counts is read."""
    stable, candidate = arms
    if not tails.tails:
        return scout(replace(tails, unseen=tails.unseen + 1), stable, edges, tolerance)
    if not _is_told(stable, edges) or not _is_told(candidate, edges):
        return replace(tails, unseen=tails.unseen + 1)
    at = {edge: place for place, edge in enumerate(edges)}
    after = tuple(
        _heard(tail, beat, arms, (at[tail.beside], at[tail.edge])) if tail.edge in at and tail.beside in at else tail
        for tail in tails.tails
    )
    is_seen = any(new.contest.at == beat.at for new in after)
    return replace(tails, tails=after, unseen=0 if is_seen else tails.unseen + 1)


def log_safe_of(tails: Tails, limit: float) -> float:
    """The logarithm of the evidence that at each telling edge the candidate's slow requests are below `limit` times
    stable's, or below what is tolerated there of an instance that differs; 0 where no edge is telling.
    """
    proofs = []
    for tail in tails.tails:
        is_same = tail.beside == tail.edge
        contest, margin = (tail.contest, tail.terms.margin) if is_same else (tail.alike, 0.0)
        most = max(limit, math.exp(margin + _ALIKE * contest.spread))
        if contest.stable.bad >= _TELLING:
            proofs.append(log_safe(contest, most, tail.terms.noise))
    return min(proofs, default=0.0)


def evidence_of(tails: Tails) -> float:
    """The logarithm of the mean evidence over the edges; that of 1 while none is chosen.

    An edge weighs more the better it can be told there how long answers take, by what was seen of stable beforehand;
    by a root of it, so that slow answers that are rare are not forgotten.
    """
    if not tails.tails:
        return 0.0
    slower = dict(zip(tails.edges, tails.slower, strict=True))
    clear = [clearness(slower.get(tail.beside, 0.0) + _HALF, tail.terms.noise.steepness) for tail in tails.tails]
    weights = [one**_ROOT for one in clear]
    whole = math.fsum(weights)
    pairs = zip(tails.tails, weights, strict=True)
    return log_sum([log_evidence(tail.contest) + math.log(weight / whole) for tail, weight in pairs])


def clearness(slow: float, steepness: float) -> float:
    """How much an edge says of times: its slow requests, by the square of how steeply they rise with time."""
    return slow * steepness**2


def doubt_of(tails: Tails) -> float:
    """What speaks against it beyond what a warm-up explains, as a logarithm: reason to expose no more."""
    doubts = (
        log_doubt(tail.contest, tail.terms) if tail.is_beyond else log_wonder(tail.contest) for tail in tails.tails
    )
    return max(doubts, default=0.0)


def young_doubt_of(tails: Tails) -> float:
    """What speaks against it, as a logarithm, though a warm-up may explain it: nobody can tell yet."""
    return max((log_young_doubt(tail.contest, tail.terms) for tail in tails.tails if not tail.is_beyond), default=0.0)


def loudest(tails: Tails) -> Tail:
    """The edge that speaks loudest; raises `ValueError` while none is chosen."""
    return max(tails.tails, key=lambda tail: log_evidence(tail.contest))


def _chosen(tails: Tails, tolerance: Tolerance) -> tuple[Tail, ...]:
    """Where both arms are compared. Of the edges that go with one of stable's the slowest is the sharpest."""
    pairs = {beside: edge for edge in tails.edges if (beside := _beside(edge, tails, tolerance))}
    rates = dict(zip(tails.edges, tails.slower, strict=True))
    chosen = choose(tuple(pairs), tuple(rates[beside] for beside in pairs), tails.seen)
    usual = tuple(Tail(pairs[one], one, terms_at(pairs[one], one, tails, tolerance)) for one in chosen)
    return (*usual, *_beyond(tails, tolerance))


def _beyond(tails: Tails, tolerance: Tolerance) -> tuple[Tail, ...]:
    """Rule 6; none where no edge is slow enough."""
    least = _CLEAR_OF * min(seldom(tails.edges, tails.slower, tails.seen), default=math.inf)
    rare = [edge for edge in tails.edges if edge >= least]
    longest = min(rare, default=math.inf) * max(tolerance.warm_up, USUAL.warm_up)
    slow = [edge for edge in tails.edges if _due(edge, tolerance) >= longest]
    if not slow:
        return ()
    terms = terms_at(slow[0], rare[0], tails, tolerance)
    cold = replace(terms, noise=replace(terms.noise, warm_up=COLD, steepness=1.0))
    return (Tail(slow[0], rare[0], cold, is_beyond=True),)


def _beside(edge: int, tails: Tails, tolerance: Tolerance) -> int:
    """Stable's edge for one of the candidate's; 0 where none is fast enough."""
    due = _due(edge, tolerance)
    if due <= 0:
        return 0
    nearest = min(one for one in tails.edges if one >= due)
    if _slope(tails, tails.edges.index(nearest)) * math.log(max(nearest / due, 1.0)) <= _FAR:
        return nearest
    return max((one for one in tails.edges if one < due), default=0)


def _due(edge: int, tolerance: Tolerance) -> float:
    """What stable takes where a candidate may take so long; nothing, where any time may be that."""
    if tolerance.exceeded != BY_TIME:
        return edge
    return min(edge / (1 + tolerance.longer), edge - tolerance.floor)


def terms_at(edge: int, beside: int, tails: Tails, tolerance: Tolerance) -> Terms:
    """What is tolerated of the candidate at an edge beside stable at its own, in rates, by how its tail falls.

    What a past says of warming up it says of times that are often exceeded; of others what is usual is the least.
    """
    slope = _slope(tails, tails.edges.index(beside))
    left = max(slope * math.log(beside / _due(edge, tolerance)), 0.0)
    margin = left if tolerance.exceeded == BY_TIME else math.log1p(tolerance.exceeded)
    is_rare = beside in seldom(tails.edges, tails.slower, tails.seen)
    warm_up = max(tolerance.warm_up, USUAL.warm_up) if is_rare else tolerance.warm_up
    spread, wander = slope * tolerance.spread, slope * tolerance.wander
    noise = replace(tolerance.noise, spread=spread, wander=wander, warm_up=warm_up, steepness=slope)
    return Terms(margin=margin, noise=noise)


def _slope(tails: Tails, at: int) -> float:
    """How steeply stable's tail falls at an edge, or towards the next faster one where that is steeper.

    Who takes longer is slower than this edge as often as stable is slower than a faster one.
    """
    shares = [math.log((slower + _HALF) / (tails.seen + 1)) for slower in tails.slower]
    logs = [math.log(max(edge, 1)) for edge in tails.edges]
    if len(logs) == 1:
        return _UNSEEN
    before, after = at and _fall(shares, logs, at - 1), at + 1 < len(logs) and _fall(shares, logs, at)
    if not before or not after:
        return min(max(before, after, _FLATTEST), _STEEPEST)
    left, right = logs[at] - logs[at - 1], logs[at + 1] - logs[at]
    here = (before * right + after * left) / max(left + right, _NO_TERMS)
    return min(max(before, here, _FLATTEST), _STEEPEST)


def _fall(shares: list[float], logs: list[float], at: int) -> float:
    """From one edge to the next."""
    return (shares[at] - shares[at + 1]) / max(logs[at + 1] - logs[at], _NO_TERMS)


def _is_told(arm: Slow, edges: tuple[int, ...]) -> bool:
    if not edges or len(arm.slower) != len(edges) or list(edges) != sorted(set(edges)):
        return False
    return all(Count(one, arm.all).is_usable for one in arm.slower)


def _heard(tail: Tail, beat: Beat, arms: tuple[Slow, Slow], places: tuple[int, int]) -> Tail:
    contest = fold(tail.contest, _at(beat, arms, places), tail.terms)
    if tail.beside == tail.edge:
        return replace(tail, contest=contest)
    return replace(tail, contest=contest, alike=fold(tail.alike, _at(beat, arms, places[1:] * 2), tail.terms))


def _at(beat: Beat, arms: tuple[Slow, Slow], places: tuple[int, int]) -> Beat:
    stable, candidate = (Count(arm.slower[place], arm.all) for arm, place in zip(arms, places, strict=True))
    return replace(beat, stable=stable, candidate=candidate, warm=Count(-1, -1))
