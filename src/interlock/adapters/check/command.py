# SPDX-License-Identifier: Apache-2.0
"""A check that is any program: its exit code is the verdict, or the count it prints is.

Exit code 0 is PASS, a code named in `inconclusive_codes` INCONCLUSIVE, every other FAIL. A program that cannot be run,
is killed or takes too long is an ERROR. It may not be another user's business what it sees: see `isolation`.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

import msgspec

from interlock.adapters.checkcommand import CheckCommand
from interlock.adapters.jobs import Ended, Errors, Exited, Isolation
from interlock.adapters.wording import one_line
from interlock.domain.ids import EffectKey
from interlock.domain.verdict import Verdict
from interlock.ports.check import CheckProgress, CheckRequest, Counted, Reading, Uncounted
from interlock.ports.failure import Deduplication


@dataclass(frozen=True, slots=True)
class CommandCheck:
    """Runs the command and takes its exit code for the answer; the output is the report."""

    command: CheckCommand
    inconclusive_codes: AbstractSet[int] = frozenset()

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.KEY

    def isolation(self) -> Isolation:
        """Whether the command is kept from our files."""
        return self.command.isolation()

    def start(self, request: CheckRequest, key: EffectKey) -> None:
        self.command.start(request, key)

    def observe(self, request: CheckRequest, key: EffectKey) -> CheckProgress:
        progress = self.command.observe(key)
        if not isinstance(progress, Ended):
            return progress
        return self.command.reading(self._verdict(progress), progress)

    def cancel(self, key: EffectKey) -> None:
        self.command.cancel(key)

    def _verdict(self, ended: Ended) -> Verdict:
        if ended.end == Exited(0):
            return Verdict.PASS
        if isinstance(ended.end, Exited) and ended.end.code in self.inconclusive_codes:
            return Verdict.INCONCLUSIVE
        return Verdict.FAIL


class Count(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a counting program prints: the query it asked, how many there are, and, if it knows, as of when."""

    query: str
    count: int
    as_of: datetime | msgspec.UnsetType = msgspec.UNSET


@dataclass(frozen=True, slots=True)
class CountCheck:
    """Runs a command that prints one JSON object `{"query": ..., "count": ..., "as_of": ...}` and nothing else.

    PASS says only that the count could be read: whether it is low enough is the gate's to judge. Without `as_of` the
    count is as old as the command's beginning. What it writes to standard error is not looked at.
    """

    command: CheckCommand

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.KEY

    def isolation(self) -> Isolation:
        """Whether the command is kept from our files."""
        return self.command.isolation()

    def start(self, request: CheckRequest, key: EffectKey) -> None:
        self.command.start(request, key, errors=Errors.APART)

    def observe(self, request: CheckRequest, key: EffectKey) -> CheckProgress:
        progress = self.command.observe(key)
        if not isinstance(progress, Ended):
            return progress
        if progress.end != Exited(0):
            return self.command.reading(Verdict.ERROR, progress)
        try:
            return self._reading(progress, read_count(progress.output, progress.began))
        except ValueError as fault:
            summary = one_line(f"count.malformed: {fault}", self.command.secrets())
            report = self.command.report(progress) or summary.encode()
            return Reading(Verdict.ERROR, summary, report, "text/plain", Uncounted(), self.command.measured(progress))

    def cancel(self, key: EffectKey) -> None:
        self.command.cancel(key)

    def _reading(self, ended: Ended, counted: Counted) -> Reading:
        summary = one_line(f"{counted.count} counted by '{counted.query}'", self.command.secrets())
        measured = {**self.command.measured(ended), "count": str(counted.count)}
        return Reading(Verdict.PASS, summary, ended.output, "application/json", counted, measured)


def read_count(content: bytes, began: datetime) -> Counted:
    """The count in what a program printed; `ValueError` says what is wrong with it. A count is never guessed."""
    try:
        count = msgspec.json.decode(content, type=Count, strict=True)
    except (msgspec.DecodeError, msgspec.ValidationError) as fault:
        raise ValueError(f"the output is not one object with query, count and as_of: {fault}") from fault
    if count.count < 0:
        raise ValueError(f"the count {count.count} is below zero")
    if not count.query.strip():
        raise ValueError("the query is empty, so nobody can tell what was counted")
    as_of = began if isinstance(count.as_of, msgspec.UnsetType) else count.as_of
    if as_of.tzinfo is None:
        raise ValueError(f"the time {as_of.isoformat()} has no zone")
    return Counted(count.query, count.count, as_of)
