# SPDX-License-Identifier: Apache-2.0
"""What somebody answers for: a signature, a look, a word that it is so; and what only sounds like one."""

import re
from typing import Final

from interlock.packs.reading.inflecting import third
from interlock.packs.reading.lexicon import (
    ATTESTING,
    CHECKING,
    DEVELOPING,
    DOING,
    MODAL,
    SIGNED,
)
from interlock.packs.reading.manner import SIGNED_THINGS, begins_as_told, has_state
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.topics import Topic
from interlock.packs.reading.verbs import REVIEWS, examines, is_attested_above, verb_of

_HUMAN: Final = sought(
    r"\b(?:on-?call(?! (?:phone|pager|number|channel|tool))"
    r"|rotation|teams?|people|staff|everyone|stakeholders?|support|business|legal|scope"
    r"|plan|strategy|checklist|risk|impact|training(?! (?:system|data|environment|set|run))|trained|aware|briefed"
    r"|prepared|rota|contacts?"
    r"|coverage (?:for|during)|timing|communication|responsibilit\w+|owner|agreed|understood"
    r"|acknowledged|walkthrough|design|ux|copy|looked|licen[cs]e (?:ok|cleared)|compliance"
    r"|requirements|stories|runbooks?|procedures?|incident lead|engineer|person|pair of eyes|somebody"
    r"|someone|colleague|war ?room|dates?|calendar)\b"
)
_OF_SIGNING: Final = frozenset("signature signatures clearance".split())
SIGNS: Final = sought(
    r"\bhas (?:read|seen|checked|tried|tested|confirmed|verified|reviewed)\b|\b(?:heard|consulted"
    r"|satisfied)\b|\bsign(?:s|ed|ing)?[ -]?off\b|\bsign(?:s|ed) (?:the|off|by)\b"
    r"|\bsign the (?:run|protocol|form|report|checklist|risk|document|record|release (?:form|sheet))\b"
    r"|^sign (?:the |it\b|here)(?!.*\b(?:tags?|tarballs?|binar\w+|artifacts?|packages?|archives?|images?"
    r"|installers?|builds?|hash\w*|files?|commits?|apk|checksums?|editors?|apps?|executables?|bundles?|modules?)\b)|\b(?:works?|goes|walks?|clicks?"
    r"|plays?) through (?:the|their|all|its|every)\b|\band (?:signs?|initials?|countersigns?) (?:it|them"
    r"|the)\b|\bhas signed\b|\b(?:is|are) signed\b"
    r"|^(?:the |our )?[a-z][\w /&-]{2,40} confirms (?:that|the|in|all|it|no)\b|\bsigned$|\bsignature\b|\bcountersign"
)
_VAGUE: Final = frozenset(
    ("", "documentation", "data", "monitoring", "ci", "rollback-drill", "configuration", "coverage")
)
_PUTS_UP: Final = frozenset("uploads publishes generates creates attaches builds pushes".split())
_LOOKED_AT_BY: Final = sought(
    r"\b(?:watched|observed|witnessed|checked|verified|reviewed|tested|confirmed|inspected|validated"
    r"|proof-?read) by\b"
)
_HAS_DONE: Final = re.compile(
    r"^(?:have|let|get) .{2,60}? (?:to )?(?:check|confirm|verify|review|test|try|read|look|proof-?read|sign"
    r"|comment|inspect)\b(?! know)"
)
_BY_HAND: Final = DOING | CHECKING


_PUT_OFF: Final = frozenset("schedule move plan arrange book organise organize file open create assign".split())


def signs(one: Saying) -> bool:
    if one.main.opener in _PUT_OFF and not SIGNS.search(one.words.low):
        return False
    low = SIGNED_THINGS.sub("", one.words.low)
    if (
        _HAS_DONE.match(low)
        or _HAS_DONE.match(one.main.low)
        or (one.own and one.passage.form is not Form.ROW and _LOOKED_AT_BY.search(low))
    ):
        return True
    by_hand = _PUTS_UP if one.own else _BY_HAND
    is_key = low != one.words.low and not one.own
    is_thing = one.words.known & SIGNED <= _OF_SIGNING and (verb_of(one) in by_hand or is_key)
    if not is_thing and (SIGNS.search(low) or one.words.has(SIGNED if one.own else _SIGNED_SO)):
        return True
    if is_attested_above(one) and not begins_as_told(one) and not one.own and not one.words.has(MODAL):
        return True
    if examines(one):
        return verb_of(one) not in _TRIES
    return (
        bool(one.own)
        and (verb_of(one) in REVIEWS or verb_of(one) in ATTESTING or bool(_LOOKED_AT.search(low)))
        and one.passage.form is not Form.ROW
        and not (verb_of(one) == "sign" and _SOFTWARE.search(low))
    )


_SIGNED_SO: Final = frozenset("acknowledged attested certified countersigned endorsed signed-off".split())
_ANSWERS_FOR: Final = frozenset({"confirm", "examine", "review", "try", "validate", "witness"})
_TRIES: Final = third(CHECKING - _ANSWERS_FOR) | CHECKING - _ANSWERS_FOR
"""Whoever checks or tests something leaves a result behind, which is looked at."""
_SOFTWARE: Final = sought(
    r"\b(?:editors?|apps?|executables?|installers?|binar(?:y|ies)|packages?|tags?|images?|archives?)\b"
)
"""What is signed with a key."""
_AT_A_GLANCE: Final = 12
_FEW_WORDS: Final = 5
_LOOKED_AT: Final = sought(r"\b(?:reviewed|inspected|assessed|proof-?read|looked at)\b|\breview$")


def is_human(one: Saying) -> bool:
    """What a person ticks off who has looked at it: `migrations reviewed`, `scope complete`."""
    if one.main.opener == "fix":
        return False
    if one.main.opener in DEVELOPING and one.topic in (Topic.LOCAL, Topic.BEFORE, Topic.OTHER):
        return True
    count = len(one.words.all)
    if begins_as_told(one) or not one.is_listed() or one.words.has(MODAL) or count > _AT_A_GLANCE:
        return False
    if _LOOKED_AT.search(one.words.low) or "review" in one.label.lower():
        return True
    is_state = has_state(one) and bool(_HUMAN.search(one.words.low)) and one.check in _VAGUE
    return is_state and count <= _FEW_WORDS and not one.own
