# SPDX-License-Identifier: Apache-2.0
"""What a person is told of a metric: counts, rates, how many times stable's, the evidence, the cap.

Every number here is one that was counted or that decided; nothing is estimated to look better.
"""

import math
from typing import Final

from interlock.domain.judge.ceiling import Ceiling
from interlock.domain.judge.far import Far, threshold, worth
from interlock.domain.judge.nodes import NODES
from interlock.domain.judge.noise import Count
from interlock.domain.judge.outage import Outage, has_seen_better
from interlock.domain.judge.tails import LEAST_SEEN, Tails

_MILLION: Final = 1_000_000
_THOUSAND: Final = 1000
_LITTLE: Final = 0.001


def compared(
    what: str, stable: Count, candidate: Count, bounds: tuple[float, float, float], of_stable: str = ""
) -> str:
    """Both arms, side by side. `bounds`: lowest, likeliest and highest ratio of their rates.

    `of_stable`: what is counted of stable, where that is something else: it may be slower by what is tolerated.
    """
    if not candidate.all:
        return "no requests of the candidate and of stable at the same time yet"
    counted = f"candidate {_of(candidate)} {what}, stable {_of(stable)}{of_stable and ' '}{of_stable} at the same times"
    if not candidate.bad + stable.bad:
        return f"{counted}: neither had any"
    if not stable.bad:
        return f"{counted}: stable had none"
    low, likeliest, high = bounds
    return f"{counted}: {_ratio(likeliest)} times stable's rate, between {number(low)} and {number(high)}"


def leveled(name: str, bounds: tuple[float, float, float]) -> str:
    """A level that is not counted."""
    low, likeliest, high = (number(bound) for bound in bounds)
    return f"{name} is {likeliest} times stable's, between {low} and {high}"


def ill_alike(outage: Outage) -> str:
    """What both arms suffer from."""
    arms = f"lately candidate {_of(outage.candidate)}, stable {_of(outage.stable)}"
    if not has_seen_better(outage):
        return f"{arms}, and no better time was seen"
    return f"{arms}, of which at most {_percent(outage.most)} would be near what stable did in better times"


def doubted(doubt: float, hold_at: float) -> str:
    """What there is against it beside the evidence (both logarithms)."""
    return (
        f"evidence {evidence_in_words(doubt)} were no warm-up and no accident allowed for "
        f"(held at {evidence_in_words(hold_at)})"
    )


def in_better_times(outage: Outage) -> str:
    """What both did while nothing ailed stable."""
    return f"while stable was well candidate {_of(outage.beside)}, stable {_of(outage.usual)}"


def loud_lately(loudness: float) -> str:
    """What the last interval says (a logarithm)."""
    return f"the last interval by itself: evidence {evidence_in_words(loudness)}"


def plainly_worse(least: float) -> str:
    """How many times as bad it is at the least, which is more than honest candidates are."""
    return f"held for at least {number(least)} times stable's, more than an honest one keeps up"


def without_word(requests: float) -> str:
    """Why nothing is compared though both were asked."""
    return f"{requests:.0f} requests of the candidate beside stable, and not of both arms is told how many were bad"


def without_edge(tails: Tails) -> str:
    """Why latencies are not compared yet."""
    if not tails.edges:
        return "no latencies were measured"
    if tails.seen < LEAST_SEEN:
        return f"{tails.seen:.0f} requests of stable, too few to choose the edges to compare at"
    slowest = span(tails.edges[-1])
    return (
        f"no edge to compare at: of {tails.seen:.0f} requests of stable {tails.slower[-1]:.0f} were slower than the "
        f"slowest, {slowest}"
    )


def edge_wanted(tails: Tails) -> str:
    """What to do then."""
    if tails.edges and tails.seen >= LEAST_SEEN:
        return "measure latencies at a slower edge, one that most requests of stable are faster than"
    return "have latencies measured, and wait for more requests of stable"


def under_cap(ceiling: Ceiling, cap: float, what: str, *, is_broken: bool) -> str:
    """A cap, and what was seen under it."""
    kept = "is broken" if is_broken else "is not shown to be broken"
    evidence = evidence_in_words(ceiling.log_evidence)
    return f"the cap of {_percent(cap)} {kept}: {_of(ceiling.total)} of the candidate {what}, evidence {evidence}"


def held_alone(alone: float, ceiling: Ceiling, most: float) -> str:
    """Requests that nothing was beside, and how many of them may be bad."""
    bare = f"{alone:.0f} requests of the candidate had next to no stable traffic beside them"
    if not ceiling.total.all:
        return f"{bare}: nothing judges those"
    evidence = evidence_in_words(ceiling.log_evidence)
    return f"{bare}: at most {_percent(most)} of those may be bad, {_of(ceiling.total)} are, evidence {evidence}"


def gone_far(far: Far, risk: float) -> str:
    """What no honest candidate does beside such a stable."""
    evidence = f"evidence {evidence_in_words(worth(far))} (back to stable at {evidence_in_words(threshold(risk))})"
    return (
        f"more than {_percent(far.limit)} are bad, which beside this stable no honest candidate comes near: {evidence}"
    )


def against(own: float, threshold: float) -> str:
    """The evidence that it is worse (both logarithms)."""
    return f"evidence {evidence_in_words(own)} (back to stable at {evidence_in_words(threshold)} over all of them)"


def evidence_in_words(log: float) -> str:
    """The evidence itself, as far as that says anything."""
    return "over a million" if log > math.log(_MILLION) else number(math.exp(log))


def span(edge: int) -> str:
    """An edge (microseconds) as people say it."""
    if edge >= _MILLION:
        return f"{number(edge / _MILLION)} s"
    return f"{number(edge / _THOUSAND)} ms"


def number(value: float) -> str:
    """Three digits that count, never an exponent."""
    if math.isinf(value):
        return "any number"
    if value >= _THOUSAND:
        return f"{value:.0f}"
    return f"{value:.3g}" if value >= _LITTLE or not value else f"under {_LITTLE}"


def estimated(count: int) -> str:
    """How many of something, as far as an estimate knows it: two digits that count."""
    return f"{round(count, 2 - len(str(count))):,}"


def _of(count: Count) -> str:
    return f"{count.bad:.0f} of {count.all:.0f} ({_percent(count.bad / max(1, count.all))})"


def _ratio(likeliest: float) -> str:
    """As far as ratios are told apart."""
    if likeliest <= math.exp(NODES[0]):
        return f"at most {number(likeliest)}"
    return f"at least {number(likeliest)}" if likeliest >= math.exp(NODES[-1]) else number(likeliest)


def _percent(share: float) -> str:
    return f"{number(share * 100)} %"
