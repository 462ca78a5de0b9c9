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
from enum import StrEnum
from typing import Final

from interlock.packs.reading.seeking import sought


class Relation(StrEnum):
    """How a length of time counts."""

    WITHIN = "within"
    BEFORE = "before"
    FOR = "for"
    EVERY = "every"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A length of time in a passage, in its own words too."""

    relation: Relation
    least: timedelta
    most: timedelta
    words: str


_ONES: Final = tuple("one two three four five six seven eight nine".split())
_TEENS: Final = tuple("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split())
_TENS: Final = tuple("twenty thirty forty fifty sixty seventy eighty ninety".split())
_WORDS: Final = {
    "a": 1, "an": 1, "another": 1, "a hundred": 100, "one hundred": 100,
    **{word: count for count, word in enumerate((*_ONES, *_TEENS), start=1)},
    **{word: 10 * count for count, word in enumerate(_TENS, start=2)},
    **{
        f"{ten}-{one}": 10 * tens + count
        for tens, ten in enumerate(_TENS, start=2)
        for count, one in enumerate(_ONES, start=1)
    },
}  # fmt: skip
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DAYS: Final = ("night", "evening")
_NUMBER: Final = rf"(?:\d{{1,4}}(?:[.,]\d)?|half an?|half|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
_UNIT: Final = (
    r"(?P<unit>seconds?|secs?|s|minutes?|mins?|min|m|(?:business |working |office )?hours?|hrs?|hr|h"
    r"|(?:full |business |working |calendar |week)?days?|d|nights?|evenings?|(?:full |business |working "
    r"|calendar )?weeks?|wks?|w)"
)
_MANNER: Final = (
    r"(?:\s+\(\d{1,3}\))?(?:\s+(?:full|more|consecutive|clear|entire|whole|quiet|calm|uneventful))?(?:(?<!an)(?<! a)"
    r"\s+(?!half\b|quarter\b|per\b|times\b|of\b|in\b|an?\b|the\b|each\b|every\b|and\b|or\b|to\b|for\b|at\b"
    r"|on\b|by\b|with\b)[a-z]{4,}"
    r"(?=\s(?:seconds?|minutes?|hours?|days?|nights?|evenings?|weeks?)\b))?"
)
"""What may stand between a number and its unit: `three (3)`, `two quiet days`, `two full trading weeks`."""
_SPAN: Final = sought(
    rf"(?<![\w.#$/-])(?P<least>{_NUMBER})(?:\s*(?:-|\u2013|—|to"
    rf"|or)\s*(?P<most>{_NUMBER}))?{_MANNER}[\s-]?{_UNIT}(?![\w%])",
)
_IDIOMS: Final = (
    (re.compile(r"\b(?:an? (?:good |full )?hour and a half|one and a half hours|1h30)\b"), timedelta(minutes=90)),
    (re.compile(r"\b(?:a day and a half|one and a half days)\b"), timedelta(hours=36)),
    (re.compile(r"\bthree quarters of an hour\b"), timedelta(minutes=45)),
    (re.compile(r"\b(?:a )?quarter of an hour\b"), timedelta(minutes=15)),
    (re.compile(r"\b(?:a )?good half hour\b"), timedelta(minutes=30)),
    (re.compile(r"\ba couple of hours\b"), timedelta(hours=2)),
    (re.compile(r"\ba couple of days\b"), timedelta(days=2)),
    (re.compile(r"\ba fortnight\b"), timedelta(days=14)),
)
"""Lengths of time that are not a number and a unit."""
_IN_IDIOMS: Final = ("half", "quarter", "couple", "fortnight", "1h30")
_COUNTDOWN: Final = sought(
    rf"(?:(?<![\w-])t\s*|(?<![\w-])d(?:ay )?)(?P<sign>[-\u2013\u2212+]|minus |plus )\s*(?P<least>\d{{1,3}})(?!\d|\.\d)"
    rf"\s*{_UNIT}?(?![\w%])"
)
_WITHIN: Final = sought(
    r"(?:within(?: the (?:next|first))?|in under|in less than|(?:no|not) (?:later|longer|more) than"
    r"|at most|at the latest|latest|max(?:imum|\.)?(?: of)?:?|up to|under"
    r"|(?<!no )(?<!not )less than|(?<!no )(?<!not )fewer than|<|<=|≤"
    r"|deadline:?|sla:?|timeboxed? (?:to|of)|in at most|by the end of|respond in|inside"
    r"|\b(?:due|follows?|back|answer\w*|respond\w*|reacts?|fixed|resolved|recovered|solved|confirmed|acknowledged"
    r"|decided?)(?: \w+)? in(?: the next| about)?"
    r"|\b(?:gets?|receives?|told|informed|notified|hears?|knows?)(?: [a-z-]+){0,4}? in)\s*(?:of )?$"
)
_FOR: Final = sought(
    r"(?:\bfor(?: at least| the(?: (?:next|first|following|coming))?| a (?:minimum|period) of| another| about| around"
    r"| approximately| up to)?|(?:waits?|waiting|pauses?|holds?)(?: at least| for| about| around| roughly"
    r"| some)*|soaks?(?: for)?|bakes?(?: for)?"
    r"|at least|minimum(?: of)?|min\.?|hold(?: for)?|sleep|≥|>=|no[t]? (?:less|fewer) than|observ\w+ (?:of|for)"
    r"|\ballow(?:s|ing)?|gives? (?:it|them|(?:the |our |all )?\w+)|during the (?:next|first)|over the (?:next|first)"
    r"|(?<!within the )(?<!after the )\bfirst"
    r"|\b(?:lasts?|continues?)(?: for)?|mindestens)\s*:?\s*$"
)
_VALID_FOR: Final = sought(r"\bfor (?:at most|a maximum of|max\.?|no more than)\s*$")
_WAITS: Final = sought(r"\b(?:waits?|waiting|pauses?|soaks?|bakes?)(?: at least| for| another)*\s*$")
_LASTS: Final = sought(
    r"\b(?:takes?|lasts?|persists?|open|pending|unanswered|unresolved|unexplained|down|silent|stuck|unreachable"
    r"|missing|late|delayed|out)(?: for)? (?:more|longer) than\s*$|^(?:if|when|whenever|should|where"
    r"|once)\b.{0,60}\bfor "
    r"(?:more|longer) than\s*$"
)
"""`If the review takes more than two days`: after so long something else holds."""
_EVERY: Final = sought(r"\b(?:every|each|once (?:every|per))\s*$")
_SURELY_FOR: Final = sought(r"\bfor(?: at least| a minimum of| another)?\s*$")
_THEN_CLAUSE: Final = re.compile(
    r"^\s*before (?:it|they|we|you|this|that|any\w+|the \w+ (?:is|are|may|can|goes)|\w+ing)\b"
)
"""`It rests for ten days before it goes out`: the wait is long, and not early."""
_AFTER_SILENCE: Final = re.compile(r"^\s*of (?:silence|quiet|nothing|no \w+)\b")
"""`After 30 minutes of silence`: what is done then."""
_AFTER: Final = sought(r"\b(?:after|following|once)\s*(?:the |at least |another )?$")
_THEN_BEFORE: Final = re.compile(
    r"^['\u2019]?\s*(?:\w+\s+){0,2}?(?:before|prior\b|ahead of|in advance|earlier|ahead|beforehand"
    r"|(?:of )?(?:notice|warning))\b|^\s*out(?=[,:])"
)
_NOTICE: Final = sought(
    r"\b(?:notice|heads?-?up|lead time|warning)(?: period)?(?: (?:for|to) (?:the )?[\w-]+)?(?: of|:"
    r"| is)\s*(?:at least )?$"
)
"""`Notice to customers: three days`."""
_IS_UNDER: Final = sought(
    r"\b(?:stays?|remains?|is|are|be|keeps?|was|lies|takes?|lasts?) (?:well |always |still )?(?:under|below|less than"
    r"|fewer than|<|≤)\s*$"
)
"""`Lag stays under 10 seconds`: how long something is, and not by when."""
_THEN_AFTER: Final = re.compile(r"^\s*(?:after|following|of|from|since|later)\b")
_THEN_FOR: Final = re.compile(
    r"^\s*(?:at (?:least|(?:the |a )?minimum)|or (?:longer|more)"
    r"|apart|between|bake|soak|observation|monitoring|watch|cool|minimum\b|long\b"
    r"|(?:(?:shall|must|should|have to|has to) )?(?:pass(?:es)?|elapses?)\b|have passed|wait|hold|window of"
    r"|(?:\w+ing |\w+ion )?(?:period|phase)\b)"
)
_UNDISTURBED: Final = re.compile(r"^\s*without (?:an? |any )?(?!approval|answer|response|progress)")
_OF_SOMETHING: Final = re.compile(
    r"^\s*of (?!(?:the|an?|each|its|any|this|that|your|our|receipt|approval|merg\w+|publication)\b)[a-z]{4,}"
)
"""`Two hours of quiet`: a length of something lasts; one of *the* something counts from it."""
_SHARE: Final = sought(r"%[^,;]{0,20}[,:\u2013-]\s*$")
"""`10 % of the stores, one hour`."""
_STAYS: Final = sought(
    r"\blooks? $|\b(?:stays?|staying|remains?|remaining|watch(?:es|ing)?|monitor(?:s|ing)?|observ(?:e|es|ing)"
    r"|stand ?by|hypercare|linger"
    r"|reachable|available|online|soak|bake)\b[^.;,:]{0,30}$|\b(?:waits?|pauses?|holds?)\b[^.;,:()]{0,30}\("
    r"(?:(?:some|about|around|roughly|approx\.?|ca\.?) |~ ?)?$"
)
"""`Stay reachable 2h`: how long somebody stays needs no `for`."""
_RESIZED: Final = sought(
    r"\b(?:halt|hold|wait|pause|soak|bake|watch|observation|quarantine)\b[^.;,]{0,20}\b(?:shrinks?|grows?|shortened"
    r"|cut|reduced|extended|prolonged|set) to\s*$"
)
"""`The halt shrinks to three hours`."""
_IN_PLACE: Final = re.compile(r"^\s*(?:on|in|at|with|under) (?!advance|total|average)")
"""`14 days on the bench`: what begins with a length of time and goes on with a place lasts that long."""
_AND_THEN: Final = re.compile(r"^,? (?:and )?then\b")
"""`Two nights, then the other houses`."""
_NOUN_ALONE: Final = re.compile(r"^ [a-z]+[.!]?$")
"""`20 minutes silence`: nothing else is said than what there is for so long."""
_GIVEN: Final = sought(
    r"\b(?:has|have|had|got|given|'ve|allowed|leaves? (?:us|you|them)|there (?:is|are))(?: time)?"
    r"\s*(?:only |at most )?$"
)
_IN: Final = sought(
    rf"^(?!.*(?:\d|\b(?:than|errors?|twice|times|{'|'.join(word for word in _WORDS if len(word) > len('an'))})\b))"
    r".*[a-z]{2,} in$"
)
_AT_END: Final = re.compile(r"^\s*(?:$|[.,;:)]|and\b|at (?:the )?(?:most|latest)\b)")
"""`We meet in five days`: what ends with it counts from now."""
_LASTING: Final = sought(
    r"\b(?:stays?|remains?|runs?|rests?|sits?|lies|up|out|open|available|public|frozen|closed|alone)\b[^.;:,]{0,30}"
    r" for(?: at least| another)?\s*$"
)
_NO_ANSWER: Final = re.compile(r"^\s*without (?:an? |any )?(?:answer|response|reaction|reply|progress|sign)\b")
_BREAKS: Final = sought(
    r"\b(?:pause|break|wait|rest|interval|gap|halt|(?:freeze|soak|observation|watch|quarantine|cool-?down|lockdown|burn-in)"
    r"(?: period| phase| time| window)?) of\s*(?:at least )?$"
)
_BROKEN: Final = re.compile(r"^[\s-]*(?:pause|break|wait|rest|halt|gap|soak|observation|freeze|quarantine)\b")
_THEN_WITHIN: Final = re.compile(
    r"^\s*(?:to (?:decide|answer|respond|react|object|fix|reply|comment|veto|act|acknowledge)\b|for \w+ing\b|sla"
    r"|deadline|limit|max|or less|response|timebox|at (?:the )?(?:most|latest|outside))"
)
_KEPT: Final = sought(r"\b(?:retain|kept for|archiv|retention|valid for|expires?(?! after\b))\b")
_AGED: Final = sought(r"\b(?:older|last|past|previous|younger|age|aged|fresh\w*|ago)\b[\w\s]{0,12}$")
_OR_LONGER: Final = re.compile(r"^\s*(?:or (?:longer|more)|at (?:the )?least)\b")
_RATE: Final = sought(
    rf"\b(?:\d+|once|twice|times|{'|'.join(word for word in _WORDS if len(word) > len('an'))})"
    r"(?: (?!(?:within|in|for|after|every|each|before)\b)\w+)? $"
)
"""`Ten a day`, `two stores a week`: so many in a length of time, and no deadline."""
_OLD: Final = re.compile(r"^\s*(?:old|ago)\b")
_LONGEST: Final = 60
_STATUS_DIGITS: Final = 3


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
    (
        re.compile(
            r"\b(?:every|each|(?<!than )(?<!most )once (?:an|per)) hour\b"
            r"|\bhourly(?:\.?$| (?:during|for|until|till|throughout)\b)"
        ),
        Relation.EVERY,
        timedelta(hours=1),
    ),
    (
        re.compile(
            r"\b(?:every|each|once a) (?:day|morning|evening|night)\b"
            r"|\bdaily(?:\.?$| (?:during|for|until|till|throughout)\b)"
        ),
        Relation.EVERY,
        timedelta(days=1),
    ),
    (
        re.compile(r"\b(?:every|each) week\b|\bweekly(?:\.?$| (?:during|for|until|till|throughout)\b)"),
        Relation.EVERY,
        timedelta(days=7),
    ),
    (re.compile(r"\bthe week before\b"), Relation.BEFORE, timedelta(days=7)),
)


def deadlines(text: str) -> tuple[Deadline, ...]:
    """The lengths of time in a text that something is to be done in, before, for or after."""
    low = text.lower()
    if " " not in low and not any(map(str.isdigit, low)):
        return ()
    is_idiom = any(word in low for word in _IN_IDIOMS)
    idioms = [(match, span) for pattern, span in _IDIOMS for match in pattern.finditer(low)] if is_idiom else []
    plain = [match for match in _SPAN.finditer(low) if not any(_meet(match, idiom) for idiom, _ in idioms)]
    found = [one for match in plain if (one := _counted(low, match)) is not None]
    found.extend(one for match, span in idioms if (one := _told(low, match, (span, span))) is not None)
    found.extend(_countdown(match) for match in _COUNTDOWN.finditer(low))
    if not found and _HINT.search(low):
        found.extend(_phrased(low))
    return tuple(one for one in found if one.most)


_HINT: Final = sought(r"dai|day|hour| before|\beve|night|week|each |business|play|shift|morning")
"""What a time that is named and not counted has in it."""


def _meet(one: re.Match[str], other: re.Match[str]) -> bool:
    return one.start() < other.end() and other.start() < one.end()


def _phrased(low: str) -> Iterator[Deadline]:
    """Days that are named and not counted: `by the end of the next working day`."""
    for pattern, relation, span in _PHRASES:
        match = pattern.search(low)
        if match:
            yield Deadline(relation, span, span, match[0])


def _counted(low: str, match: re.Match[str]) -> Deadline | None:
    before, after = _beside(low, match)
    if (match["least"] in ("a", "an") and _RATE.search(before) and not _THEN_BEFORE.match(after)) or _is_no_length(
        match
    ):
        return None
    least = _length(match["least"], match["unit"])
    most = _length(match["most"], match["unit"]) if match["most"] else least
    return _told(low, match, (min(least, most), max(least, most)))


def _beside(low: str, match: re.Match[str]) -> tuple[str, str]:
    return low[max(0, match.start() - 40) : match.start()], low[match.end() : match.end() + _LONGEST]


def _told(low: str, match: re.Match[str], length: tuple[timedelta, timedelta]) -> Deadline | None:
    """A length of time as a deadline; None: it is a measure of something else."""
    before, after = _beside(low, match)
    if (
        (_AGED.search(before) and not _OR_LONGER.match(after))
        or _KEPT.search(low[max(0, match.start() - 25) : match.end() + 12])
        or _OLD.match(after)
    ):
        return None
    relation = _relation(before, after, is_first=low[: match.start()].rstrip(" ~(>≥")[-1:] in ("", ":")) or _set_off(
        before, after
    )
    return Deadline(relation, *length, match[0]) if relation else None


def _set_off(before: str, after: str) -> Relation | None:
    """`Canary on one cell, 40 minutes, no exceptions`, `Staging: 2 hours`: what stands alone lasts."""
    is_alone = _COMMA.search(before) is not None and _NOTHING.match(after) is not None
    return Relation.FOR if is_alone else None


_APART: Final = sought(r"\bintervals of\s*$")
_THEN_EACH: Final = re.compile(r"^[\s-]*(?:intervals?|rhythm|cadence)\b")
_COMMA: Final = sought(r"[a-z%)] ?[,;:] *$")
_NOTHING: Final = re.compile(r"^\s*(?:$|[,;.)])")


def _is_no_length(match: re.Match[str]) -> bool:
    """`a weekday` is a day, `an s` a letter, `404s` a status, `a second` the next."""
    if match[0].endswith("s") and match["least"].isdigit() and len(match["least"]) > _STATUS_DIGITS - 1:
        return match[0][-2].isdigit()
    return match["least"].isalpha() and (
        match["unit"] in ("second", "sec") or match["unit"] in "smhdw" or match["unit"].startswith("weekd")
    )


def _relation(before: str, after: str, *, is_first: bool) -> Relation | None:
    """How it counts, by what stands beside it; None: it is a measure of something else."""
    table = (
        (_VALID_FOR.search(before) or _WAITS.search(before) or _BREAKS.search(before), Relation.FOR),
        (_BROKEN.match(after), Relation.FOR),
        (is_first and _NO_ANSWER.match(after), Relation.AFTER),
        (_EVERY.search(before) or (_APART.search(before) or _THEN_EACH.match(after)), Relation.EVERY),
        (_NOTICE.search(before), Relation.BEFORE),
        (_SURELY_FOR.search(before) and (_THEN_CLAUSE.match(after) or _LASTING.search(before)), Relation.FOR),
        (_IS_UNDER.search(before), None),
        (_THEN_BEFORE.match(after), Relation.BEFORE),
        (_LASTS.search(before), Relation.AFTER),
        (_WITHIN.search(before), Relation.WITHIN),
        (_AFTER.search(before) and _AFTER_SILENCE.match(after), Relation.AFTER),
        (_THEN_FOR.match(after) or _OF_SOMETHING.match(after), Relation.FOR),
        (_FOR.search(before), Relation.FOR),
        (_THEN_WITHIN.match(after), Relation.WITHIN),
        (_AFTER.search(before), Relation.AFTER),
        (_THEN_AFTER.match(after), Relation.AFTER),
        (_GIVEN.search(before) or (_IN.search(before.rstrip()) and _AT_END.match(after)), Relation.WITHIN),
        (
            _SHARE.search(before) or _RESIZED.search(before) or _STAYS.search(before) or _UNDISTURBED.match(after),
            Relation.FOR,
        ),
        (is_first and (_IN_PLACE.match(after) or _AND_THEN.match(after) or _NOUN_ALONE.match(after)), Relation.FOR),
    )
    return next((relation for holds, relation in table if holds), None)


def _countdown(match: re.Match[str]) -> Deadline:
    span = _length(match["least"], match["unit"] or "days")
    relation = Relation.AFTER if match["sign"].strip() in ("+", "plus") else Relation.BEFORE
    return Deadline(relation, span, span, match[0])


def _length(number: str, unit: str) -> timedelta:
    count = 0.5 if number.startswith("half") else _WORDS.get(number) or float(number.replace(",", "."))
    letter = (
        "d"
        if unit.startswith(_DAYS) or "day" in unit
        else "w"
        if "week" in unit
        else "h"
        if "hour" in unit
        else unit[0]
    )
    return timedelta(seconds=round(count * _UNITS[letter]))


def in_short(span: timedelta) -> str:
    """A length of time as a pack writes it: `30m`, `24h`, `7d`."""
    seconds = int(span.total_seconds())
    for letter in "dhm":
        if seconds % _UNITS[letter] == 0:
            return f"{seconds // _UNITS[letter]}{letter}"
    return f"{seconds}s"
