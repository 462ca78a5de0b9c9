# SPDX-License-Identifier: Apache-2.0
"""The JSON API: campaigns and reports. `openapi.json` describes it."""

from datetime import timedelta
from http import HTTPStatus

from outreach import campaigns
from outreach.api import Body
from outreach.campaigns import Campaign, Draft
from outreach.faults import STALENESS
from outreach.routes import campaigns as for_people
from outreach.web import Response, Visit, as_json


def listed(visit: Visit) -> Response:
    with visit.service.database.reading() as connection:
        found = campaigns.listed(visit.rows(connection))
    return as_json({"campaigns": [_campaign(visit, campaign) for campaign in found]})


def create(visit: Visit) -> Response:
    body = Body(visit)
    draft = Draft(body.text("name"), body.text("subject"), body.text("body"), body.numbers("recipients"))
    return as_json({"id": for_people.keep(visit, draft)}, HTTPStatus.CREATED)


def show(visit: Visit) -> Response:
    with visit.service.database.reading() as connection:
        found = campaigns.numbered(visit.rows(connection), visit.number)
    return as_json(_campaign(visit, for_people.one(visit, found)))


def send(visit: Visit) -> Response:
    return as_json({"queued": for_people.queue_messages(visit)}, HTTPStatus.ACCEPTED)


def ask_for_report(visit: Visit) -> Response:
    return as_json({"id": for_people.queue_report(visit)}, HTTPStatus.ACCEPTED)


def show_report(visit: Visit) -> Response:
    found = for_people.report(visit)
    return as_json(
        {
            "id": found.id,
            "campaign": found.campaign,
            "state": "ready" if found.is_ready else "asked",
            "recipients": found.recipients,
            "sent": found.sent,
            "failed": found.failed,
        }
    )


def report_csv(visit: Visit) -> Response:
    return for_people.report_csv(visit)


def report_html(visit: Visit) -> Response:
    return for_people.report_html(visit)


def _campaign(visit: Visit, campaign: Campaign) -> dict[str, object]:
    figures = campaign.figures
    behind = STALENESS if visit.service.faults.on("stale-data") else timedelta(0)
    return {
        "id": campaign.id,
        "name": campaign.name,
        "subject": campaign.subject,
        "body": campaign.body,
        "state": campaign.state.value,
        "figures": {
            "recipients": figures.recipients,
            "sent": figures.sent,
            "failed": figures.failed,
            "refreshed_at": figures.refreshed_at,
            "age_seconds": round(figures.age_seconds(visit.now + behind), 3),
        },
    }
