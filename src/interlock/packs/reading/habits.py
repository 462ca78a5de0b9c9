# SPDX-License-Identifier: Apache-2.0
"""Sentences that ask without a command: what is done each time, who may, by when, what follows from what.

Procedures are told as often as they are commanded.
"""

import re
from typing import Final

from interlock.packs.reading.lexicon import APPROVED, MODAL, OPENERS, SIGNED, THIRD_PERSON
from interlock.packs.reading.manner import begins_as_told
from interlock.packs.reading.passages import TOP, Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.topics import QUIET, Topic

PROCEDURAL: Final = frozenset(Topic) - QUIET - {Topic.ROLES, Topic.OTHER, Topic.SCOPE, Topic.TEMPLATE, Topic.ADVICE}
TOLD: Final = PROCEDURAL | {Topic.OTHER}
"""Where habits are told: everywhere but in what explains, introduces people or is filled in."""
STRICT: Final = frozenset("must shall never required mandatory exclusively".split())
_PAST: Final = sought(
    r"(?<!who )(?<!that )(?<!which )\b(?:was|were|had|used to|did|went wrong|happened)\b"
    r"|(?<!is )(?<!are )(?<!be )(?<!been )(?<!then )(?<!has )(?<!have )(?<!and )\b(?:looked|tried)\b"
)
_HAS_TO: Final = sought(
    r"\b(?:ha(?:s|ve)|had better|needs?|is|are) (?:got |not )?(?:to be\b)|\b(?:ha(?:s|ve)|had better"
    r"|needs?) (?:got )?to \w+|\bmay not\b"
)
_DATED: Final = sought(
    r"(?<![\d:])\d{1,2}:\d\d(?![\d:])|"
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\bweek(?:end|day)s?\b|\b(?:business|office|working) hours\b"
    r"|\bper (?:day|week)\b"
    r"|\bpublic holidays?\b|\bafter (?:noon|lunch)\b|\bovernight\b|\b\d{1,2}(?::\d\d)? ?(?:am|pm|utc|cet|o'clock)\b"
    r"|\b(?:the )?day before\b|\bnoon\b"
)
_FORBIDS: Final = re.compile(
    r"^(?:(?:we|you) )?(?:don't|do not|dont|never)\b"
    r"|^(?:[^.;:]{3,80}(?:, (?:but|and)|;) )?(?:nobody|no one|no-one|nothing) (?!is\b|was\b|has\b)[a-z]+s\b"
    r"|^(?:nobody|no one|no-one|nothing) [a-z]+s\b"
)
_BARRED: Final = sought(
    r"^(?:until|before|after|during|in|on|while)\b[^,.:]{0,40}\bno \w+ (?:is|are|may|can|goes|go|leaves?|gets?)\b|"
    r"^without\b.*\bno\b|\b(?:during|in|on|while|after)\b.*\bthere (?:is|are) no\b"
    r"|\bthere (?:is|are) no\b.*\b(?:during|on|while|without|in the)\b"
)
"""`During major events there are no updates`."""
_WE: Final = sought(
    r"^(?:(?:by|at|after|before|on|in|if|when)\b.{1,40} )?(?:you|we|they|everybody|everyone) (?:then |also "
    r"|always |only |should )*([a-z-]+)"
)
_THEY: Final = re.compile(
    r"^[a-z]{4,}s (?:then |also |always |jointly |both )?(?:sign|confirm|approve|check|review|test|report"
    r"|watch|get|stay|inform"
    r"|decide|announce|write|verify|agree)\b"
)
_STATES_FACT: Final = sought(r"^there (?:is|are)\b|\b(?:means|refers to|consists of|comes from|is called|are called)\b")
_FREE: Final = sought(
    r"\b(?:do(?:es)?n't|do(?:es)? not|needn't|nobody|no one) (?:have|has|needs?) to\b|\bno need to\b"
    r"|\bnot (?:required|needed)\b"
)
"""What nobody has to do."""
_LASTS: Final = re.compile(r"^(?:it|this|that|they|these) (?:\w+ )?(?:takes?|lasts?|is meant|is only|will take)\b")


_NEEDED: Final = re.compile(
    r"^what (?:do|does|must|should|has|is|are)\b.*\b(?:needs?|needed|required|ready|true|done|place"
    r"|have)\b"
)


def is_needed(one: Saying) -> bool:
    """What stands below `What do I need?`."""
    return one.is_listed() and bool(_NEEDED.match(one.title) or _NEEDED.match(one.lead))


def is_told_to(one: Saying) -> bool:
    """`has to be green`, `is to be announced`, `may not`."""
    return bool(_HAS_TO.search(one.words.low))


_ACTS: Final = OPENERS | {"own"}


def is_habit(one: Saying) -> bool:
    """A sentence that tells what is done, each time: procedures are as often told as commanded."""
    low = one.words.low
    if one.passage.form is not Form.SENTENCE or one.topic not in TOLD or low.endswith("?") or _STATES_FACT.search(low):
        return False
    we = _WE.search(one.main.low)
    return one.words.has(THIRD_PERSON) or bool(_THEY.match(one.main.low)) or bool(we and we[1] in _ACTS)


_STILL_TOLD: Final = MODAL | THIRD_PERSON | APPROVED | SIGNED


def is_past(one: Saying) -> bool:
    is_told = begins_as_told(one) or one.words.has(_STILL_TOLD)
    return bool(_PAST.search(one.words.low)) and not is_told


def is_dated(one: Saying) -> bool:
    """Days and hours in a procedure say when something may be done."""
    return one.topic not in QUIET and one.passage.form is not Form.LEAD and bool(_DATED.search(one.words.low))


def is_introduction(one: Saying) -> bool:
    """What stands between the document's title and its first section introduces it."""
    headings = one.passage.headings
    return (
        len(headings) == 1
        and headings[0].ahead < TOP
        and one.passage.form is Form.SENTENCE
        and not one.passage.above
        and one.passage.has_sections
        and not one.passage.in_body
        and not (one.words.has(MODAL) or begins_as_told(one) or is_dated(one))
    )


def is_forbidding(one: Saying) -> bool:
    """`We don't delete releases`, `During major events there are no updates`."""
    return bool(_FORBIDS.match(one.main.low)) or bool(_BARRED.search(one.words.low))


def is_free(one: Saying) -> bool:
    """What nobody has to do."""
    return bool(_FREE.search(one.words.low))


def is_duration(one: Saying) -> bool:
    """`It takes half an hour`: how long something takes asks for nothing."""
    return bool(_LASTS.match(one.words.low))
