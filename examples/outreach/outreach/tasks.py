# SPDX-License-Identifier: Apache-2.0
"""What the desk has to do. A task is open until somebody has done it, and can be opened again."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


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


def open_task(connection: sqlite3.Connection, contact: int, title: str, priority: Priority, now: datetime) -> int:
    """Open a task about a contact; gives its number."""
    row = connection.execute(
        "INSERT INTO tasks (contact_id, title, state, priority, created_at) VALUES (?, ?, 'open', ?, ?) RETURNING id",
        (contact, title, priority.value, now.isoformat()),
    ).fetchone()
    return int(row["id"])


def listed(connection: sqlite3.Connection, wanted: Filter) -> list[Task]:
    """The tasks that match, pressing ones first, then the oldest."""
    pattern = "%" + wanted.words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = connection.execute(
        "SELECT tasks.*, contacts.email FROM tasks JOIN contacts ON contacts.id = tasks.contact_id"
        " WHERE (:show = 'all' OR state = :show)"
        " AND (title LIKE :pattern ESCAPE '\\' OR email LIKE :pattern ESCAPE '\\')"
        " ORDER BY state DESC, priority = 'high' DESC, tasks.created_at, tasks.id LIMIT 500",
        {"show": wanted.show.value, "pattern": pattern},
    )
    return [_task(row) for row in rows]


def complete(connection: sqlite3.Connection, number: int, user: str, now: datetime) -> bool:
    """Mark an open task done; False when there is no such open task."""
    changed = connection.execute(
        "UPDATE tasks SET state = 'done', done_by = ?, done_at = ? WHERE id = ? AND state = 'open'",
        (user, now.isoformat(), number),
    )
    return changed.rowcount == 1


def reopen(connection: sqlite3.Connection, number: int) -> bool:
    """Open a done task again; False when there is no such done task."""
    changed = connection.execute(
        "UPDATE tasks SET state = 'open', done_by = NULL, done_at = NULL WHERE id = ? AND state = 'done'", (number,)
    )
    return changed.rowcount == 1


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many tasks there are in each state."""
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
