# SPDX-License-Identifier: Apache-2.0
"""Evidence: what is stored, what counts, and what proves a deployment."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.domain.shop import (
    D0,
    D1,
    D2,
    ERRORS,
    G1,
    G2,
    HOUR,
    ISSUES,
    NO_P0,
    PRODUCTION,
    R1,
    REPORT,
    SECOND,
    SMOKE,
    STAGING,
    START,
    TESTS,
    UNIT,
    ann,
)
from tests.domain.story import given

from interlock.domain.action import Conclude, RunCheck, WakeAt
from interlock.domain.actor import CONTROLLER, Assurance, Person
from interlock.domain.decision import Accepted, Refused
from interlock.domain.evidence import (
    Brought,
    EvidenceBook,
    EvidenceRecorded,
    EvidenceRequested,
    RecordEvidence,
    RequestEvidence,
    decide,
    evidence_stream,
    evolve,
    joined,
    subject_by_name,
)
from interlock.domain.ids import EVERYWHERE, CheckId, EffectKey, PersonId, PromotionId, ReleaseId, digest_of
from interlock.domain.in_place import InPlace
from interlock.domain.judging_evidence import Terms, judge_check, judge_count, max_assurance
from interlock.domain.proof import Pace, Watch, has_failed, judge, next_looks, seen
from interlock.domain.verdict import Verdict

TERMS = Terms(G1.digest, Assurance.AUTHENTICATED, START)
FIRST = EvidenceRecorded(
    D1, TESTS, EVERYWHERE, 1, Verdict.PASS, "fine", "ci", Assurance.AUTHENTICATED, REPORT, G1.digest, START
)
RECORD = RecordEvidence(D1, TESTS, EVERYWHERE, Verdict.PASS, "fine", "ci", REPORT, G1.digest, START)
BROUGHT = replace(RECORD, release=R1)
FOR_IT = Brought(R1, D1, G1)
COUNTED = replace(FIRST, check=ISSUES, query="open P0", count=0)


def book(*events: EvidenceRecorded | EvidenceRequested) -> EvidenceBook:
    """The book with these events."""
    return given(EvidenceBook(), evolve, *events).state


def test_the_first_reading_is_number_one() -> None:
    given(EvidenceBook(), evolve).when(lambda state: decide(state, RECORD, CONTROLLER, START)).then(FIRST)


def test_the_next_reading_has_the_next_number_and_the_assurance_of_who_gave_it() -> None:
    given(EvidenceBook(), evolve, FIRST).when(lambda state: decide(state, BROUGHT, ann, START, FOR_IT)).then(
        replace(FIRST, number=2, assurance=Assurance.SIGNED, by="person:ann")
    )


def test_each_environment_is_numbered_by_itself() -> None:
    given(EvidenceBook(), evolve, FIRST).when(
        lambda state: decide(state, replace(RECORD, environment=STAGING), CONTROLLER, START)
    ).then(replace(FIRST, environment=STAGING))


def test_evidence_from_the_future_is_declined() -> None:
    given(EvidenceBook(), evolve).when(lambda state: decide(state, RECORD, CONTROLLER, START - SECOND)).refused(
        "evidence.from_the_future"
    )


def test_a_reading_without_a_verdict_is_declined() -> None:
    given(EvidenceBook(), evolve).when(
        lambda state: decide(state, replace(RECORD, verdict=Verdict.NOT_APPLICABLE), CONTROLLER, START)
    ).refused("evidence.no_verdict")


def test_a_check_that_is_asked_for_again_waits_until_it_has_spoken() -> None:
    asked = EvidenceRequested(D1, TESTS, EVERYWHERE)
    given(EvidenceBook(), evolve).when(
        lambda state: decide(state, RequestEvidence(D1, TESTS, EVERYWHERE), ann, START)
    ).then(asked)
    assert book(asked).requested == {(TESTS, EVERYWHERE)}
    assert book(asked, FIRST).requested == frozenset()
    assert evidence_stream(D1) == f"evidence/{D1}"


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ((), "evidence.missing"),
        ((FIRST,), "evidence.pass"),
        ((replace(FIRST, verdict=Verdict.FAIL),), "evidence.fail"),
        ((replace(FIRST, verdict=Verdict.INCONCLUSIVE),), "evidence.inconclusive"),
        ((replace(FIRST, verdict=Verdict.ERROR),), "evidence.error"),
        ((FIRST, replace(FIRST, number=2, verdict=Verdict.FAIL)), "evidence.fail"),
        ((replace(FIRST, number=2),), "evidence.gap"),
        ((FIRST, replace(FIRST, number=3)), "evidence.gap"),
        ((FIRST, replace(FIRST, number=3), replace(FIRST, number=3)), "evidence.gap"),
        ((FIRST, FIRST), "evidence.gap"),
        ((replace(FIRST, governance=G2.digest),), "evidence.other_governance"),
        ((replace(FIRST, assurance=Assurance.ASSERTED),), "evidence.assurance"),
        ((replace(FIRST, taken_at=START - timedelta(days=7)),), "evidence.pass"),
        ((replace(FIRST, taken_at=START - timedelta(days=7) - SECOND),), "evidence.stale"),
        ((replace(FIRST, environment=STAGING),), "evidence.missing"),
    ],
)
def test_the_newest_fresh_trusted_reading_counts_and_nothing_else(
    events: tuple[EvidenceRecorded, ...], code: str
) -> None:
    assert judge_check(UNIT, book(*events), TERMS).code == code


def test_a_gap_is_an_error_and_never_heals() -> None:
    gapped = book(replace(FIRST, number=2), *(replace(FIRST, number=number) for number in (2, 3, 4)))
    assert judge_check(UNIT, gapped, TERMS).verdict is Verdict.ERROR


def test_what_is_missing_in_an_environment_names_it() -> None:
    finding = judge_check(replace(UNIT, environment=STAGING), book(), TERMS)
    assert finding.sentence == "there is no evidence of 'tests' in staging yet"


@pytest.mark.parametrize(
    ("reading", "code"),
    [
        (COUNTED, "evidence.within_limit"),
        (replace(COUNTED, count=1), "evidence.too_many"),
        (replace(COUNTED, query=""), "evidence.not_complete"),
        (replace(COUNTED, verdict=Verdict.ERROR), "evidence.error"),
        (replace(COUNTED, taken_at=START - 25 * HOUR), "evidence.stale"),
    ],
)
def test_there_is_none_passes_only_on_a_fresh_complete_count(reading: EvidenceRecorded, code: str) -> None:
    assert judge_count(NO_P0, book(reading), TERMS).code == code


def test_a_count_that_was_never_taken_is_missing() -> None:
    assert judge_count(NO_P0, book(), TERMS).code == "evidence.missing"


def test_the_stricter_of_two_minima_holds() -> None:
    assert max_assurance(Assurance.SIGNED, Assurance.ASSERTED) is Assurance.SIGNED
    assert max_assurance(Assurance.ASSERTED, Assurance.SIGNED) is Assurance.SIGNED


def test_a_change_of_verdict_is_never_forgotten() -> None:
    series = book(FIRST, replace(FIRST, number=2, verdict=Verdict.FAIL), replace(FIRST, number=3)).series[
        TESTS, EVERYWHERE
    ]
    assert series.changed_since(1, Verdict.PASS, 0)
    assert not series.changed_since(2, Verdict.PASS, 0)


@pytest.mark.parametrize(("count", "changed"), [(1, False), (2, False), (3, True)])
def test_a_count_that_rose_is_a_change_and_one_that_fell_is_none(count: int, *, changed: bool) -> None:
    series = book(replace(COUNTED, count=2), replace(COUNTED, number=2, count=count)).series[ISSUES, EVERYWHERE]
    assert series.changed_since(1, Verdict.PASS, 2) is changed


FAILED = replace(FIRST, verdict=Verdict.FAIL)
EARLIER = START - HOUR


@pytest.mark.parametrize(
    ("events", "number"),
    [
        ((FAILED, replace(FIRST, number=2, taken_at=EARLIER)), 1),
        ((replace(FIRST, taken_at=EARLIER), replace(FAILED, number=2)), 2),
        ((FIRST, replace(FAILED, number=2)), 2),
    ],
)
def test_the_newest_is_what_was_taken_last_and_of_two_at_once_the_later_number(
    events: tuple[EvidenceRecorded, ...], number: int
) -> None:
    series = book(*events).series[TESTS, EVERYWHERE]
    assert (series.newest.number, series.latest.number) == (number, 2)
    assert judge_check(UNIT, book(*events), TERMS).code == "evidence.fail"


def test_an_older_count_that_arrives_late_does_not_replace_a_newer_one() -> None:
    late = book(replace(COUNTED, count=1), replace(COUNTED, number=2, taken_at=EARLIER))
    assert judge_count(NO_P0, late, TERMS).code == "evidence.too_many"


@pytest.mark.parametrize(
    ("by", "code"),
    [("person:ann", "evidence.by_author"), ("person:bob", "evidence.pass"), ("robot:controller", "evidence.pass")],
)
def test_what_an_author_brought_does_not_count(by: str, code: str) -> None:
    brought = book(replace(FIRST, by=by, assurance=Assurance.SIGNED))
    assert judge_check(UNIT, brought, replace(TERMS, authors=frozenset({"person:ann"}))).code == code


def test_a_count_that_an_author_brought_is_none() -> None:
    brought = book(replace(COUNTED, by="person:ann"))
    assert judge_count(NO_P0, brought, replace(TERMS, authors=frozenset({"person:ann"}))).code == "evidence.by_author"


SMOKED = replace(FIRST, check=SMOKE, environment=PRODUCTION)
WATCH = Watch(PromotionId("p"), "baking", R1, PRODUCTION, (SMOKE, ERRORS), ((SMOKE, 1),), START)
PACE = Pace(START + HOUR, 10 * SECOND)
AFTER = (
    SMOKED,
    replace(SMOKED, number=2, taken_at=START + SECOND),
    replace(SMOKED, check=ERRORS, taken_at=START + SECOND),
)


def run(check: CheckId, number: int) -> RunCheck:
    """The check as it is asked for."""
    return RunCheck(R1, check, PRODUCTION, EffectKey(f"p/baking/{check}/{number}"))


def test_what_was_seen_is_counted_per_check() -> None:
    assert seen((SMOKE, ERRORS, SMOKE), PRODUCTION, book(SMOKED)) == ((SMOKE, 1),)


def test_no_checks_at_all_are_proven_by_the_deployment() -> None:
    finding = judge(replace(WATCH, checks=()), book())
    assert (finding.verdict, finding.code) == (Verdict.PASS, "proof.deployed")


def test_older_evidence_proves_nothing() -> None:
    assert judge(WATCH, book(SMOKED)).verdict is Verdict.INCONCLUSIVE


def test_newer_evidence_of_every_check_is_the_proof() -> None:
    assert judge(WATCH, book(*AFTER)).verdict is Verdict.PASS


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.FAIL])
def test_what_others_than_the_controller_bring_proves_nothing_either_way(verdict: Verdict) -> None:
    brought = replace(AFTER[1], verdict=verdict, by="person:bob", assurance=Assurance.SIGNED)
    finding = judge(WATCH, book(AFTER[0], brought, AFTER[2]))
    assert [leaf.code for leaf in finding.children] == ["proof.awaited", "proof.pass"]


def test_a_failure_since_the_step_is_never_forgotten() -> None:
    failing = book(AFTER[0], replace(AFTER[1], verdict=Verdict.FAIL), replace(AFTER[1], number=3), AFTER[2])
    assert has_failed(judge(WATCH, failing))


def test_a_failure_before_the_step_is() -> None:
    assert judge(WATCH, book(replace(SMOKED, verdict=Verdict.FAIL), *AFTER[1:])).verdict is Verdict.PASS


def test_what_could_not_be_told_is_forgotten_once_it_can() -> None:
    told = book(AFTER[0], replace(AFTER[1], verdict=Verdict.ERROR), replace(AFTER[1], number=3), AFTER[2])
    assert judge(WATCH, told).verdict is Verdict.PASS


def test_a_reading_counts_as_newer_by_its_number_whatever_its_clock_said() -> None:
    behind = replace(AFTER[1], taken_at=START - HOUR)
    assert judge(WATCH, book(AFTER[0], behind, AFTER[2])).verdict is Verdict.PASS


def test_a_gap_in_the_evidence_is_an_error_whatever_else_passed() -> None:
    finding = judge(WATCH, book(AFTER[0], replace(AFTER[1], number=3), AFTER[2]))
    assert [leaf.code for leaf in finding.children] == ["proof.gap", "proof.pass"]


def test_an_error_beside_a_failure_is_no_reason_to_wait() -> None:
    finding = judge(WATCH, book(*AFTER[:2], replace(AFTER[2], verdict=Verdict.FAIL)))
    assert has_failed(finding)


def test_checks_that_have_not_spoken_are_run_and_waited_for() -> None:
    assert next_looks(WATCH, book(SMOKED), PACE, START) == (run(SMOKE, 2), run(ERRORS, 1), WakeAt(PACE.deadline))


def test_a_check_that_could_not_tell_is_run_again_after_a_pause() -> None:
    unsure = book(*AFTER[:2], replace(AFTER[2], verdict=Verdict.INCONCLUSIVE))
    again = START + 11 * SECOND
    assert next_looks(WATCH, unsure, PACE, START + SECOND) == (WakeAt(again),)
    assert next_looks(WATCH, unsure, PACE, again) == (run(ERRORS, 2),)


def test_nothing_left_to_learn_is_concluded() -> None:
    assert next_looks(WATCH, book(*AFTER), PACE, START) == (Conclude(PromotionId("p")),)


def test_checks_that_stay_silent_past_the_deadline_are_concluded() -> None:
    assert next_looks(WATCH, book(), PACE, PACE.deadline) != (Conclude(PromotionId("p")),)
    assert next_looks(WATCH, book(), PACE, PACE.deadline + SECOND) == (Conclude(PromotionId("p")),)


def test_a_named_person_may_attach_evidence() -> None:
    given(EvidenceBook(), evolve).when(
        lambda state: decide(state, BROUGHT, Person(ann.id, Assurance.ASSERTED), START, FOR_IT)
    ).then(replace(FIRST, assurance=Assurance.ASSERTED, by="person:ann"))


def test_what_is_known_of_a_release_by_its_name_goes_before_what_is_known_of_its_content() -> None:
    named = book(replace(FIRST, verdict=Verdict.FAIL))
    assert joined(book(FIRST), named).series == named.series
    assert joined(book(FIRST), book()).series == book(FIRST).series


def test_what_was_asked_of_the_content_is_not_asked_for_ever_of_what_has_an_answer_by_name() -> None:
    asked = EvidenceRequested(D1, FIRST.check, FIRST.environment)
    key = (FIRST.check, FIRST.environment)
    assert joined(book(asked), book()).requested == {key}
    assert joined(book(asked), book(FIRST)).requested == frozenset()
    assert joined(book(), book(FIRST, asked)).requested == {key}


def test_two_releases_of_one_content_are_two_subjects() -> None:
    assert len({D1, subject_by_name(R1, D1), subject_by_name(ReleaseId(f"{R1}x"), D1)}) == len("abc")


def says_who(verdict: Verdict, brought: Brought | None, person: Person = ann) -> Sequence[str]:
    """The codes with which somebody's word about a check is refused."""
    answer = decide(EvidenceBook(), replace(BROUGHT, verdict=verdict), person, START, brought)
    return [reason.code for reason in answer.reasons] if isinstance(answer, Refused) else []


eve = Person(PersonId("eve"), Assurance.SIGNED)
RUN_BY_US = replace(FOR_IT, governance=replace(G1, brought={}))


def test_nobody_but_the_controller_says_that_what_it_runs_passes() -> None:
    assert says_who(Verdict.PASS, RUN_BY_US) == ["evidence.run_by_controller"]
    assert isinstance(decide(EvidenceBook(), RECORD, CONTROLLER, START), Accepted)


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE])
def test_anybody_says_of_any_check_that_it_does_not_pass(verdict: Verdict) -> None:
    assert says_who(verdict, RUN_BY_US, eve) == []


def test_what_somebody_else_does_passes_by_the_word_of_who_holds_the_role() -> None:
    assert says_who(Verdict.PASS, FOR_IT, eve) == ["evidence.role"]
    assert says_who(Verdict.PASS, FOR_IT, ann) == []


@pytest.mark.parametrize(
    "brought",
    [None, replace(FOR_IT, digest=digest_of(b"other")), replace(FOR_IT, governance=replace(G1, digest=D1))],
    ids=["for nothing", "other content", "other rules"],
)
def test_what_is_brought_is_about_the_release_it_is_brought_for(brought: Brought | None) -> None:
    assert says_who(Verdict.PASS, brought) == ["evidence.another_release"]


def test_what_is_asked_of_a_release_by_its_name_is_about_it_too() -> None:
    named = replace(BROUGHT, subject=subject_by_name(R1, D1))
    assert isinstance(decide(EvidenceBook(), named, ann, START, FOR_IT), Accepted)


# What is live beside it

ABOUT_TARGET = replace(UNIT, live_in=PRODUCTION)
OLD_TARGET, NEW_TARGET = InPlace(PRODUCTION, D0, 1), InPlace(PRODUCTION, D2, 2)


@pytest.mark.parametrize(
    ("known", "now", "code"),
    [
        ((OLD_TARGET,), OLD_TARGET, "evidence.pass"),
        ((OLD_TARGET,), NEW_TARGET, "evidence.live_changed"),
        ((OLD_TARGET,), replace(OLD_TARGET, changes=3), "evidence.live_changed"),
        ((OLD_TARGET,), InPlace(PRODUCTION, D1, 2), "evidence.pass"),
        ((), OLD_TARGET, "evidence.live_changed"),
    ],
    ids=["the same", "another", "back again", "the release itself", "unknown"],
)
def test_evidence_of_what_is_live_ends_when_something_else_is(
    known: tuple[InPlace, ...], now: InPlace, code: str
) -> None:
    terms = replace(TERMS, live=(now,), release=D1)
    assert judge_check(ABOUT_TARGET, book(replace(FIRST, live=known)), terms).code == code


def test_a_count_of_what_is_live_ends_with_it_too() -> None:
    terms = replace(TERMS, live=(NEW_TARGET,), release=D1)
    counted = book(replace(COUNTED, live=(OLD_TARGET,)))
    assert judge_count(replace(NO_P0, live_in=PRODUCTION), counted, terms).code == "evidence.live_changed"


def test_what_was_overtaken_while_it_ran_is_not_recorded() -> None:
    began = replace(RECORD, live=(OLD_TARGET,))
    given(EvidenceBook(), evolve).when(
        lambda state: decide(state, began, CONTROLLER, START, live=(NEW_TARGET,))
    ).refused("evidence.moved_on")
    given(EvidenceBook(), evolve).when(lambda state: decide(state, began, CONTROLLER, START, live=(OLD_TARGET,))).then(
        replace(FIRST, live=(OLD_TARGET,))
    )


def test_what_somebody_brings_is_about_what_is_live_as_they_bring_it() -> None:
    given(EvidenceBook(), evolve).when(lambda state: decide(state, BROUGHT, ann, START, FOR_IT, (OLD_TARGET,))).then(
        replace(FIRST, assurance=Assurance.SIGNED, by="person:ann", live=(OLD_TARGET,))
    )
