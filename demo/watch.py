# SPDX-License-Identifier: Apache-2.0
"""What a visitor sees: every instance of production is asked for its version, many times a second."""

import http.client
import json
import re
import threading
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from typing import Final

EVERY: Final = 0.05
"""Seconds between two requests to one process."""
PATIENCE: Final = 2.0
_TOKEN: Final = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What a port answered at that moment; an empty version is no answer."""

    at: datetime
    port: int
    version: str


@dataclass(slots=True)
class Visitor:
    """Asks these ports until told to stop."""

    ports: tuple[int, ...]
    answers: list[Answer] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin to ask."""
        for port in self.ports:
            thread = threading.Thread(target=self._ask, args=(port,), daemon=True)
            thread.start()
            self.threads.append(thread)

    def stop(self) -> None:
        """Ask no more."""
        self.done.set()
        for thread in self.threads:
            thread.join()

    def _ask(self, port: int) -> None:
        while not self.done.wait(EVERY):
            version = version_at(port)
            self.answers.append(Answer(datetime.now(UTC), port, version))

    def all_serve(self, version: str, since: datetime) -> datetime | None:
        """When every port first answered that version after `since`, and did not answer another one later on."""
        first: dict[int, datetime] = {}
        for answer in tuple(self.answers):
            if answer.at < since:
                continue
            if answer.version != version:
                first.pop(answer.port, None)
            else:
                first.setdefault(answer.port, answer.at)
        return max(first.values()) if len(first) == len(self.ports) else None

    def wait_for(self, version: str, since: datetime, within: float) -> datetime | None:
        """The same, once it is so; None when it is not within that many seconds from now."""
        deadline = time.monotonic() + within
        while (found := self.all_serve(version, since)) is None and time.monotonic() < deadline:
            time.sleep(EVERY)
        return found

    def silence(self, begin: datetime, end: datetime) -> float:
        """The longest time in seconds in which no port at all answered."""
        longest, last = 0.0, begin
        for answer in tuple(self.answers):
            if begin <= answer.at <= end and answer.version:
                longest = max(longest, (answer.at - last).total_seconds())
                last = answer.at
        return max(longest, (end - last).total_seconds())


def version_at(port: int) -> str:
    """The version a port answers; empty when it does not."""
    status, body = get(port, "/version")
    if status != http.client.OK:
        return ""
    try:
        found = json.loads(body)
    except ValueError:
        return body.strip()
    return str(found.get("version", "")) if isinstance(found, dict) else str(found)


def get(port: int, path: str) -> tuple[int, str]:
    """The status and body of a GET on loopback; status 0 when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def all_answer(ports: tuple[int, ...], version: str) -> bool:
    """Whether every one of these ports answers that version now."""
    return all(version_at(port) == version for port in ports)


class Browser:
    """Keeps cookies and fills in forms, as a person's browser does."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def page(self, path: str) -> str:
        """The page there. Raises `OSError` when there is none."""
        return self._read(urllib.request.Request(self.address + path))  # noqa: S310 - loopback

    def send(self, form: str, **fields: str) -> str:
        """The page that follows when the form at that path is sent."""
        found = _TOKEN.search(self.page(form))
        body = urllib.parse.urlencode({**fields, "form_token": found[1] if found else ""})
        return self._read(urllib.request.Request(self.address + form, data=body.encode()))  # noqa: S310 - loopback

    def _read(self, request: urllib.request.Request) -> str:
        with self.opener.open(request, timeout=PATIENCE) as answer:
            return str(answer.read().decode("utf-8", "replace"))
