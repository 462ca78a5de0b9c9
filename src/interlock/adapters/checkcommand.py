# SPDX-License-Identifier: Apache-2.0
"""A check that is a program: how it is run, for every adapter that runs one.

It runs as another user where the machine allows it, in a copy of the workspace, without our environment; what was
reached is told by `isolation` beforehand, and stands in every reading.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from interlock.adapters.jobs import (
    Absent,
    Account,
    Cancelled,
    Ended,
    Errors,
    Exited,
    Isolation,
    Jobs,
    JobSpec,
    Limits,
    OtherAccount,
    PrivateCopy,
    Signalled,
    TimedOut,
    Underway,
    Unstartable,
    Vanished,
    describe,
)
from interlock.adapters.placeholders import RELEASE_WORDS, fill, require_known
from interlock.adapters.wording import cut, one_line
from interlock.domain.ids import EffectKey
from interlock.domain.verdict import Verdict
from interlock.ports.check import CheckRequest, Lost, Pending, Reading, Uncounted
from interlock.ports.failure import Rejected

NOBODY: Final = OtherAccount("nobody")
WORDS: Final = (*RELEASE_WORDS, "endpoint")
"""`{endpoint}`: where the first of its instances listens (host:port), in an environment whose traffic is split."""
_NOT_RUN: Final = frozenset({126, 127})
"""What shells and `env` answer when the program itself could not be run."""


@dataclass(frozen=True, slots=True)
class CheckCommand:
    """What to run, without a shell, and within which limits. `timeout` is in seconds.

    Arguments may hold the words of `WORDS` in braces; the same come as `INTERLOCK_*`. `state` is ours alone,
    `scratch` a folder that `account` can enter (`jobs.open_scratch`).
    """

    run: tuple[str, ...]
    state: Path
    scratch: Path
    timeout: float = 900
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Account = NOBODY
    report_bytes: int = 1_000_000
    file_bytes: int = 16_000_000

    def __post_init__(self) -> None:
        if not self.run:
            raise Rejected("check.no_command", "the check has no command", "write the program and its arguments")
        require_known(self.run, WORDS)

    @property
    def jobs(self) -> Jobs:
        return Jobs(self.state / "jobs", self.scratch)

    def isolation(self) -> Isolation:
        """Whether the check is kept from our files."""
        return self.jobs.isolation(self.account)

    def start(self, request: CheckRequest, key: EffectKey, keep: str = "", errors: Errors = Errors.TOGETHER) -> None:
        """Begin it; of what it writes only the file `keep` stays."""
        words = dict(words_of(request))
        if request.endpoints:
            words["endpoint"] = request.endpoints[0]
        spec = JobSpec(
            json.dumps({"check": request.check, **words}, sort_keys=True),
            tuple(fill(word, words) for word in self.run),
            {
                **{f"INTERLOCK_{name.upper()}": value for name, value in words.items()},
                **self.environment,
            },
            PrivateCopy(request.workspace, keep),
            self._limits(),
            self.account,
            errors=errors,
        )
        try:
            self.jobs.start(spec, key)
        except Rejected as refused:
            if refused.code != "job.key_reused":
                raise
            raise Rejected("check.key_reused", f"'{key}' was another check", refused.next_step) from refused

    def observe(self, key: EffectKey) -> Ended | Reading | Pending | Lost:
        """`Ended` when the program ran and exited by itself: what that means, the adapter says. Else the answer."""
        match self.jobs.observe(key):
            case Absent():
                return Lost(f"no check was started under '{key}'")
            case Underway():
                return Pending("the command is running")
            case Vanished(why):
                return Reading(Verdict.ERROR, why, why.encode(), "text/plain", Uncounted(), {})
            case Ended(end=Exited(code)) as ended if code not in _NOT_RUN:
                return ended
            case Ended(end=Exited() | Signalled() | TimedOut() | Cancelled() | Unstartable()) as ended:
                return self.reading(Verdict.ERROR, ended)

    def cancel(self, key: EffectKey) -> None:
        self.jobs.cancel(key)

    def reading(self, verdict: Verdict, ended: Ended) -> Reading:
        """The reading of a command that ended so, with its output as report."""
        last = next((line for line in reversed(ended.tail.splitlines()) if line.strip()), "")
        said = one_line(last, self.secrets(), limit=120)
        how = describe(ended.end, self._limits())
        summary = one_line(f"{how}: {said}" if said and verdict is not Verdict.PASS else how, self.secrets())
        report = self.report(ended) or summary.encode()
        return Reading(verdict, summary, report, "text/plain", Uncounted(), self.measured(ended))

    def report(self, ended: Ended) -> bytes:
        """What it printed; when that was cut, the last line says so."""
        return cut(ended.output, self.report_bytes, ended.dropped)

    def measured(self, ended: Ended) -> Mapping[str, str]:
        """What is worth knowing beside the verdict: as whom it ran, its exit code, how much output was cut."""
        code = {"exit_code": str(ended.end.code)} if isinstance(ended.end, Exited) else {}
        cut = {"bytes_cut": str(ended.dropped)} if ended.dropped else {}
        return {"ran_as": ended.account or "the controller's own user", **code, **cut}

    def secrets(self) -> tuple[str, ...]:
        """Values that must not stand in a summary."""
        return tuple(self.environment.values())

    def _limits(self) -> Limits:
        return Limits(self.timeout, self.report_bytes, file_bytes=self.file_bytes)


def words_of(request: CheckRequest) -> Mapping[str, str]:
    """The values of `RELEASE_WORDS` in this request."""
    return {
        "service": request.service,
        "environment": request.environment,
        "release": request.release,
        "version": request.version,
        "digest": request.digest,
    }
