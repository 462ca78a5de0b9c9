# SPDX-License-Identifier: Apache-2.0
"""What speaks for it that an item of a list asks for something, beside what speaks for any passage."""

from collections.abc import Callable
from typing import Final

from interlock.packs.reading.fragments import (
    is_at_moment,
    is_done_then,
    is_manned,
    is_measured,
    is_of_thing,
    is_set,
    is_so_long,
)
from interlock.packs.reading.habits import PROCEDURAL, TOLD, is_needed
from interlock.packs.reading.lexicon import NEGATED
from interlock.packs.reading.manner import has_state, is_object
from interlock.packs.reading.nouns import is_command
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.tables import ASKS
from interlock.packs.reading.topics import Topic

_DEMANDS: Final = sought(
    r"\b(?:required|must|needs?|includes?|include|contains?|only|following|trigger\w*|roll ?-?back"
    r"|halt|abort|stop|pause|revert|if|when|on|steps?|sequence|then|before|after|check|ensure|verify"
    r"|confirm\w*|criteria|gates?|how to|sign-?off|used|for|until|once|allowed|conditions?|do|never"
    r"|not)\b"
)
_STRICT_LEADS: Final = (
    Topic.TRIGGER,
    Topic.PROHIBITED,
    Topic.AUTHORITY,
    Topic.EXCEPTION,
    Topic.HANDOFF,
    Topic.DEADLINE,
    Topic.ADVICE,
    Topic.AFTER_INCIDENT,
    Topic.TELLING,
)
_FRAGMENT: Final = 14
_MUST_HOLD: Final = sought(r"\b(?:must|shall|has to|have to)\b.*:$")
_BACK: Final = sought(r"\b(?:roll-?back|revert|restore)\b")
_HOURS: Final = sought(r"\b\d{1,2}[:.]\d\d ?(?:-|\u2013|—|to|and|until) ?\d{1,2}[:.]\d\d\b")


def worth_of_item(one: Saying) -> int:
    """How much speaks for it that this item asks for something."""
    return sum(worth for holds, worth in _TABLE if holds(one))


def is_brief(one: Saying) -> bool:
    """Whether it is no longer than what people write into a list."""
    return len(one.words.all) <= _FRAGMENT


def _is_demanded(one: Saying) -> bool:
    """An item of a list that is led in by a demand."""
    lead = one.passage.above[-1] if one.passage.above else None
    is_led = lead is not None and (lead.form is Form.LEAD or lead.has_parts)
    return is_led and bool(_DEMANDS.search(one.lead))


def _is_led(one: Saying) -> bool:
    lead = one.passage.above[-1] if one.passage.above else None
    return one.lead.endswith(":") or (lead is not None and lead.form is Form.LEAD)


_TABLE: Final[tuple[tuple[Callable[[Saying], bool], int], ...]] = (
    (is_needed, ASKS),
    (lambda one: is_set(one) or is_measured(one) or is_manned(one) or is_done_then(one) or is_so_long(one), 2),
    (is_of_thing, 1),
    (is_command, ASKS),
    (lambda one: one.topic in PROCEDURAL and _is_led(one), 1),
    (lambda one: bool(_MUST_HOLD.search(one.lead)), 1),
    (lambda one: bool(_HOURS.search(one.words.low)), 2),
    (lambda one: one.topic in _STRICT_LEADS, 3),
    (lambda one: one.words.first in NEGATED, 2),
    (_is_demanded, 2),
    (has_state, 2),
    (is_at_moment, 2),
    (lambda one: one.topic in TOLD, 1),
    (lambda one: one.topic in PROCEDURAL and is_brief(one), 1),
    (lambda one: bool(_BACK.search(one.words.low)), 1),
    (lambda one: one.passage.form is Form.NUMBER, 1),
    (lambda one: bool(one.check), 1),
    (lambda one: one.topic is Topic.TYPES, 1),
    (is_object, ASKS),
)
