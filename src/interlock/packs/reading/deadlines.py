# SPDX-License-Identifier: Apache-2.0
"""Times that a procedure names: how long, and how it counts: within, before, for, every, after.

A length of time has a least and a most (`30-60 min`); where one is written they are the same. A business day counts as
a day: which days those are is the calendar's. Months and years are about keeping things, and are
read apart.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from interlock.packs.reading.lengths import (
    CLOCK,
    IDIOMS,
    IN_IDIOMS,
    NUMBER,
    SPAN,
    UNIT,
    WORDS,
    clock_of,
    is_no_length,
    length,
)
from interlock.packs.reading.relations import THEN_BEFORE, Relation, relation
from interlock.packs.reading.seeking import sought


@dataclass(frozen=True, slots=True)
class Deadline:
    """A length of time in a passage, in its own words too."""

    relation: Relation
    least: timedelta
    most: timedelta
    words: str


_COUNTDOWN: Final = sought(
    rf"(?:(?<![\w-])t\s*|(?<![\w-])d(?:ay )?)(?P<sign>[-\u2010\u2011\u2013\u2212+]|minus "
    rf"|plus )\s*(?P<least>\d{{1,3}})(?!\d|\.\d)"
    rf"\s*{UNIT}?(?![\w%])(?! ?(?:months?|years?)\b)"
)
_KEPT: Final = sought(r"\b(?:retain\w*|kept for|archiv(?:ed|ing)|retention|valid for|expires?(?! after\b))\b")
_AGED: Final = sought(
    r"(?<!for the )\b(?:older|last|past|previous|younger|age|aged|fresh\w*|ago)\b"
    r"(?:(?!\b(?:within|for|after|before|in|every)\b)[\w\s]){0,12}$"
)
_COUNTED_FROM: Final = sought(r"\b(?:after|within)\s*$")
"""`Archived after 90 days`: when that is done, and not how long it is kept."""
_OR_LONGER: Final = re.compile(r"^\s*(?:or (?:longer|more)|at (?:the )?least)\b")
_RATE: Final = sought(
    rf"\b(?:\d+|once|twice|times|{'|'.join(word for word in WORDS if len(word) > len('an'))})"
    r"(?: (?!(?:within|in|for|after|every|each|before)\b)\w+)? $"
)
"""`Ten a day`, `two stores a week`: so many in a length of time, and no deadline."""
_OLD: Final = re.compile(r"^\s*(?:old|ago)\b")
_ONCE: Final = sought(
    r"\b(?:once|when|as soon as|until|after) (?:they|it|he|she|these|the [a-z-]+|[a-z-]+s)(?:['\u2019](?:re|s)"
    r"| (?:is|are"
    r"|have been|has been|was|were))(?: at least| more than| over)?\s*$"
)
"""`Snapshots are pruned once they are 35 days old`."""
_BETWEEN: Final = sought(rf"\bbetween ({NUMBER}) and $")
"""`Between 2 and 4 hours`."""
_LONGEST: Final = 60
_LONGEST_BEFORE: Final = 90


_ROUTINE: Final = (
    r"(?:[a-z-]+ ){0,3}?(?:triage|stand-?ups?|meetings?|check-?ins?|syncs?|calls?|reports?|query|digest"
    r"|summar(?:y|ies)|status updates?|reminders?)"
)
"""What is done again and again where it is called daily: a build or a review may only be named so."""
_PHRASES: Final = (
    (
        re.compile(
            r"\b(?:by|within|until|before|(?:no|not) later than|at the latest|latest) (?:on )?(?:the )?(?:end of "
            r"|close of )?(?:the )?(?:same |next |following )?"
            r"(?:working |business )?day\b(?! of)"
            r"|\b(?:by|(?:no|not) later than|latest) (?:the )?(?:next|following) morning\b"
            r"|\bon the (?:next|following) (?:working |business )?day at the latest\b"
            r"|\b(?:by )?eod\b|^(?:within )?(?:the )?same (?:day|evening|night)$"
            r"|\b(?:by|until|before) (?:the )?(?:close|end) of (?:business|play|(?:the |that |their |your )?(?:\w+ )?"
            r"(?:shift|day))\b"
            r"|^(?!.*\b(?:no|not|never|two|both)\b).*\bthe (?:very )?same (?:working |business )?day\b(?! as\b)"
        ),
        Relation.WITHIN,
        timedelta(days=1),
    ),
    (re.compile(r"\bthe (?:day|evening|night|eve) before\b|\bon the eve of\b"), Relation.BEFORE, timedelta(days=1)),
    (re.compile(r"\bwithin the (?:first |next |same )?hour\b"), Relation.WITHIN, timedelta(hours=1)),
    (re.compile(r"\b(?:for|during|over) the (?:first|next) hour\b"), Relation.FOR, timedelta(hours=1)),
    (re.compile(r"\b(?:for|during|over) the (?:first|next) (?:day|night)\b"), Relation.FOR, timedelta(days=1)),
    (re.compile(r"\b(?:for|during|over) the (?:first|next) week\b"), Relation.FOR, timedelta(days=7)),
    (re.compile(r"\bby the end of the week\b"), Relation.WITHIN, timedelta(days=7)),
    (re.compile(r"\b(?:for|over) (?:a|one|the|the next) weekend\b"), Relation.FOR, timedelta(days=2)),
    (re.compile(r"\bevery other hour\b"), Relation.EVERY, timedelta(hours=2)),
    (re.compile(r"\bevery other (?:working |business )?day\b"), Relation.EVERY, timedelta(days=2)),
    (re.compile(r"\bevery other week\b|\b(?:bi-?weekly|fortnightly)\b"), Relation.EVERY, timedelta(days=14)),
    (
        re.compile(
            r"\b(?:every|each|(?<!than )(?<!most )once (?:an|per)) hour\b"
            r"|\bhourly(?:\.?$|[;,)]| (?:during|for|until|till|throughout|or)\b| (?:\w+ )?updates?\b)"
            rf"|\bhourly {_ROUTINE}\b"
        ),
        Relation.EVERY,
        timedelta(hours=1),
    ),
    (
        re.compile(
            r"\b(?:every|each|once a) (?:(?:business |working |week)?day|morning|evening|night)\b"
            r"|\b(?:sends?|posts?|writes?|holds?|gives?|publish(?:es)?|mails?|keeps?|makes?|files?|reports?)"
            r" (?:\w+ )?(?:an? |the |their |his |her |our )?daily\b"
            r"|\bon (?:an? )?daily basis\b"
            r"|\bdaily(?:\.?$|[;,)]| (?:to|during|for|until|till|throughout|in|from|between)\b)"
            rf"|\bdaily {_ROUTINE}\b"
        ),
        Relation.EVERY,
        timedelta(days=1),
    ),
    (
        re.compile(
            r"\b(?:every|each|(?<!than )(?<!most )once (?:a|per)) week\b"
            r"|\b(?:every|each) (?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
            r"|\b(?:sends?|posts?|writes?|holds?|gives?|publish(?:es)?|mails?|makes?|files?) (?:an? "
            r"|the |their |our )?weekly\b"
            r"|\bon (?:an? )?weekly basis\b"
            rf"|\bweekly {_ROUTINE}\b"
            r"|\bweekly(?:ish)?(?:\.?$|[;,)]| (?:to|in|from|between|during|for|until|till|throughout)\b)"
        ),
        Relation.EVERY,
        timedelta(days=7),
    ),
    (
        re.compile(
            r"\b(?:every|each|once (?:a|per)) year\b|\bon (?:an? )?(?:annual|yearly) basis\b|\b(?:annually|yearly)\b"
        ),
        Relation.EVERY,
        timedelta(days=365),
    ),
    (re.compile(r"\bthe week before\b"), Relation.BEFORE, timedelta(days=7)),
)


def deadlines(text: str) -> tuple[Deadline, ...]:
    """The lengths of time in a text that something is to be done in, before, for or after."""
    low = text.lower()
    if " " not in low and not any(map(str.isdigit, low)):
        return ()
    is_idiom = any(word in low for word in IN_IDIOMS)
    idioms = [(match, span) for pattern, span in IDIOMS for match in pattern.finditer(low)] if is_idiom else []
    idioms += [(match, clock_of(match)) for match in CLOCK.finditer(low)]
    plain = [match for match in SPAN.finditer(low) if not any(_meet(match, idiom) for idiom, _ in idioms)]
    found = [one for match in plain if (one := _counted(low, match)) is not None]
    found.extend(one for match, span in idioms if (one := _told(low, match, (span, span))) is not None)
    found.extend(_countdown(match) for match in _COUNTDOWN.finditer(low))
    if _HINT.search(low) and all(one.relation is Relation.FOR for one in found):
        found.extend(one for one in _phrased(low) if not found or one.relation is Relation.EVERY)
    return tuple(one for one in found if one.most)


_HINT: Final = sought(r"dai|fortnight|day|hour| before|\beve|night|week|each |business|play|shift|morning|annual|year")
"""What a time that is named and not counted has in it."""


def _meet(one: re.Match[str], other: re.Match[str]) -> bool:
    return one.start() < other.end() and other.start() < one.end()


def _phrased(low: str) -> Iterator[Deadline]:
    """Days that are named and not counted: `by the end of the next working day`."""
    for pattern, how, span in _PHRASES:
        match = pattern.search(low)
        if match:
            yield Deadline(how, span, span, match[0])


def _counted(low: str, match: re.Match[str]) -> Deadline | None:
    before, after = _beside(low, match)
    if (match["least"] in ("a", "an") and _RATE.search(before) and not THEN_BEFORE.match(after)) or is_no_length(match):
        return None
    between = _BETWEEN.search(before)
    least = length(between[1] if between else match["least"], match["unit"])
    most = length(match["most"] or match["least"], match["unit"])
    return _told(low, match, (min(least, most), max(least, most)))


def _beside(low: str, match: re.Match[str]) -> tuple[str, str]:
    return low[max(0, match.start() - _LONGEST_BEFORE) : match.start()], low[match.end() : match.end() + _LONGEST]


def _told(low: str, match: re.Match[str], length: tuple[timedelta, timedelta]) -> Deadline | None:
    """A length of time as a deadline; None: it is a measure of something else."""
    before, after = _beside(low, match)
    if _OLD.match(after) and (_ONCE.search(before) or before.endswith("after ")):
        return Deadline(Relation.AFTER, *length, match[0])
    if (
        (_AGED.search(before) and not _OR_LONGER.match(after))
        or (_KEPT.search(low[max(0, match.start() - 25) : match.end() + 12]) and not _COUNTED_FROM.search(before))
        or _OLD.match(after)
    ):
        return None
    how = relation(before, after, is_first=low[: match.start()].rstrip(" ~(>≥")[-1:] in ("", ":")) or _set_off(
        before, after
    )
    return Deadline(how, *length, match[0]) if how else None


def _set_off(before: str, after: str) -> Relation | None:
    """`Canary on one cell, 40 minutes, no exceptions`, `Staging: 2 hours`: what stands alone lasts."""
    is_alone = _COMMA.search(before) is not None and _NOTHING.match(after) is not None
    return Relation.FOR if is_alone else None


_COMMA: Final = sought(r"[a-z%)] ?[,;:] *$")
_NOTHING: Final = re.compile(r"^\s*(?:$|[,;.)])")


def _countdown(match: re.Match[str]) -> Deadline:
    span = length(match["least"], match["unit"] or "days")
    relation = Relation.AFTER if match["sign"].strip() in ("+", "plus") else Relation.BEFORE
    return Deadline(relation, span, span, match[0])
