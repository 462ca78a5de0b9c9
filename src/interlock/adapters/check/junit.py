# SPDX-License-Identifier: Apache-2.0
"""A test suite that writes a JUnit XML report.

1. PASS needs both: the command ended well, and the report names at least one test that ran and none that failed.
2. No test, or only skipped ones, is INCONCLUSIVE: nothing was proven.
3. A report that is missing, malformed, too big, or declares a DTD or entities is an ERROR, and is not read further.
4. What a report declares and what it lists may differ: the worse of the two counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException
from junitparser import TestCase

from interlock.adapters.checkcommand import CheckCommand
from interlock.adapters.jobs import Ended, Exited, Isolation, Kept, NotKept
from interlock.adapters.wording import one_line
from interlock.domain.ids import EffectKey
from interlock.domain.verdict import Verdict
from interlock.ports.check import CheckProgress, CheckRequest, Reading, Uncounted
from interlock.ports.failure import Deduplication

MOST_BYTES: Final = 16_000_000
_ROOTS: Final = frozenset({"testsuites", "testsuite"})


class NotJunit(Exception):
    """The content is no JUnit report; the message begins with a stable code."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tests a report lists, and how they ended; `declared` is what its head says there are."""

    tests: int
    failures: int
    errors: int
    not_run: int
    declared: int


@dataclass(frozen=True, slots=True)
class JunitCheck:
    """Runs the command and reads the report it wrote at `report`, a path relative to the workspace."""

    command: CheckCommand
    report: str

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.KEY

    def isolation(self) -> Isolation:
        """Whether the command is kept from our files."""
        return self.command.isolation()

    def start(self, request: CheckRequest, key: EffectKey) -> None:
        self.command.start(request, key, keep=self.report)

    def observe(self, request: CheckRequest, key: EffectKey) -> CheckProgress:
        progress = self.command.observe(key)
        if not isinstance(progress, Ended):
            return progress
        match progress.file:
            case Kept(content):
                return self._both(read_junit(content), progress)
            case NotKept(why):
                said = one_line(progress.tail, self.command.secrets(), limit=80)
                summary = one_line(f"junit.no_report: '{self.report}' is not there to read ({why}); {said}")
                report = self.command.report(progress) or summary.encode()
                return self._reading(Verdict.ERROR, summary, report, progress)

    def cancel(self, key: EffectKey) -> None:
        self.command.cancel(key)

    def _both(self, read: Reading, ended: Ended) -> Reading:
        measured = {**self.command.measured(ended), **read.measured}
        verdict, summary = read.verdict, read.summary
        if verdict is Verdict.PASS and ended.end != Exited(0):
            verdict, summary = Verdict.FAIL, f"the report names no failure, but the command failed; {read.summary}"
        return Reading(verdict, one_line(summary), read.report, read.media_type, Uncounted(), measured)

    def _reading(self, verdict: Verdict, summary: str, report: bytes, ended: Ended) -> Reading:
        return Reading(verdict, summary, report, "text/plain", Uncounted(), self.command.measured(ended))


def read_junit(content: bytes) -> Reading:
    """What a JUnit report says, as a reading whose report is the content itself."""
    try:
        tally = tally_of(content)
    except NotJunit as fault:
        return _reading(Verdict.ERROR, str(fault), content, {})
    verdict, summary = judge(tally)
    measured = {name: str(getattr(tally, name)) for name in ("tests", "failures", "errors", "not_run")}
    return _reading(verdict, summary, content, measured)


def judge(tally: Tally) -> tuple[Verdict, str]:
    """The verdict of rules 1, 2 and 4, with its sentence."""
    ran = tally.tests - tally.not_run
    numbers = f"{tally.tests} tests, {tally.failures} failed, {tally.errors} broken, {tally.not_run} not run"
    if tally.failures or tally.errors:
        return Verdict.FAIL, numbers
    if not tally.tests:
        return Verdict.INCONCLUSIVE, "the report lists no test"
    if ran <= 0:
        return Verdict.INCONCLUSIVE, f"no test ran: {numbers}"
    if tally.declared > tally.tests:
        return Verdict.INCONCLUSIVE, f"the report declares {tally.declared} tests and lists {tally.tests}"
    return Verdict.PASS, numbers


def tally_of(content: bytes) -> Tally:
    """Count what a report lists; `NotJunit` when it cannot be trusted to be one."""
    root = _parse(content)
    cases = [_case(element) for element in root.iter("testcase")]
    tops = [root] if root.tag == "testsuite" or root.get("tests") else root.findall("testsuite")
    failures = sum(case.is_failure and not case.is_error for case in cases)
    errors = sum(case.is_error for case in cases) + _stray(root)
    return Tally(
        len(cases),
        max(failures, _declared(tops, "failures")),
        max(errors, _declared(tops, "errors")),
        sum(case.is_skipped for case in cases),
        _declared(tops, "tests"),
    )


def _parse(content: bytes) -> Element:
    if len(content) > MOST_BYTES:
        raise NotJunit(f"junit.too_big: the report has {len(content)} bytes; at most {MOST_BYTES} are read")
    try:
        root: Element = defusedxml.ElementTree.fromstring(content, forbid_dtd=True)
    except DefusedXmlException as fault:
        raise NotJunit("junit.forbidden: the report declares a DTD or entities, which a report never needs") from fault
    except (ParseError, ValueError, LookupError) as fault:
        raise NotJunit(f"junit.malformed: the report is not XML ({fault})") from fault
    if root.tag not in _ROOTS:
        raise NotJunit(f"junit.unknown: the report begins with <{root.tag}>, not with <testsuites> or <testsuite>")
    return root


def _case(element: Element) -> TestCase:
    case: TestCase = TestCase.fromelem(element)  # type: ignore[no-untyped-call] # the library left it untyped
    return case


def _declared(tops: list[Element], name: str) -> int:
    try:
        return sum(int(top.get(name) or 0) for top in tops)
    except ValueError as fault:
        raise NotJunit(f"junit.malformed: '{name}' is not a number") from fault


def _stray(root: Element) -> int:
    """Failures that hang at a suite and not at a test: a suite that broke before its tests."""
    return sum(len(suite.findall("error")) + len(suite.findall("failure")) for suite in root.iter("testsuite"))


def _reading(verdict: Verdict, summary: str, content: bytes, measured: Mapping[str, str]) -> Reading:
    return Reading(verdict, one_line(summary), content, "application/xml", Uncounted(), measured)
