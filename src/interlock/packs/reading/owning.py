# SPDX-License-Identifier: Apache-2.0
"""Who owns a line, a section or a column: `Owner: Data Engineer`, `Approved by`; and whom a document introduces."""

import re
from typing import Final

from interlock.packs.reading.letters import lettered
from interlock.packs.reading.lexicon import cut
from interlock.packs.reading.little import LINKS, PREPOSITIONS
from interlock.packs.reading.passages import Passage
from interlock.packs.reading.roles import named_in, slug, slugs
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.slots import is_somebody

ROLE_COLUMN: Final = re.compile(r"^(?:roles?|role name|position|function|seat|hat|post|party|actor)$")
ROLE_WORDS: Final = 5
DOERS: Final = re.compile(
    r"\b(?:owners?|responsible|who|doers?|assignees?|performed by|done by|carried out by|handled by"
    r"|executed by|by whom|actor|accountable"
    r"|person|performer|driver|dri|approvers?|approved by|decides|decision maker|signatory|signed by"
    r"|lead|whose|wer|zust\u00e4ndig|verantwortlich)\b|^by$|^responsibility(?: of)?$"
    r"|^(?:sent|told|posted|written|announced|run|led|made|given"
    r"|prepared|checked|verified|tested|reviewed|delivered|provided|informed) by$"
)
PARTS: Final = re.compile(r"\s*(?:,|;|/|\+|&|<br>|\band\b|\bor\b|\bthen\b)\s*")
WITHOUT_PARENS: Final = re.compile(r"\([^()]*\)")
NOBODY: Final = frozenset(
    "nobody none na n-a tbd everyone all anyone yes no automatic automated ci pipeline bot".split()
)
_OWNED: Final = re.compile(
    r"^(?:process |document |step |section )?(?:owners?|responsible(?: person| party| role)?"
    r"|performed by|done by|carried out by|handled by|accountable|assignees?|assigned to|approvers?|sign-?off"
    r"(?: by)?|signed off by|who|lead|by"
    r"|executed by|role|driver|dri)(?:\s*[:=]\s*|\s+[\u2013—-]\s+)(.+)$",
    re.IGNORECASE,
)
OWNERS: Final = re.compile(
    r"\b(?:owners?|responsible|who|doers?|roles?|assignees?|approvers?|performed by|done by|carried out by"
    r"|handled by|executed by|by whom|actor"
    r"|accountable|sign-?offs?(?: by)?|signatory|signed by|person|people|performer|lead|driver|dri"
    r"|whose|approved by|approvals?(?: required| by| from)?|required approvals?|approv\w+ authority"
    r"|(?:sent|told|posted|written|announced|run|led|made|given|prepared|checked|verified|tested|delivered|provided) by"
    r"|wer|zust\u00e4ndig|verantwortlich|authori[sz]ed by|reviewers?|contact|decides|decision maker)\b"
    r"|^responsibility(?: of)?$"
)
SIGNS: Final = re.compile(r"\b(?:signs?|signed|signatures?|signatory|initials?|initialled|sign-?off|stamp|attests)\b")
"""The title of a column that somebody signs in."""
_SAYS_YES: Final = re.compile(
    r"(?:^|\| )(?:yes \| no|go \| (?:no|no[ -]?go|stop)|agreed? \| (?:not|no|disagreed?))\b"
    r"|\| (?:go ?/ ?no[ -]?go|(?:go|ok|okay|yes|agreed?) ?\?|go|vote|(?:says|said|gives?|gave) (?:a |the |their )?"
    r"(?:go|yes|ok|okay|go-ahead)|(?:vouch|answer)(?:es|s|ed)? for|what they (?:vouch|answer|stand) for) ?(?:$|\|)"
)
"""Columns in which everybody says yes or no."""


def is_signing(columns: str) -> bool:
    """Whether the titles of a table's columns, in small letters, leave a place to sign or to say yes."""
    return bool(SIGNS.search(columns) or _SAYS_YES.search(columns))


RECEIVES: Final = sought(
    r"\bwho (?:gets|receives|hears|is told|is informed|needs to know|knows"
    r"|to (?:contact|notify|inform|tell|call|page))\b"
)
"""A column of those who are told."""
FOUR_EYES: Final = re.compile(r"^(?:makers?|checkers?|doers?|verifiers?|prepared by|checked by|verified by)$")
"""`Maker | Checker`: both of them are asked."""
_CALL_SIGNS: Final = re.compile(
    r"^(?:call ?signs?|roles?|hats|seats|short names?|parties|who is who)(?: \w+){0,2}: "
    r"(?P<names>[A-Z][\w-]*(?: [\w-]+)?(?:(?:, | and |, and )[A-Z][\w-]*(?: [\w-]+)?)+\.?)$",
    re.IGNORECASE,
)
_CALLED: Final = re.compile(
    r"^(?!.*\b(?i:scope|package|org|organi[sz]ation|namespace|team|group|channel|cc|contact)\b)"
    r"(?P<who>[A-Z][\w&-]*(?: [\w&-]+){0,2}): ?@[\w-]*(?:(?:,| and| or|/|\+) ?@[\w-]+)*$"
)
"""`Backup: @`: whoever has a handle, or a place for one, is somebody."""
_FILLED: Final = re.compile(
    r"^(?:(?:(?:this (?:part|section|form|page) (?:is|must be) )?to be |is |must be )?"
    r"(?:completed|filled (?:in|out)|carried out|done|signed|prepared) by"
    r"|this (?:part|section|page|chapter|guide|runbook|checklist|list) is"
    r" (?:(?:only |mainly )?(?:written |meant |intended )?for|addressed to)) ((?:the |an? )?[\w&' -]{3,40}?)\.?$",
    re.IGNORECASE,
)
"""`To be filled in by the process engineer.`, below a title."""
IS_NAME: Final = re.compile(
    r"^(?!(?:mon|tues|wednes|thurs|fri|satur|sun)day|[A-Z][a-z]+ \d)[A-Z][A-Za-z&-]+(?: [A-Za-z&-]+){0,3}$",
    re.IGNORECASE,
)


_LEGEND: Final = re.compile(r"\b[A-Z]{1,5} ?= ?[a-z]")
"""`Who: RL = ripening lead`: what letters stand for owns nothing."""


_WHO: Final = re.compile(
    r"^(?:who|owners?|responsible(?: person| party| role)?|performed by|done by|carried out by|handled by|executed by"
    r"|assignees?|assigned to|driver|dri)\b",
    re.IGNORECASE,
)
_PART: Final = r"(?!(?:see|as|to|in|on|at|not|it)\b)[A-Za-z][\w&-]*"
_PARTY: Final = rf"(?:the )?{_PART}(?: {_PART}){{0,2}}"
_IS_ANYBODY: Final = re.compile(
    rf"^{_PARTY}(?:(?:, | and | or | \+ ?| ?/ ?| & ){_PARTY}){{0,3}}$",
    re.IGNORECASE,
)
"""`Who: shadow`: nobody but people is asked for there, whatever they are called."""


def owner_of(text: str) -> tuple[str, ...]:
    """Whom a line such as `Owner: Data Engineer` names."""
    found = _OWNED.match(text) or _FILLED.match(text)
    if found is None or _LEGEND.search(found[1]):
        return ()
    alone = found[1].rstrip(".")
    parts, named = PARTS.split(WITHOUT_PARENS.sub("", alone).strip()), named_in(found[1])
    if _WHO.match(text) and _IS_ANYBODY.match(alone) and not {*map(slug, parts)} & NOBODY:
        return slugs(parts)
    is_name = is_called_so(f"the {alone}".replace("the the ", "the ")) or (
        len(alone.split()) < ROLE_WORDS and alone[:1].isupper() and not any(map(str.isdigit, alone))
    )
    are_names = len(parts) > 1 and all(IS_NAME.match(part) and not cut(part).opener for part in parts)
    if (is_name and (not named or len(parts) < len(named))) or (are_names and len(named) < len(parts)):
        named = slugs(parts)
    return () if {*named} & NOBODY else named


def introduced(passage: Passage, *, among_roles: bool) -> tuple[str, ...]:
    """Roles that a list or a table of roles introduces by name."""
    for column, cell in passage.cells:
        if ROLE_COLUMN.search(column.lower()) and 0 < len(cell.split()) <= ROLE_WORDS:
            return slugs((cell,))
    owned = [
        cell
        for column, cell in passage.cells
        if OWNERS.search(column.lower()) and cell[:1].isupper() and not (cell.endswith(".") and cut(cell).opener)
    ]
    lettered_roles = lettered(passage)
    if lettered_roles:
        return lettered_roles
    if passage.cells:
        return slugs(part for cell in owned for part in PARTS.split(cell) if 0 < len(part.split()) < ROLE_WORDS - 1)
    called = _CALLED.match(passage.text)
    if called:
        return slugs((called["who"],))
    signs = _CALL_SIGNS.match(passage.text)
    if signs:
        return slugs(PARTS.split(signs["names"].rstrip(".")))
    if not among_roles:
        return ()
    label = _IN_SHORT.sub("", re.split(r"\s*[:\u2013—]\s*|\s-\s", passage.text)[0])
    first = label.lower().partition(" ")[0]
    is_clause = first in LINKS or first in PREPOSITIONS or bool(cut(label).opener and label.endswith(" by"))
    return (
        slugs((label,))
        if not is_clause and 0 < len(label.split()) <= ROLE_WORDS and label.rstrip(".") != passage.text.rstrip(".")
        else ()
    )


_IN_SHORT: Final = re.compile(r" \([A-Z]{2,5}\)$")
"""`Comms Lead (CL): speaks to the outside`."""


def is_called_so(name: str) -> bool:
    """Whether a text names somebody, whatever they are called, and says no more."""
    bare = re.sub(r"^(?:the|an?|our) ", "", name.strip())
    words = bare.lower().split()
    is_short = 0 < len(words) < ROLE_WORDS and not any(map(str.isdigit, name)) and ":" not in name
    is_named = bare != name.strip() or bare[:1].isupper()
    return is_short and is_named and not words[-1].endswith(("ed", "ly")) and is_somebody(words)
