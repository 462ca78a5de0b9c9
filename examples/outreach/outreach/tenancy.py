# SPDX-License-Identifier: Apache-2.0
"""Tenants, and the one place that keeps them apart.

1. Whatever belongs to a tenant is read and changed through `TenantRows`, which knows one tenant and nobody else.
2. In a statement `{tasks}` stands for this tenant's tasks. A statement that names such a table itself is refused.
3. A number that is another tenant's is answered like a number that is nobody's.
"""

import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime

DEFAULT = 1
"""The tenant of whatever does not say another."""
LONGEST_NAME = 60
TABLES = ("users", "contacts", "tasks", "campaigns", "messages", "figures", "reports")
_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")
_BARE = re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE)\s+(?:{'|'.join(TABLES)})\b", re.IGNORECASE)
_WORD = re.compile(r"[a-z_]+")


class UnscopedError(Exception):
    """A statement would reach the rows of every tenant."""


class TenantNameError(Exception):
    """That cannot be a tenant's name, or is one already."""


@dataclass(frozen=True)
class Tenant:
    id: int
    name: str


@dataclass(frozen=True)
class TenantRows:
    """One tenant's rows on a connection. `leaking` is a fault that is injected to see whether the checks find it."""

    connection: sqlite3.Connection
    tenant: int = DEFAULT
    leaking: bool = False

    def select(self, statement: str, **values: object) -> list[sqlite3.Row]:
        """The rows a statement finds among this tenant's."""
        return self.connection.execute(self._scoped(statement), {**values, "tenant": self.tenant}).fetchall()

    def add(self, table: str, **values: object) -> int:
        """Add a row that is this tenant's; gives its number."""
        names = _words(table, *values)[1:]
        statement = (
            f"INSERT INTO {table} (tenant_id, {', '.join(names)})"
            f" VALUES (:tenant, {', '.join(f':{name}' for name in names)}) RETURNING rowid"
        )
        return int(self.connection.execute(statement, {**values, "tenant": self.tenant}).fetchone()[0])

    def change(self, table: str, where: str, *, to: dict[str, object], **values: object) -> list[int]:
        """Give those of this tenant's rows that fit new values; gives their numbers."""
        names = _words(table, *to)[1:]
        changes = ", ".join(f"{name} = :new_{name}" for name in names)
        statement = f"UPDATE {table} SET {changes} WHERE tenant_id = :tenant AND ({where}) RETURNING rowid"
        given = {**values, **{f"new_{name}": to[name] for name in names}, "tenant": self.tenant}
        return [int(row[0]) for row in self.connection.execute(statement, given).fetchall()]

    def _scoped(self, statement: str) -> str:
        if _BARE.search(statement):
            raise UnscopedError(f"name a tenant's table in braces: {statement}")
        whose = ":tenant = :tenant" if self.leaking else "tenant_id = :tenant"
        return _PLACEHOLDER.sub(
            lambda found: f"(SELECT * FROM {_words(found[1])[0]} WHERE {whose}) AS {found[1]}", statement
        )


def add(connection: sqlite3.Connection, name: str, now: datetime) -> Tenant:
    """Add a tenant."""
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise TenantNameError(f"a tenant's name has 1 to {LONGEST_NAME} characters, not {name!r}")
    if named(connection, name):
        raise TenantNameError(f"there is a tenant {name!r} already")
    row = connection.execute(
        "INSERT INTO tenants (name, created_at) VALUES (?, ?) RETURNING id", (name, now.isoformat())
    ).fetchone()
    return Tenant(row["id"], name)


def named(connection: sqlite3.Connection, name: str) -> list[Tenant]:
    """The tenant of that name, or none."""
    rows = connection.execute("SELECT id, name FROM tenants WHERE name = ?", (name,))
    return [Tenant(row["id"], row["name"]) for row in rows]


def everyone(connection: sqlite3.Connection) -> list[Tenant]:
    """All tenants, in the order they came."""
    return [Tenant(row["id"], row["name"]) for row in connection.execute("SELECT id, name FROM tenants ORDER BY id")]


def _words(table: str, *columns: str) -> list[str]:
    """Names for a statement: of a tenant's table, and of columns. None of them ever comes from outside."""
    if table not in TABLES or not all(_WORD.fullmatch(column) for column in columns):
        raise UnscopedError(f"there is no table {table} with the columns {columns}")
    return [table, *columns]
