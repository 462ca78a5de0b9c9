# SPDX-License-Identifier: Apache-2.0
"""Kinds that a few plain words settle: what is suggested, who gives their word, what is looked at again and again.

Each function is one line of the table in `kinds`, which says in which order they are asked.
"""

import re
from typing import Final

from interlock.packs.reading.binding import binds
from interlock.packs.reading.lexicon import MODAL, NEGATED, REVIEWED, THIRD
from interlock.packs.reading.passages import Form
from interlock.packs.reading.relations import Relation
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.verbs import examines, has_role_first, verb_of

_SUGGESTS: Final = sought(
    r"\bwould be (?:always |very )?(?:nice|good|wise|lovely|great|kind|helpful|preferable|a good idea)\b"
    r"|\bit['\u2019]d be (?:nice|good|wise|lovely|great|kind|helpful)\b"
    r"|\bit(?:['\u2019]s| is) (?:always |usually )?(?:wise|preferable|a good idea|helpful)\b"
    r"|\b(?:we|i)(?:['\u2019]d| would)? (?:suggest|advise|recommend|encourage)\b|^consider [a-z]+ing\b"
    r"|\bfeel free to\b|\bat (?:their|your|his|her) leisure\b|\b(?:is|are) (?:always |much )?appreciated\b"
    r"|\bought to be\b|\bif you can spare\b"
)
_GIVES_WORD: Final = sought(
    r"\b(?:gives?|grants?|issues?) (?:the|an?|their|his|her) (?:(?:written|formal|final|express) )?(?:release|okay)\b"
    r"|\bconsents? (?:in writing|to)\b|\bendorses?\b[^.;]{2,60}\bin writing\b|\bgrants or refuses\b"
    r"|\bpermission for use\b"
    r"|^(?:the )?go for [^.;]{2,40} is given by\b"
)
_LOOKS: Final = frozenset(
    "checks check looks look verifies verify reviews review watches watch samples monitors monitor inspects inspect "
    "reads scans scan".split()
)
_STATES: Final = sought(r"\b(?:is|are|was|were|will|be)\b")
_LETTER: Final = re.compile(r"^[RACIraci](?: ?[/,] ?[RACIraci])*$")
_LEAST: Final = 2


def is_suggested(one: Saying) -> bool:
    """`It would be wise to say so earlier`, `Consider oiling it`."""
    return bool(_SUGGESTS.search(one.words.low)) and not binds(one.passage.text)


def gives_word(one: Saying) -> bool:
    """`The dean gives the written release`, `The owner consents in writing`."""
    return bool(_GIVES_WORD.search(one.words.low)) and not one.words.has(NEGATED)


def is_looked_at_again(one: Saying) -> bool:
    """`The diver checks the gauge every hour`: nobody signs that each time."""
    is_look = verb_of(one) in _LOOKS or examines(one) or one.words.has(REVIEWED) or "verified" in one.words.low
    return one.in_relation(Relation.EVERY) and is_look and one.passage.form is not Form.ROW


def is_lettered_row(one: Saying) -> bool:
    """A row in which letters say who does it."""
    letters = sum(bool(_LETTER.match(cell.strip())) for _, cell in one.passage.cells[1:])
    return one.passage.form is Form.ROW and letters >= _LEAST


def is_duty(one: Saying) -> bool:
    """`Reads the differences line by line`, of whoever is named there or above: what somebody does is a step."""
    is_bare = one.words.first in THIRD and not _STATES.search(one.words.low)
    is_told = is_bare or (has_role_first(one) and verb_of(one) in THIRD)
    return bool(one.given) and is_told and not one.words.has(MODAL | NEGATED)
