# SPDX-License-Identifier: Apache-2.0
"""What somebody does about their own tokens: sees them, makes one, ends one.

1. A token is made in a session that somebody signed in to, never with a token or by a job: else one that leaked could
   make others that outlive it.
2. It may nothing that the session may not: no further scope, no further service or environment.
3. Nobody sees or ends another's here; administrators do that (`stewarding`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from interlock.domain.ids import parse_name
from interlock.identity.caller import Caller, NoSession, Scope, Visitor
from interlock.identity.guard import NotAllowed, NotSignedIn
from interlock.identity.porter import Porter
from interlock.identity.register import Grant, Register
from interlock.ports.accounts import TokenRow
from interlock.ports.failure import Rejected


@dataclass(frozen=True, slots=True)
class OwnTokens:
    """Of one caller."""

    caller: Caller
    register: Register

    def all(self) -> tuple[TokenRow, ...]:
        """Those in force."""
        return tuple(one for one in self.register.accounts.tokens() if one.person == self.caller.person)

    def seen(self) -> tuple[TokenRow, ...]:
        """Those that may be told of here: in a session all, to a token that reads those that reach no further than it.

        Raises `NotAllowed`.
        """
        if not isinstance(self.caller.session, NoSession):
            return self.all()
        if Scope.READ not in self.caller.scopes:
            raise NotAllowed
        return tuple(one for one in self.all() if self._reaches(one))

    def _reaches(self, row: TokenRow) -> bool:
        pairs = ((self.caller.services, row.services), (self.caller.environments, row.environments))
        return all(not own or (theirs and set(own).issuperset(theirs)) for own, theirs in pairs)

    def make(self, grant: Grant) -> str:
        """A new one's secret, to be shown once. Raises `NotAllowed`, and `Rejected` (`token.wider`, the register's)."""
        self._require_session()
        if not grant.scopes or not self.caller.scopes.issuperset(grant.scopes):
            raise _wider("scopes", self.caller.scopes)
        for what, wanted, own in (
            ("services", grant.services, self.caller.services),
            ("environments", grant.environments, self.caller.environments),
        ):
            for name in wanted:
                _require_name(name)
            if own and not (wanted and set(own).issuperset(wanted)):
                raise _wider(what, own)
        return self.register.token(self.caller.person, grant)

    def end(self, name: str) -> TokenRow:
        """Take one out of force. Raises `NotAllowed`, and `Rejected` (`token.not_yours`), also for another's."""
        self._require_session()
        if name not in {one.name for one in self.all()}:
            raise Rejected("token.not_yours", f"you have no token '{name}'", "see those you have at /v1/tokens")
        return self.register.revoke(name)

    def _require_session(self) -> None:
        if isinstance(self.caller.session, NoSession):
            raise NotAllowed


def own_tokens(porter: Porter, visitor: Visitor, address: str) -> OwnTokens:
    """Who asks, before their own tokens. Raises `NotSignedIn`."""
    if not isinstance(visitor, Caller):
        raise NotSignedIn
    by = f"by {visitor.person}, {visitor.method}"
    register = Register(
        porter.accounts, porter.clock, porter.draw, porter.people, by=by, address=address, tell=porter.tell
    )
    return OwnTokens(visitor, register)


Owning: TypeAlias = NamedDependency[SkipValidation[OwnTokens]]
"""How a route asks for it: `own: Owning`."""


def _require_name(name: str) -> None:
    try:
        parse_name(name)
    except ValueError as fault:
        raise Rejected("account.name", str(fault), "names are made of a-z 0-9 . _ -") from fault


def _wider(what: str, own: Iterable[str]) -> Rejected:
    there = ", ".join(sorted(own))
    return Rejected("token.wider", f"a token has no further {what} than who makes it: {there}", f"name {what} of those")
