# SPDX-License-Identifier: Apache-2.0
"""Whether somebody who is named acts: subject of a clause, named after `by`, asked for their word; or is only told.

Looks at the words before and after the name, in small letters.
"""

import re
from typing import Final

from interlock.packs.reading.lexicon import APPROVED, OPENERS, SIGNED, THIRD, THIRD_PERSON
from interlock.packs.reading.roles import DEPARTMENT
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.things import is_thing as names_thing

_BY: Final = sought(
    r"\b(?:by|from|(?:go|goes|run|runs|pass|passes) through|of both|requires?|needs?|with|through|lies with"
    r"|belongs to|reserved (?:to|for)|responsibility of"
    r"|authority of|assigned to|owner:|owned by|performed by|done by|carried out by|handled by"
    r"|responsible:|approvers?:|signers?:|signatories:"
    r"|approval:|sign-?off:|reviewers?:|go of|ok of|okay of|blessing of|agreement of"
    r"|permission of"
    r"|go-ahead of|acceptance of|word of"
    r"|unless the|without|decision of|supervision of|supervised by|(?:is|are|it['\u2019]s) (?:up|left) to|falls to"
    r"|rests with|(?:must|has to|have to|shall|should) be(?= an? )"
    r"|(?:job|task|duty|call|choice|decision|role) of|it is for|(?:decision[ -]makers?|approvers?|owner"
    r"|signatory|executor) (?:is|are)"
    r"|discretion of|approval of|consent of|sign-?off of|signature of)\s+(?:whoever is )?(?:at least "
    r"|both )?(?:one of |any of "
    r"|some of )?(?:(?:the"
    r"|a|an|one|two|three|four|five|\d|any|all|another|our|either|each|your|their|its|(?:members?|people|colleagues?)"
    r" (?:of|from)|further|more|owning|responsible|competent|respective|designated|assigned|appointed"
    r"|relevant|authori[sz]ed|qualified|independent)\s+)*(?:(?:other|second|different|senior) )?$"
)
SAYS: Final = re.compile(
    r"^(?:['\u2019]s?\s*)?(?:approval|approves|sign-?off|signs|signature|review|agreement|consent|confirmation"
    r"|acknowledge?ment|go-ahead|ok\b|clearance|approved|signed|confirmed|accepted|agreed|satisfied"
    r"|reviewed|verified|validated|acknowledged|verification:?$|validation:?$|authori[sz]ation|must"
    r"|(?:is|are) (?:ok|okay|fine|happy|content|comfortable|at ease) with"
    r"|(?:has|have) (?:the )?(?:permission|authority|right|power) to"
    r"|shall|has the (?:last|final)|have the (?:last|final)|has to|have to|may|can|is responsible|are responsible"
    r"|(?:is|are) (?:tasked|charged|entrusted) with"
    r"|(?:is|are) accountable|(?:is|are) in charge"
    r"|is to|should|will|decides?|ought to|(?:do|does) not [a-z]+|(?:don|doesn|mustn|can)['\u2019]t [a-z]+|never [a-z]+"
    r"|(?:is|are) (?:also |strongly |kindly )?(?:encouraged|asked|expected|requested|advised|invited|urged|obliged) to"
    r"|or delegate)(?!\w)"
)
_BEGINS: Final = re.compile(
    r"^(?:(?:and|but|or|so|which|that|while|where|when|until|once)\b ?)?(?:(?:between|after|before|during|at|on"
    r"|every|each|in|for|by|until|within|once|when|if|unless"
    r"|as soon as)\b.{2,60}\b(?:the|an?"
    r"|each|all|two|three|four|both)|(?:the |our |an? )?[a-z]+['\u2019]s|the"
    r"|a|an|any|each|every|one|two|our|your|only the|only a|only|both the|both|either the"
    r"|in an emergency the|another|(?:a |the )?(?:second|fellow|different|further)|assigned"
    r"|(?:(?:first|next|finally|afterwards|meanwhile|thereafter|usually|normally),? )?(?:the |our |your |an? |another "
    r"|each )(?:responsible|owning|competent|relevant|respective|current|named|acting|assigned)"
    r"|(?:first|next|finally|afterwards|meanwhile|thereafter|usually|normally),?(?: the| an?)?"
    r"|(?:all|both|some|several|at least (?:one|two|three|\d)|\d|three|four)(?: of)?(?: the| our)?"
    r"|(?:somebody|someone|anyone|one|(?:a|one|another|at least one) (?:person|colleague|member|delegate|human)"
    r"|(?:two|three) (?:people|members|colleagues)) (?:from|of|in|at)(?: the| our)?)?\s*$"
)
FIRST_WORD: Final = re.compile(
    r"^\s*(?:\([^)]*\)\s*)?(?:also |please |kindly |jointly |together |usually |personally |finally "
    r"|then |always |must |may "
    r"|can |immediately |manually |each |both "
    r"|has to |have to |needs? to |has |have |and )*([a-z][a-z-]*)"
)
_WHERE: Final = re.compile(
    r"^\s+of (?:the|every|each|all|any|our|that) [a-z-]+(?: (?:in|on|of|at) (?:the |our )?[a-z-]+)?(?=\s+(?:has|have) )"
    r"|^\s+(?:other than|at|in|of|on|from|without) (?:(?:the|an?|another|our|your) )?[a-z-]+(?: [a-z0-9-]+)?"
    r"(?=\s+(?:[a-z]{3,}s|have|must|shall|may|can|should|will|do|(?:is|are) (?:responsible"
    r"|accountable|in charge|to))\b)"
    r"|^\s+responsible for [^.;:,]{3,40}?(?=\s(?:must|shall|should|will|may|can|has to|have to)\b)"
    r"|^\s+(?:assigned|appointed|elected|listed|chosen|named|nominated|involved|affected) [^.;:,]{3,60}?"
    r"(?=\s(?:must|shall|should|will|may|can)\b)"
)
"""`The shift leader at North declares`: where somebody works does not part them from what they do."""
_ASKED_FOR: Final = re.compile(
    r"^\s+for (?:an? |the |their |your )?(?:thumbs|approval|ok\b|go\b|go-ahead|consent|permission|sign-?off"
    r"|release|review)"
)


def acts(before: str, role: str, after: str) -> bool:
    """Whether it is this role that does it: subject of the sentence or of its main clause, or named after `by`."""
    if (
        (_LACKED.match(before) and SAYS.match(after.strip()))
        or (_OF_WHAT.match(before) and not _HAVE_DONE.match(after))
        or _MOVED.search(before)
        or _ABSENT.search(before)
        or _NOT_BY.search(before)
        or _HEEDED.search(before)
        or (_SO_THAT.search(before) and _IS_ABLE.match(after))
        or _IS_TOLD.match(after)
    ):
        return False
    if (
        _ITS_WORD.match(after)
        or _ITS_TURN.match(after)
        or (_IS_THEIRS.match(after) and _DECISION_IS.search(before))
        or _is_had_done(before, after)
        or _goes_on(before, after)
    ):
        return True
    if _WHAT_THEY.search(before) and _HAVE_DONE.match(after):
        return True
    after = _PERSON.sub("", _ASIDE.sub("", after))
    if _BY.search(before) and not is_thing(after) and not (_FROM.search(before) and _WAY.match(after)):
        is_asked_for = not DEPARTMENT.fullmatch(role) or bool(
            re.search(r"\b(?:by|from|together with)\s+(?:the )?$", before)
        )
        return is_asked_for and _says_somebody(before) and not (DEPARTMENT.fullmatch(role) and _is_of(after))
    if _UNTIL.search(before) and (_SAYS_SO.match(after) or (_NOT_YET.search(before) and _does_it(after))):
        return True
    if (_MAY_IF.search(before) and _HAS_DONE.match(after)) or (_ASKS.search(before) and _ASKED_FOR.match(after)):
        return True
    behind = _WHERE.sub("", after)
    if (
        SAYS.match(behind.strip())
        and not _IS_TOLD.match(behind)
        and not re.match(r"\s*(?:review (?:of|completed)|can (?:be|not))", after)
    ):
        is_first = bool(_BEGINS.match(re.split(r"[,;→]\s*|:(?!\d)\s*", before)[-1].strip()))
        return is_first or not DEPARTMENT.fullmatch(role) or "sign" in after[:8] or "approv" in after[:10]
    return is_subject(before, role, behind) and not _IS_TOLD.match(behind)


_HEEDED: Final = sought(
    r"^(?:[a-z]+ )?(?:follow|listen|adhere|obey|heed|act|wait|watch|look|respond|react|answer|reply)\b[^.;:]*\b"
    r"(?:instructions?|orders?|directions?|guidance|prompts?|requests?|advice|updates?|questions?|lead)\b[^.;:]*\b(?:from"
    r"|of|by) (?:the |your |our |an? |any )?$"
    r"|\bas (?:directed|instructed|requested|told|asked|ordered|advised|described|given) by (?:the |your |our |an? )?$"
    r"|\bin consultation with (?:the |their |its |our |relevant )*$"
    r"|\bfor (?:the |their )?(?:[a-z]+ ){0,3}(?:notes?|updates?|input|feedback|information|details"
    r"|contributions) from (?:the |each |all |every |any )*$"
    r"|^(?:[a-z]+ly )?(?:coordinate|collaborate|sync|synchroni[sz]e|liaise|communicate|align|connect|talk|speak"
    r"|discuss)\b[^.;:]{0,40}\b(?:with|to) (?:the |your |our |all |other |respective |relevant )*$"
    r"|\b(?:vote|votes|poll|ballot|quorum|meeting) (?:of|among|amongst) (?:the |all |our )?$"
    r"|(?:\bnot|n['\u2019]t|\bnever) (?:[a-z]+ )?[a-z]+ by (?:the |an? |any |another )?$"
    r"|\((?:e\.g\.|for example|such as),? (?:an? |the )?$"
)
"""`Follow the instructions of the commander`: whoever is listened to tells others what to do."""
_SO_THAT: Final = sought(
    r"\bso (?:that )?(?:(?:all|the|our|each|every|any|other|only) )*(?:[a-z-]+ (?:[a-z-]+ )?(?:and|or) (?:the )?)?$"
)
_IS_ABLE: Final = re.compile(r"\s+(?:can|may|could|know|knows|(?:is|are) able)\b")
"""`So that all responders can see it`: what for, and nobody is asked."""
_OF_WHAT: Final = re.compile(
    r"^(?:for|of|in|with|about|at)\b[^,;:.]{2,60}\b(?:that|which|whom|what) (?:the |an? |our )?$"
)
"""`For the updates that the vendor sends`: who is told of acts in no clause of their own."""
_MOVED: Final = sought(
    r"\b(?:exit|removal|transport|departure|transfer(?:red|s)?|move[ds]?|cop(?:y|ies|ied))\b(?: [\w-]+){0,5}? from "
    r"(?:the )?$"
)
"""`The transport of the drawings from the office`: where something comes from does nothing."""
_LACKED: Final = re.compile(
    r"^(?:the |an? |any |every |each |no )?[a-z-]+(?: [a-z-]+)? without (?:the |an? |any |their )?$"
)
"""`A pilot without a mate does not sail`: who is lacked is not who may not."""


def _is_of(after: str) -> bool:
    """`From the data providers`: a department ahead of a noun of several is only what they deal with."""
    noun = _NOUNS.match(after)
    return noun is not None and noun[1] not in THIRD


_NOUNS: Final = re.compile(r" ([a-z]{4,}[^s\W]s)(?=$|[.,;:)]| (?:in|at|on|by|before|after|and|or|within|until|no)\b)")
_FROM: Final = re.compile(r"\bfrom (?:the )?$")
_WAY: Final = re.compile(r"\s*(?:\u2192|[-=]{1,2}>|to (?:the )?(?:dev|test|qa|staging|prod)\w*\b)")
"""`From dev to staging`: a way, and nobody on it."""
_ITS_WORD: Final = re.compile(
    r"^['\u2019]s? (?:(?:written|explicit|express|prior|formal|verbal|final|personal) )?(?:ok|okay|approval"
    r"|consent|agreement|sign-?off"
    r"|permission|blessing|signature|go-ahead|acceptance"
    r"|go|nod|word|yes|thumbs?[ -]?up|green light|verdict|stamp|initials|clearance)\b"
)
"""`Needs the conductor's OK`."""
_ITS_TURN: Final = re.compile(r"^['\u2019]s? (?:own )?(?:responsibility|job|duty|task|turn) to\b")
"""`It is the author's responsibility to look at it`."""
_IS_THEIRS: Final = re.compile(r"^['\u2019]s?(?: alone)?(?:[.,;]|$)")
_DECISION_IS: Final = sought(
    r"\b(?:decision|call|choice|job|task|duty)(?: (?:to|about|on|of|whether) [^.,;:]{2,50})? is (?:the |our |an? )?$"
)
_IS_TOLD: Final = re.compile(
    r"\s+(?:(?:has|have|had|must|shall|should|will|may|can) )?(?:to )?(?:is|are|was|were|be|been|gets?)"
    r" (?:then |also |always |immediately |at once |first |to be )*(?:told|informed|notified|briefed|alerted|contacted"
    r"|called|phoned|paged|reminded|warned|e-?mailed|mailed|rung)\b"
    r"|\s+(?:(?:has|have|needs?) to|must|shall|should) (?:know|hear|learn)\b|['\u2019]s? absence\b"
)
"""`The duty manager must be called`: whoever is told does not act."""
_ASIDE: Final = re.compile(
    r"^, (?:or|and|as|in|if|with|after|before|when|for|accompanied|assisted|supported|helped|supervised)"
    r" [^,;.]{2,60},(?= [a-z])"
)
"""`The lead, or a deputy, merges`."""
_WHAT_THEY: Final = sought(r"\b(?:that|which|what|whatever|whom|everything) (?:the |an? |our |your |one )?$")
_HAVE_DONE: Final = re.compile(r"^ (?:has |have )(?:not )?(?:\w+ly )?\w+(?:ed|en|own|ade|ut)\b|^ \w{3,}ed\b")
"""`Only fixes that the owner has labelled`: whoever did what is spoken of."""
_PERSON: Final = re.compile(r"^ (?:persons?|people|folks?|colleagues?|contact|side)(?= )")
"""`The security person signs`: whoever is one of them is asked as they are."""
_HAD: Final = sought(
    r"(?:^|[.,;:] |\b(?:and|then) )(?:(?P<to>get)|have|let) (?:the |an? |your |our |another "
    r"|(?:at least )?(?:one|two) (?:other )?)?$"
)
_TO_DO: Final = re.compile(r"^ (?P<to>to )?(?P<verb>[a-z][a-z-]+)\b")
_GOES_ON: Final = re.compile(
    r"^(?:,? who|[;,.:\u2013—]+ ?(?:and )?(?:she|he|they)) (?:then |also |alone |either )*(?P<verb>[a-z-]+)\b"
)
_SHALL: Final = frozenset("must shall may can will".split())
_ON_HAND: Final = re.compile(
    r"^\s+(?:must|has to|have to|shall|needs? to) (?:both |all |also )?be (?:in|at|on|near|next to|beside) the "
    r"(?!(?:list|loop|picture|cc|copy|distribution|mail)\b)|"
    r"^\s+(?:(?:is|are|be|stays?|remains?|must be|has to be|have to be) )?(?:both |all |also )?(?:on stand-?by"
    r"|reachable|available|present"
    r"|at hand|on the (?:call|bridge|line)|on site)\b"
    r"|^\s+(?:is|are|stays?|remains?|(?:must|has to|have to) be) (?:both |all |also )?(?:in|at|on|near|next to) the "
    r"(?:[a-z-]+ ){1,2}(?:from|until|till|during|while|when|for|at|before|after)\b"
)
"""Where somebody is, and when: nobody says so of whom nothing is asked."""


def _is_had_done(before: str, after: str) -> bool:
    """`Have the architect look at it`, `Get the lead to merge`: whoever is had to act does."""
    asked, done = _HAD.search(before), _TO_DO.match(after)
    return asked is not None and done is not None and bool(asked["to"]) is bool(done["to"]) and done["verb"] in OPENERS


def _goes_on(before: str, after: str) -> bool:
    """`Page the lead, who decides`, `DBA on standby`, `Server team to warm up the shards`."""
    who = _GOES_ON.match(after)
    if who is not None:
        return who["verb"] in THIRD or who["verb"] in _PLAIN_VERBS or who["verb"] in _SHALL
    is_first = bool(_BEGINS.match(before.strip()))
    done = _TO_DO.match(after)
    is_charged = done is not None and bool(done["to"]) and done["verb"] in OPENERS
    return is_first and (is_charged or bool(_ON_HAND.match(after)))


def _does_it(after: str) -> bool:
    """`Until the chief switches it on`: what waits for somebody's act waits for them."""
    word = FIRST_WORD.match(after)
    return word is not None and word[1] in _PLAIN_THIRD


_ABSENT: Final = sought(r"\b(?:absence|instead|lieu|unavailab\w+) of (?:the )?$")
_NOT_BY: Final = sought(r"\b(?:not|never) (?:by|from) (?:the |an? |any )?$")
_UNTIL: Final = sought(r"\b(?:after|until|once|unless|when|before|if) (?:the |an? )?(?:[a-z]+['\u2019]s )?$")
_SAYS_SO: Final = re.compile(
    r"\s+(?:has |have )?(?:confirm|approv|agree|accept|sign|clear|releas|authori[sz]|permit|initial|countersign|certif"
    r"|inspect|verif|validat|witness|consent|nodd|okay)\w*"
    r"|\s+(?:has |have )?(?:says?|said) (?:no|yes|so|stop|go|ok|okay)\b"
)
_NOT_YET: Final = sought(r"\b(?:until|unless) (?:the |an? )?$")
_MAY_IF: Final = sought(r"\b(?:may|can)\b[^.;:]{3,80}\b(?:if|when|once|after) (?:the |an? )?$")
"""`It may stay open if the lead has justified it`: what opens a way is asked for."""
_ASKS: Final = sought(r"\basks? (?:the |an? )?$")
_HAS_TIME: Final = re.compile(
    r"\s+(?:has|have|gets?) (?:only |up to |until |till |at most )?(?:\d|one|two|three|half an?|an? (?:day|hour"
    r"|week)|the right|noon|midnight|the (?:evening|morning|end)|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
)
_HAS_SAY: Final = re.compile(r"\s+(?:has|have) (?:an? (?:veto|vote|say|right (?:of|to))|the right|no objections?)\b")
"""`Quality has a right of veto`: nothing but people do."""
_HAS_DONE: Final = re.compile(
    r"\s+[a-z]{3,}ed (?:the|over|through|at|all|it|every|each|an?)\b|\s+(?:has|have) (?:been "
    r"|not )?(?:(?:both|all|each) )?(?:\w+(?:ed|en|own)|said|told|sent|found|run|built|put|cut|kept|held|brought|bought"
    r"|gone|drawn|left|paid|rung|read|done|made|met|set)\b"
    r"|\s+(?:has|have) (?:at least )?(?:the|his|her|their|both|every) "
    r"|\s+(?:has|have) (?:ok['\u2019]d|okayed|lgtm['\u2019]?e?d)\b"
    r"|\s+(?:has|have) with (?:him|her|them)(?:self|selves)?\b"
)


def is_subject(before: str, role: str, after: str) -> bool:
    """Whether a clause begins with it and goes on with what it does."""
    clause = re.split(
        r"[,;→]\s*|[-=]>\s*|\b(?:and|while|whereas) (?=(?:the|an?|our) $)|:(?!\d)\s*|[a-z][.!?]\s|\bthen\b"
        r"|'s absence\b|\bafter deployment\b",
        before,
    )[-1]
    after = _THING_ASIDE.sub(r"\1", after)
    word = FIRST_WORD.match(after)
    is_first = _BEGINS.match(clause.strip()) or (_MEANWHILE.match(clause) and word and word[1] in _PLAIN_THIRD)
    if _NOUN_THERE.match(after) or not word or not is_first:
        return False
    if word[1] in _RECEIVES:
        return bool(_GETS_DONE.match(after))
    if word[1] == "who":
        return True
    if (
        _HAS_DONE.match(after)
        or _HAS_SAY.match(after)
        or (_HAS_TIME.match(after) and (not before.strip() or not DEPARTMENT.fullmatch(role)))
        or (_ACTING.match(word[1]) and not _is_noun(word[1], after) and (" " in role or not DEPARTMENT.fullmatch(role)))
    ):
        return True
    if _DID.match(word[1]) and not DEPARTMENT.fullmatch(role):
        return True
    is_plural = role.endswith(("s", "staff", "people", "folk")) or bool(_SEVERAL.search(role))
    return word[1] in THIRD or (is_plural and word[1] in _PLAIN_VERBS) or word[1] in _AND_MORE


_THING_ASIDE: Final = re.compile(r"^( [a-z]{3,}s) \([^()]*\)(?= [a-z])")
_BEHIND_VERBS: Final = (
    "the ",
    "a ",
    "an ",
    "it ",
    "them ",
    "all ",
    "each ",
    "every ",
    "its ",
    "their ",
    "our ",
    "any ",
)


def _is_noun(word: str, after: str) -> bool:
    """`Core user workflows failing`: what has no object behind it and is called like a thing is one."""
    return names_thing(word) and not after.partition(word)[2].lstrip().startswith(_BEHIND_VERBS)


def is_thing(after: str) -> bool:
    return bool(
        re.match(r"\s+(?:team'?s? )?(?:branch|tests?|scan|environment|dashboard|tool|policy|pipeline|checklist)", after)
    )


def _says_somebody(before: str) -> bool:
    """After `with`, `requires` and `needs` there is somebody only if something is asked of them."""
    tail = re.search(
        r"(?<!go )(?<!goes )(?<!runs )(?<!passes )\b(\w+)\s+(?:at least |both )?(?:(?:the|a|an|one|two"
        r"|three|four|five|\d|any|all|further|more"
        r"|another|our|either|each|your|owning"
        r"|responsible|competent|respective|relevant)\s+)*(?:(?:other|second|different|senior) )?$",
        before,
    )
    return (
        tail is None
        or bool(_IN_HANDS.search(before))
        or tail[1] not in ("with", "through", "requires", "require", "needs", "need")
        or bool({*re.findall(r"[a-z-]+", before)} & (_ASSENTING))
        or tail[1] in ("requires", "require", "needs", "need")
    )


_IN_HANDS: Final = sought(r"\b(?:lies|rests|remains) with (?:the |an? |our )?$")
_PLAIN_VERBS: Final = OPENERS | frozenset(one.removesuffix("s") for one in THIRD) | frozenset("apply have do".split())
_NOUN_THERE: Final = re.compile(
    r"^\s+[a-z]{3,}s (?:are|were|must|may|can|shall|should|need|have|do"
    r"|don['\u2019]t) (?:\w+ly )?(?:not )?(?:be |been |to )?[a-z]"
    r"|^\s+(?:scans?|tests?|checks?|reviews?|builds?|plans?|updates?|changes|releases|reports?|patches|fixes"
    r"|queues?|migrations?) (?:\w+ed\b|must\b|may\b|can\b|shall\b|should\b|need\b|have\b|go\b|are\b|is\b"
    r"|pass\w*|green|clean|clear|complete)"
)
_SEVERAL: Final = sought(r"\band\b|[,&+/]")
_DID: Final = re.compile(
    r"(?:went|read|saw|said|took|gave|did|wrote|ran|made|told|tried|checked|reviewed|confirmed|signed)$"
)
_ACTING: Final = re.compile(
    r"(?!is|was|has|does|this|its|always|process|access|across|plus|less)(?:re-)?[a-z]{3,}[^s]s$"
)
"""A verb of somebody else that no list knows: `apologises`."""
_AGREED: Final = frozenset("agreed agree confirmed cleared aligned validated reviewed coordinated".split())
_ASSENTING: Final = APPROVED | SIGNED | _AGREED
_MEANWHILE: Final = re.compile(
    r"^\s*(?:between|after|before|during|at|on|in|for|within|once|until|every|each) (?:[\w-]+ ){1,4}$"
)
"""What stands before somebody who acts and has no article: `Between waves Operations compares`."""
_PLAIN_THIRD: Final = THIRD & THIRD_PERSON
_GETS_DONE: Final = re.compile(
    r"^\s+gets? (?:[\w-]+ ){1,4}(?:out|done|ready|signed|live|over|through|back|moving|going|approved|agreed)\b"
)
"""`Gets the notes out`: whoever gets something done does it."""
_RECEIVES: Final = frozenset("get gets receive receives hear hears learn learns".split())
"""What befalls whoever something is given to or told."""
_AND_MORE: Final = frozenset("and or".split())
