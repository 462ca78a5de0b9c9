# SPDX-License-Identifier: Apache-2.0
"""What is told of a rollout while it goes on."""

from datetime import timedelta

from tests.service.shop import ANN, CAT, PRODUCTION, a_rolling_stage, act, done

from interlock.cli.narrate import Narrator
from interlock.cli.narrate_rollouts import about_rollouts
from interlock.cli.text import Paper, lay_out
from interlock.domain.baseline import BaselineMissed
from interlock.domain.ids import PromotionId
from interlock.testing.happenings import Outage, RequestsGo, Whose
from interlock.testing.moves import Agree, Pause, Resume, RollBack
from interlock.testing.stage import Stage

STEPS = "{weight: 10, hold: 5s}, {weight: 50, hold: 5s}"
ASKING = "{weight: 10, hold: 1s}, {ask: [release-manager]}"
LOST = "● its exposure was lost: nobody held it, and what is stable has all of the traffic"
TIME = len("12:00:00  ")


def told(stage: Stage) -> list[str]:
    narrator = Narrator()
    blocks = [block for record in stage.world.store.records() for block in narrator.narrate(record)]
    return [line[TIME:] for line in lay_out(blocks, Paper(0, coloured=False, unicode=True)).splitlines()]


def since_exposed(stage: Stage) -> list[str]:
    lines = told(stage)
    return lines[lines.index("· step 1: the gate is open for 10 %") :]


def test_a_rollout_is_told_step_by_step_and_its_measurements_are_not() -> None:
    stage = a_rolling_stage(STEPS)
    stage.world.settle()
    lines = [line for line in since_exposed(stage) if "smoke" not in line and "baking" not in line]
    assert lines == [
        "· step 1: the gate is open for 10 %",
        "✓ step 1: exposed, confirmed by memory",
        "✓ step 1 is finished",
        "· step 2: the gate is open for 50 %",
        "✓ step 2: exposed, confirmed by memory",
        "✓ step 2 is finished",
        "· step 3: the gate is open for 100 %",
        "✓ step 3: exposed, confirmed by memory",
        "✓ all of the traffic reaches it",
        "· it has proven itself: it becomes stable",
        "✓ app:v2/production/1 completed",
    ]


def test_a_baseline_is_told_of_when_it_begins_stands_and_ends() -> None:
    stage = a_rolling_stage(STEPS, more=", baseline: fresh")
    stage.world.settle()
    lines = told(stage)
    assert [line for line in lines if "baseline" in line or "fresh" in line] == [
        "· fresh instances of app:v1 are brought up, to compare it with",
        "✓ its baseline stands",
        "· step 1: the gate is open for 10 % beside a baseline of 10 %",
        "· its baseline is ended",
    ]


def test_a_baseline_that_is_missing_is_told_with_the_reason() -> None:
    ((_, words),) = about_rollouts(BaselineMissed(PromotionId("p"), "no room left"))
    assert words == "it goes without a baseline: no room left"


def test_who_paused_it_let_it_go_on_and_agreed_is_told_by_name() -> None:
    stage = a_rolling_stage(ASKING, seconds=10)
    done(act(stage, Pause(pause=PRODUCTION, by=ANN)))
    done(act(stage, Resume(resume=PRODUCTION, by=CAT)))
    done(act(stage, Agree(agree=PRODUCTION, by=CAT)))
    assert told(stage)[-3:] == ["○ ann paused the rollout", "· cat let the rollout go on", "✓ cat agreed to step 2"]


def test_a_lost_sight_is_told_once_until_something_else_happens() -> None:
    stage = a_rolling_stage(STEPS)
    Outage(Whose.METRICS, 4).happen(stage)
    stage.world.work(timedelta(seconds=4))
    assert [record.event for record in stage.world.store.records()].count("SightLost") > 1
    assert len([line for line in told(stage) if line.startswith("○ nothing could be measured: ")]) == 1


def test_a_lost_exposure_is_told_with_what_becomes_of_it() -> None:
    stage = a_rolling_stage(STEPS)
    stage.world.kill()
    stage.world.moments.advance(timedelta(seconds=5))
    stage.world.controller().step()
    assert told(stage)[-1] == LOST


def test_a_second_loss_is_told_without_the_promise_of_another_beginning() -> None:
    stage = a_rolling_stage(STEPS)
    for _ in range(2):
        stage.world.kill()
        stage.world.moments.advance(timedelta(seconds=5))
        stage.world.work(timedelta(seconds=5))
    lines = told(stage)
    assert lines.count(LOST) == 2
    assert lines[lines.index(LOST) + 1 :][0] == "· step 1: the gate is open for 10 %"
    second = len(lines) - 1 - lines[::-1].index(LOST)
    assert lines[second + 1] == "✗ the rollout failed: it cannot be held: its exposure was lost 2 times"


def test_a_failure_is_told_with_its_cause_and_the_way_back_as_a_way_of_traffic() -> None:
    stage = a_rolling_stage(STEPS)
    RequestsGo("v2", 30.0).happen(stage)
    stage.world.settle()
    lines = told(stage)
    (failed,) = [
        at for at, line in enumerate(lines) if line.startswith("✗ the rollout failed: worse than what is stable: ")
    ]
    assert "● production: traffic goes back from app:v2 to app:v1" in lines[failed:]
    assert "✓ the good release has its traffic again, confirmed by memory" in lines[failed:]


def test_a_rollback_after_completion_gives_traffic_back() -> None:
    stage = a_rolling_stage(STEPS)
    stage.world.settle()
    done(act(stage, RollBack(rollback=PRODUCTION, by=CAT)))
    stage.world.settle()
    assert "● production: traffic goes back from app:v2 to app:v1" in told(stage)
