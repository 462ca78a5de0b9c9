# SPDX-License-Identifier: Apache-2.0
"""Who acts in a document, found by where their names stand: roles that no list of words knows.

A name counts where only people can stand: after `by` and what was done, in brackets beside a task, before what
somebody does. One plain place is enough, of the others it takes two. What it is called does not matter.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from interlock.packs.reading.beside import beside
from interlock.packs.reading.clauses import doers
from interlock.packs.reading.deeds import BASES, THIRDS
from interlock.packs.reading.firstnames import first_names, may_be_first_name
from interlock.packs.reading.handles import handles_of
from interlock.packs.reading.labels import LEAD
from interlock.packs.reading.leading import addressed
from interlock.packs.reading.lexicon import PERFECT
from interlock.packs.reading.passages import Form, Passage
from interlock.packs.reading.roles import (
    is_no_name,
    lowered,
    named_in,
    slug,
)
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.slots import is_somebody, named_after_by, slots
from interlock.packs.reading.things import NO_AGENTS, SOUNDING, is_act, is_thing
from interlock.packs.reading.topics import Topic, topic_of

_ENOUGH: Final = 2
"""So many signs make a role."""
_END: Final = (
    r"(?=\s*(?:$|[.,;:()!?\u2013—]|\s(?:and|or|of|who|that|which|before|after|within|in|on|at|for|to|with|from|until|if"
    r"|when|once|only|every|each|as|via|using|is|are|has|have|must|shall|may|can|during|per|by|not|unless|then"
    r"|while|without|against|under|the|an?|beforehand|afterwards|first|too|directly|personally|again|instead|also"
    r"|[a-z]{3,}(?<!s)s (?:the|an?|every|each|all|it))\b))"
)
_DONE: Final = sought(r"(?:ed|own|awn|orn|ept|ent|elt|uilt|ade|one|ken|ven|tten|ought|aught|old|ung|gun|un|ut|ead|et)$")
_BEFALLS: Final = frozenset(
    "caused triggered affected followed backed blocked replaced covered limited protected guarded driven delayed "
    "preceded accompanied separated required generated produced touched hit reduced increased raised lowered "
    "multiplied "
    "divided sorted grouped identified named referenced due set".split()
)
"""What things do, too: who stands after it is nobody."""
_ACT_NOUN: Final = sought(r"(?:tion|sion|ment|ness|ity|age|ance|ence|ure)$")


def _doing(text: str) -> Iterator[tuple[str, int]]:
    """Who is the subject of what somebody does."""
    for one in doers(text):
        who = text[one.begin : one.end]
        if one.worth and not _is_no_agent(who.lower().split()):
            yield who, one.worth


def acting(found: Iterable[Passage]) -> frozenset[str]:
    """The roles of a document that it names by what they do."""
    signs: Counter[str] = Counter()
    texts = [text for one in found for text in (one.text, *(cell for _, cell in one.cells[1:]))]
    for text in texts:
        for who, worth in (
            *_agents(text),
            *_doing(text),
            *((text[one.begin : one.end], one.worth) for one in slots(text)),
            *_appointed(text),
        ):
            signs[slug(_bare(who))] += worth
    for who in (who for one in found for who in _plainly(one)):
        signs[slug(who)] += _ENOUGH
    for who, worth in (*beside(found), *first_names(found)):
        signs[slug(who)] += worth
    sure = frozenset(who for who, worth in _together(signs).items() if who and worth >= _ENOUGH)
    return sure | frozenset(_beside_known(texts, sure | handles_of(found)))


def _plainly(one: Passage) -> Iterator[str]:
    """Whom a passage speaks to, explains, or asks to decide: one such place is enough."""
    yield from _explained(one.text)
    yield from _asked_to_go(one.text)
    if one.form is Form.ROW:
        return
    who, okayed = addressed(one.text), _OKAY.match(one.text)
    if who:
        yield who
    if okayed and _is_decided(one):
        yield okayed["who"]


_PAIR: Final = re.compile(
    r"(?<![\w-])(?P<one>@?[\w-]+),? \(?(?:or|and|&|\+|plus) (?P<other>@?[\w-]+)(?![\w-]|['\u2019]| [A-Z])"
)


def _joins(text: str) -> bool:
    """A quick look before the slow one."""
    return " or " in text or " and " in text or " & " in text or " + " in text or " plus " in text


def _beside_known(texts: Iterable[str], known: frozenset[str]) -> Iterator[str]:
    """`Jolien or @sef`: what is joined are likes, and one of them is known for somebody."""
    for match in (match for text in texts if _joins(text) for match in _PAIR.finditer(text)):
        one, other = match["one"], match["other"]
        for who, like in ((one, other), (other, one)):
            if slug(like) in known and may_be_first_name(who) and (like[0] == "@" or like.istitle()):
                yield slug(who)


def _together(signs: Counter[str]) -> Counter[str]:
    """The signs of several of them counted with those of one."""
    for who in [who for who in signs if who.endswith("s") and who.removesuffix("s") in signs]:
        signs[who.removesuffix("s")] += signs.pop(who)
    return signs


def called_shortly(known: frozenset[str], found: Iterable[Passage]) -> frozenset[str]:
    """`The warden`, of whom the document speaks as the release warden elsewhere."""
    last = {one.rpartition("-")[2] for one in known if "-" in one}
    short = {one for one in last if _is_trade(one) or one.endswith(_TRADES)} - SOUNDING - NO_AGENTS
    short |= {one.removesuffix(there) for one in known for there in _THERE if one.endswith(there)}
    said = " ".join(passage.text for passage in found).lower() if short else ""
    called = frozenset(one for one in short if f"the {one} " in said or f" a {one} " in said)
    return called | (frozenset(_leads(found)) if LEAD in known else frozenset())


def _leads(found: Iterable[Passage]) -> Iterator[str]:
    """Every lead with a name of their own, where one is called so shortly."""
    return (name for one in found for name in named_in(one.text) if name.endswith(f"-{LEAD}"))


_THERE: Final = ("-on-duty", "-on-shift", "-on-call", "-in-charge")
_TRADES: Final = ("ist", "ian", "man", "woman", "eer", "en", "ent", "ant", "st")
_GO: Final = re.compile(
    r"^(?:T ?[-+]\w+ )?[Gg]o ?(?:/|or) ?no[ -]?go: (?P<names>[A-Za-z][\w-]*(?: [\w-]+){0,2}"
    r"(?:(?:, | and | \+ )[A-Za-z][\w-]*(?: [\w-]+)?)*)\.?$"
)
_ALSO: Final = re.compile(r", | and | \+ ")


def _asked_to_go(text: str) -> list[str]:
    """`Go or no-go: chief physician and operations`: whoever is asked is somebody."""
    asked = _GO.match(text)
    return _ALSO.split(asked["names"]) if asked else []


_SOMEBODY: Final = (
    r"(?:whoever|who\b|someone|somebody|anyone|the (?:person|one|engineer|colleague|member|developer|maintainer"
    r"|operator) (?:who|that|on|in|at|with)\b|an? (?:second |third |other |different |senior |fellow )?(?:person"
    r"|engineer|colleague|developer|maintainer|teammate|volunteer|technician|operator|member of)\b)"
)
_IS_SOMEBODY: Final = sought(
    rf"(?:^|[.;:] )(?:[Tt]he|[Oo]ur|[Aa]n?) (?P<who>[a-z][a-z-]+(?: [a-z-]+){{0,2}}) is {_SOMEBODY}"
)
_FIRST: Final = r"[A-Z][\w'\u2019-]+ ?(?:\([^()]{2,40}\))?"
_STAFF: Final = sought(
    r"\b(?:people|persons|of us|colleagues|maintainers|engineers|developers|volunteers)\b[^:.;]{0,30}: "
    rf"(?P<names>{_FIRST}(?:(?:,| and|, and) {_FIRST}){{1,5}})(?=[.;]|$)"
)
_ASIDE: Final = re.compile(r"\([^()]*\)")


def _explained(text: str) -> Iterator[str]:
    """`The spotter is a second engineer`, `Three people work here: Ida (code), Omar and Pia`: who somebody is."""
    yield from (match["who"] for match in _IS_SOMEBODY.finditer(text))
    for match in _STAFF.finditer(text):
        yield from (name.strip() for name in re.split(r",? and |, ", _ASIDE.sub("", match["names"])))


_OKAY: Final = re.compile(r"^(?P<who>[A-Z][\w&-]+(?: [\w&-]+){0,3}): (?:OK|ok|okay|go|Go|GO|yes|Yes)[.!]?$")


def _is_decided(one: Passage) -> bool:
    titles = (*(heading.text for heading in one.headings[-1:]), *(lead.text for lead in one.above[-1:]))
    return any(topic_of(title) in (Topic.APPROVAL, Topic.AUTHORITY) for title in titles)


def _bare(who: str) -> str:
    """A name without what tells one of them from another: the `affected` service owner."""
    words = who.split()
    while words and is_no_name(words[0]):
        words = words[1:]
    return " ".join(words)


def _agents(text: str) -> Iterator[tuple[str, int]]:
    """Who stands behind `by` and what was done, at once or in the same clause: `Put on the share by the rigger`."""
    for found in named_after_by(text):
        before = lowered(text[: found.start()])
        is_told = bool(_EARLIER.search(before))
        if _IS_NOUN.search(before) and not is_told:
            continue
        words = found["who"].lower().split()
        done = found["done"].lower()
        is_done = bool(_DONE.search(done)) or done in PERFECT
        is_one = is_somebody(words) or (is_act(words[-1]) and is_done)
        is_unit = len(words) > 1 and all(word[0].isupper() for word in found["who"].split())
        if not is_one or done in _BEFALLS or (_ACT_NOUN.search(words[-1]) and not (is_done or is_unit)):
            continue
        is_named = bool(found["article"]) or found["who"][0].isupper()
        if is_done or is_named:
            yield found["who"], _ENOUGH if (is_told or is_done) and not is_act(words[-1]) else 1


_EARLIER: Final = sought(
    r"\b(?:[a-z]{2,}(?:ed|ing|tion|al|ment)|put|set|cut|sent|taken|done|made|built|written|given|kept|read|shut)\b"
    r"[^.,;:]*$"
)
"""What was or is done, further ahead in the clause."""
_IS_NOUN: Final = sought(r"\b(?:the|an?|this|that|each|every|our|your) $")
"""What stands after an article is a thing and was not done: `signs the sheet by the door`."""


def _is_no_agent(words: list[str]) -> bool:
    last = words[-1]
    if {last, last.removesuffix("s")} & _NO_TRADES:
        return True
    return last in NO_AGENTS or last in SOUNDING or last in PERFECT or last == "of"


_NAMES: Final = sought(
    r"\b(?:appoints?|nominates?|designates?|names?|assigns?) (?:an?|one|the) (?P<who>[a-z][a-z-]+)"
    r"(?:(?:,| and|, and) (?:an?|one) (?P<also>[a-z][a-z-]+))?(?=[.,;:)]|$| (?:for|who|to|of|from|and|before|within)\b)"
)
_ONE_OF: Final = sought(
    r"\bby (?:somebody|someone|anyone|(?:one|a|two) (?:person|people|colleagues?|members?)) (?:from|of"
    r"|in) (?:the |our )?"
    r"(?!(?:another|other|outside|each|every|different|your|this|that|an?|either|both|any|person|charge|turn"
    r"|them|us)\b)"
    rf"(?P<who>[a-z][a-z&-]+(?: [a-z][a-z&-]+){{0,2}}?){_END}"
)
"""`Read by somebody from the hotline`."""
_OF_THEM: Final = sought(
    r"\b(?:somebody|someone|(?:one|a) (?:person|colleague|member)|people) (?:from|in) (?:the )?"
    r"(?!(?:another|other|outside|each|every|different|your|our|this|that|an?|either|both"
    r"|any|person|charge|turn|time|advance|production|staging)\b)(?P<who>[a-z][a-z-]{3,})(?= [a-z-]+s\b)"
)
"""`Someone from analytics looks`: what people are of."""


def _appointed(text: str) -> Iterator[tuple[str, int]]:
    """Who is named for a task, or is one of a department."""
    low = lowered(text)
    for found in _NAMES.finditer(low):
        names = [who for who in found.groups() if who and _is_trade(who)]
        if any(who not in SOUNDING for who in names):
            yield from ((who, _ENOUGH) for who in names)
    of_some = _OF_THEM.finditer(low) if " from " in low or " in " in low else ()
    for found in (*of_some, *_ONE_OF.finditer(low)):
        if not _is_no_agent(found["who"].split()):
            yield found["who"], _ENOUGH
    is_of_several = "colleagues " in low or "people " in low or "members " in low
    sounding = (found["who"] for found in _SOUNDS.finditer(low) if found["who"] in SOUNDING)
    yield from ((who, _ENOUGH) for who in (*(_of_several(low) if is_of_several else ()), *sounding))


_SEVERAL: Final = sought(
    r"\b(?:two|three|four|some|several|the|our|all) (?:people|colleagues|members) (?:from|of|in) (?:the |our )?"
    r"(?!(?:another|other|outside|each|every|different|your|this|that|an?|either|both|any|charge|turn) )"
    r"(?P<words>(?:[a-z][a-z&-]+ ){2,4})"
)


def _of_several(low: str) -> Iterator[str]:
    """`Two colleagues from branch support click through it`: what they are of, up to what they do."""
    for found in _SEVERAL.finditer(low):
        words = found["words"].split()
        ends = next((at for at, word in enumerate(words) if at and (word in BASES or word in THIRDS)), 0)
        if ends and not _is_no_agent(words[:ends]) and not is_thing(words[ends - 1]):
            yield " ".join(words[:ends])


_SOUNDS: Final = sought(
    r"\bthe (?:(?:second|first|duty|other|head|chief) )?(?P<who>[a-z]{5,}(?:er|or))(?: [\w-]+){0,10}?"
    r" (?:initials|countersigns|signs|rings|phones|walks|agrees|apologises) (?:the|it|them|each|every|off|to|his|her)\b"
)
"""`The printer reads the proof and initials it`: what is mostly a machine is somebody who does what only people do."""


def _is_trade(who: str) -> bool:
    return who.endswith(("er", "or", "ist")) and not who.endswith("over") and who not in _NO_TRADES


_NO_TRADES: Final = frozenset(
    "major minor prior senior junior higher lower later earlier newer older larger smaller bigger longer shorter "
    "faster "
    "slower fewer proper former latter inner outer upper error mirror vector factor floor door motor color "
    "weather after other either whether never however under over order number paper user customer".split()
)
