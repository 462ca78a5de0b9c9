# SPDX-License-Identifier: Apache-2.0
"""Whom a title charges with all that stands below it: `Release Lead`, `Steps for the deputy`, `Part 2 - DBA`."""

import re
from functools import lru_cache
from typing import Final

from interlock.packs.reading.acting import SAYS
from interlock.packs.reading.beside import OF_TITLE
from interlock.packs.reading.brackets import bracketed
from interlock.packs.reading.labels import is_nothing_else
from interlock.packs.reading.leading import groups_of
from interlock.packs.reading.legends import is_abridged
from interlock.packs.reading.owning import is_called_so, owner_of
from interlock.packs.reading.passages import Heading
from interlock.packs.reading.roles import people_in, slug, slugs
from interlock.packs.reading.subjects import shortly


@lru_cache(maxsize=1024)
def of_heading(heading: Heading, known: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Whom a title names as those who act: `Security Lead sign-off`, `Steps (DBA)`, `What the bosun does`."""
    text = _without_short_form(_NUMBERED.sub("", heading.text))
    charged = OF_TITLE.match(text)
    alone = next(filter(None, charged.groups())) if charged else text
    found = _of_duties(text, known)
    if found:
        return found
    if slug(alone) in known or slug(heading.text) in known:
        return slugs((alone,))
    found = bracketed(text, known)
    if found:
        return found
    if heading.text.endswith(_ON_SHIFT) and is_called_so(f"the {text}"):
        return slugs((text,))
    part = _PART_OF.match(text) or _BEHIND.match(text)
    if part and (slug(part["who"]) in known or is_nothing_else(part["who"].title())):
        return slugs((part["who"],))
    for begin, end in people_in(text):
        rest = text[end:].lower()
        is_alone = not _REMARK.sub("", rest).strip(" :")
        if (not text[:begin].strip(" 0123456789.:-") and is_alone) or SAYS.match(rest.lstrip()):
            return slugs((text[begin:end],))
    return ()


def _of_duties(title: str, known: frozenset[str]) -> tuple[str, ...]:
    """`Steps for the deputy`, `Actions for other WGs`, `This section is for the clerk`."""
    duties = _DUTIES.match(title)
    who = next(filter(None, duties.groups())) if duties else ""
    if who and (slug(who) in known or is_nothing_else(who) or _are_theirs(title, who)):
        return slugs((shortly(who, known),))
    return groups_of(title) or (owner_of(title) if title.startswith("This ") else ())


def _are_theirs(title: str, who: str) -> bool:
    """`Reverse Shadow Responsibilities`: duties are somebody's, whatever they are called."""
    is_titled = len(who.split()) > 1 and who.istitle()
    return is_titled and title.lower().endswith(("responsibilities", "duties")) and is_called_so(f"the {who}")


_REMARK: Final = re.compile(r"^ \([^()]*\)")
"""`Operator (before casting off)`: when, or what it is about."""
_NUMBERED: Final = re.compile(r"^\d{1,2}(?:\.\d{1,2})*[.)]? (?=\D)")
_DUTIES: Final = re.compile(
    r"^(?:steps|tasks|duties|responsibilities|role|checklist|instructions|guide|actions|to-?dos?|workflow) (?:for|of)"
    r" (?:the |an? |our |each )?([^\W\d_][\w&' -]{1,40})$"
    r"|^(?:the |our )?([^\W\d_][\w& -]{1,40}?)(?:['\u2019]s?)? (?:responsibilities|duties|tasks|steps|checklist|role"
    r"|instructions|guide|actions|handbook|playbook|workflow|to-?dos?|as a role)"
    r"(?: (?:for|before|during|after|on|at) .{2,60})?$"
    r"|^for (?:the |our |all )?([^\W\d_][\w& -]{2,30}): ",
    re.IGNORECASE,
)
"""`Steps for Incident Commander`, `Release Lead responsibilities`."""
_ON_SHIFT: Final = " on shift"
_SHORT_FORM: Final = re.compile(r" \((?P<letters>[A-Z]{2,5})\)(?=\W*$)")


def _without_short_form(title: str) -> str:
    """`System Owner (SO)`, `Signaller on shift`: without what they are called in short, and when they are there."""
    short = _SHORT_FORM.search(title)
    is_short = short is not None and is_abridged(short["letters"], title[: short.start()])
    return (title[: short.start()] if short and is_short else title).rstrip(" :").removesuffix(_ON_SHIFT)


_PART_OF: Final = re.compile(
    r"^(?:(?:part|section|stage|step|phase|block|chapter|form|sheet|box|(?:\w+ )?role) )?#?[A-Z\d][\d.]{0,4}"
    r" ?[\u2013\u2014:/-] ?(?P<who>.{3,40})$",
    re.IGNORECASE,
)
"""`Part 2 - Process engineer`."""


_BEHIND: Final = re.compile(r"^[\w ,&/]{3,40} [\u2013\u2014-] (?P<who>[A-Z][\w &/-]{3,40})$")
"""`Development - Release Manager`."""


def of_document(heading: Heading) -> tuple[str, ...]:
    """Whose handbook it is: `Incident Commander`, as the title of all of it."""
    text = _without_short_form(heading.text)
    duties = _DUTIES.match(text)
    who = next(filter(None, duties.groups())) if duties else text
    is_somebody = bool(duties) or bool(_SURELY.search(who.lower()))
    return slugs((who,)) if is_somebody and is_nothing_else(who) and is_called_so(f"the {who}") else ()


_SURELY: Final = re.compile(
    r"(?:^|[ -])(?:lead|commander|coordinator|captain|shepherd|champion|scribe|deputy|liaison)$"
    r"|^(?:release|incident|change|problem|delivery) manager$"
)
"""What no program is called: an operator, a controller, an editor or a package manager may be one."""
