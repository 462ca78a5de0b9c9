# SPDX-License-Identifier: Apache-2.0
"""Passages that are read by their shape: a share of users and how long, a sign of trouble and what follows, a weekday.

Each function is one line of the tables in `kinds` and `weighing`, which say in which order they are asked.
"""

import re
from typing import Final

from interlock.packs.reading.inflecting import third
from interlock.packs.reading.lexicon import (
    CHECKED,
    CHECKING,
    DOING,
    MODAL,
    NEGATED,
    PERFECT,
    REVIEWED,
    SIGNED,
    TELLING,
    WRITING,
    cut,
    passes,
)
from interlock.packs.reading.manner import THAT_DAY, begins_as_told
from interlock.packs.reading.passages import Form
from interlock.packs.reading.people import DATED, is_only_role
from interlock.packs.reading.relations import Relation
from interlock.packs.reading.roles import named_in
from interlock.packs.reading.ruling import PERIL
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.timing import IS_KEPT
from interlock.packs.reading.topics import Topic
from interlock.packs.reading.verbs import verb_of

_SHARE: Final = re.compile(
    r"^(?:to |at )?(?:\d+(?:[.,]\d+)? ?%|(?:ring|wave|stage|phase|batch|cohort|tier|canary|region|pilot)\b)"
)
_THEN: Final = re.compile(
    r"\s*(?:→|⇒|->|=>)\s*|:\s+(?=(?:back to|stop|abort|roll|revert|halt|pause|cancel|restore|withdraw)\b)"
)
_TROUBLE: Final = sought(
    r"[<>≥≤%?]|\b(?:above|below|over|under|more than|less than|or more|doubles?|drops?|rises?|spikes?"
    r"|down|broken|breaks?"
    r"|fails?|failed|failing|failure|wrong|gone|missing|lost|loses|stuck|crash\w*|errors?|red|slow|odd|late|full|dead"
    r"|empty|unreachable|unhealthy|corrupt\w*|leaks?|exposed|hangs?)\b"
)
_MEANS: Final = sought(
    r"\b(?:above|below|over|under|more than|less than|fewer than|any|every|no|two|three|red|failing|missing)\b.*"
    r"\b(?:means?|is) (?:that )?(?:we |you |to |an? |the )?(?:immediate )?(?:cancel|stop|abort|roll"
    r"|revert|halt|no-go|go back"
    r"|rollback|restore|pause|fail|blocker)"
)
_LEADS: Final = sought(
    r"\b(?:leads? to|results? in|entails?|ends? in) (?:an? |the )?(?:\w+ )?"
    r"(?:return|roll-?back|reversal|withdrawal|review|audit|cancellation|postponement|stop|abort|halt|revert)\b"
)
_WEEKDAYS: Final = re.compile(
    r"^(?:(?:on|only|not on|mostly) )?(?:mon|tue|wed|thu|fri|sat|sun)(?:[a-z]*days?)?(?:s|\b)"
)
_FRESH: Final = sought(
    r"\bback-?ups?\b.*(?:[<≤]|\bnot older\b|\byounger\b|\bno older\b|\bfresh\b|\bat most\b|\bexists?\b|\bis there\b)"
)
_LOG_LABEL: Final = re.compile(r"^(?:ticket|wiki|jira|confluence|protocol|changelog|log ?book|log|record|change)$")
_ANYBODY_MAY: Final = sought(
    r"\b(?:everybody|everyone|anybody|anyone|any (?:engineer|developer|operator|member)"
    r"|all of us)\b.{0,30}\b(?:may|can)\b"
)
_OPENED: Final = frozenset({"open", "closed", "allowed", "blocked", "off-limits", "forbidden", "permitted"})
_LOOKS_AT: Final = frozenset(("look", "looks", "proofread", "proofreads", "walk", "walks"))
_CONDITION_LEAD: Final = sought(r"\b(?:if|when|once|that|unless|only)\s*:?$|\b(?:conditions?|provided)\b")
_MUST_HAVE: Final = sought(r"\b(?:must|shall|should) (?:both |each |all )?have \w+(?:ed|en|un|ne|id)\b")
_PRESENT: Final = re.compile(r"^(?:present|attend\w*|participants?|quorum|on the (?:call|bridge)|in the room)$")
_DECISION: Final = sought(r"\b(?:decisions?|go/no-go|approvals?|clearance|permission)\b")
_PROVING: Final = sought(r"\b(?:simulations?|rehearsals?|dry.?runs?|walk.?through|trial|test \w+|smoke|inspection)\b")
_KEEPS_ON: Final = 30


def holds_share(one: Saying) -> bool:
    """`10 % for 2 days`: so many users for so long."""
    return (one.in_relation(Relation.FOR) or "overnight" in one.words.known) and bool(_SHARE.match(one.words.low))


_TELLS_OR_WRITES: Final = TELLING | WRITING


def follows_trouble(one: Saying) -> bool:
    """`5xx > 2 % → roll back first`: a sign of trouble, and what follows from it."""
    before, *after = _THEN.split(one.passage.text.lower(), maxsplit=1)
    is_sign = bool(after) and bool(_TROUBLE.search(before)) and one.passage.form is not Form.ROW
    return is_sign and not one.words.opener and verb_of(one) not in _TELLS_OR_WRITES


def is_stop_sign(one: Saying) -> bool:
    """`Three gateways silent for an hour → stop`: what is seen, an arrow, and what is done then."""
    if one.passage.form in (Form.BOX, Form.ROW):
        return False
    seen, *done = _ARROW_THEN.split(one.passage.text.lower())
    is_one = len(done) == 1 and not cut(seen).opener
    return is_one and cut(done[0]).opener in _STOPS


_ARROW_THEN: Final = re.compile(r"\s*(?:→|⇒|->|=>)\s*")
_STOPS: Final = frozenset(
    "stop abort halt hold pause roll revert cancel postpone disable switch withdraw recall restore undo".split()
)


def means_back(one: Saying) -> bool:
    """`Lag above 60 seconds means cancel`."""
    return bool(_MEANS.search(one.words.low) or _LEADS.search(one.words.low))


def comes_out(one: Saying) -> bool:
    """`Update from the oldest version works`: an act that is named, and what comes of it."""
    return passes(one.words.low) and not one.own


def parts_people(one: Saying) -> bool:
    """`Requester and implementer are different persons`, `Developers have no access`."""
    low = one.words.low
    is_near = any(word in low for word in ("different", "separate", "distinct", "same p", "no ", "rather than"))
    return is_near and one.passage.form is not Form.BOX and bool(_PARTED.search(low))


_ATTENDS: Final = sought(r"\b(?:attends?|takes? part|(?:is|are|must be) present)\b")
_PARTED: Final = sought(
    r"\b(?:are|must be|have to be|is) (?:two |three |always )?(?:different|separate|distinct) (?:people"
    r"|persons?|individuals|hands)\b"
    r"|\b(?:is|are|must|may) (?:not|never) (?:be )?the same (?:person|people)\b"
    r"|^[\w -]{3,40}s (?:have|get) no (?:\w+ )?(?:access|rights?|permissions?|credentials|passwords?"
    r"|keys?)\b|\brather than\b"
)


def begins_again(one: Saying) -> bool:
    """`A failed check means a new build`."""
    return bool(_AGAIN.search(one.words.low))


_AGAIN: Final = sought(
    r"\b(?:means?|needs?|requires?|takes) (?:an? )?(?:new|fresh|another) (?:\w+ )?(?:build|candidate"
    r"|window|release|attempt|date|run|tag"
    r"|version|approval|review)\b"
)
_APPROVALS: Final = re.compile(r"^(?:one|two|three|\d|at least \w+) (?:\w+ )?approvals?\b")
_SAYS_OK: Final = re.compile(r"^(?:ok|okay|go|yes|approved|agreed|thumbs[ -]up)[.!]?$")
_EARLIEST: Final = sought(r"\bat the earliest\b|\b(?:no|not) (?:earlier|sooner|before) than\b")
_WATCHED_UNTIL: Final = sought(
    r"(?:\b(?:is|are) (?:watched|monitored|observed|staffed|manned)\b|^(?:watch|monitor|stay|remain)\b).*\b(?:until"
    r"|till) (?:the )?(?:next |following )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|noon|midnight"
    r"|evening|morning"
    r"|end of|close)\b"
)


def is_word_given(one: Saying) -> bool:
    """`Two approvals on every request`, `Product: OK`."""
    return bool(_APPROVALS.match(one.words.low)) or (
        bool(one.label and one.own) and bool(_SAYS_OK.match(one.main.low.strip()))
    )


def is_share(one: Saying) -> bool:
    """`10 % on Android, phased on iOS`: how many get it next."""
    return one.is_listed() and bool(_SHARE_OF.match(one.main.low)) and not (one.check or one.own)


_SHARE_OF: Final = re.compile(r"^\d+(?:[.,]\d+)? ?%(?: (?:on|in|for)\b|[,:;]|$)")


def is_not_earlier(one: Saying) -> bool:
    """`100 % on the third day at the earliest`."""
    return bool(_EARLIEST.search(one.words.low)) and not one.times


def is_watched_until(one: Saying) -> bool:
    """`The mailbox is watched until Friday`."""
    return bool(_WATCHED_UNTIL.search(one.words.low))


def lacks_all(one: Saying) -> bool:
    """`Zero critical findings`."""
    return one.is_listed() and one.words.first == "zero" and not one.given


def is_beyond(one: Saying) -> bool:
    """`Below 99 % we pull the build`: a measure, and what somebody does beyond it."""
    return one.passage.form not in (Form.ROW, Form.BOX) and bool(_BEYOND.search(one.words.low))


_BEYOND: Final = sought(
    r"(?:^|[,;:.\u2013—] )(?:below|above|over|under|beyond|at|from) \d[\d.,]* ?(?:%|ms|s|percent|points?)?,? "
    r"(?:we|you|they|the \w+|somebody|everything|nothing) \w+"
)


def is_of_weekdays(one: Saying) -> bool:
    """`Tuesdays and Thursdays, 10 to 12`: when it may be done, and nothing else."""
    is_plain = (
        not DATED.match(one.words.low)
        and not THAT_DAY.match(one.words.low)
        and not one.own
        and not begins_as_told(one)
        and one.passage.form is not Form.ROW
        and not one.label
    )
    return is_plain and bool(_WEEKDAYS.match(one.words.low))


def is_fresh_backup(one: Saying) -> bool:
    """`backup < 2h old`."""
    return bool(_FRESH.search(one.words.low))


def is_logged(one: Saying) -> bool:
    """`ticket: done + time`."""
    return bool(_LOG_LABEL.match(one.label.lower())) and not one.main.opener and not one.own


def anybody_may(one: Saying) -> bool:
    """`Everybody on the team may use it`, also where it stands later in the sentence."""
    return bool(_ANYBODY_MAY.search(one.words.low))


def is_appointed(one: Saying) -> bool:
    """`The lead of the biggest change is the release lead`: who is who."""
    found = _APPOINTS.search(one.words.low)
    return found is not None and one.passage.form is Form.SENTENCE and is_only_role(found[1])


def is_pass_row(one: Saying) -> bool:
    """Something that is tried, and when it has passed."""
    return one.passage.form is Form.ROW and bool(_PASSES.search(_columns(one))) and not begins_as_told(one)


_PASSES: Final = sought(r"\b(?:pass(?:es)?|done) (?:when|if)\b")
_APPOINTS: Final = sought(r"\b(?:is|becomes|acts as|serves as) (?:the |a |an )([\w -]{3,40}?)\.?$")


def is_open_or_closed(one: Saying) -> bool:
    """`Closed: everything else`."""
    return one.label.lower() in _OPENED


def is_confirmation(one: Saying) -> bool:
    """`Confirmation from finance that no invoice run is scheduled`."""
    return one.is_listed() and bool(_CONFIRMATION.match(one.words.low))


_CONFIRMATION: Final = re.compile(
    r"^(?:written |formal |verbal )?(?:confirmation|acknowledge?ment|consent|acceptance|agreement) (?:from|of|by)\b"
)


def is_attendance(one: Saying) -> bool:
    """`Present: engineering lead, QA lead`."""
    is_label = bool(_PRESENT.match(one.label.lower())) and len(named_in(one.passage.text)) > 1
    return is_label or (bool(one.own) and verb_of(one) not in CHECKING and bool(_ATTENDS.search(one.words.low)))


def looks_at(one: Saying) -> bool:
    """Somebody has to look at it."""
    return bool(one.own) and verb_of(one) in _LOOKS_AT and one.passage.form is not Form.ROW


def has_attested(one: Saying) -> bool:
    """Somebody has closed it, as a condition: they say so."""
    if one.own and _MUST_HAVE.search(one.words.low):
        return True
    is_condition = bool(_CONDITION_LEAD.search(one.lead)) or one.topic in (Topic.BEFORE, Topic.APPROVAL)
    has_done = bool(one.own) and bool({"has", "have"} & one.words.known) and bool(PERFECT.keys() & one.words.known)
    return is_condition and has_done and one.is_listed() and one.passage.form is not Form.ROW


def acts_in_person(one: Saying) -> bool:
    """What a role does with its hands is a step, whatever it does it to: `Operations executes the runbook`."""
    is_done = verb_of(one) in _DONE_BY_HAND and one.words.first not in NEGATED and not _is_only_behind(one)
    return bool(one.own) and is_done and one.passage.form is not Form.ROW


def _is_only_behind(one: Saying) -> bool:
    """Whether its people stand after `by` only, and something else does what is told."""
    before, by, behind = one.words.low.partition(" by ")
    clause = behind.partition(",")[0]
    return bool(by) and all(name not in before and name in clause for name in _names(one))


def _names(one: Saying) -> list[str]:
    return [role.replace("-", " ") for role in one.own]


_DONE_BY_HAND: Final = third(DOING) - third("work confirm complete provide accept".split()) | {
    "submit",
    "submits",
    "hands",
}


def is_decision_row(one: Saying) -> bool:
    """A task of a table that is a decision."""
    return one.passage.form is Form.ROW and bool(one.own) and bool(_DECISION.search(_first(one)))


def is_proof_row(one: Saying) -> bool:
    """A task of a table that proves something."""
    return one.passage.form is Form.ROW and bool(_PROVING.search(_first(one))) and not begins_as_told(one)


def is_stage_row(one: Saying) -> bool:
    """A stage of a table, with what opens and what ends it."""
    return one.passage.form is Form.ROW and bool(_STAGE.search(_columns(one)))


def is_job_row(one: Saying) -> bool:
    """Somebody in a table of people, and what they are there for."""
    is_somebody = bool(one.own) and one.topic is Topic.ROLES and one.passage.form is Form.ROW
    return is_somebody and bool(_JOB.search(_columns(one)))


_STAGE: Final = sought(r"\b(?:entry|exit|criteri\w+)\b")
_JOB: Final = sought(r"\b(?:jobs?|dut(?:y|ies)|does|tasks?|part|in charge of)\b")


def _columns(one: Saying) -> str:
    return " | ".join(column.lower() for column, _ in one.passage.cells)


def _first(one: Saying) -> str:
    return one.passage.cells[0][1].lower() if one.passage.cells else ""


_LOOKED_INTO: Final = CHECKED | REVIEWED | SIGNED


def is_due_before(one: Saying) -> bool:
    """A sentence that says how long before something it has to be so."""
    is_said = one.passage.form is not Form.ROW and not one.check and not one.main.opener
    is_done = any(PERFECT.get(word) in DOING for word in one.words.all)
    return one.in_relation(Relation.BEFORE) and is_said and not is_done and not one.words.has(_LOOKED_INTO)


_BINDING: Final = MODAL | NEGATED


def lasts(one: Saying) -> bool:
    """A sentence that says how long something goes on: `Then it is an A/B test for ten days`."""
    return (
        one.in_relation(Relation.FOR)
        and not IS_KEPT.search(one.words.low)
        and not (one.condition and one.words.has(_BINDING))
        and (one.passage.form is Form.SENTENCE or (one.passage.form is Form.NUMBER and not begins_as_told(one)))
        and one.topic not in (Topic.BACKGROUND, Topic.REFERENCE, Topic.PURPOSE)
        and len(one.words.all) <= _KEEPS_ON
    )


def is_arrow(one: Saying) -> bool:
    """`Pods crash → argocd app rollback`: what is seen, and what follows."""
    is_trouble = one.topic in (Topic.INCIDENT, Topic.ROLLBACK, Topic.TRIGGER)
    return is_trouble and one.is_listed() and bool(re.search(r"→|->|=>", one.passage.text)) and not one.main.opener


_BRINGS_BACK: Final = sought(r"\b(?:restores|brings back|reverts|rolls? back)\b")


def brings_back(one: Saying) -> bool:
    """The command that goes back, told by what it does."""
    is_there = one.topic in (Topic.INCIDENT, Topic.ROLLBACK) and not one.own and "automatically" not in one.words.known
    return is_there and bool(_BRINGS_BACK.search(one.words.low)) and not PERIL.match(one.words.low)


def follows(one: Saying) -> bool:
    """`If the MSRV changed, it is a minor bump`: what holds in a case, and is no command."""
    return one.is_listed() and bool(PERIL.match(one.words.low)) and one.main.low != one.words.low and not verb_of(one)


_LOCAL: Final = sought(r"\blocal(?:ly)?\b")
_RUN_STATES: Final = frozenset("run runs builds build compiles works tested tests build/compile test".split())
_PASSING: Final = frozenset("pass passes green succeed healthy tests test complete coverage ready".split())


def is_local(one: Saying) -> bool:
    low = one.words.low
    return (
        bool(_LOCAL.search(low))
        and one.words.has(_RUN_STATES)
        and not re.search(r"\bwithout errors\b|\bpass|\bidentical", low)
    )


_MEASURES: Final = frozenset("error-rate latency metrics coverage health performance".split())


def is_tested_by_rule(one: Saying) -> bool:
    return one.words.has(MODAL) and bool(one.check) and (one.words.has(_PASSING) or one.check in _MEASURES)
