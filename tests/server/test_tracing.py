# SPDX-License-Identifier: Apache-2.0
import json
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from tests.identity.issuer import issuing

from interlock.server.door import Seen
from interlock.server.tracing import HELD, Traced
from interlock.telemetry import Log

NOW = datetime(2026, 3, 4, tzinfo=UTC)
SEEN = Seen("GET", "/v1/releases/{id}", 200, 0.25)
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def _told(*seen: Seen, status: int = 200) -> tuple[list[Any], Traced]:
    """The spans a collector is told, which answers with this status."""
    with issuing() as collector:
        collector.pages["/v1/traces"] = (status, b"{}")
        traced = Traced(collector.url, lambda size: b"\1" * size, Log(StringIO()), every=0.01)
        traced.start()
        for one in seen:
            traced.see(one, NOW)
        traced.close()
        bodies = [json.loads(body) for body in collector.asked if body.startswith("{")]
    return [span for body in bodies for span in body["resourceSpans"][0]["scopeSpans"][0]["spans"]], traced


def test_a_request_is_told_as_a_span_with_its_route_and_outcome() -> None:
    (span,), _ = _told(SEEN)
    assert (span["name"], span["traceId"], span["spanId"]) == ("GET /v1/releases/{id}", "01" * 16, "01" * 8)
    assert int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"]) == 250_000_000
    assert {"key": "http.response.status_code", "value": {"intValue": "200"}} in span["attributes"]
    assert span["status"] == {}


def test_a_fault_is_told_as_one() -> None:
    (span,), _ = _told(Seen("GET", "/", 500, 0.1))
    assert span["status"] == {"code": 2}


def test_a_trace_that_a_client_began_goes_on() -> None:
    (span,), _ = _told(Seen("GET", "/", 200, 0.1, f"00-{TRACE}-{SPAN}-01"))
    assert (span["traceId"], span["parentSpanId"]) == (TRACE, SPAN)


@pytest.mark.parametrize("said", ["", "x", f"00-{TRACE}-{'0' * 16}-01", f"00-{TRACE.upper()}-{SPAN}-01"])
def test_what_is_no_trace_is_not_gone_on_with(said: str) -> None:
    (span,), _ = _told(Seen("GET", "/", 200, 0.1, said))
    assert span["parentSpanId"] == ""


def test_what_a_collector_does_not_take_is_counted_and_nobody_waits() -> None:
    _, traced = _told(SEEN, SEEN, status=503)
    assert traced.lost == 2


def test_a_collector_that_is_gone_costs_its_spans_alone() -> None:
    with issuing() as collector:
        address = collector.url
    out = StringIO()
    traced = Traced(address, lambda size: b"\1" * size, Log(out), every=0.01)
    traced.start()
    traced.see(SEEN, NOW)
    traced.close()
    assert traced.lost == 1
    assert json.loads(out.getvalue())["event"] == "traces-lost"


def test_of_too_many_the_newest_are_given_up() -> None:
    traced = Traced("http://127.0.0.1:9", lambda size: b"\1" * size, Log(StringIO()))
    for _ in range(HELD + 3):
        traced.see(SEEN, NOW)
    assert traced.lost == 3
