# SPDX-License-Identifier: Apache-2.0
import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from tests.identity.issuer import Claims, Issuer, issuing

from interlock.adapters.oidc import KEPT, KEYS_AGAIN, Client, OidcProvider
from interlock.ports.failure import PortFailure, Rejected, Unavailable

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
AT = int(NOW.timestamp())
CLIENT = Client("interlock", "a secret", "https://interlock.example.com/back")


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


class Ticks:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _claims(issuer: Issuer, **other: object) -> Claims:
    claims: Claims = {"iss": issuer.url, "aud": "interlock", "sub": "job", "iat": AT - 5, "exp": AT + 300, **other}
    return {name: value for name, value in claims.items() if value is not None}


def _code(provider: OidcProvider, token: str) -> str:
    with pytest.raises(PortFailure) as failure:
        provider.verified(token, "interlock", NOW)
    return failure.value.code


def test_a_genuine_token_tells_its_claims(issuer: Issuer) -> None:
    claims = OidcProvider(issuer.url).verified(issuer.token(_claims(issuer)), "interlock", NOW)
    assert claims["sub"] == "job"


def test_one_audience_of_several_is_enough_when_we_are_who_asked(issuer: Issuer) -> None:
    provider = OidcProvider(issuer.url)
    both = ["interlock", "other"]
    assert provider.verified(issuer.token(_claims(issuer, aud=both, azp="interlock")), "interlock", NOW)
    assert _code(provider, issuer.token(_claims(issuer, aud=both, azp="other"))) == "oidc.token"


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "other"},
        {"aud": None},
        {"aud": []},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": AT - 120},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"nbf": AT + 120},
        {"iat": AT + 120},
        {"iat": "then"},
    ],
    ids=str,
)
def test_a_signed_token_that_is_not_for_us_now_is_refused(issuer: Issuer, wrong: dict[str, Any]) -> None:
    assert _code(OidcProvider(issuer.url), issuer.token(_claims(issuer, **wrong))) == "oidc.token"


def test_a_token_of_another_key_is_refused(issuer: Issuer) -> None:
    other = ECKey.generate_key("P-256", {"kid": "one"})
    assert _code(OidcProvider(issuer.url), issuer.token(_claims(issuer), other)) == "oidc.token"


def test_a_token_that_nobody_signed_is_refused(issuer: Issuer) -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(json.dumps(_claims(issuer)).encode()).rstrip(b"=").decode()
    assert _code(OidcProvider(issuer.url), f"{head}.{body}.") == "oidc.token"


def test_the_public_key_is_no_shared_secret(issuer: Issuer) -> None:
    public = json.dumps(issuer.key.as_dict(private=False)).encode()
    token = issuer.token(_claims(issuer), OctKey.import_key(public), "HS256")
    assert _code(OidcProvider(issuer.url), token) == "oidc.token"


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 20_000, "ä.ä.ä"], ids=["empty", "parts", "long", "foreign"])
def test_what_is_no_token_is_refused(issuer: Issuer, token: str) -> None:
    assert _code(OidcProvider(issuer.url), token) == "oidc.token"


def test_a_new_key_is_known_after_a_minute_and_asked_for_no_sooner(issuer: Issuer) -> None:
    ticks = Ticks()
    provider = OidcProvider(issuer.url, ticks=ticks)
    provider.verified(issuer.token(_claims(issuer)), "interlock", NOW)
    fresh = RSAKey.generate_key(2048, {"kid": "one"})
    issuer.tell(fresh)
    token = issuer.token(_claims(issuer), fresh, "RS256")
    assert _code(provider, token) == "oidc.token"
    assert issuer.asked.count("/keys") == 1
    ticks.now = KEYS_AGAIN
    assert provider.verified(token, "interlock", NOW)


def test_what_it_says_of_itself_is_kept_for_a_while(issuer: Issuer) -> None:
    ticks = Ticks()
    provider = OidcProvider(issuer.url, ticks=ticks)
    provider.asking(CLIENT, "s", "n", "v")
    ticks.now = KEPT - 1
    provider.asking(CLIENT, "s", "n", "v")
    assert len(issuer.asked) == 1
    ticks.now = KEPT
    provider.asking(CLIENT, "s", "n", "v")
    assert len(issuer.asked) == 2


ABOUT = "/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("page", "answer", "code"),
    [
        (ABOUT, (200, b"{}"), "oidc.provider"),
        (ABOUT, (500, b""), "oidc.unavailable"),
        (ABOUT, (200, b'{"issuer":"https://evil.example","jwks_uri":"https://evil.example"}'), "oidc.provider"),
        ("/keys", (200, b"{}"), "oidc.provider"),
        ("/keys", (200, b"["), "oidc.provider"),
        ("/keys", (404, b""), "oidc.unavailable"),
    ],
)
def test_a_provider_that_cannot_be_used_is_said(
    issuer: Issuer, page: str, answer: tuple[int, bytes], code: str
) -> None:
    token = issuer.token(_claims(issuer))
    issuer.pages[page] = answer
    assert _code(OidcProvider(issuer.url), token) == code


def test_a_provider_without_tls_is_spoken_to_on_this_machine_alone(issuer: Issuer) -> None:
    about = {"issuer": issuer.url, "jwks_uri": "http://192.0.2.1/keys"}
    issuer.pages[ABOUT] = (200, json.dumps(about).encode())
    assert _code(OidcProvider(issuer.url), issuer.token(_claims(issuer))) == "oidc.address"


def test_a_browser_is_led_there_with_all_that_binds_the_answer_to_it(issuer: Issuer) -> None:
    where = urlsplit(OidcProvider(issuer.url).asking(CLIENT, "state", "nonce", "verifier"))
    asked = {name: values[0] for name, values in parse_qs(where.query).items()}
    assert (where.path, asked["redirect_uri"], asked["state"]) == ("/auth", CLIENT.redirect, "state")
    assert asked["code_challenge"] == "iMnq5o6zALKXGivsnlom_0F5_WYda32GHkxlV7mq7hQ"


def test_a_code_is_redeemed_as_the_client_with_its_verifier(issuer: Issuer) -> None:
    issuer.pages["/token"] = (200, b'{"id_token":"the token"}')
    assert OidcProvider(issuer.url).redeem(CLIENT, "code", "verifier") == "the token"
    (form,) = [parse_qs(one) for one in issuer.asked if "=" in one]
    assert (form["code"], form["code_verifier"], "client_id" in form) == (["code"], ["verifier"], False)


def test_a_client_without_a_secret_names_itself(issuer: Issuer) -> None:
    issuer.pages["/token"] = (200, b'{"id_token":"the token"}')
    OidcProvider(issuer.url).redeem(Client("interlock", "", "https://x"), "code", "verifier")
    assert any("client_id=interlock" in one for one in issuer.asked)


@pytest.mark.parametrize("answer", [(400, b'{"id_token":"x"}'), (200, b"{}"), (200, b"<html>")], ids=str)
def test_a_code_for_which_there_is_no_identity_is_refused(issuer: Issuer, answer: tuple[int, bytes]) -> None:
    issuer.pages["/token"] = answer
    with pytest.raises(Rejected) as failure:
        OidcProvider(issuer.url).redeem(CLIENT, "code", "verifier")
    assert failure.value.code == "oidc.code"


def test_a_provider_that_is_gone_is_said() -> None:
    with issuing() as issuer:
        provider = OidcProvider(issuer.url)
        provider.asking(CLIENT, "s", "n", "v")
    with pytest.raises(Unavailable) as failure:
        provider.redeem(CLIENT, "code", "verifier")
    assert failure.value.code == "oidc.unavailable"
