# SPDX-License-Identifier: Apache-2.0
"""Does every tenant see and change its own rows only? Two tenants log in, and each tries to reach the other's.

    python3 checks/isolation.py --url http://127.0.0.1:8000
        [--user desk] [--password demo-desk] [--other-user north] [--other-password demo-north]

Reading is tried before changing, and the first thing that gets across ends the check, so that it never spoils data.
"""

import argparse
import sys
from collections.abc import Iterator

import calling
from calling import CannotJudge, Outreach, held, until

EMAIL = "isolation@outreach.example"
LISTS = {"task": "/api/tasks?show=all", "contact": "/api/contacts", "campaign": "/api/campaigns"}
REFUSALS = (403, 404, 409, 422)


def check(options: argparse.Namespace) -> str:
    """Try everything, both ways; gives the sentence that says it passed."""
    service = Outreach(options.url)
    one = service.logged_in(options.user, options.password)
    other = service.logged_in(options.other_user, options.other_password)
    apart(one, other)
    mine, theirs = belongings(one), belongings(other)
    try:
        reads(one, other, theirs)
        reads(other, one, mine)
        changes(one, other, theirs)
        changes(other, one, mine)
        strangers(service, mine)
    finally:
        one.ask("POST", f"/api/tasks/{mine['task']}/complete")
        other.ask("POST", f"/api/tasks/{theirs['task']}/complete")
    return "neither tenant can read or change what is the other's"


def apart(one: Outreach, other: Outreach) -> None:
    """Nothing is in the lists of both."""
    for path in LISTS.values():
        mine, theirs = ({row["id"] for rows in asked.get(path).values() for row in rows} for asked in (one, other))
        held(f"nothing at {path} is seen by both tenants", not mine & theirs)


def belongings(tenant: Outreach) -> dict[str, int]:
    """One of everything that is this tenant's: found, or made."""
    contact = tenant.post("/api/contacts", name="Isolation", email=EMAIL, interest="a check")["id"]
    campaigns = tenant.get("/api/campaigns")["campaigns"]
    if campaigns:
        campaign = campaigns[-1]["id"]
    else:
        words = {"name": "Isolation", "subject": "A check", "body": "Nobody reads this."}
        campaign = tenant.post("/api/campaigns", **words, recipients=[contact])["id"]
    task = tenant.post("/api/tasks", contact=contact, title="A task that is nobody else's")["id"]
    report = tenant.post(f"/api/campaigns/{campaign}/reports")["id"]
    for _ in until(10.0):
        if tenant.get(f"/api/reports/{report}")["state"] == "ready":
            return {"contact": contact, "task": task, "campaign": campaign, "report": report}
    raise CannotJudge("no report was made that somebody could try to read")


def reads(tenant: Outreach, owner: Outreach, theirs: dict[str, int]) -> None:
    """Lists and numbers that were guessed right."""
    for kind, path in LISTS.items():
        seen = {row["id"] for rows in tenant.get(path).values() for row in rows}
        held(f"the list at {path} holds no {kind} of the other tenant", theirs[kind] not in seen)
    for path in addresses(theirs):
        answer = tenant.ask("GET", path)
        own = owner.ask("GET", path)
        held(f"GET {path} is refused to the other tenant ({answer.status})", answer.status == 404)
        held(f"GET {path} is answered to its owner", own.status == 200)


def addresses(theirs: dict[str, int]) -> Iterator[str]:
    """Where one row can be read by its number."""
    yield f"/api/campaigns/{theirs['campaign']}"
    for form in ("", "/csv", "/html"):
        yield f"/api/reports/{theirs['report']}{form}"


def changes(tenant: Outreach, owner: Outreach, theirs: dict[str, int]) -> None:
    """What the other tenant has must neither change nor be built upon."""
    before = state(owner, theirs)
    words = {"name": "Across", "subject": "A check", "body": "Nobody reads this."}
    tries = (
        tenant.ask("POST", f"/api/tasks/{theirs['task']}/complete"),
        tenant.ask("POST", f"/api/campaigns/{theirs['campaign']}/send"),
        tenant.ask("POST", f"/api/campaigns/{theirs['campaign']}/reports"),
        tenant.ask("POST", "/api/tasks", contact=theirs["contact"], title="Across"),
        tenant.ask("POST", "/api/campaigns", **words, recipients=[theirs["contact"]]),
    )
    statuses = [answer.status for answer in tries]
    held(f"changes across are refused {statuses}", all(status in REFUSALS for status in statuses))
    held("and nothing of the other tenant's has changed", state(owner, theirs) == before)


def state(owner: Outreach, theirs: dict[str, int]) -> list[object]:
    """What the owner sees of it."""
    tasks = [task for task in owner.get("/api/tasks?show=all")["tasks"] if task["id"] == theirs["task"]]
    campaign = owner.get(f"/api/campaigns/{theirs['campaign']}")
    return [task["state"] for task in tasks] + [campaign["state"], campaign["figures"]["recipients"]]


def strangers(service: Outreach, mine: dict[str, int]) -> None:
    """Who has not logged in sees nothing at all."""
    for path in ("/api/tasks", "/api/contacts", "/api/campaigns", *addresses(mine)):
        held(f"GET {path} is refused to strangers", service.ask("GET", path).status == 401)


if __name__ == "__main__":
    asked = calling.parser(__doc__)
    asked.add_argument("--other-user", default=calling.OTHER_USER)
    asked.add_argument("--other-password", default=calling.OTHER_PASSWORD)
    sys.exit(calling.conclude(check, asked.parse_args()))
