# SPDX-License-Identifier: Apache-2.0
"""Names of roles: a noun of people (`manager`, `lead`, `officer`) with what stands before it, or a department.

Whether somebody in that role acts is not asked here.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final
from unicodedata import normalize

from interlock.packs.reading.callings import DEPARTMENTS, HEADS, LOUD, MODIFIER, SELDOM, WEAK
from interlock.packs.reading.lexicon import OPENERS, THIRD_PERSON
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.things import SOUNDING, is_thing

_STRONG: Final = rf"(?:{MODIFIER}[ -]){{0,4}}(?:{'|'.join(HEADS)})(?:s\b|\b)"
_COMPOUND: Final = rf"(?:{MODIFIER}[ -]){{1,4}}(?:{'|'.join(WEAK)})(?:s\b|\b)"
_HEAD_OF: Final = (
    r"(?:head|vp|vice president|director|chief|officer|manager|owner|chair) (?:of|for)"
    r" (?:(?:the|an?|each|every) (?:[a-z]{4,}(?:ed|ing) )?)?"
    r"(?:(?:department|division|section|unit|branch|office|area|region|district) \d{1,2}(?![\d%]|[.:]\d)|[a-z]+)"
    r"(?: (?:and|&) (?!(?:the|an?|our)\b)[a-z]+)?(?: (?:department|division|team|unit|engineering|success|security"
    r"|operations|support|services?|delivery|experience"
    r"|platform|commerce))?"
)
_VP: Final = r"(?:vp|evp|svp) [a-z]+"
_OTHER: Final = (
    r"first responders?|owners(?= (?:must|should|shall|may|can|will)\b)|stakeholders?"
    r"|(?:code|risk|asset|control|budget|page) ?owners?"
)
PEOPLE: Final = re.compile(
    rf"(?<![\w/-])(?:{_HEAD_OF}|{_VP}|{_STRONG}|{_COMPOUND}|{_OTHER})(?: on duty| on call| in charge)?(?![\w-])"
)
DEPARTMENT: Final = re.compile(
    r"(?<![\w-])(?:(?:trust|health) (?:&|and) safety|(?:people|risk|legal|research) & [a-z]+|(?!(?:the|our|all|any"
    r"|and|for|with|new|other) )[a-z]{3,}[ -](?:relations|affairs|assurance|planning)"
    r"|(?:customer|client|patient|guest)[ -]care|(?:ml|ai|core|mobile|cloud)[ -](?:platform|ops|operations"
    r"|infrastructure)|(?:live|field|store|retail|flight|ground|fleet|network|cloud|game) (?:operations|ops)"
    rf"|{'|'.join(DEPARTMENTS).replace('-', '[ -]')})(?: (?:{'|'.join(DEPARTMENTS)}))?(?![\w-])"
)
_ANY_HEAD: Final = (
    "|".join(
        one
        for one in (
            *HEADS,
            *WEAK,
            *SELDOM,
        )
        if one != "lead"
    )
    + "|[Ll]ead"
)
_CAPITAL: Final = sought(
    rf"(?<![\w/-])(?:[A-Z][\w&'-]*\s+){{1,4}}(?i:(?:{_ANY_HEAD})s?)(?: on duty| on call| in charge)?(?![\w-])"
)
_LOUD: Final = sought(rf"(?<![\w/.-])(?:{'|'.join(LOUD)})(?![\w./-])")
"""`An OWNER approves it`: who is written so needs no word ahead."""
_AGENT: Final = sought(
    r"(?<![\w/-])(?:[A-Z][\w&'-]*\s+){1,3}[A-Z][a-z]{2,}(?:er|or|ist|ian|ant)(?: in charge| on duty"
    r"| on call)?(?![\w-])"
)
_OPENING: Final = re.compile(
    r"^(?:(?:The|A|An|Any|Each|Every|All|If|When|Once|After|Before|No|Only|Our|Your|Final|For|By|From"
    r"|With|Two|One|At|On|In|Ask|Notify|Inform|Alert|Tell"
    r"|Page|Call|Email|Ping|Contact|Get|Obtain|Wait|Request|Assign|Escalate|Have|Ensure|Confirm|Verify"
    r"|Check|Send|Announce|Let|Invite|Remind|Brief|Appoint"
    r"|Nominate|Designate|Either|Both|Another|Second|Post|Involve|Consult|Also|Then|To|And|Or|Of"
    r"|Requires?|Needs?|Via|Through|Written|Pre-approved|Formal|Unless|Until|Meanwhile|Wake|Ring|Phone|While"
    r"|Whenever|Where"
    r"|Afterwards|Later|Next|Finally|First|During|Within|Nobody|Without|Give|Hand|Start|Should|This|That|These|It)\s+)+"
)
_AFTER_BY: Final = sought(
    r"\b(?i:approved|signed(?: off)?|reviewed|authori[sz]ed|confirmed|released|accepted|installed"
    r"|carried out|executed|granted|validated|checked) by "
    r"(?:the |an? |our )?(?P<who>[A-Z][\w&-]+(?: [A-Z][\w&-]+){0,3})"
)
_NO_PEOPLE: Final = frozenset(
    "CI Jenkins GitHub GitLab Argo Renovate Dependabot Monday Tuesday Wednesday Thursday Friday "
    "Saturday Sunday EOD".split()
)
_IT: Final = sought(r"(?<![\w-])IT(?= (?:[a-z]+s|and|must|shall|or)\b)|^IT$")
_THEIR_IT: Final = re.compile(r"(?<![\w/-])(?P<whose>[A-Za-z][a-z]{2,}) IT(?![\w-])")
"""`Plant IT`, `hospital IT`: whose it is belongs to the name."""
_CREW: Final = sought(
    r"(?<![\w/-])(?!(?:the|an?|our|your|this|whole|entire|each|every|same|other|own|another|right|any|one|two"
    r"|per|min|mins|minutes"
    r"|hours?|days?|weeks?|two|three|four|five|more|fewer|many|some|these|those|all|most|such|enough|new|of|by"
    r"|from|for|to|and"
    r"|or|with|in|if|when|no|few|affected|different|which|what|as|tell|ask|call|thank|warn|that|until|least|most|are) )"
    r"[a-z][a-z0-9-]+ (?:(?:team|crew|guild|squad|desk)s?|folks?|people|staff|guys|office)(?! hours)(?![\w-])"
)
"""A team by whatever it does: `the commerce team`."""
_GERMAN: Final = sought(
    r"(?<![\w-])[A-Z\u00c4\u00d6\u00dc][a-z\u00e4\u00f6\u00fc\u00df]{2,}(?:leiter(?:in)?|leitung|manager(?:in)?"
    r"|wart(?:in)?|chef(?:in)?|dienst|techniker(?:in)?|entwickler(?:in)?|abteilung|beauftragte[rn]?"
    r"|verantwortliche[rn]?|meister(?:in)?|pr\u00fcfer(?:in)?|betreuer(?:in)?)(?![\w-])"
)
"""German names of people end in what they do: `Betriebsleiter`."""
_SHORT: Final = 4
"""Names of people so short are mostly something else, too."""
_NAMED: Final = sought(
    r"(?<![\w/-])(?:^(?!(?:the|an?|our|your|each|every|any|another) )|(?:the|an?|our|your|each"
    r"|every|any|another) (?:(?:assigned|designated|respective|relevant) )?)(?P<who>(?:[a-z][a-z-]+ ){1,2}"
    r"(?:leads?|board|committee|departments?|divisions?|(?<=business )units?|compan(?:y|ies)|authorit(?:y|ies)"
    r"|agenc(?:y|ies)|bureau|ministry|facult(?:y|ies)"
    rf"|council|panel|teams?|on-call|heads?|chairs?|(?<!data )cent(?:re|er)s?"
    rf"|(?:fore|chair|watch|ombuds|spokes)(?:man|men|woman|women"
    rf"|person)|[es]?vps?|(?:{'|'.join(one for one in (*HEADS, *WEAK) if len(one) > _SHORT)})s?))"
    r"(?![\w-])"
)
"""Somebody by whatever they lead, own or sit on: `the ranking lead`, `the experiment board`."""
_RANKED: Final = sought(
    r"(?<![\w/-])(?:the|our|an?|another) (?P<who>(?:head|chief|duty|deputy|acting)"
    r" (?!office\b|start\b|commit\b|branch\b|revision\b|count\b|room\b|reason\b"
    r"|cause\b|concern\b|of\b|and\b|for\b|or\b)"
    r"[a-z]{4,})(?![\w-])"
)
"""Somebody by their rank among others: `the head pilot`."""
_SECOND: Final = sought(
    r"(?<![\w/-])the (?P<who>second (?:[a-z]{4,} )?(?:person|[a-z]{3,}(?:er|or|ist|ian|ant)"
    rf"|{'|'.join(one for one in HEADS if len(one) > _SHORT)}))(?= [a-z]+s\b"
    r"|['\u2019]s\b|[.,;)]|$| (?:must|may|shall|can|has|does)\b)"
)
"""`The second clerk signs`: who is told from the first by nothing but the number."""
_ON_DUTY: Final = sought(
    r"(?<![\w/-])(?!(?:be|is|are|was|were|stays?|remains?|who|and|or|not|always|person|people|somebody|someone"
    r"|everybody) )"
    r"[a-z][a-z-]{2,} (?:on duty|on call|in charge)(?! of)(?![\w-])"
)
"""Somebody by being there: `the registrar on duty`."""
_WHOEVER: Final = sought(
    r"(?<![\w/-])(?:whoever(?: is|['\u2019]s)|(?:the )?person|somebody|someone)"
    r" on[ -](?:call|duty|shift|pager|watch|stand-?by)(?![\w-])"
)
"""Somebody whom only the rota names: `whoever is on call`."""
_TRADE: Final = sought(
    r"(?<![\w/-])(?:the|another|each) (?P<who>(?:(?:head|night|day|duty|senior|lead|chief|shift"
    r"|deputy) )?[a-z]{3,}(?:er|or))(?= (?:then |also |always "
    r"|immediately )?(?P<does>[a-z]{3,}s)\b)"
)
MACHINE_DOES: Final = frozenset(
    "starts stops runs fails returns restarts works boots loads reports shows accepts responds goes comes "
    "crashes takes has "
    "is was does stays remains passes builds deploys sends logs waits uses needs contains supports listens "
    "gets serves lives recovers reaches makes turns exits less its this across class access".split()
)
"""What programs do as well as people: whoever does it may be either."""
"""Somebody by what they do, where only people can stand: `the pusher opens an incident`."""
_NO_MODIFIERS: Final = frozenset(
    "same other new current first second next previous last whole entire respective relevant old actual only own main "
    "right wrong usual third another one two three is are was were be been to of for by from with and or as not no "
    "than then that which who whom will must shall may can should has have had all any both each every in on at into "
    "the an a if when until once before after unless without status retro kanban notice jira white story task "
    "sprint project grafana good nearest responsible competent different following named given more most also "
    "owning requesting using via per under over about between through independent finally "
    "then afterwards later lastly meanwhile usually normally".split()
)
"""What tells one of them from another, and is no part of the name."""
_HEADING_OF: Final = sought(
    r"(?<!\w)(?P<who>(?:[A-Z][\w&-]* ){0,2}(?:Head|Director|Chief|VP|Chair|Manager|Owner|Officer|President|Lead"
    r"|Member(?= for)|Person (?:Responsible|Accountable)|head|director|chief|vp|(?:vice )?president|chair)s?"
    r" (?:of|for) (?:the )?"
    r"[A-Z][\w&]*(?:(?: and | & | )[A-Z][\w&]*){0,3}(?: \d{1,3}(?![\d%]|[.:]\d))?)"
)
"""`Head of Digital Channels`, `the director for Cards`: what somebody is at the head of belongs to the name."""
_NOT_A_ROLE: Final = frozenset(
    "release-team-lead-time lead rollback-lead stakeholder-management author-date board status-board page-owner".split()
)
_STEMS: Final = tuple(
    sorted(
        {
            *(head for head in HEADS if not any(other in head and other != head for other in HEADS)),
            *WEAK,
            "stakeholder",
            *SELDOM,
            "vp ",
            "folk",
            "foreman",
            "foremen",
            "chairman",
            "chairwoman",
            "vp",
            "staff",
            "chief",
            "head ",
            "duty ",
            "the second ",
            "acting ",
            "deputy ",
            "centre",
            "center",
            "guys",
            "people",
            "on duty",
            "on-duty",
            "on shift",
            "on-call",
            "on call",
            "on pager",
            "on watch",
            "on standby",
            "on stand-by",
            "person responsible",
            "person accountable",
            "in charge",
            "head of",
            "owner",
        }
    )
)
"""What a text that names people holds somewhere: a quick look before the slow one."""
_SINGULAR: Final = frozenset((*HEADS, *WEAK, "stakeholder", "planner", "producer", "chair", "scientist")) - {"op"}
_PLURAL: Final = re.compile(r"(?<=[a-z]{2}[^s])s$")
_TRADES: Final = re.compile(r"[a-z]{3,}(?:er|or|ist|ian)s$")
"""Several of a trade, whichever it is: `electricians`."""


_NO_NAME: Final = re.compile(r"[^a-z0-9]+")
_WHOSE: Final = re.compile(r"(?<=[a-z])['\u2019](?=s?(?:[^a-z]|$))")
"""`Tomasz's crew` is `tomaszs-crew`."""
_NO_PART: Final = re.compile(
    r"^(?:@(?:[\w-]+/)?|the )?(?:(?:whoever(?: is|['\u2019]s)|who is|person|somebody|someone) (?=on[ -](?:call"
    r"|duty|shift|pager|watch|stand-?by)))?"
)
"""What a name may begin with and is no part of it: its sign, its article, `whoever is` before `on call`."""


_OWNER_OF: Final = re.compile(
    r"^(?:the |an? |each |every )?(owners?|author|maintainer) of (?:the|an?|each|every|this|that)"
    r" (?:[a-z]{4,}ed )?([a-z]+)$"
)
"""`The owner of an affected service` is the service owner."""


_HANDLE: Final = re.compile(r"^@[\w-]+$")
"""What somebody is called by a sign is a name of their own, even where it looks like several."""


@lru_cache(maxsize=4096)
def slug(words: str) -> str:
    """A role's name in a pack: `QA Leads` is `qa-lead`."""
    plain = _WHOSE.sub("", _OWNER_OF.sub(r"\2 \1", lowered(words).strip()))
    text = _NO_NAME.sub("-", _NO_PART.sub("", plain)).strip("-")
    last = text.rpartition("-")[2]
    is_several = (last.removesuffix("s") in _SINGULAR or _TRADES.fullmatch(last)) and "-of-" not in text
    return (_PLURAL.sub("", text) if is_several and not _HANDLE.match(words) else text)[:63]


def lowered(text: str) -> str:
    """The text in small letters without accents, as long as it was: places in the one are places in the other."""
    return text.lower() if text.isascii() else "".join(map(_plain_letter, text))


@lru_cache(maxsize=1024)
def _plain_letter(char: str) -> str:
    low = char.lower()
    bare = _BARE.get(low) or normalize("NFKD", low)[:1]
    return bare if bare.isascii() and bare.isalpha() else low if len(low) == 1 else char


_BARE: Final = dict(zip("łøđðþßæœ", "lodtsaoo", strict=True))


def named_in(text: str) -> tuple[str, ...]:
    """Every role in a text that names nothing else, such as a cell of an owner's column."""
    found = [*people_in(text)]
    found += departments_in(lowered(text), found)
    return slugs(text[begin:end] for begin, end in sorted(found))


def _holds_stem(low: str) -> bool:
    for stem in _STEMS:  # noqa: SIM110 - this is asked of every text, and a generator takes three times as long
        if stem in low:
            return True
    return False


@lru_cache(maxsize=4096)
def people_in(text: str) -> tuple[tuple[int, int], ...]:
    """Where people stand in a text; words in capitals before them belong to their name."""
    low = lowered(text)
    is_seen = _holds_stem(low) or "IT" in text
    if (
        not is_seen
        and " by " not in low
        and not _AGENT.search(text)
        and not _TRADE.search(low)
        and not _GERMAN.search(text)
    ):
        return ()
    found = [match.span() for match in PEOPLE.finditer(low)]
    offices = [_unopened(text, match.span("who")) for match in _HEADING_OF.finditer(text)] if _is_over(low) else []
    for begin, end in (*(match.span("who") for match in _AFTER_BY.finditer(text)), *offices):
        if text[begin:end].strip() not in _NO_PEOPLE:
            found = [(a, b) for a, b in found if b <= begin or a >= end] + [(begin, end)]
    found += _of_it(text, found)
    found += [
        match.span()
        for match in (*_CREW.finditer(low), *_ON_DUTY.finditer(low), *_WHOEVER.finditer(low))
        if not any(a < match.end() and match.start() < b for a, b in found)
    ]
    found += [match.span() for match in _GERMAN.finditer(text)]
    found += [one.span() for one in _LOUD.finditer(text) if not any(a <= one.start() < b for a, b in found)]
    found = [(_from_whose(text, begin), end) for begin, end in found]
    for begin, end in _widened(low, found):
        found = [(a, b) for a, b in found if b <= begin or a >= end] + [(begin, end)]
    found += [(begin, end) for begin, end in _traders(low) if not any(a < end and begin < b for a, b in found)]
    agents = [match for match in _AGENT.finditer(text) if not _only_sounds(match[0].lower().split()[-1])]
    for match in (*_CAPITAL.finditer(text), *agents):
        begin, end = _unopened(text, match.span())
        is_part = any(a <= begin and end < b for a, b in found) or any(a < begin and end <= b for a, b in offices)
        if not is_part and low[begin:end] not in HEADS and low[begin:end] not in WEAK:
            found = [(a, b) for a, b in found if b <= begin or a >= end] + [(begin, end)]
    return tuple(sorted(found))


def _from_whose(text: str, begin: int) -> int:
    """Where a name begins with what tells it from others: `branch IT contacts`, `the Bakehouse customer desk`."""
    theirs = _WHOSE_IT.search(text[:begin]) if text.startswith("IT ", begin) else _WHOSE_DESK.search(text[:begin])
    is_name = theirs is not None and theirs["whose"].lower() not in _NO_MODIFIERS | OPENERS
    return theirs.start("whose") if theirs and is_name and not _OPENING.match(f"{theirs['whose']} ") else begin


_WHOSE_IT: Final = re.compile(r"(?<![\w/-])(?P<whose>[a-z]{3,}) $")
_WHOSE_DESK: Final = re.compile(r"\b(?:by|the|from|with) (?P<whose>[A-Z][a-z]+) $")


def _only_sounds(word: str) -> bool:
    """A printer, a checklist: the ending is that of somebody, the word is not."""
    return word in SOUNDING or (word.endswith("list") and is_thing(word))


def _is_over(low: str) -> bool:
    """A quick look before the slow one."""
    return " of " in low or " for " in low


def _unopened(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Where a name in capitals stands, without the words that open its sentence."""
    name = text[slice(*span)]
    return span[0] + len(name) - len(_OPENING.sub("", name)), span[1]


def _of_it(text: str, found: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The department that is written like a little word, with whose it is."""
    if "IT" not in text or text.isupper():
        return []
    theirs = [
        match.span()
        for match in _THEIR_IT.finditer(text)
        if match["whose"].lower() not in _NO_MODIFIERS and match["whose"].lower() not in OPENERS
    ]
    alone = [match.span() for match in _IT.finditer(text)]
    return theirs + [(a, b) for a, b in alone if not any(begin <= a < end for begin, end in (*found, *theirs))]


def _traders(low: str) -> list[tuple[int, int]]:
    return [
        match.span("who")
        for match in _TRADE.finditer(low)
        if match["who"] not in SOUNDING
        and not match["who"].endswith("over")
        and match["does"] not in MACHINE_DOES
        and not is_thing(match["does"])
    ]


def _widened(low: str, found: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Names with a word before them that no list knows."""
    spans = [match.span("who") for match in _RANKED.finditer(low) if match["who"].split()[-1] not in _TOLD]
    spans += [match.span("who") for match in _SECOND.finditer(low) if not is_thing(match["who"].split()[-1])]
    spans += [
        match.span("who")
        for match in _NAMED.finditer(low)
        if not (match.start() == match.start("who") and match["who"].split()[0] in OPENERS)
        and not any(is_no_name(word) for word in match["who"].removeprefix("requesting ").split()[:-1])
    ]
    return [(a, b) for a, b in spans if not any(begin <= a and b <= end for begin, end in found)]


_TOLD: Final = THIRD_PERSON | frozenset("shall must will should would could might signs decides approves".split())
"""What a rank alone does: `the deputy shall`."""


def is_no_name(word: str) -> bool:
    return word in _NO_MODIFIERS or word in THIRD_PERSON or word.endswith("ed")


def departments_in(low: str, taken: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    found = (match.span() for match in DEPARTMENT.finditer(low))
    return [(a, b) for a, b in found if not any(begin <= a < end for begin, end in taken)]


def slugs(texts: Iterable[str]) -> tuple[str, ...]:
    """The names of these roles; what is only part of a name is one where it is written as a sign: `LEAD`."""
    names = ((text, slug(text)) for text in texts)
    return tuple(dict.fromkeys(name for text, name in names if name and (name not in _NOT_A_ROLE or text.isupper())))
