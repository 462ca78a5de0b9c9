# SPDX-License-Identifier: Apache-2.0
"""Whom a lead charges with all that hangs on it: `Backend people, your part:`, `The test house will:`."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from interlock.packs.reading.inflecting import third
from interlock.packs.reading.lexicon import OPENERS, THIRD_PERSON, cut
from interlock.packs.reading.owning import PARTS
from interlock.packs.reading.passages import Passage
from interlock.packs.reading.roles import departments_in, people_in, slug, slugs
from interlock.packs.reading.slots import is_somebody

_NAME: Final = (
    r"(?P<who>(?!(?:our|the|my|an?|each|every) )[A-Za-z][\w&'\u2019-]*(?: (?:&|and |of |[\w'\u2019-]+)){0,3}?)"
)
_OURS: Final = (
    r"^(?:(?:and|then|now|next|finally|meanwhile),? )?(?:(?:our|the|my) (?:friends|colleagues|folks|people) (?:at"
    r"|of|from"
    r"|in|over at) )?(?:(?:the|our|an?|each|every) )?"
)
_DUTY: Final = r"(?:will|shall|must|should|has to|have to|is to|are to|needs? to|ought to|agrees? to|promises? to)"
_OF_THEM: Final = r"(?: (?:all )?(?:of )?(?:the following|these|those|this|that)(?: [a-z]+)?)?"
_CALLED: Final = re.compile(
    rf"{_OURS}{_NAME}(?:, (?:your (?:part|turn|list|tasks?|jobs?|homework|bit)|please|you|over to you|(?:it"
    r"|this) is your"
    rf"|this is for you)| {_DUTY}(?: (?P<to>[a-z-]+))?{_OF_THEM}| (?P<does>[a-z-]+){_OF_THEM}"
    r"|['\u2019]s? (?:part|tasks?|jobs?|duties|list|turn|homework))(?: (?:before|after|during|at|on|by|for"
    r"|in)\b[^:;.]{2,40})?\s*:$",
    re.IGNORECASE,
)
_SEVERAL: Final = re.compile(
    r"^(?P<names>[A-Z][\w'\u2019-]*(?: [A-Z][\w'\u2019-]*)?(?:(?:, | and | & "
    r"|, and )[A-Z][\w'\u2019-]*(?: [A-Z][\w'\u2019-]*)?){1,3})"
    r"(?:, (?:please|you|together))?:$"
)
"""`Olu and Sister Maeve:`"""
_DOES: Final = THIRD_PERSON | third(OPENERS) | {"does", "do"}


def charged_by(lead: str, known: frozenset[str]) -> tuple[str, ...]:
    """Whoever a lead charges; nobody where it speaks of a thing, or of what is to be told to somebody."""
    several = _SEVERAL.match(lead)
    names = PARTS.split(several["names"]) if several else []
    if any(slug(name) in known for name in names) and not any(cut(name).opener for name in names):
        return slugs(names)
    groups = groups_of(lead)
    if groups:
        return groups
    of_duty = _DUTY_OF.search(lead) or _IS_RESPONSIBLE.search(lead)
    if of_duty and (name := _at_end(of_duty["who"], known)):
        return slugs((name,))
    found = _CALLED.match(lead)
    if found is None:
        return ()
    who = found["who"]
    is_duty = (found["to"] is None or found["to"] in OPENERS) and (found["does"] is None or found["does"] in _DOES)
    is_known = slug(who) in known or (0, len(who)) in (*people_in(who), *departments_in(who.lower(), []))
    is_other = not cut(who).opener and who[0].isupper() and is_somebody(who.lower().split()) and found["does"] is None
    return slugs((who,)) if is_duty and (is_known or is_other) else ()


_PERSON: Final = r"(?P<who>[A-Za-z][\w&'\u2019-]*(?: [\w&'\u2019-]+){0,3}?)"
_DUTY_OF: Final = re.compile(
    r"\b(?:responsibilit(?:y|ies)|duty|duties|tasks?|jobs?|role|work|deliverables?|actions?|activities|to-?dos?|steps)"
    rf" (?:of|for|from|by|expected of|assigned to) (?:the |an? |our |each )?{_PERSON}"
    r"(?: (?:is|are|includes?|consists? of|comprises?|between|during|before|after|in|at|on|throughout)\b.*)?[\s:.]*$",
    re.IGNORECASE,
)


def groups_of(lead: str) -> tuple[str, ...]:
    """`Actions for other WGs:`: several of what is known by its letters are people."""
    found = _SIGNS_OF.match(lead)
    return slugs((found["who"],)) if found else ()


_SIGNS_OF: Final = re.compile(
    r"^(?:(?i:actions|tasks|duties|responsibilities|steps)) (?i:for|of) (?:(?i:the|all|other|our) )*"
    r"(?P<who>[A-Z]{2,5})s:?$"
)
"""`Actions for other WGs:`."""
_IS_RESPONSIBLE: Final = re.compile(
    rf"(?:^|[,;] |\b(?:the|our|each|an?) ){_PERSON} (?:is|are|will be) (?:also |then |generally )?(?:responsible"
    r"|accountable|in charge|tasked) (?:for|of|with)\b.*:$",
    re.IGNORECASE,
)
"""`The responsibilities of the release manager include:`, `the release manager is responsible for the following:`."""


def theirs(found: Sequence[Passage], known: frozenset[str]) -> dict[tuple[int, str], tuple[str, ...]]:
    """Whose duties a lead lists that says `It is their job to:`, by whom the sentence before it introduces."""
    charged = {}
    for before, lead in pairwise(found):
        is_near = before.headings == lead.headings and lead.line - before.last <= _NEAR
        told = _IS_THE.search(before.text) if is_near and _IT_IS_THEIRS.match(lead.text) else None
        if told and (name := _at_end(told["who"], known)):
            charged[lead.line, lead.text] = slugs((name,))
    return charged


_NEAR: Final = 2
_IS_THE: Final = re.compile(rf"\b(?:is|are|acts as|becomes?) (?:the|our|an?) {_PERSON}\.?$")
_IT_IS_THEIRS: Final = re.compile(
    r"^(?:it(?:['\u2019]s| is) (?:their|his|her) (?:responsibility|job|duty|task|role|turn) to"
    r"|(?:they|he|she) (?:is|are) (?:responsible|accountable) for"
    r"|(?:their|his|her) (?:responsibilities|duties|tasks|jobs?) (?:is|are|include))\b",
    re.IGNORECASE,
)
"""`Who saw it is the incident lead. It's their responsibility to:`."""


def _at_end(who: str, known: frozenset[str]) -> str:
    """The name that these words are or end with; empty: they name nobody."""
    words = who.split()
    names = (" ".join(words[first:]) for first in range(len(words)))
    return next((one for one in names if slug(one) in known or (0, len(one)) in people_in(one)), "")


_ADDRESSED: Final = re.compile(
    r"^(?:and |then |also,? )?(?P<who>[A-Z][\w'\u2019-]*(?: [A-Z][\w'\u2019-]*)?)(?::|,| \u2013| -) "
    r"(?P<how>please|you|could you|can you|would you|kindly|your (?:job|part|turn|task)) "
)


_NO_NAME: Final = frozenset(
    "important note notice remember reminder attention careful warning caution tip hint again also first second third "
    "finally last today tomorrow tonight then next now please sorry thanks everybody everyone all hello however".split()
)


def addressed(text: str) -> str:
    """Whom a sentence speaks to: `Tomasz: please lock the branch`, `Yuki, you sign the list`; empty: nobody by name."""
    found = _ADDRESSED.match(text)
    if found and found["who"].lower() in _NO_NAME:
        return ""
    is_name = found is not None and is_somebody(found["who"].lower().split()) and not cut(found["who"]).opener
    return found["who"] if found and is_name else ""
