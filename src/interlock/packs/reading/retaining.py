# SPDX-License-Identifier: Apache-2.0
"""How long something is kept on file: `Test evidence is retained for ten years`.

It is no time that anything waits for or is due in, so no kind is told by it. A year counts 365 days, a month 30.
"""

from typing import Final

from interlock.packs.reading.deadlines import Deadline, deadlines
from interlock.packs.reading.relations import Relation
from interlock.packs.reading.seeking import sought

_DAYS: Final = {"d": 1, "w": 7, "m": 30, "y": 365}
_KEPT: Final = sought(
    r"\b(?:kept|retain(?:ed)?|archived?|stored?|preserved?|on file|held|keep|retention(?: period)?)\b[^.;]{0,60}? ?"
    r"(?:\bfor|\bis|:)(?: (?:at least|a minimum of|no less than|not less than|a period of|another))* "
    r"(?P<count>\d{1,4}|[a-z]+(?:-[a-z]+)?)(?: \(\d{1,4}\))?"
    r" (?:(?:full|calendar|whole) )?(?P<unit>days|weeks?|months?|years?)\b"
)


def retained(low: str) -> Deadline | None:
    """The time that a text says something is kept; None: it says none."""
    for match in _KEPT.finditer(low):
        for counted in deadlines(f"for {match['count']} days")[:1]:
            span = counted.least * _DAYS[match["unit"][0]]
            return Deadline(Relation.FOR, span, span, f"{match['count']} {match['unit']}")
    return None
