# SPDX-License-Identifier: Apache-2.0
"""Sentences of a paragraph that tell how things are or were: what something is like, what it has, what once happened.

A procedure is as often told as commanded, so a plain sentence counts as asked. These do not: nobody in them does
anything, nothing is done to anything, no time runs, and no word binds.
"""

import re
from typing import Final

from interlock.packs.reading.binding import binds
from interlock.packs.reading.habits import STRICT
from interlock.packs.reading.lexicon import MODAL
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought

_OF: Final = (
    r"^(?:and |but |so |also,? |then )?(?:(?:the|an?|our|its|their|his|her|my|these|those|this|that|most|some|both"
    r"|previous|many|several|few|one of (?:them|the|our))(?: [\w./'\u2019-]+){0,5}?|it|they|he|she|there|here|which)"
)
_IS_LIKE: Final = re.compile(
    _OF + r" (?:is|are|['\u2019]s|['\u2019]re) (?:(?:usually|mostly|often|deliberately|simply|just|still|also|merely"
    r"|probably|currently) )?(?:an?|the one|the (?:first|last|oldest|biggest|largest|smallest)|what|why|how|where"
    r"|on purpose"
    r"|about|roughly|around|nearly|almost|(?:\w+er) than|simple|easy|hard|nervous|fast|slow|big|small|old|new|nice"
    r"|odd|absurd"
    r"|harmless|painful|in (?:the|our|your|its|their)|our|your|its|their|roles|because|so|too|very|quite|rather|mostly"
    r"|usually|tolerated)\b"
)
"""`The golden file is a set of made-up patients`, `The phones are in the drawer`."""
_HAS: Final = re.compile(
    _OF
    + r" (?:has|have) (?:an?|its|their|our|about|roughly|nearly|some|many|few|several|no|\d+|two|three|four|five|six"
    r"|seven|eight|nine|ten)\b(?! (?:right|veto|vote|say|duty|deputy|owner|days?|hours?|minutes?|weeks?)\b)"
)
"""`It has its own release next week`."""
_LOOKS: Final = re.compile(
    r"^(?:it|they|this|that|these|those|people|nobody here|everybody|most of (?:us|them)) (?:just |usually |often "
    r"|only )?(?:looks?|means?|helps?|costs?|saves?|sounds?|feels?|happens?|works?|seems?|grumbles?|likes?|loves?"
    r"|hates?|runs?"
    r" (?:about|around|roughly)|makes? (?:it|us|sense|for)|gives? us|tends?)\b"
    r"|^then there will be\b|^(?:also )?(?:yes|no), |\bon request\.$"
)
_WAS: Final = re.compile(
    r"^(?:so far|since then|back then|in (?:our|my) experience|once upon|(?:the )?last (?:year|winter|spring"
    r"|summer|autumn|time))\b"
    r"|^(?:we|i|it|they|he|she|there|nobody|somebody) (?:used to|once|had|was|were|did|have (?:gone|had|seen|lost"
    r"|learnt"
    r"|learned|tried|been))\b"
    r"|^(?:(?!if|when|once|unless|after|that|which|who|what)[\w./'\u2019-]+ ){1,6}?(?:was|were|had|used to) "
    r"(?!(?:been )?(?:not |never )?[a-z]+(?:ed|en) (?:must|shall|may)\b)"
    r"|^(?:[\w./'\u2019-]+ ){1,5}?(?!(?:need|exceed|proceed|feed)\b)[a-z]{3,}ed (?:the|an?|its|us|them|it|our|by \w+ "
    r"(?:days|weeks|months|years)|\d[\d.,]* ?%?)\b"
    r"|[;,] (?:and )?(?:that|it|this) (?:cost|took|saved|broke|lost) (?:us|me|them)\b"
)
"""`We used to have a long section here`, `Settlement joined the list after the last audit`."""
_SUPERSEDES: Final = re.compile(
    r"^(?:this|the present|the) (?:\w+ ){0,2}?(?:instruction|edition|version|policy|procedure|directive|sop|standard"
    r"|document)\b(?: \w+)? (?:supersedes|replaces|covers|concerns|belongs)\b"
)
_ASKS: Final = sought(
    r"\b(?:only|never|not|no|none|nobody|every|each|all|any|minimum|maximum|limit|default|deadline|responsible"
    r"|in charge|required|mandatory|forbidden|due|allowed|permitted|frozen|closed|no-go|okay|fine|emergency|until"
    r"|unless"
    r"|if|when|whenever|before|after|within|instead|please|authority|decision|up to)\b"
)
_TELLS: Final = (_IS_LIKE, _HAS, _LOOKS)


def is_narrated(one: Saying) -> bool:
    """Whether it tells how things are, or were, and asks nobody for anything."""
    low = one.words.low
    if one.passage.form is not Form.SENTENCE or one.passage.above or binds(low) or one.words.has(MODAL):
        return False
    if _SUPERSEDES.match(low):
        return True
    if one.own or one.main.opener or one.words.has(STRICT):
        return False
    is_told = any(tells.match(low) for tells in _TELLS) and not _ASKS.search(low) and not one.times
    return is_told or bool(_WAS.search(low) and not low.startswith(("if ", "when ", "once ", "after ")))
