# SPDX-License-Identifier: Apache-2.0
"""People who register their interest. Every registration leaves the desk a follow-up task."""

import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from outreach import tasks
from outreach.tasks import Priority
from outreach.tenancy import TenantRows

LONGEST_NAME = 100
LONGEST_EMAIL = 200
LONGEST_INTEREST = 2000
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
_PRESSING = re.compile(r"\b(urgent|asap|today|deadline)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Registration:
    name: str
    email: str
    interest: str


def read(fields: dict[str, str]) -> Registration:
    """The registration a form asks for, with the blanks around its words gone."""
    return Registration(
        name=" ".join(fields.get("name", "").split()),
        email=fields.get("email", "").strip(),
        interest=fields.get("interest", "").strip(),
    )


def problems(wanted: Registration) -> list[str]:
    """What is wrong with it, in words for the person at the form."""
    found = []
    if not 1 <= len(wanted.name) <= LONGEST_NAME:
        found.append("Please tell us your name.")
    if len(wanted.email) > LONGEST_EMAIL or not _EMAIL.fullmatch(wanted.email):
        found.append("Please check your e-mail address.")
    if len(wanted.interest) > LONGEST_INTEREST:
        found.append(f"Please say it in at most {LONGEST_INTEREST} characters.")
    return found


def register(rows: TenantRows, wanted: Registration, now: datetime) -> int:
    """Keep the contact and open the follow-up task; gives the number of the contact.

    Whoever registers again is the same contact with newer words, and is followed up again.
    """
    contact = keep(rows, wanted, now)
    tasks.open_task(rows, contact, f"Follow up with {wanted.name}", priority_of(wanted), now)
    return contact


def keep(rows: TenantRows, wanted: Registration, now: datetime) -> int:
    """The number of the contact with that address, new or with newer words; needs a connection that writes."""
    newer: dict[str, object] = {"name": wanted.name, "interest": wanted.interest}
    known = rows.change("contacts", "email = :email", to=newer, email=wanted.email)
    return known[0] if known else rows.add("contacts", email=wanted.email, registered_at=now.isoformat(), **newer)


def priority_of(wanted: Registration) -> Priority:
    """Pressing words make a pressing task."""
    return Priority.HIGH if _PRESSING.search(wanted.interest) else Priority.NORMAL


def contacts(rows: TenantRows) -> list[sqlite3.Row]:
    """Everyone who registered, the newest first."""
    return rows.select("SELECT * FROM {contacts} ORDER BY registered_at DESC, id DESC LIMIT 500")
