# SPDX-License-Identifier: Apache-2.0
"""Sentences that ask for nothing: what a word means, what is not covered, what was, what whoever writes thinks."""

import re
from typing import Final

from interlock.packs.reading.habits import STRICT
from interlock.packs.reading.lexicon import MODAL
from interlock.packs.reading.manner import begins_as_told
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.topics import Topic

_MEANS: Final = re.compile(
    r"^(?:the (?:term|word) )?[\"'\u201c\u201e\u00ab*](?P<word>[\w /&-]{2,50})[\"'\u201d\u201c\u00bb*],? "
    r"(?:(?:shall |here )?means?|is|are|refers? to|stands? for|denotes?|describes?)\b"
)
"""`"Release package" means the image`."""
_MEANS_THERE: Final = re.compile(
    r"^(?:an? |the )?[\w /&-]{2,50} (?:(?:shall )?means?|refers? to|stands? for|denotes?|is an?|are) "
)
"""The same without quotes, below a title that says so."""
_KINDS_OF: Final = re.compile(r"^an? [a-z-]+(?: [a-z-]+)? is (?:either\b|an? [\w -]{3,40}? (?:that|which|who|whose)\b)")
"""`A change is either routine or curatorial`, `a hotfix is a change that cannot wait`."""
_NOT_COVERED: Final = re.compile(
    r"^(?:it|this|(?:this|the|these|our) [a-z-]+(?: [a-z-]+)?) (?:does not|doesn['\u2019]t|do not|don['\u2019]t) "
    r"(?:cover|apply|extend|concern|govern|deal|include|address|replace|describe|affect)\b"
)
_WAS: Final = re.compile(
    r"^(?:(?:the )?last|in|back in|two|three|until|(?:a|one) (?:few )?(?:weeks?|months?|years?) ago)\b[^.;:]{0,40}?"
    r"\b(?:[a-z]+ ){1,2}?(?:all )?(?:had|was|were|did|went|lost|got|saw|broke|could)\b"
)
"""`Last winter we had three of those`."""
_THINKS: Final = re.compile(
    r"^(?:yes, |no, |and |but |[^.;:]{4,60}[,)] )?i (?:just |really )?(?:know|think|guess|hope|promised?"
    r"|reali[sz]e|admit|understand|believe|remember|wrote|sat|collected|was|had|am|love|hate"
    r"|(?:do not|don['\u2019]t) want|have (?:written|collected|put|heard))\b"
    r"|^(?:sorry|apologies)\b|^that['\u2019]s (?:it|all)\b"
    r"|\bwelcome[.!]?$|^it took (?:me|us|him|her|them)\b"
    r"|^(?:thanks|thank you|cheers|greetings|regards)\b"
)
_POSTSCRIPT: Final = re.compile(r"^p\.?(?:p\.?)?s\.?\s*[:.-]")
_PLEADS: Final = re.compile(r"\b(?:please|don['\u2019]?t forget|never|make sure|remember to)\b")
_DEFINING: Final = re.compile(r"\b(?:definitions?|terms?|glossary|vocabulary|terminology)\b")


def explains(one: Saying) -> bool:
    """Whether it only tells what something means, is not about, was, or seems to whoever writes."""
    low = one.words.low
    if _MEANS.match(low) or _NOT_COVERED.match(low):
        return True
    if one.topic is Topic.REFERENCE and _DEFINING.search(one.title) and _MEANS_THERE.match(low):
        return True
    if _KINDS_OF.match(low):
        return not one.words.has(STRICT)
    is_asking = one.words.has(MODAL) or begins_as_told(one) or bool(_PLEADS.search(low))
    return not is_asking and bool(
        (_WAS.match(low) and not one.is_listed()) or _THINKS.match(low) or _POSTSCRIPT.match(low)
    )
