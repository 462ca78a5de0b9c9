# SPDX-License-Identifier: Apache-2.0
"""Lettered lists below a numbered line that leads to them: `5.1 The keeper ensures that:`, and then `a)`, `b)`.

Tidying makes numbered items of both; what is lettered hangs on what leads to it. No line is added or removed.
"""

import re
from typing import Final

_NUMBERED: Final = re.compile(
    r"^(?P<indent>\s{0,4})(?:\d{1,2}(?:\.\d{1,2})*[.)]?|\(\d{1,2}\)|[A-Z]\.\d{1,2}[.)]?)\s+\S"
)
_LETTERED: Final = re.compile(r"^(?P<indent>\s{0,5})(?:\([a-z]\)|[a-z][.)]|\([ivx]{1,4}\)|[ivx]{1,4}[.)])\s+\S")
_ITEM: Final = re.compile(r"^\s*1\. ")
_DEEPER: Final = "   "


def nested(lines: tuple[str, ...], tidy: list[str]) -> tuple[str, ...]:
    """The tidied lines; `lines` are the same as their author wrote them."""
    found: list[str] = []
    lead, letters = -1, -1
    is_open = False
    for line, made in zip(lines, tidy, strict=True):
        numbered, lettered = _NUMBERED.match(line), _LETTERED.match(line)
        indent = len(line) - len(line.lstrip())
        if not line.strip():
            found.append(made)
            continue
        is_part = lettered is not None and bool(_ITEM.match(made)) and (is_open or letters >= 0) and lead >= 0
        if is_part and indent <= lead + 2:
            letters = indent
        elif letters >= 0 and indent > letters:
            pass
        else:
            letters = -1
            lead = indent if numbered and _ITEM.match(made) else lead if indent > lead >= 0 else -1
        is_open = line.rstrip().endswith(":")
        found.append(f"{_DEEPER}{made}" if letters >= 0 else made)
    return tuple(found)
