# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.identity.hall import ANN, BEN, HERE, PASSWORD, Hall, a_hall

from interlock.adapters.accounts.memory import MemoryAccounts
from interlock.domain.ids import ServiceName
from interlock.domain.people import People
from interlock.identity.caller import EVERY_SCOPE, Caller, How, Nobody, NoSession, Scope
from interlock.identity.porter import (
    ABSOLUTE,
    IDLE,
    SPAN,
    TRIES_PER_ACCOUNT,
    TRIES_PER_ADDRESS,
    TRIES_PER_BEARER,
    LetIn,
    TooOften,
    TurnedAway,
)
from interlock.identity.register import Grant
from interlock.ports.accounts import Absent, Account, Standing

SECOND = timedelta(seconds=1)


def _let_in(hall: Hall) -> LetIn:
    answer = hall.porter.sign_in(ANN, PASSWORD, HERE)
    assert isinstance(answer, LetIn)
    return answer


def _token(hall: Hall, *scopes: Scope, services: tuple[str, ...] = ()) -> str:
    return hall.register.token(ANN, Grant("ci", scopes, services, ("staging",), timedelta(days=1)))


def test_who_knows_the_password_is_let_in_with_all_scopes() -> None:
    hall = a_hall(ANN)
    caller = _let_in(hall).caller
    assert (caller.person, caller.how, caller.scopes) == (ANN, How.PASSWORD, EVERY_SCOPE)
    assert hall.trail() == ["login"]
    assert [one.what for one in hall.told] == ["login"]


def test_the_cookie_is_known_again_and_its_secret_is_kept_nowhere() -> None:
    hall = a_hall(ANN)
    let_in = _let_in(hall)
    assert hall.porter.by_session(let_in.secret) == let_in.caller
    assert let_in.secret not in repr(hall.accounts)


def test_another_password_is_turned_away_and_noted() -> None:
    hall = a_hall(ANN)
    assert hall.porter.sign_in(ANN, "another password", HERE) == TurnedAway()
    assert hall.trail() == ["login-refused"]


def test_an_unknown_person_is_answered_as_a_wrong_password_is() -> None:
    hall = a_hall(ANN)
    assert hall.porter.sign_in("zoe", PASSWORD, HERE) == hall.porter.sign_in(ANN, "wrong", HERE) == TurnedAway()


def test_an_account_without_a_password_lets_nobody_in_by_one() -> None:
    hall = a_hall(ANN)
    known = hall.accounts.account(ANN)
    assert isinstance(known, Account)
    hall.accounts.change(replace(known, password=""))
    assert hall.porter.sign_in(ANN, "", HERE) == TurnedAway()


def test_a_disabled_account_lets_nobody_in_and_ends_what_was_open() -> None:
    hall = a_hall(ANN)
    secret = _let_in(hall).secret
    hall.register.stand(ANN, Standing.DISABLED)
    assert hall.porter.by_session(secret) == Nobody()
    assert hall.porter.sign_in(ANN, PASSWORD, HERE) == TurnedAway()


def test_who_lost_every_key_in_the_ledger_is_out() -> None:
    hall = a_hall(ANN)
    secret = _let_in(hall).secret
    token = _token(hall, Scope.READ)
    hall.registry = People()
    assert hall.porter.by_session(secret) == Nobody()
    assert hall.porter.by_token(token, HERE) == Nobody()
    assert hall.porter.sign_in(ANN, PASSWORD, HERE) == TurnedAway()


def test_an_account_that_is_gone_ends_its_sessions() -> None:
    hall = a_hall(ANN)
    secret = _let_in(hall).secret
    hall.porter.accounts = MemoryAccounts()
    for session in hall.accounts.sessions():
        hall.porter.accounts.open_session(session)
    assert hall.porter.by_session(secret) == Nobody()


def test_too_many_tries_for_one_account_are_throttled_whoever_makes_them() -> None:
    hall = a_hall(ANN)
    for number in range(TRIES_PER_ACCOUNT):
        hall.porter.sign_in(ANN, "wrong", f"192.0.2.{number}")
    assert hall.porter.sign_in(ANN, PASSWORD, HERE) == TooOften()
    assert hall.trail()[-1] == "login-throttled"
    hall.clock.advance(SPAN)
    assert isinstance(hall.porter.sign_in(ANN, PASSWORD, HERE), LetIn)


def test_too_many_tries_from_one_address_are_throttled_whoever_they_are_for() -> None:
    hall = a_hall()
    for _ in range(TRIES_PER_ADDRESS):
        hall.porter.by_address.take(HERE, hall.clock.now())
    assert hall.porter.sign_in("zoe", PASSWORD, HERE) == TooOften()


def test_who_is_let_in_begins_to_count_anew() -> None:
    hall = a_hall(ANN)
    for _ in range(TRIES_PER_ACCOUNT - 1):
        hall.porter.by_account.take(ANN, hall.clock.now())
    _let_in(hall)
    assert hall.porter.sign_in(ANN, "wrong", HERE) == TurnedAway()


def test_a_session_ends_when_it_is_not_used() -> None:
    hall = a_hall(ANN)
    secret = _let_in(hall).secret
    hall.clock.advance(IDLE)
    assert isinstance(hall.porter.by_session(secret), Caller)
    hall.clock.advance(IDLE + SECOND)
    assert hall.porter.by_session(secret) == Nobody()
    assert not hall.accounts.sessions()


def test_a_session_ends_however_much_it_is_used() -> None:
    hall = a_hall(ANN)
    secret = _let_in(hall).secret
    for _ in range(int(ABSOLUTE / IDLE)):
        hall.clock.advance(IDLE)
        assert isinstance(hall.porter.by_session(secret), Caller)
    hall.clock.advance(SECOND)
    assert hall.porter.by_session(secret) == Nobody()


def test_when_a_session_was_used_is_not_written_at_every_look() -> None:
    hall = a_hall(ANN)
    secret = _let_in(hall).secret
    before = hall.accounts.sessions()
    hall.clock.advance(SECOND)
    hall.porter.by_session(secret)
    assert hall.accounts.sessions() == before


def test_signing_out_ends_the_session_and_twice_is_no_fault() -> None:
    hall = a_hall(ANN)
    secret = _let_in(hall).secret
    hall.porter.sign_out(secret, HERE)
    hall.porter.sign_out(secret, HERE)
    assert hall.porter.by_session(secret) == Nobody()
    assert hall.trail() == ["login", "logout"]


def test_somebody_an_identity_provider_knows_is_let_in_with_an_account_only() -> None:
    hall = a_hall(ANN)
    answer = hall.porter.let_in(ANN, "oidc example", HERE, frozenset({Scope.READ}))
    assert isinstance(answer, LetIn)
    assert (answer.caller.how, answer.caller.method) == (How.OIDC, "oidc example")
    assert hall.porter.by_session(answer.secret) == answer.caller
    assert answer.caller.scopes == frozenset({Scope.READ})
    assert hall.porter.let_in(BEN, "oidc example", HERE, EVERY_SCOPE) == TurnedAway()


def test_a_token_carries_its_scopes_and_places_and_no_session() -> None:
    hall = a_hall(ANN)
    caller = hall.porter.by_token(_token(hall, Scope.READ, services=("outreach",)), HERE)
    assert isinstance(caller, Caller)
    assert (caller.how, caller.scopes, caller.session) == (How.TOKEN, frozenset({Scope.READ}), NoSession())
    assert [*caller.services, *caller.environments, caller.method] == ["outreach", "staging", "token ci"]
    assert caller.reaches(ServiceName("outreach"))
    assert not caller.reaches(ServiceName("billing"))


@pytest.mark.parametrize("end", ["expired", "revoked", "disabled", "unknown"])
def test_a_token_that_is_not_in_force_is_nobodys(end: str) -> None:
    hall = a_hall(ANN)
    secret = _token(hall, Scope.READ)
    if end == "expired":
        hall.clock.advance(timedelta(days=1))
    elif end == "revoked":
        hall.register.revoke("ci")
    elif end == "disabled":
        known = hall.accounts.account(ANN)
        assert not isinstance(known, Absent)
        hall.accounts.change(replace(known, standing=Standing.DISABLED))
    else:
        secret = "ilk_unknown"
    assert hall.porter.by_token(secret, HERE) == Nobody()


def test_guesses_are_noted_only_so_often_and_keep_nobody_out_who_has_a_right_one() -> None:
    """A token is random and long: a colleague's expired one must not shut the whole office out."""
    hall = a_hall(ANN)
    right = _token(hall, Scope.READ)
    before = len(hall.accounts.trail(10 * TRIES_PER_BEARER))
    for _ in range(2 * TRIES_PER_BEARER):
        assert hall.porter.by_token("ilk_wrong", HERE) == Nobody()
    assert len(hall.accounts.trail(10 * TRIES_PER_BEARER)) - before == TRIES_PER_BEARER
    assert isinstance(hall.porter.by_token(right, HERE), Caller)


def test_what_came_from_outside_is_cut_in_the_trail() -> None:
    hall = a_hall()
    hall.porter.sign_in("x" * 10_000, "wrong", "a" * 1000)
    (entry,) = hall.accounts.trail(1)
    assert (len(entry.noted.person), len(entry.noted.address)) == (64, 64)
