# SPDX-License-Identifier: Apache-2.0
"""Judging PromQL queries: the kit against a real Prometheus that scrapes a page of ours."""

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.adapters.check.rig import request
from tests.adapters.loopback import Page, serving
from tests.adapters.prometheus_world import scraping
from tests.ports import free_port

from interlock.adapters.check.promql import Comparison, NoValue, PromqlCheck, Samples, judge, read_values
from interlock.adapters.http import Answer, HttpClient
from interlock.domain.ids import ReleaseId
from interlock.domain.verdict import Verdict
from interlock.ports.check import Checker, CheckRequest, Reading
from interlock.ports.failure import Rejected
from interlock.testing.contracts.check import KEY, CheckerContract

METRICS = b"""
demo_errors{version="pass"} 2
demo_errors{version="fail"} 9
demo_errors{version="twice",instance_name="a"} 1
demo_errors{version="twice",instance_name="b"} 9
demo_errors{version="nan"} NaN
demo_errors{version="infinite"} +Inf
"""


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prometheus on loopback that has scraped the metrics above."""
    folder = tmp_path_factory.mktemp("prometheus")
    with (
        serving({"/metrics": Page(METRICS, headers={"Content-Type": "text/plain"})}) as site,
        scraping(folder, site.port) as server,
    ):
        server.wait_for("demo_errors", "twice")
        yield server.url


class PromqlRig:
    """The release's name is the whole query, so that one check can be asked for every kind of answer."""

    def __init__(self, url: str) -> None:
        self.url = url

    def checker(self) -> Checker:
        return PromqlCheck(self.url, "{release}", Comparison.AT_MOST, 5)

    def asking(self, verdict: Verdict) -> CheckRequest:
        queries = {
            Verdict.PASS: 'demo_errors{version="pass"}',
            Verdict.FAIL: 'demo_errors{version="fail"}',
            Verdict.INCONCLUSIVE: 'demo_errors{version="missing"}',
            Verdict.ERROR: "demo_errors[5m]",
        }
        return replace(request("1.1.0"), release=ReleaseId(queries[verdict]))

    def report_limit(self) -> int:
        return HttpClient().max_bytes

    def wait(self) -> None:
        """It answers at once."""


class TestPromqlCheck(CheckerContract):
    @pytest.fixture
    def rig(self, prometheus: str) -> PromqlRig:
        return PromqlRig(prometheus)


def read(check: PromqlCheck, version: str = "pass") -> Reading:
    reading = check.observe(request(version), KEY)
    assert isinstance(reading, Reading)
    return reading


BY_VERSION = 'demo_errors{version="{version}"}'


@pytest.mark.parametrize(
    ("query", "verdict"),
    [
        ("vector(3)", Verdict.PASS),
        ("scalar(vector(3))", Verdict.PASS),
        ("7", Verdict.FAIL),
        ('demo_errors{version="nan"}', Verdict.INCONCLUSIVE),
        ('demo_errors{version="infinite"}', Verdict.INCONCLUSIVE),
        ("1 / 0", Verdict.INCONCLUSIVE),
        ("no_such_metric", Verdict.INCONCLUSIVE),
        ('demo_errors{version="twice"}', Verdict.INCONCLUSIVE),
        ("sum(", Verdict.INCONCLUSIVE),
        ("'text'", Verdict.ERROR),
    ],
)
def test_what_prometheus_answers_is_judged(prometheus: str, query: str, verdict: Verdict) -> None:
    assert read(PromqlCheck(prometheus, query, Comparison.AT_MOST, 5)).verdict is verdict


def test_the_query_is_about_the_version_that_is_asked_about(prometheus: str) -> None:
    check = PromqlCheck(prometheus, BY_VERSION, Comparison.AT_MOST, 5)
    assert [read(check, version).verdict for version in ("pass", "fail")] == [Verdict.PASS, Verdict.FAIL]


def test_the_value_and_the_query_are_measured(prometheus: str) -> None:
    measured = read(PromqlCheck(prometheus, BY_VERSION, Comparison.AT_MOST, 5)).measured
    assert measured == {"query": 'demo_errors{version="pass"}', "values": "2"}


@pytest.mark.parametrize(("bound", "verdict"), [(9, Verdict.PASS), (8, Verdict.FAIL)])
def test_every_sample_must_keep_to_the_bound_when_all_are_asked(
    prometheus: str, bound: float, verdict: Verdict
) -> None:
    check = PromqlCheck(prometheus, BY_VERSION, Comparison.AT_MOST, bound, Samples.EVERY)
    assert read(check, "twice").verdict is verdict


def test_a_prometheus_that_is_not_there_is_inconclusive() -> None:
    check = PromqlCheck(f"http://127.0.0.1:{free_port()}", "up", Comparison.AT_LEAST, 1)
    assert read(check).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("comparison", "holds"),
    [
        (Comparison.AT_MOST, (True, True, False)),
        (Comparison.AT_LEAST, (False, True, True)),
        (Comparison.BELOW, (True, False, False)),
        (Comparison.ABOVE, (False, False, True)),
    ],
)
def test_a_bound_is_compared_as_its_word_says(comparison: Comparison, holds: tuple[bool, ...]) -> None:
    verdicts = [judge([value], Samples.ONE, comparison, 5)[0] for value in (4.9, 5, 5.1)]
    assert verdicts == [Verdict.PASS if held else Verdict.FAIL for held in holds]


@pytest.mark.parametrize("values", [[], [math.nan], [math.inf], [-math.inf], [1, math.nan]])
def test_without_numbers_nothing_is_concluded(values: list[float]) -> None:
    assert judge(values, Samples.EVERY, Comparison.AT_MOST, 5)[0] is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, b"", Verdict.ERROR),
        (200, b"<html>", Verdict.ERROR),
        (200, b"[]", Verdict.ERROR),
        (200, b'{"status": "fine"}', Verdict.ERROR),
        (200, b'{"status": "success", "data": {}}', Verdict.ERROR),
        (200, b'{"status": "success", "data": {"resultType": "table", "result": []}}', Verdict.ERROR),
        (200, b'{"status": "success", "data": {"resultType": "scalar", "result": [1, "many"]}}', Verdict.ERROR),
        (200, b'{"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}}]}}', Verdict.ERROR),
        (200, b'{"status": "error", "errorType": "execution", "error": "too heavy"}', Verdict.INCONCLUSIVE),
        (503, b'{"status": "error", "error": "starting"}', Verdict.INCONCLUSIVE),
        (502, b"<html>", Verdict.INCONCLUSIVE),
        (
            200,
            b'{"status": "success", "warnings": ["down"], "data": {"resultType": "scalar", "result": [1, "1"]}}',
            Verdict.INCONCLUSIVE,
        ),
    ],
)
def test_an_answer_without_a_number_is_never_a_pass(status: int, body: bytes, verdict: Verdict) -> None:
    with pytest.raises(NoValue) as none:
        read_values(Answer(status, body, "application/json"))
    assert none.value.verdict is verdict


@pytest.mark.parametrize(
    ("url", "query", "bound"), [("prometheus", "up", 1), ("http://p", "{x}", 1), ("http://p", "up", math.nan)]
)
def test_what_cannot_be_asked_is_refused_when_it_is_built(url: str, query: str, bound: float) -> None:
    with pytest.raises(Rejected):
        PromqlCheck(url, query, Comparison.AT_MOST, bound)
