# SPDX-License-Identifier: Apache-2.0
"""One's own tokens: seen, made and ended by whoever signed in. What may be made of them is said in `identity`."""

from datetime import timedelta
from functools import partial
from typing import Annotated, Final

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from interlock.api.commands import WRITING
from interlock.api.refusals import problems
from interlock.api.routes_accounts import ACCOUNTS, Ended, TokenShown
from interlock.identity.caller import Scope
from interlock.identity.own_tokens import Owning
from interlock.identity.register import Grant


class OwnTokensShown(msgspec.Struct, frozen=True):
    """Those of the caller that are in force."""

    tokens: list[TokenShown]


class TokenAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token for a program. Of services and environments none named: every one that the caller may see."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    scopes: tuple[Scope, ...] = (Scope.READ,)
    days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 30
    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()


class TokenMade(msgspec.Struct, frozen=True):
    """`token` is the secret: it is shown only now."""

    token: str
    name: str
    account: str
    scopes: list[str]


_act = partial(post, status_code=200, sync_to_thread=True, responses=problems(*WRITING), tags=ACCOUNTS)


@get("/tokens", sync_to_thread=True, responses=problems(401, 403), tags=ACCOUNTS, operation_id="tokens")
def tokens(own: Owning) -> OwnTokensShown:
    """The caller's own tokens, to a token those that reach no further than it; no secret is among what is told."""
    return OwnTokensShown(
        [
            TokenShown(
                row.name, list(row.scopes), list(row.services), list(row.environments), row.expires_at.isoformat()
            )
            for row in own.seen()
        ]
    )


@_act("/tokens", operation_id="token-make")
def make(own: Owning, data: JSONBody[TokenAsked]) -> TokenMade:
    """Make a token of one's own, in a session: with a token nobody makes another. Its secret is shown once."""
    scopes = tuple(dict.fromkeys(data.scopes))
    grant = Grant(data.name, scopes, data.services, data.environments, timedelta(days=data.days))
    return TokenMade(own.make(grant), data.name, own.caller.person, sorted(scopes))


@_act("/tokens/{name:str}/end", operation_id="token-end")
def end(own: Owning, name: FromPath[str]) -> Ended:
    """Take one of one's own out of force."""
    row = own.end(name)
    return Ended(row.name, row.person)


HANDLERS: Final = (tokens, make, end)
