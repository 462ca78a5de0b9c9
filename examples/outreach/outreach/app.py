# SPDX-License-Identifier: Apache-2.0
"""From a request to a response: find the route, find out who asks, check that they may, answer.

1. A route says itself what its visitor must be allowed to do; `PUBLIC` routes are the only ones for everybody.
2. Every POST of a page carries the form token of its visitor, or nothing happens. The JSON API, below `/api/`, knows
   no cookies, so nobody can be made to use it unawares.
3. Whatever goes wrong inside is one line in the log and a plain page outside.
"""

import re
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from outreach import auth
from outreach.faults import SLOWNESS_SECONDS
from outreach.permissions import Action, may
from outreach.refusals import Refused, refusal
from outreach.routes import account, api, api_campaigns, campaigns, registration, status, tasks
from outreach.web import SECURITY_HEADERS, Request, Response, Service, Visit, as_json, page, see_other, set_cookie


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
    Route("GET", "/queue", status.queue),
    Route("GET", "/freshness", status.freshness),
    Route("GET", "/openapi.json", status.openapi),
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
    Route("GET", "/campaigns", campaigns.show_campaigns, Action.SEE_CAMPAIGNS),
    Route("POST", "/campaigns", campaigns.create, Action.SEND_CAMPAIGN),
    Route("GET", "/campaigns/*", campaigns.show_campaign, Action.SEE_CAMPAIGNS),
    Route("POST", "/campaigns/*/send", campaigns.send, Action.SEND_CAMPAIGN),
    Route("POST", "/campaigns/*/reports", campaigns.ask_for_report, Action.SEE_REPORTS),
    Route("GET", "/reports/*/csv", campaigns.report_csv, Action.SEE_REPORTS),
    Route("GET", "/reports/*/html", campaigns.report_html, Action.SEE_REPORTS),
    Route("POST", "/api/login", api.log_in),
    Route("GET", "/api/contacts", api.contacts, Action.SEE_CONTACTS),
    Route("POST", "/api/contacts", api.add_contact, Action.ADD_CONTACT),
    Route("GET", "/api/tasks", api.tasks_listed, Action.SEE_TASKS),
    Route("POST", "/api/tasks", api.add_task, Action.ADD_TASK),
    Route("POST", "/api/tasks/*/complete", api.complete, Action.COMPLETE_TASK),
    Route("POST", "/api/tasks/*/reopen", api.reopen, Action.REOPEN_TASK),
    Route("GET", "/api/integrity", api.integrity_of_data, Action.SEE_STATE),
    Route("GET", "/api/campaigns", api_campaigns.listed, Action.SEE_CAMPAIGNS),
    Route("POST", "/api/campaigns", api_campaigns.create, Action.SEND_CAMPAIGN),
    Route("GET", "/api/campaigns/*", api_campaigns.show, Action.SEE_CAMPAIGNS),
    Route("POST", "/api/campaigns/*/send", api_campaigns.send, Action.SEND_CAMPAIGN),
    Route("POST", "/api/campaigns/*/reports", api_campaigns.ask_for_report, Action.SEE_REPORTS),
    Route("GET", "/api/reports/*", api_campaigns.show_report, Action.SEE_REPORTS),
    Route("GET", "/api/reports/*/csv", api_campaigns.report_csv, Action.SEE_REPORTS),
    Route("GET", "/api/reports/*/html", api_campaigns.report_html, Action.SEE_REPORTS),
)
_PLAIN = ("/style.css", "/health", "/version", "/metrics", "/queue", "/freshness", "/openapi.json")


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
            return Answer(_unavailable(request), name, f"{type(fault).__name__}: {fault}")
        headers = (*response.headers, *self._first_cookie(visit, response), *SECURITY_HEADERS.items())
        return Answer(Response(response.status, response.body, response.content_type, headers), name)

    def _visit(self, request: Request, now: datetime) -> Visit:
        cookie = request.cookie or auth.new_token()
        visitors: tuple[auth.User, ...] = ()
        if request.token and request.path not in _PLAIN:
            with self.service.database.reading() as connection:
                visitors = tuple(auth.user_of(connection, request.token, now))
        return Visit(self.service, request, visitors, cookie, auth.form_token(self.service.secret, cookie), now)

    def _respond(self, visit: Visit, fitting: list[Route], chosen: list[Route]) -> Response:
        if not fitting:
            return refusal(visit, HTTPStatus.NOT_FOUND, "Not found", "There is nothing here.")
        if not chosen:
            answer = refusal(visit, HTTPStatus.METHOD_NOT_ALLOWED, "Not here", "That cannot be done here.")
            return replace(answer, headers=(("Allow", ", ".join(route.method for route in fitting)),))
        if visit.request.method == "POST" and not visit.request.is_api and not self._is_our_form(visit):
            words = "This form is too old. Please go back, load the page again and send it once more."
            return refusal(visit, HTTPStatus.FORBIDDEN, "Please try again", words)
        needs = chosen[0].needs
        if isinstance(needs, Action):
            if not visit.visitors:
                return _who_are_you(visit)
            if not may(visit.user.role, needs):
                words = f"Your role does not allow you to {needs.value}."
                return refusal(visit, HTTPStatus.FORBIDDEN, "Not allowed", words)
        try:
            return _at_our_pace(visit, chosen[0].answer(visit))
        except Refused as refused:
            return refusal(visit, refused.status, refused.title, refused.words)

    def _is_our_form(self, visit: Visit) -> bool:
        token = visit.request.fields().get("form_token", "")
        return auth.is_form_token(self.service.secret, visit.request.cookie, token)

    def _first_cookie(self, visit: Visit, response: Response) -> tuple[tuple[str, str], ...]:
        """A visitor without a cookie gets one with the first page, because its forms are bound to it."""
        given = any(name == "Set-Cookie" for name, _ in response.headers)
        if given or visit.request.cookie or visit.request.is_api or not response.content_type.startswith("text/html"):
            return ()
        return (set_cookie(self.service, visit.cookie),)


def _who_are_you(visit: Visit) -> Response:
    if not visit.request.is_api:
        return see_other("/login")
    answer = refusal(visit, HTTPStatus.UNAUTHORIZED, "Log in", "Log in first, and send the token you are given.")
    return replace(answer, headers=(("WWW-Authenticate", "Bearer"),))


def _at_our_pace(visit: Visit, response: Response) -> Response:
    if response.content_type.startswith("text/html") and visit.service.faults.on("slow-answers"):
        time.sleep(SLOWNESS_SECONDS)
    return response


def _unavailable(request: Request) -> Response:
    words = "Outreach cannot reach its data. Please try again in a moment."
    if request.is_api:
        answer = as_json({"error": words}, HTTPStatus.SERVICE_UNAVAILABLE)
    else:
        answer = page(f"<!doctype html><title>Outreach</title><p>{words}", HTTPStatus.SERVICE_UNAVAILABLE)
    return replace(answer, headers=(("Retry-After", "5"), *SECURITY_HEADERS.items()))
