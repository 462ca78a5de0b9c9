# SPDX-License-Identifier: Apache-2.0
"""The page on which somebody sets their own password with a key that the ledger has of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeAlias

from litestar import Request, Router, get, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import URLEncodedBody
from litestar.response import Response

from interlock.domain.decision import Reason
from interlock.identity.bykey import ByKey, Handed
from interlock.identity.guard import Who, address_of
from interlock.ports.failure import Rejected
from interlock.ports.signing import SSH_NAMESPACE
from interlock.server.login import see_other
from interlock.web.page import UNTRIED, Asked, Page, Place, Tried, show

AT: Final = "/login/key"
Fields: TypeAlias = URLEncodedBody[Mapping[str, str]]
AnyRequest = Request[object, object, State]


def key_routes(by_key: ByKey) -> Router:
    """`/login/key`, for who is not signed in."""

    @get(AT, sync_to_thread=True)
    def page(request: AnyRequest, caller: Who) -> Response[str]:
        return _shown(by_key, Asking(caller.csrf, address_of(request.scope)), "", UNTRIED)

    @post(AT, status_code=200, sync_to_thread=True)
    def handed_in(request: AnyRequest, caller: Who, data: Fields) -> Response[str] | Response[None]:
        signature = data.get("signature", "").replace("\r\n", "\n").strip() + "\n"
        handed = Handed(data.get("handle", "").strip(), signature, data.get("password", ""), address_of(request.scope))
        try:
            by_key.set_password(caller.csrf, handed)
        except Rejected as fault:
            tried = Tried("key", {}, (Reason(fault.code, fault.sentence, fault.next_step),))
            return _shown(by_key, Asking(caller.csrf, handed.address), handed.handle, tried)
        return see_other("/login")

    handlers: list[HTTPRouteHandler] = [page, handed_in]
    return Router("/", route_handlers=handlers, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who looks at the page: a browser's visit, and from where."""

    visit: str
    address: str


def _shown(by_key: ByKey, asking: Asking, handle: str, tried: Tried) -> Response[str]:
    model: dict[str, object] = {
        "csrf": asking.visit,
        "handle": handle,
        "message": by_key.message(handle if handle.isalnum() else "HANDLE", by_key.draw(asking.visit, asking.address)),
        "namespace": SSH_NAMESPACE,
    }
    status = HTTPStatus.CONFLICT if tried.reasons else HTTPStatus.OK
    text = show(Page("bykey.html", "Set your password", Place.NOWHERE, model), Asked(tried=tried))
    return Response(text, media_type="text/html", status_code=status.value)
