# SPDX-License-Identifier: Apache-2.0
"""What becomes of foreign text before it is a file name or stands in a sentence: safe, short, without secrets."""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

LINE: Final = 200
"""The most characters of a line for a person."""
_SHORTEST_SECRET: Final = 6
"""A shorter value is no secret; blotting it out would only hide the message."""


def safe_name(key: str) -> str:
    """A file name for any key: readable, and different for different keys."""
    readable = re.sub(r"[^A-Za-z0-9.-]+", "_", key)[:60].lstrip(".")
    return f"{readable}-{hashlib.sha256(key.encode()).hexdigest()[:20]}"


def cut(content: bytes, limit: int, dropped: int = 0) -> bytes:
    """At most `limit` bytes of `content`; when these, or `dropped` bytes before, are not all, the last line says so."""
    if len(content) <= limit and not dropped:
        return content
    mark = f"\n[cut: {max(0, len(content) - limit) + dropped} bytes or a few more are missing]\n".encode()
    return content[: max(0, limit - len(mark))] + mark[:limit]


def one_line(text: str, secrets: Sequence[str] = (), limit: int = LINE) -> str:
    """The last of `text` as one printable line of at most `limit` characters, with the secrets blotted out."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "[...]")
    lines = [" ".join("".join(c if c.isprintable() else " " for c in line).split()) for line in text.splitlines()]
    line = " / ".join(line for line in lines if line)
    return line if len(line) <= limit else "..." + line[3 - limit :]
