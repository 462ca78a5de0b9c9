# SPDX-License-Identifier: Apache-2.0
"""Whether evidence counts for what a gate asks: the newest of its series, unbroken, fresh, trusted, still about this.

Whatever is wrong with it keeps the gate shut; only a PASS of a piece that may speak opens it.
"""

from dataclasses import dataclass
from datetime import datetime

from interlock.domain.actor import Assurance
from interlock.domain.evidence import ANSWERS, NO_QUERY, TRIES, EvidenceBook, EvidenceRecorded
from interlock.domain.ids import EVERYWHERE, Digest
from interlock.domain.in_place import InPlace, was_replaced
from interlock.domain.moment import span_in_words
from interlock.domain.requirement import CheckRequirement, CountRequirement
from interlock.domain.verdict import Finding, Verdict


@dataclass(frozen=True, slots=True)
class Terms:
    """Under what terms evidence counts in one evaluation."""

    governance: Digest
    minimum: Assurance
    now: datetime
    authors: frozenset[str] = frozenset()
    """Actors whose own evidence does not count."""
    live: tuple[InPlace, ...] = ()
    """What is live now, where a requirement is about that."""
    release: Digest = Digest("")
    """What is judged; its being live is no change."""


def judge_check(requirement: CheckRequirement, book: EvidenceBook, terms: Terms) -> Finding:
    """Whether the newest evidence of the check is a fresh, trusted PASS."""
    return _judge_series(requirement, book, terms) or _verdict_of(requirement, book)


def judge_count(requirement: CountRequirement, book: EvidenceBook, terms: Terms) -> Finding:
    """Whether the newest complete count is within the limit. Evidence without a completeness record never passes."""
    fault = _judge_series(requirement, book, terms)
    if fault:
        return fault
    latest = book.series[requirement.check, requirement.environment].newest
    name = requirement.id
    if latest.verdict is not Verdict.PASS:
        return _verdict_of(requirement, book)
    if latest.query == NO_QUERY:
        return Finding(
            "evidence.not_complete",
            name,
            Verdict.INCONCLUSIVE,
            f"evidence {latest.number} of '{requirement.check}' does not say what was counted",
            "bind a check that reports its query and its count",
            cites=requirement.cites,
        )
    sentence = f"{latest.count} found by «{latest.query}», at most {requirement.at_most} allowed"
    if latest.count > requirement.at_most:
        return Finding("evidence.too_many", name, Verdict.FAIL, sentence, "resolve them, then run the check again")
    return Finding("evidence.within_limit", name, Verdict.PASS, sentence, cites=requirement.cites)


def _judge_series(requirement: CheckRequirement | CountRequirement, book: EvidenceBook, terms: Terms) -> Finding | None:
    """Faults that keep any evidence from counting; None when the newest piece may speak."""
    series = book.series.get((requirement.check, requirement.environment))
    if series is None:
        return _unheard(
            requirement,
            "evidence.missing",
            f"there is no evidence of {_named(requirement)} yet",
            "the controller gathers it (`interlock drive`), or attach it with `interlock evidence attach`",
        )
    if series.gap:
        return Finding(
            "evidence.gap",
            requirement.id,
            Verdict.ERROR,
            f"evidence {series.gap} of {_named(requirement)} is missing from the ledger",
            "verify the ledger with `interlock ledger verify`",
            cites=requirement.cites,
        )
    return _judge_piece(requirement, series.newest, terms)


def _judge_piece(
    requirement: CheckRequirement | CountRequirement, piece: EvidenceRecorded, terms: Terms
) -> Finding | None:
    """Why this piece does not count under these terms; None when it does."""
    name = f"evidence {piece.number} of {_named(requirement)}"
    again = f"run it again with `interlock evidence refresh` (check '{requirement.check}')"
    if piece.governance != terms.governance:
        return _unheard(requirement, "evidence.other_governance", f"{name} was taken under other governance", again)
    if piece.by in terms.authors:
        return _unheard(
            requirement,
            "evidence.by_author",
            f"{name} was brought by an author of the release",
            "let the controller run the check, or somebody else bring it",
        )
    if not piece.assurance.reaches(max_assurance(terms.minimum, requirement.assurance)):
        return _unheard(
            requirement,
            "evidence.assurance",
            f"{name} is only {piece.assurance}",
            "attach it signed, or let the controller run the check",
        )
    if was_replaced(requirement.live_in, piece.live, terms.live, terms.release):
        sentence = f"{name} was taken while something else was live in {requirement.live_in}"
        return _unheard(requirement, "evidence.live_changed", sentence, f"the controller runs it anew, or {again}")
    if terms.now - piece.taken_at > requirement.max_age:
        return _unheard(
            requirement, "evidence.stale", f"{name} is older than {span_in_words(requirement.max_age)}", again
        )
    return None


def _unheard(requirement: CheckRequirement | CountRequirement, code: str, sentence: str, next_step: str) -> Finding:
    return Finding(code, requirement.id, Verdict.INCONCLUSIVE, sentence, next_step, cites=requirement.cites)


def _named(requirement: CheckRequirement | CountRequirement) -> str:
    where = "" if requirement.environment == EVERYWHERE else f" in {requirement.environment}"
    return f"'{requirement.check}'{where}"


def max_assurance(one: Assurance, other: Assurance) -> Assurance:
    """The stricter of two minima."""
    return one if one.reaches(other) else other


def _verdict_of(requirement: CheckRequirement | CountRequirement, book: EvidenceBook) -> Finding:
    series = book.series[requirement.check, requirement.environment]
    latest, silent, again = series.newest, "", "run it again"
    passed = latest.verdict is Verdict.PASS
    if latest.verdict not in ANSWERS and series.unanswered >= TRIES:
        silent = (
            f"; it gave no answer {series.unanswered} times and is asked again by itself only as the newest of a branch"
        )
        again = "run it again with `interlock evidence refresh`"
    return Finding(
        f"evidence.{latest.verdict}",
        requirement.id,
        latest.verdict,
        f"evidence {latest.number} of '{requirement.check}': {latest.summary}{silent}",
        "" if passed else f"see why with `interlock evidence show` (check '{requirement.check}'), mend it, {again}",
        cites=requirement.cites,
    )
