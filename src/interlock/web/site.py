# SPDX-License-Identifier: Apache-2.0
"""Which page stands at which path, and how each is made from the ledger as it is now."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from interlock.service.gather import Ungoverned
from interlock.service.portraits.listing import Roll
from interlock.web import calendar, catalogue, changes, fleet, inbox, incident, measures, pack, record, release, rollout
from interlock.web.figures import Plotter
from interlock.web.look import Look
from interlock.web.measures import Counter
from interlock.web.page import Page, Place, Reader

_NUMBER: Final = 12
"""Digits of a record's number."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What pages of one server remember of its ledger. It all follows from the ledger, and may be forgotten."""

    plotter: Plotter = field(default_factory=Plotter)
    counter: Counter = field(default_factory=Counter)
    roll: Roll = field(default_factory=Roll)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page that is asked for: by whom, what its path names, and what stands behind the question mark."""

    look: Look
    reader: Reader
    memory: Memory
    named: Mapping[str, str]
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """One word of the query; empty where there is none."""
        return next(iter(self.query.get(name, ())), "")


Maker = Callable[[Wanted], Page]


def _records(wanted: Wanted) -> Page:
    before = wanted.one("before")
    return record.page(wanted.look, wanted.one("stream"), number_in(before) if before else 0)


def _releases(wanted: Wanted) -> Page:
    before, roll = wanted.one("before"), wanted.memory.roll
    return catalogue.page(
        wanted.look, roll, wanted.one("service"), wanted.one("state"), number_in(before) if before else 0
    )


def _record(wanted: Wanted) -> Page:
    return record.record_page(wanted.look, number_in(wanted.named["index"]), proven=wanted.one("proof"))


def _keys(wanted: Wanted) -> Page:
    keys = wanted.look.view.people().keys_of(wanted.reader.person)
    return Page("keys.html", "Your keys", Place.NOWHERE, {"keys": keys})


def _explain(wanted: Wanted) -> Page:
    code = wanted.named["code"]
    return Page("explain.html", code, Place.NOWHERE, {"code": code})


PAGES: Final[Mapping[str, Maker]] = {
    "/": lambda wanted: fleet.page(wanted.look),
    "/inbox": lambda wanted: inbox.page(wanted.look, wanted.reader),
    "/incidents": lambda wanted: incident.listing(wanted.look),
    "/incidents/{incident:path}": lambda wanted: incident.page(wanted.look, wanted.named["incident"], wanted.reader),
    "/releases": _releases,
    "/releases/{release:str}": lambda wanted: release.page(
        wanted.look, wanted.named["release"], wanted.reader, wanted.query.get(release.SUPPOSE, ())
    ),
    "/releases/{release:str}/changes": lambda wanted: changes.page(wanted.look, wanted.named["release"]),
    "/rollouts/{release:str}/{environment:str}/{number:str}": lambda wanted: rollout.page(
        wanted.look, promotion_in(wanted.named), wanted.reader
    ),
    "/services/{service:str}/pack": lambda wanted: pack.page(wanted.look, wanted.named["service"]),
    "/calendar": lambda wanted: calendar.page(wanted.look),
    "/metrics-of-delivery": lambda wanted: measures.page(wanted.look, wanted.memory.counter),
    "/ledger": _records,
    "/ledger/records/{index:str}": _record,
    "/explain/{code:str}": _explain,
    "/keys": _keys,
}
"""Every page for people who signed in, by its path."""


def promotion_in(named: Mapping[str, str]) -> str:
    """The promotion that a path names."""
    return f"{named['release']}/{named['environment']}/{named['number']}"


def number_in(text: str) -> int:
    """A record's number. Raises `Ungoverned` (code `record.unknown`)."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _NUMBER):
        raise Ungoverned("record.unknown", f"'{text[:_NUMBER]}' is no number of a record", "see the ledger")
    return int(text)


def maker_of(path: str) -> tuple[Maker, Mapping[str, str]] | None:
    """What makes the page at this path, and what the path names; None where there is no page."""
    for pattern, maker in _PATTERNS:
        found = pattern.fullmatch(path)
        if found:
            return maker, found.groupdict()
    return None


def _pattern(path: str) -> re.Pattern[str]:
    """Names with slashes in them stand last in a path."""
    words = re.sub(r"\{(\w+):str\}", r"(?P<\1>[^/]{1,200})", path)
    return re.compile(re.sub(r"\{(\w+):path\}", r"(?P<\1>.{1,400})", words))


_PATTERNS: Final = tuple((_pattern(path), maker) for path, maker in PAGES.items())
