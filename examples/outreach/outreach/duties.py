# SPDX-License-Identifier: Apache-2.0
"""What each kind of job does, in one transaction with the end of the job."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from outreach import campaigns, flags, outbox, reports
from outreach.jobs import Job
from outreach.tenancy import TenantRows


@dataclass(frozen=True)
class Duty:
    """A job with what it needs; `rows` are those of the job's tenant."""

    job: Job
    rows: TenantRows
    folder: Path
    now: datetime


def send_message(duty: Duty) -> None:
    """Put one message into the outbox. One that was sent already is left alone."""
    number = duty.job.payload["message"]
    greeting = flags.is_on(duty.rows.connection, "personal-greeting")
    for row in campaigns.message(duty.rows, number):
        if row["state"] == "queued":
            text = campaigns.text(row, greeting)
            outbox.post(duty.folder, number, to=row["email"], subject=row["subject"], text=text, now=duty.now)
            campaigns.settle(duty.rows, number, "sent", duty.now)


def refresh_figures(duty: Duty) -> None:
    """Count the messages of all of a tenant's campaigns anew."""
    for row in duty.rows.select("SELECT campaign_id FROM {figures}"):
        campaigns.refresh(duty.rows, row["campaign_id"], duty.now)


def make_report(duty: Duty) -> None:
    """Make a report that was asked for."""
    reports.make(duty.rows, duty.job.payload["report"], duty.now)


def pulse(_: Duty) -> None:
    """Nothing: that it is done is the point."""


def give_up(duty: Duty) -> None:
    """What follows when a job failed for good."""
    if duty.job.kind == "send-message":
        campaigns.settle(duty.rows, duty.job.payload["message"], "failed", duty.now)


DUTIES: dict[str, Callable[[Duty], None]] = {
    "send-message": send_message,
    "refresh-figures": refresh_figures,
    "make-report": make_report,
    "pulse": pulse,
}
