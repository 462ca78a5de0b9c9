# SPDX-License-Identifier: Apache-2.0
"""Legends: tables and lists that say what letters stand for. They ask for nothing, whoever stands in them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from interlock.packs.reading.lexicon import MODAL, THIRD, cut
from interlock.packs.reading.owning import ROLE_COLUMN
from interlock.packs.reading.passages import Form, Passage
from interlock.packs.reading.roles import departments_in

_LETTERS: Final = re.compile(r"[A-Z]{1,5}")
_SHORT: Final = re.compile(
    r"^(?:abbreviations?|abbr\.?|abbrev\.?|acronyms?|initials|short(?:hand| name| form)?|in short|codes?|letters?"
    r"|symbols?|call ?signs?|short for)$"
)
"""The title of a column of letters."""
LITTLE: Final = frozenset(("of", "and", "the", "for", "on", "in"))


_STANDS_FOR: Final = (
    r"(?: ?[=:\u2013—]| -| is(?: short for)?| means| stands for| refers to| denotes) (?:the |an? |our )?"
)
SAID: Final = re.compile(
    rf"(?<![\w-])(?P<letters>[A-Z]{{1,5}}){_STANDS_FOR}"
    r"(?P<name>[A-Za-z][\w-]+(?:[ /][A-Za-z&][\w-]*){0,4})(?P<end>(?=\s*(?:$|[,;.()|])))?"
)
"""`RM = release manager`, wherever it stands."""
_LINE: Final = re.compile(
    rf"^(?P<letters>[A-Z]{{2,5}}){_STANDS_FOR}(?P<name>[A-Za-z][\w-]+(?: [A-Za-z&][\w-]*){{1,4}})[.;,]?$"
)


def first_letters(words: list[str]) -> str:
    """The letters that a name begins with, word by word; little words between them count for nothing."""
    telling = [part for word in words if word not in LITTLE for part in re.split("[-/]", word) if part]
    return "".join(part[0].lower() for part in telling)


def is_spelled(letters: str, name: str) -> bool:
    """Whether the words of a name begin with these letters, one after the other."""
    return len(letters) > 1 and first_letters(name.split()) == letters.lower()


def is_abridged(letters: str, name: str) -> bool:
    """Whether a name is called so in short: by the first letters of its last words, or of one word: `Scribe (SC)`."""
    low = letters.lower()
    return first_letters(name.split()).endswith(low) or any(word.startswith(low) for word in name.lower().split())


def is_short_for(letters: str, name: str) -> bool:
    """Whether they begin alike, or the letters are those of its words in another order: `ED = duty editor`.

    Or one of its words begins with all of them: `IM = Change Implementer`.
    """
    low, words = letters.lower(), name.lower().split()
    is_begin = any(word.startswith(low) for word in words[1:])
    return is_begin or words[0][0] == low[0] or sorted(first_letters(words)) == sorted(low)


def short_in_row(row: Passage) -> Iterator[tuple[str, str, bool]]:
    """The letters in a row of a table, the name that they are short for, and whether its column is one of roles."""
    for at, (titled, letters) in enumerate(row.cells):
        others = [pair for place, pair in enumerate(row.cells) if place != at] if _LETTERS.fullmatch(letters) else []
        is_legend = bool(_SHORT.match(titled.lower().strip()))
        for column, name in others:
            is_role = bool(ROLE_COLUMN.match(column.lower())) or (0, len(name)) in departments_in(name.lower(), [])
            if is_spelled(letters, name) or (is_legend and name[:1].isalpha() and is_short_for(letters, name)):
                yield letters, name, is_role and is_legend
                break


def is_legend(one: Passage) -> bool:
    """Whether it only says who is called so: of a row, that it has a cell of letters, and none of what anybody does."""
    if one.form is not Form.ROW:
        line = _LINE.match(one.text)
        return line is not None and is_spelled(line["letters"], line["name"])
    is_titled = any(_SHORT.match(column.lower().strip()) for column, _ in one.cells)
    return is_titled and any(True for _ in short_in_row(one)) and not any(_tells(cell) for _, cell in one.cells[1:])


def _tells(cell: str) -> bool:
    words = cut(cell)
    return words.first in THIRD or words.has(MODAL) or (bool(words.opener) and len(words.all) > 1)


def legends(found: Iterable[Passage]) -> Iterator[str]:
    """The lines of each list or paragraph that begin so, as one text: what one of them is, the others are."""
    parts: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for one in found:
        if one.form is not Form.ROW and SAID.match(one.text):
            parts[one.headings, one.list_at].append(one.text.rstrip(".;,"))
    yield from ("; ".join(texts) for texts in parts.values() if len(texts) > 1)
