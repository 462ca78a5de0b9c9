# SPDX-License-Identifier: Apache-2.0
"""The review of an incident: when it may take place."""

from dataclasses import replace

import pytest
from tests.domain.shop import START, cyd
from tests.domain.story import codes
from tests.domain.ward import GAPS, HANDLING, I1, MINUTE, REVIEW, opened

from interlock.domain.answering import Answer
from interlock.domain.incident import ScheduleReview


@pytest.mark.parametrize(
    ("minutes", "expected"), [(-1, ("incident.review_past",)), (60 * 49, ("incident.review_late",)), (60 * 47, ())]
)
def test_a_review_lies_ahead_and_before_its_deadline(minutes: int, expected: tuple[str, ...]) -> None:
    assert codes(opened().tell(ScheduleReview(I1, START + MINUTE * minutes), cyd)) == expected


def test_a_review_is_put_off_to_no_later_than_it_might_have_been() -> None:
    ward = opened()
    ward.well(ScheduleReview(I1, START + MINUTE * 60 * 47), cyd)
    assert codes(ward.tell(ScheduleReview(I1, START + MINUTE * 60 * 49), cyd)) == ("incident.review_late",)
    ward.well(ScheduleReview(I1, START + MINUTE * 60 * 46), cyd)


def test_a_review_that_is_late_already_is_scheduled_all_the_same() -> None:
    ward = opened()
    ward.answer(Answer.STAY)
    ward.now += MINUTE * 60 * 48
    ward.see_to()
    ward.well(ScheduleReview(I1, ward.now + MINUTE * 60), cyd)


def test_a_review_comes_after_what_it_comes_after() -> None:
    later = tuple(replace(duty, after=(GAPS,)) if duty.id == REVIEW else duty for duty in HANDLING.duties)
    ward = opened()
    ward.room = replace(ward.room, handling=replace(HANDLING, duties=later))
    assert codes(ward.tell(ScheduleReview(I1, START + MINUTE * 60), cyd)) == ("incident.too_early",)
