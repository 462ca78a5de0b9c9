# SPDX-License-Identifier: Apache-2.0
"""What went wrong, told to whoever asked: a page to a browser that asked for one, a problem to a program.

1. Under `/v1` programs ask, whatever they accept.
2. A page says which rule held, and a way on. It repeats nothing of what was sent, and tells nothing of what happened
   inside.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from litestar.datastructures import Headers
from litestar.response import Response
from litestar.types import HTTPScope, Scope

from interlock.domain.decision import Reason
from interlock.identity.caller import Caller, NoSession
from interlock.identity.guard import visitor_of
from interlock.identity.refusing import NO_HEADERS, PROBLEM_JSON, Problem
from interlock.web.page import NOBODY, Asked, Page, Place, Reader, show

HTML: Final = "text/html"
API: Final = "/v1"
VARY: Final = {"vary": "Accept"}
FRAMEWORKS: Final = frozenset({"server.bad_request", "server.not_found", "request.method"})
"""Codes of what the framework found: its own words repeat what was sent."""
UNFIT: Final = Reason("server.bad_request", "that cannot be meant", "load the page again")
SENTENCES: Final[Mapping[HTTPStatus, Reason]] = {
    HTTPStatus.NOT_FOUND: Reason(
        "server.not_found", "there is nothing at this address", "check it, or go on from the fleet"
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: Reason(
        "request.method", "this address is not there for that", "open the page it belongs to, and do it there"
    ),
}
"""What is said to people in place of those words."""


def is_for_people(scope: Scope) -> bool:
    """Whether a browser asked for a page."""
    path = scope["path"]
    accepted = Headers.from_scope(scope).get("accept", "")
    return HTML in accepted and path != API and not path.startswith(f"{API}/")


def told(scope: Scope, found: Problem, headers: Mapping[str, str] = NO_HEADERS) -> Response[bytes]:
    """The answer."""
    if not is_for_people(scope):
        return found.response(headers)
    page = page_of(found, _reader(scope)).encode()
    return Response(page, status_code=found.status.value, media_type=HTML, headers={**headers, **VARY})


def body_of(scope: HTTPScope, found: Problem) -> tuple[str, bytes]:
    """The same where no application answers: its media type and its bytes."""
    if is_for_people(scope):
        return f"{HTML}; charset=utf-8", page_of(found, _reader(scope)).encode()
    return PROBLEM_JSON, found.body


def page_of(found: Problem, reader: Reader) -> str:
    """The page."""
    first = found.reasons[0]
    why = SENTENCES.get(found.status, UNFIT) if first.code in FRAMEWORKS else first
    model = {"code": why.code, "sentence": why.sentence, "next_step": why.next_step}
    return show(Page("amiss.html", TITLES.get(found.status, "That did not work"), Place.NOWHERE, model), Asked(reader))


def _reader(scope: Scope) -> Reader:
    visitor = visitor_of(scope)
    if not isinstance(visitor, Caller) or isinstance(visitor.session, NoSession):
        return NOBODY
    return Reader(visitor.person, visitor.csrf)


TITLES: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.UNAUTHORIZED: "You are not signed in",
    HTTPStatus.FORBIDDEN: "That is not for you",
    HTTPStatus.NOT_FOUND: "There is nothing here",
    HTTPStatus.METHOD_NOT_ALLOWED: "That is not how it is done",
    HTTPStatus.TOO_MANY_REQUESTS: "That was too often",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something is wrong here",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not now",
}
