# SPDX-License-Identifier: Apache-2.0
"""What both arms did in the past, interval by interval, from what a Prometheus kept.

1. Queries name counters as they are counted (totals), one query for each of requests, errors and faster answers, with
   `{arm}` where the arm's own value goes and `{edge}` (seconds, as in the label `le`) where a bucket's goes.
2. An interval's count is the sum of what each series grew. A series that went back was restarted: it says nothing of
   that interval, and so nobody does; what is only partly told is not told.
3. Who counts requests and says nothing of errors has not told that there were none: a query that names the wrong metric
   must not read as "no errors". A counter that begins with its first error is ended with `or 0 * (the requests)`.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from interlock.adapters.http import Answer, HttpClient
from interlock.adapters.placeholders import fill, require_known
from interlock.adapters.prometheus import Failure, Matrix, Run, Strange, Success, decode, range_address
from interlock.adapters.wording import one_line
from interlock.domain.judge.plan import UNTOLD, Arm, Interval
from interlock.ports.failure import Rejected, Unavailable

_LARGEST: Final = 50_000_000
_MILLION: Final = 1_000_000
_MILLIONTH: Final = 1e-6
_HOUR: Final = 3600.0
_SERVER_FAULT: Final = 500
_READ_IN_TURN: Final = 1.05
_FEW: Final = 20.0
Totals = Mapping[str, Mapping[float, float]]
"""For each series, its total at each moment."""


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when (seconds since 1970), and how far apart the moments are (seconds)."""

    begin: float
    end: float
    every: float


@dataclass(frozen=True, slots=True)
class PrometheusPast:
    """Asks the Prometheus at `server`. `edges`: seconds, as their label says them."""

    server: str
    requests: str
    errors: str
    faster: str = ""
    edges: tuple[str, ...] = field(default=())
    timeout: float = 10.0

    def __post_init__(self) -> None:
        require_known((self.requests, self.errors), ("arm",))
        require_known((self.faster,), ("arm", "edge"))
        if bool(self.faster) != bool(self.edges):
            raise Rejected("series.no_edges", "'faster' and its edges need each other", "give both, or neither")
        unsaid = next((one for one in (self.requests, self.errors, self.faster) if one and "{arm}" not in one), "")
        if unsaid:
            sentence = one_line(f"a query has no '{{arm}}', so both arms would be one: {unsaid}")
            raise Rejected("series.no_arm", sentence, "put {arm} where the arm's own value goes")
        if any(not _MILLIONTH <= _seconds(edge) <= _HOUR for edge in self.edges):
            raise Rejected("series.bad_edge", "an edge is no length of time", "give seconds, such as 0.1,0.25,1.0")

    def intervals(self, stable: str, candidate: str, span: Span) -> tuple[Interval, ...]:
        """What the two arms did between the moments."""
        edges = tuple(sorted(self.edges, key=float))
        microseconds = tuple(round(float(edge) * _MILLION) for edge in edges)
        told = [self._arm(arm, edges, span) for arm in (stable, candidate)]
        count = math.floor((span.end - span.begin) / span.every)
        return tuple(
            Interval(at * span.every, told[0][at - 1], told[1][at - 1], edges=microseconds)
            for at in range(1, count + 1)
        )

    def _arm(self, arm: str, edges: tuple[str, ...], span: Span) -> tuple[Arm, ...]:
        requests = self._grown(self.requests, {"arm": arm}, span)
        errors = self._grown(self.errors, {"arm": arm}, span)
        if all(math.isnan(one) for one in requests):
            sentence = f"nothing was counted of '{arm}': {fill(self.requests, {'arm': arm})}"
            raise Unavailable("series.silent", one_line(sentence), "see what the query answers in Prometheus itself")
        if all(math.isnan(one) for one in errors):
            unsaid = f"nothing says how many errors '{arm}' had: {fill(self.errors, {'arm': arm})}"
            step = "mend the query, or end it with `or 0 * (the query of requests)` where a series begins with an error"
            raise Unavailable("series.no_errors", one_line(unsaid), step)
        faster = [self._grown(self.faster, {"arm": arm, "edge": edge}, span) for edge in edges]
        for edge, one in zip(edges, faster, strict=True):
            _require_part(arm, edge, one, requests)
        return tuple(
            Arm(every, (bad,), tuple(max(every - one[at], 0.0) for one in faster))
            for at, (every, bad) in enumerate(zip(requests, errors, strict=True))
        )

    def _grown(self, query: str, words: Mapping[str, str], span: Span) -> tuple[float, ...]:
        """By how much all of its series grew in each interval; `UNTOLD` where one of them does not say."""
        runs = self._ask(fill(query, words), span)
        moments = [span.begin + at * span.every for at in range(math.floor((span.end - span.begin) / span.every) + 1)]
        totals = [{round(at, 3): float(value) for at, value in run.values} for run in runs]
        return tuple(
            _together(totals, round(before, 3), round(after, 3)) for before, after in itertools.pairwise(moments)
        )

    def _ask(self, query: str, span: Span) -> list[Run]:
        client = HttpClient(timeout=self.timeout, max_bytes=_LARGEST)
        wanted = {"query": query, "start": f"{span.begin:.3f}", "end": f"{span.end:.3f}", "step": f"{span.every:g}"}
        answer = client.get(range_address(self.server), wanted)
        match decode(answer):
            case Success(warnings=[first, *_]):
                raise Unavailable("metrics.partial", one_line(f"it may be partial: {first}"), "see what it warns of")
            case Success(data=Matrix(result)):
                return result
            case Success():
                raise Rejected("metrics.bad_query", "the query gives no range of values", "ask for totals of a counter")
            case Failure(error):
                raise _declined(answer, one_line(error))
            case Strange(sentence):
                raise Unavailable("metrics.strange", one_line(sentence), "see what listens at that address")


def _require_part(arm: str, edge: str, faster: Sequence[float], requests: Sequence[float]) -> None:
    """Refuses what counts other requests than the query of all; counters that are read in turn differ by a few."""
    pairs = [(part, whole) for part, whole in zip(faster, requests, strict=True) if part >= 0 and whole >= 0]
    parts, all_of_them = (math.fsum(pair[at] for pair in pairs) for at in (0, 1))
    if parts > _READ_IN_TURN * all_of_them + _FEW:
        sentence = f"'{arm}' has {parts:.0f} requests faster than {edge} s of {all_of_them:.0f}"
        raise Rejected("series.other_requests", one_line(sentence), "let both queries count the same requests")


def _seconds(edge: str) -> float:
    """Of a label; not a number where it is none."""
    try:
        return float(edge)
    except ValueError:
        return math.nan


def _together(totals: list[dict[float, float]], before: float, after: float) -> float:
    grown = [(one[before], one[after]) for one in totals if before in one and after in one]
    if not grown or any(not math.isfinite(was) or not was <= now < math.inf for was, now in grown):
        return UNTOLD
    return math.fsum(now - was for was, now in grown)


def _declined(answer: Answer, error: str) -> Unavailable | Rejected:
    if answer.status >= _SERVER_FAULT:
        return Unavailable("metrics.unwell", f"Prometheus cannot answer: {error}", "see whether it is well")
    return Rejected("metrics.bad_query", f"Prometheus declines the query: {error}", "try it in Prometheus itself")
