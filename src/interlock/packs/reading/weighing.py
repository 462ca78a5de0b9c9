# SPDX-License-Identifier: Apache-2.0
"""Whether a passage asks for something: what speaks for it and against it, weighed.

1. What weighs enough is a requirement. What weighs a little less is listed as unmapped, so that a person decides;
   nothing that could ask for something is dropped in silence.
2. A whole sentence and an item of a list ask by themselves where a procedure has begun: only what explains, what the
   document says of itself, what is past, what is free, what introduces and what a list hangs on speaks against it.
3. A box to tick asks, wherever it stands. So does a `must`, but for sentences about the document itself.
"""

import re
from collections.abc import Callable
from typing import Final

from interlock.packs.reading.binding import binds
from interlock.packs.reading.doubting import seems_to_ask
from interlock.packs.reading.explaining import explains
from interlock.packs.reading.fragments import (
    answered,
    is_not_then,
    is_wanted,
)
from interlock.packs.reading.habits import (
    STRICT,
    TOLD,
    is_dated,
    is_duration,
    is_forbidding,
    is_free,
    is_habit,
    is_introduction,
    is_past,
    is_told_to,
)
from interlock.packs.reading.hanging import SHOULD, is_command, is_mere_lead, only_points
from interlock.packs.reading.items import worth_of_item
from interlock.packs.reading.lexicon import APPROVED, MODAL, THIRD
from interlock.packs.reading.listing import only_lists, seems_listed
from interlock.packs.reading.manner import begins_as_told, is_advising, is_object
from interlock.packs.reading.narrating import is_narrated
from interlock.packs.reading.passages import TOP, Form
from interlock.packs.reading.questions import is_checked, is_put
from interlock.packs.reading.roles import slug
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.settled import is_suggested
from interlock.packs.reading.stating import only_states
from interlock.packs.reading.tables import ASKS, DOUBTED, worth_of_row
from interlock.packs.reading.titles import limits_way
from interlock.packs.reading.topics import QUIET, Topic, topic_of

ENOUGH: Final = DOUBTED + 1
"""What weighs so much is a requirement."""
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
    r"|^(?:this|the present) (?:document|page|guide|runbook|policy|procedure|sop|standard|form)"
    r" (?:replaces|supersedes)\b"
    r"|^if (?:some|any)thing (?:here|in this|on this)\b|^(?:the )?key ?words\b|^(?:(?:see|refer to"
    r"|read(?! (?:the (?!doc|guide|manual|handbook|page|readme|policy|procedure|whole|full|section|contrib|faq)"
    r"|all\b|every|each|back\b|out\b|aloud|[a-z]+ and\b))"
    r"|for (?:more|details|further)|more (?:info\w*"
    r"|details)|(?:page )?last (?:updated|reviewed|modified|tested|edited|changed|big edit)|document owner"
    r"|valid from|maintained by)\b|(?:version|author|created|date|status|revision|effective|classification"
    r"|audience|replaces|contact|time|owner|space|page|tags?|labels?)\b(?=\s*[:=|]|\s*\d))(?!.*\bmust\b)"
    r"|^(?:describes|defines|explains|covers|outlines|summari[sz]es|replaces|applies)\b"
    r"|^(?:call ?signs?|short names?|abbreviations|legend|handles)\s*:|^tick (?:\w+ )?off (?:as|when) you\b"
    r"|^(?:[raci] (?:=|:|is|means|does|answers|\u2013|-) ?[^,;.]{1,40}(?:[,;.] ?|$)){2,}$"
    r"|^t (?:=|is) |^keep (?:the|this) (?:e?-?mail|page|sheet)\b"
    r"|^(?:change|edit|improve|update) (?:this|it) (?:by|with|via|through) (?:an? )?(?:pull|merge) request\b"
    r"|^(?:copy|duplicate|use|print|paste|bookmark|keep|follow) (?:this|it)\b(?! (?:up|running|open)"
    r"| (?!(?:doc|page|guide|checklist|template|list|form|runbook|issue|sheet|table)\w*)\w+ (?:to|for)\b)"
    r"(?!(?<=keep it) [a-z-]+\.?$)"
    r"|^(?:hello|hi|dear)\b[^.;:]{0,30}$|^(?:first|second|third|fourth|fifth|sixth|last), (?:the|our) [a-z-]+\.?$"
    r"|^(?:used (?:for|by|when)|thanks|thank you|welcome|good luck|example:"
    r"|e\.g\.|for example|for instance|in other words|i\.e\.)"
)
_ARTICLES: Final = frozenset(("the", "a", "an"))
"""What a word's meaning begins with: `Release file: the folder in which`."""
_NOBODY: Final = frozenset(("nobody", "none", "nothing", "no one", "n/a", "no action"))
"""`Class C: nobody`: what nothing is asked for."""
_KEY_WORDS: Final = re.compile(
    r"^(?:the )?(?:key ?words|capitali[sz]ed words|terms)\b.*\b(?:interpreted|read|meaning|mean|defined)\b"
    r"|^(?:in this \w+,? )?[\"'\u201c](?:shall|must|should|may)[\"'\u201d] (?:is|means|are|marks)\b"
)
_NOTE: Final = re.compile(r"^(?:note|tip|hint)\b ?[:,]")
_NOTED: Final = sought(
    r"^(?:note|tip|hint)\b ?[:,] ?(?:please\b|(?:keep|take|make|use|check|run|do|wait|leave|stop|start|set|put|add"
    r"|tell|ask"
    r"|watch|remember|avoid|never|always|only|no)\b)|\b(?:must|shall|should|never|please)\b|\b(?:can|may) only\b"
    r"|\btake (?:care|caution)\b|\bbe (?:careful|sure)\b"
)
"""`Note: keep the door shut`: a note that asks for something."""
_EDITION: Final = re.compile(
    r"^(?:version|rev\.?|revision|edition|issue) [\d.]+[a-z]?(?=[,;:.( ]|$)(?! (?:must|shall|is|has)\b)"
)
"""`Version 7, approved by the committee`: what the document says of itself."""
_GOVERNS: Final = sought(
    r"\bis mandatory\b|\b(?:is|are) (?:strictly |only )?(?:reserved|restricted|limited) (?:for|to)\b"
    r"|\bis (?:the (?:decision|responsibility|call|job) of|up to)\b|\b(?:calendar version\w*"
    r"|semver|calver)\b|\bapplies to\b|\bapply to\b|\bgovern(?:s|ing)\b|\bprevents? (?!us\b)"
    r"|\bstatus: active\b|\bsemantic version\w*|\btrunk-based\b|\b(?:covers|binding|in force)\b.*\b"
    r"(?:all|every|releases?|changes?)\b|\b(?:dev|development|test|qa|stage|staging) ?(?:\u2192|[-=]{1,2}>) ?(?:test"
    r"|qa|uat|stage|staging|prod)"
)
_TALK: Final = sought(
    r"\b(?:because|i\.e\.|means? that|we (?:are|have|looked|believe|want|like|aim|hope|think|use"
    r"|follow)|it is a good idea|in practice|in general|usually|typically|often|sometimes|might|aspire"
    r"|people interested)\b|\?$|!$"
)
_ONLY_LINK: Final = re.compile(
    r"^(?:[\w ./&'-]{0,50}[:—\u2013-]\s*)?(?:https?://\S+|[\w./-]+\.(?:md|html?|pdf|ya?ml|json|png|sh))\.?$"
)


def weight(one: Saying) -> int:
    """How much speaks for it that this asks for something."""
    if one.passage.form is Form.ROW:
        return worth_of_row(one)
    if (_EDITION.match(one.words.low) and not one.words.has(MODAL)) or _KEY_WORDS.match(one.words.low):
        return 0
    is_link = bool(_ONLY_LINK.match(one.words.low)) and not (one.main.opener or is_object(one))
    if not one.words.all or is_link or _is_masthead(one) or _tells_nothing(one):
        return 0
    if one.passage.form is Form.BOX:
        return 2 * ASKS
    if one.passage.form is Form.TITLE:
        return ASKS if limits_way(one.passage.text) or (one.main.opener and one.topic not in QUIET) else 0
    if is_checked(one):
        return ASKS
    return DOUBTED if seems_listed(one) else _weighed(one)


def _weighed(one: Saying) -> int:
    """What speaks for it and against it, together."""
    more = worth_of_item(one) if one.is_listed() else sum(worth for holds, worth in _SAID if holds(one))
    worth = more + sum(worth for holds, worth in _TABLE if holds(one))
    if worth >= ENOUGH and is_narrated(one):
        return DOUBTED
    return worth if worth >= ENOUGH else _worth_of_doubt(one, worth)


def _worth_of_doubt(one: Saying, worth: int) -> int:
    """What might ask for something though little speaks for it."""
    if _asks_in_quiet(one):
        return ENOUGH
    return DOUBTED if is_put(one) else worth


def _tells_nothing(one: Saying) -> bool:
    """Whether it only explains, or says that there is nothing to do."""
    is_none = bool(one.label) and one.main.low.rstrip(".") in _NOBODY
    return one.passage.form is not Form.BOX and (
        explains(one) or _is_meaning(one) or only_states(one) or only_lists(one) or is_none
    )


def _asks_in_quiet(one: Saying) -> bool:
    """What somebody does, is told to do or may not asks for something also where a document explains."""
    if one.topic not in QUIET or is_narrated(one) or _ABOUT_ITSELF.match(one.words.low) or is_past(one):
        return False
    is_deed = bool(one.own) and one.words.has(_SAID_OF_PEOPLE)
    is_told = bool(one.main.opener) and (one.is_listed() or one.passage.text.endswith((".", "!")))
    is_ruled = bool(one.condition) and one.passage.text.endswith((".", "!"))
    return is_deed or is_told or is_ruled or is_forbidding(one) or bool(_PLEASE.search(one.words.low))


_PLEASE: Final = sought(r"\bplease\b|^no [a-z]+ (?:on|in|at|after|before|during|without)\b")


def may_bind(one: Saying) -> bool:
    """Whether what weighs too little binds by its words, so that a person has to see it.

    What nobody has to do, what a key word means and what a list hangs on bind nobody. What is written in letters that
    nobody here can read may.
    """
    if not one.words.all:
        return any(sign.isalpha() and not sign.isascii() for sign in one.passage.text)
    is_other = only_points(one) or is_free(one) or bool(_KEY_WORDS.match(one.words.low))
    return (binds(one.passage.text) or seems_to_ask(one)) and not is_other


def _is_meaning(one: Saying) -> bool:
    """`Release file: the folder in which`, where words are explained."""
    is_there = one.topic is Topic.REFERENCE and bool(one.label)
    return is_there and one.main.first in _ARTICLES and not one.words.has(MODAL)


def _is_masthead(one: Saying) -> bool:
    """What stands at the very top and is no sentence is the document's name."""
    passage = one.passage
    if passage.form is not Form.SENTENCE or passage.headings:
        return False
    is_name = passage.line <= TOP // 2 and not passage.text.endswith((".", "!", ":"))
    return is_name or (passage.line <= _LAST_OF_HEAD and bool(_HEAD.match(passage.text)))


_LAST_OF_HEAD: Final = 12
_HEAD: Final = re.compile(r"^(?:subject|from|to|cc|bcc|sent|date|reply-to|re|fwd?|betreff|von|an) ?: ", re.IGNORECASE)
"""What a mail begins with."""


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
    return one.words.has(SHOULD)


def _is_urged(one: Saying) -> bool:
    return one.words.has(_URGED)


_URGED: Final = frozenset("should recommended encouraged".split())


def _is_timed(one: Saying) -> bool:
    return bool(one.times)


def _is_said(one: Saying) -> bool:
    """A whole sentence of a procedure asks for something unless something speaks against it."""
    passage = one.passage
    return (
        passage.in_body
        and one.topic not in QUIET
        and not _ABOUT_ITSELF.match(one.words.low)
        and passage.form is Form.SENTENCE
        and passage.text.endswith((".", "!"))
        and len(one.words.all) >= _WHOLE
    )


_WHOLE: Final = 2
"""So many words make a sentence: `Oldest first.`"""


def _is_talk(one: Saying) -> bool:
    return bool(_TALK.search(one.words.low)) and not one.words.has(MODAL)


_RESPONSIBLE: Final = re.compile(r"\b(?:is|are) (?:also )?responsible for [a-z]+ing\b")


def _is_in_roles(one: Saying) -> bool:
    is_duty = one.is_listed() and bool(one.given) and (not one.own or bool(_RESPONSIBLE.search(one.words.low)))
    return one.topic is Topic.ROLES and not (
        is_duty or one.words.has(MODAL) or one.words.has(_URGED) or one.words.has(THIRD)
    )


def _is_in_scope(one: Saying) -> bool:
    """What is told of the things that a procedure is about, where it says what it is about."""
    is_told = one.topic is Topic.SCOPE and one.passage.form is Form.SENTENCE
    return is_told and not (one.own or one.times or one.main.opener or one.words.has(MODAL) or _is_governing(one))


def _advises(one: Saying) -> bool:
    return (
        (is_advising(one) or is_suggested(one))
        and one.passage.in_body
        and one.topic not in QUIET
        and not one.passage.above
    )


_OWNED: Final = sought(
    r"\b(?:owns|maintains) (?:this|the present) (?:procedure|document|page|policy|runbook|standard"
    r"|checklist)\b"
)
_EACH: Final = frozenset(("every", "each", "no", "nobody", "only", "whoever", "anyone", "anybody"))
_ASIDE: Final = QUIET | {Topic.SCOPE}
_LOUD: Final = re.compile(r"\b(?:MUST|SHALL|SHOULD|REQUIRED|RECOMMENDED)\b")
"""Written as the standards write it, wherever it stands."""
_TABLE: Final[tuple[tuple[Callable[[Saying], bool], int], ...]] = (
    (_is_modal, 3),
    (lambda one: bool(_LOUD.search(one.passage.text)), 3),
    (is_told_to, 3),
    (is_forbidding, 3),
    (lambda one: one.words.first in _EACH and one.topic in TOLD, 3),
    (is_dated, 2),
    (_is_should, 1),
    (_is_urged, 2),
    (_is_governing, 6),
    (begins_as_told, 3),
    (_does, 3),
    (_is_timed, 1),
    (lambda one: bool(_OWNED.search(one.words.low)), -2 * ASKS),
    (lambda one: bool(one.label) and topic_of(one.label) in _ASIDE and not _is_governing(one), -4),
    (is_mere_lead, -5),
    (is_command, 1),
    (only_points, -4),
    (lambda one: bool(_ABOUT_ITSELF.match(one.words.low)) and not _is_governing(one), -6),
    (lambda one: is_past(one) and not (one.main.opener or one.condition), -2),
    (lambda one: bool(_NOTE.match(one.words.low)) and not _NOTED.search(one.words.low), -2 * ASKS),
    (_is_talk, -1),
    (lambda one: one.topic in QUIET and not one.words.has(STRICT), -2),
    (lambda one: one.topic in QUIET and one.words.has(STRICT), -1),
    (is_free, -ASKS),
    (is_duration, -ASKS),
    (_is_in_roles, -3),
    (_is_in_scope, -3),
)
_SAID: Final[tuple[tuple[Callable[[Saying], bool], int], ...]] = (
    (_is_said, 3),
    (is_habit, 3),
    (_advises, ASKS),
    (lambda one: is_wanted(one) or is_not_then(one) or answered(one) is not None, ASKS),
    (is_introduction, -3),
)
"""What is asked of sentences and leads only."""
