# SPDX-License-Identifier: Apache-2.0
"""Campaigns: the same words to many people. A campaign has one message for each recipient from the day it is made.

1. A campaign is `draft` until it is sent, `sending` while messages are in the work queue, then `sent`.
2. A message is `waiting`, `queued`, and in the end `sent` or `failed`; it is sent at most once.
3. Pages show figures that were counted at a known time, by a job; `age_seconds` says how fresh they are.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from outreach.tenancy import TenantRows

LONGEST_NAME = 100
LONGEST_SUBJECT = 200
LONGEST_BODY = 5000
MOST_RECIPIENTS = 500
_WITH_FIGURES = (
    "SELECT campaigns.*, figures.recipients, figures.sent, figures.failed, figures.refreshed_at"
    " FROM {campaigns} JOIN {figures} ON figures.campaign_id = campaigns.id"
)


class State(str, Enum):
    DRAFT = "draft"
    SENDING = "sending"
    SENT = "sent"


class CampaignError(Exception):
    """It cannot be done, in words for whoever asked."""


@dataclass(frozen=True)
class Draft:
    """What somebody wants to send, and the numbers of the contacts who shall get it."""

    name: str
    subject: str
    body: str
    recipients: tuple[int, ...]


@dataclass(frozen=True)
class Figures:
    """Messages counted at a time; those that are neither sent nor failed are still to come."""

    recipients: int
    sent: int
    failed: int
    refreshed_at: str

    def age_seconds(self, now: datetime) -> float:
        """How long ago they were counted."""
        return max(0.0, (now - datetime.fromisoformat(self.refreshed_at)).total_seconds())


@dataclass(frozen=True)
class Campaign:
    id: int
    name: str
    subject: str
    body: str
    state: State
    figures: Figures


def problems(wanted: Draft) -> list[str]:
    """What is wrong with it, in words for the person who wrote it."""
    found = []
    if not 1 <= len(wanted.name) <= LONGEST_NAME:
        found.append(f"Please give the campaign a name of at most {LONGEST_NAME} characters.")
    if not 1 <= len(wanted.subject) <= LONGEST_SUBJECT:
        found.append(f"Please give the message a subject of at most {LONGEST_SUBJECT} characters.")
    if not 1 <= len(wanted.body) <= LONGEST_BODY:
        found.append(f"Please write a message of at most {LONGEST_BODY} characters.")
    if not 1 <= len(wanted.recipients) <= MOST_RECIPIENTS:
        found.append(f"Please choose 1 to {MOST_RECIPIENTS} recipients.")
    return found


def create(rows: TenantRows, wanted: Draft, user: str, now: datetime) -> int:
    """Keep the draft with its messages and first figures; gives the number of the campaign."""
    numbers = sorted(set(wanted.recipients))
    named = "SELECT id FROM {contacts} WHERE id IN (SELECT value FROM json_each(:ids))"
    known = rows.select(named, ids=json.dumps(numbers))
    if len(known) != len(numbers):
        raise CampaignError("Not every recipient is among your contacts.")
    if rows.select("SELECT id FROM {campaigns} WHERE name = :name", name=wanted.name):
        raise CampaignError("There is a campaign of that name already.")
    words = {"name": wanted.name, "subject": wanted.subject, "body": wanted.body}
    campaign = rows.add("campaigns", state="draft", created_by=user, created_at=now.isoformat(), **words)
    for number in numbers:
        rows.add("messages", campaign_id=campaign, contact_id=number, state="waiting")
    rows.add("figures", campaign_id=campaign, recipients=0, sent=0, failed=0, refreshed_at=now.isoformat())
    refresh(rows, campaign, now)
    return campaign


def listed(rows: TenantRows) -> list[Campaign]:
    """The tenant's campaigns, the newest first."""
    return [_campaign(row) for row in rows.select(f"{_WITH_FIGURES} ORDER BY campaigns.id DESC LIMIT 500")]


def numbered(rows: TenantRows, number: int) -> list[Campaign]:
    """The campaign of that number, or none."""
    return [_campaign(row) for row in rows.select(f"{_WITH_FIGURES} WHERE campaigns.id = :id", id=number)]


def start(rows: TenantRows, number: int) -> list[int]:
    """Mark a draft as sending; gives the numbers of its messages, which are to be queued."""
    if not rows.change("campaigns", "id = :id AND state = 'draft'", to={"state": "sending"}, id=number):
        raise CampaignError("There is no such draft any more; somebody may have been faster.")
    return rows.change("messages", "campaign_id = :id AND state = 'waiting'", to={"state": "queued"}, id=number)


def message(rows: TenantRows, number: int) -> list[sqlite3.Row]:
    """The message of that number with its words and its recipient, or none."""
    return rows.select(
        "SELECT messages.id, messages.campaign_id, messages.state, email, contacts.name, subject, body FROM {messages}"
        " JOIN {contacts} ON contacts.id = messages.contact_id"
        " JOIN {campaigns} ON campaigns.id = messages.campaign_id WHERE messages.id = :id",
        id=number,
    )


def text(row: sqlite3.Row, greeting: bool) -> str:
    """The words of a message; with a greeting while that feature is on."""
    return f"Dear {row['name']},\n\n{row['body']}" if greeting else str(row["body"])


def settle(rows: TenantRows, number: int, state: str, now: datetime) -> None:
    """Note what became of a message. The campaign is sent when none is to come any more."""
    sent_at = now.isoformat() if state == "sent" else None
    rows.change("messages", "id = :id", to={"state": state, "sent_at": sent_at}, id=number)
    campaign = rows.select("SELECT campaign_id FROM {messages} WHERE id = :id", id=number)[0]["campaign_id"]
    open_ones = "SELECT id FROM {messages} WHERE campaign_id = :id AND state IN ('waiting', 'queued') LIMIT 1"
    if not rows.select(open_ones, id=campaign):
        rows.change("campaigns", "id = :id", to={"state": "sent"}, id=campaign)
        refresh(rows, campaign, now)


def refresh(rows: TenantRows, number: int, now: datetime) -> None:
    """Count the campaign's messages anew."""
    counted = rows.select(
        "SELECT count(*) AS recipients, total(state = 'sent') AS sent, total(state = 'failed') AS failed"
        " FROM {messages} WHERE campaign_id = :id",
        id=number,
    )[0]
    figures: dict[str, object] = {name: int(counted[name]) for name in ("recipients", "sent", "failed")}
    rows.change("figures", "campaign_id = :id", to={**figures, "refreshed_at": now.isoformat()}, id=number)


def oldest_refresh(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """How many campaigns there are, of everybody, and when the figures that are longest not refreshed were counted."""
    return connection.execute(
        "SELECT count(*) AS campaigns, min(refreshed_at) AS refreshed_at FROM figures HAVING count(*) > 0"
    ).fetchall()


def recipients(rows: TenantRows, number: int) -> Sequence[sqlite3.Row]:
    """Everybody the campaign is for, with what became of the message."""
    return rows.select(
        "SELECT email, contacts.name, messages.state, messages.sent_at FROM {messages}"
        " JOIN {contacts} ON contacts.id = messages.contact_id WHERE campaign_id = :id ORDER BY messages.id",
        id=number,
    )


def _campaign(row: sqlite3.Row) -> Campaign:
    return Campaign(
        id=row["id"],
        name=row["name"],
        subject=row["subject"],
        body=row["body"],
        state=State(row["state"]),
        figures=Figures(row["recipients"], row["sent"], row["failed"], row["refreshed_at"]),
    )
