# SPDX-License-Identifier: Apache-2.0
"""Whether a passage asks for something: what speaks for it and against it, weighed.

1. What weighs `ASKS` or more is a requirement. What weighs a little is listed as unmapped, so that a person decides;
   nothing that could ask for something is dropped in silence.
2. A box to tick asks, wherever it stands. So does a `must`, but for sentences about the document itself.
"""

import re
from collections.abc import Callable
from typing import Final

from interlock.packs.reading.deadlines import Relation
from interlock.packs.reading.lexicon import ADVISED, MODAL, NEGATED, STATES, THIRD, THIRD_PERSON, WATCHED
from interlock.packs.reading.passages import Form
from interlock.packs.reading.people import OWNERS
from interlock.packs.reading.roles import slug
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.tidying import PROHIBITED
from interlock.packs.reading.topics import QUIET, Topic, topic_of

ASKS: Final = 3
"""From here on it is a requirement."""
PERHAPS: Final = 2
"""From here on a person should look at it."""
_DEMANDS: Final = re.compile(
    r"\b(?:required|must|needs?|includes?|include|contains?|only|following|trigger\w*|roll ?-?back"
    r"|halt|abort|stop|pause|revert|if|when|on|steps?|sequence|then|before|after|check|ensure|verify"
    r"|confirm\w*|criteria|gates?|how to|sign-?off|used|for|until|once|allowed|conditions?|do|never"
    r"|not)\b"
)
_PASSIVE: Final = re.compile(
    r"\b(?:is|are|be|gets?) (?:then |also |always |automatically |only |never |not |first "
    r"|immediately |to be )*(?:\w{3,}ed|kept|done|made|sent|taken|held|built|rebuilt|run|cut|chosen"
    r"|written|given|put|shown|frozen|allowed)\b"
)
_ABOUT_ITSELF: Final = re.compile(
    r"^(?:this|the|these|our) (?:document|page|guide|runbook|section|checklist|policy|procedure|sop"
    r"|instructions?|table|list|file|readme|handbook|wiki|matrix|template)s? (?:\w+ )?(?:describes?"
    r"|defines?|explains?|covers?|outlines?|contains?|lists?|is (?:used|meant|intended|for|maintained"
    r"|about|based)|was|shows?|provides?|summari[sz]es?|documents?|gives?|sets out|should be read)\b"
    r"|^(?:the )?key ?words\b|^(?:see|refer to|read|for (?:more|details|further)|more (?:info\w*"
    r"|details)|last (?:updated|reviewed|modified)|version|author|created|date|status|document owner"
    r"|revision|effective|valid from|classification|audience|replaces|maintained by|contact)\b"
    r"(?!.*\bmust\b)"
    r"|^(?:copy|duplicate|use|print|paste|bookmark|keep|follow) (?:this|it)\b(?! (?:up|running|open))"
    r"|^(?:used (?:for|by|when)|thanks?|thank you|welcome|good luck|note\b(?! (?:the|down|any|all"
    r"|which|every|in)\b)|tip:|hint:|example:|e\.g\.|for example|for instance|in other words|i\.e\.)"
)
_GOVERNS: Final = re.compile(
    r"\bis mandatory\b|\bapplies to\b|\bapply to\b|\bgovern(?:s|ing)\b|\bprevents? (?!us\b)"
    r"|\bstatus: active\b|\bsemantic version\w*|\btrunk-based\b|\b(?:covers|binding|in force)\b.*\b"
    r"(?:all|every|releases?|changes?)\b"
)
_PAST: Final = re.compile(r"\b(?:was|were|had|used to|did|looked|tried|went wrong|happened)\b")
_TALK: Final = re.compile(
    r"\b(?:because|i\.e\.|means? that|we (?:are|have|looked|believe|want|like|aim|hope|think|use"
    r"|follow)|it is a good idea|in practice|in general|usually|typically|often|sometimes|might|aspire"
    r"|people interested)\b|\?$|!$"
)
_CHARGED: Final = re.compile(r"\b(?:is|are) (?:responsible|accountable|in charge)\b")
_INTO: Final = re.compile(r"\b(?:in|to|into|under|at)\s*:$")
_BLOCKS: Final = re.compile(
    r"\b(?:blocks?|stops?|prevents?|fails?|aborts?|take place|takes place|wait|waits|stays?|remains?|on (?:mon|tues"
    r"|wednes|thurs|fri|satur|sun)days?)\b"
)
_MAY: Final = re.compile(
    r"\b(?:may|can)\b.*\b(?:order|demand|initiate|mandate|trigger|call|stop|halt|declare|veto|block"
    r"|decide|overrule|abort)\b"
)
_LOOKED_AT: Final = frozenset({Topic.AFTER, Topic.BEFORE, Topic.TESTING, Topic.STAGING, Topic.LOCAL, Topic.PRODUCTION})
_ONLY_LINK: Final = re.compile(
    r"^(?:[\w ./&'-]{0,50}[:—\u2013-]\s*)?(?:https?://\S+|[\w./-]+\.(?:md|html?|pdf|ya?ml|json|png|sh))\.?$"
)
_UNIVERSAL: Final = re.compile(
    r"^(?:every|all|any|each|nobody|no|only|releases?|deployments?|changes?|breaking|hot-?fix\w*"
    r"|exceptions?|everything|a release|a deployment|a change|an? \w+ (?:release|deployment|change)"
    r"|production|we follow|two|three|at least)\b"
)
_PROCEDURAL: Final = frozenset(Topic) - QUIET - {Topic.ROLES, Topic.OTHER, Topic.SCOPE, Topic.TEMPLATE, Topic.ADVICE}
_STRICT_LEADS: Final = (
    Topic.TRIGGER,
    Topic.PROHIBITED,
    Topic.AUTHORITY,
    Topic.EXCEPTION,
    Topic.HANDOFF,
    Topic.DEADLINE,
    Topic.ADVICE,
    Topic.AFTER_INCIDENT,
    Topic.TELLING,
)
_CHARGES: Final = re.compile(r"\bresponsibilit\w+|\bdut(?:y|ies)\b|\btasks?\b|\bdoes\b|\bfunction\b")
_DOES: Final = re.compile(
    r"\b(?:actions?|steps?|tasks?|activit\w+|checks?|gates?|requirements?|criteri\w+|threshold"
    r"|conditions?|deadline|sla|within|control|what|respon[sd]\w* (?:time|within)?|acknowledge\w*"
    r"|lead time|approvers?|approvals?(?: required)?|required approvals?|sign-?offs?|must|blocking"
    r"|trigger|milestone|deliverable|metric|verification|waits?|soak|bake|hold|waves?|evidence)\b"
)
_FREE_OF: Final = re.compile(
    r"\bwithout \w*(?:errors?|differences|findings|warnings|issues|failures|regressions?|violations)\b"
    r"|\bnothing\b"
)
_PARTICIPLE: Final = re.compile(r"\b\w{3,}(?:ed|en)\b|\b\w+ing\b$")
_FRAGMENT: Final = 14
_TOP: Final = 2


def weight(one: Saying) -> int:
    """How much speaks for it that this asks for something."""
    if one.passage.form is Form.ROW:
        return _row(one)
    if not one.words.all or (_ONLY_LINK.match(one.words.low) and not one.main.opener) or _is_masthead(one):
        return 0
    if one.passage.form is Form.BOX:
        return 2 * ASKS
    return sum(worth for holds, worth in _TABLE if holds(one))


def _is_masthead(one: Saying) -> bool:
    """What stands at the very top and is no sentence is the document's name."""
    passage = one.passage
    return (
        passage.line <= _TOP
        and passage.form is Form.SENTENCE
        and not passage.headings
        and not passage.text.endswith((".", "!", ":"))
    )


def _row(one: Saying) -> int:
    columns = " | ".join(column.lower() for column, _ in one.passage.cells)
    worth = 0
    if _DOES.search(columns):
        worth += ASKS
    if one.times and any(time.relation is Relation.WITHIN for time in one.times):
        worth += 1
    if one.topic in _PROCEDURAL and bool(one.main.opener):
        worth += 2
    if one.words.has(MODAL):
        worth += 1
    if one.own and (not OWNERS.search(columns) or _CHARGES.search(columns)):
        worth += ASKS
    is_quiet = one.topic in QUIET or bool(
        re.search(r"\b(?:date|author|version|revision|phone|changes? (?:made|log))\b", columns)
    )
    return worth - 2 * ASKS if is_quiet else worth


def has_state(one: Saying) -> bool:
    """Whether it says how something is, as the items of a checklist do."""
    return (
        one.words.has(STATES)
        or "up to date" in one.words.low
        or one.words.has(THIRD_PERSON)
        or bool(_PARTICIPLE.search(one.words.low))
        or bool(_FREE_OF.search(one.words.low))
        or any(c in one.words.low for c in "<>≥≤=%")
    )


def begins_as_told(one: Saying) -> bool:
    """Whether its main clause tells somebody to do something."""
    return bool(one.main.opener or one.words.opener)


def _does(one: Saying) -> bool:
    """Whether somebody in a role does something in it."""
    is_told = one.words.has(THIRD) or one.words.has(MODAL) or bool(_PASSIVE.search(one.words.low))
    return bool(one.own) and (one.is_listed() or is_told or slug(one.label) in one.own or _is_subject(one))


def _is_subject(one: Saying) -> bool:
    return any(one.main.low.removeprefix("the ").startswith(role.replace("-", " ")) for role in one.own)


def _is_governing(one: Saying) -> bool:
    return bool(_GOVERNS.search(one.words.low)) and one.topic is not Topic.BACKGROUND


def _is_modal(one: Saying) -> bool:
    return one.words.has(MODAL)


def _is_should(one: Saying) -> bool:
    return one.words.has(_SHOULD)


_LIMIT: Final = re.compile(
    r"\bat most\b|\bno more than\b|\bmaximum of\b|\bexclusively\b|\bnot more than\b|\bat least\b"
)
_STRICT: Final = frozenset("must shall never required mandatory exclusively".split())
_LOGGED: Final = re.compile(r"^\w+(?: \w+){1,3} (?:must be )?(?:\w{3,}ed|written|taken|held|kept|sent|done)\.?$")
_BACK: Final = re.compile(r"\b(?:roll-?back|revert|restore)\b")
_SHOULD_NOT: Final = re.compile(r"\bshould(?: not|n't)\b")
_HOURS: Final = re.compile(r"\b\d{1,2}[:.]\d\d ?(?:-|\u2013|—|to|and|until) ?\d{1,2}[:.]\d\d\b")
_SHOULD: Final = frozenset("should recommended encouraged may have has".split())


def _is_universal(one: Saying) -> bool:
    return bool(_UNIVERSAL.match(one.words.low)) and one.passage.form is Form.SENTENCE


def _is_timed(one: Saying) -> bool:
    return bool(one.times)


def _is_demanded(one: Saying) -> bool:
    """An item of a list that is led in by a demand."""
    lead = one.passage.above[-1] if one.passage.above else None
    return (
        lead is not None
        and one.is_listed()
        and (lead.form is Form.LEAD or lead.has_parts)
        and bool(_DEMANDS.search(one.lead))
    )


def _is_mere_lead(one: Saying) -> bool:
    low = one.words.low.rstrip("* ")
    if not one.passage.has_parts or one.in_relation(Relation.WITHIN) or _INTO.search(low):
        return False
    return one.passage.form is Form.LEAD or (low.endswith(":") and not one.own)


def _is_talk(one: Saying) -> bool:
    return bool(_TALK.search(one.words.low)) and not one.words.has(MODAL)


def _is_in_roles(one: Saying) -> bool:
    return one.topic is Topic.ROLES and not one.words.has(MODAL) and not one.words.has(THIRD)


def _is_wordy_second(one: Saying) -> bool:
    """A further sentence of an item: mostly it explains the first."""
    return one.passage.form is Form.SENTENCE and bool(one.passage.above)


def _has_arrow_path(one: Saying) -> bool:
    return bool(re.search(r"\bdev\w* ?(?:→|->|to) ?stag\w+ ?(?:→|->|to) ?prod", one.words.low))


_TABLE: Final[tuple[tuple[Callable[[Saying], bool], int], ...]] = (
    (_is_modal, 3),
    (_is_should, 1),
    (lambda one: bool(_SHOULD_NOT.search(one.words.low)), 2),
    (lambda one: one.is_listed() and bool(_HOURS.search(one.words.low)), 2),
    (lambda one: one.topic in _PROCEDURAL and "automatically" in one.words.known, 2),
    (_is_governing, 6),
    (lambda one: bool(_CHARGED.search(one.words.low)), 6),
    (lambda one: begins_as_told(one) and one.is_listed(), 3),
    (lambda one: begins_as_told(one) and not one.is_listed(), 3),
    (_does, 3),
    (lambda one: one.is_listed() and one.topic in _STRICT_LEADS, 3),
    (lambda one: one.is_listed() and one.words.first in NEGATED, 2),
    (lambda one: one.words.low.startswith(PROHIBITED), 4),
    (_is_demanded, 2),
    (lambda one: one.is_listed() and has_state(one), 2),
    (lambda one: one.is_listed() and one.topic in _PROCEDURAL, 1),
    (lambda one: one.is_listed() and one.topic in _PROCEDURAL and _is_brief(one), 1),
    (lambda one: one.is_listed() and bool(_BACK.search(one.words.low)), 1),
    (lambda one: not one.is_listed() and one.topic in _PROCEDURAL and bool(_BLOCKS.search(one.words.low)), 2),
    (lambda one: bool(_MAY.search(one.words.low)), 2),
    (lambda one: one.words.has(_STRICT) and bool(_UNIVERSAL.match(one.words.low)), 3),
    (lambda one: one.passage.form is Form.LEAD and one.in_relation(Relation.WITHIN), 3),
    (lambda one: bool(one.label) and topic_of(one.label) in QUIET | {Topic.SCOPE} and not _is_governing(one), -4),
    (lambda one: one.passage.form is Form.NUMBER, 1),
    (lambda one: one.is_listed() and bool(one.check), 1),
    (_is_timed, 1),
    (lambda one: one.in_relation(Relation.FOR) and one.words.has(WATCHED), 2),
    (lambda one: one.words.has(ADVISED), 2),
    (lambda one: not one.is_listed() and bool(_PASSIVE.search(one.words.low)), 2),
    (lambda one: not one.is_listed() and one.topic in _PROCEDURAL and bool(_PASSIVE.search(one.words.low)), 1),
    (lambda one: bool(_LIMIT.search(one.words.low)), 2),
    (_is_universal, 1),
    (_has_arrow_path, 4),
    (
        lambda one: (
            one.passage.form is Form.SENTENCE and one.topic in _PROCEDURAL and has_state(one) and _is_brief(one)
        ),
        1,
    ),
    (
        lambda one: (
            one.passage.form is Form.SENTENCE and one.topic in _PROCEDURAL and bool(_LOGGED.search(one.words.low))
        ),
        2,
    ),
    (lambda one: one.is_listed() and one.topic is Topic.TYPES, 1),
    (_is_mere_lead, -5),
    (lambda one: bool(_ABOUT_ITSELF.match(one.words.low)) and not _is_governing(one), -6),
    (lambda one: bool(_PAST.search(one.words.low)), -2),
    (_is_talk, -2),
    (lambda one: one.topic in QUIET, -3),
    (_is_in_roles, -3),
    (_is_wordy_second, -1),
)


def _is_brief(one: Saying) -> bool:
    return len(one.words.all) <= _FRAGMENT
