# SPDX-License-Identifier: Apache-2.0
import pytest

from interlock.domain.judge.plan import Arm, Interval
from interlock.domain.judge.trial import Call
from interlock.ports.failure import Rejected
from interlock.service.hearing import Question, heard

EDGES = (50_000, 100_000, 200_000)


def rows(before: int, slow: float, share: float = 0.0) -> tuple[Interval, ...]:
    """A candidate that begins after so many rows, and is so many times as often slow in its first minute."""
    stable = Arm(9000, (90.0,), (4500.0, 900.0, 180.0))
    own = Arm(1000, (10.0,), (min(1000.0, 500 * slow), 100 * slow, 20 * slow))
    told = [Arm(0, (0.0,), (0.0,) * 3)] * before + [own] * 6
    return tuple(Interval(10.0 * at, stable, one, share, edges=EDGES) for at, one in enumerate(told, 1))


@pytest.mark.parametrize("before", [0, 1, 30, 120])
def test_a_candidate_is_as_old_as_its_first_request(before: int) -> None:
    assert heard(Question(), rows(before, 2.0)).account.ruling.call is not Call.BACK
    assert heard(Question(), rows(before, 1.0)).account.ruling.call in {Call.GO_ON, Call.FASTER}


def test_who_should_have_all_and_has_a_tenth_has_not_what_was_asked_for() -> None:
    whole = heard(Question(), rows(0, 1.0, share=1.0)).account
    assert (whole.ruling.call, whole.share, whole.share_seen) == (Call.PAUSE, 0.999, 0.1)


@pytest.mark.parametrize("risk", [0.0, 0.009, 21.0])
def test_a_risk_that_could_not_be_kept_is_refused(risk: float) -> None:
    with pytest.raises(Rejected):
        Question(risk=risk)
