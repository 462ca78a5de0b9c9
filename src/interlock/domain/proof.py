# SPDX-License-Identifier: Apache-2.0
"""Whether what was deployed has proven itself: verification after a deployment and watching during a bake.

Both look at the same thing: evidence of some checks in one environment that is newer than a step, so both are judged
here. Older evidence is about something else that ran there. "Newer" goes by number, so no clock can confuse it, and
only what the controller itself found counts: a failure since then is never forgotten.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from interlock.domain.action import Action, Conclude, RunCheck, WakeAt
from interlock.domain.actor import CONTROLLER
from interlock.domain.evidence import EvidenceBook, EvidenceRecorded
from interlock.domain.ids import CheckId, EffectKey, EnvironmentName, PromotionId, ReleaseId, RollbackId
from interlock.domain.verdict import Finding, Verdict, group

Seen = tuple[tuple[CheckId, int], ...]
"""How many pieces of evidence of each check there were at some step; checks without any may be absent."""


def seen(checks: tuple[CheckId, ...], environment: EnvironmentName, book: EvidenceBook) -> Seen:
    """Mark where the evidence of these checks stands now."""
    return tuple(
        (check, book.series[check, environment].count)
        for check in dict.fromkeys(checks)
        if (check, environment) in book.series
    )


@dataclass(frozen=True, slots=True)
class Pace:
    """Until when checks may stay inconclusive, and how soon one is tried again."""

    deadline: datetime
    every: timedelta


@dataclass(frozen=True, slots=True)
class Watch:
    """Which checks, where, on which release, beyond which numbers; `round` makes effect keys of one process unique."""

    process: PromotionId | RollbackId
    round: str
    release: ReleaseId
    environment: EnvironmentName
    checks: tuple[CheckId, ...]
    seen: Seen
    began: datetime


def judge(watch: Watch, book: EvidenceBook) -> Finding:
    """PASS when every check passed since then; FAIL when one failed; INCONCLUSIVE while any has yet to speak.

    No checks at all: the deployment's own success is the proof.
    """
    if not watch.checks:
        return Finding("proof.deployed", watch.release, Verdict.PASS, "deployed; the pack asks for no further proof")
    leaves = tuple(_leaf(watch, book, check) for check in watch.checks)
    return group("proof", watch.release, f"proof in {watch.environment}", leaves)


def next_looks(watch: Watch, book: EvidenceBook, pace: Pace, now: datetime) -> tuple[Action, ...]:
    """What the proof needs now: checks to run, a time to look again, or the decision when nothing is left to learn."""
    finding = judge(watch, book)
    if finding.verdict is Verdict.PASS or has_failed(finding) or now > pace.deadline:
        return (Conclude(watch.process),)
    silent = tuple(_silent(watch, book))
    if silent:
        return (*_runs(watch, book, silent), WakeAt(pace.deadline))
    next_try = _last_reading(watch, book) + pace.every
    if now < next_try:
        return (WakeAt(next_try),)
    return _runs(watch, book, tuple(leaf.subject for leaf in finding.children if leaf.verdict is not Verdict.PASS))


def has_failed(finding: Finding) -> bool:
    """Whether any check said no. An error beside it is worse as a verdict, but no reason to wait."""
    return bool(those_that_failed(finding))


def those_that_failed(finding: Finding) -> tuple[CheckId, ...]:
    """The checks that said no."""
    return tuple(CheckId(leaf.subject) for leaf in finding.children if leaf.verdict is Verdict.FAIL)


def _runs(watch: Watch, book: EvidenceBook, checks: tuple[str, ...]) -> tuple[Action, ...]:
    return tuple(
        RunCheck(watch.release, CheckId(check), watch.environment, _key(watch, book, CheckId(check)))
        for check in checks
    )


def _last_reading(watch: Watch, book: EvidenceBook) -> datetime:
    taken = (piece.taken_at for check in watch.checks for piece in _heard(watch, book, check))
    return max(taken, default=watch.began)


def _silent(watch: Watch, book: EvidenceBook) -> Iterator[CheckId]:
    for check in watch.checks:
        if not _heard(watch, book, check):
            yield check


def _heard(watch: Watch, book: EvidenceBook, check: CheckId) -> tuple[EvidenceRecorded, ...]:
    """What the controller found since then. What others bring is evidence for gates, never proof of a deployment."""
    series = book.series.get((check, watch.environment))
    pieces = series.pieces[dict(watch.seen).get(check, 0) :] if series else ()
    return tuple(piece for piece in pieces if piece.by == str(CONTROLLER))


def _leaf(watch: Watch, book: EvidenceBook, check: CheckId) -> Finding:
    heard = _heard(watch, book, check)
    if not heard:
        return Finding(
            "proof.awaited", check, Verdict.INCONCLUSIVE, "it has not been run yet", "the controller runs it by itself"
        )
    gap = book.series[check, watch.environment].gap
    if gap:
        return Finding(
            "proof.gap",
            check,
            Verdict.ERROR,
            f"evidence {gap} is missing from the ledger",
            "verify the ledger with `interlock ledger verify`",
        )
    said = next((piece for piece in heard if piece.verdict is Verdict.FAIL), heard[-1])
    step = "" if said.verdict is Verdict.PASS else "see its report with `interlock evidence show`"
    return Finding(f"proof.{said.verdict}", check, said.verdict, said.summary, step)


def _count(watch: Watch, book: EvidenceBook, check: CheckId) -> int:
    series = book.series.get((check, watch.environment))
    return series.count if series else 0


def _key(watch: Watch, book: EvidenceBook, check: CheckId) -> EffectKey:
    return EffectKey(f"{watch.process}/{watch.round}/{check}/{_count(watch, book, check) + 1}")
