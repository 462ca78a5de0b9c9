# SPDX-License-Identifier: Apache-2.0
"""Features that are switched on and off while the service runs. One that nobody switched is off."""

import sqlite3
from datetime import datetime

KNOWN = {"personal-greeting": "a message begins with the name of its recipient"}
"""Every flag of this release, and what is different while it is on."""


class UnknownFlagError(Exception):
    """This release has no such flag."""


def switch(connection: sqlite3.Connection, name: str, state: str, now: datetime) -> None:
    """Switch a feature `on` or `off`; it holds from the next answer on, in every process that serves this data."""
    if name not in KNOWN:
        raise UnknownFlagError(f"there is no flag {name!r}; there is {', '.join(sorted(KNOWN))}")
    connection.execute(
        "INSERT INTO feature_flags (name, state, changed_at) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at",
        (name, state, now.isoformat()),
    )


def is_on(connection: sqlite3.Connection, name: str) -> bool:
    """Whether the feature is switched on."""
    return states(connection)[name] == "on"


def states(connection: sqlite3.Connection) -> dict[str, str]:
    """Every flag of this release, `on` or `off`."""
    kept = {row["name"]: row["state"] for row in connection.execute("SELECT name, state FROM feature_flags")}
    return {name: kept.get(name, "off") for name in sorted(KNOWN)}
