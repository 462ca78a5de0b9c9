# SPDX-License-Identifier: Apache-2.0
"""The picture of a rollout, on a terminal that is a string."""

import math
from io import StringIO

import pytest
from rich.console import Console
from tests.service.shop import ANN, CAST, PRODUCTION, a_rolling_stage, act, done

from interlock.cli.output import WIDEST
from interlock.cli.rollout_frame import BAR, FINE, PLAIN, Brush, Easel, bar, frame, sparkline
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


def drawn(
    stage: Stage, brush: Brush = FINE, lately: tuple[Para, ...] = (), *, columns: int = 100, driven: bool = True
) -> str:
    viewer = Viewer(stage.gatherer(), stage.world.store, stage.world.library)
    seen = Onlooker().of(viewer, PromotionId("app:v2/production/1"))
    console = Console(file=StringIO(), width=columns)
    console.print(frame(seen, lately, stage.world.moments.now(), Easel(brush, columns), driven=driven))
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


def test_a_baseline_stands_between_them() -> None:
    page = drawn(a_rolling_stage(STEPS, more=", baseline: fresh"))
    names = [words[1] for line in page.splitlines() if len(words := line.split()) > 1]
    assert names[names.index("requests") :][1:4] == ["candidate", "baseline", "stable"]


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


@pytest.fixture
def busy() -> Stage:
    """Many steps, some of them long, and a name of a proxy that others chose."""
    steps = "{weight: 1, hold: 30s}, {cohort: testers, hold: 1m}, {weight: 10, hold: 30s, least: 1000}"
    return a_rolling_stage(f"{steps}, {{ask: [release-manager]}}, {{weight: 50, hold: 30s}}", CAST)


LATELY = (Para(("09:00:05  ", "step 1: exposed, confirmed by a proxy with a name that is rather long")),)


@pytest.mark.parametrize("brush", [FINE, PLAIN])
@pytest.mark.parametrize("columns", [32, 40, 60, 80, 100, 200])
def test_a_picture_has_a_whole_frame_at_any_width(busy: Stage, columns: int, brush: Brush) -> None:
    lines = drawn(busy, brush, LATELY, columns=columns).splitlines()
    assert {len(line) for line in lines} == {min(columns, WIDEST)}
    assert {(line[0], line[-1]) for line in lines[1:-1]} == {("│", "│") if brush is FINE else ("|", "|")}


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_what_is_narrow_cuts_no_number_and_no_word(busy: Stage, columns: int) -> None:
    text = drawn(busy, columns=columns)
    said = " ".join(" ".join(line.strip("│ ") for line in text.splitlines()).split())
    assert "…" not in text
    assert "requests bad rate" in said
    assert "candidate 100 0 0.00 %" in said
    assert "stable 9,900 0 0.00 %" in said
    assert "back to stable at 100" in said
    assert "2 s of 30 s observed" in said


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_a_step_stands_on_one_line(busy: Stage, columns: int) -> None:
    lines = drawn(busy, columns=columns).splitlines()
    for step in ("● 1 %", "○ cohort testers", "○ 10 %", "○ ask release-manager", "○ 50 %", "○ 100 %"):
        assert any(step in line for line in lines), step


def test_a_bar_that_has_no_room_beside_its_words_stands_below_them(busy: Stage) -> None:
    lines = drawn(busy, columns=40).splitlines()
    (at,) = [number for number, line in enumerate(lines) if "exposed " in line and "1 %" in line]
    assert lines[at].count("█") == 0
    assert lines[at + 1].count("█") == 1


def test_what_happened_is_one_line_each(busy: Stage) -> None:
    (line,) = [line for line in drawn(busy, lately=LATELY, columns=60).splitlines() if "09:00:05" in line]
    assert line.rstrip("│ ").endswith("…")


def test_what_nobody_holds_is_drawn_as_exposed_to_nobody(stage: Stage) -> None:
    text = drawn(stage, driven=False)
    (exposed,) = [line for line in text.splitlines() if "exposed   " in line]
    assert exposed.count("█") == 0
    assert "nothing  nobody holds the 10 %" in exposed
    assert "✗ nobody holds it, nothing is exposed; it was at 10 % (step 1 of 3)" in text
    assert "looks again" not in text


def test_a_plain_terminal_gets_plain_marks(stage: Stage) -> None:
    assert drawn(stage, PLAIN, LATELY, columns=40).isascii()


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
