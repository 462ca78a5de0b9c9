# SPDX-License-Identifier: Apache-2.0
"""Steps of an incident: performed once the traffic is back, tried again, and when a word stands for an answer."""

from tests.domain.shop import WORDS, ann, bob, cyd, dan
from tests.domain.story import codes, leaves
from tests.domain.test_incident import KEY, concluded, returned, steps
from tests.domain.ward import (
    FLAGS,
    HANDLING,
    I1,
    OLD,
    opened,
)

from interlock.domain.action import PerformStep
from interlock.domain.actor import CONTROLLER
from interlock.domain.answering import Answer
from interlock.domain.duty import (
    DoStepByHand,
    RetryStep,
    StepOutcome,
)
from interlock.domain.ids import EffectKey
from interlock.domain.owing import closing


def test_a_step_follows_once_the_traffic_is_back() -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK)
    assert steps(ward) == []
    ward.goes_back()
    assert steps(ward) == [PerformStep(I1, FLAGS, HANDLING.duties[0].asked.step, OLD.release, KEY)]  # type: ignore[union-attr] # the first duty is a step


def test_a_step_is_done_once() -> None:
    ward = returned()
    ward.well(concluded(), CONTROLLER)
    assert steps(ward) == []
    assert codes(ward.tell(concluded(), CONTROLLER)) == ("incident.step_not_due",)


def test_a_step_that_failed_is_told_and_waits_for_a_person() -> None:
    ward = returned()
    ward.well(concluded(StepOutcome.FAILED), CONTROLLER)
    assert "flags failed" in ward.told[-1].title
    assert steps(ward) == []
    assert leaves(closing(HANDLING, ward.state))[FLAGS] == "duty.step_failed"


def test_a_step_is_tried_again_under_another_key() -> None:
    ward = returned()
    ward.well(concluded(StepOutcome.FAILED), CONTROLLER)
    ward.well(RetryStep(I1, FLAGS), cyd)
    assert [one.key for one in steps(ward) if isinstance(one, PerformStep)] == ["i1/step/flags/2"]
    assert codes(ward.tell(concluded(), CONTROLLER)) == ("incident.step_not_due",)


def test_a_step_without_an_answer_is_told_and_waits_for_a_person() -> None:
    ward = returned()
    ward.well(concluded(StepOutcome.SILENT), CONTROLLER)
    assert "flags failed" in ward.told[-1].title
    assert steps(ward) == []
    assert leaves(closing(HANDLING, ward.state))[FLAGS] == "duty.step_silent"


def test_a_step_without_an_answer_is_done_by_hand_by_somebody_with_a_part_in_it() -> None:
    ward = returned()
    ward.well(concluded(StepOutcome.SILENT), CONTROLLER)
    ward.well(DoStepByHand(I1, FLAGS, WORDS), dan)
    assert FLAGS in ward.state.done
    assert FLAGS not in ward.state.failed


def test_nobody_s_word_takes_the_place_of_a_step_that_failed() -> None:
    ward = returned()
    ward.well(concluded(StepOutcome.FAILED), CONTROLLER)
    assert codes(ward.tell(DoStepByHand(I1, FLAGS, WORDS), dan)) == ("incident.step_refuted",)


def test_silence_does_not_take_back_what_failed() -> None:
    ward = returned()
    ward.well(concluded(StepOutcome.FAILED), CONTROLLER)
    ward.well(RetryStep(I1, FLAGS), cyd)
    ward.well(concluded(StepOutcome.SILENT, EffectKey("i1/step/flags/2")), CONTROLLER)
    assert codes(ward.tell(DoStepByHand(I1, FLAGS, WORDS), dan)) == ("incident.step_refuted",)
    assert leaves(closing(HANDLING, ward.state))[FLAGS] == "duty.step_failed"


def test_a_step_that_failed_is_done_once_its_program_says_so() -> None:
    ward = returned()
    ward.well(concluded(StepOutcome.FAILED), CONTROLLER)
    ward.well(RetryStep(I1, FLAGS), cyd)
    ward.well(concluded(StepOutcome.DONE, EffectKey("i1/step/flags/2")), CONTROLLER)
    assert FLAGS in ward.state.done
    assert ward.state.refuted == frozenset()


def test_a_step_that_was_not_tried_is_not_done_by_hand() -> None:
    assert codes(returned().tell(DoStepByHand(I1, FLAGS, WORDS), dan)) == ("incident.step_awaited",)


def test_who_decided_to_go_back_does_not_say_that_a_step_was_done_by_hand() -> None:
    ward = returned()
    ward.well(concluded(StepOutcome.SILENT), CONTROLLER)
    decided = next(one for one in (ann, bob, cyd, dan) if ward.state.settled.by == f"person:{one.id}")
    assert codes(ward.tell(DoStepByHand(I1, FLAGS, WORDS), decided)) == ("incident.own_decision",)


def test_what_has_not_failed_is_not_tried_again() -> None:
    assert codes(returned().tell(RetryStep(I1, FLAGS), cyd)) == ("incident.not_failed",)


def test_a_step_that_nobody_owes_is_not_concluded() -> None:
    assert codes(opened().tell(concluded(), CONTROLLER)) == ("incident.step_not_due",)
