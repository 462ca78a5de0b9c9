# SPDX-License-Identifier: Apache-2.0
"""The visitors of production: they come through the proxies all the time, and note what they are answered.

1. They come at a steady pace, whatever they are answered, so that how many come says nothing about the service.
2. Every release signs its answers with its version. An answer without one is nobody's but the routing's own.
3. Most read the form; some fill it in. What is filled in must not be sent twice, and no proxy may do so.
"""

import http.client
import re
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from typing import Final

RATE: Final = 150
"""Requests a second, all together, unless somebody says otherwise."""
AT_ONCE: Final = 4
"""Visitors who may be waiting at one proxy at the same time."""
FILLED_IN: Final = 25
"""One visitor in so many fills the form in, unless somebody says otherwise."""
PATIENCE: Final = 5.0
LATE: Final = 1.0
"""Seconds a visitor may be behind before those that should have come meanwhile stay away."""
VERSION: Final = "Outreach-Version"
_TOKEN: Final = re.compile(rb'name="form_token" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody was answered and when; an empty version is no release's answer, status 0 no answer at all."""

    at: datetime
    proxy: int
    version: str
    status: int
    seconds: float

    @property
    def is_bad(self) -> bool:
        """Whether it is of no use to who asked."""
        return not self.version or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR


@dataclass(slots=True)
class Crowd:
    """Everybody who comes through these proxies until told to stay away."""

    proxies: tuple[int, ...]
    rate: int = RATE
    filled_in: int = FILLED_IN
    answers: list[Answer] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)
    names: Iterator[int] = field(default_factory=count)

    def start(self) -> None:
        """Begin to come."""
        every = len(self.proxies) * AT_ONCE / self.rate
        for number, proxy in enumerate(self.proxies * AT_ONCE):
            begin = every * number / (len(self.proxies) * AT_ONCE)
            thread = threading.Thread(target=self._come, args=(proxy, begin, every), daemon=True)
            thread.start()
            self.threads.append(thread)

    def stop(self) -> None:
        """Come no more."""
        self.done.set()
        for thread in self.threads:
            thread.join()

    def of(self, version: str, since: datetime) -> tuple[Answer, ...]:
        """That release's answers from then on, in the order they came."""
        return tuple(one for one in tuple(self.answers) if one.version == version and one.at >= since)

    def between(self, since: datetime, until: datetime) -> tuple[Answer, ...]:
        """All answers of that time."""
        return tuple(one for one in tuple(self.answers) if since <= one.at < until)

    def last_of(self, version: str, since: datetime, quiet: float, within: float) -> datetime | None:
        """When that release answered last, once it has not for `quiet` seconds; None when it goes on and on."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            last = max((one.at for one in self.of(version, since)), default=since)
            if datetime.now(UTC) - last >= timedelta(seconds=quiet):
                return last
            time.sleep(0.05)
        return None

    @property
    def unrouted(self) -> int:
        """How many were answered by no release at all."""
        return sum(not one.version for one in tuple(self.answers))

    def _come(self, proxy: int, begin: float, every: float) -> None:
        visitor = _Visitor(proxy, self)
        due = time.monotonic() + begin
        while not self.done.wait(max(0.0, due - time.monotonic())):
            visitor.visit()
            due += every
            if time.monotonic() - due > LATE:
                due = time.monotonic()
        visitor.leave()


@dataclass(slots=True)
class _Visitor:
    """One connection to one proxy, kept open as browsers do."""

    proxy: int
    crowd: Crowd
    connection: http.client.HTTPConnection = field(init=False)
    form: tuple[str, str] = ("", "")
    """The cookie and the token of a form that is to be filled in."""

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.proxy, timeout=PATIENCE)

    def visit(self) -> None:
        """Ask for the form, or send the one asked for before."""
        cookie, token = self.form
        self.form = ("", "")
        number = next(self.crowd.names)
        if not token:
            wants = number % self.crowd.filled_in == 0
            cookie, body = self._ask("GET", "", {})
            found = _TOKEN.search(body) if wants else None
            self.form = (cookie, found[1].decode()) if found else ("", "")
            return
        fields = {"name": f"Visitor {number}", "email": f"v{number}@visitor.example", "interest": "the fair"}
        filled = urllib.parse.urlencode({**fields, "form_token": token})
        self._ask("POST", filled, {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"})

    def leave(self) -> None:
        """Hang up."""
        self.connection.close()

    def _ask(self, method: str, body: str, headers: dict[str, str]) -> tuple[str, bytes]:
        """Gives the cookie and the page."""
        began = time.monotonic()
        version, status, cookie, page = "", 0, "", b""
        try:
            self.connection.request(method, "/register", body.encode() or None, headers)
            response = self.connection.getresponse()
            page = response.read()
            version, status = response.headers.get(VERSION, ""), response.status
            cookie = response.headers.get("Set-Cookie", "").partition(";")[0]
        except (OSError, http.client.HTTPException):
            self.connection.close()
        answer = Answer(datetime.now(UTC), self.proxy, version, status, time.monotonic() - began)
        self.crowd.answers.append(answer)
        return cookie, page


@dataclass(frozen=True, slots=True)
class Slice:
    """A short time as the visitors saw it: how many answers of each release, and how many of those were bad."""

    begin: float
    answers: Counter[str]
    bad: Counter[str]


def slices(answers: Iterable[Answer], begin: datetime, every: float) -> tuple[Slice, ...]:
    """What was answered from `begin` on, in slices of `every` seconds."""
    found: dict[int, Slice] = {}
    for one in answers:
        at = int((one.at - begin).total_seconds() // every)
        part = found.setdefault(at, Slice(at * every, Counter(), Counter()))
        part.answers[one.version] += 1
        part.bad[one.version] += one.is_bad
    return tuple(found[at] for at in sorted(found))


def slowest(answers: Iterable[Answer], part: float) -> float:
    """The seconds within which that part of the answers came; 0 when there are none."""
    seconds = sorted(one.seconds for one in answers)
    return seconds[min(int(part * len(seconds)), len(seconds) - 1)] if seconds else 0.0
