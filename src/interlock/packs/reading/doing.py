# SPDX-License-Identifier: Apache-2.0
"""Passages about what is told, written, attested, checked and done.

Each function is one line of the table in `kinds`, which says in which order they are asked.
"""

import re
from typing import Final

from interlock.packs.reading.inflecting import third
from interlock.packs.reading.lexicon import (
    ATTESTING,
    CHECKED,
    CHECKING,
    DEVELOPING,
    DOING,
    MODAL,
    NEGATED,
    PERFECT,
    REVIEWED,
    WRITING,
    WRITTEN,
)
from interlock.packs.reading.manner import NOTES, begins_as_told, has_state
from interlock.packs.reading.objects import check_for
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.topics import Topic
from interlock.packs.reading.verbs import (
    RECORD_LEAD,
    is_attested_above,
    lists,
    verb_of,
)
from interlock.packs.reading.vouching import SIGNS

_PAPER: Final = sought(
    r"\b(?:notes?|entry|plans?|timeline|meeting minutes|protocol|reports?|post-?mortem|retro"
    r"(?:spective)?|summary|analysis|rca|write-?up|log book|logbook|ticket|decision log|audit trail"
    r"|action items?|advisory|cve|risk register|evidence|lessons learned|assessment|guide|letter"
    r"|lessons|record|estimate|template|incident|questionnaire|invoice|form)\b"
)
_PAPER_STATE: Final = sought(
    r"→|\bgo(?:es)? (?:to|in|into)\b|\bon (?:file|record)\b|"
    r"\b(?:ready|prepared|drafted|written|attached|completed?|in place|exists?|updated|filled|created"
    r"|documented|captured|recorded|logged|translated|opened|scheduled|filed|archived|saved|stored"
    r"|published|available|started|kept|held|sent)\b"
)
_OPENS: Final = frozenset(
    "create open start prepare draft write complete collect fill add update attach keep "
    "link paste enter maintain hold conduct raise produce compile put file finalize finalise".split()
)
_FILLS: Final = frozenset("completes fills drafts compiles prepares raises".split())
_KEEPS: Final = sought(
    r"\b(?:keeps?|maintains?) (?:the |an? )?(?:[\w-]+ )?(?:log|log-?book|minutes|protocol|record|register|file|list"
    r"|notes|journal|diary)\b"
)
_ASSENTS: Final = frozenset(
    "confirms confirm confirmed approves approve approved agrees agreed accepts accepted authorises authorizes".split()
)
_IN_WRITING: Final = sought(
    r"\bin writing\b|\bwritten (?:confirmation|approval|ok|consent|agreement|permission|notice|authori\w+"
    r"|sign-?off)\b"
)
_LOGGED: Final = sought(
    r"\b(?:decision|plan|notes|reason|timeline|impact|outcome|deltas|approach|strategy)s? "
    r"(?:\w+ ){0,3}(?:logged|documented|recorded|drafted|prepared|written|captured|noted|published)\b"
)
_STATES_IT: Final = sought(
    r"\b(?:notice|record|report|message|announcement) (?:states|lists|names|contains|includes|gives)\b"
    r"|\bthere (?:must|shall|should|has to|needs to) be an? (?:\w+ )?(?:entry|note|record|report|line|ticket)\b"
    r"|\bminutes (?:state|list|name|contain|include|record)\b"
    r"|\b(?:must|shall|should) (?:also )?(?:state|contain|include|list|name|describe|document|record"
    r"|have a description)\b|\b(?:records?|evidence|files?|logs?|reports?|documents?|results?"
    r"|protocols?)\b.*\b(?:kept|retained|archived|stored) for\b|\bprovides? .*\b(?:guidance"
    r"|documentation|notes|report|evidence|instructions)\b"
)
_LEARNS: Final = sought(
    r"^update\b.*\b(?:checklist|runbook|playbook|changelog|documentation|docs|procedure|guide|wiki)\b"
)
_WEIGHS: Final = frozenset(
    "evaluate evaluates assess assesses determine determines estimate classify analyse analyze identify".split()
)
_IN_REPOSITORY: Final = sought(
    r"\b(?:documentation|docs?|api (?:changes?|docs?)|openapi|readme|config\w* changes?|changelog"
    r"|help pages|user guide|migration guide)\b"
)
_AFTERWARDS: Final = frozenset({Topic.AFTER, Topic.AFTER_INCIDENT, Topic.INCIDENT, Topic.ROLLBACK})
_REHEARSED: Final = sought(
    r"\b(?:validated|tested|rehearsed|exercised|practi[sc]ed|verified|dry-run|test|rehearse|verify|validate)\b"
)
_WAY_BACK: Final = sought(r"\b(?:roll-?back|back-?out|mitigation|contingency|restore|recovery)\b")
_MAKES_SURE: Final = sought(r"^(?:make|see|be) (?:\w+ )?sure\b|\bmakes sure\b|^see (?:to it )?that\b|\bsees to it\b")
_WAITS: Final = re.compile(r"^(?:(?:we|you|they|everybody|everyone) )?wait (?:for|until|till)\b")
_LIGHT: Final = frozenset(
    "send place buy download run open log install visit go navigate click start build log-in use call".split()
)
_AND_LOOKS: Final = sought(
    r"\band (?:check|verify|confirm(?! with (?:your|the|an?)\b)|make sure|compare|see|validate|import|test)\b"
)
_DOES_STEP: Final = third(DOING)
_WRITES: Final = third(WRITING)
_CHECKS: Final = third(CHECKING)
_PAST_CHECKED: Final = frozenset("confirmed verified validated tested checked reconciled".split())
_DONE: Final = sought(
    r"\b(?:is|are) (?:then |also )?(?:installed|restored|moved|updated|carried out|performed|executed"
    r"|activated|transferred|merged|tagged|deployed|built|pushed|published|created|branched"
    r"|released|copied|switched|stopped|started|cut)\b"
)


def in_record(one: Saying) -> bool:
    return bool(RECORD_LEAD.search(one.lead)) and not is_attested_above(one) and not begins_as_told(one)


_NAMED_FILE: Final = sought(r"\b[\w-]+\.(?:md|txt|rst|adoc|toml|ya?ml|json|xml|py|cfg|ini)\b")
"""`Update CHANGES.md`: a file of its own, and not what the repository has to say by then."""
_NEWS: Final = re.compile(r"^update (?:the |our |your )?(?:changelog|change log|changes|news|history|release notes)\b")
_BROUGHT_UP: Final = frozenset("updated update documented current generated changes".split())


def is_kept_in_repository(one: Saying) -> bool:
    is_there = bool(_IN_REPOSITORY.search(one.words.low)) and not is_attested_above(one)
    is_updated = one.words.has(_BROUGHT_UP) and not (one.main.opener == "update" and _NAMED_FILE.search(one.words.low))
    return is_there and is_updated and one.topic not in _AFTERWARDS and not one.own


def is_brought_up(one: Saying) -> bool:
    """`Update the change log`: somebody does it now; `update the docs if it changes` asks whether that was done."""
    return is_kept_in_repository(one) and begins_as_told(one) and not _IF.search(one.words.low)


_IF: Final = sought(r"\b(?:if|when|whenever|where)\b")


def is_rehearsed(one: Saying) -> bool:
    return (
        bool(_WAY_BACK.search(one.words.low))
        and bool(_REHEARSED.search(one.words.low))
        and not one.given
        and "plan" in one.words.known | {"plan"}
        and _is_about_the_way(one)
    )


def _is_about_the_way(one: Saying) -> bool:
    return (
        bool(re.search(r"\b(?:plan|procedure|script|path|process|drill|test|dry)\b", one.words.low))
        and one.topic not in _AFTERWARDS
    )


_LOGS_IN: Final = sought(r"\blogs? (?:in|on|into|onto|out)\b")
_WRITES_DOWN: Final = WRITING - {"note", "state", "report", "enter", "fill"}
_FOR_WHAT: Final = re.compile(r"(?<!fill)(?<!write)(?<!put) (?:to|for|in|into|on|with|about|from|at|by) .*$")
"""What a paper is for is no paper: `create a channel for the incident`."""
_BEGINS_PAPER: Final = _OPENS | _FILLS
_DOES_ELSE: Final = DOING - {"record"}


def writes(one: Saying) -> bool:
    verb, low = verb_of(one), one.words.low
    if (is_attested_above(one) and not one.own) or _LOGS_IN.search(low) or SIGNS.search(low):
        return False
    if (
        (_LOGGED.search(low) and not one.given)
        or _STATES_IT.search(low)
        or _KEEPS.search(low)
        or (_LEARNS.search(low) and one.topic in _AFTERWARDS)
    ):
        return True
    if verb in _WRITES_DOWN or verb in _WRITES or verb in ("fill", "write"):
        return True
    if verb in _BEGINS_PAPER and _PAPER.search(_FOR_WHAT.sub("", low)) and verb not in CHECKING:
        return not re.search(r"\bgithub release\b", low)
    if NOTES.match(low) or (_NEWS.match(one.main.low) and _NAMED_FILE.search(low)):
        return True
    if _IN_WRITING.search(low):
        return "in writing" in low and not one.words.has(_ASSENTS)
    return one.words.has(WRITTEN) and verb not in CHECKING and verb not in _DOES_ELSE


def states_it(one: Saying) -> bool:
    """What a record has in it."""
    return bool(_STATES_IT.search(one.words.low))


_FOUND_SO: Final = CHECKED & _PAST_CHECKED


def is_paper(one: Saying) -> bool:
    if is_attested_above(one) or one.words.has(REVIEWED) or begins_as_told(one) or one.words.has(_FOUND_SO):
        return False
    return bool(_PAPER.search(one.words.low)) and bool(_PAPER_STATE.search(one.words.low))


_LOOKED_THROUGH: Final = REVIEWED - _WEIGHS


def weighs(one: Saying) -> bool:
    return verb_of(one) in _WEIGHS and not one.words.has(_LOOKED_THROUGH)


_BEING: Final = sought(r"\b(?:is|are) (?:then |also |now )?(\w+)\b")


def _is_act(one: Saying) -> bool:
    """`Batch jobs are suspended`: in a list of steps that is a step."""
    found = _BEING.search(one.words.low)
    is_step = one.topic not in (Topic.BEFORE, Topic.TESTING, Topic.TRIGGER, Topic.PROHIBITED) and found is not None
    return is_step and found is not None and PERFECT.get(found[1], "") in _BEGUN


_ENDED: Final = frozenset(
    "complete close clean clear fix resolve enable disable configure finish set lock freeze".split()
)
_BEGUN: Final = DOING - _ENDED


def does_by_others(one: Saying) -> bool:
    """A numbered step told of somebody whom no list knows: `South takes over control`."""
    is_step = one.passage.form is Form.NUMBER and not one.check and one.topic not in (Topic.BEFORE, Topic.TESTING)
    return is_step and not begins_as_told(one) and bool(_DOES_STEP & {*one.words.all[1:4]}) and not one.words.has(MODAL)


_IN_ORDER: Final = frozenset({Topic.STEPS, Topic.PRODUCTION, Topic.HOTFIX, Topic.ROLLBACK})


def does_in_passing(one: Saying) -> bool:
    """A numbered step told as something that is done: `the change is merged`."""
    return (
        (one.passage.form is Form.NUMBER or (one.passage.form is Form.ITEM and one.topic in _IN_ORDER))
        and (bool(_DONE.search(one.words.low)) or _is_act(one))
        and not begins_as_told(one)
        and not one.words.has(MODAL)
    )


_ATTESTS: Final = ATTESTING - {"sign"}


def checks(one: Saying) -> bool:
    verb = verb_of(one)
    if one.main.low.startswith("check out"):
        return False
    if _MAKES_SURE.search(one.main.low):
        return True
    if _WAITS.match(one.main.low) or (verb in _LIGHT and _AND_LOOKS.search(one.words.low)):
        return True
    return verb in CHECKING or verb in _ATTESTS or verb in _CHECKS or one.words.low.startswith("make sure")


_NO_ACT: Final = CHECKING | ATTESTING | NEGATED | {"obey"}


def _is_told(one: Saying) -> bool:
    return verb_of(one) not in _NO_ACT


_HAS_BEEN: Final = sought(r"\b(?:has|have) been\b|\b(?:is|are) \w+")


_TO_BE: Final = frozenset({"should", "will"})


def is_so(one: Saying) -> bool:
    is_backup = one.words.first == "backup" or one.words.low.startswith("back up")
    if (is_backup and not _HAS_BEEN.search(one.words.low)) or (begins_as_told(one) and _is_told(one)):
        return False
    if not one.check and (one.words.has(MODAL) or one.words.has(_TO_BE)):
        return False
    is_state = has_state(one) or bool(one.check)
    return lists(one) and is_state and verb_of(one) not in DOING


def by_context(one: Saying) -> bool:
    """`permission logic`, below `Unit tests` and `Required for:`."""
    return (
        lists(one)
        and not begins_as_told(one)
        and bool(check_for(f"{one.title} {one.lead}"))
        and not one.own
        and one.topic not in (Topic.ROLLBACK, Topic.INCIDENT, Topic.AUTHORITY, Topic.TYPES, Topic.ROLES)
    )


def does(one: Saying) -> bool:
    verb = verb_of(one)
    return (
        verb in DOING
        or verb in _DOES_STEP
        or verb in DEVELOPING
        or (one.check == "backup" and lists(one) and not has_state(one))
    )


def in_order(one: Saying) -> bool:
    return one.passage.form is Form.NUMBER or (
        (one.is_listed() or begins_as_told(one))
        and one.topic
        in (
            Topic.STEPS,
            Topic.ROLLBACK,
            Topic.HOTFIX,
            Topic.INCIDENT,
            Topic.PRODUCTION,
        )
    )
