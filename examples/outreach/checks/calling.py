# SPDX-License-Identifier: Apache-2.0
"""What the checks share: asking the service, saying what held, and ending with a code that means one thing.

0: everything held. 1: something did not, and it is said what. 2: it could not be judged, which is no good news either.
Nothing here comes from the release that is checked, so the checks can be kept where a release cannot change them.
"""

import argparse
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

HELD, FAILED, UNKNOWN = 0, 1, 2
TIMEOUT_SECONDS = 10.0
USER, PASSWORD = "desk", "demo-desk"
OTHER_USER, OTHER_PASSWORD = "north", "demo-north"


class CheckFailed(Exception):
    """Something that must hold does not."""


class CannotJudge(Exception):
    """There is nothing to judge by."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object that was answered."""
        try:
            found = json.loads(self.body)
        except ValueError as fault:
            raise CannotJudge(f"the answer is no JSON: {self.body[:80]!r}") from fault
        if not isinstance(found, dict):
            raise CannotJudge(f"the answer is no JSON object: {self.body[:80]!r}")
        return found


@dataclass(frozen=True)
class Outreach:
    """A running service, asked by somebody who has logged in, or by nobody."""

    url: str
    token: str = ""
    opener: urllib.request.OpenerDirector = field(
        default_factory=lambda: urllib.request.build_opener(urllib.request.ProxyHandler({})), repr=False
    )

    def ask(self, method: str, path: str, **body: object) -> Answer:
        """Whatever it answers, refusals included."""
        request = urllib.request.Request(self.url + path, method=method)
        if method == "POST":
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with self.opener.open(request, timeout=TIMEOUT_SECONDS) as response:
                return Answer(response.status, response.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, refusal.read())

    def get(self, path: str) -> dict[str, Any]:
        """The document there; anything but 200 fails the check."""
        return self._accepted("GET", path, self.ask("GET", path)).document

    def post(self, path: str, **body: object) -> dict[str, Any]:
        """What is answered to that; anything but success fails the check."""
        return self._accepted("POST", path, self.ask("POST", path, **body)).document

    def logged_in(self, user: str, password: str) -> "Outreach":
        """The same service, asked by that user."""
        token = self.post("/api/login", name=user, password=password)["token"]
        return Outreach(self.url, token, self.opener)

    @staticmethod
    def _accepted(method: str, path: str, answer: Answer) -> Answer:
        if not 200 <= answer.status < 300:
            raise CheckFailed(f"{method} {path} answered {answer.status}")
        return answer


def parser(about: str, *, url: bool = True) -> argparse.ArgumentParser:
    """The options every check has."""
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    if url:
        made.add_argument("--url", type=address, required=True, help="where the service answers")
        made.add_argument("--user", default=USER)
        made.add_argument("--password", default=PASSWORD)
    return made


def address(text: str) -> str:
    """An address that a path can be put behind."""
    return text.rstrip("/")


def held(name: str, is_so: object) -> None:
    """Say that it held, or fail by its name."""
    if not is_so:
        raise CheckFailed(name)
    print(f"ok: {name}", flush=True)


def until(within: float, pause: float = 0.05) -> Iterator[None]:
    """One turn now and more as long as there is time. A loop that ends without a `break` has waited in vain."""
    ends = time.monotonic() + within
    yield
    while time.monotonic() < ends:
        time.sleep(pause)  # somebody else's work is waited for, and nobody tells us
        yield


def conclude(check: Callable[[argparse.Namespace], str], options: argparse.Namespace) -> int:
    """Run the check and say how it ended; gives the exit code."""
    try:
        passed = check(options)
    except CheckFailed as failure:
        print(f"FAILED: {failure}")
        return FAILED
    except CannotJudge as fault:
        print(f"UNKNOWN: {fault}")
        return UNKNOWN
    except (OSError, http.client.HTTPException) as fault:
        print(f"UNKNOWN: nobody answers as expected: {type(fault).__name__}: {fault}")
        return UNKNOWN
    except (KeyError, TypeError, ValueError) as fault:
        print(f"UNKNOWN: an answer is not what it should be: {type(fault).__name__}: {fault}")
        return UNKNOWN
    print(f"passed: {passed}")
    return HELD
