# SPDX-License-Identifier: Apache-2.0
"""The simulated check passes the kit and plays its script."""

import pytest
from tests.adapters.check.rig import request

from interlock.adapters.check.memory import CheckWorld, MemoryCheck, NeverAnswers, Scripted, says
from interlock.domain.ids import CheckId, EffectKey, EnvironmentName
from interlock.domain.verdict import Verdict
from interlock.ports.check import Checker, CheckRequest, Lost, Pending, Reading
from interlock.ports.failure import Rejected, Unavailable
from interlock.testing.contracts.check import KEY, REPORTED, CheckerContract

STAGING = EnvironmentName("staging")
TESTS = CheckId("unit-tests")


class MemoryRig:
    def __init__(self) -> None:
        self.world = CheckWorld(
            tuple(Scripted(TESTS, verdict.value, STAGING, says(verdict, f"it is {verdict}")) for verdict in REPORTED)
        )

    def checker(self) -> Checker:
        return MemoryCheck(self.world)

    def asking(self, verdict: Verdict) -> CheckRequest:
        return request(verdict.value)

    def report_limit(self) -> int:
        return 100

    def wait(self) -> None:
        """Nothing needs time here."""


class TestMemoryCheck(CheckerContract):
    @pytest.fixture
    def rig(self) -> MemoryRig:
        return MemoryRig()


def test_what_nobody_scripted_is_inconclusive() -> None:
    check = MemoryCheck(CheckWorld())
    check.start(request("1"), KEY)
    check.observe(request("1"), KEY)
    reading = check.observe(request("1"), KEY)
    assert isinstance(reading, Reading)
    assert reading.verdict is Verdict.INCONCLUSIVE


def test_it_answers_after_as_many_observations_as_were_scripted() -> None:
    check = MemoryCheck(CheckWorld(otherwise=says(Verdict.PASS, "fine", steps=2)))
    check.start(request("1"), KEY)
    seen = [check.observe(request("1"), KEY) for _ in range(4)]
    assert [type(progress) for progress in seen] == [Pending, Pending, Reading, Reading]


def test_one_that_never_answers_ends_by_cancelling() -> None:
    check = MemoryCheck(CheckWorld(otherwise=NeverAnswers()))
    check.start(request("1"), KEY)
    before = check.observe(request("1"), KEY)
    check.cancel(KEY)
    after = check.observe(request("1"), KEY)
    assert isinstance(before, Pending)
    assert isinstance(after, Reading)


def test_a_check_that_was_begun_keeps_its_answer() -> None:
    world = CheckWorld(otherwise=says(Verdict.FAIL, "no", steps=0))
    check = MemoryCheck(world)
    check.start(request("1"), KEY)
    world.otherwise = says(Verdict.PASS, "yes", steps=0)
    reading = check.observe(request("1"), KEY)
    assert isinstance(reading, Reading)
    assert reading.verdict is Verdict.FAIL


def test_the_same_key_with_another_request_is_rejected() -> None:
    check = MemoryCheck(CheckWorld())
    check.start(request("1"), KEY)
    with pytest.raises(Rejected) as refused:
        check.start(request("2"), KEY)
    assert refused.value.code == "check.key_reused"


def test_a_key_of_another_request_is_lost() -> None:
    check = MemoryCheck(CheckWorld())
    check.start(request("1"), KEY)
    assert isinstance(check.observe(request("2"), EffectKey(KEY)), Lost)


def test_an_outage_ends_after_as_many_calls_as_were_scripted() -> None:
    check = MemoryCheck(CheckWorld(outages=1))
    with pytest.raises(Unavailable):
        check.start(request("1"), KEY)
    check.start(request("1"), KEY)
    assert isinstance(check.observe(request("1"), KEY), Pending)
