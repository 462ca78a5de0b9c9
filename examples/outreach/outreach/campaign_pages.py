# SPDX-License-Identifier: Apache-2.0
"""What people see of campaigns. Every word that came from outside goes through `escape`."""

from collections.abc import Sequence
from html import escape

from outreach.campaigns import Campaign, State
from outreach.pages import layout, token
from outreach.reports import Report
from outreach.web import Visit


def campaign_list(visit: Visit, campaigns: Sequence[Campaign]) -> str:
    """The tenant's campaigns, and the form for a new one."""
    rows = "".join(
        f'<tr><td><a href="/campaigns/{campaign.id}">{escape(campaign.name)}</a></td>'
        f"<td>{_figures(campaign)}</td><td>{_state(campaign)}</td></tr>"
        for campaign in campaigns
    )
    return layout(
        visit,
        "Campaigns",
        f'<h1>Campaigns</h1><p class="lead">{len(campaigns)} shown.</p><div class="card scroll"><table><thead><tr>'
        f"<th>Campaign</th><th>Messages</th><th>State</th></tr></thead><tbody>{rows}</tbody></table></div>"
        f'<h1>A new one, to all contacts</h1><form class="card narrow" method="post" action="/campaigns">{token(visit)}'
        '<label>Name<input name="name" maxlength="100" required></label>'
        '<label>Subject<input name="subject" maxlength="200" required></label>'
        '<label>Message<textarea name="body" rows="6" maxlength="5000" required></textarea></label>'
        "<button>Keep as a draft</button></form>",
    )


def one_campaign(visit: Visit, campaign: Campaign, reports: Sequence[Report]) -> str:
    """A campaign with its reports, and what can be done next."""
    send = _button(visit, f"/campaigns/{campaign.id}/send", "Send") if campaign.state is State.DRAFT else ""
    rows = "".join(_report_row(report) for report in reports)
    return layout(
        visit,
        campaign.name,
        f'<h1>{escape(campaign.name)}</h1><p class="lead">{_state(campaign)} {_figures(campaign)}</p>'
        f'<div class="card"><strong>{escape(campaign.subject)}</strong><p>{escape(campaign.body)}</p>{send}</div>'
        f'<h1>Reports</h1><div class="card scroll"><table><tbody>{rows}</tbody></table></div>'
        + _button(visit, f"/campaigns/{campaign.id}/reports", "Make a report"),
    )


def _report_row(report: Report) -> str:
    if not report.is_ready:
        return f"<tr><td>Report {report.id}</td><td>is being made</td></tr>"
    links = f'<a href="/reports/{report.id}/html">page</a> · <a href="/reports/{report.id}/csv">CSV</a>'
    return f"<tr><td>Report {report.id}, {report.recipients} recipients</td><td>{links}</td></tr>"


def _figures(campaign: Campaign) -> str:
    figures = campaign.figures
    return (
        f"{figures.sent} of {figures.recipients} sent, {figures.failed} failed"
        f"<small>counted {escape(figures.refreshed_at[:19])}</small>"
    )


def _state(campaign: Campaign) -> str:
    return f'<span class="tag">{campaign.state.value}</span>'


def _button(visit: Visit, address: str, words: str) -> str:
    return (
        f'<form class="inline" method="post" action="{address}">{token(visit)}'
        f'<button class="plain">{words}</button></form>'
    )
