# SPDX-License-Identifier: Apache-2.0
"""Roles that a procedure names, and who of them is asked: the one who acts, not the one who is told.

A role is a noun of people (`manager`, `lead`, `officer`) with what stands before it; a department (`QA`, `security`)
counts only where nothing but people can stand: in an owner's column, before a colon, after `by`, before a verb.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from interlock.packs.reading.beside import OF_TITLE, answering, signing_line
from interlock.packs.reading.binding import binds
from interlock.packs.reading.brackets import ANOTHER, bracketed
from interlock.packs.reading.deeds import is_anybody
from interlock.packs.reading.headed import of_document, of_heading
from interlock.packs.reading.labels import LEAD, asked_for_word, is_nothing_else, led_by, set_off
from interlock.packs.reading.leading import addressed, charged_by
from interlock.packs.reading.letters import of_letters
from interlock.packs.reading.lexicon import THIRD, cut
from interlock.packs.reading.owning import (
    DOERS,
    FOUR_EYES,
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
from interlock.packs.reading.passages import TOP, Form, Passage
from interlock.packs.reading.roles import DEPARTMENT, PEOPLE, departments_in, named_in, people_in, slug, slugs
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.subjects import in_sentence

_ARROW: Final = sought(r"→|->|=>|\bto\b")
_LONGEST_LABEL: Final = 60


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
        counted = _COUNTED.match(bare)
        return slugs((counted["who"] if counted else _AFTER_ROLE.sub("", bare).strip(),))
    spoken_to = slugs((addressed(text),))
    if spoken_to and spoken_to[0] in known:
        return spoken_to
    found = bracketed(text, known) or _at_end(text, known) or _labelled(text, known) or in_sentence(text, known)
    return found or _handled(text, known)


def _handled(text: str, known: frozenset[str]) -> tuple[str, ...]:
    """`@mira canary on one shard`: whose handle stands ahead of a task that has no verb."""
    handle = _HANDLE.match(text)
    return slugs((handle[1],)) if handle and slug(handle[1]) in known else ()


_BOXES: Final = re.compile(r"\s*\[[ xX_]?\]\s*|\s*[\u2610\u2b1c]\s*")
"""`[ ] Line engineer [ ] Quality`: everybody has a box of their own."""
_HANDLE: Final = re.compile(r"^@([\w-]+)")


def inherited(
    passage: Passage,
    owned: tuple[str, ...],
    known: frozenset[str],
    heads: Mapping[tuple[int, str], tuple[str, ...]],
) -> tuple[str, ...]:
    """Who is asked above it: the nearest item or lead that names somebody, then a title, then the section's owner.

    `heads`: the lines of the document that are known to name somebody, whatever they are called.
    """
    for above in reversed(passage.above):
        found = heads.get((above.line, above.text), ()) or _of_lead(above, passage, known) or actors(above, known)
        if found:
            return found
    is_titled = bool(passage.headings) and passage.headings[0].rank == 1 and passage.headings[0].ahead < TOP
    for heading in reversed(passage.headings[is_titled:]):
        found = of_heading(heading, known)
        if found:
            return found
    return owned or (of_document(passage.headings[0]) if passage.headings else ())


def _of_lead(above: Passage, passage: Passage, known: frozenset[str]) -> tuple[str, ...]:
    """Whom a lead charges with the items below it: by name, as those it is for, or as the subject of what they do."""
    if above.form is Form.LEAD:
        bare = _REMARKED.sub(":", above.text)
        charged = OF_TITLE.match(bare.rstrip(":"))
        alone = next(filter(None, charged.groups())) if charged else ""
        found = slugs((alone,)) if alone and slug(alone) in known else charged_by(bare, known)
        if found or bare != above.text:
            return found or _named(bare, known, is_said=False) or _subject_at_end(bare)
    does = cut(passage.text).first in THIRD if above.has_parts else False
    return _subject_at_end(above.text) if does else ()


_REMARKED: Final = re.compile(r"\s*\([^()]*\):?$")
"""`Verifier (never the designer):`: what is remarked of whoever is charged."""


def _subject_at_end(text: str) -> tuple[str, ...]:
    """`On the day itself the computing centre`, above what they do."""
    bare = text.rstrip(": ")
    spans = (*people_in(bare), *departments_in(bare.lower(), []))
    last = next((bare[begin:end] for begin, end in spans if end == len(bare)), "")
    ahead = bare.removesuffix(last).lower()
    is_subject = not ahead or ahead.endswith(("the ", "our ", "each ", "every ", "an ", " a ", "a ", ", "))
    return slugs((last,)) if last and is_subject else ()


def answers(passage: Passage) -> tuple[str, ...]:
    """Whom a fragment names below a title that asks who: `Who decides?`, and then somebody."""
    title = passage.headings[-1].text.lower() if passage.headings else ""
    is_answer = title.startswith("who ") and passage.form is Form.SENTENCE and not passage.above
    return (named_in(passage.text) or slugs(answering(passage.text))) if is_answer else ()


_PROVIDED: Final = re.compile(r",? (?:if|when|where|unless) .*$")
"""`Privacy steward, if there is anything about minors`."""
_AFTER_ROLE: Final = re.compile(
    "(?:,? (?:and|or)| approval| sign-?off)?[\\s\ufe0f\u2600-\u27bf\U0001f000-\U0001faff:.]*(?:\\([^()]*\\))?\\s*$"
)


def is_only_role(text: str) -> bool:
    """Whether a text names somebody and says no more: an item of a list of signatures."""
    counted = _COUNTED.match(text)
    if counted and (is_nothing_else(counted["who"]) or _is_one_from(counted)):
        return True
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


def _is_one_from(counted: re.Match[str]) -> bool:
    """`One keeper from another house`: whoever is one of several, whatever they are called."""
    is_one = counted["of"] == "from" and counted["many"] not in ("two", "three")
    return is_one and is_called_so(f"a {counted['who']}") and not is_anybody(counted["who"].lower().split())


_COUNTED: Final = re.compile(
    r"^(?:at least )?(?P<many>one|two|three|an?|another|any) (?:other |further |second )?"
    r"(?P<who>[\w-]+(?: [\w-]+){0,2}?) (?P<of>from|of|in|at|other than)"
    r"(?: (?!(?:is|are|has|have|must|shall|may|can|who|that|[a-z]{4,}(?:es|ts|ns|ms)) )[\w'\u2019-]+){1,9}[.!]?$",
    re.IGNORECASE,
)
"""`One keeper from another house`: who signs, and from where."""


def _of_row(passage: Passage, known: frozenset[str]) -> tuple[str, ...]:
    letters = of_letters(passage) or _alone(passage, known)
    if letters:
        return letters
    pair = [cell for column, cell in passage.cells if FOUR_EYES.match(column.lower())]
    if len(pair) > 1 and all(map(is_called_so, (f"the {cell}" for cell in pair))):
        return slugs(pair)
    lane = _lane_of(passage)
    return lane or _of_columns(passage, known) or _of_others(passage, known)


def _of_columns(passage: Passage, known: frozenset[str]) -> tuple[str, ...]:
    """Whom a column of roles, of those who do it or of owners names; the first that names anybody."""
    titles = [column.lower() for column, _ in passage.cells]
    is_told = "function" in titles and any(map(_PERSON.match, titles))
    for wanted in (DOERS, ROLE_COLUMN, OWNERS) if is_told else (ROLE_COLUMN, DOERS, OWNERS):
        for column, cell in passage.cells:
            if wanted.search(column.lower()) and not RECEIVES.search(column.lower()) and any(map(str.isalpha, cell)):
                named = _in_cell(cell, known)
                if named and not set(named) <= NOBODY:
                    return named
    return ()


def _of_others(passage: Passage, known: frozenset[str]) -> tuple[str, ...]:
    """Who stands alone in the first cell, or acts in another."""
    first = passage.cells[0][1] if passage.cells else ""
    if is_nothing_else(first):
        return slugs((first,))
    declared = _DECLARED.search(first) or (_SIGNED_FOR.match(first) if _is_sheet(passage) else None)
    if declared and (is_nothing_else(declared["who"]) or _is_sheet(passage)):
        return slugs((declared["who"],))
    others = [cell for _, cell in passage.cells[1:]]
    return next((found for cell in others if (found := in_sentence(cell, known))), ())


_DECLARED: Final = re.compile(r"^(?:I|We) .*[.!] \((?P<who>[^()]{3,40})\)$")
"""`I accept the risk. (Chief risk officer)`: who signs it."""
_SIGNED_FOR: Final = re.compile(r"^(?P<who>[A-Z][\w'-]+(?: [\w'-]+){0,3}): \S")
"""`Licence clerk: names and agreements`: who signs for what."""


def _is_sheet(passage: Passage) -> bool:
    """Whether a row is of a sheet of signatures that is still empty."""
    columns = [column.lower() for column, _ in passage.cells]
    return "signature" in columns and not any(cell.strip() for _, cell in passage.cells[1:])


def _lane_of(passage: Passage) -> tuple[str, ...]:
    """Who does what stands below `Release Lead Action`, `What the release lead must do`."""
    filled = [column for column, cell in passage.cells if any(map(str.isalpha, cell))]
    return slugs([next(filter(None, map(_lane, filled)), "")])


def _lane(column: str) -> str:
    charged = OF_TITLE.match(column)
    who = charged["does"] if charged and charged["does"] else _ACTION_OF.sub("", column)
    return who if who != column and is_nothing_else(who.replace("-", " ")) else ""


_PERSON: Final = re.compile(r"^(?:person|people|who)\b")
"""Beside such a column a `function` is what the person is there for."""


def _alone(passage: Passage, known: frozenset[str]) -> tuple[str, ...]:
    """Whose column holds the one letter of a row, in a table of letters: the other rows have told who they are."""
    marked = [(column, cell.strip().upper()) for column, cell in passage.cells[1:] if cell.strip()]
    is_told = len(marked) == 1 and marked[0][1] in _RESPONSIBLE and slug(marked[0][0]) in known
    return slugs((marked[0][0],)) if is_told else ()


_RESPONSIBLE: Final = frozenset(("R", "A", "R/A", "A/R", "RA", "AR", "R, A"))


def _in_cell(cell: str, known: frozenset[str]) -> tuple[str, ...]:
    """Everybody in the cell of a column of owners; of a command, who acts in it: `wake the warden, she decides`."""
    said = _SAYS_SO.match(cell)
    cell = said["who"] if said else cell
    parts = [WITHOUT_PARENS.sub("", part).strip() for part in PARTS.split(cell)]
    if cell.strip().lower() == LEAD:
        return (LEAD,)
    if cut(cell).opener and (
        cell.endswith(".") or not any(is_nothing_else(part) or slug(part) in known for part in parts)
    ):
        return in_sentence(cell, known)
    found = named_in(cell) if len(parts) == 1 and len(cell.split()) > ROLE_WORDS else ()
    return found or slugs(
        ANOTHER.sub("", part)
        for part in parts
        if 0 < len(part.split()) <= ROLE_WORDS and part.lstrip("@")[:1].isalpha()
    )


_SAYS_SO: Final = re.compile(
    r"^(?P<who>[^\W\d_][^,;:.()]{2,40}?) (?:approves|signs|decides|confirms|agrees|accepts|authori[sz]es)"
    r"(?: [^,;:.]{0,40})?$"
)
"""`Who answers`: `The security partner approves`."""


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
    told = in_sentence(rest.strip(), known) if _ARROW.search(label) else ()
    if told:
        return told
    label = _ACTION_OF.sub("", label)
    low = label.strip().lower()
    if is_nothing_else(label.strip()) or DEPARTMENT.fullmatch(low) or slug(low) in known:
        return slugs((label,))
    names = named_in(label)
    if len(names) > 1 and not re.sub(r"[\s,/&+]|\band\b|\bor\b", "", DEPARTMENT.sub("", PEOPLE.sub("", low))):
        return names
    first, then = (label, rest) if binds(label) else (rest.strip(), label)
    return in_sentence(first, known) or in_sentence(then, known)


_ACTION_OF: Final = re.compile(r"(?<=\w)[ -](?:actions?|tasks?)$", re.IGNORECASE)
"""`Author Action: open a pull request`."""


def _pointing(text: str) -> re.Match[str] | None:
    """Who stands ahead of an arrow, and what they do behind it."""
    found = _POINTS.match(text)
    does = cut(found[2]) if found else None
    return found if does and (does.opener or does.first in THIRD) else None


_POINTS: Final = re.compile(r"^([^\u2192:()>]{3,50}?)(?: \([^()]{2,40}\))?\s+(?:\u2192|[-=]>)\s+(.+)$")
"""`Duty manager → gives the go`: who does it stands ahead of the arrow."""


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
