# SPDX-License-Identifier: Apache-2.0
"""A scanner for secrets, such as gitleaks, over the source of the release.

Nothing that was found comes into a summary, a report or the ledger: not from the scanner's report, not from what it
printed, not from an error about either. The source is scanned as it was committed, without its history. What makes a
report clear is said in `adapters.leak_report`, when it may be read at all in `adapters.scanner`.
"""

from dataclasses import dataclass

from interlock.adapters.jobs import Ended, Isolation
from interlock.adapters.leak_report import Leaks, judge_leaks, read_leaks
from interlock.adapters.scanner import Scanner
from interlock.adapters.told import told
from interlock.adapters.wording import one_line
from interlock.domain.ids import EffectKey
from interlock.domain.verdict import Finding, Verdict
from interlock.packs.examining import Findings, LeakFormat
from interlock.ports.check import CheckProgress, CheckRequest, Counted, Reading, Uncounted
from interlock.ports.failure import Deduplication, Rejected


@dataclass(frozen=True, slots=True)
class SecretsCheck:
    """Runs the scanner and reads its report."""

    scanner: Scanner
    form: LeakFormat = LeakFormat.GITLEAKS
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
        match self.scanner.observe(key):
            case Ended() as ended:
                return self._read(ended)
            case Reading(verdict, summary) as broke:
                how = summary.partition(": ")[0]
                line = one_line(f"scan.broke: {how}; what the scanner printed is not kept")
                return Reading(verdict, line, line.encode(), "text/plain", Uncounted(), broke.measured)
            case progress:
                return progress

    def cancel(self, key: EffectKey) -> None:
        self.scanner.command.cancel(key)

    def _read(self, ended: Ended) -> Reading:
        content = self.scanner.written(ended)
        if isinstance(content, Finding):
            return self._unread(content, ended)
        log = f"{ended.output.decode('utf-8', 'replace')}\n{ended.tail}"
        try:
            leaks = read_leaks(content, self.form, log)
        except Rejected as fault:
            sentence = "the report cannot be read; how it is written is not told, because that may quote a secret"
            return self._unread(Finding(fault.code, "", Verdict.ERROR, sentence, fault.next_step), ended)
        return self._reading(leaks, ended)

    def _reading(self, leaks: Leaks, ended: Ended) -> Reading:
        agreed = self.scanner.agrees(ended, len(leaks.found))
        finding = agreed if agreed.verdict is not Verdict.PASS else judge_leaks(leaks, self.findings)
        measured = {**self.scanner.command.measured(ended), "found": str(len(leaks.found)), "code": finding.code}
        counted: Counted | Uncounted = Uncounted()
        if Verdict.PASS is agreed.verdict is leaks.doubt.verdict:
            counted = Counted(f"secrets in {self.scanner.report}", len(leaks.found), ended.began)
        return Reading(finding.verdict, told(finding), leaks.listing(), "application/json", counted, measured)

    def _unread(self, finding: Finding, ended: Ended) -> Reading:
        line = told(finding)
        measured = {**self.scanner.command.measured(ended), "code": finding.code}
        return Reading(finding.verdict, line, line.encode(), "text/plain", Uncounted(), measured)
