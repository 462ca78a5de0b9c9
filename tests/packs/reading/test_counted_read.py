# SPDX-License-Identifier: Apache-2.0
"""How lengths of time count beside an overrun, behind what has passed, and again within another length of time."""

import pytest

from interlock.packs.reading.deadlines import deadlines
from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.reading import Reading, read_procedure


def counted(text: str) -> list[str]:
    return [f"{one.relation}:{in_short(one.least)}" for one in deadlines(text)]


def asked(sentence: str) -> set[tuple[str, str]]:
    """Kind and time of everything that is asked for in a sentence."""
    found = read_procedure("counted.md", f"# Mill\n\nHow we grind.\n\n## Steps\n\n{sentence}\n".encode())
    assert isinstance(found, Reading)
    times = ((one.kind.value, one.deadline) for one in found.asked)
    return {(kind, f"{time.relation}:{in_short(time.least)}") for kind, time in times if time}


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Should the grinding overrun its slot by more than 20 minutes, stop", "after:20m"),
        ("Do not open the sluice before 14 days have passed", "after:14d"),
        ("Ring again once 10 minutes have passed", "after:10m"),
        ("Drop the sacks after at least 1 week", "after:7d"),
        ("Sacks are archived after 90 days", "after:90d"),
        ("The sheet must reach the archive within 10 days from the grinding", "within:10d"),
        ("Return to the previous stone within one business day", "within:1d"),
        ("The stones run for 10 minutes before the rest follows", "for:10m"),
        ("Dust above 1 % for more than 3 minutes", "for:3m"),
        ("The sieve came back clean for the last 3 days", "for:3d"),
        ("Trial with 12 sacks, duration 14 days", "for:14d"),
        ("Once a week the miller walks the dam", "every:7d"),
        ("Publish the weekly list of sacks", "every:7d"),
        ("T\u201124h close the sluice", "before:1d"),
    ],
)
def test_a_time_counts_by_what_stands_beside_it(text: str, time: str) -> None:
    assert counted(text) == [time]


def test_what_was_so_lately_is_no_time() -> None:
    assert counted("opened within the last 2 hours") == []


@pytest.mark.parametrize(
    ("sentence", "times"),
    [
        ("The miller reads the gauge daily for ten days.", {"every:1d", "for:10d"}),
        ("The miller watches the sluice hourly for 48 hours.", {"every:1h", "for:2d"}),
        ("The miller looks at the dam every morning for one week.", {"every:1d", "for:7d"}),
        ("Burst sacks are mended within four hours, all others within two days.", {"within:4h", "within:2d"}),
    ],
)
def test_both_times_of_a_sentence_are_told(sentence: str, times: set[str]) -> None:
    assert {time for _, time in asked(sentence)} == times


def test_each_is_told_by_its_own_kind_or_in_its_own_words() -> None:
    found = read_procedure("m.md", b"# Mill\n\n## Steps\n\nSacks are mended within an hour, all others within a day.\n")
    assert isinstance(found, Reading)
    assert len({(one.kind, one.text) for one in found.asked}) == len(found.asked)


def test_what_is_only_kept_holds_nothing_up() -> None:
    assert "hold" not in {kind for kind, _ in asked("Make a copy of the list and keep it for 7 days.")}
