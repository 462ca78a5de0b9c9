# SPDX-License-Identifier: Apache-2.0
"""Initials that a document gives its roles: `the release manager (RM)`, and from then on `the RM`."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from interlock.packs.reading.passages import Passage
from interlock.packs.reading.roles import people_in
from interlock.packs.reading.seeking import sought

_GIVEN: Final = sought(r"((?:[A-Za-z][\w-]*[ /]+){1,6})\(([A-Z]{2,5})s?\)")
_LITTLE: Final = frozenset(("of", "and", "the", "for", "on", "in"))

Initials = dict[str, str]


def initials_of(found: Iterable[Passage]) -> Initials:
    """The names of roles by the initials that the document gives them."""
    known: Initials = {}
    texts = (text for one in found for text in (one.text, *(cell for _, cell in one.cells)))
    for text in (text for text in texts if "(" in text):
        for match in _GIVEN.finditer(text):
            name = _named(match[1].split(), match[2].lower())
            if name and any(end == len(name) for _, end in people_in(name)):
                known.setdefault(match[2], name)
    return known


def _named(words: list[str], letters: str) -> str:
    """The last of these words that begin with these letters; little words between them count for nothing."""
    for first in range(len(words) - 1, -1, -1):
        telling = [part for word in words[first:] if word not in _LITTLE for part in re.split("[-/]", word) if part]
        if "".join(part[0].lower() for part in telling) == letters:
            return " ".join(words[first:])
    return ""


def spelled_out(passage: Passage, known: Initials) -> Passage:
    """The passage with the names in place of their initials."""
    above = tuple(spelled_out(one, known) for one in passage.above) if known else passage.above
    texts = (passage.text, *(cell for _, cell in passage.cells))
    if above == passage.above and not any(letters in text for text in texts for letters in known):
        return passage
    return replace(
        passage,
        text=_spelled(passage.text, known),
        cells=tuple((column, _spelled(cell, known)) for column, cell in passage.cells),
        above=above,
    )


def _spelled(text: str, known: Initials) -> str:
    for letters, name in known.items():
        if letters in text:
            text = re.sub(rf"\s*\({letters}s?\)", "", text)
            text = re.sub(rf"(?<![\w-]){letters}(s?)(?![\w-])", rf"{name}\1", text)
    return text
