# SPDX-License-Identifier: Apache-2.0
"""Text that its author struck out: withdrawn, and so no statement; what was struck is told, so that nobody misses it.

What is struck may go on in the next line, as far as its paragraph does. No line is added or removed.
"""

import re
from dataclasses import dataclass
from typing import Final

_STRUCK: Final = re.compile(
    r"(?<!~)~~(?=[^~\s])(?P<said>(?:(?!~~|\n\s*\n).){1,2000}?)(?<=\S)~~(?!~)"
    r"|<(?P<tag>del|s|strike)(?:\s[^<>]{0,200})?>(?P<tagged>(?:(?!\n\s*\n).){1,2000}?)</(?P=tag)\s{0,3}>",
    re.DOTALL | re.IGNORECASE,
)
_FENCED: Final = re.compile(r"^[ \t]*(?P<fence>```|~~~).*?(?:^[ \t]*(?P=fence)|\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Struck:
    """What of a line was struck out."""

    line: int
    text: str


def without_struck(lines: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[Struck, ...]]:
    """The lines without what was struck out, as many as were given, and what that was."""
    text = "\n".join(lines)
    if "~~" not in text and "</" not in text:
        return lines, ()
    struck: list[Struck] = []
    fenced = [one.span() for one in _FENCED.finditer(text)]

    def taken(found: re.Match[str]) -> str:
        if any(begin <= found.start() < end for begin, end in fenced):
            return found[0]
        line = text.count("\n", 0, found.start()) + 1
        said = (found["said"] or found["tagged"]).split("\n")
        struck.extend(Struck(line + place, part.strip()) for place, part in enumerate(said) if part.strip())
        return "\n" * found[0].count("\n")

    return tuple(_STRUCK.sub(taken, text).split("\n")), tuple(struck)
