# SPDX-License-Identifier: Apache-2.0
"""The conformance kit of the check port: one or more tests per numbered clause of `interlock.ports.check`.

Subclass `CheckerContract` in your test suite and give it a fixture named `rig` that is a `CheckRig` over the real
thing. Adapters that measure anew at each observation (`OBSERVED`) are held to what the port asks of those.
"""

from typing import Protocol

import pytest

from interlock.domain.ids import EffectKey
from interlock.domain.verdict import Verdict
from interlock.ports.check import Checker, CheckRequest, Counted, Lost, Pending, Reading
from interlock.ports.failure import Deduplication

KEY = EffectKey("evidence/outreach/3#unit-tests")
PATIENCE = 1200
"""How often a check is observed before the kit gives up on it."""
LINE = 200
REPORTED = (Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.ERROR)


class CheckRig(Protocol):
    """What the kit needs of the adapter's world."""

    def checker(self) -> Checker:
        """An adapter built anew with the same configuration, as a restarted controller builds it."""
        ...

    def asking(self, verdict: Verdict) -> CheckRequest:
        """A request that must be answered so by the world as it is."""
        ...

    def report_limit(self) -> int:
        """The most bytes a report may have, in a world where the answer to PASS is longer than that."""
        ...

    def wait(self) -> None:
        """Let a little time pass, where the world needs time."""
        ...


def until_read(rig: CheckRig, checker: Checker, request: CheckRequest, key: EffectKey = KEY) -> Reading:
    """The reading, once there is one."""
    for _ in range(PATIENCE):
        progress = checker.observe(request, key)
        if isinstance(progress, Reading):
            return progress
        assert isinstance(progress, Pending), progress
        rig.wait()
    raise AssertionError(f"still pending after {PATIENCE} observations")


class CheckerContract:
    """Every test takes the fixture `rig`, which the subclass gives."""

    def test_1_starting_twice_under_one_key_is_starting_once(self, rig: CheckRig) -> None:
        checker = rig.checker()
        request = rig.asking(Verdict.PASS)
        checker.start(request, KEY)
        checker.start(request, KEY)
        assert until_read(rig, checker, request).verdict is Verdict.PASS

    def test_2_a_new_controller_reads_what_the_old_one_started(self, rig: CheckRig) -> None:
        request = rig.asking(Verdict.PASS)
        rig.checker().start(request, KEY)
        assert until_read(rig, rig.checker(), request).verdict is Verdict.PASS

    def test_2_a_reading_stays_the_same_under_its_key(self, rig: CheckRig) -> None:
        checker = rig.checker()
        request = rig.asking(Verdict.FAIL)
        checker.start(request, KEY)
        first = until_read(rig, checker, request)
        again = until_read(rig, rig.checker(), request)
        assert again == first or checker.deduplication is Deduplication.OBSERVED

    def test_2_an_unknown_key_is_lost_unless_it_is_measured_anew(self, rig: CheckRig) -> None:
        checker = rig.checker()
        progress = checker.observe(rig.asking(Verdict.PASS), KEY)
        assert isinstance(progress, Lost) or checker.deduplication is Deduplication.OBSERVED

    def test_3_cancelling_what_never_began_changes_nothing(self, rig: CheckRig) -> None:
        checker = rig.checker()
        checker.cancel(KEY)
        request = rig.asking(Verdict.PASS)
        checker.start(request, KEY)
        assert until_read(rig, checker, request).verdict is Verdict.PASS

    def test_3_what_was_cancelled_is_pending_no_more_and_never_passes_by_it(self, rig: CheckRig) -> None:
        checker = rig.checker()
        request = rig.asking(Verdict.FAIL)
        checker.start(request, KEY)
        checker.cancel(KEY)
        checker.cancel(KEY)
        progress = checker.observe(request, KEY)
        assert not isinstance(progress, Pending)
        assert not isinstance(progress, Reading) or progress.verdict is not Verdict.PASS

    def test_3_cancelling_after_the_reading_keeps_it(self, rig: CheckRig) -> None:
        checker = rig.checker()
        request = rig.asking(Verdict.PASS)
        checker.start(request, KEY)
        until_read(rig, checker, request)
        checker.cancel(KEY)
        assert until_read(rig, checker, request).verdict is Verdict.PASS

    @pytest.mark.parametrize("verdict", REPORTED)
    def test_4_the_verdict_is_what_the_world_says(self, rig: CheckRig, verdict: Verdict) -> None:
        checker = rig.checker()
        request = rig.asking(verdict)
        checker.start(request, KEY)
        assert until_read(rig, checker, request).verdict is verdict

    @pytest.mark.parametrize("verdict", REPORTED)
    def test_4_the_summary_is_one_line_of_at_most_200_characters(self, rig: CheckRig, verdict: Verdict) -> None:
        checker = rig.checker()
        request = rig.asking(verdict)
        checker.start(request, KEY)
        summary = until_read(rig, checker, request).summary
        assert 0 < len(summary) <= LINE
        assert len(summary.splitlines()) == 1

    def test_5_the_report_keeps_to_its_limit(self, rig: CheckRig) -> None:
        checker = rig.checker()
        request = rig.asking(Verdict.PASS)
        checker.start(request, KEY)
        reading = until_read(rig, checker, request)
        assert 0 < len(reading.report) <= rig.report_limit()
        assert reading.media_type

    def test_5_a_count_that_is_given_is_dated_in_aware_time(self, rig: CheckRig) -> None:
        checker = rig.checker()
        request = rig.asking(Verdict.PASS)
        checker.start(request, KEY)
        counted = until_read(rig, checker, request).counted
        assert not isinstance(counted, Counted) or (counted.count >= 0 and counted.as_of.tzinfo is not None)

    def test_6_our_environment_is_not_in_the_report(self, rig: CheckRig, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("INTERLOCK_TEST_CANARY", "a-secret-of-ours")
        checker = rig.checker()
        request = rig.asking(Verdict.PASS)
        checker.start(request, KEY)
        assert b"a-secret-of-ours" not in until_read(rig, checker, request).report
