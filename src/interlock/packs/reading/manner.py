# SPDX-License-Identifier: Apache-2.0
"""The manner in which a passage says it: as a command, as how something is, or as the object of a command above it."""

import re
from typing import Final

from interlock.packs.reading.lexicon import CHECKING, DOING, STATES, TELLING, THIRD_PERSON, WRITING, cut
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought

_FREE_OF: Final = sought(
    r"\bwithout \w*(?:errors?|differences|findings|warnings|issues|failures|regressions?|violations)\b"
    r"|\bnothing\b"
)
_PARTICIPLE: Final = sought(r"\b\w{3,}(?:ed|en)\b|\b\w+ing\b$")
NOTES: Final = re.compile(r"^note (?:down|the|how|when|what|who|any)\b")
SIGNED_THINGS: Final = re.compile(
    r"\b(?:images?|binar\w+|artifacts?|packages?|tarballs?|builds?|commits?|tags?|installers?|archives?|firmware"
    r"|releases|checksums?) (?:(?:is|are|gets?) signed\b|(?:carry|carries|have|has|with) (?:\w+ ){0,2}signatures?\b)"
    r"|\bsign-?off (?:checklists?|templates?|meetings?|issues?|process(?:es)?|pages?|sheets?)\b"
    r"|\bsignature (?:files?|headers?|keys?)\b|\b\w+-signature\b"
)
"""What is signed with a key, and not by somebody."""
THAT_DAY: Final = re.compile(
    r"^on (?:mon|tues|wednes|thurs|fri|satur|sun)day(?: (?:morning|noon|afternoon|evening|night))?"
    r" (?:the|all|two|we|our) \w"
)
"""`On Monday morning the offices check`: when something is done, and no rule about days."""
_COMMANDS: Final = DOING | CHECKING | WRITING | TELLING


def has_state(one: Saying) -> bool:
    """Whether it says how something is, as the items of a checklist do."""
    return (
        one.words.has(STATES)
        or "up to date" in one.words.low
        or one.words.has(THIRD_PERSON)
        or bool(_PARTICIPLE.search(one.words.low))
        or bool(_FREE_OF.search(one.words.low))
        or any(c in one.words.low for c in "<>≥≤=%")
    )


def begins_as_told(one: Saying) -> bool:
    """Whether its main clause tells somebody to do something."""
    return bool(one.main.opener or one.words.opener)


_ADVISES: Final = sought(
    r"\b(?:it helps to|(?:may|might) (?:well |also )?want to|try to (?!log\b|open\b|reach\b)|(?:if"
    r"|where) possible\b|if there is time"
    r"|if you have (?:the )?time|(?:is|be|are|it['\u2019]s) (?:well )?worth (?:a|\w+ing)\b)"
)
_BINDS: Final = frozenset("must shall never only".split())


def is_advising(one: Saying) -> bool:
    """`You may want to warm the cache`."""
    return bool(_ADVISES.search(one.words.low)) and not one.words.has(_BINDS)


def is_object(one: Saying) -> bool:
    """The list below a command says what it is done to: `Update these files:`, and then their names."""
    lead = one.passage.above[-1] if one.passage.above else None
    is_led = (
        lead is not None
        and lead.has_parts
        and (lead.text.rstrip("*").endswith(":") or one.passage.form is lead.form is Form.NUMBER)
    )
    return is_led and one.is_listed() and not one.main.opener and cut(one.lead).opener in _COMMANDS
