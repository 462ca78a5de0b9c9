# SPDX-License-Identifier: Apache-2.0
"""A group of the identity provider that holds a role stands for who is in it, as of when they said something."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from tests.domain.shop import (
    BOB,
    CYD,
    D1,
    G1,
    GO,
    HOUR,
    LEAD,
    PLANS,
    PRODUCTION,
    PRODUCTION_ENV,
    QA,
    R1,
    SECOND,
    SHOP,
    STAGING,
    START,
    WORDS,
    ann,
)
from tests.domain.story import given

from interlock.domain import groups
from interlock.domain.actor import CONTROLLER, Assurance, Person
from interlock.domain.approval import Answer, ApprovalBook, Approve, Decided, Matter, bind, decide
from interlock.domain.decision import Accepted, Refused
from interlock.domain.evidence import EvidenceBook
from interlock.domain.groups import LASTS, Groups, GroupsRecorded, RecordGroups, parse_holder, people_of
from interlock.domain.ids import PersonId, TextRef
from interlock.domain.people import People
from interlock.domain.procedure import Governance
from interlock.domain.quorum import Bench, judge_people, who_may
from interlock.domain.release import Release, ReleasePhase
from interlock.domain.verdict import Verdict

EVE: Final = PersonId("eve")
ISSUER: Final = "https://id.example.com"
LEADS: Final = parse_holder("group:leads")
RECORDED: Final = GroupsRecorded(EVE, ISSUER, ("leads",), START, START + LASTS)
RULES: Final = replace(G1, holders={QA: (BOB,), LEAD: (LEADS, CYD)})
RELEASE: Final = Release(ReleasePhase.OPEN, R1, SHOP, digest=D1, governance=G1.digest, plans=PLANS)
REGISTERED: Final = People(names={EVE: TextRef("eve"), CYD: TextRef("cyd")})


def _known(*events: GroupsRecorded) -> Groups:
    state = Groups()
    for event in events:
        state = groups.evolve(state, event)
    return state


def _rules(*events: GroupsRecorded) -> Governance:
    return replace(RULES, groups=_known(*events), moment=START)


def test_what_a_provider_says_is_recorded_by_the_server_for_some_hours() -> None:
    given(Groups(), groups.evolve).when(
        lambda state: groups.decide(state, RecordGroups(EVE, ISSUER, ("leads",)), CONTROLLER, START)
    ).then(RECORDED)


def test_nobody_says_of_themselves_in_which_groups_they_are() -> None:
    given(Groups(), groups.evolve).when(
        lambda state: groups.decide(state, RecordGroups(ann.id, ISSUER, ("leads",)), ann, START)
    ).refused("groups.robot_only")


def test_that_somebody_is_in_no_group_is_recorded_only_where_they_were_in_one() -> None:
    nothing = RecordGroups(EVE, ISSUER, ())
    given(Groups(), groups.evolve).when(lambda state: groups.decide(state, nothing, CONTROLLER, START)).refused(
        "groups.none"
    )
    given(Groups(), groups.evolve, RECORDED).when(
        lambda state: groups.decide(state, nothing, CONTROLLER, START + HOUR)
    ).then(GroupsRecorded(EVE, ISSUER, (), START + HOUR, START + HOUR + LASTS))


@pytest.mark.parametrize(
    ("after", "found"),
    [(-SECOND, ()), (timedelta(0), (EVE,)), (LASTS - SECOND, (EVE,)), (LASTS, ())],
    ids=["before", "at once", "until the end", "afterwards"],
)
def test_somebody_is_in_a_group_from_when_it_was_said_until_that_ends(
    after: timedelta, found: tuple[PersonId, ...]
) -> None:
    assert _known(RECORDED).members("leads", START + after) == found


def test_what_is_said_newer_takes_the_place_of_what_was_said_before_and_leaves_the_past_alone() -> None:
    state = _known(RECORDED, replace(RECORDED, groups=("others",), at=START + HOUR, until=START + HOUR + LASTS))
    assert [state.of(EVE, START + after) for after in (HOUR - SECOND, HOUR)] == [("leads",), ("others",)]


def test_a_group_among_holders_stands_for_its_members_each_once() -> None:
    known = _known(RECORDED, replace(RECORDED, person=CYD))
    assert people_of((BOB, LEADS, CYD), known, START) == (BOB, CYD, EVE)


@pytest.mark.parametrize("text", ["group:", "group: leads", "group:leads ", "group:a,b", "group:" + "x" * 128])
def test_a_group_has_a_name_on_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="names no group"):
        parse_holder(text)


def test_what_is_no_group_is_a_persons_handle() -> None:
    assert parse_holder("eve") == EVE
    with pytest.raises(ValueError, match="is not a name"):
        parse_holder("team:leads")


def test_rules_say_which_groups_hold_a_role_anywhere() -> None:
    posted = replace(RULES, posts={STAGING: {QA: (parse_holder("group:testers"),)}})
    assert [sorted(one.names_of_groups) for one in (G1, posted)] == [[], ["group:leads", "group:testers"]]


def test_where_nothing_is_known_of_groups_a_role_is_held_at_any_moment_alike() -> None:
    assert G1.at_moment(START) is G1


def test_a_group_that_nobody_is_known_to_be_in_stands_for_nobody() -> None:
    assert (RULES.who_holds(LEAD), _rules(RECORDED).who_holds(LEAD)) == ((CYD,), (EVE, CYD))


def _approves(rules: Governance) -> list[str]:
    matter = Matter(RELEASE, rules, (GO,), EvidenceBook())
    command = Approve(R1, PRODUCTION, Answer.APPROVED, bind(matter), WORDS)
    decision = decide(matter, command, Person(EVE, Assurance.SIGNED), rules.moment)
    assert isinstance(decision, Accepted | Refused)
    return [one.code for one in decision.reasons] if isinstance(decision, Refused) else []


def test_who_is_in_the_group_approves_and_who_was_does_not() -> None:
    rules = _rules(RECORDED)
    assert (_approves(rules), _approves(rules.at_moment(START + LASTS))) == ([], ["approval.role"])


def _judged(rules: Governance, answer: Answer, at: timedelta) -> tuple[Verdict, str]:
    bound = bind(Matter(RELEASE, rules, (GO,), EvidenceBook()))
    said = Decided(R1, PRODUCTION, answer, EVE, Assurance.SIGNED, bound, WORDS, GO.id, START + at)
    bench = Bench(RELEASE, PRODUCTION_ENV, rules, REGISTERED, ApprovalBook(decisions=(said,)), EvidenceBook())
    (judged,) = judge_people([GO], bench)
    return judged.finding.verdict, judged.finding.code


def test_an_approval_counts_as_of_when_it_was_given_though_its_person_is_in_the_group_no_more() -> None:
    later = _rules(RECORDED).at_moment(START + 5 * LASTS)
    assert _judged(later, Answer.APPROVED, HOUR) == (Verdict.PASS, "approval.given")
    assert _judged(later, Answer.APPROVED, 2 * LASTS) == (Verdict.INCONCLUSIVE, "approval.missing")


def test_a_rejection_stands_though_its_person_is_in_the_group_no_more() -> None:
    later = _rules(RECORDED).at_moment(START + 5 * LASTS)
    assert _judged(later, Answer.REJECTED, HOUR) == (Verdict.FAIL, "approval.rejected")


def test_who_could_still_say_so_are_those_who_are_in_the_group_now() -> None:
    rules = _rules(RECORDED)
    benches = [
        Bench(RELEASE, PRODUCTION_ENV, one, REGISTERED, ApprovalBook(), EvidenceBook())
        for one in (rules, rules.at_moment(START + LASTS))
    ]
    assert [who_may(GO, bench) for bench in benches] == [(EVE, CYD), (CYD,)]
