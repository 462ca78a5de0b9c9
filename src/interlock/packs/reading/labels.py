# SPDX-License-Identifier: Apache-2.0
"""Who stands alone behind a label or a sign: `Decision: CISO`, `Mapping signed → data steward`."""

import re
from typing import Final

from interlock.packs.reading.owning import IS_NAME, PARTS, is_called_so
from interlock.packs.reading.roles import DEPARTMENT, PEOPLE, named_in, people_in, slug, slugs
from interlock.packs.reading.seeking import sought

_ASKS_WHO: Final = re.compile(
    r"^(?:who(?: [a-z]+){0,4}"
    r"|(?:(?:done|made|taken|run|led|carried out|signed|approved|checked|released|decided|performed) by)"
    r"|(?:the )?(?:final |last )?(?:decisions?|word|say|decision maker|verdict|approvals?|approvers?|sign-?offs?"
    r"|signatures?|ok|okay|responsible|in charge|accountable|consent|authority|veto|go-ahead))\??$"
)
_GO_OR_NOT: Final = re.compile(r"^(?:t ?[-+]\w+ )?go ?(?:/|or) ?no[ -]?go$")
_DONE_BY: Final = re.compile(
    r"\b(?:\w+(?:ed|en)|sign-?offs?|approvals?|okay|ok|consent|reviews?|decisions?|signatures?) (?:\w+ )?(?:by|from)$"
)
_LONGEST_NAMES: Final = 8
_SET_OFF: Final = sought(
    r"^(?P<what>.{6,}?)(?:(?: [\u2013—/|→-]| ->| =>|[.;] \(?(?:owner|by|who|responsible|done by):|:) (?:[Tt]he )?| @)"
    r"@?(?P<who>[A-Za-z][\w&' +,/@-]{1,40})[.)]?$"
)
_AT_ONCE: Final = re.compile(
    r"[.,]? (?:together|jointly|in person)(?:,? (?:on|in|at|over) [a-z ]{1,20})?\.?$"
    r"|, (?:in|by|on|over|via) [a-z ]{3,20}\.?$"
    r"| (?:only|alone|personally|himself|herself)\.?$"
)
"""`Launch button: producer and operations together, on a call`: how several act says nothing of who they are."""
WHEN: Final = re.compile(
    r", (?:(?:no|not) (?:earlier|later|sooner)|within|at|before|after|by|on|in|when|if|once|until|for|latest|same|the"
    r"|next|\d+|one|two|three|four|five|six|seven|ten|half|a|an)\b(?:[^,;:]|:\d)*\.?$"
)
"""`Change manager, not earlier than three days after it`: when somebody acts says nothing of who they are."""
_TOLD_OF: Final = re.compile(
    r"\b(?:tell|told|inform\w*|notif\w+|contact\w*|escalat\w+|call\w*|page|paged|ping|mail|e-?mail|message|ask|brief\w*"
    r"|alert\w*|announc\w+|cc|send|sent|report\w*|hand(?:ed)?[ -]?over|goes|to)$|\b(?:tell|inform|notify"
    r"|alert|page|ping|brief)\b",
    re.IGNORECASE,
)
_WAS_TOLD: Final = re.compile(
    r"\b(?:informed|told|notified|briefed|alerted|contacted|announced|reported|sent)$", re.IGNORECASE
)
_DASHES: Final = ("\u2013", "—", "-", "/")
"""`Council informed - project lead`: what was done is set off from whoever did it; `Inform: the lead` is not."""
_IS_JOINED: Final = re.compile(r"(?:\b(?:and|or|by|from|with|of|plus)|[,&+])$")
_CONVINCES: Final = re.compile(
    r"\b(?:decisions?$|veto$|verdict$|convince|ask|needs?|requires?|get|approv\w+|sign\w*|ok|consent|agreement)\b",
    re.IGNORECASE,
)
_HAVE_SAID_SO: Final = re.compile(
    r"\b(?:signed(?: off)?|approved|agreed|consented|confirmed|accepted|sign-?offs?|approvals?|signatures?)"
    r"(?: (?:from|of|by|needed|required))?$"
)
"""`Before it goes live the following must have signed: ...`."""
_REMARK: Final = re.compile(r" \([^()]*\)$")
_JOINS: Final = re.compile(r"[\s,/&+.]|\b(?:and|or|the|an?|your|our|one|of|plus|both)\b")


def is_nothing_else(text: str) -> bool:
    return (0, len(text)) in people_in(text)


def set_off(text: str, known: frozenset[str]) -> list[str]:
    """`Mapping signed → data steward`, `Warm up the shards: server team`: who stands alone behind a sign."""
    found = _SET_OFF.search(_AT_ONCE.sub("", WHEN.sub("", _alone(text.partition(";")[0]))))
    if found is None or _IS_JOINED.search(found["what"]):
        return []
    is_done = bool(_WAS_TOLD.search(found["what"])) and text[found.end("what") :].lstrip()[:1] in _DASHES
    if not is_done and (_TOLD_OF.search(found["what"]) or people_in(found["what"])):
        return []
    names = PARTS.split(found["who"])
    is_nobody_else = all(
        is_nothing_else(name) or DEPARTMENT.fullmatch(name.lower()) or slug(name) in known or _is_ranked(name)
        for name in names
    )
    return names if is_nobody_else else []


def _alone(text: str) -> str:
    """`Load test - contractor, report to the office`: without what is said behind a name that stands behind a dash."""
    head, dash, tail = text.partition(" \u2013 ")
    name, comma, _ = tail.partition(", ")
    return f"{head}{dash}{name}" if comma and (is_nothing_else(name) or DEPARTMENT.fullmatch(name.lower())) else text


def _is_ranked(name: str) -> bool:
    """Whether it names somebody by their rank, which is read behind an article: `the duty judge`."""
    article = "the "
    return (len(article), len(article + name)) in people_in(article + name)


def asked_for_word(label: str, rest: str) -> tuple[str, ...]:
    """`Go or no-go: chief physician and operations`, `Decision: CISO`: whoever stands alone behind what they say."""
    if _GO_OR_NOT.match(label.lower()) and len(rest.split()) <= _LONGEST_NAMES:
        return slugs(PARTS.split(rest.strip().rstrip(".")))
    names = PARTS.split(WHEN.sub("", rest.strip().rstrip(".")))
    if _DONE_BY.search(label.lower()) and all(map(IS_NAME.match, names)):
        return slugs(names)
    if _ASKS_WHO.match(label.strip().lower()) and all(map(is_called_so, names)):
        return slugs(names)
    if not (_CONVINCES.match(label) or _HAVE_SAID_SO.search(label)):
        return ()
    if not _JOINS.sub("", PEOPLE.sub("", rest.lower())):
        return named_in(rest)
    alone = [_REMARK.sub("", name) for name in names]
    are_people = any(map(is_nothing_else, alone)) and all(
        is_nothing_else(name) or DEPARTMENT.fullmatch(name.lower()) or name[:1].isupper() for name in alone
    )
    return slugs(alone) if are_people and len(alone) > 1 else ()


def led_by(label: str, known: frozenset[str]) -> str:
    """`(lead) Push the tag`, `lead: push the tag`: the one lead that the document knows; empty: it speaks of none."""
    if label.strip().lower() != LEAD:
        return ""
    leads = [name for name in known if name.endswith(f"-{LEAD}")]
    return leads[0] if len(leads) == 1 else LEAD if LEAD in known else ""


LEAD: Final = "lead"
"""Alone it is a verb and a metal, too: only where it stands ahead of a task is it somebody."""
