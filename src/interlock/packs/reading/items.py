# SPDX-License-Identifier: Apache-2.0
"""What speaks for it that an item of a list asks for something, beside what speaks for any passage."""

from collections.abc import Callable
from typing import Final

from interlock.packs.reading.habits import TOLD, is_needed
from interlock.packs.reading.manner import has_state
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.tables import ASKS

_DEMANDS: Final = sought(
    r"\b(?:required|must|needs?|includes?|include|contains?|only|following|trigger\w*|roll ?-?back"
    r"|halt|abort|stop|pause|revert|if|when|on|steps?|sequence|then|before|after|check|ensure|verify"
    r"|confirm\w*|criteria|gates?|how to|sign-?off|used|for|until|once|allowed|conditions?|do|never"
    r"|not)\b"
)


def worth_of_item(one: Saying) -> int:
    """How much speaks for it that this item asks for something."""
    return sum(worth for holds, worth in _TABLE if holds(one))


def _is_demanded(one: Saying) -> bool:
    """An item of a list that is led in by a demand."""
    lead = one.passage.above[-1] if one.passage.above else None
    is_led = lead is not None and (lead.form is Form.LEAD or lead.has_parts)
    return is_led and bool(_DEMANDS.search(one.lead))


_TABLE: Final[tuple[tuple[Callable[[Saying], bool], int], ...]] = (
    (lambda one: one.topic in TOLD, 2),
    (is_needed, ASKS),
    (_is_demanded, 2),
    (has_state, 2),
    (lambda one: one.passage.form is Form.NUMBER, 1),
    (lambda one: bool(one.check), 1),
)
