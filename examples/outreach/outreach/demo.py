# SPDX-License-Identifier: Apache-2.0
"""What `--demo` finds: two tenants with somebody who may log in, two contacts and a campaign each.

For machines nobody else reaches: the passwords are known. What is there already is left alone.
"""

import sqlite3
from datetime import datetime

from outreach import auth, campaigns, registration, tenancy
from outreach.campaigns import Draft
from outreach.database import Database
from outreach.permissions import Role
from outreach.registration import Registration
from outreach.tenancy import TenantRows

USERS = {"default": ("desk", "demo-desk"), "north": ("north", "demo-north")}
"""Name and password of somebody in each tenant."""
_WELCOME = ("Welcome", "Good to have you", "Thank you for your interest. We will be in touch.")


def fill(data: Database, now: datetime) -> None:
    """Put in what is missing."""
    with data.reading() as connection:
        if all(_is_user(connection, user) for user, _ in USERS.values()):
            return
    with data.writing() as connection:
        for name, (user, password) in USERS.items():
            if not _is_user(connection, user):
                _fill_tenant(connection, name, user, password, now)


def _fill_tenant(connection: sqlite3.Connection, name: str, user: str, password: str, now: datetime) -> None:
    (tenant,) = tenancy.named(connection, name) or [tenancy.add(connection, name, now)]
    auth.add_user(connection, user, Role.LEAD, password, tenant.id)
    rows = TenantRows(connection, tenant.id)
    if not campaigns.listed(rows):
        people = [Registration(who, f"{who.lower()}@{name}.example", "a demonstration") for who in ("Ida", "Jon")]
        recipients = tuple(registration.keep(rows, person, now) for person in people)
        campaigns.create(rows, Draft(*_WELCOME, recipients), user, now)


def _is_user(connection: sqlite3.Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchone() is not None
