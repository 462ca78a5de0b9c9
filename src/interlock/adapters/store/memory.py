# SPDX-License-Identifier: Apache-2.0
"""The ledger in memory: for tests, simulations and dry runs. It keeps every clause but durability."""

import threading
from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice, takewhile

from interlock.domain.ids import Digest, StreamId, TextRef, digest_of
from interlock.ledger.canonical import encode
from interlock.ledger.chain import Extension, extend, grown, moved, next_key, streams_of
from interlock.ledger.checkpoint import Checkpoint, parse_key_name, says, signed_note
from interlock.ledger.record import Batch, Record, SaltedText
from interlock.ledger.tree import Frontier
from interlock.ports.failure import Rejected
from interlock.ports.signing import CheckpointSigner
from interlock.ports.store import Appended, Conflict, Erased, Growth, Head, Missing, NotGrown, Stretch


class MemoryStore:
    """A `LedgerStore` that lives as long as the object; several threads may share it."""

    def __init__(self, origin: str, signer: CheckpointSigner) -> None:
        self._origin = parse_key_name(origin)
        self._signer = signer
        self._lock = threading.RLock()
        self._records: list[Record] = []
        self._streams: dict[StreamId, list[Record]] = {}
        self._names: list[StreamId] = []
        """Of the streams, in order."""
        self._frontier = Frontier()
        self._head = Head(0, self._frontier.root, datetime.min.replace(tzinfo=UTC))
        self._key = b""
        self._checkpoint = ""
        self._checkpoints: dict[int, str] = {}
        """By the number of records they speak of."""
        self._blobs: dict[Digest, bytes] = {}
        self._texts: dict[TextRef, SaltedText | Erased] = {}

    @property
    def origin(self) -> str:
        return self._origin

    def head(self) -> Head:
        with self._lock:
            return self._head

    def append(self, batch: Batch) -> Appended | Conflict:
        with self._lock:
            positions = {stream: len(self._streams.get(stream, ())) for stream in streams_of(batch)}
            for one in (*moved(batch, positions), *grown(batch, self.streams)):
                return Conflict(one.stream, one.expected, one.found)
            self._refuse_unfit(batch)
            extension = extend(self._frontier, positions, batch)
            checkpoint = Checkpoint(self._origin, extension.frontier.size, extension.frontier.root)
            note = str(signed_note(checkpoint, self._signer.public_key, self._signer.sign))
            self._keep(batch, extension, note)
            self._head = Head(checkpoint.size, checkpoint.root, extension.records[-1].time)
            return Appended(extension.records, self._head)

    def stream(self, stream: StreamId, *, after: int = 0) -> Sequence[Record]:
        with self._lock:
            return tuple(self._streams.get(stream, ())[max(after, 0) :])

    def records(self, *, since: int = 0) -> Iterator[Record]:
        with self._lock:
            found = self._records[max(since, 0) :]
        return iter(found)

    def stretch(self, *, since: int, limit: int) -> Stretch:
        with self._lock:
            ends = [size for size in self._checkpoints if size > since]
            if not ends:
                return Stretch((), self._checkpoint)
            end = max((size for size in ends if size <= since + limit), default=min(ends))
            return Stretch(tuple(encode(one) for one in self._records[since:end]), self._checkpoints[end])

    def growth(self, *, since: Head) -> Growth | NotGrown:
        with self._lock:
            if since == self._head:
                return Growth({}, since)  # asked at every look, and most find it so
            note = self._checkpoints.get(since.size, "")
            if since.size and not says(note, Checkpoint(self._origin, since.size, since.root)):
                return NotGrown(self._head)
            return Growth({one.stream: one.index for one in self._records[since.size :]}, self._head)

    def streams(self, prefix: str) -> Sequence[StreamId]:
        with self._lock:
            first = bisect_left(self._names, prefix)
            return list(takewhile(lambda name: name.startswith(prefix), islice(self._names, first, None)))

    def blob(self, digest: Digest) -> bytes | Missing:
        with self._lock:
            return self._blobs.get(digest, Missing())

    def text(self, ref: TextRef) -> SaltedText | Erased | Missing:
        with self._lock:
            return self._texts.get(ref, Missing())

    def checkpoint(self) -> str:
        with self._lock:
            return self._checkpoint

    def close(self) -> None:
        """Nothing is held."""

    def _refuse_unfit(self, batch: Batch) -> None:
        key = self._key or next_key(b"", batch.drafts)
        if key and key != self._signer.public_key:
            raise Rejected(
                "store.wrong_key",
                "this is not the key that signs this ledger now",
                "use the key of the last rotation, or of the opening when there was none",
            )
        known = {*self._texts, *(text.ref for text in batch.texts)}
        for ref in batch.erased:
            if ref not in known:
                raise Rejected("store.unknown_text", f"there is no text {ref} to erase", "check the reference")

    def _keep(self, batch: Batch, extension: Extension, note: str) -> None:
        for record in extension.records:
            self._records.append(record)
            if record.stream not in self._streams:
                insort(self._names, record.stream)
            self._streams.setdefault(record.stream, []).append(record)
        for blob in batch.blobs:
            self._blobs.setdefault(digest_of(blob), blob)
        for text in batch.texts:
            self._texts.setdefault(text.ref, text)
        for ref in batch.erased:
            self._texts[ref] = Erased()
        self._frontier = extension.frontier
        self._key = next_key(self._key, extension.records)
        self._checkpoint = self._checkpoints[extension.frontier.size] = note
