# SPDX-License-Identifier: Apache-2.0
"""Lines that begin with a mark of their author's own, and places to sign that dots lead to, as items of a list.

An arrow at the beginning of a line is a mark; any other sign is one where it comes again. No line is added or removed.
"""

import re
from collections import Counter
from typing import Final

_MARKED: Final = re.compile(r"^(?P<indent>\s*)(?P<mark>[-=]{1,2}>|>>|[~@&^;!=\\/]{1,3}|--|\+\+|::|<>|\(\))\s+(?=\S*\w)")
_ROUND: Final = re.compile(r"^(?P<indent>\s*)\( \)\s+(?=\S*\w)")
_ARROWS: Final = frozenset(("->", "-->", "=>", "==>", ">>"))
_FENCE: Final = re.compile(r"^\s*(?:```|~~~)")
_LED: Final = re.compile(
    r"^(?P<indent>\s*)(?P<number>\d{1,2}[.)]\s+)?(?P<label>(?![-*+|>#(\[_.\d])\S[^|.:]{0,40}?)\s*(?:\.{4,}|\u2026{2,}|_{6,})\s*(?P<rest>.*)$"
)
_PAGE: Final = re.compile(r"^[\divxlc]*$")
_BLANK: Final = re.compile(r"[\s._\u2026]+$")
_SEVERAL: Final = 2
_DEEPEST: Final = 3
"""An item that is indented further would belong to the one above."""


def as_marked(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines, as many as were given."""
    found: list[str] = []
    marked = [_MARKED.match(line) for line in lines]
    often = Counter(one["mark"] for one in marked if one)
    is_fenced = False
    for one, line in zip(marked, lines, strict=True):
        is_fenced ^= bool(_FENCE.match(line))
        round_box = _ROUND.match(line)
        if is_fenced:
            found.append(line)
        elif one and (one["mark"] in _ARROWS or often[one["mark"]] >= _SEVERAL):
            found.append(f"{one['indent']}- {line[one.end() :]}")
        elif round_box:
            found.append(f"{round_box['indent']}- [ ] {line[round_box.end() :]}")
        else:
            found.append(_led(line))
    return tuple(found)


_SIGN_BOX: Final = re.compile(r"^(?P<what>\S.*?\S) {3,}(?P<who>[A-Za-z][\w&' -]{2,40})$")
"""`Box 2  Authorised     duty manager .......`: what for, and who signs."""


def _led(line: str) -> str:
    """`Captain ........ date ....` as a place that the captain signs, `Soak ..... 48 hours` as what is said of it."""
    one = _LED.match(line) if "..." in line or "\u2026" in line or "______" in line else None
    if one is None or (one["rest"] and _PAGE.match(one["rest"])) or not any(map(str.isalpha, one["label"])):
        return line
    rest = _BLANK.sub("", one["rest"])
    box = _SIGN_BOX.match(one["label"]) if not rest else None
    if box:
        who = box["who"][0].upper() + box["who"][1:]
        return f"{one['indent'][:_DEEPEST]}- {who}: ______ Signature ({' '.join(box['what'].split())})"
    indent = one["indent"][:_DEEPEST]
    is_said = bool(rest) and rest == one["rest"].rstrip()
    return f"{indent}{one['number'] or '- '}{one['label'].rstrip()}: {rest if is_said else f'______ {rest}'.rstrip()}"
