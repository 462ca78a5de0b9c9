# SPDX-License-Identifier: Apache-2.0
"""The slot of an environment: adoption, the queue, what is live and what was good."""

import pytest
from tests.domain.shop import D0, D1, D2, DAN, PRODUCTION, R0, R1, R2, SHOP
from tests.domain.story import given

from interlock.domain.change import ChangeKind
from interlock.domain.slot import (
    NOTHING,
    LaneTaken,
    LiveChanged,
    LiveStanding,
    LiveVerified,
    OccupantKind,
    Placed,
    Queued,
    RunningAdopted,
    SlotEvent,
    SlotFreed,
    SlotLeft,
    SlotOccupied,
    SlotQueued,
    SlotState,
    evolve,
)
from interlock.domain.traffic import Lane

RUNNING = RunningAdopted(SHOP, PRODUCTION, R0, D0, "confirmed", DAN)
OCCUPIED = SlotOccupied(OccupantKind.PROMOTION, "p1", R1)


def test_what_was_adopted_is_live_and_good() -> None:
    state = given(SlotState(), evolve, RUNNING).state
    assert (state.live, state.good) == (Placed(R0, D0), (Placed(R0, D0),))


BROUGHT = (RUNNING, OCCUPIED, LiveChanged(R1, D1))
BACK = (*BROUGHT, LiveVerified(R1, D1), LiveChanged(R0, D0))


@pytest.mark.parametrize(
    ("events", "standing"),
    [
        ((), LiveStanding.UNPROVEN),
        ((RUNNING,), LiveStanding.ADOPTED),
        (BROUGHT, LiveStanding.UNPROVEN),
        ((*BROUGHT, LiveVerified(R1, D1)), LiveStanding.VERIFIED),
        (BACK, LiveStanding.ADOPTED),
        ((*BACK, LiveVerified(R0, D0)), LiveStanding.VERIFIED),
    ],
)
def test_what_was_adopted_is_so_until_it_is_verified(events: tuple[SlotEvent, ...], standing: LiveStanding) -> None:
    assert given(SlotState(), evolve, *events).state.standing is standing


def test_who_adopted_is_remembered() -> None:
    assert given(SlotState(), evolve, RUNNING).state.vouched.by == DAN


def test_what_is_made_to_run_is_live_and_not_yet_good() -> None:
    state = given(SlotState(), evolve, RUNNING, OCCUPIED, LiveChanged(R1, D1)).state
    assert (state.live, state.good) == (Placed(R1, D1), (Placed(R0, D0),))


def test_what_is_good_stands_once_the_newest_last() -> None:
    state = given(SlotState(), evolve, RUNNING, LiveVerified(R1, D1), LiveVerified(R0, D0)).state
    assert state.good == (Placed(R1, D1), Placed(R0, D0))


STABLE = (RUNNING, LiveChanged(R1, D1, Lane.B), LiveVerified(R1, D1))
"""1.1 is live in lane b, and 1.0 still stands beside it."""
TRIED = (*STABLE, SlotOccupied(OccupantKind.PROMOTION, "p2", R2), LaneTaken(R2, D2, Lane.A))
RETURNING = SlotOccupied(OccupantKind.ROLLBACK, "b", R1)


def test_what_was_live_stands_beside_what_is_live_now() -> None:
    state = given(SlotState(), evolve, *STABLE).state
    assert (state.live, state.live.lane) == (Placed(R1, D1), Lane.B)
    assert (state.beside, state.beside.lane) == (Placed(R0, D0), Lane.A)


def test_a_candidate_stands_beside_what_is_live_until_it_is_live_itself() -> None:
    state = given(SlotState(), evolve, *TRIED).state
    assert (state.live, state.beside, state.candidate) == (Placed(R1, D1), Placed(R2, D2), Placed(R2, D2))
    settled = evolve(state, LiveChanged(R2, D2, Lane.A))
    assert (settled.live, settled.beside, settled.candidate) == (Placed(R2, D2), Placed(R1, D1), NOTHING)


def test_where_nothing_was_live_nothing_stands_beside_what_is() -> None:
    state = given(SlotState(), evolve, OCCUPIED, LaneTaken(R1, D1, Lane.A), LiveChanged(R1, D1, Lane.A)).state
    assert (state.live, state.beside) == (Placed(R1, D1), NOTHING)


def test_what_is_verified_is_good_where_it_stands() -> None:
    assert [good.lane for good in given(SlotState(), evolve, *STABLE).state.good] == [Lane.A, Lane.B]


def test_a_rollback_leaves_the_candidate_and_not_what_is_stable() -> None:
    state = given(SlotState(), evolve, *TRIED, RETURNING, LiveChanged(R1, D1, Lane.B)).state
    assert state.good == (Placed(R0, D0), Placed(R1, D1))
    assert (state.live, state.beside, state.candidate) == (Placed(R1, D1), NOTHING, NOTHING)


def test_a_candidate_that_was_good_before_is_not_good_any_more_once_it_was_left() -> None:
    again = (*STABLE, OCCUPIED, LaneTaken(R0, D0, Lane.A), SlotOccupied(OccupantKind.ROLLBACK, "b", R1))
    assert given(SlotState(), evolve, *again).state.good == (Placed(R1, D1),)


def test_a_freed_slot_has_no_candidate() -> None:
    assert given(SlotState(), evolve, *TRIED, SlotFreed("p2")).state.candidate == NOTHING


def test_promotions_queue_in_order_and_one_may_stand_ahead() -> None:
    state = given(
        SlotState(), evolve, OCCUPIED, SlotQueued("p2", R1, ""), SlotQueued("p3", R2, ""), SlotQueued("p4", R2, "p2")
    ).state
    assert [queued.promotion for queued in state.queue] == ["p4", "p2", "p3"]


def test_the_queue_remembers_what_kind_of_change_waits() -> None:
    state = given(
        SlotState(), evolve, OCCUPIED, SlotQueued("p2", R1, ""), SlotQueued("p3", R2, "p2", ChangeKind.EMERGENCY)
    ).state
    assert state.queue == (Queued("p3", R2, ChangeKind.EMERGENCY), Queued("p2", R1, ChangeKind.NORMAL))


def test_who_would_stand_ahead_of_somebody_who_has_left_stands_at_the_end() -> None:
    state = given(SlotState(), evolve, OCCUPIED, SlotQueued("p2", R1, ""), SlotQueued("p3", R2, "gone")).state
    assert [queued.promotion for queued in state.queue] == ["p2", "p3"]


def test_who_takes_the_slot_or_leaves_is_no_longer_queued() -> None:
    state = given(
        SlotState(),
        evolve,
        SlotQueued("p1", R1, ""),
        SlotQueued("p2", R2, ""),
        SlotQueued("p3", R2, ""),
        OCCUPIED,
        SlotLeft("p3"),
    ).state
    assert state.queue == (Queued("p2", R2),)
    assert (state.occupant, state.occupying) == ("p1", R1)


def test_a_freed_slot_keeps_what_is_live() -> None:
    state = given(SlotState(), evolve, OCCUPIED, LiveChanged(R1, D1), SlotFreed("p1")).state
    assert (state.kind, state.occupant, state.live) == (OccupantKind.FREE, "", Placed(R1, D1))
    assert NOTHING.release == ""


def test_what_is_adopted_stands_in_the_lane_of_what_was_live() -> None:
    state = evolve(evolve(SlotState(), LiveChanged(R1, D1, Lane.B)), RUNNING)
    assert (state.live.release, state.live.lane) == (R0, Lane.B)


def test_how_often_something_else_became_live_is_counted_and_never_goes_back() -> None:
    state = SlotState()
    for event in (RUNNING, LiveChanged(R1, D1), LiveChanged(R1, D1), LiveVerified(R1, D1), RUNNING):
        state = evolve(state, event)
    assert (state.live.release, state.changes) == (R0, 3)
