# SPDX-License-Identifier: Apache-2.0
"""What both arms did, by PromQL from a Prometheus (2.26 or later) that scrapes whoever counts.

1. One read is one query, evaluated at one moment of the server over one state of its storage: both arms, errors and
   latencies come from the same scrape of a source (asked one after the other they would not, even for one `time`).
2. Values are totals, as counted, never rates. A source is absent when any of its values is negative, not finite or
   there twice, or when it counts requests of an arm and says nothing of their errors or latencies: a query that names
   the wrong metric must not read as "no errors". An arm without requests and without anything else counts zero.
3. A query says itself how old what it reads may be: `last_over_time(metric[{fresh}])`. Without it, Prometheus goes on
   for five minutes with what a target said last, whenever nobody was there to see it go: it was restarted meanwhile,
   cannot write, or is told by another one. (`lookback_delta` of a request is passed over in silence before 2.43.)
4. Readiness is judged by `ready` and `members` alone. Without them one of one is ready once the candidate is counted
   anywhere: that is no judgement, and a candidate that takes no requests must be found by its silence.

The queries for Envoys that Prometheus scrapes at `/stats/prometheus`, with a cluster for each arm that has
`track_cluster_stats: {per_endpoint_stats: true}`: attempts that ended, and those that failed, even where the other arm
answered in their place. The endpoints count from their beginning; a time is not there before the first answer, so
what is slower falls back to none. C is `envoy_cluster_name="shop_{arm}"`, and `shop_candidate` in the last two.

    requests  sum by (instance) (last_over_time(envoy_cluster_endpoint_rq_success{C}[{fresh}]))
              + sum by (instance) (last_over_time(envoy_cluster_endpoint_rq_error{C}[{fresh}]))
    errors    sum by (instance) (last_over_time(envoy_cluster_endpoint_rq_error{C}[{fresh}]))
    250ms     sum by (instance) (last_over_time(envoy_cluster_upstream_rq_time_count{C}[{fresh}]))
              - sum by (instance) (last_over_time(envoy_cluster_upstream_rq_time_bucket{C,le="250"}[{fresh}]))
              or 0 * sum by (instance) (last_over_time(envoy_cluster_endpoint_rq_error{C}[{fresh}]))
    ready     sum by (instance) (last_over_time(envoy_cluster_membership_healthy{C}[{fresh}]))
    members   sum by (instance) (last_over_time(envoy_cluster_membership_total{C}[{fresh}]))
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Final

from interlock.adapters.http import Answer, HttpClient, parse_address
from interlock.adapters.placeholders import fill, require_known
from interlock.adapters.prometheus import Failure, Sample, Strange, Success, Vector, decode, query_address
from interlock.adapters.wording import one_line
from interlock.domain.traffic import ArmCounters, Snapshot, SourceCounters
from interlock.ports.failure import Rejected, Unavailable

_MARK: Final = "interlock"
"""The label that tells which question a value answers."""
_STABLE: Final = "stable"
_CANDIDATE: Final = "candidate"
_READY: Final = "ready"
_MEMBERS: Final = "members"
_BAD_QUERY: Final = 400
_NOT_EXECUTED: Final = 422
_OVERLOADED: Final = (408, 425, 429)
_SERVER_FAULT: Final = 500

Told = Mapping[str, Mapping[str, int]]
"""For each question, what each source counts."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a source is absent."""

    reason: str


@dataclass(frozen=True, slots=True)
class PrometheusCounters:
    """Asks the Prometheus at `server`. In the queries `{arm}` is the arm and `{fresh}` the age that is still fresh.

    `slower` by edges in microseconds; `source` is the label that tells sources apart. `timeout` in seconds: connecting
    and waiting may take half of it each. `fresh_for` in seconds: more than the interval of the scrapes, or sources
    come and go. A source that is not scraped any more is absent that much later at the latest.
    """

    server: str
    requests: str
    errors: str
    slower: Mapping[int, str] = field(default_factory=dict)
    source: str = "instance"
    timeout: float = 1.0
    _: KW_ONLY
    fresh_for: float = 5.0
    ready: str = ""
    members: str = ""

    def __post_init__(self) -> None:
        parse_address(self.server)
        of_arms = (self.requests, self.errors, *self.slower.values())
        of_candidate = (self.ready, self.members)
        require_known(of_arms, ("arm", "fresh"))
        require_known(of_candidate, ("fresh",))
        for seconds in (self.timeout, self.fresh_for):
            if not (math.isfinite(seconds) and seconds > 0):
                raise Rejected("metrics.bad_span", f"{seconds} s is no span of time", "write seconds, more than none")
        if any(edge <= 0 for edge in self.slower):
            raise Rejected("metrics.bad_edge", "everything is slower than nothing", "write a latency such as 250ms")
        if bool(self.ready) != bool(self.members):
            raise Rejected("metrics.bad_query", "'ready' and 'members' need each other", "write both, or neither")
        _require_words(of_arms, tuple(query for query in of_candidate if query))

    def read(self) -> Snapshot:
        edges = tuple(sorted(self.slower))
        told, spoilt = self._values(self._ask(_at_once(self._questions())))
        seen = dict(self._sources(told, spoilt))
        sources = tuple(one for one in seen.values() if isinstance(one, SourceCounters))
        if not sources:
            reasons = [one.reason for one in seen.values() if isinstance(one, Unusable)]
            sentence = f"no source says what it counted: {'; '.join(reasons) or 'there is no fresh value of requests'}"
            step = f"see whether Prometheus scrapes the sources more often than every {self._fresh}"
            raise Unavailable("metrics.silent", one_line(sentence), step)
        ready, members = self._readiness(told, spoilt)
        return Snapshot(sources, edges, ready, members)

    @property
    def _fresh(self) -> str:
        return f"{math.ceil(self.fresh_for * 1000)}ms"

    def _questions(self) -> Mapping[str, str]:
        """Every query by the name of what it tells."""
        of_arms = {"requests": self.requests, "errors": self.errors}
        of_arms |= {_slower(edge): query for edge, query in self.slower.items()}
        filled = {
            _name(arm, what): fill(query, {"arm": arm, "fresh": self._fresh})
            for what, query in of_arms.items()
            for arm in (_STABLE, _CANDIDATE)
        }
        if self.ready:
            filled |= {_READY: fill(self.ready, {"fresh": self._fresh})}
            filled |= {_MEMBERS: fill(self.members, {"fresh": self._fresh})}
        return filled

    def _ask(self, query: str) -> list[Sample]:
        answer = self._get({"query": query, "timeout": f"{self.timeout:g}"})
        match decode(answer):
            case Success(warnings=[first, *_]):
                sentence = one_line(f"what Prometheus says may be partial: {first}")
                raise Unavailable("metrics.partial", sentence, "see what it warns of")
            case Success(data=Vector(result)):
                return result
            case Success():
                raise Rejected("metrics.bad_query", "the queries give no instant vector", "ask for one value a source")
            case Failure(error):
                raise self._declined(answer, error)
            case Strange(sentence):
                raise _strange(answer, sentence)

    def _get(self, parameters: Mapping[str, str]) -> Answer:
        try:
            return HttpClient(self.timeout / 2).get(query_address(self.server), parameters)
        except Unavailable as fault:
            raise Unavailable("metrics.silent", fault.sentence, fault.next_step) from fault

    def _declined(self, answer: Answer, error: str) -> Unavailable | Rejected:
        """Which query it is about is asked again, at a time nothing is known of: that costs the server no work."""
        if answer.status == _NOT_EXECUTED:
            return Rejected("metrics.bad_query", one_line(f"Prometheus cannot do the queries: {error}"), "correct them")
        if answer.status != _BAD_QUERY:
            sentence = one_line(f"Prometheus answers with status {answer.status}: {error}")
            return Unavailable("metrics.silent", sentence, "see what is wrong with it")
        for name, query in self._questions().items():
            alone = decode(self._get({"query": _at_once({name: query}), "time": "0"}))
            if isinstance(alone, Failure):
                sentence = one_line(f"Prometheus does not understand the query of '{name}': {alone.error}")
                return Rejected("metrics.bad_query", sentence, f"correct it, it is: {query}")
        return Rejected("metrics.bad_query", one_line(f"Prometheus declines the queries: {error}"), "correct them")

    def _values(self, samples: list[Sample]) -> tuple[Told, frozenset[str]]:
        """What is told, and the sources that told something else than one counter."""
        told: dict[str, dict[str, int]] = {}
        spoilt: set[str] = set()
        for sample in samples:
            question, source = sample.metric.get(_MARK, ""), sample.metric.get(self.source, "")
            if not source:
                sentence = f"the values of '{question}' have no label '{self.source}' to tell their source by"
                raise Rejected("metrics.no_source", sentence, f"write 'sum by ({self.source}) (...)', or name another")
            value = _number(sample.value[1])
            of_question = told.setdefault(question, {})
            if source in of_question or not (math.isfinite(value) and value >= 0):
                spoilt.add(source)
                continue
            of_question[source] = round(value)
        return told, frozenset(spoilt)

    def _sources(self, told: Told, spoilt: frozenset[str]) -> Iterator[tuple[str, SourceCounters | Unusable]]:
        """Rule 2, for every source that says anything of requests."""
        names = {source for arm in (_STABLE, _CANDIDATE) for source in told.get(_name(arm, "requests"), {})}
        for source in sorted(names | spoilt):
            if source in spoilt:
                yield source, Unusable(f"'{source}' says what no counter can say")
                continue
            stable, candidate = self._arm(told, _STABLE, source), self._arm(told, _CANDIDATE, source)
            if isinstance(stable, Unusable):
                yield source, stable
            elif isinstance(candidate, Unusable):
                yield source, candidate
            else:
                yield source, SourceCounters(source, stable, candidate)

    def _arm(self, told: Told, arm: str, source: str) -> ArmCounters | Unusable:
        requests = told.get(_name(arm, "requests"), {}).get(source, 0)
        counted: list[int] = []
        for what in ("errors", *(_slower(edge) for edge in sorted(self.slower))):
            name = _name(arm, what)
            values = told.get(name, {})
            if requests and source not in values:
                return Unusable(f"'{source}' counts requests and says nothing of '{name}'")
            counted.append(values.get(source, 0))
        if not requests and any(counted):
            return Unusable(f"'{source}' says more of '{arm}' than that it was not asked")
        return ArmCounters(requests, counted[0], tuple(counted[1:]))

    def _readiness(self, told: Told, spoilt: frozenset[str]) -> tuple[int, int]:
        """Ready and members, where the fewest are ready; what says nothing of who is ready says none is."""
        if not self.ready:
            known = int(bool(told.get(_name(_CANDIDATE, "requests"), {}).keys() - spoilt))
            return known, known
        ready = told.get(_READY, {})
        pairs = [(ready.get(name, 0), of) for name, of in told.get(_MEMBERS, {}).items() if name not in spoilt]
        return min(pairs, key=lambda pair: pair[0] - pair[1], default=(0, 0))


def _require_words(of_arms: tuple[str, ...], of_candidate: tuple[str, ...]) -> None:
    """Refuse a query that cannot tell the arms apart, or takes values of any age (rule 3)."""
    for query in of_arms:
        if "{arm}" not in query:
            raise Rejected("metrics.same_arms", f"'{query}' is the same for both arms", "let {arm} choose the arm")
    for query in (*of_arms, *of_candidate):
        if "{fresh}" not in query:
            sentence = f"'{query}' does not say how old its values may be"
            raise Rejected("metrics.any_age", sentence, "write last_over_time(metric[{fresh}]) for each metric")


def _at_once(questions: Mapping[str, str]) -> str:
    """One query for all: each value carries the name of its question."""
    marked = (f'label_replace(\n{query}\n, "{_MARK}", "{name}", "", "")' for name, query in questions.items())
    return "\nor ".join(marked)


def _name(arm: str, what: str) -> str:
    return f"{arm} {what}"


def _slower(edge: int) -> str:
    return f"slower than {edge} us"


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as fault:
        sentence = f"the answer is not one of Prometheus: '{text}' is no number"
        raise Rejected("metrics.no_prometheus", sentence, "name the address of a Prometheus") from fault


def _strange(answer: Answer, sentence: str) -> Unavailable | Rejected:
    if answer.status >= _SERVER_FAULT or answer.status in _OVERLOADED:
        reason = f"'status {answer.status}' is all that was answered"
        return Unavailable("metrics.silent", reason, "see what stands between, and whether Prometheus is up")
    return Rejected("metrics.no_prometheus", f"{sentence} (status {answer.status})", "name the address of a Prometheus")
