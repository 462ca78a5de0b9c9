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
    IDIOMS,
    MACHINERY,
    PERSONAL,
    PLAIN_THIRDS,
    RECEIVING,
    TRADE,
    VERBS,
    is_anybody,
    is_work,
)
from interlock.packs.reading.lexicon import OPENERS, PERFECT
from interlock.packs.reading.little import (
    ADVERBS,
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
    PREPOSITIONS,
    SURE_OBJECTS,
    UNASKED,
)
from interlock.packs.reading.predicates import SEES_TO, Predicates, Verb, words_of
from interlock.packs.reading.roles import is_no_name
from interlock.packs.reading.seeking import MOST_SAID
from interlock.packs.reading.things import PRODUCTS, is_act, is_thing

SURE: Final = 2
"""Whoever does what only people do is somebody; of anything else it takes two signs."""
_PLACES: Final = frozenset("for of in from at on outside inside on under without".split())
_HEADS_OF: Final = frozenset("head chief director board master chair council committee captain officer keeper".split())
"""What a name begins with that goes on: `board of trustees`."""
_LONGEST: Final = 4
_FAR: Final = 6
_ASIDES: Final = LINKS | PREPOSITIONS | {"not"}
_CASES: Final = frozenset("if when where once whenever until unless after before while".split())
"""Behind what a sentence begins so with, a comma and an article begin another clause, and no further name."""
_NOWADAYS: Final = frozenset("currently presently nowadays usually normally mostly".split())
"""`The keeper of the keys, currently Ewald, signs`."""
_OPENING: Final = PREPOSITIONS | LINKS
"""What a sentence begins with before its subject comes."""
_OFFICES: Final = frozenset("management leadership procurement accounting compliance finance purchasing".split())
"""Called like an act, and somebody where they agree: `revenue management must agree`."""
_DESKS: Final = frozenset(
    "support operations ops legal compliance procurement logistics dispatch communications marketing finance risk "
    "security privacy sales treasury payroll purchasing".split()
)
"""Called like what they are for, and somebody behind a word that tells them from others: `the branch support`."""
_NAME: Final = re.compile(r"(?:[^\W\d_a-z][^\W\d_A-Z]{2,}|[A-Z]{2,5})$")
"""Written like the name of a person or of a post, and not like one of a program: `Ewa`, `MCC`, not `ArgoCD`."""
_LEADING: Final = PREPOSITIONS | DETERMINERS | BEING | HAVING | DUTY
"""What a name behind it belongs to, and is no subject."""


_TAKES: Final = frozenset("requires needs takes means costs wants involves has have".split())
"""What an act does: `Publishing requires the architect's approval`."""


_COMES: Final = frozenset("begins ends starts begin end start".split())
"""What time does: `Code Freeze begins`."""


@dataclass(frozen=True, slots=True)
class Doer:
    """Where the name of a subject stands in a text, and how much speaks for somebody.

    `is_asked`: the text asks it of them, and speaks of them in no condition and as no recipient.
    """

    begin: int
    end: int
    worth: int
    is_asked: bool


@lru_cache(maxsize=4096)
def doers(text: str) -> tuple[Doer, ...]:
    """Every subject of a verb in the active voice, in the order of the text; of a long one, of its beginning."""
    said = text[:MOST_SAID]
    return tuple(_Sentence(said, words_of(said)).doers())


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    words: Predicates

    def doers(self) -> Iterator[Doer]:
        at = 0
        while at < len(self.words.tokens):
            names, verb = self._clause(at) if self._may_begin(at) else ([], None)
            if verb and not (verb.is_of_one and names and self._is_of_several(names[-1][0] - 1)):
                are_names = len(names) > 1 and all(self.words.is_name(first) for first, _ in names)
                is_asked = self.words.low(at - 1) not in UNASKED or self._is_alone(at)
                is_asked = is_asked and not self._befalls(verb)
                is_either = self.words.low(names[-1][0] - 1) == "or"
                for first, last in names[-1:] if verb.is_of_one and not is_either else names:
                    name = self.words.tokens[first:last]
                    worth = SURE if are_names else self._worth(first, last, verb)
                    yield Doer(name[0].begin, name[-1].end, worth, is_asked)
                at = verb.at
            at += 1

    def _is_alone(self, at: int) -> bool:
        """`A label that only approvers may set`: whoever alone may is asked, even where something is told."""
        return "only" in (self.words.low(at), self.words.low(at - 1))

    def _befalls(self, verb: Verb) -> bool:
        """`The desk sees the figures` asks nothing of the desk; `sees to them` does."""
        return verb.word in RECEIVING and (verb.word.removesuffix("s"), self.words.low(verb.at + 1)) != SEES_TO

    def _may_begin(self, at: int) -> bool:
        """Whether a clause may begin here: first of all, behind a sign or a link, or with an article in the midst."""
        before, here = self.words.low(at - 1), self.words.low(at)
        if not self.words.tokens[at].is_word or (here in CLOSED and here not in ARTICLES):
            return False
        if all(self._is_hour(place) for place in range(at)):
            return True
        if not before[0].isalnum() or before in LINKS or before in ADVERBS:
            return before not in ("-", "/", "'")
        if before in _LEADING or self._is_object(at):
            return False
        return here in ARTICLES or (self.words.tokens[at].is_large and self.words.low(0) in _OPENING)

    def _is_hour(self, at: int) -> bool:
        """What a line of a timetable begins with."""
        return (
            not self.words.tokens[at].is_word
            or self.words.low(at)[0].isdigit()
            or self.words.low(at) in ("t", "am", "pm", "utc", "cet", "h")
        )

    def _is_object(self, at: int) -> bool:
        """Whether the word before takes what stands here: it does not behind an article, or where a condition ends."""
        before = self.words.low(at - 1)
        ahead = self.words.low(at - 2)
        is_noun = ahead in DETERMINERS or ahead in BEING or (ahead in PREPOSITIONS and ahead != "to")
        return before in VERBS and not is_noun and not (self.words.low(0) in LINKS and before in PLAIN_THIRDS)

    def _clause(self, at: int) -> tuple[list[tuple[int, int]], Verb | None]:
        """The names of a subject that begins here, and its verb."""
        names: list[tuple[int, int]] = []
        while True:
            first = self._name_begins(at)
            last = self._name_ends(first, is_joined=bool(names))
            if last == first or (
                last - first > 1 and self.words.is_plural(last - 2) and self.words.low(last - 1) in BASES
            ):
                return names, None
            names.append((first, last))
            verb = self._verb_behind(first, last, is_several=len(names) > 1)
            at = self._joined(last)
            if verb or at == last:
                return names, verb

    def _name_begins(self, at: int) -> int:
        while (
            self.words.low(at) in DETERMINERS
            or self._is_owner(at)
            or (self.words.low(at) == "of" and self.words.low(at - 1) in DETERMINERS)
        ):
            at += 1
        return at

    def _is_of_several(self, at: int) -> bool:
        """`Two green ticks on it`: what several have is no verb of one."""
        return self.words.low(at) in COUNTS and self.words.low(at) not in (
            "second",
            "other",
            "only",
            "least",
            "at",
            "different",
        )

    def _is_owner(self, at: int) -> bool:
        """`Your squad's`: whose it is tells it from others like an article."""
        ahead = [self.words.low(place) for place in range(at, at + 2)]
        return any(word.endswith(("'s", "s'")) for word in ahead) and all(word[0].isalpha() for word in ahead)

    def _name_ends(self, first: int, *, is_joined: bool) -> int:
        """Where a name ends: before the first word that no name holds, or that is a verb here."""
        at = first
        longest = 1 if self.words.low(first - 1) == "@" else _LONGEST
        while at < len(self.words.tokens) and at - first < longest and self.words.tokens[at].is_word:
            word = self.words.low(at)
            if word in CLOSED or word in ADVERBS or word in NUMBERS or word[0].isdigit() or word.endswith("ly"):
                break
            if at > first and self.words.tokens[at].is_large and not self.words.tokens[at - 1].is_large:
                break
            is_verb = self.words.verb(at, is_plural=is_joined or self.words.is_plural(at - 1))
            if at > first and is_verb and not (is_joined and self.words.tokens[at].is_large):
                break
            at += 1
        is_of = self.words.low(at) == "of" and self.words.low(at - 1) in _HEADS_OF and at > first
        return self._name_ends(self._name_begins(at + 1), is_joined=is_joined) if is_of else at

    def _joined(self, last: int) -> int:
        """Where another name begins that is the subject, too; the same place: nowhere."""
        at = last + 1 if self.words.low(last) == "," else last
        at = at + 1 if self.words.low(at) == "together" else at
        if self.words.low(at) in JOINING:
            return at + 1
        is_next = (
            at > last
            and self.words.low(0) not in _CASES
            and at < len(self.words.tokens)
            and (self.words.low(at) in ARTICLES or self.words.tokens[at].is_large)
        )
        return at if is_next else last

    def _verb_behind(self, first: int, last: int, *, is_several: bool) -> Verb | None:
        """The verb of a name: right behind it, behind where or of what it is, or behind an aside between commas."""
        is_plural = is_several or self.words.is_plural(last - 1)
        is_alone = [self.words.low(at) for at in range(last, last + 3)] == ["and", "nobody", "else"]
        verb = self.words.verb(last + 3 if is_alone else last, is_plural=is_plural)
        if verb is None and self.words.low(last) in _PLACES:
            behind = range(last + 2, min(last + _FAR, len(self.words.tokens)))
            words = takewhile(lambda at: self.words.tokens[at].is_word, behind)
            found = (
                self.words.verb(at, is_plural=is_plural)
                for at in words
                if self._tells_on(at) and self._is_behind_noun(at)
            )
            return next(filter(None, found), None)
        is_aside = self.words.low(last) in ("(", "-", "\u2013", "\u2014") or (
            self.words.low(last) == ","
            and (self.words.low(last + 1) in _ASIDES or self.words.low(last + 1) in _NOWADAYS)
        )
        if verb is None and is_aside:
            aside = range(last + 2, min(last + 2 * _FAR, len(self.words.tokens)))
            end = next((at for at in aside if self.words.low(at) in (",", ")", "-", "\u2013", "\u2014")), None)
            return self.words.verb(end + 1, is_plural=is_plural) if end else None
        return verb

    def _tells_on(self, at: int) -> bool:
        """Whether a verb behind where somebody is has an object or an auxiliary that says so."""
        return self.words.goes_on(at) or self.words.low(at) in DUTY or self.words.low(at + 1) in NUMBERS

    def _is_behind_noun(self, at: int) -> bool:
        before = self.words.low(at - 1)
        return not before.isdigit() and before not in DETERMINERS

    def _worth(self, first: int, last: int, verb: Verb) -> int:
        head = self.words.low(last - 1)
        is_order = (
            first == 0
            and self.words.low(0) in OPENERS
            and not self.words.tokens[last - 1].is_large
            and verb.word not in ASSENT
            and (verb.word, self.words.low(verb.at + 1)) != SEES_TO
        )
        words = [self.words.low(at) for at in range(first, last)]
        is_trade = last - first > 1 and bool(TRADE.fullmatch(head)) and not is_thing(head)
        is_order = is_order and not (is_trade and verb.is_of_one and self.words.low(verb.at + 1) in SURE_OBJECTS)
        is_human = verb.word in PERSONAL or (verb.word, self.words.low(verb.at + 1)) in IDIOMS
        is_gerund = len(words) == 1 and head.endswith("ing") and verb.word in _TAKES
        has_object = self.words.low(verb.at + 1) in SURE_OBJECTS
        is_time = verb.word in _COMES and not has_object
        if is_order or is_gerund or is_time or _is_nobody(words):
            return 0
        is_title = last - first > 1 and all(one.is_large for one in self.words.tokens[first:last])
        answers = verb.word in ANSWERING
        is_unit = self.words.tokens[first].is_large and (
            first > 0 or answers or (head.endswith("ing") and not is_act(head) and head not in MACHINERY)
        )
        is_office = head.endswith("ing") and first == 0 and self.words.tokens[0].is_large and head not in MACHINERY
        if is_office and last > 1 and (is_human or self.words.low(verb.at + 1) in SURE_OBJECTS):
            return SURE
        if verb.word in ASSENT and len(words) > 1 and head in _OFFICES:
            return SURE
        if head in _DESKS and len(words) > 1 and verb.is_of_one and verb.word in DEEDS - COMMON and has_object:
            return SURE
        if ACT.search(head) and not is_title and not is_unit:
            is_gone = head.endswith("ing") and last - first == 1 and head not in MACHINERY
            return 1 if is_gone or (is_human and self.words.tokens[first].is_large and last - first > 1) else 0
        is_used = is_work(head) and not is_title and verb.word not in ASSENT
        is_alone = last - first == 1 and (first > 0 or self.words.is_plural(first))
        if is_alone and is_thing(head) and verb.word not in ASSENT:
            return 0
        if is_used and (verb.is_of_one or verb.word not in PERSONAL):
            return 0
        return SURE if is_human or self._is_of_people(first, last, verb) else 1

    def _is_of_people(self, first: int, last: int, verb: Verb) -> bool:
        """Whether such a subject of such a verb is somebody: who has an article or a name of their own, and acts."""
        is_plain = verb.word not in COMMON
        if is_plain and (TRADE.fullmatch(self.words.low(last - 1)) or self.words.low(first - 2) == "only"):
            return True
        after, is_deed = self.words.low(verb.at + 1), is_plain and verb.word in DEEDS
        has_object = after in SURE_OBJECTS
        is_named = all(one.is_large for one in self.words.tokens[first:last])
        is_first = all(map(self._is_hour, range(first))) or not self.words.low(first - 1)[0].isalnum()
        if self.words.low(first - 1) in DETERMINERS or (is_named and not is_first):
            return is_deed or has_object or after == "back"
        if not is_named:
            return first > 0 and is_first and has_object and is_plain and all(map(self._is_hour, range(first)))
        is_longer = last - first > 1
        is_name = is_longer or _NAME.match(self.text[self.words.tokens[first].begin : self.words.tokens[first].end])
        return (has_object and (is_plain or bool(is_name))) or (is_deed and (is_longer or after in NUMBERS))


def _is_nobody(words: list[str]) -> bool:
    """Whether these words are no name: of a quality, of a product's part, of anybody, or written as in a program."""
    is_part = is_thing(words[-1]) and not PRODUCTS.isdisjoint(words)
    is_verb = len(words) == 1 and words[0] in _TAKES
    is_code = any(char in word for word in words for char in "_./")
    return is_part or is_verb or is_code or _is_quality(words) or is_anybody(words)


def _is_quality(words: list[str]) -> bool:
    """`New packages wait`, `Deprecated features that ...`: what things are like does nothing."""
    return len(words) == 1 and (words[0] in PERFECT or (is_no_name(words[0]) and not words[0].endswith("ed")))
