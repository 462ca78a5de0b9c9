# SPDX-License-Identifier: Apache-2.0
"""The thread that works the queue, one in each process. Any number of them may work on the same data.

1. A job is taken in one transaction and done in another, so that a job that fails has been tried.
2. The worker puts in itself what is due by the clock: a pulse, and fresh figures for every tenant.
3. Whatever fails is one line in the log; the worker goes on.
"""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach import jobs
from outreach.database import Database
from outreach.duties import DUTIES, Duty, give_up
from outreach.faults import Faults
from outreach.jobs import LANES, Job
from outreach.tenancy import TenantRows


@dataclass(frozen=True)
class Pace:
    """How often: `tick` looks for work, a pulse and fresh figures are due after so long."""

    tick: timedelta = timedelta(seconds=0.2)
    pulse: timedelta = timedelta(seconds=1)
    figures: timedelta = timedelta(seconds=10)


PACE = Pace()


class Worker:
    """Works until it is told to stop. Tests call `turn` themselves and need no thread."""

    def __init__(
        self,
        database: Database,
        faults: Faults,
        clock: Callable[[], datetime],
        log: Callable[..., None],
        pace: Pace = PACE,
    ) -> None:
        self._database = database
        self._faults = faults
        self._clock = clock
        self._log = log
        self._pace = pace
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="worker")
        self._said = ""
        self._held: set[int] = set()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the job under way, and end."""
        self._stop.set()
        self._thread.join()
        self._give_back()

    def turn(self) -> bool:
        """Put in what is due, then do one job of each lane; says whether there was one."""
        now = self._clock()
        self._faults.corrupt_as_told(self._database, now)
        self._put_in_what_is_due(now)
        stalled = self._faults.on("stalled-queue")
        if not stalled:
            self._give_back()
        taken = [job for lane in sorted(set(LANES.values())) for job in self._take(lane, now)]
        for job in taken:
            if stalled and LANES[job.kind] == "messages":
                self._held.add(job.id)
            else:
                self._do(job)
        return any(job.kind != "pulse" for job in taken)

    def _work(self) -> None:
        busy = False
        while not self._stop.wait(0 if busy else self._pace.tick.total_seconds()):
            try:
                busy = self.turn()
                self._said = ""
            except (sqlite3.Error, OSError) as fault:
                busy = False
                self._say_once(f"{type(fault).__name__}: {fault}")

    def _put_in_what_is_due(self, now: datetime) -> None:
        with self._database.reading() as connection:
            due = _is_pulse_due(connection, now, self._pace.pulse) or _stale(connection, now, self._pace.figures)
        if due:
            with self._database.writing() as connection:  # another process may have been faster, so it is asked again
                if _is_pulse_due(connection, now, self._pace.pulse):
                    jobs.sweep(connection, now)
                    jobs.put(connection, "pulse", {}, now)
                for tenant in _stale(connection, now, self._pace.figures):
                    jobs.put(connection, "refresh-figures", {}, now, tenant)

    def _give_back(self) -> None:
        """What was taken and not done, because of a fault, is there for others again."""
        if self._held:
            with self._database.writing() as connection:
                jobs.give_back(connection, self._held)
            self._held.clear()

    def _take(self, lane: str, now: datetime) -> list[Job]:
        with self._database.reading() as connection:
            if not jobs.is_waiting(connection, [lane], now):
                return []
        with self._database.writing() as connection:
            return jobs.take(connection, [lane], now)

    def _do(self, job: Job) -> None:
        try:
            with self._database.writing() as connection:
                DUTIES[job.kind](self._duty(connection, job))
                jobs.end(connection, job, self._clock())
        except (sqlite3.Error, OSError, LookupError, ValueError) as fault:
            words = f"{type(fault).__name__}: {fault}"
            self._log(event="job-failed", kind=job.kind, job=job.id, tries=job.tries, fault=words)
            with self._database.writing() as connection:
                if jobs.fail(connection, job, words, self._clock()):
                    give_up(self._duty(connection, job))

    def _duty(self, connection: sqlite3.Connection, job: Job) -> Duty:
        return Duty(job, TenantRows(connection, job.tenant), self._database.folder, self._clock())

    def _say_once(self, fault: str) -> None:
        if fault != self._said:
            self._log(event="worker-fault", fault=fault)
        self._said = fault


def _is_pulse_due(connection: sqlite3.Connection, now: datetime, every: timedelta) -> bool:
    """One that is not worked yet is not followed by another."""
    return not any(
        row["state"] in ("queued", "running") or row["queued_at"] > (now - every).isoformat()
        for row in jobs.last(connection, "pulse")
    )


def _stale(connection: sqlite3.Connection, now: datetime, every: timedelta) -> list[int]:
    """Tenants whose figures are to be counted anew, and are not about to be."""
    rows = connection.execute(
        "SELECT DISTINCT tenant_id FROM figures WHERE refreshed_at <= ? AND NOT EXISTS (SELECT 1 FROM jobs WHERE"
        " kind = 'refresh-figures' AND state IN ('queued', 'running') AND jobs.tenant_id = figures.tenant_id)",
        ((now - every).isoformat(),),
    )
    return [row["tenant_id"] for row in rows]
