# SPDX-License-Identifier: Apache-2.0
"""A passage looked at once: its main clause, its condition, the topic it stands under, who is asked, by when.

Everything that is later asked about a passage is asked of a `Saying`, so that each word is looked at one time.
"""

import re
from dataclasses import dataclass
from typing import Final

from interlock.packs.reading.deadlines import Deadline, deadlines
from interlock.packs.reading.lexicon import OPENERS, WATCHED, Words, cut
from interlock.packs.reading.objects import check_for
from interlock.packs.reading.owning import OWNERS
from interlock.packs.reading.passages import Form, Passage
from interlock.packs.reading.people import DATED
from interlock.packs.reading.relations import Relation
from interlock.packs.reading.roles import slug
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.topics import Topic

_CONDITION: Final = re.compile(
    r"^(?:if|when|once|after|before|for|in|on|until|unless|as soon as|during|whenever|where|upon|with"
    r"|at(?! least| most)|following|prior to|by|to)\b"
    r"[^,:;→]{2,120}(?:,|→|:(?=\s))\s*(?:then\s+|→\s*)?(?=\S)",
    re.IGNORECASE,
)
_ADVERBS: Final = re.compile(
    r"^(?:(?:please|also|then|now|finally|manually|immediately|automatically|again|first|next|lastly"
    r"|afterwards|and|but|optionally"
    r"|always|just|carefully|privately|quickly|temporarily|regularly|periodically|alternatively|additionally|or"
    r"|simply|directly|explicitly|subsequently|similarly|optional|mandatory|required|todo|note(?= that|:|,)|important"
    r"|warning"
    r"|never mind|in that case|in this case|if so|if not|otherwise|from (?:here|now|then) on|after that"
    r"|as a last step|(?:if|as|when|where) (?:necessary|needed|applicable|possible|appropriate|required)"
    r"|yes|no,|either|(?:please )?note that|(?:be sure|remember|don't forget|do not forget|make sure|take care"
    r"|go ahead) (?:to|and)"
    r"|you(?:'ll| will)? (?:should|must|need to|have to|want to)(?! (?:not|be|have|never)\b))[\s,:]+)+",
    re.IGNORECASE,
)
_WHEN: Final = re.compile(
    r"\(\s*((?:if|when|where|unless|only|for|except)\b[^()]*)\)|\b((?:only )?(?:if|unless|whenever"
    r"|in case|provided(?: that)?|except|as needed|when)\b(?:[^.;()]|\.(?=\d))*)",
    re.IGNORECASE,
)
_AFTER_ALL: Final = re.compile(
    r"^[^:;.]{24,200}: (?=[a-z]+ (?:the|an?|it|them|your|our|all|each|every|up|down|off|on)\b)", re.IGNORECASE
)
"""`What slipped out is an incident: call the hotline`: what it comes to stands behind the colon."""
_ARROW: Final = re.compile(r"\s*(→|⇒|->|=>)\s*")
_OCCASION: Final = re.compile(r"^(?:after|before|during|in case of|for|on|at|by|with|in)\b", re.IGNORECASE)
_OBJECTS: Final = frozenset(
    "the a an all any every each it them this that your our in up down back to somebody someone anybody "
    "everybody people".split()
)
_BEFORE_NOUNS: Final = frozenset("the a an of to for and or each every any your our this that no before after".split())
_FAR: Final = 8
_CLOCK: Final = re.compile(r"^(?:at |by )?\d{1,2}[:.]\d\d(?: ?(?:am|pm|utc|cet|h))?[ ,:\u2013—-]+", re.IGNORECASE)
_SHORT_BEFORE: Final = 80
_LABEL: Final = re.compile(r"^([^:()]{1,60}?)\s*:\s+(?=\S)|^([^:()]{2,40}?)\s+(?:[—\u2013]|-)\s+(?=\S)")
_LED: Final = re.compile(r"^[(\[](?P<who>[A-Za-z][^()\[\]]{1,30})[)\]]\s+(?=\S)")
"""Whoever stands in brackets before what is to be done is no part of it."""
_LABEL_WORDS: Final = 6
_SHORT_CELL: Final = 30
"""A cell with a length of time in it and nothing else is shorter."""
_ACTION: Final = sought(
    r"\b(?:actions?|steps?|tasks?|what|activit\w+|checks?|gates?|items?|requirements?|criteri\w+"
    r"|(?:pre-?)?condition|prerequisite|description|milestone|deliverable|procedure|control|rule|measure|event"
    r"|responsibilit\w+|trigger|test|metric|verification|todo|duty|duties|stage|phase)\b"
)
_IS_WHEN: Final = re.compile(r"^(?:stages?|phases?|milestones?|events?)$")
_WHAT: Final = re.compile(r"^(?:what(?: happens| is done| to do| we do)?|actions?|tasks?|activit(?:y|ies)|steps?)$")
"""Beside the name of a phase, what is done in it."""
_SPAN_COLUMNS: Final = (
    (
        re.compile(
            r"\b(?:min(?:imum)?(?: time| duration)?|soak|bake|wait|hold|observ\w+|watch|pauses?|rests?|cool\w*|dwell"
            r"|how long|stays?|quarantine)\b"
        ),
        "for {}",
    ),
    (re.compile(r"\b(?:every|updates?|frequency|interval|cadence)\b"), "every {}"),
    (re.compile(r"\b(?:lead time|notice|in advance|before)\b"), "{} before"),
    (
        re.compile(
            r"\b(?:within|duration|max\w*|deadline|sla|respon[sd]\w*|due|target|limit|timebox|acknowledge\w*"
            r"|resol\w+|time|until|by when|latest|no later)\b"
        ),
        "within {}",
    ),
    (re.compile(r"\b(?:when|timing|day|schedule)\b"), "{}"),
)


@dataclass(frozen=True, slots=True)
class Saying:
    """`words` are of all of it, `main` of its main clause without label, condition and adverbs."""

    passage: Passage
    topic: Topic
    words: Words
    main: Words
    label: str
    condition: str
    times: tuple[Deadline, ...]
    own: tuple[str, ...]
    """Roles that it names as those who act."""
    given: tuple[str, ...]
    """Roles that act here: its own, else those named above it."""
    lead: str
    """The nearest lead or parent above it, in small letters; empty: there is none."""
    title: str
    """The nearest title, in small letters."""
    check: str
    """The check suggested by its own words; empty: none."""

    def is_listed(self) -> bool:
        """Whether it stands in a list or a table."""
        return self.passage.form not in (Form.SENTENCE, Form.LEAD, Form.TITLE)

    def in_relation(self, relation: Relation) -> bool:
        """Whether it names a time that counts so."""
        return bool(self.times) and any(one.relation is relation for one in self.times)


def action_of(passage: Passage) -> str:
    """What a passage says is done: of a row the cell that tells, of anything else its text."""
    if passage.form is not Form.ROW:
        return passage.text
    told = [
        (column.lower(), cell)
        for column, cell in passage.cells
        if _ACTION.search(column.lower()) and not OWNERS.search(column.lower()) and any(map(str.isalpha, cell))
    ]
    if told:
        return next(
            (cell for column, cell in told[1:] if _IS_WHEN.match(told[0][0]) and _WHAT.match(column)), told[0][1]
        )
    rest = [cell for column, cell in passage.cells if not OWNERS.search(column.lower())]
    return max(rest or [passage.text], key=len)


def saying(passage: Passage, topic: Topic, own: tuple[str, ...], given: tuple[str, ...]) -> Saying:
    """What this passage says."""
    text = action_of(passage)
    text = _without_led(text, own)
    label, body = _labelled(text)
    words = cut(text)
    lead = passage.above[-1].text.lower() if passage.above else ""
    main = _main_clause(body)
    if passage.form is Form.ITEM or passage.form is Form.NUMBER:
        main = commanded(main, is_charged=bool(given and not own))
    return Saying(
        passage=passage,
        topic=topic,
        words=words,
        main=cut(main),
        label=label,
        condition=condition_of(text),
        times=times_of(passage),
        own=own,
        given=given,
        lead=lead,
        title=passage.headings[-1].text.lower() if passage.headings else "",
        check=check_for(words.low),
    )


def _without_led(text: str, own: tuple[str, ...]) -> str:
    """What is to be done, without whoever stands in brackets before it."""
    found = _LED.match(DATED.sub("", text))
    if found is None:
        return text
    is_theirs = any(f"-{role}".endswith(f"-{slug(found['who'])}") for role in own)
    return (
        DATED.sub("", text)[found.end() :] if (found[0][0] == "(" and found["who"][0].isupper()) or is_theirs else text
    )


def commanded(text: str, *, is_charged: bool = False) -> str:
    """`Waiting for the deadline` as the command that it stands for; anything else as it is."""
    found = (_ANY_GERUND if is_charged else _GERUND).match(text)
    if not found or _SAYS_HOW.search(text):
        return text
    stem = found[1].lower()
    verb = next((verb for verb in (stem, f"{stem}e", stem[:-1]) if verb in OPENERS), "")
    return f"{verb or stem} {text[found.end() :]}"


_GERUND: Final = re.compile(
    r"^([A-Za-z]{2,})ing (?=(?:[a-z]+,|(?:the|an?|all|every|each|for|it|them|to|out|up|over|back|that|from|your"
    r"|our|any|on|in)\b))"
)
_ANY_GERUND: Final = re.compile(r"^([A-Za-z]{2,})ing (?=[a-z])")
_SAYS_HOW: Final = sought(r"\b(?:is|are|was|has|have|must|ready|green|done|complete\w*|works?)\b")


def times_of(passage: Passage) -> tuple[Deadline, ...]:
    """The times that a passage names; of a row also those that only its column makes plain."""
    if passage.form is not Form.ROW:
        return deadlines(passage.text)
    found: list[Deadline] = []
    is_staged = any(_SHARE.match(cell) for _, cell in passage.cells)
    for column, cell in passage.cells:
        unit, offset = _COUNTS.match(column.lower()), _OFFSET.match(cell)
        if unit and offset:
            return deadlines(f"t{offset['sign']}{offset['count']} {unit['unit']}")
        shape = next((shape for known, shape in _SPAN_COLUMNS if known.search(column.lower())), "")
        shape = "for {}" if is_staged and column.lower() in _LENGTHS else shape
        is_watch = shape == "{}" or (shape == "within {}" and bool(_BY_WHEN.search(column.lower())))
        is_shaped = shape and len(cell) < _SHORT_CELL and not _RELATED.search(cell)
        plainly = deadlines(shape.format(cell) if is_shaped else cell)
        watches = cut(action_of(passage))
        is_watched = watches.first in WATCHED if shape == "within {}" else cut(passage.text).has(WATCHED)
        watched = deadlines(f"for {cell}") if is_watch and is_watched else ()
        said = watched if shape == "within {}" and watched else plainly or watched
        if said and shape == "{}" and said[0].relation in (Relation.BEFORE, Relation.AFTER):
            return said
        found.extend(said)
    return tuple(found)


_COUNTS: Final = re.compile(r"^(?:t )?\(?(?P<unit>min|hour|day|week)(?:ute)?s?\)?$")
_OFFSET: Final = re.compile(r"^(?:t ?)?(?P<sign>[-+\u2010-\u2013\u2212])(?P<count>\d{1,3})$", re.IGNORECASE)
"""`-15`, below `Minute`: how long before or after the start something is done."""
_SHARE: Final = re.compile(r"^\d{1,3} ?%")
_LENGTHS: Final = frozenset(("duration", "time"))
"""Beside a share of those who have it already, how long that is so."""
_BY_WHEN: Final = re.compile(r"\b(?:until|by when|latest|no later)\b")
_RELATED: Final = re.compile(r"\b(?:before|beforehand|ahead|in advance|prior|earlier)\b", re.IGNORECASE)
"""A cell that says itself how its time counts."""


def condition_of(text: str) -> str:
    """The condition a sentence makes, in its own words; empty: it makes none."""
    found = _WHEN.search(text)
    return " ".join((found[1] or found[2]).split()).rstrip(".,:") if found else ""


def _labelled(text: str) -> tuple[str, str]:
    text = DATED.sub("", text)
    found = _LABEL.match(text)
    if not found or len((found[1] or found[2]).split()) > _LABEL_WORDS:
        return "", text.rstrip(":")
    label = found[1] or found[2]
    if " " in label and cut(_ADVERBS.sub("", label)).opener:
        return "", text.rstrip(":")
    return label, text[found.end() :]


def _main_clause(body: str) -> str:
    text = _ADVERBS.sub("", _CLOCK.sub("", body.strip("\"'“”( ")))
    before, arrow, after = _ARROW.split(text, maxsplit=1) if _ARROW.search(text) else (text, "", "")
    if arrow and len(before) < _SHORT_BEFORE and cut(after).opener:
        return after
    told = _AFTER_ALL.match(text)
    if told and not cut(text).opener and cut(text[told.end() :]).opener:
        return text[told.end() :]
    found = _CONDITION.match(text)
    rest = text[found.end() :] if found else _after_time(text)
    return _ADVERBS.sub("", rest)


def _after_time(text: str) -> str:
    """What is told after a time or an occasion that no comma sets off: `After every rollback write a note`."""
    if not _OCCASION.match(text):
        return text
    words = text.split(" ")
    for place in range(2, min(len(words) - 1, _FAR)):
        is_verb = words[place] in OPENERS and words[place - 1] not in _BEFORE_NOUNS
        if is_verb and words[place + 1] in _OBJECTS:
            return " ".join(words[place:])
    return text
