# SPDX-License-Identifier: Apache-2.0
"""Every fault is found by its own check, and by no other."""

from unittest import mock

from outreach import app, faults
from outreach.__main__ import main
from tests.checking import ServedTest, run_check

CHECKS: dict[str, tuple[str, ...]] = {
    "core_flows": (),
    "latency": ("--times", "1", "--bound", "0.3"),
    "isolation": (),
    "queue_health": ("--oldest", "1"),
    "freshness": (),
    "integrity": (),
    "report": (),
}
FOUND_BY = {
    "broken-flow": "core_flows",
    "slow-answers": "latency",
    "leaked-tenant": "isolation",
    "stalled-queue": "queue_health",
    "stale-data": "freshness",
    "corrupt-data": "integrity",
}
PATIENCE = 40
SLOW_SECONDS = 0.35


class FaultTest(ServedTest):
    def failing(self, *names: str) -> dict[str, str]:
        """The last words of those checks that do not pass."""
        ended = {name: run_check(name, "--url", self.url, *CHECKS[name]) for name in names}
        return {name: said.splitlines()[-1] for name, (code, said) in ended.items() if code}

    def passes(self, name: str) -> bool:
        """Whether it passes at last: what piled up is to be worked off, and a busy machine may be late once or twice."""
        return any(not self.failing(name) for _ in range(PATIENCE))

    def switch(self, name: str, state: str) -> None:
        with mock.patch("builtins.print"):
            self.assertEqual(main(["fault", name, state, "--data", str(self.data.folder)]), 0)

    def found(self, name: str) -> None:
        own = FOUND_BY[name]
        self.assertTrue(self.passes(own), "before")
        self.switch(name, "on")
        meanwhile = self.failing(own)
        others = [one for one in CHECKS if one != own and not self.passes(one)]
        self.switch(name, "off")
        self.assertTrue(self.passes(own), "after")
        self.assertEqual(list(meanwhile), [own], meanwhile)
        self.assertEqual(others, [])
        self.assertTrue(meanwhile[own].startswith("FAILED: "), meanwhile)

    def test_every_fault_has_a_check_that_finds_it(self) -> None:
        self.assertEqual(set(FOUND_BY), set(faults.NAMES))

    def test_a_campaign_that_cannot_be_sent_is_found(self) -> None:
        self.found("broken-flow")

    def test_slow_answers_are_found(self) -> None:
        with mock.patch.object(app, "SLOWNESS_SECONDS", SLOW_SECONDS):
            self.found("slow-answers")

    def test_a_leak_between_tenants_is_found(self) -> None:
        self.found("leaked-tenant")

    def test_a_queue_that_stands_is_found(self) -> None:
        self.found("stalled-queue")

    def test_figures_that_are_old_are_found(self) -> None:
        self.found("stale-data")

    def test_data_that_does_not_agree_is_found(self) -> None:
        self.found("corrupt-data")
