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
    (r"\b(?:freeze|moratorium|blackout)\b", ("freeze.active",)),
    (r"\bsame (?:artifact|artefact|image|build|package|binary)\b|\bnot rebuilt\b", ("order.not_reached",)),
    (r"\bretroactive", ("review.overdue",)),
)
_PATTERNS: Final = tuple((re.compile(pattern), codes) for pattern, codes in _TABLE)


def codes_for(asked: Asked) -> tuple[str, ...]:
    """With which codes the engine refuses what breaks this; none: it is no rule of the engine's."""
    low = asked.text.lower()
    return next((codes for pattern, codes in _PATTERNS if pattern.search(low)), ())
