# SPDX-License-Identifier: Apache-2.0
"""The verb that a passage turns on, and who stands behind it: what several rules about kinds ask first."""

import re
from functools import lru_cache
from itertools import pairwise
from typing import Final

from interlock.packs.reading.inflecting import third
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
    cut,
)
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought

REQUESTS: Final = frozenset("request requests ask asks seek seeks solicit".split())
_ATTESTING_LEAD: Final = sought(
    r"\bsign(?:s|ed|ing)?[ -]?off\b|\battest\w*|\backnowledg\w+|\bcertif\w+|\bconfirms(?: that)?\W*$"
    r"|\b(?:verification|confirmation|approval)\W*$"
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
        "witness",
    )
)
_LOOKS: Final = frozenset(
    "examine audit review validate verify confirm test inspect check assess certify witness try".split()
)
_LOOKED: Final = _LOOKS | third(_LOOKS) | {"tries"}
RECORD_LEAD: Final = re.compile(
    r"\b(?:includes?|contains?|compris\w+|consists? of|made up of|with the following(?: sections| fields)?"
    r"|sections|state|record|document"
    r"|capture|note|attach|list)\s*:$"
)
TELLS: Final = third(TELLING) | {"rings", "talks", "speaks"}
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
    return _verb(one.main.low, one.main.opener or one.words.opener, one.own, one.is_listed())


@lru_cache(maxsize=4096)
def _verb(low: str, opener: str, own: tuple[str, ...], is_listed: bool) -> str:  # noqa: FBT001 - the key of a cache
    if opener in _ALL_VERBS and not _has_first(low, own):
        return opener
    pronoun = _PRONOUN.match(low)
    if pronoun and pronoun[1] in _ALL_VERBS:
        return pronoun[1]
    if own:
        return _done_by(cut(low).all, own, is_listed=is_listed) or opener
    return opener


_QUANTITY: Final = re.compile(
    r"^(?:(?:the|an?|all|both|any|each|every|one|two|three|four|\d+|at least|a second|another|responsible|owning) )+"
)


def has_role_first(one: Saying) -> bool:
    """Whether its main clause begins with whoever acts: `Two nurses test it`."""
    return bool(one.own) and _has_first(one.main.low, one.own)


@lru_cache(maxsize=4096)
def _has_first(low: str, own: tuple[str, ...]) -> bool:
    bare = _QUANTITY.sub("", low.removeprefix("@")) if own else ""
    return any(bare.startswith(role.replace("-", " ")) for role in own)


def examines(one: Saying) -> bool:
    """`The reviewer shall examine the code`, `Two nurses test it`: who looks answers for it."""
    return one.passage.form is not Form.ROW and has_role_first(one) and verb_of(one) in _LOOKED


_UNKNOWN: Final = re.compile(r"(?!has|was|does|this|always|goes|must|plus|across)[a-z]{3,}(?:[^s\W]s)$")
_BEFORE_NOUNS: Final = frozenset(
    "the a an all any each every of in on by for with no our your two three new open".split()
)


def _done_by(words: tuple[str, ...], own: tuple[str, ...], *, is_listed: bool) -> str:
    """The first thing that somebody does or has done; what a role is called is nothing that it does."""
    parts = {part for role in own for part in role.split("-")}
    names = parts | {f"{part}s" for part in parts}
    before = ""
    for word, after in pairwise((*words, "")):
        if before in ("has", "have") and word in PERFECT:
            return PERFECT[word]
        if word not in names and _is_verb(word, before, after, is_behind_name=before in names):
            return word
        before = word
    return "do" if is_listed and "does" in words else ""


def _is_verb(word: str, before: str, after: str, *, is_behind_name: bool) -> bool:
    is_last = not after and before.endswith("ing") and word not in THIRD
    if is_last or word in _HELPING or before in _BEFORE_NOUNS or (before, word) in _COMPOUNDS or before.endswith("est"):
        return False
    if word in _ALL_PLAIN and after in _OBJECT_BEGINS:
        return True
    if (word in _ALL_PLAIN and after in PERFECT and after.endswith("ed")) or (word in THIRD and after in _ARE):
        return False
    is_unknown = is_behind_name and word not in THIRD and after not in _HELPED and bool(_UNKNOWN.match(word))
    return word in THIRD or word in _PLAIN or is_unknown


_ARE: Final = frozenset("is are was were".split())
"""What makes the word before it a noun: `last wave's reports are balanced`."""
_OBJECT_BEGINS: Final = frozenset("the it them all every each an".split())
"""What makes the word before it a verb, and no noun."""
_COMPOUNDS: Final = frozenset((one, "request") for one in ("pull", "merge", "change", "service", "feature"))
_HELPED: Final = frozenset("is are was were has have must may can shall will should".split())


def is_attested_above(one: Saying) -> bool:
    """Whether it stands below somebody's sign-off: `QA Lead sign-off confirming:`."""
    return (
        bool(one.given)
        and one.passage.form is not Form.ROW
        and bool(one.lead)
        and bool(_ATTESTING_LEAD.search(one.lead))
    )
