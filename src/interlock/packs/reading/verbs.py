# SPDX-License-Identifier: Apache-2.0
"""The verb that a passage turns on, and who stands behind it: what several rules about kinds ask first."""

import re
from typing import Final

from interlock.packs.reading.lexicon import (
    ATTESTING,
    CHECKING,
    DECIDING,
    DEVELOPING,
    DOING,
    PERFECT,
    TELLING,
    THIRD,
    WRITING,
    third,
)
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying

REQUESTS: Final = frozenset("request requests ask asks seek seeks solicit".split())
_ATTESTING_LEAD: Final = re.compile(
    r"\bsign-?off\b|\bconfirm\w*|\bverif\w+|\battest\w*|\backnowledg\w+|\bapprov\w+|\bcertif\w+"
)
TESTS: Final = frozenset(
    "tests smoke regression end-to-end ci performance security-scan dependency-scan secret-scan lint "
    "coverage accessibility health rollback-drill".split()
)
RUNS: Final = frozenset(
    "run runs execute executes perform performs repeat re-run rerun smoke-test launch conduct do "
    "smoke regression-test exercise complete finish finalize finalise ensure".split()
)
REVIEWS: Final = third(
    (
        "review",
        "validate",
        "verify",
        "confirm",
        "test",
        "inspect",
        "check",
        "sign",
        "clear",
        "acknowledge",
        "attest",
        "assess",
        "certify",
        "complete",
        "provide",
        "witness",
    )
)
RECORD_LEAD: Final = re.compile(
    r"\b(?:includes?|contains?|compris\w+|consists? of|made up of|with the following(?: sections| fields)?"
    r"|sections|state|record|document"
    r"|capture|note|attach|list)\s*:$"
)
TELLS: Final = third(TELLING)
_ALL_PLAIN: Final = DOING | CHECKING | WRITING | TELLING | DECIDING | ATTESTING | DEVELOPING
_PLAIN: Final = _ALL_PLAIN - frozenset(
    "release change test lead product support security design data platform system service".split()
)
_HELPING: Final = frozenset("must may can shall will has does goes".split())
_ALL_VERBS: Final = _ALL_PLAIN


_PRONOUN: Final = re.compile(r"^(?:you|we|they) (?:then |also |always )?([a-z-]+)")


def lists(one: Saying) -> bool:
    return one.is_listed()


def verb_of(one: Saying) -> str:
    """The verb it turns on: the first word of the main clause, or the first thing that a role does in it."""
    opener = one.main.opener or one.words.opener
    is_subject = any(one.main.low.removeprefix("the ").startswith(role.replace("-", " ")) for role in one.own)
    if opener in _ALL_VERBS and not is_subject:
        return opener
    pronoun = _PRONOUN.match(one.main.low)
    if pronoun and pronoun[1] in _ALL_VERBS:
        return pronoun[1]
    if one.own:
        return _done_by(one) or opener
    return opener


def _done_by(one: Saying) -> str:
    """The first thing that somebody does or has done; what a role is called is nothing that it does."""
    names = {part for role in one.own for part in role.split("-")}
    before = ""
    for word in one.main.all:
        if before in ("has", "have") and word in PERFECT:
            return PERFECT[word]
        if (word in THIRD or word in _PLAIN) and word not in _HELPING and word not in names:
            return word
        before = word
    return ""


def is_attested_above(one: Saying) -> bool:
    """Whether it stands below somebody's sign-off: `QA Lead sign-off confirming:`."""
    return (
        bool(one.given)
        and one.passage.form is not Form.ROW
        and bool(one.lead)
        and bool(_ATTESTING_LEAD.search(one.lead))
    )
