# SPDX-License-Identifier: Apache-2.0
"""Jobs outlive us, keep their limits, and leave nothing behind."""

import os
import pwd
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread

import pytest

from interlock.adapters import linux
from interlock.adapters.jobs import (
    Absent,
    Account,
    Afterwards,
    Cancelled,
    Ended,
    Errors,
    Exited,
    InPlace,
    Isolated,
    JobEnd,
    Jobs,
    JobSpec,
    Kept,
    Limits,
    NotIsolated,
    NotKept,
    OtherAccount,
    OwnAccount,
    PrivateCopy,
    Signalled,
    TimedOut,
    Underway,
    Unstartable,
    Vanished,
    open_scratch,
)
from interlock.adapters.wording import one_line, safe_name
from interlock.domain.ids import EffectKey
from interlock.ports.failure import Rejected, Unavailable

KEY = EffectKey("a/b c#1")
PYTHON = sys.executable


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    with tempfile.TemporaryDirectory(prefix="interlock-test-") as folder:
        Path(folder).chmod(0o711)
        scratch = Path(folder, "scratch")
        scratch.mkdir(mode=0o711)
        under_test = Jobs(Path(folder, "jobs"), scratch)
        yield under_test
        for left in linux.marked_below(f"INTERLOCK_JOB={folder}"):
            os.kill(left, signal.SIGKILL)


def spec(*argv: str, seconds: float = 20, grace: float = 1, output: int = 10_000, purpose: str = "p") -> JobSpec:
    return JobSpec(purpose, argv, {}, InPlace(Path("/")), Limits(seconds, output, grace))


def python(source: str, seconds: float = 20, grace: float = 1, output: int = 10_000) -> JobSpec:
    return spec(PYTHON, "-c", textwrap.dedent(source), seconds=seconds, grace=grace, output=output)


def copied(folder: Path, *argv: str, keep: str = "", account: Account = OwnAccount()) -> JobSpec:  # noqa: B008 - a frozen value
    return JobSpec("p", argv, {}, PrivateCopy(folder, keep), Limits(20), account)


def wait(jobs: Jobs, key: EffectKey = KEY) -> Ended:
    for _ in range(2000):
        progress = jobs.observe(key)
        if isinstance(progress, Ended):
            return progress
        assert isinstance(progress, Underway), progress
        Event().wait(0.02)
    raise AssertionError("the job does not end")


def run(jobs: Jobs, job: JobSpec) -> Ended:
    jobs.start(job, KEY)
    return wait(jobs)


def left_over(jobs: Jobs) -> set[int]:
    return linux.marked_below(f"INTERLOCK_JOB={jobs.folder}")


@pytest.mark.parametrize(
    ("source", "end"),
    [
        ("pass", Exited(0)),
        ("raise SystemExit(7)", Exited(7)),
        ("import os; os.kill(os.getpid(), 11)", Signalled(11)),
    ],
)
def test_the_end_of_a_job_is_told_as_it_was(jobs: Jobs, source: str, end: JobEnd) -> None:
    assert run(jobs, python(source)).end == end


def test_output_and_errors_are_kept_in_order(jobs: Jobs) -> None:
    ended = run(jobs, python("import os; os.write(1, b'one '); os.write(2, b'two')"))
    assert ended.output == b"one two"


def test_output_beyond_the_limit_is_counted_and_dropped_but_its_end_is_kept(jobs: Jobs) -> None:
    ended = run(jobs, python("print('x' * 5_000_000); print('the end')", output=1000))
    assert (len(ended.output), ended.dropped) == (1000, 5_000_009 - 1000)
    assert ended.tail.endswith("the end\n")


def test_a_job_sees_nothing_of_our_environment(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_TOKEN", "hidden")
    ended = run(jobs, spec("env"))
    names = {line.partition(b"=")[0] for line in ended.output.splitlines()}
    assert names == {b"PATH", b"LANG", b"INTERLOCK_JOB"}


def test_errors_can_be_had_apart(jobs: Jobs) -> None:
    job = JobSpec("p", ("sh", "-c", "echo out; echo err >&2"), {}, InPlace(Path("/")), Limits(20), errors=Errors.APART)
    ended = run(jobs, job)
    assert (ended.output, ended.errors) == (b"out\n", b"err\n")


def test_no_shell_reads_the_arguments(jobs: Jobs) -> None:
    assert run(jobs, spec("echo", "$HOME; `id` && *")).output == b"$HOME; `id` && *\n"


@pytest.mark.parametrize("program", ["no-such-program", "/no/such/program", "/etc/passwd", "/"])
def test_a_program_that_cannot_run_is_named(jobs: Jobs, program: str) -> None:
    end = run(jobs, spec(program)).end
    assert isinstance(end, Unstartable)
    assert program in end.why


def test_a_script_without_a_first_line_for_the_kernel_is_unstartable(jobs: Jobs) -> None:
    script = jobs.scratch / "script"
    script.write_text("echo hello")
    script.chmod(0o755)
    assert isinstance(run(jobs, spec(str(script))).end, Unstartable)


def test_a_job_that_takes_too_long_is_ended(jobs: Jobs) -> None:
    assert run(jobs, spec("sleep", "60", seconds=0.3)).end == TimedOut()


def test_a_family_that_ignores_the_request_to_end_is_killed_wherever_it_hides(jobs: Jobs) -> None:
    source = """
        import os, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for generation in range(4):
            if os.fork() == 0:
                os.setsid()
            os.fork()
        while True:
            time.sleep(1)
    """
    ended = run(jobs, python(source, seconds=0.6, grace=0.2))
    assert ended.end == TimedOut()
    assert left_over(jobs) == set()


def test_a_job_asked_to_end_may_say_goodbye(jobs: Jobs) -> None:
    source = """
        import signal, sys
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(print("goodbye", "x" * 200_000)))
        signal.pause()
    """
    ended = run(jobs, python(source, seconds=1, grace=10, output=300_000))
    assert ended.output.startswith(b"goodbye xxx")
    assert ended.end == TimedOut()


def test_what_a_swept_job_leaves_in_the_background_is_ended(jobs: Jobs) -> None:
    run(jobs, spec("sh", "-c", "setsid sleep 60 & sleep 60 & exit 0"))
    assert left_over(jobs) == set()


def test_what_a_job_may_leave_stays_and_may_go_on_printing(jobs: Jobs) -> None:
    source = "(for i in 1 2 3 4; do sleep 0.1; echo $i; done; touch alive; exec sleep 60) & exit 0"
    job = JobSpec("p", ("sh", "-c", source), {}, InPlace(jobs.scratch), Limits(20), afterwards=Afterwards.LEAVE)
    assert run(jobs, job).end == Exited(0)
    for _ in range(200):
        if (jobs.scratch / "alive").exists():
            break
        Event().wait(0.05)
    assert (jobs.scratch / "alive").exists()


def test_the_same_key_runs_once(jobs: Jobs) -> None:
    job = spec("sh", "-c", f"echo run >> {jobs.scratch}/count")
    for _ in range(3):
        run(jobs, job)
    assert (jobs.scratch / "count").read_text() == "run\n"


def test_two_who_start_one_key_at_once_start_it_once(jobs: Jobs) -> None:
    job = spec("sh", "-c", f"echo run >> {jobs.scratch}/count; sleep 0.3")
    starters = [Thread(target=jobs.start, args=(job, KEY)) for _ in range(4)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    wait(jobs)
    assert (jobs.scratch / "count").read_text() == "run\n"


HOLDS = """
import fcntl, sys
lock = open(sys.argv[1], "a")
fcntl.lockf(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class Other:
    """Who holds a job's lock until its input ends."""

    place: Path
    process: subprocess.Popen[bytes]

    def end(self) -> None:
        self.process.communicate()


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleQueue[Other]]:
    """Whoever starts a job finds another at its lock; each of them is told here."""
    told: SimpleQueue[Other] = SimpleQueue()
    running: list[Other] = []

    def overtaken(_: str, place: Path) -> None:
        held = [PYTHON, "-c", HOLDS, str(place / "lock")]
        process = subprocess.Popen(held, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        (place / "launch.log").touch()
        running.append(Other(place, process))
        told.put(running[-1])

    monkeypatch.setattr("interlock.adapters.jobs.launch", overtaken)
    yield told
    for one in running:
        if one.process.poll() is None:
            one.end()


def test_who_finds_another_about_to_begin_waits_until_it_has(jobs: Jobs, others: SimpleQueue[Other]) -> None:
    with ThreadPoolExecutor(1) as pool:
        start = pool.submit(jobs.start, spec("true"), KEY)
        other = others.get(timeout=20)
        is_early = bool(wait_for([start], timeout=0.2).done)
        (other.place / "begun").touch()
        start.result(timeout=20)
    assert not is_early


def test_another_that_ends_before_it_has_begun_is_not_waited_for(jobs: Jobs, others: SimpleQueue[Other]) -> None:
    with ThreadPoolExecutor(1) as pool:
        start = pool.submit(jobs.start, spec("true"), KEY)
        others.get(timeout=20).end()
        with pytest.raises(Unavailable) as failed:
            start.result(timeout=20)
    assert failed.value.code == "job.not_begun"


def test_the_same_key_for_another_purpose_is_rejected(jobs: Jobs) -> None:
    jobs.start(spec("true"), KEY)
    with pytest.raises(Rejected) as refused:
        jobs.start(spec("true", purpose="another"), KEY)
    assert refused.value.code == "job.key_reused"
    wait(jobs)


def test_a_job_that_was_laid_down_but_not_begun_is_begun_by_the_next_start(jobs: Jobs) -> None:
    job = spec("echo", "begun")
    jobs._lay_down(job, KEY, jobs.folder / safe_name(KEY))  # noqa: SLF001 - this is the crash
    before = jobs.observe(KEY)
    after = run(jobs, job)
    assert before == Absent()
    assert after.output == b"begun\n"


def test_a_job_goes_on_when_its_starter_is_killed(jobs: Jobs) -> None:
    starter = subprocess.Popen(
        [
            PYTHON,
            "-c",
            textwrap.dedent(
                f"""
                import signal
                from pathlib import Path
                from interlock.adapters.jobs import *
                jobs = Jobs(Path({str(jobs.folder)!r}), Path({str(jobs.scratch)!r}))
                argv = ("sh", "-c", "sleep 0.5; echo survived")
                jobs.start(JobSpec("p", argv, {{}}, InPlace(Path("/")), Limits(20)), {KEY!r})
                print("started", flush=True)
                signal.pause()
                """
            ),
        ],
        stdout=subprocess.PIPE,
    )
    assert starter.stdout is not None
    starter.stdout.readline()
    starter.kill()
    starter.communicate()
    assert wait(jobs).output == b"survived\n"


def test_a_job_whose_runner_was_killed_is_vanished_and_never_begun_again(jobs: Jobs) -> None:
    job = spec("sh", "-c", f"echo run >> {jobs.scratch}/count; exec sleep 60")
    jobs.start(job, KEY)
    _kill_runner(jobs)
    assert isinstance(jobs.observe(KEY), Vanished)
    jobs.start(job, KEY)
    assert isinstance(jobs.observe(KEY), Vanished)


def test_cancelling_a_vanished_job_ends_what_is_left_of_it(jobs: Jobs) -> None:
    jobs.start(spec("sh", "-c", "setsid sleep 60 & sleep 60"), KEY)
    _kill_runner(jobs)
    jobs.cancel(KEY)
    assert left_over(jobs) == set()


def test_cancel_returns_when_all_has_ended(jobs: Jobs) -> None:
    jobs.start(python("import os, time; os.fork(); os.setsid; time.sleep(60)"), KEY)
    jobs.cancel(KEY)
    assert left_over(jobs) == set()
    assert wait(jobs).end == Cancelled()


def test_cancelling_what_ended_changes_nothing(jobs: Jobs) -> None:
    ended = run(jobs, spec("true"))
    jobs.cancel(KEY)
    assert jobs.observe(KEY) == ended


def test_cancelling_what_never_began_changes_nothing(jobs: Jobs) -> None:
    jobs.cancel(KEY)
    assert jobs.observe(KEY) == Absent()


@pytest.mark.parametrize("keys", [("a/b", "a_b"), ("x" * 200, "x" * 201), ("..", "."), ("A", "a")])
def test_keys_never_share_a_folder_nor_leave_theirs(keys: tuple[str, str]) -> None:
    one, other = (safe_name(key) for key in keys)
    assert one != other
    assert Path("/jobs", one).resolve().parent == Path("/jobs")


@pytest.fixture
def workspace(jobs: Jobs) -> Path:
    folder = jobs.folder.parent / "workspace"
    (folder / "build").mkdir(parents=True)
    (folder / "build" / "report.xml").write_text("stale")
    (folder / "read-only").write_text("original")
    (folder / "read-only").chmod(0o444)
    return folder


def test_a_private_copy_leaves_the_original_untouched(jobs: Jobs, workspace: Path) -> None:
    ended = run(jobs, copied(workspace, "sh", "-c", "echo changed > read-only; rm -r build; cat read-only"))
    assert ended.output == b"changed\n"
    assert (workspace / "read-only").read_text() == "original"
    assert (workspace / "build").exists()


def test_the_copy_is_gone_when_the_job_ended_but_its_file_is_kept(jobs: Jobs, workspace: Path) -> None:
    ended = run(jobs, copied(workspace, "sh", "-c", "echo fresh > build/report.xml", keep="build/report.xml"))
    assert ended.file == Kept(b"fresh\n")
    assert list(jobs.scratch.iterdir()) == []


def test_a_stale_file_is_not_taken_for_the_result(jobs: Jobs, workspace: Path) -> None:
    assert run(jobs, copied(workspace, "true", keep="build/report.xml")).file == NotKept("missing")


@pytest.mark.parametrize("script", ["ln -s /etc/passwd out", "ln -s /etc out", "mkdir out", "mkfifo out"])
def test_a_file_that_is_a_link_or_no_file_is_not_kept(jobs: Jobs, workspace: Path, script: str) -> None:
    for keep in ("out", "out/passwd"):
        jobs.start(copied(workspace, "sh", "-c", script, keep=keep), EffectKey(keep))
        assert isinstance(wait(jobs, EffectKey(keep)).file, NotKept)


@pytest.mark.parametrize("keep", ["../outside", "/etc/passwd", "a/../../b", "a//b"])
def test_a_path_that_leads_out_of_the_copy_is_refused(jobs: Jobs, workspace: Path, keep: str) -> None:
    assert isinstance(run(jobs, copied(workspace, "true", keep=keep)).end, Unstartable)


def test_a_link_in_the_workspace_does_not_make_us_remove_a_file_outside(jobs: Jobs, workspace: Path) -> None:
    precious = jobs.folder.parent / "precious"
    precious.mkdir()
    (precious / "report.xml").write_text("precious")
    (workspace / "link").symlink_to(precious)
    run(jobs, copied(workspace, "true", keep="link/report.xml"))
    assert (precious / "report.xml").read_text() == "precious"


def test_a_job_has_its_own_home_and_place_for_temporary_files(jobs: Jobs, workspace: Path) -> None:
    ended = run(jobs, copied(workspace, "sh", "-c", "touch $HOME/a $TMPDIR/b && ls $HOME $TMPDIR"))
    assert ended.end == Exited(0)


NOBODY = OtherAccount("nobody")
IS_ROOT = os.geteuid() == 0


def test_isolation_says_what_it_is(jobs: Jobs) -> None:
    isolation = jobs.isolation(NOBODY)
    assert isinstance(isolation, Isolated) if IS_ROOT else isinstance(isolation, NotIsolated)


@pytest.mark.parametrize("account", [OwnAccount(), OtherAccount("no-such-user"), OtherAccount("root")])
def test_isolation_never_claims_what_it_is_not(jobs: Jobs, account: Account) -> None:
    isolation = jobs.isolation(account)
    assert isinstance(isolation, NotIsolated)
    assert isolation.why


def test_a_job_runs_as_the_other_user_where_that_is_possible(jobs: Jobs, workspace: Path) -> None:
    ended = run(jobs, copied(workspace, "id", "-u", account=NOBODY))
    expected = pwd.getpwnam("nobody").pw_uid if IS_ROOT else os.geteuid()
    assert ended.output == f"{expected}\n".encode()


def test_a_job_of_another_user_may_write_in_its_copy(jobs: Jobs, workspace: Path) -> None:
    job = copied(workspace, "sh", "-c", "id -un > build/report.xml", keep="build/report.xml", account=NOBODY)
    assert isinstance(run(jobs, job).file, Kept)


def test_a_scratch_folder_the_other_user_cannot_enter_is_refused(jobs: Jobs, workspace: Path) -> None:
    closed = Jobs(jobs.folder, jobs.folder.parent / "closed" / "scratch")
    closed.scratch.mkdir(parents=True)
    closed.scratch.parent.chmod(0o700)
    if IS_ROOT:
        with pytest.raises(Rejected) as refused:
            closed.start(copied(workspace, "true", account=NOBODY), KEY)
        assert refused.value.code == "job.scratch_closed"
    else:
        assert run(closed, copied(workspace, "true", account=NOBODY)).end == Exited(0)


def test_the_scratch_folder_is_ours_alone(jobs: Jobs) -> None:
    first = open_scratch(jobs.scratch)
    assert open_scratch(jobs.scratch) == first
    first.chmod(0o777)
    with pytest.raises(Rejected) as refused:
        open_scratch(jobs.scratch)
    assert refused.value.code == "job.scratch_not_ours"


def test_one_line_is_printable_short_and_without_secrets() -> None:
    line = one_line("x" * 500 + "\n\x1b[31mpassword is hunter22\n\n", ["hunter22"])
    assert line.endswith("/ [31mpassword is [...]")
    assert len(line) == 200
    assert line.isprintable()


def _kill_runner(jobs: Jobs) -> None:
    lock = str(jobs.folder / safe_name(KEY) / "lock")
    runner = linux.signal_holder(lock, signal.SIGKILL)
    for _ in range(200):
        if linux.holder(lock) == 0:
            break
        Event().wait(0.02)
    os.close(runner)
