# SPDX-License-Identifier: Apache-2.0
"""What only people do, what machines do as well, and how the nouns of people and of acts are made."""

import re
from typing import Final

from interlock.packs.reading.inflecting import forms, inflected, third
from interlock.packs.reading.lexicon import (
    AMBIGUOUS,
    ATTESTING,
    DECIDING,
    NOUNS,
    OPENERS,
    PERFECT,
    THIRD,
    THIRD_PERSON,
)
from interlock.packs.reading.things import is_thing

_SPEAKING: Final = (
    "read talk speak listen hope think believe insist promise object refuse decline doubt judge "
    "consent veto vote recommend propose suggest advise convince persuade oversee supervise chair nominate appoint "
    "volunteer attend sit walk taste phone ask answer explain brief greet thank argue discuss debate recalculate "
    "interview study proofread countersign initial waive overrule fly drive visit meet apologise translate remember "
    "rehearse disagree stand say assess tell inform invite ring dial witness interpret ponder weigh draft sketch"
)
ASSENT: Final = forms(" ".join((DECIDING | ATTESTING) - {"clear"}))
HUMAN: Final = forms(_SPEAKING) | ASSENT
ANSWERING: Final = frozenset(("responsible", "accountable", "answerable"))
TRADE: Final = re.compile(r"[a-z]{2,}(?:er|or|ist|ian|eer|man|woman|men|women|ant|yst)s?$")
ACT: Final = re.compile(r"(?:tion|sion|ment|ness|ity|ing|ance|ence|ure|ship|ism|sis|[ovt]al)s?$")
MACHINERY: Final = frozenset(
    "testing scanning logging processing caching alerting tracing linting polling versioning signing tagging rendering "
    "indexing monitoring".split()
)
"""Acts that only machines are called after: `complaint handling` is an office, `load testing` is none."""
BASES: Final = OPENERS | frozenset(_SPEAKING.split())
THIRDS: Final = THIRD | third(_SPEAKING.split())
PLAIN_THIRDS: Final = THIRD_PERSON | third((*_SPEAKING.split(), *DECIDING, *ATTESTING))
VERBS: Final = BASES | THIRDS
IDIOMS: Final = frozenset(
    (verb, behind)
    for verbs, behinds in (
        ("make makes", "sure certain"),
        ("go goes", "through over"),
        ("hand hands", "over"),
        ("look looks", "at over"),
        ("fill fills", "in out"),
        ("give gives", "their his her"),
        ("wait waits", "for"),
        ("see sees", "to"),
    )
    for verb in verbs.split()
    for behind in behinds.split()
)
"""What two words say that only people do."""
PERSONAL: Final = HUMAN | ANSWERING
WORKS: Final = OPENERS | NOUNS | AMBIGUOUS
"""What is done, and what it is done with."""
_ANYBODY: Final = frozenset("person persons people colleague colleagues human humans member members pair".split())
RECEIVING: Final = forms("get receive hear know learn want wish need become like understand notice see") | {"have"}
SAYS: Final = frozenset("objection objections veto say vote right word last final doubts".split())
PROGRESSIVE: Final = {one: verb for verb in BASES for one in inflected(verb) if one.endswith("ing")}
"""What somebody is doing: `is looking at`."""
SINGS: Final = re.compile(r"(?!has|was|does|this|its|always|process|access|across|plus|less|yes)[a-z]{2,}[^sui']s$")
"""A verb of somebody else that no list knows: `apologises`."""
_MACHINES: Final = frozenset(
    "starts stops runs fails returns restarts works boots loads reports shows accepts responds goes comes crashes "
    "takes has is was does stays remains passes builds deploys sends logs waits uses needs contains supports listens "
    "gets serves lives recovers reaches makes turns exits have start stop run fail return restart work load".split()
)
"""What programs do as well as people."""
DEEDS: Final = THIRDS | BASES
DONE: Final = {form: verb for verb in BASES for form in list(inflected(verb))[3:]} | PERFECT
COMMON: Final = _MACHINES | RECEIVING


def is_work(head: str) -> bool:
    """Whether a noun is what is done, and what it is done with: it does nothing by itself."""
    return bool({head, head.removesuffix("s")} & WORKS) or is_thing(head)


def is_anybody(words: list[str]) -> bool:
    """`People`, `another person`: they have no name. The metering people have."""
    is_crew = words[-1] in ("people", "folks") and len(words) > 1
    return words[-1] in _ANYBODY and not is_crew
