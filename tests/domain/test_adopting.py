# SPDX-License-Identifier: Apache-2.0
"""Adopting what runs: once, where nothing is, or what was found there, by whom the procedure names."""

from dataclasses import replace

import pytest
from tests.domain.shop import (
    A0,
    A1,
    ANN,
    BOB,
    CYD,
    D0,
    D1,
    D2,
    DAN,
    PRODUCTION,
    R0,
    R1,
    SHOP,
    START,
    ann,
    bob,
    cyd,
    dan,
)
from tests.domain.story import Given, given

from interlock.domain import drift
from interlock.domain.actor import CONTROLLER, Actor, Assurance, Person
from interlock.domain.adopting import Stranger, decide
from interlock.domain.answering import Answer, Capacity, Settled, Stance
from interlock.domain.authority import Crew
from interlock.domain.decision import Accepted
from interlock.domain.drift import AdoptionAgreed, Drift, DriftEnded, DriftFound
from interlock.domain.ids import IncidentId, PersonId, ReleaseId, RoleName
from interlock.domain.incident import Incident, IncidentPhase
from interlock.domain.outbox import MessageDue
from interlock.domain.procedure import Adopters
from interlock.domain.release import Release, ReleaseAdopted, ReleasePhase
from interlock.domain.slot import (
    AdoptRunning,
    LiveChanged,
    LiveVerified,
    OccupantKind,
    RunningAdopted,
    SlotOccupied,
    SlotState,
    evolve,
)
from interlock.domain.suspect import StrangerAdopted

ADOPT = AdoptRunning(SHOP, PRODUCTION, R0, "1.0", (A0,), "c0ffee", "confirmed")
RUNNING = RunningAdopted(SHOP, PRODUCTION, R0, D0, "confirmed", DAN)
ADOPTED = Release(ReleasePhase.ADOPTED, R0, SHOP, digest=D0)
OCCUPIED = SlotOccupied(OccupantKind.PROMOTION, "p1", R1)


def test_what_runs_is_adopted_with_its_release() -> None:
    given(SlotState(), evolve).when(lambda state: decide(state, ADOPT, Release(), dan)).then(
        ReleaseAdopted(R0, SHOP, "1.0", (A0,), "c0ffee", DAN), RUNNING
    )


def test_the_same_content_is_adopted_in_a_second_environment() -> None:
    given(SlotState(), evolve).when(lambda state: decide(state, ADOPT, ADOPTED, dan)).then(RUNNING)


@pytest.mark.parametrize("actor", [CONTROLLER, Person(DAN, Assurance.AUTHENTICATED)])
def test_what_runs_is_adopted_by_a_signature(actor: Actor) -> None:
    given(SlotState(), evolve).when(lambda state: decide(state, ADOPT, Release(), actor)).refused("adopt.unsigned")


@pytest.mark.parametrize("events", [(RUNNING,), (OCCUPIED,), (LiveChanged(R1, D1),)])
def test_adopting_is_possible_only_where_nothing_is(events: tuple[RunningAdopted, ...]) -> None:
    given(SlotState(), evolve, *events).when(lambda state: decide(state, ADOPT, Release(), dan)).refused(
        "adopt.not_empty"
    )


@pytest.mark.parametrize("release", [Release(ReleasePhase.OPEN, R0, digest=D0), replace(ADOPTED, digest=D1)])
def test_a_version_with_other_content_is_not_adopted(release: Release) -> None:
    given(SlotState(), evolve).when(lambda state: decide(state, ADOPT, release, dan)).refused("adopt.version_taken")


def test_a_slot_that_was_freed_of_an_unknown_release_names_what_is_live() -> None:
    state = given(SlotState(), evolve, OCCUPIED).state
    told = decide(state, replace(ADOPT, artifacts=(A1,)), Release(), dan)
    assert "shop@1.1" in str(told)


def test_what_was_found_to_run_may_be_adopted_in_place_of_what_is_live() -> None:
    then = given(SlotState(), evolve, LiveChanged(R1, D1), LiveVerified(R1, D1))
    then.when(lambda state: decide(state, ADOPT, ADOPTED, dan, Stranger(Drift(found=D0)))).then(RUNNING)


def test_nothing_else_than_what_was_found_may_be_adopted() -> None:
    then = given(SlotState(), evolve, LiveChanged(R1, D1), LiveVerified(R1, D1))
    then.when(lambda state: decide(state, ADOPT, ADOPTED, dan, Stranger(Drift(found=D2)))).refused("adopt.not_found")


def test_what_was_found_is_not_adopted_while_something_moves() -> None:
    then = given(SlotState(), evolve, LiveChanged(R1, D1), OCCUPIED)
    then.when(lambda state: decide(state, ADOPT, ADOPTED, dan, Stranger(Drift(found=D0)))).refused("adopt.not_empty")


def test_what_is_live_already_is_not_adopted_again() -> None:
    then = given(SlotState(), evolve, RUNNING)
    then.when(lambda state: decide(state, ADOPT, ADOPTED, dan, Stranger(Drift(found=D0)))).refused("adopt.not_empty")


OPEN_CASE = Incident(IncidentPhase.OPEN, IncidentId("shop/production/drift-1"), SHOP, PRODUCTION, R1)


GOING_BACK = replace(
    OPEN_CASE, stance=Stance.DECIDED, settled=Settled(Answer.ROLLBACK, Capacity.SILENCE, "robot:controller")
)


LEADS = (RoleName("lead"),)


STRANGER = Stranger(Drift(found=D0), OPEN_CASE, Adopters(LEADS), Crew({RoleName("lead"): (DAN,)}), START)


def test_what_was_adopted_is_what_its_incident_is_about() -> None:
    then = given(SlotState(), evolve, LiveChanged(R1, D1), LiveVerified(R1, D1))
    then.when(lambda state: decide(state, ADOPT, ADOPTED, dan, STRANGER)).then(
        RUNNING, StrangerAdopted(OPEN_CASE.id, R0, DAN, START)
    )


def test_an_incident_that_is_closed_stays_as_it_was() -> None:
    closed = replace(STRANGER, incident=replace(OPEN_CASE, phase=IncidentPhase.CLOSED))
    then = given(SlotState(), evolve, LiveChanged(R1, D1), LiveVerified(R1, D1))
    then.when(lambda state: decide(state, ADOPT, ADOPTED, dan, closed)).then(RUNNING)


def test_what_was_found_is_adopted_only_by_whom_the_procedure_names() -> None:
    others = replace(STRANGER, crew=Crew({RoleName("lead"): (PersonId("ann"),)}))
    then = given(SlotState(), evolve, LiveChanged(R1, D1), LiveVerified(R1, D1))
    then.when(lambda state: decide(state, ADOPT, ADOPTED, dan, others)).refused("adopt.role")


def test_what_goes_back_is_not_adopted() -> None:
    going = replace(STRANGER, incident=GOING_BACK)
    then = given(SlotState(), evolve, LiveChanged(R1, D1), LiveVerified(R1, D1))
    then.when(lambda state: decide(state, ADOPT, ADOPTED, dan, going)).refused("adopt.going_back")


OWNER, SECURITY = RoleName("owner"), RoleName("security")
FOUND = DriftFound(SHOP, PRODUCTION, R1, D1, D0, "1.0", OPEN_CASE.id, START)
SAID = AdoptionAgreed(SHOP, PRODUCTION, R0, D0, ANN)
HELD = Crew({OWNER: (ANN, BOB), SECURITY: (BOB, CYD)})


def of_two(*events: drift.DriftEvent, crew: Crew = HELD) -> Stranger:
    """It takes an owner and, beside them, security; these things happened since it was found."""
    state = Drift()
    for event in (FOUND, *events):
        state = drift.evolve(state, event)
    return Stranger(state, OPEN_CASE, Adopters((OWNER,), (SECURITY,)), crew, START)


def governed() -> Given[SlotState]:
    return given(SlotState(), evolve, LiveChanged(R1, D1), LiveVerified(R1, D1))


def test_one_of_two_is_recorded_and_told_and_adopts_nothing() -> None:
    told = decide(governed().state, ADOPT, ADOPTED, ann, of_two())
    assert isinstance(told, Accepted)
    agreed, message = (emitted.event for emitted in told.events)
    assert agreed == SAID
    assert isinstance(message, MessageDue)
    assert "security" in message.body


@pytest.mark.parametrize(("first", "second"), [(ann, cyd), (cyd, ann), (bob, ann), (bob, cyd)])
def test_two_people_in_the_two_places_adopt_it(first: Person, second: Person) -> None:
    said = replace(SAID, by=first.id)
    governed().when(lambda state: decide(state, ADOPT, ADOPTED, second, of_two(said))).then(
        replace(RUNNING, by=second.id), StrangerAdopted(OPEN_CASE.id, R0, second.id, START)
    )


def test_who_holds_both_roles_stands_in_one_place_only() -> None:
    assert isinstance(decide(governed().state, ADOPT, ADOPTED, bob, of_two()), Accepted)
    then = governed()
    then.when(lambda state: decide(state, ADOPT, ADOPTED, bob, of_two(replace(SAID, by=BOB)))).refused(
        "adopt.agreed_already"
    )


def test_who_declared_solo_mode_stands_in_both_places() -> None:
    alone = replace(HELD, solo=(BOB,))
    governed().when(lambda state: decide(state, ADOPT, ADOPTED, bob, of_two(crew=alone))).then(
        replace(RUNNING, by=BOB), StrangerAdopted(OPEN_CASE.id, R0, BOB, START)
    )


def test_who_holds_neither_role_does_not_agree() -> None:
    governed().when(lambda state: decide(state, ADOPT, ADOPTED, dan, of_two(SAID))).refused("adopt.role")


@pytest.mark.parametrize(
    "since",
    [(SAID, replace(FOUND, found=D2), FOUND), (SAID, DriftEnded(SHOP, PRODUCTION, R1, START), FOUND)],
    ids=["other content", "the end"],
)
def test_a_word_ends_with_what_it_was_about(since: tuple[drift.DriftEvent, ...]) -> None:
    told = decide(governed().state, ADOPT, ADOPTED, cyd, of_two(*since))
    assert isinstance(told, Accepted)
    assert told.events[0].event == replace(SAID, by=CYD)


def test_a_word_is_about_one_version() -> None:
    other = replace(SAID, release=ReleaseId("shop@9.9"))
    told = decide(governed().state, ADOPT, ADOPTED, cyd, of_two(other))
    assert isinstance(told, Accepted)
    assert told.events[0].event == replace(SAID, by=CYD)


def test_a_word_counts_only_while_its_person_holds_the_role() -> None:
    lost = Crew({OWNER: (BOB,), SECURITY: (CYD,)})
    told = decide(governed().state, ADOPT, ADOPTED, cyd, of_two(SAID, crew=lost))
    assert isinstance(told, Accepted)
    assert told.events[0].event == replace(SAID, by=CYD)
