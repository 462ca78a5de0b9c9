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
from interlock.packs.reading.clauses import doers
from interlock.packs.reading.lexicon import THIRD, cut
from interlock.packs.reading.passages import Form, Heading, Passage
from interlock.packs.reading.roles import DEPARTMENT, PEOPLE, departments_in, lowered, named_in, people_in, slug, slugs
from interlock.packs.reading.seeking import Sought, sought

_JOIN: Final = re.compile(
    r"^(?:['\u2019]s? [a-z-]+)?\s*(?:,|and|or|&|\+|/|,\s*and|,\s*or|as well as|together with|along with|with|plus|"
    r"and/or|or (?:his|her|their)|,? (?:and|or) (?:one|another|the other|a second|a second one))\s*(?:by |from "
    r"|of )?(?:(?:the|a|an|one|any|another|their|either|your)\s+)?$"
)
_TOGETHER: Final = re.compile(r"^[\w\s,]{0,30}\b(?:together|jointly|along|in agreement) with (?:the )?$")
_ARROW: Final = sought(r"→|->|=>|\bto\b")
_ROLE_COLUMN: Final = re.compile(r"^(?:roles?|role name|position|function|seat|hat|post|party|actor)$")
_ROLE_WORDS: Final = 5
_LEAST_COLUMNS: Final = 2
_LONGEST_LABEL: Final = 60
_LETTERS: Final = frozenset(("R", "A", "C", "I", "S", "-", "\u2013", "—"))
_DOERS: Final = re.compile(
    r"\b(?:owners?|responsible|who|assignees?|performed by|done by|carried out by|handled by"
    r"|executed by|by whom|actor|accountable"
    r"|person|performer|driver|dri|approvers?|approved by|decides|decision maker|signatory|signed by"
    r"|lead|whose)\b|^by$"
)
_PARTS: Final = re.compile(r"\s*(?:,|;|/|\+|&|<br>|\band\b|\bor\b|\bthen\b)\s*")
_WITHOUT_PARENS: Final = re.compile(r"\([^()]*\)")
_NOBODY: Final = frozenset(
    "nobody none na n-a tbd everyone all anyone yes no automatic automated ci pipeline bot".split()
)
_PARENS: Final = sought(r"(?<!\w)\(([^()]{2,60})\)")
_OWNED: Final = re.compile(
    r"^(?:process |document |step |section )?(?:owners?|responsible(?: person| party| role)?"
    r"|performed by|done by|carried out by|handled by|accountable|assignees?|assigned to|approvers?|sign-?off"
    r"(?: by)?|signed off by|who|lead|by"
    r"|executed by|role|driver|dri)(?:\s*[:=]\s*|\s+[\u2013—-]\s+)(.+)$",
    re.IGNORECASE,
)
OWNERS: Final = re.compile(
    r"\b(?:owners?|responsible|who|roles?|assignees?|approvers?|performed by|done by|carried out by"
    r"|handled by|executed by|by whom|actor"
    r"|accountable|sign-?offs?(?: by)?|signatory|signed by|person|performer|lead|driver|dri"
    r"|whose|approved by|approvals?(?: required| by| from)?|required approvals?|approv\w+ authority"
    r"|authori[sz]ed by|reviewers?|contact|decides|decision maker)\b"
)
_WITHIN_PARENS: Final = re.compile(r"^(?:owner|by|resp\w*|approver|assignee|dri)?\s*:?\s*(?:the |an? )?(.+)$")


def actors(passage: Passage, known: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Who is asked in this passage itself; `known` are the roles that the document introduces."""
    if passage.form is Form.ROW:
        return _of_row(passage, known)
    return _named(passage.text, known, passage.form is Form.SENTENCE)


@lru_cache(maxsize=4096)
def _named(words: str, known: frozenset[str], is_said: bool) -> tuple[str, ...]:  # noqa: FBT001 - the key of a cache
    """Who is asked in these words; asked again of an item for all that stands below it."""
    text = DATED.sub("", words).replace("[", "(").replace("]", ")")
    bare = text if "(" in text or cut(text).opener else _PROVIDED.sub("", text)
    if not is_said and is_only_role(bare):
        return slugs((_AFTER_ROLE.sub("", bare).strip(),))
    return _bracketed(text, known) or _at_end(text, known) or _labelled(text, known) or _in_sentence(text, known)


def inherited(passage: Passage, owned: tuple[str, ...], known: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Who is asked above it: the nearest item or lead that names somebody, then a title, then the section's owner."""
    for above in reversed(passage.above):
        found = actors(above, known)
        if found:
            return found
    for heading in reversed(passage.headings[1:]):
        found = of_heading(heading)
        if found:
            return found
    return owned


def answers(passage: Passage) -> tuple[str, ...]:
    """Whom a fragment names below a title that asks who: `Who decides?`, and then somebody."""
    title = passage.headings[-1].text.lower() if passage.headings else ""
    is_answer = title.startswith("who ") and passage.form is Form.SENTENCE and not passage.above
    return named_in(passage.text) if is_answer else ()


_PROVIDED: Final = re.compile(r",? (?:if|when|where|unless) .*$")
"""`Privacy steward, if there is anything about minors`."""
_AFTER_ROLE: Final = re.compile("[\\s\ufe0f\u2600-\u27bf\U0001f000-\U0001faff:.]*(?:\\([^()]*\\))?\\s*$")


def is_only_role(text: str) -> bool:
    """Whether a text names somebody and says no more: an item of a list of signatures."""
    if "(" not in text and len(text.split()) > _ROLE_WORDS:
        return False
    bare = _AFTER_ROLE.sub("", text).strip()
    spans = people_in(bare)
    is_short = 0 < len(bare.split()) <= _ROLE_WORDS - 1
    return (
        is_short
        and ":" not in bare
        and any(end == len(bare) and begin <= len(bare.split()[0]) + 1 for begin, end in spans)
    )


def of_heading(heading: Heading) -> tuple[str, ...]:
    """Whom a title names as those who act: `Security Lead sign-off`, `QA Lead`, `Steps (DBA)`."""
    text = heading.text
    found = _bracketed(text, frozenset())
    if found:
        return found
    for begin, end in people_in(text):
        rest = text[end:].lower()
        if (not text[:begin].strip(" 0123456789.:-") and not rest.strip(" :")) or SAYS.match(rest.lstrip()):
            return slugs((text[begin:end],))
    return ()


def owner_of(text: str) -> tuple[str, ...]:
    """Whom a line such as `Owner: Data Engineer` names."""
    found = _OWNED.match(text)
    if found is None:
        return ()
    alone = found[1].rstrip(".")
    parts, named = _PARTS.split(_WITHOUT_PARENS.sub("", alone).strip()), named_in(found[1])
    is_name = len(alone.split()) < _ROLE_WORDS and alone[:1].isupper() and not any(map(str.isdigit, alone))
    are_names = len(parts) > 1 and all(_IS_NAME.match(part) and not cut(part).opener for part in parts)
    if (is_name and (not named or len(parts) < len(named))) or (are_names and len(named) < len(parts)):
        named = slugs(parts)
    return () if {*named} & _NOBODY else named


def introduced(passage: Passage, *, among_roles: bool) -> tuple[str, ...]:
    """Roles that a list or a table of roles introduces by name."""
    for column, cell in passage.cells:
        if _ROLE_COLUMN.search(column.lower()) and 0 < len(cell.split()) <= _ROLE_WORDS:
            return slugs((cell,))
    owned = [cell for column, cell in passage.cells if OWNERS.search(column.lower()) and cell[:1].isupper()]
    if passage.cells:
        return slugs(part for cell in owned for part in _PARTS.split(cell) if 0 < len(part.split()) < _ROLE_WORDS - 1)
    signs = _CALL_SIGNS.match(passage.text)
    if signs:
        return slugs(_PARTS.split(signs["names"].rstrip(".")))
    if not among_roles:
        return ()
    label = re.split(r"\s*[:\u2013—]\s*|\s-\s", passage.text)[0]
    return (
        slugs((label,))
        if 0 < len(label.split()) <= _ROLE_WORDS and label.rstrip(".") != passage.text.rstrip(".")
        else ()
    )


_RECEIVES: Final = sought(r"\bwho (?:gets|receives|hears|is told|is informed|needs to know|knows)\b")
"""A column of those who are told."""
_CALL_SIGNS: Final = re.compile(
    r"^(?:call ?signs?|roles?|hats|seats|short names?|parties|who is who)(?: \w+){0,2}: "
    r"(?P<names>[A-Z][\w-]*(?: [\w-]+)?(?:(?:, | and |, and )[A-Z][\w-]*(?: [\w-]+)?)+\.?)$",
    re.IGNORECASE,
)


def _of_row(passage: Passage, known: frozenset[str]) -> tuple[str, ...]:
    letters = _of_letters(passage)
    if letters:
        return letters
    for wanted in (_ROLE_COLUMN, _DOERS, OWNERS):
        for column, cell in passage.cells:
            if wanted.search(column.lower()) and not _RECEIVES.search(column.lower()) and any(map(str.isalpha, cell)):
                parts = [_WITHOUT_PARENS.sub("", part).strip() for part in _PARTS.split(cell)]
                found = named_in(cell) if len(parts) == 1 and len(cell.split()) > _ROLE_WORDS else ()
                named = found or slugs(
                    part for part in parts if 0 < len(part.split()) <= _ROLE_WORDS and part[0].isalpha()
                )
                if named and not set(named) <= _NOBODY:
                    return named
    first = passage.cells[0][1] if passage.cells else ""
    if _is_only_role(first):
        return slugs((first,))
    others = [cell for _, cell in passage.cells[1:]]
    return next((found for cell in others if (found := _in_sentence(cell, known))), ())


def _of_letters(passage: Passage) -> tuple[str, ...]:
    """Of a table of who is responsible (R) and accountable (A): those two."""
    under = {column.strip().upper(): cell for column, cell in passage.cells}
    if {"R", "A"} <= under.keys():
        return slugs(
            part.strip() for letter in "RA" for part in _PARTS.split(under[letter]) if any(map(str.isalpha, part))
        )
    cells = [(column, {*re.split(r"[/, ]+", cell.upper())}) for column, cell in passage.cells[1:] if cell]
    while cells and not cells[0][1] <= _LETTERS and len(cells) > 1:
        cells = cells[1:]
    is_charged = any({"R", "A"} <= letters for _, letters in cells)
    if len(cells) < _LEAST_COLUMNS - is_charged or any(not letters <= _LETTERS for _, letters in cells):
        return ()
    return slugs(column for column, letters in cells if letters & {"R", "A"})


def _is_only_role(text: str) -> bool:
    return (0, len(text)) in people_in(text)


def _bracketed(text: str, known: frozenset[str]) -> tuple[str, ...]:
    for match in _PARENS.finditer(text):
        inside = _WITHIN_PARENS.sub(r"\1", match[1].strip())
        if slug(inside) in known:
            return slugs((inside,))
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


def _at_end(text: str, known: frozenset[str]) -> tuple[str, ...]:
    """`Go or not, at 11:00 - conductor + mobile QA`: several at the end, joined by a sign."""
    found = _SEVERAL_AT_END.search(text) if " + " in text else None
    names = found[1].split(" + ") if found else _set_off(text, known)
    return slugs(names) if all(slug(name) in known or named_in(name) for name in names) else ()


def _set_off(text: str, known: frozenset[str]) -> list[str]:
    """`Mapping signed → data steward`, `Warm up the shards: server team`: who stands alone behind a sign."""
    found = _SET_OFF.search(_AT_ONCE.sub("", text))
    if found is None or _TOLD_OF.search(found["what"]) or people_in(found["what"]):
        return []
    names = _PARTS.split(found["who"])
    is_nobody_else = all(
        _is_only_role(name) or DEPARTMENT.fullmatch(name.lower()) or slug(name) in known for name in names
    )
    return names if is_nobody_else else []


def _labelled(text: str, known: frozenset[str]) -> tuple[str, ...]:
    """`Analytics Lead: agrees`, `Security → Release Manager: Security Lead provides`."""
    label, colon, rest = text.partition(":")
    asked = _asked_for_word(label, rest) if colon else ()
    if asked:
        return asked
    if not colon:
        dashed = re.match(r"^([^\u2013—:]{3,50}?)\s+[\u2013—-]\s+(.+)$", text)
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
    if _is_only_role(label.strip()) or DEPARTMENT.fullmatch(low) or slug(low) in known:
        return slugs((label,))
    names = named_in(label)
    if len(names) > 1 and not re.sub(r"[\s,/&+]|\band\b|\bor\b", "", DEPARTMENT.sub("", PEOPLE.sub("", low))):
        return names
    return _in_sentence(rest.strip(), known) or _in_sentence(label, known)


def _asked_for_word(label: str, rest: str) -> tuple[str, ...]:
    """`Go or no-go: chief physician and operations`, `Decision: CISO`: whoever stands alone behind what they say."""
    if _GO_OR_NOT.match(label.lower()) and len(rest.split()) <= _LONGEST_NAMES:
        return slugs(_PARTS.split(rest.strip().rstrip(".")))
    names = _PARTS.split(rest.strip().rstrip("."))
    if _DONE_BY.search(label.lower()) and all(map(_IS_NAME.match, names)):
        return slugs(names)
    is_nobody_else = bool(_CONVINCES.match(label)) and not _JOINS.sub("", PEOPLE.sub("", rest.lower()))
    return named_in(rest) if is_nobody_else else ()


def _in_sentence(text: str, known: frozenset[str]) -> tuple[str, ...]:
    low = lowered(text)
    chains: list[list[tuple[int, int]]] = []
    for begin, end in _mentions(text, known):
        between = low[chains[-1][-1][1] : begin] if chains else ""
        if chains and (_JOIN.match(between) or _TOGETHER.match(between)):
            chains[-1].append((begin, end))
        else:
            chains.append([(begin, end)])
    for place, chain in enumerate(chains):
        whole = (chain[0][0], chain[-1][1])
        if any(acts(low[: whole[0]], low[a:b], low[b:]) for a, b in (whole, chain[0])):
            return _called((text[begin:end] for begin, end in (*chain, *_others(text, chains[place:]))), known)
    subjects = _called((text[one.begin : one.end] for one in doers(text) if one.is_asked), known)
    return tuple(name for name in subjects if name in known)


def _called(names: Iterable[str], known: frozenset[str]) -> tuple[str, ...]:
    """The names of these roles; of several of them as of one where the document speaks of one."""
    return slugs(name.removesuffix("s") if slug(name.removesuffix("s")) in known else name for name in names)


_GO_OR_NOT: Final = re.compile(r"^(?:t ?[-+]\w+ )?go ?(?:/|or) ?no[ -]?go$")
_DONE_BY: Final = re.compile(
    r"\b(?:\w+(?:ed|en)|sign-?offs?|approvals?|okay|ok|consent|reviews?|decisions?|signatures?) (?:\w+ )?(?:by|from)$"
)
_IS_NAME: Final = re.compile(
    r"^(?!(?:mon|tues|wednes|thurs|fri|satur|sun)day|[A-Z][a-z]+ \d)[A-Z][A-Za-z&-]+(?: [A-Za-z&-]+){0,3}$",
    re.IGNORECASE,
)
_LONGEST_NAMES: Final = 8
_SET_OFF: Final = sought(
    r"^(?P<what>.{6,}?)(?:(?: [\u2013—/|→-]| ->| =>|[.;] \(?(?:owner|by|who|responsible|done by):|:) (?:the )?| @)"
    r"@?(?P<who>[A-Za-z][\w&' +,/@-]{1,40})[.)]?$"
)
_AT_ONCE: Final = re.compile(r"[.,]? (?:together|jointly|in person)(?:,? (?:on|in|at|over) [a-z ]{1,20})?\.?$")
"""`Launch button: producer and operations together, on a call`: how several act says nothing of who they are."""
_TOLD_OF: Final = re.compile(
    r"\b(?:tell|told|inform\w*|notif\w+|contact\w*|escalat\w+|call\w*|page|paged|ping|mail|e-?mail|message|ask|brief\w*"
    r"|alert\w*|announc\w+|cc|send|sent|report\w*|hand(?:ed)?[ -]?over|goes|to)$|\b(?:tell|inform|notify"
    r"|alert|page|ping|brief)\b",
    re.IGNORECASE,
)
_SEVERAL_AT_END: Final = sought(r"(?:[\u2013—:-]|\bwith|\bby) ((?:[\w-]+ ){1,3}\+ (?:[\w+ -]{2,60}))$")
_CONVINCES: Final = re.compile(
    r"\b(?:decisions?$|veto$|verdict$|convince|ask|needs?|requires?|get|approv\w+|sign\w*|ok|consent|agreement)\b",
    re.IGNORECASE,
)
_JOINS: Final = re.compile(r"[\s,/&+.]|\b(?:and|or|the|an?|your|our|one|of|plus|both)\b")
DATED: Final = re.compile(
    r"^(?:t|d|day) ?[-+\u2013\u2212] ?\d{1,3}(?: ?(?:d|h|m|w|min|days?|hours?|minutes?"
    r"|weeks?))?\b[.,:]?\s*(?:[\u2013—-]\s+)?(?=\S)"
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
        if (is_new and FIRST_WORD.match(low[end:])) or (_AND_BY.search(low[last:begin]) and not is_thing(low[end:])):
            yield from chain
        last = end


_CLAUSE: Final = re.compile(r"[,;]\s*(?:and |or |but |then )*|\.\s+|\b(?:and|while|whereas) (?=(?:the|an?|our) $)")
_AND_BY: Final = sought(
    r"^(?!.*\b(?:unless|if|until|before|after|once)\b).*(?:[,;]|\band\b).*\bby (?:the |an? )?$"
    r"|\b(?:supervision of|supervised by|(?:consent|approval|agreement) of) (?:the |an? )?$"
)


@lru_cache(maxsize=64)
def _any_of(known: frozenset[str]) -> Sought:
    names = "|".join(name.replace("-", "['\u2019]?[ -]") for name in sorted(known, key=lambda name: (-len(name), name)))
    return sought(rf"(?<![\w-])(?:@(?:[\w-]+/)?)?(?:{names})s?(?![\w-])")


def _mentions(text: str, known: frozenset[str]) -> list[tuple[int, int]]:
    low = lowered(text)
    spans = [*people_in(text)]
    for match in _any_of(known).finditer(low) if known else ():
        if not any(a < match.end() and match.start() < b and b - a >= len(match[0]) for a, b in spans):
            spans = [(a, b) for a, b in spans if b <= match.start() or a >= match.end()] + [match.span()]
    return sorted(spans + departments_in(low, spans))
