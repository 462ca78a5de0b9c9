# SPDX-License-Identifier: Apache-2.0
"""Whether a passage sets a time by which something is done, or holds something for a time."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from interlock.packs.coverage import Kind
from interlock.packs.reading.deadlines import Deadline
from interlock.packs.reading.lexicon import (
    APPROVED,
    CHECKING,
    WATCHED,
)
from interlock.packs.reading.manner import begins_as_told
from interlock.packs.reading.passages import Form
from interlock.packs.reading.relations import Relation
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought

_NOBODY_YET: Final = sought(
    r"\b(?:nobody|no one|no decision|undecided|no response|not (?:yet )?(?:resolved|fixed|decided"
    r"|green|recovered|back|available|working|up|done|healthy|stable)|without (?:progress|answer"
    r"|response|decision|improvement)|still|(?<!no )unresolved|remains?)\b"
)
_DUE: Final = sought(r"\b(?:is|are|falls?) due\b|\bat the latest\b")
_AT_ONCE: Final = timedelta(minutes=2)
"""What is to happen sooner, no person is charged with."""
_SEES_TO_IT: Final = CHECKING | {"make", "ensure"}
_LEAVES: Final = re.compile(
    r"^(?:leave|let|keep|hold|stay|remain|wait|pause|sit)\b(?! (?:up|open|in mind)).*\b(?:over ?night|for (?:a|the"
    r"|at least|\d+)(?: \w+)? (?:min\w*|h|hours?|days?|weeks?|while|night)|until .*\b\d+"
    r"|until (?:one|two|an|the next|tomorrow))\b"
)
_NOT_BEFORE: Final = sought(r"\b(?:not|no|never) (?:earlier|sooner|before)\b|\bat the earliest\b")
_WANTS_TIME: Final = sought(
    r"\b(?:wants|needs) (?:at least )?(?:an?|one|two|three|\d+) (?:(?:whole|full) )?(?:hour|day|week)s?\b"
)


def is_timed(one: Saying) -> bool:
    if one.passage.form is Form.ROW:
        return (
            one.in_relation(Relation.WITHIN)
            and not begins_as_told(one)
            and not one.check
            and not one.words.has(APPROVED)
        )
    if one.times and _DUE.search(one.words.low):
        return True
    if one.main.opener == "wait":
        return False
    is_late = one.in_relation(Relation.AFTER) and bool(_NOBODY_YET.search(one.words.low))
    is_due = one.in_relation(Relation.WITHIN) and not _SO_LONG.search(one.words.low)
    return (is_due and not _is_threshold(one)) or is_late


def _is_threshold(one: Saying) -> bool:
    """A measure with a time in it: `recovers in under 30 s`."""
    before = one.words.low.partition(one.times[0].words)[0] if one.times else one.words.low
    if one.times and max(time.most for time in one.times) < _AT_ONCE and not one.own:
        return True
    is_measure = bool(
        re.search(
            r"\b(?:freshness|latency|start-?up|boot|p9\d|response times?|recovers?|took|takes|runs|mttr|rto|rpo"
            r"|downtime|duration|lag|delay)\b",
            before,
        )
    )
    return is_measure and (not begins_as_told(one) or one.main.opener in _SEES_TO_IT)


IS_KEPT: Final = sought(
    r"\b(?:keeps?|kept) (?:it|them|a copy|the copy|copies|one copy) for\b"
    r"|\b(?:preserved|supported|silences?|silenced|muted?s?) (?:[\w\"-]+ ){0,6}?for\b"
)
"""`Make a copy and keep it for a week`: nothing waits for that."""
_SO_LONG: Final = sought(r"\bfor (?:more|longer) than\b|\b(?:for|within) the (?:last|past|previous)\b")
"""How long something has been so, or may not be so: nothing waits for that."""


def further(one: Saying, first: Deadline | None, kind: Kind) -> Iterator[tuple[Kind, Deadline, str]]:
    """Each time that is set beside the first: `daily for ten days`, `within an hour, all others within a day`.

    With its kind, and the words that set it, which are told from what carries the first.
    """
    if first is None or one.passage.form is Form.ROW:
        return
    text = one.passage.text
    others = [time for time in one.times if time.least != first.least]
    if first.relation is Relation.EVERY and kind is not Kind.HOLD:
        yield from ((Kind.HOLD, time, text) for time in others[:1] if time.relation is Relation.FOR)
    if first.relation is Relation.FOR and kind is Kind.HOLD:
        yield from ((Kind.TIMER, time, text) for time in others[:1] if time.relation is Relation.EVERY)
    if first.relation is Relation.WITHIN:
        for time in others[:1]:
            clause = next((part for part in _CLAUSE.split(text)[1:] if time.words in part.lower()), "")
            if time.relation is Relation.WITHIN and clause and first.words not in clause.lower():
                yield Kind.TIMER, time, clause


_CLAUSE: Final = re.compile(r"[,;] (?:and |but )?")


_WAITS_IN_CASE: Final = re.compile(
    r"^(?:if|when|while|as long as)\b[^.:;]{3,80}, (?:(?:we|you|they|please) )?wait\b(?! for\b)"
)
"""`If another barge is in it, wait your turn`."""


def holds(one: Saying) -> bool:
    low = one.words.low
    if _WAITS_IN_CASE.match(low) and not one.times:
        return True
    if re.search(r"\bunder observation\b", low) or _WANTS_TIME.search(low) or _LEAVES.match(one.main.low) is not None:
        return True
    if (one.in_relation(Relation.AFTER) or one.in_relation(Relation.FOR)) and _NOT_BEFORE.search(low):
        return True
    if not one.in_relation(Relation.FOR) or _SO_LONG.search(low) or IS_KEPT.search(low):
        return False
    if one.passage.form is Form.ROW:
        return not one.check
    apart = re.search(r"\b(?:apart|between|before (?:the )?(?:next|promot|continu|proceed)|shadow)\b", one.words.low)
    if re.search(r"\blasts?\b", low):
        return True
    return one.words.has(WATCHED) or apart is not None or one.main.opener in ("run", "at", "give")
