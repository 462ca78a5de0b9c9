# SPDX-License-Identifier: Apache-2.0
"""The words of a sentence, and the verbs among them that are not in the passive, by their form and by what follows.

Found by the little words that English has a fixed number of; whose verb it is, is asked elsewhere.
"""

import re
from dataclasses import dataclass
from typing import Final

from interlock.packs.reading.deeds import (
    ANSWERING,
    BASES,
    DONE,
    HUMAN,
    PLAIN_THIRDS,
    PROGRESSIVE,
    SAYS,
    SINGS,
    THIRDS,
    TRADE,
    WORKS,
)
from interlock.packs.reading.lexicon import PERFECT
from interlock.packs.reading.little import ADVERBS, AFTER_VERBS, ARTICLES, BEING, CLOSED, DUTY, HAVING, NUMBERS, OBJECTS
from interlock.packs.reading.things import is_thing

_TOKEN: Final = re.compile(r"[A-Za-z0-9\u00c0-\u024f](?:[\w'\u2019&/-]*\w)?|[^\w\s]")
SEES_TO: Final = ("see", "to")
"""`The shepherds see to it`: several people, and nothing else."""
_OF_ONE: Final = ("ss", "us", "sis")
"""What a word ends in that is one, though it ends like several: `basis`."""
_SHORT: Final = 4
"""So short a word that ends in `ed` is no past."""
_DEPARTMENT: Final = "IT"
"""In small letters it is another word."""


@dataclass(frozen=True, slots=True)
class Token:
    low: str
    begin: int
    end: int
    is_large: bool

    @property
    def is_word(self) -> bool:
        return self.low[0].isalnum()


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb that is not in the passive, and where it stands; `is_of_one`: its form is of a single subject."""

    word: str
    at: int
    is_of_one: bool


def words_of(text: str) -> "Predicates":
    """The words and signs of a text."""
    return Predicates(
        tuple(
            Token(_small(found[0]), found.start(), found.end(), found[0][0].isupper())
            for found in _TOKEN.finditer(text)
        )
    )


def _small(word: str) -> str:
    return word if word == _DEPARTMENT else word.lower().replace("\u2019", "'")


@dataclass(frozen=True, slots=True)
class Predicates:
    """Words, and at which of them a verb in the active voice stands."""

    tokens: tuple[Token, ...]

    def low(self, at: int) -> str:
        return self.tokens[at].low if 0 <= at < len(self.tokens) else "."

    def is_name(self, at: int) -> bool:
        """One word in capitals that no list knows: `Anna`."""
        return (
            self.tokens[at].is_large
            and self.low(at).isalpha()
            and self.low(at) not in WORKS
            and self.low(at - 1) not in ARTICLES
        )

    def is_plural(self, at: int) -> bool:
        word = self.low(at)
        return (word.endswith("s") and not word.endswith(_OF_ONE)) or word in ("people", "men", "women")

    def verb(self, at: int, *, is_plural: bool) -> Verb | None:
        at = self._after_adverbs(at + (is_plural and self.low(at) in ("each", "all")))
        word, after = self.low(at), self.low(at + 1)
        if word in ("does", "do") and after in OBJECTS:
            return Verb("do", at, word == "does")
        if word in DUTY or word in ("does", "do", "doesn't", "don't"):
            return self._infinitive(at + 1)
        if word in HAVING:
            return self._having(at + 1)
        if word in BEING:
            return self._being(at + 1)
        if word in ("needs", "need", "wants", "want") and after == "to":
            return self._infinitive(at + 2)
        is_of_one = self._is_third(at)
        is_told = is_of_one or (is_plural and self._is_plain(at)) or self._is_past(at)
        return Verb(word, at, is_of_one) if is_told else None

    def _is_before_object(self, at: int) -> bool:
        return self.low(at + 1) in OBJECTS

    def goes_on(self, at: int) -> bool:
        after = self.low(at + 1)
        return after in AFTER_VERBS or not after[0].isalpha()

    def _is_third(self, at: int) -> bool:
        """What one does: `accepts or`, `apologises to`."""
        word = self.low(at)
        if (self.low(at + 1), self.low(at + 2)) == SEES_TO:
            return False
        if self._is_before_object(at) or TRADE.fullmatch(self.low(at - 1)):
            return word in THIRDS or (bool(SINGS.match(word)) and not (is_thing(word) or TRADE.fullmatch(word)))
        return word in PLAIN_THIRDS

    def _is_plain(self, at: int) -> bool:
        """What several do: `sign`, and what nobody but people named just before can do here."""
        word = self.low(at)
        is_trade = bool(TRADE.fullmatch(self.low(at - 1)))
        if self._is_before_object(at):
            return word in BASES or (is_trade and word not in CLOSED)
        if (word, self.low(at + 1)) == SEES_TO:
            return True
        if not self.goes_on(at) or word in PERFECT or word == "read" or word in CLOSED:
            return False
        is_name = at > 0 and self.is_name(at - 1) and not self.is_plural(at - 1)
        is_of_many = word.isalpha() and (not word.endswith("s") or word.endswith(_OF_ONE))
        return (word in BASES and (is_trade or word in HUMAN)) or (is_name and is_of_many)

    def _is_past(self, at: int) -> bool:
        word = self.low(at)
        return word.endswith("ed") and len(word) > _SHORT and self.low(at + 1) in ARTICLES

    def _after_adverbs(self, at: int) -> int:
        while self.low(at) in ADVERBS or (self.low(at).endswith("ly") and self.low(at) not in BASES):
            at += 1
        return at

    def _infinitive(self, at: int) -> Verb | None:
        at = self._after_adverbs(at)
        word = self.low(at)
        if word in BEING:
            return self._being(at + 1)
        if word in HAVING:
            return self._having(at + 1)
        return Verb(word, at, is_of_one=False) if word[0].isalpha() and word not in CLOSED else None

    def _having(self, at: int) -> Verb | None:
        """`has recalculated`, `has to agree`, `has no objection`."""
        at = self._after_adverbs(at)
        word, after = self.low(at), self.low(at + 1)
        if word == "to":
            return self._infinitive(at + 1)
        if word == "been":
            return None
        is_given_time = (word[0].isdigit() or word in NUMBERS) and self.low(at + 2) == "to"
        if is_given_time or (word in ("no", "an", "a", "the", "any") and after in SAYS):
            return Verb("agree", at, is_of_one=False)
        is_done = word in DONE or word.endswith("ed")
        return Verb(DONE.get(word, word) if is_done else "have", at, is_of_one=False)

    def _being(self, at: int) -> Verb | None:
        """`is to sign`, `is responsible`: anything else that is, is a state or the passive."""
        at = self._after_adverbs(at)
        if self.low(at) in ANSWERING:
            return Verb(self.low(at), at, is_of_one=False)
        doing = PROGRESSIVE.get(self.low(at), "") if self.goes_on(at) else ""
        if doing:
            return Verb(doing, at, is_of_one=False)
        return self._infinitive(at + 1) if self.low(at) == "to" and self.low(at + 1) != "be" else None
