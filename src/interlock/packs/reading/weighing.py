# SPDX-License-Identifier: Apache-2.0
"""Whether a passage asks for something: what speaks for it and against it, weighed.

1. What weighs enough is a requirement. What weighs a little less is listed as unmapped, so that a person decides;
   nothing that could ask for something is dropped in silence. An item of a list needs a plain sign, a sentence less.
2. A box to tick asks, wherever it stands. So does a `must`, but for sentences about the document itself.
"""

import re
from collections.abc import Callable
from typing import Final

from interlock.packs.reading.bearing import blocks
from interlock.packs.reading.deadlines import Relation
from interlock.packs.reading.fragments import (
    answered,
    is_not_then,
    is_wanted,
)
from interlock.packs.reading.habits import (
    PROCEDURAL,
    STRICT,
    TOLD,
    TOP,
    answers_who,
    is_conditional,
    is_dated,
    is_due,
    is_duration,
    is_for_anybody,
    is_forbidding,
    is_free,
    is_given,
    is_habit,
    is_introduction,
    is_past,
    is_told_to,
    is_written_there,
    says_what_counts,
)
from interlock.packs.reading.items import is_brief, worth_of_item
from interlock.packs.reading.lexicon import ADVISED, APPROVED, MODAL, THIRD, WATCHED
from interlock.packs.reading.manner import begins_as_told, has_state, is_advising, is_object
from interlock.packs.reading.naming import act_named
from interlock.packs.reading.occasions import (
    anybody_may,
    begins_again,
    is_appointed,
    is_attendance,
    is_beyond,
    is_kept,
    is_open_or_closed,
    lasts,
    means_back,
    parts_people,
)
from interlock.packs.reading.passages import Form
from interlock.packs.reading.roles import slug
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.tables import ASKS, worth_of_row
from interlock.packs.reading.tidying import PROHIBITED
from interlock.packs.reading.topics import QUIET, Topic, topic_of

ENOUGH: Final = 2
"""What weighs so much is a requirement; one less, and a person should look at it."""
_PASSIVE: Final = sought(
    r"\b(?:is|are|be|gets?) (?:then |also |always |automatically |only |never |not |first "
    r"|immediately |to be )*(?:\w{3,}ed|(?!open|green|often|then|even|broken|when)\w{2,}(?:en|wn)|kept|told|laid"
    r"|drawn|bought|lost|put|thrown|understood|read|paid|met"
    r"|left|brought|done|made|sent|taken|held|built"
    r"|rebuilt|filed|run|cut|chosen"
    r"|written|given|put|shown|frozen|allowed|due (?:if|when|before|by|within|after|once))\b"
)
_ABOUT_ITSELF: Final = re.compile(
    r"^(?:responsible|contact) for this \w+\b|^who(?:['\u2019]s| is) who\b|^questions\b|^.{0,50}\bif (?:(?:any"
    r"|some)thing is )?unclear\b|^(?:printed copies\b|please (?:follow|read) (?:this|it)\b)"
    r"|^(?:the )?(?:owners?|keeper|author) of (?:this|the) (?:document|page|guide|runbook|checklist|policy"
    r"|list)\b"
    r"|^(?:this|the|these|our) (?:document|page|guide|runbook|section|checklist|policy|procedure|sop"
    r"|instructions?|table|list|file|readme|handbook|wiki|matrix|template)s? (?:\w+ )?(?:describes?"
    r"|defines?|explains?|covers?|outlines?|contains?|lists?|is (?:used|meant|intended|for|maintained"
    r"|about|based)|was|shows?|provides?|summari[sz]es?|documents?|gives?|sets out|should be read)\b"
    r"|^if (?:some|any)thing (?:here|in this|on this)\b|^(?:the )?key ?words\b|^(?:(?:see|refer to|read"
    r"|for (?:more|details|further)|more (?:info\w*"
    r"|details)|(?:page )?last (?:updated|reviewed|modified|tested|edited|changed|big edit)|document owner"
    r"|valid from|maintained by)\b|(?:version|author|created|date|status|revision|effective|classification"
    r"|audience|replaces|contact|time|owner|space|page|tags?|labels)\b(?=\s*[:=|]|\s*\d))(?!.*\bmust\b)"
    r"|^(?:describes|defines|explains|covers|outlines|summari[sz]es|replaces|applies)\b"
    r"|^(?:call ?signs?|short names?|abbreviations)\s*:|^tick (?:\w+ )?off (?:as|when) you\b"
    r"|^(?:[raci] (?:=|:|is|means|does|answers|\u2013|-) ?[^,;]{1,40}[,;.]? ?){2,}$"
    r"|^t (?:=|is) |^keep (?:the|this) (?:e?-?mail|page|sheet)\b"
    r"|^(?:change|edit|improve|update) (?:this|it) (?:by|with|via|through) (?:an? )?(?:pull|merge) request\b"
    r"|^(?:copy|duplicate|use|print|paste|bookmark|keep|follow) (?:this|it)\b(?! (?:up|running|open))"
    r"|^(?:used (?:for|by|when)|thanks|thank you|welcome|good luck|note(?=[:,])|tip:|hint:|example:"
    r"|e\.g\.|for example|for instance|in other words|i\.e\.)"
)
_ARTICLES: Final = frozenset(("the", "a", "an"))
"""What a word's meaning begins with: `Release file: the folder in which`."""
_NOBODY: Final = frozenset(("nobody", "none", "nothing", "no one", "n/a", "no action"))
"""`Class C: nobody`: what nothing is asked for."""
_KEY_WORDS: Final = re.compile(
    r"^(?:the )?(?:key ?words|capitali[sz]ed words|terms)\b.*\b(?:interpreted|meaning|mean|defined)\b"
    r"|^(?:in this \w+,? )?[\"'\u201c](?:shall|must|should|may)[\"'\u201d] (?:is|means|are|marks)\b"
)
_EDITION: Final = re.compile(
    r"^(?:version|rev\.?|revision|edition|issue) [\d.]+[a-z]?(?=[,;:.( ]|$)(?! (?:must|shall|is|has)\b)"
)
"""`Version 7, approved by the committee`: what the document says of itself."""
_GOVERNS: Final = sought(
    r"\bis mandatory\b|\bis (?:the (?:decision|responsibility|call|job) of|up to)\b|\b(?:calendar version\w*"
    r"|semver|calver)\b|\bapplies to\b|\bapply to\b|\bgovern(?:s|ing)\b|\bprevents? (?!us\b)"
    r"|\bstatus: active\b|\bsemantic version\w*|\btrunk-based\b|\b(?:covers|binding|in force)\b.*\b"
    r"(?:all|every|releases?|changes?)\b"
)
_TALK: Final = sought(
    r"\b(?:because|i\.e\.|means? that|we (?:are|have|looked|believe|want|like|aim|hope|think|use"
    r"|follow)|it is a good idea|in practice|in general|usually|typically|often|sometimes|might|aspire"
    r"|people interested)\b|\?$|!$"
)
_CHARGED: Final = sought(r"\b(?:is|are) (?:responsible|accountable|in charge)\b")
_INTO: Final = sought(r"\b(?:in|to|into|under|at)\s*:$")
_BLOCKS: Final = sought(
    r"\b(?:blocks?|stops?|prevents?|fails?|aborts?|take place|takes place|wait|waits|stays?|remains?|on (?:mon|tues"
    r"|wednes|thurs|fri|satur|sun)days?)\b"
)
_MAY: Final = sought(
    r"\b(?:may|can)\b.*\b(?:order|demand|initiate|mandate|trigger|call|stop|halt|declare|veto|block"
    r"|decide|overrule|abort)\b"
)
_ONLY_LINK: Final = re.compile(
    r"^(?:[\w ./&'-]{0,50}[:—\u2013-]\s*)?(?:https?://\S+|[\w./-]+\.(?:md|html?|pdf|ya?ml|json|png|sh))\.?$"
)
_UNIVERSAL: Final = re.compile(
    r"^(?:every|all|any|each|nobody|no|only|releases?|deployments?|changes?|breaking|hot-?fix\w*"
    r"|exceptions?|everything|a release|a deployment|a change|an? \w+ (?:release|deployment|change)"
    r"|production|we follow|two|three|at least)\b"
)


def weight(one: Saying) -> int:
    """How much speaks for it that this asks for something."""
    if one.passage.form is Form.ROW:
        return worth_of_row(one)
    if (_EDITION.match(one.words.low) and not one.words.has(MODAL)) or _KEY_WORDS.match(one.words.low):
        return 0
    is_link = bool(_ONLY_LINK.match(one.words.low)) and not (one.main.opener or is_object(one))
    if not one.words.all or is_link or _is_masthead(one):
        return 0
    if one.topic is Topic.REFERENCE and one.label and one.main.first in _ARTICLES and not one.words.has(MODAL):
        return 0
    if one.label and one.main.low.rstrip(".") in _NOBODY:
        return 0
    if one.passage.form is Form.BOX:
        return 2 * ASKS
    if one.passage.form is Form.TITLE:
        return ASKS if one.main.opener and one.topic not in QUIET else 0
    more = worth_of_item(one) if one.is_listed() else sum(worth for holds, worth in _SAID if holds(one))
    return more + sum(worth for holds, worth in _TABLE if holds(one))


def _is_masthead(one: Saying) -> bool:
    """What stands at the very top and is no sentence is the document's name."""
    passage = one.passage
    return (
        passage.line <= TOP // 2
        and passage.form is Form.SENTENCE
        and not passage.headings
        and not passage.text.endswith((".", "!", ":"))
    )


_SAID_OF_PEOPLE: Final = THIRD | APPROVED


def _does(one: Saying) -> bool:
    """Whether somebody in a role does something in it."""
    is_told = one.words.has(_SAID_OF_PEOPLE) or one.words.has(MODAL) or bool(_PASSIVE.search(one.words.low))
    return bool(one.own) and (
        one.is_listed() or one.topic in TOLD or is_told or slug(one.label) in one.own or _is_subject(one)
    )


def _is_subject(one: Saying) -> bool:
    return any(one.main.low.removeprefix("the ").startswith(role.replace("-", " ")) for role in one.own)


def _is_governing(one: Saying) -> bool:
    return bool(_GOVERNS.search(one.words.low)) and one.topic is not Topic.BACKGROUND


def _is_modal(one: Saying) -> bool:
    return one.words.has(MODAL)


def _is_should(one: Saying) -> bool:
    return one.words.has(_SHOULD)


_LIMIT: Final = sought(r"\bat most\b|\bno more than\b|\bmaximum of\b|\bexclusively\b|\bnot more than\b|\bat least\b")
_LOGGED: Final = sought(r"^\w+(?: \w+){1,3} (?:must be )?(?:\w{3,}ed|written|taken|held|kept|sent|done)\.?$")
_SHOULD_NOT: Final = sought(r"\bshould(?: not|n't)\b")
_SHOULD: Final = frozenset("should recommended encouraged may have has".split())


def _is_universal(one: Saying) -> bool:
    return bool(_UNIVERSAL.match(one.words.low)) and one.passage.form is Form.SENTENCE


def _is_timed(one: Saying) -> bool:
    return bool(one.times)


def _is_mere_lead(one: Saying) -> bool:
    low = one.words.low.rstrip("* ")
    if not one.passage.has_parts or one.in_relation(Relation.WITHIN) or _INTO.search(low):
        return False
    is_name = len(one.words.all) == 1 and one.passage.form is not Form.BOX
    return one.passage.form is Form.LEAD or is_name or (low.endswith(":") and not one.own)


def _is_said(one: Saying) -> bool:
    """A whole sentence of a procedure asks for something unless something speaks against it."""
    passage = one.passage
    return (
        passage.in_body
        and passage.form is Form.SENTENCE
        and passage.text.endswith((".", "!"))
        and len(one.words.all) >= _WHOLE
    )


_WHOLE: Final = 3
"""So many words make a sentence: `Ring 0 is us`."""


def _is_talk(one: Saying) -> bool:
    return bool(_TALK.search(one.words.low)) and not one.words.has(MODAL)


def _is_in_roles(one: Saying) -> bool:
    return one.topic is Topic.ROLES and not one.words.has(MODAL) and not one.words.has(THIRD)


def _is_wordy_second(one: Saying) -> bool:
    """A further sentence of an item: mostly it explains the first."""
    is_second = one.passage.form is Form.SENTENCE and bool(one.passage.above)
    return is_second and not (
        begins_as_told(one) or one.words.has(MODAL) or is_told_to(one) or _PASSIVE.search(one.words.low)
    )


def _has_arrow_path(one: Saying) -> bool:
    return bool(re.search(r"\bdev\w* ?(?:→|->|to) ?stag\w+ ?(?:→|->|to) ?prod", one.words.low))


_CRITERIA: Final = re.compile(
    r"^(?:exit|entry|done(?: when)?|accept\w*|criteri\w+|gates?|checks?|(?:pre-?)?conditions?|requires?|needs?"
    r"|must)\b"
)


_IN_TURN: Final = sought(r"\bone (?:\w+ )?at a time\b|^(?:[\w-]+,? ){1,4}(?:first|last)(?: \([^()]*\))?\.?$")
"""`One change at a time`, `Oldest first (they forgive)`."""
_TURNS: Final = frozenset(("first", "last", "time"))
_IN_HAND: Final = sought(
    r"\b(?:lies|rests|remains) with\b|\b(?:has|have) (?:an? (?:veto|say)|(?:a|the) right (?:of|to))\b"
    r"|\bis (?:for|up to|left to)\b.{2,40}\bto (?:decide|say|judge)\b"
    r"|\b(?:decision|call|choice) is\b.{2,40}'s\b"
)
"""`The decision lies with the lead`: in whose hands something is."""
_RULES: Final = sought(r"\b(?:rule|policy)$")
_EACH: Final = re.compile(r"^(?:every|each|no|nobody|only)\b")
_GOES_TO: Final = sought(
    r"\b(?:go(?:es)?|comes?) (?:straight |directly |back )?(?:to|into) (?:the|an?|our|your|you|us|cold)\b"
)
_OWNED: Final = sought(
    r"\b(?:owns|maintains) (?:this|the present) (?:procedure|document|page|policy|runbook|standard"
    r"|checklist)\b"
)
_ENOUGH: Final = sought(r"\b(?:is|are) (?:enough|sufficient)\b|\bsuffices?\b")
_ASIDE: Final = QUIET | {Topic.SCOPE}
_RECEIVED: Final = sought(
    r"\b(?:gets?|receives?) (?:an?|the|our|this) (?:\w+ )?(?:e?-?mail|message|note|copy|list|letter|call|link)\b"
)
"""`The shops get a mail`."""
_TABLE: Final[tuple[tuple[Callable[[Saying], bool], int], ...]] = (
    (_is_modal, 3),
    (is_told_to, 3),
    (is_given, ASKS),
    (lambda one: one.topic in TOLD and bool(_RECEIVED.search(one.words.low)), ASKS),
    (begins_again, ASKS),
    (blocks, ASKS),
    (parts_people, ASKS),
    (lambda one: bool(_OWNED.search(one.words.low)), -2 * ASKS),
    (lambda one: one.words.has(_TURNS) and bool(_IN_TURN.search(one.words.low)), ASKS),
    (is_advising, ASKS),
    (is_beyond, ASKS),
    (lambda one: bool(one.own) and bool(_IN_HAND.search(one.words.low)), ASKS),
    (is_forbidding, 3),
    (is_for_anybody, 3),
    (lambda one: bool(_ENOUGH.search(one.words.low)), ASKS),
    (lasts, 2),
    (lambda one: is_appointed(one) or is_kept(one), ASKS),
    (lambda one: means_back(one) or anybody_may(one) or is_open_or_closed(one) or is_attendance(one), ASKS),
    (lambda one: bool(act_named(one)), ASKS),
    (is_written_there, ASKS),
    (is_dated, 2),
    (answers_who, 3),
    (_is_should, 1),
    (lambda one: bool(_SHOULD_NOT.search(one.words.low)), 2),
    (lambda one: one.topic in PROCEDURAL and "automatically" in one.words.known, 2),
    (_is_governing, 6),
    (lambda one: bool(_CHARGED.search(one.words.low)), 6),
    (begins_as_told, 3),
    (_does, 3),
    (lambda one: one.words.low.startswith(PROHIBITED), 4),
    (lambda one: bool(_MAY.search(one.words.low)), 2),
    (lambda one: one.words.has(STRICT) and bool(_UNIVERSAL.match(one.words.low)), 3),
    (lambda one: bool(one.label) and topic_of(one.label) in _ASIDE and not _is_governing(one), -4),
    (_is_timed, 1),
    (lambda one: one.in_relation(Relation.FOR) and one.words.has(WATCHED), 2),
    (lambda one: one.words.has(ADVISED), 2),
    (lambda one: bool(_LIMIT.search(one.words.low)), 2),
    (_has_arrow_path, 4),
    (_is_mere_lead, -5),
    (lambda one: bool(_ABOUT_ITSELF.match(one.words.low)) and not _is_governing(one), -6),
    (is_past, -2),
    (_is_talk, -2),
    (lambda one: one.topic in QUIET and not one.words.has(STRICT), -3),
    (lambda one: one.topic in QUIET and one.words.has(STRICT), -1),
    (is_free, -2 * ASKS),
    (is_duration, -ASKS),
    (lambda one: bool(_CRITERIA.match(one.label.lower()) or _RULES.search(one.label.lower())), ASKS),
    (lambda one: bool(_EACH.match(one.words.low)) and one.topic in TOLD, 2),
    (lambda one: bool(_GOES_TO.search(one.words.low)) and one.topic in TOLD, ASKS),
    (_is_in_roles, -3),
)
_SAID: Final[tuple[tuple[Callable[[Saying], bool], int], ...]] = (
    (_is_said, 3),
    (is_habit, 3),
    (is_due, 2),
    (says_what_counts, ASKS),
    (lambda one: is_wanted(one) or is_not_then(one) or answered(one) is not None, ASKS),
    (is_conditional, 2),
    (is_introduction, -3),
    (lambda one: one.topic in PROCEDURAL and bool(_BLOCKS.search(one.words.low)), 2),
    (lambda one: bool(_PASSIVE.search(one.words.low)), 2),
    (lambda one: one.topic in TOLD and bool(_PASSIVE.search(one.words.low)), 1),
    (_is_universal, 1),
    (
        lambda one: one.passage.form is Form.SENTENCE and one.topic in PROCEDURAL and has_state(one) and is_brief(one),
        1,
    ),
    (
        lambda one: (
            one.passage.form is Form.SENTENCE and one.topic in PROCEDURAL and bool(_LOGGED.search(one.words.low))
        ),
        2,
    ),
    (_is_wordy_second, -1),
    (lambda one: one.passage.form is Form.LEAD and one.in_relation(Relation.WITHIN), 3),
)
"""What is asked of sentences and leads only."""
