# SPDX-License-Identifier: Apache-2.0
"""Who stands behind every item of a list: a document that names people so does it in all of its lines.

One name behind a dash may be anything. Where most of what stands there is people, the rest are, too, whatever they
are called: `Help pages are ready - Docs` names no pages where `- Security` stands behind the item above it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from interlock.packs.reading.little import CLOSED
from interlock.packs.reading.owning import PARTS
from interlock.packs.reading.passages import Form, Passage
from interlock.packs.reading.roles import departments_in, people_in, slug, slugs
from interlock.packs.reading.seeking import sought

_NAME: Final = r"@?[A-Z][\w&'\u2019.-]*(?: (?:&|and|of|on|[\w&'\u2019-]+)){0,3}"
_SIGNS: Final = (
    re.compile(rf"\S\s+[\u2013\u2014-]{{1,2}}\s+(?P<who>{_NAME}(?:(?: ?[/+,] ?| and ){_NAME}){{0,2}})[.]?$"),
    re.compile(rf"\S\s+(?:\u2192|->|=>)\s*(?P<who>{_NAME}(?:(?: ?[/+,] ?| and ){_NAME}){{0,2}})[.]?$"),
    re.compile(rf"\S\s+\[(?P<who>{_NAME}(?:(?: ?[/+,] ?| and ){_NAME}){{0,2}})\]\W*$"),
    re.compile(rf"\S\s+\((?P<who>{_NAME}(?:(?: ?[/+,] ?| and ){_NAME}){{0,2}})\)\W*$"),
    re.compile(rf"\S\s+\|\s+(?P<who>{_NAME})$"),
)
_ITEMS: Final = (Form.BOX, Form.ITEM, Form.NUMBER)
_LEAST: Final = 3
_SAID: Final = sought(
    r"(?i:\b(?:owners?|names?|roles?|responsible|who)\b[^.;:]{0,40}"
    r"\b(?:dash|brackets?|parenthes[ei]s|arrow|end of (?:the|each|every) line)\b)"
)
"""`Owners are written after the dash.`"""


def behind(
    found: Iterable[Passage], known: frozenset[str], initials: Mapping[str, str]
) -> Mapping[tuple[int, str], tuple[str, ...]]:
    """By line and text: who stands behind an item, where that is a habit of the document. `initials`: of whom."""
    passages = tuple(found)
    is_said = any(one.form is not Form.ROW and _SAID.search(one.text) for one in passages)
    items = [one for one in passages if one.form in _ITEMS or _item_of(one)]
    owners: dict[tuple[int, str], tuple[str, ...]] = {}
    for sign in _SIGNS:
        named = {
            (one.line, one.text): [initials.get(name, name) for name in PARTS.split(who)]
            for one in items
            if (who := _who(sign, one.text))
        }
        sure = sum(all(_is_somebody(name, known) for name in names) for names in named.values())
        if len(named) >= _LEAST and (is_said or 2 * sure > len(named)):
            owners |= {place: slugs(names) for place, names in named.items()}
    wholes = {(item.line, item.text): owners.get((one.line, one.text), ()) for one in items if (item := _item_of(one))}
    return {**{place: names for place, names in wholes.items() if names}, **owners}


def _item_of(one: Passage) -> Passage | None:
    """The item that a further sentence belongs to."""
    above = one.above[-1] if one.above and one.form is Form.SENTENCE else None
    return above if above and above.form in _ITEMS else None


def _who(sign: re.Pattern[str], text: str) -> str:
    match = sign.search(text)
    words = [word if word.isupper() else word.lower() for word in match["who"].split()] if match else []
    is_name = bool(words) and not words[0].isdigit() and not {*words} & _NO_NAME
    return match["who"] if match and is_name else ""


def _is_somebody(name: str, known: frozenset[str]) -> bool:
    return slug(name) in known or (0, len(name)) in (*people_in(name), *departments_in(name.lower(), []))


_NO_NAME: Final = (CLOSED - {"and", "of", "on"}) | frozenset(
    "optional required mandatory manual automatic automated done todo draft new all both once daily weekly monthly "
    "yearly staging production prod dev only never always must not no yes see".split()
)
