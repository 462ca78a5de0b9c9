# SPDX-License-Identifier: Apache-2.0
"""JUnit reports: the kit against suites that write them, and every kind of report that is not one."""

from pathlib import Path

import pytest
from tests.adapters.check.rig import Programs, answer

from interlock.adapters.check.junit import MOST_BYTES, JunitCheck, read_junit
from interlock.adapters.checkcommand import CheckCommand
from interlock.domain.verdict import Verdict
from interlock.ports.check import Checker, CheckRequest, Reading
from interlock.testing.contracts.check import CheckerContract

GOOD = '<testsuites><testsuite name="s" tests="2"><testcase name="a"/><testcase name="b"/></testsuite></testsuites>'
FAILED = '<testsuite tests="1" failures="1"><testcase name="a"><failure>trace</failure></testcase></testsuite>'
BROKEN = '<testsuite tests="1" errors="1"><testcase name="a"><error message="no"/></testcase></testsuite>'
EMPTY = '<testsuites tests="0"/>'
SKIPPED = '<testsuite tests="1" skipped="1"><testcase name="a"><skipped/></testcase></testsuite>'
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&a;"/></testsuite>'
LIMIT = 4000


@pytest.mark.parametrize(
    ("report", "verdict", "said"),
    [
        (GOOD, "pass", "2 tests, 0 failed"),
        (FAILED, "fail", "1 failed"),
        (BROKEN, "fail", "1 broken"),
        (EMPTY, "inconclusive", "lists no test"),
        ("<testsuites><testsuite/></testsuites>", "inconclusive", "lists no test"),
        (SKIPPED, "inconclusive", "no test ran"),
        (BOMB, "error", "junit.forbidden"),
        (OUTSIDE, "error", "junit.forbidden"),
        ("<!DOCTYPE testsuite><testsuite/>", "error", "junit.forbidden"),
        ("", "error", "junit.malformed"),
        (GOOD[:-5], "error", "junit.malformed"),
        ("OK (2 tests)", "error", "junit.malformed"),
        ('<?xml version="1.0" encoding="no-such"?><testsuite/>', "error", "junit.malformed"),
        ('<testsuite failures="many"><testcase name="a"/></testsuite>', "error", "junit.malformed"),
        ("<coverage/>", "error", "junit.unknown"),
        ("<a>" * 20_000 + "</a>" * 20_000, "error", "junit.unknown"),
    ],
)
def test_a_report_is_read_for_what_it_says(report: str, verdict: str, said: str) -> None:
    reading = read_junit(report.encode())
    assert reading.verdict == verdict
    assert said in reading.summary


def test_a_report_that_is_too_big_is_not_read() -> None:
    reading = read_junit(GOOD.encode() + b" " * MOST_BYTES)
    assert reading.verdict is Verdict.ERROR
    assert reading.summary.startswith("junit.too_big")


def test_the_numbers_are_measured() -> None:
    assert read_junit(SKIPPED.encode()).measured == {"tests": "1", "failures": "0", "errors": "0", "not_run": "1"}


def test_a_failure_that_is_only_declared_fails() -> None:
    assert read_junit(b'<testsuite tests="1" failures="1"><testcase name="a"/></testsuite>').verdict is Verdict.FAIL


def test_a_failure_that_is_listed_but_not_declared_fails() -> None:
    report = b'<testsuite tests="1" failures="0"><testcase name="a"><failure/></testcase></testsuite>'
    assert read_junit(report).verdict is Verdict.FAIL


def test_a_suite_that_broke_before_its_tests_fails() -> None:
    report = b'<testsuites><testsuite><testcase name="a"/></testsuite><testsuite><error/></testsuite></testsuites>'
    assert read_junit(report).verdict is Verdict.FAIL


def test_tests_that_are_declared_and_not_listed_leave_it_inconclusive() -> None:
    assert read_junit(b'<testsuite tests="9"><testcase name="a"/></testsuite>').verdict is Verdict.INCONCLUSIVE


def test_nested_suites_are_counted_once() -> None:
    inner = b'<testsuite tests="1"><testcase name="a"/></testsuite>'
    reading = read_junit(b'<testsuites><testsuite tests="1">' + inner + b"</testsuite></testsuites>")
    assert (reading.verdict, reading.measured["tests"]) == (Verdict.PASS, "1")


class JunitRig(Programs):
    """The script writes the report."""

    def checker(self) -> JunitCheck:
        command = CheckCommand(("sh", "./{version}"), self.root / "state", self.root / "scratch", 20, file_bytes=LIMIT)
        return JunitCheck(command, "out/junit.xml")

    def asking(self, verdict: Verdict) -> CheckRequest:
        reports = {
            Verdict.PASS: GOOD + " " * (LIMIT - len(GOOD) - 1),
            Verdict.FAIL: FAILED,
            Verdict.INCONCLUSIVE: EMPTY,
            Verdict.ERROR: BOMB,
        }
        return self.writing(reports[verdict], verdict.value)

    def writing(self, report: str, version: str = "suite", also: str = "") -> CheckRequest:
        script = f"mkdir -p out; cat > out/junit.xml <<'EOF'\n{report}\nEOF\nseq 1 5000\n{also}\n"
        return self.scripted(script, version)

    def report_limit(self) -> int:
        return LIMIT

    def read(self, request: CheckRequest) -> Reading:
        return answer(self, self.checker(), request)


@pytest.fixture
def rig(root: Path) -> JunitRig:
    return JunitRig(root)


class TestJunitCheck(CheckerContract):
    @pytest.fixture
    def rig(self, root: Path) -> JunitRig:
        return JunitRig(root)


def test_the_report_is_kept_as_it_was_written(rig: JunitRig) -> None:
    reading = rig.read(rig.writing(FAILED))
    assert (reading.report, reading.media_type) == (FAILED.encode() + b"\n", "application/xml")


def test_a_clean_report_of_a_command_that_failed_fails(rig: JunitRig) -> None:
    reading = rig.read(rig.writing(GOOD, also="exit 1"))
    assert reading.verdict is Verdict.FAIL
    assert "but the command failed" in reading.summary


def test_no_report_is_an_error(rig: JunitRig) -> None:
    reading = rig.read(rig.scripted("echo nothing to say"))
    assert reading.verdict is Verdict.ERROR
    assert reading.summary.startswith("junit.no_report")


def test_a_report_that_was_there_before_does_not_count(rig: JunitRig) -> None:
    (rig.workspace / "out").mkdir()
    (rig.workspace / "out" / "junit.xml").write_text(GOOD)
    assert rig.read(rig.scripted("exit 0")).verdict is Verdict.ERROR


@pytest.mark.parametrize(
    "script", ["mkdir out; ln -s {root}/good.xml out/junit.xml", "ln -s {root}/good out", "ln -s /dev/zero out"]
)
def test_a_report_that_is_a_link_out_of_the_workspace_does_not_count(rig: JunitRig, script: str) -> None:
    (rig.root / "good").mkdir()
    for place in (rig.root / "good.xml", rig.root / "good" / "junit.xml"):
        place.write_text(GOOD)
        place.chmod(0o644)
    assert rig.read(rig.scripted(script.format(root=rig.root))).verdict is Verdict.ERROR


@pytest.mark.parametrize("report", ["../junit.xml", "/tmp/junit.xml"])
def test_a_report_outside_the_workspace_is_an_error(rig: JunitRig, report: str) -> None:
    check: Checker = JunitCheck(rig.checker().command, report)
    assert answer(rig, check, rig.writing(GOOD)).verdict is Verdict.ERROR


def test_a_report_beyond_the_limit_is_an_error(rig: JunitRig) -> None:
    assert rig.read(rig.writing(GOOD + " " * LIMIT)).verdict is Verdict.ERROR
