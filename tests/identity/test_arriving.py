# SPDX-License-Identifier: Apache-2.0
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec.structs import replace
from tests.identity.hall import ANN, HERE, NOW, Hall, a_hall
from tests.identity.issuer import Issuer, issuing

from interlock.adapters.oidc import OidcProvider
from interlock.identity.arriving import WAITS, Arrivals, Arrived
from interlock.identity.caller import EVERY_SCOPE, Caller, How, Nobody, Scope, Visitor
from interlock.identity.pending import OF_ADDRESS
from interlock.identity.porter import TOKEN_PREFIX, TRIES_PER_BEARER, TurnedAway
from interlock.identity.register import Grant
from interlock.identity.trusting import CiRule, Login, Trusted, read_trusted
from interlock.ports.failure import Rejected

AT = int(NOW.timestamp())
SUBJECT = "repo:acme/shop:ref:refs/heads/main"


def _rule(issuer: Issuer, subject: str = SUBJECT, person: str = "ann", name: str = "builds") -> CiRule:
    return CiRule(name, issuer.url, "interlock", subject, person, [Scope.READ, Scope.ATTACH], ["shop"], ["staging"])


def _token(issuer: Issuer, **other: object) -> str:
    return issuer.token({"iss": issuer.url, "aud": "interlock", "sub": SUBJECT, "exp": AT + 300, **other})


def _arrivals(hall: Hall, *rules: CiRule, oidc: dict[str, Login] | None = None) -> Arrivals:
    trusted = Trusted(oidc=oidc or {}, ci=list(rules))
    return Arrivals(hall.porter, trusted, "https://interlock.example.com", OidcProvider, hall.hear_groups)


def test_a_job_that_a_rule_names_speaks_as_its_person_within_its_places() -> None:
    hall = Hall()
    with issuing() as issuer:
        caller = _arrivals(hall, _rule(issuer)).bearer(_token(issuer), HERE)
    assert isinstance(caller, Caller)
    assert (caller.person, caller.how, caller.scopes) == (ANN, How.CI, frozenset({Scope.READ, Scope.ATTACH}))
    assert [*caller.services, *caller.environments] == ["shop", "staging"]
    assert caller.method == f"ci builds {SUBJECT}"


def _bearer(token: dict[str, Any], **rule: str) -> tuple[Visitor, list[str]]:
    hall = Hall()
    with issuing() as issuer:
        return _arrivals(hall, _rule(issuer, **rule)).bearer(_token(issuer, **token), HERE), hall.trail()


@pytest.mark.parametrize(
    ("token", "rule"),
    [
        ({"sub": "repo:acme/shop:ref:refs/heads/other"}, {}),
        ({"sub": f"{SUBJECT}x"}, {}),
        ({"sub": None}, {}),
        ({"aud": "other"}, {}),
        ({"exp": AT - 600}, {}),
        ({"iss": "https://evil.example"}, {}),
        ({}, {"person": "zoe"}),
    ],
    ids=str,
)
def test_a_job_that_no_rule_names_or_whose_token_is_wrong_is_nobody(
    token: dict[str, Any], rule: dict[str, str]
) -> None:
    assert _bearer(token, **rule) == (Nobody(), ["login-refused"])


def test_a_star_in_a_rule_goes_over_no_colon() -> None:
    pattern = "repo:acme/*:ref:refs/heads/main"
    assert isinstance(_bearer({}, subject=pattern)[0], Caller)
    assert _bearer({"sub": "repo:acme/x:pull_request:ref:refs/heads/main"}, subject=pattern)[0] == Nobody()


def test_a_second_rule_is_tried_where_the_first_has_another_audience() -> None:
    hall = Hall()
    with issuing() as issuer:
        other = CiRule("first", issuer.url, "elsewhere", SUBJECT, "ann", [Scope.READ])
        caller = _arrivals(hall, other, _rule(issuer)).bearer(_token(issuer), HERE)
    assert isinstance(caller, Caller)
    assert caller.method.startswith("ci builds")


@pytest.mark.parametrize("secret", ["", "a.b.c", "a.W10.c", "nonsense", "a." + "[" * 9000 + ".c"])
def test_what_is_no_token_is_nobodys(secret: str) -> None:
    assert _arrivals(Hall()).bearer(secret, HERE) == Nobody()


def test_tokens_of_our_own_are_known_by_their_beginning() -> None:
    hall = a_hall(ANN)
    token = hall.register.token(ANN, Grant("ci", (Scope.READ,), (), (), timedelta(days=1)))
    assert isinstance(_arrivals(hall).bearer(token, HERE), Caller)


def test_whoever_guesses_is_heard_no_more() -> None:
    hall = Hall()
    with issuing() as issuer:
        arrivals = _arrivals(hall, _rule(issuer))
        for _ in range(TRIES_PER_BEARER):
            hall.porter.by_job.take(HERE, NOW)
        assert arrivals.bearer(_token(issuer), HERE) == Nobody()
        assert issuer.asked == []


def test_wrong_tokens_of_ours_keep_no_job_of_the_same_address_out() -> None:
    hall = Hall()
    with issuing() as issuer:
        arrivals = _arrivals(hall, _rule(issuer))
        for number in range(2 * TRIES_PER_BEARER):
            assert arrivals.bearer(f"{TOKEN_PREFIX}{number}", HERE) == Nobody()
        assert isinstance(arrivals.bearer(_token(issuer), HERE), Caller)


def _login(issuer: Issuer) -> Login:
    return Login(issuer=issuer.url, client_id="interlock")


def _signed_in(hall: Hall, login: Login, issuer: Issuer, **claims: object) -> Arrived | TurnedAway:
    """Set out, and come back with what the provider says."""
    arrivals = _arrivals(hall, oidc={"company": login})
    asked = parse_qs(urlsplit(arrivals.begin("company", "visit", "/x", HERE)).query)
    told = {"aud": "interlock", "nonce": asked["nonce"][0], "preferred_username": "ann", **claims}
    issuer.pages["/token"] = (200, json.dumps({"id_token": _token(issuer, **told)}).encode())
    return arrivals.finish(asked["state"][0], "visit", "code", HERE)


def test_who_comes_back_with_their_name_is_let_in_and_led_on() -> None:
    hall = a_hall(ANN)
    with issuing() as issuer:
        answer = _signed_in(hall, _login(issuer), issuer)
    assert isinstance(answer, Arrived)
    assert (answer.onward, answer.let_in.caller.scopes) == ("/x", EVERY_SCOPE)


def test_somebody_may_be_called_otherwise_there() -> None:
    hall = a_hall(ANN)
    with issuing() as issuer:
        login = replace(_login(issuer), person="email", people={"ann@example.com": "ann"})
        good = {"email": "ann@example.com", "email_verified": True}
        assert isinstance(_signed_in(hall, login, issuer, **good), Arrived)
        assert _signed_in(hall, login, issuer, **{**good, "email_verified": False}) == TurnedAway()


@pytest.mark.parametrize(
    "claims",
    [{"nonce": "another"}, {"preferred_username": ""}, {"preferred_username": 7}, {"preferred_username": "No Handle"}],
    ids=str,
)
def test_an_answer_that_names_nobody_or_is_to_another_question_lets_nobody_in(claims: dict[str, Any]) -> None:
    hall = a_hall(ANN)
    with issuing() as issuer:
        assert _signed_in(hall, _login(issuer), issuer, **claims) == TurnedAway()
    assert hall.trail() == ["login-refused"]


def test_groups_narrow_and_who_is_in_none_may_nothing() -> None:
    hall = a_hall(ANN)
    with issuing() as issuer:
        login = replace(_login(issuer), scopes={"deciders": [Scope.DECIDE]})
        inside = _signed_in(hall, login, issuer, groups=["deciders", 7])
        outside = _signed_in(hall, login, issuer, groups="deciders")
    assert isinstance(inside, Arrived)
    assert isinstance(outside, Arrived)
    assert (inside.let_in.caller.scopes, outside.let_in.caller.scopes) == (frozenset({Scope.DECIDE}), frozenset())


def test_a_way_back_after_its_time_or_by_another_browser_is_none() -> None:
    hall = a_hall(ANN)
    with issuing() as issuer:
        arrivals = _arrivals(hall, oidc={"company": _login(issuer)})
        state = arrivals.begin("company", "visit", "/", HERE).partition("state=")[2].partition("&")[0]
        assert arrivals.finish(state, "other", "code", HERE) == TurnedAway()
        state = arrivals.begin("company", "visit", "/", HERE).partition("state=")[2].partition("&")[0]
        hall.clock.advance(WAITS + WAITS)
        assert arrivals.finish(state, "visit", "code", HERE) == TurnedAway()
        assert arrivals.finish("made up", "visit", "code", HERE) == TurnedAway()


def test_ways_begun_without_end_are_nobody_elses_end() -> None:
    hall = a_hall(ANN)
    with issuing() as issuer:
        arrivals = _arrivals(hall, oidc={"company": _login(issuer)})
        state = arrivals.begin("company", "visit", "/", HERE).partition("state=")[2].partition("&")[0]
        for _ in range(OF_ADDRESS + 1):
            arrivals.begin("company", "visit", "/", "192.0.2.7")
        assert arrivals._begun.take(state) is not None  # noqa: SLF001  # else only a provider could tell


GOOD = """
[oidc.company]
issuer = "https://id.example.com"
client_id = "interlock"
client_secret = "$COMPANY_SECRET"
scopes = { deciders = ["decide", "read"] }

[[ci]]
name = "builds"
issuer = "https://ci.example.com"
audience = "interlock"
subject = "repo:acme/shop:ref:refs/heads/main"
person = "ci"
scopes = ["attach"]
"""


def _read(folder: Path, text: str) -> Trusted:
    path = folder / "server.toml"
    path.write_text(text)
    return read_trusted(path, lambda name: "the secret" if name == "COMPANY_SECRET" else "")


def test_where_there_is_no_file_nobody_is_trusted(tmp_path: Path) -> None:
    assert read_trusted(tmp_path / "server.toml", str) == Trusted()


def test_the_file_is_read_with_its_secret_from_the_environment(tmp_path: Path) -> None:
    trusted = _read(tmp_path, GOOD)
    assert trusted.oidc["company"].client_secret == "the secret"
    assert trusted.ci[0].scopes == [Scope.ATTACH]


@pytest.mark.parametrize(
    ("was", "comes", "why"),
    [
        ('"$COMPANY_SECRET"', '"written down"', "a secret is written into it"),
        ('"$COMPANY_SECRET"', '"$OTHER"', "OTHER is not set"),
        ("audience", "audiance", "audiance"),
        ('subject = "repo:acme/shop:ref:refs/heads/main"', 'subject = "*"', "anybody"),
        ('audience = "interlock"', 'audience = ""', "anybody"),
        ('person = "ci"', 'person = "No Handle"', "No Handle"),
        ('["attach"]', '["everything"]', "everything"),
        ("[[ci]]", "[[ci]", "server.toml"),
        ("[[ci]]", f"#{'x' * 300_000}\n[[ci]]", "too large"),
    ],
    ids=["secret", "unset", "field", "subject", "audience", "person", "scope", "toml", "large"],
)
def test_a_file_that_is_not_understood_whole_is_refused(tmp_path: Path, was: str, comes: str, why: str) -> None:
    with pytest.raises(Rejected, match=why) as failure:
        _read(tmp_path, GOOD.replace(was, comes))
    assert failure.value.code == "server.settings"
