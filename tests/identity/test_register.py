# SPDX-License-Identifier: Apache-2.0
from datetime import timedelta

import pytest
from tests.identity.hall import ANN, HERE, PASSWORD, Hall, a_hall

from interlock.domain.ids import PersonId
from interlock.identity.caller import Caller, Nobody, Scope
from interlock.identity.porter import LetIn, TurnedAway
from interlock.identity.register import Grant
from interlock.ports.accounts import Account, Rank, Standing
from interlock.ports.failure import Rejected

READING = Grant("ci", (Scope.READ,), (), (), timedelta(days=30))


def _code(failure: pytest.ExceptionInfo[Rejected]) -> str:
    return failure.value.code


def test_a_person_of_the_ledger_gets_an_account_whose_password_is_nowhere() -> None:
    hall = Hall()
    hall.register.add(ANN, Rank.ADMINISTRATOR, PASSWORD)
    account = hall.accounts.account(ANN)
    assert isinstance(account, Account)
    assert (account.rank, account.standing) == (Rank.ADMINISTRATOR, Standing.ACTIVE)
    assert PASSWORD not in repr(hall.accounts)
    assert hall.trail() == ["account-added"]


def test_an_account_without_a_password_has_its_tokens_and_no_password_fits() -> None:
    hall = Hall()
    hall.register.add_without_password(ANN, Rank.MEMBER)
    assert hall.porter.sign_in(ANN, "", HERE) == TurnedAway()
    assert isinstance(hall.porter.by_token(hall.register.token(ANN, READING), HERE), Caller)


def test_who_is_not_in_the_ledger_gets_none() -> None:
    hall = Hall()
    with pytest.raises(Rejected) as failure:
        hall.register.add(PersonId("zoe"), Rank.MEMBER, PASSWORD)
    assert _code(failure) == "account.unregistered"


def test_a_second_account_of_one_person_is_refused() -> None:
    hall = a_hall(ANN)
    with pytest.raises(Rejected) as failure:
        hall.register.add(ANN, Rank.MEMBER, PASSWORD)
    assert _code(failure) == "account.exists"


def test_a_weak_password_is_refused() -> None:
    hall = Hall()
    with pytest.raises(Rejected) as failure:
        hall.register.add(ANN, Rank.MEMBER, "short")
    assert _code(failure) == "account.weak"


def test_a_new_password_signs_out_everywhere_and_the_old_one_is_worth_nothing() -> None:
    hall = a_hall(ANN)
    answer = hall.porter.sign_in(ANN, PASSWORD, HERE)
    assert isinstance(answer, LetIn)
    token = hall.register.token(ANN, READING)
    hall.register.set_password(ANN, "quite another sentence")
    assert hall.porter.by_session(answer.secret) == Nobody()
    assert hall.porter.by_token(token, HERE) == Nobody()
    assert hall.porter.sign_in(ANN, PASSWORD, HERE) == TurnedAway()
    assert isinstance(hall.porter.sign_in(ANN, "quite another sentence", HERE), LetIn)


def test_an_account_that_is_enabled_again_lets_in() -> None:
    hall = a_hall(ANN)
    hall.register.stand(ANN, Standing.DISABLED)
    hall.register.stand(ANN, Standing.ACTIVE)
    assert isinstance(hall.porter.sign_in(ANN, PASSWORD, HERE), LetIn)
    assert hall.trail() == ["account-disabled", "sessions-ended", "account-enabled", "login"]


def test_who_has_no_account_cannot_be_given_anything() -> None:
    hall = Hall()
    for act in (
        lambda: hall.register.set_password(ANN, PASSWORD),
        lambda: hall.register.stand(ANN, Standing.DISABLED),
        lambda: hall.register.token(ANN, READING),
    ):
        with pytest.raises(Rejected) as failure:
            act()
        assert _code(failure) == "account.unknown"


def test_a_tokens_secret_can_be_told_from_other_secrets_and_is_not_kept() -> None:
    hall = a_hall(ANN)
    secret = hall.register.token(ANN, READING)
    assert secret.startswith("ilk_")
    assert secret not in repr(hall.accounts)
    assert isinstance(hall.porter.by_token(secret, HERE), Caller)


@pytest.mark.parametrize(
    ("grant", "code"),
    [
        (Grant("No Name", (Scope.READ,), (), (), timedelta(days=1)), "token.name"),
        (Grant("ci", (Scope.READ,), (), (), timedelta(days=400)), "token.span"),
        (Grant("ci", (Scope.READ,), (), (), timedelta()), "token.span"),
    ],
    ids=["name", "long", "nothing"],
)
def test_a_token_that_cannot_be_made_is_refused(grant: Grant, code: str) -> None:
    with pytest.raises(Rejected) as failure:
        a_hall(ANN).register.token(ANN, grant)
    assert _code(failure) == code


def test_a_tokens_name_is_taken_once() -> None:
    hall = a_hall(ANN)
    hall.register.token(ANN, READING)
    with pytest.raises(Rejected) as failure:
        hall.register.token(ANN, READING)
    assert _code(failure) == "token.exists"


def test_a_token_that_is_unknown_cannot_be_revoked() -> None:
    with pytest.raises(Rejected) as failure:
        a_hall(ANN).register.revoke("ci")
    assert _code(failure) == "token.unknown"
