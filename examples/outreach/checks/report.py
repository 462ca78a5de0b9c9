# SPDX-License-Identifier: Apache-2.0
"""Can a report be made of at least one campaign, and do its rows add up?

    python3 checks/report.py --url http://127.0.0.1:8000 [--within 10]

The rows of the CSV and of the page, the totals the report states and the recipients of the campaign are counted
against each other. Without a campaign there is nothing to judge, and the check ends with 2.
"""

import argparse
import csv
import io
import sys
from collections import Counter
from typing import Any

import calling
from calling import CannotJudge, Outreach, held, until


def check(options: argparse.Namespace) -> str:
    """Have a report made and count it; gives the sentence that says it passed."""
    desk = Outreach(options.url).logged_in(options.user, options.password)
    campaigns = desk.get("/api/campaigns")["campaigns"]
    if not campaigns:
        raise CannotJudge("there is no campaign to report on")
    campaign = campaigns[-1]
    number = desk.post(f"/api/campaigns/{campaign['id']}/reports")["id"]
    for _ in until(options.within):
        report = desk.get(f"/api/reports/{number}")
        if report["state"] == "ready":
            break
    held(f"report {number} was ready within {options.within:g} s", report["state"] == "ready")
    add_up(desk, number, report, campaign["figures"]["recipients"])
    return f"report {number} of campaign {campaign['id']} has {report['recipients']} rows, and they add up"


def add_up(desk: Outreach, number: int, report: dict[str, Any], recipients: int) -> None:
    """Count it in every way there is."""
    rows = list(csv.DictReader(io.StringIO(desk.ask("GET", f"/api/reports/{number}/csv").body.decode())))
    page = desk.ask("GET", f"/api/reports/{number}/html").body.decode()
    states = Counter(row["state"] for row in rows)
    held("the CSV has one row for each recipient", len(rows) == report["recipients"] == recipients)
    held("the page has as many rows", page.count('<tr class="recipient">') == len(rows))
    held("as many rows are sent and failed as it states", all(states[s] == report[s] for s in ("sent", "failed")))
    held("every row names somebody, once", len({row["email"].lower() for row in rows} - {""}) == len(rows))


if __name__ == "__main__":
    asked = calling.parser(__doc__)
    asked.add_argument("--within", type=float, default=10.0, metavar="SECONDS")
    sys.exit(calling.conclude(check, asked.parse_args()))
