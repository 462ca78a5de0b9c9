# SPDX-License-Identifier: Apache-2.0
"""What a person answered in a review, on disk beside the pack: one per line, the last about a statement counting.

An answer is on disk before the next question. A line that was cut off in the writing is no answer.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from interlock.cli.output import Fault, Json
from interlock.packs.reading.reviewing import Decided, Verdict

LOG: Final = "review.jsonl"
_TOLD: Final = ("kind", "check", "reason", "role")


@dataclass(slots=True)
class ReviewLog:
    """The answers so far. A line that was cut off in the writing is no answer."""

    path: Path
    decisions: list[Decided] = field(default_factory=list)
    wrote: str = ""
    """The digest of the pack that was written last; empty: none was."""

    def __post_init__(self) -> None:
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
                self._take(line)

    def _take(self, line: str) -> None:
        try:
            found = json.loads(line)
            if "wrote" in found:
                self.wrote = str(found["wrote"])
                return
            source, text, kind = (str(one) for one in found["words"])
            verdict = Verdict(found["do"])
        except (ValueError, KeyError, TypeError):
            return
        told = (str(found.get(key, "")) for key in _TOLD)
        self.decisions.append(Decided((source, text, kind), verdict, *told))

    def add(self, one: Decided) -> None:
        """Remember a decision, durably."""
        told = {key: str(getattr(one, key)) for key in _TOLD}
        self._append({"words": list(one.words), "do": one.verdict.value, **{k: v for k, v in told.items() if v}})
        self.decisions.append(one)

    def keep(self, content: bytes) -> None:
        """Remember which pack was written."""
        self.wrote = hashlib.sha256(content).hexdigest()
        self._append({"wrote": self.wrote})

    def _append(self, entry: dict[str, Json]) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                is_torn = file.tell() > 0 and not self.path.read_bytes().endswith(b"\n")
                file.write(b"\n" * is_torn + json.dumps(entry, ensure_ascii=False).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as fault:
            sentence = f"{self.path} cannot be written: {fault.strerror or fault}"
            raise Fault("file.unwritable", sentence, "name a folder that you may write with --into") from fault
