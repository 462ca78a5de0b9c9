# SPDX-License-Identifier: Apache-2.0
"""What stands behind a procedure asks for nothing, and is listed; what binds in the same words still asks."""

import pytest

from interlock.packs.reading.reading import Reading, read_procedure


def read(*lines: str) -> Reading:
    text = ("# Quarry", "", "## Blasting", "", "Sound the horn.", "", *lines, "")
    found = read_procedure("quarry.md", "\n".join(text).encode())
    assert isinstance(found, Reading)
    return found


BEHIND = (
    "The horn rule was born after the accident of 1998.",
    "The second siren grew out of the merger with the gravel works.",
    "The short way exists to clear a blocked belt.",
    "The powder store is located at the old mill.",
    "The usual wind speeds are shown in Annex B.",
    "Older plans are available with the surveyor.",
    "The fuse rule dates from spring 2011, when a boot caught a wire.",
    "A blast takes about twenty minutes.",
    "The inspector takes on average three weeks.",
    "The powder supplier usually delivers twice a year.",
    "Fog happens about six times a year.",
    "A missed blast costs us two days.",
    "Experience shows that the third hole is the wet one.",
    "Last season: two misfires, no injuries.",
    "As you know, the old crusher is nine years old.",
    "About one blast in sixty misfires.",
    "Most of the year is quiet.",
    "People still talk about the great dust.",
    "The crusher has been in the family for many years.",
    "The surveyor is grateful for hints.",
    "Looking forward to the summer.",
    "This directive enters into force on the day after its printing.",
    "This directive governs how stones are broken.",
    "Gravel pits are out of this policy.",
    "Queries on this page may be addressed to the office.",
    "The new belt is donated by the town.",
    "The warning feels long to visitors.",
    "There are three categories: small, middle and large.",
    "The chain consists of 214 links.",
    "Document ref. QP-07, issue 4.",
    "Circulated to: the crew, the office, the inspector",
)


@pytest.mark.parametrize("line", BEHIND)
def test_what_is_behind_asks_for_nothing(line: str) -> None:
    assert [one.line for one in read(line).asked] == [5]


@pytest.mark.parametrize(
    "line",
    [
        "2.1 The usual wind speeds are shown in Annex B.",
        "(3) Experience shows that the third hole is the wet one.",
        "(4) This directive enters into force on the day after its printing.",
    ],
)
def test_a_numbered_clause_tells_as_a_sentence_does(line: str) -> None:
    assert [one.line for one in read(line).asked] == [5]


@pytest.mark.parametrize(
    "line",
    [
        "The powder store must be located at the old mill.",
        "The blaster takes two hours off after each blast, and nobody enters the pit.",
        "There are never three people in the pit.",
        "The usual wind speed has to be shown in the hut.",
        "If the horn is born after the blast, stop.",
        "A blast takes the written consent of the surveyor.",
        "The blaster usually checks the fuse.",
        "3. The map is in the hut.",
        "3. There are two green lamps.",
        "Waste goes back to the pit.",
        "The board consists of the surveyor and two members of the crew.",
        "Let the office know about it.",
    ],
)
def test_what_binds_or_is_done_still_asks(line: str) -> None:
    found = read(line)
    assert 7 in {*(one.line for one in found.asked), *(one.line for one in found.unmapped)}


@pytest.mark.parametrize(
    "line", ["A missed blast costs us two days, so nobody may hurry.", "Last season: do not repeat it."]
)
def test_nothing_that_may_bind_is_dropped_in_silence(line: str) -> None:
    found = read(line)
    assert 7 in {*(one.line for one in found.asked), *(one.line for one in found.unmapped)}


@pytest.mark.parametrize("line", BEHIND[:6])
def test_what_is_behind_is_listed(line: str) -> None:
    assert [one.line for one in read(line).unmapped] == [7]
