# SPDX-License-Identifier: Apache-2.0
"""The desk's list of tasks, and what can be done with one."""

from http import HTTPStatus

from outreach import pages, tasks
from outreach.web import Response, Visit, page, see_other


def show_tasks(visit: Visit) -> Response:
    wanted = tasks.read_filter(visit.request.fields())
    with visit.service.database.reading() as connection:
        found = tasks.listed(connection, wanted)
    return page(pages.task_list(visit, visit.visitors[0], found, wanted))


def complete(visit: Visit) -> Response:
    with visit.service.database.writing() as connection:
        changed = tasks.complete(connection, _number(visit), visit.visitors[0].name, visit.now)
    return see_other("/tasks") if changed else _no_such_task(visit)


def reopen(visit: Visit) -> Response:
    with visit.service.database.writing() as connection:
        changed = tasks.reopen(connection, _number(visit))
    return see_other("/tasks") if changed else _no_such_task(visit)


def _number(visit: Visit) -> int:
    return int(visit.request.path.split("/")[2])


def _no_such_task(visit: Visit) -> Response:
    words = "There is no such task any more; somebody may have been faster."
    return page(pages.message(visit, "Not there", words), HTTPStatus.CONFLICT)
