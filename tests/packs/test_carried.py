# SPDX-License-Identifier: Apache-2.0
"""Every statement that a pack of the library numbers is carried, and whatever carries it is missed when it is gone."""

from functools import cache
from typing import Final

import pytest

from interlock.packs.coverage import REQUIREMENTS_FILE
from interlock.packs.shelf import PACK_FILE, Shelf
from interlock.testing.coverage import Coverage, read_coverage
from interlock.testing.mutation import mutate

FOLDERS: Final = {name: folder for name in Shelf().names() if (folder := Shelf().folder(name)) is not None}
NUMBERED: Final = [name for name, folder in FOLDERS.items() if folder.joinpath(REQUIREMENTS_FILE).is_file()]


@cache
def coverage(name: str) -> Coverage:
    folder = FOLDERS[name]
    found = read_coverage(folder, PACK_FILE, folder.joinpath(PACK_FILE).read_bytes())
    assert isinstance(found, Coverage), found
    return found


def test_the_starter_pack_numbers_its_statements() -> None:
    assert "starter" in NUMBERED


@pytest.mark.parametrize("name", NUMBERED)
def test_every_statement_is_carried_broken_and_kept(name: str) -> None:
    lacks = {row.statement.id: row.lacks for row in coverage(name).rows if row.lacks}
    assert lacks == {}


@pytest.mark.parametrize("name", NUMBERED)
def test_whatever_carries_a_statement_is_missed_when_it_is_taken_away(name: str) -> None:
    """All that cites a statement together, and then each of it alone: nothing that cites is there for nothing."""
    unmissed = [(one.statement, fate) for one in mutate(coverage(name)) for fate in (*one.survivors, *one.redundant)]
    assert unmissed == []
