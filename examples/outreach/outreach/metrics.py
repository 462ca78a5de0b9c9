# SPDX-License-Identifier: Apache-2.0
"""What the process counts, in the text format that Prometheus reads. Counts begin anew with the process."""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


@dataclass(frozen=True)
class Gauge:
    """Something that was measured when it was asked for. A sample is its labels and its value."""

    name: str
    about: str
    samples: tuple[tuple[dict[str, str], float], ...]

    def lines(self) -> list[str]:
        """As Prometheus reads it."""
        head = [f"# HELP {self.name} {self.about}", f"# TYPE {self.name} gauge"]
        return head + [f"{self.name}{_labels(labels)} {value:g}" for labels, value in self.samples]


class Metrics:
    """Counters and one histogram; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: Counter[float] = Counter()
        self._seconds = 0.0
        self._count = 0

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answered request. `route` is the pattern, never the address, so that labels stay few."""
        with self._lock:
            self._requests[method, route, status] += 1
            self._seconds += seconds
            self._count += 1
            self._buckets.update(bound for bound in BUCKETS if seconds <= bound)

    def text(self, version: str, gauges: Iterable[Gauge]) -> str:
        """The whole page: what was counted here, then what was measured of the data."""
        with self._lock:
            requests = sorted(self._requests.items())
            buckets = [(bound, self._buckets[bound]) for bound in BUCKETS]
            seconds, count = self._seconds, self._count
        lines = [
            "# HELP outreach_build_info The release that answers.",
            "# TYPE outreach_build_info gauge",
            f'outreach_build_info{{version="{version}"}} 1',
            "# HELP outreach_http_requests_total Requests answered.",
            "# TYPE outreach_http_requests_total counter",
        ]
        lines += [
            f'outreach_http_requests_total{{method="{method}",route="{route}",status="{status}"}} {number}'
            for (method, route, status), number in requests
        ]
        lines += [
            "# HELP outreach_http_request_seconds How long requests took.",
            "# TYPE outreach_http_request_seconds histogram",
        ]
        lines += [f'outreach_http_request_seconds_bucket{{le="{bound}"}} {number}' for bound, number in buckets]
        lines += [
            f'outreach_http_request_seconds_bucket{{le="+Inf"}} {count}',
            f"outreach_http_request_seconds_sum {seconds:.6f}",
            f"outreach_http_request_seconds_count {count}",
        ]
        lines += [line for gauge in gauges for line in gauge.lines()]
        return "\n".join(lines) + "\n"


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{value}"' for name, value in sorted(labels.items())) + "}"
