# SPDX-License-Identifier: Apache-2.0
"""Signing in and out: where the form of the login page goes, and the way to an identity provider and back.

The page itself is the web's. `GET /login/ways` tells it by which providers people may sign in.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Final, TypeAlias
from urllib.parse import quote

from litestar import Request, Router, get, post
from litestar.datastructures import Cookie, State
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter, URLEncodedBody
from litestar.response import Response

from interlock.identity.arriving import Arrivals, Arrived
from interlock.identity.bypasskey import ByPasskey, Shown
from interlock.identity.guard import Who, address_of
from interlock.identity.lanes import ARRIVING, in_lane
from interlock.identity.porter import LetIn, Porter, TooOften
from interlock.server.cookies import Cookies

Form: TypeAlias = URLEncodedBody[Mapping[str, str]]
Onward: TypeAlias = Annotated[str, QueryParameter(name="next")]
Begun: TypeAlias = Annotated[str, QueryParameter(name="state")]
Code: TypeAlias = Annotated[str, QueryParameter(name="code")]
AnyRequest = Request[object, object, State]
WRONG: Final = "wrong"
LATER: Final = "later"
"""What `/login?failed=` says."""


def login_routes(porter: Porter, cookies: Cookies, arrivals: Arrivals, by_passkey: ByPasskey) -> Router:
    """`POST /login/password` and `POST /logout`, beside the page at `/login`; `GET /login/oidc/...`; and
    `POST /login/passkey`.
    """
    handlers: list[HTTPRouteHandler] = [
        *_by_password(porter, cookies),
        *_by_provider(arrivals, cookies),
        *_by_passkey(by_passkey, cookies),
    ]
    return Router("/", route_handlers=handlers, include_in_schema=False)


def _by_password(porter: Porter, cookies: Cookies) -> list[HTTPRouteHandler]:
    @post("/login/password", status_code=303, sync_to_thread=True)
    def login(request: AnyRequest, data: Form) -> Response[None]:
        address = address_of(request.scope)
        porter.sign_out(cookies.read(request.headers.get("cookie", ""), cookies.session), address)
        onward = inside(data.get("next", "/"))
        match porter.sign_in(data.get("handle", ""), data.get("password", ""), address):
            case LetIn() as let_in:
                return welcome(let_in, onward, cookies)
            case TooOften():
                return see_other(f"/login?failed={LATER}&next={quote(onward, safe='')}")
            case _:
                return see_other(f"/login?failed={WRONG}&next={quote(onward, safe='')}")

    @post("/logout", status_code=303, sync_to_thread=True)
    def logout(request: AnyRequest) -> Response[None]:
        porter.sign_out(cookies.read(request.headers.get("cookie", ""), cookies.session), address_of(request.scope))
        return see_other("/login", cookies.dropped(cookies.session))

    return [login, logout]


def _by_passkey(by_passkey: ByPasskey, cookies: Cookies) -> list[HTTPRouteHandler]:
    @post("/login/passkey/begin", status_code=200, sync_to_thread=False)
    def begin(request: AnyRequest, caller: Who) -> dict[str, object]:
        return dict(by_passkey.asked(caller.csrf, address_of(request.scope)))

    @post("/login/passkey", status_code=200, sync_to_thread=True)
    def finish(request: AnyRequest, caller: Who, data: JSONBody[Shown]) -> Response[dict[str, str]]:
        address = address_of(request.scope)
        let_in = by_passkey.sign_in(caller.csrf, data, address)
        by_passkey.porter.sign_out(cookies.read(request.headers.get("cookie", ""), cookies.session), address)
        kept = [cookies.kept(cookies.session, let_in.secret), cookies.dropped(cookies.visit)]
        return Response({"onward": inside(data.onward)}, cookies=kept)

    return [begin, finish]


def _by_provider(arrivals: Arrivals, cookies: Cookies) -> list[HTTPRouteHandler]:
    @get("/login/ways", sync_to_thread=False)
    def ways() -> dict[str, str]:
        return dict(arrivals.ways)

    @get("/login/oidc/{name:str}")
    async def begin(request: AnyRequest, name: FromPath[str], caller: Who, onward: Onward = "/") -> Response[None]:
        if name not in arrivals.ways:
            raise NotFoundException
        way, address = inside(onward), address_of(request.scope)
        return see_other(await in_lane(ARRIVING, lambda: arrivals.begin(name, caller.csrf, way, address)))

    @get("/login/oidc/{name:str}/back")
    async def back(request: AnyRequest, caller: Who, begun: Begun = "", code: Code = "") -> Response[None]:
        old, address = cookies.read(request.headers.get("cookie", ""), cookies.session), address_of(request.scope)

        def arrived() -> Response[None]:
            answer = arrivals.finish(begun, caller.csrf, code, address)
            if not isinstance(answer, Arrived):
                return see_other(f"/login?failed={WRONG}")
            arrivals.porter.sign_out(old, address)
            return welcome(answer.let_in, answer.onward, cookies)

        return await in_lane(ARRIVING, arrived)

    return [ways, begin, back]


def welcome(let_in: LetIn, onward: str, cookies: Cookies) -> Response[None]:
    """Somebody is in: their browser keeps the session, and goes where they wanted."""
    return see_other(onward, cookies.kept(cookies.session, let_in.secret), cookies.dropped(cookies.visit))


def see_other(where: str, *cookies: Cookie) -> Response[None]:
    """Lead the browser there, with these cookies."""
    return Response(None, status_code=HTTPStatus.SEE_OTHER.value, headers={"location": where}, cookies=cookies)


def inside(path: str) -> str:
    """The path if it is one of this server's own; else the front page. A link that somebody made leads nobody away."""
    is_own = path.startswith("/") and not path.startswith("//") and path.isascii() and path.isprintable()
    return path if is_own and "\\" not in path else "/"
