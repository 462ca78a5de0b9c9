# SPDX-License-Identifier: Apache-2.0
"""Keeping the ledger.

1. `append` is one transaction: the head is locked, the position of every expected stream is checked, records are
   placed, blobs and texts stored, texts erased, the new head signed, and the checkpoint written. When it returns
   `Appended` all of that is durable; when it returns `Conflict` or raises, none of it happened.
2. Two processes may append at once; one waits for the other, neither loses anything.
3. `Conflict` names a stream whose position was not the expected one and the position found; or how names of streams
   begin of which there are others than were counted, with both counts.
4. Records read back are equal to those appended, in order, without gaps.
5. Blobs are kept under the digest of their bytes; a blob that no longer has it is `Rejected` (`store.blob_damaged`).
6. A full disk, a read-only file or a lock that stays taken is `Unavailable` (codes `store.full`, `store.read_only`,
   `store.locked`); a file that is no ledger, or one written by a newer version, is `Rejected` (`store.not_a_ledger`,
   `store.newer_version`). A file that is not the one under its name any more is `Unavailable` (`store.replaced`), for
   who looks and for who appends, also when it comes back: nothing is written where nobody will find it.
7. Erased words cannot be read back, not even from the free pages of the file.
8. A stretch of records ends where an append ended, with the checkpoint signed then, so that each can be checked alone.
9. What moved since a head is told stream by stream. A head at which this ledger never stood is told apart: its file was
   put back, or holds another ledger.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from interlock.domain.ids import Digest, StreamId, TextRef
from interlock.ledger.record import Batch, Record, SaltedText


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger stands. `root` is the RFC 6962 tree hash over all records; `latest` the last record's time.

    An empty ledger has size 0 and `latest` at the smallest aware UTC time.
    """

    size: int
    root: bytes
    latest: datetime


@dataclass(frozen=True, slots=True)
class Appended:
    records: tuple[Record, ...]
    head: Head


@dataclass(frozen=True, slots=True)
class Conflict:
    stream: StreamId
    expected: int
    found: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Records one after the other as their canonical bytes, and the checkpoint signed when the last was appended.

    Without records it is the newest checkpoint: nothing follows.
    """

    records: tuple[bytes, ...]
    checkpoint: str


@dataclass(frozen=True, slots=True)
class Growth:
    """The ledger only grew: each stream that has records since, with the number of its last; and where it stands."""

    moved: Mapping[StreamId, int]
    head: Head


@dataclass(frozen=True, slots=True)
class NotGrown:
    """The ledger, which stands here now, never stood where it was said to have stood."""

    head: Head


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no such blob or text."""


@dataclass(frozen=True, slots=True)
class Erased:
    """The words were there and have been erased."""


class LedgerStore(Protocol):
    """An append-only sequence of records in streams, with its checkpoints, blobs and erasable texts."""

    @property
    def origin(self) -> str:
        """The name of this ledger, fixed when it was made; it stands in every checkpoint and signed command."""
        ...

    def head(self) -> Head: ...

    def append(self, batch: Batch) -> Appended | Conflict: ...

    def stream(self, stream: StreamId, *, after: int = 0) -> Sequence[Record]:
        """The records of one stream whose position is greater than `after`, ascending."""
        ...

    def records(self, *, since: int = 0) -> Iterator[Record]:
        """All records from global index `since` on, ascending."""
        ...

    def stretch(self, *, since: int, limit: int) -> Stretch:
        """Records from global index `since` on, as many as `limit` where appends end so; at least one append."""
        ...

    def growth(self, *, since: Head) -> Growth | NotGrown:
        """What came since that head."""
        ...

    def streams(self, prefix: str) -> Sequence[StreamId]:
        """The names of all streams that begin with `prefix`, ascending."""
        ...

    def blob(self, digest: Digest) -> bytes | Missing: ...

    def text(self, ref: TextRef) -> SaltedText | Erased | Missing: ...

    def checkpoint(self) -> str:
        """The newest checkpoint, a C2SP signed note; empty for an empty ledger."""
        ...

    def close(self) -> None: ...
