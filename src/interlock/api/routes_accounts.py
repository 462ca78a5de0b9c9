# SPDX-License-Identifier: Apache-2.0
"""`/v1/accounts` and `/v1/audit`: what administrators of the server do about accounts, and see of its door.

Nothing of it is in the ledger, and none of it gives a role there. Everything that is done goes into the trail.
"""

from functools import partial
from typing import Annotated, Final

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from interlock.api.paging import Limit
from interlock.api.refusals import problems
from interlock.identity.stewarding import Kept, Stewarding
from interlock.ports.accounts import Numbered, Rank, Standing

ACCOUNTS: Final = ("accounts",)
READING: Final = (400, 401, 403, 422)
WRITING: Final = (400, 401, 403, 413, 422, 429)

_act: Final = partial(post, status_code=200, sync_to_thread=True, responses=problems(*WRITING), tags=ACCOUNTS)
"""How everything that changes something is declared."""


class SessionShown(msgspec.Struct, frozen=True):
    """A browser that is signed in. `session` is enough to know it by, and worth nothing at the door."""

    session: str
    method: str
    since: str
    seen: str
    address: str


class TokenShown(msgspec.Struct, frozen=True):
    """A token in force; its secret is nowhere."""

    name: str
    scopes: list[str]
    services: list[str]
    environments: list[str]
    expires: str


class AccountShown(msgspec.Struct, frozen=True):
    """An account. `locked`: it lets nobody in. `password`: whether one is set."""

    account: str
    rank: Rank
    locked: bool
    password: bool
    sessions: list[SessionShown]
    tokens: list[TokenShown]


class Accounts(msgspec.Struct, frozen=True):
    """Every account, by handle."""

    accounts: list[AccountShown]


class AccountAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new account, of a person of the ledger."""

    account: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    rank: Rank = Rank.MEMBER


class Ended(msgspec.Struct, frozen=True):
    """A token that is out of force."""

    token: str
    account: str


class NotedShown(msgspec.Struct, frozen=True):
    """One thing that happened at the door."""

    number: int
    at: str
    what: str
    account: str
    method: str
    address: str
    detail: str


class Audit(msgspec.Struct, frozen=True):
    """What happened at the door, newest first. `next` is the cursor of older entries; empty: these were the last."""

    audit: list[NotedShown]
    next: str


@get("/accounts", sync_to_thread=True, responses=problems(*READING), tags=ACCOUNTS, operation_id="accounts")
def accounts(steward: Stewarding) -> Accounts:
    """Who may sign in, who is in, and with what. For administrators."""
    return Accounts([_shown(one) for one in steward.accounts()])


@get("/accounts/{person:str}", sync_to_thread=True, responses=problems(*READING), tags=ACCOUNTS, operation_id="account")
def account(steward: Stewarding, person: FromPath[str]) -> AccountShown:
    """One account. For administrators."""
    return _shown(steward.one(person))


@get("/audit", sync_to_thread=True, responses=problems(*READING), tags=ACCOUNTS, operation_id="audit")
def audit(
    steward: Stewarding,
    cursor: Annotated[str, QueryParameter(pattern="^[0-9]{0,15}$", description="`next` of the page before.")] = "",
    limit: Limit = 50,
) -> Audit:
    """Who came, went, was turned away, and what administrators did. For administrators."""
    found = steward.trail(int(cursor or "0"), limit)
    older = str(found[-1].number) if found and found[-1].number > 1 else ""
    return Audit([_noted(one) for one in found], older)


@_act("/accounts", operation_id="account-add")
def add(steward: Stewarding, data: JSONBody[AccountAsked]) -> AccountShown:
    """Let somebody in. They set their password themself, with a key that the ledger has of them."""
    return _shown(steward.add(data.account, data.rank))


@_act("/accounts/{person:str}/reset", operation_id="account-reset")
def reset(steward: Stewarding, person: FromPath[str]) -> AccountShown:
    """Take their password away and sign them out everywhere; they set another one with a key of theirs."""
    return _shown(steward.reset(person))


@_act("/accounts/{person:str}/lock", operation_id="account-lock")
def lock(steward: Stewarding, person: FromPath[str]) -> AccountShown:
    """Let somebody in no more, and end every session and token of theirs."""
    return _shown(steward.lock(person))


@_act("/accounts/{person:str}/unlock", operation_id="account-unlock")
def unlock(steward: Stewarding, person: FromPath[str]) -> AccountShown:
    """Let somebody in again."""
    return _shown(steward.unlock(person))


@_act("/accounts/{person:str}/revoke", operation_id="account-revoke")
def revoke(steward: Stewarding, person: FromPath[str]) -> AccountShown:
    """End every session and every token of somebody."""
    return _shown(steward.sign_out(person))


@_act("/tokens/{name:str}/revoke", operation_id="token-revoke")
def revoke_token(steward: Stewarding, name: FromPath[str]) -> Ended:
    """Take one token out of force."""
    row = steward.revoke(name)
    return Ended(row.name, row.person)


def _shown(kept: Kept) -> AccountShown:
    one = kept.account
    return AccountShown(
        one.person,
        one.rank,
        one.standing is Standing.DISABLED,
        bool(one.password),
        [
            SessionShown(row.digest[:12], row.method, row.made_at.isoformat(), row.seen_at.isoformat(), row.address)
            for row in kept.sessions
        ],
        [
            TokenShown(
                row.name, list(row.scopes), list(row.services), list(row.environments), row.expires_at.isoformat()
            )
            for row in kept.tokens
        ],
    )


def _noted(one: Numbered) -> NotedShown:
    it = one.noted
    return NotedShown(one.number, it.at.isoformat(), it.what, it.person, it.method, it.address, it.detail)


HANDLERS: Final = (accounts, account, audit, add, reset, lock, unlock, revoke, revoke_token)
