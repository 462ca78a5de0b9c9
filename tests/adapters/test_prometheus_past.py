# SPDX-License-Identifier: Apache-2.0
"""What a real Prometheus kept, read back interval by interval."""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.adapters.loopback import Page, Site, serving
from tests.adapters.prometheus_world import Prometheus, scraping

from interlock.adapters.prometheus_past import PrometheusPast, Span
from interlock.cli.main import main
from interlock.ports.failure import Rejected, Unavailable

REQUESTS = 'asked_total{version="{arm}"}'
ERRORS = 'failed_total{version="{arm}"}'
FASTER = 'took_bucket{version="{arm}",le="{edge}"}'


@dataclass
class Kept:
    prometheus: Prometheus
    site: Site
    began: float
    ended: float

    def past(self, **others: str) -> PrometheusPast:
        words = {"requests": REQUESTS, "errors": ERRORS, "faster": FASTER} | others
        edges = ("0.25",) if words["faster"] else ()
        return PrometheusPast(self.prometheus.url, words["requests"], words["errors"], words["faster"], edges)

    @property
    def span(self) -> Span:
        return Span(self.began, self.ended, 1.0)


def page(number: int) -> Page:
    lines = []
    for version, each in (("v1", 90), ("v2", 10)):
        lines += [
            f'asked_total{{version="{version}"}} {each * number}',
            f'failed_total{{version="{version}"}} {number}',
            f'took_bucket{{version="{version}",le="0.25"}} {each * number - 3 * number}',
        ]
    return Page(("\n".join(lines) + "\n").encode(), 200, {"content-type": "text/plain"})


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with serving({"/metrics": page(1)}) as site, scraping(tmp_path_factory.mktemp("past"), site.port) as prometheus:
        prometheus.wait_for("asked_total", "v1")
        began = time.time()
        for number in range(2, 7):
            site.pages["/metrics"] = page(number)
            prometheus.wait_for('asked_total{version="v1"}', f'"{90 * number}"')
        time.sleep(1.0)
        yield Kept(prometheus, site, began, time.time())


def test_what_grew_between_two_moments_is_what_was_counted(kept: Kept) -> None:
    told = kept.past().intervals("v1", "v2", kept.span)
    asked = [one.stable.all for one in told if not math.isnan(one.stable.all)]
    assert 0 < sum(asked) <= 90 * 5
    assert all(one.candidate.all == pytest.approx(one.stable.all / 9) for one in told if one.stable.all > 0)
    assert all(one.stable.slower[0] == pytest.approx(one.stable.all / 30) for one in told if one.stable.all > 0)
    assert all(one.edges == (250_000,) for one in told)


def test_what_is_faster_must_be_part_of_what_was_asked(kept: Kept) -> None:
    with pytest.raises(Rejected, match=r"'v1' has \d+ requests faster than 0.25 s of \d+"):
        kept.past(faster=f"{FASTER} * 5").intervals("v1", "v2", kept.span)


def test_a_name_nobody_counts_under_is_said(kept: Kept) -> None:
    with pytest.raises(Unavailable, match="nothing was counted of 'v9'"):
        kept.past(faster="").intervals("v1", "v9", kept.span)


def test_who_says_nothing_of_errors_is_not_taken_to_have_none(kept: Kept) -> None:
    with pytest.raises(Unavailable, match="how many errors 'v1' had") as caught:
        kept.past(faster="", errors='faild_total{version="{arm}"}').intervals("v1", "v2", kept.span)
    assert "or 0 *" in caught.value.next_step


def test_what_begins_with_its_first_error_is_none_until_then(kept: Kept) -> None:
    none_yet = 'never_total{version="{arm}"} or 0 * asked_total{version="{arm}"}'
    told = kept.past(faster="", errors=none_yet).intervals("v1", "v2", kept.span)
    assert {one.stable.bad for one in told if one.stable.all > 0} == {(0.0,)}


def test_the_command_of_the_page_reads_the_same(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--prometheus", kept.prometheus.url, "--stable", "v1", "--candidate", "v2", "--edges", "0.25")
    queries = ("--requests", REQUESTS, "--errors", f"{ERRORS} or 0 * {REQUESTS}", "--faster", FASTER)
    assert main(["judge", *words, *queries, "--since", "6s", "--every", "1s", "--json"]) in {0, 1, 5}
    told = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in told["metrics"]] == ["errors", "latency"]
    assert (told["metrics"][0]["stable"]["requests"] > 0, told["intervals"]) == (True, 6)


def test_a_query_that_is_none_is_declined(kept: Kept) -> None:
    with pytest.raises(Rejected, match="declines the query"):
        kept.past(requests="sum({arm}").intervals("v1", "v2", kept.span)


def test_a_placeholder_that_is_none_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(Rejected, match="placeholder"):
        PrometheusPast("http://127.0.0.1:9", "x{arn}", "y")
    with pytest.raises(Rejected, match="need each other"):
        PrometheusPast("http://127.0.0.1:9", "x", "y", "z")
