# SPDX-License-Identifier: Apache-2.0
"""How many durable appends a second, beside raw SQLite writing the same rows in the same transactions, in the same run.

The raw side has the same file settings, tables and index, and is handed every row ready made: what is left out is
canonical JSON, hashing, the tree, checking what was read, and the signature.
"""

import json
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from interlock.adapters.signer.ed25519 import Ed25519Signer
from interlock.adapters.store.sqlite import SqliteStore
from interlock.domain.actor import Assurance
from interlock.domain.ids import CommandId, StreamId
from interlock.ledger.command import CommandBody, CommandRecord, NoSignature, command_stream
from interlock.ledger.record import Batch, Draft
from interlock.ports.store import Appended

ORIGIN = "interlock.example/bench"
ROUNDS = 5
APPENDS = 300
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
OUTPUT = Path("build/bench/append.json")


def batch(number: int) -> Batch:
    """A command with two effects, over three streams it read."""
    release = StreamId(f"release/outreach/{number}")
    body = CommandBody("Note", 1, CommandId(f"c-{number}"), ORIGIN, "robot:controller", START, {"release": release})
    reads = {release: 0, StreamId("freeze/outreach"): 0, command_stream(body.id): 0}
    record = CommandRecord(body, NoSignature(), reads, {"latest": "2026-01-05T09:00:00.000000Z"}, "1")
    effect = Draft(release, "Noted", 1, {"release": release, "check": "unit-tests", "verdict": "pass", "count": 0})
    return Batch(
        drafts=(Draft(command_stream(body.id), record.event, 1, record.to_payload()), effect, effect),
        time=START,
        actor="robot:controller",
        assurance=Assurance.AUTHENTICATED,
        cause=body.id,
        expected=reads,
    )


def ours(store: SqliteStore, start: int) -> None:
    for number in range(start, start + APPENDS):
        assert isinstance(store.append(batch(number)), Appended)


def rows_of(path: Path) -> tuple[list[tuple[int, ...]], list[tuple[int, str]], tuple[int, ...]]:
    """What a ledger wrote: records, checkpoints and the head, as raw rows."""
    with closing(sqlite3.connect(path)) as connection:
        records = connection.execute("SELECT idx, stream, position, body, leaf FROM records ORDER BY idx").fetchall()
        checkpoints = connection.execute("SELECT size, note FROM checkpoints ORDER BY size").fetchall()
        head = connection.execute("SELECT size, root, frontier, latest, key, unscrubbed FROM head").fetchone()
    return records, checkpoints, head


def raw(connection: sqlite3.Connection, written: Path, start: int) -> Callable[[], None]:
    records, checkpoints, head = rows_of(written)

    def write() -> None:
        for number in range(start, start + APPENDS):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?)", records[3 * number : 3 * number + 3])
            connection.execute("INSERT INTO checkpoints VALUES (?, ?)", checkpoints[number])
            connection.execute(
                "UPDATE head SET size = ?, root = ?, frontier = ?, latest = ?, key = ?, unscrubbed = ?", head
            )
            connection.execute("COMMIT")

    return write


def spent(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def main() -> None:
    """Print one line and keep the figures."""
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=OUTPUT.parent) as folder:
        signer = Ed25519Signer.create(Path(folder) / "key.pem", ORIGIN)
        ledger, plain = Path(folder) / "ledger.sqlite", Path(folder) / "plain.sqlite"
        SqliteStore.create(plain, ORIGIN, signer).close()
        ours_seconds: list[float] = []
        raw_seconds: list[float] = []
        with (
            closing(SqliteStore.create(ledger, ORIGIN, signer)) as store,
            closing(sqlite3.connect(plain, isolation_level=None)) as connection,
        ):
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
            for start in range(0, ROUNDS * APPENDS, APPENDS):
                ours_seconds.append(spent(partial(ours, store, start)))
                raw_seconds.append(spent(raw(connection, ledger, start)))
    ratio = sum(raw_seconds) / sum(ours_seconds)
    ours_rate, raw_rate = APPENDS / median(ours_seconds), APPENDS / median(raw_seconds)
    print(f"append: {ours_rate:.0f} durable appends/s of 3 records, raw SQLite {raw_rate:.0f}/s: {ratio:.0%} of raw")
    OUTPUT.write_text(json.dumps({"appends_per_second": ours_rate, "raw_per_second": raw_rate, "ratio": ratio}) + "\n")


if __name__ == "__main__":
    main()
