# SPDX-License-Identifier: Apache-2.0
"""Who stands in brackets beside a task: `Merge it (release lead)`, `(owner: the DBA)`."""

import re
from typing import Final

from interlock.packs.reading.acting import FIRST_WORD
from interlock.packs.reading.labels import WHEN, is_nothing_else, led_by
from interlock.packs.reading.lexicon import THIRD
from interlock.packs.reading.owning import PARTS
from interlock.packs.reading.roles import departments_in, named_in, people_in, slug, slugs
from interlock.packs.reading.seeking import sought

_PARENS: Final = sought(r"(?<!\w)\(([^()]{2,60})\)")
_WITHIN_PARENS: Final = re.compile(r"^(?:owner|by|resp\w*|approver|assignee|dri)?\s*:?\s*(?:the |an? |any |one )?(.+)$")


def bracketed(text: str, known: frozenset[str]) -> tuple[str, ...]:
    """Whoever stands alone in brackets, or ahead of what they do there; nobody where they are only spoken of."""
    for match in _PARENS.finditer(text):
        if _PATH.search(match[1]):
            continue
        inside = WHEN.sub("", _WITHIN_PARENS.sub(r"\1", match[1].strip().lstrip("@")))
        inside = _THEIRS.sub("", inside)
        parts = [ANOTHER.sub("", part) for part in PARTS.split(inside.replace("|", "/"))]
        led = led_by(inside, known) if match.start() == 0 else ""
        if led:
            return (led,)
        if _WHO_ARE.match(text[match.end() :]):
            continue
        if slug(inside) in known or (
            all(slug(part) in known or is_nothing_else(part) for part in parts) and slug(parts[0]) in known
        ):
            return slugs((inside,) if slug(inside) in known else parts)
        spans: list[tuple[int, int]] = [
            one for one in (people_in(inside) or departments_in(inside.lower(), [])) if one[0] == 0
        ]
        if not spans or any(char.isdigit() for char in inside):
            continue
        rest = inside[spans[0][1] :].strip().lower()
        word = FIRST_WORD.match(rest)
        if (
            not rest
            or rest[0] in ",/&+|"
            or rest.startswith(("and ", "or ", "sign"))
            or (word and word[1] in THIRD and (" " in rest or word[1] != "texts"))
        ):
            return named_in(inside)
    return ()


_PATH: Final = re.compile(r"\w/\w+/|/\w+\.\w{2,5}$|^\w+\.\w{2,5}$")
"""`(ops/release/pipeline.md)` is a file, and nobody."""
_THEIRS: Final = re.compile(r"(?:['\u2019]s?)? (?:responsibility|task|job|action)$")
"""`Paint the hull. (Pilot responsibility)`."""
_WHO_ARE: Final = re.compile(r" (?:that|who) ")
"""`Anyone (engineers, testers) who is concerned`: of whom it speaks."""
ANOTHER: Final = re.compile(r"^(?:the |an? |any |another |one (?:other |more )?)")
