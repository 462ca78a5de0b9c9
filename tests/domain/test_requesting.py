# SPDX-License-Identifier: Apache-2.0
"""Asking people for what is the next in order: whom, when, in which words, and once."""

from dataclasses import replace
from typing import Final

import pytest
from tests.domain.shop import (
    BOB,
    CYD,
    D2,
    DAN,
    G1,
    HOUR,
    LEAD,
    PLAN,
    PLANS,
    PRODUCTION,
    QA,
    R2,
    STAGING,
    START,
    WORDS,
    ann,
)
from tests.domain.story import given
from tests.domain.tale import adopted

from interlock.domain import requesting
from interlock.domain.action import Quote, TellAsked
from interlock.domain.actor import CONTROLLER, Assurance
from interlock.domain.approval import Answer, ApprovalBook, Bound, Decided, SignedOff
from interlock.domain.decision import Accepted
from interlock.domain.gate import Situation
from interlock.domain.ids import AudienceName, NoticeId, PersonId, RequirementId, digest_of
from interlock.domain.moment import NEVER
from interlock.domain.outbox import MessageDue
from interlock.domain.records import RecordBook, RecordWritten
from interlock.domain.release import ReleasePhase
from interlock.domain.requesting import AskPeople, Asks, PeopleAsked
from interlock.domain.requirement import ApprovalRequirement, RecordRequirement, SaidRequirement, Who
from interlock.domain.template import AskedFor, StageMessages, Template

PLEASE: Final = Template(NoticeId("please"), (AudienceName("leads"),), "{requirement}", "{roles}: {asked}; {title}")
SAID: Final = PLAN.id
ASK: Final = AskPeople(R2, STAGING, SAID)
NOTHING: Final[frozenset[RequirementId]] = frozenset()


def situation(asked: SaidRequirement = PLAN, said: Template = PLEASE) -> Situation:
    """Before staging, in a procedure whose first stage has this asked for."""
    before = adopted().world.situation(R2, STAGING)
    first, *rest = G1.procedure.stages
    stage = replace(first, requires=(asked,), messages=StageMessages(asked=(AskedFor(asked.id, (said,)),)))
    pack = replace(G1.procedure, stages=(stage, *rest))
    return replace(before, governance=replace(G1, procedure=pack))


def body(asked: SaidRequirement, said: Template = PLEASE) -> str:
    """What is told."""
    decision = requesting.decide(
        Asks(), replace(ASK, requirement=asked.id), situation(asked, said), NOTHING, CONTROLLER
    )
    assert isinstance(decision, Accepted)
    message = decision.events[-1].event
    assert isinstance(message, MessageDue)
    return message.body


def test_what_is_next_in_order_is_asked_for_once() -> None:
    one = situation()
    assert requesting.next_actions(Asks(), one, NOTHING) == (TellAsked(R2, STAGING, SAID),)
    state = given(Asks(), requesting.evolve, PeopleAsked(R2, STAGING, SAID, 0)).state
    assert requesting.next_actions(state, one, NOTHING) == ()
    assert (requesting.is_asking(Asks(), one), requesting.is_asking(state, one)) == (True, False)


def test_what_is_met_is_not_asked_for() -> None:
    assert requesting.next_actions(Asks(), situation(), frozenset({SAID})) == ()


def test_what_comes_after_something_else_is_asked_for_when_that_is_met() -> None:
    other = RequirementId("other")
    one = situation(replace(PLAN, after=(other,)))
    assert requesting.next_actions(Asks(), one, NOTHING) == ()
    assert requesting.next_actions(Asks(), one, frozenset({other})) == (TellAsked(R2, STAGING, SAID),)


def test_it_is_asked_for_again_when_the_release_has_changed() -> None:
    one = situation()
    moved = replace(one, release=replace(one.release, revision=1))
    state = Asks(frozenset({(SAID, 0)}))
    assert requesting.next_actions(state, moved, NOTHING) == (TellAsked(R2, STAGING, SAID),)


def test_of_a_release_that_goes_nowhere_nothing_is_asked() -> None:
    one = situation()
    gone = replace(one, release=replace(one.release, phase=ReleasePhase.WITHDRAWN))
    assert not requesting.is_asking(Asks(), gone)


def test_what_stands_before_an_earlier_environment_is_asked_for_there() -> None:
    one = situation()
    further = replace(one, environment=adopted().world.situation(R2, PRODUCTION).environment)
    assert not requesting.is_asking(Asks(), further)


def test_asking_is_recorded_together_with_the_messages() -> None:
    decision = requesting.decide(Asks(), ASK, situation(), NOTHING, CONTROLLER)
    assert isinstance(decision, Accepted)
    first, message = (emitted.event for emitted in decision.events)
    assert first == PeopleAsked(R2, STAGING, SAID, 0)
    assert isinstance(message, MessageDue)
    assert (message.title, message.to, message.key) == ("plan", "leads", f"{R2}/asked/plan/0/tell/please/leads")
    assert message.quotes[0].name == "title"


def test_the_controller_asks() -> None:
    given(Asks(), requesting.evolve).when(
        lambda state: requesting.decide(state, ASK, situation(), NOTHING, ann)
    ).refused("asked.robot_only")


@pytest.mark.parametrize("command", [ASK, replace(ASK, requirement=RequirementId("other"))])
def test_what_is_not_next_is_not_asked_for(command: AskPeople) -> None:
    given(Asks(), requesting.evolve).when(
        lambda state: requesting.decide(state, command, situation(), frozenset({SAID}), CONTROLLER)
    ).refused("asked.not_next")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (PLAN, "qa: the plan was tested; {title}"),
        (ApprovalRequirement(SAID, (LEAD, QA)), "lead or qa: approval of 1.2 before staging; {title}"),
        (ApprovalRequirement(SAID, (LEAD, QA), who=Who.EACH), "lead, qa: approval of 1.2 before staging; {title}"),
        (RecordRequirement(SAID, (LEAD,), ("Summary", "Date")), "lead: a document with Summary, Date; {title}"),
    ],
)
def test_the_message_says_what_is_asked_of_whom(asked: SaidRequirement, words: str) -> None:
    assert body(asked).replace(R2, "1.2") == words


def test_where_nobody_handed_on_it_is_the_author_who_asks() -> None:
    assert body(PLAN, replace(PLEASE, body="{by} asks")) == "ann asks"


def test_who_said_last_what_comes_before_asks() -> None:
    notes, ready, agreed = (RequirementId(name) for name in ("notes", "ready", "agreed"))
    bound = Bound(D2, G1.digest, 0, PLANS, ())
    signed = SignedOff(R2, STAGING, ready, "ready", BOB, Assurance.SIGNED, bound, START)
    decided = Decided(R2, STAGING, Answer.APPROVED, CYD, Assurance.SIGNED, bound, WORDS, agreed, START + HOUR)
    written = RecordWritten(R2, notes, digest_of(b"x"), (), DAN, Assurance.SIGNED, START + 2 * HOUR)
    asked = replace(PLAN, after=(notes, ready, agreed))
    one = replace(
        situation(asked, replace(PLEASE, body="{by} asks")),
        approvals=ApprovalBook((signed,), (decided,)),
        records=RecordBook({notes: written}),
    )
    told = {
        handing: replace(
            one, governance=situation(replace(PLAN, after=(handing,)), replace(PLEASE, body="{by}")).governance
        )
        for handing in (notes, ready, agreed)
    }
    assert [asker(before, (name,)) for name, before in told.items()] == ["dan", "bob", "cyd"]
    assert asker(one, asked.after) == "dan asks"


def asker(before: Situation, met: tuple[RequirementId, ...]) -> str:
    """What is told once these are met."""
    decision = requesting.decide(Asks(), ASK, before, frozenset(met), CONTROLLER)
    assert isinstance(decision, Accepted)
    message = decision.events[-1].event
    assert isinstance(message, MessageDue)
    return message.body


def test_a_record_that_was_written_is_quoted() -> None:
    written = RecordWritten(
        R2, RequirementId("notes"), digest_of(b"x"), ("Known issues",), PersonId("ann"), Assurance.SIGNED, NEVER
    )
    quoting = replace(PLEASE, body="{notes.Known issues}")
    one = replace(situation(said=quoting), records=RecordBook({written.requirement: written}))
    decision = requesting.decide(Asks(), ASK, one, NOTHING, CONTROLLER)
    assert isinstance(decision, Accepted)
    message = decision.events[-1].event
    assert isinstance(message, MessageDue)
    assert message.quotes == (Quote("notes.known-issues", digest_of(b"x"), "Known issues"),)
