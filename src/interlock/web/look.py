# SPDX-License-Identifier: Apache-2.0
"""One ledger, looked at at one moment: what every page is made from.

1. A page shows one moment. Everything on it comes from one view, so that no two parts of it contradict each other.
2. Looking changes nothing and needs no key.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TypeVar

from interlock.bootstrap.houses import House, repository_at
from interlock.config import Home
from interlock.domain.freeze import FreezeDeclared
from interlock.domain.ids import ServiceName, TextRef
from interlock.identity.refusing import IN_PART, NOT_IN_PART
from interlock.ports.failure import PortFailure
from interlock.ports.source import Commit
from interlock.ports.store import Erased, LedgerStore, Missing
from interlock.service.difference import Changed, differences
from interlock.service.facts import Gathered
from interlock.service.gather import Gatherer, Ungoverned
from interlock.service.view import View
from interlock.service.views import Viewer

T = TypeVar("T")
_SERVICES = "service/"
_TEXT = "text:"


@dataclass(frozen=True, slots=True)
class Commits:
    """What is new in a release; `fault` says why nobody can tell here (empty: it is all there)."""

    found: tuple[Commit, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Differing:
    """What became of the files of a release; `fault` says why nobody can tell here (empty: it is all there)."""

    files: tuple[Changed, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class Look:
    """A house and everything in it as it is now."""

    house: House
    gatherer: Gatherer
    reach: frozenset[ServiceName] = frozenset()
    """The services that who looks is narrowed to; empty: they see every one."""

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
        """Every service of the ledger that may be seen."""
        return tuple(ServiceName(name) for name in self.viewer.names(_SERVICES) if self.sees(ServiceName(name)))

    def part(self, key: Hashable, make: Callable[["Look"], T]) -> T:
        """What is made of what a look shows to anybody, made anew when something of it has moved."""

        def made(viewer: Viewer) -> T:
            return make(replace(self, gatherer=viewer.gatherer, reach=frozenset()))

        return self.viewer.part(key, made)

    def sees(self, service: ServiceName) -> bool:
        """Whether what is of this service may be shown."""
        return not self.reach or service in self.reach

    def touches(self, services: Iterable[ServiceName]) -> bool:
        """Whether what is about these services (none: about every one) is about one that may be seen."""
        named = tuple(services)
        return not named or any(map(self.sees, named))

    def about(self, freeze: FreezeDeclared) -> str:
        """What a freeze holds, in words; of services that may not be seen, that there are others."""
        seen = [one for one in freeze.services if self.sees(one)]
        services = ", ".join(seen) + (" and others" if len(seen) < len(freeze.services) else "")
        return ", ".join(filter(None, (services, *freeze.environments))) or "everything"

    def whole(self) -> "Look":
        """The same, for what cannot be shown in part. Raises `Ungoverned` (code `access.narrowed`)."""
        if self.reach:
            raise Ungoverned("access.narrowed", IN_PART, NOT_IN_PART)
        return self

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

    def paths(self, base: str, commit: str) -> tuple[str, ...]:
        """Which files differ since `base`; none where the repository here does not know."""
        try:
            return _paths(self.house.home, base, commit)
        except PortFailure:
            return ()

    def differing(self, base: str, commit: str) -> Differing:
        """What became of them, line by line."""
        try:
            return Differing(_differences(self.house.home, base, commit))
        except PortFailure as fault:
            return Differing(fault=str(fault))


@lru_cache(maxsize=512)
def _between(home: Home, base: str, commit: str) -> Commits:
    """What lies between two commits never changes; git is asked once."""
    return Commits(tuple(repository_at(home).commits(base, commit)))


@lru_cache(maxsize=512)
def _paths(home: Home, base: str, commit: str) -> tuple[str, ...]:
    return tuple(repository_at(home).differing(base, commit))


@lru_cache(maxsize=16)
def _differences(home: Home, base: str, commit: str) -> tuple[Changed, ...]:
    return differences(repository_at(home), base, commit)


def look_at(house: House, now: datetime, reach: frozenset[ServiceName] = frozenset()) -> Look:
    """This house now, for who sees these services (empty: every one)."""
    view = house.view()
    return Look(house, Gatherer(view, house.library, Gathered(view.latest, house.calendar), now), reach)
