# SPDX-License-Identifier: Apache-2.0
"""Whether the candidate says anything at all, and whether it gets the requests it should.

1. Silence is counted only while stable is heard, and while the candidate should have had requests: who is sent nothing
   owes nothing. Missing stable is nobody's silence; it freezes. Where nobody told the share, it is the one that was
   counted while the candidate was heard last: who then falls silent may have been sent nothing, so it pauses at most.
2. No sign of a candidate that should have one is the strongest sign there is: pause soon, go back not much later.
3. Where stable is asked nothing while the candidate is, there is nothing beside it; whoever judges says so, unless the
   candidate is to have all of it.
4. A share that is not the router's says that what is compared is not what was meant. That pauses; it proves nothing
   about the candidate.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from interlock.domain.judge.nodes import NODES, RAISED, honest, odds
from interlock.domain.judge.noise import LARGEST

LEAST_TICKS: Final = 3
EXPECTED: Final = 20
"""Requests a candidate should have had before none at all is taken for silence."""
SPLIT_RISK: Final = 0.001
_UNEVEN: Final = 0.05
"""How far routers are off their weight without anything being wrong (standard deviation of the logarithm)."""
_LUMPS: Final = 10.0
"""Requests come in sessions: so many of them are one choice of the router."""
_APART: Final = 0.15
_LEAST_SHARE: Final = 0.01
_HONEST: Final = honest(0.0, _UNEVEN)
_NOTHING: Final = (0.0,) * len(NODES)


def _off() -> tuple[float, ...]:
    """A belief in shares that are wrong on either side, wild ones included."""
    far = [1.0 if abs(node) >= _APART else 0.0 for node in NODES]
    return tuple(one / sum(far) for one in far)


_OFF: Final = _off()


class Sign(StrEnum):
    """What is heard of the candidate."""

    HEARD = "heard"
    QUIET = "quiet"
    """Not yet long enough to mean anything."""
    SILENT = "silent"
    """Longer than a pause is worth waiting for."""
    GONE = "gone"
    """So long that it must go back."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds of silence after which it is held, and after which it goes back."""

    pause_after: float = 90.0
    back_after: float = 180.0


USUAL: Final = Patience()


@dataclass(frozen=True, slots=True)
class Pulse:
    """`silent`: seconds, over so many ticks in a row, in which `owed` requests should have been heard of and none was.

    `is_told`: by the router's share, all of them. `since`: when the candidate was heard last, in ticks of `step`, in
    which both arms had `counted` requests (stable, candidate); `missed`: ticks after that, whoever they were owed by.
    `beside`: when stable was heard last; `apart`: ticks after that in which the candidate was.
    """

    at: float = -math.inf
    silent: float = 0.0
    ticks: int = 0
    owed: float = 0.0
    is_told: bool = True
    since: float = -math.inf
    missed: int = 0
    step: int = 0
    counted: tuple[float, float] = (0.0, 0.0)
    beside: float = -math.inf
    apart: int = 0


@dataclass(frozen=True, slots=True)
class Split:
    """Both arms' requests against the router's weight, since it was last changed; `own` are the candidate's."""

    weight: float = -1.0
    gains: tuple[float, ...] = _NOTHING
    changes: int = 0
    own: float = 0.0
    both: float = 0.0


def listen(pulse: Pulse, at: float, stable: float, candidate: float, *, weight: float, step: int = 0) -> Pulse:
    """After one more tick that ended at `at`, with so many requests of each arm. `weight`: the candidate's share."""
    if not math.isfinite(at) or at <= pulse.at:
        return pulse
    is_beside = _told(stable) > 0
    if _told(candidate) > 0:
        before = pulse.counted if step == pulse.step else (0.0, 0.0)
        counted = before[0] + max(_told(stable), 0.0), before[1] + candidate
        beside, apart = (at, 0) if is_beside else (pulse.beside, pulse.apart + 1)
        return Pulse(at, since=at, step=step, counted=counted, beside=beside, apart=apart)
    share = weight if 0 < weight <= 1 else _share_counted(pulse)
    missed = replace(pulse, at=at, missed=pulse.missed + 1)
    if is_beside:
        missed = replace(missed, beside=at, apart=0)
    if not share:
        return replace(missed, silent=0.0, ticks=0, owed=0.0)
    if not is_beside:
        return missed
    return replace(
        missed,
        silent=pulse.silent + (at - pulse.at if math.isfinite(pulse.at) else 0.0),
        ticks=pulse.ticks + 1,
        owed=pulse.owed + stable * share / max(1 - share, _LEAST_SHARE),
        is_told=pulse.is_told and share == weight,
    )


def sign(pulse: Pulse, patience: Patience = USUAL) -> Sign:
    """What is heard of it now."""
    if not pulse.ticks:
        return Sign.HEARD
    if pulse.ticks < LEAST_TICKS or pulse.owed < EXPECTED or pulse.silent < patience.pause_after:
        return Sign.QUIET
    return Sign.GONE if pulse.is_told and pulse.silent >= patience.back_after else Sign.SILENT


def is_past(pulse: Pulse, patience: Patience = USUAL) -> bool:
    """Whether all that was ever heard of it is long ago, be it that nobody was asked anything meanwhile."""
    return pulse.missed >= LEAST_TICKS and pulse.at - pulse.since >= patience.back_after


def is_apart(pulse: Pulse, patience: Patience = USUAL) -> bool:
    """Whether stable was asked nothing for long while the candidate was."""
    return pulse.apart >= LEAST_TICKS and pulse.at - pulse.beside >= patience.pause_after


def divide(split: Split, stable: float, candidate: float, weight: float) -> Split:
    """After one more tick. Where an arm said nothing usable there is nothing to compare."""
    if not 0 < weight < 1 or min(_told(stable), _told(candidate)) < 0 or not stable + candidate:
        return split
    before = split
    if split.weight != weight:
        before = Split(weight, _NOTHING, split.changes + 1)
    own, both = candidate / _LUMPS, (candidate + stable) / _LUMPS
    gains = tuple(
        gain + own * node - both * math.log1p(weight * more)
        for gain, node, more in zip(before.gains, NODES, RAISED, strict=True)
    )
    return replace(before, gains=gains, own=before.own + candidate, both=before.both + candidate + stable)


def is_off(split: Split) -> bool:
    """Whether the share is proven not to be the router's. Each change of weight has a part of the risk of its own."""
    if split.changes == 0:
        return False
    least = math.log(split.changes * (split.changes + 1) / SPLIT_RISK)
    return odds(split.gains, _OFF, _HONEST) >= least


def share_seen(split: Split) -> float:
    """The candidate's share of what was counted."""
    return split.own / split.both if split.both else 0.0


def _share_counted(pulse: Pulse) -> float:
    """The candidate's part of what was counted while it was heard last; 0 where it never was."""
    both = math.fsum(pulse.counted)
    return pulse.counted[1] / both if both else 0.0


def _told(requests: float) -> float:
    """So many requests; -1 for what nobody can have counted."""
    return requests if 0 <= requests <= LARGEST else -1.0
