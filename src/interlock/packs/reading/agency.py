# SPDX-License-Identifier: Apache-2.0
"""Who acts in a document, found by where their names stand: roles that no list of words knows.

A name counts where only people can stand: after `by` and what was done, in brackets beside a task, before what
somebody does. One plain place is enough, of the others it takes two. What it is called does not matter.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from interlock.packs.reading.clauses import doers
from interlock.packs.reading.lexicon import OPENERS, PERFECT
from interlock.packs.reading.passages import Form, Passage
from interlock.packs.reading.roles import (
    THINGS,
    departments_in,
    is_no_name,
    lowered,
    people_in,
    slug,
)
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.topics import Topic, topic_of

_ENOUGH: Final = 2
"""So many signs make a role."""
_END: Final = (
    r"(?=\s*(?:$|[.,;:()!?\u2013—]|\s(?:and|or|of|who|that|which|before|after|within|in|on|at|for|to|with|from|until|if"
    r"|when|once|only|every|each|as|via|using|is|are|has|have|must|shall|may|can|during|per|by|not|unless|then"
    r"|while|without|against|under|the|an?|beforehand|afterwards|first|too|directly|personally|again|instead|also)\b))"
)
_BY: Final = sought(
    r"(?P<done>[a-z-]{2,}) (?:(?:up|out|over|off|on|in|through|down|again|jointly|personally|also) )?by "
    r"(?P<article>(?:(?:the|an?|our|your|any|each|another|all|every|both|either|one|two|three|at least) )*)"
    rf"(?P<who>[a-z][a-z&'-]+(?: [a-z][a-z&'-]+){{0,3}}?){_END}"
)
_DONE: Final = sought(r"(?:ed|own|awn|orn|ept|ent|elt|uilt|ade|one|ken|ven|tten|ought|aught|old|ung|gun|un|ut|ead|et)$")
_BEFALLS: Final = frozenset(
    "caused triggered affected followed backed blocked replaced covered limited protected guarded driven delayed "
    "preceded accompanied separated required generated produced touched hit reduced increased raised lowered "
    "multiplied "
    "divided sorted grouped identified named referenced due set".split()
)
"""What things do, too: who stands after it is nobody."""
_NO_AGENTS: Final = frozenset(
    "hand hands phone mail email e-mail post default itself themselves design definition law name number numbers day "
    "days noon night morning evening afternoon midnight today tomorrow tonight then now week weeks month hour hours "
    "minutes chance accident mistake far consensus majority vote votes sequence rule rules order means way line lines "
    "item row percent factor pipeline ci cd script scripts job jobs tool tools bot robot cron system systems server "
    "workflow automation machine monitor alert alerts dashboard tests suite check checks command flag config api "
    "database cluster hook trigger event request pr merge commit tag candidate build url ticket form eod cob end "
    "monday tuesday wednesday thursday friday saturday sunday date deadline time start release deployment change "
    "procedure policy document page section step steps list template process plan side region store stage wave batch "
    "whoever whichever member members others people notice notices console car train bus air department parts "
    "agencies another other us them you it him her me someone somebody anyone anybody nobody everyone both phase "
    "cell host hosts "
    "software firmware hardware code customer customers users user failure error name version value hash checksum key "
    "keys one two three".split()
)
_ACT_NOUN: Final = sought(r"(?:tion|sion|ment|ness|ity|age|ance|ence|ure)$")
_BRACKETED: Final = re.compile(
    r"^\((?P<who>[A-Z][\w&-]*(?: [\w&-]+){0,2})\)\s+(?=\S)|\((?P<last>[A-Z][a-z][\w&-]*(?: [A-Z][\w&-]+){0,2}"
    r"|(?:[a-z]{3,} )?[a-z]{4,}(?:eer|ster|ler|ner|per|tor|gist|yst))\)\W*$"
)
_ASIDE: Final = frozenset(
    "optional required mandatory manual manually automated automatic recommended new all both once draft wip todo done "
    "staging production prod dev test beta canary major minor patch linux windows macos mac ios android".split()
)


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
            *_in_hands(text),
            *_first_names(text),
            *_appointed(text),
        ):
            signs[slug(_bare(who))] += worth
    begins = [one.text for one in found if one.form is not Form.ROW and _BRACKETED.match(one.text)]
    for one in found:
        for who in _asked_to_go(one.text):
            signs[slug(who)] += _ENOUGH
        okayed = _OKAY.match(one.text) if one.form is not Form.ROW else None
        if okayed and _is_decided(one):
            signs[slug(okayed["who"])] += _ENOUGH
    is_habit = sum(map(_is_somebody, begins)) >= _ENOUGH
    for text in texts:
        for who in _in_brackets(text):
            signs[slug(who)] += _ENOUGH if (is_habit and text.startswith("(")) or who.islower() else 1
    return frozenset(who for who, worth in _together(signs).items() if who and worth >= _ENOUGH)


def _together(signs: Counter[str]) -> Counter[str]:
    """The signs of several of them counted with those of one."""
    for who in [who for who in signs if who.endswith("s") and who.removesuffix("s") in signs]:
        signs[who.removesuffix("s")] += signs.pop(who)
    return signs


def called_shortly(known: frozenset[str], found: Iterable[Passage]) -> frozenset[str]:
    """`The warden`, of whom the document speaks as the release warden elsewhere."""
    last = {one.rpartition("-")[2] for one in known if "-" in one}
    short = {one for one in last if _is_trade(one) or one.endswith(_TRADES)} - THINGS - _NO_AGENTS
    said = " ".join(passage.text for passage in found).lower() if short else ""
    return frozenset(one for one in short if f"the {one} " in said)


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
    if " by " not in text:
        return
    low = lowered(text)
    for found in _BY.finditer(low):
        if _IS_NOUN.search(low[: found.start()]):
            continue
        is_done = bool(_DONE.search(found["done"])) or found["done"] in PERFECT
        words = found["who"].split()
        is_act = _is_gerund(words[-1])
        if not (is_done or found["article"]) or _is_no_agent(words) or (_ACT_NOUN.search(words[-1]) and not is_done):
            continue
        if found["done"] in _BEFALLS:
            continue
        yield found["who"], 1 if is_act or (found["article"] and not is_done) else _ENOUGH


_IS_NOUN: Final = sought(r"\b(?:the|an?|this|that|each|every|our|your) $")
"""What stands after an article is a thing and was not done: `signs the sheet by the door`."""


def _is_no_agent(words: list[str]) -> bool:
    last = words[-1]
    if {last, last.removesuffix("s")} & _NO_TRADES:
        return True
    return last in _NO_AGENTS or last in THINGS or last in PERFECT or last == "of"


def _is_gerund(word: str) -> bool:
    stem = word.removesuffix("ing")
    return stem != word and (stem in OPENERS or f"{stem}e" in OPENERS or stem[:-1] in OPENERS)


_HANDS: Final = sought(
    r"\b(?:reserved (?:to|for)|falls to|rests with|lies with|(?:is|are) (?:up|left) to|(?:responsibility|duty"
    r"|task|job|discretion"
    r"|authority|decision) of|(?:consent|permission|agreement|blessing) (?:of|from)"
    r"|(?:ok|okay|nod|word|approval|go-ahead|sign-?off|clearance|signature|confirmation) from) (?:the|an?|our|your) "
    rf"(?P<who>[a-z][a-z&-]+(?: [a-z][a-z&-]+){{0,2}}?){_END}"
    r"|\b(?:the|an?|our|your) (?P<whose>[a-z][a-z&-]+(?: [a-z][a-z&-]+){0,2})['\u2019]s? "
    r"(?:written |explicit |prior |formal |verbal )?(?:ok|okay|nod|word|consent|approval|go-ahead|sign-?off|permission"
    r"|agreement|blessing|signature|decision|say|yes|initials|acceptance|clearance)\b"
    r"|\bonly (?:the|an?|our) (?P<may>[a-z][a-z&-]+(?: [a-z][a-z&-]+){0,2}?) (?:may|can|is (?:allowed|permitted) to) "
    r"(?!be\b)[a-z]+"
    r"|^(?:the |our )?(?P<charged>[a-z][a-z&-]+(?: [a-z][a-z&-]+){0,2}?) (?:is|are) (?:jointly |solely )?(?:responsible"
    r"|accountable|in charge)\b|^(?:the|our) (?P<say>[a-z][a-z&-]+(?: [a-z][a-z&-]+){0,2}?) has (?:the (?:final"
    r"|last) (?:word|say)|an? (?:veto"
    r"|say)|to (?:agree|approve|sign|consent))\b"
)
"""Where something is in somebody's hands: `the consent of the works council`, `only the keeper may`."""


def _in_hands(text: str) -> Iterator[tuple[str, int]]:
    low = lowered(text)
    for found in _HANDS.finditer(low):
        who = next(filter(None, found.groups()))
        words = who.split()
        if _is_no_agent(words) or any(word in _NO_PLACE for word in words) or _ACT_NOUN.search(words[-1]):
            continue
        yield who, 1 if found["may"] and not _is_trade(words[-1]) else _ENOUGH


_FIRST_NAMES: Final = (
    (
        re.compile(
            r"(?<!\w)(?P<who>[A-Z][a-z]{2,})['\u2019]s (?:ok|okay|yes|nod|blessing|approval|sign-?off|consent)\b"
        ),
        2,
    ),
    (
        re.compile(
            r"\b(?:yes|ok|okay|nod|go-ahead|blessing|thumbs-up|consent) (?:from|of) (?P<who>[A-Z][a-z]{2,})(?!\w)"
        ),
        2,
    ),
    (
        re.compile(
            r"\b(?:[Aa]sk|[Cc]all|[Pp]hone|[Ww]ake|[Tt]ell) (?P<who>[A-Z][a-z]{2,})(?=$|[.,;:!?)]| (?:to|if"
            r"|first|and|or)\b)"
        ),
        1,
    ),
)
"""Where people are called by their name: `Maria's okay`, `ask Ben`."""


def _first_names(text: str) -> Iterator[tuple[str, int]]:
    for pattern, worth in _FIRST_NAMES:
        for found in pattern.finditer(text):
            if not _is_no_agent([found["who"].lower()]):
                yield found["who"], worth


_NO_PLACE: Final = frozenset(
    "release team's change there here who right same other own only previous following whole first second last "
    "next is are was not "
    "and or to of for this that".split()
)


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
        if any(who not in THINGS for who in names):
            yield from ((who, _ENOUGH) for who in names)
    for found in _OF_THEM.finditer(low) if " from " in low or " in " in low else ():
        if not _is_no_agent([found["who"]]):
            yield found["who"], _ENOUGH
    for found in _ONE_OF.finditer(low):
        if not _is_no_agent(found["who"].split()):
            yield found["who"], _ENOUGH


def _is_trade(who: str) -> bool:
    return who.endswith(("er", "or", "ist")) and not who.endswith("over") and who not in _NO_TRADES


_NO_TRADES: Final = frozenset(
    "major minor prior senior junior higher lower later earlier newer older larger smaller bigger longer shorter "
    "faster "
    "slower fewer proper former latter inner outer upper error mirror vector factor floor door motor color "
    "weather after other either whether never however under over order number paper user customer".split()
)


def _in_brackets(text: str) -> Iterator[str]:
    if "(" not in text:
        return
    for found in _BRACKETED.finditer(text):
        who = found["who"] or found["last"]
        words = who.lower().split()
        if not {*words} & _ASIDE and not (who.islower() and (_is_no_agent(words) or is_no_name(words[0]))):
            yield who


def _is_somebody(text: str) -> bool:
    found = _BRACKETED.match(text)
    who = (found["who"] or "") if found else ""
    return bool(people_in(who) or departments_in(who.lower(), []))
