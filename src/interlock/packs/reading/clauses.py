# SPDX-License-Identifier: Apache-2.0
"""Who does something in a sentence, by its grammar: a subject, and behind it a verb that is not in the passive.

A subject is found by the little words that English has a fixed number of (articles, prepositions, auxiliaries,
conjunctions) and by the form of the verb; what it is called does not matter. Whether somebody or something does it is
told by the verb (people alone agree, read, refuse), by how the noun is made, or by how often it is said.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import Final

from interlock.packs.reading.deeds import (
    ACT,
    ANSWERING,
    ASSENT,
    BASES,
    COMMON,
    DEEDS,
    DONE,
    HUMAN,
    IDIOMS,
    MACHINERY,
    PERSONAL,
    PLAIN_THIRDS,
    PROGRESSIVE,
    RECEIVING,
    SAYS,
    SINGS,
    THIRDS,
    TRADE,
    VERBS,
    WORKS,
    is_anybody,
    is_work,
)
from interlock.packs.reading.lexicon import (
    OPENERS,
    PERFECT,
)
from interlock.packs.reading.little import (
    ADVERBS,
    AFTER_VERBS,
    ARTICLES,
    BEING,
    CLOSED,
    COUNTS,
    DETERMINERS,
    DUTY,
    HAVING,
    JOINING,
    LINKS,
    NUMBERS,
    OBJECTS,
    PREPOSITIONS,
    SURE_OBJECTS,
    UNASKED,
)
from interlock.packs.reading.things import is_act, is_thing

SURE: Final = 2
"""Whoever does what only people do is somebody; of anything else it takes two signs."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9\u00c0-\u024f](?:[\w'\u2019&/-]*\w)?|[^\w\s]")
_PLACES: Final = frozenset("for of in from at on outside inside on under".split())
_HEADS_OF: Final = frozenset("head chief director board master chair council committee captain officer keeper".split())
"""What a name begins with that goes on: `board of trustees`."""
_LONGEST: Final = 4
_FAR: Final = 6
_ASIDES: Final = LINKS | PREPOSITIONS | {"not"}
_OPENING: Final = PREPOSITIONS | LINKS
"""What a sentence begins with before its subject comes."""
_NAME: Final = re.compile(r"(?:[^\W\d_a-z][^\W\d_A-Z]{2,}|[A-Z]{2,5})$")
"""Written like the name of a person or of a post, and not like one of a program: `Ewa`, `MCC`, not `ArgoCD`."""
_LEADING: Final = PREPOSITIONS | DETERMINERS | BEING | HAVING | DUTY
"""What a name behind it belongs to, and is no subject."""


@dataclass(frozen=True, slots=True)
class Doer:
    """Where the name of a subject stands in a text, and how much speaks for somebody.

    `is_asked`: the text asks it of them, and speaks of them in no condition and as no recipient.
    """

    begin: int
    end: int
    worth: int
    is_asked: bool


@dataclass(frozen=True, slots=True)
class _Token:
    low: str
    begin: int
    end: int
    is_large: bool

    @property
    def is_word(self) -> bool:
        return self.low[0].isalnum()


@dataclass(frozen=True, slots=True)
class _Verb:
    """A verb that is not in the passive, and where it stands; `is_of_one`: its form is of a single subject."""

    word: str
    at: int
    is_of_one: bool


@lru_cache(maxsize=4096)
def doers(text: str) -> tuple[Doer, ...]:
    """Every subject of a verb in the active voice, in the order of the text."""
    tokens = tuple(
        _Token(_small(found[0]), found.start(), found.end(), found[0][0].isupper()) for found in _TOKEN.finditer(text)
    )
    return tuple(_Sentence(text, tokens).doers())


def _small(word: str) -> str:
    return word if word == _DEPARTMENT else word.lower().replace("\u2019", "'")


_DEPARTMENT: Final = "IT"
"""In small letters it is another word."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    tokens: tuple[_Token, ...]

    def doers(self) -> Iterator[Doer]:
        at = 0
        while at < len(self.tokens):
            names, verb = self._clause(at) if self._may_begin(at) else ([], None)
            if verb and not (verb.is_of_one and names and self._is_of_several(names[-1][0] - 1)):
                are_names = len(names) > 1 and all(self._is_name(first) for first, _ in names)
                is_asked = self._low(at - 1) not in UNASKED and verb.word not in RECEIVING
                is_either = self._low(names[-1][0] - 1) == "or"
                for first, last in names[-1:] if verb.is_of_one and not is_either else names:
                    name = self.tokens[first:last]
                    worth = SURE if are_names else self._worth(first, last, verb)
                    yield Doer(name[0].begin, name[-1].end, worth, is_asked)
                at = verb.at
            at += 1

    def _low(self, at: int) -> str:
        return self.tokens[at].low if 0 <= at < len(self.tokens) else "."

    def _may_begin(self, at: int) -> bool:
        """Whether a clause may begin here: first of all, behind a sign or a link, or with an article in the midst."""
        before, here = self._low(at - 1), self._low(at)
        if not self.tokens[at].is_word or (here in CLOSED and here not in ARTICLES):
            return False
        if all(self._is_hour(place) for place in range(at)):
            return True
        if not before[0].isalnum() or before in LINKS or before in ADVERBS:
            return before not in ("-", "/", "'")
        if before in _LEADING or self._is_object(at):
            return False
        return here in ARTICLES or (self.tokens[at].is_large and self._low(0) in _OPENING)

    def _is_hour(self, at: int) -> bool:
        """What a line of a timetable begins with."""
        return (
            not self.tokens[at].is_word
            or self._low(at)[0].isdigit()
            or self._low(at) in ("t", "am", "pm", "utc", "cet", "h")
        )

    def _is_object(self, at: int) -> bool:
        """Whether the word before takes what stands here: it does not behind an article, or where a condition ends."""
        before = self._low(at - 1)
        ahead = self._low(at - 2)
        is_noun = ahead in DETERMINERS or ahead in BEING or (ahead in PREPOSITIONS and ahead != "to")
        return before in VERBS and not is_noun and not (self._low(0) in LINKS and before in PLAIN_THIRDS)

    def _clause(self, at: int) -> tuple[list[tuple[int, int]], _Verb | None]:
        """The names of a subject that begins here, and its verb."""
        names: list[tuple[int, int]] = []
        while True:
            first = self._name_begins(at)
            last = self._name_ends(first, is_joined=bool(names))
            if last == first or (last - first > 1 and self._is_plural(last - 2) and self._low(last - 1) in BASES):
                return names, None
            names.append((first, last))
            verb = self._verb_behind(first, last, is_several=len(names) > 1)
            at = self._joined(last)
            if verb or at == last:
                return names, verb

    def _name_begins(self, at: int) -> int:
        while (
            self._low(at) in DETERMINERS
            or self._is_owner(at)
            or (self._low(at) == "of" and self._low(at - 1) in DETERMINERS)
        ):
            at += 1
        return at

    def _is_of_several(self, at: int) -> bool:
        """`Two green ticks on it`: what several have is no verb of one."""
        return self._low(at) in COUNTS and self._low(at) not in ("second", "other", "only", "least", "at", "different")

    def _is_owner(self, at: int) -> bool:
        """`Your squad's`: whose it is tells it from others like an article."""
        ahead = [self._low(place) for place in range(at, at + 2)]
        return any(word.endswith(("'s", "s'")) for word in ahead) and all(word[0].isalpha() for word in ahead)

    def _name_ends(self, first: int, *, is_joined: bool) -> int:
        """Where a name ends: before the first word that no name holds, or that is a verb here."""
        at = first
        longest = 1 if self._low(first - 1) == "@" else _LONGEST
        while at < len(self.tokens) and at - first < longest and self.tokens[at].is_word:
            word = self._low(at)
            if word in CLOSED or word in ADVERBS or word in NUMBERS or word[0].isdigit() or word.endswith("ly"):
                break
            if at > first and self.tokens[at].is_large and not self.tokens[at - 1].is_large:
                break
            if at > first and self._verb(at, is_plural=is_joined or self._is_plural(at - 1)):
                break
            at += 1
        is_of = self._low(at) == "of" and self._low(at - 1) in _HEADS_OF and at > first
        return self._name_ends(self._name_begins(at + 1), is_joined=is_joined) if is_of else at

    def _is_name(self, at: int) -> bool:
        """One word in capitals that no list knows: `Anna`."""
        return (
            self.tokens[at].is_large
            and self._low(at).isalpha()
            and self._low(at) not in WORKS
            and self._low(at - 1) not in ARTICLES
        )

    def _is_plural(self, at: int) -> bool:
        return self._low(at).endswith("s") or self._low(at) in ("people", "men", "women")

    def _joined(self, last: int) -> int:
        """Where another name begins that is the subject, too; the same place: nowhere."""
        at = last + 1 if self._low(last) == "," else last
        at = at + 1 if self._low(at) == "together" else at
        if self._low(at) in JOINING:
            return at + 1
        is_next = at > last and at < len(self.tokens) and (self._low(at) in ARTICLES or self.tokens[at].is_large)
        return at if is_next else last

    def _verb_behind(self, first: int, last: int, *, is_several: bool) -> _Verb | None:
        """The verb of a name: right behind it, behind where or of what it is, or behind an aside between commas."""
        is_plural = is_several or self._is_plural(last - 1)
        is_alone = [self._low(at) for at in range(last, last + 3)] == ["and", "nobody", "else"]
        verb = self._verb(last + 3 if is_alone else last, is_plural=is_plural)
        if verb is None and self._low(last) in _PLACES:
            behind = range(last + 2, min(last + _FAR, len(self.tokens)))
            words = takewhile(lambda at: self.tokens[at].is_word, behind)
            found = (
                self._verb(at, is_plural=is_plural) for at in words if self._goes_on(at) and self._is_behind_noun(at)
            )
            return next(filter(None, found), None)
        is_aside = self._low(last) in ("(", "-", "\u2013", "\u2014") or (
            self._low(last) == "," and self._low(last + 1) in _ASIDES
        )
        if verb is None and is_aside:
            aside = range(last + 2, min(last + 2 * _FAR, len(self.tokens)))
            end = next((at for at in aside if self._low(at) in (",", ")", "-", "\u2013", "\u2014")), None)
            return self._verb(end + 1, is_plural=is_plural) if end else None
        return verb

    def _verb(self, at: int, *, is_plural: bool) -> _Verb | None:
        at = self._after_adverbs(at)
        word, after = self._low(at), self._low(at + 1)
        if word in ("does", "do") and after in OBJECTS:
            return _Verb("do", at, word == "does")
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
        return _Verb(word, at, is_of_one) if is_told else None

    def _is_before_object(self, at: int) -> bool:
        return self._low(at + 1) in OBJECTS

    def _goes_on(self, at: int) -> bool:
        after = self._low(at + 1)
        return after in AFTER_VERBS or not after[0].isalpha()

    def _is_behind_noun(self, at: int) -> bool:
        before = self._low(at - 1)
        return not before.isdigit() and before not in DETERMINERS

    def _is_third(self, at: int) -> bool:
        """What one does: `accepts or`, `apologises to`."""
        word = self._low(at)
        if self._is_before_object(at) or TRADE.fullmatch(self._low(at - 1)):
            return word in THIRDS or (bool(SINGS.match(word)) and not (is_thing(word) or TRADE.fullmatch(word)))
        return word in PLAIN_THIRDS

    def _is_plain(self, at: int) -> bool:
        """What several do: `sign`, and what nobody but people named just before can do here."""
        word = self._low(at)
        is_trade = bool(TRADE.fullmatch(self._low(at - 1)))
        if self._is_before_object(at):
            return word in BASES or (is_trade and word not in CLOSED)
        if not self._goes_on(at) or word in PERFECT or word == "read" or word in CLOSED:
            return False
        is_name = at > 0 and self._is_name(at - 1) and not self._is_plural(at - 1)
        return (word in BASES and (is_trade or word in HUMAN)) or (is_name and word.isalpha())

    def _is_past(self, at: int) -> bool:
        word = self._low(at)
        return word.endswith("ed") and len(word) > _LONGEST and self._low(at + 1) in ARTICLES

    def _after_adverbs(self, at: int) -> int:
        while self._low(at) in ADVERBS or self._low(at).endswith("ly"):
            at += 1
        return at

    def _infinitive(self, at: int) -> _Verb | None:
        at = self._after_adverbs(at)
        word = self._low(at)
        if word in BEING:
            return self._being(at + 1)
        if word in HAVING:
            return self._having(at + 1)
        return _Verb(word, at, is_of_one=False) if word[0].isalpha() and word not in CLOSED else None

    def _having(self, at: int) -> _Verb | None:
        """`has recalculated`, `has to agree`, `has no objection`."""
        at = self._after_adverbs(at)
        word, after = self._low(at), self._low(at + 1)
        if word == "to":
            return self._infinitive(at + 1)
        if word == "been":
            return None
        is_given_time = (word[0].isdigit() or word in NUMBERS) and self._low(at + 2) == "to"
        if is_given_time or (word in ("no", "an", "a", "the", "any") and after in SAYS):
            return _Verb("agree", at, is_of_one=False)
        is_done = word in DONE or word.endswith("ed")
        return _Verb(DONE.get(word, word) if is_done else "have", at, is_of_one=False)

    def _being(self, at: int) -> _Verb | None:
        """`is to sign`, `is responsible`: anything else that is, is a state or the passive."""
        at = self._after_adverbs(at)
        if self._low(at) in ANSWERING:
            return _Verb(self._low(at), at, is_of_one=False)
        doing = PROGRESSIVE.get(self._low(at), "") if self._goes_on(at) else ""
        if doing:
            return _Verb(doing, at, is_of_one=False)
        return self._infinitive(at + 1) if self._low(at) == "to" and self._low(at + 1) != "be" else None

    def _worth(self, first: int, last: int, verb: _Verb) -> int:
        head = self._low(last - 1)
        is_order = (
            first == 0 and self._low(0) in OPENERS and not self.tokens[last - 1].is_large and verb.word not in ASSENT
        )
        words = [self._low(at) for at in range(first, last)]
        if is_order or is_anybody(words) or any(char in word for word in words for char in "_./"):
            return 0
        is_title = last - first > 1 and all(one.is_large for one in self.tokens[first:last])
        answers = verb.word in ANSWERING
        is_unit = self.tokens[first].is_large and (first > 0 or answers or (head.endswith("ing") and not is_act(head)))
        is_human = verb.word in PERSONAL or (verb.word, self._low(verb.at + 1)) in IDIOMS
        is_office = head.endswith("ing") and first == 0 and self.tokens[0].is_large and head not in MACHINERY
        if is_office and last > 1 and (is_human or self._low(verb.at + 1) in SURE_OBJECTS):
            return SURE
        if ACT.search(head) and not is_title and not is_unit:
            return 1 if head.endswith("ing") and last - first == 1 else 0
        is_used = is_work(head) and not is_title and verb.word not in ASSENT
        if is_used and (verb.is_of_one or verb.word not in PERSONAL):
            return 0
        return SURE if is_human or self._is_of_people(first, last, verb) else 1

    def _is_of_people(self, first: int, last: int, verb: _Verb) -> bool:
        """Whether such a subject of such a verb is somebody: who has an article or a name of their own, and acts."""
        is_plain = verb.word not in COMMON
        if is_plain and (TRADE.fullmatch(self._low(last - 1)) or self._low(first - 2) == "only"):
            return True
        after, is_deed = self._low(verb.at + 1), is_plain and verb.word in DEEDS
        has_object = after in SURE_OBJECTS
        is_named = all(one.is_large for one in self.tokens[first:last])
        is_first = all(map(self._is_hour, range(first))) or not self._low(first - 1)[0].isalnum()
        if self._low(first - 1) in DETERMINERS or (is_named and not is_first):
            return is_deed or has_object or after == "back"
        if not is_named:
            return first > 0 and is_first and has_object and is_plain and all(map(self._is_hour, range(first)))
        is_longer = last - first > 1
        is_name = is_longer or _NAME.match(self.text[self.tokens[first].begin : self.tokens[first].end])
        return (has_object and (is_plain or bool(is_name))) or (is_deed and (is_longer or after in NUMBERS))
