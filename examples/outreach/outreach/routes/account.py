# SPDX-License-Identifier: Apache-2.0
"""Logging in and out."""

from http import HTTPStatus

from outreach import auth, pages
from outreach.web import Response, Visit, page, see_other, set_cookie


class WrongLoginError(Exception):
    """Name or password is wrong."""


def show_login(visit: Visit) -> Response:
    return page(pages.login_form(visit, "", []))


def log_in(visit: Visit) -> Response:
    fields = visit.request.fields()
    name = fields.get("name", "").strip()[:100]
    try:
        token = new_session(visit, name, fields.get("password", "")[:1000])
    except auth.TooManyGuessesError:
        problem = "That name was tried too often. Please wait a quarter of an hour."
        return page(pages.login_form(visit, name, [problem]), HTTPStatus.TOO_MANY_REQUESTS)
    except WrongLoginError:
        return page(pages.login_form(visit, name, ["Name or password is wrong."]), HTTPStatus.UNAUTHORIZED)
    return see_other("/tasks", set_cookie(visit.service, token))


def log_out(visit: Visit) -> Response:
    with visit.service.database.writing() as connection:
        auth.log_out(connection, visit.cookie)
    return see_other("/login", set_cookie(visit.service, auth.new_token()))


def new_session(visit: Visit, name: str, password: str) -> str:
    """The token of a new session, or an exception that says why there is none."""
    database = visit.service.database
    with database.reading() as connection:
        known = auth.is_login(connection, name, password, visit.now)
    if not known:
        with database.writing() as connection:
            auth.note_failure(connection, name, visit.now)
        raise WrongLoginError
    with database.writing() as connection:
        return auth.log_in(connection, name, visit.now)
