# SPDX-License-Identifier: Apache-2.0
"""Reports of scanners for secrets, read so that no secret comes out again.

1. Of a finding its rule, file, line and commit stay. Where one of these holds the text that was found, it is blotted
   out, and of a great many findings only the number stays. What the scanner printed is never kept.
2. An empty report alone proves nothing: a scanner that looked at no file writes the same. It is clear beside a
   statement that bytes or commits were scanned (as gitleaks 8 prints it), or, in SARIF, an invocation that ended well.
3. A partial scan, files passed over and errors in the log are not clear.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from interlock.adapters.sarif_format import Report, Result, read_sarif
from interlock.adapters.sarif_report import Bar, place_of, rule_id, scan
from interlock.adapters.strict_json import read_json
from interlock.domain.verdict import Finding, Verdict
from interlock.packs.examining import Findings, LeakFormat
from interlock.ports.failure import Rejected

BLOT: Final = "[...]"
MOST_LISTED: Final = 200
"""Of more findings than this nothing is listed: they are too many to blot out, and to read."""
_SHORTEST: Final = 4
"""Shorter texts are in every word; what was found is longer."""
_NAMED: Final = 3
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_SCANNED: Final = re.compile(r"\bscanned ~?(\d{1,18}) bytes\b|\b(\d{1,18}) commits scanned\b")
_PARTIAL: Final = re.compile(r"\bpartial scan\b|\bskipping file\b|\b(?:ERR|FTL)\b")
_SOUND: Final = Finding("secrets.clear", "", Verdict.PASS, "the scan was whole")


class Leak(msgspec.Struct, frozen=True):
    """One finding of gitleaks 8. Authors, messages and what surrounds the secret are not read at all."""

    rule: str = msgspec.field(name="RuleID")
    file: str = msgspec.field(name="File")
    line: int = msgspec.field(name="StartLine")
    match: str = msgspec.field(name="Match")
    secret: str = msgspec.field(name="Secret")
    commit: str = msgspec.field(name="Commit", default="")


@dataclass(frozen=True, slots=True)
class Leaks:
    """What a report says. `doubt` is why it proves nothing, of verdict PASS when it does."""

    found: tuple[Leak, ...]
    doubt: Finding

    def listing(self) -> bytes:
        """The report that may be kept: JSON, without what was found."""
        few = self.found if len(self.found) <= MOST_LISTED else ()
        names = [(one, _blotted((one.rule, one.file, one.commit), self.found)) for one in few]
        leaks = [{"rule": rule, "file": file, "line": one.line, "commit": at} for one, (rule, file, at) in names]
        return json.dumps({"found": len(self.found), "leaks": leaks}, indent=1).encode()


def read_leaks(content: bytes, form: LeakFormat, log: str) -> Leaks:
    """What the report and the scanner's own words say. Raises `Rejected` with a sentence that may quote the report."""
    if form is LeakFormat.SARIF:
        return _of_sarif(read_sarif(content), log)
    try:
        found = msgspec.convert(read_json(content), tuple[Leak, ...], strict=True)
    except msgspec.ValidationError as fault:
        raise Rejected(
            "secrets.malformed", f"it is no report of gitleaks 8: {fault}", "write the report with --report-format json"
        ) from fault
    return Leaks(found, statement(log))


def statement(log: str) -> Finding:
    """Whether the scanner said that it scanned something, and all of it."""
    text = _COLOURS.sub("", log)
    if _PARTIAL.search(text):
        return Finding(
            "secrets.partial",
            "",
            Verdict.INCONCLUSIVE,
            "the scanner says that it has not seen everything",
            "look at its log, mend it",
        )
    said = [int(bytes_ or commits) for bytes_, commits in _SCANNED.findall(text)]
    if not said:
        return Finding(
            "secrets.no_proof",
            "",
            Verdict.INCONCLUSIVE,
            "an empty report alone proves nothing, and the scanner does not say what it scanned",
            "let it log how many bytes or commits it scanned",
        )
    if not all(said):
        return Finding(
            "secrets.nothing_scanned",
            "",
            Verdict.INCONCLUSIVE,
            "the scanner says that it scanned nothing",
            "point it at the source",
        )
    return _SOUND


def judge_leaks(leaks: Leaks, findings: Findings) -> Finding:
    """FAIL for forbidden findings, else what keeps the report from proving anything, else PASS."""
    few = leaks.found[:_NAMED]
    secrets = leaks.found if len(leaks.found) <= MOST_LISTED else ()
    named = ", ".join(_name(one, secrets) for one in few) if secrets else "too many to name"
    count = len(leaks.found)
    if leaks.found and findings is Findings.FORBIDDEN:
        return Finding(
            "secrets.found",
            "",
            Verdict.FAIL,
            f"{count} secrets found: {named}",
            "revoke them, take them out of the source, then release again",
        )
    if leaks.doubt.verdict is not Verdict.PASS:
        return leaks.doubt
    if leaks.found:
        return Finding("secrets.counted", "", Verdict.PASS, f"{count} secrets found: {named}")
    return Finding("secrets.clear", "", Verdict.PASS, "no secret was found, and the scan was whole")


def _of_sarif(report: Report, log: str) -> Leaks:
    """Every result is a secret, whatever its level and whoever suppressed it."""
    doubt = scan(report, Bar()).doubt
    if doubt.code == "sarif.not_invoked":
        doubt = statement(log)
    results = (result for run in report.runs for result in run.results or ())
    found = (_leak(result) for result in results if result.kind == "fail" and result.baseline_state != "absent")
    return Leaks(tuple(found), doubt)


def _leak(result: Result) -> Leak:
    file, line = place_of(result)
    texts = [place.physical_location.region.snippet.text for place in result.locations]
    return Leak(rule_id(result), file, line, "", max(texts, key=len, default=""))


def _name(leak: Leak, all_leaks: Iterable[Leak]) -> str:
    rule, file = _blotted((leak.rule, leak.file), all_leaks)
    return f"{rule[:40] or 'a secret'} in {file[-40:] or 'no file'}:{leak.line}"


def _blotted(texts: tuple[str, ...], leaks: Iterable[Leak]) -> tuple[str, ...]:
    secrets = {text for leak in leaks for text in (leak.secret, leak.match) if len(text) >= _SHORTEST}
    for secret in sorted(secrets, key=len, reverse=True):
        texts = tuple(text.replace(secret, BLOT) for text in texts)
    return texts
