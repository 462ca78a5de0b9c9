# SPDX-License-Identifier: Apache-2.0
"""Passages that rule, decide or set a time: what is forbidden, what sends a release back, who decides, by when.

Each function is one line of the table in `kinds`, which says in which order they are asked.
"""

import re
from datetime import timedelta
from typing import Final

from interlock.packs.reading.assenting import says_go
from interlock.packs.reading.bearing import is_stopped_if
from interlock.packs.reading.deadlines import Relation
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
    WATCHED,
    cut,
)
from interlock.packs.reading.manner import THAT_DAY, begins_as_told, has_state, is_advising, is_object
from interlock.packs.reading.objects import check_for
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.tidying import PROHIBITED
from interlock.packs.reading.topics import Topic
from interlock.packs.reading.verbs import (
    RECORD_LEAD,
    RUNS,
    TESTS,
    examines,
    is_attested_above,
    lists,
    verb_of,
)

_NEVER: Final = sought(
    r"\b(?:never|must not|mustn't|shall not|may not|should not|shouldn't|do not|don't|dont|cannot"
    r"|can't|(?:is|are) not to be|(?:is|are) not (?:be )?(?:allowed|permitted)|not be|forbidden|prohibited"
    r"|nobody|no one"
    r"|avoid|refrain|not allowed|not permitted|(?:shall|must|may|should) (?:have )?no|nothing (?:goes|is|gets"
    r"|may)|never"
    r"|there (?:is|are) no)\b|^without\b.*\bno\b"
    r"|^(?:until|before|after|during|in|on|while)\b[^,.:]{0,40}\bno \w+ (?:is|are|may|can|goes|go|leaves?|gets?)\b"
)
_BAD_STATE: Final = sought(
    r"\b(?:open|outstanding|left$|included|observed|detected|found|enabled|known|remaining|remain|failing"
    r"|unresolved|critical|active|pending|reported|exposed|committed|logged|findings?|errors?|spikes?"
    r"|defects?|bugs?|blockers?|issues|vulnerabilit\w+|regressions?|warnings?|entries|exceptions?"
    r"|complaints?|crash\w*|secrets?|conflicts?"
    r"|alerts?|incidents?|cves?|debug|violations?|leaks?|degradation|drift)\b"
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
    r"|refused|declined|returned|not accepted)\b|\bonly\b(?=[,.;]|$)|\b(?:are|is) (?:responsible|accountable"
    r"|in charge)\b|\bexclusively\b|\b(?:on|every) (?:mon|tues|wednes|thurs|fri|satur|sun)days?\b"
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
_NOBODY_YET: Final = sought(
    r"\b(?:nobody|no one|no decision|undecided|no response|not (?:yet )?(?:resolved|fixed|decided"
    r"|green|recovered|back|available|working|up|done|healthy|stable)|without (?:progress|answer"
    r"|response|decision|improvement)|still|(?<!no )unresolved|remains?)\b"
)
_MEETING: Final = sought(r"\bfreeze\b|\bmoratorium\b|\bwindow\b|\bblackout\b")
_FOR_WHAT: Final = sought(r"\b(?:required|mandatory|minimum|cover\w*|scenarios?|includ\w+|at least|for)\b.*:$")


_FORGET: Final = re.compile(r"\b(?:don't|do not|never) forget\b")
_NO_ACT: Final = re.compile(
    r"^no (?:\w+ )?(?:releases?|deploy\w*|changes?|merg\w+|commits?|push\w*|hot-?fix\w*)\b(?! (?:are )?pending)"
)
_NO_WAY: Final = re.compile(
    r"^no (?:[\w/-]+ ){1,4}?(?:shall|may|must|can|unless|without|w/o|outside|during|after|before|on|between|while|goes?"
    r"|runs?|leaves?)\b"
)


_CASE: Final = re.compile(r"^(?:if|when|whenever|in case|as long as|while|unless)\b[^,;]{4,80}, ?")
"""In what case something holds: `nobody` in it forbids nothing."""


def forbids(one: Saying) -> bool:
    low = one.words.low
    if low.startswith(PROHIBITED) or (one.topic is Topic.PROHIBITED and lists(one)):
        return True
    is_advised = (
        "SHOULD" in one.passage.text and "MUST" not in one.passage.text and bool(_SHOULD.search(one.passage.text))
    )
    if one.words.first == "zero" or is_advised or (examines(one) and "never" not in one.words.known):
        return False
    if one.words.first == "not":
        return not one.check
    if one.passage.form is Form.BOX and one.words.first == "no":
        return bool(_NO_ACT.match(low))
    if one.words.first == "no":
        low = low.partition(" so that ")[0]
        return bool(_NO_WAY.match(low)) or (not _BAD_STATE.search(low) and not one.given)
    return bool(_NEVER.search(low)) and _says_never(one) and not _is_checked_absence(one)


def _says_never(one: Saying) -> bool:
    """Whether it still does without what forbids nothing: the case it holds in, what it is for, `don't forget`."""
    low = _FORGET.sub("", _CASE.sub("", one.words.low).partition(" so that ")[0])
    if one.main.opener and one.is_listed():
        low = re.split(r", (?=nobody|no one)", low)[0]
    return bool(_NEVER.search(low))


def _is_checked_absence(one: Saying) -> bool:
    """`Secrets not logged`, `error rate must not exceed`: the absence of something that a machine sees."""
    return bool(_NOT_WORSE.search(one.words.low)) or (
        bool(one.check)
        and bool(
            re.search(
                r"\b(?:must not|not) (?:be (?:worse|higher|lower|more)|exceed|differ|deviate|logged|increase"
                r"|regress)",
                one.words.low,
            )
        )
    )


_NOT_WORSE: Final = sought(
    r"\b(?:may|must|shall|should) not be (?:\w+er|worse|more \w+) (?:than|by)\b|\bnot (?:deviate|differ"
    r"|vary)\b.*\bmore than\b"
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


_SHOULD: Final = sought(r"\b(?:SHOULD|RECOMMENDED)\b(?! NOT)")
_MUST: Final = frozenset(("must",))


def is_advice(one: Saying) -> bool:
    if _SHOULD.search(one.passage.text) and not _NEVER.search(one.words.low.replace("avoid", "")):
        return True
    if is_advising(one):
        return True
    return (one.words.has(ADVISED) and not one.words.has(_MUST)) or (one.topic is Topic.ADVICE and lists(one))


_DOES: Final = third(DOING | DECIDING) | DECIDING
_ON_DAY: Final = re.compile(r"^(?:on|by) (?:mon|tues|wednes|thurs|fri|satur|sun)day\b(?!s)")
"""`On Sunday the users work through it`: when somebody does something, and no rule about days."""
_ONLY: Final = sought(r"\b(?:only|exclusively|always|limited|restricted|reserved)\b")
_LOOKS_OR_TELLS: Final = CHECKING | TELLING


def governs(one: Saying) -> bool:
    is_told_of_day = (bool(one.own) and bool(_ON_DAY.match(one.words.low))) or bool(THAT_DAY.match(one.words.low))
    if (examines(one) or is_told_of_day) and not _ONLY.search(one.words.low):
        return False
    if one.main.opener in _LOOKS_OR_TELLS or (one.own and says_go(one)):
        return False
    if one.own and one.passage.form is Form.NUMBER and verb_of(one) in _DOES and not _ONLY.search(one.words.low):
        return False
    is_alone = one.main.first == "only" and not one.main.opener
    is_governed = is_alone or bool(_GOVERNED.search(one.words.low) or _FROM_TO.search(one.words.low))
    return is_governed and not (one.check and has_state(one) and one.passage.form is Form.BOX)


def may_order(one: Saying) -> bool:
    if one.own and _MAY.match(one.main.low):
        return not one.words.has(APPROVED)
    return bool(_MAY_ORDER.search(one.words.low))


def has_authority(one: Saying) -> bool:
    return one.topic is Topic.AUTHORITY and not one.in_relation(Relation.WITHIN) and lists(one)


_DUE: Final = sought(r"\b(?:is|are|falls?) due\b|\bat the latest\b")


def is_timed(one: Saying) -> bool:
    if one.passage.form is Form.ROW:
        return (
            one.in_relation(Relation.WITHIN)
            and not begins_as_told(one)
            and not one.check
            and not one.words.has(APPROVED)
        )
    if one.times and _DUE.search(one.words.low):
        return True
    if one.main.opener == "wait":
        return False
    is_late = one.in_relation(Relation.AFTER) and bool(_NOBODY_YET.search(one.words.low))
    return (one.in_relation(Relation.WITHIN) and not _is_threshold(one)) or is_late


_AT_ONCE: Final = timedelta(minutes=2)
"""What is to happen sooner, no person is charged with."""
_SEES_TO_IT: Final = CHECKING | {"make", "ensure"}


def _is_threshold(one: Saying) -> bool:
    """A measure with a time in it: `recovers in under 30 s`."""
    before = one.words.low.partition(one.times[0].words)[0] if one.times else one.words.low
    if one.times and max(time.most for time in one.times) < _AT_ONCE and not one.own:
        return True
    is_measure = bool(
        re.search(
            r"\b(?:freshness|latency|start-?up|boot|p9\d|response times?|recovers?|took|takes|runs|mttr|rto|rpo"
            r"|downtime|duration|lag|delay)\b",
            before,
        )
    )
    return is_measure and (not begins_as_told(one) or one.main.opener in _SEES_TO_IT)


_LEAVES: Final = re.compile(
    r"^(?:leave|let|keep|hold|stay|remain|wait|pause|sit)\b(?! (?:up|open|in mind)).*\b(?:over ?night|for (?:a|the"
    r"|at least|\d+)(?: \w+)? (?:min\w*|h|hours?|days?|weeks?|while|night)|until .*\b\d+"
    r"|until (?:one|two|an|the next|tomorrow))\b"
)
_NOT_BEFORE: Final = sought(r"\b(?:not|no|never) (?:earlier|sooner|before)\b|\bat the earliest\b")


_WANTS_TIME: Final = sought(
    r"\b(?:wants|needs) (?:at least )?(?:an?|one|two|three|\d+) (?:(?:whole|full) )?(?:hour|day|week)s?\b"
)


def holds(one: Saying) -> bool:
    low = one.words.low
    if re.search(r"\bunder observation\b", low) or _WANTS_TIME.search(low) or _LEAVES.match(one.main.low) is not None:
        return True
    if (one.in_relation(Relation.AFTER) or one.in_relation(Relation.FOR)) and _NOT_BEFORE.search(low):
        return True
    if not one.in_relation(Relation.FOR):
        return False
    if one.passage.form is Form.ROW:
        return not one.check
    apart = re.search(r"\b(?:apart|between|before (?:the )?(?:next|promot|continu|proceed)|shadow)\b", one.words.low)
    if re.search(r"\blasts?\b", low):
        return True
    return one.words.has(WATCHED) or apart is not None or one.main.opener in ("run", "at", "give")


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
