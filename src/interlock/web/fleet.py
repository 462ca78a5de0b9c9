# SPDX-License-Identifier: Apache-2.0
"""The fleet: every service in every environment, what runs there since when and by whose word, what waits for whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from interlock.domain.actor import name_of
from interlock.domain.delivery import Deliveries
from interlock.domain.drift import Drift
from interlock.domain.freeze import FreezeDeclared
from interlock.domain.ids import EnvironmentName, PromotionId, ReleaseId, ServiceName
from interlock.domain.incident import Incident
from interlock.domain.slot import LiveStanding, OccupantKind
from interlock.domain.traffic import UNEXPOSED
from interlock.service.rollouts import NoRollout, Onlooker, exposure_in_words
from interlock.service.views import OpenRelease, ServiceStatus, Slot
from interlock.web.look import Look
from interlock.web.page import Page, Place
from interlock.web.paper import span


@dataclass(frozen=True, slots=True)
class Moving:
    """What goes on in an environment, in words, and where to look at it (empty: nowhere)."""

    words: str
    href: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One service in one environment."""

    environment: EnvironmentName
    release: ReleaseId
    version: str
    since: datetime
    by: str
    standing: str
    """`verified`, `adopted`, `unproven` or nothing."""
    moving: tuple[Moving, ...]
    queued: int
    drift: str
    """What is known to run otherwise than it should, in words; empty: nothing."""
    is_drifting: bool
    unseen: str
    """Why it cannot be told what runs; empty: it can."""


@dataclass(frozen=True, slots=True)
class Row:
    """One service."""

    status: ServiceStatus
    cells: tuple[Cell, ...]
    deliveries: Deliveries

    @property
    def name(self) -> ServiceName:
        """Its name."""
        return self.status.service.name

    def spans(self, now: datetime) -> tuple[str, ...]:
        """For how long each has been what runs; empty where nothing is known to run."""
        return tuple(span(now - one.since) if one.version else "" for one in self.cells)

    @property
    def unseen(self) -> tuple[str, ...]:
        """Where it cannot be told what runs, and why."""
        return tuple(f"{one.environment}: {one.unseen}" for one in self.cells if one.unseen)

    @property
    def releases(self) -> tuple[OpenRelease, ...]:
        """What is on its way."""
        return self.status.releases


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything at a glance."""

    rows: tuple[Row, ...]
    incidents: tuple[Incident, ...]
    freezes: tuple[tuple[FreezeDeclared, str], ...]
    """Each with what it is about, in words."""
    whose: str = ""
    """To which services who looks is narrowed: for the same ones it is the same."""


def fleet(look: Look) -> Fleet:
    """Everything at a glance, now."""
    found = look.viewer.status(())
    rows = look.part("rows", _rows)
    if look.reach:
        rows = tuple(row for row in rows if look.sees(row.name))
    incidents = tuple(one for one in found.incidents if look.sees(one.service)) if look.reach else found.incidents
    freezes = tuple((one, look.about(one)) for one in found.freezes if look.touches(one.services))
    return Fleet(rows, incidents, freezes, " ".join(sorted(look.reach)))


def page(look: Look) -> Page:
    """The first page."""
    second = look.now.replace(microsecond=0)
    return Page("fleet.html", "Fleet", Place.FLEET, {"fleet": fleet(look), "now": look.now, "second": second})


def _rows(look: Look) -> tuple[Row, ...]:
    rows = (look.part(("row", name), partial(_row, name)) for name in look.services)
    return tuple(row for row in rows if row is not None)


def _row(name: ServiceName, look: Look) -> Row | None:
    status = look.viewer.service(name)
    if status is None:
        return None
    return Row(status, look.part(("cells", name), partial(_cells, name)), status.deliveries)


def _cells(name: ServiceName, look: Look) -> tuple[Cell, ...]:
    drifts = look.viewer.drifts(name)
    return tuple(_cell(look, name, slot, drifts.get(slot.environment)) for slot in look.viewer.slots(name))


def _cell(look: Look, name: ServiceName, slot: Slot, drift: Drift | None) -> Cell:
    state = slot.state
    return Cell(
        environment=slot.environment,
        release=state.live.release,
        version=slot.version,
        since=slot.since,
        by=_released_by(look, slot),
        standing=state.standing.value if slot.version else "",
        moving=tuple(_moving(look, name, slot)),
        queued=len(state.queue),
        drift="" if drift is None else _drifted(drift),
        is_drifting=drift is not None and drift.is_open,
        unseen="" if drift is None or drift.is_open else drift.why,
    )


def _drifted(drift: Drift) -> str:
    return "something else runs than was released" if drift.is_open else "what runs is not reported"


def _released_by(look: Look, slot: Slot) -> str:
    """Who asked for what is live: of its last promotion there, or who vouched for it."""
    state = slot.state
    if not state.live.release:
        return ""
    if state.standing is LiveStanding.ADOPTED:
        return state.vouched.by
    asked = look.store.streams(f"promotion/{state.live.release}/{slot.environment}/")
    if not asked:
        return ""
    last = look.view.promotion(PromotionId(asked[-1].removeprefix("promotion/")))
    return name_of(last.by)


def _moving(look: Look, service: ServiceName, slot: Slot) -> Iterator[Moving]:
    match slot.state.kind:
        case OccupantKind.PROMOTION:
            yield _promoted(look, service, slot)
        case OccupantKind.ROLLBACK:
            yield Moving(f"going back: {slot.under_way.replace('_', ' ')}")
        case OccupantKind.FREE:
            return


def _promoted(look: Look, service: ServiceName, slot: Slot) -> Moving:
    version = slot.state.occupying.rpartition(":")[2]
    seen = Onlooker().there(look.viewer, service, slot.environment)
    if isinstance(seen, NoRollout):
        return Moving(f"{version}: {slot.under_way.replace('_', ' ')}", ("releases", slot.state.occupying))
    share = "" if seen.exposure == UNEXPOSED else f", {exposure_in_words(seen.exposure)} of traffic"
    return Moving(f"{version}: {slot.under_way.replace('_', ' ')}{share}", ("rollouts", slot.state.occupant))
