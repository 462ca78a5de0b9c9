# SPDX-License-Identifier: Apache-2.0
"""What a real Prometheus kept, read back interval by interval."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.adapters.loopback import Page, Site, serving
from tests.adapters.prometheus_world import Prometheus, scraping

from interlock.adapters.prometheus_past import PrometheusPast, Span
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
    told = kept.past().intervals("v1", "v2", kept.span, 0.1)
    asked = [one.stable.all for one in told if not math.isnan(one.stable.all)]
    assert 0 < sum(asked) <= 90 * 5
    assert all(one.candidate.all == pytest.approx(one.stable.all / 9) for one in told if one.stable.all > 0)
    assert all(one.stable.slower[0] == pytest.approx(one.stable.all / 30) for one in told if one.stable.all > 0)
    assert all((one.edges, one.weight) == ((250_000,), 0.1) for one in told)


def test_a_name_nobody_counts_under_is_said(kept: Kept) -> None:
    with pytest.raises(Unavailable, match="nothing was counted of 'v9'"):
        kept.past(faster="").intervals("v1", "v9", kept.span)


def test_a_query_that_is_none_is_declined(kept: Kept) -> None:
    with pytest.raises(Rejected, match="declines the query"):
        kept.past(requests="sum(").intervals("v1", "v2", kept.span)


def test_a_placeholder_that_is_none_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(Rejected, match="placeholder"):
        PrometheusPast("http://127.0.0.1:9", "x{arn}", "y")
    with pytest.raises(Rejected, match="need each other"):
        PrometheusPast("http://127.0.0.1:9", "x", "y", "z")
