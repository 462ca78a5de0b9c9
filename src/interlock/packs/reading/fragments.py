# SPDX-License-Identifier: Apache-2.0
"""What is asked for without a verb: `Vents to manual`, `No storm`, and below a question `Support, before you start`.

A crib sheet leaves out what goes without saying; its place, its preposition and the question above it say it still.
"""

import re
from functools import lru_cache
from typing import Final

from interlock.packs.coverage import Kind
from interlock.packs.reading.lexicon import DOING, MODAL, PERFECT, THIRD, THIRD_PERSON
from interlock.packs.reading.manner import begins_as_told
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.topics import QUIET, Topic
from interlock.packs.reading.verbs import has_role_first, verb_of

_SET: Final = sought(
    r"^(?!.*\bdefaults?\b)(?:[\w'/-]+ ){1,4}(?:(?:back )?(?:to|on|into)"
    r" (?:manual|automatic|auto|standby|maintenance|safe|idle|read-?only"
    r"|service|normal|local|remote|zero|hand|default|park\w*|(?:\w+ )?mode)|off|back on"
    r"|back in(?:to)? (?:the|its|their) [a-z ]{2,20})(?= ?(?:$|[.,;(]))"
)
"""`Belts to automatic`, `heater off`: a thing, and what it is set to."""
_MOMENT: Final = re.compile(r"^(?:t|d|day) ?[-+\u2013\u2212] ?\d{1,3}")
_STAGED: Final = sought(r"\d ?% ?(?:→|->|=>|,? then) ?\d[\d.,]* ?%")
_THEN: Final = sought(r"[,:] (?:and )?then (?:\w+ly )?(?P<done>[a-z]+)(?=$|[.,;(])")
_SO_LONG: Final = re.compile(
    r"^(?:\d+|[a-z-]+) (?:[a-z]+ )?(?:nights?|days?|hours?|weeks?|minutes?|shifts?),? (?:and )?then\b"
)
_MEASURED: Final = sought(
    r"\bwithin (?:\+/- ?)?\d[\d.,]* ?(?!s\b|h\b|d\b|m\b|min|sec|hour|hr|day|night|week|month|work|business"
    r"|calendar|of\b)[a-z%\u00b0]|\b(?:not|no) (?!later|fewer|sooner|earlier|longer|older|other|rather)"
    r"(?:[a-z]{3,}er|worse) than\b|\b(?:may|must|shall|should) not be (?:[a-z]+er|worse) (?:than|by)\b"
    r"|\bnot (?:deviate|differ|vary)\b.*\bmore than\b|\bdiffers? by (?:less|at most|no more|not more|under)\b"
    r"|\bor (?:better|cooler|warmer|higher|lower)\b"
)
"""`All within 0.5 degrees`, `start not slower than before`."""
_MANNED: Final = sought(
    r"\b(?:second|third|another|two|three) (?:persons?|people|pairs? of (?:eyes|hands))(?: \w+){0,2}$"
)
_WANTED: Final = re.compile(r"^(?:i|we) (?:want|expect|insist on|ask for) (?!to\b)")
_NONE: Final = re.compile(r"^no \w+")
_NOT_THEN: Final = re.compile(
    r"^(?:and |but )?not (?:even )?(?:in|on|at|during|before|after|while|with|without|for|from|by|until|between|over)\b"
)
_WHO_MAY: Final = re.compile(r"^who (?:can|may|is allowed to|gets to|is permitted to)\b")
_WHOM: Final = re.compile(
    r"^whom?\b.*\b(?:tell|inform|notify|warn|call)\b|^who (?:has|needs|wants|ought) to (?:know|hear|be told)\b"
    r"|^who (?:is|gets) (?:told|informed|notified)\b"
)
_WHEN_MAY: Final = re.compile(r"^(?:when|on which days?|at what time) (?:can|may|do|should|must|are|is)\b")
_WHAT: Final = re.compile(
    r"^what (?:do|must|should|has|have|is|are|needs?)\b.*\b(?:check|checked|verify|verified|test|tested|look at|true)\b"
)
_HOW_LONG: Final = re.compile(r"^how long\b.*\b(?:keep|kept|store|stored|retain|retained)\b")
_MAY_I: Final = re.compile(r"^(?:can|may|must|do|should|am|is|are) (?:i|we|you|it|there|a|the)\b")
_SETTLED: Final = frozenset((Topic.BEFORE, Topic.TESTING, Topic.TRIGGER, Topic.APPROVAL, Topic.PROHIBITED))
_DONE: Final = re.compile(
    r"^(?:(?!(?:is|are|was|were|has|have|be|not|no)\b)[\w'-]+ ){1,3}(?P<done>[a-z-]+)"
    r"(?=$|[.,;(]| (?:to|on|in|into|from|off|up|out|at)\b)"
)


def is_set(one: Saying) -> bool:
    """`Vents back to automatic`: what a thing is set to."""
    return bool(_SET.search(one.main.low)) and _is_fragment(one)


def is_at_moment(one: Saying) -> bool:
    """`T-2h: ovens 2 to 10`: what a countdown has at a moment is done then."""
    return one.is_listed() and bool(one.times) and bool(_MOMENT.match(one.words.low))


def is_staged(one: Saying) -> bool:
    """`5 % → 20 % → all`: how many get it, one after the other."""
    return bool(_STAGED.search(one.words.low)) and _is_fragment(one)


def is_done_then(one: Saying) -> bool:
    """`Old card: three months, then wiped`."""
    found = _THEN.search(one.words.low)
    is_done = found is not None and (found["done"] in PERFECT or found["done"].endswith("ed"))
    return is_done and _is_fragment(one)


def is_so_long(one: Saying) -> bool:
    """`Two nights, then the other houses`: how long it goes on before the next."""
    return one.is_listed() and bool(_SO_LONG.match(one.main.low))


def is_measured(one: Saying) -> bool:
    """`All sensors within 0.5 degrees`: how near something has to be to something else."""
    return one.is_listed() and bool(_MEASURED.search(one.words.low)) and not begins_as_told(one)


def is_manned(one: Saying) -> bool:
    """`Boiler room: second person`: how many have to be there."""
    return bool(_MANNED.search(one.words.low)) and _is_fragment(one)


def is_listed_to_tell(one: Saying) -> bool:
    """`The users' list`, below `Tell`: somebody, and no more."""
    is_item = one.passage.form in (Form.ITEM, Form.NUMBER)
    is_told = is_item and (bool(_WHOM.match(one.lead)) or (one.topic is Topic.TELLING and not one.passage.above))
    is_done = has_role_first(one) and verb_of(one) in THIRD
    return is_told and not (begins_as_told(one) or one.words.has(_FINITE) or is_done)


def is_free_of(one: Saying) -> bool:
    """`Weather: no storm`, among what has to be so before."""
    return one.topic in _SETTLED and bool(one.label) and one.is_listed() and bool(_NONE.match(one.main.low))


def is_wanted(one: Saying) -> bool:
    """`I want a page about it by Friday.`"""
    return bool(_WANTED.match(one.words.low))


def is_not_then(one: Saying) -> bool:
    """`Not in the week of a sale.`"""
    return one.passage.form is Form.SENTENCE and one.topic not in QUIET and bool(_NOT_THEN.match(one.words.low))


def is_done_in_turn(one: Saying) -> bool:
    """`Tag pushed, milestone closed`, in a list of what is done: what stands there as done is a step."""
    if one.topic not in (Topic.PRODUCTION, Topic.STEPS) or one.check not in _MADE:
        return False
    if not one.is_listed() or one.passage.form is Form.ROW or begins_as_told(one) or one.words.has(MODAL):
        return False
    found = _DONE.match(one.words.low)
    return found is not None and PERFECT.get(found["done"], "") in DOING


_MADE: Final = frozenset(("", "tag", "build", "version"))


def answered(one: Saying) -> Kind | None:
    """What is asked for by answering the question above it: `Support, before you start`; None: it answers none."""
    if one.passage.form is not Form.SENTENCE or not one.title:
        return None
    asked = _asked_by(one.title)
    if asked is None and one.title.endswith("?") and _MAY_I.match(one.title) and _ANSWERS.match(one.words.low):
        asked = Kind.RULE
    return asked if asked and not begins_as_told(one) and not one.words.low.endswith("?") else None


def answers(one: Saying, *, kind: Kind) -> bool:
    """Whether it answers a question after this."""
    return answered(one) is kind


@lru_cache(maxsize=1024)
def _asked_by(title: str) -> Kind | None:
    return next((kind for question, kind in _QUESTIONS if question.match(title)), None)


_QUESTIONS: Final = (
    (_WHOM, Kind.NOTIFY), (_WHAT, Kind.GATE), (_HOW_LONG, Kind.RECORD), (_WHO_MAY, Kind.RULE), (_WHEN_MAY, Kind.RULE),
)  # fmt: skip
_ANSWERS: Final = re.compile(r"^(?:yes|no|never|always|only|not)\b")
_FINITE: Final = MODAL | THIRD_PERSON


def _is_fragment(one: Saying) -> bool:
    is_item = one.is_listed() and one.passage.form is not Form.ROW
    return is_item and not begins_as_told(one) and not one.words.has(_FINITE)
