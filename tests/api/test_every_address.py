# SPDX-License-Identifier: Apache-2.0
"""Every address there is, of the API and of the pages, as the server itself lists them: none is open by oversight.

An address that is added is asked here, and stays out of no matrix: `tests/api/test_matrix.py` and its sisters.
"""

import re
from collections.abc import Iterator
from typing import Final

import pytest
from tests.api.hosting import Answer, Hosted, hosted, released_place
from tests.api.samples import NAMES
from tests.api.test_accounts import ADDRESSES
from tests.api.test_matrix import QUERIES, READ

from interlock.api import commands, judging
from interlock.api.procedures import ASKED
from interlock.api.verbs import TABLE
from interlock.domain.ids import PersonId, ServiceName
from interlock.identity.caller import How, Scope
from interlock.web.site import PAGES

TYPED: Final = re.compile(r"\{(\w+):\w+\}")
FOR_EVERYBODY: Final = frozenset(
    {
        *("GET /healthz", "GET /readyz", "GET /static/{file_path:path}", "POST /logout"),
        *("GET /login", "POST /login/password", "GET /login/ways", "GET /login/key", "POST /login/key"),
        *("POST /login/passkey/begin", "POST /login/passkey"),
        *("GET /login/oidc/{name:str}", "GET /login/oidc/{name:str}/back"),
        *("GET /v1/schema", "GET /v1/schema/{path:str}", "GET /v1/schema/openapi.json"),
    }
)
"""Signing in and out, what is the same on every server, and whether this one is up."""
BY_SIGNATURE: Final = frozenset({"POST /v1/hooks/{name:str}"})
BESIDE_PAGES: Final = frozenset(
    {
        *("GET /live", "GET /blobs/{digest:str}", "GET /ledger/bundle", "POST /say", "POST /say/composed"),
        "GET /rollouts/{release:str}/{environment:str}/{number:str}/figures",
    }
)
FOR_ADMINISTRATORS: Final = frozenset({"GET /accounts", "POST /accounts", "GET /accounts/audit"})
OF_ONES_OWN: Final = frozenset(
    {
        "GET /v1/tokens",
        "POST /v1/tokens",
        "POST /v1/tokens/{name:str}/end",
        "GET /metrics",
        "GET /passkeys/mine",
        "POST /passkeys/begin",
        "POST /passkeys/finish",
        "POST /passkeys/signed",
    }
)
"""For whoever signed in: the server's numbers, which name nothing of the ledger, and their own passkeys."""
STREAMS: Final = frozenset({"GET /live"})
"""It goes on for ever, and tells how many records there are."""
NEVER_SAID: Final = (b"v1.0.0", b"Say two", b"dan@example.com")
"""What the ledger has of the service `app`, and no address asked here names."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """A server where ben's account is bound to another service."""
    with hosted(released_place(tmp_path_factory.mktemp("addresses"))) as server:
        server.built.porter.bound = {PersonId("ben"): frozenset({ServiceName("other")})}
        yield server


def every(server: Hosted) -> set[str]:
    """Each address, with its method."""
    return {
        f"{method} {route.path}"
        for route in server.built.app.routes
        for method in route.methods
        if method not in {"OPTIONS", "HEAD"}
    }


def at(address: str) -> str:
    """Where it is asked: about what there is in `app`."""
    names = {**NAMES, "index": "3", "code": "freeze.active", "file_path": "interlock.css", "path": "openapi.json"}
    names["number"] = "1" if "/v1/" in address else "3"
    path = TYPED.sub(lambda found: names[found[1]], address.partition(" ")[2])
    return path + QUERIES.get(path.removeprefix("/v1"), "")


def asked(server: Hosted, address: str, cookie: str, csrf: str = "") -> Answer:
    """As a browser asks that accepts whatever comes."""
    method = address.partition(" ")[0]
    headers = {"Cookie": f"interlock={cookie}", "X_CSRF_Token": csrf} if cookie else {}
    return server.send(method, at(address), "", {} if method == "POST" else None, **headers)


def in_a_browser(server: Hosted, person: str, *scopes: Scope) -> tuple[str, str]:
    let_in = server.built.porter.open(PersonId(person), How.OIDC, "127.0.0.1", frozenset(scopes))
    return let_in.secret, let_in.caller.csrf


def test_every_address_stands_in_a_matrix(shop: Hosted) -> None:
    api = {f"GET /v1{path}" for path in READ} | {f"POST /v1{verb.path}" for verb in TABLE}
    api |= {f"POST /v1{path}" for one in (*commands.HANDLERS, *judging.HANDLERS, *ASKED) for path in one.paths}
    accounts = {one for one in every(shop) if one.partition(" ")[2].startswith(("/v1/accounts", "/v1/tokens"))}
    accounts = (accounts - OF_ONES_OWN) | {"GET /v1/audit"}
    assert len(accounts) == len(ADDRESSES)
    pages = {f"GET {path}" for path in PAGES} | BESIDE_PAGES | FOR_ADMINISTRATORS
    assert every(shop) == api | accounts | pages | FOR_EVERYBODY | BY_SIGNATURE | OF_ONES_OWN


def test_nobody_is_answered_but_where_everybody_is(shop: Hosted) -> None:
    answers = {one: asked(shop, one, "") for one in every(shop) - FOR_EVERYBODY}
    assert {one: found.status for one, found in answers.items() if found.status not in {401, 403}} == {}
    codes = {found.json["code"] for found in answers.values()}
    assert codes <= {"access.not_signed_in", "access.no_csrf"}


def test_who_was_let_in_without_a_scope_is_shown_nothing(shop: Hosted) -> None:
    cookie, csrf = in_a_browser(shop, "ann")
    reading = {one for one in every(shop) if one.startswith("GET ")} - FOR_EVERYBODY - OF_ONES_OWN
    answers = {one: asked(shop, one, cookie, csrf).status for one in reading}
    assert {one: status for one, status in answers.items() if status != 403} == {}


def test_who_is_bound_to_another_service_is_shown_nothing_of_this_one(shop: Hosted) -> None:
    cookie, csrf = in_a_browser(shop, "ben", *Scope)
    reading = {one for one in every(shop) if one.startswith("GET ")} - STREAMS
    answers = {one: asked(shop, one, cookie, csrf) for one in reading}
    assert {one for one, found in answers.items() if any(word in found.body for word in NEVER_SAID)} == set()
    assert {one: found.status for one, found in answers.items() if found.status >= 500} == {}


def test_what_is_never_said_is_said_to_who_may_see_it(shop: Hosted) -> None:
    cookie, csrf = in_a_browser(shop, "ann", *Scope)
    reading = {one for one in every(shop) if one.startswith("GET ")} - STREAMS - {"GET /v1/ledger/events"}
    bodies = b"".join(asked(shop, one, cookie, csrf).body for one in reading)
    assert [word for word in NEVER_SAID if word not in bodies] == []
