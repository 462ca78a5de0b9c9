# SPDX-License-Identifier: Apache-2.0
"""People whom a document calls by their first name: `Mara isolates tank 3`, `the three of us (Ines, Kwame, Tui)`.

A word that is written large, that no list knows and that the document never writes small is a name. Whether it is
somebody's is told by where it stands: where it does something, beside others, or where only people are told, asked and
named. What something is done in, on or with is none.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from interlock.packs.reading.deeds import COMMON, DONE, SINGS, THIRDS, TRADE, WORKS
from interlock.packs.reading.little import ADVERBS, CLOSED, LINKS
from interlock.packs.reading.passages import Form, Passage
from interlock.packs.reading.roles import departments_in, people_in
from interlock.packs.reading.things import NO_AGENTS, is_thing

SURE: Final = 2
_NAME: Final = r"[^\W\d_a-z][^\W\d_A-Z]{2,}"
_NAMES: Final = rf"{_NAME}(?:, {_NAME})*,? (?:and|or|&|plus) {_NAME}"
_LISTED: Final = re.compile(
    rf"(?i:\b(?:us|we|people|maintainers?|committers?|colleagues|team|crew|persons)\b)[^.;:()]{{0,40}}"
    rf"(?:\(|: |, )(?P<names>{_NAMES}|{_NAME}(?:, {_NAME}){{1,8}})(?=[).;]|$)"
)
"""Who is among us, by name."""
_ACTS: Final = re.compile(
    rf"(?:^|[.;:!?] |, (?:and |then )?|\b(?:and|while|then|when|until|once|before|after|if|unless) )(?P<who>{_NAME}) "
    r"(?:(?:then|also|always|now|only|still|never) )?(?P<does>[a-z]{3,})\b(?: (?P<done>[a-z]+))?"
)
_AMONG: Final = re.compile(
    rf"\b(?:with|from|by|or|not|without|tell|ask|call|ring|wake|inform|but|either|neither|both) (?P<who>{_NAME})"
    rf"(?![\w-]|['\u2019]s| {_NAME})"
)
_ALONE: Final = re.compile(
    rf"[(\[](?P<within>{_NAME}(?:(?:,| and| or| \+| &| ?/) {_NAME}){{0,2}})(?:, [^()]{{2,30}})?[)\]]"
    rf"|\S [\u2013\u2014-] (?P<last>{_NAME}(?:(?:,| and| or| \+| &| ?/) {_NAME}){{0,2}})"
    r"(?: (?:together|only|alone))?[.]?$"
)
"""`Stage it (Sebastian)`: who stands alone in brackets, or behind a dash at the end."""
_HOLDER: Final = re.compile(
    rf"^(?P<post>[^\W\d_][\w &/-]{{1,40}}): (?P<who>{_NAME})(?P<family> {_NAME})?(?=$|[.,;]| [(\u2013\u2014-]| \+?\d)"
)
"""`Release coordinator: Daniela Fuchs`: whoever holds an office."""
_WITHIN: Final = re.compile(
    r"\b(?:in|into|on|onto|via|using|through|inside|under|over|the|an?|our|your|version|run|deploy) "
    rf"(?P<what>{_NAME})\b"
)
"""What something is done in or with: a program, a place, a day."""
_PRONOUN: Final = re.compile(r"\b(?:she|he|her|his|him|hers|herself|himself)\b")
_NO_NAMES: Final = WORKS | NO_AGENTS | CLOSED | ADVERBS | LINKS | THIRDS


def first_names(found: Iterable[Passage]) -> Iterator[tuple[str, int]]:
    """Everybody who is called so, and how much speaks for it."""
    texts = [one.text for one in found if one.form is not Form.ROW]
    written = {word for text in texts for word in re.findall(r"(?<![\w'])[a-z]{3,}", text)}
    barred = {match["what"] for text in texts for match in _WITHIN.finditer(text)}
    signs: Counter[str] = Counter()
    for text in texts:
        for who, worth in _signs(text):
            if who not in barred and who.lower() not in written and _is_free(who):
                signs[who] += worth
    signs.update({who: SURE for one in found for who in named_holders(one.cells)})
    is_habit = any(worth >= SURE for worth in signs.values())
    yield from ((who, SURE if is_habit else worth) for who, worth in signs.items())


def _signs(text: str) -> Iterator[tuple[str, int]]:
    for match in _LISTED.finditer(text):
        yield from ((who, SURE) for who in re.findall(_NAME, match["names"]))
    is_set_off = "(" in text or "[" in text or " - " in text or " \u2013 " in text or " \u2014 " in text
    for match in _ALONE.finditer(text) if is_set_off else ():
        names = re.findall(_NAME, match["within"] or match["last"])
        yield from ((who, 1) for who in names if not who.endswith(("ed", "ing", "ly")))
    held = _HOLDER.match(text) if ": " in text else None
    if held and is_post(held["post"]):
        yield held["who"], SURE
    for match in _ACTS.finditer(text):
        if _does(match["does"], match["done"] or ""):
            yield match["who"], SURE if _PRONOUN.search(text[match.end("does") :].lower()) else 1
    yield from ((match["who"], 1) for match in _AMONG.finditer(text))


def is_post(words: str) -> bool:
    """Whether it names an office, and nothing else."""
    return (0, len(words)) in people_in(words)


def named_holders(cells: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Everybody whom a row of offices names as who holds them, by their first and by their whole name."""
    columns = [column.lower() for column, _ in cells]
    if not any(_POSTS.match(column) for column in columns):
        return
    for column, cell in cells:
        found = _PERSON.match(cell) if _PEOPLE.match(column.lower()) else None
        if found and _is_free(found[1]):
            yield found[1]
            yield found[0].strip()


_POSTS: Final = re.compile(r"^(?:roles?|position|function|hat|post|office|seat|responsibility|duty|area|job)$")
_PEOPLE: Final = re.compile(
    r"^(?:names?|who|person|people|contacts?|contact person|held by|currently|current"
    r"|assigned(?: to)?|staffed by|holder)$"
)
_PERSON: Final = re.compile(rf"^({_NAME})(?: {_NAME}){{0,2}}(?=$|[,;(]| [(\u2013\u2014-])")


def _does(verb: str, after: str) -> bool:
    if verb == "has":
        return after in DONE or after in CLOSED
    return verb not in COMMON and not TRADE.fullmatch(verb) and (verb in THIRDS or bool(SINGS.match(verb)))


def may_be_first_name(word: str) -> bool:
    """Whether it is written like one, and no list knows it as anything else."""
    return re.fullmatch(_NAME, word) is not None and _is_free(word)


def _is_free(who: str) -> bool:
    """Whether no list knows the word as anything else."""
    low = who.lower()
    return not (low in _NO_NAMES or is_thing(low) or people_in(who) or departments_in(low, []))
