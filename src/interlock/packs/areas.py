# SPDX-License-Identifier: Apache-2.0
"""Areas of a service's source: which paths they are, and what of them a change touches.

1. A pattern is matched against the whole path: `*` and `?` stay within a name, `**` crosses folders.
2. Where areas are named at all, a path that belongs to none belongs to `elsewhere`: nothing is touched unseen.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from interlock.domain.ids import PersonId
from interlock.packs.shape import key

ELSEWHERE: Final = "elsewhere"
"""The area of every path that no other area names."""
_PARTS: Final = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_MEANS: Final = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class AreaShape:
    paths: tuple[str, ...] = field(metadata=key(doc="Paths of the repository; *, ? and ** stand for others."))
    owners: tuple[PersonId, ...] = field(default=(), metadata=key(doc="Who owns it."))


def touched(areas: Mapping[str, AreaShape], paths: Iterable[str]) -> tuple[str, ...]:
    """The areas that these paths belong to, in the order in which the bindings name them, `elsewhere` last."""
    if not areas:
        return ()
    found: set[str] = set()
    for path in paths:
        found.update(
            [name for name, area in areas.items() if any(_pattern(one).fullmatch(path) for one in area.paths)]
            or [ELSEWHERE]
        )
    return tuple(name for name in (*areas, ELSEWHERE) if name in found)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile("".join(_MEANS.get(part, re.escape(part)) for part in _PARTS.findall(text)), re.DOTALL)
