# SPDX-License-Identifier: Apache-2.0
"""Incidents: opened, told about, answered by a rollback and what follows it, and closed when nothing is owed."""

from dataclasses import replace
from typing import Final

import pytest
from tests.domain.shop import BOB, PRODUCTION, R1, SHOP, START, WORDS, ann, bob, cyd, dan
from tests.domain.story import codes, leaves
from tests.domain.ward import (
    ABOUT_SECURITY,
    ALERT,
    BACK,
    CHECKED,
    CLOSING,
    DATA,
    DECLARED,
    FLAGS,
    GAPS,
    HANDLING,
    I1,
    LIVE,
    LOOKED,
    MINUTE,
    NEW,
    OLD,
    PROVEN,
    RESOLVED,
    STORY,
    THREAT,
    TOLD,
    UPDATE,
    Ward,
    opened,
)

from interlock.domain.action import Action, Announce, GoBack, NoteRestored, PerformStep
from interlock.domain.actor import CONTROLLER, Actor, Assurance, Person
from interlock.domain.alerting import responders
from interlock.domain.answering import Answer, ReportStuck, Stance
from interlock.domain.attending import Room
from interlock.domain.duty import (
    AnswerQuestion,
    AttestDuty,
    ConcludeStep,
    DoStepByHand,
    NameGap,
    PeoplesDutyCommand,
    StepOutcome,
    WriteReport,
)
from interlock.domain.handling import ANY_LABEL, UNHANDLED, Handling, Promising, Scope
from interlock.domain.ids import DutyId, EffectKey, IncidentId, LabelName, NoticeId, ReleaseId, digest_of
from interlock.domain.incident import (
    CloseIncident,
    IncidentClosed,
    IncidentPhase,
    LabelIncident,
    OpenIncident,
    ReportRestored,
    ScheduleReview,
    Severity,
)
from interlock.domain.moment import NEVER
from interlock.domain.owing import closing
from interlock.domain.slot import OccupantKind, SlotState
from interlock.domain.telling import Said, SendNotice
from interlock.domain.verdict import Verdict

CLOSE: Final = CloseIncident(I1, WORDS)
OPEN: Final = OpenIncident(I1, SHOP, PRODUCTION, R1, Severity.MAJOR, WORDS)
WRITTEN: Final = WriteReport(I1, STORY, digest_of(b"story"), ("Timeline", "Impact", "More"))
PROPOSED: Final = digest_of(b"better rules")
ASSERTED: Final = Person(BOB, Assurance.ASSERTED)


def unhandled() -> Ward:
    """An incident under a procedure that says nothing of incidents."""
    ward = Ward(Room(UNHANDLED, slot=LIVE))
    ward.well(OPEN, ann)
    return ward


def test_without_a_procedure_a_signed_person_closes_it() -> None:
    ward = unhandled()
    closed, delisted = ward.well(CLOSE, bob)
    assert closed == IncidentClosed(I1, WORDS, BOB, START)
    assert ward.state.phase is IncidentPhase.CLOSED
    assert delisted is not None


def test_without_a_procedure_nothing_is_owed_and_nothing_runs() -> None:
    ward = unhandled()
    assert ward.wants() == ()
    assert closing(UNHANDLED, ward.state).opens


def test_an_incident_is_opened_once() -> None:
    assert codes(opened().tell(OPEN, ann)) == ("incident.exists",)


@pytest.mark.parametrize("actor", [ASSERTED, CONTROLLER])
def test_nobody_closes_it_without_a_signature(actor: Actor) -> None:
    assert codes(unhandled().tell(CLOSE, actor)) == ("incident.unsigned",)


def test_a_closed_one_is_not_closed_again() -> None:
    ward = unhandled()
    ward.well(CLOSE, bob)
    assert codes(ward.tell(CLOSE, bob)) == ("incident.not_open",)


def test_somebody_who_does_not_sign_may_open_one() -> None:
    ward = Ward()
    ward.well(replace(OPEN, labels=(THREAT,)), Person(BOB, Assurance.ASSERTED))
    assert ward.state.stance is Stance.OPEN


@pytest.mark.parametrize("person", [bob, cyd])
def test_what_is_not_weighed_goes_back_as_it_is_opened(person: Person) -> None:
    ward = Ward()
    ward.well(replace(OPEN, labels=(ABOUT_SECURITY, THREAT)), person)
    assert ward.state.is_going_back
    assert ward.wants()[0] == GoBack(I1)


def test_an_incident_is_about_what_the_procedure_knows() -> None:
    assert codes(Ward().tell(replace(OPEN, labels=(LabelName("weather"),)), ann)) == ("incident.unknown_label",)
    assert codes(opened().tell(LabelIncident(I1, LabelName("weather")), ann)) == ("incident.unknown_label",)


def test_a_label_is_put_on_once() -> None:
    ward = opened()
    ward.well(LabelIncident(I1, ABOUT_SECURITY), ann)
    assert codes(ward.tell(LabelIncident(I1, ABOUT_SECURITY), ann)) == ("incident.labelled",)


def test_who_labelled_it_first_takes_nothing_from_those_whose_word_is_not_weighed() -> None:
    ward = opened()
    ward.well(LabelIncident(I1, THREAT), ann)
    assert not ward.state.is_going_back
    ward.well(LabelIncident(I1, THREAT), cyd)
    assert (ward.state.is_going_back, ward.state.labels) == (True, (THREAT,))


def test_labels_that_come_twice_count_once() -> None:
    assert opened(ABOUT_SECURITY, ABOUT_SECURITY).state.labels == (ABOUT_SECURITY,)


def test_what_goes_back_already_is_not_decided_by_a_label() -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK)
    assert len(ward.well(LabelIncident(I1, THREAT), bob)) == 1


# Messages


def told(ward: Ward) -> list[str]:
    """The titles of what was sent by the procedure."""
    return [one.title for one in ward.told if one.notice]


def says(notice: NoticeId, *fields: str, promised: int = 0) -> SendNotice:
    """A message with these fields."""
    until = START + MINUTE * promised if promised else NEVER
    return SendNotice(I1, notice, tuple(Said(one, WORDS) for one in fields), until)


def test_a_message_goes_out_by_itself_when_its_occasion_comes() -> None:
    ward = opened()
    assert Announce(I1, DECLARED) in ward.wants()
    ward.see_to()
    assert told(ward) == ["declared i1"]


def test_it_goes_out_again_when_its_occasion_comes_again() -> None:
    ward = opened()
    ward.see_to()
    ward.well(LabelIncident(I1, ABOUT_SECURITY), ann)
    ward.see_to()
    assert told(ward) == ["declared i1", "declared i1"]
    assert len({one.key for one in ward.told}) == 2


def test_it_goes_out_only_then() -> None:
    ward = opened()
    ward.see_to()
    assert codes(ward.tell(SendNotice(I1, DECLARED, ()), CONTROLLER)) == ("incident.nothing_to_tell",)


def test_a_small_incident_is_told_less_of() -> None:
    ward = opened(severity=Severity.MINOR)
    loud = replace(HANDLING.notices[0], scope=Scope(Severity.CRITICAL, ANY_LABEL))
    ward.room = replace(ward.room, handling=replace(HANDLING, notices=(loud,)))
    assert Announce(I1, DECLARED) not in ward.wants()


def test_a_person_sends_a_message_with_all_its_fields() -> None:
    ward = opened()
    ward.well(says(ALERT, "summary", "impact", promised=30), dan)
    sent = ward.told[-1]
    assert sent.to == "room"
    assert {quote.name for quote in sent.quotes} == {"fields.summary", "fields.impact"}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (says(ALERT, "summary", promised=30), "notice.field_missing"),
        (says(UPDATE, "summary", "weather", promised=30), "notice.unknown_field"),
        (says(ALERT, "summary", "impact"), "incident.no_promise"),
        (says(NoticeId("nothing")), "incident.unknown_notice"),
        (says(DECLARED), "incident.notice_automatic"),
        (says(RESOLVED, "cause"), "incident.too_early"),
    ],
)
def test_a_message_that_is_not_whole_is_not_sent(command: SendNotice, expected: str) -> None:
    assert codes(opened().tell(command, dan)) == (expected,)


def test_what_is_promised_is_to_come() -> None:
    ward = opened()
    ward.now += MINUTE * 31
    assert codes(ward.tell(says(ALERT, "summary", "impact", promised=30), dan)) == ("incident.promise_past",)


def test_nobody_is_silenced_by_a_promise_for_next_month() -> None:
    longest = 24 * 60
    assert codes(opened().tell(says(ALERT, "summary", "impact", promised=longest + 1), dan)) == (
        "incident.promise_far",
    )
    opened().well(says(ALERT, "summary", "impact", promised=longest), dan)


# Going back


def test_what_is_to_go_back_is_ordered_before_anything_else() -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK)
    assert ward.wants()[0] == GoBack(I1)


@pytest.mark.parametrize(
    "slot",
    [
        SlotState(live=OLD, good=(OLD,)),
        SlotState(live=NEW, good=(OLD, NEW), kind=OccupantKind.ROLLBACK),
    ],
)
def test_what_is_gone_or_goes_back_already_is_not_ordered_back(slot: SlotState) -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK)
    ward.room = replace(ward.room, slot=slot)
    assert GoBack(I1) not in ward.wants()


@pytest.mark.parametrize("slot", [SlotState(live=OLD, candidate=NEW), SlotState(live=OLD, occupying=R1)])
def test_what_is_only_on_its_way_is_ordered_back_too(slot: SlotState) -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK)
    ward.room = replace(ward.room, slot=slot)
    assert GoBack(I1) in ward.wants()


def test_that_it_cannot_go_back_is_told_and_left_to_people() -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK)
    ward.well(ReportStuck(I1, "nothing was good there"), CONTROLLER)
    assert GoBack(I1) not in ward.wants()
    assert "going back failed" in ward.told[-1].title
    ward.answer(Answer.HOTFIX)
    assert ward.state.settled.answer is Answer.HOTFIX


def test_what_need_not_go_back_is_not_stuck() -> None:
    assert codes(opened().tell(ReportStuck(I1, "x"), CONTROLLER)) == ("incident.not_stuck",)


def test_what_runs_instead_is_noticed_once() -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK)
    ward.went_back()
    assert NoteRestored(I1) in ward.wants()
    ward.see_to()
    assert NoteRestored(I1) not in ward.wants()
    assert codes(ward.tell(ReportRestored(I1), CONTROLLER)) == ("incident.no_news",)
    assert "back-again i1" in told(ward)


def test_nothing_is_noticed_while_it_goes_on() -> None:
    assert codes(opened().tell(ReportRestored(I1), CONTROLLER)) == ("incident.no_news",)


def test_an_incident_about_no_release_is_not_restored_by_any() -> None:
    ward = Ward()
    ward.well(replace(OPEN, release=ReleaseId("")), ann)
    assert NoteRestored(I1) not in ward.wants()


def steps(ward: Ward) -> list[Action]:
    """The steps whose turn it is."""
    return [one for one in ward.wants() if isinstance(one, PerformStep)]


KEY: Final = EffectKey("i1/step/flags/1")


def concluded(outcome: StepOutcome = StepOutcome.DONE, key: EffectKey = KEY) -> ConcludeStep:
    """What became of the step."""
    return ConcludeStep(I1, FLAGS, key, outcome, "as it said", digest_of(b"report"))


def returned() -> Ward:
    """The traffic is back."""
    ward = opened()
    ward.answer(Answer.ROLLBACK)
    ward.goes_back()
    return ward


# What is owed, in its order


def asks(duty: DutyId, answer: str = "keep") -> AnswerQuestion:
    return AnswerQuestion(I1, duty, answer, WORDS)


def test_nothing_that_follows_going_back_is_owed_by_what_stays() -> None:
    ward = opened()
    ward.answer(Answer.STAY)
    assert codes(ward.tell(asks(DATA), cyd)) == ("incident.not_owed",)


def test_a_later_one_before_an_earlier_one_is_refused() -> None:
    assert codes(returned().tell(asks(DATA), cyd)) == ("incident.too_early",)


def test_nothing_follows_before_the_traffic_is_back() -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK)
    assert codes(ward.tell(DoStepByHand(I1, FLAGS, WORDS), dan)) == ("incident.too_early", "incident.step_awaited")


@pytest.mark.parametrize(
    ("command", "actor", "expected"),
    [
        (asks(DATA), dan, ("incident.role",)),
        (asks(DATA, "perhaps"), cyd, ("incident.unknown_answer",)),
        (AttestDuty(I1, DATA), cyd, ("incident.other_duty",)),
        (AttestDuty(I1, DutyId("weather")), cyd, ("incident.not_owed",)),
        (AttestDuty(I1, LOOKED), bob, ("incident.not_owed",)),
        (DoStepByHand(I1, FLAGS, WORDS), dan, ("incident.done_already",)),
        (AttestDuty(I1, CHECKED), bob, ("incident.too_early",)),
        (WRITTEN, cyd, ("incident.too_early",)),
        (replace(WRITTEN, sections=("Impact",)), bob, ("incident.role", "incident.too_early", "incident.sections")),
        (NameGap(I1, GAPS, WORDS, PROPOSED), cyd, ("incident.no_proposal",)),
    ],
)
def test_what_is_owed_is_done_by_whom_and_how_it_is_asked(
    command: PeoplesDutyCommand, actor: Person, expected: tuple[str, ...]
) -> None:
    ward = returned()
    ward.well(concluded(), CONTROLLER)
    assert codes(ward.tell(command, actor)) == expected


def restored(*labels: LabelName) -> Ward:
    """It went back, and everything that follows was done."""
    ward = opened(*labels)
    ward.answer(Answer.ROLLBACK)
    ward.goes_back()
    ward.well(concluded(), CONTROLLER)
    ward.well(asks(DATA), cyd)
    ward.went_back()
    ward.see_to()
    ward.well(AttestDuty(I1, CHECKED), bob)
    return ward


def test_a_procedure_is_walked_to_its_end() -> None:
    ward = restored()
    ward.well(WRITTEN, cyd)
    ward.well(AttestDuty(I1, GAPS), cyd)
    ward.well(ScheduleReview(I1, START + MINUTE * 60), cyd)
    ward.well(says(RESOLVED, "cause"), dan)
    ward.well(CLOSE, cyd)
    assert ward.state.phase is IncidentPhase.CLOSED


def test_closing_says_everything_that_is_still_owed() -> None:
    assert codes(restored(ABOUT_SECURITY).tell(CLOSE, cyd)) == (
        "duty.unwritten",
        "duty.gaps_unnamed",
        "duty.unscheduled",
        "duty.too_early",
        "duty.unsigned",
    )


def test_what_was_not_decided_is_not_closed() -> None:
    bare = opened()
    bare.room = replace(bare.room, handling=replace(HANDLING, duties=()))
    assert codes(bare.tell(CLOSE, cyd)) == ("incident.undecided",)
    bare.answer(Answer.STAY)
    bare.well(CLOSE, cyd)


def test_what_was_decided_has_come_about_before_it_is_closed() -> None:
    bare = opened()
    bare.room = replace(bare.room, handling=replace(HANDLING, duties=()))
    bare.answer(Answer.HOTFIX)
    assert codes(bare.tell(CLOSE, cyd)) == ("incident.not_restored",)


def test_how_every_duty_stands_is_told() -> None:
    found = leaves(closing(HANDLING, returned().state))
    assert found[FLAGS] == "duty.step_awaited"
    assert found[DATA] == "duty.too_early"


def test_the_question_is_told_when_its_turn_has_come() -> None:
    ward = returned()
    ward.well(concluded(), CONTROLLER)
    assert leaves(closing(HANDLING, ward.state))[DATA] == "duty.unanswered"
    ward.well(asks(DATA), cyd)
    assert leaves(closing(HANDLING, ward.state))[PROVEN] == "incident.not_restored"


def test_the_resolution_is_told_when_its_turn_has_come() -> None:
    ward = opened()
    ward.well(ScheduleReview(I1, START + MINUTE * 60), cyd)
    assert leaves(closing(HANDLING, ward.state))[TOLD] == "duty.unsent"


def test_what_was_done_says_by_whom() -> None:
    found = {leaf.subject: leaf for leaf in closing(HANDLING, restored().state).children}
    assert found[CHECKED].verdict is Verdict.PASS
    assert found[CHECKED].sentence == "done by bob"
    assert found[PROVEN].sentence == "done"


def test_a_gap_is_named_with_what_closes_it() -> None:
    ward = restored()
    ward.proposed(PROPOSED)
    ward.well(NameGap(I1, GAPS, WORDS, PROPOSED), cyd)
    ward.well(NameGap(I1, GAPS, WORDS, PROPOSED), cyd)
    assert ward.state.gaps == (PROPOSED, PROPOSED)


def test_a_report_may_be_written_again() -> None:
    ward = restored()
    ward.well(WRITTEN, cyd)
    ward.well(WRITTEN, cyd)
    assert STORY in ward.state.done


def test_where_one_of_them_is_not_owed_what_comes_before_it_counts() -> None:
    ward = returned()
    quiet = tuple(
        replace(duty, scope=Scope(label=ABOUT_SECURITY)) if duty.id == DATA else duty for duty in HANDLING.duties
    )
    ward.room = replace(ward.room, handling=replace(HANDLING, duties=quiet))
    finding = next(leaf for leaf in closing(ward.room.handling, ward.state).children if leaf.subject == PROVEN)
    assert finding.sentence == "flags comes first"


def test_what_comes_after_something_unknown_comes_after_nothing() -> None:
    alone = replace(CLOSING[1], after=(DutyId("weather"),))
    ward = opened()
    ward.room = replace(ward.room, handling=Handling(duties=(alone,)))
    assert leaves(closing(ward.room.handling, ward.state))[GAPS] == "duty.gaps_unnamed"


# What is said in messages


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((), "it is being looked into"),
        (((Answer.HOTFIX, cyd),), "decided: it is repaired at once"),
        (((Answer.STAY, cyd), (Answer.ROLLBACK, dan)), "those who may decide disagree"),
    ],
)
def test_a_message_says_how_far_it_is(answers: tuple[tuple[Answer, Person], ...], expected: str) -> None:
    ward = opened()
    for answer, actor in answers:
        ward.answer(answer, actor)
    ward.see_to()
    assert expected in next(one.body for one in ward.told if one.notice == DECLARED)


def test_a_message_says_that_it_cannot_go_back() -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK)
    ward.well(ReportStuck(I1, "nothing was good there"), CONTROLLER)
    ward.see_to()
    assert "cannot: nothing was good there" in ward.told[-1].body


def test_a_message_says_that_it_is_over() -> None:
    ward = opened()
    ward.answer(Answer.ROLLBACK)
    ward.went_back()
    ward.see_to()
    assert "something else runs there now, proven" in next(one.body for one in ward.told if one.notice == BACK)


def test_a_message_says_who_looks_into_it_and_when_it_was_resolved() -> None:
    ward = opened()
    words = replace(HANDLING.notices[2].template, body="{responders}; {resolved}", fields=())
    plain = replace(HANDLING.notices[2], template=words, promises=Promising.NOTHING)
    ward.room = replace(ward.room, handling=replace(HANDLING, notices=(plain,)))
    ward.well(SendNotice(I1, UPDATE, ()), dan)
    assert ward.told[-1].body == "ann, dan; 2026-03-02 10:00 UTC"


def test_those_who_did_something_about_it_are_known() -> None:
    ward = restored()
    assert responders(ward.state) == ("ann", "cyd", "bob")


def test_no_incident_of_that_name_owes_anything() -> None:
    assert codes(Ward().tell(AttestDuty(IncidentId("none"), GAPS), cyd)) == ("incident.not_open",)
