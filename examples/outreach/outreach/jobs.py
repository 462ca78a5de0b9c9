# SPDX-License-Identifier: Apache-2.0
"""The work queue: a table. Whoever serves the data may put a job in, and any worker may take it out.

1. A job is put in with the change that calls for it, in one transaction: neither is there without the other.
2. Each kind of job has its payload described in `schemas/KIND.json`, and stands in one lane; lanes do not wait for
   each other.
3. A job that failed is tried again, three times in all. One whose worker died is taken by another after a while.
4. A pulse is a job that does nothing. That it is worked every second shows that jobs are.
"""

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach import tenancy

LANES = {
    "send-message": "messages",
    "pulse": "messages",
    "refresh-figures": "figures",
    "make-report": "figures",
}
"""The lane of each kind of job."""
MOST_TRIES = 3
LAPSES = timedelta(seconds=30)
FAILURES_COUNT_FOR = timedelta(hours=1)
KEPT = timedelta(hours=1)


@dataclass(frozen=True)
class Job:
    id: int
    tenant: int
    kind: str
    payload: dict[str, int]
    tries: int


@dataclass(frozen=True)
class LaneState:
    """`depth` counts jobs that have not ended, `oldest_seconds` is how long the first of them has been there."""

    depth: int
    oldest_seconds: float
    failed: int


@dataclass(frozen=True)
class QueueState:
    lanes: dict[str, LaneState]
    pulses: int
    """The number of the last pulse that was worked; 0 when none was."""

    @property
    def whole(self) -> LaneState:
        """All lanes as one."""
        lanes = self.lanes.values()
        return LaneState(
            sum(lane.depth for lane in lanes),
            max(lane.oldest_seconds for lane in lanes),
            sum(lane.failed for lane in lanes),
        )


def put(
    connection: sqlite3.Connection, kind: str, payload: dict[str, int], now: datetime, tenant: int = tenancy.DEFAULT
) -> int:
    """Put a job in; gives its number."""
    row = connection.execute(
        "INSERT INTO jobs (tenant_id, lane, kind, payload, state, queued_at)"
        " VALUES (?, ?, ?, ?, 'queued', ?) RETURNING id",
        (tenant, LANES[kind], kind, json.dumps(payload), now.isoformat()),
    ).fetchone()
    return int(row["id"])


def is_waiting(connection: sqlite3.Connection, lanes: Sequence[str], now: datetime) -> bool:
    """Whether there is something to take; only reads, so that idle workers keep nobody from writing."""
    return bool(_next(connection, lanes, now))


def take(connection: sqlite3.Connection, lanes: Sequence[str], now: datetime) -> list[Job]:
    """The first job of these lanes, which is then nobody else's for a while; or none."""
    taken = connection.execute(
        "UPDATE jobs SET state = 'running', tries = tries + 1, taken_at = ?"
        " WHERE id IN (SELECT value FROM json_each(?)) RETURNING *",
        (now.isoformat(), json.dumps(_next(connection, lanes, now))),
    ).fetchall()
    return [Job(row["id"], row["tenant_id"], row["kind"], json.loads(row["payload"]), row["tries"]) for row in taken]


def end(connection: sqlite3.Connection, job: Job, now: datetime) -> None:
    """The job is done."""
    connection.execute("UPDATE jobs SET state = 'done', ended_at = ? WHERE id = ?", (now.isoformat(), job.id))


def fail(connection: sqlite3.Connection, job: Job, fault: str, now: datetime) -> bool:
    """The job failed; says whether for good."""
    for_good = job.tries >= MOST_TRIES
    connection.execute(
        "UPDATE jobs SET state = ?, fault = ?, ended_at = ? WHERE id = ?",
        ("failed" if for_good else "queued", fault[:500], now.isoformat(), job.id),
    )
    return for_good


def give_back(connection: sqlite3.Connection, numbers: Collection[int]) -> None:
    """Those jobs were taken and not even tried; anybody may take them."""
    connection.execute(
        "UPDATE jobs SET state = 'queued', tries = tries - 1"
        " WHERE state = 'running' AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(numbers)),),
    )


def last(connection: sqlite3.Connection, kind: str) -> list[sqlite3.Row]:
    """The newest job of that kind, or none."""
    return connection.execute("SELECT * FROM jobs WHERE kind = ? ORDER BY id DESC LIMIT 1", (kind,)).fetchall()


def sweep(connection: sqlite3.Connection, now: datetime) -> None:
    """Forget jobs that were done a while ago, and pulses as soon as there is a newer one."""
    connection.execute(
        "DELETE FROM jobs WHERE state = 'done' AND (ended_at < ? OR kind = 'pulse')"
        " AND id <> (SELECT max(id) FROM jobs WHERE state = 'done' AND kind = 'pulse')",
        ((now - KEPT).isoformat(),),
    )


def state(connection: sqlite3.Connection, now: datetime) -> QueueState:
    """How the queue is, lane by lane."""
    rows = connection.execute(
        "SELECT lane, total(state IN ('queued', 'running')) AS depth,"
        " min(CASE WHEN state IN ('queued', 'running') THEN queued_at END) AS oldest,"
        " total(state = 'failed' AND ended_at >= ?) AS failed FROM jobs GROUP BY lane",
        ((now - FAILURES_COUNT_FOR).isoformat(),),
    )
    lanes = dict.fromkeys(sorted(set(LANES.values())), LaneState(0, 0.0, 0))
    for row in rows:
        since = datetime.fromisoformat(row["oldest"] or now.isoformat())
        oldest = max(0.0, (now - since).total_seconds())
        lanes[row["lane"]] = LaneState(int(row["depth"]), oldest, int(row["failed"]))
    pulse = connection.execute("SELECT max(id) FROM jobs WHERE kind = 'pulse' AND state = 'done'").fetchone()[0]
    return QueueState(lanes, pulse or 0)


def _next(connection: sqlite3.Connection, lanes: Sequence[str], now: datetime) -> list[int]:
    rows = connection.execute(
        "SELECT id FROM jobs WHERE lane IN (SELECT value FROM json_each(?))"
        " AND (state = 'queued' OR (state = 'running' AND taken_at < ?)) ORDER BY id LIMIT 1",
        (json.dumps(list(lanes)), (now - LAPSES).isoformat()),
    )
    return [row["id"] for row in rows]
