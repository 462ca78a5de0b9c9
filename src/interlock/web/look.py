# SPDX-License-Identifier: Apache-2.0
"""One ledger, looked at at one moment: what every page is made from.

1. A page shows one moment. Everything on it comes from one view, so that no two parts of it contradict each other.
2. Looking changes nothing and needs no key.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from interlock.bootstrap.houses import House, repository_at
from interlock.config import Home
from interlock.domain.ids import ServiceName, TextRef
from interlock.ports.failure import PortFailure
from interlock.ports.source import Commit
from interlock.ports.store import Erased, LedgerStore, Missing
from interlock.service.facts import Gathered
from interlock.service.gather import Gatherer
from interlock.service.view import View
from interlock.service.views import Viewer

_SERVICES = "service/"
_TEXT = "text:"


@dataclass(frozen=True, slots=True)
class Commits:
    """What is new in a release; `fault` says why nobody can tell here (empty: it is all there)."""

    found: tuple[Commit, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class Look:
    """A house and everything in it as it is now."""

    house: House
    gatherer: Gatherer

    @property
    def now(self) -> datetime:
        """The moment of looking."""
        return self.gatherer.now

    @property
    def view(self) -> View:
        """Folded states."""
        return self.gatherer.view

    @property
    def store(self) -> LedgerStore:
        """The ledger."""
        return self.house.store

    @cached_property
    def viewer(self) -> Viewer:
        """Read models."""
        return Viewer(self.gatherer, self.store, self.house.library)

    @cached_property
    def services(self) -> tuple[ServiceName, ...]:
        """Every service of the ledger."""
        return tuple(ServiceName(name.removeprefix(_SERVICES)) for name in self.store.streams(_SERVICES))

    def words(self, ref: str) -> str:
        """A person's words kept beside the ledger, or the sentence itself where it is none of theirs."""
        if not ref.startswith(_TEXT):
            return ref
        found = self.store.text(TextRef(ref))
        if isinstance(found, Erased):
            return "(erased)"
        return "" if isinstance(found, Missing) else found.words

    def commits(self, base: str, commit: str) -> Commits:
        """What is new since `base`, newest first, as far as the repository here knows it."""
        try:
            return _between(self.house.home, base, commit)
        except PortFailure as fault:
            return Commits(fault=str(fault))


@lru_cache(maxsize=512)
def _between(home: Home, base: str, commit: str) -> Commits:
    """What lies between two commits never changes; git is asked once."""
    return Commits(tuple(repository_at(home).commits(base, commit)))


def look_at(house: House, now: datetime) -> Look:
    """This house now."""
    facts = Gathered(house.store.head().latest, house.calendar)
    return Look(house, Gatherer(house.view(), house.library, facts, now))
