# SPDX-License-Identifier: Apache-2.0
"""The routes by which a browser makes a passkey, and hands in a command it signed with one."""

from http import HTTPStatus

from litestar import Request, Router, get, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.response import Response

from interlock.identity.caller import Caller, NoSession
from interlock.identity.guard import Ledger, NotAllowed, NotSignedIn, Who, address_of, signed_in
from interlock.identity.passkeys import Answer, Keys, Made
from interlock.identity.refusing import Problem
from interlock.identity.saying import Mouth
from interlock.ports.accounts import PasskeyRow
from interlock.service.handle import Declined

AnyRequest = Request[object, object, State]


def passkey_routes() -> Router:
    """Under `/passkeys`; all JSON, none in the API's description: they are for our own pages."""
    handlers: list[HTTPRouteHandler] = [passkeys_of, begin, finish, signed]
    return Router("/passkeys", route_handlers=handlers, guards=[signed_in], include_in_schema=False)


@get("/mine", sync_to_thread=True)
def passkeys_of(caller: Who, passkeys: Keys, house: Ledger) -> list[dict[str, str]]:
    """The caller's, and whether the ledger has them."""
    person = _in_browser(caller)
    known = {one.credential for one in passkeys.usable(person, house.view().people())}
    return [
        {
            "credential": one.credential,
            "line": one.line,
            "made_at": one.made_at.isoformat(),
            "state": "registered" if one.credential in known else "unregistered",
            "next_step": "" if one.credential in known else _registering(one),
        }
        for one in passkeys.porter.accounts.passkeys(person.person)
    ]


@post("/begin", status_code=200, sync_to_thread=True)
def begin(caller: Who, passkeys: Keys) -> dict[str, object]:
    """The options for making one."""
    return dict(passkeys.creation(_in_browser(caller)))


@post("/finish", sync_to_thread=True)
def finish(
    request: "Request[object, object, State]", caller: Who, passkeys: Keys, data: JSONBody[Made]
) -> dict[str, str]:
    """What the browser made of them; the key line to register in the ledger."""
    row = passkeys.made(_in_browser(caller), data, address_of(request.scope))
    return {"line": row.line, "next_step": _registering(row)}


def _registering(row: PasskeyRow) -> str:
    """What is typed to have the ledger know it. The file lies outside the repository, which would wait for it."""
    kept = f"printf '%s\\n' '{row.line}' > ~/PASSKEY.pub"
    return f"{kept}\ninterlock people add-key {row.person} --key ~/PASSKEY.pub"


@post("/signed", status_code=200, sync_to_thread=True)
def signed(saying: Mouth, passkeys: Keys, data: JSONBody[Answer]) -> Response[bytes] | Response[dict[str, str]]:
    """A command that waited, signed: 200 with its id, or 409 with why a rule declined it."""
    _in_browser(saying.caller)
    outcome = passkeys.signed(saying, data)
    if isinstance(outcome, Declined):
        return Problem(HTTPStatus.CONFLICT, outcome.reasons).response()
    return Response({"command": str(outcome.id)})


def _in_browser(caller: Who) -> Caller:
    """A passkey is a browser's; a token has none."""
    if not isinstance(caller, Caller):
        raise NotSignedIn
    if isinstance(caller.session, NoSession):
        raise NotAllowed
    return caller
