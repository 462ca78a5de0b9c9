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
    r"\b(?:includes?|contains?|with the following(?: sections| fields)?|sections|state|record|document"
    r"|capture|note|attach|list)\s*:$"
)
TELLS: Final = third(TELLING)
_ALL_PLAIN: Final = DOING | CHECKING | WRITING | TELLING | DECIDING | ATTESTING | DEVELOPING
_PLAIN: Final = _ALL_PLAIN - frozenset(
    "release change test lead product support security design data platform system service".split()
)
_HELPING: Final = frozenset("must may can shall will has does goes".split())
_ALL_VERBS: Final = _ALL_PLAIN


def lists(one: Saying) -> bool:
    return one.is_listed()


def verb_of(one: Saying) -> str:
    """The verb it turns on: the first word of the main clause, or the first thing that a role does in it."""
    opener = one.main.opener or one.words.opener
    is_subject = any(one.main.low.removeprefix("the ").startswith(role.replace("-", " ")) for role in one.own)
    if opener in _ALL_VERBS and not is_subject:
        return opener
    if one.own:
        return next(
            (word for word in one.main.all if (word in THIRD or word in _PLAIN) and word not in _HELPING), opener
        )
    return opener


def is_attested_above(one: Saying) -> bool:
    """Whether it stands below somebody's sign-off: `QA Lead sign-off confirming:`."""
    return (
        bool(one.given)
        and one.passage.form is not Form.ROW
        and bool(one.lead)
        and bool(_ATTESTING_LEAD.search(one.lead))
    )
