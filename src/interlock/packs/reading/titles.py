# SPDX-License-Identifier: Apache-2.0
"""Titles that ask for something by themselves: whole sentences that bind, and ways that only some changes may take."""

import re
from typing import Final

_TITLE: Final = re.compile(
    r"^(?!what\b|who|when\b|where\b|which\b|how\b|why\b|things?\b)(?:[\w'-]+ ){1,8}(?:must|shall|may not|ha(?:s|ve) to"
    r"|(?:is|are) (?:not |strictly )?(?:forbidden|prohibited|mandatory|required|allowed|permitted))\b"
    r"|^(?:\w+ )?(?:never|do not|don't|nobody|no one|under no circumstances)(?: [\w'-]+){2,}"
)
"""A title that is a whole sentence, and not the name of what stands below it."""
_ASIDE: Final = re.compile(r"\([^()]*\)")
_LIMITED: Final = re.compile(
    r"\b(?:path|track|lane|route|way|channel|procedure|process|releases?|hot-?fix(?:es)?|fix|changes?|deployments?)\b"
    r"[^()]*\((?:(?:very )?(?:low|minor|small|trivial)[ -][^()]+|only [^()]+|[^()]+ only)\)$"
)


def names_rule(title: str) -> bool:
    """Whether a title is a rule by itself: `Releases must be approved`, not `What must be approved`."""
    return bool(_TITLE.match(_ASIDE.sub("", title.lower().replace("\u2019", "'"))))


def limits_way(title: str) -> bool:
    """Whether a title says who may go the way below it: `Fast lane (small boats only)`."""
    return bool(_LIMITED.search(title.lower()))
