# SPDX-License-Identifier: Apache-2.0
"""Initials that a document gives its roles: `the release manager (RM)`, `P = Producer`, and from then on `the RM`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final

from interlock.packs.reading.passages import Passage
from interlock.packs.reading.roles import named_in, people_in, slug
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.slots import is_somebody

_GIVEN: Final = sought(r"((?:[A-Za-z][\w-]*[ /]+){1,6})\(([A-Z]{2,5})s?\)")
_SAID: Final = re.compile(
    r"(?<![\w-])(?P<letters>[A-Z]{1,5})(?: ?[=:\u2013—]| -| is| means| stands for) (?:the |an? |our )?"
    r"(?P<name>[A-Za-z][\w-]+(?:[ /][A-Za-z&][\w-]*){0,4})(?P<end>(?=\s*(?:$|[,;.()|])))?"
)
_LITTLE: Final = frozenset(("of", "and", "the", "for", "on", "in"))
_SEVERAL: Final = 2

Initials = dict[str, str]


def initials_of(found: Iterable[Passage], acting: frozenset[str] = frozenset()) -> Initials:
    """The names of roles by the initials that the document gives them; `acting`: who is said to do something."""
    known: Initials = {}
    for text in (text for one in found for text in (one.text, *(cell for _, cell in one.cells))):
        for match in _GIVEN.finditer(text) if "(" in text else ():
            name = _named(match[1].split(), match[2].lower())
            if name and (any(end == len(name) for _, end in people_in(name)) or {slug(name), slug(match[2])} & acting):
                known.setdefault(match[2], name)
        for letters, name in (*_explained(text), *_acting(text, acting)):
            known.setdefault(letters, name)
    return {letters: name for letters, name in known.items() if letters not in name.split()}


def _named(words: list[str], letters: str) -> str:
    """The last of these words that begin with these letters; little words between them count for nothing."""
    for first in range(len(words) - 1, -1, -1):
        if _first_letters(words[first:]) == letters:
            return " ".join(words[first:])
    return ""


def _first_letters(words: list[str]) -> str:
    telling = [part for word in words if word not in _LITTLE for part in re.split("[-/]", word) if part]
    return "".join(part[0].lower() for part in telling)


def _explained(text: str) -> Iterator[tuple[str, str]]:
    """`RM: release manager`; `P = Producer, A = Audio Lead`, where most of the names are of people."""
    said = list(_SAID.finditer(text))
    whole = [(one["letters"], one["name"]) for one in said if one["end"] is not None]
    people = [name for _, name in whole if named_in(name)]
    if len(whole) >= _SEVERAL and _SEVERAL * len(people) > len(whole):
        yield from ((letters, name) for letters, name in whole if _is_short_for(letters, name))
    for letters, words in ((one["letters"], one["name"].split()) for one in said if len(one["letters"]) > 1):
        names = (words[:last] for last in range(len(words), 0, -1))
        name = next((" ".join(one) for one in names if _first_letters(one) == letters.lower()), "")
        if any(end == len(name) for _, end in people_in(name)):
            yield letters, name


def _is_short_for(letters: str, name: str) -> bool:
    """Whether they begin alike, or the letters are those of its words in another order: `ED = duty editor`.

    Or one of its words begins with all of them: `IM = Change Implementer`.
    """
    low, words = letters.lower(), name.lower().split()
    is_begin = any(word.startswith(low) for word in words[1:])
    return is_begin or words[0][0] == low[0] or sorted(_first_letters(words)) == sorted(low)


def _acting(text: str, acting: frozenset[str]) -> Iterator[tuple[str, str]]:
    """`L = loft keeper`, where L or the loft keeper does something elsewhere."""
    said = [
        (one["letters"], one["name"])
        for one in _SAID.finditer(text)
        if one["end"] is not None and is_somebody(one["name"].lower().split())
    ]
    if any({slug(letters), slug(name)} & acting for letters, name in said):
        yield from ((letters, name) for letters, name in said if _is_short_for(letters, name))


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
            text = re.sub(rf"({re.escape(name)}s?)\s*\({letters}s?\)", r"\1", text, flags=re.IGNORECASE)
            text = _place_of(letters).sub(name, text)
    return text


@lru_cache(maxsize=64)
def _place_of(letters: str) -> re.Pattern[str]:
    """Where these letters stand for somebody; one letter alone is mostly something else."""
    if len(letters) > 1:
        return re.compile(rf"(?<![\w-]){letters}(?=s?(?![\w-]))")
    is_article = letters in "AI"
    acts = "" if is_article else rf"|^{letters}(?= (?:[a-z]+s|and|or|must|shall|may|should|will)\b)"
    return re.compile(
        rf"^{letters}(?=$|[/+,&:]| [/+&])|(?<=[/+,&]){letters}$|(?<=[/+,&] ){letters}$"
        rf"|(?<=\bby ){letters}(?![\w'+#-]|\.\w)|(?<=[/+,&] ){letters}(?= [a-z])"
        rf"|(?<=\(){letters}(?=\)){acts}"
    )
