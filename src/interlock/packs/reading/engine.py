# SPDX-License-Identifier: Apache-2.0
"""Rules of written procedures that the engine enforces in every pack, and the codes it refuses with."""

import re
from typing import Final

from interlock.packs.reading.reading import Asked

_TABLE: Final = (
    (
        (
            r"\b(?:authors?|who wrote|own changes?|same person|they wrote)\b.*\b(?:not|never|nobody)\b.*approv"
            r"|\b(?:not|never|nobody)\b.*approv\w*.*\b(?:own|they wrote|author)"
        ),
        ("approval.author",),
    ),
    (
        (
            r"\b(?:change|release|deployment|production|holiday|company|ongoing|active|during an?"
            r"|during the) (?:change )?freezes?\b"
            r"|\bmoratorium\b|\bblackout\b|\bfreeze (?:all )?(?:deployments|releases|changes)\b"
            r"|\bclosed for (?:all )?(?:changes|releases|deployments)\b"
            r"|\b(?:no|never|not|nothing|don't)\b.*\b(?:january|february|march|april|june|july|august|september"
            r"|october"
            r"|november|december|christmas|easter|holidays?|year-?end|month-?end|quarter-?end|weeks? (?:of|before))\b"
            r"|^(?:[\w -]+ \| )?\d{1,2}\.? (?:january|february|march|april|may|june|july|august|september|october"
            r"|november|december) \| \d|\| (?:\w+ )*\d{1,2} (?:january|december)\b"
        ),
        ("freeze.active",),
    ),
    (r"\bsame (?:artifact|artefact|image|build|package|binary)\b|\bnot rebuilt\b", ("order.not_reached",)),
    (r"\bretroactive", ("review.overdue",)),
)
_PATTERNS: Final = tuple((re.compile(pattern), codes) for pattern, codes in _TABLE)


def codes_for(asked: Asked) -> tuple[str, ...]:
    """With which codes the engine refuses what breaks this; none: it is no rule of the engine's."""
    low = asked.text.lower()
    return next((codes for pattern, codes in _PATTERNS if pattern.search(low)), ())
