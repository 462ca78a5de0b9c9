# SPDX-License-Identifier: Apache-2.0
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from interlock.adapters.accounts.sqlite import APPLICATION_ID, SqliteAccounts
from interlock.ports.accounts import Unsure
from interlock.ports.failure import Rejected, Unavailable
from interlock.testing.contracts.accounts import ANN, AccountsContract, a_session, a_token, an_account, an_entry

REVOKE = """
import sqlite3, sys
sqlite3.connect(sys.argv[1], isolation_level=None).execute("DELETE FROM tokens")
"""


class TestSqliteAccounts(AccountsContract):
    @pytest.fixture
    def accounts(self, tmp_path: Path) -> Iterator[SqliteAccounts]:
        with closing(SqliteAccounts.open(tmp_path / "accounts.db")) as accounts:
            yield accounts


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "accounts.db"
    with closing(SqliteAccounts.open(path)) as before:
        before.add(an_account())
        before.open_session(a_session())
        before.keep_token(a_token())
        before.note(an_entry("a"))
    with closing(SqliteAccounts.open(path)) as after:
        assert after.account(ANN) == an_account()
        assert after.session("d1") == a_session()
        assert after.token("t1") == a_token()
        assert len(after.trail(10)) == 1


def test_the_file_is_its_owners_alone_even_when_it_was_not(tmp_path: Path) -> None:
    path = tmp_path / "accounts.db"
    path.touch(0o644)
    SqliteAccounts.open(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("statement", ["DELETE FROM trail", "UPDATE trail SET person = 'ben'"])
def test_the_file_itself_keeps_the_trail(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "accounts.db"
    with closing(SqliteAccounts.open(path)) as accounts:
        accounts.note(an_entry("a"))
    with closing(sqlite3.connect(path)) as outsider, pytest.raises(sqlite3.IntegrityError, match="only grows"):
        outsider.execute(statement)


def test_what_another_process_changes_is_another_version(tmp_path: Path) -> None:
    path = tmp_path / "accounts.db"
    with closing(SqliteAccounts.open(path)) as accounts:
        accounts.keep_token(a_token())
        before = accounts.version()
        subprocess.run([sys.executable, "-c", REVOKE, path], check=True)
        assert accounts.version() != before


def test_while_somebody_writes_nobody_waits_to_learn_the_version(tmp_path: Path) -> None:
    path = tmp_path / "accounts.db"
    with closing(SqliteAccounts.open(path)) as accounts, closing(sqlite3.connect(path)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        assert accounts.version() == Unsure()
        writer.rollback()
        assert isinstance(accounts.version(), int)


def test_where_the_version_cannot_be_read_it_is_said(tmp_path: Path) -> None:
    accounts = SqliteAccounts.open(tmp_path / "accounts.db")
    accounts.close()
    with pytest.raises(Unavailable, match="cannot be used"):
        accounts.version()


def _another_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE notes (words TEXT)")


def _a_newer_one(path: Path) -> None:
    with closing(sqlite3.connect(path)) as newer:
        newer.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        newer.execute("PRAGMA user_version = 99")


def _no_database(path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to be looked at as one" * 20)


@pytest.mark.parametrize("make", [_another_database, _a_newer_one, _no_database])
def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path, make: object) -> None:
    path = tmp_path / "accounts.db"
    assert callable(make)
    make(path)
    with pytest.raises(Rejected) as failure:
        SqliteAccounts.open(path)
    assert failure.value.code == "accounts.not_ours"


def test_a_place_that_cannot_hold_a_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as failure:
        SqliteAccounts.open(tmp_path / "nowhere" / "accounts.db")
    assert failure.value.code == "accounts.unavailable"


@pytest.mark.parametrize(
    "ask",
    [
        lambda accounts: accounts.token("t1"),
        lambda accounts: accounts.add(an_account()),
        lambda accounts: accounts.revoke_token("nightly"),
        SqliteAccounts.version,
    ],
    ids=["read", "write", "revoke", "version"],
)
def test_nobody_is_let_in_by_a_file_that_was_replaced(tmp_path: Path, ask: Callable[[SqliteAccounts], object]) -> None:
    path = tmp_path / "accounts.db"
    with closing(SqliteAccounts.open(path)) as accounts:
        accounts.keep_token(a_token())
        SqliteAccounts.open(tmp_path / "other.db").close()
        (tmp_path / "other.db").rename(path)
        with pytest.raises(Unavailable) as failure:
            ask(accounts)
    assert failure.value.code == "accounts.replaced"


def test_accounts_that_were_moved_and_moved_back_are_let_on_only_when_they_are_opened_again(tmp_path: Path) -> None:
    path, aside = tmp_path / "accounts.db", tmp_path / "aside"
    with closing(SqliteAccounts.open(path)) as accounts:
        accounts.keep_token(a_token())
        path.rename(aside)
        with pytest.raises(Unavailable):
            accounts.version()
        aside.rename(path)
        with pytest.raises(Unavailable) as failure:
            accounts.tokens()
    assert failure.value.code == "accounts.replaced"
    with closing(SqliteAccounts.open(path)) as again:
        assert list(again.tokens()) == [a_token()]
