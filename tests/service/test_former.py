# SPDX-License-Identifier: Apache-2.0
"""Which release another one follows."""

import pytest
from tests.service.shop import ANN, BEN, PRODUCTION, STAGING, a_released_stage, act, done

from interlock.domain.ids import EnvironmentName, RequirementId
from interlock.domain.release import Release, ReleasePhase
from interlock.service.former import release_at
from interlock.testing.acts import ApproveFor, Sign
from interlock.testing.moves import Promote
from interlock.testing.stage import SERVICE, Stage

PLACES = (PRODUCTION, STAGING)


def former(stage: Stage, base: str, places: tuple[EnvironmentName, ...] = PLACES) -> Release:
    return release_at(stage.gatherer().view, SERVICE, base, places)


@pytest.fixture
def stage() -> Stage:
    """v1 is live in both environments, v2 is made."""
    return a_released_stage()


def test_a_release_follows_what_is_live_where_it_is_based_on_it(stage: Stage) -> None:
    assert former(stage, stage.commit("v1")).version == "v1"


def test_what_was_good_before_what_is_live_is_still_found(stage: Stage) -> None:
    done(act(stage, Promote(promote=STAGING, by=ANN)))
    stage.world.settle()
    done(act(stage, Sign(sign=RequirementId("rollback-plan"), before=PRODUCTION, by=ANN)))
    done(act(stage, ApproveFor(approve=PRODUCTION, by=BEN)))
    done(act(stage, Promote(promote=PRODUCTION, by=ANN)))
    stage.world.settle()
    assert [former(stage, stage.commit(version)).version for version in ("v1", "v2")] == ["v1", "v2"]


@pytest.mark.parametrize("base", ["", "f" * 40])
def test_what_was_never_good_is_followed_by_nothing(stage: Stage, base: str) -> None:
    assert former(stage, base).phase is ReleasePhase.ABSENT


def test_a_release_that_was_only_made_is_followed_by_nothing(stage: Stage) -> None:
    assert former(stage, stage.commit("v2")).phase is ReleasePhase.ABSENT


def test_where_nothing_ran_nothing_is_followed(stage: Stage) -> None:
    assert former(stage, stage.commit("v1"), (EnvironmentName("elsewhere"),)).phase is ReleasePhase.ABSENT
