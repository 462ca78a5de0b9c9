# SPDX-License-Identifier: Apache-2.0
"""Sentences of a paragraph that tell how things are or were: what something is like, what it has, what once happened.

A procedure is as often told as commanded, so a plain sentence counts as asked. These do not: nobody in them does
anything, nothing is done to anything, no time runs, and no word binds.
"""

import re
from typing import Final

from interlock.packs.reading.backgrounds import is_background
from interlock.packs.reading.binding import binds
from interlock.packs.reading.habits import STRICT
from interlock.packs.reading.lexicon import MODAL
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.settled import is_suggested

_WORD: Final = r"[\w./'\u2019*-]+"
_HERE: Final = r"^(?:and |but |so |also,? |then |yet |still,? )?"
_NAMED: Final = (
    r"(?:(?:the|an?|our|its|their|his|her|my|these|those|this|that|most|some|both|previous|many|several|few|two|three"
    rf"|one of (?:them|the|our))(?: {_WORD}){{0,6}}?|it|they|he|she|here|which)"
)
_BARE: Final = (
    r"(?:(?!(?:rollback|freeze|skipping|losing|every|each|all|any|no|nothing|none|nobody|one|who|there|should"
    r"|could|would)\b)[a-z][\w-]+"
    rf"(?: (?:of |and )?{_WORD}){{0,3}}?)"
)
_THING: Final = rf"{_HERE}(?:{_NAMED}|{_BARE})"
_SOFTLY: Final = (
    r"(?:(?:usually|mostly|often|deliberately|simply|just|still|also|merely|probably|currently|normally|already|now"
    r"|always|generally|rather|quite|very|too|so|a bit|somewhat|pretty) )*"
)
_LIKE: Final = (
    r"(?:an?|the (?:one|ones|first|last|oldest|biggest|largest|smallest|same|changes|source|reason|long|person|people)"
    r"|what|why|how|where|when|on purpose|about|roughly|around|nearly|almost|\w+er(?: than)?|simple|easy|hard|nervous"
    r"|fast|slow|big|small|old|new|nice|odd|absurd|harmless|painful|immutable|rare|short|long"
    r"|boring|fun|less|more|mostly|two|three|four|five|six|in (?:feet|english|german|french)|(?:in|on|at|under"
    r"|behind|from|for|below|above|near) (?:the|our|your|its|their"
    r"|a|information)|our|your|its|their|roles|because|for information|tolerated)\b"
)
_IS_LIKE: Final = re.compile(_THING + rf"(?: (?:is|are)|['\u2019](?:s|re)) {_SOFTLY}{_LIKE}")
"""`The golden file is a set of made-up patients`, `Dates are in the calendar`."""
_HAS: Final = re.compile(
    _HERE + _NAMED + rf" (?:has|have|hold|holds) {_SOFTLY}(?:an?|its|their|our|about|roughly|nearly|approx\.?|some|many"
    r"|few|several|no|every|\d+|two|three|four|five|six|seven|eight|nine|ten|at the moment)\b"
    r"(?! (?:right|veto|vote|say|duty|deputy|owner|days?|hours?|minutes?|weeks?)\b)"
)
"""`It has its own release next week`."""
_COMES: Final = re.compile(
    _THING
    + r" (?:comes? from|arrives?|hangs?|proposes?|predicts?|considers?|explains?|tends? to|speaks?|survives?|exists?"
    r"|goes back to (?:the (?:days|time|year)|(?:19|20)\d\d)|dates? (?:back )?(?:from|to)|stems? from|lives? (?:in"
    r"|on|at)"
    r"|consists? of|depends? on|var(?:y|ies)|differs?|looks? (?:like|long|short|good|odd|generous|big|small)"
    r"|knows? (?:about|nothing|every)|don['\u2019]?t know|means? that|makes? for|(?:closes?|opens?) at"
    r"|needs? (?:normally|about|around|roughly)|lasts? (?:about|around|roughly)|runs? (?:about|around|roughly|on)"
    r"|serves?"
    r"|feeds?|takes? (?:them|us|it|about|around|roughly|a|an|one|two|three|four|five|six|seven|eight|nine|ten|\d+)"
    r"|(?:is|are) (?:found|available|described|explained|shown) (?:in|on|at|below|above|under|elsewhere))\b"
)
_LOOKS: Final = re.compile(
    r"^(?:it|they|this|that|these|those|people|nobody here|everybody|most of (?:us|them)) (?:just |usually |often "
    r"|only )?"
    r"(?:looks?|means?|helps?|costs?|saves?|sounds?|feels?|happens?|works?|seems?|grumbles?|likes?|loves?|hates?"
    r"|makes? (?:it|us|sense)"
    r"|gives? us|tends?)\b"
    r"|^(?:then )?there will be\b|^(?:also )?(?:yes|no), |\bon request\.$|^why (?:[a-z]+ ){1,3}first\?|^perhaps\b"
)
_DID: Final = (
    r"(?:was|were|had|went|came|got|took|ran|meant|said|saw|broke|wrote|began|grew|fell|felt|stood|thought|threw|won"
    r"|knew|became|used to"
    r"|(?:made|kept|told|found|lost|left|paid|spent|brought|bought)(?= (?:the|an?|it|us|them|its|our|that)\b))"
)
_NO_TURN: Final = (
    r"(?!(?:is|are|be|been|gets?|was|were|has|have|must|shall|may|can|should|will|if|when|once|that|which|who|whoever"
    r"|anyone|anything|whatever|what|not|until|unless|before|after|as|of|all|every|each|any|no) )"
)
_SOMETIME: Final = (
    r"(?:(?:(?!\b(?:if|when|once|unless|until|after|before|that|which|who|whoever|what)\b)[^,;:]){0,45}[ ,])?"
)
_WE: Final = (
    r"(?:we|i|they|he|she|it|nobody|somebody|half of them|some of them|(?:none|most) of (?:them|us))"
    r" (?:also |then |once |even |just |simply |never |hardly |always )*"
)
_DONE: Final = r"(?:been|gone|had|seen|lost|learnt|tried|written|[a-z]+ed)"
_OF_OLD: Final = (
    r"(?:so far|since then|back then|in (?:our|my) experience|once upon|historically|originally|in the past"
    r"|(?:the )?last (?:year|winter|spring|summer|autumn|time)|by now|these days|usually (?:an?|the)"
    r"|roughly (?:one|half))\b"
)
_I: Final = r"i (?:know|see|do see|am|shall be|apologi[sz]e|admit|like|love|hate|think|doubt|wonder)\b"
_OBJECT: Final = r"(?:the|an?|its|us|them|it|our|in through|by \w+ (?:days|weeks|months|years)|\d[\d.,]* ?%?)\b"
_ACTED: Final = r"(?!(?:need|exceed|proceed|feed|speed|succeed)\b)[a-z]{3,}ed"
_WAS: Final = re.compile(
    "|".join(
        (
            rf"^{_OF_OLD}",
            rf"^{_SOMETIME}(?:we|i|there)(?:['\u2019]ve| have| has) (?:[a-z]+ )?{_DONE}\b(?! to\b)",
            rf"^(?:and |but |so )?{_I}",
            rf"^{_SOMETIME}{_WE}(?:{_DID}|did|made|kept|told|found|lost|left|paid|spent|caught|taught|{_ACTED})\b",
            rf"^(?:{_NO_TURN}{_WORD} ){{1,6}}?{_DID} (?!(?:been )?(?:not )?[a-z]+(?:ed|en) (?:must|shall|may)\b)",
            rf"^(?:{_NO_TURN}{_WORD} ){{1,5}}?{_ACTED} {_OBJECT}",
            rf"^(?:{_WORD} ){{1,5}}?(?:have|has) (?:[a-z]+ )?{_DONE} (?:before|in the past|so far|for years|once)\b",
            r", which (?:is|are|was) (?:why|where|how|when|because|the (?:source|reason|cause|point)|also why)\b",
            r"[;,] (?:and )?(?:that|it|this) (?:cost|took|saved|broke|lost) (?:us|me|them)\b",
        )
    )
)
"""`We used to have a long section here`, `Settlement joined the list after the last audit`."""
_SUPERSEDES: Final = re.compile(
    r"^(?:this|the present|the) (?:\w+ ){0,2}?(?:instruction|edition|version|policy|procedure|directive|sop|standard"
    r"|document)\b(?: \w+)? (?:supersedes|replaces|covers|concerns|belongs)\b"
)
_ASKS: Final = sought(
    r"\b(?:only|nowhere|elsewhere|never|not|no|none|nobody|each|all|any|minimum|maximum|limit|default|deadline"
    r"|responsible"
    r"|in charge|required|mandatory|forbidden|due|allowed|permitted|frozen|closed|no-go|okay|fine|emergency|until"
    r"|unless"
    r"|if|when|whenever|before|after|within|instead|please|authority|decision|up to|final|green|stays?|waits?|rolled?"
    r"|sent|signed|approved)\b"
)
_IS_DONE: Final = sought(r"\b(?:is|are|gets?|goes|go|may|needs?) (?:[a-z]+ ){0,2}?[a-z]+(?:ed|en|t|out)\b")
"""What is done to a thing is asked for, also where the thing is explained."""
_OUGHT: Final = sought(r"\b(?:should|ought to|cannot|can['\u2019]t)\b")
_ASIDE: Final = sought(
    r"\b(?:(?:about|around) (?:\d|half\b|(?:one|two|three|four|five|six|seven|eight|nine|ten|[a-z]+teen|[a-z]+ty)\b)"
    r"|(?:roughly|nearly|almost|usually|typical(?:ly)?|mostly|often|rather|quite|really|somewhat|merely"
    r"|more or less|at the moment|currently|lately|nowadays|these days|(?:19|20)\d\d)\b)"
    r"|, (?:which|who|whose|whom)\b"
)
_LIMITS: Final = sought(
    r"\b(?:every|nothing|first|last|alone|rather than|about to|around the|n['\u2019]t|stops?|blocks?|ends?|gets?"
    r"|goes|go|happens?)\b|n['\u2019]t\b|[<>\u2265\u2264]"
)
_TELLS: Final = (_IS_LIKE, _HAS, _COMES, _LOOKS)


_MEASURED: Final = re.compile(r"^(?:more|fewer|less|no more|at least) than \w")
"""`More than twenty gaps are an incident`: from how much on something holds."""


def is_narrated(one: Saying) -> bool:
    """Whether it tells how things are, or were, and asks nobody for anything."""
    low = one.words.low
    if is_suggested(one):
        return False
    if is_background(one):
        return True
    if (
        one.passage.form is not Form.SENTENCE
        or one.passage.above
        or binds(low)
        or _MEASURED.match(low)
        or _OUGHT.search(low)
    ):
        return False
    if _SUPERSEDES.match(low):
        return True
    if one.own or one.main.opener or one.words.has(STRICT):
        return False
    if _WAS.search(low) and not low.startswith(("if ", "when ", "once ", "after ")):
        return True
    is_plain = not (one.times or one.words.has(MODAL))
    is_told = any(tells.match(low) for tells in _TELLS) and not _ASKS.search(low)
    is_told = is_told or (one.passage.defines and not _IS_DONE.search(low))
    return is_plain and (is_told or _is_aside(one))


def _is_aside(one: Saying) -> bool:
    """`The archive is roughly forty metres long, which pleases the historians`: nothing in it is done or limited."""
    low = one.words.low
    is_limit = one.condition or _ASKS.search(low) or _IS_DONE.search(low) or _LIMITS.search(low)
    return bool(_ASIDE.search(low)) and not is_limit
