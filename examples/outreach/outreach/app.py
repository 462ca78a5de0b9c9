# SPDX-License-Identifier: Apache-2.0
"""From a request to a response: find the route, find out who asks, check that they may, answer.

1. A route says itself what its visitor must be allowed to do; `PUBLIC` routes are the only ones for everybody.
2. Every POST carries the form token of its visitor, or nothing happens.
3. Whatever goes wrong inside is one line in the log and a plain page outside.
"""

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from outreach import auth, pages
from outreach.permissions import Action, may
from outreach.routes import account, registration, status, tasks
from outreach.web import SECURITY_HEADERS, Request, Response, Service, Visit, page, see_other, set_cookie


class Public:
    """For everybody."""


PUBLIC = Public()


@dataclass(frozen=True)
class Route:
    """`path` is a pattern in which `*` stands for a number; it is also the route's name in metrics."""

    method: str
    path: str
    answer: Callable[[Visit], Response]
    needs: "Action | Public" = PUBLIC

    def fits(self, path: str) -> bool:
        return re.fullmatch(re.escape(self.path).replace(r"\*", "[0-9]{1,12}"), path) is not None


ROUTES = (
    Route("GET", "/", lambda visit: see_other("/tasks" if visit.visitors else "/register")),
    Route("GET", "/style.css", status.style),
    Route("GET", "/health", status.health),
    Route("GET", "/version", status.version),
    Route("GET", "/metrics", status.metrics),
    Route("GET", "/login", account.show_login),
    Route("POST", "/login", account.log_in),
    Route("POST", "/logout", account.log_out),
    Route("GET", "/register", registration.show_form),
    Route("POST", "/register", registration.register),
    Route("GET", "/registered", registration.registered),
    Route("GET", "/contacts", registration.show_contacts, Action.SEE_CONTACTS),
    Route("GET", "/tasks", tasks.show_tasks, Action.SEE_TASKS),
    Route("POST", "/tasks/*/complete", tasks.complete, Action.COMPLETE_TASK),
    Route("POST", "/tasks/*/reopen", tasks.reopen, Action.REOPEN_TASK),
)
_PLAIN = ("/style.css", "/health", "/version", "/metrics")


@dataclass(frozen=True)
class Answer:
    """A response, the route that gave it, and what went wrong inside, for the log."""

    response: Response
    route: str
    fault: str = ""


@dataclass(frozen=True)
class App:
    """Answers requests; holds no state of its own, so any number of them may serve the same data."""

    service: Service

    def answer(self, request: Request, now: datetime) -> Answer:
        """Answer one request; never raises for anything the outside can cause."""
        fitting = [route for route in ROUTES if route.fits(request.path)]
        method = "GET" if request.method == "HEAD" else request.method
        chosen = [route for route in fitting if route.method == method]
        name = fitting[0].path if fitting else "unknown"
        try:
            visit = self._visit(request, now)
            response = self._respond(visit, fitting, chosen)
        except sqlite3.Error as fault:
            return Answer(_unavailable(), name, f"{type(fault).__name__}: {fault}")
        headers = (*response.headers, *self._first_cookie(visit, response), *SECURITY_HEADERS.items())
        return Answer(Response(response.status, response.body, response.content_type, headers), name)

    def _visit(self, request: Request, now: datetime) -> Visit:
        cookie = request.cookie or auth.new_token()
        visitors: tuple[auth.User, ...] = ()
        if request.cookie and request.path not in _PLAIN:
            with self.service.database.reading() as connection:
                visitors = tuple(auth.user_of(connection, cookie, now))
        return Visit(self.service, request, visitors, cookie, auth.form_token(self.service.secret, cookie), now)

    def _respond(self, visit: Visit, fitting: list[Route], chosen: list[Route]) -> Response:
        if not fitting:
            return page(pages.message(visit, "Not found", "There is nothing here."), HTTPStatus.NOT_FOUND)
        if not chosen:
            refusal = page(pages.message(visit, "Not here", "That cannot be done here."), HTTPStatus.METHOD_NOT_ALLOWED)
            return replace(refusal, headers=(("Allow", ", ".join(route.method for route in fitting)),))
        if visit.request.method == "POST" and not self._is_our_form(visit):
            words = "This form is too old. Please go back, load the page again and send it once more."
            return page(pages.message(visit, "Please try again", words), HTTPStatus.FORBIDDEN)
        needs = chosen[0].needs
        if isinstance(needs, Action):
            if not visit.visitors:
                return see_other("/login")
            if not may(visit.visitors[0].role, needs):
                words = f"Your role does not allow you to {needs.value}."
                return page(pages.message(visit, "Not allowed", words), HTTPStatus.FORBIDDEN)
        return chosen[0].answer(visit)

    def _is_our_form(self, visit: Visit) -> bool:
        token = visit.request.fields().get("form_token", "")
        return auth.is_form_token(self.service.secret, visit.request.cookie, token)

    def _first_cookie(self, visit: Visit, response: Response) -> tuple[tuple[str, str], ...]:
        """A visitor without a cookie gets one with the first page, because its forms are bound to it."""
        given = any(name == "Set-Cookie" for name, _ in response.headers)
        if given or visit.request.cookie or not response.content_type.startswith("text/html"):
            return ()
        return (set_cookie(self.service, visit.cookie),)


def _unavailable() -> Response:
    body = b"<!doctype html><title>Outreach</title><p>Outreach cannot reach its data. Please try again in a moment."
    headers = (("Retry-After", "5"), *SECURITY_HEADERS.items())
    return Response(HTTPStatus.SERVICE_UNAVAILABLE, body, "text/html; charset=utf-8", headers)
