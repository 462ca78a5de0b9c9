# SPDX-License-Identifier: Apache-2.0
"""What a lead asks for itself, and where only what hangs on it does: `Tag it like this:` beside `You must:`."""

import re
from typing import Final

from interlock.packs.reading.lexicon import DOING, MODAL, TELLING, THIRD, WRITING
from interlock.packs.reading.passages import Form
from interlock.packs.reading.relations import Relation
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought

_INTO: Final = sought(r"\b(?:in|to|into|under|at)\s*:$")


def is_mere_lead(one: Saying) -> bool:
    """Whether what stands below it is all that is asked."""
    low = one.words.low.rstrip("* ")
    if not one.passage.has_parts or one.in_relation(Relation.WITHIN) or _INTO.search(low):
        return False
    is_name = len(one.words.all) == 1 or bool(_STAGE.match(one.passage.text))
    is_name = is_name and one.passage.form is not Form.BOX
    if _asks_itself(one, low) or (not is_name and (_does_itself(one) or _must_itself(one) or _is_done(one, low))):
        return False
    return one.passage.form is Form.LEAD or is_name or (low.endswith(":") and not one.own)


def _asks_itself(one: Saying, low: str) -> bool:
    """`It must be written down, including:`, `Wait for all of them!`: what stands below is only a part of it."""
    is_binding = one.words.has(MODAL) or one.words.has(SHOULD) or bool(one.main.opener)
    return is_binding and (bool(_INCLUDING.search(low)) or (bool(one.main.opener) and low.endswith("!")))


_THEMSELVES: Final = (DOING | WRITING | TELLING) - frozenset(
    "do perform complete run execute use work enter go get give keep note wait hold sign".split()
)
_OF_LIST: Final = re.compile(
    r"^[a-z-]+ (?:(?:all|each|any|some|one|two|three|through|out|up|in|down) )*(?:of )?(?:the (?:following|steps)|these"
    r"|this|those|as follows|following|below)\b"
)


def _does_itself(one: Saying) -> bool:
    """`Send a request that makes these changes:` is done, `Do the following:` is what stands below."""
    is_led = one.passage.text.rstrip("* ").endswith(":")
    return is_led and one.main.opener in _THEMSELVES and not _OF_LIST.match(one.main.low)


def _is_done(one: Saying, low: str) -> bool:
    """`The lead schedules the meetings`, above when they are: somebody does it, and no colon makes it a lead."""
    return bool(one.own) and not low.endswith(":") and one.words.has(THIRD) and not _OF_LIST.search(one.main.low)


SHOULD: Final = frozenset("should recommended encouraged may have has".split())
"""What asks for less than a `must`, or for nothing."""
_INCLUDING: Final = re.compile(r"\bincluding(?: but not limited to)?:$")
_MUST: Final = re.compile(
    r"\b(?:must|should|shall|has to|have to|needs? to) (?:also |first |then |not )*(?P<verb>(?:be )?[a-z-]+)"
)
_ONLY_LEADS: Final = re.compile(
    r"(?:do|have|include|contain|meet|comply|satisfy|ensure|make|hold|be)$"
    r"|be (?:\w+(?<!ed)(?<!en)|fulfilled|satisfied|included|listed|provided|answered|checked)$"
)


def _must_itself(one: Saying) -> bool:
    """`The lead should notify the board and make sure that:`, where what stands below it is not all that is asked."""
    found = _MUST.search(one.words.low)
    return found is not None and not _ONLY_LEADS.match(found["verb"])


_STAGE: Final = re.compile(r"^[\w.%]+(?: [\w.%]+)? ?(?:\u2192|[-=]{1,2}>) ?[\w.%]+(?: [\w.%]+)?:?$")
"""`Ring 0 -> 1`, above what has to be so for that step."""


def is_command(one: Saying) -> bool:
    """Whether it is a lead that says what is done, and charges nobody with what hangs on it."""
    return bool(one.main.opener) and not one.own and len(one.words.all) > 1 and is_mere_lead(one)


def only_points(one: Saying) -> bool:
    """Whether it is a lead that says nothing without what hangs on it: `You must:`, `Never do any of these:`."""
    return is_mere_lead(one) and bool(_POINTING.search(one.words.low))


_POINTING: Final = re.compile(
    r"\b(?:following|these|those|this|so|that|what|which|(?:any|all|each|one) of)\b[^:]*:\W*$"
    r"|\b(?:must|shall|should|may|never|not|do|don't|be|is|are|has|have|needs?|to|when|whenever|if|unless|by|for"
    r"|with|on|in"
    r"|at|of|as|only|below|here|true|met|ready|done|required|allowed|permitted|forbidden|prohibited|mandatory):\W*$"
)
