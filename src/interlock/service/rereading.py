# SPDX-License-Identifier: Apache-2.0
"""Reading an exported ledger forwards, so that a view sees at each record just what could be seen when it was made.

1. Records are added one by one; those not added yet do not exist for who reads.
2. What was folded is let go: a reader serves one `Remembered`, whose states go forward with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from interlock.domain.ids import Digest, StreamId
from interlock.ledger.bundle import BLOBS, RECORDS, BundleReader
from interlock.ledger.canonical import as_record, decode_wire
from interlock.ledger.command import PREFIX
from interlock.ledger.record import Record
from interlock.ports.store import Missing


@dataclass(slots=True)
class Rereading:
    """What a view needs of a ledger, over the part of a bundle that was read so far."""

    bundle: BundleReader
    paths: frozenset[str]
    _waiting: dict[StreamId, list[Record]] = field(default_factory=dict)
    _positions: dict[StreamId, int] = field(default_factory=dict)

    @classmethod
    def of(cls, bundle: BundleReader) -> Self:
        """A reader that has read nothing yet."""
        return cls(bundle, frozenset(bundle.paths()))

    @classmethod
    def as_it_stood(cls, bundle: BundleReader, positions: Mapping[StreamId, int]) -> Self:
        """A reader of just these streams, up to these positions: what a decision says that it saw."""
        reader = cls.of(bundle)
        for record in _records(bundle.lines(RECORDS)):
            if record.position <= positions.get(record.stream, 0):
                reader.add(record)
        return reader

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

    def blob(self, digest: Digest) -> bytes | Missing:
        """Raw material, as it lies in the bundle; whoever uses it compares its digest."""
        path = BLOBS + digest.removeprefix("sha256:")
        return self.bundle.read(path) if path in self.paths else Missing()


def _records(lines: Iterable[bytes]) -> Iterable[Record]:
    for line in lines:
        yield as_record(decode_wire(line.removesuffix(b"\n")))
