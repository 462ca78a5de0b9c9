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

from interlock.packs.reading.inflecting import forms, third
from interlock.packs.reading.lexicon import (
    AMBIGUOUS,
    ATTESTING,
    DECIDING,
    NOUNS,
    OPENERS,
    PERFECT,
    THIRD,
    THIRD_PERSON,
)

SURE: Final = 2
"""Whoever does what only people do is somebody; of anything else it takes two signs."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9\u00c0-\u024f](?:[\w'\u2019&/-]*\w)?|[^\w\s]")
_ARTICLES: Final = frozenset("the a an our your their his her each every any another one either".split())
_COUNTS: Final = frozenset("two three four both all some several second other only least at different".split())
_POINTING: Final = frozenset("this that these those its it no such same what whatever which my".split())
_PRONOUNS: Final = frozenset(
    "i you he she we they it me him us them who whoever nobody everybody somebody someone anyone anybody everyone "
    "everything nothing something anything there here this that these those".split()
)
_PREPOSITIONS: Final = frozenset(
    "of for in on at by from with to through via per during within since under over about against between without into "
    "onto beside outside inside near than as like across behind above below until after before except upon".split()
)
_LINKS: Final = frozenset(
    "and or but so then while whereas if when whenever once until unless because that which who where whether after "
    "before as yet nor".split()
)
_JOINING: Final = frozenset(("and", "or", "plus", "&", "with"))
_ADVERBS: Final = frozenset(
    "then also always only never not jointly together either both first next finally afterwards usually normally still "
    "again too even now alone meanwhile later thereafter otherwise else soon often just once please".split()
)
_DUTY: Final = frozenset("must shall should will may can cannot could would might".split())
_BEING: Final = frozenset("is are was were be been being am isn't aren't".split())
_HAVING: Final = frozenset("has have had".split())
_CLOSED: Final = (
    _ARTICLES | _POINTING | _PRONOUNS | _PREPOSITIONS | _LINKS | _DUTY | _BEING | _HAVING | {"does", "do", "not", "let"}
)
_PLACES: Final = frozenset("for of in from at on outside inside on under".split())
_AFTER_VERBS: Final = _ARTICLES | _COUNTS | _POINTING | _PRONOUNS | _ADVERBS | _PREPOSITIONS | _LINKS | {"out", "up"}
_OBJECTS: Final = (
    _ARTICLES
    | _POINTING
    | _COUNTS
    | frozenset("it them him her us everything whether how out up off down back over away".split())
)
"""What follows a verb at once and a noun hardly ever."""
_HEADS_OF: Final = frozenset("head chief director board master chair council committee captain officer keeper".split())
"""What a name begins with that goes on: `board of trustees`."""
_LONGEST: Final = 4
_FAR: Final = 6

_SPEAKING: Final = (
    "read talk speak listen hope think believe insist promise object refuse decline doubt judge "
    "consent veto vote recommend propose suggest advise convince persuade oversee supervise chair nominate appoint "
    "volunteer attend sit walk taste phone ask answer explain brief greet thank argue discuss debate recalculate "
    "interview study proofread countersign initial waive overrule fly drive visit meet apologise translate remember "
    "rehearse disagree assess tell inform invite ring dial witness interpret ponder weigh draft sketch"
)
_ASSENT: Final = forms(" ".join((DECIDING | ATTESTING) - {"clear"}))
_HUMAN: Final = forms(_SPEAKING) | _ASSENT
_ANSWERING: Final = frozenset(("responsible", "accountable", "answerable"))
_TRADE: Final = re.compile(r"[a-z]{2,}(?:er|or|ist|ian|eer|man|woman|men|women|ant|yst)s?$")
_ACT: Final = re.compile(r"(?:tion|sion|ment|ness|ity|ing|ance|ence|ure|ship|ism|sis|[ovt]al)s?$")
_BASES: Final = OPENERS | frozenset(_SPEAKING.split())
_THIRDS: Final = THIRD | third(_SPEAKING.split())
_PLAIN_THIRDS: Final = THIRD_PERSON | third((*_SPEAKING.split(), *DECIDING, *ATTESTING))

_VERBS: Final = _BASES | _THIRDS
_DETERMINERS: Final = _ARTICLES | _COUNTS
_ASIDES: Final = _LINKS | _PREPOSITIONS
_LEADING: Final = _PREPOSITIONS | _DETERMINERS | _BEING | _HAVING | _DUTY
"""What a name behind it belongs to, and is no subject."""
_PERSONAL: Final = _HUMAN | _ANSWERING


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
    return tuple(_Sentence(tokens).doers())


def _small(word: str) -> str:
    return word if word == _DEPARTMENT else word.lower().replace("\u2019", "'")


_DEPARTMENT: Final = "IT"
"""In small letters it is another word."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    tokens: tuple[_Token, ...]

    def doers(self) -> Iterator[Doer]:
        at = 0
        while at < len(self.tokens):
            names, verb = self._clause(at) if self._may_begin(at) else ([], None)
            if verb:
                are_names = len(names) > 1 and all(self._is_name(first) for first, _ in names)
                is_asked = self._low(at - 1) not in _UNASKED and verb.word not in _RECEIVING
                for first, last in names[-1:] if verb.is_of_one else names:
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
        if not self.tokens[at].is_word or (here in _CLOSED and here not in _ARTICLES):
            return False
        if at == 0 or not before[0].isalnum() or before in _LINKS or before in _ADVERBS:
            return before not in ("-", "/", "'")
        is_object = before in _VERBS and self._low(at - 2) not in _BEING
        is_led = before in _LEADING
        return here in _ARTICLES and not is_object and not is_led

    def _clause(self, at: int) -> tuple[list[tuple[int, int]], _Verb | None]:
        """The names of a subject that begins here, and its verb."""
        names: list[tuple[int, int]] = []
        while True:
            first = self._name_begins(at)
            last = self._name_ends(first, is_joined=bool(names))
            if last == first:
                return names, None
            names.append((first, last))
            verb = self._verb_behind(first, last, is_several=len(names) > 1)
            at = self._joined(last)
            if verb or at == last:
                return names, verb

    def _name_begins(self, at: int) -> int:
        while (
            self._low(at) in _DETERMINERS
            or self._is_owner(at)
            or (self._low(at) == "of" and self._low(at - 1) in _DETERMINERS)
        ):
            at += 1
        return at

    def _is_owner(self, at: int) -> bool:
        """`Your squad's`: whose it is tells it from others like an article."""
        ahead = [self._low(place) for place in range(at, at + 2)]
        return any(word.endswith(("'s", "s'")) for word in ahead) and all(word[0].isalpha() for word in ahead)

    def _name_ends(self, first: int, *, is_joined: bool) -> int:
        """Where a name ends: before the first word that no name holds, or that is a verb here."""
        at = first
        while at < len(self.tokens) and at - first < _LONGEST and self.tokens[at].is_word:
            word = self._low(at)
            if word in _CLOSED or word in _ADVERBS or word[0].isdigit() or word.endswith("ly"):
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
            and self._low(at) not in _WORKS
            and self._low(at - 1) not in _ARTICLES
        )

    def _is_plural(self, at: int) -> bool:
        return self._low(at).endswith("s") or self._low(at) in ("people", "men", "women")

    def _joined(self, last: int) -> int:
        """Where another name begins that is the subject, too; the same place: nowhere."""
        at = last + 1 if self._low(last) == "," else last
        at = at + 1 if self._low(at) == "together" else at
        return at + 1 if self._low(at) in _JOINING else (at if at > last and self._low(at) in _ARTICLES else last)

    def _verb_behind(self, first: int, last: int, *, is_several: bool) -> _Verb | None:
        """The verb of a name: right behind it, behind where or of what it is, or behind an aside between commas."""
        is_plural = is_several or self._is_plural(last - 1)
        verb = self._verb(last, is_plural=is_plural)
        if verb is None and self._low(last) in _PLACES:
            behind = range(last + 2, min(last + _FAR, len(self.tokens)))
            words = takewhile(lambda at: self.tokens[at].is_word, behind)
            found = (
                self._verb(at, is_plural=is_plural) for at in words if self._goes_on(at) and self._is_behind_noun(at)
            )
            return next(filter(None, found), None)
        is_aside = self._low(last) == "(" or (self._low(last) == "," and self._low(last + 1) in _ASIDES)
        if verb is None and is_aside:
            aside = range(last + 2, min(last + 2 * _FAR, len(self.tokens)))
            end = next((at for at in aside if self._low(at) in (",", ")")), None)
            return self._verb(end + 1, is_plural=is_plural) if end else None
        return verb

    def _verb(self, at: int, *, is_plural: bool) -> _Verb | None:
        at = self._after_adverbs(at)
        word, after = self._low(at), self._low(at + 1)
        if word in _DUTY or word in ("does", "do", "doesn't", "don't"):
            return self._infinitive(at + 1)
        if word in _HAVING:
            return self._having(at + 1)
        if word in _BEING:
            return self._being(at + 1)
        if word in ("needs", "need", "wants", "want") and after == "to":
            return self._infinitive(at + 2)
        is_of_one = self._is_third(at)
        is_told = is_of_one or (is_plural and self._is_plain(at)) or self._is_past(at)
        return _Verb(word, at, is_of_one) if is_told else None

    def _is_before_object(self, at: int) -> bool:
        return self._low(at + 1) in _OBJECTS

    def _goes_on(self, at: int) -> bool:
        after = self._low(at + 1)
        return after in _AFTER_VERBS or not after[0].isalpha()

    def _is_behind_noun(self, at: int) -> bool:
        before = self._low(at - 1)
        return not before.isdigit() and before not in _DETERMINERS

    def _is_third(self, at: int) -> bool:
        """What one does: `accepts or`, `apologises to`."""
        word = self._low(at)
        if self._is_before_object(at) or _TRADE.fullmatch(self._low(at - 1)):
            return word in _THIRDS or bool(_SINGS.match(word))
        return word in _PLAIN_THIRDS

    def _is_plain(self, at: int) -> bool:
        """What several do: `sign`, and what nobody but people named just before can do here."""
        word = self._low(at)
        is_trade = bool(_TRADE.fullmatch(self._low(at - 1)))
        if self._is_before_object(at):
            return word in _BASES or (is_trade and word not in _CLOSED)
        if not self._goes_on(at) or word in PERFECT or word == "read" or word in _CLOSED:
            return False
        is_name = at > 0 and self._is_name(at - 1) and not self._is_plural(at - 1)
        return (word in _BASES and (is_trade or word in _HUMAN)) or (is_name and word.isalpha())

    def _is_past(self, at: int) -> bool:
        word = self._low(at)
        return word.endswith("ed") and len(word) > _LONGEST and self._low(at + 1) in _ARTICLES

    def _after_adverbs(self, at: int) -> int:
        while self._low(at) in _ADVERBS or self._low(at).endswith("ly"):
            at += 1
        return at

    def _infinitive(self, at: int) -> _Verb | None:
        at = self._after_adverbs(at)
        word = self._low(at)
        if word in _BEING:
            return self._being(at + 1)
        if word in _HAVING:
            return self._having(at + 1)
        return _Verb(word, at, is_of_one=False) if word[0].isalpha() and word not in _CLOSED else None

    def _having(self, at: int) -> _Verb | None:
        """`has recalculated`, `has to agree`, `has no objection`."""
        at = self._after_adverbs(at)
        word, after = self._low(at), self._low(at + 1)
        if word == "to":
            return self._infinitive(at + 1)
        if word == "been":
            return None
        if word in ("no", "an", "a", "the", "any") and after in _SAYS:
            return _Verb("agree", at, is_of_one=False)
        is_done = word in PERFECT or word.endswith("ed")
        return _Verb(PERFECT.get(word, word) if is_done else "have", at, is_of_one=False)

    def _being(self, at: int) -> _Verb | None:
        """`is to sign`, `is responsible`: anything else that is, is a state or the passive."""
        at = self._after_adverbs(at)
        if self._low(at) in _ANSWERING:
            return _Verb(self._low(at), at, is_of_one=False)
        return self._infinitive(at + 1) if self._low(at) == "to" and self._low(at + 1) != "be" else None

    def _worth(self, first: int, last: int, verb: _Verb) -> int:
        head = self._low(last - 1)
        is_order = (
            first == 0 and self._low(0) in OPENERS and not self.tokens[last - 1].is_large and verb.word not in _ASSENT
        )
        if is_order or head in _ANYBODY or any(char in self._low(at) for at in range(first, last) for char in "_./"):
            return 0
        is_title = last - first > 1 and all(one.is_large for one in self.tokens[first:last])
        if _ACT.search(head) and not is_title and not (first > 0 and self.tokens[first].is_large):
            return 1 if head.endswith("ing") and last - first == 1 else 0
        is_human = verb.word in _PERSONAL
        is_work = bool({head, head.removesuffix("s")} & _WORKS) and not is_title and verb.word not in _ASSENT
        if is_work and (verb.is_of_one or not is_human):
            return 0
        is_trade = bool(_TRADE.fullmatch(head)) or self._low(first - 2) == "only"
        is_sure = is_human or (is_trade and verb.word not in _COMMON)
        return SURE if is_sure else 1


_WORKS: Final = OPENERS | NOUNS | AMBIGUOUS
"""What is done, and what it is done with."""
_ANYBODY: Final = frozenset("person persons people colleague colleagues human humans member members pair".split())
_CONDITIONS: Final = frozenset(
    "if when whenever that what which who whom where because whether while as whereas".split()
)
_RECEIVING: Final = forms("get receive hear know learn want wish need become like understand notice see") | {"have"}
_SAYS: Final = frozenset("objection objections veto say vote right word last final doubts".split())
_SINGS: Final = re.compile(r"(?!has|was|does|this|its|always|process|access|across|plus|less|yes)[a-z]{3,}[^sui']s$")
"""A verb of somebody else that no list knows: `apologises`."""
_MACHINES: Final = frozenset(
    "starts stops runs fails returns restarts works boots loads reports shows accepts responds goes comes crashes "
    "takes has is was does stays remains passes builds deploys sends logs waits uses needs contains supports listens "
    "gets serves lives recovers reaches makes turns exits have start stop run fail return restart work load".split()
)
"""What programs do as well as people."""
_UNASKED: Final = _CONDITIONS | _PRONOUNS
_COMMON: Final = _MACHINES | _RECEIVING
