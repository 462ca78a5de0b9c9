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


_UNKNOWN: Final = re.compile(r"(?!has|was|does|this|always|goes|must|plus|across)[a-z]{3,}(?:[^s\W]s)$")
_BEFORE_NOUNS: Final = frozenset(
    "the a an all any each every of in on by for with no our your two three new open".split()
)


def _done_by(one: Saying) -> str:
    """The first thing that somebody does or has done; what a role is called is nothing that it does."""
    names = {part for role in one.own for part in role.split("-")}
    before = ""
    for word, after in zip(one.main.all, (*one.main.all[1:], ""), strict=True):
        if before in ("has", "have") and word in PERFECT:
            return PERFECT[word]
        if word not in names and _is_verb(word, before, after, is_behind_name=before in names):
            return word
        before = word
    return "do" if one.is_listed() and "does" in one.main.known else ""


def _is_verb(word: str, before: str, after: str, *, is_behind_name: bool) -> bool:
    if word in _HELPING or before in _BEFORE_NOUNS or before.endswith("est"):
        return False
    is_unknown = is_behind_name and word not in THIRD and after not in _HELPED and bool(_UNKNOWN.match(word))
    return word in THIRD or word in _PLAIN or is_unknown


_HELPED: Final = frozenset("is are was were has have must may can shall will should".split())


def is_attested_above(one: Saying) -> bool:
    """Whether it stands below somebody's sign-off: `QA Lead sign-off confirming:`."""
    return (
        bool(one.given)
        and one.passage.form is not Form.ROW
        and bool(one.lead)
        and bool(_ATTESTING_LEAD.search(one.lead))
    )
