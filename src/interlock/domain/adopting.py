# SPDX-License-Identifier: Apache-2.0
"""Adopting what runs: recording that something is live which did not come by a promotion (I1).

1. What ran before Interlock came is adopted once, on an empty slot, by a signed person.
2. What was found to run instead of what was released (`drift`) may be adopted likewise, and nothing else: by whoever
   the written procedure names for it, and not when its incident has decided that it goes. It is then what that
   incident is about.
3. Where the procedure names who has to agree beside them, it is adopted once two people stand in these two places, in
   whatever order they said so. Their words are about that content under that version, and end with the drift.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from interlock.domain.actor import Actor, Assurance, Person
from interlock.domain.artifact import release_digest
from interlock.domain.authority import NO_INCIDENT, Crew
from interlock.domain.decision import Accepted, Decision, Emitted, Refused, refuse
from interlock.domain.drift import AdoptionAgreed, Drift, DriftEvent, drift_stream
from interlock.domain.ids import Digest, EffectKey, PersonId, RequirementId, RoleName
from interlock.domain.incident import Incident, IncidentEvent, IncidentPhase, incident_stream
from interlock.domain.moment import NEVER
from interlock.domain.outbox import OutboxEvent, Tone, due
from interlock.domain.procedure import Adopters
from interlock.domain.release import Release, ReleaseAdopted, ReleasePhase, release_stream
from interlock.domain.separation import Slot, assign
from interlock.domain.slot import (
    NOTHING,
    AdoptRunning,
    OccupantKind,
    RunningAdopted,
    SlotEvent,
    SlotState,
    slot_stream,
)
from interlock.domain.suspect import StrangerAdopted

NOT_FOUND: Final = Digest("")
"""Nothing was found to run that was not released."""

Emits = SlotEvent | ReleaseAdopted | IncidentEvent | DriftEvent | OutboxEvent


@dataclass(frozen=True, slots=True)
class Stranger:
    """What was found to run there and was not released, its incident, and who may adopt it."""

    drift: Drift = Drift()
    incident: Incident = NO_INCIDENT
    adopters: Adopters = Adopters()
    crew: Crew = field(default_factory=Crew)
    at: datetime = NEVER
    """When somebody asks to adopt it."""


NO_STRANGER: Final = Stranger()
"""Nothing was found."""


def decide(
    state: SlotState, command: AdoptRunning, release: Release, actor: Actor, stranger: Stranger = NO_STRANGER
) -> Decision[Emits]:
    """Whether what runs may be adopted. `release` is the state of the release id it would get."""
    if not isinstance(actor, Person) or actor.assurance is not Assurance.SIGNED:
        return refuse("adopt.unsigned", "what runs is adopted by a signed person", "sign with a registered key")
    digest = release_digest(command.artifacts)
    is_found = stranger.drift.found not in {NOT_FOUND, state.live.digest}
    refused = _not_adopted(command, digest, stranger, actor) if is_found else None
    if refused is not None:
        return refused
    if (state.live != NOTHING and not is_found) or state.kind is not OccupantKind.FREE:
        return refuse(
            "adopt.not_empty",
            f"{command.environment} is governed already: '{state.live.release or state.occupying}' is recorded there",
            "what comes next is promoted, not adopted",
        )
    if release.phase not in {ReleasePhase.ABSENT, ReleasePhase.ADOPTED} or release.digest not in {Digest(""), digest}:
        return refuse(
            "adopt.version_taken",
            f"release '{command.release}' exists with other content",
            "adopt it under another version",
        )
    missing = _missing(command, stranger, actor) if is_found else ""
    if missing:
        return _agreed(command, stranger, actor, missing)
    return Accepted(tuple(_adopted(command, release, digest, stranger, actor)))


def _not_adopted(command: AdoptRunning, digest: Digest, stranger: Stranger, actor: Person) -> Refused | None:
    """Why what was found is not adopted by this person, or not now."""
    found, incident, place = stranger.drift.found, stranger.incident, command.environment
    if digest != found:
        return refuse(
            "adopt.not_found",
            f"what was found to run in {place} is {found[:19]}, and '{command.release}' is {digest[:19]}",
            "adopt the version that runs, or restore what was released (`interlock rollback`)",
        )
    named = stranger.adopters.everybody
    if named and not stranger.crew.holds(actor.id, named):
        return refuse(
            "adopt.role",
            f"what was brought to {place} past the procedure is adopted by {' or '.join(named)}",
            f"ask one of them, or restore what was released (`interlock rollback {place} --to VERSION --reason 'WHY'`)",
        )
    if incident.phase is IncidentPhase.OPEN and incident.is_going_back:
        return refuse(
            "adopt.going_back",
            f"incident {incident.id} has decided that {place} goes back to what was released",
            f"nothing needs doing: see `interlock incident show {incident.id}`",
        )
    return None


def _missing(command: AdoptRunning, stranger: Stranger, actor: Person) -> str:
    """Who has to agree still, besides who did already and this person; empty: nobody."""
    named, crew = stranger.adopters, stranger.crew
    if not named.beside:
        return ""
    before = (person for person, release in stranger.drift.agreed.items() if release == command.release)
    people = tuple(dict.fromkeys((*before, actor.id)))
    places = tuple(_place(number, roles, people, crew) for number, roles in enumerate((named.roles, named.beside)))
    filled = assign(places, crew.solo)
    empty = next((place for place in places if place not in filled), None)
    return " or ".join((named.roles, named.beside)[empty.ordinal]) if empty else ""


def _place(ordinal: int, roles: tuple[RoleName, ...], people: tuple[PersonId, ...], crew: Crew) -> Slot:
    fit = tuple(person for person in people if crew.holds(person, roles))
    return Slot(RequirementId("adopted"), ordinal, "", fit)


def _agreed(command: AdoptRunning, stranger: Stranger, actor: Person, missing: str) -> Decision[Emits]:
    """One of two has said so."""
    service, place, release, drift = command.service, command.environment, command.release, stranger.drift
    if drift.agreed.get(actor.id) == release:
        return refuse(
            "adopt.agreed_already",
            f"you said already that '{release}' is what runs in {place}",
            f"ask somebody else, {missing}, to say so too",
        )
    agreed = AdoptionAgreed(service, place, release, drift.found, actor.id)
    title = f"{place}: {actor.name} would adopt {release}"
    sentence = f"it was not released; somebody else, {missing}, has to agree before it is recorded as live"
    told = due(service, EffectKey(f"{drift.incident}/agreed/{actor.id}/{release}"), Tone.WARNING, title, sentence)
    return Accepted((Emitted(drift_stream(service, place), agreed), told))


def _adopted(
    command: AdoptRunning, release: Release, digest: Digest, stranger: Stranger, actor: Person
) -> Iterator[Emitted[Emits]]:
    if release.phase is ReleasePhase.ABSENT:
        adopted = ReleaseAdopted(
            command.release, command.service, command.version, command.artifacts, command.commit, actor.id
        )
        yield Emitted(release_stream(command.release), adopted)
    running = RunningAdopted(command.service, command.environment, command.release, digest, command.observed, actor.id)
    yield Emitted(slot_stream(command.service, command.environment), running)
    about = stranger.incident
    if about.phase is IncidentPhase.OPEN:
        yield Emitted(incident_stream(about.id), StrangerAdopted(about.id, command.release, actor.id, stranger.at))
