# SPDX-License-Identifier: Apache-2.0
"""Every fault of a request as `application/problem+json` (RFC 9457): code, sentence, next step, where it is said."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeAlias

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec

from interlock.domain.decision import Reason
from interlock.identity.caller import Caller
from interlock.identity.guard import NotAllowed, NotSignedIn, refuse, visitor_of, why_not
from interlock.identity.refusing import PROBLEM_JSON, SIGN_IN, Problem, problem, unable
from interlock.ledger.codec import Undecodable
from interlock.ports.failure import Busy, PortFailure, Unavailable
from interlock.service.compose import Unfit
from interlock.service.gather import Ungoverned

Handled: TypeAlias = Callable[[Request[Any, Any, Any], Any], Response[Any]]

_ABSENT: Final = frozenset({"unknown", "none", "no_matter"})
"""The last word of a code that says that something is not there."""


class ReasonShown(msgspec.Struct, frozen=True):
    """Why not, and what to do next."""

    code: str
    sentence: str
    next_step: str


class ProblemShown(msgspec.Struct, frozen=True):
    """A problem as RFC 9457 has it. `code` is stable, `docs` says where it is explained."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    next_step: str
    docs: str
    reasons: list[ReasonShown]
    command: str = ""
    """The id under which a refused command was recorded; empty where nothing was."""


class Fault(Exception):
    """A request that cannot be answered as it was asked."""

    def __init__(self, status: HTTPStatus, code: str, sentence: str, next_step: str) -> None:
        super().__init__(sentence)
        self.problem = problem(status, code, sentence, next_step)


def absent(code: str, sentence: str, next_step: str) -> Fault:
    """What is named is not there, or not for who asks: it is not said which."""
    return Fault(HTTPStatus.NOT_FOUND, code, sentence, next_step)


def unfit(code: str, sentence: str, next_step: str) -> Fault:
    """What was sent cannot be meant."""
    return Fault(HTTPStatus.UNPROCESSABLE_ENTITY, code, sentence, next_step)


def declined(command: str, reasons: tuple[Reason, ...]) -> Response[bytes]:
    """A command that a rule declined; whoever may not say it at all is told so by the status."""
    is_access = reasons[0].code.startswith("access.")
    status = HTTPStatus.FORBIDDEN if is_access else HTTPStatus.CONFLICT
    body = {**Problem(status, reasons).to_json(), "command": "" if is_access else command}
    return Response(msgspec.json.encode(body), status_code=status.value, media_type=PROBLEM_JSON)


def _fault(_: Request[Any, Any, Any], fault: Fault) -> Response[bytes]:
    return fault.problem.response()


def _port(request: Request[Any, Any, Any], fault: PortFailure) -> Response[bytes]:
    if isinstance(fault, Unavailable) and not isinstance(visitor_of(request.scope), Caller):
        return unable(fault).response()
    status = HTTPStatus.SERVICE_UNAVAILABLE if isinstance(fault, Unavailable) else HTTPStatus.UNPROCESSABLE_ENTITY
    return problem(status, fault.code, fault.sentence, fault.next_step).response()


def _busy(_: Request[Any, Any, Any], fault: Busy) -> Response[bytes]:
    found = problem(HTTPStatus.TOO_MANY_REQUESTS, fault.code, fault.sentence, fault.next_step)
    return found.response({"Retry-After": str(fault.seconds)})


def _ungoverned(_: Request[Any, Any, Any], fault: Ungoverned) -> Response[bytes]:
    is_absent = fault.code.rpartition(".")[2] in _ABSENT
    status = HTTPStatus.NOT_FOUND if is_absent else HTTPStatus.UNPROCESSABLE_ENTITY
    return problem(status, fault.code, fault.sentence, fault.next_step).response()


def _not_fit(_: Request[Any, Any, Any], fault: Unfit) -> Response[bytes]:
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, fault.code, fault.text, fault.next_step).response()


def _undecodable(_: Request[Any, Any, Any], fault: Undecodable) -> Response[bytes]:
    step = "use the version that wrote it, or check the ledger with `interlock ledger verify`"
    sentence = f"the ledger holds something this version cannot read: {fault}"
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "ledger.undecodable", sentence, step).response()


def _invalid(_: Request[Any, Any, Any], fault: ValidationException) -> Response[bytes]:
    parts = fault.extra if isinstance(fault.extra, list) else []
    said = ((str(one.get("key", "")), str(one.get("message", ""))) for one in parts)
    told = "; ".join(f"{key}: {message}".strip(": ") for key, message in said if message != repr(key))
    return problem(HTTPStatus.BAD_REQUEST, "request.invalid", told or fault.detail, _SEE).response()


def _http(_: Request[Any, Any, Any], fault: HTTPException) -> Response[bytes]:
    status = HTTPStatus(fault.status_code)
    reason = _HTTP.get(status, Reason("request.invalid", fault.detail or status.phrase, _SEE))
    return Problem(status, (reason,)).response(fault.headers or {})


def _not_signed_in(request: Request[Any, Any, Any], _: NotSignedIn) -> Response[bytes]:
    return refuse(request.scope, SIGN_IN).response({"WWW-Authenticate": 'Bearer realm="interlock"'})


def _not_allowed(request: Request[Any, Any, Any], _: NotAllowed) -> Response[bytes]:
    return refuse(request.scope, why_not(request.scope)).response()


_SEE: Final = "see what is asked for at /v1/schema/openapi.json"
_HTTP: Final = {
    HTTPStatus.NOT_FOUND: Reason("server.not_found", "there is nothing at this address", _SEE),
    HTTPStatus.METHOD_NOT_ALLOWED: Reason("request.method", "this address does not take that method", _SEE),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Reason("request.too_large", "that is more than is taken at once", "send less"),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: Reason("request.media_type", "this address takes application/json", _SEE),
}

HANDLERS: Final[Mapping[int | type[Exception], Handled]] = {
    Fault: _fault,
    Busy: _busy,
    PortFailure: _port,
    Ungoverned: _ungoverned,
    Unfit: _not_fit,
    Undecodable: _undecodable,
    NotSignedIn: _not_signed_in,
    NotAllowed: _not_allowed,
    ValidationException: _invalid,
    HTTPException: _http,
}

_SAID: Final = {
    400: "It cannot be read as what is asked for.",
    401: "Nobody signed in.",
    403: "It is not for who asks.",
    404: "There is nothing of that name, or not for who asks.",
    409: "A rule declined it; every reason is told, and the refusal is recorded.",
    410: "The words were erased.",
    413: "It is more than is taken at once.",
    422: "What was sent cannot be meant.",
    429: "Too many requests.",
    503: "Something outside did not answer: trying again may help.",
}


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """How a route documents the problems it may answer."""
    return {
        status: ResponseSpec(ProblemShown, generate_examples=False, description=_SAID[status], media_type=PROBLEM_JSON)
        for status in statuses
    }
