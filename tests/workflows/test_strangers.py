# SPDX-License-Identifier: Apache-2.0
"""What a scenario says of a version comes to something, in whatever order it is said, or is refused."""

from importlib.resources import files
from typing import Final

import pytest

from interlock.packs.problem import Problems
from interlock.testing.scenario import Failed, Passed, load_scenario, run_scenario

LIBRARY: Final = files("interlock.packs").joinpath("library")
PACK: Final = LIBRARY.joinpath("starter", "pack.yaml").read_bytes()
DELIVERING: Final = LIBRARY.joinpath("lsos", "pack.yaml").read_bytes()
HEAD: Final = """\
scenario: Something is told
given: {people: {ann: [developer], ben: [reviewer]}}
steps:
"""
MAIN: Final = """\
scenario: Something is delivered
given:
  people: {ann: [developer], ben: [module-owner], cat: [reviewer], dan: [security], eva: [platform], finn: [operator]}
steps:
"""
SPLIT: Final = b"""\
pack: team
version: 1.0.0
status: active
roles: [developer, module-owner, reviewer, security, platform, operator]
governors: [reviewer]
environments: [{name: staging, tier: staging}]
deliver: {branch: main, environment: staging, kind: standard}
paths: {delivered: {for: [standard, normal], stages: [staging]}}
stages:
  - name: staging
    environment: staging
    requires: [{id: ci, gate: {check: ci}}]
    rollout: {steps: [{weight: 50, hold: 1m}], every: 15s, analysis: {errors: {tolerated: 5, at_most: 1}}}
waivers: {authority: [reviewer], longest: 7d}
"""
RETURNED: Final = "- {wait: rest}\n- expect: {promotion: {staging: returned}, live: {staging: v1}}\n"
MOVES: Final = "- {head: c1, authors: [ann]}\n"


@pytest.mark.parametrize(
    "step",
    [
        "{check: tests, says: fail}",
        "{check: tests, counts: 3}",
        "{refresh: tests, by: ann}",
        "{approve: staging, by: ben}",
        "{waive: tests, before: staging, for: 1d, by: ann}",
        "{attach: tests, saying: pass, by: ann}",
    ],
)
def test_where_there_is_no_release_yet_none_is_meant(step: str) -> None:
    outcome = run_scenario("told.yaml", f"{HEAD}- {step}\n".encode(), PACK)
    assert isinstance(outcome, Failed), outcome
    assert outcome.text.startswith(f"told.yaml:4: step 1: {step}\n    there is no release yet")


@pytest.mark.parametrize(
    "said",
    [
        "- {check: core-flows, in: staging, of: c1, says: fail}\n",
        "- {deployment: c1, in: staging, comes_to: failure}\n",
    ],
    ids=["check", "deployment"],
)
@pytest.mark.parametrize("order", ["before", "after"])
def test_what_is_said_of_a_commit_holds_before_it_is_the_head_as_well_as_after(said: str, order: str) -> None:
    first = said + MOVES if order == "before" else MOVES + said
    outcome = run_scenario("told.yaml", (MAIN + first + RETURNED).encode(), DELIVERING)
    assert isinstance(outcome, Passed), outcome


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ("{check: tests, of: v3, says: fail}", "steps[1].of"),
        ("{check: tests, of: v3, counts: 2}", "steps[1].of"),
        ("{deployment: v3, in: staging, comes_to: failure}", "steps[1].deployment"),
        ("{requests: v3, errors: 50}", "steps[1].requests"),
    ],
)
def test_nothing_is_said_of_a_version_that_there_never_is(step: str, place: str) -> None:
    problems = load_scenario("told.yaml", f"{HEAD}- {{release: v2, by: ann}}\n- {step}\n".encode())
    assert isinstance(problems, Problems)
    assert [(one.code, one.path, one.place.line) for one in problems.found] == [("pack.unknown_version", place, 5)]
    assert problems.found[0].next_step == "use one of: v1, v2"


@pytest.mark.parametrize("brings", ["{release: v3, by: ann}", "{head: v3}", "{drifts: staging, to: v3}"])
def test_something_may_be_said_of_a_version_that_comes_later(brings: str) -> None:
    steps = f"- {{check: tests, of: v3, says: fail}}\n- {{requests: v1, errors: 1}}\n- {brings}\n"
    assert not isinstance(load_scenario("told.yaml", (HEAD + steps).encode()), Problems)


@pytest.mark.parametrize("order", ["before", "after"])
def test_the_requests_that_a_commit_answers_go_as_is_said_of_it(order: str) -> None:
    said = "- {requests: c1, errors: 50}\n"
    first = said + MOVES if order == "before" else MOVES + said
    outcome = run_scenario("told.yaml", (MAIN + first + RETURNED).encode(), SPLIT)
    assert isinstance(outcome, Passed), outcome
