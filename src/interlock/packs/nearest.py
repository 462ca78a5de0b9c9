# SPDX-License-Identifier: Apache-2.0
"""The allowed word that somebody probably meant. A guess is only ever shown, never acted on."""

from collections.abc import Iterable
from typing import Final

_LONGEST: Final = 64
_LISTED: Final = 24


def nearest(word: str, allowed: Iterable[str]) -> str:
    """The allowed word closest to `word`, or the empty string when none comes near."""
    import difflib

    if len(word) > _LONGEST:
        return ""
    spelled = {candidate.lower().replace("_", "-"): candidate for candidate in allowed}
    close = difflib.get_close_matches(word.lower().replace("_", "-"), spelled, n=1, cutoff=0.6)
    return spelled[close[0]] if close else ""


def advice(word: str, allowed: Iterable[str]) -> str:
    """What to do about an unknown word: the nearest one, and the list of those allowed."""
    words = sorted(allowed)
    if not words:
        return "nothing may stand here; remove it"
    listed = ", ".join(words[:_LISTED]) + (f" and {len(words) - _LISTED} more" if len(words) > _LISTED else "")
    close = nearest(word, words)
    return f"did you mean '{close}'? allowed: {listed}" if close else f"use one of: {listed}"
