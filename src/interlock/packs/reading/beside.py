# SPDX-License-Identifier: Apache-2.0
"""Names that stand beside or above what is to be done: in brackets, behind a dash, before a colon, in a title.

One such name may be anything; several in the same place are people, and so is one that only people can be called.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from interlock.packs.reading.deeds import TRADE
from interlock.packs.reading.lexicon import ATTESTING, OPENERS, PERFECT, THIRD, cut
from interlock.packs.reading.little import CLOSED, PREPOSITIONS
from interlock.packs.reading.passages import Form, Passage
from interlock.packs.reading.roles import departments_in, is_no_name, people_in
from interlock.packs.reading.slots import SURE, is_somebody
from interlock.packs.reading.topics import Topic, topic_of

_SEVERAL: Final = 2
_LONGEST: Final = 3
_NAME: Final = r"[^\W\d_][\w&'\u2019-]*(?: [\w&'\u2019-]+){0,2}"
_AHEAD: Final = "ahead"
_MARKS: Final = {
    _AHEAD: re.compile(rf"^[(\[](?P<who>{_NAME})[)\]]\s+(?=\S)"),
    "brackets": re.compile(
        rf"\S\s+[(\[](?P<who>{_NAME})(?:, (?:by|at|before|after|within|until|on|in|for|daily|twice|once)\b"
        r"[^()]{0,30})?"
        r"[)\]]\W*$"
    ),
    "arrow": re.compile(rf"\S\s+(?:→|->|=>)\s*(?P<who>{_NAME})[.]?$"),
    "dash": re.compile(rf"\S\s+[\u2013\u2014-]\s+(?P<who>{_NAME})[.]?$"),
}
_ASIDE: Final = frozenset(
    "optional required mandatory manual manually automated automatic recommended new all both once twice again "
    "draft wip todo done final staging production prod dev test beta canary major minor patch linux windows macos "
    "mac ios android only daily weekly monthly yearly early late if when see monday tuesday wednesday thursday "
    "friday saturday sunday january february march april may june july august september october november december "
    "english german french am pm utc cet est left right".split()
)
_TRADE: Final = re.compile(r"(?:[a-z]{3,} )?[a-z]{4,}(?:eer|ster|ler|ner|per|tor|gist|yst|wart|meister)$")
OF_TITLE: Final = re.compile(
    r"^(?:(?:(?i:part|section|phase|stage|block|step|chapter) )?[A-Z\d][\d.]*(?:[.:)]| ?[\u2013\u2014-]|(?<=\d)) )?(?:"
    r"(?i:(?:[\w-]+ ){0,2}(?:to be )?(?:completed|done|filled (?:in|out)|signed|carried out|performed|handled|executed"
    r"|prepared|provided|entered|checked|made|run|owned|led)(?: only)? by (?:the |our )?)(?P<by>[^\W\d_][\w&' -]{1,30})"
    r"|"
    r"(?i:what (?:the |our )?)(?P<does>[^\W\d_][\w&' -]{2,30}?)(?i: (?:does|do|must do|has to do|decides?|signs?))"
    r"|(?i:for |tasks (?:of|for) |duties of |checklist (?:of|for) |by )(?i:the |our )(?P<task>[^\W\d_][\w&' -]{2,30})"
    r"|(?i:the )?(?P<whose>[^\W\d_][\w& -]{2,30})['\u2019]s? (?i:tasks|part|duties|list|checklist|job|steps)"
    r")\??$"
)
"""`What the bosun does`, `For the bosun`, `The bosun's part`."""
_BARE: Final = re.compile(r"^(?P<article>(?i:the |our )?)(?P<who>[^\W\d_][\w&'-]*(?: [\w&'-]+){0,2}):?$")
SIGNING: Final = re.compile(
    r"\b(?:signs?|signed|sign-?offs?|signatures?|signatory|signatories|approvals?|approvers?"
    r"|who (?:signs|approves|decides))\b",
    re.IGNORECASE,
)
_REPLY: Final = re.compile(r"(?: (?:does|do|is|may|can|must|decides?|only|alone))?[.!]?$")
_JOINED: Final = re.compile(r"[A-Z]\w+ (?:and|or) [A-Z]")
"""`Sebastian or Yui` are two."""
_ALSO: Final = re.compile(r",? (?:or|and) |, ")
_ARTICLE: Final = re.compile(r"^(?i:the|an?|our|only the) ")
_LABEL: Final = re.compile(rf"^(?:[\d:.]+ )?(?P<who>{_NAME}): +(?P<rest>\S.*)$")
_SHALL: Final = frozenset("must may can shall will has does".split())


def beside(found: Iterable[Passage]) -> Iterator[tuple[str, int]]:
    """Everybody who stands so, and how much speaks for it that they are people."""
    passages = tuple(found)
    written = tuple(one.text for one in passages if one.form is not Form.ROW)
    titles = dict.fromkeys(heading.text for one in passages for heading in one.headings)
    yield from _marked(written)
    yield from _titled(titles)
    yield from _siblings(passages)
    yield from _leads(passages)
    yield from _labels(written)
    for one in passages:
        yield from _above(one)


def _marked(texts: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    named = [
        (mark, match["who"])
        for text in texts
        for mark, pattern in _MARKS.items()
        for match in pattern.finditer(text)
        if _is_in_place(match["who"], mark) and not _JOINED.search(match["who"])
    ]
    every, often = Counter(mark for mark, _ in named), Counter(named)
    sure = Counter(mark for mark, who in named if who[0].isupper() or _is_role(who))
    again = {mark for mark, who in named if often[mark, who] >= _SEVERAL or _is_role(who)}
    for mark, who in named:
        is_habit = sure[mark] >= _SEVERAL if who[0].isupper() else mark in again and every[mark] > _SEVERAL
        is_trade = _is_trade(who.lower()) and mark in ("brackets", _AHEAD)
        if is_habit or is_trade or who[0].isupper():
            yield who, SURE if is_habit or is_trade else 1


def _is_trade(who: str) -> bool:
    """`The log names it (night assistant)`: two words, and the second is made like a name of a trade."""
    words = who.split()
    return bool(_TRADE.match(who)) or (len(words) > 1 and bool(TRADE.fullmatch(words[-1])) and is_somebody(words))


def _siblings(passages: tuple[Passage, ...]) -> Iterator[tuple[str, int]]:
    """`Reviewer`, `Design`, `Release buddy`, each above what they do: where most titles of a rank are of people."""
    below: dict[tuple[tuple[str, ...], int], dict[str, None]] = {}
    for one in passages:
        for place, heading in enumerate(one.headings):
            above = tuple(title.text for title in one.headings[:place])
            below.setdefault((above, heading.rank), {})[heading.text] = None
    for (above, _), titles in below.items():
        sure = [title for title in titles if (0, len(title)) in people_in(title)]
        if len(sure) >= _SEVERAL and _SEVERAL * len(sure) >= len(titles):
            yield from ((title, SURE) for title in titles if (0, len(title)) in departments_in(title.lower(), []))
        if above and topic_of(above[-1]) is Topic.ROLES and any(map(_is_role, titles)):
            yield from ((title, SURE) for title in titles if len(title.split()) <= _LONGEST and _is_no_remark(title))


def _leads(passages: tuple[Passage, ...]) -> Iterator[tuple[str, int]]:
    """`Studio Nine (that is us):`, `Harbour IT:`, each above what they do: where one of them is somebody, all are."""
    below: dict[tuple[str, ...], dict[str, list[bool]]] = {}
    for one in passages:
        lead = one.above[-1] if one.above and one.above[-1].form is Form.LEAD else None
        named = _LEAD.match(lead.text) if lead else None
        if named and _may_be_called(named["who"]) and PREPOSITIONS.isdisjoint(named["who"].lower().split()):
            titles = tuple(heading.text for heading in one.headings)
            below.setdefault(titles, {}).setdefault(named["who"], []).append(_tells_what(one.text))
    for leads in below.values():
        charged = [who for who, does in leads.items() if _SEVERAL * sum(does) >= len(does)]
        if len(charged) >= _SEVERAL and any(map(_is_role, charged)):
            yield from ((who, SURE) for who in charged if " " in who or _is_role(who))


_LEAD: Final = re.compile(r"^(?P<who>[A-Z][\w&'\u2019-]*(?: [\w&'\u2019-]+){0,2})(?: \([^()]*\))?:$")


def _titled(titles: Iterable[str]) -> Iterator[tuple[str, int]]:
    """`The day before (yard planner)`: who does all that stands below."""
    named = [match["who"] for title in titles for match in _MARKS["brackets"].finditer(title)]
    may_be = [who for who in named if _is_in_place(who, "brackets") and not who.isupper()]
    are_habit = len(may_be) == len(named) and any(map(_is_role, may_be))
    are_names = len(may_be) == len(named) >= _SEVERAL and all(who.isalpha() and who.istitle() for who in named)
    yield from ((who, SURE) for who in may_be if are_habit or are_names or _TRADE.match(who.lower()))


def _is_in_place(who: str, mark: str) -> bool:
    """Whether this may be somebody's name; what stands ahead of a task may be called like a thing: `(Search)`."""
    return _is_no_remark(who) and (mark == _AHEAD or is_somebody(who.lower().split()))


def _is_no_remark(who: str) -> bool:
    words = who.lower().split()
    is_said = words[-1].endswith(("ed", "ly")) or words[-1] in PERFECT or is_no_name(words[0])
    is_order = words[0] in OPENERS and len(words) > 1 and not _is_role(who)
    does = any(word in THIRD or word in ATTESTING for word in words[1:])
    return not ({*words} & _ASIDE or is_said or is_order or does)


def _may_be_somebody(who: str) -> bool:
    return _is_no_remark(who) and is_somebody(who.lower().split())


def _is_role(who: str) -> bool:
    return bool(people_in(who) or departments_in(who.lower(), []))


def _above(one: Passage) -> Iterator[tuple[str, int]]:
    """Whom the title or the lead that it stands below names as those who do it."""
    titles = (*(heading.text for heading in one.headings[-1:]), *(lead.text for lead in one.above[-1:]))
    words = cut(one.text)
    for title in titles:
        charged, bare = OF_TITLE.match(title.rstrip(":")), _BARE.match(title)
        who = next(filter(None, charged.groups())) if charged else ""
        if who and _may_be_somebody(who):
            yield who, SURE
        is_told = words.first in THIRD and not words.opener and len(words.all) > 1
        if bare and is_told and _may_be_somebody(bare["who"]):
            yield bare["who"], SURE if bare["article"] else 1
    if titles and one.form in (Form.BOX, Form.ITEM) and SIGNING.search(titles[-1]) and _signs(one.text):
        yield one.text, SURE
    if titles and titles[0].lower().startswith("who ") and not one.above and one.form is Form.SENTENCE:
        yield from ((name, SURE) for name in answering(one.text))


def _signs(text: str) -> bool:
    return text[:1].isupper() and len(text.split()) <= _LONGEST and _may_be_somebody(text)


def answering(text: str) -> tuple[str, ...]:
    """Everybody whom a short answer to a question names: `The bosun or Tomasz.`"""
    names = tuple(_ARTICLE.sub("", part) for part in _ALSO.split(_REPLY.sub("", text)))
    return names if all(_BARE.match(name) and _may_be_somebody(name) for name in names) else ()


def _labels(texts: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """`Rigging: copy the image`: who is named before what they do, and again before something else."""
    said = [match for text in texts for match in _LABEL.finditer(text)]
    does = [match["who"] for match in said if _tells_what(match["rest"]) and _may_be_called(match["who"])]
    often = Counter(does)
    if len(does) >= _SEVERAL and (max(often.values()) >= _SEVERAL or any(map(_is_role, does))):
        yield from ((who, SURE) for who in often)


def _tells_what(rest: str) -> bool:
    words = cut(rest)
    return bool(words.opener) or (words.first in THIRD and words.first not in _SHALL)


def _may_be_called(who: str) -> bool:
    first = who.lower().split()[0]
    is_order = first in OPENERS and not _is_role(who)
    return not is_order and first not in CLOSED and _may_be_somebody(who)


_SIGNED_LINE: Final = re.compile(
    r"^(?!(?i:date|name|place|signature|signed|initials|time|version|title|ticket|comments?|reason|result|start|end)s?\b)"
    r"(?P<who>[A-Z][\w&/ -]{1,40}?) ?: ?[_. ]*(?:\([^()]{2,30}\) ?)?(?:(?i:date|signature|signed|initials)"
    r"(?: ?/ ?(?i:date|signature))?:? ?[_. /]*){1,3}(?:\([^()]{2,60}\))?$"
)
"""`Head rigger: ________ Date: ______`: somebody, and the place where they sign; what is drawn there was left out."""


_PLACE: Final = re.compile(r"^(?P<who>[A-Z][\w&/ -]{1,40}?) ?:[_. ]*$")
_SIGN_HERE: Final = re.compile(
    r"^(?:please )?(?:sign(?:ed|atures?)?|sign-?offs?|approvals?|approved by|sign(?:ed)? (?:here|off|by|off by))[:.]?$",
    re.IGNORECASE,
)
"""`Sign here:`, above the places to do it."""


def signing_line(one: Passage) -> str:
    """Who signs on this line, below a title that asks for it or by what they are called; empty: nobody does."""
    found = _SIGNED_LINE.match(one.text)
    titles = (*(heading.text for heading in one.headings[-1:]), *(lead.text for lead in one.above[-1:]))
    if found is None:
        place = _PLACE.match(one.text) if one.form is Form.ITEM and not one.has_parts else None
        is_place = place is not None and any(map(_SIGN_HERE.match, titles))
        return place["who"] if place and is_place and _is_role(place["who"]) else ""
    is_asked = any(SIGNING.search(title) or topic_of(title) in _DECIDED for title in titles)
    return found["who"] if is_asked or _is_role(found["who"]) else ""


_DECIDED: Final = (Topic.APPROVAL, Topic.AUTHORITY)
