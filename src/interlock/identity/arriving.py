# SPDX-License-Identifier: Apache-2.0
"""Arriving with somebody else's word for who one is: people through an identity provider, CI jobs with its tokens.

1. Each way in is begun here: state, nonce and verifier are drawn for one browser, known by what its forms bring
   against forgery, and used once.
2. Who arrives needs an account here, or a rule that names a person of the ledger.
3. Why somebody is turned away goes into the trail, never to them.
"""

import base64
import hmac
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from interlock.bootstrap.providers import OidcClient
from interlock.domain.ids import EnvironmentName, PersonId, ServiceName
from interlock.identity.caller import Caller, How, Nobody, NoSession, Visitor
from interlock.identity.pending import OF_ADDRESS, Pending
from interlock.identity.porter import TOKEN_PREFIX, LetIn, Porter, TurnedAway
from interlock.identity.trusting import CiRule, Login, Trusted
from interlock.ports.failure import PortFailure

WAITS: Final = timedelta(minutes=10)
_PARTS: Final = 3
_SHOWN: Final = 120


class Provider(Protocol):
    """What is asked of an identity provider."""

    def asking(self, client: OidcClient, state: str, nonce: str, verifier: str) -> str: ...

    def redeem(self, client: OidcClient, code: str, verifier: str) -> str: ...

    def verified(self, token: str, audience: str, now: datetime) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class _Begun:
    login: str
    visit: str
    nonce: str
    verifier: str
    onward: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Arrived:
    """Let in, and where they wanted to go."""

    let_in: LetIn
    onward: str


@dataclass(slots=True)
class Arrivals:
    """Of one server. `url` is its public address; `provider_at` gives the provider of an issuer.

    `record` is told of everybody who comes in through a provider: who, its address, and the groups it says.
    """

    porter: Porter
    trusted: Trusted
    url: str
    provider_at: Callable[[str], Provider]
    record: Callable[[PersonId, str, tuple[str, ...]], None]
    _providers: dict[str, Provider] = field(default_factory=dict)
    _begun: Pending[str, _Begun] = field(default_factory=lambda: Pending(OF_ADDRESS))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def ways(self) -> Mapping[str, str]:
        """By which providers people may sign in: name, and what a button says."""
        return {name: login.label for name, login in self.trusted.oidc.items()}

    def begin(self, name: str, visit: str, onward: str, address: str) -> str:
        """Where the browser at that address is led. `KeyError` for a provider that is not named; raises what the
        provider raises.
        """
        login = self.trusted.oidc[name]
        state, nonce, verifier = (self.porter.draw(32).hex() for _ in range(3))
        where = self._provider(login.issuer).asking(self._client(name, login), state, nonce, verifier)
        begun = _Begun(name, visit, nonce, verifier, onward, self.porter.clock.now() + WAITS)
        self._begun.put(state, address, begun)
        return where

    def finish(self, state: str, visit: str, code: str, address: str) -> Arrived | TurnedAway:
        """Somebody came back from their provider."""
        begun = self._begun.take(state)
        if begun is None or not visit or not hmac.compare_digest(begun.visit, visit):
            return self._refuse(address, "it was not begun in this browser")
        if begun.until < self.porter.clock.now():
            return self._refuse(address, "it took too long")
        login = self.trusted.oidc[begun.login]
        try:
            claims = self._claims(begun, login, code)
            person, scopes, groups = login.person_of(claims), login.scopes_of(claims), login.groups_of(claims)
        except (PortFailure, ValueError) as fault:
            return self._refuse(address, str(fault))
        answer = self.porter.let_in(person, f"{How.OIDC} {begun.login}", address, scopes)
        if not isinstance(answer, LetIn):
            return answer
        self.record(person, login.issuer, groups)
        return Arrived(answer, begun.onward)

    def bearer(self, secret: str, address: str) -> Visitor:
        """Who holds this: a token of ours, or a CI job with one of its provider."""
        if secret.startswith(TOKEN_PREFIX):
            return self.porter.by_token(secret, address)
        if not self.porter.by_job.is_open(address, self.porter.clock.now()):
            return Nobody()
        told = _unverified(secret)
        rules = [one for one in self.trusted.ci if one.issuer == told.get("iss") and one.fits(str(told.get("sub")))]
        for rule in rules:
            caller = self._job(rule, secret, address)
            if isinstance(caller, Caller):
                return caller
        if not rules:
            self.porter.refuse_bearer(address, How.CI, "no rule is for it")
        return Nobody()

    def _job(self, rule: CiRule, token: str, address: str) -> Visitor:
        """The job, if the token is genuine: what it says is looked at once more, now that it is known to be true."""
        try:
            claims = self._provider(rule.issuer).verified(token, rule.audience, self.porter.clock.now())
        except PortFailure as fault:
            self.porter.refuse_bearer(address, f"{How.CI} {rule.name}", str(fault))
            return Nobody()
        subject, person = str(claims.get("sub")), PersonId(rule.person)
        if not rule.fits(subject) or not self.porter.is_known(person):
            self.porter.refuse_bearer(address, f"{How.CI} {rule.name}", "nobody of the ledger speaks for it")
            return Nobody()
        caller = Caller(
            person,
            How.CI,
            frozenset(rule.scopes),
            NoSession(),
            "",
            f"{How.CI} {rule.name} {subject}"[:_SHOWN],
            frozenset(ServiceName(one) for one in rule.services),
            frozenset(EnvironmentName(one) for one in rule.environments),
        )
        return self.porter.within(caller)

    def _claims(self, begun: _Begun, login: Login, code: str) -> dict[str, object]:
        provider = self._provider(login.issuer)
        token = provider.redeem(self._client(begun.login, login), code, begun.verifier)
        claims = dict(provider.verified(token, login.client_id, self.porter.clock.now()))
        if claims.get("nonce") != begun.nonce:
            raise ValueError("the provider answered to another question")
        return claims

    def _client(self, name: str, login: Login) -> OidcClient:
        return OidcClient(login.client_id, login.client_secret, f"{self.url}/login/oidc/{name}/back")

    def _provider(self, issuer: str) -> Provider:
        with self._lock:
            if issuer not in self._providers:
                self._providers[issuer] = self.provider_at(issuer)
            return self._providers[issuer]

    def _refuse(self, address: str, why: str) -> TurnedAway:
        self.porter.refuse_bearer(address, How.OIDC, why)
        return TurnedAway()


def _unverified(token: str) -> Mapping[str, object]:
    """What a token says of itself, to find whose keys to check it with; nothing when it is none."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        return {}
    try:
        told: object = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, UnicodeDecodeError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
