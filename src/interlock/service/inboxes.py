# SPDX-License-Identifier: Apache-2.0
"""An inbox: everything that waits for one person, by when. What bites first stands first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial

from interlock.domain.answering import Stance
from interlock.domain.clocks import running
from interlock.domain.handling import AttestationAsked, GapsAsked, Handling, QuestionAsked, ReportAsked
from interlock.domain.ids import PersonId, RoleName, ServiceName
from interlock.domain.incident import Incident
from interlock.domain.moment import NEVER
from interlock.domain.owing import ahead, is_done, owed, stands_apart
from interlock.domain.procedure import Governance
from interlock.service.casework import room
from interlock.service.rollouts import NoRollout, Onlooker
from interlock.service.views import ServiceStatus, Viewer


class Kind(StrEnum):
    """What something that waits is about."""

    RELEASE = "release"
    ROLLOUT = "rollout"
    WAIVER = "waiver"
    GOVERNANCE = "governance"
    CHANGE = "change"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits: what is asked, about what (in words; as `kind` and `id`), why, by when, the command for it.

    `home`: the id of the release, rollout, service or incident with which it is shown. `due` is NEVER where there is no
    deadline; `command` is empty where none is known.
    """

    asked: str
    about: str
    kind: Kind
    id: str
    home: str
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
    of_incidents: list[Item] = []
    for name in services:
        of_incidents += viewer.part(("inbox", name, person), partial(_of_incidents, name, person))
    items += sorted(of_incidents, key=lambda item: item.id)
    return tuple(sorted(items, key=lambda item: (item.due == NEVER, item.due)))


def _of_releases(one: ServiceStatus, person: PersonId) -> Iterator[Item]:
    for waiting in one.releases:
        release = waiting.release
        for wait in waiting.awaited:
            if person in wait.whom.people:
                about, what = f"{release.service} {release.version} before {waiting.environment}", wait.finding
                yield Item(
                    what.subject, about, Kind.RELEASE, release.id, release.id, what.sentence, command=wait.command
                )


def _of_rollouts(viewer: Viewer, one: ServiceStatus, person: PersonId) -> Iterator[Item]:
    for slot in one.slots:
        seen = Onlooker().there(viewer, one.service.name, slot.environment)
        if isinstance(seen, NoRollout):
            continue
        for wait in seen.awaited:
            if person in wait.whom.people:
                about, under_way = f"{seen.promotion.release} in {slot.environment}", seen.promotion.id
                why, then = wait.finding.sentence, wait.command
                yield Item("the next step", about, Kind.ROLLOUT, under_way, under_way, why, command=then)


def _owed(one: ServiceStatus, person: PersonId) -> Iterator[Item]:
    governance, procedure, name = one.governance, one.governance.procedure, one.service.name
    for asked in one.waivers:
        if _may(governance.there(asked.environment), person, procedure.waivers.authority, asked.by):
            about = f"'{asked.requirement}' of {asked.release} for {asked.environment}"
            why, then = f"asked by {asked.by}; it expires", f"interlock waive grant {asked.waiver}"
            yield Item("grant a waiver", about, Kind.WAIVER, asked.waiver, asked.release, why, asked.expires, then)
    for digest, proposal in one.proposals:
        if _may(governance, person, procedure.governors, proposal.by):
            short = digest.removeprefix("sha256:")[:12]
            about, why, then = (
                f"{name}: rules {short}",
                f"proposed by {proposal.by}",
                f"interlock governance approve {short}",
            )
            yield Item("approve new rules", about, Kind.GOVERNANCE, digest, name, why, command=then)
    for review in one.reviews:
        if person not in review.parties:
            about, why = f"emergency {review.change} of {name}", "somebody who had no part in it reviews it"
            then = f"interlock change review {review.change} --outcome 'WHAT'"
            yield Item("review an emergency", about, Kind.CHANGE, review.change, name, why, review.due, then)


def _may(governance: Governance, person: PersonId, roles: tuple[RoleName, ...], asker: PersonId) -> bool:
    return governance.holds_any(person, roles) and (person != asker or person in governance.solo)


def _of_incidents(service: ServiceName, person: PersonId, viewer: Viewer) -> tuple[Item, ...]:
    """Time alone changes none of these: a clock that runs out leaves a record."""
    view = viewer.gatherer.view
    is_open = tuple(view.incident(one) for one in view.docket(service).open)
    return tuple(item for state in is_open for item in _of_incident(viewer, state, person))


def _of_incident(viewer: Viewer, state: Incident, person: PersonId) -> Iterator[Item]:
    around = room(state, viewer.gatherer)
    handling = around.handling
    asked: list[tuple[str, str]] = []
    if state.stance is not Stance.DECIDED and around.crew.holds(person, handling.authority.roles):
        asked.append(("decide what is done", "nobody's word has settled it yet"))
    for duty, people in _duties(handling, state):
        if around.crew.holds(person, people.roles) and stands_apart(people, state, person, around.crew):
            asked.append((duty, "it is owed before the incident may be closed"))
    about = f"{state.id}, {state.severity}, {state.environment} of {state.service}"
    due = min((one.due for one in running(handling, state)), default=NEVER)
    for what, why in asked:
        then = f"interlock incident show {state.id}"
        yield Item(what, about, Kind.INCIDENT, state.id, state.id, why, due, then)


OfPeople = QuestionAsked | AttestationAsked | ReportAsked | GapsAsked


def _duties(handling: Handling, state: Incident) -> Iterator[tuple[str, OfPeople]]:
    """What is owed now by people, and what is asked of them."""
    for duty in owed(handling, state):
        if is_done(duty, state) or ahead(duty, handling, state):
            continue
        match duty.asked:
            case QuestionAsked() | AttestationAsked() | ReportAsked() | GapsAsked() as asked:
                yield duty.id, asked
            case _:
                continue
