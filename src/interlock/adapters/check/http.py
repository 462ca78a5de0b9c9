# SPDX-License-Identifier: Apache-2.0
"""A check that asks addresses and compares what they answer.

Every address must answer as expected at every attempt. One wrong answer is FAIL, and stays FAIL whatever others say; an
address that does not answer is INCONCLUSIVE; an answer that should be JSON and is not is an ERROR. Nothing runs between
calls: it is measured when it is observed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from interlock.adapters.checkcommand import words_of
from interlock.adapters.http import Answer, HttpClient, parse_address
from interlock.adapters.placeholders import RELEASE_WORDS, fill, require_known
from interlock.adapters.wording import cut, one_line
from interlock.domain.ids import EffectKey
from interlock.domain.verdict import Verdict, worst
from interlock.ledger.record import Json
from interlock.ports.check import CheckProgress, CheckRequest, Reading, Uncounted
from interlock.ports.failure import Deduplication, Rejected, Unavailable

ENDPOINT: Final = "{endpoint}"
"""Where each instance of the release listens (host:port), in an environment whose traffic is split."""


@dataclass(frozen=True, slots=True)
class AnyBody:
    """The status is all that is looked at."""


@dataclass(frozen=True, slots=True)
class FieldEquals:
    """The body is JSON, and what `pointer` (RFC 6901, or the plain name of a field) names is the text `value`."""

    pointer: str
    value: str


@dataclass(frozen=True, slots=True)
class HttpCheck:
    """`urls` and the expected value may hold the words of `RELEASE_WORDS` in braces, `urls` also `{endpoint}`."""

    urls: tuple[str, ...]
    status: int = 200
    body: AnyBody | FieldEquals = AnyBody()
    attempts: int = 1
    client: HttpClient = field(default_factory=HttpClient)
    report_bytes: int = 100_000

    def __post_init__(self) -> None:
        if not self.urls or self.attempts < 1:
            raise Rejected("check.no_address", "the check asks no address", "write at least one address and attempt")
        value = (self.body.value,) if isinstance(self.body, FieldEquals) else ()
        plain = tuple(url.replace(ENDPOINT, "127.0.0.1:1") for url in self.urls)
        require_known((*plain, *value), RELEASE_WORDS)
        for url in plain:
            parse_address(fill(url, dict.fromkeys(RELEASE_WORDS, "x")))

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.OBSERVED

    def start(self, request: CheckRequest, key: EffectKey) -> None:
        """Nothing to begin: `observe` measures."""

    def observe(self, request: CheckRequest, key: EffectKey) -> CheckProgress:
        words = words_of(request)
        urls = tuple(self._addresses(request))
        if not urls:
            return _nowhere()
        results = [self._ask(fill(url, words), words) for _ in range(self.attempts) for url in urls]
        verdict = worst(result for result, _, _ in results)
        told = next(sentence for result, sentence, _ in results if result is verdict)
        passed = sum(result is Verdict.PASS for result, _, _ in results)
        report = "\n".join(f"{result}: {sentence}\n{body}" for result, sentence, body in results)
        return Reading(
            verdict,
            one_line(told),
            cut(report.encode(), self.report_bytes),
            "text/plain",
            Uncounted(),
            {"requests": str(len(results)), "passed": str(passed)},
        )

    def cancel(self, key: EffectKey) -> None:
        """Nothing runs between calls."""

    def _addresses(self, request: CheckRequest) -> Iterator[str]:
        """Every address; one with `{endpoint}` once for each of the release's instances."""
        for url in self.urls:
            if ENDPOINT in url:
                yield from (url.replace(ENDPOINT, endpoint) for endpoint in request.endpoints)
            else:
                yield url

    def _ask(self, url: str, words: Mapping[str, str]) -> tuple[Verdict, str, str]:
        try:
            answer = self.client.get(url)
        except Unavailable as fault:
            return Verdict.INCONCLUSIVE, fault.sentence, ""
        except Rejected as fault:
            return Verdict.ERROR, fault.sentence, ""
        verdict, sentence = self._judge(answer, words)
        return verdict, f"{url}: {sentence}", answer.body.decode("utf-8", "replace")

    def _judge(self, answer: Answer, words: Mapping[str, str]) -> tuple[Verdict, str]:
        if answer.status != self.status:
            return Verdict.FAIL, f"status {answer.status}, expected {self.status}"
        match self.body:
            case AnyBody():
                return Verdict.PASS, f"status {answer.status}"
            case FieldEquals(pointer, value):
                return judge_field(answer.body, pointer, fill(value, words))


def _nowhere() -> Reading:
    sentence = "nothing says where its instances listen: the environment's traffic is not split"
    return Reading(Verdict.ERROR, sentence, sentence.encode(), "text/plain", Uncounted(), {})


def judge_field(body: bytes, pointer: str, expected: str) -> tuple[Verdict, str]:
    """Whether the field is there and is exactly that text; what is no text is compared as JSON writes it."""
    try:
        document: Json = json.loads(body)
    except (ValueError, RecursionError):
        return Verdict.ERROR, "the answer is not JSON"
    try:
        found = at(document, pointer)
    except LookupError:
        return Verdict.FAIL, f"there is no field '{pointer}'"
    text = found if isinstance(found, str) else json.dumps(found)
    if text != expected:
        return Verdict.FAIL, f"'{pointer}' is '{text}', expected '{expected}'"
    return Verdict.PASS, f"'{pointer}' is '{expected}'"


def at(document: Json, pointer: str) -> Json:
    """The value that a JSON pointer (RFC 6901) names; a pointer without a slash is the name of a field."""
    tokens = pointer.split("/")[1:] if pointer.startswith("/") else [pointer]
    found = document
    for token in tokens:
        name = token.replace("~1", "/").replace("~0", "~")
        match found:
            case dict():
                found = found[name]
            case list() if name.isdecimal() and (name == "0" or not name.startswith("0")):
                found = found[int(name)]
            case _:
                raise LookupError(pointer)
    return found
