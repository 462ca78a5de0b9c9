# SPDX-License-Identifier: Apache-2.0
"""An OpenID Connect provider: where one signs in there, and whether what it signed is genuine and meant for us.

1. Nothing is believed before its signature is checked with the provider's own keys, by an algorithm with public keys;
   then issuer, audience and times are compared.
2. Providers are spoken to by TLS; without it only on this machine.
3. What a provider tells of itself is kept for a while, its keys for a minute.
"""

import base64
import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, cast
from urllib.parse import urlencode, urlsplit

import msgspec
import urllib3
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from urllib3.exceptions import HTTPError

from interlock.adapters.clock import monotonic
from interlock.adapters.http import HttpClient
from interlock.ports.failure import Rejected, Unavailable

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
KEPT: Final = 600.0
KEYS_AGAIN: Final = 60.0
"""Seconds that what a provider tells of itself is kept, and its keys."""
LEEWAY: Final = timedelta(minutes=1)
LONGEST: Final = 16 * 1024
_LARGEST: Final = 1_000_000
_OK: Final = 200


class Metadata(msgspec.Struct, frozen=True):
    """What we need of a provider's description of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    jwks_uri: str
    authorization_endpoint: str = ""
    token_endpoint: str = ""


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str


@dataclass(frozen=True, slots=True)
class Client:
    """As whom we ask the provider. `redirect` is where it leads people back to."""

    id: str
    secret: str
    redirect: str


@dataclass(slots=True)
class OidcProvider:
    """One provider, by its issuer's address."""

    issuer: str
    http: HttpClient = field(default_factory=HttpClient)
    ticks: Callable[[], float] = monotonic
    _known: tuple[float, Metadata] | None = None
    _keys: tuple[float, KeySet] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def asking(self, client: Client, state: str, nonce: str, verifier: str) -> str:
        """Where a browser is led to sign in there: code flow with PKCE."""
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": client.id,
            "redirect_uri": client.redirect,
            "scope": "openid profile email groups",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        endpoint = _safe(self._metadata().authorization_endpoint)
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    def redeem(self, client: Client, code: str, verifier: str) -> str:
        """The identity token for a code. `Rejected` (`oidc.code`) when the provider gives none for it."""
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect,
            "code_verifier": verifier,
        }
        status, body = _posted(_safe(self._metadata().token_endpoint), asked, client)
        try:
            if status == _OK:
                return msgspec.json.decode(body, type=_Tokens).id_token
        except msgspec.MsgspecError:
            pass
        raise Rejected("oidc.code", "the identity provider gave no identity for its code", "sign in once more")

    def verified(self, token: str, audience: str, now: datetime) -> Mapping[str, object]:
        """The claims of a token that this provider signed for this audience.

        `Rejected` (`oidc.token`) for every other one, without saying what is wrong with it.
        """
        if len(token) > LONGEST:
            raise _refused()
        claims = self._signed(token)
        audiences = claims.get("aud")
        meant = audiences if isinstance(audiences, list) else [audiences]
        is_ours = claims.get("iss") == self._metadata().issuer and audience in meant
        if not is_ours or (len(meant) > 1 and claims.get("azp", audience) != audience) or not _is_timely(claims, now):
            raise _refused()
        return claims

    def _signed(self, token: str) -> Mapping[str, object]:
        try:
            return jwt.decode(token, self._trusted(), algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError) as fault:
            raise _refused() from fault

    def _trusted(self) -> KeySet:
        """Its keys, as they were told within the last minute."""
        with self._lock:
            known = self._keys
        if known is not None and self.ticks() - known[0] < KEYS_AGAIN:
            return known[1]
        fresh = self._fetched(self._metadata().jwks_uri)
        try:
            told = msgspec.json.decode(fresh, type=dict[str, object])
            keys = KeySet.import_key_set(cast("KeySetSerialization", told))
        except (JoseError, ValueError, KeyError, TypeError) as fault:
            raise _unfit(self.issuer, "its keys cannot be read") from fault
        with self._lock:
            self._keys = (self.ticks(), keys)
        return keys

    def _metadata(self) -> Metadata:
        with self._lock:
            known = self._known
        if known is not None and self.ticks() - known[0] < KEPT:
            return known[1]
        body = self._fetched(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        try:
            found = msgspec.json.decode(body, type=Metadata)
        except msgspec.MsgspecError as fault:
            raise _unfit(self.issuer, "its description cannot be read") from fault
        if found.issuer.rstrip("/") != self.issuer.rstrip("/"):
            raise _unfit(self.issuer, f"it calls itself '{found.issuer}'")
        with self._lock:
            self._known = (self.ticks(), found)
        return found

    def _fetched(self, url: str) -> bytes:
        answer = self.http.get(_safe(url))
        if answer.status != _OK:
            raise Unavailable("oidc.unavailable", f"'{self.issuer}' answers {answer.status}", "try again in a minute")
        return answer.body


def _posted(url: str, fields: Mapping[str, str], client: Client) -> tuple[int, bytes]:
    """A form, sent as the client, by no proxy and with no password but the client's."""
    headers = {"Accept": "application/json", "User-Agent": "interlock"}
    if client.secret:
        headers |= urllib3.make_headers(basic_auth=f"{client.id}:{client.secret}")
    else:
        fields = {**fields, "client_id": client.id}
    limit = urllib3.Timeout(connect=5, read=5, total=10)
    with urllib3.PoolManager(timeout=limit, retries=False, maxsize=1) as pool:
        try:
            answer = pool.request(
                "POST",
                url,
                fields=dict(fields),
                encode_multipart=False,
                headers=headers,
                redirect=False,
                preload_content=False,
            )
            try:
                return answer.status, answer.read(_LARGEST)
            finally:
                answer.close()
        except HTTPError as fault:
            sentence = "the identity provider does not answer"
            raise Unavailable("oidc.unavailable", sentence, "try again in a minute") from fault


def _is_timely(claims: Mapping[str, object], now: datetime) -> bool:
    """Whether it is in force: it has an end that has not come, and a beginning, if any, that has."""
    at, leeway = now.timestamp(), LEEWAY.total_seconds()
    end, begin, made = (claims.get(name) for name in ("exp", "nbf", "iat"))
    if not isinstance(end, int | float) or isinstance(end, bool) or end <= at - leeway:
        return False
    return all(one is None or (isinstance(one, int | float) and one <= at + leeway) for one in (begin, made))


def _safe(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE):
        return url
    raise Rejected(
        "oidc.address", f"'{parts.scheme}://{parts.hostname}' is no address for an identity provider", "use https"
    )


def _unfit(issuer: str, why: str) -> Rejected:
    return Rejected("oidc.provider", f"'{issuer}' cannot be used: {why}", "check the issuer's address in server.toml")


def _refused() -> Rejected:
    return Rejected("oidc.token", "that is no token of this provider for us that is in force", "get a new one")
