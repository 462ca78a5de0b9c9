# SPDX-License-Identifier: Apache-2.0
"""Reports of campaigns, as CSV for programs and as a page for people. A job makes both from the same rows.

A report has one row for each recipient, so its rows can be counted against the campaign's messages, and the totals it
states against its rows.
"""

import csv
import io
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from outreach import campaigns
from outreach.tenancy import TenantRows

COLUMNS = ("email", "name", "state", "sent_at")


@dataclass(frozen=True)
class Report:
    """The totals and the two texts are empty until it is ready."""

    id: int
    campaign: int
    is_ready: bool
    recipients: int
    sent: int
    failed: int
    csv: str
    html: str


def ask(rows: TenantRows, campaign: int, now: datetime) -> int:
    """Note that a report is wanted; gives its number. A job makes it."""
    return rows.add("reports", campaign_id=campaign, state="asked", asked_at=now.isoformat())


def make(rows: TenantRows, number: int, now: datetime) -> None:
    """Make the report that was asked for."""
    for report in numbered(rows, number):
        (campaign,) = campaigns.numbered(rows, report.campaign)
        people = campaigns.recipients(rows, report.campaign)
        states = Counter(str(person["state"]) for person in people)
        made: dict[str, object] = {
            "state": "ready",
            "ready_at": now.isoformat(),
            "recipients": len(people),
            "sent": states["sent"],
            "failed": states["failed"],
            "csv": as_csv(people),
            "html": as_html(campaign.name, people, states, now),
        }
        rows.change("reports", "id = :id", to=made, id=number)


def numbered(rows: TenantRows, number: int) -> list[Report]:
    """The report of that number, or none."""
    return [_report(row) for row in rows.select("SELECT * FROM {reports} WHERE id = :id", id=number)]


def of_campaign(rows: TenantRows, campaign: int) -> list[Report]:
    """The last reports of a campaign, the newest first."""
    found = rows.select("SELECT * FROM {reports} WHERE campaign_id = :id ORDER BY id DESC LIMIT 20", id=campaign)
    return [_report(row) for row in found]


def as_csv(people: Sequence[sqlite3.Row]) -> str:
    """A head and one line for each recipient. What a spreadsheet would take for a formula is quoted."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    lines.writerows([_harmless(str(person[column] or "")) for column in COLUMNS] for person in people)
    return text.getvalue()


def as_html(name: str, people: Sequence[sqlite3.Row], states: Counter[str], now: datetime) -> str:
    """A page with the totals and one row for each recipient."""
    head = "".join(f"<th>{column}</th>" for column in COLUMNS)
    body = "".join(f'<tr class="recipient">{_cells(person)}</tr>' for person in people)
    totals = f"{len(people)} recipients, {states['sent']} sent, {states['failed']} failed"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(name)} · Outreach</title>'
        f'<link rel="stylesheet" href="/style.css"></head><body><main><h1>{escape(name)}</h1>'
        f'<p class="lead">{totals}. Made {now.isoformat(timespec="seconds")}.</p>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></main></body></html>"
    )


def _cells(person: sqlite3.Row) -> str:
    return "".join(f"<td>{escape(str(person[column] or ''))}</td>" for column in COLUMNS)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _report(row: sqlite3.Row) -> Report:
    return Report(
        id=row["id"],
        campaign=row["campaign_id"],
        is_ready=row["state"] == "ready",
        recipients=row["recipients"],
        sent=row["sent"],
        failed=row["failed"],
        csv=row["csv"],
        html=row["html"],
    )
