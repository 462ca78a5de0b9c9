# SPDX-License-Identifier: Apache-2.0
"""Reading the demo's own ledger: waiting for what happens, and what was recorded when.

Nothing here writes. What the demo waits for it reads from the record, as everybody does.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shell import DemoFailed

from interlock.bootstrap.houses import read_house
from interlock.config import find_home
from interlock.ledger.record import Record

LOOK: Final = 0.1
"""Seconds between looks at the record."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record of that event whose payload holds these words; `unless` names events that mean it will not come."""

    event: str
    words: Mapping[str, str | int]
    unless: tuple[str, ...] = ()

    def is_met(self, record: Record) -> bool:
        """Whether this is the record."""
        return record.event == self.event and all(record.payload.get(name) == word for name, word in self.words.items())

    def is_ruled_out(self, record: Record) -> bool:
        """Whether it will not come any more; of one promotion, only what becomes of that one says so."""
        if record.event not in self.unless:
            return False
        about = str(record.payload.get("promotion", record.payload.get("rollback", "")))
        return about.startswith(str(self.words.get("promotion", "")))


@dataclass(frozen=True, slots=True)
class Chronicle:
    """The ledger of one repository."""

    repository: Path

    def size(self) -> int:
        """How many records there are."""
        with closing(read_house(find_home(self.repository, {})).store) as store:
            return store.head().size

    def records(self, since: int = 0) -> tuple[Record, ...]:
        """The records from there on."""
        with closing(read_house(find_home(self.repository, {})).store) as store:
            return tuple(store.records(since=since))

    def wait(self, wanted: Wanted, since: int, within: float, look: Callable[[], None]) -> Record:
        """The first such record from there on. `look` is called meanwhile and may raise."""
        deadline = time.monotonic() + within
        with closing(read_house(find_home(self.repository, {})).store) as store:
            seen = since
            while True:
                for record in store.records(since=seen):
                    seen = record.index + 1
                    if wanted.is_met(record):
                        return record
                    if wanted.is_ruled_out(record):
                        raise DemoFailed(f"waiting for {wanted.event}: {_told(record)}")
                if time.monotonic() > deadline:
                    raise DemoFailed(f"{wanted.event} {dict(wanted.words)} did not happen within {within:g} s")
                look()
                time.sleep(LOOK)

    def found(self, wanted: Wanted, since: int = 0) -> Iterator[Record]:
        """Every such record from there on."""
        return (record for record in self.records(since) if wanted.is_met(record))


def _told(record: Record) -> str:
    sentence = record.payload.get("sentence", "")
    return f"{record.event} in {record.stream}: {sentence}"
