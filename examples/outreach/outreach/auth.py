# SPDX-License-Identifier: Apache-2.0
"""Passwords, sessions and form tokens.

1. A password is kept as scrypt with its own salt and its cost beside it; a session as the hash of its token.
2. Logging in gives a new token, so a token that was planted before is worth nothing after.
3. A form token is bound to the visitor's cookie and to nothing that can be guessed; every change needs one.
4. Whoever guesses a password ten times within a quarter of an hour waits.
"""

import hashlib
import hmac
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from outreach import tenancy
from outreach.permissions import Role
from outreach.tenancy import Tenant

SESSION_LASTS = timedelta(hours=12)
GUESSES = 10
GUESSING_TIME = timedelta(minutes=15)
COST = 2**14
_BLOCK = 8


class TooManyGuessesError(Exception):
    """That name has been tried too often lately."""


class UserError(Exception):
    """That user cannot be added."""


@dataclass(frozen=True)
class User:
    """Somebody who may log in, to one tenant."""

    name: str
    role: Role
    tenant: Tenant = Tenant(tenancy.DEFAULT, "default")


def hash_password(password: str, salt: bytes) -> str:
    """The form a password is kept in: `scrypt$N$r$salt$hash`."""
    hashed = hashlib.scrypt(password.encode(), salt=salt, n=COST, r=_BLOCK, p=1)
    return f"scrypt${COST}${_BLOCK}${salt.hex()}${hashed.hex()}"


def is_password(password: str, kept: str) -> bool:
    """Whether the kept form came from this password; takes as long for a wrong one."""
    _, cost, block, salt, hashed = kept.split("$")
    again = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=int(cost), r=int(block), p=1)
    return hmac.compare_digest(again.hex(), hashed)


def add_user(
    connection: sqlite3.Connection, name: str, role: Role, password: str, tenant: int = tenancy.DEFAULT
) -> None:
    """Add a user, or give the one of that name a new role and password. Nobody is moved to another tenant."""
    changed = connection.execute(
        "INSERT INTO users (name, role, password, tenant_id) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET role = excluded.role, password = excluded.password"
        " WHERE tenant_id = excluded.tenant_id",
        (name, role.value, hash_password(password, secrets.token_bytes(16)), tenant),
    )
    if changed.rowcount != 1:
        raise UserError(f"there is a user {name!r} of another tenant")


def is_login(connection: sqlite3.Connection, name: str, password: str, now: datetime) -> bool:
    """Whether that is the user's password. Only reads: hashing takes long, and must not keep others from writing."""
    since = (now - GUESSING_TIME).isoformat()
    tried = connection.execute("SELECT count(*) FROM failed_logins WHERE user_name = ? AND at >= ?", (name, since))
    if tried.fetchone()[0] >= GUESSES:
        raise TooManyGuessesError
    row = connection.execute("SELECT password FROM users WHERE name = ?", (name,)).fetchone()
    return is_password(password, row["password"] if row else f"scrypt${COST}${_BLOCK}$00$00")


def note_failure(connection: sqlite3.Connection, name: str, now: datetime) -> None:
    """Remember a wrong guess for as long as it counts."""
    connection.execute("DELETE FROM failed_logins WHERE at < ?", ((now - GUESSING_TIME).isoformat(),))
    connection.execute("INSERT INTO failed_logins (user_name, at) VALUES (?, ?)", (name, now.isoformat()))


def log_in(connection: sqlite3.Connection, name: str, now: datetime) -> str:
    """A token for a new session of that user."""
    token = new_token()
    connection.execute("DELETE FROM sessions WHERE expires_at < ?", (now.isoformat(),))
    connection.execute(
        "INSERT INTO sessions (token_hash, user_name, expires_at) VALUES (?, ?, ?)",
        (_hash(token), name, (now + SESSION_LASTS).isoformat()),
    )
    return token


def log_out(connection: sqlite3.Connection, token: str) -> None:
    """End the session of that token."""
    connection.execute("DELETE FROM sessions WHERE token_hash = ?", (_hash(token),))


def user_of(connection: sqlite3.Connection, token: str, now: datetime) -> list[User]:
    """The user whose living session that token is, or nobody."""
    rows = connection.execute(
        "SELECT users.name, role, tenants.id, tenants.name AS tenant FROM sessions"
        " JOIN users ON users.name = sessions.user_name JOIN tenants ON tenants.id = users.tenant_id"
        " WHERE token_hash = ? AND expires_at >= ?",
        (_hash(token), now.isoformat()),
    )
    return [User(row["name"], Role(row["role"]), Tenant(row["id"], row["tenant"])) for row in rows]


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(32)


def form_token(secret: bytes, cookie: str) -> str:
    """The token that a form must carry when it comes from the visitor with that cookie."""
    return hmac.new(secret, cookie.encode(), hashlib.sha256).hexdigest()


def is_form_token(secret: bytes, cookie: str, token: str) -> bool:
    """Whether the form came from a page that we gave to this visitor."""
    return bool(cookie) and hmac.compare_digest(form_token(secret, cookie).encode(), token.encode())


def read_secret(folder: Path) -> bytes:
    """The secret that form tokens are made with; made once, shared by every process that serves this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / "secret"
    if not place.exists():
        draft = folder / f"secret.{secrets.token_hex(8)}"
        draft.touch(mode=0o600)
        draft.write_bytes(secrets.token_bytes(32))
        try:
            place.hardlink_to(draft)
        except FileExistsError:
            pass  # another process was first; its secret counts
        finally:
            draft.unlink()
    return place.read_bytes()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
