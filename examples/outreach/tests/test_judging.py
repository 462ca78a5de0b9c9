# SPDX-License-Identifier: Apache-2.0
"""The checks that a procedure needs beside the others: error rate, flags, a tree tried out, a number of defects."""

import json
import subprocess
import sys
from unittest import mock

from outreach import flags
from outreach.metrics import Metrics
from tests.checking import CHECKS, ServedTest, run_check
from tests.test_checks import TreeTest

FLAG = "personal-greeting"
OPEN = {"id": "A-1", "severity": "P1", "state": "open", "title": "T"}
BRIEF = ("--over", "0", "--least", "6")


class ErrorRateTest(ServedTest):
    def asked(self, *more: str) -> tuple[int, str]:
        code, said = run_check("error_rate", "--url", self.url, *BRIEF, *more)
        return code, said.splitlines()[-1]

    def fail_health(self) -> None:
        with self.data.writing() as connection:
            connection.execute("DELETE FROM schema_migrations WHERE number = 1")

    def test_where_nothing_fails_it_holds(self) -> None:
        code, said = self.asked()
        self.assertEqual(code, 0, said)

    def test_failures_above_the_bound_are_found(self) -> None:
        self.fail_health()
        code, said = self.asked()
        self.assertEqual((code, said[:6]), (1, "FAILED"))

    def test_failures_within_the_bound_are_borne(self) -> None:
        self.fail_health()
        code, said = self.asked("--at-most", "50")
        self.assertEqual(code, 0, said)

    def test_what_failed_before_is_not_counted(self) -> None:
        for _ in range(9):
            self.app.service.metrics.observe("GET", "/login", 500, 0.0)
        code, said = self.asked()
        self.assertEqual(code, 0, said)

    def test_counts_that_begin_anew_prove_nothing(self) -> None:
        line = 'outreach_http_requests_total{method="GET",route="/login",status="200"} '
        with mock.patch.object(Metrics, "text", side_effect=[f"{line}90\n", f"{line}9\n"]):
            self.assertEqual(self.asked()[0], 2)

    def test_where_nobody_answers_nothing_is_judged(self) -> None:
        self.assertEqual(run_check("error_rate", "--url", "http://127.0.0.1:1")[0], 2)


class DisableFlagsTest(TreeTest):
    def switch_on(self) -> None:
        with self.data.writing() as connection:
            flags.switch(connection, FLAG, "on", self.now)

    def is_on(self) -> bool:
        with self.data.reading() as connection:
            return flags.is_on(connection, FLAG)

    def test_a_flag_is_off_afterwards(self) -> None:
        self.switch_on()
        code, said = run_check("disable_flags", "--data", self.data.folder, FLAG)
        self.assertEqual((code, self.is_on()), (0, False), said)

    def test_what_is_off_stays_off(self) -> None:
        code, said = run_check("disable_flags", "--data", self.data.folder, FLAG)
        self.assertEqual((code, self.is_on()), (0, False), said)

    def test_a_flag_that_only_a_later_release_knows_is_switched_too(self) -> None:
        with self.data.writing() as connection:
            connection.execute("INSERT INTO feature_flags VALUES ('later', 'on', '')")
        code, said = run_check("disable_flags", "--data", self.data.folder, "later", FLAG)
        with self.data.reading() as connection:
            kept = connection.execute("SELECT state FROM feature_flags WHERE name = 'later'").fetchone()["state"]
        self.assertEqual((code, kept), (0, "off"), said)

    def test_one_that_nobody_ever_switched_is_off(self) -> None:
        code, said = run_check("disable_flags", "--data", self.data.folder, "nothing")
        self.assertEqual(code, 0, said)

    def test_without_data_there_is_nothing_to_switch(self) -> None:
        self.assertEqual(run_check("disable_flags", "--data", self.root / "nowhere", FLAG)[0], 2)


class TriedOutTest(TreeTest):
    def test_a_check_holds_for_the_tree_before_it_is_anywhere(self) -> None:
        asked = [sys.executable, "-B", str(CHECKS / "tried_out.py"), "smoke.py"]
        ended = subprocess.run(asked, capture_output=True, text=True, check=False)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)

    def test_a_tree_that_does_not_start_is_not_judged(self) -> None:
        asked = [sys.executable, "-B", str(CHECKS / "tried_out.py"), "smoke.py", "--root", str(self.root)]
        ended = subprocess.run(asked, capture_output=True, text=True, check=False)
        self.assertEqual(ended.returncode, 2, ended.stdout)

    def test_a_check_that_is_not_there_is_not_judged(self) -> None:
        self.assertEqual([run_check("tried_out", name)[0] for name in ("nothing.py", "../outreach.py")], [2, 2])


class GraveDefectsTest(TreeTest):
    def counted(self, *defects: dict[str, str]) -> object:
        document = {"as_of": "2026-03-09", "complete": True, "total": len(defects), "defects": defects}
        code, said = run_check("grave_defects", "--list", self.write("defects.json", json.dumps(document)))
        self.assertEqual(code, 0)
        return json.loads(said)["count"]

    def test_only_grave_open_ones_are_counted(self) -> None:
        closed, small = {**OPEN, "id": "A-2", "state": "closed"}, {**OPEN, "id": "A-3", "severity": "P2"}
        self.assertEqual([self.counted(closed, small), self.counted(OPEN, closed, small)], [0, 1])

    def test_a_list_that_proves_nothing_is_not_counted(self) -> None:
        with mock.patch("sys.stderr"):
            self.assertEqual(run_check("grave_defects", "--list", self.write("defects.json", "[]"))[0], 2)
