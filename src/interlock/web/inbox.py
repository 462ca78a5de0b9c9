# SPDX-License-Identifier: Apache-2.0
"""The inbox: everything that waits for one person, by when, and where to do it. What bites first stands first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from interlock.domain.answering import Stance
from interlock.domain.clocks import running
from interlock.domain.handling import AttestationAsked, GapsAsked, Handling, QuestionAsked, ReportAsked
from interlock.domain.ids import PersonId, RoleName
from interlock.domain.incident import Incident
from interlock.domain.moment import NEVER
from interlock.domain.owing import ahead, is_done, owed
from interlock.domain.procedure import Governance
from interlock.service.casework import room
from interlock.service.rollouts import NoRollout, Onlooker
from interlock.service.views import ServiceStatus
from interlock.web.look import Look
from interlock.web.page import Page, Place, Reader


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits: what is asked, about what, where to do it, by when (NEVER: no deadline)."""

    asked: str
    about: str
    href: tuple[str, ...]
    why: str
    due: datetime = NEVER


def inbox(look: Look, person: PersonId) -> tuple[Item, ...]:
    """What waits for this person, the nearest deadline first."""
    found = look.viewer.status(look.services)
    items: list[Item] = []
    for one in found.services:
        items += _of_releases(one, person)
        items += _of_rollouts(look, one, person)
        items += _owed(one, person)
    for incident in found.incidents:
        items += _of_incident(look, incident, person)
    return tuple(sorted(items, key=lambda item: (item.due == NEVER, item.due)))


def page(look: Look, reader: Reader) -> Page:
    """The reader's inbox."""
    away = look.view.absences()
    model: dict[str, object] = {
        "items": inbox(look, reader.person),
        "now": look.now,
        "is_away": away.is_away(reader.person, look.now),
    }
    return Page("inbox.html", "Inbox", Place.INBOX, model)


def _of_releases(one: ServiceStatus, person: PersonId) -> Iterator[Item]:
    for release in one.releases:
        for wait in release.awaited:
            if person in wait.whom.people:
                about = f"{release.release.service} {release.release.version} before {release.environment}"
                where = ("releases", release.release.id)
                yield Item(wait.finding.subject, about, where, wait.finding.sentence)


def _of_rollouts(look: Look, one: ServiceStatus, person: PersonId) -> Iterator[Item]:
    for slot in one.slots:
        seen = Onlooker().there(look.viewer, one.service.name, slot.environment)
        if isinstance(seen, NoRollout):
            continue
        for wait in seen.awaited:
            if person in wait.whom.people:
                about = f"{seen.promotion.release} in {slot.environment}"
                yield Item("the next step", about, ("rollouts", seen.promotion.id), wait.finding.sentence)


def _owed(one: ServiceStatus, person: PersonId) -> Iterator[Item]:
    governance, name = one.governance, one.service.name
    procedure = governance.procedure
    for asked in one.waivers:
        if _may(governance, person, procedure.waivers.authority, asked.by):
            about = f"'{asked.requirement}' of {asked.release} for {asked.environment}"
            where = ("releases", asked.release)
            yield Item("grant an exception", about, where, f"asked by {asked.by}; it expires", asked.expires)
    for digest, proposal in one.proposals:
        if _may(governance, person, procedure.governors, proposal.by):
            about = f"{name}: rules {digest.removeprefix('sha256:')[:12]}"
            yield Item("approve new rules", about, ("services", name, "pack"), f"proposed by {proposal.by}")
    for review in one.reviews:
        if person not in review.parties:
            about = f"emergency {review.change} of {name}"
            yield Item(
                "review", about, ("services", name, "pack"), "somebody who had no part in it reviews it", review.due
            )


def _may(governance: Governance, person: PersonId, roles: tuple[RoleName, ...], asker: PersonId) -> bool:
    return governance.holds_any(person, roles) and (person != asker or person in governance.solo)


def _of_incident(look: Look, state: Incident, person: PersonId) -> Iterator[Item]:
    around = room(state, look.gatherer)
    handling, where = around.handling, ("incidents", state.id)
    due = min((one.due for one in running(handling, state)), default=NEVER)
    about = f"{state.id}, {state.severity}, {state.environment} of {state.service}"
    if state.stance is not Stance.DECIDED and around.crew.holds(person, handling.authority.roles):
        yield Item("decide what is done", about, where, "nobody's word has settled it yet", due)
    for duty, roles in _duties(handling, state):
        if around.crew.holds(person, roles):
            yield Item(duty, about, where, "it is owed before the incident may be closed", due)


def _duties(handling: Handling, state: Incident) -> Iterator[tuple[str, tuple[RoleName, ...]]]:
    """What is owed now, and by which roles."""
    for duty in owed(handling, state):
        if is_done(duty, state) or ahead(duty, handling, state):
            continue
        match duty.asked:
            case QuestionAsked() | AttestationAsked() | ReportAsked() | GapsAsked() as asked:
                yield duty.id, asked.roles
            case _:
                continue
