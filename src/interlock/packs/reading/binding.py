# SPDX-License-Identifier: Apache-2.0
"""Words that bind somebody, whatever stands around them: what has to be so, and what may not be."""

import re
from typing import Final

BINDING: Final = re.compile(
    r"\b(?:must|mustn't|shall|shan't|never|mandatory|obligatory|compulsory|forbidden|prohibited|under no circumstances"
    r"|may not|ha(?:s|ve) to|needs? to|(?:is|are) required|not (?:be )?(?:allowed|permitted))\b"
    r"|(?:^|[^\w\s] ?|\d ?|\b(?:please|so|and|but|we|you) )(?:do not|don't)\b"
    r"|^only\b[^.;]{2,60}\bmay\b"
    r"|\b(?:nobody|no one|no-one) (?!is\b|was\b|has\b|had\b|else\b|[a-z]{3,}ed\b)[a-z]+"
)


def binds(text: str) -> bool:
    """Whether these words bind somebody, whatever stands around them."""
    return bool(BINDING.search(text.lower().replace("\u2019", "'")))
