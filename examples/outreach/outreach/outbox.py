# SPDX-License-Identifier: Apache-2.0
"""Where messages go: a file beside the data, one line of JSON for each. Nothing ever leaves the machine."""

import json
from datetime import datetime
from pathlib import Path


def place(folder: Path) -> Path:
    """The file, in the folder of the data."""
    return folder / "outbox" / "messages.jsonl"


def post(folder: Path, message: int, *, to: str, subject: str, text: str, now: datetime) -> None:
    """Write one message; whole or, when the disk is full, with an error."""
    file = place(folder)
    file.parent.mkdir(exist_ok=True)
    letter = {"message": message, "to": to, "subject": subject, "text": text, "at": now.isoformat()}
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(letter, ensure_ascii=False) + "\n")
