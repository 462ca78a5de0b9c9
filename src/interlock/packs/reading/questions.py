# SPDX-License-Identifier: Apache-2.0
"""Questions that stand in a list: what is to be answered with yes is a gate, what is to be told a person has to place.

A question that a reader might have (`Can I deploy on Friday?`) is answered by the document, and asks for nothing.
"""

import re
from typing import Final

from interlock.packs.reading.saying import Saying
from interlock.packs.reading.topics import QUIET

_BE: Final = r"(?:is|are|was|were|does|do|did|has|have|had|will|would|can|could)(?:n['\u2019]t)?"
_YES: Final = re.compile(
    rf"^(?:and |so |then )?{_BE} (?!(?:i|you|there a way|it possible|it ok(?:ay)?|it fine)\b)[^?]{{4,}}\?$"
)
_TOLD: Final = re.compile(
    r"^(?:and |so )?(?:what|which|who|whom|whose|when|where|how|in which|by whom|for whom)\b[^?]{3,}\?$"
)
_ANSWERED: Final = re.compile(r"\b(?:yes|answer(?:ed)?|ask yourself|ready|check(?:s|list|ed)?|before)\b", re.IGNORECASE)
"""A title under which questions are asked of whoever releases, though it calls them questions."""


def is_checked(one: Saying) -> bool:
    """Whether it is a question of a list that has to be answered with yes."""
    return one.is_listed() and bool(_YES.match(one.words.low)) and not _is_of_readers(one)


def is_put(one: Saying) -> bool:
    """Whether it is any question of a list, so that a person has to see it."""
    return one.is_listed() and bool(_YES.match(one.words.low) or _TOLD.match(one.words.low))


def _is_of_readers(one: Saying) -> bool:
    return one.topic in QUIET and not any(_ANSWERED.search(heading.text) for heading in one.passage.headings[-2:])
