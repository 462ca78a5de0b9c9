# SPDX-License-Identifier: Apache-2.0
"""A scanner that writes a SARIF 2.1.0 report, such as of security findings.

What makes a report clear is said in `adapters.sarif_report`, when it may be read at all in `adapters.scanner`. The
report is kept as it was written, messages and snippets included: a scanner for secrets is bound as `secrets` instead.
"""

from dataclasses import dataclass, replace

from interlock.adapters.jobs import Ended, Isolation
from interlock.adapters.sarif_format import read_sarif
from interlock.adapters.sarif_report import Bar, Scan, judge, scan
from interlock.adapters.scanner import Scanner
from interlock.adapters.told import error, told
from interlock.domain.ids import EffectKey
from interlock.domain.verdict import Finding, Verdict
from interlock.packs.examining import Findings
from interlock.ports.check import CheckProgress, CheckRequest, Counted, Reading, Uncounted
from interlock.ports.failure import Deduplication, Rejected

MEDIA_TYPE = "application/sarif+json"


@dataclass(frozen=True, slots=True)
class SarifCheck:
    """Runs the scanner and holds its report against the bar."""

    scanner: Scanner
    bar: Bar = Bar()
    findings: Findings = Findings.FORBIDDEN

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.KEY

    def isolation(self) -> Isolation:
        """Whether the scanner is kept from our files."""
        return self.scanner.isolation()

    def start(self, request: CheckRequest, key: EffectKey) -> None:
        self.scanner.start(request, key)

    def observe(self, request: CheckRequest, key: EffectKey) -> CheckProgress:
        progress = self.scanner.observe(key)
        if not isinstance(progress, Ended):
            return progress
        content = self.scanner.written(progress)
        if isinstance(content, Finding):
            return self._unread(content, self.scanner.command.report(progress), "text/plain", progress)
        try:
            said = scan(read_sarif(content), replace(self.bar, commit=request.commit))
        except Rejected as fault:
            return self._unread(error(fault), content, MEDIA_TYPE, progress)
        return self._reading(said, content, progress)

    def cancel(self, key: EffectKey) -> None:
        self.scanner.command.cancel(key)

    def _reading(self, said: Scan, content: bytes, ended: Ended) -> Reading:
        agreed = self.scanner.agrees(ended, said.results)
        finding = agreed if agreed.verdict is not Verdict.PASS else judge(said, self.bar, self.findings)
        measured = {**self.scanner.command.measured(ended), **said.measured, "code": finding.code}
        counted: Counted | Uncounted = Uncounted()
        if Verdict.PASS is agreed.verdict is said.doubt.verdict:
            query = (
                f"findings at or above {self.bar.level}, or of {self.bar.severity} severity, in {self.scanner.report}"
            )
            counted = Counted(query, len(said.found), ended.began)
        return Reading(finding.verdict, self._line(finding), content, MEDIA_TYPE, counted, measured)

    def _unread(self, finding: Finding, report: bytes, media_type: str, ended: Ended) -> Reading:
        line = self._line(finding)
        measured = {**self.scanner.command.measured(ended), "code": finding.code}
        return Reading(finding.verdict, line, report or line.encode(), media_type, Uncounted(), measured)

    def _line(self, finding: Finding) -> str:
        return told(finding, self.scanner.command.secrets())
