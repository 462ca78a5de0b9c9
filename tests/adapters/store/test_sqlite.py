# SPDX-License-Identifier: Apache-2.0
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from interlock.adapters.signer.memory import MemorySigner
from interlock.adapters.signer.ssh import SshVerifier
from interlock.adapters.sqlite_file import APPLICATION_ID, SCHEMA_VERSION, connect, migrate
from interlock.adapters.store.sqlite import SqliteReader, SqliteStore
from interlock.domain.ids import digest_of
from interlock.ports.failure import PortFailure, Rejected, Unavailable
from interlock.ports.signing import SignatureVerifier
from interlock.ports.store import NotGrown
from interlock.testing.contracts.store import RELEASE, SALT, StoreContract, a_batch, a_text, appended

ORIGIN = "interlock.example/outreach"
SIGNER = MemorySigner(ORIGIN)


@dataclass(frozen=True)
class SqliteRig:
    path: Path
    verifier: SignatureVerifier = SshVerifier()
    public_key: bytes = SIGNER.public_key

    def open(self) -> SqliteStore:
        if self.path.exists():
            return SqliteStore.open(self.path, SIGNER)
        return SqliteStore.create(self.path, ORIGIN, SIGNER)


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> SqliteRig:
        return SqliteRig(tmp_path / "ledger.sqlite")


def refused(open_it: Callable[[], object]) -> PortFailure:
    with pytest.raises(PortFailure) as caught:
        open_it()
    return caught.value


def everything_in(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.iterdir() if file.name.startswith(path.name))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.create(path, ORIGIN, SIGNER)
    yield store
    store.close()


def test_a_missing_file_is_not_a_ledger(path: Path) -> None:
    assert refused(lambda: SqliteStore.open(path, SIGNER)).code == "store.not_a_ledger"


@pytest.mark.parametrize("content", [b"", b"some text\n" * 200])
def test_another_kind_of_file_is_not_a_ledger(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert refused(lambda: SqliteStore.open(path, SIGNER)).code == "store.not_a_ledger"
    assert refused(lambda: SqliteReader.open(path)).code == "store.not_a_ledger"
    assert path.read_bytes() == content


def test_another_sqlite_file_is_not_a_ledger(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE records (body)")
    failure = refused(lambda: SqliteStore.open(path, SIGNER))
    assert (type(failure), failure.code) == (Rejected, "store.not_a_ledger")


def test_a_ledger_of_a_newer_version_is_refused(store: SqliteStore, path: Path) -> None:
    store.close()
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    failure = refused(lambda: SqliteStore.open(path, SIGNER))
    assert (type(failure), failure.code) == (Rejected, "store.newer_version")


def a_file_of_version_0(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def test_an_older_file_is_brought_up_to_date_when_it_is_opened_for_writing(path: Path) -> None:
    a_file_of_version_0(path)
    with closing(connect(path, "mode=rw")) as connection:
        migrate(connection)
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert connection.execute("SELECT count(*) FROM records").fetchone() == (0,)


def test_an_older_file_is_not_changed_by_reading(path: Path) -> None:
    a_file_of_version_0(path)
    assert refused(lambda: SqliteReader.open(path)).code == "store.older_version"


def test_a_ledger_is_never_made_over_a_file(store: SqliteStore, path: Path) -> None:
    appended(store, a_batch())
    assert refused(lambda: SqliteStore.create(path, ORIGIN, SIGNER)).code == "store.exists"
    assert store.head().size == 1
    assert sorted(file.name for file in path.parent.iterdir() if file.name.endswith(".new")) == []


def test_a_ledger_cannot_be_made_where_there_is_no_folder(tmp_path: Path) -> None:
    absent = tmp_path / "absent" / "ledger.sqlite"
    assert refused(lambda: SqliteStore.create(absent, ORIGIN, SIGNER)).code == "store.read_only"


def test_a_ledger_needs_a_name_that_fits_a_checkpoint(path: Path) -> None:
    with pytest.raises(ValueError, match="no name for a ledger"):
        SqliteStore.create(path, "two words", SIGNER)


@pytest.mark.usefixtures("store")
def test_appends_are_written_through_to_the_disk(path: Path) -> None:
    with closing(connect(path, "mode=rw")) as connection:
        modes = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert modes == ["wal", 2]


def test_a_reader_follows_a_writer(store: SqliteStore, path: Path) -> None:
    with closing(SqliteReader.open(path)) as reader:
        appended(store, a_batch())
        assert reader.head() == store.head()
        assert tuple(reader.records()) == tuple(store.records())
        assert reader.checkpoint() == store.checkpoint()


def test_a_reader_knows_the_head_as_it_is_after_every_append(store: SqliteStore, path: Path) -> None:
    with closing(SqliteReader.open(path)) as reader:
        told = []
        for _ in range(3):
            told.append((reader.head(), reader.head(), store.head()))
            appended(store, a_batch())
    assert [len(set(heads)) for heads in told] == [1, 1, 1]


def test_a_reader_can_tell_that_the_ledger_grew_while_somebody_appends(store: SqliteStore, path: Path) -> None:
    with closing(SqliteReader.open(path)) as reader, closing(sqlite3.connect(path, isolation_level=None)) as other:
        before = reader.version()
        assert reader.version() == before
        appended(store, a_batch())
        other.execute("BEGIN EXCLUSIVE")
        assert reader.version() != before


@pytest.mark.usefixtures("store")
def test_a_reader_cannot_append(path: Path) -> None:
    with closing(SqliteReader.open(path)) as reader:
        assert refused(lambda: reader.append(a_batch())).code == "store.read_only"


def test_a_lock_that_stays_taken_is_said_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interlock.adapters.sqlite_file.LOCK_WAIT", 0.05)
    with closing(SqliteStore.create(path, ORIGIN, SIGNER)) as store, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        failure = refused(lambda: store.append(a_batch()))
        other.execute("ROLLBACK")
        assert (type(failure), failure.code) == (Unavailable, "store.locked")
        appended(store, a_batch())


def test_a_blob_that_was_changed_on_disk_is_not_given_out(store: SqliteStore, path: Path) -> None:
    appended(store, replace(a_batch(), blobs=(b"report",)))
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE blobs SET content = x'00'")
        other.commit()
    assert refused(lambda: store.blob(digest_of(b"report"))).code == "store.blob_damaged"


def test_a_damaged_file_is_said_to_be_damaged(store: SqliteStore, path: Path) -> None:
    appended(store, a_batch(*[RELEASE] * 200))
    store.close()
    content = bytearray(path.read_bytes())
    content[4096 * 3 :] = b"\xff" * len(content[4096 * 3 :])
    path.write_bytes(content)
    assert refused(lambda: SqliteStore.open(path, SIGNER)).code == "store.damaged"


@pytest.mark.parametrize("length", [8, 300, 5000])
def test_erased_words_are_nowhere_in_the_file(store: SqliteStore, path: Path, length: int) -> None:
    texts = [a_text(f"secret-{number:03}-" + "word" * (length // 4)) for number in range(120)]
    for text in texts:
        appended(store, replace(a_batch(), texts=(text,)))
    assert everything_in(path).count(b"secret-") >= len(texts)
    for start in range(0, len(texts), 7):
        appended(store, replace(a_batch(), erased=tuple(text.ref for text in texts[start : start + 7])))
    assert b"secret-" not in everything_in(path)
    assert b"wordword" not in everything_in(path)
    assert SALT not in everything_in(path)


def test_words_erased_while_somebody_reads_go_with_the_next_append(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interlock.adapters.sqlite_file.LOCK_WAIT", 0.05)
    text = a_text("secret words of one person")
    with closing(SqliteStore.create(path, ORIGIN, SIGNER)) as store, closing(sqlite3.connect(path)) as other:
        appended(store, replace(a_batch(), texts=(text,)))
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM records").fetchone()
        appended(store, replace(a_batch(), erased=(text.ref,)))
        assert b"secret words" in everything_in(path)
        other.execute("ROLLBACK")
        appended(store, a_batch())
        assert b"secret words" not in everything_in(path)
        appended(store, a_batch())


def test_two_processes_append_without_losing_anything(store: SqliteStore, path: Path) -> None:
    command = [sys.executable, "-c", APPEND_FORTY, str(path)]
    others = [subprocess.Popen(command) for _ in range(2)]
    for _ in range(40):
        appended(store, a_batch())
    assert [other.wait() for other in others] == [0, 0]
    assert [record.position for record in store.stream(RELEASE)] == list(range(1, 121))


APPEND_FORTY = """
import sys
from pathlib import Path
from interlock.adapters.signer.memory import MemorySigner
from interlock.adapters.store.sqlite import SqliteStore
from interlock.testing.contracts.store import a_batch, appended
store = SqliteStore.open(Path(sys.argv[1]), MemorySigner("interlock.example/outreach"))
for _ in range(40):
    appended(store, a_batch())
store.close()
"""


def test_an_earlier_state_that_was_put_back_is_told_apart_by_who_reads_on(path: Path, tmp_path: Path) -> None:
    with closing(SqliteStore.create(path, ORIGIN, SIGNER)) as store:
        earlier = appended(store, a_batch()).head
        with closing(sqlite3.connect(tmp_path / "backup")) as backup, closing(sqlite3.connect(path)) as now:
            now.backup(backup)
        later = appended(store, a_batch()).head
    with closing(SqliteReader.open(path)) as reader:
        assert reader.head() == later
        with closing(sqlite3.connect(tmp_path / "backup")) as backup, closing(sqlite3.connect(path)) as now:
            backup.backup(now)
        assert reader.growth(since=later) == NotGrown(earlier)


def _replaced(path: Path) -> None:
    """Put another ledger under the name of this one, as whoever restores a backup by `mv` does."""
    SqliteStore.create(path.with_name("other.sqlite"), ORIGIN, SIGNER).close()
    path.with_name("other.sqlite").rename(path)


@pytest.mark.parametrize("gone", [_replaced, Path.unlink], ids=["replaced", "removed"])
def test_nothing_is_written_to_a_file_that_has_no_name_any_more(
    path: Path, store: SqliteStore, gone: Callable[[Path], None]
) -> None:
    appended(store, a_batch())
    gone(path)
    assert refused(lambda: store.append(a_batch())).code == "store.replaced"
    assert len(store.stream(RELEASE)) == 1


@pytest.mark.usefixtures("store")
def test_an_append_is_not_acknowledged_where_the_file_went_while_it_was_written(path: Path) -> None:
    class Slow(MemorySigner):
        def sign(self, message: bytes) -> bytes:
            _replaced(path)
            return super().sign(message)

    with closing(SqliteStore.open(path, Slow(ORIGIN))) as slow:
        assert refused(lambda: slow.append(a_batch())).code == "store.replaced"


@pytest.mark.parametrize("look", [SqliteReader.head, SqliteReader.version, lambda one: one.growth(since=one.head())])
def test_who_reads_a_ledger_is_told_that_another_was_put_in_its_place(
    path: Path, store: SqliteStore, look: Callable[[SqliteReader], object]
) -> None:
    appended(store, a_batch())
    with closing(SqliteReader.open(path)) as reader:
        look(reader)
        _replaced(path)
        assert refused(lambda: look(reader)).code == "store.replaced"


def test_a_ledger_that_was_moved_and_moved_back_is_let_on_only_when_it_is_opened_again(
    path: Path, store: SqliteStore
) -> None:
    appended(store, a_batch())
    path.rename(path.with_name("aside"))
    assert refused(store.head).code == "store.replaced"
    path.with_name("aside").rename(path)
    assert refused(store.head).code == "store.replaced"
    assert refused(lambda: store.append(a_batch())).code == "store.replaced"
    with closing(SqliteStore.open(path, SIGNER)) as again:
        assert appended(again, a_batch()).head.size == 2


def test_what_one_who_reads_beside_noticed_counts_for_who_writes(path: Path, store: SqliteStore) -> None:
    with closing(store.beside()) as reader:
        path.rename(path.with_name("aside"))
        assert refused(reader.head).code == "store.replaced"
        path.with_name("aside").rename(path)
        assert refused(lambda: store.append(a_batch())).code == "store.replaced"


def _renamed(path: Path) -> None:
    path.rename(path.with_name("aside"))
    path.write_bytes(b"x" * 5000)


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
@pytest.mark.parametrize("gone", [_renamed, Path.unlink], ids=["replaced", "removed"])
def test_nothing_is_acknowledged_that_only_a_log_without_a_name_holds(
    path: Path, store: SqliteStore, suffix: str, gone: Callable[[Path], None]
) -> None:
    appended(store, a_batch())
    gone(path.with_name(path.name + suffix))
    assert refused(store.head).code == "store.replaced"
    assert refused(lambda: store.append(a_batch())).code == "store.replaced"


@pytest.mark.usefixtures("store")
def test_an_append_is_not_acknowledged_where_the_log_went_while_it_was_written(path: Path) -> None:
    class Slow(MemorySigner):
        def sign(self, message: bytes) -> bytes:
            path.with_name(f"{path.name}-wal").unlink()
            return super().sign(message)

    with closing(SqliteStore.open(path, Slow(ORIGIN))) as slow:
        assert refused(lambda: slow.append(a_batch())).code == "store.replaced"


def test_a_log_that_another_file_took_along_is_noticed_although_the_file_came_back(
    path: Path, store: SqliteStore
) -> None:
    appended(store, a_batch())
    path.rename(path.with_name("aside"))
    path.write_bytes(path.with_name("aside").read_bytes())
    with closing(sqlite3.connect(path)) as other:  # reads the log of the one that was there, and removes it at its end
        other.execute("SELECT size FROM head").fetchone()
    path.with_name("aside").rename(path)
    assert refused(lambda: store.append(a_batch())).code == "store.replaced"


def test_who_opens_and_closes_vacuums_or_empties_the_log_stands_in_nobodys_way(path: Path, store: SqliteStore) -> None:
    appended(store, a_batch())
    with closing(SqliteStore.open(path, SIGNER)) as other:
        appended(other, a_batch())
    with closing(sqlite3.connect(path)) as other:
        other.execute("VACUUM")
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with closing(SqliteReader.open(path)) as reader:
        assert appended(store, a_batch()).head == reader.head()
    assert appended(store, a_batch()).head.size == 4
