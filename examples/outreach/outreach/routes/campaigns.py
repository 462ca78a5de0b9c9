# SPDX-License-Identifier: Apache-2.0
"""Campaigns and their reports, for people. What is done is the same as in `api_campaigns`, and stands here."""

from http import HTTPStatus

from outreach import campaign_pages, campaigns, jobs, registration, reports
from outreach.campaigns import Campaign, CampaignError, Draft
from outreach.refusals import Refused, not_there
from outreach.reports import Report
from outreach.web import Response, Visit, page, see_other


def show_campaigns(visit: Visit) -> Response:
    with visit.service.database.reading() as connection:
        found = campaigns.listed(visit.rows(connection))
    return page(campaign_pages.campaign_list(visit, found))


def create(visit: Visit) -> Response:
    """A campaign made on the page is for all contacts."""
    fields = visit.request.fields()
    with visit.service.database.reading() as connection:
        everybody = tuple(row["id"] for row in registration.contacts(visit.rows(connection)))
    name, subject, body = (fields.get(field, "").strip() for field in ("name", "subject", "body"))
    return see_other(f"/campaigns/{keep(visit, Draft(name, subject, body, everybody))}")


def show_campaign(visit: Visit) -> Response:
    with visit.service.database.reading() as connection:
        rows = visit.rows(connection)
        campaign = one(visit, campaigns.numbered(rows, visit.number))
        return page(campaign_pages.one_campaign(visit, campaign, reports.of_campaign(rows, campaign.id)))


def send(visit: Visit) -> Response:
    queue_messages(visit)
    return see_other(f"/campaigns/{visit.number}")


def ask_for_report(visit: Visit) -> Response:
    queue_report(visit)
    return see_other(f"/campaigns/{visit.number}")


def report_csv(visit: Visit) -> Response:
    name = f"outreach-report-{visit.number}.csv"
    headers = (("Content-Disposition", f'attachment; filename="{name}"'),)
    return Response(HTTPStatus.OK, ready(visit).csv.encode(), "text/csv; charset=utf-8", headers)


def report_html(visit: Visit) -> Response:
    return page(ready(visit).html)


def keep(visit: Visit, draft: Draft) -> int:
    """Make the campaign, or say what is wrong with it."""
    for problem in campaigns.problems(draft):
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "Not yet", problem)
    try:
        with visit.service.database.writing() as connection:
            return campaigns.create(visit.rows(connection), draft, visit.user.name, visit.now)
    except CampaignError as fault:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "Not yet", str(fault)) from fault


def queue_messages(visit: Visit) -> int:
    """Queue the messages of a draft; says how many."""
    with visit.service.database.writing() as connection:
        rows = visit.rows(connection)
        one(visit, campaigns.numbered(rows, visit.number))
        try:
            numbers = campaigns.start(rows, visit.number)
        except CampaignError as fault:
            raise Refused(HTTPStatus.CONFLICT, "Not there", str(fault)) from fault
        if visit.service.faults.on("broken-flow"):
            raise Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "Something broke", "The campaign could not be sent.")
        for number in numbers:
            jobs.put(connection, "send-message", {"message": number}, visit.now, rows.tenant)
    return len(numbers)


def queue_report(visit: Visit) -> int:
    """Queue a report; gives its number."""
    with visit.service.database.writing() as connection:
        rows = visit.rows(connection)
        one(visit, campaigns.numbered(rows, visit.number))
        number = reports.ask(rows, visit.number, visit.now)
        jobs.put(connection, "make-report", {"report": number}, visit.now, rows.tenant)
    return number


def one(visit: Visit, found: list[Campaign]) -> Campaign:
    """The campaign that was found."""
    if not found:
        raise not_there(f"You have no campaign {visit.number}.")
    return found[0]


def report(visit: Visit) -> Report:
    """The report whose number is in the address."""
    with visit.service.database.reading() as connection:
        found = reports.numbered(visit.rows(connection), visit.number)
    if not found:
        raise not_there(f"You have no report {visit.number}.")
    return found[0]


def ready(visit: Visit) -> Report:
    """That report, when it is ready."""
    found = report(visit)
    if not found.is_ready:
        raise Refused(HTTPStatus.CONFLICT, "Not yet", "The report is being made. Ask again in a moment.")
    return found
