# SPDX-License-Identifier: Apache-2.0
"""Numbers and names for what was read: a statement's id, an element's name; the same for the same text."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from interlock.packs.reading.reading import Asked, Reading

_WORD: Final = re.compile(r"[a-z0-9]+")
_DULL: Final = frozenset(
    "the a an of to in on for and or is are be been has have with by at as it its that this all any "
    "each every must shall should "
    "will not from into if when than then there their our your we only least more".split()
)
_NAME_WORDS: Final = 4
_LONGEST: Final = 56


@dataclass(frozen=True, slots=True)
class Numbered:
    """What was asked, with its number and the document it stands in."""

    id: str
    source: str
    asked: Asked

    @property
    def at(self) -> str:
        """Where it stands, for people: `RELEASE.md:22`."""
        return f"{self.source}:{self.asked.line}"


def numbered(readings: Iterable[Reading]) -> tuple[Numbered, ...]:
    """Everything that was asked, numbered document by document."""
    return tuple(_numbered(tuple(readings)))


def _numbered(readings: tuple[Reading, ...]) -> Iterator[Numbered]:
    taken: list[str] = []
    for reading in readings:
        prefix = _prefix(reading.name, taken)
        taken.append(prefix)
        for number, one in enumerate(reading.asked, start=1):
            yield Numbered(f"{prefix}-{number:02}", reading.name, one)


def _prefix(name: str, taken: list[str]) -> str:
    stem = name.replace("\\", "/").rpartition("/")[2].partition(".")[0]
    words = _WORD.findall(stem.lower())
    letters = "".join(word[0] for word in words) if len(words) > 1 else "".join(words)[:2]
    found = letters[:4].upper() or "R"
    return found if found not in taken else f"{found}{len(taken) + 1}"


_FORBIDS: Final = re.compile(
    r"\b(?:no|not|never|nobody|nothing|none|only|cannot|without|forbid\w*|prohibit\w*)\b|n['\u2019]t\b"
)


def stated(asked: Asked) -> str:
    """What somebody signs who attests it: below `Never` the document says only what is not done."""
    text = asked.text.rstrip(".")
    if not asked.prohibits or _FORBIDS.search(text.lower()):
        return text
    title = asked.section[-1].rstrip(":") if asked.section else ""
    return f"{title if _FORBIDS.search(title.lower()) else 'Never'}: {text}"


def name_of(text: str, taken: set[str], otherwise: str) -> str:
    """A name for an element made of the first telling words of its text; it is added to those that are taken."""
    words = [word for word in _WORD.findall(text.lower().replace("'", "")) if word not in _DULL]
    base = "-".join(words[:_NAME_WORDS])[:_LONGEST].strip("-") or otherwise
    found, number = base, 2
    while found in taken:
        found, number = f"{base}-{number}", number + 1
    taken.add(found)
    return found
