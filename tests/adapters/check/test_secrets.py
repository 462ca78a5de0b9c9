# SPDX-License-Identifier: Apache-2.0
"""Secret scans: the kit, what proves that a source is clean, and that nothing which was found comes out again."""

import json
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.check.rig import Programs, answer

from interlock.adapters.check.secrets import SecretsCheck
from interlock.adapters.checkcommand import CheckCommand
from interlock.adapters.leak_report import MOST_LISTED, Leak, Leaks, judge_leaks, read_leaks, statement
from interlock.adapters.scanner import Scanner
from interlock.domain.verdict import Finding, Verdict
from interlock.ledger.record import Json
from interlock.packs.examining import Findings, LeakFormat
from interlock.ports.check import CheckRequest, Counted, Reading, Uncounted
from interlock.ports.failure import Deduplication, Rejected
from interlock.testing.contracts.check import CheckerContract

LIMIT = 8000
SECRET = "made-up-7f3a9c1e5b"
WHOLE = "9:15AM INF scanned ~4096 bytes (4.10 KB) in 12ms\n9:15AM INF no leaks found\n"
COLOURED = "\x1b[90m9:15AM\x1b[0m \x1b[32mINF\x1b[0m \x1b[1mscanned ~12 bytes (12 bytes) in 1ms\x1b[0m"
RAN: Mapping[str, Json] = {"executionSuccessful": True}


def leak(**more: Json) -> Mapping[str, Json]:
    return {
        "RuleID": "generic-api-key",
        "Description": "an api key",
        "StartLine": 12,
        "EndLine": 12,
        "Match": f"key = '{SECRET}'",
        "Secret": SECRET,
        "File": "outreach/auth.py",
        "Commit": "",
        "Author": "somebody",
        "Message": "made it work",
        "Tags": [],
        "Fingerprint": "outreach/auth.py:generic-api-key:12",
        **more,
    }


def report(*leaks: Mapping[str, Json]) -> str:
    return json.dumps(leaks)


def sarif(*results: Json, **more: Json) -> str:
    run: Json = {"tool": {"driver": {"name": "gitleaks"}}, "results": results, **more}
    return json.dumps({"version": "2.1.0", "runs": [run]})


def sarif_leak(**more: Json) -> Mapping[str, Json]:
    region: Json = {"startLine": 3, "snippet": {"text": SECRET}}
    place: Json = {"physicalLocation": {"artifactLocation": {"uri": f"kept/{SECRET}.txt"}, "region": region}}
    return {"ruleId": "generic-api-key", "message": {"text": SECRET}, "locations": [place], **more}


def code(content: str, log: str = WHOLE, form: LeakFormat = LeakFormat.GITLEAKS) -> str:
    return judge_leaks(read_leaks(content.encode(), form, log), Findings.FORBIDDEN).code


@pytest.mark.parametrize(
    ("content", "log", "said"),
    [
        ("[]", WHOLE, "secrets.clear"),
        ("[]", COLOURED, "secrets.clear"),
        ("[]", "290 commits scanned.\nscanned ~3251090 bytes (3.25 MB) in 2s\n", "secrets.clear"),
        ("[]", "3 commits scanned.", "secrets.clear"),
        ("[]", "", "secrets.no_proof"),
        ("[]", "no leaks found", "secrets.no_proof"),
        ("[]", "scanned ~0 bytes (0) in 1ms", "secrets.nothing_scanned"),
        ("[]", "0 commits scanned.\nscanned ~10 bytes", "secrets.nothing_scanned"),
        ("[]", WHOLE + "WRN partial scan completed in 1s", "secrets.partial"),
        ("[]", WHOLE + "WRN skipping file: too large", "secrets.partial"),
        ("[]", "9:15AM ERR could not open\n" + WHOLE, "secrets.partial"),
        (report(leak()), WHOLE, "secrets.found"),
        (report(leak()), "", "secrets.found"),
    ],
)
def test_a_source_is_clean_only_on_proof(content: str, log: str, said: str) -> None:
    assert code(content, log) == said


@pytest.mark.parametrize(
    ("content", "log", "said"),
    [
        (sarif(invocations=[RAN]), "", "secrets.clear"),
        (sarif(), WHOLE, "secrets.clear"),
        (sarif(), "", "secrets.no_proof"),
        (sarif(invocations=[{"executionSuccessful": False}]), WHOLE, "sarif.unsuccessful"),
        ('{"version": "2.1.0", "runs": []}', WHOLE, "sarif.no_run"),
        (sarif(sarif_leak(level="note")), WHOLE, "secrets.found"),
        (sarif(sarif_leak(level="none"), invocations=[RAN]), "", "secrets.found"),
        (sarif(sarif_leak(suppressions=[{"kind": "external", "status": "accepted"}])), WHOLE, "secrets.found"),
        (sarif(sarif_leak(baselineState="absent")), WHOLE, "secrets.clear"),
    ],
)
def test_a_report_in_sarif_needs_the_same_proof(content: str, log: str, said: str) -> None:
    assert code(content, log, LeakFormat.SARIF) == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("null", "secrets.malformed"),
        ("{}", "secrets.malformed"),
        ('{"results": {}}', "secrets.malformed"),
        ('[{"type": "Secret Keyword", "line_number": 1}]', "secrets.malformed"),
        (report(leak(StartLine="12")), "secrets.malformed"),
        (report(leak(File=None)), "secrets.malformed"),
        ("[", "json.malformed"),
        ('[{"RuleID": "a", "RuleID": "b"}]', "json.malformed"),
        ("", "json.empty"),
    ],
)
def test_what_is_no_report_is_refused(content: str, said: str) -> None:
    with pytest.raises(Rejected) as refused:
        code(content)
    assert refused.value.code == said


def test_counted_secrets_leave_the_number_to_the_gate() -> None:
    leaks = read_leaks(report(leak()).encode(), LeakFormat.GITLEAKS, WHOLE)
    assert judge_leaks(leaks, Findings.COUNTED).code == "secrets.counted"


def test_counted_secrets_of_a_partial_scan_are_no_count() -> None:
    leaks = read_leaks(report(leak()).encode(), LeakFormat.GITLEAKS, "partial scan")
    assert judge_leaks(leaks, Findings.COUNTED).verdict is Verdict.INCONCLUSIVE


@given(st.text("0aB", min_size=4), st.text(), st.text())
def test_what_was_found_is_in_no_name(secret: str, before: str, after: str) -> None:
    found = Leak(before + secret, secret + after, 1, f"{before}{secret}", secret, secret)
    leaks = Leaks((found, msgspec.structs.replace(found, secret="other-one")), Finding("x", "", Verdict.PASS, "x"))
    kept = json.loads(leaks.listing())["leaks"]
    assert not any(secret in one[name] for one in kept for name in ("rule", "file", "commit"))


def test_of_a_great_many_findings_only_the_number_stays() -> None:
    one = Leak("rule", "file", 1, "match", SECRET)
    leaks = Leaks((one,) * (MOST_LISTED + 1), statement(WHOLE))
    assert json.loads(leaks.listing()) == {"found": MOST_LISTED + 1, "leaks": []}
    assert judge_leaks(leaks, Findings.FORBIDDEN).sentence == "201 secrets found: too many to name"


class SecretsRig(Programs):
    """The script writes the report and says what it scanned."""

    def checker(self, form: LeakFormat = LeakFormat.GITLEAKS, seconds: float = 20) -> SecretsCheck:
        command = CheckCommand(
            ("sh", "./{version}"), self.root / "state", self.root / "scratch", seconds, file_bytes=LIMIT
        )
        return SecretsCheck(Scanner(command, "leaks.json", frozenset({1})), form)

    def asking(self, verdict: Verdict) -> CheckRequest:
        also = {Verdict.PASS: f"seq 1 9000; echo '{WHOLE}'", Verdict.FAIL: "exit 1"}.get(verdict, "")
        contents = {Verdict.FAIL: report(leak()), Verdict.ERROR: "[" + SECRET}
        return self.writing(contents.get(verdict, "[]"), verdict.value, also)

    def writing(self, content: str, version: str = "scan", also: str = "") -> CheckRequest:
        return self.scripted(f"cat > leaks.json <<'EOF'\n{content}\nEOF\n{also}\n", version)

    def report_limit(self) -> int:
        return LIMIT

    def read(self, request: CheckRequest, form: LeakFormat = LeakFormat.GITLEAKS, seconds: float = 20) -> Reading:
        return answer(self, self.checker(form, seconds), request)


@pytest.fixture
def rig(root: Path) -> SecretsRig:
    return SecretsRig(root)


class TestSecretsCheck(CheckerContract):
    @pytest.fixture
    def rig(self, root: Path) -> SecretsRig:
        return SecretsRig(root)


def test_a_finding_is_kept_by_rule_file_and_line(rig: SecretsRig) -> None:
    reading = rig.read(rig.writing(report(leak()), also="exit 1"))
    assert reading.summary == "secrets.found: 1 secrets found: generic-api-key in outreach/auth.py:12"
    assert json.loads(reading.report) == {
        "found": 1,
        "leaks": [{"rule": "generic-api-key", "file": "outreach/auth.py", "line": 12, "commit": ""}],
    }


TOLD = f"echo 'Finding: {SECRET}'"
LEAKY = {
    "found": (report(leak(File=f"{SECRET}.env", RuleID=f"x{SECRET}")), f"{TOLD}; exit 1"),
    "found and not said": (report(leak(Tags=[SECRET], Fragment=f"a {SECRET} b")), TOLD),
    "malformed": (f'["{SECRET}', TOLD),
    "twice": (f'[{{"{SECRET}": 1, "{SECRET}": 2}}]', TOLD),
    "of another shape": (report(leak(StartLine=SECRET)), TOLD),
    "broken": (report(leak()), f"{TOLD}; exit 9"),
    "not to be run": (report(leak()), f"{TOLD}; exit 127"),
    "killed": (report(leak()), f"{TOLD}; kill -9 $$"),
    "no report": ("", f"{TOLD}; rm leaks.json"),
    "no finding": ("[]", TOLD),
}


@pytest.mark.parametrize("case", LEAKY)
def test_no_secret_is_in_what_is_recorded(rig: SecretsRig, case: str) -> None:
    reading = rig.read(rig.writing(LEAKY[case][0], also=LEAKY[case][1]))
    recorded = (reading.summary, reading.report.decode(), *reading.measured.values())
    assert reading.verdict is not Verdict.PASS
    assert not any(SECRET in text for text in recorded)


def test_no_secret_is_in_what_is_recorded_of_sarif(rig: SecretsRig) -> None:
    reading = rig.read(rig.writing(sarif(sarif_leak()), also=f"{TOLD}; exit 1"), LeakFormat.SARIF)
    assert reading.verdict is Verdict.FAIL
    assert not any(SECRET in text for text in (reading.summary, reading.report.decode()))


def test_a_scanner_that_takes_too_long_is_told_without_its_words(rig: SecretsRig) -> None:
    reading = rig.read(rig.scripted(f"{TOLD}; sleep 60"), seconds=0.5)
    assert reading.summary == "scan.broke: was ended after its limit of 0.5 s; what the scanner printed is not kept"


def test_a_proven_count_stands_beside_the_verdict(rig: SecretsRig) -> None:
    counted = rig.read(rig.writing(report(leak(), leak()), also=f"echo '{WHOLE}'; exit 1")).counted
    assert isinstance(counted, Counted)
    assert counted.count == 2


def test_an_unproven_report_counts_nothing(rig: SecretsRig) -> None:
    assert rig.read(rig.writing("[]")).counted == Uncounted()


@pytest.mark.parametrize(
    ("content", "also", "said"),
    [
        ("[]", "exit 1", "scan.contradicts"),
        ("", "", "scan.no_report"),
        ("[]", "rm leaks.json", "scan.no_report"),
        ("[]", "exit 2", "scan.broke"),
    ],
)
def test_exit_code_and_report_must_go_together(rig: SecretsRig, content: str, also: str, said: str) -> None:
    reading = rig.read(rig.writing(content, also=f"echo '{WHOLE}'; {also}"))
    assert (reading.summary.split(":")[0], reading.verdict is Verdict.PASS) == (said, False)


def test_whether_the_scanner_is_kept_from_our_files_is_told(rig: SecretsRig) -> None:
    assert rig.checker().isolation() == rig.checker().scanner.command.isolation()


def test_a_scan_is_started_once_under_one_key(rig: SecretsRig) -> None:
    assert rig.checker().deduplication is Deduplication.KEY
