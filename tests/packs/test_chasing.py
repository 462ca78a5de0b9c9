# SPDX-License-Identifier: Apache-2.0
"""How a pack writes that somebody is told of what is overdue: reviews of emergencies, and clocks that come again."""

from datetime import timedelta
from typing import Final

import pytest
from tests.packs.read_in import loaded
from tests.packs.test_messages import PACK as TOLD
from tests.packs.ward import PACK as WARD

from interlock.domain.template import Since
from interlock.packs.coverage import COUNTS, Kind
from interlock.packs.lint import lint_pack
from interlock.packs.load import load_pack
from interlock.packs.messages import ChaseShape
from interlock.packs.problem import Problems

OWED: Final = 'owed: {to: [staff], title: "{change} of {version}", body: "{title}: {due}. {sentence}"}\n  live:'
CHASED: Final = (
    "review_within: 48h, review_chased: [{message: owed, since: opened, after: 24h}, {message: late, again: 1d}]}"
)
PACK: Final = TOLD.replace("live:", OWED.replace("owed", "late").replace("\n  live:", f"\n  {OWED}"), 1).replace(
    "review_within: 48h}", CHASED
)


def problems(text: str) -> list[tuple[str, str]]:
    """The codes and paths of what is wrong with this pack."""
    found = load_pack("pack.yaml", text.encode())
    return [(one.code, one.path) for one in found.found] if isinstance(found, Problems) else []


def test_a_path_says_what_is_told_of_its_reviews() -> None:
    path = loaded(PACK).procedure.path("emergency")
    assert path is not None
    assert [(one.message.id, one.since, one.after, one.again) for one in path.chases] == [
        ("owed", Since.OPENED, timedelta(days=1), timedelta(0)),
        ("late", Since.OVERDUE, timedelta(0), timedelta(days=1)),
    ]


def test_what_is_told_of_reviews_is_sent_by_something() -> None:
    unsent = [one.where for one in lint_pack(loaded(PACK).procedure) if one.code == "lint.unsent_message"]
    assert unsent == ["alert"]


def test_a_path_that_is_not_there_is_not_made_up() -> None:
    assert loaded(PACK).procedure.path("other") is None


def test_what_chases_counts_as_a_timer() -> None:
    assert Kind.TIMER in COUNTS[ChaseShape].kinds


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("message: late", "message: lat", ("pack.unknown_message", "paths.emergency.review_chased[1]")),
        ("message: late", "message: owed", ("pack.duplicate_name", "paths.emergency.review_chased[1]")),
        ("message: late", "message: alert", ("pack.nobody_gives", "paths.emergency.review_chased[1]")),
        ("message: late", "message: back", ("pack.fact_out_of_place", "paths.emergency.review_chased[1]")),
        ("message: late", "message: soon", ("pack.not_written_yet", "paths.emergency.review_chased[1]")),
        ("since: opened", "since: open", ("pack.unknown_word", "paths.emergency.review_chased[0].since")),
        ("again: 1d", "again: 0s", ("pack.out_of_range", "paths.emergency.review_chased[1].again")),
        ("review_within: 48h, ", "", ("pack.no_review", "paths.emergency")),
        (
            "agreed, production]}",
            "agreed, production], review_within: 1d}",
            ("pack.unowed_review", "paths.standard.review_within"),
        ),
        (
            "agreed, production]}",
            "agreed, production], review_chased: [{message: late}]}",
            ("pack.unowed_review", "paths.standard.review_chased"),
        ),
    ],
)
def test_what_cannot_be_told_of_a_review_is_refused_with_its_place(
    before: str, after: str, expected: tuple[str, str]
) -> None:
    assert before in PACK
    assert expected in problems(PACK.replace(before, after, 1))


def test_a_clock_says_how_often_it_comes_again() -> None:
    text = WARD.decode().replace("within: 48h, tells: [product-lead]", "within: 48h, again: 1d")
    (clock,) = [one for one in loaded(text).procedure.handling.clocks if one.id == "post-mortem"]
    assert clock.again == timedelta(days=1)


def test_a_clock_may_stand_for_the_very_time_of_a_meeting() -> None:
    clock = "    written: {from: scheduled, until: [{done: timeline}]}\n  closing:\n"
    text = WARD.decode().replace("  closing:\n", clock)
    assert "written" in [one.id for one in loaded(text).procedure.handling.clocks]


AFTER: Final = "{{from: {{missed: {}}}, until: [decided], within: 1m}}"


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("aa: {from: {missed: aa}, until: [decided], within: 1m}", ("pack.circle", "incident.clocks.aa.from")),
        (
            f"aa: {AFTER.format('bb')}\n    bb: {AFTER.format('aa')}",
            ("pack.circle", "incident.clocks.bb.from"),
        ),
        ("aa: {from: opened, until: [{missed: aa}], within: 1m}", ("pack.clock_idle", "incident.clocks.aa.until[0]")),
        ("aa: {from: opened, until: [{done: review}], within: 1m}", ("pack.clock_idle", "incident.clocks.aa.until[0]")),
        ("aa: {from: opened, until: [{done: notice}], within: 1m}", ("pack.clock_idle", "incident.clocks.aa.until[0]")),
        ("aa: {from: {done: proven}, until: [decided], within: 1m}", ("pack.clock_idle", "incident.clocks.aa.from")),
    ],
)
def test_a_clock_that_never_starts_or_never_stops_is_refused(clock: str, expected: tuple[str, str]) -> None:
    text = WARD.decode().replace("  closing:\n", f"    {clock}\n  closing:\n")
    assert expected in problems(text)


def test_a_clock_that_follows_another_is_in_no_circle() -> None:
    clock = "    aa: {from: {missed: assess}, until: [decided], within: 1m}\n  closing:\n"
    assert problems(WARD.decode().replace("  closing:\n", clock)) == []
