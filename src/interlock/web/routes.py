# SPDX-License-Identifier: Apache-2.0
"""Every page, and the one place where forms are handed in.

1. Pages are for people who signed in with a browser; a token sees nothing here.
2. What was accepted leads back to the page, so that loading it again says nothing twice. What was refused shows the
   page again, with every reason, and with everything that was written.
"""

import re
import tempfile
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final

import msgspec
from litestar import MediaType, Request, get, post
from litestar.datastructures import State
from litestar.enums import RequestEncodingType
from litestar.handlers.base import BaseRouteHandler
from litestar.params import Body, QueryParameter
from litestar.response import Response, ServerSentEvent
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

from interlock.bootstrap.houses import House
from interlock.domain.decision import Reason
from interlock.domain.ids import Digest, ServiceName
from interlock.identity.caller import Caller, Nobody, NoSession, Scope, Visitor
from interlock.identity.guard import Connection, Ledger, NotAllowed, NotSignedIn, Who, visitor_of
from interlock.identity.lanes import SPEAKING, in_lane
from interlock.identity.passkeys import Keys, Passkeys
from interlock.identity.refusing import NARROWED, Problem
from interlock.identity.saying import Mouth, Saying
from interlock.ledger.codec import Undecodable
from interlock.ports.failure import PortFailure, Unavailable
from interlock.ports.store import Missing
from interlock.service.export import Words, export
from interlock.service.gather import Ungoverned
from interlock.service.handle import Declined
from interlock.web import attending, releasing, rollout
from interlock.web.look import Look, look_at
from interlock.web.page import NOBODY, UNTRIED, Asked, Page, Place, Reader, Surety, Tried, show
from interlock.web.paper import quoted
from interlock.web.pulse import Pulse
from interlock.web.saying import Act, Form
from interlock.web.site import PAGES, Maker, Memory, Wanted, maker_of, promotion_in

ACTS: Final[Mapping[str, Act]] = MappingProxyType({**releasing.ACTS, **attending.ACTS})
STATIC: Final = Path(str(files("interlock.web"))) / "static"
Fields = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
AnyRequest = Request[object, object, State]
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_UNKNOWN_ACT: Final = Reason("form.unknown", "that form is not known here", "load the page again, and do it there")
_NO_PAGE: Final = Reason("server.not_found", "there is no page at this address", "go to the fleet")


def routes(pulse: Pulse, passkeys: Passkeys) -> list[ControllerRouterHandler]:
    """The routes of all pages; open ones are told by `pulse` that the ledger grew."""
    memory = Memory()
    pages: list[ControllerRouterHandler] = [_page(path, maker, memory, passkeys) for path, maker in PAGES.items()]
    static = create_static_files_router("/static", [STATIC], include_in_schema=False, cache_control=None)
    return [
        static,
        *pages,
        _login(),
        _say(memory),
        _figures(memory),
        _live(pulse),
        _blob(),
        _bundle(),
        _composed(memory),
    ]


async def with_session(connection: Connection, _: BaseRouteHandler) -> None:
    """The guard of pages: for who signed in with a browser. Asked in the loop: it waits for nothing."""
    _in_a_browser(connection)


async def reads(connection: Connection, _: BaseRouteHandler) -> None:
    """The guard of what shows something of the ledger: for who signed in with a browser, and may read. An identity
    provider may let people in who may not.
    """
    if not _in_a_browser(connection).may(Scope.READ):
        raise NotAllowed


def _in_a_browser(connection: Connection) -> Caller:
    visitor = visitor_of(connection.scope)
    if not isinstance(visitor, Caller):
        raise NotSignedIn
    if isinstance(visitor.session, NoSession):
        raise NotAllowed
    return visitor


async def whole(connection: Connection, _: BaseRouteHandler) -> None:
    """The guard of what cannot be shown in part."""
    if reach_of(visitor_of(connection.scope)):
        raise NotAllowed


def reader_of(visitor: Visitor, look: Look, passkeys: Passkeys) -> Reader:
    """Who reads, and whether they can sign here."""
    if isinstance(visitor, Nobody):
        return NOBODY
    signs = passkeys.usable(visitor, look.view.people())
    return Reader(visitor.person, visitor.csrf, Surety.SIGNED if signs else Surety.AUTHENTICATED)


def _page(path: str, maker: Maker, memory: Memory, passkeys: Passkeys) -> ControllerRouterHandler:
    @get(path, guards=[reads], sync_to_thread=True, include_in_schema=False)
    def page(request: AnyRequest, house: Ledger) -> Response[str]:
        caller = visitor_of(request.scope)  # asked for by name, this and the passkeys would be tasks of their own
        query = {name: tuple(request.query_params.getall(name)) for name in request.query_params}
        where = request.scope["path"]
        _, named = maker_of(where) or (maker, {})
        told = ACTS[query["done"][0]].told if query.get("done", ("",))[0] in ACTS else ""
        look = _Looking(memory, house, reach_of(caller)).look()
        asked = Asked(reader_of(caller, look, passkeys), where, UNTRIED, told)
        return _shown(maker, Wanted(look, asked.reader, memory, named, query), asked)

    return page


@dataclass(frozen=True, slots=True)
class _Looking:
    """What a page is made from, and which services may be seen on it (none: every one)."""

    memory: Memory
    house: House
    reach: frozenset[ServiceName]

    def look(self) -> Look:
        """The ledger now."""
        return look_at(self.house, self.house.clock.now(), self.reach)


def reach_of(visitor: Visitor) -> frozenset[ServiceName]:
    """The services that who is there is narrowed to."""
    return visitor.services if isinstance(visitor, Caller) else frozenset()


def _shown(maker: Maker, wanted: Wanted, asked: Asked) -> Response[str]:
    """The page, or a page that says why there is none."""
    status = HTTPStatus.CONFLICT if asked.tried.reasons else HTTPStatus.OK
    try:
        return _html(show(maker(wanted), asked), status)
    except Ungoverned as fault:
        if fault.code == NARROWED.reasons[0].code:
            raise NotAllowed from fault
        return _amiss(asked, Reason(fault.code, fault.sentence, fault.next_step), HTTPStatus.NOT_FOUND)
    except Undecodable as fault:
        step = "use the version that wrote it, or check the ledger with `interlock ledger verify`"
        return _amiss(asked, Reason("ledger.undecodable", str(fault), step), HTTPStatus.INTERNAL_SERVER_ERROR)
    except PortFailure as fault:
        later = isinstance(fault, Unavailable)
        status = HTTPStatus.SERVICE_UNAVAILABLE if later else HTTPStatus.BAD_REQUEST
        return _amiss(asked, Reason(fault.code, fault.sentence, fault.next_step), status)


def _amiss(asked: Asked, why: Reason, status: HTTPStatus) -> Response[str]:
    model = {"code": why.code, "sentence": why.sentence, "next_step": why.next_step}
    return _html(show(Page("amiss.html", status.phrase, Place.NOWHERE, model), asked), status)


def _html(text: str, status: HTTPStatus = HTTPStatus.OK) -> Response[str]:
    return Response(text, media_type=MediaType.HTML, status_code=status.value)


def _login() -> ControllerRouterHandler:
    @get("/login", sync_to_thread=False, include_in_schema=False)
    def login(
        caller: Who,
        onward: Annotated[str, QueryParameter(name="next")] = "/",
        failed: Annotated[str, QueryParameter(name="failed")] = "",
    ) -> Response[str]:
        model = {"csrf": caller.csrf, "onward": onward, "failed": failed}
        return _html(show(Page("login.html", "Sign in", Place.NOWHERE, model), Asked()))

    return login


def _say(memory: Memory) -> ControllerRouterHandler:
    @post("/say", guards=[reads], include_in_schema=False)
    async def say(caller: Who, house: Ledger, saying: Mouth, passkeys: Keys, data: Fields) -> Response[str]:
        fields = {name: str(value) for name, value in data.items()}
        return await in_lane(SPEAKING, lambda: answered(caller, house, saying, passkeys, fields))

    def answered(
        caller: Visitor, house: House, saying: Saying, passkeys: Passkeys, fields: dict[str, str]
    ) -> Response[str]:
        path = fields.get("page", "/").partition("?")[0]
        found = maker_of(path)
        looking = _Looking(memory, house, reach_of(caller))
        asked = Asked(reader_of(caller, looking.look(), passkeys), path)
        if found is None:
            return _amiss(asked, _NO_PAGE, HTTPStatus.NOT_FOUND)
        act = fields.get("act", "")
        reasons = _said(looking, saying, ACTS[act], fields) if act in ACTS else (_UNKNOWN_ACT,)
        if not reasons:
            where = {"location": f"{quoted(path)}?done={act}"}
            return Response("", status_code=HTTPStatus.SEE_OTHER.value, headers=where, media_type=MediaType.HTML)
        maker, named = found
        tried = Tried(fields.get("form", ""), fields, reasons)
        return _shown(maker, Wanted(looking.look(), asked.reader, memory, named), Asked(asked.reader, path, tried))

    return say


def _composed(memory: Memory) -> ControllerRouterHandler:
    @post("/say/composed", guards=[reads], status_code=200, sync_to_thread=True, include_in_schema=False)
    def composed(caller: Who, house: Ledger, saying: Mouth, passkeys: Keys, data: Fields) -> Response[bytes]:
        """The command that a form comes to, waiting to be signed by a passkey of the caller's."""
        act, speaker = data.get("act", ""), saying.speaker()
        if act not in ACTS:
            return Problem(HTTPStatus.CONFLICT, (_UNKNOWN_ACT,)).response()
        try:
            look = _Looking(memory, house, reach_of(caller)).look()
            submission = saying.composed(ACTS[act].compose(Form(look, data, speaker)), speaker)
            if reasons := saying.kept_back(submission):
                return Problem(HTTPStatus.FORBIDDEN, reasons).response()
            asked = passkeys.request(saying, submission)
        except (PortFailure, Ungoverned) as fault:
            return Problem(HTTPStatus.CONFLICT, (Reason(fault.code, fault.sentence, fault.next_step),)).response()
        return Response(msgspec.json.encode(asked), media_type=MediaType.JSON)

    return composed


def _said(looking: _Looking, saying: Saying, act: Act, fields: Mapping[str, str]) -> tuple[Reason, ...]:
    """Say it. Gives why not; nothing when it was accepted."""
    speaker = saying.speaker()
    try:
        command = act.compose(Form(looking.look(), fields, speaker))
        outcome = saying.say(command, speaker)
    except (PortFailure, Ungoverned) as fault:
        return (Reason(fault.code, fault.sentence, fault.next_step),)
    return outcome.reasons if isinstance(outcome, Declined) else ()


def _figures(memory: Memory) -> ControllerRouterHandler:
    path = "/rollouts/{release:str}/{environment:str}/{number:str}/figures"

    @get(path, guards=[reads], sync_to_thread=True, include_in_schema=False)
    def figures(caller: Who, house: Ledger, release: str, environment: str, number: str) -> dict[str, object]:
        named = promotion_in({"release": release, "environment": environment, "number": number})
        look = _Looking(memory, house, reach_of(caller)).look()
        drawn = memory.plotter.figures(house.store, rollout.known(look, named))
        return rollout.live(look, named, drawn)

    return figures


def _live(pulse: Pulse) -> ControllerRouterHandler:
    @get("/live", guards=[reads], include_in_schema=False)
    async def live(house: Ledger) -> ServerSentEvent:
        return ServerSentEvent(_beats(pulse, lambda: house.store.head().size), event_type="grown")

    return live


async def _beats(pulse: Pulse, size: Callable[[], int]) -> AsyncIterator[str]:
    async for beat in pulse.beats(size):
        yield str(beat)


def _blob() -> ControllerRouterHandler:
    @get("/blobs/{digest:str}", guards=[reads, whole], sync_to_thread=True, include_in_schema=False)
    def blob(house: Ledger, digest: str) -> Response[str] | Response[bytes]:
        """Raw material of others: shown as text, never as a page."""
        found = house.store.blob(Digest(digest)) if _DIGEST.fullmatch(digest) else Missing()
        if isinstance(found, Missing):
            missing = Reason("blob.unknown", "nothing of that digest is kept here", "it may be in a copy of the ledger")
            return _amiss(Asked(), missing, HTTPStatus.NOT_FOUND)
        name = digest.removeprefix("sha256:")[:12]
        headers = {"content-disposition": f'inline; filename="{name}.txt"'}
        return Response(found, media_type="text/plain", headers=headers)

    return blob


def _bundle() -> ControllerRouterHandler:
    @get("/ledger/bundle", guards=[reads, whole], sync_to_thread=True, include_in_schema=False)
    def bundle(house: Ledger) -> Response[bytes]:
        """A copy that anybody can verify, as one file."""
        with _exported(house) as folder:
            packed = BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for path in sorted(folder.rglob("*")):
                    if path.is_file():
                        archive.write(path, f"ledger/{path.relative_to(folder).as_posix()}")
        headers = {"content-disposition": 'attachment; filename="ledger.zip"'}
        return Response(packed.getvalue(), media_type="application/zip", headers=headers)

    return bundle


@contextmanager
def _exported(house: House) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="interlock-bundle-") as place:
        folder = Path(place) / "ledger"
        export(house.store, folder, Words.INCLUDED)
        yield folder
