# SPDX-License-Identifier: Apache-2.0
"""SARIF reports: the kit against scanners that write them, and every kind of report that proves nothing."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.adapters.check.rig import Programs, answer

from interlock.adapters.check.sarif import SarifCheck
from interlock.adapters.checkcommand import CheckCommand
from interlock.adapters.sarif_format import read_sarif
from interlock.adapters.sarif_report import Bar, judge, scan
from interlock.adapters.scanner import Scanner
from interlock.domain.verdict import Verdict
from interlock.ledger.record import Json
from interlock.packs.examining import Findings, Level, Severity
from interlock.ports.check import CheckRequest, Counted, Reading, Uncounted
from interlock.ports.failure import Deduplication, Rejected
from interlock.testing.contracts.check import CheckerContract

LIMIT = 6000
COMMIT = "0123456789abcdef0123456789abcdef01234567"
RAN: Mapping[str, Json] = {"executionSuccessful": True}
HIGH: Json = {"id": "injected-query", "properties": {"security-severity": "8.6"}}
MILD: Json = {"id": "wide-import", "defaultConfiguration": {"level": "note"}}
Table = Mapping[str, Json]


def result(of: str = "injected-query", **more: Json) -> Table:
    place: Json = {"artifactLocation": {"uri": "outreach/tasks.py"}, "region": {"startLine": 41}}
    return {"ruleId": of, "message": {"text": "said"}, "locations": [{"physicalLocation": place}], **more}


def run(*results: Table, **more: Json) -> Table:
    driver: Table = {"name": "linter", "rules": [HIGH, MILD]}
    return {"tool": {"driver": driver}, "invocations": [RAN], "results": results, **more}


def report(*runs: Table, version: str = "2.1.0") -> bytes:
    return json.dumps({"version": version, "runs": runs}).encode()


def judged(content: bytes, bar: Bar | None = None, findings: Findings = Findings.FORBIDDEN) -> tuple[str, str]:
    bar = bar or Bar()
    finding = judge(scan(read_sarif(content), bar), bar, findings)
    return finding.code, finding.verdict


def noted(**more: Json) -> Table:
    return run(invocations=[{**RAN, **more}])


@pytest.mark.parametrize(
    ("content", "code", "verdict"),
    [
        (report(run()), "sarif.clear", "pass"),
        (report(run(), run()), "sarif.clear", "pass"),
        (report(run(result())), "sarif.found", "fail"),
        (report(run(), run(result())), "sarif.found", "fail"),
        (report(), "sarif.no_run", "inconclusive"),
        (report(run(results=None)), "sarif.no_results", "inconclusive"),
        (report(run(externalPropertyFileReferences={"results": []})), "sarif.no_results", "inconclusive"),
        (report(run(invocations=[])), "sarif.not_invoked", "inconclusive"),
        (report(run(), run(invocations=[])), "sarif.not_invoked", "inconclusive"),
        (report(run(invocations=[RAN, {"executionSuccessful": False}])), "sarif.unsuccessful", "error"),
        (report(noted(toolExecutionNotifications=[{"level": "error"}])), "sarif.partial", "inconclusive"),
        (report(noted(toolConfigurationNotifications=[{"level": "error"}])), "sarif.partial", "inconclusive"),
        (report(noted(toolExecutionNotifications=[{"level": "warning"}, {}])), "sarif.clear", "pass"),
        (report(run(result(kind="open"))), "sarif.undecided", "inconclusive"),
        (report(run(result(kind="review"))), "sarif.undecided", "inconclusive"),
        (report(run(result(kind="pass"), result(kind="notApplicable"))), "sarif.clear", "pass"),
        (report(run(result(baselineState="absent"))), "sarif.clear", "pass"),
        (report(run(result(baselineState="unchanged"))), "sarif.found", "fail"),
        (report(run(result(), invocations=[])), "sarif.found", "fail"),
    ],
)
def test_a_report_is_clear_only_on_proof(content: bytes, code: str, verdict: str) -> None:
    assert judged(content) == (code, verdict)


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        (["accepted"], "sarif.clear"),
        (["accepted", "accepted"], "sarif.clear"),
        (["underReview"], "sarif.found"),
        (["accepted", "rejected"], "sarif.found"),
        ([], "sarif.found"),
    ],
)
def test_a_finding_is_suppressed_only_by_what_was_accepted(statuses: list[str], code: str) -> None:
    suppressions: Json = [{"kind": "external", "status": status} for status in statuses]
    assert judged(report(run(result(suppressions=suppressions))))[0] == code


def test_a_suppression_in_the_source_that_nobody_accepted_suppresses_nothing() -> None:
    assert judged(report(run(result(suppressions=[{"kind": "inSource"}]))))[0] == "sarif.found"


@pytest.mark.parametrize(
    ("one", "bar", "code"),
    [
        (result("unheard-of"), Bar(Level.WARNING), "sarif.found"),
        (result("unheard-of"), Bar(Level.ERROR), "sarif.clear"),
        (result("wide-import"), Bar(Level.WARNING), "sarif.clear"),
        (result("wide-import/star"), Bar(Level.WARNING), "sarif.clear"),
        (result("wide-import"), Bar(Level.NOTE), "sarif.found"),
        (result("wide-import", level="error"), Bar(Level.ERROR), "sarif.found"),
        (result("", ruleIndex=1), Bar(Level.WARNING), "sarif.clear"),
        (result("", rule={"index": 1}), Bar(Level.WARNING), "sarif.clear"),
        (result("", rule={"id": "wide-import"}), Bar(Level.WARNING), "sarif.clear"),
        (result(level="note"), Bar(Level.ERROR, Severity.HIGH), "sarif.found"),
        (result(level="note"), Bar(Level.ERROR, Severity.CRITICAL), "sarif.clear"),
        (result(level="none"), Bar(Level.ERROR, Severity.MEDIUM), "sarif.found"),
        (result(kind="informational"), Bar(), "sarif.clear"),
    ],
)
def test_level_and_severity_come_from_the_result_and_its_rule(one: Table, bar: Bar, code: str) -> None:
    assert judged(report(run(one)), bar)[0] == code


def test_a_rule_of_an_extension_is_found_there() -> None:
    tool: Table = {"driver": {"name": "linter"}, "extensions": [{"name": "more", "rules": [MILD]}]}
    one = result("", rule={"index": 0, "toolComponent": {"index": 0}})
    assert judged(report(run(one, tool=tool)), Bar(Level.WARNING))[0] == "sarif.clear"


@pytest.mark.parametrize("descriptor", [{"id": "wide-import"}, {"index": 1}])
def test_a_run_that_was_configured_to_rank_a_rule_higher_is_believed(descriptor: Table) -> None:
    change: Json = {"descriptor": descriptor, "configuration": {"level": "error"}}
    invocation: Json = [{**RAN, "ruleConfigurationOverrides": [change]}]
    one = result("wide-import", ruleIndex=1)
    assert judged(report(run(one, invocations=invocation)), Bar(Level.ERROR))[0] == "sarif.found"


def test_a_run_that_was_configured_to_rank_a_rule_lower_is_not_believed() -> None:
    change: Json = {"descriptor": {"id": "injected-query"}, "configuration": {"level": "none"}}
    invocation: Json = [{**RAN, "ruleConfigurationOverrides": [change]}]
    hard: Json = {"id": "injected-query", "defaultConfiguration": {"level": "error"}}
    tool: Json = {"driver": {"name": "linter", "rules": [hard]}}
    assert judged(report(run(result(), invocations=invocation, tool=tool)), Bar(Level.ERROR))[0] == "sarif.found"


def test_the_report_of_another_tool_proves_nothing() -> None:
    assert judged(report(run()), Bar(tool="scanner")) == ("sarif.other_tool", "error")


def test_the_report_of_the_tool_that_is_asked_for_is_read() -> None:
    assert judged(report(run()), Bar(tool="linter"))[0] == "sarif.clear"


@pytest.mark.parametrize(
    ("revision", "code"),
    [
        (COMMIT, "sarif.clear"),
        (COMMIT[:9].upper(), "sarif.clear"),
        ("", "sarif.clear"),
        ("f" * 40, "sarif.other_commit"),
        (COMMIT[:3], "sarif.other_commit"),
        ("main", "sarif.other_commit"),
    ],
)
def test_the_report_of_another_commit_proves_nothing(revision: str, code: str) -> None:
    content = report(run(versionControlProvenance=[{"revisionId": revision}]))
    assert judged(content, Bar(commit=COMMIT))[0] == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "json.empty"),
        (b" \n", "json.empty"),
        (b"\xef\xbb\xbf" + report(run()), "json.byte_order_mark"),
        (report(run()).decode().encode("utf-16"), "json.byte_order_mark"),
        (b'{"version": "2.1.0", "runs": ["\xff"]}', "json.not_text"),
        (b'{"version": "2.1.0", "runs": [], "runs": []}', "json.malformed"),
        (b'{"version": "2.1.0", "runs": NaN}', "json.malformed"),
        (b'{"version": "2.1.0", "runs": 1e999}', "json.malformed"),
        (b'{"version": "2.1.0", "runs": ' + b"9" * 5000 + b"}", "json.malformed"),
        (report(run())[:-1], "json.malformed"),
        (b"[" * 300 + b"]" * 300, "json.too_deep"),
        (b"[" * 100_000, "json.too_deep"),
        (report(run()) + b" " * 16_000_000, "json.too_big"),
        (report(run(), version="2.0.0"), "sarif.malformed"),
        (b"[]", "sarif.malformed"),
        (b'{"version": "2.1.0"}', "sarif.malformed"),
        (report({"results": [], "invocations": [RAN]}), "sarif.malformed"),
        (report(run(invocations=[{}])), "sarif.malformed"),
        (report(run(invocations=[{"executionSuccessful": "true"}])), "sarif.malformed"),
        (report(run(result(level="fatal"))), "sarif.malformed"),
        (report(run(result(level=""))), "sarif.malformed"),
        (report(run(result(kind="skipped"))), "sarif.malformed"),
        (report(run(result(suppressions=[{"status": "accepted"}]))), "sarif.malformed"),
        (report(run(result("", ruleIndex=7))), "sarif.malformed"),
        (report(run(result("", rule={"index": 0, "toolComponent": {"index": 3}}))), "sarif.malformed"),
    ],
)
def test_what_cannot_be_trusted_to_be_a_report_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        judged(content)
    assert refused.value.code == code


@pytest.mark.parametrize("severity", ["high", "nan", "11", "-1", "inf"])
def test_a_severity_that_is_none_is_refused(severity: str) -> None:
    rule: Json = {"id": "injected-query", "properties": {"security-severity": severity}}
    tool: Json = {"driver": {"name": "linter", "rules": [rule]}}
    with pytest.raises(Rejected) as refused:
        judged(report(run(result(level="note"), tool=tool)), Bar(Level.ERROR))
    assert refused.value.code == "sarif.malformed"


def test_a_finding_is_named_by_rule_file_and_line() -> None:
    sentence = judge(scan(read_sarif(report(run(result()))), Bar()), Bar()).sentence
    assert sentence.endswith("injected-query in outreach/tasks.py:41")


def test_counted_findings_leave_the_number_to_the_gate() -> None:
    assert judged(report(run(result())), findings=Findings.COUNTED) == ("sarif.counted", "pass")


def test_counted_findings_of_a_run_that_broke_are_no_count() -> None:
    assert judged(report(run(result(), invocations=[])), findings=Findings.COUNTED)[1] == "inconclusive"


class SarifRig(Programs):
    """The script writes the report."""

    def checker(self, findings: Findings = Findings.FORBIDDEN) -> SarifCheck:
        command = CheckCommand(("sh", "./{version}"), self.root / "state", self.root / "scratch", 20, file_bytes=LIMIT)
        return SarifCheck(Scanner(command, "out/scan.sarif", frozenset({3})), Bar(), findings)

    def asking(self, verdict: Verdict) -> CheckRequest:
        contents = {
            Verdict.PASS: report(run()),
            Verdict.FAIL: report(run(result())),
            Verdict.INCONCLUSIVE: report(),
            Verdict.ERROR: b"not yet",
        }
        return self.writing(contents[verdict], verdict.value)

    def writing(self, content: bytes, version: str = "scan", also: str = "") -> CheckRequest:
        text = content.decode()
        return self.scripted(f"mkdir -p out; cat > out/scan.sarif <<'EOF'\n{text}\nEOF\nseq 1 9000\n{also}\n", version)

    def report_limit(self) -> int:
        return LIMIT

    def read(self, request: CheckRequest, findings: Findings = Findings.FORBIDDEN) -> Reading:
        return answer(self, self.checker(findings), request)


@pytest.fixture
def rig(root: Path) -> SarifRig:
    return SarifRig(root)


class TestSarifCheck(CheckerContract):
    @pytest.fixture
    def rig(self, root: Path) -> SarifRig:
        return SarifRig(root)


def test_the_report_is_kept_and_its_numbers_are_measured(rig: SarifRig) -> None:
    reading = rig.read(rig.writing(report(run(result(), result("wide-import")))))
    assert reading.report.startswith(b'{"version"')
    assert {name: reading.measured[name] for name in ("found", "below", "results", "tools", "code")} == {
        "found": "2", "below": "0", "results": "2", "tools": "linter", "code": "sarif.found",
    }  # fmt: skip


def test_a_proven_count_stands_beside_the_verdict(rig: SarifRig) -> None:
    counted = rig.read(rig.writing(report(run(result())))).counted
    assert isinstance(counted, Counted)
    assert (counted.count, counted.query) == (1, "findings at or above note, or of low severity, in out/scan.sarif")


def test_counted_findings_pass_with_their_number(rig: SarifRig) -> None:
    reading = rig.read(rig.writing(report(run(result())), also="exit 3"), Findings.COUNTED)
    assert (reading.verdict, isinstance(reading.counted, Counted)) == (Verdict.PASS, True)


def test_a_report_that_proves_nothing_counts_nothing(rig: SarifRig) -> None:
    assert rig.read(rig.writing(report(run(result(), invocations=[])))).counted == Uncounted()


def test_the_release_itself_says_which_commit_it_is(rig: SarifRig) -> None:
    asked = rig.writing(report(run(versionControlProvenance=[{"revisionId": COMMIT}])))
    with_commit = CheckRequest(
        asked.check, asked.service, asked.environment, asked.release, asked.version, asked.digest, asked.workspace,
        commit="f" * 40,
    )  # fmt: skip
    assert rig.read(with_commit).summary.startswith("sarif.other_commit")


@pytest.mark.parametrize(
    ("script", "code", "verdict"),
    [
        ("exit 0", "scan.no_report", "error"),
        ("mkdir out; : > out/scan.sarif", "scan.no_report", "error"),
        ("mkdir out; ln -s /dev/zero out/scan.sarif", "scan.no_report", "error"),
        ("exit 2", "scan.broke", "error"),
    ],
)
def test_a_scanner_that_writes_nothing_proves_nothing(rig: SarifRig, script: str, code: str, verdict: str) -> None:
    reading = rig.read(rig.scripted(script))
    assert (reading.summary.split(":")[0], reading.verdict) == (code, verdict)


def test_a_clean_report_of_a_scanner_that_broke_is_an_error(rig: SarifRig) -> None:
    reading = rig.read(rig.writing(report(run()), also="exit 1"))
    assert (reading.verdict, reading.summary.split(":")[0]) == (Verdict.ERROR, "scan.broke")


def test_a_scanner_that_found_something_and_lists_nothing_is_not_believed(rig: SarifRig) -> None:
    reading = rig.read(rig.writing(report(run()), also="exit 3"))
    assert (reading.verdict, reading.summary.split(":")[0]) == (Verdict.INCONCLUSIVE, "scan.contradicts")


def test_a_report_that_lies_in_the_source_is_not_looked_at(rig: SarifRig) -> None:
    (rig.workspace / "out").mkdir()
    (rig.workspace / "out" / "scan.sarif").write_bytes(report(run()))
    assert rig.read(rig.scripted("exit 0")).verdict is Verdict.ERROR


@pytest.mark.parametrize("name", ["a" * 400, "\ud800\u001b[31m"], ids=["long", "unprintable"])
def test_hostile_names_leave_a_line_for_a_person(rig: SarifRig, name: str) -> None:
    reading = rig.read(rig.writing(report(run(result(name)))))
    assert reading.summary.startswith("sarif.found: 1 at or above")
    assert reading.summary.isprintable()


def test_whether_the_scanner_is_kept_from_our_files_is_told(rig: SarifRig) -> None:
    assert rig.checker().isolation() == rig.checker().scanner.command.isolation()


def test_a_scan_is_started_once_under_one_key(rig: SarifRig) -> None:
    assert rig.checker().deduplication is Deduplication.KEY
