# SPDX-License-Identifier: Apache-2.0
"""Does a running Outreach do its one job? Registers somebody and looks whether the desk gets the task.

    python3 smoke.py --url http://127.0.0.1:8000 [--user desk] [--password demo-desk]

Needs nothing but Python, and nothing from the release it checks, so it can be kept where a release cannot change it.
It always registers the same made-up contact and completes the task it caused, so that it leaves no work behind.
Ends with 0 when everything held, with 1 and the step that did not, and with 2 when nobody answers at that address.
"""

import argparse
import http.client
import re
import secrets
import sys
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

EMAIL = "smoke@outreach.example"
TIMEOUT_SECONDS = 10.0


class StepFailed(Exception):
    """A step of the check did not hold."""


class Browser:
    """Keeps cookies and follows redirects, as a person's would."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> str:
        """The page at that path."""
        return self._read(urllib.request.Request(self.url + path))

    def send(self, form_on: str, path: str, **fields: str) -> str:
        """The page that follows when the form on the first page is sent to `path`."""
        token = re.search(r'name="form_token" value="([^"]+)"', self.get(form_on))
        if token is None:
            raise StepFailed(f"there is no form on {form_on}")
        body = urllib.parse.urlencode({**fields, "form_token": token[1]}).encode()
        return self._read(urllib.request.Request(self.url + path, data=body))

    def _read(self, request: urllib.request.Request) -> str:
        try:
            with self.opener.open(request, timeout=TIMEOUT_SECONDS) as response:
                return str(response.read(), "utf-8", "replace")
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise StepFailed(f"{request.get_method()} {request.selector} answered {refusal.code}") from refusal


def check(browser: Browser, user: str, password: str) -> None:
    """Run every step, saying which."""
    name = f"Smoke {secrets.token_hex(4)}"
    step("the login page answers", 'action="/login"' in browser.get("/login"))
    thanks = browser.send("/register", "/register", name=name, email=EMAIL, interest="a check after the release")
    step("somebody can register", "Thank you" in thanks)
    step("the desk can log in", "Log out" in browser.send("/login", "/login", name=user, password=password))
    tasks = browser.get("/tasks?" + urllib.parse.urlencode({"q": name}))
    rows = [row for row in tasks.split("<tr>") if f"Follow up with {name}" in row]
    step("the follow-up task appears after login", bool(rows))
    complete = re.search(r'action="(/tasks/[0-9]+/complete)"', rows[0])
    step("the task can be completed", complete is not None)
    if complete is not None:
        browser.send("/tasks?" + urllib.parse.urlencode({"q": name}), complete[1])
    step("a completed task leaves the list", f"Follow up with {name}" not in browser.get("/tasks"))


def step(name: str, held: object) -> None:
    """Say that the step held, or fail by its name."""
    if not held:
        raise StepFailed(name)
    print(f"ok: {name}", flush=True)


def main() -> int:
    """Run the check; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--user", default="desk")
    parser.add_argument("--password", default="demo-desk")
    options = parser.parse_args()
    try:
        check(Browser(options.url), options.user, options.password)
    except StepFailed as failure:
        print(f"FAILED: {failure}")
        return 1
    except (OSError, http.client.HTTPException, ValueError) as fault:
        print(f"NO ANSWER from {options.url}: {fault}")
        return 2
    print("passed: a registration becomes a task at the desk")
    return 0


if __name__ == "__main__":
    sys.exit(main())
