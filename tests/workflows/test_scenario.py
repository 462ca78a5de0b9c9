# SPDX-License-Identifier: Apache-2.0
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest

from interlock.packs.load import Pack, load_pack
from interlock.packs.problem import Problems
from interlock.packs.shape import Key, keys_of
from interlock.testing.acts import AnAct
from interlock.testing.expectation import Expectation
from interlock.testing.happenings import AHappening
from interlock.testing.moves import AMove
from interlock.testing.scenario import (
    Failed,
    Given,
    Loaded,
    Passed,
    Scenario,
    load_scenario,
    perform,
    run_scenario,
    run_scenarios,
)
from interlock.testing.world import Unplayable, World

PACK: Final = files("interlock.packs").joinpath("library", "starter", "pack.yaml").read_bytes()
HEAD: Final = """\
scenario: Something is told
given: {people: {ann: [developer], ben: [reviewer]}}
steps:
"""


def _failed(steps: str, pack: bytes = PACK) -> str:
    outcome = run_scenario("told.yaml", (HEAD + steps).encode(), pack)
    assert isinstance(outcome, Failed), outcome
    return outcome.text


def test_an_act_that_is_refused_unexpectedly_is_told_with_its_line_and_reasons() -> None:
    text = _failed("- {release: v2, by: ann}\n- {promote: staging, by: ann}\n")
    assert text.startswith(
        "told.yaml:5: step 2: {promote: staging, by: ann}\n    expected accepted, found refused with"
    )
    assert "evidence.missing: " in text


def test_an_act_that_is_accepted_unexpectedly_is_told() -> None:
    text = _failed("- {release: v2, by: ann, refused: [release.exists]}\n")
    assert text.endswith("expected refused with release.exists, found accepted")


def test_another_refusal_than_the_expected_one_is_told() -> None:
    steps = "- {release: v2, by: ann}\n- {promote: staging, by: ann, refused: [freeze.active]}\n"
    assert "expected refused with freeze.active, found refused with evidence.missing" in _failed(steps)


@pytest.mark.parametrize(
    ("expectation", "told"),
    [
        ("live: {staging: v2}", "live in staging: expected v2, found v1"),
        ("running: {production: nothing}", "running in production: expected nothing, found v1"),
        ("rollback: {staging: proving}", "rollback in staging: expected proving, found absent"),
        ("queue: {staging: [v2]}", "waiting for staging: expected v2, found nothing"),
        ("blocked: {staging: []}", "the gate of staging: expected nothing, found evidence.missing"),
        ("release: [completed]", "the release: expected completed, found open"),
        ("incidents: [major]", "open incidents: expected major, found nothing"),
        ("recalled: [v2]", "recalled: expected v2, found nothing"),
        ("reviews: [v2]", "reviews owed: expected v2, found nothing"),
        ("told: [hello]", "told: expected hello, found nothing"),
        ("rules: [other]", "the rules in force: expected other, found first"),
        ("promotion: {staging: completed}", "v2 was never asked to go to staging"),
    ],
)
def test_what_is_not_as_expected_is_told(expectation: str, told: str) -> None:
    assert told in _failed(f"- {{release: v2, by: ann}}\n- expect: {{{expectation}}}\n")


def test_a_promotion_that_stands_otherwise_is_told_with_its_reason() -> None:
    steps = """\
- {check: smoke, in: staging, of: v2, says: fail}
- {release: v2, by: ann}
- {wait: rest}
- {promote: staging, by: ann}
- {wait: rest}
- expect: {promotion: {staging: completed}}
"""
    assert "promotion to staging: expected completed, found returned (smoke: as written)" in _failed(steps)


def test_rules_nobody_wrote_down_cannot_be_proposed() -> None:
    assert "there are no rules called 'other'" in _failed("- {propose: other, by: ben}\n")


def test_a_stage_that_cannot_be_set_is_told() -> None:
    content = HEAD.replace("[reviewer]}", "[revewer]}") + "- {wait: rest}\n"
    outcome = run_scenario("told.yaml", content.encode(), PACK)
    assert isinstance(outcome, Failed)
    assert outcome.text.startswith("told.yaml: the stage cannot be set")


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ("- {promte: staging, by: ann}\n", "pack.unknown_key"),
        ("- {promote: staging}\n", "pack.missing_key"),
        ("- {promote: staging, approve: staging, by: ann}\n", "pack.exclusive_keys"),
        ("- {check: smoke, says: perhaps}\n", "pack.unknown_word"),
        ("- {wait: soon}\n", "pack.wrong_type"),
    ],
)
def test_a_scenario_is_read_strictly(steps: str, code: str) -> None:
    problems = load_scenario("told.yaml", (HEAD + steps).encode())
    assert isinstance(problems, Problems)
    assert [(one.code, one.place.line) for one in problems.found] == [(code, 4)]


def test_a_scenario_that_cannot_be_read_fails_with_its_problems() -> None:
    assert "pack.unknown_key" in _failed("- {promte: staging, by: ann}\n")
    assert "told.yaml:" in _failed("- [\n")


def test_a_pack_that_cannot_be_read_fails_every_scenario() -> None:
    assert "pack.yaml" in _failed("- {wait: rest}\n", b"pack: x\n")


def test_the_rules_everything_begins_under_have_their_name() -> None:
    given = HEAD.replace("[reviewer]}}", "[reviewer]}, rules: {first: {developer: [ann]}}}")
    problems = load_scenario("told.yaml", (given + "- {wait: rest}\n").encode())
    assert isinstance(problems, Problems)
    assert [one.code for one in problems.found] == ["pack.wrong_value"]


def test_the_scenarios_of_a_folder_are_performed_in_the_order_of_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "2.yaml").write_text(HEAD + "- {wait: rest}\n")
    (folder / "1.yaml").write_text(HEAD.replace("Something", "Nothing") + "- {promote: staging, by: ann}\n")
    (folder / "notes.txt").write_text("no scenario")
    report = run_scenarios(tmp_path, PACK)
    assert [type(one) for one in report.outcomes] == [Failed, Passed]
    assert [one.source for one in report.failed] == ["scenarios/1.yaml"]
    assert [one.sentence for one in report.outcomes] == ["Nothing is told", "Something is told"]


def test_a_pack_without_scenarios_has_an_empty_report(tmp_path: Path) -> None:
    assert run_scenarios(tmp_path, PACK).outcomes == ()


def test_every_key_of_the_language_says_what_it_means() -> None:
    shapes: list[type] = [Scenario, Given, Expectation, *AnAct.__args__, *AMove.__args__, *AHappening.__args__]
    undocumented: list[Key] = [key for shape in shapes for key in keys_of(shape) if not key.rules.doc]
    assert undocumented == []


COUNTING: Final = PACK.replace(b"gate: {check: tests}", b"gate: {check: tests, at_most: 1}")


def test_a_check_counts_nothing_before_it_is_said_what() -> None:
    steps = "- {release: v2, by: ann}\n- {wait: rest}\n- {promote: staging, by: ann}\n"
    assert isinstance(run_scenario("told.yaml", (HEAD + steps).encode(), COUNTING), Passed)


@pytest.mark.parametrize(("count", "refused"), [(1, ""), (2, ", refused: [evidence.too_many]")])
def test_a_check_counts_as_many_as_is_said(count: int, refused: str) -> None:
    steps = f"""\
- {{check: tests, of: v2, counts: {count}}}
- {{release: v2, by: ann}}
- {{wait: rest}}
- {{promote: staging, by: ann{refused}}}
"""
    outcome = run_scenario("told.yaml", (HEAD + steps).encode(), COUNTING)
    assert isinstance(outcome, Passed), outcome


def test_a_long_wait_is_over_soon_though_somebody_looks_around_every_minute() -> None:
    rules, loaded = load_pack("pack.yaml", PACK), load_scenario("told.yaml", (HEAD + "- {wait: 365d}\n").encode())
    assert isinstance(rules, Pack)
    assert isinstance(loaded, Loaded)
    world = World()
    assert isinstance(perform(loaded, PACK, rules, world, world), Passed)
    assert world.work(timedelta(days=365)) < 100


def test_a_scenario_that_fails_says_at_which_step() -> None:
    outcome = run_scenario("told.yaml", (HEAD + "- {wait: rest}\n- {promote: staging, by: ann}\n").encode(), PACK)
    assert isinstance(outcome, Failed)
    assert outcome.step == 2


def test_a_world_that_does_not_come_to_rest_is_no_fault_of_ours() -> None:
    with pytest.raises(Unplayable, match="wait for a shorter time"):
        World().settle(steps=0)
