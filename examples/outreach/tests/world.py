# SPDX-License-Identifier: Apache-2.0
"""A service with fresh data, and a browser that talks to it without a socket."""

import os
import re
import tempfile
import unittest
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from outreach import auth, database
from outreach.app import Answer, App
from outreach.database import Database
from outreach.metrics import Metrics
from outreach.permissions import Role
from outreach.web import COOKIE, Request, Service

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse"
IN_MEMORY = "/dev/shm"


class WorldTest(unittest.TestCase):
    """Every test begins with migrated, empty data."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(dir=IN_MEMORY if os.access(IN_MEMORY, os.W_OK | os.X_OK) else None)
        self.addCleanup(folder.cleanup)
        self.now = NOW
        self.data = Database(Path(folder.name))
        database.migrate(self.data, self.now)
        self.app = App(Service("9.9.9", self.data, Metrics(), b"a secret for tests"))

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def add_user(self, name: str, role: Role) -> None:
        """Add somebody who may log in."""
        with self.data.writing() as connection:
            auth.add_user(connection, name, role, PASSWORD)

    def logged_in(self, role: Role) -> "Browser":
        """A browser in which somebody with that role has logged in."""
        self.add_user(role.value, role)
        browser = Browser(self)
        browser.send("/login", "/login", name=role.value, password=PASSWORD)
        return browser

    def count(self, table: str) -> int:
        """How many rows a table has."""
        with self.data.reading() as connection:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


class Browser:
    """Keeps the cookie; does not follow redirects."""

    def __init__(self, world: WorldTest) -> None:
        self.world = world
        self.cookie = ""

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        path, _, query = path.partition("?")
        return self._ask(Request("GET", path, query, self._headers()))

    def send(self, form_on: str, path: str, **fields: str) -> Answer:
        """Send a form with the token of the page it stands on."""
        token = re.search(r'name="form_token" value="([^"]+)"', self.page(form_on))
        return self.post(path, form_token=token[1] if token else "", **fields)

    def post(self, path: str, **fields: str) -> Answer:
        """Send fields as they are."""
        return self._ask(Request("POST", path, "", self._headers(), urlencode(fields).encode()))

    def page(self, path: str) -> str:
        """The text of a page."""
        return self.get(path).response.body.decode()

    def _headers(self) -> dict[str, str]:
        return {"cookie": f"{COOKIE}={self.cookie}"} if self.cookie else {}

    def _ask(self, request: Request) -> Answer:
        answer = self.world.app.answer(request, self.world.now)
        for name, value in answer.response.headers:
            if name == "Set-Cookie":
                self.cookie = value.split(";")[0].removeprefix(f"{COOKIE}=")
        return answer
