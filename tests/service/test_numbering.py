# SPDX-License-Identifier: Apache-2.0
"""What the next promotion or rollback is called, also in a ledger that was numbered by another rule."""

import pytest
from tests.service.shop import ANN, CAT, STAGING, a_released_stage, act, done

from interlock.domain.ids import PromotionId, ReleaseId, RollbackId, ServiceName
from interlock.domain.promotion import AbortPromotion, RequestPromotion
from interlock.domain.rollback import BeginRollback
from interlock.ledger.codec import Command
from interlock.service.numbering import next_promotion, next_rollback
from interlock.testing.moves import Promote
from interlock.testing.stage import SERVICE, Stage

V1, V2 = ReleaseId("app:v1"), ReleaseId("app:v2")


@pytest.fixture
def stage() -> Stage:
    return a_released_stage()


def say(stage: Stage, command: Command) -> None:
    done(stage.world.say(CAT, command))
    stage.world.settle()


def rolled_back(stage: Stage, named: str) -> None:
    say(stage, BeginRollback(RollbackId(named), SERVICE, STAGING, V1, "slow"))


def ordered(stage: Stage) -> str:
    return next_rollback(stage.world.store, SERVICE, STAGING)


def test_the_first_rollback_that_is_ordered_is_number_1_whatever_was_promoted_before(stage: Stage) -> None:
    done(act(stage, Promote(promote=STAGING, by=ANN)))
    stage.world.settle()
    assert ordered(stage) == "app/staging/rollback-1"


def test_rollbacks_are_counted_by_themselves(stage: Stage) -> None:
    rolled_back(stage, ordered(stage))
    assert ordered(stage) == "app/staging/rollback-2"
    assert next_promotion(stage.world.store, V2, STAGING) == "app:v2/staging/1"


@pytest.mark.parametrize(
    ("known", "following"),
    [
        (("rollback-2",), "rollback-3"),
        (("rollback-2", "rollback-4"), "rollback-3"),
        (("rollback-2", "rollback-3"), "rollback-4"),
        (("rollback-soon",), "rollback-2"),
        ((f"rollback-{'9' * 150}",), "rollback-2"),
        (("rollback-1/more",), "rollback-2"),
    ],
)
def test_a_name_that_the_ledger_knows_is_not_used_again(stage: Stage, known: tuple[str, ...], following: str) -> None:
    for name in known:
        rolled_back(stage, f"app/staging/{name}")
    assert ordered(stage) == f"app/staging/{following}"


def test_a_promotion_that_was_numbered_by_turns_is_not_named_again(stage: Stage) -> None:
    first = PromotionId("app:v2/staging/2")
    done(stage.world.say(ANN, RequestPromotion(first, V2, STAGING)))
    say(stage, AbortPromotion(first))
    assert next_promotion(stage.world.store, V2, STAGING) == "app:v2/staging/3"


def test_rollbacks_elsewhere_are_not_counted(stage: Stage) -> None:
    rolled_back(stage, ordered(stage))
    assert next_rollback(stage.world.store, ServiceName("app2"), STAGING) == "app2/staging/rollback-1"
