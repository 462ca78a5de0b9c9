# SPDX-License-Identifier: Apache-2.0
"""What a disk can do to a ledger: be full, or not be ours to write."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from interlock.adapters.signer.memory import MemorySigner
from interlock.adapters.store.sqlite import SqliteReader, SqliteStore
from interlock.ports.failure import Unavailable
from interlock.testing.contracts.store import a_batch, appended

SIGNER = MemorySigner("interlock.example/outreach")
LIMIT = 400_000
NOBODY = 65534

FILL = """
import resource, sys
from dataclasses import replace
from pathlib import Path
from interlock.adapters.signer.memory import MemorySigner
from interlock.adapters.store.sqlite import SqliteStore
from interlock.ledger.canonical import encode
from interlock.ledger.tree import leaf_hash, root_of
from interlock.ports.failure import Unavailable
from interlock.testing.contracts.store import a_batch

path, limit = Path(sys.argv[1]), int(sys.argv[2])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
store = SqliteStore.open(path, MemorySigner("interlock.example/outreach"))
good = 0
try:
    while True:
        store.append(replace(a_batch(), blobs=(str(good).encode() * 2000,)))
        good += 1
except Unavailable as failure:
    print(failure.code)
assert good > 5, good
assert store.head().size == good
assert store.head().root == root_of([leaf_hash(encode(record)) for record in store.records()])
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users can reach, which pytest's own is not."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        yield place


@pytest.fixture
def small_disk(folder: Path) -> Iterator[tuple[Path, int]]:
    """A really small disk where one may mount it, else a folder with a limit on the size of files."""
    command = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", os.fspath(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    yield folder, (0 if mounted else LIMIT)
    if mounted:
        subprocess.run(["umount", os.fspath(folder)], check=True)


def printed(script: str, *arguments: str) -> str:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


@contextmanager
def somebody_else(folder: Path) -> Iterator[None]:
    """Be a user who may not write in the folder; root, who may everything, becomes another user for the while."""
    folder.chmod(0o555)
    user = os.geteuid()
    os.seteuid(user or NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        folder.chmod(0o755)


def test_a_full_disk_loses_nothing_and_is_said_so(small_disk: tuple[Path, int]) -> None:
    folder, limit = small_disk
    path = folder / "ledger.sqlite"
    SqliteStore.create(path, SIGNER.name, SIGNER).close()
    assert printed(FILL, str(path), str(limit)) == "store.full\n"
    with closing(SqliteReader.open(path)) as reader:
        assert reader.head().size == len(list(reader.records()))


def test_a_limit_on_the_size_of_files_is_a_full_disk(folder: Path) -> None:
    path = folder / "ledger.sqlite"
    SqliteStore.create(path, SIGNER.name, SIGNER).close()
    assert printed(FILL, str(path), str(LIMIT)) == "store.full\n"


def test_a_ledger_one_may_only_read_is_read_and_not_written(folder: Path) -> None:
    path = folder / "ledger.sqlite"
    with closing(SqliteStore.create(path, SIGNER.name, SIGNER)) as store:
        appended(store, a_batch())
    path.chmod(0o444)
    with somebody_else(folder):
        with closing(SqliteReader.open(path)) as reader:
            assert len(list(reader.records())) == 1
        with pytest.raises(Unavailable) as caught, closing(SqliteStore.open(path, SIGNER)) as opened:
            opened.append(a_batch())
    assert caught.value.code == "store.read_only"


def test_a_copy_whose_last_appends_cannot_be_read_along_is_not_taken_for_the_whole(
    folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "ledger.sqlite"
    with closing(SqliteStore.create(path, SIGNER.name, SIGNER)) as store:
        appended(store, a_batch())
        for name in ("ledger.sqlite", "ledger.sqlite-wal"):
            (folder / name).write_bytes((tmp_path / name).read_bytes())
            (folder / name).chmod(0o444)
    with somebody_else(folder), pytest.raises(Unavailable) as caught:
        SqliteReader.open(folder / "ledger.sqlite")
    assert caught.value.code == "store.read_only"


def test_a_ledger_one_may_only_read_is_read_while_its_owner_writes(folder: Path) -> None:
    path = folder / "ledger.sqlite"
    with closing(SqliteStore.create(path, SIGNER.name, SIGNER)) as store:
        appended(store, a_batch())
        with somebody_else(folder), closing(SqliteReader.open(path)) as reader:
            assert len(list(reader.records())) == 1
