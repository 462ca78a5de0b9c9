# SPDX-License-Identifier: Apache-2.0
"""Wherever a sentence that binds somebody stands, its line is cited by a requirement or listed as unmapped."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.packs.reading.reading import Asked, Reading, Unmapped, read_procedure

SAID = (
    "The ferry must carry lamp {n} at dusk",
    "Never open lock {n} against the tide",
    "Do not ring bell {n} in fog",
    "The keeper of hut {n} shall count the ropes",
    "Nobody crosses weir {n} without a lantern",
    "Under no circumstances is gate {n} left open",
    "Ramp {n} has to be swept before the band arrives",
    "It is forbidden to light stove {n} below deck",
    "Smoking is not allowed in barn {n}",
    "The bell ringer may not leave tower {n} alone",
)
TOO_DEEP = 12


def nested(said: str) -> list[str]:
    return [f"{'  ' * depth}- " + (said if depth == TOO_DEEP - 1 else f"Deck {depth}") for depth in range(TOO_DEEP)]


CONTAINERS: dict[str, Callable[[str], list[str]]] = {
    "paragraph": lambda said: [f"{said}."],
    "remark in a fence": lambda said: ["```bash", "./open.sh", f"# {said}", "```"],
    "remark behind a command": lambda said: ["```", f"./open.sh  # {said}", "```"],
    "words in a fence": lambda said: ["~~~text", f"{said}.", "~~~"],
    "indented code": lambda said: [f"    {said}."],
    "HTML block": lambda said: ["<section>", f"{said}.", "</section>"],
    "unknown HTML": lambda said: [f'<x-panel tone="loud">{said}.</x-panel>'],
    "script": lambda said: [f"<script>ring()</script> {said}."],
    "HTML comment": lambda said: [f"<!-- {said}. -->"],
    "long HTML comment": lambda said: ["<!--", "for the crew", f"{said}.", "-->"],
    "table cell": lambda said: ["| What | Note |", "|---|---|", f"| Ferry | {said} |"],
    "table title": lambda said: [f"| What | {said} |", "|---|---|", "| Ferry | yes |"],
    "cell too many": lambda said: ["| What |", "|---|", f"| Ferry | {said} |"],
    "block quote": lambda said: [f"> {said}."],
    "footnote": lambda said: ["See below[^a].", "", f"[^a]: {said}."],
    "definition": lambda said: ["Dusk", f": {said}."],
    "nested list": nested,
    "title": lambda said: [f"## {said}"],
    "bold line": lambda said: [f"**{said}**"],
    "box": lambda said: ["╔════╗", f"║ {said} ║", "╚════╝"],
    "ASCII box": lambda said: ["+------+", f"| {said} |", "+------+"],
    "grid": lambda said: ["+----+----+", "| At | Rule |", "+====+====+", f"| Pier | {said} |", "+----+----+"],
    "picture": lambda said: [f"![{said}](rule.png)"],
    "arrow": lambda said: ["Crossing", "  -> cast off", f"  -> {said}."],
    "behind another": lambda said: [f"Our ferry is old. {said}. We like it."],
    "attribute": lambda said: [f'<div title="{said}">rope</div>'],
    "set-off title": lambda said: [said, "-----"],
    "panel": lambda said: ["!!! warning", f"    {said}"],
    "title of a panel": lambda said: [f'::: danger "{said}"', "Mind the rope", ":::"],
    "lead": lambda said: [f"{said}:", "", "- at dusk"],
    "literal block": lambda said: ["Like this::", "", f"    {said}"],
    "lines that run on": lambda said: ["we row out and", f"{said}", "and so on"],
    "field": lambda said: [f"Rule: {said}"],
    "aside": lambda said: [f"(For example: {said}.)"],
}


def read(lines: list[str]) -> Reading:
    reading = read_procedure("CROSSING.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return reading


def told(reading: Reading, number: int) -> str:
    """All that is told of a line: by requirements, and as unmapped."""
    every: tuple[Asked | Unmapped, ...] = (*reading.asked, *reading.unmapped)
    return " ".join(one.text for one in every if number in (one.lines if isinstance(one, Asked) else (one.line,)))


def lost(lines: list[str], counts: list[int]) -> list[str]:
    """The lines that hold one of these numbers, and of which nothing that holds it is told."""
    reading = read(lines)
    places = {count: next(at for at, line in enumerate(lines, start=1) if str(count) in line) for count in counts}
    return [lines[at - 1] for count, at in places.items() if str(count) not in told(reading, at)]


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("said", SAID)
def test_a_sentence_that_binds_is_told_wherever_it_stands(container: str, said: str) -> None:
    lines = ["# Crossing", "", "How we cross the river.", "", *CONTAINERS[container](said.format(n=407)), ""]
    assert lost(lines, [407]) == []


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(CONTAINERS)), st.sampled_from(SAID)), min_size=1, max_size=12),
    st.sampled_from(["", "## Deployment", "# Crossing", "Before:", "- [ ] Ropes counted"]),
    st.sampled_from([(), ("---", "title: Crossing", "owner: nobody must change page 999", "---")]),
)
def test_nothing_that_binds_is_lost_in_any_mixture(
    said: list[tuple[str, str]], between: str, front: tuple[str, ...]
) -> None:
    lines = [*front, "# Crossing", ""]
    for place, (container, words) in enumerate(said):
        lines += [*CONTAINERS[container](words.format(n=100 + place)), "", between, ""]
    assert lost(lines, [*range(100, 100 + len(said)), *([999] if front else [])]) == []


def test_lists_within_each_other_are_read_sixty_deep() -> None:
    lines = [f"{'  ' * depth}- Rope {depth} must hold" for depth in range(70)]
    reading = read(["# Crossing", "", *lines])
    assert {one.line for one in reading.asked} >= set(range(3, 50))
    assert all(told(reading, number) for number in range(3, 73))


def test_a_cell_of_a_table_that_stands_on_lines_of_its_own_is_not_told_twice() -> None:
    reading = read(["= Crossing", "", "|===", "|Boat |Rule", "", "|Ferry", "|must carry a lamp", "|==="])
    assert len(reading.asked) + len(reading.unmapped) == 1


@pytest.mark.parametrize(
    "line",
    ["The key words MUST and MAY are to be read as usual.", "You do not have to row.", "Before you row it must be so:"],
)
def test_what_binds_nobody_is_not_listed(line: str) -> None:
    assert read(["# Crossing", "", line, "", "- Lamp lit"]).unmapped == ()
