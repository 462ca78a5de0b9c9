# SPDX-License-Identifier: Apache-2.0
"""Kinds that plain words settle: what is suggested, whose word is given, what is looked at again, what a duty is."""

import pytest

from interlock.packs.reading.reading import Reading, read_procedure


def kind(*lines: str) -> str:
    text = ("# Apiary", "", "How we keep bees.", "", "## Steps", "", *lines, "")
    found = read_procedure("apiary.md", "\n".join(text).encode())
    assert isinstance(found, Reading)
    return found.asked[-1].kind.value


@pytest.mark.parametrize(
    "line",
    [
        "It would be nice to have pictures of the hives.",
        "It'd be lovely if the list had a map.",
        "It's a good idea to rest at noon.",
        "We'd advise taking a second veil.",
        "Consider painting the lids.",
        "- Feel free to taste the honey.",
        "A short note about the weather is appreciated.",
        "You might want to warm the wax.",
        "The neighbours may want to close their windows.",
    ],
)
def test_what_is_suggested_is_advice(line: str) -> None:
    assert kind(line) == "advisory"


@pytest.mark.parametrize(
    "line", ["It would be good, and the lids must be shut.", "Nobody should be stung, so never taste it."]
)
def test_what_binds_is_none(line: str) -> None:
    assert kind(line) != "advisory"


@pytest.mark.parametrize(
    "line",
    [
        "- The bee warden gives the written release for the sale.",
        "- The bee warden consents in writing to the move.",
        "- The bee warden must endorse the move in writing.",
        "- The shift supervisor gives the okay for the rest.",
        "- The bee warden grants or refuses the sale.",
    ],
)
def test_whoever_gives_their_word_approves(line: str) -> None:
    assert kind(line) == "approval"


@pytest.mark.parametrize(
    "line",
    ["- The bee warden checks the frames every two weeks.", "- Frames are reviewed every week by the bee warden."],
)
def test_what_is_looked_at_again_is_signed_by_nobody(line: str) -> None:
    assert kind(line) in ("step", "timer")


@pytest.mark.parametrize(
    "line", ["- reads the scale line by line", "- empties the smoker", "- executes the list of May"]
)
def test_what_somebody_does_is_a_step(line: str) -> None:
    assert kind("**Bee warden:**", "", line) in ("step", "gate")
