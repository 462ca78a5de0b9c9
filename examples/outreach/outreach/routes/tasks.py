# SPDX-License-Identifier: Apache-2.0
"""The desk's list of tasks, and what can be done with one."""

from http import HTTPStatus

from outreach import pages, tasks
from outreach.refusals import Refused
from outreach.web import Response, Visit, page, see_other


def show_tasks(visit: Visit) -> Response:
    wanted = tasks.read_filter(visit.request.fields())
    with visit.service.database.reading() as connection:
        found = tasks.listed(visit.rows(connection), wanted)
    return page(pages.task_list(visit, visit.user, found, wanted))


def complete(visit: Visit) -> Response:
    complete_task(visit)
    return see_other("/tasks")


def reopen(visit: Visit) -> Response:
    reopen_task(visit)
    return see_other("/tasks")


def complete_task(visit: Visit) -> None:
    """What the page and the API do alike."""
    with visit.service.database.writing() as connection:
        if not tasks.complete(visit.rows(connection), visit.number, visit.user.name, visit.now):
            raise _no_such_task()


def reopen_task(visit: Visit) -> None:
    """What the page and the API do alike."""
    with visit.service.database.writing() as connection:
        if not tasks.reopen(visit.rows(connection), visit.number):
            raise _no_such_task()


def _no_such_task() -> Refused:
    words = "There is no such task any more; somebody may have been faster."
    return Refused(HTTPStatus.CONFLICT, "Not there", words)
