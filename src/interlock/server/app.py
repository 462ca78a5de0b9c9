# SPDX-License-Identifier: Apache-2.0
"""The application: API and pages on one ledger, behind one door.

Routes are given by name what they need: `caller` (who is there), `house` (the ledger, for reading), `saying` (the
caller about to say something), `porter` and `settings`. One that is for people who signed in has the guard `signed_in`.
"""

import traceback
from asyncio import to_thread
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Protocol
from urllib.parse import quote

from litestar import Litestar, Request, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from litestar.types import Scope

from interlock.api.description import description
from interlock.api.routes import Api
from interlock.bootstrap.houses import OpenHouse, read_beside
from interlock.bootstrap.keys import fresh_bytes
from interlock.bootstrap.providers import provider_at
from interlock.domain.decision import Reason
from interlock.domain.people import People
from interlock.identity.arriving import Arrivals, Provider
from interlock.identity.bykey import ByKey
from interlock.identity.bypasskey import ByPasskey
from interlock.identity.caller import Caller
from interlock.identity.familiar import Familiar
from interlock.identity.grouping import Grouping
from interlock.identity.guard import (
    NotAllowed,
    NotSignedIn,
    address_of,
    provide_caller,
    refuse,
    signed_in,
    visitor_of,
    why_not,
)
from interlock.identity.own_tokens import OwnTokens, own_tokens
from interlock.identity.passkeys import Passkeys
from interlock.identity.porter import Porter
from interlock.identity.refusing import NOT_THERE, SIGN_IN, Problem, problem, unable
from interlock.identity.stewarding import Steward, Stewards
from interlock.identity.throttle import Throttle
from interlock.identity.trusting import Trusted
from interlock.ledger.codec import Undecodable
from interlock.ports.accounts import Accounts, Noted
from interlock.ports.failure import PortFailure, Unavailable
from interlock.server.accounts import account_routes
from interlock.server.ahead import read_ahead
from interlock.server.amiss import told
from interlock.server.bodiless import bodiless
from interlock.server.bykey import key_routes
from interlock.server.cookies import Cookies
from interlock.server.door import WRITES, WRITES_WITHIN, Door, Seen
from interlock.server.intake import REPORTS
from interlock.server.login import login_routes, see_other
from interlock.server.measured import CONTENT_TYPE, Measured
from interlock.server.passkeys import passkey_routes
from interlock.server.room import require_room
from interlock.server.rooms import Rooms
from interlock.server.settings import Settings
from interlock.server.tracing import Tracing, Untraced
from interlock.service.gather import Ungoverned
from interlock.telemetry import Log
from interlock.web.pulse import Pulse
from interlock.web.routes import routes as web_routes

REFUSALS_NOTED: Final = 60
"""Refusals of one address that are noted in a minute."""
AnyRequest = Request[object, object, State]


@dataclass(frozen=True, slots=True)
class Beat:
    """How the driver beside us is: seconds that something waits for it, or empty words when it is well."""

    fault: str
    lag: float


class Companion(Protocol):
    """The driver, as far as the server knows it."""

    def wake(self) -> None: ...

    def beat(self) -> Beat: ...


@dataclass(slots=True)
class Built:
    """An application and what it holds open."""

    app: Litestar
    rooms: Rooms
    porter: Porter
    measured: Measured
    streams: "Streams"


@dataclass(frozen=True, slots=True)
class Streams:
    """What is told to clients for as long as they listen."""

    api: Api
    pulse: Pulse

    def end(self) -> None:
        """Bring every one to its end. Called in the loop that serves them, before it is waited for them."""
        self.api.dismiss()
        self.pulse.end()


@dataclass(frozen=True, slots=True)
class Entrance:
    """What is outside: by which other ways than passwords people and jobs arrive, and who is told of requests."""

    trusted: Trusted = Trusted()
    provider_at: Callable[[str], Provider] = provider_at
    tracing: Tracing = Untraced()


PASSWORDS_ONLY: Final = Entrance()


def build(
    house: OpenHouse,
    accounts: Accounts,
    settings: Settings,
    companion: Companion,
    log: Log,
    entrance: Entrance = PASSWORDS_ONLY,
) -> Built:
    """Put everything together. Whoever builds it closes `rooms` afterwards."""
    measured = Measured()

    def tell(noted: Noted) -> None:
        measured.door.labels(noted.what).inc()
        said = {"person": noted.person, "method": noted.method, "address": noted.address, "detail": noted.detail}
        log.line(noted.at, noted.what, said)

    def people() -> People:
        """Asked at every request, so by a reader: who writes holds nobody up."""
        return rooms.readers[0].view().people()

    porter = Porter(accounts, house.clock, fresh_bytes, people, tell, entrance.trusted.bound)
    rooms = Rooms(house, porter, settings, companion.wake)
    grouping = Grouping(house)
    arrivals = Arrivals(porter, entrance.trusted, settings.url, entrance.provider_at, grouping.record)
    api = Api(
        read_beside(rooms.house), lambda: not companion.beat().fault, rooms.saying_for, rooms.reader, rooms.hall.size
    )
    streams = Streams(api, Pulse())
    app = _application(rooms, measured, companion, arrivals, log, streams=streams)
    door = Door(
        bodiless(api.answers.before(app.asgi_handler)),
        settings,
        porter,
        Familiar(accounts, rooms.hall.people, house.clock),
        arrivals.bearer,
        lambda seen: _seen(seen, house, measured, log, entrance.tracing),
        Throttle(WRITES, WRITES_WITHIN),
        Throttle(REFUSALS_NOTED, WRITES_WITHIN),
    )
    app.asgi_handler = door
    return Built(app, rooms, porter, measured, streams)


def _application(
    rooms: Rooms, measured: Measured, companion: Companion, arrivals: Arrivals, log: Log, *, streams: Streams
) -> Litestar:
    def unforeseen(request: AnyRequest, fault: Exception) -> Response[Any]:
        """Nothing of what happened inside is told; the log has it."""
        trace = "".join(traceback.format_exception(fault))
        log.line(rooms.house.clock.now(), "fault", {"kind": type(fault).__name__, "trace": trace})
        return told(request.scope, FAULT_OF_OURS)

    passkeys = Passkeys(rooms.porter, rooms.settings.site, rooms.settings.origins)
    handlers = [
        *_telling(rooms, measured, companion),
        login_routes(
            rooms.porter,
            Cookies(rooms.settings),
            arrivals,
            ByPasskey(rooms.porter, rooms.settings.url, rooms.settings.site, rooms.house.desk.verifier.verify_person),
        ),
        passkey_routes(),
        account_routes(),
        key_routes(ByKey(rooms.porter, rooms.settings.url, rooms.house.desk.verifier.verify_person)),
        *streams.api.routers,
        *web_routes(streams.pulse, passkeys),
    ]
    return Litestar(
        handlers,
        dependencies=_dependencies(rooms, passkeys),
        exception_handlers={
            NotSignedIn: _sign_in,
            NotAllowed: lambda request, _fault: told(request.scope, refuse(request.scope, why_not(request.scope))),
            PortFailure: _port_failure,
            Ungoverned: _ungoverned,
            Undecodable: _undecodable,
            RecursionError: lambda request, _fault: told(request.scope, TOO_DEEP),
            HTTPException: _http_exception,
            HTTPStatus.INTERNAL_SERVER_ERROR: unforeseen,
        },
        openapi_config=description(),
        on_startup=[streams.api.begin, lambda: read_ahead(rooms.reader())],
        on_shutdown=[streams.api.end],
        request_max_body_size=REPORTS,
        logging_config=None,
    )


def _dependencies(rooms: Rooms, passkeys: Passkeys) -> dict[str, Provide]:
    """What routes ask for by name."""
    stewards = Stewards(rooms.porter)

    async def provide_porter() -> Porter:
        return rooms.porter

    async def provide_passkeys() -> Passkeys:
        return passkeys

    async def provide_steward(scope: Scope) -> Steward:
        return await to_thread(stewards.steward, visitor_of(scope), address_of(scope))

    async def provide_own(scope: Scope) -> OwnTokens:
        return own_tokens(rooms.porter, visitor_of(scope), address_of(scope))

    async def provide_settings() -> Settings:
        return rooms.settings

    return {
        "caller": Provide(provide_caller),
        "house": Provide(rooms.provide_house),
        "saying": Provide(rooms.provide_saying),
        "porter": Provide(provide_porter),
        "settings": Provide(provide_settings),
        "passkeys": Provide(provide_passkeys),
        "steward": Provide(provide_steward),
        "own": Provide(provide_own),
    }


def _telling(rooms: Rooms, measured: Measured, companion: Companion) -> list[HTTPRouteHandler]:
    """What the server tells of itself."""

    @get("/healthz", sync_to_thread=False, include_in_schema=False)
    def healthz() -> dict[str, str]:
        return {"status": "up"}

    @get("/readyz", sync_to_thread=True, include_in_schema=False)
    def readyz() -> Response[dict[str, str]]:
        fault = companion.beat().fault
        if not fault:
            rooms.reader().store.head()  # who asks whether we are well waits for nobody who writes
            require_room(rooms.house.home.folder)
        status = HTTPStatus.SERVICE_UNAVAILABLE if fault else HTTPStatus.OK
        return Response({"status": fault or "ready"}, status_code=status.value)

    @get("/metrics", guards=[signed_in], sync_to_thread=True, include_in_schema=False)
    def metrics() -> Response[bytes]:
        measured.records.set(rooms.reader().store.head().size)
        measured.lag.set(companion.beat().lag)
        return Response(measured.text(), media_type=CONTENT_TYPE)

    return [healthz, readyz, metrics]


def _seen(seen: Seen, house: OpenHouse, measured: Measured, log: Log, tracing: Tracing) -> None:
    measured.see(seen)
    tracing.see(seen, house.clock.now())
    if seen.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        said: dict[str, str | int | float] = {"method": seen.method, "route": seen.route, "status": seen.status}
        log.line(house.clock.now(), "request-failed", said)


def _sign_in(request: AnyRequest, _fault: Exception) -> Response[Any]:
    """A page leads to where one signs in; a program is told."""
    is_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if not is_page or request.url.path.startswith("/v1/"):
        return told(request.scope, refuse(request.scope, SIGN_IN), {"www-authenticate": "Bearer"})
    query = f"?{request.url.query}" if request.url.query else ""
    return see_other(f"/login?next={quote(request.url.path + query, safe='')}")


def _port_failure(request: AnyRequest, fault: PortFailure) -> Response[Any]:
    if isinstance(fault, Unavailable) and not isinstance(visitor_of(request.scope), Caller):
        return told(request.scope, unable(fault))
    status = HTTPStatus.SERVICE_UNAVAILABLE if isinstance(fault, Unavailable) else HTTPStatus.BAD_REQUEST
    return told(request.scope, problem(status, fault.code, fault.sentence, fault.next_step))


def _ungoverned(request: AnyRequest, fault: Ungoverned) -> Response[Any]:
    return told(request.scope, problem(HTTPStatus.CONFLICT, fault.code, fault.sentence, fault.next_step))


def _undecodable(request: AnyRequest, fault: Undecodable) -> Response[Any]:
    sentence = f"the ledger holds something this version cannot read: {fault}"
    step = "use the version that wrote it, or check the ledger with `interlock ledger verify`"
    return told(request.scope, problem(HTTPStatus.INTERNAL_SERVER_ERROR, "ledger.undecodable", sentence, step))


def _http_exception(request: AnyRequest, fault: HTTPException) -> Response[Any]:
    """What the framework found wrong with a request, or could not do; nothing of what happened inside is told."""
    status = HTTPStatus(fault.status_code)
    if status is HTTPStatus.NOT_FOUND:
        return told(request.scope, NOT_THERE)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return told(request.scope, FAULT_OF_OURS)
    sentence = fault.detail or status.phrase
    why = Reason("server.bad_request", sentence, "see the description at /v1/schema/openapi.json")
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        why = Reason("request.method", "this address does not take that method", why.next_step)
    found = Problem(status, (why,))
    allowed = {name: value for name, value in (fault.headers or {}).items() if name.lower() == "allow"}
    return told(request.scope, found, allowed)


TOO_DEEP: Final = problem(
    HTTPStatus.BAD_REQUEST,
    "request.too_deep",
    "that is nested deeper than anything is here",
    "send what the API asks for",
)
FAULT_OF_OURS: Final = problem(
    HTTPStatus.INTERNAL_SERVER_ERROR, "bug", "this is a fault of ours", "look into the server's log, and tell us"
)
