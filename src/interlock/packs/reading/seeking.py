# SPDX-License-Identifier: Apache-2.0
"""Patterns that are asked of every line: tried only where a text holds something that they cannot do without.

A search tries a long list of alternatives at every letter; most lines hold none of the words that one would need. These
words are read off the pattern, so there is one truth; what a pattern finds is the same.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

_COMMON: Final = frozenset(
    "the a an and or of to in on for with by from at as is are be it not after before when release deploy test".split()
)
"""What nearly every line of a procedure holds."""
_DIGITS: Final = frozenset("0123456789")
_ANYTHING: Final = frozenset("wWsSD")
_NOWHERE: Final = frozenset("bBAZ")
_HEX: Final = 4
_OPENS: Final = re.compile(r"\((?:\?(?:P<\w+>|[:=!]|<[=!]|i:))?")
_TIMES: Final = re.compile(r"(?:(?P<none>[*?]|\{0?(?:,\d*)?\})|(?P<more>\+|\{\d+(?:,\d*)?\}))[?+]?")
_NEEDLESS: Final = frozenset(("(?=", "(?!", "(?<=", "(?<!", "(?i:"))
"""Groups that hold nothing that a text has to have in these letters."""

Words = frozenset[str]


Searching = Callable[[str], re.Match[str] | None]
Finding = Callable[[str], Iterable[re.Match[str]]]


@dataclass(frozen=True, slots=True)
class Sought:
    """A pattern, and the words of which a text holds one where it is found; none: any text may.

    `search` and `finditer` are as the pattern's own.
    """

    pattern: re.Pattern[str]
    words: tuple[str, ...]
    search: Searching = field(compare=False)
    finditer: Finding = field(compare=False)


MOST_SAID: Final = 1_000
"""Characters of a sentence in which somebody is looked for: each clause is looked at for all that could begin it."""


def sought(source: str) -> Sought:
    """This pattern, to be searched for in many texts; of the groups that look at more than words it knows a few."""
    needed = _Source(source).alternatives()
    words = sorted(needed or (), key=lambda word: (len(word), word))
    fewest = tuple(word for place, word in enumerate(words) if not any(other in word for other in words[:place]))
    pattern = re.compile(source)
    if not fewest:
        return Sought(pattern, (), pattern.search, pattern.finditer)

    def search(text: str, find: Searching = pattern.search) -> re.Match[str] | None:
        for word in fewest:
            if word in text:
                return find(text)
        return None

    def finditer(text: str, find: Finding = pattern.finditer) -> Iterable[re.Match[str]]:
        for word in fewest:
            if word in text:
                return find(text)
        return ()

    return Sought(pattern, fewest, search, finditer)


def _rarity(words: Words) -> tuple[int, int]:
    """How seldom a text holds one of these: by the commonest of them, a long word being rarer than a short one."""
    return min(0 if word.strip() in _COMMON else len(word) for word in words), -len(words)


@dataclass(slots=True)
class _Source:
    """A pattern being read, from the left."""

    text: str
    at: int = 0

    def alternatives(self) -> Words | None:
        """The words of which it holds one, whichever alternative is found; None: one alternative needs none."""
        found = [self._branch()]
        while self.text[self.at : self.at + 1] == "|":
            self.at += 1
            found.append(self._branch())
        return None if None in found else frozenset(word for one in found for word in one or ())

    def _branch(self) -> Words | None:
        needed: list[Words] = []
        letters = ""
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            one = self._atom()
            is_needed, is_once = self._times()
            is_letter = isinstance(one, str)
            if is_letter and is_needed:
                letters += str(one)
            if letters and not (is_letter and is_needed and is_once):
                needed.append(frozenset((letters,)))
                letters = ""
            if not is_letter and one and is_needed:
                needed.append(frozenset(one))
        if letters:
            needed.append(frozenset((letters,)))
        return max(needed, key=_rarity, default=None)

    def _times(self) -> tuple[bool, bool]:
        """Whether the last atom has to be there, and whether it is there one time only."""
        found = _TIMES.match(self.text, self.at)
        if not found:
            return True, True
        self.at = found.end()
        return found["none"] is None, False

    def _atom(self) -> str | Words | None:
        """One letter; or of what it holds one; or None: it may be anything."""
        first = self.text[self.at]
        if first == "(":
            return self._group()
        if first == "[":
            return self._class()
        self.at += 1
        if first == "\\":
            return self._escaped()
        return None if first in ".^$" else first

    def _escaped(self) -> str | Words | None:
        letter = self.text[self.at]
        self.at += 1
        if letter == "u":
            self.at += _HEX
            return chr(int(self.text[self.at - _HEX : self.at], 16))
        if letter == "d":
            return _DIGITS
        return None if letter in _ANYTHING | _NOWHERE else letter

    def _group(self) -> Words | None:
        opens = _OPENS.match(self.text, self.at)
        begin = opens[0] if opens else "("
        self.at += len(begin)
        if self.text[self.at] == "?":
            raise ValueError(self.text[self.at :])
        found = self.alternatives()
        self.at += 1
        return None if begin in _NEEDLESS else found

    def _class(self) -> Words | None:
        end = self.text.index("]", self.at + 2)
        inside = self.text[self.at + 1 : end]
        self.at = end + 1
        return None if inside[0] == "^" or "\\" in inside or "-" in inside[1:-1] else frozenset(inside)
