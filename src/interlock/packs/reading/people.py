# SPDX-License-Identifier: Apache-2.0
"""Roles that a procedure names, and who of them is asked: the one who acts, not the one who is told.

A role is a noun of people (`manager`, `lead`, `officer`) with what stands before it; a department (`QA`, `security`)
counts only where nothing but people can stand: in an owner's column, before a colon, after `by`, before a verb.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from interlock.packs.reading.acting import FIRST_WORD, SAYS, acts, is_subject, is_thing
from interlock.packs.reading.beside import OF_TITLE, answering, signing_line
from interlock.packs.reading.clauses import Doer, doers
from interlock.packs.reading.labels import WHEN, asked_for_word, is_nothing_else, led_by, set_off
from interlock.packs.reading.letters import of_letters
from interlock.packs.reading.lexicon import THIRD, cut
from interlock.packs.reading.owning import (
    DOERS,
    NOBODY,
    OWNERS,
    PARTS,
    RECEIVES,
    ROLE_COLUMN,
    ROLE_WORDS,
    WITHOUT_PARENS,
    is_called_so,
    owner_of,
)
from interlock.packs.reading.passages import Form, Heading, Passage
from interlock.packs.reading.roles import DEPARTMENT, PEOPLE, departments_in, lowered, named_in, people_in, slug, slugs
from interlock.packs.reading.seeking import Sought, sought
from interlock.packs.reading.slots import slots

_JOIN: Final = re.compile(
    r"^(?:['\u2019]s? [a-z-]+)?\s*\(?(?:,|and|or|&|\+|/|,\s*and|,\s*or|as well as|together with|along with|with|plus|"
    r"and/or|or (?:his|her|their)|,? (?:and|or) (?:one|another|the other|a second|a second one))\s*(?:by |from "
    r"|of )?(?:(?:the|a|an|one|any|another|their|either|your)\s+)?"
    r"(?:(?:members?|representatives?|delegates?|people|someone|somebody|colleagues?) (?:of|from) (?:(?:the|our) )?)?"
    r"(?:[\w-]+['\u2019]s? )?$"
)
_TOGETHER: Final = re.compile(r"^[\w\s,]{0,30}\b(?:together|jointly|along|in agreement) with (?:the )?$")
_ARROW: Final = sought(r"→|->|=>|\bto\b")
_LONGEST_LABEL: Final = 60
_PARENS: Final = sought(r"(?<!\w)\(([^()]{2,60})\)")
_WITHIN_PARENS: Final = re.compile(r"^(?:owner|by|resp\w*|approver|assignee|dri)?\s*:?\s*(?:the |an? )?(.+)$")


def actors(passage: Passage, known: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Who is asked in this passage itself; `known` are the roles that the document introduces."""
    if passage.form is Form.ROW:
        return _of_row(passage, known)
    signed = signing_line(passage)
    if signed:
        return slugs((signed,))
    boxes = _BOXES.split(passage.text) if passage.form is Form.BOX else ()
    if len(boxes) > 1 and all(is_called_so(box) or named_in(box) for box in boxes):
        return slugs(boxes)
    return _named(passage.text, known, passage.form is Form.SENTENCE)


@lru_cache(maxsize=4096)
def _named(words: str, known: frozenset[str], is_said: bool) -> tuple[str, ...]:  # noqa: FBT001 - the key of a cache
    """Who is asked in these words; asked again of an item for all that stands below it."""
    text = DATED.sub("", words).replace("[", "(").replace("]", ")")
    bare = text if "(" in text or cut(text).opener else _PROVIDED.sub("", text)
    if slug(bare.removesuffix(":")) in known and len(bare.split()) <= ROLE_WORDS:
        return slugs((bare.removesuffix(":"),))
    if not is_said and is_only_role(bare):
        return slugs((_AFTER_ROLE.sub("", bare).strip(),))
    found = _bracketed(text, known) or _at_end(text, known) or _labelled(text, known) or _in_sentence(text, known)
    return found or _handled(text, known)


def _handled(text: str, known: frozenset[str]) -> tuple[str, ...]:
    """`@mira canary on one shard`: whose handle stands ahead of a task that has no verb."""
    handle = _HANDLE.match(text)
    return slugs((handle[1],)) if handle and slug(handle[1]) in known else ()


_BOXES: Final = re.compile(r"\s*\[[ xX_]?\]\s*|\s*[\u2610\u2b1c]\s*")
"""`[ ] Line engineer [ ] Quality`: everybody has a box of their own."""
_HANDLE: Final = re.compile(r"^@([\w-]+)")


def inherited(passage: Passage, owned: tuple[str, ...], known: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Who is asked above it: the nearest item or lead that names somebody, then a title, then the section's owner."""
    for above in reversed(passage.above):
        found = actors(above, known)
        if found:
            return found
    for heading in reversed(passage.headings[1:]):
        found = of_heading(heading, known)
        if found:
            return found
    return owned


def answers(passage: Passage) -> tuple[str, ...]:
    """Whom a fragment names below a title that asks who: `Who decides?`, and then somebody."""
    title = passage.headings[-1].text.lower() if passage.headings else ""
    is_answer = title.startswith("who ") and passage.form is Form.SENTENCE and not passage.above
    return (named_in(passage.text) or slugs(answering(passage.text))) if is_answer else ()


_PROVIDED: Final = re.compile(r",? (?:if|when|where|unless) .*$")
"""`Privacy steward, if there is anything about minors`."""
_AFTER_ROLE: Final = re.compile("[\\s\ufe0f\u2600-\u27bf\U0001f000-\U0001faff:.]*(?:\\([^()]*\\))?\\s*$")


def is_only_role(text: str) -> bool:
    """Whether a text names somebody and says no more: an item of a list of signatures."""
    if "(" not in text and len(text.split()) > ROLE_WORDS:
        return False
    bare = _AFTER_ROLE.sub("", text).strip()
    spans = people_in(bare)
    is_short = 0 < len(bare.split()) <= ROLE_WORDS - 1
    return (
        is_short
        and ":" not in bare
        and any(end == len(bare) and begin <= len(bare.split()[0]) + 1 for begin, end in spans)
    )


def of_heading(heading: Heading, known: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Whom a title names as those who act: `Security Lead sign-off`, `Steps (DBA)`, `What the bosun does`."""
    text = heading.text
    charged = OF_TITLE.match(text)
    alone = next(filter(None, charged.groups())) if charged else text
    if slug(alone) in known:
        return slugs((alone,))
    found = _bracketed(text, known)
    if found:
        return found
    for begin, end in people_in(text):
        rest = text[end:].lower()
        if (not text[:begin].strip(" 0123456789.:-") and not rest.strip(" :")) or SAYS.match(rest.lstrip()):
            return slugs((text[begin:end],))
    return ()


def _of_row(passage: Passage, known: frozenset[str]) -> tuple[str, ...]:
    letters = of_letters(passage)
    if letters:
        return letters
    for wanted in (ROLE_COLUMN, DOERS, OWNERS):
        for column, cell in passage.cells:
            if wanted.search(column.lower()) and not RECEIVES.search(column.lower()) and any(map(str.isalpha, cell)):
                named = _in_cell(cell, known)
                if named and not set(named) <= NOBODY:
                    return named
    first = passage.cells[0][1] if passage.cells else ""
    if is_nothing_else(first):
        return slugs((first,))
    others = [cell for _, cell in passage.cells[1:]]
    return next((found for cell in others if (found := _in_sentence(cell, known))), ())


def _in_cell(cell: str, known: frozenset[str]) -> tuple[str, ...]:
    """Everybody in the cell of a column of owners; of a command, who acts in it: `wake the warden, she decides`."""
    parts = [WITHOUT_PARENS.sub("", part).strip() for part in PARTS.split(cell)]
    if cut(cell).opener and not any(is_nothing_else(part) or slug(part) in known for part in parts):
        return _in_sentence(cell, known)
    found = named_in(cell) if len(parts) == 1 and len(cell.split()) > ROLE_WORDS else ()
    return found or slugs(
        part for part in parts if 0 < len(part.split()) <= ROLE_WORDS and part.lstrip("@")[:1].isalpha()
    )


def _bracketed(text: str, known: frozenset[str]) -> tuple[str, ...]:
    for match in _PARENS.finditer(text):
        inside = WHEN.sub("", _WITHIN_PARENS.sub(r"\1", match[1].strip()))
        parts = [_ANOTHER.sub("", part) for part in PARTS.split(inside)]
        led = led_by(inside, known) if match.start() == 0 else ""
        if led:
            return (led,)
        if slug(inside) in known or (
            all(slug(part) in known or is_nothing_else(part) for part in parts) and slug(parts[0]) in known
        ):
            return slugs((inside,) if slug(inside) in known else parts)
        spans: list[tuple[int, int]] = [
            one for one in (people_in(inside) or departments_in(inside.lower(), [])) if one[0] == 0
        ]
        if not spans or any(char.isdigit() for char in inside):
            continue
        rest = inside[spans[0][1] :].strip().lower()
        word = FIRST_WORD.match(rest)
        if (
            not rest
            or rest[0] in ",/&+"
            or rest.startswith(("and ", "or ", "sign"))
            or (word and word[1] in THIRD and (" " in rest or word[1] != "texts"))
        ):
            return named_in(inside)
    return ()


_ANOTHER: Final = re.compile(r"^(?:the |an? |any |another |one (?:other |more )?)")


def _at_end(text: str, known: frozenset[str]) -> tuple[str, ...]:
    """`Go or not, at 11:00 - conductor + mobile QA`: several at the end, joined by a sign."""
    found = _SEVERAL_AT_END.search(text) if " + " in text else None
    if not found:
        return slugs(set_off(text, known))
    names = found[1].split(" + ")
    return slugs(names) if all(slug(name) in known or named_in(name) for name in names) else ()


def _labelled(text: str, known: frozenset[str]) -> tuple[str, ...]:
    """`Analytics Lead: agrees`, `Security → Release Manager: Security Lead provides`."""
    label, colon, rest = text.partition(":")
    led = led_by(label, known) if colon and cut(rest.strip()).opener else ""
    asked = (led,) if led else asked_for_word(label, rest) if colon else ()
    if asked:
        return asked
    if not colon:
        dashed = re.match(r"^([^\u2013—:]{3,50}?)\s+[\u2013—-]\s+(.+)$", text) or _pointing(text)
        label, rest = (dashed[1], dashed[2]) if dashed else ("", "")
    if not label or len(label) > _LONGEST_LABEL:
        return ()
    owned = owner_of(text)
    if owned:
        return owned
    told = _in_sentence(rest.strip(), known) if _ARROW.search(label) else ()
    if told:
        return told
    low = label.strip().lower()
    if is_nothing_else(label.strip()) or DEPARTMENT.fullmatch(low) or slug(low) in known:
        return slugs((label,))
    names = named_in(label)
    if len(names) > 1 and not re.sub(r"[\s,/&+]|\band\b|\bor\b", "", DEPARTMENT.sub("", PEOPLE.sub("", low))):
        return names
    return _in_sentence(rest.strip(), known) or _in_sentence(label, known)


def _pointing(text: str) -> re.Match[str] | None:
    """Who stands ahead of an arrow, and what they do behind it."""
    found = _POINTS.match(text)
    does = cut(found[2]) if found else None
    return found if does and (does.opener or does.first in THIRD) else None


_POINTS: Final = re.compile(r"^([^\u2192:()>]{3,50}?)(?: \([^()]{2,40}\))?\s+(?:\u2192|[-=]>)\s+(.+)$")
"""`Duty manager → gives the go`: who does it stands ahead of the arrow."""


def _elsewhere(text: str, end: int, known: frozenset[str]) -> Iterator[Doer]:
    """Who acts in another clause behind it: `The bosun opens the gate and Tomasz counts`."""
    for one in doers(text):
        between = text[end : one.begin] if one.begin > end else ""
        is_behind = bool(_ANEW.search(between)) and not _MAY.match(text[one.end :])
        if (
            is_behind
            and one.is_asked
            and not _MAY_NOT.match(text[one.end :])
            and slug(text[one.begin : one.end]) in known
        ):
            yield one


_ANEW: Final = re.compile(
    r"(?:[;.]|(?<!after),|\b(?:and|while)\b) (?:then |afterwards |at \S+ )?(?:(?:the|an?|our) )?$"
)
_MAY: Final = re.compile(r" (?:may|can)\b")
_MAY_NOT: Final = re.compile(r"(?: [a-z-]+){0,5}? (?:not|never|cannot|don['\u2019]t|doesn['\u2019]t|mustn['\u2019]t)\b")


_HAS_NO: Final = re.compile(
    r" (?:has|have) no\b(?! (?:right|objections?|doubts?))"
    r"|(?i: (?:must|shall|should|will|ha(?:s|ve) to) (?:receive|hear)\b)"
)
"""What somebody has not is asked of nobody, and what reaches them of somebody else."""


_DONE_BY: Final = re.compile(
    r"^(?!.*\b(?:is|are|was|were|be|been|has|have|had)\b)[^,;:.]+ [a-z]+ by (?:the |an? |our )?$"
)
_IS_DONE_BY: Final = re.compile(r" (?:is|are|must be|shall be|have to be|has to be|gets?) [^.;]*\bby\b")
"""`Faults found by the tester are mended by the author`: what was found by somebody says nothing of who mends it."""


def _in_sentence(text: str, known: frozenset[str]) -> tuple[str, ...]:
    low = lowered(text)
    chains: list[list[tuple[int, int]]] = []
    for begin, end in _mentions(text, known):
        between = low[chains[-1][-1][1] : begin] if chains else ""
        if chains and (_JOIN.match(between) or _TOGETHER.match(between)):
            chains[-1].append((begin, end))
        else:
            chains.append([(begin, end)])
    asked = {one.begin for one in slots(text)}
    for place, chain in enumerate(chains):
        whole = (chain[0][0], chain[-1][1])
        after = low[whole[1] :]
        if _HAS_NO.match(after) or (" by " in after and _DONE_BY.search(low[: whole[0]]) and _IS_DONE_BY.match(after)):
            continue
        if chain[0][0] in asked or any(acts(low[: whole[0]], low[a:b], low[b:]) for a, b in (whole, chain[0])):
            others = [(one.begin, one.end) for one in _elsewhere(text, chain[-1][1], known)]
            return _called((text[begin:end] for begin, end in (*chain, *_others(text, chains[place:]), *others)), known)
    subjects = [(one.begin, one.end) for one in doers(text) if one.is_asked]
    named = {span for span in people_in(text) if not _MAY_NOT.match(low[span[1] :])}
    return tuple(
        name
        for begin, end in subjects
        for name in _called((text[begin:end],), known)
        if name in known or (begin, end) in named
    )


def _called(names: Iterable[str], known: frozenset[str]) -> tuple[str, ...]:
    """The names of these roles; of several of them as of one where the document speaks of one."""
    return slugs(
        _shortly(name.removesuffix("s") if slug(name.removesuffix("s")) in known else name, known) for name in names
    )


def _shortly(name: str, known: frozenset[str]) -> str:
    """`PSX service owner`, of whom the document speaks as the service owner elsewhere."""
    sign, _, rest = name.partition(" ")
    return rest if sign.isupper() and " " in rest and slug(rest) in known else name


_SEVERAL_AT_END: Final = sought(r"(?:[\u2013—:-]|\bwith|\bby) ((?:[\w-]+ ){1,3}\+ (?:[\w+ -]{2,60}))$")
DATED: Final = re.compile(
    r"^(?:t|d|day) ?[-+\u2013\u2212] ?\d{1,3}(?: ?(?:d|h|m|w|min|days?|hours?|minutes?"
    r"|weeks?))?\b[.,:]?\s*(?:[\u2013—-]\s+)?(?=\S)"
    r"|^(?:[01]?\d|2[0-4])[:.][0-5]\d (?:(?:am|pm|utc|cet|h|local|uhr) )?(?=[a-z@])"
    r"|^(?:(?:mon|tue|tues|wed|wednes|thu|thurs|fri|sat|satur|sun)(?:day)?s?[.,]?\s*)?(?:\d{1,2}[:.]\d\d)?"
    r"(?: ?(?:am|pm|utc|cet|h))?\s*[\u2013—-]\s+(?=\S)",
    re.IGNORECASE,
)
"""The day and hour that an item of a timetable begins with."""


def _others(text: str, chains: list[list[tuple[int, int]]]) -> Iterator[tuple[int, int]]:
    """Who acts in the further clauses: `The host restores it, the desk informs the branches, and the lead reports`."""
    low = lowered(text)
    last = chains[0][-1][1]
    for chain in chains[1:]:
        begin, end = chain[0][0], chain[-1][1]
        clause = _CLAUSE.split(low[last:begin])
        is_new = len(clause) > 1 and is_subject(clause[-1], low[begin:end], low[end:])
        is_new = is_new or (len(clause) > 1 and not _ARTICLE.sub("", clause[-1]) and bool(_IN_TURN.match(low[end:])))
        if (is_new and FIRST_WORD.match(low[end:])) or (_AND_BY.search(low[last:begin]) and not is_thing(low[end:])):
            yield from chain
        last = end


_CLAUSE: Final = re.compile(r"[,;]\s*(?:and |or |but |then )*|\.\s+|\b(?:and|while|whereas) (?=(?:the|an?|our) $|$)")
_ARTICLE: Final = re.compile(r"^(?:(?:the|an?|our) )?$")
_IN_TURN: Final = re.compile(
    r"^ (?:first|second|third|next|last|afterwards|after that)\s*(?:[.,;]|$)"
    r"|^ (?:(?:to|on|for|in|at|with) (?:the )?|the )[\w-]+(?: [\w-]+)?\s*(?:[.;]|$)"
)
"""`The lead signs first, the auditor second`, `Ann uploads to the one store, Bob to the other`: the verb was said."""
_AND_BY: Final = sought(
    r"^(?!.*\b(?:unless|if|until|before|after|once|not|never)\b).*(?:[,;]|\band\b).*\bby (?:the |an? )?$"
    r"|\b(?:supervision of|supervised by|(?:consent|approval|agreement) of) (?:the |an? )?$"
)


@lru_cache(maxsize=64)
def _any_of(known: frozenset[str]) -> Sought:
    names = "|".join(
        name.replace("-", "['\u2019]?[ _-]") for name in sorted(known, key=lambda name: (-len(name), name))
    )
    return sought(rf"(?<![\w-])(?:@(?:[\w-]+/)?)?(?:{names})s?(?![\w-])")


_MARKS: Final = ("'", "\u2019")
_WHOSE: Final = re.compile(r"['\u2019]s? ")
"""`The contractor's operations manager`: whose they are says nothing of who acts."""


def _mentions(text: str, known: frozenset[str]) -> list[tuple[int, int]]:
    low = lowered(text)
    spans = [*people_in(text)]
    for match in _any_of(known).finditer(low) if known else ():
        if not any(a < match.end() and match.start() < b and b - a >= len(match[0]) for a, b in spans):
            spans = [(a, b) for a, b in spans if b <= match.start() or a >= match.end()] + [match.span()]
    every = sorted(spans + departments_in(low, spans))
    return [
        one
        for place, one in enumerate(every)
        if place + 1 == len(every)
        or text[one[1] : one[1] + 1] not in _MARKS
        or not _WHOSE.fullmatch(text[one[1] : every[place + 1][0]])
    ]
