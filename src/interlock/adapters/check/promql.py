# SPDX-License-Identifier: Apache-2.0
"""A check that compares a PromQL instant query with a number.

1. PASS needs a finite number that keeps to the bound. No sample, NaN, an infinity, an answer with warnings (it may be
   partial), an error or no answer at all is INCONCLUSIVE.
2. Several samples are INCONCLUSIVE unless `every` was configured: then each must keep to the bound.
3. An answer that is not one of Prometheus, or a range or a text where a number should be, is an ERROR.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from interlock.adapters.checkcommand import words_of
from interlock.adapters.http import Answer, HttpClient, parse_address
from interlock.adapters.placeholders import RELEASE_WORDS, fill, require_known
from interlock.adapters.prometheus import Failure, Scalar, Strange, Success, Vector, decode, query_address
from interlock.adapters.wording import one_line
from interlock.domain.ids import EffectKey
from interlock.domain.verdict import Verdict
from interlock.ports.check import CheckProgress, CheckRequest, Reading, Uncounted
from interlock.ports.failure import Deduplication, Rejected, Unavailable

_OK: Final = 200


class Comparison(StrEnum):
    """What the value must be, seen from the bound."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    BELOW = "below"
    ABOVE = "above"


class Samples(StrEnum):
    """How many samples the query is to give."""

    ONE = "one"
    EVERY = "every"


@dataclass(frozen=True, slots=True)
class PromqlCheck:
    """Asks the Prometheus at `url`; `query` may hold the words of `RELEASE_WORDS` in braces."""

    url: str
    query: str
    comparison: Comparison
    bound: float
    samples: Samples = Samples.ONE
    client: HttpClient = field(default_factory=HttpClient)

    def __post_init__(self) -> None:
        parse_address(self.url)
        require_known((self.query,), RELEASE_WORDS)
        if not math.isfinite(self.bound):
            raise Rejected("check.bad_bound", f"{self.bound} bounds nothing", "write a finite number")

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.OBSERVED

    def start(self, request: CheckRequest, key: EffectKey) -> None:
        """Nothing to begin: `observe` measures."""

    def observe(self, request: CheckRequest, key: EffectKey) -> CheckProgress:
        query = fill(self.query, words_of(request))
        try:
            answer = self.client.get(query_address(self.url), {"query": query})
        except Unavailable as fault:
            return _reading(Verdict.INCONCLUSIVE, fault.sentence, fault.sentence.encode(), query)
        except Rejected as fault:
            return _reading(Verdict.ERROR, fault.sentence, fault.sentence.encode(), query)
        try:
            values = read_values(answer)
        except NoValue as none:
            return _reading(none.verdict, str(none), answer.body or str(none).encode(), query)
        verdict, sentence = judge(values, self.samples, self.comparison, self.bound)
        return _reading(verdict, sentence, answer.body, query, values)

    def cancel(self, key: EffectKey) -> None:
        """Nothing runs between calls."""


class NoValue(Exception):
    """The answer holds no number to judge."""

    def __init__(self, verdict: Verdict, sentence: str) -> None:
        super().__init__(sentence)
        self.verdict = verdict


def read_values(answer: Answer) -> list[float]:
    """The numbers in an answer of Prometheus, which may be none; NaN and infinities are among them."""
    match decode(answer):
        case Strange() if answer.status != _OK:
            raise NoValue(Verdict.INCONCLUSIVE, f"'status {answer.status}' is all that was answered")
        case Strange(sentence):
            raise NoValue(Verdict.ERROR, sentence)
        case Failure(error):
            raise NoValue(Verdict.INCONCLUSIVE, f"Prometheus answers with status {answer.status}: {error}")
        case Success(warnings=[first, *_]):
            raise NoValue(Verdict.INCONCLUSIVE, f"the answer may be partial: {first}")
        case Success(data=Vector(result)):
            return [_number(sample.value[1]) for sample in result]
        case Success(data=Scalar((_, value))):
            return [_number(value)]
        case Success():
            raise NoValue(Verdict.ERROR, "the query gives a range or a text, and a number is to be judged")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as fault:
        raise NoValue(Verdict.ERROR, f"the answer is not one of Prometheus: '{text}' is no number") from fault


def judge(values: list[float], samples: Samples, comparison: Comparison, bound: float) -> tuple[Verdict, str]:
    """Rules 1 and 2 over the values, with the sentence that says so."""
    if not values:
        return Verdict.INCONCLUSIVE, "the query gives no sample"
    if len(values) > 1 and samples is Samples.ONE:
        return Verdict.INCONCLUSIVE, f"the query gives {len(values)} samples, and one is to be judged"
    wrong = [value for value in values if math.isfinite(value) and not keeps(value, comparison, bound)]
    words = comparison.value.replace("_", " ")
    if wrong:
        return Verdict.FAIL, f"{wrong[0]:g} is not {words} {bound:g}"
    odd = [value for value in values if not math.isfinite(value)]
    if odd:
        return Verdict.INCONCLUSIVE, f"{odd[0]} is not a number that can be judged"
    return Verdict.PASS, f"{values[0]:g} is {words} {bound:g}" if len(values) == 1 else f"all are {words} {bound:g}"


def keeps(value: float, comparison: Comparison, bound: float) -> bool:
    """Whether a finite value keeps to the bound."""
    match comparison:
        case Comparison.AT_MOST:
            return value <= bound
        case Comparison.AT_LEAST:
            return value >= bound
        case Comparison.BELOW:
            return value < bound
        case Comparison.ABOVE:
            return value > bound


def _reading(verdict: Verdict, sentence: str, report: bytes, query: str, values: list[float] | None = None) -> Reading:
    measured = {"query": query, "values": ", ".join(f"{value:g}" for value in values[:10])} if values else {}
    return Reading(verdict, one_line(sentence), report, "application/json", Uncounted(), measured or {"query": query})
