# SPDX-License-Identifier: Apache-2.0
"""A scanner that runs as a command and writes a report: when what it wrote may be read at all.

1. Exit code 0, and those that are bound to mean that something was found, let the report decide. Every other one is an
   ERROR: nobody knows what a scanner that broke has not looked at.
2. A report is what this run wrote. A missing or empty one is an ERROR, and one that lies in the source is not looked
   at: it was written before the commit it lies in.
3. A scanner that says it found something, and lists nothing, has not been understood.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from interlock.adapters.checkcommand import CheckCommand
from interlock.adapters.jobs import Ended, Exited, Isolation, Kept, NotKept
from interlock.domain.ids import EffectKey
from interlock.domain.verdict import Finding, Verdict
from interlock.packs.problem import shown
from interlock.ports.check import CheckRequest, Lost, Pending, Reading


@dataclass(frozen=True, slots=True)
class Scanner:
    """Runs the command, which writes its report at `report`, a path relative to the workspace."""

    command: CheckCommand
    report: str
    found_codes: AbstractSet[int] = frozenset()

    def isolation(self) -> Isolation:
        """Whether the command is kept from our files."""
        return self.command.isolation()

    def start(self, request: CheckRequest, key: EffectKey) -> None:
        """Begin it; of what it writes only the report stays."""
        self.command.start(request, key, keep=self.report)

    def observe(self, key: EffectKey) -> Ended | Reading | Pending | Lost:
        """`Ended` when it ran and exited by itself."""
        return self.command.observe(key)

    def written(self, ended: Ended) -> bytes | Finding:
        """The report, or why there is none that may be read."""
        if not isinstance(ended.end, Exited) or ended.end.code not in {0, *self.found_codes}:
            code = ended.end.code if isinstance(ended.end, Exited) else "none"
            return Finding(
                "scan.broke",
                "",
                Verdict.ERROR,
                f"the scanner ended with exit code {code}, which is not bound to mean anything",
                "mend it, or list the code under found_codes",
            )
        match ended.file:
            case Kept(content) if content.strip():
                return content
            case Kept():
                return self._unwritten("empty")
            case NotKept(why):
                return self._unwritten(why)

    def agrees(self, ended: Ended, results: int) -> Finding:
        """Whether exit code and report go together; PASS when they do."""
        if isinstance(ended.end, Exited) and ended.end.code != 0 and not results:
            return Finding(
                "scan.contradicts",
                "",
                Verdict.INCONCLUSIVE,
                f"exit code {ended.end.code} says that something was found, and the report lists nothing",
                "look at what the scanner says",
            )
        return Finding("scan.agrees", "", Verdict.PASS, "exit code and report go together")

    def _unwritten(self, why: str) -> Finding:
        return Finding(
            "scan.no_report",
            "",
            Verdict.ERROR,
            f"there is no report at {shown(self.report)} to read ({why})",
            "have the scanner write it there",
        )
