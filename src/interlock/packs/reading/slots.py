# SPDX-License-Identifier: Apache-2.0
"""Places in a sentence where nobody but people can stand: `the nod of`, `nobody but`, `wait for ... to`.

Whoever stands there is asked, whatever they are called.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from interlock.packs.reading.lexicon import OPENERS, PERFECT, THIRD
from interlock.packs.reading.seeking import MOST_SAID
from interlock.packs.reading.things import NO_AGENTS, is_act, is_thing

SURE: Final = 2
"""So much speaks for whoever has an article or a name in such a place."""
_LITTLE: Final = (
    r"(?:and|or|of|who|that|which|before|after|within|in|on|at|for|to|with|from|until|till|if|when|once|only|every"
    r"|each|as|via|using|is|are|has|have|had|must|shall|may|can|could|will|should|would|during|per|by|not|unless"
    r"|then|while|without|against|under|the|an?|beforehand|afterwards|first|too|directly|personally|again|instead"
    r"|also|but|so|than|either|no|nor|concerned|involved|prior|following|including|together|later|earlier|latest"
    r"|whatever|even|just"
    r"|any|all"
    r"|alone|needs?|wants?|ought|stays?|remains?|keeps?"
    r"|it|they|you|we|she|he|nobody)"
)
_WORD: Final = rf"(?!(?i:{_LITTLE})(?![\w-]))[^\W\d_][\w&'\u2019-]*"
_ARTICLES: Final = (
    r"(?P<article>(?i:(?:the|an?|our|your|their|his|her|my|any|each|every|another|either|both|one|two|three"
    r"|at least|of|all|one of|whoever is"
    r"|(?:members?|somebody|someone|people|colleagues?|representatives?) (?:of|from)) )*)"
)
_WHO: Final = rf"{_ARTICLES}(?:@(?![\w-]+/))?(?P<who>{_WORD}(?: {_WORD}){{0,3}}?)"
_NAME: Final = r"[^\W\d_a-z][^\W\d_A-Z]{2,}"
_END: Final = (
    rf"(?=\s*(?:$|[.,;:()!?/+|\u2013\u2014]|\s(?i:{_LITTLE}"
    r"|[a-z]+(?<!s)s (?:the|an?|it|them|this|that|their|her|his|all|each|every)"
    r"|says?|signs?|agrees?|approves?|confirms?|decides?"
    r"|(?:acting|working|sitting|standing) (?:together|jointly|side by side|in agreement|alone))(?![\w-])))"
)
_YES: Final = (
    r"(?:ok|okay|yes|nod|word|approvals?|go-?ahead|go|sign-?offs?|clearance|signatures?|confirmation|consent"
    r"|permission|agreement|blessing|acceptance|green light|thumbs?[- ]up|authori[sz]ation|initials|verdict|veto"
    r"|acknowledge?ment|say-so)"
)
_HAS_YES: Final = (
    rf"(?i:\b{_YES} (?:from|of|by)|\b(?:look|glance|check|inspection|second opinion|pair of eyes|reading) (?:from|by)"
    r"|\b(?:decision|vote|review|call|choice|statement|opinion) (?:from|of|by)) "
    rf"{_WHO}{_END}"
)
_ALONE: Final = rf"(?i:\b(?:nobody|no one|no-one|none)(?: [^.;:]{{3,40}})? (?:but|except|other than)) {_WHO}{_END}"
_IN_HANDS: Final = (
    r"(?i:\b(?:is|are) (?:up|left) to|\b(?:falls (?:to|on)|rests with|lies with|reserved (?:to|for))"
    r"|\bon (?:the )?(?:written |express )?(?:instructions?|orders?|command|authority|say-so) of"
    r"|\b(?:matter|job|task|decision|question|one) for"
    rf"|\b(?:responsibility|duty|task|job|turn|discretion|authority) of|\bin the hands of) {_WHO}{_END}"
)
_ASKED: Final = (
    rf"(?i:\bask) {_WHO}(?=(?: \([^()]{{2,40}}\))? (?i:to (?:sign|approve|confirm|review|accept"
    rf"|agree|decide|release|verify|check|countersign)|for (?:(?:an?|the|their|his|her) )?(?:final )?{_YES})\b)"
)
_CONSULTED: Final = rf"(?:^|[.,;:] )(?i:ask|consult|involve) {_WHO}(?= (?i:(?:first|before)\b))"
"""`Ask Marek before you touch it`."""
_TAKEN: Final = rf"(?i:\bit takes) {_WHO}(?= (?i:to) [a-z]+\b)"
"""`It takes two keepers to open it`."""
_AWAITED: Final = rf"(?i:\bwaits? for) {_WHO}(?= (?i:to) [a-z]+\b)"
_HANDED: Final = (
    r"(?i:\b(?:(?:handed|passed|goes?|sent|given|submitted)|(?:bring|take|show|give|submit|send|hand) [^.,;:]{3,40}?)"
    rf" to) {_WHO}(?= (?i:(?:for|to) (?:(?:an?|the|their|his|her) )?"
    r"(?:stamp|signature|reviews?|approv\w+|sign\w*|check|consent|decisions?|decide|release|acceptance|accept)\b))"
)
_IS_THE_ONE: Final = (
    r"(?i:\bthat (?:some(?:body|one)|person) is"
    r"|\b(?:the (?:one|person)|whoever|who) (?:who )?[a-z]+s [^.,;:]{3,40}? is) "
    rf"{_WHO}(?=$|[.,;])"
)
_IT_IS: Final = rf"(?i:(?:^|[,;:] )it(?:'s|\u2019s| is)) {_WHO}(?= (?i:who) )"
_IT_IS_THEN: Final = (
    r"(?i:^(?:if|should|when|without|in|where)\b[^.;:]{3,60}?,? it(?:'s|\u2019s| is)(?: then)?) "
    rf"{_WHO}(?=[.;]|$)"
)
"""`Should she be away, it is the estate manager`."""
_CALLED: Final = (
    rf"(?i:\b(?:wake|call|phone|page|ring|ask|tell|alert|get|fetch|contact|inform|notify|ping|mail)) {_WHO}"
    r"(?=(?: first| at once)?(?:,| and|;|\.|:) (?i:who|she|he|they) (?!(?:is|are|was|were|has|have)\b))"
)
_RELATED: Final = rf"(?i:\b(?:to|with|for|by)) {_WHO}(?=, (?i:who) (?!(?:is|was|has)\b)[a-z]+s\b)"
_CHARGED: Final = rf"^{_WHO}(?= (?i:to) (?P<does>[a-z-]+)\b)"
_AT_HAND: Final = (
    rf"(?:^|[.,;:] |\b(?:and|while) ){_WHO}(?= (?i:(?:is|are|stays?|remains?|keeps?|must (?:be|stay|remain)"
    r"|ha(?:s|ve) to (?:be|stay)|will (?:be|stay)) (?:on stand-?by|on call|on duty|on site|on hand|reachable|at hand"
    r"|awake|close by|near)\b))"
)
_PRESENT: Final = (
    rf"(?:[,;(\u2013\u2014]|\bwith| -) ?{_WHO}(?= (?i:(?:is |must be )?(?:present|attending|in attendance"
    r"|standing by|on the line|as (?:a )?witness))(?!\w))"
)
"""`Stop pressed once, electrician present`."""
_WATCHING: Final = (
    rf"(?i:\bwith) {_WHO}(?= (?i:watching|looking on|reading along|listening"
    r"|on (?:site|the (?:call|line|bridge|phone))|in the room|at hand|nearby|next to (?:it|them|you))(?!\w))"
)
_ON_HAND: Final = r" (?i:knowing|agreeing|being|looking|present|there|watching)(?!\w)"
_WITHOUT: Final = rf"(?i:\bwithout) (?P<article>)(?P<who>{_NAME}(?: {_NAME})?)(?=$|[.,;]|{_ON_HAND})"
_NOT_WITHOUT: Final = rf"(?i:\b(?:not|never) without) {_WHO}{_END}"
_NONE_WITHOUT: Final = rf"(?i:^no\b[^.;:]{{2,60}}? without) {_WHO}{_END}"
_LEFT_TO: Final = rf"(?i:\b(?:leave|leaves|left|hand|hands|pass|passes|over) (?:[^.;,:]{{2,40}}? )?to) {_WHO}(?=[.;]|$)"
_LEFT_WITH: Final = rf"(?i:\b(?:decision|choice|call|last word|matter|question) with) {_WHO}(?=[.;]|$)"
"""`Leave the decision with Ingrid`."""
_IS_FOR: Final = rf"(?i:\b(?:this|that|it) is for) {_WHO}(?= (?i:to)\b|[.;]|$)"
_RESPONSIBLE: Final = rf"(?i:^(?:responsible|accountable|in charge)\b[^.;:]{{2,60}}? (?:is|are)) {_WHO}(?=[.;]|$)"
_BESIDE: Final = (
    r"(?i:\b(?:together|jointly|in agreement|in consultation|along) with|\b(?:under the (?:eyes?|supervision|guidance"
    rf"|direction|command|watch)|in the presence|with the help|at the hands?) of) {_WHO}{_END}"
)
_THEIRS: Final = (
    r"(?i:\b(?:call|decision|word|signature|say|turn|job|task|vote|veto|yes)(?: [^.,;:]{2,40})? is) "
    rf"{_WHO}['\u2019]s?(?=[.,;]|$| (?i:alone)\b)"
)
_THEIR_CALL: Final = (
    rf"(?i:\b(?:is|are|remains|stays|it's|it\u2019s)) {_WHO}['\u2019]s? "
    r"(?i:(?:call|decision|choice|job|task|duty|business|turn|responsibility|concern))(?!\w)"
)
_HOW: Final = r"(?:(?:written|explicit|express|prior|formal|verbal|final|personal) )"
_THEIR_YES: Final = rf"(?<!\w){_WHO}['\u2019]s? (?i:{_HOW}?{_YES}|decision)(?!\w)"
_WITHOUT_YES: Final = (
    rf"(?i:\bwithout (?:(?:an?|the|any|our|explicit|written|prior|formal|express|final) )*+)(?P<article>)"
    rf"(?P<who>{_WORD}(?: {_WORD}){{0,2}}?)(?i: {_YES})(?!\w)(?! (?i:from|of|by)(?!\w))"
)
"""`Do not open it without bosun approval`."""
_CAUSED: Final = tuple(
    rf"(?:^|[.,;:] |\b(?:and|then) )(?i:{cause}) {_ARTICLES}(?P<who>{_WORD}(?: {_WORD}){{{more}}})"
    rf"(?= {to}(?P<does>[a-z-]+)(?!\w))"
    for cause, to in (("gets?", "to "), ("have|let|lets", ""))
    for more in range(3)
)
_TURNED: Final = tuple(
    r"(?i:^(?:only|not (?:until|before))\b[^.;:]{2,80}? (?:does|do|may|must|can|shall|will|should)) "
    rf"{_ARTICLES}(?P<who>{_WORD}(?: {_WORD}){{{more}}})"
    r"(?= (?P<does>[a-z-]+) (?:the|an?|it|them|this|that|these|any|all|each|every|its|their|off|up|out|on|to)\b)"
    for more in range(3)
)
"""`Only after the bell does the pilot cast off`: the subject stands behind the auxiliary."""
_SLOTS: Final = tuple(
    (tuple(signs.split("|")), pattern)
    for signs, pattern in (
        (" from | of | by ", _HAS_YES),
        (" but | except | other than ", _ALONE),
        (" to | with | for | of ", _IN_HANDS),
        ("ask ", _ASKED),
        (" first| before", _CONSULTED),
        ("it takes ", _TAKEN),
        ("wait", _AWAITED),
        (" to ", _HANDED),
        (" is ", _IS_THE_ONE),
        (" who ", _IT_IS),
        (" it is | it's | it\u2019s ", _IT_IS_THEN),
        (" who | she | he | they ", _CALLED),
        (", who ", _RELATED),
        (" to ", _CHARGED),
        (" on | at hand| on hand|reachable| awake| close by| near", _AT_HAND),
        (" present| attend|standing by|on the line|witness", _PRESENT),
        ("with ", _WATCHING),
        ("without ", _WITHOUT),
        ("without ", _WITHOUT_YES),
        (" without ", _NOT_WITHOUT),
        (" without ", _NONE_WITHOUT),
        (" to ", _LEFT_TO),
        (" with ", _LEFT_WITH),
        (" is for ", _IS_FOR),
        (" is | are ", _RESPONSIBLE),
        ("with | of ", _BESIDE),
        ("'|\u2019", _THEIRS),
        ("'|\u2019", _THEIR_CALL),
        ("'|\u2019", _THEIR_YES),
        *(("get|have|let", one) for one in _CAUSED),
        *(("only |not ", one) for one in _TURNED),
    )
)
"""Each with what a text holds somewhere that has such a place: a quick look before the slow one."""
_BY: Final = re.compile(
    r"(?P<done>[^\W\d_][\w-]*) (?i:(?:up|out|over|off|on|in|through|down|again|jointly|personally|also) )?"
    rf"(?i:by) (?i:(?:nobody|no one) (?:but|except) )?{_WHO}{_END}"
)
_PRONOUNS: Final = frozenset(
    "you it them him her us me i we they he she everyone everybody anyone anybody somebody someone nobody whoever this "
    "that these those there here what how where when why which one two three four five six seven eight nine ten person "
    "persons colleague human team teams".split()
)
_FOLK: Final = frozenset(("people", "folks", "folk"))
_NO_FOLK: Final = frozenset(
    "two three four five more fewer many some other these those all most right such same enough new of".split()
)
_TRADE: Final = re.compile(r"[a-z]{3,}(?:ician|ist|yst|eer|smith|warden|keeper|master|monger|wright)$")
_ABSTRACT: Final = re.compile(r"(?:tion|sion|ment|ness|ity|ance|ence|ism|sis|ship)$")


@dataclass(frozen=True, slots=True)
class Slot:
    """Where somebody's name stands, without its article, and how much speaks for it."""

    begin: int
    end: int
    worth: int


@lru_cache(maxsize=4096)
def slots(text: str) -> tuple[Slot, ...]:
    """Everybody whose place in a text is one of people."""
    text = text[:MOST_SAID]
    low = text.lower()
    return tuple(slot for pattern in _to_try(low) for match in pattern.finditer(text) for slot in _of(match))


def _to_try(low: str) -> Iterator[re.Pattern[str]]:
    for signs, pattern in _SLOTS:
        for sign in signs:  # this is asked of every text, and a generator takes three times as long
            if sign in low:
                yield _compiled(pattern)
                break


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Long patterns that many documents need few of: each is made when it is first needed."""
    return re.compile(pattern)


def named_after_by(text: str) -> Iterator[re.Match[str]]:
    """Every name behind `by`, with the word before it."""
    return _BY.finditer(text) if " by " in text.lower() else iter(())


def is_somebody(words: list[str]) -> bool:
    """Whether a name, in small letters, that stands where people stand is theirs, and no thing's."""
    last = words[-1]
    if last in _FOLK:
        return len(words) > 1 and words[0] not in _NO_FOLK
    if len(words) == 1 and (_ABSTRACT.search(last) or is_act(last)):
        return False
    is_no_name = last in NO_AGENTS or last in PERFECT or last in _PRONOUNS or words[0] in _PRONOUNS
    return not (is_no_name or is_thing(last))


_OBTAINED: Final = re.compile(
    r"^(?:Get|Obtain|Request|Await|Ask|Seek|Need|Needs|Collect|Record|Have|Include|Attach|Add) (?=\w)"
)
"""`Get Mira's OK`: a command stands ahead of whose word is to be had."""


_WHOSE: Final = re.compile(rf"^[\w-]+['\u2019]s? (?=\w)(?!(?i:{_YES}|decision)\b)")
"""`The mill's furnace operator`: whose they are is no part of what they are called."""


_BUT: Final = re.compile(r"(?:nobody|no one|no-one|none) ", re.IGNORECASE)
_WHAT_THEY_DO: Final = re.compile(
    rf"(?<=\w) (?:{'|'.join(sorted(THIRD - {'leads', 'heads', 'drives'}, key=len, reverse=True))})$"
)
"""`Nobody but the pilot steers at night`: what they do is no part of what they are called."""


def _of(match: re.Match[str]) -> Iterator[Slot]:
    begin, end = match.span("who")
    begin += len(match["who"]) - len(_WHOSE.sub("", _OBTAINED.sub("", match["who"])))
    end = begin + len(_WHAT_THEY_DO.sub("", match.string[begin:end])) if _BUT.match(match[0]) else end
    name = match.string[begin:end]
    does = match.groupdict().get("does")
    words = name.lower().split()
    is_order = does and not match["article"] and words[0] in OPENERS
    is_clause = any(word in THIRD for word in words[:-1]) and not name[0].isupper()
    if not is_somebody(words) or is_order or is_clause or (does and does not in OPENERS):
        return
    is_named = bool(match["article"]) or all(word[0].isupper() for word in name.split())
    is_named = is_named or bool(_TRADE.search(words[-1]))
    yield Slot(begin, end, SURE if is_named else 1)
