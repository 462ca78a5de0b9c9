# SPDX-License-Identifier: Apache-2.0
"""The picture of a rollout, on a terminal that is a string."""

import math
from io import StringIO

import pytest
from rich.console import Console
from tests.service.shop import ANN, CAST, PRODUCTION, a_rolling_stage, act, done

from interlock.cli.rollout_frame import BAR, FINE, PLAIN, Brush, bar, frame, sparkline
from interlock.cli.text import Para, Tone
from interlock.domain.ids import PromotionId
from interlock.service.rollouts import Onlooker
from interlock.service.views import Viewer
from interlock.testing.happenings import RequestsGo
from interlock.testing.moves import Pause
from interlock.testing.stage import Stage

STEPS = "{weight: 10, hold: 30s}, {weight: 50, hold: 30s}"


@pytest.fixture
def stage() -> Stage:
    return a_rolling_stage(STEPS, CAST)


def drawn(stage: Stage, brush: Brush = FINE, lately: tuple[Para, ...] = ()) -> str:
    viewer = Viewer(stage.gatherer(), stage.world.store, stage.world.library)
    seen = Onlooker().of(viewer, PromotionId("app:v2/production/1"))
    console = Console(file=StringIO(), width=100)
    console.print(frame(seen, lately, stage.world.moments.now(), brush, driven=True))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_split_evidence_and_time_are_bars_with_their_words(stage: Stage) -> None:
    lines = drawn(stage).splitlines()
    (exposed,) = [line for line in lines if "exposed " in line]
    assert exposed.count("█") == BAR // 10
    assert "10 %" in exposed
    assert any("evidence" in line and "back to stable at 100" in line for line in lines)
    assert any("observed" in line and "of 30 s" in line for line in lines)


def test_both_arms_stand_side_by_side(stage: Stage) -> None:
    names = [words[1] for line in drawn(stage).splitlines() if len(words := line.split()) > 1]
    assert names[names.index("requests") :][1:3] == ["candidate", "stable"]


def test_what_comes_next_and_when_is_drawn(stage: Stage) -> None:
    assert "→ then 50 %" in drawn(stage)


def test_a_pause_is_drawn(stage: Stage) -> None:
    done(act(stage, Pause(pause=PRODUCTION, by=ANN)))
    assert "paused" in drawn(stage)


def test_a_failure_says_why_and_exposes_nothing(stage: Stage) -> None:
    RequestsGo("v2", 30.0).happen(stage)
    stage.world.settle()
    text = drawn(stage)
    assert "✗ 10 %" in text
    assert "✗ returned: " in text
    assert "exposed " not in text


def test_a_plain_terminal_gets_plain_bars(stage: Stage) -> None:
    assert "####...." in drawn(stage, PLAIN)
    assert "█" not in drawn(stage, PLAIN)


def test_words_of_others_move_no_cursor(stage: Stage) -> None:
    assert "\x1b" not in drawn(stage, lately=(Para(("\x1b[2J gone",)),))


def test_a_sparkline_is_as_high_as_its_rates_and_shows_gaps() -> None:
    assert sparkline((0.0, 0.5, 1.0, math.nan, 2.0), 1.0, FINE) == "▁▅█ █"


@pytest.mark.parametrize(("part", "filled"), [(0.0, 0), (0.0001, 1), (0.5, BAR // 2), (1.0, BAR), (7.0, BAR)])
def test_a_bar_shows_anything_that_is_more_than_nothing(part: float, filled: int) -> None:
    assert bar(part, FINE, Tone.PLAIN).plain.count("█") == filled
