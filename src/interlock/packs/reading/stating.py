# SPDX-License-Identifier: Apache-2.0
"""What only states, by how it is made: for whom a page is, what letters mean, who somebody is, a place to fill in.

None of it asks for anything, whatever words it holds; whoever signs in such a place is looked at elsewhere.
"""

import re
from typing import Final

from interlock.packs.reading.beside import SIGNING, signing_line
from interlock.packs.reading.fields import is_field
from interlock.packs.reading.legends import is_legend
from interlock.packs.reading.lexicon import APPROVED, MODAL, PERFECT, SIGNED, THIRD, cut
from interlock.packs.reading.passages import Form
from interlock.packs.reading.roles import slug
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
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
_EDITED: Final = re.compile(
    r"^(?:(?:revision|version|edition|issue|rev\.?) [a-z\d.]+|this) (?:was|introduced|corrected|added|changed|removed"
    r"|replaced|reworded|clarified|brought)\b"
)
"""`Revision E introduced the second machine`."""
_THAT_YEAR: Final = re.compile(
    r"^(?:in|back in|since) (?:[a-z]+ )?(?:19|20)\d\d\b[^.]*\b(?:[a-z]{3,}ed|was|were|had|went|lost)\b"
)
"""`In 2019 a bad image cracked forty pieces`."""
_TAKES: Final = re.compile(
    r"^(?:the |an? |each )?(?:[\w-]+ ){1,3}takes? (?:about|around|roughly|some|approximately|less than) "
    r"|^it takes (?:an?|one|two|\d+|half an?) (?:few )?(?:second|minute|hour|day)s?\.?$"
    r"|^(?:he|she|they|it) (?:usually|normally|typically|mostly|often) "
)
"""`A run takes about 14 minutes`."""
_UNDECIDED: Final = re.compile(r"^(?:should|shall|could|might|do|can) we\b.*\?$")
"""`Should we sign the binaries?`: nobody knows yet."""
_OF_DOCUMENT: Final = re.compile(
    r"^(?:document|doc\.?) (?:no\b|ref(?:erence)?\b|number\b|id\b)"
    r"|^(?:page owner|reading time|circulated to|distribution(?: list)?|classification) ?:"
    r"|^last (?:edited|gardened|reviewed|updated|touched) by\b|^(?:department|division|unit|faculty) ?: [a-z]"
)
"""`Document ref. CP-07, issue 4`: what a document says of itself."""
_SEGMENTS: Final = re.compile(r"^(?:[A-Z][\w ]{2,24}: [^:\u00b7|]{1,40}(?:\s[\u00b7|\u2022]\s|$)){2,}$")
"""`Status: in force \u00b7 Contact: the desk`."""
_APPLIES: Final = re.compile(
    r"^(?:(?:does not )?appl(?:ies|y) to|in scope|out of scope|audience|related(?: documents)?|see also) ?:"
)
_OUT: Final = re.compile(r"\b(?:is|are) (?:in|out of|within|beyond|outside) (?:the )?scope\b")
_VERB: Final = sought(
    r"\b(?:is|are|has|have|may|can|do|does|not|no|[a-z]{3,}[^su]s (?:the|an?|to|all|every|each)|[a-z]{3,}ed)\b"
)
"""Where a scope is told, what has none only names what belongs to it."""
_ENTRY: Final = re.compile(r"^(?:v|rev\.? ?|version )?\d{1,4}(?:\.\d{1,3})+(?::| [\u2013\u2014-]) ")
"""`v2.3: forgot the docs`, in a history."""
_ONLY_WANT: Final = re.compile(
    r"^if you (?:only|just) (?:want|need|use)\b|^we(?: have|['\u2019]ve) never (?:had|needed)\b"
)
_GREETING: Final = re.compile(r"^(?:hello|hi|hey|dear)\b,? [^.;:!?]{2,80}[.!]?(?: |$)")
_WHO: Final = re.compile(r"^(?P<who>[^\u2013\u2014:]{3,40}?)(?: [\u2013\u2014-] |: )(?P<rest>.+)$")
"""`Branch shepherd \u2014 one for each branch`: somebody, and who they are."""
_SOMEBODY: Final = re.compile(
    r"^one (?:for|per|from|of) (?:each|every)\b(?! (?:sign|approv|check|confirm|decid)\w*)[^.;]{0,60}$"
    r"|^(?:(?:the|an?|one of (?:the|our))(?: [\w-]+){0,2}? (?:person|people|one|members?|developer|engineer|colleague"
    r"|maintainer|individual|human|employee)|whoever|somebody|someone)\b[^.;]{0,40}?(?: who\b| of\b| according to\b"
    r"|(?<=whoever) )"
)
"""`Depot liaison: the person in operations who talks to the depots`: who somebody is."""
_BLANKS: Final = re.compile(r"^(?:[A-Z][\w #/-]{1,30}:[\s_.@]*){2,}$")
"""`Lead today: ____ Commit: ____`, on one line."""
_SIGNED: Final = re.compile(
    r"\b(?:approv\w+|sign\w*|initial\w*|by|accept\w*|authori[sz]\w+|releas(?:ed|er)|check\w*)\b"
)
_LEAST: Final = 2


def only_states(one: Saying) -> bool:
    """Whether it tells something that asks for nothing."""
    return _tells_scope(one) or _tells_meaning(one) or _is_talk(one) or _tells_who(one) or _is_left_empty(one)


def _tells_scope(one: Saying) -> bool:
    if one.words.has(MODAL):
        return False
    low = one.words.low
    is_said = one.topic is Topic.SCOPE and one.passage.form is Form.SENTENCE
    is_name = is_said and not (one.main.opener or one.own or _VERB.search(low))
    return (
        is_name
        or (one.topic in _WHERE_SCOPE and bool(_SCOPE.match(low) or _OUT.search(low)))
        or bool(_APPLIES.match(low))
    )


def _tells_meaning(one: Saying) -> bool:
    text = one.passage.text
    is_meaning = not one.own and bool(_MEANING.match(text))
    is_there = one.topic is Topic.REFERENCE and bool(_TERM.match(text) or _ENTRY.match(text))
    return (is_meaning or is_there or is_legend(one.passage)) and not one.words.has(_BINDS)


_TERM: Final = re.compile(r"^[^\u2013\u2014:=]{2,40}?(?::| [\u2013\u2014=-]) (?:(?:the|an?|any) )?[A-Za-z]")
"""`Label master: the file from which labels are printed`, where words are explained."""


_BINDS: Final = frozenset("must shall required mandatory forbidden responsible".split())


def _is_talk(one: Saying) -> bool:
    low = one.words.low
    if _OF_DOCUMENT.match(low) and not one.words.has(MODAL):
        return True
    if _UNDECIDED.match(low) or _ONLY_WANT.match(low) or _SEGMENTS.match(one.passage.text):
        return True
    is_said = one.passage.form is Form.SENTENCE and not one.words.has(MODAL)
    return is_said and any(kind.match(low) for kind in (_GREETING, _EDITED, _THAT_YEAR, _TAKES))


_THERE: Final = frozenset("on at in during present available reachable there responsible".split())
"""What somebody has to be begins so: `on site for the first wave`."""
_SAYS_MORE: Final = MODAL | THIRD | APPROVED | SIGNED


def _tells_who(one: Saying) -> bool:
    """Among the roles: a name, and behind it no word of what they do."""
    found = _WHO.match(one.passage.text)
    if found and _SOMEBODY.match(found["rest"]) and not one.words.has(MODAL):
        return True
    if found is None or one.topic is not Topic.ROLES or slug(found["who"]) not in one.own:
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
