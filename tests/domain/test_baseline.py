# SPDX-License-Identifier: Apache-2.0
"""What a baseline is, as facts."""

from tests.domain.shop import PRODUCTION, SHOP

from interlock.domain.baseline import (
    Baseline,
    BaselineBegun,
    BaselineEnded,
    BaselineMissed,
    BaselinePhase,
    BaselineStands,
    baseline_key,
    baseline_stream,
    evolve,
)
from interlock.domain.ids import Digest, PromotionId, ReleaseId

P, Q = PromotionId("p"), PromotionId("q")
BEGUN = BaselineBegun(P, ReleaseId("shop@1.0"), Digest("sha256:a"), baseline_key(P))
STANDS = BaselineStands(P, "ready")
MISSED = BaselineMissed(P, "a port is taken")
ENDED = BaselineEnded(P)


def after(*events: BaselineBegun | BaselineStands | BaselineMissed | BaselineEnded) -> Baseline:
    """What stands there after these."""
    state = Baseline()
    for event in events:
        state = evolve(state, event)
    return state


def test_an_environment_has_one_place_for_it() -> None:
    assert (baseline_stream(SHOP, PRODUCTION), baseline_key(P)) == ("baseline/shop/production", "p/baseline")


def test_what_was_begun_is_held_until_it_ended() -> None:
    held = [after(BEGUN), after(BEGUN, STANDS), after(BEGUN, MISSED), after(BEGUN, STANDS, ENDED)]
    assert [one.held for one in held] == [P, P, P, ""]


def test_only_one_that_stands_is_compared_with_and_only_by_its_own_rollout() -> None:
    assert after(BEGUN, STANDS).stands_for(P)
    assert not after(BEGUN, STANDS).stands_for(Q)
    assert not any(state.stands_for(P) for state in (after(), after(BEGUN), after(BEGUN, MISSED)))
    assert not after(BEGUN, STANDS, ENDED).stands_for(P)


def test_it_is_settled_once_it_stands_or_is_missing() -> None:
    assert [after(*events).is_settled_for(P) for events in ((), (BEGUN,), (BEGUN, STANDS), (BEGUN, MISSED))] == [
        False,
        False,
        True,
        True,
    ]


def test_one_that_is_missing_stays_so_when_its_remains_have_ended() -> None:
    state = after(BEGUN, MISSED, ENDED)
    assert (state.phase, state.sentence, state.held) == (BaselinePhase.MISSING, "a port is taken", "")


def test_one_that_misses_its_own_still_knows_of_anothers_remains() -> None:
    state = after(BEGUN, STANDS, BaselineMissed(Q, "not in time"))
    assert (state.promotion, state.held, state.is_settled_for(Q)) == (Q, P, True)
