# SPDX-License-Identifier: Apache-2.0
"""The JSON API: logging in, contacts, tasks, and whether the data agrees with itself. `openapi.json` describes it."""

from http import HTTPStatus

from outreach import auth, integrity, registration, tasks
from outreach.api import Body, bad
from outreach.registration import Registration
from outreach.routes import account
from outreach.routes.tasks import complete_task, reopen_task
from outreach.tasks import Priority
from outreach.web import Response, Visit, as_json


def log_in(visit: Visit) -> Response:
    body = Body(visit)
    name = body.text("name")[:100]
    try:
        token = account.new_session(visit, name, body.text("password")[:1000])
    except auth.TooManyGuessesError as fault:
        words = "That name was tried too often. Wait a quarter of an hour."
        raise bad(HTTPStatus.TOO_MANY_REQUESTS, words) from fault
    except account.WrongLoginError as fault:
        raise bad(HTTPStatus.UNAUTHORIZED, "Name or password is wrong.") from fault
    with visit.service.database.reading() as connection:
        (user,) = auth.user_of(connection, token, visit.now)
    return as_json({"token": token, "user": user.name, "role": user.role.value, "tenant": user.tenant.name})


def contacts(visit: Visit) -> Response:
    with visit.service.database.reading() as connection:
        found = registration.contacts(visit.rows(connection))
    return as_json({"contacts": [{name: row[name] for name in ("id", "name", "email", "interest")} for row in found]})


def add_contact(visit: Visit) -> Response:
    body = Body(visit)
    wanted = Registration(body.text("name"), body.text("email"), body.text("interest"))
    for problem in registration.problems(wanted):
        raise bad(HTTPStatus.UNPROCESSABLE_ENTITY, problem)
    with visit.service.database.writing() as connection:
        contact = registration.keep(visit.rows(connection), wanted, visit.now)
    return as_json({"id": contact}, HTTPStatus.CREATED)


def tasks_listed(visit: Visit) -> Response:
    wanted = tasks.read_filter(visit.request.fields())
    with visit.service.database.reading() as connection:
        found = tasks.listed(visit.rows(connection), wanted)
    return as_json({"tasks": [_task(task) for task in found]})


def add_task(visit: Visit) -> Response:
    body = Body(visit)
    contact, title = body.number("contact"), body.text("title")
    if not 1 <= len(title) <= tasks.LONGEST_TITLE:
        raise bad(HTTPStatus.UNPROCESSABLE_ENTITY, f"title has 1 to {tasks.LONGEST_TITLE} characters.")
    with visit.service.database.writing() as connection:
        rows = visit.rows(connection)
        if not rows.select("SELECT id FROM {contacts} WHERE id = :id", id=contact):
            raise bad(HTTPStatus.UNPROCESSABLE_ENTITY, "contact is none of your contacts.")
        number = tasks.open_task(rows, contact, title, Priority.NORMAL, visit.now)
    return as_json({"id": number}, HTTPStatus.CREATED)


def complete(visit: Visit) -> Response:
    complete_task(visit)
    return as_json({"id": visit.number, "state": "done"})


def reopen(visit: Visit) -> Response:
    reopen_task(visit)
    return as_json({"id": visit.number, "state": "open"})


def integrity_of_data(visit: Visit) -> Response:
    with visit.service.database.reading() as connection:
        wrong = integrity.wrong(connection)
    return as_json({"wrong": wrong, "agrees": not any(wrong.values())})


def _task(task: tasks.Task) -> dict[str, object]:
    return {
        "id": task.id,
        "title": task.title,
        "email": task.email,
        "state": task.state,
        "created_at": task.created_at,
        "priority": task.priority.value,
        "done_by": task.done_by,
    }
