# SPDX-License-Identifier: Apache-2.0
"""Every release, newest first, a page at a time: for who looks for one, or for all of a kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from interlock.domain.ids import ReleaseId, ServiceName
from interlock.domain.release import ReleasePhase
from interlock.service.gather import Ungoverned
from interlock.service.portraits.listing import STATES, Listed, Roll, Sought, runs_in
from interlock.web.look import Look
from interlock.web.page import Page, Place

LISTED: Final = 50
"""Releases on one page."""
AT: Final = "/releases"


@dataclass(frozen=True, slots=True)
class Line:
    """One release."""

    release: ReleaseId
    service: ServiceName
    version: str
    state: str
    made: datetime
    since: datetime
    reached: str
    """The environment it was proven in last; empty: none."""
    runs_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One page of releases, and what is sought on it."""

    lines: tuple[Line, ...]
    service: str
    state: str
    services: tuple[ServiceName, ...]
    states: tuple[str, ...]
    older: str
    """Where the next page is; empty: these were the last."""
    newest: str
    """Where the first page is; empty: this is it."""


def page(look: Look, roll: Roll, service: str = "", state: str = "", before: int = 0) -> Page:
    """Those of a service, in a state (empty: any). Raises `Ungoverned` (`service.unknown`, `release.state`)."""
    if service and service not in look.services:
        raise Ungoverned("service.unknown", f"there is no service '{service}'", "see `interlock status`")
    if state and state not in STATES:
        raise Ungoverned("release.state", "a release never stands like that", f"say one of {', '.join(STATES)}")
    sought = Sought(ServiceName(service), (ReleasePhase(state),) if state else STATES, before)
    found = roll.called(look.store, look.view).sought(sought, look.services.__contains__, LISTED)
    kept = {name: value for name, value in (("service", service), ("state", state)) if value}
    shown = Catalogue(
        tuple(_line(look, one) for one in found.found),
        service,
        state,
        look.services,
        tuple(one.value for one in STATES),
        _address({**kept, "before": str(found.next)}) if found.next else "",
        _address(kept) if before else "",
    )
    return Page("releases.html", "Releases", Place.RELEASES, {"one": shown, "now": look.now})


def _address(query: Mapping[str, str]) -> str:
    return f"{AT}?{urlencode(query)}" if query else AT


def _line(look: Look, one: Listed) -> Line:
    return Line(
        one.release,
        one.service,
        one.version,
        one.state.value.replace("_", " "),
        one.made,
        one.since,
        one.reached[-1] if one.reached else "",
        runs_in(look.gatherer, one),
    )
