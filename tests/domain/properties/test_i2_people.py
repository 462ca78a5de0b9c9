# SPDX-License-Identifier: Apache-2.0
"""I2: who fills which slot is a maximum matching; nobody stands where separation of duties keeps them out."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.shop import (
    ANN,
    BOB,
    CYD,
    D1,
    DAN,
    G1,
    LEAD,
    PLANS,
    PRODUCTION,
    PRODUCTION_ENV,
    QA,
    R1,
    SHOP,
    WORDS,
)
from tests.domain.walker import KINDS, Move, steps, walks

from interlock.domain.actor import Assurance
from interlock.domain.approval import Answer, ApprovalBook, Bound, Decided
from interlock.domain.change import ChangeKind
from interlock.domain.evidence import EvidenceBook
from interlock.domain.ids import PersonId, RequirementId
from interlock.domain.people import People
from interlock.domain.promotion import DeploymentBegun
from interlock.domain.quorum import Bench, judge_people
from interlock.domain.release import Release, ReleasePhase
from interlock.domain.requirement import ApprovalRequirement
from interlock.domain.separation import Slot, assign

EVERYBODY = (ANN, BOB, CYD, DAN)
SLOTS = st.lists(
    st.tuples(st.sampled_from(["", "x", "y"]), st.lists(st.sampled_from(EVERYBODY), unique=True, max_size=4)),
    max_size=5,
)


def slots_of(drawn: list[tuple[str, list[PersonId]]]) -> list[Slot]:
    """Slots with distinct names."""
    return [Slot(RequirementId(f"r{at}"), 0, apart, tuple(people)) for at, (apart, people) in enumerate(drawn)]


def most(slots: list[Slot]) -> int:
    """The greatest number of slots that can be filled, by trying everything."""
    best = 0
    for choice in product(*[(None, *slot.candidates) for slot in slots]):
        places = [(slot.apart or slot.requirement, who) for slot, who in zip(slots, choice, strict=True) if who]
        if len(set(places)) == len(places):
            best = max(best, len(places))
    return best


@given(SLOTS)
def test_as_many_slots_are_filled_as_can_be(drawn: list[tuple[str, list[PersonId]]]) -> None:
    slots = slots_of(drawn)
    assert len(assign(slots)) == most(slots)


@given(SLOTS)
def test_only_candidates_stand_and_nobody_stands_twice_where_slots_are_apart(
    drawn: list[tuple[str, list[PersonId]]],
) -> None:
    filled = assign(slots_of(drawn))
    assert all(who in slot.candidates for slot, who in filled.items())
    apart = [(slot.apart, who) for slot, who in filled.items() if slot.apart]
    assert len(set(apart)) == len(apart)


@given(SLOTS)
def test_no_order_makes_a_difference_to_how_many_are_filled(drawn: list[tuple[str, list[PersonId]]]) -> None:
    slots = slots_of(drawn)
    other = [Slot(slot.requirement, 0, slot.apart, tuple(reversed(slot.candidates))) for slot in reversed(slots)]
    assert len(assign(other)) == len(assign(slots))


REQUIREMENTS = (
    ApprovalRequirement(RequirementId("a"), (LEAD,), 1),
    ApprovalRequirement(RequirementId("b"), (LEAD, QA), 2),
)
RELEASE = Release(ReleasePhase.OPEN, R1, SHOP, digest=D1, governance=G1.digest, plans=PLANS, authors=(ANN,))
BOUND = Bound(D1, G1.digest, 0, PLANS, ())
VOICES = st.lists(
    st.tuples(st.sampled_from(EVERYBODY), st.sampled_from(list(Answer)), st.sampled_from(list(Assurance))), max_size=6
)
Voice = tuple[PersonId, Answer, Assurance]


def opens(voices: list[Voice]) -> bool:
    """Whether these decisions satisfy both requirements before production."""
    said = tuple(Decided(R1, PRODUCTION, answer, who, how, BOUND, WORDS) for who, answer, how in voices)
    people = People(names=dict.fromkeys(EVERYBODY, WORDS))
    bench = Bench(RELEASE, PRODUCTION_ENV, G1, people, ApprovalBook(decisions=said), EvidenceBook())
    return all(judged.finding.opens for judged in judge_people(REQUIREMENTS, bench))


@given(VOICES)
def test_the_gate_opens_only_for_three_signed_people_who_wrote_nothing_of_it(voices: list[Voice]) -> None:
    last = {who: (answer, how) for who, answer, how in voices}
    agreed = {who for who, said in last.items() if said == (Answer.APPROVED, Assurance.SIGNED)}
    assert not opens(voices) or len(agreed - {ANN}) >= 3


@given(VOICES)
def test_who_spoke_first_makes_no_difference(voices: list[Voice]) -> None:
    last = {who: (who, answer, how) for who, answer, how in voices}
    assert opens(list(last.values())) == opens(voices) == opens(list(reversed(last.values())))


@given(KINDS, walks())
def test_production_is_reached_only_with_a_living_approval_of_somebody_else(
    kind: ChangeKind, moves: list[Move]
) -> None:
    for step in steps(kind, moves):
        for emitted in step.events:
            if isinstance(emitted.event, DeploymentBegun):
                moving = step.before.promotion(emitted.event.promotion)
                situation = step.before.situation_under(moving)
                if moving.environment == PRODUCTION:
                    said = {decided.by: decided.answer for decided in situation.approvals.decisions}
                    approving = {who for who, answer in said.items() if answer is Answer.APPROVED}
                    assert approving - set(situation.release.authors)
