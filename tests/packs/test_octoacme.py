# SPDX-License-Identifier: Apache-2.0
"""That the pack `octoacme` carries its written procedure, and that nothing of it could be missing unnoticed."""

from functools import cache
from importlib.resources import files
from typing import Final

from interlock.packs.lint import lint_pack
from interlock.packs.shelf import PACK_FILE
from interlock.testing.coverage import Coverage, read_coverage
from interlock.testing.mutation import Noticed, mutate
from interlock.testing.scenario import Failed, scenario_files

OCTOACME: Final = files("interlock.packs").joinpath("library", "octoacme")
STATEMENTS: Final = tuple(f"OA-{number:02d}" for number in range(1, 63))


@cache
def coverage() -> Coverage:
    found = read_coverage(OCTOACME, PACK_FILE, OCTOACME.joinpath(PACK_FILE).read_bytes())
    assert isinstance(found, Coverage), found
    return found


def test_every_scenario_of_octoacme_goes_as_told_and_says_what_it_is_about() -> None:
    assert [one.outcome.text for one in coverage().plays if isinstance(one.outcome, Failed)] == []
    assert len(coverage().plays) == len(scenario_files(OCTOACME))


def test_octoacme_carries_every_statement_of_its_procedure() -> None:
    lacks = [(row.statement.id, lack.code, lack.sentence) for row in coverage().rows for lack in row.lacks]
    assert lacks == []
    assert tuple(row.statement.id for row in coverage().covered) == STATEMENTS


def test_nothing_of_octoacme_can_be_taken_away_unnoticed() -> None:
    fates = [(one.statement, fate) for one in mutate(coverage()) for fate in one.fates]
    assert [(name, fate) for name, fate in fates if not isinstance(fate, Noticed)] == []
    assert {name for name, _ in fates} == set(STATEMENTS)


def test_nobody_has_advice_about_octoacme() -> None:
    assert lint_pack(coverage().pack.procedure) == ()
