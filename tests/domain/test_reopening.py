# SPDX-License-Identifier: Apache-2.0
"""When time alone may open a gate: what ends, what opens, what is over, and nothing else."""

from dataclasses import replace
from datetime import datetime
from typing import Final

import pytest
from tests.domain.shop import BOB, D2, G1, HOUR, PLANS, PRODUCTION, R2, SHOP, STAGING, START, WORDS
from tests.domain.tale import adopted

from interlock.domain.actor import Assurance
from interlock.domain.approval import Answer, ApprovalBook, Bound, Decided, SignedOff
from interlock.domain.change import ChangeKind
from interlock.domain.freeze import FreezeDeclared, Freezes
from interlock.domain.gate import Situation
from interlock.domain.ids import EnvironmentName, FreezeId, RequirementId
from interlock.domain.reopening import reopenings
from interlock.domain.requirement import HoldRequirement
from interlock.domain.window import Interval, Occurrences, WorkedOut

NOW: Final = START + HOUR * 100
BOUND: Final = Bound(D2, G1.digest, 0, PLANS, ())
HOLD: Final = HoldRequirement(RequirementId("a-day"), (RequirementId("plan"),), HOUR * 24)


def before_staging() -> Situation:
    """Nothing is in the way but what a test puts there."""
    return adopted().world.situation(R2, STAGING)


def frozen(
    until: datetime, admits: tuple[ChangeKind, ...] = (), there: EnvironmentName = STAGING, begins: datetime = START
) -> Situation:
    """There is a freeze."""
    one = FreezeDeclared(FreezeId("f"), (SHOP,), (there,), begins, until, WORDS, admits, "person:ann")
    return replace(before_staging(), freezes=Freezes({one.freeze: one}))


def windowed(*opens: datetime) -> Situation:
    """There is a window that opens at these times for an hour."""
    intervals = tuple(Interval(moment, moment + HOUR) for moment in opens)
    return replace(before_staging(), windows=(WorkedOut("w", Occurrences(START, NOW + HOUR * 90, intervals, "z")),))


def held(since: datetime) -> Situation:
    """There is a hold of a day, and people said something then."""
    one = before_staging()
    first, *rest = G1.procedure.stages
    procedure = replace(G1.procedure, stages=(replace(first, requires=(*first.requires, HOLD)), *rest))
    signed = SignedOff(R2, STAGING, RequirementId("plan"), "Done.", BOB, Assurance.SIGNED, BOUND, since)
    decided = Decided(R2, STAGING, Answer.APPROVED, BOB, Assurance.SIGNED, BOUND, WORDS, at=since + HOUR)
    return replace(one, governance=replace(G1, procedure=procedure), approvals=ApprovalBook((signed,), (decided,)))


def test_where_nothing_is_in_the_way_time_opens_nothing() -> None:
    assert reopenings(before_staging(), NOW) == ()


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        (frozen(NOW + HOUR), (NOW + HOUR,)),
        (frozen(NOW + HOUR, (ChangeKind.NORMAL,)), ()),
        (frozen(NOW + HOUR, there=PRODUCTION), ()),
        (frozen(NOW + HOUR * 2, begins=NOW + HOUR), ()),
        (frozen(NOW), ()),
        (windowed(NOW + HOUR * 24, NOW + HOUR, NOW - HOUR * 24), (NOW + HOUR, NOW + HOUR * 24)),
        (held(NOW - HOUR * 2), (NOW + HOUR * 22, NOW + HOUR * 23)),
        (held(NOW - HOUR * 24), (NOW + HOUR,)),
    ],
    ids=["frozen", "admitted", "elsewhere", "to come", "over", "window", "held", "not held any more"],
)
def test_it_is_looked_at_again_when_something_ends_or_opens(
    situation: Situation, expected: tuple[datetime, ...]
) -> None:
    assert reopenings(situation, NOW) == expected


def test_no_window_keeps_an_emergency() -> None:
    one = windowed(NOW + HOUR)
    assert reopenings(replace(one, change=replace(one.change, kind=ChangeKind.EMERGENCY)), NOW) == ()
