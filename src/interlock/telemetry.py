# SPDX-License-Identifier: Apache-2.0
"""What a server tells of itself: one JSON object a line for what happens, and numbers for what it does.

1. A secret is in no line: names that mean one lose their value, and so do words that look like one.
2. A line is one line: whatever came from outside is encoded.
"""

import json
import re
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TextIO

REDACTED: Final = "(redacted)"
_SECRET_NAMES: Final = frozenset(
    "password secret token authorization cookie csrf key client_secret code code_verifier id_token assertion".split()
)
_SECRET_WORDS: Final = re.compile(
    r"ilk_[A-Za-z0-9_-]{8,}|(?i:bearer|basic)\s+[^\s\"']+|eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+|://[^/\s:@]+:[^/\s@]+@"
)


@dataclass(slots=True)
class Log:
    """Writes lines. May be used from several threads."""

    out: TextIO = field(default_factory=lambda: sys.stderr)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def line(self, at: datetime, event: str, said: Mapping[str, str | int | float]) -> None:
        """One thing that happened, at that time."""
        told = {name: redacted(name, value) for name, value in said.items()}
        text = json.dumps({"at": at.isoformat(timespec="milliseconds"), "event": event, **told})
        with self._lock:
            self.out.write(f"{text}\n")
            self.out.flush()


def redacted(name: str, value: str | float) -> str | int | float:
    """The value, unless its name means a secret; without the parts that look like one."""
    if name.casefold() in _SECRET_NAMES:
        return REDACTED
    return _SECRET_WORDS.sub(REDACTED, value) if isinstance(value, str) else value
