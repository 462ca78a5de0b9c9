# SPDX-License-Identifier: Apache-2.0
"""What an item asks for by its build alone: who stands behind `by`, whom a command is aimed at, whose word is needed.

None of these rules asks which words they are, only where people and participles stand among them.
"""

import re
from collections.abc import Iterator
from typing import Final

from interlock.packs.coverage import Kind
from interlock.packs.reading.inflecting import third
from interlock.packs.reading.lexicon import (
    ATTESTING,
    CHECKING,
    DECIDING,
    DEVELOPING,
    DOING,
    MODAL,
    OPENERS,
    PERFECT,
    TELLING,
    THIRD_PERSON,
    WRITING,
    cut,
)
from interlock.packs.reading.manner import THAT_DAY, begins_as_told, has_state
from interlock.packs.reading.naming import act_named, verb_behind
from interlock.packs.reading.objects import check_for
from interlock.packs.reading.passages import Form
from interlock.packs.reading.relations import Relation
from interlock.packs.reading.roles import departments_in, people_in, slug
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.topics import Topic
from interlock.packs.reading.verbs import examines, has_role_first, verb_of

_BY: Final = sought(
    r"(?P<clause>[^,;:.()]{3,90}?) by (?:(?:the|an?|one|two|three|any|another|our|your|at least|both|each"
    r"|(?:somebody|someone|person|people|member|members|colleague) (?:from|of|in)) )*"
)
_OF_PERFECT: Final = (
    (DECIDING, Kind.APPROVAL),
    (ATTESTING | CHECKING, Kind.SIGNOFF),
    (WRITING, Kind.RECORD),
    (TELLING, Kind.NOTIFY),
    ((DOING | DEVELOPING) - {"keep", "hold", "retain"}, Kind.STEP),
)
_ASSENT: Final = sought(
    r"\b[a-z]+(?:'s|s') (?:explicit |written |prior |verbal )?(?:ok|okay|go|nod|blessing|go-ahead|thumbs?[ -]?up"
    r"|consent|agreement|approval|acceptance|sign-?off"
    r"|green light|permission|yes)\b|\bthe word of\b|\bdecisions? (?:\w+ ){0,4}?(?:is|are) (?:\w+ )?(?:taken|made"
    r"|up|left)\b"
    r"|^(?:the )?[\w&/-]+(?: [\w&/-]+){0,4} (?:is|are) (?:ok|okay|fine|happy|content|comfortable) with\b"
    r"|\bdecisions? (?:lies|rests|belongs?)\b"
    r"|\b(?:declares?|grants?|gives?|states?) (?:(?:the|an?|her|his|its|their) )?(?:acceptance"
    r"|approval|consent|clearance"
    r"|agreement|permission)\b|\b(?:said|says|say) (?:yes|ok|okay|go|fine)\b"
)
_CHOICE: Final = sought(
    r"\b(?:stay|go|continue|proceed|keep|ship|launch|on|forward)\b[^.]{0,20}\b(?:or|/) ?(?:\w+ )?"
    r"(?:back|not|stop|abort|revert|return|rollback|hold|wait)\b(?! to)"
)
_HANDED: Final = sought(
    r"\b(?:(?:goes|go)(?: straight| directly)?|forwarded|passed|handed|sent|copied|cc'd|reported|escalated"
    r"|returned) to (?:the |our |an? |your )?$"
)
_AIMED: Final = re.compile(r"^(?P<verb>[a-z-]{3,}) (?:the |our |your |an? |all )?(?:owners? of|[a-z-]+ (?:of|on) )?$")
_NOT_AIMED: Final = (
    DOING
    | CHECKING
    | DECIDING
    | ATTESTING
    | WRITING
    | frozenset(
        "assign appoint nominate designate name have be is are the all any each every two one no some only at "
        "another our "
        "by from for of with without to if when once after before until unless new old per under".split()
    )
)
_ENTERED: Final = sought(
    r"\b(?:is|are|be|gets?) (?:\w+ly |then |also |always |to be )?(?P<done>[a-z-]+)\b(?: in| into| to| on|$|\.)"
)
_GETS_ENTRY: Final = sought(
    r"\b(?:gets?|receives?|has|have) (?:an?|its|their) (?:own )?(?:entry|line|record|row|page) in\b"
)
_SOMEBODY: Final = re.compile(
    r"^(?:somebody|someone|two people|a second (?:person|pair)|another person|a colleague)\b.*\b(?:has|have)\b"
)
_MEASURED: Final = sought(r"[<>≥≤]|\b(?:over|above|below|under|more than|less than|exceeds?|any|drop|spike)\b")
_RULING: Final = sought(
    r"\b(?:policy|policies|rules?|principles|notes|small print|house rules|ground rules|conventions)\b"
)


def is_done_by(one: Saying, *, kind: Kind) -> bool:
    """`Forked by the captain`, `drawn up by scheduling`: what was done tells what somebody answers for."""
    return _kind_by(one) is kind


def _kind_by(one: Saying) -> Kind | None:
    low = one.words.low.replace(" by: ", " by ")
    if not one.own or " by " not in low or begins_as_told(one) or one.passage.form is Form.ROW:
        return None
    if _WITH_KEY.search(low):
        return Kind.STEP
    done = {
        verb for found in _BY.finditer(low) if _is_of(one, low[found.end() :]) for verb in _done_in(found["clause"])
    }
    return next((kind for verbs, kind in _OF_PERFECT if done & verbs), None)


_WITH_KEY: Final = sought(
    r"\bsigned with (?:(?:the|an?|our|its) )?(?:[\w-]+ ){0,2}(?:keys?|certificates?|gpg|cosign|hsm|tokens?)\b"
)
"""What is signed so is a file, by whomever: nobody vouches for it by that."""


def _is_of(one: Saying, rest: str) -> bool:
    return any(rest.startswith(role.replace("-", " ")) for role in one.own)


def _done_in(clause: str) -> Iterator[str]:
    """The verb of the last thing that a clause says was done; what was performed may be the act that it names."""
    words = clause.split()
    for place in range(len(words) - 1, -1, -1):
        word = words[place].removeprefix("pre-").removeprefix("re-")
        verb = "check" if word in _LOOKED else PERFECT.get(word, "")
        verb = "repeat" if verb in WRITING and words[place].startswith("re-") else verb
        if verb in _LIGHT:
            yield from filter(None, map(verb_behind, words[:place]))
        if verb:
            yield verb
            return


_LIGHT: Final = frozenset("perform execute do carry conduct make take undertake handle complete".split())
_LOOKED: Final = frozenset("read reviewed inspected assessed proofread gone audited examined sampled".split())


def acts_otherwise(one: Saying) -> bool:
    """`The manager nominates the pass`: what somebody does and no list knows is a step all the same."""
    is_open = bool(one.own) and verb_of(one) not in _KNOWN and (one.is_listed() or has_role_first(one))
    found = (_DOES if one.is_listed() else _DOES_IT).match(one.main.low) if is_open else None
    if found is None or _LOOKS.search(one.main.low[found.end("who") :]):
        return False
    return any(_is_last(role, found["who"]) for role in one.own)


_LOOKS: Final = sought(r"\b(?:tests?|verif\w+|validat\w+|checks?|smoke|inspect\w+|comparisons?)\b")
_KNOWN: Final = third(CHECKING | ATTESTING | WRITING | TELLING | DECIDING)


def _is_last(role: str, who: str) -> bool:
    return who.endswith(role.replace("-", " ")) or who.removesuffix("s").endswith(role.replace("-", " "))


_DOES: Final = re.compile(
    r"^(?:the |an? )?(?P<who>[a-z][\w ,+&-]{2,60}?) (?:then |also |jointly |both )?"
    r"(?!is\b|has\b|was\b|does\b|this\b|knows\b|agrees\b|checks\b|tests\b)[a-z]{3,}[^s\W]s (?:the|an?|it|them|all"
    r"|each|every|what|up|out|down|on|to|in)\b"
)


_DOES_IT: Final = re.compile(
    r"^(?:the |an? )?(?P<who>[a-z][\w ,+&-]{2,60}?) (?:then |also |jointly |both )?"
    r"(?!is\b|has\b|was\b|does\b|this\b|knows\b|agrees\b|checks\b|tests\b)[a-z]{3,}[^s\W]s (?:out )?(?:the"
    r"|an?|it|them|all|each"
    r"|every)\b"
)


def is_assent(one: Saying) -> bool:
    """`Get the manager's OK`: what is to be had of somebody is their word."""
    return bool(_ASSENT.search(one.words.low)) and "without" not in one.words.known


def is_choice(one: Saying) -> bool:
    """`Stay or go back`: something has to be decided."""
    return one.is_listed() and bool(_CHOICE.search(one.words.low)) and len(one.words.all) < _MANY


_MANY: Final = 16


def is_aimed(one: Saying) -> bool:
    """`Nudge the on-call`: a command that no list knows and whose object is somebody tells them something."""
    low = one.words.low
    spans = (*people_in(low), *departments_in(low, [])) if " to " in low else ()
    if any(_HANDED.search(low[:begin]) for begin, _ in spans):
        return True
    return one.is_listed() and _aims(one.main.low)


def _aims(low: str) -> bool:
    for begin, end in people_in(low)[:1]:
        found = _AIMED.match(low[:begin])
        return found is not None and found["verb"] not in _NOT_AIMED and bool(_AFTER_AIM.match(low[end:]))
    return False


_AFTER_AIM: Final = re.compile(
    r"^(?:$|[.,;:(]|\s(?:of|for|in|on|at|to|before|after|once|when|if|about|with|by|as|and|so|that)\b)"
)


def is_known_to(one: Saying) -> bool:
    """`The fraud desk knows what will look different`: somebody has told them."""
    return one.is_listed() and bool(_KNOWN_TO.match(one.main.low))


_KNOWN_TO: Final = re.compile(
    r"^(?!you|we|if|when|what)[a-z][\w &-]{1,40} knows? (?:the|that|about|of|what|when|how|which|where)\b"
)


def is_entered(one: Saying) -> bool:
    """`Every activation is entered in the log`."""
    if _GETS_ENTRY.search(one.words.low):
        return True
    return not examines(one) and any(
        PERFECT.get(found["done"], "") in WRITING for found in _ENTERED.finditer(one.words.low)
    )


def is_only_somebody(one: Saying) -> bool:
    """`Privacy steward, if it is about minors`: somebody, and when they are asked."""
    is_alone = one.is_listed() and not one.main.opener and bool(one.own and one.condition)
    return is_alone and _ONLY.sub("", slug(one.words.low)) in one.own


_ONLY: Final = re.compile(r"-(?:if|when|where|unless)-.*$")


def is_looked_into(one: Saying) -> bool:
    """`Prices are then looked up at a counter`: a sentence that tells what is compared, tried, counted."""
    is_said = not one.is_listed() and not one.own
    if is_said and THAT_DAY.match(one.words.low):
        return not CHECKING.isdisjoint(one.words.all[3:8])
    return is_said and any(PERFECT.get(found["done"], "") in CHECKING for found in _BEING.finditer(one.words.low))


def is_not_done(one: Saying) -> bool:
    """`The plan is not started in these weeks`; of a box the same words are a state."""
    is_item = one.passage.form is Form.ITEM and bool(_DURING.search(one.words.low))
    is_told = one.passage.form in (Form.SENTENCE, Form.NUMBER) or is_item
    return is_told and bool(_NOT_DONE.search(one.words.low)) and not one.check


_ACTS: Final = OPENERS - TELLING


def is_named_ahead(one: Saying) -> bool:
    """`Training of the centres two weeks in advance`."""
    return one.in_relation(Relation.BEFORE) and act_named(one) in _ACTS


_BEING: Final = sought(r"\b(?:is|are|be|gets?) (?:\w+ly |then |also |always |in addition |to be )*(?P<done>[a-z-]+)\b")
_DURING: Final = sought(
    r"\b(?:during|while|on (?:mon|tues|wednes|thurs|fri|satur|sun)days?|in the (?:last|first|week))\b"
)
_NOT_DONE: Final = sought(
    r"(?<!if )\b(?:is|are) (?:not|never) (?!yet)[a-z]{3,}(?:ed|en|ne|lt|nt)\b(?! (?:yet|by then|in time))"
)


def stays(one: Saying) -> bool:
    """`The old chain stays hot for two passes`: what is to remain so for a while is held."""
    is_length = bool(one.times) and one.words.low.startswith(one.times[0].words)
    is_nothing_else = (
        one.in_relation(Relation.FOR)
        and len(one.words.all) <= _FEW
        and (is_length or not (begins_as_told(one) or has_state(one)))
    )
    if one.is_listed() and is_nothing_else and one.passage.form is not Form.ROW:
        return True
    is_somebody = has_role_first(one) and verb_of(one) in _STAYING
    is_item = (one.is_listed() or is_somebody) and one.passage.form is not Form.ROW and not one.words.has(MODAL)
    return is_item and bool(_STAYS.search(one.words.low.partition(";")[0])) and not _LIMIT.search(one.words.low)


_FEW: Final = 5
_STAYING: Final = frozenset("stay stays remain remains".split())
_STAYS: Final = sought(
    r"\b(?:stays?|remains?|simmers?|soaks?|bakes?|sits?|rests?|runs? on|leave|let|keep"
    r"|give)\b.*\b(?:(?:un)?till?\b|for (?:an?|one|two|three|four"
    r"|five|\d+|at least|the (?:rest|whole|first"
    r"|next|remainder)(?: \d+)?) ?[a-z]+|for the (?:evening|night|day|weekend|morning|afternoon|week)\b)"
)
_LIMIT: Final = sought(r"[<>≤≥%]|\b(?:below|under|above|within|know|closed|if)\b")


def is_being(one: Saying) -> bool:
    """`Be on main, be clean`: how something has to be."""
    return one.is_listed() and one.main.low.startswith("be ")


def happens(one: Saying) -> bool:
    """`CI materializes it`: a numbered line that tells what something does."""
    words = one.words.all[1:3]
    if one.passage.form is not Form.NUMBER or one.words.first in OPENERS or check_for(" ".join(one.words.all[1:])):
        return False
    return any(word in THIRD_PERSON or _TELLS_WHAT.search(word) for word in words)


_TELLS_WHAT: Final = sought(r"(?:[iy]zes|ises|ifies)$")


def has_somebody_done(one: Saying) -> bool:
    """`Somebody has run the gallery by hand`: a person says that it was done."""
    if not one.is_listed() or one.passage.form is Form.ROW:
        return False
    found = _DID.match(one.words.low) if one.own else None
    is_unknown = (
        found is not None
        and found["did"] not in PERFECT
        and any(found["who"].endswith(role.replace("-", " ")) for role in one.own)
    )
    has_read = bool(one.own) and bool(_HAS_READ.search(one.words.low))
    return is_unknown or has_read or bool(_SOMEBODY.match(one.words.low))


def has_it_done(one: Saying) -> bool:
    """`The foreman has the crane test carried out`: what somebody has others do is done all the same."""
    found = _HAS_IT_DONE.match(one.words.low) if has_role_first(one) else None
    return found is not None and PERFECT.get(found["done"], "") in DOING


_HAS_IT_DONE: Final = re.compile(
    r"^(?:the |an? )?[\w &-]{3,50}? (?:has|have) (?:the|an?|all|every|each|both|its|their) [^.,;:]{3,60}? "
    r"(?P<done>(?!been\b)[a-z]{3,}(?:ed|lt|en|un|ried))(?=$|[.,;]| (?:on|in|at|by|out|for|with|before|after)\b)"
)
_HAS_READ: Final = sought(r"\b(?:has|have) (?:gone|looked|read|been) (?:it |them )?(?:through|over)\b")
_DID: Final = re.compile(
    r"^(?:the |an? )?(?P<who>[a-z][\w &-]{1,40}?) (?P<did>[a-z]{3,}ed) (?:the|over|through|at|all|it|every|each|an?)\b"
)


def reacts(one: Saying) -> bool:
    """`Drop over 3 %: the conductor reverts`: what is seen before a colon, and what somebody does after it."""
    seen, *done = _THEN.split(one.words.low, maxsplit=1)
    is_seen = bool(done) and len(seen) < _LONGEST_SEEN and bool(_MEASURED.search(seen)) and bool(_BAD.search(seen))
    acts = cut(done[0]).opener if done else ""
    return is_seen and one.passage.form is not Form.BOX and acts not in TELLING and (bool(one.own) or acts != "")


_IS_STOPPED: Final = sought(
    r"\b(?:is|are|gets?) (?:then |immediately )?(?:stopped|called off|cancelled|canceled|aborted|reverted"
    r"|rolled back|withdrawn"
    r"|postponed|suspended|halted|paused|abandoned) (?:if|when|whenever|as soon as|once)\b"
)


def is_stopped_if(one: Saying) -> bool:
    """`The work is called off if the step has not been reached`."""
    return bool(_IS_STOPPED.search(one.words.low))


def blocks(one: Saying) -> bool:
    """`An objection stops the release until the board has cleared it`."""
    return bool(_BLOCKS.search(one.words.low)) and not begins_as_told(one)


_BLOCKS: Final = sought(
    r"\b(?:stops|blocks|holds up|delays|vetoes|ends|suspends) (?:the|any|every|all|an?) (?:\w+ )?"
    r"(?:releases?|deployments?|rollouts?|trains?|waves?|launch|merge|promotion|window)\b"
)
_BAD: Final = sought(r"\d|\b(?:errors?|fail\w*|drop|spike|crash\w*|red|broken|missing|wrong|bad)\b")
_THEN: Final = re.compile(r":\s+|\s*(?:→|->|=>)\s*")
_LONGEST_SEEN: Final = 90


def is_of_rules(one: Saying) -> bool:
    """What is told and not commanded below a title that says `rules` is one of them."""
    is_told = one.is_listed() and one.passage.form not in (Form.BOX, Form.ROW) and not begins_as_told(one)
    return is_told and bool(_RULING.search(_titles(one))) and one.topic is not Topic.TRIGGER


def _titles(one: Saying) -> str:
    return f"{one.lead} {one.title}"
