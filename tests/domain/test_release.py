# SPDX-License-Identifier: Apache-2.0
"""Releases: what they hold, what voids decisions about them, and their ends."""

from dataclasses import replace

import pytest
from tests.domain.shop import (
    A0,
    A1,
    A2,
    ANN,
    BOB,
    C1,
    D0,
    D1,
    DAN,
    G1,
    G2,
    OTHER_PLANS,
    PLANS,
    PRODUCTION,
    R0,
    R1,
    SHOP,
    STAGING,
    WORDS,
    ann,
    artifact,
    bob,
    creation,
    ref,
)
from tests.domain.story import given

from interlock.domain.actor import CONTROLLER, Actor, Assurance, Person
from interlock.domain.change import Change, ChangeKind, ChangePhase
from interlock.domain.governance import ReleaseDelisted, ReleaseListed, Service
from interlock.domain.ids import PersonId, ServiceName
from interlock.domain.release import (
    CreateRelease,
    GovernanceRepinned,
    PlansRevised,
    Release,
    ReleaseAdopted,
    ReleaseCreated,
    ReleasePhase,
    ReleaseReached,
    ReleaseRolledBack,
    ReleaseWithdrawn,
    RepinGovernance,
    RevisePlans,
    WithdrawRelease,
    decide,
    delisted,
    evolve,
)

CHANGE = Change(ChangePhase.OPEN, C1, SHOP, ChangeKind.NORMAL, WORDS, ANN)
SERVICE = Service(SHOP, ref(G1))
CREATE = creation(R1, C1, A1)
CREATED = ReleaseCreated(R1, SHOP, "1.1", C1, (A1,), "c0ffee", "", (ANN,), 0, G1.digest, G1.digest, PLANS)
LISTED = ReleaseListed(SHOP, R1)
REPINNED = GovernanceRepinned(R1, G2.digest)


def test_a_release_pins_the_governance_in_force_and_is_listed() -> None:
    given(Release(), evolve).when(lambda state: decide(state, CREATE, CHANGE, SERVICE, ann)).then(CREATED, LISTED)


def test_the_author_of_the_change_is_an_author_of_the_release() -> None:
    command = replace(CREATE, authors=(BOB,))
    given(Release(), evolve).when(lambda state: decide(state, command, CHANGE, SERVICE, ann)).then(
        replace(CREATED, authors=(BOB, ANN)), LISTED
    )


def test_who_makes_a_release_is_an_author_of_it() -> None:
    command = replace(CREATE, authors=())
    given(Release(), evolve).when(lambda state: decide(state, command, CHANGE, SERVICE, bob)).then(
        replace(CREATED, authors=(ANN, BOB)), LISTED
    )


@pytest.mark.parametrize("actor", [CONTROLLER, Person(BOB, Assurance.AUTHENTICATED)])
def test_a_release_is_made_by_a_signed_person(actor: Actor) -> None:
    given(Release(), evolve).when(lambda state: decide(state, CREATE, CHANGE, SERVICE, actor)).refused(
        "release.unsigned"
    )


@pytest.mark.parametrize(
    ("command", "change", "service", "code"),
    [
        (CREATE, CHANGE, Service(SHOP), "governance.none"),
        (CREATE, replace(CHANGE, phase=ChangePhase.CLOSED), SERVICE, "release.no_change"),
        (CREATE, Change(), SERVICE, "release.no_change"),
        (CREATE, replace(CHANGE, service=ServiceName("other")), SERVICE, "release.no_change"),
        (replace(CREATE, artifacts=()), CHANGE, SERVICE, "release.no_artifact"),
        (replace(CREATE, artifacts=(A1, A2)), CHANGE, SERVICE, "release.component_twice"),
    ],
)
def test_a_release_that_would_not_be_whole_is_declined(
    command: CreateRelease, change: Change, service: Service, code: str
) -> None:
    given(Release(), evolve).when(lambda state: decide(state, command, change, service, ann)).refused(code)


def test_every_fault_of_a_release_is_named_at_once() -> None:
    command = replace(CREATE, artifacts=())
    given(Release(), evolve, CREATED).when(lambda state: decide(state, command, Change(), Service(), ann)).refused(
        "release.exists", "governance.none", "release.no_change", "release.no_artifact"
    )


def test_two_components_move_as_one() -> None:
    command = replace(CREATE, artifacts=(A1, artifact(b"x", "worker")))
    given(Release(), evolve).when(lambda state: decide(state, command, CHANGE, SERVICE, ann)).then(
        replace(CREATED, artifacts=command.artifacts), LISTED
    )


def test_an_open_release_moves_to_the_governance_in_force() -> None:
    service = replace(SERVICE, in_force=ref(G2))
    given(Release(), evolve, CREATED).when(lambda state: decide(state, RepinGovernance(R1), CHANGE, service, ann)).then(
        REPINNED
    )


def test_a_release_that_is_pinned_to_it_already_does_not_move() -> None:
    given(Release(), evolve, CREATED).when(
        lambda state: decide(state, RepinGovernance(R1), CHANGE, SERVICE, ann)
    ).refused("release.already_pinned")


def test_plans_are_revised() -> None:
    given(Release(), evolve, CREATED).when(
        lambda state: decide(state, RevisePlans(R1, OTHER_PLANS), CHANGE, SERVICE, ann)
    ).then(PlansRevised(R1, OTHER_PLANS))


def test_the_same_plans_are_no_revision() -> None:
    given(Release(), evolve, CREATED).when(
        lambda state: decide(state, RevisePlans(R1, PLANS), CHANGE, SERVICE, ann)
    ).refused("release.same_plans")


def test_a_withdrawn_release_is_taken_off_the_list() -> None:
    given(Release(), evolve, CREATED).when(
        lambda state: decide(state, WithdrawRelease(R1, WORDS), CHANGE, SERVICE, ann)
    ).then(ReleaseWithdrawn(R1, WORDS), ReleaseDelisted(SHOP, R1))


def test_a_robot_changes_no_release() -> None:
    given(Release(), evolve, CREATED).when(
        lambda state: decide(state, WithdrawRelease(R1, WORDS), CHANGE, SERVICE, CONTROLLER)
    ).refused("release.needs_person")


@pytest.mark.parametrize(
    "events",
    [
        (),
        (CREATED, ReleaseWithdrawn(R1, WORDS)),
        (CREATED, ReleaseRolledBack(R1, STAGING)),
        (CREATED, ReleaseReached(R1, PRODUCTION, last=True)),
    ],
)
@pytest.mark.parametrize("command", [RepinGovernance(R1), RevisePlans(R1, OTHER_PLANS), WithdrawRelease(R1, WORDS)])
def test_a_release_that_is_not_open_is_not_changed(
    events: tuple[ReleaseCreated, ...], command: RepinGovernance | RevisePlans | WithdrawRelease
) -> None:
    given(Release(), evolve, *events).when(lambda state: decide(state, command, CHANGE, SERVICE, ann)).refused(
        "release.not_open"
    )


def test_a_revision_only_grows() -> None:
    state = given(Release(), evolve, CREATED, REPINNED, PlansRevised(R1, OTHER_PLANS), PlansRevised(R1, PLANS)).state
    assert (state.revision, state.governance, state.plans) == (3, G2.digest, PLANS)


def test_a_release_remembers_what_it_reached_and_is_completed_at_the_end_of_its_path() -> None:
    halfway = given(Release(), evolve, CREATED, ReleaseReached(R1, STAGING, last=False)).state
    whole = evolve(halfway, ReleaseReached(R1, PRODUCTION, last=True))
    assert (halfway.phase, halfway.reached) == (ReleasePhase.OPEN, (STAGING,))
    assert (whole.phase, whole.reached) == (ReleasePhase.COMPLETED, (STAGING, PRODUCTION))
    assert whole.digest == D1


def test_only_an_open_release_is_taken_off_the_list() -> None:
    state = given(Release(), evolve, CREATED).state
    assert [emitted.event for emitted in delisted(state)] == [ReleaseDelisted(SHOP, R1)]
    assert delisted(replace(state, phase=ReleasePhase.COMPLETED)) == ()


def test_what_was_adopted_has_who_adopted_it_as_author() -> None:
    state = given(Release(), evolve, ReleaseAdopted(R0, SHOP, "1.0", (A0,), "c0ffee", DAN)).state
    assert (state.phase, state.digest, state.authors) == (ReleasePhase.ADOPTED, D0, (PersonId("dan"),))
