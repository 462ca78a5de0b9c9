# SPDX-License-Identifier: Apache-2.0
"""What a request is answered when it cannot be done: `application/problem+json` (RFC 9457) with our stable codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import msgspec
from litestar.response import Response

from interlock.domain.decision import Reason
from interlock.ports.failure import PortFailure

PROBLEM_JSON: Final = "application/problem+json"
BLANK: Final = "about:blank"
NO_HEADERS: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why not: a status, and every reason there is, the first one foremost."""

    status: HTTPStatus
    reasons: tuple[Reason, ...]

    def to_json(self) -> Mapping[str, object]:
        """The members of RFC 9457, and ours: `code`, `next_step`, and all `reasons` alike."""
        first = self.reasons[0]
        told = [{"code": one.code, "sentence": one.sentence, "next_step": one.next_step} for one in self.reasons]
        return {
            "type": BLANK,
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": first.sentence,
            "code": first.code,
            "next_step": first.next_step,
            "docs": f"interlock explain {first.code}",
            "reasons": told,
        }

    @property
    def body(self) -> bytes:
        """As it is sent."""
        return msgspec.json.encode(self.to_json())

    def response(self, headers: Mapping[str, str] = NO_HEADERS) -> Response[bytes]:
        """As a route answers it."""
        return Response(self.body, status_code=self.status.value, media_type=PROBLEM_JSON, headers=dict(headers))


def unable(fault: PortFailure) -> Problem:
    """Why nothing can be done now, as told to who is not known: not where anything lies on the server's disk."""
    why = Reason(fault.code, fault.sentence, fault.next_step)
    if fault.code.startswith(_OF_FILES):
        why = Reason(fault.code, *_NEEDED)
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, (_UNABLE.get(fault.code, why),))


def problem(status: HTTPStatus, code: str, sentence: str, next_step: str) -> Problem:
    """A problem with one reason."""
    return Problem(status, (Reason(code, sentence, next_step),))


_START: Final = "whoever runs the server puts the right file there, and starts the server again"
_OF_FILES: Final = ("store.", "accounts.")
_NEEDED: Final = ("a file that the server needs cannot be used now", "whoever runs the server sees that it can")
_UNABLE: Final[Mapping[str, Reason]] = {
    one.code: one
    for one in (
        Reason("store.replaced", "the ledger in use was taken away, or another was put in its place", _START),
        Reason("accounts.replaced", "the accounts in use were taken away, or others put in their place", _START),
        Reason("server.no_room", "there is no room to record anything", "whoever runs the server makes room"),
    )
}
SIGN_IN: Final = problem(
    HTTPStatus.UNAUTHORIZED,
    "access.not_signed_in",
    "that is for people who signed in",
    "sign in at the server, or send a token (`interlock account token HANDLE`)",
)
NOT_FOR_YOU: Final = problem(
    HTTPStatus.FORBIDDEN,
    "access.not_allowed",
    "you may not do that here",
    "ask an administrator of the server what your account or token is for",
)
IN_PART: Final = "that cannot be shown in part, and you are let in for some services or environments only"
NOT_IN_PART: Final = "read /v1/services and its sisters, or use what is not narrowed: `interlock account token HANDLE`"
NARROWED: Final = problem(HTTPStatus.FORBIDDEN, "access.narrowed", IN_PART, NOT_IN_PART)
NOT_THERE: Final = problem(HTTPStatus.NOT_FOUND, "server.not_found", "there is nothing at this address", "check it")
