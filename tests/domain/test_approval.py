# SPDX-License-Identifier: Apache-2.0
"""Sign-offs and approvals: who may decide, about what, and when a decision dies."""

from dataclasses import replace

import pytest
from tests.domain.shop import (
    ANN,
    BOB,
    CYD,
    D0,
    D1,
    D2,
    DAN,
    G1,
    G2,
    GO,
    HOT,
    LEAD,
    NO_P0,
    OTHER_PLANS,
    PLAN,
    PLANS,
    PRODUCTION,
    PRODUCTION_ENV,
    QA,
    R1,
    REPORT,
    SHOP,
    STAGING,
    STAGING_ENV,
    START,
    TESTS,
    UNIT,
    WORDS,
    bob,
    cyd,
)
from tests.domain.story import given

from interlock.domain.actor import CONTROLLER, Assurance, Person
from interlock.domain.approval import (
    Answer,
    ApprovalBook,
    Approve,
    Covered,
    Decided,
    Matter,
    SignedOff,
    SignOff,
    bind,
    cause_of_death,
    decide,
    evolve,
)
from interlock.domain.decision import Refused
from interlock.domain.evidence import EvidenceBook, EvidenceRecorded
from interlock.domain.evidence import evolve as recorded
from interlock.domain.ids import EVERYWHERE, PersonId, RequirementId
from interlock.domain.in_place import InPlace
from interlock.domain.people import People
from interlock.domain.quorum import Bench, judge_people
from interlock.domain.records import RecordBook
from interlock.domain.release import Release, ReleasePhase
from interlock.domain.requirement import ApprovalRequirement, Authors, PeopleRequirement
from interlock.domain.separation import Slot, assign
from interlock.domain.verdict import Verdict

TESTED = EvidenceRecorded(
    D1, TESTS, EVERYWHERE, 1, Verdict.PASS, "fine", "ci", Assurance.AUTHENTICATED, REPORT, G1.digest, START
)
EVIDENCE = given(EvidenceBook(), recorded, TESTED).state
RELEASE = Release(
    ReleasePhase.OPEN, R1, SHOP, digest=D1, governance=G1.digest, plans=PLANS, authors=(ANN, DAN), revision=2
)
ASKED = (UNIT, PLAN, NO_P0, GO)
MATTER = Matter(RELEASE, G1, ASKED, EVIDENCE)
BOUND = bind(MATTER)
SIGN = SignOff(R1, PRODUCTION, PLAN.id, BOUND)
APPROVE = Approve(R1, PRODUCTION, Answer.APPROVED, BOUND, WORDS)
SIGNED = SignedOff(R1, PRODUCTION, PLAN.id, PLAN.statement, BOB, Assurance.SIGNED, BOUND, START)
APPROVED = Decided(R1, PRODUCTION, Answer.APPROVED, CYD, Assurance.SIGNED, BOUND, WORDS, at=START)
REJECTED = replace(APPROVED, answer=Answer.REJECTED, by=BOB)
SOLO = replace(G1, solo=(DAN,))
dan_signed = Person(DAN, Assurance.SIGNED)


def test_a_decision_is_bound_to_everything_that_lay_before_the_person() -> None:
    assert (BOUND.digest, BOUND.governance, BOUND.revision, BOUND.plans) == (D1, G1.digest, 2, PLANS)
    assert BOUND.covered == (Covered(TESTS, EVERYWHERE, 1, Verdict.PASS),)


def test_who_holds_the_role_signs_off() -> None:
    given(ApprovalBook(), evolve).when(lambda _: decide(MATTER, SIGN, bob, START)).then(SIGNED)


def test_who_holds_the_role_approves() -> None:
    given(ApprovalBook(), evolve).when(lambda _: decide(MATTER, APPROVE, cyd, START)).then(APPROVED)


def test_robots_decide_nothing() -> None:
    given(ApprovalBook(), evolve).when(lambda _: decide(MATTER, APPROVE, CONTROLLER, START)).refused("approval.robot")


@pytest.mark.parametrize(
    ("matter", "command", "actor", "code"),
    [
        (MATTER, SIGN, cyd, "signoff.role"),
        (MATTER, SIGN, Person(BOB, Assurance.AUTHENTICATED), "signoff.assurance"),
        (MATTER, replace(SIGN, requirement=RequirementId("moon")), bob, "signoff.unknown"),
        (
            replace(MATTER, requirements=()),
            replace(SIGN, bound=bind(replace(MATTER, requirements=()))),
            bob,
            "signoff.unknown",
        ),
        (MATTER, APPROVE, dan_signed, "approval.author"),
        (MATTER, APPROVE, Person(CYD, Assurance.ASSERTED), "approval.assurance"),
        (replace(MATTER, requirements=(UNIT,)), APPROVE, cyd, "approval.none_asked"),
        (replace(MATTER, release=replace(RELEASE, phase=ReleasePhase.WITHDRAWN)), APPROVE, cyd, "release.not_open"),
        (MATTER, replace(APPROVE, bound=replace(BOUND, digest=D2)), cyd, "approval.stale_view"),
        (MATTER, replace(APPROVE, bound=replace(BOUND, covered=())), cyd, "approval.stale_view"),
        (replace(MATTER, evidence=EvidenceBook()), SIGN, bob, "approval.stale_view"),
    ],
)
def test_nobody_decides_what_is_not_theirs_or_not_there(
    matter: Matter, command: SignOff | Approve, actor: Person, code: str
) -> None:
    given(ApprovalBook(), evolve).when(lambda _: decide(matter, command, actor, START)).refused(code)


def test_every_fault_of_an_approver_is_named_at_once() -> None:
    asserted = Person(ANN, Assurance.ASSERTED)
    given(ApprovalBook(), evolve).when(lambda _: decide(MATTER, APPROVE, asserted, START)).refused(
        "approval.role", "approval.author", "approval.assurance"
    )


def test_one_requirement_that_admits_the_person_is_enough_to_decide() -> None:
    admits = ApprovalRequirement(RequirementId("self"), (LEAD,), authors=Authors.ADMITTED)
    matter = replace(MATTER, requirements=(*ASKED, admits))
    given(ApprovalBook(), evolve).when(lambda _: decide(matter, APPROVE, dan_signed, START)).then(
        replace(APPROVED, by=DAN)
    )


def test_an_author_in_solo_mode_approves() -> None:
    given(ApprovalBook(), evolve).when(
        lambda _: decide(replace(MATTER, governance=SOLO), APPROVE, dan_signed, START)
    ).then(replace(APPROVED, by=DAN))


@pytest.mark.parametrize(
    ("release", "evidence", "cause"),
    [
        (RELEASE, EVIDENCE, ""),
        (replace(RELEASE, digest=D2), EVIDENCE, "the artifact is another one"),
        (replace(RELEASE, governance=G2.digest), EVIDENCE, "the governance has changed"),
        (replace(RELEASE, revision=3), EVIDENCE, "the plans have changed"),
        (replace(RELEASE, plans=OTHER_PLANS), EVIDENCE, "the plans have changed"),
        (RELEASE, EvidenceBook(), "the evidence of 'tests' has changed"),
        (RELEASE, recorded(EVIDENCE, replace(TESTED, number=2)), ""),
        (
            RELEASE,
            recorded(EVIDENCE, replace(TESTED, number=2, verdict=Verdict.FAIL)),
            "the evidence of 'tests' has changed",
        ),
        (
            RELEASE,
            recorded(recorded(EVIDENCE, replace(TESTED, number=2, verdict=Verdict.FAIL)), replace(TESTED, number=3)),
            "the evidence of 'tests' has changed",
        ),
    ],
)
def test_a_decision_dies_with_what_it_was_about(release: Release, evidence: EvidenceBook, cause: str) -> None:
    assert cause_of_death(BOUND, release, evidence, RecordBook()) == cause


COUNTED = replace(TESTED, check=NO_P0.check, query="open P0", count=2)
COUNT_SEEN = recorded(EVIDENCE, COUNTED)
AFTER_A_COUNT = bind(replace(MATTER, evidence=COUNT_SEEN))


def test_a_decision_covers_the_count_that_lay_before_the_person() -> None:
    assert AFTER_A_COUNT.covered[1] == Covered(NO_P0.check, EVERYWHERE, 1, Verdict.PASS, 2)


@pytest.mark.parametrize(("counts", "dies"), [((2,), False), ((1,), False), ((3,), True), ((3, 0), True)])
def test_a_rising_count_kills_and_is_never_forgotten(counts: tuple[int, ...], *, dies: bool) -> None:
    later = (replace(COUNTED, number=at, count=count) for at, count in enumerate(counts, 2))
    book = given(COUNT_SEEN, recorded, *later).state
    assert bool(cause_of_death(AFTER_A_COUNT, RELEASE, book, RecordBook())) is dies


def test_a_gap_in_what_was_covered_kills() -> None:
    gapped = recorded(EVIDENCE, replace(TESTED, number=3))
    assert cause_of_death(BOUND, RELEASE, gapped, RecordBook()) == "the evidence of 'tests' has changed"


PEOPLE = People(names=dict.fromkeys((ANN, BOB, CYD, DAN), WORDS))
BENCH = Bench(RELEASE, PRODUCTION_ENV, G1, PEOPLE, ApprovalBook(), EVIDENCE)
DEAD = replace(BOUND, digest=D2)


def verdict(asked: PeopleRequirement, *events: SignedOff | Decided, bench: Bench = BENCH) -> str:
    """The code of the finding about one requirement."""
    book = given(ApprovalBook(), evolve, *events).state
    return judge_people((asked,), replace(bench, book=book))[0].finding.code


@pytest.mark.parametrize(
    ("asked", "events", "code"),
    [
        (PLAN, (), "signoff.missing"),
        (PLAN, (SIGNED,), "signoff.given"),
        (PLAN, (replace(SIGNED, requirement=RequirementId("other")),), "signoff.missing"),
        (PLAN, (replace(SIGNED, by=CYD),), "signoff.missing"),
        (PLAN, (replace(SIGNED, bound=DEAD),), "signoff.died"),
        (PLAN, (replace(SIGNED, bound=DEAD, by=CYD),), "signoff.missing"),
        (GO, (), "approval.missing"),
        (GO, (APPROVED,), "approval.given"),
        (GO, (replace(APPROVED, environment=STAGING),), "approval.missing"),
        (GO, (replace(APPROVED, by=DAN),), "approval.missing"),
        (GO, (replace(APPROVED, by=PersonId("eve")),), "approval.missing"),
        (GO, (replace(APPROVED, assurance=Assurance.AUTHENTICATED),), "approval.missing"),
        (GO, (replace(APPROVED, bound=DEAD),), "approval.died"),
        (GO, (APPROVED, REJECTED), "approval.rejected"),
        (GO, (REJECTED, replace(APPROVED, by=BOB)), "approval.given"),
        (GO, (APPROVED, replace(REJECTED, by=CYD)), "approval.rejected"),
        (GO, (APPROVED, replace(REJECTED, by=ANN)), "approval.given"),
        (HOT, (APPROVED,), "approval.missing"),
        (HOT, (APPROVED, APPROVED), "approval.missing"),
        (HOT, (APPROVED, replace(APPROVED, by=BOB)), "approval.given"),
    ],
)
def test_enough_of_the_right_people_have_decided_or_not(
    asked: PeopleRequirement, events: tuple[SignedOff | Decided, ...], code: str
) -> None:
    assert verdict(asked, *events) == code


def test_a_person_nobody_registered_decides_only_where_solo_mode_is_declared() -> None:
    stranger = replace(BENCH, people=People())
    assert verdict(GO, APPROVED, bench=stranger) == "approval.missing"
    assert verdict(GO, APPROVED, bench=replace(stranger, governance=SOLO)) == "approval.given"


def test_an_asserted_decision_counts_in_staging_where_the_pack_asks_no_more_and_never_in_production() -> None:
    lax = replace(GO, assurance=Assurance.ASSERTED)
    said = replace(APPROVED, assurance=Assurance.ASSERTED)
    in_staging = replace(BENCH, environment=STAGING_ENV, governance=replace(G1, minimum=Assurance.ASSERTED))
    assert verdict(lax, said) == "approval.missing"
    assert verdict(lax, replace(said, environment=STAGING), bench=in_staging) == "approval.given"
    assert verdict(lax, said, bench=replace(BENCH, governance=SOLO)) == "approval.given"


def slot(name: str, apart: str, *candidates: PersonId) -> Slot:
    """One place."""
    return Slot(RequirementId(name), 0, apart, candidates)


def test_somebody_who_could_also_stand_elsewhere_blocks_nobody() -> None:
    either, only = slot("either", "x", BOB, CYD), slot("only", "x", BOB)
    assert assign((either, only)) == {either: CYD, only: BOB}


def test_places_that_are_not_kept_apart_may_be_filled_by_one_person() -> None:
    one, other = slot("one", "", BOB), slot("other", "", BOB)
    assert assign((one, other)) == {one: BOB, other: BOB}


def test_a_place_that_cannot_be_filled_is_absent() -> None:
    one, other = slot("one", "x", BOB), slot("other", "x", BOB)
    assert len(assign((one, other))) == 1


def test_solo_mode_fills_any_number_of_places() -> None:
    one, other = slot("one", "x", DAN), slot("other", "x", BOB, DAN)
    assert assign((one, other), solo=(DAN,)) == {one: DAN, other: DAN}


def test_a_qa_lead_who_signs_off_may_also_approve_when_the_pack_does_not_keep_them_apart() -> None:
    book = given(ApprovalBook(), evolve, SIGNED, replace(APPROVED, by=BOB)).state
    together = judge_people((PLAN, GO), replace(BENCH, book=book))
    apart = judge_people((replace(PLAN, apart="approval"), GO), replace(BENCH, book=book))
    assert [judged.finding.opens for judged in together] == [True, True]
    assert sorted(judged.finding.opens for judged in apart) == [False, True]
    assert G1.holds_any(BOB, (QA,))


TARGET = replace(PLAN, live_in=PRODUCTION)
"""Somebody attests something of what is live in production."""


@pytest.mark.parametrize(
    ("now", "code"),
    [
        ((InPlace(PRODUCTION, D0, 1),), "signoff.given"),
        ((InPlace(PRODUCTION, D2, 2),), "signoff.died"),
        ((InPlace(PRODUCTION, D0, 3),), "signoff.died"),
        ((InPlace(PRODUCTION, RELEASE.digest, 2),), "signoff.given"),
        ((), "signoff.died"),
    ],
)
def test_what_was_said_of_what_is_live_ends_when_something_else_is(now: tuple[InPlace, ...], code: str) -> None:
    bound = bind(replace(MATTER, live=(InPlace(PRODUCTION, D0, 1),)))
    assert verdict(TARGET, replace(SIGNED, bound=bound), bench=replace(BENCH, live=now)) == code
    assert verdict(PLAN, replace(SIGNED, bound=bound), bench=replace(BENCH, live=now)) == "signoff.given"


def test_what_is_live_is_seen_by_who_signs() -> None:
    command = SignOff(RELEASE.id, PRODUCTION, PLAN.id, bind(MATTER))
    seen = replace(MATTER, live=(InPlace(PRODUCTION, D0, 1),))
    decision = decide(seen, command, bob, START)
    assert isinstance(decision, Refused)
    assert "approval.stale_view" in {reason.code for reason in decision.reasons}
