# SPDX-License-Identifier: Apache-2.0
"""What machines ask: is it well, which release is it, what has it counted."""

import sqlite3
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

from outreach import database, jobs, measures, pages
from outreach.faults import STALENESS
from outreach.jobs import LaneState
from outreach.web import Response, Visit, as_json

OPENAPI = Path(__file__).resolve().parents[2] / "openapi.json"


def health(visit: Visit) -> Response:
    """Well means: the data can be read, and it has every migration that this release needs."""
    checks = {"database": "ok", "migrations": "ok"}
    try:
        with visit.service.database.reading() as connection:
            missing = database.pending(connection)
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as fault:
        checks = {"database": str(fault), "migrations": "unknown"}
    else:
        if missing:
            checks["migrations"] = f"{len(missing)} pending, first {missing[0].number:04}"
    well = set(checks.values()) == {"ok"}
    return as_json(
        {"status": "ok" if well else "failing", "version": visit.service.version, "checks": checks},
        HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE,
    )


def version(visit: Visit) -> Response:
    return as_json({"version": visit.service.version})


def metrics(visit: Visit) -> Response:
    with visit.service.database.reading() as connection:
        gauges = measures.of_data(connection, visit.now, _lag(visit))
    text = visit.service.metrics.text(visit.service.version, gauges)
    return Response(HTTPStatus.OK, text.encode(), "text/plain; version=0.0.4; charset=utf-8")


def queue(visit: Visit) -> Response:
    """How much work waits, for how long, and what failed lately. No word of what the jobs are about."""
    with visit.service.database.reading() as connection:
        state = jobs.state(connection, visit.now)
    lanes = {name: _lane(lane) for name, lane in state.lanes.items()}
    return as_json({**_lane(state.whole), "lanes": lanes, "pulses": state.pulses})


def freshness(visit: Visit) -> Response:
    """When the figures that are longest not refreshed were counted, of all campaigns."""
    with visit.service.database.reading() as connection:
        found = measures.freshness(connection, visit.now, _lag(visit))
    return as_json({"campaigns": found.campaigns, "refreshed_at": found.refreshed_at, "age_seconds": found.age_seconds})


def openapi(visit: Visit) -> Response:
    return Response(HTTPStatus.OK, OPENAPI.read_bytes(), "application/json")


def style(visit: Visit) -> Response:
    return Response(HTTPStatus.OK, pages.STYLE.encode(), "text/css; charset=utf-8")


def _lane(lane: LaneState) -> dict[str, object]:
    return {"depth": lane.depth, "oldest_seconds": round(lane.oldest_seconds, 3), "failed": lane.failed}


def _lag(visit: Visit) -> timedelta:
    return STALENESS if visit.service.faults.on("stale-data") else timedelta(0)
