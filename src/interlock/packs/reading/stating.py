# SPDX-License-Identifier: Apache-2.0
"""What only states, by how it is made: for whom a page is, what letters mean, who somebody is, a place to fill in.

None of it asks for anything, whatever words it holds; whoever signs in such a place is looked at elsewhere.
"""

import re
from typing import Final

from interlock.packs.reading.beside import SIGNING, signing_line
from interlock.packs.reading.fields import is_field
from interlock.packs.reading.lexicon import APPROVED, MODAL, PERFECT, SIGNED, THIRD, cut
from interlock.packs.reading.passages import Form
from interlock.packs.reading.roles import slug
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.topics import QUIET, Topic

_SCOPE: Final = re.compile(
    r"^it (?:only |also |equally )?(?:applies|does not apply|doesn['\u2019]t apply)"
    r" (?:only |also |equally |neither )?to\b"
    r"|^(?:this|the|our) (?:policy|procedure|document|sop|process|standard|guide|runbook|instruction|checklist)"
    r" (?:does not|doesn['\u2019]t) apply to\b"
)
"""`It applies to all wards. It does not apply to the pharmacy.`"""
_WHERE_SCOPE: Final = QUIET | {Topic.SCOPE}
_MEANING: Final = re.compile(
    r"^(?:[A-Z][A-Z_]+|[\"'\u201c][^\"'\u201c\u201d]{1,30}[\"'\u201d]) +"
    r"(?:is|are|means?|stands? for|denotes?|refers? to) (?:an? |the )?(?!to\b|not\b|only\b)[A-Za-z]"
)
"""`REV is the revision, almost always 1`: what a sign stands for."""
_GREETING: Final = re.compile(r"^(?:hello|hi|hey|dear)\b,? [^.;:!?]{2,80}[.!]?(?: |$)")
_WHO: Final = re.compile(r"^(?P<who>[^\u2013\u2014:]{3,40}?)(?: [\u2013\u2014-] |: )(?P<rest>.+)$")
"""`Branch shepherd \u2014 one for each branch`: somebody, and who they are."""
_BLANKS: Final = re.compile(r"^(?:[A-Z][\w #/-]{1,30}:[\s_.@]*){2,}$")
"""`Lead today: ____ Commit: ____`, on one line."""
_SIGNED: Final = re.compile(
    r"\b(?:approv\w+|sign\w*|initial\w*|by|accept\w*|authori[sz]\w+|releas(?:ed|er)|check\w*)\b"
)
_LEAST: Final = 2


def only_states(one: Saying) -> bool:
    """Whether it tells something that asks for nothing."""
    return _tells_scope(one) or _tells_meaning(one) or _is_greeting(one) or _tells_who(one) or _is_left_empty(one)


def _tells_scope(one: Saying) -> bool:
    return one.topic in _WHERE_SCOPE and bool(_SCOPE.match(one.words.low)) and not one.words.has(MODAL)


def _tells_meaning(one: Saying) -> bool:
    is_meaning = one.passage.form is not Form.BOX and bool(_MEANING.match(one.passage.text))
    return is_meaning and not one.own and not one.words.has(_BINDS)


_BINDS: Final = frozenset("must shall required mandatory forbidden responsible".split())


def _is_greeting(one: Saying) -> bool:
    return one.passage.form is Form.SENTENCE and bool(_GREETING.match(one.words.low)) and not one.words.has(MODAL)


_THERE: Final = frozenset("on at in during present available reachable there responsible".split())
"""What somebody has to be begins so: `on site for the first wave`."""
_SAYS_MORE: Final = MODAL | THIRD | APPROVED | SIGNED


def _tells_who(one: Saying) -> bool:
    """Among the roles: a name, and behind it no word of what they do."""
    found = _WHO.match(one.passage.text) if one.topic is Topic.ROLES and one.passage.form is Form.SENTENCE else None
    if found is None or slug(found["who"]) not in one.own:
        return False
    rest = cut(found["rest"])
    is_told = bool(rest.opener) and PERFECT.get(rest.first, rest.first) == rest.first
    return not is_told and not rest.has(_SAYS_MORE) and rest.first not in _THERE


def _is_left_empty(one: Saying) -> bool:
    """A line to be filled in that stands by itself: what is asked is asked where it is used."""
    passage = one.passage
    if passage.form not in (Form.SENTENCE, Form.LEAD) or passage.above or passage.has_parts or signing_line(passage):
        return False
    is_form = _is_empty_row(passage.text) or bool(_BLANKS.match(passage.text))
    is_alone = not passage.text.endswith(":") and bool(is_field(passage))
    is_signed = bool(_SIGNED.search(one.words.low) or SIGNING.search(one.title))
    return (is_form or is_alone) and not is_signed and one.topic is not Topic.APPROVAL


def _is_empty_row(text: str) -> bool:
    """`| Release no. | | | Vendor version | |`: a row without titles, and nothing in it but names of places."""
    cells = [cell.strip() for cell in text.split("|")] if text.startswith("|") and text.endswith("|") else []
    return sum(map(bool, cells)) * _LEAST <= len(cells[1:-1]) + 1 and bool(cells)
