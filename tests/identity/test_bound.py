# SPDX-License-Identifier: Apache-2.0
"""Accounts that are for some services alone."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from tests.identity.hall import ANN, BEN, HERE, PASSWORD, Hall, a_hall

from interlock.domain.ids import ServiceName
from interlock.identity.caller import Caller, Nobody, Scope, Visitor
from interlock.identity.porter import LetIn
from interlock.identity.register import Grant
from interlock.identity.trusting import Known, read_trusted, require_known
from interlock.ports.failure import Rejected

SHOP, DESK = ServiceName("shop"), ServiceName("desk")


def bound(*services: ServiceName) -> Hall:
    """A hall where ann is bound to these, and ben to none."""
    hall = a_hall(ANN, BEN)
    hall.porter.bound = {ANN: frozenset(services)}
    return hall


def by_token(hall: Hall, *services: ServiceName) -> Visitor:
    grant = Grant("ci", (Scope.READ,), services, (), timedelta(days=1))
    return hall.porter.by_token(hall.register.token(ANN, grant), HERE)


def reach(visitor: Visitor) -> frozenset[ServiceName]:
    assert isinstance(visitor, Caller)
    return visitor.services


def test_a_session_reaches_what_its_account_reaches() -> None:
    hall = bound(SHOP)
    for person, services in ((ANN, {SHOP}), (BEN, set())):
        answer = hall.porter.sign_in(person, PASSWORD, HERE)
        assert isinstance(answer, LetIn)
        assert reach(hall.porter.by_session(answer.secret)) == services


def test_a_token_reaches_no_further_than_its_account() -> None:
    assert reach(by_token(bound(SHOP, DESK))) == {SHOP, DESK}
    assert reach(by_token(bound(SHOP, DESK), SHOP)) == {SHOP}
    assert reach(by_token(bound(), SHOP)) == {SHOP}


def test_a_token_for_services_of_which_its_account_has_none_lets_nobody_in() -> None:
    assert by_token(bound(DESK), SHOP) == Nobody()


def trusted(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "server.toml"
    path.write_text(text)
    return path


def test_which_accounts_are_bound_stands_in_the_servers_settings(tmp_path: Path) -> None:
    found = read_trusted(trusted(tmp_path, '[accounts.ann]\nservices = ["shop", "desk"]\n'), lambda _: "")
    assert found.bound == {ANN: {SHOP, DESK}}


@pytest.mark.parametrize(
    "text",
    [
        "[accounts.ann]\nservices = []\n",
        "[accounts.ann]\n",
        '[accounts.ann]\nservices = ["No Name"]\n',
        '[accounts."No Name"]\nservices = ["shop"]\n',
        '[accounts.ann]\nservices = ["shop"]\nroles = ["all"]\n',
    ],
    ids=["none", "nothing", "service", "handle", "more"],
)
def test_what_would_not_bind_as_it_reads_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Rejected) as failure:
        read_trusted(trusted(tmp_path, text), lambda _: "")
    assert failure.value.code == "server.settings"


KNOWN: Final = Known(frozenset({ANN}), frozenset({ANN, BEN}), frozenset({SHOP}))
RULE: Final = """
[[ci]]
name = "builds"
issuer = "https://ci.example.com"
audience = "interlock"
subject = "repo:acme/shop"
person = "ben"
scopes = ["attach"]
services = ["shop"]
"""
CONTRACTOR: Final = '[accounts.ann]\nservices = ["shop"]\n'


def test_names_that_are_there_are_known(tmp_path: Path) -> None:
    path = trusted(tmp_path, CONTRACTOR + RULE)
    read = read_trusted(path, str)
    require_known(path, read, KNOWN)
    assert (list(read.accounts), [rule.name for rule in read.ci]) == (["ann"], ["builds"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CONTRACTOR.replace("ann", "zoe"), "accounts.zoe: there is no account 'zoe'"),
        (CONTRACTOR.replace("shop", "shpo"), "accounts.ann: there is no service 'shpo'"),
        (RULE.replace('"shop"', '"shpo"'), "ci 'builds': there is no service 'shpo'"),
        (RULE.replace('"ben"', '"zoe"'), "ci 'builds': nobody of the ledger is called 'zoe'"),
    ],
    ids=["account", "service", "service of a rule", "person"],
)
def test_a_name_that_is_of_nobody_and_nothing_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = trusted(tmp_path, text)
    with pytest.raises(Rejected) as failure:
        require_known(path, read_trusted(path, str), KNOWN)
    assert (failure.value.code, failure.value.sentence) == ("server.unknown_name", f"'server.toml', {said}")


def test_where_nothing_is_governed_yet_that_is_said(tmp_path: Path) -> None:
    path = trusted(tmp_path, CONTRACTOR)
    with pytest.raises(Rejected) as failure:
        require_known(path, read_trusted(path, str), Known(KNOWN.accounts, KNOWN.people, frozenset()))
    assert "none yet" in failure.value.next_step
