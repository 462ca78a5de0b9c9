# SPDX-License-Identifier: Apache-2.0
"""What the desk has to do. A task is open until somebody has done it, and can be opened again."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from outreach.tenancy import TenantRows

LONGEST_TITLE = 200


class Priority(str, Enum):
    NORMAL = "normal"
    HIGH = "high"


class Show(str, Enum):
    """Which tasks a list holds."""

    OPEN = "open"
    DONE = "done"
    ALL = "all"


@dataclass(frozen=True)
class Filter:
    """What to look for; `words` are found in titles and addresses, in any case."""

    show: Show = Show.OPEN
    words: str = ""


@dataclass(frozen=True)
class Task:
    id: int
    title: str
    email: str
    state: str
    priority: Priority
    created_at: str
    done_by: str


def read_filter(fields: dict[str, str]) -> Filter:
    """The filter an address asks for; what it does not understand is left at what everyone sees first."""
    asked = fields.get("show", "")
    show = Show(asked) if asked in {item.value for item in Show} else Show.OPEN
    return Filter(show, fields.get("q", "").strip()[:100])


def open_task(rows: TenantRows, contact: int, title: str, priority: Priority, now: datetime) -> int:
    """Open a task about a contact of the same tenant; gives its number."""
    values = {"contact_id": contact, "title": title, "state": "open", "created_at": now.isoformat()}
    return rows.add("tasks", priority=priority.value, **values)


def listed(rows: TenantRows, wanted: Filter) -> list[Task]:
    """The tasks that match, pressing ones first, then the oldest."""
    pattern = "%" + wanted.words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    found = rows.select(
        "SELECT tasks.*, contacts.email FROM {tasks} JOIN {contacts} ON contacts.id = tasks.contact_id"
        " WHERE (:show = 'all' OR state = :show)"
        " AND (title LIKE :pattern ESCAPE '\\' OR email LIKE :pattern ESCAPE '\\')"
        " ORDER BY state DESC, priority = 'high' DESC, tasks.created_at, tasks.id LIMIT 500",
        show=wanted.show.value,
        pattern=pattern,
    )
    return [_task(row) for row in found]


def complete(rows: TenantRows, number: int, user: str, now: datetime) -> bool:
    """Mark an open task done; False when there is no such open task."""
    done: dict[str, object] = {"state": "done", "done_by": user, "done_at": now.isoformat()}
    return bool(rows.change("tasks", "id = :id AND state = 'open'", to=done, id=number))


def reopen(rows: TenantRows, number: int) -> bool:
    """Open a done task again; False when there is no such done task."""
    opened: dict[str, object] = {"state": "open", "done_by": None, "done_at": None}
    return bool(rows.change("tasks", "id = :id AND state = 'done'", to=opened, id=number))


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many tasks there are in each state, whoever's: for the metrics."""
    found = {row["state"]: row["n"] for row in connection.execute("SELECT state, count(*) n FROM tasks GROUP BY state")}
    return {state: found.get(state, 0) for state in ("open", "done")}


def _task(row: sqlite3.Row) -> Task:
    return Task(
        id=row["id"],
        title=row["title"],
        email=row["email"],
        state=row["state"],
        priority=Priority(row["priority"]),
        created_at=row["created_at"],
        done_by=row["done_by"] or "",
    )
