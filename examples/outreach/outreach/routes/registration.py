# SPDX-License-Identifier: Apache-2.0
"""The public form, and the list of those who used it."""

from http import HTTPStatus

from outreach import pages, registration
from outreach.registration import Registration
from outreach.web import Response, Visit, page, see_other


def show_form(visit: Visit) -> Response:
    return page(pages.registration_form(visit, Registration("", "", ""), []))


def register(visit: Visit) -> Response:
    wanted = registration.read(visit.request.fields())
    problems = registration.problems(wanted)
    if problems:
        return page(pages.registration_form(visit, wanted, problems), HTTPStatus.UNPROCESSABLE_ENTITY)
    with visit.service.database.writing() as connection:
        registration.register(connection, wanted, visit.now)
    return see_other("/registered")


def registered(visit: Visit) -> Response:
    return page(pages.registered(visit))


def show_contacts(visit: Visit) -> Response:
    with visit.service.database.reading() as connection:
        contacts = registration.contacts(connection)
    return page(pages.contact_list(visit, contacts))
