# SPDX-License-Identifier: Apache-2.0
"""Reading an exported ledger forwards, so that a view sees at each record just what could be seen when it was made.

1. Records are added one by one; those not added yet do not exist for who reads.
2. What was folded is let go: a reader serves one `Folded`, whose states go forward with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Final, Self

from interlock.domain.ids import Digest, StreamId
from interlock.ledger.bundle import BLOBS, RECORDS, BundleReader
from interlock.ledger.canonical import as_record, decode_wire
from interlock.ledger.command import PREFIX
from interlock.ledger.record import Record
from interlock.ports.store import Missing

LATEST: Final = datetime.max.replace(tzinfo=UTC)
"""In place of a time where nothing was unseen."""


@dataclass(slots=True)
class Rereading:
    """What a view needs of a ledger, over the part of a bundle that was read so far."""

    bundle: BundleReader
    paths: frozenset[str]
    kept: set[Digest] = field(default_factory=set)
    _waiting: dict[StreamId, list[Record]] = field(default_factory=dict)
    _positions: dict[StreamId, int] = field(default_factory=dict)

    @classmethod
    def of(cls, bundle: BundleReader) -> Self:
        """A reader that has read nothing yet."""
        return cls(bundle, frozenset(bundle.paths()))

    def as_it_stood(self, positions: Mapping[StreamId, int], before: int) -> "Earlier":
        """Just these streams, up to these positions: what a decision recorded at index `before` says that it saw."""
        reader = Rereading(self.bundle, self.paths, self.kept)
        unseen: list[datetime] = []
        for record in islice(_records(self.bundle.lines(RECORDS)), before):
            if record.position <= positions.get(record.stream, 0):
                reader.add(record)
            elif record.stream in positions:
                unseen.append(record.time)
        return Earlier(reader, min(unseen, default=LATEST))

    def keep(self, blobs: Iterable[Digest]) -> None:
        """Raw material that came along with the next command."""
        self.kept.update(blobs)

    def add(self, record: Record) -> None:
        """The next record; commands themselves are never folded and not kept."""
        if not record.stream.startswith(PREFIX):
            self._waiting.setdefault(record.stream, []).append(record)
            self._positions[record.stream] = record.position

    def position(self, stream: StreamId) -> int:
        """Where the stream stands now."""
        return self._positions.get(stream, 0)

    def stream(self, stream: StreamId, *, after: int = 0) -> Sequence[Record]:
        """The stream's records after that position. Those before it are let go."""
        left = [record for record in self._waiting.get(stream, ()) if record.position > after]
        if stream in self._waiting:
            self._waiting[stream] = left
        return left

    def streams(self, prefix: str) -> Sequence[StreamId]:
        """The names of streams that begin so, ascending."""
        return sorted(stream for stream in self._positions if stream.startswith(prefix))

    def blob(self, digest: Digest) -> bytes | Missing:
        """Raw material that was kept by now, as it lies in the bundle; whoever uses it compares its digest."""
        path = BLOBS + digest.removeprefix("sha256:")
        return self.bundle.read(path) if digest in self.kept and path in self.paths else Missing()


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier state, and the time of the first record that is not part of it though it was there."""

    reader: Rereading
    unseen_since: datetime


def _records(lines: Iterable[bytes]) -> Iterable[Record]:
    for line in lines:
        yield as_record(decode_wire(line.removesuffix(b"\n")))
