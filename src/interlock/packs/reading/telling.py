# SPDX-License-Identifier: Apache-2.0
"""Whether a passage asks that somebody be told of something."""

from typing import Final

from interlock.packs.reading.lexicon import CHECKING, DOING, TELLING, TOLD, WRITING
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.verbs import TELLS, examines, is_attested_above, verb_of

_STATUS_PAGE: Final = sought(
    r"\bstatus page\b|\brelease announcement\b|\bannouncement\b|\b(?:post|share)\w* "
    r"(?:\w+ ){0,4}(?:in|to|on) (?:#|the (?:\w+ )?(?:channel|slack|teams|forum|list|blog))"
    r"|\bblog post\b|\bto (?:all )?(?:users|customers|stakeholders|subscribers)$|#[a-z]"
)
_REPORTED: Final = sought(
    r"\bgets? (?:an? |the )?(?:all-?clear|word|update|note|message|patch|list)\b|\breceives?\b"
    r"|\bwrites? to (?:the |our |all |your )?(?!logs\b|files\b|disks\b)"
    r"(?:(?:(?:front|back|head|regional|local|other) )?[a-z]{3,}s|(?:[a-z]+ )?(?:contact|office|desk"
    r"|board|team|manager|lead|vendor|supplier))\b|\brequested (?:from|at)\b"
    r"|\bgets? an? (?:e?-?mail|message)\b|\bhanded (?:over |on )?to\b"
    r"|\bpassed (?:on )?to\b|(?:^report|\breports|\breported)\b.{0,60}\bto (?:the |our "
    r"|a )?(?!log|ticket|file|register)[a-z]"
    r"|\bgets? an e-?mail\b|\blets?\b.{2,60}\bknow\b|\bhears?\b.{0,12}\b(?:of|about|from us)\b|\bknows? (?:of"
    r"|about|that)\b|\b(?:gets?|receives?) (?:the |an? |their )?(?:\w+ ){0,2}(?:mail|message|notice|list"
    r"|summary|strings|copy|report"
    r"|leaflet|letter|call|link|invitation|numbers)\b"
    r"|\b(?:is|are|be|been) asked (?:whether|if|about|for)\b|\b(?:is|are|be|made) aware\b|\b(?:gets?|given"
    r"|receives?|has|have) .{0,40}\bnotice\b|\bwith an? (?:e?-?mail"
    r"|message|note|post) to\b"
    r"|\bdrops? (?:\w+ )?(?:a|them a) (?:line|note|message|mail)\b|\bheads?-?up\b|\bleaves? (?:a|the) (?:note"
    r"|message|comment) (?:in|to|for|on)\b|\bsay(?:s|ing)? so (?:in|on"
    r"|to)\b|\b(?:is|are) (?:told|informed|notified)\b|\bwritten to\b"
)
_PUTS: Final = frozenset("update set publish put submit put put".split())
_SENDS_A_TEST: Final = sought(r"\b(?:sends|posts?) (?:an? |one |two )?test \w+")
_DONE_ELSE: Final = DOING - _PUTS
_NOT_YET_TOLD: Final = frozenset(("plan", "draft", "template"))


def tells(one: Saying) -> bool:
    verb, low = verb_of(one), one.words.low
    if examines(one) or (one.own and low.find(" and approves ") > 0):
        return False
    if _REPORTED.search(low) and verb not in CHECKING:
        return True
    if (verb == "send" and one.words.known & {"test", "tests"}) or _SENDS_A_TEST.search(low):
        return False
    if verb in TELLING or verb in TELLS:
        return not (
            verb in ("file", "signal", "share", "signals", "request", "requests") and not _STATUS_PAGE.search(low)
        )
    if is_attested_above(one) and not one.own:
        return False
    if one.words.has(TOLD) and not one.words.has(_NOT_YET_TOLD):
        return verb not in WRITING and verb not in CHECKING
    return bool(_STATUS_PAGE.search(low)) and verb not in CHECKING and verb not in _DONE_ELSE
