# SPDX-License-Identifier: Apache-2.0
"""How a length of time counts, by what stands beside it: within, before something, for so long, again, or after."""

import re
from enum import StrEnum
from typing import Final

from interlock.packs.reading.lengths import WORDS
from interlock.packs.reading.seeking import sought


class Relation(StrEnum):
    """How a length of time counts."""

    WITHIN = "within"
    BEFORE = "before"
    FOR = "for"
    EVERY = "every"
    AFTER = "after"


_WITHIN: Final = sought(
    r"(?:within(?: the (?:next|first))?|in under|in less than|(?:no|not) (?:later|longer|more) than"
    r"|at most|at the latest|latest|max(?:imum|\.)?(?: of)?:?|up to|under"
    r"|(?<!no )(?<!not )less than|(?<!no )(?<!not )fewer than|<|<=|≤"
    r"|deadline:?|sla:?|timeboxed? (?:to|of)|in at most|by the end of|respond in|inside"
    r"|\b(?:due|follows?|back|answer\w*|respond\w*|reacts?|fixed|resolved|recovered|solved|confirmed|acknowledged"
    r"|decided?)(?: \w+)? in(?: the next| about)?"
    r"|\b(?:gets?|receives?|told|informed|notified|hears?|knows?)(?: [a-z-]+){0,4}? in)\s*(?:of )?$"
)
_FOR: Final = sought(
    r"(?:\bfor(?: at least| (?:a|the) further| further| the(?: (?:next|first|following|coming))?| a (?:minimum"
    r"|period) of| another| about| around| roughly| some"
    r"| approximately| up to)?|(?:waits?|waiting|pauses?|holds?)(?: at least| for| about| around| roughly"
    r"| some)*|soaks?(?: for)?|bakes?(?: for)?"
    r"|at least|minimum(?: of)?|min\.?|hold(?: for)?|sleep|≥|>=|no[t]? (?:less|fewer) than|observ\w+ (?:of|for)"
    r"|\ballow(?:s|ing)?|gives? (?:it|them|(?:the |our |all )?\w+)|during the (?:next|first)|over the (?:next|first)"
    r"|\b(?:over|during|through|for) (?:a|the) (?:period|course|span|space|length) of(?: at least| about)?"
    r"|(?<!within the )(?<!after the )\bfirst|\bduration(?: of)?(?: at least)?|\bfor the (?:last|past|previous)"
    r"|\b(?:lasts?|continues?)(?: for)?|mindestens)\s*:?\s*$"
)
_VALID_FOR: Final = sought(r"\bfor (?:at most|a maximum of|max\.?|no more than)\s*$")
_WAITS: Final = sought(r"\b(?:waits?|waiting|pauses?|soaks?|bakes?)(?: at least| for| another)*\s*$")
_LASTS: Final = sought(
    r"\b(?:takes?|taken|lasts?|lasted|going on|gone on|persists?"
    r"|open|pending|unanswered|unresolved|unexplained|down|silent|stuck|unreachable"
    r"|missing|late|delayed|out)(?: for)? (?:more|longer) th[ae]n\s*$|^(?:if|when|whenever|should|where"
    r"|once)\b.{0,60}\b(?:for|stands|stops|runs) (?:more|longer) than\s*$"
)
"""`If the review takes more than two days`: after so long something else holds."""
_OVERRUN: Final = sought(
    r"\b(?:overruns?|overran|exceed(?:s|ed)?|late|later|delayed|behind|overdue|slips?|slipped)\b[^.;,]{0,30} by"
    r"(?: more than| over| at least)?\s*$"
)
"""`Should it overrun its window by more than 30 minutes`: what is done then."""
_AT_LEAST_AFTER: Final = sought(r"\bafter (?:at least|a minimum of|no less than|not less than)\s*$")
_UNTIL: Final = sought(r"\b(?:before|until|once|when|after|as soon as)\s*(?:at least |the |another )?$")
_PASSED: Final = re.compile(r"^\s*(?:(?:have|has|are|is) (?:passed|elapsed|gone|over|up|been)|pass(?:es)?|elapses?)\b")
"""`Do not drop it before 14 days have passed`: what is done is done after them."""
_SINCE: Final = re.compile(r"^\s*(?:have |has )?(?:passed|elapsed|gone by) since\b|^\s*later\b")
"""`At least a week has passed since the rehearsal`, `for about a week later`."""
_FOR_MORE: Final = sought(r"^(?!.*\b(?:if|when|whenever|where|unless)\b).*\bfor (?:more|longer) than\s*$")
"""`Errors above 1 % for more than 3 minutes`: how long it has to be so."""
_EVERY: Final = sought(r"\b(?:every|each|once (?:every|per))\s*$")
_SURELY_FOR: Final = sought(r"\bfor(?: at least| a minimum of| another)?\s*$")
_THEN_CLAUSE: Final = re.compile(
    r"^\s*before (?:it|they|we|you|this|that|any\w+|(?:the )?\w+(?: \w+)? (?:is|are|may|can|goes|go"
    r"|follows?|starts?|begins?|opens?|comes?|continues?|proceeds?"
    r"|moves?|gets?)|\w+ing)\b"
)
"""`It rests for ten days before it goes out`: the wait is long, and not early."""
_AFTER_SILENCE: Final = re.compile(r"^\s*of (?:silence|quiet|nothing|no \w+)\b")
"""`After 30 minutes of silence`: what is done then."""
_AFTER: Final = sought(r"\b(?:after|following|once)\s*(?:the |at least |another )?$")
THEN_BEFORE: Final = re.compile(
    r"^['\u2019]?\s*(?:\w+\s+){0,2}?(?:before|prior\b|ahead of|in advance|earlier|ahead|beforehand"
    r"|(?:of )?(?:notice|warning|lead[ -]time))\b|^\s*out(?=[,:])"
)
_NOTICE: Final = sought(
    r"\b(?:notice|heads?-?up|lead time|warning)(?: period)?(?: (?:for|to) (?:the )?[\w-]+)?(?: of|:"
    r"| is)\s*(?:at least )?$"
)
"""`Notice to customers: three days`."""
_IS_UNDER: Final = sought(
    r"\b(?:stays?|remains?|is|are|be|keeps?|was|lies|takes?|lasts?) (?:well |always |still )?(?:under|below|less than"
    r"|fewer than|<|≤)\s*$"
)
"""`Lag stays under 10 seconds`: how long something is, and not by when."""
_THEN_AFTER: Final = re.compile(r"^\s*(?:after|following|of|from|since|later)\b")
_THEN_FOR: Final = re.compile(
    r"^\s*(?:at (?:least|(?:the |a )?minimum)|or (?:longer|more)"
    r"|apart|between|bake|soak|observation|monitoring|watch|cool|minimum\b|long\b"
    r"|(?:(?:shall|must|should|have to|has to) )?(?:pass(?:es)?|elapses?)\b|have passed|wait|hold|window of"
    r"|(?:\w+ing |\w+ion )?(?:period|phase)\b)"
)
_UNDISTURBED: Final = re.compile(r"^\s*without (?:an? |any )?(?!approval|answer|response|progress)")
_OF_SOMETHING: Final = re.compile(
    r"^\s*of (?!(?:the|an?|each|its|any|this|that|your|our|receipt|approval|merg\w+|publication)\b)[a-z]{4,}"
)
"""`Two hours of quiet`: a length of something lasts; one of *the* something counts from it."""
_SHARE: Final = sought(r"%[^,;]{0,20}[,:\u2013-]\s*$")
"""`10 % of the stores, one hour`."""
_STAYS: Final = sought(
    r"\blooks? $|\b(?:stays?|staying|remains?|remaining|watch(?:es|ing)?|monitor(?:s|ing)?|observ(?:e|es|ing)"
    r"|stand ?by|hypercare|linger"
    r"|reachable|available|online|soak|bake)\b[^.;,:]{0,30}$|\b(?:waits?|pauses?|holds?)\b[^.;,:()]{0,30}\("
    r"(?:(?:some|about|around|roughly|approx\.?|ca\.?) |~ ?)?$"
)
"""`Stay reachable 2h`: how long somebody stays needs no `for`."""
_RESIZED: Final = sought(
    r"\b(?:halt|hold|wait|pause|soak|bake|watch|observation|quarantine)\b[^.;,]{0,20}\b(?:shrinks?|grows?|shortened"
    r"|cut|reduced|extended|prolonged|set) to\s*$"
)
"""`The halt shrinks to three hours`."""
_IN_PLACE: Final = re.compile(r"^\s*(?:on|in|at|with|under) (?!advance|total|average)")
"""`14 days on the bench`: what begins with a length of time and goes on with a place lasts that long."""
_AND_THEN: Final = re.compile(r"^,? (?:and )?then\b")
"""`Two nights, then the other houses`."""
_NOUN_ALONE: Final = re.compile(r"^ [a-z]+[.!]?$")
"""`20 minutes silence`: nothing else is said than what there is for so long."""
_GIVEN: Final = sought(
    r"\b(?:has|have|had|got|given|'ve|allowed|leaves? (?:us|you|them)|there (?:is|are))(?: time)?"
    r"\s*(?:only |at most )?$"
)
_IN: Final = sought(
    rf"^(?!.*(?:\d|\b(?:than|errors?|twice|times|{'|'.join(word for word in WORDS if len(word) > len('an'))})\b))"
    r".*[a-z]{2,} in$"
)
_AT_END: Final = re.compile(r"^\s*(?:$|[.,;:)]|and\b|at (?:the )?(?:most|latest)\b)")
"""`We meet in five days`: what ends with it counts from now."""
_LASTING: Final = sought(
    r"\b(?:stays?|remains?|runs?|rests?|sits?|lies|up|out|open|available|public|frozen|closed|alone)\b[^.;:,]{0,30}"
    r" for(?: at least| another)?\s*$"
)
_NO_ANSWER: Final = re.compile(r"^\s*without (?:an? |any )?(?:answer|response|reaction|reply|progress|sign)\b")
_BREAKS: Final = sought(
    r"\b(?:pause|break|wait|rest|interval|gap|halt|(?:freeze|soak|observation|watch|quarantine|cool-?down|lockdown"
    r"|burn-in)"
    r"(?: period| phase| time| window)?) of\s*(?:at least )?$"
)
_BROKEN: Final = re.compile(r"^[\s-]*(?:pause|break|wait|rest|halt|gap|soak|observation|freeze|quarantine)\b")
_THEN_WITHIN: Final = re.compile(
    r"^\s*(?:to (?:decide|answer|respond|react|object|fix|reply|comment|veto|act|acknowledge)\b|for \w+ing\b|sla"
    r"|deadline|limit|max|or less|response|timebox|at (?:the )?(?:most|latest|outside))"
)
_APART: Final = sought(r"\bintervals of\s*$")
_THEN_EACH: Final = re.compile(r"^[\s-]*(?:intervals?|rhythm|cadence)\b")

_EXCEEDS_NOT: Final = sought(
    r"\b(?:must|may|shall|should|can|will|do|does|is)(?: ?not|n['\u2019]t| never)(?: ever)?(?: be allowed to)?"
    r" (?:exceed|(?:take|last|run|be|stay|go on)(?: (?:for|any))?(?: more| longer)? (?:than|beyond|over))\s*$"
    r"|\bavoid\b[^.;]{0,60}\b(?:takes?|taking|lasts?|lasting)(?: for)? (?:more|longer) than\s*$"
    r"|\bnever (?:exceeds?|(?:takes?|lasts?)(?: for)? (?:more|longer) than)\s*$"
)
"""`The pause must not exceed 20 minutes`: it is over by then."""
_LONG: Final = sought(
    r"\b(?:embargo|freeze|soak|bake|pause|wait|quarantine|observation|hold|cool-?down|watch|halt|lockdown|hypercare"
    r"|burn-in|(?:grace|waiting|observation|stabili[sz]ation|freeze|soak|bake|review|comment) (?:period|time|phase"
    r"|window))(?: period| phase)? (?:is|lasts|takes|runs|of|must be|shall be|should be)(?: for)?(?: at least| about"
    r"| usually)?\s*$"
)
"""`The embargo is 90 days`."""
_FAILED: Final = sought(
    r"^(?:.*[,;:.] )?(?:if|when|where|unless|should|in case)\b[^,;:.]*\b(?:not|no|nobody|cannot|can['\u2019]t|never"
    r"|(?:is|are|has|have|does|do|was|were)n['\u2019]t)\b[^,;:.]*\b(?:in|for more than|for longer than)\s*$"
    r"|\b(?:if|when|while) (?:still )?un(?:resolved|answered|acknowledged|solved|fixed|confirmed)"
    r" (?:in|within|for|after)\s*$"
)
"""`If the fault is not found in two hours`: what is done then is done after them."""
_ONLY_FIRST: Final = sought(
    r"\b(?:only|possible|allowed|permitted|no later than)\b[^.;]{0,40}\b(?:in|within|during) (?:the )?first\s*$"
)
"""`Going back is possible only in the first three hours`."""
_DUE: Final = sought(r"\bdue:? ?[(\[]?$")
"""`Due 30 days after approval`: by when, whatever it counts from."""
_GRANTED: Final = sought(r"\b(?:gives?|given|grants?|leaves?|allows?)(?: \w+){1,3}\s*$")


def relation(before: str, after: str, *, is_first: bool) -> Relation | None:
    """How it counts, by what stands beside it; None: it is a measure of something else."""
    table = (
        (_ONLY_FIRST.search(before), Relation.WITHIN),
        (_EXCEEDS_NOT.search(before), Relation.WITHIN),
        (_FAILED.search(before) or _SINCE.match(after), Relation.AFTER),
        (_LONG.search(before) or (_GRANTED.search(before) and _THEN_CLAUSE.match(after)), Relation.FOR),
        (_DUE.search(before) and not THEN_BEFORE.match(after), Relation.WITHIN),
        (_VALID_FOR.search(before) or _WAITS.search(before) or _BREAKS.search(before), Relation.FOR),
        (_BROKEN.match(after), Relation.FOR),
        (is_first and _NO_ANSWER.match(after), Relation.AFTER),
        (_EVERY.search(before) or (_APART.search(before) or _THEN_EACH.match(after)), Relation.EVERY),
        (_NOTICE.search(before), Relation.BEFORE),
        (_SURELY_FOR.search(before) and (_THEN_CLAUSE.match(after) or _LASTING.search(before)), Relation.FOR),
        (_IS_UNDER.search(before), None),
        (THEN_BEFORE.match(after), Relation.BEFORE),
        (_LASTS.search(before), Relation.AFTER),
        (_OVERRUN.search(before) or _AT_LEAST_AFTER.search(before), Relation.AFTER),
        (_UNTIL.search(before) and _PASSED.match(after), Relation.AFTER),
        (_FOR_MORE.search(before), Relation.FOR),
        (_WITHIN.search(before), Relation.WITHIN),
        (_AFTER.search(before) and _AFTER_SILENCE.match(after), Relation.AFTER),
        (_THEN_FOR.match(after) or _OF_SOMETHING.match(after), Relation.FOR),
        (_FOR.search(before), Relation.FOR),
        (_THEN_WITHIN.match(after), Relation.WITHIN),
        (_AFTER.search(before), Relation.AFTER),
        (_THEN_AFTER.match(after), Relation.AFTER),
        (_GIVEN.search(before) or (_IN.search(before.rstrip()) and _AT_END.match(after)), Relation.WITHIN),
        (
            _SHARE.search(before) or _RESIZED.search(before) or _STAYS.search(before) or _UNDISTURBED.match(after),
            Relation.FOR,
        ),
        (is_first and (_IN_PLACE.match(after) or _AND_THEN.match(after) or _NOUN_ALONE.match(after)), Relation.FOR),
    )
    return next((relation for holds, relation in table if holds), None)
