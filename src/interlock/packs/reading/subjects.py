# SPDX-License-Identifier: Apache-2.0
"""Who of all that a sentence names is asked: whoever acts in it, beside them, or in another of its clauses."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from interlock.packs.reading.acting import FIRST_WORD, acts, is_subject, is_thing
from interlock.packs.reading.clauses import Doer, doers
from interlock.packs.reading.roles import departments_in, lowered, people_in, slug, slugs
from interlock.packs.reading.seeking import Sought, sought
from interlock.packs.reading.slots import slots

_JOIN: Final = re.compile(
    r"^(?:['\u2019]s? [a-z-]+)?\s*\(?(?:,|and|or|&|\+|/|,\s*and|,\s*or|as well as|together with|along with|with|plus|"
    r"and/or|or (?:his|her|their)|,? (?:and|or) (?:one|another|the other|a second|a second one))\s*(?:by |from "
    r"|of )?(?:(?:the|a|an|one|two|three|any|another|their|either|your|further|other|more|second|different)\s+){0,2}"
    r"(?:(?:members?|representatives?|delegates?|people|someone|somebody|colleagues?) (?:of|from) (?:(?:the|our) )?)?"
    r"(?:[\w-]+['\u2019]s? )?$"
)
_TOGETHER: Final = re.compile(r"^[\w\s,]{0,30}\b(?:together|jointly|along|in agreement) with (?:the )?$")


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


def in_sentence(text: str, known: frozenset[str]) -> tuple[str, ...]:
    low = lowered(text)
    chains: list[list[tuple[int, int]]] = []
    for begin, end in _mentions(text, known):
        between = low[chains[-1][-1][1] : begin] if chains else ""
        is_main = bool(_CASE.match(low) and _COMES.match(between) and _SHALL.match(low[end:]))
        if chains and not is_main and (_JOIN.match(between) or _TOGETHER.match(between)):
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
    subjects = [(one.begin, one.end) for one in doers(text) if one.is_asked and not _SO_THAT.search(low[: one.begin])]
    named = {span for span in people_in(text) if not _MAY_NOT.match(low[span[1] :])}
    found = tuple(name for begin, end in subjects for name in _subject(text, (begin, end), known, named))
    return found or _referred(text, low, chains, known)


def _subject(
    text: str, whole: tuple[int, int], known: frozenset[str], named: Iterable[tuple[int, int]]
) -> tuple[str, ...]:
    """Who a subject is; of `named business approver` whoever is at its end."""
    begin, end = whole
    name = _called((text[begin:end],), known)
    if set(name) <= known:
        return name
    last = next((one for one in named if one[1] == end and one[0] >= begin), None)
    return _called((text[last[0] : end],), known) if last else ()


_SO_THAT: Final = sought(r"\bso that only (?:the |an? |our )?(?:[a-z -]{2,40} (?:and|or) (?:the |our )?)?$")
"""`Protect it so that only the captain can push`: what for, and nobody is asked."""
_CASE: Final = re.compile(r"(?:for|if|when|where|whenever|once|after|before|until|unless|should|during|in case)\b")
_COMES: Final = re.compile(r",\s*(?:(?:the|an?|our|every|each)\s+)?$")
_SHALL: Final = re.compile(
    r" (?:must|shall|should|may|can|will|ha(?:s|ve) to|(?:is|are) (?:to|responsible|accountable|in charge)"
    r"|needs? to|decides?|approves?)\b"
)
"""`Where it touches the vault, the keeper must agree`: who is asked is not joined to what is spoken of."""


def _referred(text: str, low: str, chains: list[list[tuple[int, int]]], known: frozenset[str]) -> tuple[str, ...]:
    """`If the bosun is content, they say so`: whoever a clause speaks of, where another goes on with them."""
    again = _AGAIN.match(low)
    there = [span for chain in chains for span in chain if again and span[1] <= again.end("case")]
    is_one = again is not None and len(there) == 1 and bool(_AHEAD.fullmatch(low[again.start("case") : there[0][0]]))
    return _called((text[begin:end] for begin, end in there), known) if is_one else ()


_AGAIN: Final = re.compile(
    r"^(?:if|when|once|whenever|where|until|unless|after|before|as soon as) (?P<case>[^,;:.]{3,150}), (?:then )?"
    r"(?:he|she|they)(?! (?:must |may |shall |should |can |will |have to )?(?:are|be|were|get)\b) [a-z]"
)
_AHEAD: Final = re.compile(r"(?:the |an? |our |any )?")


def _called(names: Iterable[str], known: frozenset[str]) -> tuple[str, ...]:
    """The names of these roles; of several of them as of one where the document speaks of one."""
    bare = (name.removesuffix(" responsible") if name.endswith("s responsible") else name for name in names)
    return slugs(
        shortly(name.removesuffix("s") if slug(name.removesuffix("s")) in known else name, known) for name in bare
    )


def shortly(name: str, known: frozenset[str]) -> str:
    """`PSX service owner`, of whom the document speaks as the service owner elsewhere."""
    sign, _, rest = name.partition(" ")
    is_short = sign.isupper() and " " in rest and slug(rest) in known
    return rest if is_short or (_OF_PRODUCT.search(sign) and _OF_RELEASES.fullmatch(rest)) else name


_OF_PRODUCT: Final = re.compile(r"[a-z][A-Z]|[A-Z]{2}")
_OF_RELEASES: Final = re.compile(r"release (?:manager|captain|coordinator|lead|shepherd|engineer)", re.IGNORECASE)
"""`FerryServer release manager`: whose product is released says nothing of who it is."""


def _others(text: str, chains: list[list[tuple[int, int]]]) -> Iterator[tuple[int, int]]:
    """Who acts in the further clauses: `The host restores it, the desk informs the branches, and the lead reports`."""
    low = lowered(text)
    last = chains[0][-1][1]
    for chain in chains[1:]:
        begin, end = chain[0][0], chain[-1][1]
        clause = _CLAUSE.split(low[last:begin])
        is_new = len(clause) > 1 and is_subject(clause[-1], low[begin:end], low[end:])
        is_new = is_new or bool(_TAKES_THEM.search(low[last:begin]))
        is_new = is_new or (len(clause) > 1 and not _ARTICLE.sub("", clause[-1]) and bool(_IN_TURN.match(low[end:])))
        is_in_place = bool(_IN_PLACE.search(low[last:begin]) and _ENDS.match(low[end:]))
        if (
            is_in_place
            or (is_new and FIRST_WORD.match(low[end:]))
            or (_AND_BY.search(low[last:begin]) and not is_thing(low[end:]))
        ):
            yield from chain
        last = end


_CLAUSE: Final = re.compile(r"[,;]\s*(?:and |or |but |then )*|\.\s+|\b(?:and|while|whereas) (?=(?:the|an?|our) $|$)")
_ARTICLE: Final = re.compile(r"^(?:(?:the|an?|our) )?$")
_IN_TURN: Final = re.compile(
    r"^ (?:first|second|third|next|last|afterwards|after that)\s*(?:[.,;]|$)"
    r"|^ (?:(?:to|on|for|in|at|with) (?:the )?|the )[\w-]+(?: [\w-]+)?\s*(?:[.;]|$)"
)


"""`The lead signs first, the auditor second`, `Ann uploads to the one store, Bob to the other`: the verb was said."""
_IN_PLACE: Final = sought(
    r"[;,.] ?(?:and |or )?(?:if|when|where) (?:he|she|they|neither|nobody|no one|that (?:one|person))\b[^,;.]{2,40}"
    r"(?:, | then )(?:then )?(?:the |an? |our )?$"
)
"""`The lead decides; if she is away, the deputy`."""
_ENDS: Final = re.compile(r"\s*(?:$|[.;,)])")
_TAKES_THEM: Final = re.compile(r"^[^;.]*[;.] ?[a-z]+ing (?:[a-z]+ ){0,3}takes (?:both )?(?:the |an? |our )?$")
"""`The pilot may stop alone; resuming takes the pilot and the mate`."""
_AND_BY: Final = sought(
    r"^(?!.*\b(?:unless|if|until|before|after|once|not|never)\b).*(?:[,;]|\band\b).*\bby (?:the |an? )?$"
    r"|\b(?:supervision of|supervised by|(?:consent|approval|agreement) of) (?:the |an? )?$"
)


@lru_cache(maxsize=64)
def _any_of(known: frozenset[str]) -> Sought:
    names = "|".join(
        name.replace("-", "(?:['\u2019]?[ _-]| & | and )")
        for name in sorted(known, key=lambda name: (-len(name), name))
    )
    return sought(rf"(?<![\w-])(?:@(?:[\w-]+/)?)?(?:{names})s?(?![\w-])")


_MARKS: Final = ("'", "\u2019")
_WHOSE: Final = re.compile(r"['\u2019]s? ")


"""`The contractor's operations manager`: whose they are says nothing of who acts."""


def _mentions(text: str, known: frozenset[str]) -> list[tuple[int, int]]:
    low = lowered(text)
    joined = [(a, b) for a, b in departments_in(low, []) if "&" in low[a:b] or " and " in low[a:b]]
    spans = [*people_in(text), *joined]
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
