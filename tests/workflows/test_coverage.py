# SPDX-License-Identifier: Apache-2.0
"""What `coverage` calls missing, and what mutation lets nobody get away with."""

from pathlib import Path
from typing import Final

import pytest

from interlock.packs.problem import Problems
from interlock.testing.coverage import Coverage, Unnumbered, read_coverage
from interlock.testing.mutation import Mutated, Noticed, Survived, Unloadable, mutate

PACK: Final = """\
pack: team
version: 1.0.0
status: active
roles: [dev, qa]
governors: [qa]
environments:
  - {name: production, tier: staging}
paths:
  normal: {for: [normal, standard], stages: [ready, production]}
stages:
  - name: ready
    requires:
      - {id: tests, cites: [P-1], gate: {check: tests}}
      - {id: scan, cites: [P-2], gate: {check: scan, at_most: 0}, signoff: {roles: [qa], statement: Seen.}}
      - {id: agreed, cites: [P-3], approval: {roles: [qa]}}
  - {name: production, environment: production}
waivers: {authority: [qa], longest: 7d}
enforced: {P-4: [freeze.active]}
"""
STATEMENTS: Final = """\
requirements:
  - {id: P-1, at: here, kind: gate, text: Tests pass.}
  - {id: P-2, at: here, kind: gate+signoff, text: "Nothing was found, and somebody saw that."}
  - {id: P-3, at: here, kind: approval, text: Somebody else agrees.}
  - {id: P-4, at: here, kind: rule, text: Nothing moves in a freeze.}
"""
GIVEN: Final = "given: {people: {ann: [dev], ben: [qa]}}\nsteps:\n  - {release: v2, by: ann}\n"
REST: Final = "  - {wait: rest}\n"
SIGN: Final = "  - {sign: scan, before: production, by: ben}\n"
AGREE: Final = "  - {approve: production, by: ben}\n"
COUNTED: Final = "  - {check: scan, of: v2, counts: 1}\n"


def promote(*codes: str) -> str:
    refused = f", refused: [{', '.join(codes)}]" if codes else ""
    return f"  - {{promote: production, by: ann{refused}}}\n"


SCENARIOS: Final = {
    "good": f"scenario: All is well\nsatisfies: [P-1, P-2, P-3, P-4]\n{GIVEN}{REST}{SIGN}{AGREE}{promote()}",
    "untested": f"scenario: Untested\nviolates: [P-1]\n{GIVEN}  - {{check: tests, of: v2, says: fail}}\n"
    f"{REST}{SIGN}{AGREE}{promote('evidence.fail')}",
    "unscanned": f"scenario: Unscanned\nviolates: [P-2]\n{GIVEN}{COUNTED}"
    f"{REST}{AGREE}{promote('evidence.too_many', 'signoff.missing')}",
    "alone": f"scenario: Alone\nviolates: [P-3]\n{GIVEN}{REST}{SIGN}{promote('approval.missing')}",
    "frozen": f"scenario: Frozen\nviolates: [P-4]\n{GIVEN}{REST}{SIGN}{AGREE}"
    f"  - {{freeze: production, for: 1d, by: ben}}\n  - {{wait: 1h}}\n{promote('freeze.active')}",
}
Told = dict[str, str]


def read_in(
    folder: Path, pack: str = PACK, statements: str = STATEMENTS, **other: str
) -> Coverage | Problems | Unnumbered:
    """The coverage of the pack with these files beside it; a scenario that is empty is not there."""
    (folder / "requirements.yaml").write_text(statements)
    (folder / "scenarios").mkdir()
    for name, text in {**SCENARIOS, **other}.items():
        if text:
            (folder / "scenarios" / f"{name}.yaml").write_text(text)
    return read_coverage(folder, "pack.yaml", pack.encode())


def lacks(found: object) -> dict[str, list[str]]:
    """What is missing for every statement of which something is."""
    assert isinstance(found, Coverage), found
    return {row.statement.id: [one.code for one in row.lacks] for row in found.rows if row.lacks}


def fates(found: object) -> dict[str, Mutated]:
    assert isinstance(found, Coverage), found
    return {one.statement: one for one in mutate(found)}


def test_a_pack_that_carries_everything_lacks_nothing(tmp_path: Path) -> None:
    found = read_in(tmp_path)
    assert lacks(found) == {}
    assert isinstance(found, Coverage)
    assert [row.codes for row in found.covered] == [
        ("evidence.fail",),
        ("evidence.too_many", "signoff.missing"),
        ("approval.missing",),
        ("freeze.active",),
    ]


def test_a_statement_that_nothing_cites_is_not_carried(tmp_path: Path) -> None:
    assert lacks(read_in(tmp_path, PACK.replace("cites: [P-3], ", ""))) == {"P-3": ["coverage.not_cited"]}


@pytest.mark.parametrize(("kind", "found"), [("signoff", []), ("record", ["coverage.too_weak"])])
def test_what_carries_a_statement_is_no_weaker_than_it(tmp_path: Path, kind: str, found: list[str]) -> None:
    statements = STATEMENTS.replace("kind: approval", f"kind: {kind}")
    assert lacks(read_in(tmp_path, statements=statements)).get("P-3", []) == found


def test_an_engine_that_enforces_a_rule_is_no_approval(tmp_path: Path) -> None:
    statements = STATEMENTS.replace("kind: rule", "kind: approval")
    assert lacks(read_in(tmp_path, statements=statements)) == {"P-4": ["coverage.too_weak"]}


def test_half_of_what_must_be_proven_and_signed_is_too_weak(tmp_path: Path) -> None:
    pack = PACK.replace("{check: scan, at_most: 0}, signoff: {roles: [qa], statement: Seen.}", "{check: scan}")
    assert "coverage.too_weak" in lacks(read_in(tmp_path, pack))["P-2"]


def test_a_statement_that_no_scenario_breaks_or_keeps_is_not_shown(tmp_path: Path) -> None:
    good = SCENARIOS["good"].replace("P-1, ", "")
    found = lacks(read_in(tmp_path, untested="", good=good))
    assert found == {"P-1": ["coverage.not_violated", "coverage.not_satisfied"]}


def test_a_scenario_that_breaks_two_statements_breaks_none_alone(tmp_path: Path) -> None:
    text = SCENARIOS["untested"].replace("[P-1]", "[P-1, P-3]")
    found = read_in(tmp_path, untested=text)
    assert lacks(found) == {"P-1": ["coverage.not_violated"]}
    assert isinstance(found, Coverage)
    assert "violates more than this" in found.rows[0].lacks[0].sentence


def test_a_refusal_for_another_reason_as_well_shows_nothing(tmp_path: Path) -> None:
    text = SCENARIOS["untested"].replace(AGREE, "").replace("[evidence.fail]", "[evidence.fail, approval.missing]")
    assert lacks(read_in(tmp_path, untested=text)) == {"P-1": ["coverage.not_shown"]}


def test_a_refusal_with_the_code_of_another_requirement_shows_nothing(tmp_path: Path) -> None:
    text = SCENARIOS["unscanned"].replace("[P-2]", "[P-1]")
    assert lacks(read_in(tmp_path, untested=text)) == {"P-1": ["coverage.not_shown"]}


def test_a_gate_that_a_scenario_says_is_shut_shows_it_too(tmp_path: Path) -> None:
    text = SCENARIOS["untested"].replace(
        promote("evidence.fail"), "  - expect: {blocked: {production: [evidence.fail]}}\n"
    )
    assert lacks(read_in(tmp_path, untested=text)) == {}


def test_what_is_said_too_early_shows_that_something_before_it_is_missing(tmp_path: Path) -> None:
    pack = PACK.replace(
        "cites: [P-3], approval: {roles: [qa]}", "cites: [P-3], approval: {roles: [qa]}, after: [tests]"
    )
    early = "  - {approve: production, as: agreed, by: ben, refused: [approval.too_early]}\n"
    good = SCENARIOS["good"].replace("approve: production", "approve: production, as: agreed")
    frozen = SCENARIOS["frozen"].replace("approve: production", "approve: production, as: agreed")
    other = SCENARIOS["unscanned"].replace("approve: production", "approve: production, as: agreed")
    untested = f"{SCENARIOS['untested'].partition(SIGN)[0]}{early}"
    found = read_in(tmp_path, pack, untested=untested, good=good, frozen=frozen, unscanned=other)
    assert lacks(found) == {}
    assert [type(one) for one in fates(found)["P-1"].fates] == [Noticed]


def test_a_scenario_that_does_not_come_as_told_shows_nothing(tmp_path: Path) -> None:
    good = SCENARIOS["good"].replace(SIGN, "")
    untested = SCENARIOS["untested"].replace("says: fail", "says: pass")
    found = read_in(tmp_path, good=good, untested=untested)
    assert lacks(found) == {
        "P-1": ["coverage.scenario_fails", "coverage.scenario_fails"],
        "P-2": ["coverage.scenario_fails"],
        "P-3": ["coverage.scenario_fails"],
        "P-4": ["coverage.scenario_fails"],
    }


def test_a_requirement_is_kept_only_where_its_gate_opened_with_it(tmp_path: Path) -> None:
    good = SCENARIOS["good"].replace(SIGN, "  - {waive: scan, before: production, by: ann, for: 1d}\n"
                                           "  - {grant: scan, by: ben}\n")  # fmt: skip
    assert lacks(read_in(tmp_path, good=good)) == {"P-2": ["coverage.not_met"]}


def test_a_promotion_of_nothing_meets_nothing(tmp_path: Path) -> None:
    good = "scenario: Nothing\nsatisfies: [P-1]\ngiven: {people: {ann: [dev], ben: [qa]}}\nsteps:\n  - {wait: rest}\n"
    odd = f"{good}  - {{promote: production, by: ann, of: v7, refused: [release.unknown]}}\n"
    assert lacks(read_in(tmp_path, odd=odd)) == {"P-1": ["coverage.not_met"]}


def test_without_numbered_statements_there_is_nothing_to_compare(tmp_path: Path) -> None:
    assert read_coverage(tmp_path, "pack.yaml", PACK.encode()) == Unnumbered()


@pytest.mark.parametrize(
    ("files", "source", "code"),
    [
        ({"pack": PACK.replace("cites: [P-3]", "cites: [P-33]")}, "pack.yaml", "pack.unknown_statement"),
        ({"pack": PACK.replace("roles: [dev, qa]", "roles: [dev]")}, "pack.yaml", "pack.unknown_role"),
        ({"statements": STATEMENTS.replace("P-2", "P-1")}, "requirements.yaml", "pack.duplicate_name"),
        ({"alone": SCENARIOS["alone"].replace("[P-3]", "[P-9]")}, "scenarios/alone.yaml", "pack.unknown_statement"),
        ({"good": SCENARIOS["good"].replace("P-4]", "X]")}, "scenarios/good.yaml", "pack.unknown_statement"),
        ({"good": "scenario: Nothing\n"}, "scenarios/good.yaml", "pack.missing_key"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path, files: Told, source: str, code: str) -> None:
    found = read_in(tmp_path, **files)
    assert isinstance(found, Problems)
    assert (found.source, found.found[0].code) == (source, code)


def test_whatever_carries_a_statement_is_missed_when_it_is_gone(tmp_path: Path) -> None:
    found = fates(read_in(tmp_path))
    assert {name: [type(one) for one in mutated.fates] for name, mutated in found.items()} == {
        "P-1": [Noticed],
        "P-2": [Noticed, Noticed],
        "P-3": [Noticed],
        "P-4": [Noticed],
    }
    assert [one.without for one in found["P-2"].fates] == ["scan (gate)", "scan (signoff)"]
    assert all(not one.survivors for one in found.values())


def test_an_element_that_no_scenario_misses_survives(tmp_path: Path) -> None:
    text = SCENARIOS["alone"].replace(promote("approval.missing"), "  - expect: {live: {production: v1}}\n")
    (survivor,) = fates(read_in(tmp_path, alone=text))["P-3"].survivors
    assert survivor == Survived("agreed", "scenarios/alone.yaml comes out as told without it")


def test_a_scenario_that_fails_elsewhere_misses_nothing(tmp_path: Path) -> None:
    text = SCENARIOS["alone"].replace(promote("approval.missing"), f"{AGREE}{promote()}")
    (survivor,) = fates(read_in(tmp_path, alone=text))["P-3"].survivors
    assert survivor.sentence.startswith("scenarios/alone.yaml fails without showing it: ")


def test_what_the_pack_cannot_be_without_is_refused_by_the_loader(tmp_path: Path) -> None:
    pack = PACK.replace("governors: [qa]", "governors: [qa]\ncites: {governors: [P-4]}").replace(
        "enforced: {P-4: [freeze.active]}\n", ""
    )
    assert fates(read_in(tmp_path, pack))["P-4"].fates == (Unloadable("governors", "key 'governors' is missing"),)


def test_where_nothing_breaks_a_statement_nothing_can_notice(tmp_path: Path) -> None:
    (survivor,) = fates(read_in(tmp_path, frozen=""))["P-4"].survivors
    assert survivor.sentence == "no scenario shows it broken, so nothing can notice"


def test_words_that_change_nothing_are_missed_by_nobody(tmp_path: Path) -> None:
    pack = PACK.replace("cites: [P-3], ", "").replace("roles: [dev, qa]", "roles: [dev, qa, boss]")
    pack = pack.replace(
        "{authority: [qa], longest: 7d}", "{authority: [qa], longest: 7d}\nabout: People.\ncites: {about: [P-3]}"
    )
    text = SCENARIOS["alone"].replace(promote("approval.missing"), "  - expect: {live: {production: v1}}\n")
    found = fates(read_in(tmp_path, pack, alone=text))["P-3"]
    assert [one.without for one in found.survivors] == ["about"]


ALSO: Final = "      - {id: seen, cites: [P-3], approval: {roles: [dev], authors: admitted}}\n"
BACKED: Final = PACK.replace("  - {name: production, environment", f"{ALSO}  - {{name: production, environment")
SEEN: Final = "  - {approve: production, as: seen, by: ann}\n"
ALONE: Final = f"{SCENARIOS['alone'].partition(SIGN)[0]}{SIGN}"


def backed(text: str) -> str:
    return text.replace(AGREE, f"  - {{approve: production, as: agreed, by: ben}}\n{SEEN}")


def of_two(folder: Path, **other: str) -> Mutated:
    """What became of P-3, which two elements cite; every other scenario has both."""
    kept = {name: backed(text) for name, text in SCENARIOS.items() if name != "alone"}
    return fates(read_in(folder, BACKED, **{**kept, **other}))["P-3"]


def test_each_of_two_that_cite_a_statement_is_missed_alone(tmp_path: Path) -> None:
    alone = f"{ALONE}{promote('approval.missing')}{SEEN}{promote('approval.missing')}"
    unseen = f"{ALONE}  - {{approve: production, as: agreed, by: ben}}\n{promote('approval.missing')}"
    found = of_two(tmp_path, alone=alone, unseen=unseen)
    assert [(type(one), one.without) for one in found.fates] == [
        (Noticed, "agreed, seen"),
        (Noticed, "agreed alone"),
        (Noticed, "seen alone"),
    ]


def test_one_of_two_that_no_scenario_misses_is_redundant(tmp_path: Path) -> None:
    found = of_two(tmp_path, alone=f"{ALONE}{promote('approval.missing')}{SEEN}{promote('approval.missing')}")
    assert [one.without for one in found.redundant] == ["seen alone"]
    assert found.survivors == ()


def test_where_all_together_are_missed_by_nobody_none_is_asked_for_alone(tmp_path: Path) -> None:
    found = of_two(tmp_path, alone=f"{ALONE}  - expect: {{live: {{production: v1}}}}\n")
    assert [type(one) for one in found.fates] == [Survived]
