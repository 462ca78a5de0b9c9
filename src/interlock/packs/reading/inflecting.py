# SPDX-License-Identifier: Apache-2.0
"""What follows from the grammar of a verb: `verifies`, `verifying`, `verified`."""

from collections.abc import Iterable
from typing import Final

_VOWELS: Final = "aeiou"
_DOUBLING: Final = frozenset(
    "tag ship drop stop put cut set run get spot plan pin swap ban scan map log ping commit submit permit transfer "
    "control flip trim step chat embed zip unzip unpin unplug plug skip snap pop prep sit dig refer omit admit "
    "strip wrap flag slip clip spin split shut".split()
)
_IRREGULAR: Final = {
    "tell": "told", "write": "written wrote", "send": "sent", "take": "taken took", "make": "made", "keep": "kept",
    "hold": "held", "build": "built", "run": "ran", "give": "given gave", "get": "got", "find": "found",
    "put": "put", "cut": "cut", "set": "set", "let": "let", "bring": "brought", "freeze": "frozen froze",
    "begin": "begun began", "do": "done did", "choose": "chosen", "draw": "drawn", "say": "said", "see": "seen",
    "leave": "left", "meet": "met", "roll": "rolled", "shut": "shut", "spin": "spun", "read": "read", "go": "gone went",
    "rebuild": "rebuilt", "rewrite": "rewritten", "stand": "stood", "bake": "baked", "sit": "sat",
}  # fmt: skip


def inflected(verb: str) -> Iterable[str]:
    """A verb, what somebody else does, what is being done, what was done: in this order."""
    yield verb
    stem = verb.removesuffix("e")
    doubled = verb + verb[-1] if verb in _DOUBLING else stem
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        yield from (f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing")
        return
    yield f"{verb}es" if verb.endswith(("s", "sh", "ch", "x", "z", "o")) else f"{verb}s"
    yield f"{doubled}ing"
    yield from _IRREGULAR.get(verb, f"{doubled}ed").split()


def forms(verbs: str) -> frozenset[str]:
    """Every form of these verbs."""
    return frozenset(form for verb in verbs.split() for form in inflected(verb))


def third(verbs: Iterable[str]) -> frozenset[str]:
    """What somebody else does: `deploys`, `verifies`."""
    return frozenset(list(inflected(verb))[1] for verb in verbs)
