# SPDX-License-Identifier: Apache-2.0
"""A copy of a ledger that is kept elsewhere: records are fetched, checked against signed checkpoints, then believed.

1. Only what `ledger.following` takes is written, so the copy is at every moment a whole ledger under its own key.
2. A server that tells another history than before is `Rejected` (`server.rewritten`), and the copy stays as it was: it
   is the proof. So is one that cuts back (`server.cut_back`), is another ledger (`server.other_ledger`), or whose
   checkpoints are not signed by the ledger's key (`server.unsigned`).
3. Blobs are kept under the digest they were asked for. Words are asked for when they are read and never written down
   here: they may have to be erased, and nobody could find this copy.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from interlock.adapters.same_file import OpenFile
from interlock.adapters.sqlite_file import connect, faults, make, transaction
from interlock.adapters.store.sqlite import SqliteReader
from interlock.domain.decision import Reason
from interlock.domain.ids import Digest, TextRef, digest_of
from interlock.ledger.canonical import format_time
from interlock.ledger.checkpoint import Ed25519Check, parse_key_name, parse_note
from interlock.ledger.following import Held, How, Strayed, Taken, follow
from interlock.ledger.record import SaltedText
from interlock.ports.failure import Rejected
from interlock.ports.far_ledger import FarHead, FarLedger
from interlock.ports.store import Erased, Head, Missing, Stretch

FRESH: Final = 0.3
"""Seconds for which a look at the server counts: one command reads one state."""
PAGE: Final = 2000
"""Records asked for at a time."""
_KEPT: Final = "believe nothing it says until it is explained; what it told before is kept"
_STRAYED: Final = {
    How.OTHER: Reason("server.other_ledger", "the server keeps another ledger than the one that was followed", _KEPT),
    How.CUT: Reason("server.cut_back", "the server has fewer records than it had", _KEPT),
    How.REWRITTEN: Reason("server.rewritten", "the server tells another history than it told before", _KEPT),
    How.UNSIGNED: Reason("server.unsigned", "the server's ledger is not signed by its key", _KEPT),
    How.MALFORMED: Reason("server.malformed", "what the server gives is no ledger", _KEPT),
}


class Replica(SqliteReader):
    """Reads a far ledger as if it were here; is brought up to date whenever its head is asked for."""

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        file: OpenFile,
        far: FarLedger,
        check: Ed25519Check,
        elapsed: Callable[[], float],
    ) -> None:
        super().__init__(path, connection, file)
        self._far = far
        self._check = check
        self._elapsed = elapsed
        self._looked = float("-inf")
        self._seen = FarHead(self._origin, 0, driven=False)
        self._words: dict[TextRef, SaltedText | Erased | Missing] = {}

    @classmethod
    def follow(cls, path: Path, far: FarLedger, check: Ed25519Check, elapsed: Callable[[], float]) -> Self:
        """The copy at `path`, begun where there is none. `elapsed` gives seconds from any moment on."""
        if not path.exists():
            _begin(path, far.head().origin)
        file, connection = OpenFile.at(path), connect(path, "mode=rw")
        try:
            return cls(path, connection, file, far, check, elapsed)
        except BaseException:
            connection.close()
            raise

    @property
    def driven(self) -> bool:
        """Whether the controller there was at work when it was looked at last."""
        return self._seen.driven

    def head(self) -> Head:
        with self._lock:
            if self._elapsed() - self._looked > FRESH:
                self._catch_up()
                self._looked = self._elapsed()
            return self.head_now()

    def look_again(self) -> None:
        """Something was handed in: what was seen before does not count any more."""
        self._looked = float("-inf")

    def text(self, ref: TextRef) -> SaltedText | Erased | Missing:
        if ref not in self._words:
            self._words[ref] = self._far.text(ref)
        return self._words[ref]

    def blob(self, digest: Digest) -> bytes | Missing:
        kept = super().blob(digest)
        if not isinstance(kept, Missing):
            return kept
        given = self._far.blob(digest)
        if isinstance(given, Missing):
            return given
        if digest_of(given) != digest:
            raise Rejected(
                "server.other_content",
                f"what {self._far.address} gives as {digest} are other bytes",
                "ask who runs the server; `interlock ledger verify` checks a copy of the ledger",
            )
        with self._lock, faults(self._path), transaction(self._connection):
            self._connection.execute("INSERT INTO blobs VALUES (?, ?) ON CONFLICT DO NOTHING", (digest, given))
        return given

    def _catch_up(self) -> None:
        self._seen = self._far.head()
        while True:
            known = self.head_now().size
            given = self._far.stretch(since=known, limit=PAGE)
            if given.checkpoint:
                self._take(known, given)
            if known + len(given.records) >= self._seen.size or not given.records:
                return

    def _take(self, known: int, given: Stretch) -> None:
        """Check the stretch against what is held, and keep it. Another process may have been faster: then nothing."""
        with self._lock, faults(self._path), transaction(self._connection):
            edge = self._edge()
            if edge.frontier.size != known:
                return
            found = self._followed(Held(self._origin, edge.frontier, edge.key), given)
            if found.records:
                self._write(given, found)

    def _followed(self, held: Held, given: Stretch) -> Taken:
        try:
            note = parse_note(given.checkpoint)
        except ValueError as fault:
            raise self._strayed(Strayed(How.MALFORMED, str(fault))) from fault
        found = follow(held, given.records, note, self._check)
        if isinstance(found, Strayed):
            raise self._strayed(found)
        return found

    def _write(self, given: Stretch, found: Taken) -> None:
        rows = zip(found.records, given.records, found.leaves, strict=True)
        self._connection.executemany(
            "INSERT INTO records (idx, stream, position, body, leaf) VALUES (?, ?, ?, ?, ?)",
            [(record.index, record.stream, record.position, raw, leaf) for record, raw, leaf in rows],
        )
        held, latest = found.held, format_time(found.records[-1].time)
        size = held.frontier.size
        self._connection.execute("INSERT INTO checkpoints (size, note) VALUES (?, ?)", (size, given.checkpoint))
        self._connection.execute(
            "UPDATE head SET size = ?, root = ?, frontier = ?, latest = ?, key = ?",
            (size, held.frontier.root, held.frontier.packed(), latest, held.key),
        )

    def _strayed(self, strayed: Strayed) -> Rejected:
        known = _STRAYED[strayed.how]
        sentence = f"{known.sentence}: {self._far.address}: {strayed.sentence}"
        return Rejected(known.code, sentence, f"{known.next_step} in {self._path}")


def _begin(path: Path, origin: str) -> None:
    """A copy that holds nothing yet; it appears under its name only when it is whole."""
    try:
        parse_key_name(origin)
    except ValueError as fault:
        raise Rejected("server.malformed", str(fault), "check the address of the server") from fault
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with faults(path):
            make(draft, origin)
        with suppress(FileExistsError):  # another process was faster
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
