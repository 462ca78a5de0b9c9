# SPDX-License-Identifier: Apache-2.0
"""Passwords: kept as argon2id hashes, compared in the same time whether there is an account or not."""

import threading
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 12
LONGEST: Final = 1024
"""Characters of a password. What is longer is no password, and costs too much to hash."""

_AT_ONCE: Final = threading.BoundedSemaphore(2)
"""Each hash takes 64 MiB: so many at once, the others wait."""
_HASHER: Final = PasswordHasher()


def weakness_of(password: str) -> str:
    """What is wrong with a new password, in a sentence; nothing when it may be taken."""
    if len(password) < SHORTEST:
        return f"a password has {SHORTEST} characters at least"
    if len(password) > LONGEST:
        return f"a password has {LONGEST} characters at most"
    if len(set(password)) <= SHORTEST // 3:
        return "a password has more than a few different characters"
    return ""


def hashed(password: str) -> str:
    """The encoded hash to keep."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def fits(password: str, kept: str) -> bool:
    """Whether this is the password of that hash. An empty hash fits nothing, and is found out no sooner."""
    with _AT_ONCE:
        try:
            _HASHER.verify(kept or _nobodys(), password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
    return bool(kept)


def prepare() -> None:
    """Make what is compared where there is no account, before the first who asks could measure it."""
    _nobodys()


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")
