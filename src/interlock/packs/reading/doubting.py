# SPDX-License-Identifier: Apache-2.0
"""What might ask for something though no word of it binds: it is shown to a person, and never lost."""

from typing import Final

from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought

_HINTS: Final = sought(
    r"\b(?:is|are) expected to\b|\b(?:isn['\u2019]t|is not|aren['\u2019]t|are not) (?:ok|okay|fine|acceptable)\b"
    r"|\b(?:closed|frozen) (?:from|until|till|after|before)\b|\b(?:firing|serious|punishable) offence\b"
    r"|[\w%)] ?(?:\u2192|\u21d2|=>|->) ?[a-z]|^(?:\w+ )?signatures?\b|\d ?%?: (?:roll|go|stop|halt|pause|abort|revert) "
)
_YES: Final = frozenset("\u2713 \u2714 \u2705 x yes y required mandatory must \u25cf \u2022".split())
_NO: Final = frozenset("\u2717 \u2718 \u274c - \u2013 \u2014 no n none optional n/a".split())
_LEAST: Final = 2
"""So many cells with a mark make a row of a matrix: `Backout plan | yes | no`."""


def seems_to_ask(one: Saying) -> bool:
    """Whether a person should see it: an arrow, a place to sign, a row of marks, what is expected of somebody."""
    if one.passage.form is Form.ROW:
        cells = [cell.strip().lower() for _, cell in one.passage.cells[1:]]
        return sum(cell in _YES or cell in _NO for cell in cells) >= _LEAST and any(cell in _YES for cell in cells)
    return bool(_HINTS.search(one.passage.text.lower()))
