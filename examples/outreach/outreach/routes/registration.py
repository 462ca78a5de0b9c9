# SPDX-License-Identifier: Apache-2.0
"""The public form, and the list of those who used it.

`/register` is the first tenant's form, `/register?tenant=NAME` that of another.
"""

from http import HTTPStatus

from outreach import pages, registration, tenancy
from outreach.refusals import not_there
from outreach.registration import Registration
from outreach.tenancy import Tenant, TenantRows
from outreach.web import Response, Visit, page, see_other


def show_form(visit: Visit) -> Response:
    _tenant_of(visit)
    return page(pages.registration_form(visit, Registration("", "", ""), []))


def register(visit: Visit) -> Response:
    wanted = registration.read(visit.request.fields())
    problems = registration.problems(wanted)
    if problems:
        return page(pages.registration_form(visit, wanted, problems), HTTPStatus.UNPROCESSABLE_ENTITY)
    tenant = _tenant_of(visit)
    with visit.service.database.writing() as connection:
        registration.register(TenantRows(connection, tenant.id), wanted, visit.now)
    return see_other("/registered")


def registered(visit: Visit) -> Response:
    return page(pages.registered(visit))


def show_contacts(visit: Visit) -> Response:
    with visit.service.database.reading() as connection:
        contacts = registration.contacts(visit.rows(connection))
    return page(pages.contact_list(visit, contacts))


def _tenant_of(visit: Visit) -> Tenant:
    name = visit.request.fields().get("tenant", "")
    if not name:
        return Tenant(tenancy.DEFAULT, "default")
    with visit.service.database.reading() as connection:
        for tenant in tenancy.named(connection, name):
            return tenant
    raise not_there("Nobody takes registrations here.")
