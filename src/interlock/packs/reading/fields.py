# SPDX-License-Identifier: Apache-2.0
"""Templates: fields that somebody fills in, which belong together and are one requirement.

`Summary:`, `Impact: [what users feel]`, `Version: ____`. A field is a name and nothing said yet.
"""

import re
from typing import Final

from interlock.packs.reading.beside import signing_line
from interlock.packs.reading.passages import Form, Passage
from interlock.packs.reading.topics import Topic, topic_of

_FIELD: Final = re.compile(
    r"^([A-Z#][\w /&'()-]{0,60}?)\s*:\s*(?:\[[^\]]*\]|<[^>]*>|_{2,}|\.{3,}|…|-|\(\)|@\w*|tbd|todo|n/a|yyyy.*"
    r"|[☐ ]+)?\s*$",
    re.IGNORECASE,
)
_MOST: Final = 7
_LEAST: Final = 2


def is_field(passage: Passage) -> str:
    """The field's name; empty: it is none."""
    found = (
        _FIELD.match(passage.text)
        if passage.form in (Form.ITEM, Form.LEAD, Form.SENTENCE, Form.BOX) and not passage.has_parts
        else None
    )
    return found[1].strip() if found and len(found[1].split()) <= _MOST else ""


def _is_template(passage: Passage) -> bool:
    titles = [*(heading.text for heading in passage.headings[-2:])]
    return any(topic_of(title) is Topic.TEMPLATE for title in titles)


def fields_of(found: tuple[Passage, ...]) -> tuple[tuple[tuple[Passage, ...], ...], tuple[Passage, ...]]:
    """The groups of fields of each template, and all other passages."""
    groups: dict[tuple[int, int], list[Passage]] = {}
    for passage in found:
        is_place = is_field(passage) and not signing_line(passage)
        if is_place and (_is_template(passage) or passage.text.rstrip().endswith(("]", ":", "_", ">", "@"))):
            above = passage.above[-1].line if passage.above else 0
            under = passage.headings[-1].line if passage.headings else 0
            groups.setdefault((under, above), []).append(passage)
    kept = [tuple(group) for group in groups.values() if len(group) >= _LEAST]
    taken = {id(one) for group in kept for one in group}
    return tuple(kept), tuple(one for one in found if id(one) not in taken)
