# SPDX-License-Identifier: Apache-2.0
"""Traces, for who asked for them: each request as one span, told to a collector by OTLP over HTTP as JSON.

1. Nobody waits for the collector. What it does not take in time is given up, and counted in the next line of the log.
2. A span has the route and the outcome, never a path, a query, a header or a name that somebody sent.

The form is small and fixed, so it is written here; the protocol's own libraries would double what a server loads.
"""

import json
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

import urllib3
from urllib3.exceptions import HTTPError

from interlock.server.door import Seen
from interlock.telemetry import Log

HELD: Final = 2048
"""Spans that wait for the collector; of more, the newest are given up."""
TOGETHER: Final = 200
EVERY: Final = 2.0
"""Seconds between two tellings."""
TIMEOUT: Final = 5.0
SERVER: Final = 2
FAILED: Final = 2
_FAULT: Final = 500
_TRACE_BYTES: Final = 16
_SPAN_BYTES: Final = 8


class Tracing(Protocol):
    """Who is told of every request."""

    def see(self, seen: Seen, at: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Untraced:
    """Nobody."""

    def see(self, seen: Seen, at: datetime) -> None:
        """Do nothing."""


@dataclass(slots=True)
class Traced:
    """A collector at `address`. `draw` gives that many random bytes."""

    address: str
    draw: Callable[[int], bytes]
    log: Log
    every: float = EVERY
    lost: int = 0
    _waiting: "queue.Queue[tuple[datetime, dict[str, object]]]" = field(default_factory=lambda: queue.Queue(HELD))
    _done: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._tell_on, name="tracing", daemon=True)

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def close(self) -> None:
        """Tell what is left, and end."""
        self._done.set()
        self._thread.join(TIMEOUT)

    def see(self, seen: Seen, at: datetime) -> None:
        """Have it told soon."""
        try:
            self._waiting.put_nowait((at, self._span(seen, at)))
        except queue.Full:
            self.lost += 1

    def _span(self, seen: Seen, at: datetime) -> dict[str, object]:
        trace, parent = _begun_elsewhere(seen.traceparent)
        end = int(at.timestamp() * 1e9)
        return {
            "traceId": trace or self.draw(_TRACE_BYTES).hex(),
            "spanId": self.draw(_SPAN_BYTES).hex(),
            "parentSpanId": parent,
            "name": f"{seen.method} {seen.route}",
            "kind": SERVER,
            "startTimeUnixNano": str(end - int(seen.seconds * 1e9)),
            "endTimeUnixNano": str(end),
            "attributes": [
                {"key": "http.request.method", "value": {"stringValue": seen.method}},
                {"key": "http.route", "value": {"stringValue": seen.route}},
                {"key": "http.response.status_code", "value": {"intValue": str(seen.status)}},
            ],
            "status": {"code": FAILED} if seen.status >= _FAULT else {},
        }

    def _tell_on(self) -> None:
        while not self._done.wait(self.every):
            self._tell()
        self._tell()

    def _tell(self) -> None:
        while spans := self._some():
            at, body = spans[-1][0], _request([span for _, span in spans])
            try:
                answer = urllib3.request(
                    "POST",
                    f"{self.address.rstrip('/')}/v1/traces",
                    body=body,
                    headers={"content-type": "application/json"},
                    timeout=TIMEOUT,
                    retries=False,
                    redirect=False,
                )
                taken = answer.status < 300  # noqa: PLR2004  # what HTTP calls a success
            except HTTPError:
                taken = False
            if not taken:
                self.lost += len(spans)
                self.log.line(at, "traces-lost", {"count": self.lost})

    def _some(self) -> list[tuple[datetime, dict[str, object]]]:
        found: list[tuple[datetime, dict[str, object]]] = []
        while len(found) < TOGETHER:
            try:
                found.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return found


def _begun_elsewhere(traceparent: str) -> tuple[str, str]:
    """The trace and the span a client began (W3C Trace Context); empty when it began none that can be gone on with."""
    parts = traceparent.split("-")
    sizes = [2, 2 * _TRACE_BYTES, 2 * _SPAN_BYTES, 2]
    is_one = [len(part) for part in parts] == sizes and all(set(part) <= set("0123456789abcdef") for part in parts)
    return (parts[1], parts[2]) if is_one and set(parts[1]) != {"0"} and set(parts[2]) != {"0"} else ("", "")


def _request(spans: list[dict[str, object]]) -> bytes:
    service = [{"key": "service.name", "value": {"stringValue": "interlock"}}]
    scoped = [{"scope": {"name": "interlock"}, "spans": spans}]
    return json.dumps({"resourceSpans": [{"resource": {"attributes": service}, "scopeSpans": scoped}]}).encode()
