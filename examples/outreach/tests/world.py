# SPDX-License-Identifier: Apache-2.0
"""A service with fresh data, and a browser and a program that talk to it without a socket."""

import json
import os
import re
import tempfile
import unittest
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from outreach import auth, campaigns, database, registration, tenancy
from outreach.app import Answer, App
from outreach.campaigns import Draft
from outreach.database import Database
from outreach.faults import Faults
from outreach.metrics import Metrics
from outreach.permissions import Role
from outreach.registration import Registration
from outreach.tenancy import TenantRows
from outreach.web import COOKIE, Request, Service
from outreach.worker import Worker

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse"
IN_MEMORY = "/dev/shm"
auth.COST = 2**4  # passwords of tests may be guessed


class WorldTest(unittest.TestCase):
    """Every test begins with migrated, empty data."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(dir=IN_MEMORY if os.access(IN_MEMORY, os.W_OK | os.X_OK) else None)
        self.addCleanup(folder.cleanup)
        self.now = NOW
        self.data = Database(Path(folder.name))
        database.migrate(self.data, self.now)
        self.faults = Faults(self.data.folder, "9.9.9", is_allowed=True)
        self.app = App(Service("9.9.9", self.data, Metrics(), b"a secret for tests", self.faults))
        self.logged: list[dict[str, object]] = []
        self.worker = Worker(self.data, self.faults, lambda: self.now, lambda **fields: self.logged.append(fields))

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def work(self) -> None:
        """Let the worker do all there is."""
        while self.worker.turn():
            pass

    def add_tenant(self, name: str) -> int:
        """Add a tenant; gives its number."""
        with self.data.writing() as connection:
            return tenancy.add(connection, name, self.now).id

    def add_user(self, name: str, role: Role, tenant: int = tenancy.DEFAULT) -> None:
        """Add somebody who may log in."""
        with self.data.writing() as connection:
            auth.add_user(connection, name, role, PASSWORD, tenant)

    def add_contact(self, name: str, tenant: int = tenancy.DEFAULT) -> int:
        """Add a contact without a task."""
        with self.data.writing() as connection:
            wanted = Registration(name, f"{name.lower()}@example.org", "")
            return registration.keep(TenantRows(connection, tenant), wanted, self.now)

    def add_campaign(self, name: str, *recipients: int, tenant: int = tenancy.DEFAULT) -> int:
        """Add a draft."""
        draft = Draft(name, "News", "There is news.", recipients)
        with self.data.writing() as connection:
            return campaigns.create(TenantRows(connection, tenant), draft, "dana", self.now)

    def logged_in(self, role: Role, tenant: int = tenancy.DEFAULT) -> "Browser":
        """A browser in which somebody with that role has logged in."""
        name = f"{role.value}-{tenant}"
        self.add_user(name, role, tenant)
        browser = Browser(self)
        browser.send("/login", "/login", name=name, password=PASSWORD)
        return browser

    def program(self, role: Role, tenant: int = tenancy.DEFAULT) -> "Program":
        """A program that has the token of somebody with that role."""
        name = f"{role.value}-{tenant}"
        self.add_user(name, role, tenant)
        program = Program(self)
        program.token = program.post("/api/login", name=name, password=PASSWORD)["token"]
        return program

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


class Program:
    """Speaks JSON."""

    def __init__(self, world: WorldTest) -> None:
        self.world = world
        self.token = ""

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Whatever is answered."""
        path, _, query = path.partition("?")
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        sent = b"" if body is None else json.dumps(body).encode()
        return self.world.app.answer(Request(method, path, query, headers, sent), self.world.now)

    def status(self, method: str, path: str, body: object = None) -> int:
        """Only how it is answered."""
        return int(self.ask(method, path, body).response.status)

    def get(self, path: str) -> dict[str, Any]:
        """The document there."""
        return dict(json.loads(self.ask("GET", path).response.body))

    def post(self, path: str, **body: object) -> dict[str, Any]:
        """The document that is answered."""
        return dict(json.loads(self.ask("POST", path, body).response.body))
