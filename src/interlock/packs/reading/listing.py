# SPDX-License-Identifier: Apache-2.0
"""Items that ask for nothing by themselves: dates, names, links, examples, what a word means, what comes of a command.

What hangs below them may ask for something, and so may what they hang on.
"""

import re
from typing import Final

from interlock.packs.reading.binding import binds
from interlock.packs.reading.lexicon import MODAL, THIRD_PERSON, cut
from interlock.packs.reading.little import LINKS
from interlock.packs.reading.manner import has_state
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.things import PRODUCTS
from interlock.packs.reading.topics import Topic

_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE: Final = re.compile(
    rf"^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)\d\d"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)? {_MONTH},? (?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)(?: \([^()]*\))?$"
)
_HANDLED: Final = re.compile(r"^[A-Z][\w'.\u2019-]+(?: [A-Z][\w'.\u2019-]*){1,3},? \(?@[\w-]+\)?$")
"""`Jane Roe @janeroe`: who somebody is."""
_EXAMPLES: Final = re.compile(r"(?:^|[.;:,( ])(?:for example|for instance|examples?|e\.g\.|such as|like this)\W*$")
_EXAMPLES_OF: Final = re.compile(
    r"^(?:some |typical |common |further )?examples? (?:of|for) .*:$|^(?:non-exhaustive|incomplete) list of .*:$"
)
_MADE_UP: Final = re.compile(
    r"\b(?:team|squad|group|crew|board|committee|council)\b.*"
    r"\b(?:made up of|consists? of|comprises?)(?: the following)?:$"
)
"""`The release team is made up of:` whoever is in it."""
_DEFINES: Final = re.compile(r"\b(?:defin(?:e|es|ed)|means?|consider(?:ed)?|refers?|called|known as)\b")
_INCLUDES: Final = re.compile(
    r"\b(?:includes?|consists? of|comprises?|contains?|supports?|provides?)(?: the following)?:$"
)
_COMMANDED: Final = re.compile(r"^(?:include|contain|provide|every|each|all|always)\b")
_DEMANDS: Final = re.compile(
    r"\b(?:criteri\w+|require\w*|check\w*|conditions?|sign\w*|approv\w+|steps?|rules?|tasks?|responsib\w+|duties|duty"
    r"|gates?|before|process|procedure|must|should|shall|will|need\w*|plan|tests?|reports?|records?|notes?|documents?"
    r"|e?-?mails?|messages?|tickets?|pull requests?|announcements?|log|template|package|request)\b"
)
"""What such a list is of where it is asked for."""
_TAG: Final = re.compile(r"^\[[A-Z][A-Za-z ]{1,20}\]$")
_WILL: Final = re.compile(r"^[!/][\w -]{2,30} (?:-|\u2013|\u2014|:) (?:will|shows?|prints?|tells?|lists?|sends?) ")
"""`!status - will tell you how it stands`: what a command does."""
_AS_COMMAND: Final = re.compile(r"^[!/][a-z]+ ")
_MACHINE_HAS: Final = re.compile(
    r"^(?:the |this |our )?(?:[\w-]+ ){0,3}(?:workflow|pipeline|job|script|automation|action)s? (?:then |now )?"
    r"(?:has|have|consists? of|runs?|performs?|executes?|does|will(?: [a-z]+)?)\b[^.;]*:$"
)
"""`The workflow has these jobs:` nobody does them."""
_SIGN: Final = re.compile(r"^(?=\S*[\d_./-])[\w./-]+(?: \([^()]*\))?$")
_FOR_EACH: Final = re.compile(
    r"\b(?:following|these) (?:[a-z]+ )?(?:architectures|platforms|systems|targets|versions|images|files|crates"
    r"|modules)\b[^.;]*:$"
)
"""`For the following architectures:` and then their signs."""
_MACHINE_WILL: Final = re.compile(
    r"^(?:[^,;.]{3,60}, )?(?:the |this |our |an? )?(?:[\w/-]+ ){0,3}?"
    rf"(?:workflow|pipeline|job|bot|script|action|ci|automation|command|tool|hook|{'|'.join(sorted(PRODUCTS))})s?"
    r" will (?!not\b|only\b)(?:also |then |automatically )?[a-z]+\b"
)
"""`The pipeline will publish the release`: what a program does by itself."""
_WORDS: Final = 3


_ASSENTING: Final = (Topic.APPROVAL, Topic.AUTHORITY)


def only_lists(one: Saying) -> bool:
    """Whether an item only stands for something, and whoever reads it has nothing to do."""
    if one.passage.points and _only_points(one):
        return True
    if one.passage.form not in (Form.ITEM, Form.NUMBER):
        return False
    text, low = one.passage.text, one.words.low
    if _is_heading(one) or _DATE.match(low) or (_HANDLED.match(text) and one.topic not in _ASSENTING):
        return True
    return bool(_TAG.match(text) or _WILL.match(low) or (_EXAMPLES.search(one.lead) and _AS_COMMAND.match(text)))


def seems_listed(one: Saying) -> bool:
    """Whether an item looks as though it only stood for something: a person should look at it."""
    if one.passage.form not in (Form.ITEM, Form.NUMBER) or one.words.has(MODAL) or binds(one.words.low):
        return False
    if _MACHINE_WILL.match(one.words.low):
        return not one.own
    if _tells_effect(one) or _EXAMPLES_OF.match(one.lead) or _MADE_UP.search(one.lead):
        return True
    if _MACHINE_HAS.match(one.lead):
        return not one.own
    if _SIGN.match(one.passage.text) and _FOR_EACH.search(one.lead) and not cut(one.lead).opener:
        return not one.own
    is_asking = one.main.opener or one.own or one.times
    return bool(one.lead.endswith(":") and not is_asking and (_is_meant(one) or _is_part(one)))


def _only_points(one: Saying) -> bool:
    """`[The template](link)`: where to look, and nobody is told to."""
    if one.passage.form is Form.SENTENCE:
        return not one.passage.text.endswith((".", "!"))
    if _EXAMPLES_OF.match(one.lead) or (one.passage.points.startswith("#") and not one.words.opener):
        return True
    return one.passage.form is Form.ITEM and not (one.main.opener or one.own or one.check or has_state(one))


def _is_heading(one: Saying) -> bool:
    """`Release Manager:`, `Cutting releases:`: what others hang on, and no more than a name."""
    words = one.passage.text.rstrip(": ").split()
    is_name = one.passage.text.endswith(":") and 0 < len(words) <= _WORDS and words[0].lower() not in LINKS
    is_command = bool(one.main.opener) and one.main.low not in {role.replace("-", " ") for role in one.given}
    return is_name and one.passage.has_parts and not is_command and not binds(one.words.low)


def _tells_effect(one: Saying) -> bool:
    """`Push the tag`, and below it `triggers the build`: what comes of it."""
    if not one.passage.above or one.own or one.given or one.main.opener:
        return False
    above = one.passage.above[-1]
    is_command = bool(cut(above.text).opener) and not above.text.endswith(":")
    is_below = above.form in (Form.BOX, Form.NUMBER, Form.ITEM) and is_command
    return is_below and one.words.first in THIRD_PERSON


def _is_meant(one: Saying) -> bool:
    """`An incident is an event which: is unplanned`."""
    is_said = one.words.first in ("is", "are", "has", "have") or one.words.first in THIRD_PERSON
    return is_said and bool(_DEFINES.search(one.lead)) and not _DEMANDS.search(one.lead)


def _is_part(one: Saying) -> bool:
    """`Releases include: Major releases`."""
    is_procedural = one.topic in (Topic.APPROVAL, Topic.AUTHORITY, Topic.ROLLBACK, Topic.TRIGGER, Topic.PROHIBITED)
    is_item = one.passage.above[-1].form is not Form.LEAD
    is_command = bool(_COMMANDED.match(one.lead)) or (is_item and bool(cut(one.lead).opener))
    return not (is_procedural or is_command or _DEMANDS.search(one.lead)) and bool(_INCLUDES.search(one.lead))
