# SPDX-License-Identifier: Apache-2.0
"""An inbox: everything that waits for one person, by when. What bites first stands first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from interlock.domain.answering import Stance
from interlock.domain.clocks import running
from interlock.domain.handling import AttestationAsked, GapsAsked, Handling, QuestionAsked, ReportAsked
from interlock.domain.ids import PersonId, RoleName, ServiceName
from interlock.domain.incident import Incident
from interlock.domain.moment import NEVER
from interlock.domain.owing import ahead, is_done, owed
from interlock.domain.procedure import Governance
from interlock.service.casework import room
from interlock.service.rollouts import NoRollout, Onlooker
from interlock.service.views import ServiceStatus, Viewer


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits: what is asked, about what (`kind` and `id`), why, by when, and the command for it.

    `due` is NEVER where there is no deadline; `command` is empty where none is known.
    """

    asked: str
    kind: str
    id: str
    why: str
    due: datetime = NEVER
    command: str = ""


def inbox(viewer: Viewer, services: tuple[ServiceName, ...], person: PersonId) -> tuple[Item, ...]:
    """What waits for this person, the nearest deadline first."""
    found = viewer.status(services)
    items: list[Item] = []
    for one in found.services:
        items += _of_releases(one, person)
        items += _of_rollouts(viewer, one, person)
        items += _owed(one, person)
    for incident in found.incidents:
        if incident.service in services:
            items += _of_incident(viewer, incident, person)
    return tuple(sorted(items, key=lambda item: (item.due == NEVER, item.due)))


def _of_releases(one: ServiceStatus, person: PersonId) -> Iterator[Item]:
    for release in one.releases:
        for wait in release.awaited:
            if person in wait.whom.people:
                what = wait.finding
                yield Item(what.subject, "release", release.release.id, what.sentence, command=wait.command)


def _of_rollouts(viewer: Viewer, one: ServiceStatus, person: PersonId) -> Iterator[Item]:
    for slot in one.slots:
        seen = Onlooker().there(viewer, one.service.name, slot.environment)
        for wait in () if isinstance(seen, NoRollout) else seen.awaited:
            if person in wait.whom.people:
                yield Item("the next step", "rollout", slot.state.occupant, wait.finding.sentence, command=wait.command)


def _owed(one: ServiceStatus, person: PersonId) -> Iterator[Item]:
    governance, procedure = one.governance, one.governance.procedure
    for asked in one.waivers:
        if _may(governance, person, procedure.waivers.authority, asked.by):
            why, then = f"'{asked.requirement}' for {asked.environment}", f"interlock waive grant {asked.waiver}"
            yield Item("grant a waiver", "waiver", asked.waiver, why, asked.expires, then)
    for digest, proposal in one.proposals:
        if _may(governance, person, procedure.governors, proposal.by):
            short = digest.removeprefix("sha256:")[:12]
            then = f"interlock governance approve {short}"
            yield Item("approve new rules", "governance", digest, f"proposed by {proposal.by}", command=then)
    for review in one.reviews:
        if person not in review.parties:
            why, then = "somebody who had no part in it", f"interlock change review {review.change} --outcome 'WHAT'"
            yield Item("review an emergency", "change", review.change, why, review.due, then)


def _may(governance: Governance, person: PersonId, roles: tuple[RoleName, ...], asker: PersonId) -> bool:
    return governance.holds_any(person, roles) and (person != asker or person in governance.solo)


def _of_incident(viewer: Viewer, state: Incident, person: PersonId) -> Iterator[Item]:
    around = room(state, viewer.gatherer)
    handling = around.handling
    due = min((one.due for one in running(handling, state)), default=NEVER)
    then = f"interlock incident show {state.id}"
    if state.stance is not Stance.DECIDED and around.crew.holds(person, handling.authority.roles):
        yield Item("decide what is done", "incident", state.id, "nobody's word has settled it yet", due, then)
    for duty, roles in _duties(handling, state):
        if around.crew.holds(person, roles):
            yield Item(duty, "incident", state.id, "it is owed before the incident may be closed", due, then)


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
