# SPDX-License-Identifier: Apache-2.0
"""Who is known again without being asked about, and what makes one ask."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from tests.identity.hall import ANN, HERE, Hall, a_hall

from interlock.adapters.accounts.memory import MemoryAccounts
from interlock.domain.people import People
from interlock.identity import familiar
from interlock.identity.caller import Caller, How, Nobody, NoSession, Scope, Visitor
from interlock.identity.familiar import Familiar, Shown
from interlock.identity.porter import SEEN_EVERY, LetIn
from interlock.identity.register import Grant
from interlock.ports.accounts import Standing, Unsure

DAY = timedelta(days=1)


@dataclass
class Hallway:
    """A hall with somebody at its door, and how often they were asked about."""

    hall: Hall
    familiar: Familiar
    asked: int = 0

    def shows(self, secret: str, shown: Shown = Shown.BEARER) -> Visitor:
        return asyncio.run(self.familiar.visitor(shown, secret, lambda: self._ask(secret, shown)))

    def token(self, name: str = "ci") -> str:
        return self.hall.register.token(ANN, Grant(name, (Scope.READ,), (), (), DAY))

    def cookie(self) -> str:
        answer = self.hall.porter.let_in(ANN, "passkey", HERE)
        assert isinstance(answer, LetIn)
        return answer.secret

    def _ask(self, secret: str, shown: Shown) -> Visitor:
        self.asked += 1
        porter = self.hall.porter
        return porter.by_token(secret, HERE) if shown is Shown.BEARER else porter.by_session(secret)


@pytest.fixture
def door() -> Hallway:
    hall = a_hall(ANN)
    return Hallway(hall, Familiar(hall.accounts, lambda: hall.registry, hall.clock))


@pytest.mark.parametrize("shown", Shown)
def test_who_was_let_in_is_known_again_without_being_asked_about(door: Hallway, shown: Shown) -> None:
    secret = door.token() if shown is Shown.BEARER else door.cookie()
    first = door.shows(secret, shown)
    assert isinstance(first, Caller)
    assert (door.shows(secret, shown), door.asked) == (first, 1)


def _revoke(door: Hallway) -> None:
    door.hall.register.revoke("ci")


def _lock_out(door: Hallway) -> None:
    door.hall.register.stand(ANN, Standing.DISABLED)


def _lose_the_key(door: Hallway) -> None:
    door.hall.registry = People()


def _expire(door: Hallway) -> None:
    door.hall.clock.advance(DAY)


@pytest.mark.parametrize("end", [_revoke, _lock_out, _lose_the_key, _expire])
def test_a_token_that_was_just_known_is_refused_as_soon_as_it_is_not_in_force(
    door: Hallway, end: Callable[[Hallway], None]
) -> None:
    secret = door.token()
    assert isinstance(door.shows(secret), Caller)
    end(door)
    assert door.shows(secret) == Nobody()


def test_a_session_is_asked_about_again_when_its_use_has_to_be_kept(door: Hallway) -> None:
    secret = door.cookie()
    door.shows(secret, Shown.COOKIE)
    door.hall.clock.advance(SEEN_EVERY)
    door.shows(secret, Shown.COOKIE)
    assert [one.seen_at for one in door.hall.accounts.sessions()] == [door.hall.clock.now()]


def test_a_session_that_was_ended_is_nobodys_at_once(door: Hallway) -> None:
    secret = door.cookie()
    assert isinstance(door.shows(secret, Shown.COOKIE), Caller)
    door.hall.porter.sign_out(secret, HERE)
    assert door.shows(secret, Shown.COOKIE) == Nobody()


def test_what_is_known_as_a_cookie_is_no_bearer(door: Hallway) -> None:
    secret = door.cookie()
    assert isinstance(door.shows(secret, Shown.COOKIE), Caller)
    assert door.shows(secret) == Nobody()


def test_who_was_nobody_is_asked_about_again(door: Hallway) -> None:
    assert [door.shows("ilk_wrong"), door.shows("ilk_wrong")] == [Nobody(), Nobody()]
    assert door.asked == 2


def test_who_must_be_asked_about_every_time_is_never_known_again(door: Hallway) -> None:
    """A job, whose provider alone can say whether its token is still good."""
    job = Caller(ANN, How.CI, frozenset({Scope.READ}), NoSession(), "", "ci")

    def ask() -> Visitor:
        door.asked += 1
        return job

    assert [asyncio.run(door.familiar.visitor(Shown.BEARER, "x.y.z", ask)) for _ in range(2)] == [job, job]
    assert door.asked == 2


def test_what_is_changed_while_somebody_is_asked_about_is_noticed(door: Hallway) -> None:
    secret = door.token()

    def ask() -> Visitor:
        found = door.hall.porter.by_token(secret, HERE)
        _revoke(door)
        return found

    assert isinstance(asyncio.run(door.familiar.visitor(Shown.BEARER, secret, ask)), Caller)
    assert door.shows(secret) == Nobody()


@dataclass(slots=True)
class Hidden(MemoryAccounts):
    """Accounts of which nobody can tell at once whether they were changed."""

    hidden: bool = field(default=False)

    def version(self) -> int | Unsure:  # type: ignore[override]  # wider than what memory always knows
        return Unsure() if self.hidden else MemoryAccounts.version(self)


def test_while_it_cannot_be_told_whether_something_was_changed_everybody_is_asked_about(door: Hallway) -> None:
    secret = door.token()
    door.shows(secret)
    hidden = Hidden(hidden=True)
    door.familiar.accounts = hidden
    assert [isinstance(door.shows(secret), Caller) for _ in range(2)] == [True, True]
    assert door.asked == 3


def test_of_many_those_not_seen_for_longest_are_asked_about_again(
    door: Hallway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(familiar, "REMEMBERED", 2)
    first, second, third = (door.token(name) for name in "abc")
    for secret in (first, second, first, third, first):
        door.shows(secret)
    assert door.asked == 3
    door.shows(second)
    assert door.asked == 4
