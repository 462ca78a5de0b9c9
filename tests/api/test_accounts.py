# SPDX-License-Identifier: Apache-2.0
"""Who may administer accounts over the API: every address, for every rank and every way in."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pytest
from tests.api.hosting import EVERY, Hosted, hosted, released_place

from interlock.api import routes_accounts
from interlock.domain.ids import PersonId
from interlock.ports.accounts import Account, Happening, Rank, Standing

CAT: Final = PersonId("cat")
ADDRESSES: Final = (
    ("GET", "/v1/accounts"),
    ("GET", "/v1/accounts/dan"),
    ("GET", "/v1/audit"),
    ("POST", "/v1/accounts"),
    ("POST", "/v1/accounts/dan/reset"),
    ("POST", "/v1/accounts/dan/lock"),
    ("POST", "/v1/accounts/dan/unlock"),
    ("POST", "/v1/accounts/dan/revoke"),
    ("POST", "/v1/tokens/none/revoke"),
)
IDS: Final = [f"{method} {path}" for method, path in ADDRESSES]
WRONG: Final = {
    "member": ("ben", EVERY, (), ()),
    "administrator without the scope": ("cat", tuple(one for one in EVERY if one != "manage"), (), ()),
    "administrator of one service": ("cat", EVERY, ("app",), ()),
    "administrator of one environment": ("cat", EVERY, (), ("staging",)),
}


@pytest.fixture
def own(workplace: Hosted) -> Hosted:
    """One whose accounts are as they were at first."""
    account = workplace.accounts.account(CAT)
    assert isinstance(account, Account)
    workplace.accounts.change(replace(account, rank=Rank.ADMINISTRATOR, standing=Standing.ACTIVE))
    dan = workplace.accounts.account(PersonId("dan"))
    assert isinstance(dan, Account)
    workplace.accounts.change(replace(dan, standing=Standing.ACTIVE, password="kept"))
    return workplace


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    with hosted(released_place(tmp_path_factory.mktemp("accounts"))) as server:
        yield server


def dan(own: Hosted) -> Account:
    found = own.accounts.account(PersonId("dan"))
    assert isinstance(found, Account)
    return found


def noted(own: Hosted) -> list[tuple[Happening, str, str, str]]:
    """What the trail has of late: what, of whom, by whom, with which detail."""
    return [(one.noted.what, one.noted.person, one.noted.method, one.noted.detail) for one in own.accounts.trail(20)]


def test_the_matrix_names_every_address() -> None:
    paths = {
        path.replace("{person:str}", "dan").replace("{name:str}", "none")
        for one in routes_accounts.HANDLERS
        for path in one.paths
    }
    assert {path.removeprefix("/v1") for _, path in ADDRESSES} == paths


@pytest.mark.parametrize(("method", "path"), ADDRESSES, ids=IDS)
def test_nobody_gets_in(own: Hosted, method: str, path: str) -> None:
    answer = own.ask(method, path, "", {"account": "dan"} if method == "POST" else None)
    assert (answer.status, answer.json["code"]) == (401, "access.not_signed_in")


@pytest.mark.parametrize("who", WRONG)
@pytest.mark.parametrize(("method", "path"), ADDRESSES, ids=IDS)
def test_who_is_no_administrator_does_and_sees_nothing(own: Hosted, method: str, path: str, who: str) -> None:
    person, scopes, services, environments = WRONG[who]
    before = own.accounts.accounts()
    token = own.token(person, scopes, services, environments)
    answer = own.send(method, path, token, {"account": "dan"} if path == "/v1/accounts" and method == "POST" else None)
    assert answer.status == 403
    assert answer.json["code"] == ("access.narrowed" if services or environments else "access.not_allowed")
    assert own.accounts.accounts() == before


@pytest.mark.parametrize(("method", "path"), ADDRESSES, ids=IDS)
def test_an_administrator_is_answered(own: Hosted, method: str, path: str) -> None:
    body = {"account": "dan"} if path == "/v1/accounts" and method == "POST" else None
    answer = own.ask(method, path, "cat", body)
    assert answer.status in {200, 422}
    assert answer.json.get("code", "") in {"", "account.exists", "token.unknown"}


def test_who_loses_the_rank_loses_it_at_once(own: Hosted) -> None:
    assert own.ask("GET", "/v1/accounts", "cat").status == 200
    account = own.accounts.account(CAT)
    assert isinstance(account, Account)
    own.accounts.change(replace(account, rank=Rank.MEMBER))
    assert own.ask("GET", "/v1/accounts", "cat").status == 403


def test_a_refusal_is_noted_with_who_tried(own: Hosted) -> None:
    own.ask("POST", "/v1/accounts/dan/lock", "ben")
    assert (Happening.REQUEST_REFUSED, "ben", "POST /v1/accounts/dan/lock: access.not_allowed") in [
        (what, who, detail) for what, who, _, detail in noted(own)
    ]


def test_locking_ends_everything_of_an_account_and_says_who_did_it(own: Hosted) -> None:
    token = own.token("dan", ("read",))
    assert own.send("GET", "/v1/services", token).status == 200
    assert own.ask("POST", "/v1/accounts/dan/lock", "cat").json["locked"]
    assert own.send("GET", "/v1/services", token).status == 401
    entry = next(one for one in noted(own) if one[0] is Happening.ACCOUNT_DISABLED)
    assert entry[1] == "dan"
    assert entry[2].startswith("by cat, token ")


def test_an_account_that_is_unlocked_lets_in_again(own: Hosted) -> None:
    own.ask("POST", "/v1/accounts/dan/lock", "cat")
    assert not own.ask("POST", "/v1/accounts/dan/unlock", "cat").json["locked"]
    assert dan(own).standing is Standing.ACTIVE


def test_nobody_locks_themself_out(own: Hosted) -> None:
    answer = own.ask("POST", "/v1/accounts/cat/lock", "cat")
    assert (answer.status, answer.json["code"]) == (422, "account.own")


def test_a_reset_takes_the_password_away_and_gives_nobody_another(own: Hosted) -> None:
    answer = own.ask("POST", "/v1/accounts/dan/reset", "cat")
    assert (answer.status, answer.json["password"], answer.json["tokens"]) == (200, False, [])
    assert dan(own).password == ""
    assert (Happening.PASSWORD_SET, "dan") in [entry[:2] for entry in noted(own)]


def test_one_token_is_ended_by_its_name(own: Hosted) -> None:
    name = own.token("dan", ("read",))
    assert name in [one["name"] for one in own.get("/v1/accounts/dan", "cat")["tokens"]]
    assert own.ask("POST", f"/v1/tokens/{name}/revoke", "cat").json == {"token": name, "account": "dan"}
    assert own.get("/v1/accounts/dan", "cat")["tokens"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"account": "zoe"}, "account.unregistered"),
        ({"account": "dan"}, "account.exists"),
        ({"account": "No Name"}, "account.name"),
    ],
    ids=["stranger", "twice", "name"],
)
def test_an_account_that_cannot_be_made_is_refused(own: Hosted, body: dict[str, str], code: str) -> None:
    answer = own.ask("POST", "/v1/accounts", "cat", body)
    assert (answer.status, answer.json["code"]) == (422, code)


def test_a_body_of_another_shape_is_refused(own: Hosted) -> None:
    for body in ({"account": "dan", "password": "given by somebody"}, {"account": "dan", "rank": "king"}, {}):
        assert own.ask("POST", "/v1/accounts", "cat", body).status == 400


def test_of_who_has_no_account_it_is_said(own: Hosted) -> None:
    answer = own.ask("GET", "/v1/accounts/zoe", "cat")
    assert (answer.status, answer.json["code"]) == (422, "account.unknown")


def test_the_trail_is_paged_newest_first_without_a_gap(own: Hosted) -> None:
    for _ in range(3):
        own.ask("POST", "/v1/accounts/dan/revoke", "cat")
    first = own.get("/v1/audit?limit=2", "cat")
    second = own.get(f"/v1/audit?limit=2&cursor={first['next']}", "cat")
    numbers = [one["number"] for page in (first, second) for one in page["audit"]]
    assert numbers == list(range(numbers[0], numbers[0] - 4, -1))
    assert own.get("/v1/audit?cursor=1", "cat") == {"audit": [], "next": ""}


def test_no_secret_of_anybody_is_told(own: Hosted) -> None:
    own.token("dan", ("read",))
    told = own.ask("GET", "/v1/accounts", "cat").body
    rows = own.accounts.tokens()
    assert rows
    assert b"kept" not in told
    assert not [row for row in rows if row.digest.encode() in told]
