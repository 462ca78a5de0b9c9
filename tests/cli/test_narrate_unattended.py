# SPDX-License-Identifier: Apache-2.0
"""What is told of what happens with nobody there."""

import pytest
from tests.cli.test_narrate_rollouts import told
from tests.service.shop import ANN, BEN, CAT, DEVELOPER, NO_OTHER_RULES, PRODUCTION, REVIEWER, a_stage, act, done
from tests.workflows.test_unattended import PACK

from interlock.domain.ids import CheckId
from interlock.testing.happenings import CheckSays, Says
from interlock.testing.moves import Adopt
from interlock.testing.stage import Cast, Stage
from interlock.testing.surprises import Drifts, HeadMoves, PresenceIs, Sight
from interlock.testing.trunk import commit_of

C1, C2 = (commit_of(name)[:12] for name in ("c1", "c2"))


def _stage(pack: str = PACK) -> Stage:
    return a_stage(NO_OTHER_RULES, Cast({ANN: (DEVELOPER,), BEN: (REVIEWER,), CAT: (REVIEWER,)}), pack.encode())


def test_a_delivery_is_told_from_its_commit_on() -> None:
    stage = _stage()
    HeadMoves(head="c1").happen(stage)
    stage.world.settle()
    lines = told(stage)
    assert f"· main is at {C1} now" in lines
    assert f"✓ app:0.0.0-main.1+{C1} is made of it by itself" in lines
    assert f"· controller asked for app:0.0.0-main.1+{C1} in staging" in lines


def test_what_is_in_the_way_of_a_delivery_is_told() -> None:
    stage = _stage()
    stage.world.trunk.unfit = "nothing is known to compare with"
    HeadMoves(head="c1").happen(stage)
    stage.world.settle()
    assert "○ nothing can be delivered: nothing is known to compare with" in told(stage)


@pytest.mark.parametrize(
    ("says", "told_as"),
    [(Says.FAIL, "✓ {} is made of it by itself, in place of {}"), (Says.INCONCLUSIVE, "· {} goes, in place of {}")],
    ids=["as it is made", "as it goes"],
)
def test_a_head_that_takes_the_place_of_another_says_so(says: Says, told_as: str) -> None:
    stage = _stage()
    CheckSays(check=CheckId("tests"), says=says, of="c1").happen(stage)
    for name in ("c1", "c2"):
        HeadMoves(head=name).happen(stage)
        stage.world.settle()
    assert told_as.format(f"app:0.0.0-main.2+{C2}", f"app:0.0.0-main.1+{C1}") in told(stage)


def test_drift_is_told_as_it_comes_and_goes() -> None:
    stage = _stage()
    Drifts(drifts=PRODUCTION, to="v666").happen(stage)
    stage.world.settle()
    Drifts(drifts=PRODUCTION, to="v1").happen(stage)
    stage.world.settle()
    lines = told(stage)
    assert "● production runs v666, which was not released there" in lines
    assert "✓ production runs app:v1 again, as is recorded" in lines


def test_one_of_two_words_to_adopt_what_runs_is_told() -> None:
    by_two = PACK.replace("severity: critical", "severity: critical, adopted_by: [reviewer], agreed_by: [developer]")
    stage = _stage(by_two)
    Drifts(drifts=PRODUCTION, to="v666").happen(stage)
    stage.world.settle()
    done(act(stage, Adopt(adopt=PRODUCTION, version="v666", by=BEN)))
    assert "· production: ben would adopt app:v666" in told(stage)


def test_what_cannot_be_told_is_told_as_that() -> None:
    stage = _stage()
    PresenceIs(presence=Sight.HIDDEN).happen(stage)
    stage.world.settle()
    PresenceIs(presence=Sight.SEEN).happen(stage)
    stage.world.settle()
    lines = told(stage)
    assert "○ production: what runs cannot be told: as written" in lines
    assert "· production: what runs can be told again" in lines
