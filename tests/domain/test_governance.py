# SPDX-License-Identifier: Apache-2.0
"""Which governance is in force, who changes it, and the reviews a service owes. Procedures as data."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.domain.shop import (
    ANN,
    BOB,
    C1,
    C2,
    CYD,
    DAN,
    DEVELOPER,
    G1,
    G2,
    HOUR,
    LEAD,
    PRODUCTION,
    PRODUCTION_ENV,
    QA,
    R1,
    R2,
    SECOND,
    SHOP,
    STAGING,
    STAGING_ENV,
    START,
    WORDS,
    ann,
    bob,
    cyd,
    dan,
    procedure,
    ref,
)
from tests.domain.story import given

from interlock.domain.actor import CONTROLLER, Actor, Assurance, Person
from interlock.domain.change import ChangeKind
from interlock.domain.environment import Environment
from interlock.domain.governance import (
    AdoptGovernance,
    ApproveGovernance,
    CompleteReview,
    GovernanceAdopted,
    GovernanceApproved,
    GovernanceProposed,
    ProposeGovernance,
    ReleaseDelisted,
    ReleaseListed,
    ReviewCompleted,
    ReviewOpened,
    Service,
    decide,
    evolve,
    judge_reviews,
)
from interlock.domain.ids import EnvironmentName, digest_of

ADOPTED = GovernanceAdopted(SHOP, ref(G1), DAN)
PROPOSED = GovernanceProposed(SHOP, ref(G2), WORDS, BOB)
APPROVED = GovernanceApproved(SHOP, ref(G2), CYD)
APPROVE = ApproveGovernance(SHOP, G2.digest)
REVIEW = ReviewOpened(SHOP, C1, (ANN, CYD), START + HOUR)
"""Ann wrote it, Cyd agreed to it."""
SOLO = replace(G1, solo=(BOB,))


def test_the_first_governance_is_adopted_by_a_signed_person() -> None:
    given(Service(), evolve).when(lambda state: decide(state, AdoptGovernance(SHOP, ref(G1)), None, dan)).then(ADOPTED)


@pytest.mark.parametrize("actor", [CONTROLLER, Person(DAN, Assurance.AUTHENTICATED)])
def test_governance_changes_by_signatures_of_people_only(actor: Actor) -> None:
    given(Service(), evolve).when(lambda state: decide(state, AdoptGovernance(SHOP, ref(G1)), None, actor)).refused(
        "governance.unsigned"
    )


def test_governance_is_adopted_once() -> None:
    given(Service(), evolve, ADOPTED).when(
        lambda state: decide(state, AdoptGovernance(SHOP, ref(G2)), G1, dan)
    ).refused("governance.already_adopted")


def test_any_signed_person_proposes_a_governance() -> None:
    given(Service(), evolve, ADOPTED).when(
        lambda state: decide(state, ProposeGovernance(SHOP, ref(G2), WORDS), G1, bob)
    ).then(PROPOSED)


def test_nothing_is_proposed_before_the_first() -> None:
    given(Service(), evolve).when(
        lambda state: decide(state, ProposeGovernance(SHOP, ref(G2), WORDS), None, bob)
    ).refused("governance.none")


def test_what_is_in_force_is_not_proposed() -> None:
    given(Service(), evolve, ADOPTED).when(
        lambda state: decide(state, ProposeGovernance(SHOP, ref(G1), WORDS), G1, bob)
    ).refused("governance.no_change")


def test_another_person_who_governs_approves_a_proposal() -> None:
    given(Service(), evolve, ADOPTED, PROPOSED).when(lambda state: decide(state, APPROVE, G1, cyd)).then(APPROVED)


def test_who_proposed_does_not_approve() -> None:
    given(Service(), evolve, ADOPTED, PROPOSED).when(lambda state: decide(state, APPROVE, G1, bob)).refused(
        "governance.own_proposal"
    )


def test_who_declared_solo_mode_approves_their_own() -> None:
    given(Service(), evolve, ADOPTED, PROPOSED).when(lambda state: decide(state, APPROVE, SOLO, bob)).then(
        replace(APPROVED, by=BOB)
    )


def test_who_holds_no_governing_role_does_not_approve() -> None:
    given(Service(), evolve, ADOPTED, PROPOSED).when(lambda state: decide(state, APPROVE, G1, ann)).refused(
        "governance.role"
    )


def test_what_is_not_proposed_is_not_approved() -> None:
    given(Service(), evolve, ADOPTED).when(lambda state: decide(state, APPROVE, G1, cyd)).refused(
        "governance.not_proposed"
    )


def test_nothing_is_approved_before_the_first() -> None:
    given(Service(), evolve).when(lambda state: decide(state, APPROVE, None, cyd)).refused("governance.none")


def test_an_approval_clears_all_proposals() -> None:
    state = given(Service(), evolve, ADOPTED, PROPOSED, APPROVED).state
    assert (state.in_force, dict(state.proposals)) == (ref(G2), {})


def test_somebody_else_completes_the_review() -> None:
    given(Service(), evolve, ADOPTED, REVIEW).when(
        lambda state: decide(state, CompleteReview(SHOP, C1, WORDS), G1, bob)
    ).then(ReviewCompleted(SHOP, C1, WORDS, BOB))


@pytest.mark.parametrize("actor", [ann, cyd])
def test_who_wrote_an_emergency_or_agreed_to_it_does_not_review_it(actor: Person) -> None:
    given(Service(), evolve, ADOPTED, REVIEW).when(
        lambda state: decide(state, CompleteReview(SHOP, C1, WORDS), G1, actor)
    ).refused("review.own_change")


def test_a_party_is_kept_from_the_review_also_when_the_rules_cannot_be_read() -> None:
    given(Service(), evolve, ADOPTED, REVIEW).when(
        lambda state: decide(state, CompleteReview(SHOP, C1, WORDS), None, cyd)
    ).refused("review.own_change")


def test_who_declared_solo_mode_reviews_their_own_emergency() -> None:
    review = replace(REVIEW, parties=(BOB,))
    given(Service(), evolve, ADOPTED, review).when(
        lambda state: decide(state, CompleteReview(SHOP, C1, WORDS), SOLO, bob)
    ).then(ReviewCompleted(SHOP, C1, WORDS, BOB))


def test_solo_mode_of_one_person_lets_no_other_party_review() -> None:
    given(Service(), evolve, ADOPTED, REVIEW).when(
        lambda state: decide(state, CompleteReview(SHOP, C1, WORDS), SOLO, cyd)
    ).refused("review.own_change")


OTHER_CONTENT = ProposeGovernance(SHOP, replace(ref(G2), pack=digest_of(b"a lax pack")), WORDS)


def test_other_content_is_not_proposed_under_a_digest_that_waits() -> None:
    given(Service(), evolve, ADOPTED, PROPOSED).when(lambda state: decide(state, OTHER_CONTENT, G1, ann)).refused(
        "governance.other_content"
    )


def test_the_same_content_may_be_proposed_again() -> None:
    given(Service(), evolve, ADOPTED, PROPOSED).when(
        lambda state: decide(state, ProposeGovernance(SHOP, ref(G2), WORDS), G1, ann)
    ).then(replace(PROPOSED, by=ANN))


def test_a_review_that_is_not_open_is_not_completed() -> None:
    given(Service(), evolve, ADOPTED, REVIEW).when(
        lambda state: decide(state, CompleteReview(SHOP, C2, WORDS), G1, bob)
    ).refused("review.none")


@pytest.mark.parametrize(
    ("environment", "kind", "after", "code"),
    [
        (PRODUCTION_ENV, ChangeKind.NORMAL, HOUR, "review.none_overdue"),
        (PRODUCTION_ENV, ChangeKind.NORMAL, HOUR + SECOND, "review.overdue"),
        (PRODUCTION_ENV, ChangeKind.STANDARD, HOUR + SECOND, "review.overdue"),
        (PRODUCTION_ENV, ChangeKind.EMERGENCY, HOUR + SECOND, "review.overdue_beside"),
        (STAGING_ENV, ChangeKind.NORMAL, HOUR + SECOND, "review.none_overdue"),
    ],
)
def test_an_overdue_review_stops_production_for_all_but_emergencies(
    environment: Environment, kind: ChangeKind, after: timedelta, code: str
) -> None:
    state = given(Service(), evolve, ADOPTED, REVIEW).state
    assert judge_reviews(state, environment, kind, START + after).code == code


def test_a_completed_review_stops_nothing() -> None:
    state = given(Service(), evolve, ADOPTED, REVIEW, ReviewCompleted(SHOP, C1, WORDS, BOB)).state
    assert judge_reviews(state, PRODUCTION_ENV, ChangeKind.NORMAL, START + 2 * HOUR).opens


def test_releases_that_may_still_move_are_listed() -> None:
    state = given(
        Service(), evolve, ADOPTED, ReleaseListed(SHOP, R1), ReleaseListed(SHOP, R2), ReleaseDelisted(SHOP, R1)
    ).state
    assert state.open_releases == (R2,)


def test_the_stages_into_an_environment_are_those_up_to_its_own() -> None:
    pack = procedure()
    path = pack.path_for(ChangeKind.NORMAL)
    assert path is not None
    assert [stage.name for stage in pack.stages_into(path, STAGING)] == ["ready", "staging"]
    assert [stage.name for stage in pack.stages_into(path, PRODUCTION)] == ["ready", "staging", "production"]
    assert pack.stages_into(path, EnvironmentName("moon")) == ()
    assert pack.environments_of(path) == (STAGING, PRODUCTION)


def test_an_environment_the_procedure_does_not_have_is_none() -> None:
    assert procedure().environment(EnvironmentName("moon")) is None


def test_a_person_holds_the_roles_they_are_bound_to() -> None:
    assert G1.holds_any(DAN, (DEVELOPER,))
    assert G1.holds_any(DAN, (LEAD,))
    assert G1.holds_any(BOB, (QA,))
    assert not G1.holds_any(ANN, (QA, LEAD))
