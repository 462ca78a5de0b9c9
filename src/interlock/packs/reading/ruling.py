# SPDX-License-Identifier: Apache-2.0
"""Passages that rule, decide or set a time: what is forbidden, what sends a release back, who decides, by when.

Each function is one line of the table in `kinds`, which says in which order they are asked.
"""

import re
from typing import Final

from interlock.packs.reading.deadlines import Relation
from interlock.packs.reading.lexicon import (
    ADVISED,
    APPROVED,
    CHECKING,
    DOING,
    REVIEWED,
    TELLING,
    TOLD,
    WATCHED,
    WRITING,
)
from interlock.packs.reading.objects import check_for
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.tidying import PROHIBITED
from interlock.packs.reading.topics import Topic
from interlock.packs.reading.verbs import (
    RECORD_LEAD,
    REQUESTS,
    REVIEWS,
    RUNS,
    TELLS,
    TESTS,
    is_attested_above,
    lists,
    verb_of,
)
from interlock.packs.reading.weighing import begins_as_told, has_state

_NEVER: Final = re.compile(
    r"\b(?:never|must not|mustn't|shall not|may not|should not|shouldn't|do not|don't|dont|cannot"
    r"|can't|(?:is|are) not (?:be )?(?:allowed|permitted)|not be|forbidden|prohibited|nobody|no one"
    r"|avoid|refrain|not allowed|not permitted)\b"
)
_BAD_STATE: Final = re.compile(
    r"\b(?:open|outstanding|included|observed|detected|found|enabled|known|remaining|remain|failing"
    r"|unresolved|critical|active|pending|reported|exposed|committed|logged|findings?|errors?|spikes?"
    r"|defects?|bugs?|blockers?|issues|vulnerabilit\w+|regressions?|warnings?|secrets?|conflicts?"
    r"|alerts?|incidents?|cves?|debug|violations?|leaks?|degradation|drift)\b"
)
_BACK: Final = re.compile(r"\b(?:roll(?:ed|ing|s)?[ -]?back|roll ?back|abort|halt|stop|revert|pause|back out|block)\b")
_BACK_LEAD: Final = re.compile(
    r"\b(?:falls? ?back|pull the plug|turns? back|roll(?:ed|ing)?[ -]?back|abort|halt|stop|pause"
    r"|revert|back out|no-go)\b.*\b"
    r"(?:if|when|on|any|following|for|because|criteria|conditions?|case|trigger\w*)\b|\btriggers?\b"
    r"|only (?:allowed )?for\b|\bused (?:only )?for\b|qualif"
)
_STOPS_IF: Final = re.compile(
    r"^(?:abort|stop|halt|pause|roll ?back|cancel|revert|block)\b.*\b(?:if|when|whenever|on)\b(?! "
    r"(?:needed|necessary|required|possible|applicable))"
)
_PASSIVE: Final = re.compile(r"\b(?:is|are|gets?) (?:\w+ ){0,2}\w{3,}(?:ed|en|ne|lt|ld)\b|\b(?:may|can|shall) be\b")
_PERIL: Final = re.compile(r"^(?:if|when|whenever|in case|should|unless)\b")
_GOVERNED: Final = re.compile(
    r"\bretroactive|\btrunk-based|\bsemantic version|\bprotected\b|\bautomatic(?:ally)?\b"
    r"|\bat all times\b|\balways\b|\bappl(?:y|ies) to\b|\bmandatory for\b|\bgovern(?:s|ing)\b|\bonly "
    r"(?:if|when|after|once|for|by|from|during|in|bug|through|via|with|the)\b|\bstatus: active\b"
    r"|\bcontrolled\b|\bfollows? the same\b|\bsame artifact\b|\bnot rebuilt\b|\bonly (?:production"
    r"|hotfix|critical|urgent)|\bmust be used only\b|\bprevents\b|^only\b|\b(?:are|is) (?:rejected"
    r"|refused|declined|returned|not accepted)\b|\bonly\.?$|\b(?:are|is) (?:responsible|accountable"
    r"|in charge)\b|\bexclusively\b|\b(?:on|every) (?:mon|tues|wednes|thurs|fri|satur|sun)days?\b"
    r"|\b\d{1,2}[:.]\d\d ?(?:-|\u2013|—|to|and) ?\d{1,2}[:.]\d\d\b|\bmay be \w+ed\b|\bvalid for\b"
    r"|\bexpires?\b|\bat most\.?$|\bper (?:week|day|month)\b|\bonly what\b|\bdev\w* ?(?:→|->"
    r"|to) ?stag\w+ ?(?:→|->|to) ?prod|\bat least two\b|\bin (?:this|that|the (?:same|following|given"
    r"|listed)) order\b"
)
_GO: Final = re.compile(
    r"\bthe (?:go|ok|okay|blessing) (?:of|from|by)\b|\bgo ?/ ?no-?go\b|\bgo-no-go\b|\bthumbs[ -]up\b"
    r"|\bgo-ahead\b|\bgreen ?light\b|\bfinal (?:call"
    r"|decision)\b|\blgtm\b"
)
_DECIDES: Final = frozenset(
    "decides decide agrees agree agreed accepts accept authorises authorizes grants grant".split()
)
_MAY_ORDER: Final = re.compile(
    r"\b(?:can|may|might|is allowed to|are allowed to|has the (?:right|authority)|authority)\b.*\b"
    r"(?:order|demand|initiate|mandate|trigger|call|stop|halt|declare|veto|block|roll|decide|overrule"
    r"|abort|pause)\b|\bprimary authority\b|\bfinal say\b"
)
_PEERS: Final = re.compile(r"\b(?:code|peer|pull|merge|pr)\b")
_OBTAINS: Final = re.compile(
    r"\b(?:get|obtain|wait|request|seek|await|receive|secure|gain|collect|have)\w*\b.*\b(?:approvals?"
    r"|authori[sz]ation|approve|approved by)\b"
)
_MAY: Final = re.compile(r"^(?:\S+ ){1,5}(?:can|may) (?!be\b)")
_BOTH_CHECKS: Final = frozenset(
    "open-defects security-scan dependency-scan monitoring rollback-drill secret-scan".split()
)
_NOBODY_YET: Final = re.compile(
    r"\b(?:nobody|no one|no decision|undecided|no response|not (?:yet )?(?:resolved|fixed|decided"
    r"|green|recovered|back|available|working|up|done|healthy|stable)|without (?:progress|answer"
    r"|response|decision|improvement)|still|unresolved|remains?)\b"
)
_MEETING: Final = re.compile(r"\bfreeze\b|\bmoratorium\b|\bwindow\b|\bblackout\b")
_FOR_WHAT: Final = re.compile(r"\b(?:required|mandatory|minimum|cover\w*|scenarios?|includ\w+|at least|for)\b.*:$")


def forbids(one: Saying) -> bool:
    low = one.words.low
    if low.startswith(PROHIBITED) or (one.topic is Topic.PROHIBITED and lists(one)):
        return True
    if one.words.first == "zero":
        return False
    if one.words.first == "not":
        return not one.check
    if one.words.first == "no":
        return not _BAD_STATE.search(low) and not one.given
    return bool(_NEVER.search(low)) and not _is_checked_absence(one)


def _is_checked_absence(one: Saying) -> bool:
    """`Secrets not logged`, `error rate must not exceed`: the absence of something that a machine sees."""
    return bool(one.check) and bool(
        re.search(
            r"\b(?:must not|not) (?:be (?:worse|higher|lower|more)|exceed|differ|deviate|logged|increase"
            r"|regress)",
            one.words.low,
        )
    )


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
    if one.passage.form is Form.LEAD and _PERIL.match(low):
        return True
    if _STOPS_IF.match(one.main.low) or (
        _PERIL.match(low) and _PASSIVE.search(low) and not begins_as_told(one) and not one.times
    ):
        return True
    return bool(_PERIL.match(low)) and bool(_BACK.search(low)) and not one.in_relation(Relation.WITHIN)


def is_advice(one: Saying) -> bool:
    return (one.words.has(ADVISED) and not one.words.has(frozenset(("must",)))) or (
        one.topic is Topic.ADVICE and lists(one)
    )


def governs(one: Saying) -> bool:
    if one.main.opener in CHECKING | TELLING:
        return False
    return bool(_GOVERNED.search(one.words.low)) and not (one.check and has_state(one) and one.passage.form is Form.BOX)


def may_order(one: Saying) -> bool:
    if one.own and _MAY.match(one.main.low):
        return not one.words.has(APPROVED)
    return bool(_MAY_ORDER.search(one.words.low))


def has_authority(one: Saying) -> bool:
    return one.topic is Topic.AUTHORITY and not one.in_relation(Relation.WITHIN) and lists(one)


def is_timed(one: Saying) -> bool:
    if one.passage.form is Form.ROW:
        return (
            one.in_relation(Relation.WITHIN)
            and not begins_as_told(one)
            and not one.check
            and not one.words.has(APPROVED)
        )
    is_late = one.in_relation(Relation.AFTER) and bool(_NOBODY_YET.search(one.words.low))
    return (one.in_relation(Relation.WITHIN) and not _is_threshold(one)) or is_late


def _is_threshold(one: Saying) -> bool:
    """A measure with a time in it: `recovers in under 30 s`."""
    is_measure = bool(
        re.search(
            r"\b(?:freshness|latency|start-?up|boot|p9\d|response times?|recovers?|mttr|rto|rpo|downtime|duration)\b",
            one.words.low,
        )
    )
    return is_measure and not begins_as_told(one)


def holds(one: Saying) -> bool:
    if re.search(r"\bunder observation\b", one.words.low):
        return True
    if not one.in_relation(Relation.FOR):
        return False
    if one.passage.form is Form.ROW:
        return not one.check
    apart = re.search(r"\b(?:apart|between|before (?:the )?(?:next|promot|continu|proceed)|shadow)\b", one.words.low)
    return one.words.has(WATCHED) or apart is not None or one.main.opener in ("run", "at")


def goes_or_not(one: Saying) -> bool:
    return bool(_GO.search(one.words.low)) and verb_of(one) not in TELLING and verb_of(one) not in TELLS


def approves(one: Saying) -> bool:
    if verb_of(one) in REQUESTS and not one.words.has(frozenset(("review", "from"))):
        return False
    if one.topic is Topic.REVIEW and one.own and verb_of(one) in REVIEWS:
        return any("reviewer" in role for role in one.own) or bool(_PEERS.search(one.title))
    if verb_of(one) in DOING | CHECKING | WRITING and not one.own:
        return bool(_OBTAINS.search(one.words.low))
    is_told = verb_of(one) in TELLING and one.own == ()
    return not is_told and (
        one.words.has(APPROVED) or (bool(one.given) and one.words.has(_DECIDES)) or _of_business(one)
    )


def _of_business(one: Saying) -> bool:
    """Whoever approves by what stands above it, says here that something may be so."""
    return "acceptable" in one.words.known and bool(one.given)


def approves_row(one: Saying) -> bool:
    columns = " ".join(column.lower() for column, _ in one.passage.cells)
    return (
        one.passage.form is Form.ROW
        and bool(one.given)
        and bool(re.search(r"\bapprov\w*|\bauthori[sz]\w*|\bsign-?off", columns))
        and not begins_as_told(one)
    )


def asks_people(one: Saying) -> bool:
    return verb_of(one) in REQUESTS and bool(one.words.known & (APPROVED | {"review", "reviews"}))


def takes_both(one: Saying) -> bool:
    if not one.given or one.passage.form is Form.ROW:
        return False
    if one.own and one.check in TESTS and verb_of(one) in RUNS:
        return True
    return is_attested_above(one) and one.check in _BOTH_CHECKS and not one.words.has(REVIEWED)


def in_exception(one: Saying) -> bool:
    return one.topic is Topic.EXCEPTION and bool(RECORD_LEAD.search(one.lead))


def is_small(one: Saying) -> bool:
    return bool(re.search(r"\bminimal\b|\breversible\b", one.words.low)) and not begins_as_told(one)


def is_required_for(one: Saying) -> bool:
    """`permission logic`, below `Unit tests` and `Required for:`."""
    return bool(_FOR_WHAT.search(one.lead)) and check_for(one.title) in TESTS and one.is_listed()


def is_not_blocking(one: Saying) -> bool:
    cells = [(column.lower(), cell.lower()) for column, cell in one.passage.cells]
    return any(
        re.search(r"\b(?:blocking|required|mandatory|must)\b", column)
        and cell in ("no", "optional", "n", "❌", "non-blocking")
        for column, cell in cells
    )


def is_timed_row(one: Saying) -> bool:
    """A severity and by when it is answered."""
    return one.passage.form is Form.ROW and is_timed(one)


def is_type(one: Saying) -> bool:
    return one.topic in (Topic.TYPES, Topic.EXCEPTION, Topic.ROLES, Topic.SCOPE) and not begins_as_told(one)


def breaks_contract(one: Saying) -> bool:
    low = one.words.low
    return one.topic is Topic.TYPES and bool(re.search(r"\b(?:contract|compatib\w+|migration)\b", low))


def is_window(one: Saying) -> bool:
    return (
        bool(_MEETING.search(one.words.low))
        and not one.words.has(APPROVED)
        and not one.words.has(TOLD)
        and verb_of(one) not in DOING | TELLING
    )
