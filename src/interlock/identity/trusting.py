# SPDX-License-Identifier: Apache-2.0
"""Whom a server trusts to say who somebody is: `server.toml` in the home, read strictly.

1. What an identity provider says of groups narrows here what its people may ask for. A role is given to a group by
   the bindings of a service alone (`grouping`).
2. A rule for CI names issuer, audience and subject; a `*` in the subject stands for anything but a colon, so that no
   branch or repository can be called into another rule.
3. An account, a person or a service that is not there is refused when the server starts: who meant to narrow somebody
   and mistyped it would else have narrowed nobody, or let nobody in.
4. A secret is not written there: `$NAME` is read from the server's environment.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec

from interlock.domain.ids import PersonId, ServiceName, parse_name
from interlock.identity.caller import EVERY_SCOPE, Scope
from interlock.ports.failure import Rejected

EVERYBODY: Final = "*"
LARGEST: Final = 256 * 1024


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A provider by which people sign in.

    `person` is the claim that says who somebody is; `people` names the handles of those who are called otherwise there.
    `scopes` are those of each group (`*`: of everybody); empty means all of them.
    """

    issuer: str
    client_id: str
    client_secret: str = ""
    label: str = "your company's account"
    person: str = "preferred_username"
    people: dict[str, str] = {}
    groups: str = "groups"
    scopes: dict[str, list[Scope]] = {}

    def person_of(self, claims: "dict[str, object]") -> PersonId:
        """Whom the claims are about. `ValueError` when they name nobody who could be here."""
        told = claims.get(self.person)
        if not isinstance(told, str) or not told:
            raise ValueError(f"the provider says no '{self.person}'")
        if self.person == "email" and claims.get("email_verified") is not True:
            raise ValueError("the provider has not verified that address")
        return PersonId(parse_name(self.people.get(told, told)))

    def scopes_of(self, claims: "dict[str, object]") -> frozenset[Scope]:
        """What they may ask for."""
        if not self.scopes:
            return EVERY_SCOPE
        groups = (*self.groups_of(claims), EVERYBODY)
        return frozenset(scope for group in groups for scope in self.scopes.get(group, ()))

    def groups_of(self, claims: "dict[str, object]") -> tuple[str, ...]:
        """The groups they are in there."""
        told = claims.get(self.groups)
        return tuple(one for one in told if isinstance(one, str)) if isinstance(told, list) else ()


class CiRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Jobs that speak as `person`, with these scopes, about these services and environments (empty: every one)."""

    name: str
    issuer: str
    audience: str
    subject: str
    person: str
    scopes: list[Scope]
    services: list[str] = []
    environments: list[str] = []

    def fits(self, subject: str) -> bool:
        """Whether a job with this subject speaks by this rule."""
        pattern = "[^:]*".join(re.escape(part) for part in self.subject.split("*"))
        return re.fullmatch(pattern, subject) is not None


class Bound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account that sees and says something of these services alone, however its person came in."""

    services: Annotated[list[str], msgspec.Meta(min_length=1)]


class Trusted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    oidc: dict[str, Login] = {}
    ci: list[CiRule] = []
    accounts: dict[str, Bound] = {}

    @property
    def bound(self) -> dict[PersonId, frozenset[ServiceName]]:
        """Who is bound to which services."""
        return {PersonId(name): frozenset(map(ServiceName, one.services)) for name, one in self.accounts.items()}


def read_trusted(path: Path, secret: Callable[[str], str]) -> Trusted:
    """What stands there; nothing where there is no file. Raises `Rejected` (`server.settings`) with what is wrong."""
    if not path.exists():
        return Trusted()
    try:
        content = path.read_bytes()[: LARGEST + 1]
        if len(content) > LARGEST:
            raise _wrong(path, "it is too large")
        read = msgspec.toml.decode(content, type=Trusted)
        _check(read)
    except (msgspec.MsgspecError, ValueError, OSError) as fault:
        raise _wrong(path, str(fault)) from fault
    oidc = {name: _with_secret(path, one, secret) for name, one in read.oidc.items()}
    return msgspec.structs.replace(read, oidc=oidc)


@dataclass(frozen=True, slots=True)
class Known:
    """What there is that the file may name."""

    accounts: frozenset[PersonId]
    people: frozenset[PersonId]
    services: frozenset[ServiceName]


def require_known(path: Path, trusted: Trusted, known: Known) -> None:
    """Raise `Rejected` (`server.unknown_name`) for the first name there that is of nobody and nothing."""
    for name, one in trusted.accounts.items():
        if name not in known.accounts:
            step = f"mend the name, or make the account: `interlock account add {name}`"
            raise _unknown(path, f"accounts.{name}", f"there is no account '{name}'", step)
        _require_services(path, f"accounts.{name}", one.services, known)
    for rule in trusted.ci:
        if rule.person not in known.people:
            step = f"mend the name, or register them: `interlock people add {rule.person} --key KEY.pub`"
            raise _unknown(path, f"ci '{rule.name}'", f"nobody of the ledger is called '{rule.person}'", step)
        _require_services(path, f"ci '{rule.name}'", rule.services, known)


def _require_services(path: Path, where: str, named: Iterable[str], known: Known) -> None:
    for name in named:
        if name not in known.services:
            there = ", ".join(sorted(known.services)) or "none yet"
            step = f"mend the name (there are: {there}), or put its rules in force first: `interlock adopt`"
            raise _unknown(path, where, f"there is no service '{name}'", step)


def _unknown(path: Path, where: str, what: str, step: str) -> Rejected:
    return Rejected("server.unknown_name", f"'{path.name}', {where}: {what}", step)


def _check(read: Trusted) -> None:
    services = (service for one in read.accounts.values() for service in one.services)
    for name in (
        *read.oidc,
        *read.accounts,
        *services,
        *(rule.name for rule in read.ci),
        *(rule.person for rule in read.ci),
    ):
        parse_name(name)
    for rule in read.ci:
        if not rule.subject.strip("*") or not rule.audience:
            raise ValueError(f"the rule '{rule.name}' would let in jobs of anybody")


def _with_secret(path: Path, login: Login, secret: Callable[[str], str]) -> Login:
    if not login.client_secret:
        return login
    name = login.client_secret.removeprefix("$")
    if name == login.client_secret:
        raise _wrong(path, "a secret is written into it; write `$NAME`, and set NAME where the server runs")
    value = secret(name)
    if not value:
        raise _wrong(path, f"{name} is not set where the server runs")
    return msgspec.structs.replace(login, client_secret=value)


def _wrong(path: Path, why: str) -> Rejected:
    return Rejected("server.settings", f"'{path.name}' cannot be used: {why}", "see docs/how-to/server.md")
