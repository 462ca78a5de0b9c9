# SPDX-License-Identifier: Apache-2.0
"""Do the flows hold that Outreach is there for? Register, log in, task, campaign, report: each as far as it goes.

    python3 checks/core_flows.py --url http://127.0.0.1:8000 [--user desk] [--password demo-desk]

Every run registers a contact of its own, so that it is found among any number of others. It completes the tasks it
opens, and writes to nobody: messages go to a file.
"""

import argparse
import re
import secrets
import sys
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import calling
from calling import Outreach, held, until

DOMAIN = "core-flows.outreach.example"
PATIENCE_SECONDS = 10.0


def check(options: argparse.Namespace) -> str:
    """Run every flow; gives the sentence that says it passed."""
    token = secrets.token_hex(4)
    name, email = f"Flow {token}", f"{token}@{DOMAIN}"
    held("somebody can register", "Thank you" in register(options.url, name, email))
    desk = Outreach(options.url).logged_in(options.user, options.password)
    held("the desk can log in", desk.token)
    contact = task_flow(desk, name, email)
    campaign = campaign_flow(desk, name, contact)
    report_flow(desk, campaign)
    return "registration, login, task, campaign and report all hold"


def register(url: str, name: str, email: str) -> str:
    """Fill in the public form as a person would; gives the page that follows."""
    handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar()))
    opener = urllib.request.build_opener(*handlers)
    with opener.open(f"{url}/register", timeout=calling.TIMEOUT_SECONDS) as response:
        token = re.search(r'name="form_token" value="([^"]+)"', response.read().decode())
    held("the public form is there", token)
    fields = {"name": name, "email": email, "interest": "a check", "form_token": token[1] if token else ""}
    body = urllib.parse.urlencode(fields).encode()
    with opener.open(f"{url}/register", data=body, timeout=calling.TIMEOUT_SECONDS) as response:
        return str(response.read().decode())


def task_flow(desk: Outreach, name: str, email: str) -> int:
    """The registration became a task; it and one made by hand can be completed. Gives the contact."""
    contacts = [contact for contact in desk.get("/api/contacts")["contacts"] if contact["email"] == email]
    held("who registered is a contact", [contact for contact in contacts if contact["name"] == name])
    contact = int(contacts[0]["id"])
    made = desk.post("/api/tasks", contact=contact, title=f"Call {name}")["id"]
    listed = "/api/tasks?" + urllib.parse.urlencode({"q": name})
    mine = [task for task in desk.get(listed)["tasks"] if task["title"].endswith(name)]
    titles = {task["title"] for task in mine}
    held("the registration opened a task", f"Follow up with {name}" in titles)
    held("a task can be added", f"Call {name}" in titles and made in {task["id"] for task in mine})
    for task in mine:
        desk.post(f"/api/tasks/{task['id']}/complete")
    left = [task for task in desk.get(listed)["tasks"] if task["title"].endswith(name)]
    held("completed tasks leave the list", not left)
    return contact


def campaign_flow(desk: Outreach, name: str, contact: int) -> int:
    """A campaign can be made and sent. Whether its message left is the queue's own check."""
    campaign = int(
        desk.post("/api/campaigns", name=name, subject="A check", body="Nobody reads this.", recipients=[contact])["id"]
    )
    held("a campaign can be made", desk.get(f"/api/campaigns/{campaign}")["state"] == "draft")
    held("a campaign can be sent", desk.post(f"/api/campaigns/{campaign}/send")["queued"] == 1)
    held("it is being sent", desk.get(f"/api/campaigns/{campaign}")["state"] in ("sending", "sent"))
    return campaign


def report_flow(desk: Outreach, campaign: int) -> None:
    """A report of it can be had."""
    report = desk.post(f"/api/campaigns/{campaign}/reports")["id"]
    for _ in until(PATIENCE_SECONDS):
        made = desk.get(f"/api/reports/{report}")
        if made["state"] == "ready":
            break
    held("a report is made", made["state"] == "ready" and made["recipients"] == 1)


if __name__ == "__main__":
    sys.exit(calling.conclude(check, calling.parser(__doc__).parse_args()))
