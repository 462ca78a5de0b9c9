# SPDX-License-Identifier: Apache-2.0
"""Acts that are named and not told: `Verification of the checksum`, `Announcement in the calendar`.

The noun is traced to its verb by its ending, so what is known of verbs is known of it too.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final

from interlock.packs.coverage import Kind
from interlock.packs.reading.lexicon import (
    ATTESTING,
    CHECKING,
    DECIDING,
    DOING,
    MODAL,
    OPENERS,
    TELLING,
    THIRD_PERSON,
    WRITING,
)
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.topics import QUIET

_HEAD: Final = re.compile(
    r"^(?P<before>(?:[a-z-]+ ){0,2}?)(?P<act>[a-z-]{5,}) (?:of|by|in|for|to|with|from|at|on|after|before"
    r"|following|against"
    r"|through|via|between|into|under|during|within|prior)\b"
)
_ENDINGS: Final = (
    ("ification", ("ify",)),
    ("tention", ("tain",)),
    ("ation", ("", "e", "ate")),
    ("ition", ("", "e")),
    ("ion", ("", "e")),
    ("ment", ("",)),
    ("ance", ("", "e")),
    ("arison", ("are",)),
    ("al", ("", "e")),
    ("ure", ("e",)),
    ("ysis", ("yse",)),
    ("ing", ("", "e")),
    ("ery", ("er",)),
    ("down", ("",)),
    ("over", ("",)),
    ("up", ("",)),
    ("out", ("",)),
    ("", ("",)),
)
_NO_ACTS: Final = frozenset(
    "production documentation configuration application implementation building version".split()
)
"""What is named like an act and is a thing."""
_PLAIN: Final = frozenset("restart release review handover rehearsal upgrade shutdown restore update transfer".split())
_FINITE: Final = sought(
    r"\b(?:is|are|was|were|has|have|be|been|does|do|did|will|would|should|could|may|can|if|when|unless)\b"
)
_KINDS: Final = (
    (TELLING, Kind.NOTIFY),
    (DECIDING, Kind.APPROVAL),
    (ATTESTING, Kind.SIGNOFF),
    (WRITING, Kind.RECORD),
    (CHECKING, Kind.GATE),
)
_LOOKING: Final = frozenset("review inspect audit assess release".split())
ACTS: Final = (Kind.APPROVAL, Kind.SIGNOFF, Kind.GATE, Kind.RECORD, Kind.NOTIFY, Kind.STEP)
"""What can be asked for by naming what was or is to be done."""
_KEEPING: Final = frozenset("retain store keep".split())
_SHORT: Final = 18


@lru_cache(maxsize=2048)
def verb_behind(noun: str) -> str:
    """The verb that a noun is made of: `announcement` is of `announce`; empty: of none that is known."""
    if noun in _NO_ACTS:
        return ""
    return next((verb for verb in _verbs_behind(noun) if verb in OPENERS), "")


def _verbs_behind(noun: str) -> Iterator[str]:
    for ending, others in _ENDINGS:
        stem = noun.removesuffix(ending)
        if ending and stem == noun:
            continue
        if ending or noun in _PLAIN:
            yield from (f"{stem}{other}" for other in others)


def act_named(one: Saying) -> str:
    """The verb of what an item or a short label names and does not tell; empty: it is told, or nothing is named."""
    text = one.words.low
    is_item = one.passage.form in (Form.ITEM, Form.NUMBER, Form.BOX, Form.ROW)
    if one.topic in QUIET or len(one.words.all) > _SHORT or not (is_item or one.label):
        return ""
    found = _HEAD.match(text)
    is_told = one.words.opener and not (one.own and found and found["act"] in _PLAIN and " by " in text)
    if not found or is_told or _FINITE.search(text) or one.words.has(MODAL) or _tells(one.words.all):
        return ""
    is_command = bool(one.main.opener) and found["act"].endswith("ing")
    return "" if is_command else verb_behind(found["act"])


def _tells(words: tuple[str, ...]) -> bool:
    """Whether one of these words is what something does: a plural after an article or a preposition is not."""
    return any(word in THIRD_PERSON and before not in _BEFORE_NOUNS for before, word in pairwise(words))


_BEFORE_NOUNS: Final = frozenset("of the a an all in on for to with and or by from at its their our your each".split())


def names_act(one: Saying, *, kind: Kind) -> bool:
    """Whether it names an act that asks for this."""
    verb = act_named(one)
    is_row = one.passage.form is Form.ROW and verb not in _LOOKING
    return bool(verb) and _kind_of(verb, by=() if is_row else one.own) is kind


def _kind_of(verb: str, *, by: tuple[str, ...]) -> Kind:
    """What is asked for by naming an act; whoever is named beside it answers for what is looked at or released."""
    if by and verb in CHECKING:
        return Kind.SIGNOFF
    if by and verb == "release":
        return Kind.APPROVAL
    if verb in _KEEPING:
        return Kind.RECORD
    return next((kind for verbs, kind in _KINDS if verb in verbs), Kind.STEP if verb in DOING else Kind.GATE)
