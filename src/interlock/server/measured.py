# SPDX-License-Identifier: Apache-2.0
"""The numbers of a server, in the text form of Prometheus."""

from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from interlock.server.door import Seen

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(slots=True)
class Measured:
    """What one server counts. Labels are routes and words of ours, never what somebody sent."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    answers: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    door: Counter = field(init=False)
    records: Gauge = field(init=False)
    lag: Gauge = field(init=False)

    def __post_init__(self) -> None:
        labels = ["method", "route"]
        self.answers = Counter(
            "interlock_http_answers", "Requests answered.", [*labels, "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "interlock_http_seconds", "Seconds until an answer began.", labels, registry=self.registry
        )
        self.door = Counter("interlock_door", "What happened at the door.", ["what"], registry=self.registry)
        self.records = Gauge("interlock_ledger_records", "Records of the ledger.", registry=self.registry)
        self.lag = Gauge(
            "interlock_driver_lag_seconds", "Seconds since the driver last came through.", registry=self.registry
        )

    def see(self, seen: Seen) -> None:
        """Count one answer."""
        self.answers.labels(seen.method, seen.route, str(seen.status)).inc()
        self.seconds.labels(seen.method, seen.route).observe(seen.seconds)

    def text(self) -> bytes:
        """All of it."""
        return generate_latest(self.registry)
