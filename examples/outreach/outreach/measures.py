# SPDX-License-Identifier: Apache-2.0
"""What is measured of the data when somebody asks for metrics: numbers about everybody, names of nobody."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach import campaigns, flags, jobs, tasks
from outreach.jobs import LaneState
from outreach.metrics import Gauge


@dataclass(frozen=True)
class Freshness:
    """How old the oldest figures are. Without a campaign nothing is old, and `refreshed_at` is empty."""

    campaigns: int
    refreshed_at: str
    age_seconds: float


def freshness(connection: sqlite3.Connection, now: datetime, lag: timedelta) -> Freshness:
    """How fresh the figures of all campaigns are, were they read from a copy that lags so much behind."""
    for row in campaigns.oldest_refresh(connection):
        counted = datetime.fromisoformat(row["refreshed_at"]) - lag
        age = max(0.0, (now - counted).total_seconds())
        return Freshness(row["campaigns"], counted.isoformat(), round(age, 3))
    return Freshness(0, "", 0.0)


def of_data(connection: sqlite3.Connection, now: datetime, lag: timedelta) -> list[Gauge]:
    """The gauges of the whole service."""
    lanes = jobs.state(connection, now).lanes
    fresh = freshness(connection, now, lag)
    switched = flags.states(connection)
    return [
        Gauge("outreach_tasks", "Tasks by state.", _by("state", tasks.counts(connection))),
        Gauge("outreach_campaigns", "Campaigns.", (({}, fresh.campaigns),)),
        Gauge("outreach_figures_age_seconds", "Age of the oldest figures of a campaign.", (({}, fresh.age_seconds),)),
        Gauge("outreach_queue_depth", "Jobs that have not ended.", _by("lane", _depths(lanes))),
        Gauge(
            "outreach_queue_oldest_seconds",
            "How long the first of them has been there.",
            _by("lane", {name: state.oldest_seconds for name, state in lanes.items()}),
        ),
        Gauge(
            "outreach_queue_failed",
            "Jobs that failed for good within the last hour.",
            _by("lane", {name: state.failed for name, state in lanes.items()}),
        ),
        Gauge(
            "outreach_feature_flag",
            "Whether a feature is switched on.",
            _by("name", {name: state == "on" for name, state in switched.items()}),
        ),
    ]


def _depths(lanes: Mapping[str, LaneState]) -> dict[str, int]:
    return {name: state.depth for name, state in lanes.items()}


def _by(label: str, values: Mapping[str, float]) -> tuple[tuple[dict[str, str], float], ...]:
    return tuple(({label: name}, float(value)) for name, value in sorted(values.items()))
