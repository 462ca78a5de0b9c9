# SPDX-License-Identifier: Apache-2.0
"""`interlock account`, and the first `interlock serve`; passwords are typed at a real terminal."""

import json
import os
import pty
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.workplace import Said, Workplace
from tests.ports import free_port
from tests.server.premises import PASSWORD, a_place, make_account

from interlock.bootstrap.accounts import open_accounts
from interlock.config import find_home
from interlock.domain.ids import PersonId
from interlock.identity.passwords import fits
from interlock.ports.accounts import Account

WAIT = 60.0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """A home in which dan has an account already."""
    with a_place(Path(tmp_path_factory.mktemp("home"))) as place:
        make_account(place, "dan")
        yield place


def _typed(place: Workplace, *words: str, answers: tuple[tuple[str, str], ...], until: str = "") -> str:
    """What a terminal shows for a command, each answer typed when its question stands there."""
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover  # the other process
        os.chdir(place.folder)
        os.environ["NO_COLOR"] = "1"
        program = str(Path(sys.executable).with_name("interlock"))
        os.execv(program, [program, *words])  # noqa: S606  # a real terminal takes a process of its own
    shown = ""
    asked = list(answers)
    limit = time.monotonic() + WAIT
    while time.monotonic() < limit and not (until and until in shown):
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            shown += os.read(terminal, 4096).decode()
        except OSError:
            break
        if asked and shown.endswith(asked[0][0]):
            os.write(terminal, f"{asked.pop(0)[1]}\n".encode())
    if until or time.monotonic() >= limit:
        os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)
    os.close(terminal)
    return shown


def _again(first: str, second: str) -> tuple[tuple[str, str], ...]:
    return (("at least): ", first), ("again: ", second))


def _kept(place: Workplace, person: str) -> Account:
    with closing(open_accounts(find_home(place.folder))) as accounts:
        found = accounts.account(PersonId(person))
    assert isinstance(found, Account)
    return found


def _errors(said: Said) -> list[str]:
    return [one["code"] for one in json.loads(said.out)["error"]]


def test_a_password_is_typed_twice_and_shown_never(place: Workplace) -> None:
    shown = _typed(place, "account", "add", "ann", "--administrator", answers=_again(PASSWORD, PASSWORD))
    assert "ann may sign in" in shown
    assert PASSWORD not in shown
    assert fits(PASSWORD, _kept(place, "ann").password)
    assert {"account": "ann", "rank": "administrator", "standing": "active"} in place.done("ann", "account", "list")[
        "accounts"
    ]


def test_two_that_are_not_alike_are_asked_for_again(place: Workplace) -> None:
    answers = (*_again("one sentence of mine", "another sentence"), *_again(PASSWORD, PASSWORD))
    assert "ben may sign in" in _typed(place, "account", "add", "ben", answers=answers)


def test_who_never_types_alike_gets_nothing(place: Workplace) -> None:
    before = _kept(place, "dan")
    shown = _typed(place, "account", "passwd", "dan", answers=_again("one of mine", "another") * 3)
    assert "account.unlike" in shown
    assert _kept(place, "dan") == before


def test_a_new_password_counts(place: Workplace) -> None:
    _typed(place, "account", "passwd", "dan", answers=_again("quite another one", "quite another one"))
    assert fits("quite another one", _kept(place, "dan").password)


def test_without_a_terminal_no_password_is_taken(place: Workplace) -> None:
    assert _errors(place.say("ann", "account", "add", "cat", "--json")) == ["account.no_terminal"]
    assert place.done("ann", "account", "add", "cat", "--without-password")["rank"] == "member"


def test_a_handle_that_is_none_is_said(place: Workplace) -> None:
    assert _errors(place.say("ann", "account", "disable", "No Handle", "--json")) == ["account.name"]
    assert _errors(place.say("ann", "account", "disable", "zoe", "--json")) == ["account.unknown"]


def test_a_token_is_shown_once_and_listed_without_its_secret(place: Workplace) -> None:
    words = ("--scope", "read", "--scope", "attach", "--service", "app", "--expires", "7d", "--name", "nightly")
    made = place.done("ann", "account", "token", "dan", *words)
    assert made["token"].startswith("ilk_")
    (listed,) = [one for one in place.done("ann", "account", "tokens")["tokens"] if one["name"] == "nightly"]
    assert (listed["account"], listed["scopes"], listed["services"]) == ("dan", ["attach", "read"], ["app"])
    assert made["token"] not in json.dumps(place.done("ann", "account", "audit"))
    assert place.done("ann", "account", "revoke", "--token", "nightly") == {"token": "nightly"}
    assert _errors(place.say("ann", "account", "revoke", "--token", "nightly", "--json")) == ["token.unknown"]


def test_a_token_without_a_name_gets_one_of_its_own(place: Workplace) -> None:
    first, second = (place.done("ann", "account", "token", "dan")["name"] for _ in range(2))
    assert first != second
    assert place.done("ann", "account", "revoke", "dan")["ended"] == 2


def test_whom_or_what_to_revoke_is_said(place: Workplace) -> None:
    assert _errors(place.say("ann", "account", "revoke", "--json")) == ["account.which"]
    assert _errors(place.say("ann", "account", "revoke", "dan", "--token", "x", "--json")) == ["account.which"]


def test_an_account_is_disabled_and_enabled_and_the_trail_tells(place: Workplace) -> None:
    assert place.done("ann", "account", "disable", "dan")["standing"] == "disabled"
    assert place.done("ann", "account", "enable", "dan")["standing"] == "active"
    told = [one["what"] for one in place.done("ann", "account", "audit", "--last", "3")["audit"]]
    assert told == ["account-disabled", "sessions-ended", "account-enabled"]
    assert place.done("ann", "account", "sessions") == {"sessions": []}


def test_the_first_server_makes_its_administrator_at_the_terminal(place: Workplace) -> None:
    accounts = find_home(place.folder).accounts
    aside = accounts.with_suffix(".aside")
    accounts.rename(aside)
    try:
        answers = (("[ann] > ", ""), *_again(PASSWORD, PASSWORD))
        words = ("serve", "--port", str(free_port()))
        shown = _typed(place, *words, answers=answers, until="serving ")
        assert "Nobody can sign in yet" in shown
        assert _kept(place, "ann").rank == "administrator"
    finally:
        aside.replace(accounts)
