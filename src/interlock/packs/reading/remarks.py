# SPDX-License-Identifier: Apache-2.0
"""Remarks between commands that are whole sentences and bind whoever runs them: `# never run it against production`.

Only a sentence with its own subject or command is one; any other remark that binds is left for a person to read.
"""

import re
from collections.abc import Iterator
from typing import Final

_REMARK: Final = re.compile(r"(?:^|(?<=\s))(?:#+|//+|--|;+|%+|::|(?i:rem))\s+(?P<said>[A-Za-z].*?)\s*$")
_DUTY: Final = r"(?:must|shall|may not|ha(?:s|ve) to|needs? to)"
_SENTENCE: Final = re.compile(
    rf"^(?!{_DUTY}\b)(?:[\w'-]+ ){{1,8}}{_DUTY} (?:(?:not|never|always|only|first|be|have) )*[a-z]{{2,}}"
    r"|^(?:please )?(?:never|do not|don['\u2019]t|always) (?:ever )?(?!with\b|in\b|on\b|at\b|by\b|for\b|the\b|an?\b)"
    r"[a-z]{2,} \S+",
    re.IGNORECASE,
)


def remarks(commands: str) -> Iterator[tuple[int, str]]:
    """The place among the lines of each such remark, from 0, and what it says."""
    for place, line in enumerate(commands.split("\n")):
        found = _REMARK.search(line)
        if found and _SENTENCE.match(found["said"]):
            yield place, found["said"]
