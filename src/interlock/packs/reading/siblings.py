# SPDX-License-Identifier: Apache-2.0
"""Lines that name whoever does what hangs on them, told by those beside them: of `QA:`, `PM:` and `Build:` all are."""

from collections.abc import Iterable, Mapping
from typing import Final

from interlock.packs.reading.labels import is_nothing_else
from interlock.packs.reading.passages import Form, Passage
from interlock.packs.reading.roles import DEPARTMENT, slug
from interlock.packs.reading.things import is_act

_LEAST: Final = 2
_WORDS: Final = 3
_FORMS: Final = (Form.ITEM, Form.NUMBER, Form.BOX, Form.LEAD)


def beside_each_other(found: Iterable[Passage], known: frozenset[str]) -> Mapping[tuple[int, str], tuple[str, ...]]:
    """By line and text whom each of them names; none, where most that stand so in the document are not known."""
    heads = {(one.line, one.text): one.text.rstrip(": ") for passage in found for one in passage.above if _is_head(one)}
    names = {*heads.values()}
    sure = {name for name in names if _is_sure(name, known)}
    are_people = len(sure) >= _LEAST and len(sure) >= len(names) - len(sure)
    return {place: (slug(name),) for place, name in heads.items()} if are_people else {}


def _is_head(one: Passage) -> bool:
    """A short name on which a list hangs."""
    words = one.text.rstrip(": ").split()
    is_name = 0 < len(words) <= _WORDS and all(word.isalpha() for word in words) and words[0][0].isupper()
    is_alone = one.form is Form.LEAD and one.text[-1:].isalpha()
    is_head = one.form in _FORMS and (one.text.endswith(":") or is_alone)
    return is_head and is_name and not is_act(words[0].lower())


def _is_sure(name: str, known: frozenset[str]) -> bool:
    return is_nothing_else(name) or bool(DEPARTMENT.fullmatch(name.lower())) or slug(name) in known
