# SPDX-License-Identifier: Apache-2.0
"""Requests and responses as plain values, so that everything above the socket can be tested without one."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl

from outreach.auth import User
from outreach.database import Database
from outreach.faults import Faults
from outreach.metrics import Metrics
from outreach.tenancy import TenantRows

COOKIE = "outreach_session"
LONGEST_BODY = 64 * 1024
MOST_FIELDS = 50
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def cookie(self) -> str:
        """The visitor's token, or an empty string."""
        try:
            found = SimpleCookie(self.headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return ""
        return found.value if found else ""

    @property
    def is_api(self) -> bool:
        """Whether a program asks, which carries its token itself and wants JSON."""
        return self.path.startswith("/api/")

    @property
    def token(self) -> str:
        """Who asks: a page by its cookie, a program by its bearer token, and never one by the other's."""
        if not self.is_api:
            return self.cookie
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def fields(self) -> dict[str, str]:
        """What a form sent, or what the address asks for. A name that comes twice keeps its first value."""
        text = self.body.decode("utf-8", "replace") if self.method == "POST" else self.query
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            return {}
        return dict(reversed(pairs))


@dataclass(frozen=True)
class Response:
    status: HTTPStatus
    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Service:
    """Everything a route may need; made once."""

    version: str
    database: Database
    metrics: Metrics
    secret: bytes
    faults: Faults
    secure_cookie: str = ""


@dataclass(frozen=True)
class Visit:
    """One request in its context. `visitors` holds the logged-in user, or nobody."""

    service: Service
    request: Request
    visitors: tuple[User, ...]
    cookie: str
    form_token: str
    now: datetime

    @property
    def user(self) -> User:
        """Who asks, on a route that needs somebody."""
        return self.visitors[0]

    @property
    def number(self) -> int:
        """The number in the address."""
        return next(int(part) for part in self.request.path.split("/") if part.isdigit())

    def rows(self, connection: sqlite3.Connection) -> TenantRows:
        """The rows of the tenant of who asks: all that a route gets to see."""
        leaking = self.request.method == "GET" and self.service.faults.on("leaked-tenant")
        return TenantRows(connection, self.user.tenant.id, leaking)


def page(html: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """A page for people."""
    return Response(status, html.encode(), "text/html; charset=utf-8")


def as_json(document: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """An answer for programs."""
    return Response(status, json.dumps(document, sort_keys=True).encode() + b"\n", "application/json")


def see_other(address: str, *headers: tuple[str, str]) -> Response:
    """Go on with a GET of that address."""
    return Response(HTTPStatus.SEE_OTHER, b"", "text/plain", (("Location", address), *headers))


def set_cookie(service: Service, token: str) -> tuple[str, str]:
    """The header that gives the visitor a token, kept until the browser closes."""
    return ("Set-Cookie", f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax{service.secure_cookie}")
