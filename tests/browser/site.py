# SPDX-License-Identifier: Apache-2.0
"""A repository with people and rules, the server itself in a process of its own, and a real browser before it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import chdir, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.cli.workplace import BINDINGS, PEOPLE, Answer, Workplace, open_workplace
from tests.ports import free_port

from interlock.bootstrap.accounts import open_accounts
from interlock.config import find_home
from interlock.domain.ids import PersonId
from interlock.identity.passwords import hashed
from interlock.ports.accounts import Account, Rank, Standing

COMMAND: tuple[str, ...] = (str(Path(sys.executable).with_name("interlock")),)
CHROMIUM: Final = "/usr/bin/chromium"
PASSWORD: Final = "a long enough word for tests"
PATIENCE: Final = 60.0
"""Seconds a server may take to come up, and the driver to move something."""
DESK: Final = (1280, 900)
PHONE: Final = (390, 844)
SHOTS: Final = Path(__file__).resolve().parents[2] / "build" / "screenshots"


def by_password(pack: str) -> str:
    """The rules of a team for whom being signed in is sure enough for sign-offs and approvals."""
    signoff = "        signoff:\n          roles: [developer, release-manager]\n"
    approval = "approval: {roles: [reviewer, release-manager]}"
    assert signoff in pack
    assert approval in pack
    return pack.replace(signoff, f"{signoff}          assurance: authenticated\n").replace(
        approval, "approval: {roles: [reviewer, release-manager], assurance: authenticated}"
    )


@dataclass
class Site:
    """The server and where it is reached."""

    place: Workplace
    process: "subprocess.Popen[bytes]"
    port: int
    told: Path
    seen: list[str] = field(default_factory=list)
    """What browsers complained of."""

    @property
    def url(self) -> str:
        """By its name: passkeys are bound to one."""
        return f"http://localhost:{self.port}"

    def done(self, person: str, *words: str) -> Answer:
        """A command as this person gives it; it must be done."""
        with chdir(self.place.folder):
            return self.place.done(person, *words)

    def ledger_key(self) -> str:
        """What others verify copies with."""
        return str(self.done("cat", "ledger", "key")["key"])


@contextmanager
def serving(folder: Path, keys: Path) -> Iterator[Site]:
    """A site with v1.0.0 live and v1.1.0 made; everybody may sign in with the same password."""
    with chdir(folder):
        place = open_workplace(folder, keys, BINDINGS, by_password)
        place.commit("app.txt", "two\n", tag="v1.1.0")
        place.done("dan", "change", "open", "CR-1", "--title", "Say <two> & more")
        place.done("dan", "release", "create", "v1.1.0")
    kept = hashed(PASSWORD)
    with closing(open_accounts(find_home(folder))) as accounts:
        for person in PEOPLE:
            accounts.add(
                Account(PersonId(person), Rank.MEMBER, Standing.ACTIVE, kept, datetime(2026, 1, 1, tzinfo=UTC))
            )
    told = folder.parent / "server.log"
    port = free_port()
    with told.open("wb") as log:
        argv = [*COMMAND, "serve", "--port", str(port)]
        process = subprocess.Popen(argv, cwd=folder, env=environment(keys), stdout=log, stderr=log)
        try:
            site = Site(place, process, port, told)
            until_up(site)
            yield site
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def environment(keys: Path) -> dict[str, str]:
    """Nobody's own configuration."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("COVERAGE", "PYTHON"))}
    return {**kept, "HOME": str(keys), "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}


def until_up(site: Site) -> None:
    """Wait until it answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if httpx.get(f"{site.url}/readyz", timeout=1).is_success:
                return
        except httpx.TransportError:
            assert site.process.poll() is None, site.told.read_text()
        time.sleep(0.05)
    raise AssertionError(site.told.read_text())


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Chromium as Debian has it."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def visitor(browser: Browser, site: Site, size: tuple[int, int] = DESK, scheme: str = "light") -> BrowserContext:
    """A browser of somebody's own; whatever it complains of is kept."""
    width, height = size
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="en-GB",
        reduced_motion="reduce",
    )
    context.on("console", lambda one: site.seen.append(one.text) if one.type in {"error", "warning"} else None)
    context.on("weberror", lambda one: site.seen.append(str(one.error)))
    context.set_default_timeout(PATIENCE * 1000)
    expect.set_options(timeout=PATIENCE * 1000)
    return context


def sign_in(context: BrowserContext, person: str, where: str = "/") -> Page:
    """Sign in as this person; gives the page they come to."""
    page = context.new_page()
    page.goto(where)
    page.get_by_label("Handle").fill(person)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


def photographed(page: Page, name: Path) -> None:
    """Keep how it looks."""
    place = SHOTS / name
    place.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=place, full_page=True)
