# SPDX-License-Identifier: Apache-2.0
"""What machines ask: is it well, which release is it, what has it counted."""

import sqlite3
from http import HTTPStatus

from outreach import database, pages, tasks
from outreach.web import Response, Visit, as_json


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
        counted = tasks.counts(connection)
    text = visit.service.metrics.text(visit.service.version, counted)
    return Response(HTTPStatus.OK, text.encode(), "text/plain; version=0.0.4; charset=utf-8")


def style(visit: Visit) -> Response:
    return Response(HTTPStatus.OK, pages.STYLE.encode(), "text/css; charset=utf-8")
