# SPDX-License-Identifier: Apache-2.0
"""What a person is told of a judgement: counts, rates, how many times worse, the evidence against its threshold.

Every number here is one that was counted or that decided; nothing is estimated to look better.
"""

import math
from typing import Final

from interlock.domain.judge.edges import LEAST_SEEN
from interlock.domain.judge.ratio import Counted, Side
from interlock.domain.judge.reading import Reading
from interlock.domain.judge.watch import NO_EDGE, still_needed
from interlock.domain.strategy import NO_CAP
from interlock.domain.verdict import Finding, Verdict, group

CODE: Final = "judge"
_MILLION: Final = 1_000_000
_THOUSAND: Final = 1000
_LITTLE: Final = 0.001


def said_of_all(total: float, leaves: tuple[Finding, ...], needed: float) -> Finding:
    """The finding over all guards. `total`: the logarithm of all evidence."""
    if not leaves:
        sentence = "no guard is set, so nothing is compared"
        return Finding(CODE, "candidate", Verdict.INCONCLUSIVE, sentence, "set at least one guard")
    sentence = f"evidence against the candidate, over all guards: {_evidence(total)} ({_threshold(needed)})"
    return group(CODE, "candidate", sentence, leaves)


def said(reading: Reading, verdict: Verdict, needed: float) -> Finding:
    """The finding of one guard."""
    parts = [_compared(reading, needed), _under_cap(reading), _alone(reading)]
    sentence = "; ".join(part for part in parts if part)
    code = f"{CODE}.{reading.guard.measure}"
    return Finding(code, reading.guard.name, verdict, sentence, _next_step(reading, verdict, needed))


def _compared(reading: Reading, needed: float) -> str:
    if not reading.watch.watched:
        return _no_edge(reading)
    loudest = reading.watch.loudest
    speaks = reading.own >= 0 and loudest.comparison.since.candidate.bad > 0
    counted = loudest.comparison.since if speaks else loudest.comparison.total
    if not counted.candidate.requests:
        return "no requests of the candidate and of stable at the same time yet"
    what = "bad" if loudest.edge == NO_EDGE else f"slower than {span(loudest.edge)}"
    return (
        f"candidate {_of(counted.candidate)} {what}, stable {_of(counted.stable)} at the same times: {_times(counted)}"
        f" ({_number(float(reading.guard.worse_by))} times is tolerated); "
        f"evidence {_evidence(reading.own)}, of which {_evidence(reading.weighted)} counts ({_threshold(needed)})"
    )


def _no_edge(reading: Reading) -> str:
    scouting = reading.watch.scouting
    if not scouting.edges:
        return "no latencies were measured"
    if scouting.seen.requests < LEAST_SEEN:
        return f"{scouting.seen.requests} requests of stable, too few to choose the edges to compare at"
    return (
        f"no edge to compare at: of {scouting.seen.requests} requests of stable "
        f"{scouting.seen.slower[-1]} were slower than the slowest, {span(scouting.edges[-1])}"
    )


def _under_cap(reading: Reading) -> str:
    if reading.guard.cap == NO_CAP:
        return ""
    ceiling = reading.watch.ceiling
    edge = reading.watch.ceiling_edge
    what = "bad" if edge == NO_EDGE else f"slower than {span(edge)}"
    kept = "is broken" if reading.breached else "is not shown to be broken"
    return (
        f"the cap of {_percent(float(reading.guard.at_most))} {kept}: {_of(ceiling.total)} of the candidate {what}, "
        f"evidence {_evidence(ceiling.log_evidence)}"
    )


def _alone(reading: Reading) -> str:
    if not reading.watch.alone:
        return ""
    judged = "only the cap judges" if reading.guard.cap < NO_CAP else "nothing judges (no cap is set)"
    return f"{reading.watch.alone} requests of the candidate had next to no stable traffic beside them: there {judged}"


def _next_step(reading: Reading, verdict: Verdict, needed: float) -> str:
    match verdict:
        case Verdict.PASS:
            return ""
        case Verdict.FAIL:
            return "return to stable and look at what the candidate answered badly"
        case _ if reading.enough or reading.breached:
            return "hold the exposure and keep measuring"
        case _ if not reading.watch.watched and reading.watch.scouting.seen.requests >= LEAST_SEEN:
            return "measure latencies at a slower edge, one that most requests of stable are faster than"
        case _ if not reading.watch.watched:
            return "have latencies measured, and wait for more requests of stable"
        case _:
            return f"wait for about {still_needed(reading.watch, needed)} more requests of the candidate beside stable"


def _of(side: Side) -> str:
    return f"{side.bad} of {side.requests} ({_percent(side.bad / max(1, side.requests))})"


def _times(counted: Counted) -> str:
    if counted.below > 0:
        return f"{_number(counted.above / counted.below)} times stable's rate"
    return "stable had none" if counted.above > 0 else "neither had any"


def _evidence(log: float) -> str:
    return "over a million" if log > math.log(_MILLION) else _number(math.exp(log))


def _threshold(needed: float) -> str:
    return f"back to stable at {_number(math.exp(needed))}"


def _percent(share: float) -> str:
    return f"{_number(share * 100)} %"


def _number(value: float) -> str:
    """Three digits that count, never an exponent."""
    if value >= _THOUSAND:
        return f"{value:.0f}"
    return f"{value:.3g}" if value >= _LITTLE or value == 0 else f"under {_LITTLE}"


def span(edge: int) -> str:
    """An edge (microseconds) as people say it."""
    if edge >= _MILLION:
        return f"{_number(edge / _MILLION)} s"
    return f"{_number(edge / _THOUSAND)} ms"
