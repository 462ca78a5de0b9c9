# SPDX-License-Identifier: Apache-2.0
"""One's own tokens: made in a session, no wider than it, shown once, ended by oneself."""

from dataclasses import dataclass
from typing import Final

import pytest
from tests.api.hosting import Answer, Hosted, Json

from interlock.domain.ids import PersonId, ServiceName
from interlock.identity.caller import How, Scope

READ_AND_ASK: Final = frozenset({Scope.READ, Scope.ASK})
CI: Final = {"name": "own-ci", "scopes": ["read"], "days": 7}


@dataclass(frozen=True)
class Browser:
    """Of somebody signed in."""

    shop: Hosted
    secret: str
    csrf: str

    def ask(self, method: str, path: str, body: Json = None) -> Answer:
        headers = {"Cookie": f"interlock={self.secret}", "X_CSRF_Token": self.csrf}
        return self.shop.send(method, path, "", body, **headers)

    def made(self, **other: object) -> Answer:
        return self.ask("POST", "/v1/tokens", CI | other)

    def end(self, name: str = "own-ci") -> Answer:
        return self.ask("POST", f"/v1/tokens/{name}/end", {})


def browser(shop: Hosted, person: str = "ann", scopes: frozenset[Scope] = READ_AND_ASK) -> Browser:
    let_in = shop.built.porter.open(PersonId(person), How.OIDC, "127.0.0.1", scopes)
    return Browser(shop, let_in.secret, let_in.caller.csrf)


def test_a_token_made_in_a_session_is_good_until_its_person_ends_it(shop: Hosted) -> None:
    ann = browser(shop)
    made = ann.made().json
    listed = [one["name"] for one in ann.ask("GET", "/v1/tokens").json["tokens"]]
    before = shop.send("GET", "/v1/services", made["token"]).status
    ended = ann.end().json
    assert (made["account"], made["scopes"], "own-ci" in listed) == ("ann", ["read"], True)
    assert (before, shop.send("GET", "/v1/services", made["token"]).status) == (200, 401)
    assert ended == {"token": "own-ci", "account": "ann"}


def test_a_token_is_told_of_those_that_reach_no_further_than_it(shop: Hosted) -> None:
    wide, bound = shop.token("dan", ("read",)), shop.token("dan", ("read",), ("app",))
    blind = shop.token("dan", ("ask",))
    told = [{one["name"] for one in shop.send("GET", "/v1/tokens", secret).json["tokens"]} for secret in (bound, wide)]
    assert (told[0], told[1] >= {bound, wide}) == ({bound}, True)
    assert shop.send("GET", "/v1/tokens", blind).json["code"] == "access.not_allowed"


def test_its_secret_is_told_once(shop: Hosted) -> None:
    ann = browser(shop)
    secret = ann.made(name="own-once").json["token"]
    told = ann.ask("GET", "/v1/tokens").body
    ann.end("own-once")
    assert secret.encode() not in told


def test_with_a_token_nobody_makes_another_or_ends_one(shop: Hosted) -> None:
    answers = [shop.ask("POST", "/v1/tokens", "ann", CI), shop.ask("POST", "/v1/tokens/own-ci/end", "ann", {})]
    assert [(one.status, one.json["code"]) for one in answers] == [(403, "access.not_allowed")] * 2


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"scopes": ["read", "manage"]}, "token.wider"),
        ({"scopes": []}, "token.wider"),
        ({"days": 400}, "request.invalid"),
        ({"services": ["No Name"]}, "account.name"),
        ({"name": "No Name"}, "token.name"),
    ],
    ids=str,
)
def test_a_token_that_could_do_more_or_is_none_is_not_made(shop: Hosted, other: Json, code: str) -> None:
    assert browser(shop).made(**other).json["code"] == code


def test_who_is_bound_to_services_makes_tokens_for_those_alone(shop: Hosted) -> None:
    porter, before = shop.built.porter, shop.built.porter.bound
    porter.bound = {PersonId("ben"): frozenset({ServiceName("app")})}
    try:
        ben = browser(shop, "ben")
        answers = [ben.made(name="own-ben", services=services) for services in ([], ["other"], ["app"])]
        ben.end("own-ben")
    finally:
        porter.bound = before
    assert [one.json.get("code", "made") for one in answers] == ["token.wider", "token.wider", "made"]


def test_nobody_sees_or_ends_the_token_of_another(shop: Hosted) -> None:
    ann, ben = browser(shop), browser(shop, "ben")
    ann.made(name="own-anns")
    listed = [one["name"] for one in ben.ask("GET", "/v1/tokens").json["tokens"]]
    refused = ben.end("own-anns").json["code"]
    ann.end("own-anns")
    assert ("own-anns" in listed, refused) == (False, "token.not_yours")


def test_that_a_token_was_made_stands_in_the_trail_with_who_made_it(shop: Hosted) -> None:
    ann = browser(shop)
    ann.made(name="own-told")
    ann.end("own-told")
    noted = [one.noted for one in shop.accounts.trail(20) if one.noted.detail.startswith("own-told")]
    assert [(one.what, one.method) for one in noted] == [
        ("token-made", "by ann, oidc"),
        ("token-revoked", "by ann, oidc"),
    ]
