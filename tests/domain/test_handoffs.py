# SPDX-License-Identifier: Apache-2.0
"""Order among what people say: handoffs, addressed approvals, records, holds, owners."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.domain.shop import (
    ANN,
    BOB,
    CYD,
    D1,
    D2,
    DAN,
    G1,
    LEAD,
    PLANS,
    PRODUCTION,
    PRODUCTION_ENV,
    QA,
    R1,
    SHOP,
    START,
    WORDS,
    bob,
    cyd,
)
from tests.domain.story import given

from interlock.domain.actor import CONTROLLER, Assurance, Person
from interlock.domain.approval import (
    EVERY,
    Answer,
    ApprovalBook,
    Approve,
    Decided,
    Matter,
    Read,
    SignedOff,
    SignOff,
    bind,
    cause_of_death,
    decide,
)
from interlock.domain.evidence import EvidenceBook
from interlock.domain.holding import judge_hold
from interlock.domain.ids import PersonId, RequirementId
from interlock.domain.moment import NEVER
from interlock.domain.people import People
from interlock.domain.quorum import Bench, judge_people, who_may
from interlock.domain.records import (
    Page,
    RecordBook,
    RecordWritten,
    WriteRecord,
    evolve,
    judge_record,
    record_stream,
)
from interlock.domain.records import decide as decide_record
from interlock.domain.release import Release, ReleasePhase
from interlock.domain.requirement import (
    ApprovalRequirement,
    Authors,
    HoldRequirement,
    RecordRequirement,
    Requirement,
    SignoffRequirement,
    Who,
)
from interlock.domain.verdict import Verdict

TESTED = SignoffRequirement(RequirementId("tested"), (QA,), "Tested.")
CLEARED = SignoffRequirement(RequirementId("cleared"), (QA, LEAD), "Cleared.", after=(TESTED.id,))
AGREED = ApprovalRequirement(RequirementId("agreed"), (LEAD,), after=(CLEARED.id,))
FREE = ApprovalRequirement(RequirementId("free"), (LEAD,))
NOTES = RecordRequirement(RequirementId("notes"), (QA,), ("Summary", "Known issues"), after=(TESTED.id,))
REST = HoldRequirement(RequirementId("rest"), (AGREED.id, TESTED.id), timedelta(hours=24))
RELEASE = Release(ReleasePhase.OPEN, R1, SHOP, digest=D1, governance=G1.digest, plans=PLANS, authors=(ANN, DAN))
ASKED: tuple[Requirement, ...] = (TESTED, CLEARED, AGREED, FREE, NOTES, REST)
MATTER = Matter(RELEASE, G1, ASKED, EvidenceBook())
SEEN = bind(MATTER)
LATER = START + timedelta(hours=1)


def given_met(*names: RequirementId) -> Matter:
    """The matter when these are met."""
    return replace(MATTER, met=frozenset(names))


def test_a_handoff_before_the_one_it_follows_is_refused() -> None:
    command = SignOff(R1, PRODUCTION, CLEARED.id, SEEN)
    given(ApprovalBook(), lambda book, _: book).when(lambda _: decide(MATTER, command, bob, START)).refused(
        "signoff.too_early"
    )
    signed = SignedOff(R1, PRODUCTION, CLEARED.id, "Cleared.", BOB, Assurance.SIGNED, SEEN, START)
    given(ApprovalBook(), lambda book, _: book).when(lambda _: decide(given_met(TESTED.id), command, bob, START)).then(
        signed
    )


def test_a_no_is_never_too_early() -> None:
    matter = replace(given_met(), requirements=ASKED)
    command = Approve(R1, PRODUCTION, Answer.REJECTED, bind(matter), WORDS, AGREED.id)
    given(ApprovalBook(), lambda book, _: book).when(lambda _: decide(matter, command, cyd, START)).then(
        Decided(R1, PRODUCTION, Answer.REJECTED, CYD, Assurance.SIGNED, bind(matter), WORDS, AGREED.id, START)
    )


@pytest.mark.parametrize(
    ("addressed", "met", "asked", "code"),
    [
        (AGREED.id, (), ASKED, "approval.too_early"),
        (AGREED.id, (CLEARED.id,), ASKED, ""),
        (EVERY, (), ASKED, ""),
        (EVERY, (CLEARED.id,), (AGREED,), "approval.unaddressed"),
        (RequirementId("moon"), (), ASKED, "approval.unknown"),
        (RequirementId("moon"), (), (TESTED,), "approval.none_asked"),
    ],
)
def test_an_approval_that_follows_something_is_given_by_name_and_in_time(
    addressed: RequirementId, met: tuple[RequirementId, ...], asked: tuple[Requirement, ...], code: str
) -> None:
    matter = replace(given_met(*met), requirements=asked)
    command = Approve(R1, PRODUCTION, Answer.APPROVED, bind(matter), WORDS, addressed)
    told = given(ApprovalBook(), lambda book, _: book).when(lambda _: decide(matter, command, cyd, START))
    if code:
        told.refused(code)
    else:
        told.then(
            Decided(R1, PRODUCTION, Answer.APPROVED, CYD, Assurance.SIGNED, bind(matter), WORDS, addressed, START)
        )


BENCH = Bench(
    RELEASE,
    PRODUCTION_ENV,
    G1,
    People(names=dict.fromkeys((ANN, BOB, CYD, DAN), WORDS)),
    ApprovalBook(),
    EvidenceBook(),
)


def said(*events: Decided, **changed: object) -> Bench:
    """The bench after these decisions."""
    return replace(BENCH, book=ApprovalBook(decisions=events), **changed)  # type: ignore[arg-type]  # any field of it


YES = Decided(R1, PRODUCTION, Answer.APPROVED, CYD, Assurance.SIGNED, SEEN, WORDS, EVERY, START)


def test_what_was_said_for_everything_does_not_count_where_something_comes_first() -> None:
    general, by_name = said(YES), said(replace(YES, requirement=AGREED.id))
    assert judge_people((AGREED,), general)[0].finding.code == "approval.missing"
    assert "--as agreed" in judge_people((AGREED,), general)[0].finding.next_step
    assert judge_people((FREE,), general)[0].finding.opens
    assert judge_people((AGREED,), by_name)[0].finding.opens
    assert not judge_people((FREE,), by_name)[0].finding.opens


def test_a_rejection_by_name_holds_only_what_it_names() -> None:
    no = replace(YES, requirement=AGREED.id, answer=Answer.REJECTED)
    both = said(YES, no)
    assert judge_people((AGREED,), both)[0].finding.code == "approval.rejected"
    assert judge_people((FREE,), both)[0].finding.opens


def test_since_when_it_is_met_is_when_the_last_of_those_who_stand_there_said_so() -> None:
    two = replace(FREE, roles=(LEAD, QA), count=2)
    bench = said(YES, replace(YES, by=BOB, at=LATER))
    assert judge_people((two,), bench)[0].since == LATER
    assert judge_people((two,), said(YES))[0].since == NEVER


def test_one_of_each_role_is_wanted_and_one_person_stands_for_one_role() -> None:
    every = replace(FREE, roles=(LEAD, QA), who=Who.EACH)
    alone = judge_people((every,), said(YES))[0].finding
    assert alone.code == "approval.missing"
    assert alone.sentence == f"1 of 2 approvals by {LEAD}, {QA}"
    assert f"a {QA}:" in alone.next_step
    assert judge_people((every,), said(YES, replace(YES, by=BOB)))[0].finding.opens


OWNED = replace(FREE, who=Who.OWNERS)
OWNERS = replace(G1, owners={"auth": (BOB,), "mail": (BOB,), "data": (CYD,), "empty": ()})


@pytest.mark.parametrize(
    ("areas", "voices", "opens"),
    [
        (("auth",), (CYD,), False),
        (("auth",), (BOB,), True),
        (("auth", "mail"), (BOB,), True),
        (("auth", "data"), (BOB,), False),
        (("auth", "data"), (BOB, CYD), True),
        ((), (CYD,), True),
        ((), (DAN,), False),
        (("empty",), (CYD,), True),
        (("unheard-of",), (CYD,), True),
    ],
)
def test_every_touched_area_needs_one_of_its_owners(
    areas: tuple[str, ...], voices: tuple[PersonId, ...], *, opens: bool
) -> None:
    bench = said(*(replace(YES, by=by) for by in voices), release=replace(RELEASE, areas=areas), governance=OWNERS)
    finding = judge_people((OWNED,), bench)[0].finding
    assert finding.opens is opens


def test_an_owner_may_approve_without_holding_a_role() -> None:
    free = replace(OWNERS, holders={})
    matter = replace(MATTER, release=replace(RELEASE, areas=("auth",)), governance=free, requirements=(OWNED,))
    command = Approve(R1, PRODUCTION, Answer.APPROVED, bind(matter), WORDS)
    given(ApprovalBook(), lambda book, _: book).when(lambda _: decide(matter, command, cyd, START)).refused(
        "approval.role"
    )
    decided = replace(YES, by=BOB, bound=bind(matter))
    given(ApprovalBook(), lambda book, _: book).when(lambda _: decide(matter, command, bob, START)).then(decided)


def test_who_may_still_say_so_are_those_who_fit_and_have_not() -> None:
    touched = replace(BENCH, release=replace(RELEASE, areas=("auth",)), governance=OWNERS)
    assert who_may(OWNED, touched) == (BOB,)
    assert BOB in who_may(TESTED, BENCH)
    assert BOB not in who_may(replace(FREE, roles=(QA,)), said(replace(YES, by=BOB)))
    assert BOB not in who_may(TESTED, replace(BENCH, people=People(revoked={"key of bob": BOB})))
    assert ANN not in who_may(replace(TESTED, roles=(LEAD, QA), authors=Authors.EXCLUDED), BENCH)


WRITE = WriteRecord(R1, PRODUCTION, NOTES.id, D1, ("summary", "KNOWN ISSUES", "Thanks"))
PAGE = Page(RELEASE, G1, ASKED, frozenset({TESTED.id}))
WRITTEN = RecordWritten(R1, NOTES.id, D1, WRITE.sections, BOB, Assurance.SIGNED, START)


def test_a_record_is_written_by_who_holds_the_role_with_every_section() -> None:
    given(RecordBook(), evolve).when(lambda book: decide_record(book, WRITE, PAGE, bob, START)).then(WRITTEN)
    assert record_stream(R1) == f"record/{R1}"


@pytest.mark.parametrize(
    ("command", "page", "actor", "code"),
    [
        (WRITE, PAGE, CONTROLLER, "record.robot"),
        (replace(WRITE, requirement=RequirementId("moon")), PAGE, bob, "record.unknown"),
        (WRITE, replace(PAGE, requirements=(TESTED,)), bob, "record.unknown"),
        (WRITE, replace(PAGE, met=frozenset()), bob, "record.too_early"),
        (WRITE, replace(PAGE, release=replace(RELEASE, phase=ReleasePhase.WITHDRAWN)), bob, "release.not_open"),
        (WRITE, PAGE, cyd, "record.role"),
        (WRITE, PAGE, Person(BOB, Assurance.AUTHENTICATED), "record.assurance"),
        (replace(WRITE, sections=("Summary",)), PAGE, bob, "record.incomplete"),
    ],
)
def test_a_record_that_is_not_due_not_whole_or_not_theirs_is_refused(
    command: WriteRecord, page: Page, actor: Person, code: str
) -> None:
    given(RecordBook(), evolve).when(lambda book: decide_record(book, command, page, actor, START)).refused(code)


def test_the_same_record_twice_is_refused_and_another_one_replaces_it() -> None:
    given(RecordBook(), evolve, WRITTEN).when(lambda book: decide_record(book, WRITE, PAGE, bob, START)).refused(
        "record.same"
    )
    anew = replace(WRITE, document=D2)
    book = given(RecordBook(), evolve, WRITTEN, replace(WRITTEN, document=D2)).state
    assert book.written[NOTES.id].document == anew.document


def test_what_was_agreed_to_is_not_written_anew_while_it_is_under_way() -> None:
    under_way, anew = replace(PAGE, is_exposed=True), replace(WRITE, document=D2)
    given(RecordBook(), evolve, WRITTEN).when(lambda book: decide_record(book, anew, under_way, bob, START)).refused(
        "record.under_way"
    )
    given(RecordBook(), evolve).when(lambda book: decide_record(book, WRITE, under_way, bob, START)).then(WRITTEN)


def test_a_record_is_judged_by_what_it_holds() -> None:
    whole = RecordBook({NOTES.id: WRITTEN})
    part = RecordBook({NOTES.id: replace(WRITTEN, sections=("Summary",))})
    assert judge_record(NOTES, RecordBook(), RELEASE, G1).code == "record.missing"
    assert judge_record(NOTES, part, RELEASE, G1).code == "record.incomplete"
    assert judge_record(NOTES, whole, RELEASE, G1).verdict is Verdict.PASS


def test_who_agreed_to_a_record_that_was_written_anew_agreed_to_something_else() -> None:
    before, after = RecordBook({NOTES.id: WRITTEN}), RecordBook({NOTES.id: replace(WRITTEN, document=D2)})
    bound = bind(replace(MATTER, records=before))
    assert bound.read == (Read(NOTES.id, D1),)
    assert cause_of_death(bound, RELEASE, EvidenceBook(), before) == ""
    assert cause_of_death(bound, RELEASE, EvidenceBook(), after) == "the record 'notes' was written anew"


@pytest.mark.parametrize(
    ("met", "now", "code"),
    [
        ({}, LATER, "hold.not_begun"),
        ({TESTED.id: START}, LATER, "hold.not_begun"),
        ({TESTED.id: START, AGREED.id: NEVER}, LATER, "hold.not_begun"),
        ({TESTED.id: START, AGREED.id: LATER}, START + timedelta(hours=24), "hold.running"),
        ({TESTED.id: START, AGREED.id: LATER}, LATER + timedelta(hours=24), "hold.over"),
    ],
)
def test_a_hold_counts_from_the_last_of_what_it_follows(
    met: dict[RequirementId, object], now: object, code: str
) -> None:
    assert judge_hold(REST, met, now).code == code  # type: ignore[arg-type]  # moments, as in the table
