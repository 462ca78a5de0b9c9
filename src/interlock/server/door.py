# SPDX-License-Identifier: Apache-2.0
"""The door every request passes: whether it is for us, how large and slow it may be, who is there, and what every
answer says to a browser.

1. A request for another host's name is not answered, so that no other site's name can be led here.
2. A body is taken in whole before anything looks at it.
3. Whatever changes something and comes with a cookie, or would give one, must come from a page of ours: by the
   browser's own word (`Sec-Fetch-Site`, `Origin`) and by the token that only our pages hold (`X-CSRF-Token`, or
   `csrf` in a form).
4. Every answer carries the policies under which our pages live.
5. Whatever was refused here or by a route is written down with who tried it, and so is a name that was guessed at by
   somebody who is nobody here, or is narrowed.
6. An answer that goes on (events) goes on only as long as whoever asked for it is let in.
"""

import asyncio
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseBodyEvent, HTTPScope, Message, Receive, Scope, Send

from interlock.bootstrap.keys import fresh_bytes
from interlock.identity.caller import Caller, Nobody, NoSession, Visitor
from interlock.identity.familiar import Familiar, Shown
from interlock.identity.guard import put_visitor, refused_in
from interlock.identity.porter import TOKEN_PREFIX, Porter
from interlock.identity.refusing import NOT_THERE, Problem, problem, unable
from interlock.identity.throttle import Throttle
from interlock.ports.accounts import Happening
from interlock.ports.failure import PortFailure
from interlock.server.amiss import VARY, body_of
from interlock.server.cookies import Cookies, csrf_of_visit
from interlock.server.intake import SECONDS, Body, Gone, TooLarge, TooSlow, again, is_text, take
from interlock.server.patience import LONGEST_HEAD, head_of
from interlock.server.settings import Settings, Way

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS: Final = SAFE | {"POST", "PUT", "PATCH", "DELETE"}
"""Those that are counted by their names."""
FORM: Final = "application/x-www-form-urlencoded"
LOGIN: Final = "/login"
API: Final = "/v1/"
"""Where programs go. Who is nobody there gets nothing done, or shows otherwise who they are; nothing gives a cookie."""
WRITES: Final = 240
AGAIN: Final = 2.0
"""Seconds after which it is asked again whether somebody may go on listening."""
WRITES_WITHIN: Final = timedelta(minutes=1)
"""How often one caller may change something."""

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
PRIVATE: Final = (b"cache-control", b"private, no-cache")

UNSEEN: Final = frozenset({"/healthz", "/readyz"})
"""Asked by machines under whatever name they know us, and of nobody in particular."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer, as it is counted: by the route, never by the path that was asked for; by a method that we know."""

    method: str
    route: str
    status: int
    seconds: float
    traceparent: str = ""
    """What a client says of the trace it began."""


@dataclass(frozen=True, slots=True)
class Pass:
    """A request that may go on: who asks, from where, and with which body."""

    visitor: Visitor
    address: str
    receive: Receive
    headers: tuple[tuple[bytes, bytes], ...] = ()
    """What the answer carries besides."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the door looks at. Of a header that came twice, the last one counts."""

    scope: HTTPScope
    headers: Mapping[str, str]
    address: str

    @property
    def changes(self) -> bool:
        """Whether it is meant to change something."""
        return self.scope["method"] not in SAFE

    @property
    def path(self) -> str:
        return self.scope["path"]


@dataclass(slots=True)
class Door:
    """Wraps an application. `bearer` knows who holds a token that is none of the porter's."""

    app: ASGIApp
    settings: Settings
    porter: Porter
    familiar: Familiar
    bearer: Callable[[str, str], Visitor]
    see: Callable[[Seen], None]
    writes: Throttle
    refusals: Throttle
    seconds: float = SECONDS
    """How long a body may take."""
    _hosts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._hosts = self.settings.hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            return None
        since = asyncio.get_running_loop().time()
        request = Request(scope, _headers(scope), _address(scope, self.settings.way))
        answering = _Answering(request, send, self.see, since)
        try:
            found = await self._checked(request, receive)
        except PortFailure as fault:
            return await answering.refuse(unable(fault))  # nobody is known yet
        if isinstance(found, Gone):
            return None
        if isinstance(found, Problem):
            await self._note(request, found, Nobody())
            return await answering.refuse(found)
        put_visitor(scope, found.visitor, found.address)
        answering.besides = found.headers
        send = self._lasting(request, found.visitor, answering.send)
        return await self.app(scope, found.receive, self._noting(request, found.visitor, send))

    async def _checked(self, request: Request, receive: Receive) -> Pass | Problem | Gone:
        """What lets the request on, or why it is not let on."""
        if head_of(request.scope) > LONGEST_HEAD:
            return _LONG_HEAD
        if request.path in UNSEEN:
            return Pass(Nobody(), request.address, receive)
        if request.headers.get("host", "").casefold() not in self._hosts:
            return _OTHER_HOST
        if "\0" in request.path:
            return _NO_TEXT
        visitor = await self._visitor(request)
        if request.path.startswith(LOGIN) and visitor == Nobody() and not request.changes:
            return self._begun(request, receive)
        if not request.changes:
            return Pass(visitor, request.address, receive)
        if not self.writes.take(_key(visitor, request.address), self.porter.clock.now()):
            return _TOO_MANY
        return await self._taken(request, visitor, receive)

    def _begun(self, request: Request, receive: Receive) -> Pass:
        """Somebody is about to sign in: tie the form to their browser."""
        visit, cookies = fresh_bytes(16).hex(), Cookies(self.settings)
        return Pass(
            Nobody(csrf_of_visit(visit)),
            request.address,
            receive,
            (cookies.kept(cookies.visit, visit).to_encoded_header(),),
        )

    async def _taken(self, request: Request, visitor: Visitor, receive: Receive) -> Pass | Problem | Gone:
        """The same, for what changes something."""
        match await take(request.scope, receive, self.seconds):
            case Body() as body:
                if not is_text(body, request.headers.get("content-type", "")):
                    return _NO_TEXT
                refused = self._foreign(request, visitor, body)
                return refused or Pass(visitor, request.address, again(body, receive))
            case TooLarge(limit):
                sentence = f"the body is larger than {limit} bytes"
                return problem(_LARGE, "server.too_large", sentence, "send less at once")
            case TooSlow():
                return _TOO_SLOW
            case Gone() as gone:
                return gone

    async def _visitor(self, request: Request) -> Visitor:
        """Who is there. With an `Authorization`, whatever the cookies say does not count."""
        authorization = request.headers.get("authorization", "")
        cookies = Cookies(self.settings)
        header = request.headers.get("cookie", "")
        if authorization:
            kind, _, secret = authorization.partition(" ")
            if kind.casefold() != "bearer":
                return Nobody()
            return await self._bearer(secret.strip(), request.address)
        session = cookies.read(header, cookies.session)
        visitor = await self._browser(session) if session else Nobody()
        if isinstance(visitor, Nobody):
            return Nobody(csrf_of_visit(cookies.read(header, cookies.visit)))
        return visitor

    async def _bearer(self, secret: str, address: str) -> Visitor:
        shown = Shown.BEARER if secret.startswith(TOKEN_PREFIX) else Shown.JOB
        return await self.familiar.visitor(shown, secret, lambda: self.bearer(secret, address))

    async def _browser(self, session: str) -> Visitor:
        return await self.familiar.visitor(Shown.COOKIE, session, lambda: self.porter.by_session(session))

    def _foreign(self, request: Request, visitor: Visitor, body: Body) -> Problem | None:
        """Why this does not come from a page of ours, where it must."""
        if isinstance(visitor, Caller):
            if isinstance(visitor.session, NoSession):
                return None
        elif request.path.startswith(API):
            return None
        site, origin = request.headers.get("sec-fetch-site", "same-origin"), request.headers.get("origin", "")
        if site != "same-origin" or (origin and origin not in self.settings.origins):
            return _FOREIGN
        shown = request.headers.get("x-csrf-token", "") or _in_form(request, body)
        is_ours = bool(visitor.csrf) and hmac.compare_digest(shown.encode(), visitor.csrf.encode())
        return None if is_ours else _NO_TOKEN

    def _lasting(self, request: Request, visitor: Visitor, send: Send) -> Send:
        """Sends as `send` does; an answer that goes on ends when whoever asked for it is let in no more."""
        loop = asyncio.get_running_loop()
        known_at, is_over = loop.time(), False

        async def sent(message: Message) -> None:
            nonlocal known_at, is_over
            if is_over:
                return
            if message["type"] == "http.response.body" and message["more_body"] and loop.time() >= known_at + AGAIN:
                is_over, known_at = await self._visitor(request) != visitor, loop.time()
            await send(_NOTHING_MORE if is_over else message)

        return sent

    def _noting(self, request: Request, visitor: Visitor, send: Send) -> Send:
        """Sends as `send` does; what is refused is written down before it is answered."""

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                for refused in refused_in(request.scope) or _guessed(message["status"], visitor):
                    await self._note(request, refused, visitor)
            await send(message)

        return noted

    async def _note(self, request: Request, found: Problem, visitor: Visitor) -> None:
        """Into the trail, but not so often that somebody could fill it."""
        if self.refusals.take(request.address, self.porter.clock.now()):
            detail = f"{request.scope['method']} {request.path}: {found.reasons[0].code}"
            who, how = (visitor.person, visitor.method) if isinstance(visitor, Caller) else ("", "")
            await asyncio.to_thread(self.porter.note, Happening.REQUEST_REFUSED, who, how, request.address, detail)


@dataclass(slots=True)
class _Answering:
    """Adds to an answer what every one carries, and counts it."""

    request: Request
    out: Send
    see: Callable[[Seen], None]
    since: float
    besides: tuple[tuple[bytes, bytes], ...] = ()

    async def send(self, message: Message) -> None:
        """As the application sends."""
        if message["type"] == "http.response.start":
            headers = [*message["headers"], *self.besides]
            named = {name.lower() for name, _ in headers}
            headers += [one for one in (*HEADERS, PRIVATE) if one[0] not in named]
            message["headers"] = headers
            self._count(message["status"])
        await self.out(message)

    async def refuse(self, found: Problem) -> None:
        """Answer in the application's place, and take nothing more on this connection."""
        kind, body = body_of(self.request.scope, found)
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        headers += [(name.encode(), value.encode()) for name, value in VARY.items()]
        headers.append((b"connection", b"close"))
        if found.status is HTTPStatus.TOO_MANY_REQUESTS:
            headers.append((b"retry-after", str(int(WRITES_WITHIN.total_seconds())).encode()))
        await self.send({"type": "http.response.start", "status": found.status.value, "headers": headers})
        await self.send({"type": "http.response.body", "body": body, "more_body": False})

    def _count(self, status: int) -> None:
        scope = self.request.scope
        seconds = asyncio.get_running_loop().time() - self.since
        route = str(scope.get("path_template") or "(none)")
        method = scope["method"] if scope["method"] in METHODS else "(other)"
        self.see(Seen(method, route, status, seconds, self.request.headers.get("traceparent", "")))


_NOTHING_MORE: Final[HTTPResponseBodyEvent] = {"type": "http.response.body", "body": b"", "more_body": False}
_NO_TEXT: Final = problem(
    HTTPStatus.BAD_REQUEST, "request.no_text", "that holds what is no text", "send text in UTF-8, without a null"
)
_LONG_HEAD: Final = problem(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "server.long_head",
    f"the head of the request is larger than {LONGEST_HEAD} bytes",
    "send a shorter address, and fewer or shorter headers and cookies",
)
_LARGE: Final = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
_OTHER_HOST: Final = problem(
    HTTPStatus.MISDIRECTED_REQUEST,
    "server.other_host",
    "this server is not known by that name",
    "use the address that `interlock serve` printed; behind a proxy, pass the Host on",
)
_TOO_MANY: Final = problem(
    HTTPStatus.TOO_MANY_REQUESTS, "server.too_many", "that is more than anybody may ask for", "wait a minute"
)
_TOO_SLOW: Final = problem(
    HTTPStatus.REQUEST_TIMEOUT, "server.too_slow", "the body did not arrive in time", "send it again"
)
_FOREIGN: Final = problem(
    HTTPStatus.FORBIDDEN,
    "access.foreign_page",
    "that came from a page that is not of this server",
    "open the page at the server's own address, and do it there",
)
_NO_TOKEN: Final = problem(
    HTTPStatus.FORBIDDEN,
    "access.no_csrf",
    "that did not bring the token of the page it was meant to come from",
    "load the page again, and do it there",
)


def _guessed(status: int, visitor: Visitor) -> tuple[Problem, ...]:
    """What is to be written down of a name that is not there, or not for them."""
    is_known = isinstance(visitor, Caller) and not visitor.services
    return () if is_known or status != HTTPStatus.NOT_FOUND else (NOT_THERE,)


def _headers(scope: HTTPScope) -> Mapping[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _address(scope: HTTPScope, way: Way) -> str:
    """From where it comes. Behind a proxy that is what the proxy added last, the one word nobody else could give."""
    client = scope.get("client")
    direct = client[0] if client else ""
    told = _headers(scope).get("x-forwarded-for", "") if way is Way.PROXIED else ""
    return told.rpartition(",")[2].strip()[:64] or direct


def _key(visitor: Visitor, address: str) -> str:
    return f"person {visitor.person}" if isinstance(visitor, Caller) else f"address {address}"


def _in_form(request: Request, body: Body) -> str:
    if request.headers.get("content-type", "").partition(";")[0].strip() != FORM:
        return ""
    try:
        fields = parse_qs(body.content.decode("ascii", "replace"), max_num_fields=1000)
    except ValueError:
        return ""
    return fields.get("csrf", [""])[0]
