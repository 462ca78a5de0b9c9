# SPDX-License-Identifier: Apache-2.0
"""Faults that can be switched on in a running service, to see whether the checks find them.

1. Only a service that was started with `--allow-faults` has any. No other looks at what is noted here.
2. A fault is a file in the folder of the data: in force while it is there, everywhere or in one release.
3. Each breaks one thing and the check that looks after it. Taking it back leaves nothing behind.
"""

import re
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from outreach.database import Database

NAMES = {
    "broken-flow": "a campaign cannot be sent (checks/core_flows.py)",
    "slow-answers": "every page takes half a second more (checks/latency.py)",
    "leaked-tenant": "everybody reads the rows of every tenant (checks/isolation.py)",
    "stalled-queue": "a worker takes messages out of the queue and keeps them (checks/queue_health.py)",
    "stale-data": "figures come from a copy that is a day behind (checks/freshness.py)",
    "corrupt-data": "there is a message of a campaign that does not exist (checks/integrity.py)",
}
SLOWNESS_SECONDS = 0.5
STALENESS = timedelta(days=1)
WORKER_TURNS = 20
NOBODYS = -1
"""The number of the campaign that does not exist, and of its message."""
_RELEASE = re.compile(r"[0-9A-Za-z.+-]{0,60}")


class UnknownFaultError(Exception):
    """There is no such fault, or no such release."""


@dataclass(frozen=True)
class Faults:
    """What a service of that version looks at before it does the right thing."""

    folder: Path
    version: str
    is_allowed: bool = False

    def on(self, name: str) -> bool:
        """Whether the fault is in force here and now."""
        if not self.is_allowed:
            return False
        try:
            return _place(self.folder, name).read_text("utf-8").strip() in ("", self.version)
        except FileNotFoundError:
            return False

    def corrupt_as_told(self, database: Database, now: datetime) -> None:
        """Put the broken row in. It stays until the fault is taken back, whatever release serves the data by then."""
        if self.on("corrupt-data") and not is_corrupt(database):
            with closing(sqlite3.connect(database.file, timeout=5, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                # Asked again under the lock: whoever takes the fault back removes the file before the row.
                if self.on("corrupt-data"):
                    connection.execute(
                        "INSERT OR IGNORE INTO messages (id, tenant_id, campaign_id, contact_id, state, sent_at)"
                        " VALUES (:nobody, 1, :nobody, :nobody, 'sent', :at)",
                        {"nobody": NOBODYS, "at": now.isoformat()},
                    )
                connection.execute("COMMIT")


def switch_on(folder: Path, name: str, release: str) -> None:
    """Note that the fault is to be in force; in that release only, unless it is an empty string."""
    if not _RELEASE.fullmatch(release):
        raise UnknownFaultError(f"{release!r} is no release")
    place = _place(folder, name)
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_suffix(".new")
    draft.write_text(release, "utf-8")
    draft.replace(place)


def await_damage(database: Database, name: str) -> None:
    """Wait a moment for the one fault that a worker has to put in; it may be noted before there is a service."""
    for _ in range(WORKER_TURNS if name == "corrupt-data" else 0):
        if is_corrupt(database):
            break
        time.sleep(0.1)


def switch_off(database: Database, name: str) -> None:
    """Take the fault back, with what it left in the data."""
    _place(database.folder, name).unlink(missing_ok=True)
    if name == "corrupt-data" and is_corrupt(database):
        with database.writing() as connection:
            connection.execute("DELETE FROM messages WHERE id = ?", (NOBODYS,))


def states(folder: Path) -> dict[str, str]:
    """Every fault: `off`, `on`, or `on in RELEASE`."""
    found = {}
    for name in NAMES:
        place = _place(folder, name)
        release = place.read_text("utf-8").strip() if place.exists() else ""
        found[name] = (f"on in {release}" if release else "on") if place.exists() else "off"
    return found


def is_corrupt(database: Database) -> bool:
    """Whether the broken row is in the data."""
    if not database.file.exists():
        return False
    with database.reading() as connection:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'messages'").fetchone()
        return bool(known and connection.execute("SELECT 1 FROM messages WHERE id = ?", (NOBODYS,)).fetchone())


def _place(folder: Path, name: str) -> Path:
    if name not in NAMES:
        raise UnknownFaultError(f"there is no fault {name!r}; there is {', '.join(NAMES)}")
    return folder / "faults" / name
