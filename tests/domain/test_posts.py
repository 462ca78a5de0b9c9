# SPDX-License-Identifier: Apache-2.0
"""A role that somebody holds in one environment alone: it counts there, and nowhere else."""

from dataclasses import replace
from typing import Final

import pytest
from tests.domain.shop import (
    BOB,
    CYD,
    D1,
    DEVELOPER,
    G1,
    GO,
    LEAD,
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
)

from interlock.domain import evidence, waiver
from interlock.domain.actor import Assurance, Person
from interlock.domain.approval import Answer, ApprovalBook, Approve, Matter, SignedOff, SignOff, bind, decide
from interlock.domain.decision import Accepted, Decision, Refused
from interlock.domain.evidence import EvidenceBook
from interlock.domain.governance import ApproveGovernance, GovernanceApproved, Proposal, Service
from interlock.domain.governance import decide as govern
from interlock.domain.ids import EVERYWHERE, EnvironmentName, PersonId, RequirementId, WaiverId
from interlock.domain.people import People
from interlock.domain.quorum import Bench, judge_people, who_may
from interlock.domain.records import Page, RecordBook, RecordWritten, WriteRecord, judge_record
from interlock.domain.records import decide as write
from interlock.domain.release import Release, ReleasePhase
from interlock.domain.requirement import RecordRequirement
from interlock.domain.verdict import Verdict

EVE: Final = PersonId("eve")
eve: Final = Person(EVE, Assurance.SIGNED)
POSTED: Final = replace(G1, posts={STAGING: {QA: (EVE,), LEAD: (EVE,), DEVELOPER: (EVE,)}})
IN_STAGING, IN_PRODUCTION = POSTED.there(STAGING), POSTED.there(PRODUCTION)
RELEASE: Final = Release(ReleasePhase.OPEN, R1, SHOP, digest=D1, governance=G1.digest, plans=PLANS)
MATTER: Final = Matter(RELEASE, IN_STAGING, (UNIT, PLAN, GO), EvidenceBook())
BOUND: Final = bind(MATTER)
NOTES: Final = RecordRequirement(RequirementId("notes"), (QA,), ("Summary",))
WRITTEN: Final = RecordWritten(R1, NOTES.id, D1, ("Summary",), EVE, Assurance.SIGNED, START)
WRITE: Final = WriteRecord(R1, STAGING, NOTES.id, D1, ("Summary",))
SIGNED: Final = SignedOff(R1, STAGING, PLAN.id, PLAN.statement, EVE, Assurance.SIGNED, BOUND, START)


def said(decision: Decision[object]) -> list[tuple[str, str]]:
    """Why not; nothing where it is accepted."""
    return [(one.code, one.sentence) for one in decision.reasons] if isinstance(decision, Refused) else []


def test_a_role_in_one_environment_is_held_there_and_nowhere_else() -> None:
    held = [IN_STAGING, IN_PRODUCTION, POSTED, IN_PRODUCTION.there(STAGING), IN_STAGING.there(PRODUCTION)]
    assert [one.holds_any(EVE, (QA,)) for one in held] == [True, False, False, True, False]
    assert IN_PRODUCTION.holds_any(BOB, (QA,))


def test_who_holds_a_role_there_are_those_who_hold_it_everywhere_and_those_who_hold_it_there() -> None:
    assert (IN_STAGING.who_holds(QA), IN_PRODUCTION.who_holds(QA)) == ((BOB, EVE), (BOB,))
    assert IN_STAGING.who_holds(QA, LEAD)[:2] == (BOB, EVE)
    assert (IN_STAGING.crew[QA], IN_PRODUCTION.crew) == ((BOB, EVE), dict(G1.holders))


def test_where_nobody_is_posted_it_is_the_same_everywhere() -> None:
    assert G1.there(PRODUCTION) is G1


def test_a_sentence_says_where_the_role_is_held_instead() -> None:
    assert IN_PRODUCTION.elsewhere(EVE, (QA,)) == POSTED.elsewhere(EVE, (QA,)) == ", only in staging"
    assert (IN_STAGING.elsewhere(EVE, (QA,)), IN_PRODUCTION.elsewhere(CYD, (QA,))) == ("", "")


@pytest.mark.parametrize(
    ("command", "codes"),
    [
        (SignOff(R1, STAGING, PLAN.id, BOUND), "signoff.role"),
        (Approve(R1, STAGING, Answer.APPROVED, BOUND, WORDS), "approval.role"),
    ],
)
def test_what_somebody_may_say_in_staging_they_may_not_in_production(command: SignOff | Approve, codes: str) -> None:
    assert said(decide(MATTER, command, eve, START)) == []
    there = replace(MATTER, governance=IN_PRODUCTION)
    role = "qa" if isinstance(command, SignOff) else "lead"
    told = [(codes, f"'eve' holds none of: {role}, only in staging")]
    assert said(decide(there, replace(command, environment=PRODUCTION), eve, START)) == told


def bench(environment: EnvironmentName, book: ApprovalBook) -> Bench:
    place = STAGING_ENV if environment == STAGING else PRODUCTION_ENV
    return Bench(
        RELEASE, place, POSTED.there(environment), People({"k": EVE}, names={EVE: WORDS}), book, EvidenceBook()
    )


def test_a_signoff_given_for_staging_is_asked_for_once_more_before_production() -> None:
    book = ApprovalBook((SIGNED,))
    here, there = (judge_people([PLAN], bench(name, book))[0].finding for name in (STAGING, PRODUCTION))
    assert here.verdict is Verdict.PASS
    assert (there.code, there.verdict) == ("signoff.missing", Verdict.INCONCLUSIVE)
    assert there.sentence == "nobody has signed: the plan was tested; eve did, who may only in staging"


def test_who_may_still_say_so_are_those_who_hold_the_role_there() -> None:
    assert who_may(PLAN, bench(STAGING, ApprovalBook())) == (BOB, EVE)
    assert who_may(PLAN, bench(PRODUCTION, ApprovalBook())) == (BOB,)


def test_a_record_written_for_staging_is_none_before_production() -> None:
    book = RecordBook({NOTES.id: WRITTEN})
    assert judge_record(NOTES, book, RELEASE, IN_STAGING).verdict is Verdict.PASS
    found = judge_record(NOTES, book, RELEASE, IN_PRODUCTION)
    assert (found.code, found.verdict) == ("record.elsewhere", Verdict.INCONCLUSIVE)
    assert found.sentence == "written by eve, who may only in staging"


def test_what_was_written_by_somebody_who_may_not_there_is_written_again_by_somebody_who_may() -> None:
    bob, book = Person(BOB, Assurance.SIGNED), RecordBook({NOTES.id: WRITTEN})
    page = Page(RELEASE, IN_PRODUCTION, (NOTES,), frozenset())
    again = replace(WRITE, environment=PRODUCTION)
    assert said(write(book, again, page, bob, START)) == []
    assert said(write(book, again, page, eve, START)) == [("record.role", "'eve' holds none of: qa, only in staging")]
    here = replace(page, governance=IN_STAGING)
    assert [code for code, _ in said(write(book, WRITE, here, bob, START))] == ["record.same"]


def test_a_waiver_is_granted_where_the_role_is_held() -> None:
    asked = waiver.WaiverRequested(
        WaiverId("w"), R1, PRODUCTION, PLAN.id, D1, G1.digest, WORDS, WORDS, START.replace(hour=23), BOB
    )
    book, command = waiver.WaiverBook({asked.waiver: asked}), waiver.GrantWaiver(asked.waiver, R1)
    here, there = (waiver.Scope(RELEASE, one, (PLAN,)) for one in (IN_STAGING, IN_PRODUCTION))
    assert said(waiver.decide(book, command, here, eve, START)) == []
    told = [("waiver.role", "'eve' holds none of: lead, only in staging")]
    assert said(waiver.decide(book, command, there, eve, START)) == told


def test_evidence_that_is_about_no_environment_is_brought_by_who_holds_the_role_in_every_one() -> None:
    command = evidence.RecordEvidence(
        D1, TESTS, EVERYWHERE, Verdict.PASS, "fine", "ci", REPORT, G1.digest, START, release=R1
    )
    for governance, told in ((IN_STAGING, []), (POSTED, ["evidence.role"])):
        brought = evidence.Brought(R1, D1, governance)
        assert [code for code, _ in said(evidence.decide(EvidenceBook(), command, eve, START, brought))] == told


def test_new_rules_are_approved_by_who_holds_the_role_in_every_environment() -> None:
    ref = Service().in_force
    state = Service(SHOP, ref, {}, {D1: Proposal(replace(ref, digest=D1), BOB)})
    told = [("governance.role", "'eve' holds none of: lead, only in staging")]
    assert said(govern(state, ApproveGovernance(SHOP, D1), POSTED, eve)) == told
    done = govern(state, ApproveGovernance(SHOP, D1), POSTED, Person(CYD, Assurance.SIGNED))
    assert isinstance(done, Accepted)
    assert isinstance(done.events[0].event, GovernanceApproved)
