# SPDX-License-Identifier: Apache-2.0
"""Checks that are programs: the kit against real ones, exit codes, counts."""

import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.adapters.check.rig import Programs, answer

from interlock.adapters import linux
from interlock.adapters.check.command import CommandCheck, CountCheck, read_count
from interlock.adapters.checkcommand import CheckCommand
from interlock.adapters.jobs import Isolated, NotIsolated
from interlock.domain.verdict import Verdict
from interlock.ports.check import Checker, CheckRequest, Counted, Lost, Pending, Reading
from interlock.ports.failure import Rejected
from interlock.testing.contracts.check import KEY, CheckerContract, until_read

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
LIMIT = 2000
SCRIPTS = {
    Verdict.PASS: "env; seq 1 5000; exit 0",
    Verdict.FAIL: "echo two tests failed; exit 1",
    Verdict.INCONCLUSIVE: "exit 5",
    Verdict.ERROR: "kill -9 $$",
}


class CommandRig(Programs):
    def command(self, *run: str, environment: dict[str, str] | None = None, timeout: float = 20) -> CheckCommand:
        return CheckCommand(
            run, self.root / "state", self.root / "scratch", timeout, environment or {}, report_bytes=LIMIT
        )

    def checker(self) -> Checker:
        return CommandCheck(self.command("sh", "./{version}"), frozenset({5}))

    def asking(self, verdict: Verdict) -> CheckRequest:
        return self.scripted(SCRIPTS[verdict], verdict.value)

    def report_limit(self) -> int:
        return LIMIT

    def read(self, check: Checker, script: str) -> Reading:
        return answer(self, check, self.scripted(script))


@pytest.fixture
def rig(root: Path) -> CommandRig:
    return CommandRig(root)


class TestCommandCheck(CheckerContract):
    @pytest.fixture
    def rig(self, root: Path) -> CommandRig:
        return CommandRig(root)


@pytest.mark.parametrize(("code", "verdict"), [(0, "pass"), (1, "fail"), (2, "fail"), (5, "inconclusive")])
def test_the_exit_code_is_the_verdict(rig: CommandRig, code: int, verdict: str) -> None:
    assert rig.read(rig.checker(), f"exit {code}").verdict == verdict


@pytest.mark.parametrize("script", ["no-such-program", "kill -9 $$", "exit 126"])
def test_what_did_not_run_or_was_killed_is_an_error(rig: CommandRig, script: str) -> None:
    assert rig.read(rig.checker(), script).verdict is Verdict.ERROR


def test_a_report_that_was_cut_says_so(rig: CommandRig) -> None:
    reading = rig.read(rig.checker(), "seq 1 5000")
    assert reading.report.startswith(b"1\n2\n")
    assert b"[cut: " in reading.report[-60:]
    assert reading.measured["bytes_cut"] == str(23893 - LIMIT)


def test_a_check_that_takes_too_long_is_an_error(rig: CommandRig) -> None:
    reading = rig.read(CommandCheck(rig.command("sleep", "60", timeout=0.2)), "")
    assert reading.verdict is Verdict.ERROR
    assert "limit of 0.2 s" in reading.summary


def test_a_program_that_is_missing_is_an_error_that_names_it(rig: CommandRig) -> None:
    assert "no-such-program" in rig.read(CommandCheck(rig.command("no-such-program")), "").summary


def test_it_is_pending_while_it_runs(rig: CommandRig) -> None:
    check = rig.checker()
    request = rig.scripted("sleep 60")
    check.start(request, KEY)
    progress = check.observe(request, KEY)
    check.cancel(KEY)
    assert isinstance(progress, Pending)


def test_a_check_whose_runner_was_killed_is_an_error(rig: CommandRig) -> None:
    check = rig.checker()
    request = rig.scripted("sleep 60")
    check.start(request, KEY)
    (job,) = (rig.root / "state" / "jobs").iterdir()
    linux.send(signal.SIGKILL, [linux.holder(str(job / "lock"))])
    assert until_read(rig, check, request).verdict is Verdict.ERROR


def test_the_key_of_another_question_is_rejected(rig: CommandRig) -> None:
    check = rig.checker()
    rig.read(check, "exit 0")
    with pytest.raises(Rejected) as refused:
        check.start(rig.scripted("exit 0", "another"), KEY)
    assert refused.value.code == "check.key_reused"


def test_the_reading_says_as_whom_the_check_ran(rig: CommandRig) -> None:
    check = CommandCheck(rig.command("sh", "./{version}"))
    expected = {Isolated: "nobody", NotIsolated: "the controller's own user"}[type(check.isolation())]
    assert rig.read(check, "exit 0").measured["ran_as"] == expected


def test_an_isolated_check_cannot_read_what_is_ours(rig: CommandRig) -> None:
    check = CommandCheck(rig.command("sh", "./{version}"))
    (rig.root / "state" / "key").write_text("the private key")
    (rig.root / "state" / "key").chmod(0o600)
    reading = rig.read(check, f"cat {rig.root}/state/key")
    assert (b"the private key" in reading.report) is isinstance(check.isolation(), NotIsolated)


def test_the_workspace_is_not_changed_by_the_check(rig: CommandRig) -> None:
    rig.read(rig.checker(), "echo changed > script; touch new")
    assert (rig.workspace / "script").read_text() == "echo changed > script; touch new"
    assert not (rig.workspace / "new").exists()


def test_a_secret_that_is_printed_is_not_in_the_summary(rig: CommandRig) -> None:
    command = rig.command("sh", "-c", "echo $TOKEN; exit 1", environment={"TOKEN": "s3cr3t-value"})
    assert "s3cr3t" not in rig.read(CommandCheck(command), "").summary


def test_a_check_without_a_command_is_refused_when_it_is_built(rig: CommandRig) -> None:
    with pytest.raises(Rejected) as refused:
        rig.command()
    assert refused.value.code == "check.no_command"


def test_an_unknown_placeholder_is_refused_when_it_is_built(rig: CommandRig) -> None:
    with pytest.raises(Rejected) as refused:
        rig.command("sh", "{artifact}")
    assert refused.value.code == "placeholder.unknown"


class CountRig(CommandRig):
    def checker(self) -> Checker:
        return CountCheck(self.command("sh", "./{version}"))

    def asking(self, verdict: Verdict) -> CheckRequest:
        return self.scripted('echo warning >&2; echo \'{"query": "p0", "count": 3}\'')


def test_a_count_that_was_read_passes_whatever_it_is(root: Path) -> None:
    rig = CountRig(root)
    reading = answer(rig, rig.checker(), rig.asking(Verdict.PASS))
    assert reading.verdict is Verdict.PASS
    assert isinstance(reading.counted, Counted)
    assert (reading.counted.query, reading.counted.count) == ("p0", 3)


def test_a_count_without_a_date_is_as_old_as_the_beginning_and_stays_so(root: Path) -> None:
    rig = CountRig(root)
    first = rig.read(rig.checker(), 'echo \'{"query": "p0", "count": 0}\'')
    assert until_read(rig, rig.checker(), rig.scripted("")) == first


@pytest.mark.parametrize("script", ["echo 3", "exit 1", 'echo \'{"query": "q", "count": 1}\'; exit 1', "true"])
def test_a_count_that_cannot_be_read_is_an_error(root: Path, script: str) -> None:
    rig = CountRig(root)
    assert rig.read(rig.checker(), script).verdict is Verdict.ERROR


def test_a_count_nobody_asked_for_is_lost_and_cancelling_it_changes_nothing(root: Path) -> None:
    rig = CountRig(root)
    check = rig.checker()
    check.cancel(KEY)
    assert isinstance(check.observe(rig.scripted(""), KEY), Lost)


def test_a_count_keeps_the_date_it_was_given() -> None:
    content = b'{"query": "q", "count": 0, "as_of": "2026-02-01T10:00:00+02:00"}'
    assert read_count(content, BEGAN).as_of == datetime(2026, 2, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"query": "q"}',
        b'{"count": 1}',
        b'{"query": "", "count": 1}',
        b'{"query": "q", "count": -1}',
        b'{"query": "q", "count": true}',
        b'{"query": "q", "count": 1.5}',
        b'{"query": "q", "count": "1"}',
        b'{"query": "q", "count": null}',
        b'{"query": "q", "count": 1, "total": 900}',
        b'{"query": "q", "count": 1} {"query": "q", "count": 0}',
        b'{"query": "q", "count": 1, "as_of": "2026-02-01T10:00:00"}',
        b'{"query": "q", "count": 1, "as_of": "yesterday"}',
        b'\xff{"query": "q", "count": 1}',
    ],
)
def test_a_malformed_count_is_never_guessed(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_count(content, BEGAN)
