# SPDX-License-Identifier: Apache-2.0
"""From a home on disk to its ledger, opened for reading or for writing.

1. A ledger is opened for writing only by who holds its key; everybody else reads.
2. What only writing or acting needs is imported when it is asked for: reading a ledger must cost next to nothing.
"""

import base64
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from interlock.adapters.calendar.rfc5545 import Rfc5545Calendar
from interlock.adapters.clock import SystemClock, draw, monotonic
from interlock.adapters.store.sqlite import SqliteReader, SqliteStore
from interlock.config import Home
from interlock.domain.ids import CommandId
from interlock.ports.calendar import Calendar
from interlock.ports.failure import Rejected
from interlock.ports.store import LedgerStore
from interlock.service.library import PackLibrary
from interlock.service.remembering import Remembered
from interlock.service.view import View, view_of

if TYPE_CHECKING:
    from interlock.adapters.source.git import GitRepository
    from interlock.bootstrap.workshop import BoundWorkshop
    from interlock.ports.source import SourceRepository
    from interlock.service.compose import Composer
    from interlock.service.handle import Desk, Outcome, Submission
    from interlock.workflows.controller import Controller


@dataclass(frozen=True, slots=True)
class House:
    """Everything of one home, put together around its ledger."""

    home: Home
    store: LedgerStore
    library: PackLibrary = field(default_factory=PackLibrary)
    calendar: Calendar = field(default_factory=Rfc5545Calendar)
    clock: SystemClock = field(default_factory=SystemClock)
    remembered: Remembered = field(default_factory=Remembered)

    @property
    def repository(self) -> "GitRepository":
        """The repository it belongs to."""
        from interlock.adapters.source.git import GitRepository

        return GitRepository(self.home.repository)

    def view(self) -> View:
        """The states of the ledger as they are now."""
        return view_of(self.store, self.remembered)

    def composer(self) -> "Composer":
        """Reads the governance that stands in the repository."""
        from interlock.packs.shelf import Shelf
        from interlock.service.compose import Composer

        return Composer(self.repository, Shelf())

    def hand_in(self, submission: "Submission") -> "Outcome":
        """Hand in what somebody signed: to the live driver where there is one, else straight to the ledger.

        One that is stopped answers nobody, and is not waited for.
        """
        from interlock.workflows.driver import NoDriver, hand_in, has_stopped

        answer = NoDriver() if has_stopped(self.home.lock) else hand_in(self.home.socket, submission)
        if not isinstance(answer, NoDriver):
            return answer
        writing = open_house(self.home)
        with closing(writing.store):
            return writing.desk.submit(submission, writing.clock.now())

    def workshop(self) -> "BoundWorkshop":
        """Builds adapters from recorded bindings."""
        from interlock.bootstrap.workshop import set_up

        return set_up(self.home, self.repository, self.library)


@dataclass(frozen=True, slots=True)
class HouseBeside(House):
    """A home whose ledger is open for writing elsewhere, through a reader that can tell at once whether it grew."""

    store: SqliteReader


@dataclass(frozen=True, slots=True)
class OpenHouse(House):
    """A home whose ledger is open for writing."""

    store: SqliteStore

    @property
    def desk(self) -> "Desk":
        """Where commands are handed in."""
        from interlock.adapters.signer.ssh import SshVerifier
        from interlock.service.handle import Desk

        return Desk(self.store, SshVerifier(), self.library, self.calendar, self.remembered)

    def heal(self) -> None:
        """Bring back what watches over local processes where it was lost. The processes themselves live on."""
        from interlock.adapters.deploy.process import ProcessDeployer
        from interlock.domain.baseline import NOBODYS
        from interlock.domain.traffic import LANES, Lane
        from interlock.workflows.controller import services

        view, workshop = self.view(), self.workshop()
        for service in services(self.store):
            ref = view.service(service).in_force
            for environment in self.library.rules(view, ref).bindings.environments if ref.digest else ():
                held = view.baseline(service, environment).held != NOBODYS
                for lane in (*LANES, Lane.C) if held else LANES:
                    deployer = workshop.deployer(view, ref, environment, lane)
                    if isinstance(deployer, ProcessDeployer):
                        deployer.revive(service, environment)

    def controller(self) -> "Controller":
        """Moves every service of the ledger. Only the holder of the driver's lock may run it.

        The ledger is waited for briefly from then on: who measures does not stand still for somebody who writes.
        """
        from interlock.workflows.aside import Aside
        from interlock.workflows.controller import Controller
        from interlock.workflows.keeper import Keeper
        from interlock.workflows.rounds import Rounds

        self.store.wait_briefly()
        keeper, rounds = Keeper(draw(8).hex(), monotonic), Rounds(asking=Aside())
        return Controller(self.desk, self.workshop(), self.clock, keeper, rounds=rounds, asking=Aside())


def repository_at(home: Home) -> "SourceRepository":
    """The repository a home belongs to, ledger or not."""
    from interlock.adapters.source.git import GitRepository

    return GitRepository(home.repository)


def make_ledger(home: Home, origin: str) -> OpenHouse:
    """A new ledger with a new key. Raises `Rejected` (code `store.exists`) when there is one already."""
    from interlock.adapters.signer.ed25519 import Ed25519Signer
    from interlock.ledger.keyring import OpenLedger

    home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home.folder / ".gitignore").write_text("*\n")  # no part of the repository, worktrees and submodules included
    signer = Ed25519Signer.create(home.key, origin)
    house = OpenHouse(home, SqliteStore.create(home.ledger, origin, signer))
    opening = OpenLedger(origin, base64.b64encode(signer.public_key).decode())
    house.desk.perform(opening, CommandId("open"), house.clock.now())
    return house


def open_house(home: Home) -> OpenHouse:
    """The home's ledger, for writing."""
    from interlock.adapters.signer.ed25519 import Ed25519Signer

    with closing(SqliteReader.open(_existing(home).ledger)) as reader:
        origin = reader.origin
    return OpenHouse(home, SqliteStore.open(home.ledger, Ed25519Signer.load(home.key, origin)))


def read_house(home: Home) -> House:
    """The home's ledger, for reading only: no key is touched."""
    return House(home, SqliteReader.open(_existing(home).ledger))


def read_beside(house: OpenHouse) -> HouseBeside:
    """The same ledger through a reader of its own, for who must not wait for writers; what was folded is shared."""
    return HouseBeside(house.home, house.store.beside(), house.library, house.calendar, house.clock, house.remembered)


def _existing(home: Home) -> Home:
    if not home.exists:
        raise Rejected(
            "home.none",
            f"there is no ledger at {home.folder}",
            "run `interlock init` in your repository, or name the ledger's folder with INTERLOCK_HOME",
        )
    return home
