# SPDX-License-Identifier: Apache-2.0
"""Passages that rule, decide or set a time: what is forbidden, what sends a release back, who decides, by when.

Each function is one line of the table in `kinds`, which says in which order they are asked.
"""

import re
from typing import Final

from interlock.packs.reading.assenting import says_go
from interlock.packs.reading.bearing import is_entered, is_stopped_if
from interlock.packs.reading.forbidding import NEVER, SHOULD
from interlock.packs.reading.inflecting import third
from interlock.packs.reading.lexicon import (
    ADVISED,
    APPROVED,
    CHECKED,
    CHECKING,
    DECIDING,
    DOING,
    REVIEWED,
    TELLING,
    TOLD,
    cut,
)
from interlock.packs.reading.manner import THAT_DAY, begins_as_told, has_state, is_advising, is_object
from interlock.packs.reading.objects import check_for
from interlock.packs.reading.passages import Form
from interlock.packs.reading.relations import Relation
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.topics import Topic
from interlock.packs.reading.verbs import (
    RECORD_LEAD,
    TESTS,
    examines,
    has_role_first,
    is_attested_above,
    lists,
    verb_of,
)

_BACK: Final = sought(
    r"\b(?:roll(?:ed|ing|s)?[ -]?back|roll ?back|abort|halt|stop|revert|pause|back out|block|gives? up)\b"
)
_BACK_LEAD: Final = sought(
    r"\b(?:falls? ?back|pull the plug|turns? back|roll(?:ed|ing)?[ -]?back|abort|halt|stop|pause"
    r"|revert|back out|no-go|go(?:es|ing)? back|withdraw|undo|shift\w* .*\bto the (?:old|previous|last))\b.*\b"
    r"(?:if|when|on|any|as soon as|following|for|because|criteria|conditions?|case|trigger\w*)\b|\btriggers?\b"
    r"|only (?:allowed )?for\b|\bused (?:only )?for\b|qualif"
)
_STOPS_IF: Final = re.compile(
    r"^(?:abort|stop|halt|pause|roll ?back|cancel|revert|block|yank|withdraw|unpublish|recall|postpone|delay"
    r"|pull|kill)\b.*\b(?:if|when|whenever|on|as soon as|once)\b(?! "
    r"(?:needed|necessary|required|possible|applicable))"
)
_PASSIVE: Final = sought(r"\b(?:is|are|gets?) (?:\w+ ){0,2}\w{3,}(?:ed|en|ne|lt|ld)\b|\b(?:may|can|shall) be\b")
PERIL: Final = re.compile(r"^(?:if|when|where|whenever|in case|should|unless)\b")
_GOVERNED: Final = sought(
    r"\bonly (?:be )?(?:permitted|allowed|possible|made|done|used|implemented)\b|\bretroactive"
    r"|\btrunk-based|\bsemantic version|\bprotected\b|\bautomatically\b|\b(?:is|are"
    r"|fully) automatic\b|\bconsists? of\b"
    r"|\bcounts? as\b|^we (?:release|deploy|ship|roll out)\b|^we \w+.*\b(?:every|each|once|twice)\b|\b(?:no"
    r"|not) later than \d{1,2}[:.]\d\d\b"
    r"|\b(?:limited|restricted|reserved) to\b|^(?:anything|everything (?!last|else)|whatever|whoever)\b|\bclosed for\b"
    r"|\bat all times\b"
    r"|\balways\b|\bappl(?:y|ies) to\b|\bmandatory for\b|\bgovern(?:s|ing)\b|\bonly "
    r"(?:if|when|after|once|for|by|from|during|in|bug|through|via|with|the)\b|\bstatus: active\b"
    r"|\bcontrolled\b|\bfollows? the same\b|\bsame artifact\b|\bnot rebuilt\b|\bonly (?:production"
    r"|hotfix|critical|urgent)|\bmust be used only\b|\bprevents\b|^only\b|\b(?:are|is) (?:sent back|rejected"
    r"|refused|declined|returned|not accepted)\b|(?<!(?:to|be) read-)\bonly\b(?=[,.;]|$)"
    r"|\b(?:are|is) (?:responsible|accountable|in charge)\b|\bexclusively\b"
    r"|\b(?:on|every) (?:mon|tues|wednes|thurs|fri|satur|sun)days?\b"
    r"|\bmay be \w+(?:ed|t|n)\b|\b(?:approvals?|waivers?"
    r"|exceptions?|decisions?|sign-?offs?)\b.*\bvalid for\b"
    r"|\b(?:approvals?|waivers?|exceptions?|authori\w+|clearances?)\b.*\b(?:expires?|lapses?)\b|\bat most\.?$"
    r"|\btakes? place (?:outside|between|during|only|on|at)\b|\bper (?:week|day|month)\b|\bonly what\b"
    r"|\bdev\w* ?(?:→|->"
    r"|to) ?stag\w+ ?(?:→|->|to) ?prod|\bat least two\b(?! (?:hundred|thousand|million))"
    r"|\bin (?:this|that|the (?:same|following|given"
    r"|listed)) order\b"
)
_FROM_TO: Final = sought(r"\b\d{1,2}[:.]\d\d ?(?:-|\u2013|—|to|and) ?\d{1,2}[:.]\d\d\b")
_MAY_ORDER: Final = sought(
    r"\b(?:can|may|might|is allowed to|are allowed to|has the (?:right|authority)|authority)\b.*\b"
    r"(?:order|demand|initiate|mandate|trigger|call|stop|halt|declare|veto|block|roll|decide|overrule"
    r"|abort|pause)\b|\bprimary authority\b|\bfinal say\b"
)
_MAY: Final = re.compile(r"^(?:\S+ ){1,5}(?:can|may) (?!be\b)")
_BOTH_CHECKS: Final = frozenset(
    "open-defects security-scan dependency-scan monitoring rollback-drill secret-scan".split()
)
_MEETING: Final = sought(r"\bfreeze\b|\bmoratorium\b|\bwindow\b|\bblackout\b")
_FOR_WHAT: Final = sought(r"\b(?:required|mandatory|minimum|cover\w*|scenarios?|includ\w+|at least|for)\b.*:$")


def sends_back(one: Saying) -> bool:
    is_fragment = (
        lists(one)
        and not begins_as_told(one)
        and (one.passage.form is not Form.NUMBER or bool(_BACK_LEAD.search(one.lead)))
    )
    if is_fragment and (
        one.topic is Topic.TRIGGER
        or bool(_BACK_LEAD.search(one.lead))
        or (not one.lead and bool(_BACK_LEAD.search(one.title)))
    ):
        return True
    low = one.words.low
    if (one.passage.form is Form.LEAD and PERIL.match(low)) or is_stopped_if(one):
        return True
    if _STOPS_IF.match(one.main.low) or (
        PERIL.match(low) and _PASSIVE.search(low) and not begins_as_told(one) and not one.times
    ):
        return True
    is_told_to_stop = bool(one.label) and one.main.opener in ("stop", "abort", "halt", "revert", "roll")
    if is_told_to_stop and one.passage.form is not Form.BOX:
        return True
    return bool(PERIL.match(low)) and bool(_BACK.search(low)) and not one.in_relation(Relation.WITHIN)


_MUST: Final = frozenset(("must",))


def is_advice(one: Saying) -> bool:
    if SHOULD.search(one.passage.text) and not NEVER.search(one.words.low.replace("avoid", "")):
        return True
    if is_advising(one):
        return True
    return (one.words.has(ADVISED) and not one.words.has(_MUST)) or (one.topic is Topic.ADVICE and lists(one))


_DOES: Final = third(DOING | DECIDING) | DECIDING
_ON_DAY: Final = re.compile(r"^(?:on|by) (?:mon|tues|wednes|thurs|fri|satur|sun)day\b(?!s)")
"""`On Sunday the users work through it`: when somebody does something, and no rule about days."""
_WHATEVER: Final = re.compile(r"^(?:anything|everything|whatever)\b")
"""What is to be written down, not what goes for all."""
_ON_DAYS: Final = re.compile(r"\b(?:on|every) (?:mon|tues|wednes|thurs|fri|satur|sun)days?\b")
"""`The board meets on Tuesdays`: when somebody does it, and no rule about days."""
_ONLY: Final = sought(r"\b(?:only|exclusively|always|limited|restricted|reserved)\b")
_ENABLES: Final = frozenset("enable disable set-up configure create add".split())
_LOOKS_OR_TELLS: Final = CHECKING | TELLING


def governs(one: Saying) -> bool:
    is_told_of_day = (bool(one.own) and bool(_ON_DAY.match(one.words.low))) or bool(THAT_DAY.match(one.words.low))
    if (examines(one) or is_told_of_day) and not _ONLY.search(one.words.low):
        return False
    if _WHATEVER.match(one.words.low) and is_entered(one):
        return False
    if one.main.opener in _ENABLES or one.main.opener in _LOOKS_OR_TELLS or (one.own and says_go(one)):
        return False
    if one.own and one.passage.form is Form.NUMBER and verb_of(one) in _DOES and not _ONLY.search(one.words.low):
        return False
    is_alone = one.main.first == "only" and not one.main.opener
    low = _ON_DAYS.sub("", one.words.low) if has_role_first(one) else one.words.low
    is_governed = is_alone or bool(_GOVERNED.search(low) or _FROM_TO.search(low))
    return is_governed and not (one.check and has_state(one) and one.passage.form is Form.BOX)


def may_order(one: Saying) -> bool:
    if one.own and _MAY.match(one.main.low):
        return not one.words.has(APPROVED)
    return bool(_MAY_ORDER.search(one.words.low))


def has_authority(one: Saying) -> bool:
    return one.topic is Topic.AUTHORITY and not one.in_relation(Relation.WITHIN) and lists(one)


_ANSWERED_FOR: Final = sought(r"\([\w -]{2,40} (?:validates|confirms|verifies|attests|signs off)\)")
"""`Run the smoke tests (QA lead validates)`."""


def takes_both(one: Saying) -> bool:
    if not one.given or one.passage.form is Form.ROW:
        return False
    if one.check in TESTS and _ANSWERED_FOR.search(one.words.low):
        return True
    return is_attested_above(one) and one.check in _BOTH_CHECKS and not one.words.has(REVIEWED)


def in_exception(one: Saying) -> bool:
    return one.topic is Topic.EXCEPTION and bool(RECORD_LEAD.search(one.lead))


def is_small(one: Saying) -> bool:
    return bool(re.search(r"\bminimal\b|\breversible\b", one.words.low)) and not begins_as_told(one)


def is_required_for(one: Saying) -> bool:
    """`permission logic`, below `Unit tests` and `Required for:`."""
    return bool(_FOR_WHAT.search(one.lead)) and check_for(one.title) in TESTS and one.is_listed()


def is_type(one: Saying) -> bool:
    return one.topic in (Topic.TYPES, Topic.EXCEPTION, Topic.ROLES, Topic.SCOPE) and not begins_as_told(one)


def breaks_contract(one: Saying) -> bool:
    low = one.words.low
    return one.topic is Topic.TYPES and bool(re.search(r"\b(?:contract|compatib\w+|migration)\b", low))


_LOOKED_AT: Final = sought(
    r"\b(?:keep an eye on|keep watching|watch(?:ing)?|monitor(?:ing)?|look(?:ing)? at|observe)\b[^.]{0,40}$"
    r"|\b(?:check(?: that| the following)?|verify|make sure|ensure)\b[^.]{0,40}(?::|\bthat)$"
)
_DOES_OR_TELLS: Final = DOING | TELLING


def is_window(one: Saying) -> bool:
    return (
        bool(_MEETING.search(one.words.low))
        and not one.words.has(APPROVED)
        and not one.words.has(TOLD)
        and verb_of(one) not in _DOES_OR_TELLS
    )


_WHO_DECIDES: Final = re.compile(
    r"^who (?:may |can |must |has to |needs to )?(?:decides?|approves?|signs?|agrees?|says (?:yes|go))\b"
)


def decides_by_title(one: Saying) -> bool:
    """Somebody who is named, and no more, below `Who decides?`."""
    return bool(_WHO_DECIDES.match(one.title)) and bool(one.own) and verb_of(one) in ("", *DECIDING)


_MUST_OR_SHALL: Final = frozenset(("must", "shall"))


def is_ahead(one: Saying) -> bool:
    """Something that has to be done so long before something else."""
    return (
        one.in_relation(Relation.BEFORE) and one.words.has(_MUST_OR_SHALL) and not (one.check or one.words.has(CHECKED))
    )


def is_looked_at(one: Saying) -> bool:
    """`p99 below 250 ms`, below `While holding, keep an eye on`."""
    return one.is_listed() and bool(_LOOKED_AT.search(one.lead)) and not begins_as_told(one) and not one.given


def is_object_of(one: Saying, *, among: frozenset[str]) -> bool:
    """What stands below a command with one of these verbs, and has no verb of its own."""
    return is_object(one) and cut(one.lead).opener in among and not has_state(one)


def is_criterion(one: Saying) -> bool:
    """`Exit: pipeline green`."""
    return bool(_CRITERIA.match(one.label.lower())) and not one.main.opener and not one.given


_CRITERIA: Final = re.compile(
    r"^(?:exit|entry|done(?: when)?|accept\w*|criteri\w+|gates?|checks?|(?:pre-?)?conditions?|prerequisites?)\b"
)
