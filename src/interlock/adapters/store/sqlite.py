# SPDX-License-Identifier: Apache-2.0
"""The ledger in one SQLite file, through the standard library alone, because opening it must cost milliseconds.

1. WAL with `synchronous=FULL`: an append that returned survives a power cut. `BEGIN IMMEDIATE` locks the head.
2. Erased words are overwritten where they stand: an update to the same length neither moves a cell nor frees one, and
   words are only ever added at the end of their table, so no page split leaves a copy. Then the WAL is cut to nothing.
   If a reader holds the WAL at that moment, the cut is made up for by the next append or opening.
3. One object may be used from several threads; one connection, one lock.
4. Another file under its name, or under that of its log or the log's index, ends it, and so does none: every look and
   every append is `store.replaced`, for good. That is asked once more when an append is written, for a file may go in
   between, and only what is found later is recorded.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from interlock.adapters.same_file import OpenFile
from interlock.adapters.sqlite_file import (
    BRIEF_WAIT,
    connect,
    faults,
    make,
    migrate,
    read_only,
    recognised,
    replaced,
    transaction,
)
from interlock.domain.ids import Digest, StreamId, TextRef, digest_of
from interlock.ledger.canonical import decode_stored, format_time, parse_time
from interlock.ledger.chain import Extension, extend, grown, moved, next_key, streams_of
from interlock.ledger.checkpoint import Checkpoint, parse_key_name, says, signed_note
from interlock.ledger.record import Batch, Record, SaltedText
from interlock.ledger.tree import Frontier
from interlock.ports.failure import PortFailure, Rejected, Unavailable
from interlock.ports.signing import CheckpointSigner
from interlock.ports.store import Appended, Conflict, Erased, Growth, Head, Missing, NotGrown, Stretch

_NOT_ASKED: Final = -1
"""In place of a version."""
_PAGE: Final = 500
"""Records read under one hold of the lock."""

_NAMES: Final = """
WITH RECURSIVE wanted (length, prefix) AS (VALUES (?, ?)), names (name) AS (
  SELECT min(stream) FROM records WHERE stream >= ?
  UNION ALL
  SELECT (SELECT min(stream) FROM records WHERE stream > name) FROM names, wanted
  WHERE substr(name, 1, length) = prefix
)
SELECT name FROM names, wanted WHERE substr(name, 1, length) = prefix
"""
"""Steps from one name to the next in the index, so that long streams cost as little as short ones."""


_ENDS: Final = """
SELECT size, note FROM (
  SELECT * FROM (SELECT size, note FROM checkpoints WHERE size > ? AND size <= ? ORDER BY size DESC LIMIT 1)
  UNION ALL
  SELECT * FROM (SELECT size, note FROM checkpoints WHERE size > ? AND size > ? ORDER BY size LIMIT 1)
) LIMIT 1
"""
"""The last append that ends within the limit, or else the first that goes beyond it."""


@dataclass(frozen=True, slots=True)
class _Edge:
    """The head row. `key` signs next, empty before the opening; `unscrubbed` is 1 while the WAL may hold words."""

    frontier: Frontier
    latest: datetime
    key: bytes
    unscrubbed: int


class SqliteReader:
    """Reads a ledger without being able to change it; needs no key. Appending answers `store.read_only`."""

    def __init__(self, path: Path, connection: sqlite3.Connection, file: OpenFile) -> None:
        self._path = path
        self._connection = connection
        self._file = file
        self._lock = threading.RLock()
        self._last = (_NOT_ASKED, Head(0, b"", datetime.min.replace(tzinfo=UTC)))
        self._origin = recognised(path, connection)
        file.was_read()
        self._refuse_another_file()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the file for reading only, also where its folder cannot be written."""
        try:
            return cls._with(OpenFile.at(path), path, "mode=ro")
        except Unavailable as error:
            log = path.with_name(f"{path.name}-wal")
            if error.code != "store.read_only" or (log.exists() and log.stat().st_size):
                raise
        # Nobody can write to the folder and there is no WAL to read along with, so nothing changes under us.
        return cls._with(OpenFile.alone(path), path, "mode=ro&immutable=1")

    @classmethod
    def _with(cls, file: OpenFile, path: Path, mode: str) -> Self:
        connection = connect(path, mode)
        try:
            return cls(path, connection, file)
        except PortFailure:
            connection.close()
            raise

    def beside(self) -> "SqliteReader":
        """Another reader of the very file that is open here: where it was gone for one of the two, it was for both."""
        return SqliteReader._with(self._file, self._path, "mode=ro")

    @property
    def origin(self) -> str:
        return self._origin

    def version(self) -> int:
        """Another number after every change that another connection made, also of another process. It costs a tenth of
        what asking for the head costs, and waits for nobody.
        """
        self._refuse_another_file()
        ((version,),) = self._rows("PRAGMA data_version", ())
        return int(version)

    def head(self) -> Head:
        version = self.version()  # asked first: what is written in between has another one, and is looked up again
        known, head = self._last
        if known != version:
            self._last = version, (head := self.head_now())
        return head

    def append(self, batch: Batch) -> Appended | Conflict:
        """Always `Unavailable`: this ledger was opened for reading."""
        raise read_only(self._path)

    def stream(self, stream: StreamId, *, after: int = 0) -> Sequence[Record]:
        rows = self._rows(
            "SELECT body FROM records WHERE stream = ? AND position > ? ORDER BY position", (stream, after)
        )
        return [decode_stored(raw) for (raw,) in rows]

    def records(self, *, since: int = 0) -> Iterator[Record]:
        end = self.head().size
        at = max(since, 0)
        while at < end:
            rows = self._rows(
                "SELECT body FROM records WHERE idx >= ? AND idx < ? ORDER BY idx", (at, min(at + _PAGE, end))
            )
            yield from (decode_stored(raw) for (raw,) in rows)
            at += _PAGE

    def stretch(self, *, since: int, limit: int) -> Stretch:
        for size, note in self._rows(_ENDS, (since, since + limit, since, since + limit)):
            rows = self._rows("SELECT body FROM records WHERE idx >= ? AND idx < ? ORDER BY idx", (since, size))
            return Stretch(tuple(bytes(raw) for (raw,) in rows), str(note))
        return Stretch((), self.checkpoint())

    def growth(self, *, since: Head) -> Growth | NotGrown:
        head = self.head()
        if (head.size, head.root) == (since.size, since.root):
            return Growth({}, head)
        if since.size and not says(self._note(since.size), Checkpoint(self._origin, since.size, since.root)):
            return NotGrown(head)
        statement = "SELECT stream, idx FROM records WHERE idx >= ? AND idx < ? ORDER BY idx"
        return Growth(dict(self._rows(statement, (since.size, head.size))), head)

    def streams(self, prefix: str) -> Sequence[StreamId]:
        rows = self._rows(_NAMES, (len(prefix), prefix, prefix))
        return [StreamId(name) for (name,) in rows]

    def blob(self, digest: Digest) -> bytes | Missing:
        for (content,) in self._rows("SELECT content FROM blobs WHERE digest = ?", (digest,)):
            if digest_of(content) != digest:
                raise Rejected(
                    "store.blob_damaged", f"the bytes kept as {digest} are others now", "restore it from a backup"
                )
            return bytes(content)
        return Missing()

    def text(self, ref: TextRef) -> SaltedText | Erased | Missing:
        for salt, words, erased in self._rows("SELECT salt, words, erased FROM texts WHERE ref = ?", (ref,)):
            return Erased() if erased else SaltedText(ref, salt, words.decode())
        return Missing()

    def checkpoint(self) -> str:
        for (note,) in self._rows("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1", ()):
            return str(note)
        return ""

    def head_now(self) -> Head:
        """Looked up, as whoever writes has to: what a connection writes itself changes no version."""
        self._refuse_another_file()
        ((size, root, latest),) = self._rows("SELECT size, root, latest FROM head", ())
        return Head(size, bytes(root), parse_time(latest))

    def _note(self, size: int) -> str:
        """The checkpoint of so many records; empty where no append ended there."""
        for (note,) in self._rows("SELECT note FROM checkpoints WHERE size = ?", (size,)):
            return str(note)
        return ""

    def close(self) -> None:
        with self._lock, faults(self._path):
            self._connection.close()

    def _refuse_another_file(self) -> None:
        if not self._file.is_there():
            raise replaced(self._path)

    def _edge(self) -> _Edge:
        rows = self._rows("SELECT size, frontier, latest, key, unscrubbed FROM head", ())
        size, packed, latest, key, unscrubbed = rows[0]
        return _Edge(Frontier.unpacked(size, packed), parse_time(latest), key, unscrubbed)

    # Rows come back as the driver types them; each caller selects columns the STRICT schema has typed.
    def _rows(self, statement: str, values: Sequence[str | int]) -> list[tuple]:  # type: ignore[type-arg]  # as the driver types them
        with self._lock, faults(self._path):
            return self._connection.execute(statement, values).fetchall()


class SqliteStore(SqliteReader):
    """A `LedgerStore` in a file, signing its checkpoints with the ledger's key."""

    def __init__(self, path: Path, connection: sqlite3.Connection, file: OpenFile, signer: CheckpointSigner) -> None:
        super().__init__(path, connection, file)
        self._signer = signer

    @classmethod
    def create(cls, path: Path, origin: str, signer: CheckpointSigner) -> Self:
        """Make an empty ledger at `path` and open it. A file that is there already is `Rejected`, `store.exists`.

        The file appears under its name only when it is whole.
        """
        parse_key_name(origin)
        draft = path.with_name(f"{path.name}.{os.getpid()}.new")
        with faults(path):
            try:
                make(draft, origin)
                os.link(draft, path)
            except FileExistsError as error:
                raise Rejected(
                    "store.exists", f"'{path}' exists already", "open it, or choose another place"
                ) from error
            except OSError as error:
                raise Unavailable("store.read_only", f"'{path}' cannot be made: {error}", "check the folder") from error
            finally:
                draft.unlink(missing_ok=True)
        return cls.open(path, signer)

    @classmethod
    def open(cls, path: Path, signer: CheckpointSigner) -> Self:  # type: ignore[override]  # writing needs the key
        """Open the ledger at `path`, bringing an older schema up to date."""
        file, connection = OpenFile.at(path), connect(path, "mode=rw")
        try:
            with faults(path):
                migrate(connection)
            store = cls(path, connection, file, signer)
        except PortFailure:
            connection.close()
            raise
        store._scrub(store._edge())
        return store

    def wait_briefly(self) -> None:
        """From now on wait no longer than `BRIEF_WAIT` for another process that is appending."""
        with self._lock, faults(self._path):
            self._connection.execute(f"PRAGMA busy_timeout = {round(BRIEF_WAIT * 1000)}")

    def head(self) -> Head:
        return self.head_now()

    def append(self, batch: Batch) -> Appended | Conflict:
        with self._lock:
            with faults(self._path), transaction(self._connection):
                self._refuse_another_file()
                edge = self._edge()
                positions = self._positions(batch)
                for one in (*moved(batch, positions), *grown(batch, self.streams)):
                    return Conflict(one.stream, one.expected, one.found)
                self._refuse_wrong_key(edge, batch)
                extension = extend(edge.frontier, positions, batch)
                self._keep_beside(batch)
                after = self._advance(edge, batch, extension)
            self._refuse_another_file()
            self._scrub(after)
            return Appended(extension.records, Head(after.frontier.size, after.frontier.root, after.latest))

    def _positions(self, batch: Batch) -> Mapping[StreamId, int]:
        statement = "SELECT max(position) FROM records WHERE stream = ?"
        return {stream: self._rows(statement, (stream,))[0][0] or 0 for stream in streams_of(batch)}

    def _refuse_wrong_key(self, edge: _Edge, batch: Batch) -> None:
        key = edge.key or next_key(b"", batch.drafts)
        if key and key != self._signer.public_key:
            raise Rejected(
                "store.wrong_key",
                "this is not the key that signs this ledger now",
                "use the key of the last rotation, or of the opening when there was none",
            )

    def _keep_beside(self, batch: Batch) -> None:
        self._connection.executemany(
            "INSERT INTO blobs (digest, content) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(digest_of(blob), blob) for blob in batch.blobs],
        )
        self._connection.executemany(
            "INSERT INTO texts (ref, salt, words, erased) VALUES (?, ?, ?, 0) ON CONFLICT DO NOTHING",
            [(text.ref, text.salt, text.words.encode()) for text in batch.texts],
        )
        for ref in batch.erased:
            changed = self._connection.execute(
                "UPDATE texts SET salt = zeroblob(length(salt)), words = zeroblob(length(words)), erased = 1"
                " WHERE ref = ?",
                (ref,),
            )
            if changed.rowcount != 1:
                raise Rejected("store.unknown_text", f"there is no text {ref} to erase", "check the reference")

    def _advance(self, edge: _Edge, batch: Batch, extension: Extension) -> _Edge:
        frontier = extension.frontier
        self._connection.executemany(
            "INSERT INTO records (idx, stream, position, body, leaf) VALUES (?, ?, ?, ?, ?)",
            [(one.record.index, one.record.stream, one.record.position, one.raw, one.leaf) for one in extension.placed],
        )
        checkpoint = Checkpoint(self._origin, frontier.size, frontier.root)
        note = str(signed_note(checkpoint, self._signer.public_key, self._signer.sign))
        self._connection.execute("INSERT INTO checkpoints (size, note) VALUES (?, ?)", (frontier.size, note))
        after = _Edge(
            frontier,
            batch.time,
            next_key(edge.key, extension.records),
            1 if batch.erased else edge.unscrubbed,
        )
        self._connection.execute(
            "UPDATE head SET size = ?, root = ?, frontier = ?, latest = ?, key = ?, unscrubbed = ?",
            (frontier.size, checkpoint.root, frontier.packed(), format_time(batch.time), after.key, after.unscrubbed),
        )
        return after

    def _scrub(self, edge: _Edge) -> None:
        """Cut the WAL to nothing when it may hold erased words; a failure leaves it for the next time."""
        if not edge.unscrubbed:
            return
        try:
            with self._lock:
                (busy, _, _) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                if not busy:
                    self._connection.execute("UPDATE head SET unscrubbed = 0")
        except sqlite3.OperationalError:
            # The append itself is durable; raising here would say that it is not.
            return
