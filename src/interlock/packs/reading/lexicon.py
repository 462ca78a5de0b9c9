# SPDX-License-Identifier: Apache-2.0
"""The vocabulary of release procedures: which words say that something is done, told, written, attested, decided.

Verbs are listed once, in their base form; what follows from grammar (`verifies`, `verified`, `verifying`) is derived.
A sentence is looked at as `Words`: once cut, compared with these sets.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from interlock.packs.reading.inflecting import forms, inflected, third

_WORD: Final = re.compile(r"[a-z0-9]+(?:[-'\u2019/_][a-z0-9]+)*")
DOING: Final = frozenset(
    (
        "abort activate add adjust advance amend apply assemble assign attach authenticate back back-up backup bake "
        "block branch bring build bump cancel change checkout cherry-pick choose clean cleanup clear click clone "
        "close collect combine commit compile complete configure connect continue coordinate copy "
        "create cut cutover declare "
        "delete deploy deprecate derive disable disconnect discard distribute divert do download "
        "downgrade drain drop edit "
        "eliminate enable engage enter execute expand export extract fail failover fetch finalize "
        "finalise finish fix flip flush fold follow "
        "freeze generate get give go halt handle hand hide hold identify implement import increase increment initiate "
        "inject insert install integrate invalidate isolate iterate join keep kill launch leave let lift load lock "
        "lower make mark merge migrate mirror mitigate mount move mute name obtain open order package "
        "patch pause perform pick press visit navigate type paste scroll demote evacuate "
        "pin place plan point pre-warm prepare prioritise prioritize proceed produce program promote "
        "propagate protect provide provision "
        "publish pull purge push put quiesce raise ramp re-deploy re-enable re-run rebase rebuild "
        "recover redeploy redirect "
        "reduce refresh regenerate release reload remove rename repair repeat replace replay replicate reproduce "
        "rerun reschedule reset resolve restart restore resume retain retire retrieve retry return reuse "
        "revert revoke serve yank "
        "roll rollback rollforward rotate route run save scale schedule seal secure seed select set "
        "set-up setup shift ship shut shutdown "
        "sign silence snapshot spin split squash stage start stop store submit suspend swap switch sync "
        "synchronise synchronize "
        "tag take terminate tidy toggle transfer trigger turn undo uninstall unlock unpause unpublish "
        "unwind update upgrade upload "
        "assist enlist print help attempt engage augment bundle customise customize delegate duplicate elevate empty "
        "find force format highlight initialise initialize instruct invoke locate match modify organise "
        "organize relax search sort track tweak unblock uncheck "
        "use wait warm wipe withdraw wrap configure containerize bootstrap escalate work"
    ).split()
)
CHECKING: Final = frozenset(
    (
        "analyse analyze audit benchmark check compare confirm double-check ensure evaluate examine "
        "exercise inspect lint "
        "look make-sure measure monitor observe profile probe prove query reconcile review sanity-check scan simulate "
        "smoke-test spot-check test try validate verify watch witness assure cross-check regression-test walk"
    ).split()
)
WRITING: Final = frozenset(
    "annotate append archive capture compile compose describe document draw draft file fill jot list log "
    "note outline record "
    "register report state explain debrief justify summarise summarize write gather detail enter".split()
)
TELLING: Final = frozenset(
    "alert announce ask brief broadcast call circulate communicate contact email e-mail inform "
    "invite message notify page ping "
    "mail post ring dm poke nudge publicise publicize remind request send share shout signal tell text thank toot "
    "tweet warn "
    "advise phone reply answer mention loop".split()
)
DECIDING: Final = frozenset(
    "accept agree allow approve authorise authorize decide determine grant permit reject".split()
)
ATTESTING: Final = frozenset(
    "acknowledge affirm attest certify clear confirm countersign co-sign endorse sign sign-off signoff".split()
)
DEVELOPING: Final = frozenset("develop implement reproduce refactor prototype fix".split())
OPENERS: Final = (
    DOING
    | CHECKING
    | WRITING
    | TELLING
    | DECIDING
    | ATTESTING
    | DEVELOPING
    | frozenset(
        "avoid consider convene discuss estimate limit meet never no obey attend follow-up respond triage investigate "
        "diagnose troubleshoot communicate include specify assess establish define create conduct host set-up arrange "
        "maintain mention prevent preserve respect stick think understand read recheck reconfirm "
        "rehearse re-test retest "
        "re-verify prefer assemble appoint designate nominate estimate engage carry close-out sunset seek onboard "
        "solicit sanitize scrub vacuum reindex index vet vote wake "
        "convince deliver supply say assume reply answer have postpone delay stay talk explain expect pretend "
        "begin press hit tick "
        "stamp print book reserve reboot boot flash erase plug unplug react escalate bring backport "
        "forward-port cross-check "
        "double check-in check-out bear beware refuse decline stash unstash gpg-sign notarize codesign crosspost "
        "subscribe unsubscribe populate hand-over proofread proof-read translate localize localise count recount "
        "crawl browse skim align coach train teach rebalance renew recreate rescan relabel reword pin unpin triage "
        "prune trim compress unzip zip unpack label attach detach park link encrypt decrypt minify comment "
        "propose suggest buy kick eject "
        "calculate compute lapse expire sum inventory trace follow-up shepherd nudge chase escort".split()
    )
)
"""Verbs that begin an instruction."""
THIRD: Final = third(OPENERS) | frozenset(
    "goes does has must may can shall will signs owns leads drives runs rings".split()
)
"""What a role does in a sentence about it."""

TOLD: Final = frozenset(
    "told notified notifies notify informed informs inform announced announces announce communicated "
    "communicates briefed "
    "broadcast emailed e-mailed messaged warned circulated advised announcement announcements paged "
    "alerted instructed sent pinged contacted phoned mailed rung".split()
)
WRITTEN: Final = frozenset(
    "annotated archived captured described documented drafted jotted logged noted recorded "
    "registered summarised summarized "
    "written explained justified listed filed minuted".split()
)
APPROVED: Final = forms("approve authorise authorize") | frozenset(
    "ok'd okayed approval approvals authorisation authorization".split()
)
REVIEWED: Final = forms("review inspect assess proofread proof-read")
SIGNED: Final = forms("acknowledge attest certify countersign endorse") | frozenset(
    "sign-off sign-offs signoff signoffs signed-off signature signatures acknowledgement clearance".split()
)
CHECKED: Final = forms("check confirm ensure test validate verify compare reconcile exercise")
WATCHED: Final = forms(
    "monitor watch observe soak bake wait stay leave remain hold linger burn sit keep let pause baking"
) | frozenset(
    "soak bake bake-in standby observation hypercare burn-in cooling-off cool-down monitoring wait settle".split()
)

THIRD_PERSON: Final = third(
    OPENERS
    - frozenset(
        "test check tag log commit branch file note report record release build alert back step plan key "
        "page point run review copy patch update import read change time set list name state back-up "
        "order stage sign work request map snapshot work mark display document flag scale limit seed".split()
    )
) | frozenset("references reflects contains starts shows happens occurs belongs lasts lives becomes".split())
"""Verbs of others that are no plural of a noun."""

PERFECT: Final = {
    form: verb
    for verb in (DECIDING | ATTESTING | WRITING | CHECKING | DOING | TELLING)
    for form in list(inflected(verb))[3:]
}
"""What somebody has done, and the verb it is of: `approved` is of `approve`."""

MODAL: Final = frozenset(
    "must shall required requires require mandatory never cannot can't prohibited forbidden only "
    "obligatory compulsory exclusively "
    "mustn't shan't needs need ought ensure ensures always minimum exactly".split()
)
ADVISED: Final = frozenset(
    "encouraged recommended optional optionally ideally consider suggested discretionary advisable "
    "preferably nice-to-have "
    "bonus aspirational".split()
)
NEGATED: Final = frozenset(
    "no not never nobody none without don't doesn't cannot can't nothing neither avoid refrain zero".split()
)

STATES: Final = frozenset(
    "green ready complete healthy clean clear ok okay passing pass passes passed successful "
    "successfully succeed succeeds "
    "available present up-to-date current valid stable empty in-place works work load loads exists exist matches match "
    "unchanged frozen identical known online reachable responding responds outstanding open "
    "remaining pending understood "
    "done met correct working visible live intact consistent met off on set sent held taken built "
    "kept written given found "
    "accessible operational quiet sufficient acceptable compatible backwards-compatible "
    "backward-compatible reversible final "
    "older younger idempotent appear appears respond returns return".split()
)
"""Words that say how something is, as the items of a checklist do."""


NOUNS: Final = frozenset(
    (
        "notes plan plans procedure procedures process request requests message messages manager "
        "managers artifacts artifact artefacts version versions "
        "branch branches candidate candidates letter train window windows checklist script scripts "
        "evidence suite suites result results coverage "
        "report reports decision target ticket tickets freeze history log logs number rate rates image "
        "images date dates timing scope "
        "case cases file files team teams environment environments status rotation pipeline pipelines "
        "package packages tag tags captain runbook "
        "form forms sheet sheets "
        "criteria management strategy path board item items job jobs page pages review reviews test "
        "tests build builds record "
        "state flag flags config configuration hash commit commits letter key keys success document "
        "documents documentation docs "
        "schedule lead owner engineer data queue response time times point points name names note entry "
        "entries flow flows account "
        "access period day week mode level levels budget budgets alert alerts dashboard dashboards "
        "server servers service services "
        "size content policy sign-off signoff signature advisory board meeting call calendar approval "
        "approvals completion"
    ).split()
)
"""What makes a verb before it a noun: the release in `release notes`, the rollback in `rollback plan`."""
_MEASURED: Final = frozenset("below above within under over less more least most higher lower equal equals".split())
AMBIGUOUS: Final = frozenset(
    (
        "release rollback roll-back backup back-up test change commit tag build import export report log "
        "merge start patch stage restore plan run "
        "review document record monitor alert schedule update check request project branch package file "
        "access measure map process "
        "cut set image copy snapshot hotfix support download upload transfer post issue trigger lock "
        "load lift step sign state work "
        "order name list hand state canary code design benchmark contact email message note point probe "
        "query scan limit deploy "
        "checkout freeze purge reset return revert route share shift ship stop store switch turn use "
        "wait watch draft signal text "
        "mail approach feature mark mount place present produce profile program reload rename repair replay "
        "result reuse seed select "
        "smoke kill split supply surge swap upgrade vote wake warm accept accepted complete close clear "
        "clean open ready public private"
    ).split()
)
"""Verbs that are as often nouns or adjectives."""
_ARTICLES: Final = frozenset(
    "the a an all any every each to from into on in for with your our this that only it them both new".split()
)
_COMPOUND: Final = re.compile(
    r"^(?:release|change|load|smoke|support|design|code|hot-?fix|hand-?over|test|build|deploy|patch|incident|write) "
    r"(?:access|e?-?mails?|tests?|notes?|tickets?|requests?|records?|freezes?|windows?|boards?|calendars?|teams?"
    r"|days?|branch(?:es)?"
    r"|candidates?|managers?|plans?|trains?|announcements?|checklists?|meetings?|rota|schedules?|pipelines?|reviews?"
    r"|messages?|posts?|numbers?|procedures?|process(?:es)?|policy|policies|guides?|scripts?|suites?|environments?"
    r"|leads?|engineers?|coordinators?|owners?)\b"
    r"(?! (?:the|a|an|all|each|every|it|them|your|our)\b)"
    r"|^(?:report|export|import|back-?up|restore|upload|download|search|checkout|upgrade"
    r"|install) (?:\w+ ){1,3}tests?\b"
    r"|^(?:patch|hot-?fix) releases?\b"
    r"|^open (?:issues?|tickets?|bugs?|defects?|incidents?|items?|points?|questions?|findings?|alerts?|anomal\w+)\b"
)
"""A verb that the noun after it makes a noun: `release mail`, `load test`."""
_SUBJECT: Final = re.compile(
    r"^\w+ (?:(?!that\b|which\b|if\b|when\b|until\b|once\b|the\b|a\b|what\b|how\b|and\b)[\w-]+ ){1,3}"
    r"(?:is|are|was|were|has|have|must|shall|should|may|can|will)\b"
)
_IS_STATE: Final = re.compile(
    r"^(?!.*\b(?:that|which|who|until|if|when|whether|once|where|while|so|what|sure)\b).*\b(?:is|are|was|were|has been"
    r"|have been) "
    r"(?:\w+ )?(?:complete|ready|done|green|available|current|valid|empty|in place|up to date|clean|\w{2,}ed)\.?$"
)
"""`Redirect list for all old URLs is complete`: what begins like a command and ends in how something is."""
_WAS: Final = re.compile(
    r"^(?!.*\b(?:that|which|who|until|if|when|whether|what)\b).*\b(?:was|were|has been|have been) \w{2,}ed\b"
)
_MADE_SO: Final = re.compile(
    r"^[\w-]+ (?!need|feed|speed|seed)\w{3,}ed(?=$|[,.;(]| (?:by|to|on|in|and|into|for|from|at)\b)"
)
"""`Label printed, and put on`: a thing, and what was done to it."""
_PASSES: Final = re.compile(
    r"^[\w-]+(?: [\w-]+)? (?:from|to|of|between|on|in|over|with) (?:(?!that\b|if\b|and\b|until\b"
    r"|which\b)[\w.-]+ ){1,6}(?:works?|pass(?:es)?|succeeds?|completes|loads?|opens?)"
    r"(?: (?:again|too|without .*))?\.?$"
)
"""`Update from the oldest version works`: what begins like a command and ends in what comes of it."""
_IDIOMS: Final = (("check out", "checkout"), ("have a look", "look"), ("take a look", "look"))
_OF: Final = re.compile(r"^[\w-]+ of\b")
_QUOTES: Final = re.compile("^[\\w-]+ [\"'\u201c\u2018`]")
_PREFIX: Final = re.compile(r"^(?:re-?|un-?|pre-?|de-?|dis-?|co-?)")
_ORDERS: Final = re.compile(r"^[a-z]{2,}[a-rt-z] (?:the|a|an|it|them|all|your|our|both|each|every|any)\b(?!-)")
_TWO: Final = 2
_MOVES: Final = frozenset(
    "arrives appears shows works opens loads starts contains exists matches passes fails runs".split()
)
"""What a thing does that two words name: `Push notification arrives`."""
_PARTICLE: Final = re.compile(r"^[a-z]+ (?:off|out|up|down|back|over)(?:,|(?: the| an?| from| to)\b)")
"""`Branch off, and tag`: what stands with such a word is a verb."""
_SELDOM: Final = frozenset(("ring",))
"""Nouns that are verbs before an article only: `ring 2`, `ring the lead`."""
_AFTER_VERBS: Final = frozenset("the a an no nothing all every each its it only without to".split())
"""What follows a verb: `Uninstall leaves nothing`."""
_SHORT: Final = 5
"""What ends in `ing` and is no longer is a verb by itself: `ring`, `bring`."""
_LITTLE: Final = frozenset(
    "in on at for with from by to of and or but if when this that is are be been as after before "
    "during under over per via without "
    "within not only then than both all each no there here it we you they who what which while since "
    "until unless into onto about "
    "between through just also even such same like has have had do does did can may must shall will "
    "should would could made said "
    "see being used given based because although though where whether how why another other any "
    "every some most more less the an our your one two".split()
)
_IS: Final = frozenset("is are was were has have was works passes fails exists succeeds matches completes".split())


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence cut once: `low` is its text in small letters, `all` its words in order."""

    low: str
    all: tuple[str, ...]
    known: frozenset[str]
    opener: str = ""
    """The verb it begins with as an instruction; empty where that word is a noun here, as in `release notes`."""

    @property
    def first(self) -> str:
        """The first word; empty when there is none."""
        return self.all[0] if self.all else ""

    def has(self, among: frozenset[str]) -> bool:
        """Whether one of these words is in it."""
        return not among.isdisjoint(self.known)


_SURELY_DONE: Final = THIRD_PERSON - NOUNS


def _opener(low: str, words: tuple[str, ...]) -> str:
    first = words[0] if words else ""
    if first not in OPENERS:
        return _rare(low, first)
    if len(words) > _TWO and words[1] in _SURELY_DONE and words[2] in _AFTER_VERBS:
        return ""
    if first in _SELDOM and (len(words) == 1 or words[1] not in _ARTICLES):
        return ""
    idiom = next((verb for begin, verb in _IDIOMS if low.startswith(begin)), "")
    if idiom or _is_no_command(low, first):
        return idiom
    if len(words) > _TWO and first not in CHECKING and words[1] not in _ARTICLES and words[2] in _MOVES:
        return ""
    second = words[1] if len(words) > 1 else ""
    if _PARTICLE.match(low):
        return first
    is_plain = _QUOTES.match(low) or second in _ARTICLES or len(words) == 1 or first not in AMBIGUOUS
    return first if is_plain or not _is_noun(second, words[1:]) else ""


def _rare(low: str, first: str) -> str:
    """A verb that no list knows: one with a syllable before it, or one with an article after it."""
    stem = _PREFIX.sub("", first)
    if stem in OPENERS:
        return "undo" if first.startswith("un") else stem
    return (
        first
        if _ORDERS.match(low) and first not in _LITTLE and not (first.endswith("ing") and len(first) > _SHORT)
        else ""
    )


_DOUBTFUL: Final = AMBIGUOUS - CHECKING
_LOOKING: Final = CHECKING | {"ensure"}


def _is_no_command(low: str, first: str) -> bool:
    """Whether what begins like a command is a noun with something before it, or ends in how something is."""
    if _COMPOUND.match(low) or _OF.match(low) or _PASSES.match(low) or (first in _DOUBTFUL and _SUBJECT.match(low)):
        return True
    if _MADE_SO.match(low):
        return True
    return first not in _LOOKING and bool(_IS_STATE.match(low) or _WAS.match(low))


def _is_noun(second: str, rest: tuple[str, ...]) -> bool:
    """Whether a word that may be both is a noun, by the words after it."""
    if second in ("and", "or"):
        return bool(_IS & {*rest[1:4]})
    is_subject = second in _IS or (second in THIRD_PERSON and len(rest) > 1)
    return is_subject or (second in NOUNS and _is_said(rest[1:])) or _is_said(rest[:1])


def _is_said(words: tuple[str, ...]) -> bool:
    """Whether these words say how something is: `notes drafted`, `plan ready`, `message references a ticket`."""
    return any(
        (word.endswith("ed") and word not in ("need", "feed", "speed", "known-good"))
        or word in STATES
        or word in _IS
        or word in _MEASURED
        or word in THIRD_PERSON
        for word in words[:4]
    )


def passes(low: str) -> bool:
    """Whether it begins like a command and ends in what comes of it."""
    return bool(_PASSES.match(low))


@lru_cache(maxsize=8192)
def cut(text: str) -> Words:
    """The words of a text."""
    low = text.lower().replace("\u2019", "'").replace("w/o ", "without ")
    found = tuple(_WORD.findall(low))
    parts = (part for word in found if "/" in word or "-" in word for part in re.split("[/-]", word))
    return Words(low, found, frozenset((*found, *parts)), _opener(low, found))
