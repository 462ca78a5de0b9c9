# SPDX-License-Identifier: Apache-2.0
"""Whether tests are run, or something else is that only sounds so: a conversion pipeline, the way back."""

import re
from typing import Final

from interlock.packs.reading.ruling import PERIL
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.verbs import RUNS, TESTS, verb_of

_TOOL: Final = sought(
    r"\b\w*(?:lint|validat|audit|verif|checks?|vet\b|fuzz)\w*|\b(?:tox|nox|pytest|mypy|ctest|e2e|r?specs?|jest)\b"
)


def runs_tests(one: Saying) -> bool:
    verb, low = verb_of(one), one.words.low
    if verb in _TRIES:
        return True
    if verb in ("add", "update", "extend", "write"):
        return bool(re.search(r"\btests\b", low))
    if verb not in RUNS or _goes_back(one):
        return False
    is_work = bool(_WORKS_OFF.search(low) or re.search(r"\bmigrations?\b", low))
    return bool(_TOOL.search(low)) or (one.check in TESTS and not is_work)


_TRIES: Final = frozenset("smoke smoke-test test tests".split())
_WORKS_OFF: Final = sought(
    r"\b(?!integration|verification|validation|acceptance|inspection|regression)[a-z]+(?:[ts]ion|sing|rting|ning)"
    r" pipeline\b"
)
"""`Run the conversion pipeline`: what makes something of something else, and tests nothing."""


_WAY_BACK: Final = sought(
    r"\b(?:roll-?back|back-?out|fall-?back|contingency|recovery) (?:plan|script|procedure|steps)\b"
)


def _goes_back(one: Saying) -> bool:
    """`If it fails, the operator executes the back-out plan`: the way back is taken, not tried."""
    return bool(PERIL.match(one.words.low)) and bool(_WAY_BACK.search(one.main.low))
