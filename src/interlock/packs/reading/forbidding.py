# SPDX-License-Identifier: Apache-2.0
"""Whether a passage forbids something, and does not only speak of what is absent, allowed or advised."""

import re
from typing import Final

from interlock.packs.reading.lexicon import CHECKING
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.tidying import PROHIBITED
from interlock.packs.reading.topics import Topic
from interlock.packs.reading.verbs import (
    examines,
    lists,
)

NEVER: Final = sought(
    r"\b(?:never|must not|mustn't|shall not|may not|should not|shouldn't|do not|don't|dont|cannot"
    r"|can't|(?:is|are) not to be|(?:is|are) not (?:be )?(?:allowed|permitted)|not be|forbidden|prohibited"
    r"|nobody|no one"
    r"|avoid|refrain|not allowed|not permitted|(?:shall|must|may|should) (?:have )?no|nothing (?:goes|is|gets"
    r"|may)|never"
    r"|there (?:is|are) no|(?:under|in) no (?:circumstances?|case)|at no time|on no account"
    r"|(?:mandatory|obligatory|compulsory|essential) that\b[^.;]*(?:\bnot|n't|\bno|\bnobody))\b|^without\b.*\bno\b"
    r"|^(?:until|before|after|during|in|on|while)\b[^,.:]{0,40}\bno \w+ (?:is|are|may|can|goes|go|leaves?|gets?)\b"
    r"|^(?:during|while|in|on)\b[^,.:]{1,40}\bno (?:\w+ )?(?:changes|deploys|deployments|releases|merges)\b"
)
SHOULD: Final = sought(r"\b(?:SHOULD|RECOMMENDED)\b(?! NOT)")
_BAD_STATE: Final = sought(
    r"\b(?:open|outstanding|left$|included|observed|detected|found|enabled|known|remaining|remain|failing"
    r"|unresolved|critical|active|pending|reported|exposed|committed|logged|findings?|errors?|spikes?"
    r"|defects?|bugs?|blockers?|issues|vulnerabilit\w+|regressions?|warnings?|entries|exceptions?"
    r"|complaints?|crash\w*|secrets?|conflicts?"
    r"|alerts?|incidents?|cves?|debug|violations?|leaks?|degradation|drift)\b"
)
_FORGET: Final = re.compile(r"\b(?:don't|do not|never) forget\b")
_NO_ACT: Final = re.compile(
    r"^no (?:\w+ )?(?:releases?|deploy\w*|changes?|merg\w+|commits?|push\w*|hot-?fix\w*)\b(?! (?:are )?pending)"
)
_NO_WAY: Final = re.compile(
    r"^no (?:[\w/-]+ ){1,4}?(?:shall|may|must|can|unless|without|w/o|outside|during|after|before|on|between|while|goes?"
    r"|runs?|leaves?)\b"
)
_CASE: Final = re.compile(r"^(?:if|when|whenever|in case|as long as|while|unless)\b[^,;]{4,80}, ?")
"""In what case something holds: `nobody` in it forbids nothing."""
_NOT_WORSE: Final = sought(
    r"\b(?:may|must|shall|should) not be (?:\w+er|worse|more \w+) (?:than|by)\b|\bnot (?:deviate|differ"
    r"|vary)\b.*\bmore than\b"
)


def forbids(one: Saying) -> bool:
    low = one.words.low
    if low.startswith(PROHIBITED) or (one.topic is Topic.PROHIBITED and lists(one)):
        return True
    is_advised = (
        "SHOULD" in one.passage.text and "MUST" not in one.passage.text and bool(SHOULD.search(one.passage.text))
    )
    if one.words.first == "zero" or is_advised or (examines(one) and "never" not in one.words.known):
        return False
    if one.words.first == "not":
        return not one.check
    if one.passage.form is Form.BOX and one.words.first == "no":
        return bool(_NO_ACT.match(low))
    if one.words.first == "no":
        low = low.partition(" so that ")[0]
        return bool(_NO_WAY.match(low)) or (not _BAD_STATE.search(low) and not one.given)
    if one.main.opener in CHECKING and _ABSENT.search(low):
        return False
    return bool(NEVER.search(low)) and _says_never(one) and not _is_checked_absence(one)


_ABSENT: Final = sought(r"\b(?:ensure|verify|check|confirm|sure|see|assure)\b[^.;]{0,80}\bno\b")
"""`Check the server to ensure there are no issues`: what has to be so."""


def _says_never(one: Saying) -> bool:
    """Whether it still does without what forbids nothing: the case it holds in, what it is for, `don't forget`."""
    low = _FORGET.sub("", _CASE.sub("", one.words.low).partition(" so that ")[0])
    if one.main.opener and one.is_listed():
        low = re.split(r", (?=nobody|no one)", low)[0]
    return bool(NEVER.search(low))


def _is_checked_absence(one: Saying) -> bool:
    """`Secrets not logged`, `error rate must not exceed`: the absence of something that a machine sees."""
    return bool(_NOT_WORSE.search(one.words.low)) or (
        bool(one.check)
        and bool(
            re.search(
                r"\b(?:must not|not) (?:be (?:worse|higher|lower|more)|exceed|differ|deviate|logged|increase"
                r"|regress)",
                one.words.low,
            )
        )
    )
