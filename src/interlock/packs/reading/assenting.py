# SPDX-License-Identifier: Apache-2.0
"""Whose word is needed: go or not, an approval, a request for one."""

import re
from typing import Final

from interlock.packs.coverage import Kind
from interlock.packs.reading.lexicon import APPROVED, CHECKING, DOING, TELLING, WRITING, cut
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.topics import Topic
from interlock.packs.reading.verbs import REQUESTS, REVIEWS, TELLS, verb_of

_GO: Final = sought(
    r"\b(?:the|an?|takes|needs?|requires?) (?:\w+ )?(?:go|ok|okay|blessing|consent|agreement|permission|nod"
    r"|yes) (?:of|from|by)\b|\b(?:types?|writes?|posts?) [\"'\u201c]?go\b|\bgo ?(?:/|or) ?no[ -]?go\b"
    r"|\bgo-no-go\b|\bthumbs[ -]up\b"
    r"|\bgo-ahead\b|\bsays? [\"'\u201c]?(?:yes|go|ship|clear|ok|okay)\b|\bgreen ?light\b|\bfinal (?:call"
    r"|decision)\b|\blgtm\b|^convince\b"
    r"|\b(?:gives?|grants?|takes?|makes?) (?:the |an? |its |their |his |her )?(?:final |written )?(?:go"
    r"|permission|decision"
    r"|consent|approval|clearance|ok|yes|nod|blessing)\b"
    r"|^(?:written |prior |formal |explicit )?(?:consent|permission|authori[sz]ation|approval) (?:of|from|by)\b"
    r"|\b(?:takes|needs?|requires?) (?:the |an? |your )?[\w -]{2,30}'s? (?:ok|okay|go|yes|consent"
    r"|blessing|permission)\b"
)
_IN_GO: Final = (
    "go", "ok", "blessing", "consent", "agreement", "permission", "nod", "yes", "thumbs", "green", "final",
    "lgtm", "convince", "says", "approval", "authori",
    "decision", "clearance",
)  # fmt: skip
"""One of these words stands in whatever speaks of somebody's go: a quick look before the slow one."""
_BEGINS_GO: Final = sought(r"^go ?(?:/|or) ?no[ -]?go\b|\b(?:answers?|says?|replies|reply) [\"\u201c]?go\b")
_DECIDES: Final = frozenset(
    "decides decide agrees agree agreed accepts accept accepted granted authorises authorizes grants grant".split()
)
_PEERS: Final = sought(r"\b(?:code|peer|pull|merge|pr)\b")
_OBTAINS: Final = sought(
    r"\b(?:get|obtain|wait|request|seek|await|receive|secure|gain|collect|have)\w*\b.*\b(?:approvals?"
    r"|authori[sz]ation|approve|approved by)\b"
)


_UNOPPOSED: Final = sought(
    r"^(?!.*\b(?:if|unless)\b)(?:.*\b(?:has|have|raised?|is|are) )?no (?:\w+ )?(?:objections?|concerns|veto)\b"
    r"|^(?:nobody|no one) (?:has )?objected\b"
)


def is_unopposed(one: Saying) -> bool:
    """`Legal must have no objection`, `Nobody has objected`."""
    return bool(_UNOPPOSED.search(one.words.low))


def says_go(one: Saying) -> bool:
    """Whether it speaks of somebody's go."""
    low = one.words.low
    return any(word in low for word in _IN_GO) and bool(_GO.search(low))


def goes_or_not(one: Saying) -> bool:
    if _BEGINS_GO.search(one.words.low):
        return True
    return says_go(one) and verb_of(one) not in TELLING and verb_of(one) not in TELLS


_WITHOUT: Final = sought(
    r"\bwithout (?:[\w'\u2019/&-]+ ){0,6}?(?P<word>sign-?offs?|signatures?|approvals?|consent|permission|agreement"
    r"|authori[sz]ation|go-?ahead|go(?= (?:of|from))|clearance|ok|okay|yes|nod|blessing)\b"
)
_SIGNS: Final = ("sign",)
_NOTHING: Final = sought(
    r"\b(?:no|not|never|nobody|nothing|no one|don't|cannot|can't|mustn't|must|forbidden|prohibited)\b"
)
_LETS_OUT: Final = sought(
    r"\b(?:deploy\w*|releas(?:e|es|ed|ing)|ship\w*|promot\w+|publish\w*|roll(?:s|ed|ing)?[ -]?out|launch\w*"
    r"|go(?:es|ing)? (?:live|out|(?:in)?to production))\b"
)
"""What brings something to users."""


def awaits_word(one: Saying, kind: Kind) -> bool:
    """`Do not deploy without sign-off from the bosun`: a prohibition until somebody has said so, in this way."""
    found = _WITHOUT.search(one.words.low)
    if found is None:
        return False
    is_signed = found["word"].startswith(_SIGNS)
    is_forbidden = one.topic is Topic.PROHIBITED or bool(_NOTHING.search(one.words.low[: found.start()]))
    is_release = bool(_LETS_OUT.search(one.words.low[: found.start()]))
    return is_forbidden and is_release and is_signed is (kind is Kind.SIGNOFF)


_OTHER_ACTS: Final = DOING | CHECKING | WRITING
_OF_REVIEWS: Final = frozenset(("review", "from"))


_ATTRIBUTE: Final = re.compile(
    r"\b(?:an?|the|every|each|any|all|only) (?:approved|authori[sz]ed) (?!by\b|in\b|and\b)[a-z]+"
    r"|(?<!\bis )(?<!\bare )(?<!\bbe )(?<!\bbeen )(?<!\bgets )(?<!\bget )\b(?:[a-z]+-)?(?:approved|authori[sz]ed) "
    r"(?:methods?|changes?|branch(?:es)?|p(?:ull )?r(?:equest)?s?|personnel|people|staff|users?|tickets?|versions?"
    r"|scripts?|tools?|merge requests?|exceptions?|request|image|ami)\b"
    r"|\b(?:approvals?|authori[sz]ation) (?:rates?|ratio|traffic|latency|codes?|requests?|volume|counts?|errors?"
    r"|flow)\b"
    r"|\b(?:approvals|authori[sz]ations)(?: and [a-z ]{3,30})? (?:are|is|must be|shall be) (?:kept|retained|archived"
    r"|stored|held|logged)\b"
)
_ONLY_WHEN: Final = re.compile(
    r"^(?:once|when|as soon as|after) (?:[\w -]{1,60} )?approved\b(?: [^,:]{0,40})?(?:[,:]|$)"
    r"|\b(?:before|after|until|once) (?:the |any |an )?(?:approvals?|sign-?offs?|authori[sz]ation)\b.*$"
)


def approves_in_passing(one: Saying) -> bool:
    """`An approved demand`, `before approval is sought`: an approval that is spoken of and not asked for here."""
    low = _ATTRIBUTE.sub("", one.words.low)
    low = _ONLY_WHEN.sub("", low)
    return low != one.words.low and not cut(low).has(APPROVED)


def approves(one: Saying) -> bool:
    if approves_in_passing(one):
        return False
    if verb_of(one) in REQUESTS and not one.words.has(_OF_REVIEWS):
        return False
    if one.topic is Topic.REVIEW and one.own and verb_of(one) in REVIEWS:
        return any("reviewer" in role for role in one.own) or bool(_PEERS.search(one.title))
    if verb_of(one) in _OTHER_ACTS and not one.own:
        return bool(_OBTAINS.search(one.words.low))
    is_told = verb_of(one) in TELLING and one.own == ()
    return not is_told and (one.words.has(APPROVED) or (bool(one.given) and _decides(one)) or _of_business(one))


def _decides(one: Saying) -> bool:
    """Whether it speaks of what somebody decides; `the agreed cases` are decided already."""
    return one.words.has(_DECIDES) and cut(_AGREED.sub("", one.words.low)).has(_DECIDES)


_AGREED: Final = re.compile(
    r"\b(?:the|an?|all|each|every|any|its|their) (?:agreed|accepted|granted) (?!by\b|and\b|or\b)[a-z]"
)


def _of_business(one: Saying) -> bool:
    """Whoever approves by what stands above it, says here that something may be so."""
    return "acceptable" in one.words.known and bool(one.given)


_AGREEING: Final = APPROVED | {"review", "reviews"}


def asks_people(one: Saying) -> bool:
    return verb_of(one) in REQUESTS and bool(one.words.known & (_AGREEING))
