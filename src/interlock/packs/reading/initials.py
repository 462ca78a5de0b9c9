# SPDX-License-Identifier: Apache-2.0
"""Initials that a document gives its roles: `the release manager (RM)`, `P = Producer`, and from then on `the RM`."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final

from interlock.packs.reading.callings import HEADS, WEAK
from interlock.packs.reading.legends import (
    LITTLE,
    SAID,
    first_letters,
    is_legend,
    is_short_for,
    is_spelled,
    legends,
    short_in_row,
)
from interlock.packs.reading.passages import Form, Passage
from interlock.packs.reading.roles import named_in, people_in, slug
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.slots import is_somebody

_GIVEN: Final = sought(
    r"((?:[A-Za-z][\w-]*[ /]+){1,6})"
    r"\((?:(?:the|or|abbreviated|abbr\.|in short|short|hereinafter(?: called)?|below):? )?"
    r"[\"'\u201c]?([A-Z]{2,5})s?[\"'\u201d]?\)"
)
_TURNED: Final = sought(r"(?<![\w-])([A-Z]{2,5}) \(((?:[A-Za-z][\w-]*[ /]?){2,6})\)")
"""`the CR (change requester)`: the letters ahead, and in brackets what they are short for."""
_SEVERAL: Final = 2

Initials = dict[str, str]


def initials_of(found: Iterable[Passage], acting: frozenset[str] = frozenset()) -> Initials:
    """The names of roles by the initials that the document gives them; `acting`: who is said to do something."""
    passages = tuple(found)
    known: Initials = {}
    for text in (text for one in passages for text in (one.text, *(cell for _, cell in one.cells))):
        for letters, name in (*_bracketed(text, acting), *_explained(text), *_acting(text, acting)):
            known.setdefault(letters, name)
    for one in passages:
        for letters, name, is_role in short_in_row(one):
            if is_role or _is_known(letters, name, acting):
                known.setdefault(letters, name)
    for legend in legends(passages):
        for letters, name in (*_explained(legend), *_acting(legend, acting)):
            known.setdefault(letters, name)
    said_often = _labels(passages)
    return {
        letters: name for letters, name in known.items() if letters not in name.split() and letters not in said_often
    }


def _labels(passages: Iterable[Passage]) -> frozenset[str]:
    """Letters ahead of a colon in line after line are whose task it is, and explained by none of them."""
    ahead = Counter(found[1] for one in passages if one.form is not Form.ROW and (found := _AHEAD.match(one.text)))
    return frozenset(letters for letters, often in ahead.items() if often > _SEVERAL)


_AHEAD: Final = re.compile(r"^([A-Z]{1,3}): ")


def _bracketed(text: str, acting: frozenset[str]) -> Iterator[tuple[str, str]]:
    """`the release manager (RM)`, `the RM (release manager)`."""
    if "(" not in text:
        return
    named = [(match[2], _named(match[1].split(), match[2].lower())) for match in _GIVEN.finditer(text)]
    turned = [(match[1], match[2]) for match in _TURNED.finditer(text) if is_spelled(match[1], match[2])]
    yield from ((letters, name) for letters, name in (*named, *turned) if name and _is_known(letters, name, acting))


def _is_known(letters: str, name: str, acting: frozenset[str]) -> bool:
    """Whether a name is of people, or either of the two does something in the document."""
    return any(end == len(name) for _, end in people_in(name)) or not {slug(name), slug(letters)}.isdisjoint(acting)


def _named(words: list[str], letters: str) -> str:
    """The last of these words that begin with these letters; little words between them count for nothing."""
    for first in range(len(words) - 1, -1, -1):
        if first_letters(words[first:]) == letters:
            return " ".join(words[first:])
    return ""


def _explained(text: str) -> Iterator[tuple[str, str]]:
    """`RM: release manager`; `P = Producer, A = Audio Lead`, where most of the names are of people."""
    said = list(SAID.finditer(text))
    whole = [(one["letters"], one["name"]) for one in said if one["end"] is not None]
    people = [name for _, name in whole if named_in(name)]
    are_spelled = bool(people) and all(is_spelled(letters, name) for letters, name in whole)
    if len(whole) >= _SEVERAL and (are_spelled or _SEVERAL * len(people) > len(whole)):
        yield from ((letters, _shortest(letters, name)) for letters, name in whole if is_short_for(letters, name))
    for letters, words in ((one["letters"], one["name"].split()) for one in said if len(one["letters"]) > 1):
        names = (words[:last] for last in range(len(words), 0, -1))
        name = next((" ".join(one) for one in names if first_letters(one) == letters.lower()), "")
        if any(end == len(name) for _, end in people_in(name)):
            yield letters, name


def _shortest(letters: str, name: str) -> str:
    """`MLE: machine learning engineer on rotation`: the words that the letters are of, where they begin the name."""
    words = name.split()
    parts = (" ".join(words[:last]) for last in range(1, len(words)) if words[last] in LITTLE)
    return next((part for part in parts if is_spelled(letters, part)), name)


def _acting(text: str, acting: frozenset[str]) -> Iterator[tuple[str, str]]:
    """`L = loft keeper`, where L or the loft keeper does something elsewhere."""
    said = [
        (one["letters"], one["name"])
        for one in SAID.finditer(text)
        if one["end"] is not None
        and (
            is_somebody(one["name"].lower().split())
            or (is_spelled(*one.group("letters", "name")) and slug(one["letters"]) in acting)
        )
    ]
    if any({slug(letters), slug(name)} & acting for letters, name in said):
        yield from ((letters, _shortest(letters, name)) for letters, name in said if is_short_for(letters, name))


def spelled_out(passage: Passage, known: Initials) -> Passage:
    """The passage with the names in place of their initials."""
    if not known or is_legend(passage):
        return passage
    above = tuple(spelled_out(one, known) for one in passage.above)
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
            text = re.sub(rf"({re.escape(name)}s?)\s*\({letters}s?\)", r"\1", text, flags=re.IGNORECASE)
            text = _place_of(letters).sub(name, text)
    return text


_NAMES: Final = "|".join((*HEADS, *WEAK))
_LONGER_NAME: Final = (
    r"(?:(?:shift|duty|team|section|group|site|line|deputy|senior|chief|night|day) )?"
    rf"(?:{_NAMES})s?(?![\w-])"
)
"""`NOC shift lead`: within a longer name letters stay as they are written."""


@lru_cache(maxsize=64)
def _place_of(letters: str) -> re.Pattern[str]:
    """Where these letters stand for somebody; one letter alone is mostly something else."""
    if len(letters) > 1:
        return re.compile(
            rf"(?<![\w-])(?<!\bduty )(?<!\bDuty )(?<!mergency ){letters}(?=s?(?![\w-]))(?! {_LONGER_NAME})"
        )
    is_article = letters in "AI"
    acts = "" if is_article else rf"|^{letters}(?= (?:[a-z]+s|and|or|must|shall|may|should|will)\b)"
    return re.compile(
        rf"^{letters}(?=$|[/+,&:]| [/+&])|(?<=[/+,&]){letters}$|(?<=[/+,&] ){letters}$"
        rf"|(?<=\bby ){letters}(?![\w'+#-]|\.\w)|(?<=[/+,&] ){letters}(?= [a-z])"
        rf"|(?<=\(){letters}(?=\)){acts}"
    )
