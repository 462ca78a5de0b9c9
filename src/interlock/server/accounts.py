# SPDX-License-Identifier: Apache-2.0
"""The pages on which administrators look after accounts, and see what happened at the door.

What they may do, and what nobody may, is said in `identity.stewarding`; here it is only shown and handed in.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated, Final, TypeAlias

from litestar import Router, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter, URLEncodedBody
from litestar.response import Response

from interlock.domain.decision import Reason
from interlock.identity.caller import Caller
from interlock.identity.guard import Who
from interlock.identity.stewarding import Steward, Stewarding
from interlock.ports.accounts import Rank
from interlock.ports.failure import Rejected
from interlock.server.login import see_other
from interlock.web.page import UNTRIED, Asked, Page, Place, Reader, Tried, show
from interlock.web.routes import with_session

AT: Final = "/accounts"
TRAIL: Final = "/accounts/audit"
LISTED: Final = 100
"""Entries of the trail on one page."""

Fields: TypeAlias = URLEncodedBody[Mapping[str, str]]
Number: TypeAlias = Annotated[str, QueryParameter(pattern="^[0-9]{0,15}$")]
Act: TypeAlias = Callable[[Steward, Mapping[str, str]], object]


def account_routes() -> Router:
    """Under `/accounts`; none in the API's description: the API has its own."""
    handlers: list[HTTPRouteHandler] = [accounts, audit, act]
    return Router("/", route_handlers=handlers, guards=[with_session], include_in_schema=False)


@get(AT, sync_to_thread=True)
def accounts(caller: Who, steward: Stewarding, done: str = "") -> Response[str]:
    """Every account, and what can be done about it."""
    return _shown(caller, steward, UNTRIED, _TOLD.get(done, ""))


@get(TRAIL, sync_to_thread=True)
def audit(caller: Who, steward: Stewarding, before: Number = "") -> Response[str]:
    """What happened at the door, newest first."""
    found = steward.trail(int(before or "0"), LISTED)
    older = found[-1].number if found and found[-1].number > 1 else 0
    model: dict[str, object] = {"entries": found, "older": older, "newer": bool(before)}
    return _html(show(Page("audit.html", "At the door", Place.NOWHERE, model), Asked(_reader(caller), TRAIL)))


@post(AT, status_code=200, sync_to_thread=True)
def act(caller: Who, steward: Stewarding, data: Fields) -> Response[str] | Response[None]:
    """Do it; what is refused shows the page again, with why."""
    asked = data.get("act", "")
    try:
        _ACTS.get(asked, _unknown)(steward, data)
    except Rejected as fault:
        reasons = (Reason(fault.code, fault.sentence, fault.next_step),)
        return _shown(caller, steward, Tried(data.get("form", ""), data, reasons), "")
    return see_other(f"{AT}?done={asked}")


def _add(steward: Steward, data: Mapping[str, str]) -> object:
    rank = Rank.ADMINISTRATOR if data.get("rank") == Rank.ADMINISTRATOR else Rank.MEMBER
    return steward.add(data.get("account", "").strip(), rank)


def _unknown(_steward: Steward, _data: Mapping[str, str]) -> object:
    raise Rejected("form.unknown", "that form is not known here", "load the page again, and do it there")


def _of(what: Callable[[Steward, str], object], field: str = "account") -> Act:
    return lambda steward, data: what(steward, data.get(field, ""))


_ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        "add": _add,
        "reset": _of(Steward.reset),
        "lock": _of(Steward.lock),
        "unlock": _of(Steward.unlock),
        "revoke": _of(Steward.sign_out),
        "end-token": _of(Steward.revoke, "token"),
    }
)
_TOLD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "add": "There is an account. Its person sets a password with their key, at /login/key.",
        "reset": "The password is taken away. Its person sets another one with their key, at /login/key.",
        "lock": "The account is locked, and everything of it has ended.",
        "unlock": "The account lets its person in again.",
        "revoke": "Every session and token of theirs has ended.",
        "end-token": "The token has ended.",
    }
)


def _shown(caller: Who, steward: Steward, tried: Tried, done: str) -> Response[str]:
    model: dict[str, object] = {"accounts": steward.accounts(), "ranks": tuple(one.value for one in Rank)}
    status = HTTPStatus.CONFLICT if tried.reasons else HTTPStatus.OK
    asked = Asked(_reader(caller), AT, tried, done)
    return _html(show(Page("accounts.html", "Accounts", Place.NOWHERE, model), asked), status)


def _reader(caller: Who) -> Reader:
    return Reader(caller.person, caller.csrf) if isinstance(caller, Caller) else Reader()


def _html(text: str, status: HTTPStatus = HTTPStatus.OK) -> Response[str]:
    return Response(text, media_type="text/html", status_code=status.value)
