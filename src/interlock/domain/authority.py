# SPDX-License-Identifier: Apache-2.0
"""Who decides that an environment goes back, and which of several words counts.

1. The primary role's word counts at once. So does a mandated role's word to go back, for what its mandate is about.
   The fallback's counts when nobody of the primary role can be reached: all are away, or none spoke up in time.
2. Whoever has a part in the decision is heard; a word that does not count by itself can still disagree with one that
   does. A disagreement goes to whoever settles it, and their word ends it.
3. To go back is never held up by somebody who would rather stay: a word to go back that counts, counts at once.
4. Silence decides: what nobody decided in time goes back. A role that nobody holds holds nobody up.

Why authority may stand here, when nothing may stand before a decrease of exposure (I0): it stands before *nothing that
decreases exposure*. What is on its way is paused, aborted or rolled back by any registered person, and whatever a
machine sees go wrong goes back without asking. What authority decides about is a release that completed and serves
everybody: leaving it exposes everybody to an older one, which may lose data or bring back what was repaired, and so is
a choice between two releases that were both accepted. It is asked only where the written procedure asks for it, and
every way through it ends by itself in going back: the fallback's clock, the assessment's and the escalation's are all
short, and each of them, run out, leads there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from interlock.domain.absence import Absences
from interlock.domain.actor import Person
from interlock.domain.answering import (
    Answer,
    AnswerEvent,
    Capacity,
    DisagreementArose,
    IncidentDecided,
    Stance,
    Word,
)
from interlock.domain.handling import Authority
from interlock.domain.ids import PersonId, RoleName
from interlock.domain.incident import Incident
from interlock.domain.moment import NEVER, span_in_words

OPEN_TO_ALL: Final = "anybody may pause a rollout (`interlock rollout pause`) or abort it (`interlock abort`) meanwhile"
_FINAL: Final = frozenset({Capacity.MANDATE, Capacity.ESCALATION, Capacity.DECLARED})
"""In these capacities a word ends the matter, whoever disagrees."""
NO_INCIDENT: Final = Incident()


@dataclass(frozen=True, slots=True)
class Crew:
    """Who holds which role, and who is away."""

    holders: Mapping[RoleName, tuple[PersonId, ...]] = field(default_factory=dict)
    absences: Absences = Absences()
    solo: tuple[PersonId, ...] = ()
    """Who declared to hold every role alone."""

    def holds(self, person: PersonId, roles: tuple[RoleName, ...]) -> bool:
        """Whether the person holds one of the roles."""
        return any(person in self.holders.get(role, ()) for role in roles)

    def is_held(self, role: RoleName) -> bool:
        """Whether anybody does."""
        return bool(self.holders.get(role))

    def can_be_reached(self, role: RoleName, now: datetime) -> bool:
        """Whether anybody does who is not away."""
        return any(not self.absences.is_away(person, now) for person in self.holders.get(role, ()))


@dataclass(frozen=True, slots=True)
class Lacking:
    """No part in the decision."""


def capacity_of(
    person: PersonId, answer: Answer, state: Incident, authority: Authority, crew: Crew, now: datetime
) -> Capacity | Lacking:
    """By what right somebody answers so, in an incident or (the empty one) without any."""
    if not any(crew.is_held(role) for role in authority.roles):
        return Capacity.ANYBODY
    if not crew.holds(person, authority.roles):
        return Lacking()
    if _is_mandated(person, answer, state, authority, crew):
        return Capacity.MANDATE
    if crew.holds(person, (authority.escalation,)) and state.stance is Stance.ESCALATED:
        return Capacity.ESCALATION
    if state.settled.capacity is Capacity.ESCALATION:
        return Capacity.HEARD
    if crew.holds(person, (authority.primary,)):
        return Capacity.PRIMARY
    stands_in = crew.holds(person, (authority.fallback,)) and is_out_of_reach(state, authority, crew, now)
    return Capacity.FALLBACK if stands_in else Capacity.HEARD


def is_out_of_reach(state: Incident, authority: Authority, crew: Crew, now: datetime) -> bool:
    """Whether nobody of the primary role can be reached, or none of them has spoken up in time."""
    if not crew.can_be_reached(authority.primary, now):
        return True
    has_spoken = any(word.capacity is Capacity.PRIMARY for word in state.words.values())
    return not has_spoken and state.opened_at != NEVER and now >= state.opened_at + authority.after


def weigh(state: Incident, actor: Person, word: Word, authority: Authority, now: datetime) -> tuple[AnswerEvent, ...]:
    """What follows from a word beyond that it was said."""
    counts = word.capacity is not Capacity.HEARD
    decided = IncidentDecided(state.id, word.answer, word.capacity, str(actor), now)
    if counts and (word.answer is Answer.ROLLBACK or word.capacity in _FINAL):
        return (decided,)
    if not authority.escalation:
        return (decided,) if counts else ()
    if not counts and state.settled.capacity is Capacity.ESCALATION:
        return ()
    others = tuple(other for person, other in state.words.items() if person != actor.id)
    against = tuple(other for other in others if other.answer is not word.answer)
    if against:
        is_serious = counts or any(other.capacity is not Capacity.HEARD for other in against)
        is_known = state.stance in {Stance.DISAGREED, Stance.ESCALATED}
        return (DisagreementArose(state.id, now),) if is_serious and not is_known else ()
    if counts:
        return (decided,)
    return _agreed(state, actor, word, others, now)


def stand_in(state: Incident, authority: Authority, crew: Crew, now: datetime) -> tuple[AnswerEvent, ...]:
    """What the fallback has said already counts from when the primary role is out of reach, if they agree."""
    said = {
        person: word.answer
        for person, word in state.words.items()
        if crew.holds(person, (authority.fallback,)) and word.capacity is Capacity.HEARD
    }
    if len(set(said.values())) != 1:
        return ()
    person, answer = next(iter(said.items()))
    return (IncidentDecided(state.id, answer, Capacity.FALLBACK, f"person:{person}", now),)


def by_silence(state: Incident, now: datetime) -> IncidentDecided:
    """What is decided when nobody decided."""
    return IncidentDecided(state.id, Answer.ROLLBACK, Capacity.SILENCE, "robot:controller", now)


def who_decides(authority: Authority) -> str:
    """Who may, in words."""
    named = [f"{authority.primary} decides that"]
    named += [f"{role} where it is about {' or '.join(labels)}" for role, labels in authority.mandate.items()]
    if authority.fallback:
        named.append(f"{authority.fallback} when they cannot be reached ({span_in_words(authority.after)})")
    return ", ".join(named)


def _agreed(
    state: Incident, actor: Person, word: Word, others: tuple[Word, ...], now: datetime
) -> tuple[AnswerEvent, ...]:
    """Who disagreed does not any more: the word that counts, counts again."""
    if state.stance not in {Stance.DISAGREED, Stance.ESCALATED}:
        return ()
    capacity = next((other.capacity for other in others if other.capacity is not Capacity.HEARD), Capacity.HEARD)
    if capacity is Capacity.HEARD:
        return ()
    return (IncidentDecided(state.id, word.answer, capacity, str(actor), now),)


def _is_mandated(person: PersonId, answer: Answer, state: Incident, authority: Authority, crew: Crew) -> bool:
    return answer is Answer.ROLLBACK and any(
        crew.holds(person, (role,)) and any(one in state.labels for one in labels)
        for role, labels in authority.mandate.items()
    )
