# SPDX-License-Identifier: Apache-2.0
"""Which kind of requirement a passage is: the first line of the table that holds decides.

The order says what outweighs what: that something is forbidden, before who says so; a deadline, before what is done by
it; what a machine can see, before what a person would have to attest. How surely it holds stands beside each line.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from interlock.packs.coverage import Kind
from interlock.packs.reading.assenting import approves, asks_people, awaits_word, goes_or_not, is_unopposed
from interlock.packs.reading.bearing import (
    acts_otherwise,
    blocks,
    happens,
    has_it_done,
    has_somebody_done,
    is_aimed,
    is_assent,
    is_being,
    is_choice,
    is_done_by,
    is_entered,
    is_known_to,
    is_looked_into,
    is_named_ahead,
    is_not_done,
    is_of_rules,
    is_only_somebody,
    reacts,
    stays,
)
from interlock.packs.reading.doing import (
    by_context,
    checks,
    does,
    does_by_others,
    does_in_passing,
    in_order,
    in_record,
    is_brought_up,
    is_kept_in_repository,
    is_paper,
    is_rehearsed,
    is_so,
    states_it,
    weighs,
    writes,
)
from interlock.packs.reading.forbidding import forbids
from interlock.packs.reading.fragments import (
    answers,
    is_at_moment,
    is_done_in_turn,
    is_done_then,
    is_free_of,
    is_listed_to_tell,
    is_manned,
    is_measured,
    is_set,
    is_so_long,
    is_staged,
)
from interlock.packs.reading.habits import is_needed
from interlock.packs.reading.lexicon import CHECKING, DOING, MODAL, NEGATED, TELLING, WRITING
from interlock.packs.reading.naming import ACTS, names_act
from interlock.packs.reading.nouns import is_command, is_looking_command, is_mail, is_test, is_writing
from interlock.packs.reading.occasions import (
    acts_in_person,
    anybody_may,
    begins_again,
    brings_back,
    comes_out,
    follows,
    follows_trouble,
    has_attested,
    holds_share,
    is_appointed,
    is_arrow,
    is_attendance,
    is_beyond,
    is_confirmation,
    is_decision_row,
    is_due_before,
    is_fresh_backup,
    is_job_row,
    is_local,
    is_logged,
    is_not_earlier,
    is_of_weekdays,
    is_open_or_closed,
    is_pass_row,
    is_proof_row,
    is_share,
    is_stage_row,
    is_stop_sign,
    is_tested_by_rule,
    is_watched_until,
    is_word_given,
    lacks_all,
    lasts,
    looks_at,
    means_back,
    parts_people,
)
from interlock.packs.reading.passages import Form
from interlock.packs.reading.people import is_only_role
from interlock.packs.reading.questions import is_checked
from interlock.packs.reading.rows import (
    approves_row,
    is_check_row,
    is_closed_row,
    is_not_blocking,
    is_reaction,
    is_required_row,
    is_row_of_steps,
    is_signature,
    is_signed_row,
    is_timed_row,
    is_told_row,
    is_verified_row,
)
from interlock.packs.reading.ruling import (
    breaks_contract,
    decides_by_title,
    governs,
    has_authority,
    in_exception,
    is_advice,
    is_ahead,
    is_criterion,
    is_looked_at,
    is_object_of,
    is_required_for,
    is_small,
    is_type,
    is_window,
    may_order,
    sends_back,
    takes_both,
)
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.settled import gives_word, is_duty, is_lettered_row, is_looked_at_again, is_suggested
from interlock.packs.reading.telling import tells
from interlock.packs.reading.timing import holds, is_timed
from interlock.packs.reading.titles import limits_way
from interlock.packs.reading.topics import Topic
from interlock.packs.reading.trying import runs_tests
from interlock.packs.reading.vouching import is_human, signs

Rule = Callable[[Saying], bool]
_TAKES_BACK: Final = re.compile(
    r"^(?:execute|perform|run|do(?! not\b)|start|begin|initiate|carry out) (?:the |a |an )?(?:\w+ )?"
    r"(?:roll-?back|revert|failover|fallback|migrations?|deploy\w*|release|back-?up)\b"
)
_TESTED: Final = sought(r"\btests?\b|\bchecks?\b|\bverif|\bwithin \d|\blocal")
_CALLS: Final = sought(
    r"\bcalls? (?:the |a |for (?:a |the )?|off )?(?:roll-?back"
    r"|abort|go|no-go|release|it off)\b"
    r"|\b(?:on|upon|after|takes|requires?|needs?|with) (?:the |an? )?(?:\w+ ){0,2}(?:approval|consent|agreement|ok"
    r"|okay|permission"
    r"|authori[sz]ation|go) (?:of|from|by)\b|\bhas the (?:last|final) (?:word|say)\b"
    r"|\blifted by\b|^(?:release|approval|go-live|clearance|decision) by\b"
    r"|\bdecides (?:whether|if|how|when|which|what)\b|\bmakes the (?:final )?"
    r"(?:call|decision)\b"
)
_SUCCEEDS: Final = sought(
    r"\b(?:must|ha(?:s|ve) to|needs? to|should) (?:\w+ )?(?:succeed|print|show|report|pass|exit|match|agree"
    r"|equal|be (?:green"
    r"|identical|equal|clean|empty"
    r"|healthy|zero))\b"
)
_WITNESSED: Final = sought(
    r"\b(?:second|another|other|different|two) (?:person|people|engineer|developer|colleague"
    r"|maintainer|pair)s?\b.*\b(?:witness\w*|checks?|initials?|present|verif\w+|tr(?:y|ied|ies)"
    r"|confirm\w*|watch\w*|looks?|available)\b|\bsome(?:body|one) other than\b|\bunder observation\b$"
    r"|\bby (?:two|a second|another|a different) (?:independent )?(?:persons?|people|engineers?|developers?|colleagues?"
    r"|maintainers?|reviewers?|analysts?)\b"
)
_OBJECTS: Final = ((CHECKING, Kind.GATE), (WRITING, Kind.RECORD), (TELLING, Kind.NOTIFY), (DOING, Kind.STEP))
_TABLE: Final[tuple[tuple[Rule, Kind, int], ...]] = (
    (lambda one: one.passage.form is Form.TITLE and limits_way(one.passage.text), Kind.RULE, 65),
    (is_not_blocking, Kind.ADVISORY, 80),
    (is_signature, Kind.SIGNOFF, 80),
    (is_checked, Kind.GATE, 75),
    (is_verified_row, Kind.GATE, 75),
    (is_required_row, Kind.GATE, 75),
    (is_timed_row, Kind.TIMER, 85),
    *((partial(awaits_word, kind=kind), kind, 80) for kind in (Kind.SIGNOFF, Kind.APPROVAL)),
    (is_required_for, Kind.GATE, 75),
    (lambda one: bool(_TAKES_BACK.match(one.main.low)) and _TESTED.search(one.words.low) is None, Kind.STEP, 85),
    (breaks_contract, Kind.GATE, 60),
    (decides_by_title, Kind.APPROVAL, 70),
    (is_reaction, Kind.RULE, 75),
    (is_closed_row, Kind.RULE, 75),
    (lambda one: bool(_CALLS.search(one.words.low)) and not forbids(one), Kind.APPROVAL, 70),
    (is_unopposed, Kind.APPROVAL, 70),
    (is_stop_sign, Kind.RULE, 80),
    (is_word_given, Kind.APPROVAL, 80),
    (begins_again, Kind.RULE, 70),
    (parts_people, Kind.RULE, 70),
    (is_free_of, Kind.GATE, 65),
    (forbids, Kind.RULE, 90),
    *((partial(answers, kind=kind), kind, 70) for kind in (Kind.NOTIFY, Kind.GATE, Kind.RECORD, Kind.RULE)),
    (sends_back, Kind.RULE, 90),
    (is_not_done, Kind.RULE, 70),
    (is_named_ahead, Kind.TIMER, 65),
    (is_looked_at, Kind.GATE, 75),
    (lambda one: is_advice(one) or is_suggested(one), Kind.ADVISORY, 85),
    (gives_word, Kind.APPROVAL, 80),
    (is_looked_at_again, Kind.STEP, 70),
    (may_order, Kind.RULE, 85),
    (has_authority, Kind.RULE, 75),
    (in_exception, Kind.RULE, 70),
    (
        lambda one: (
            means_back(one)
            or is_beyond(one)
            or anybody_may(one)
            or is_open_or_closed(one)
            or is_attendance(one)
            or is_appointed(one)
        ),
        Kind.RULE,
        75,
    ),
    (is_pass_row, Kind.GATE, 75),
    (lambda one: is_set(one) or is_done_then(one) or is_staged(one), Kind.STEP, 65),
    (is_so_long, Kind.HOLD, 60),
    (is_manned, Kind.RULE, 60),
    (is_measured, Kind.GATE, 70),
    (holds_share, Kind.HOLD, 85),
    (holds, Kind.HOLD, 90),
    (is_watched_until, Kind.HOLD, 70),
    (is_not_earlier, Kind.HOLD, 60),
    (stays, Kind.HOLD, 70),
    (is_being, Kind.GATE, 65),
    (is_timed, Kind.TIMER, 90),
    (governs, Kind.RULE, 75),
    (is_of_weekdays, Kind.RULE, 70),
    (goes_or_not, Kind.APPROVAL, 95),
    (asks_people, Kind.NOTIFY, 70),
    (is_decision_row, Kind.APPROVAL, 75),
    (is_proof_row, Kind.GATE, 70),
    (lambda one: "sign" in one.words.known and takes_both(one), Kind.SIGNOFF, 75),
    (takes_both, Kind.BOTH, 75),
    (is_assent, Kind.APPROVAL, 80),
    (blocks, Kind.RULE, 70),
    *((partial(is_done_by, kind=kind), kind, 75) for kind in ACTS),
    (is_choice, Kind.APPROVAL, 75),
    (reacts, Kind.RULE, 70),
    (tells, Kind.NOTIFY, 90),
    (approves, Kind.APPROVAL, 90),
    (approves_row, Kind.APPROVAL, 85),
    (is_signed_row, Kind.SIGNOFF, 80),
    (is_told_row, Kind.NOTIFY, 80),
    (is_listed_to_tell, Kind.NOTIFY, 65),
    (is_only_somebody, Kind.SIGNOFF, 65),
    (is_aimed, Kind.NOTIFY, 65),
    (is_known_to, Kind.NOTIFY, 65),
    (has_somebody_done, Kind.SIGNOFF, 75),
    (has_it_done, Kind.STEP, 70),
    (is_entered, Kind.RECORD, 70),
    (is_confirmation, Kind.SIGNOFF, 75),
    (comes_out, Kind.GATE, 70),
    *((partial(names_act, kind=kind), kind, 70) for kind in ACTS),
    (is_fresh_backup, Kind.GATE, 75),
    (is_logged, Kind.RECORD, 65),
    (follows_trouble, Kind.RULE, 70),
    (is_ahead, Kind.TIMER, 70),
    (states_it, Kind.RECORD, 80),
    (is_small, Kind.GATE, 60),
    (is_window, Kind.RULE, 65),
    (lambda one: one.passage.form is Form.BOX and is_only_role(one.passage.text), Kind.SIGNOFF, 70),
    (is_criterion, Kind.GATE, 75),
    (lacks_all, Kind.GATE, 75),
    (is_check_row, Kind.GATE, 65),
    *((partial(is_object_of, among=verbs), kind, 70) for verbs, kind in _OBJECTS),
    (is_arrow, Kind.RULE, 65),
    (brings_back, Kind.STEP, 60),
    (is_looking_command, Kind.GATE, 75),
    (is_command, Kind.STEP, 80),
    (is_mail, Kind.NOTIFY, 75),
    (lambda one: is_writing(one) and not is_rehearsed(one), Kind.RECORD, 75),
    (is_test, Kind.GATE, 75),
    (lambda one: "review" in one.label.lower() and not one.own, Kind.SIGNOFF, 60),
    (in_record, Kind.RECORD, 75),
    (is_brought_up, Kind.STEP, 60),
    (is_kept_in_repository, Kind.GATE, 65),
    (is_rehearsed, Kind.GATE, 65),
    (writes, Kind.RECORD, 85),
    (is_paper, Kind.RECORD, 75),
    (has_attested, Kind.SIGNOFF, 75),
    (looks_at, Kind.SIGNOFF, 75),
    (weighs, Kind.STEP, 60),
    (signs, Kind.SIGNOFF, 85),
    (is_local, Kind.SIGNOFF, 60),
    (lambda one: bool(_SUCCEEDS.search(one.words.low)), Kind.GATE, 85),
    (runs_tests, Kind.GATE, 80),
    (lambda one: bool(_WITNESSED.search(one.words.low)), Kind.SIGNOFF, 70),
    (lasts, Kind.HOLD, 60),
    (does_in_passing, Kind.STEP, 70),
    (does_by_others, Kind.STEP, 60),
    (is_job_row, Kind.RULE, 70),
    (is_stage_row, Kind.GATE, 60),
    (acts_in_person, Kind.STEP, 75),
    (happens, Kind.STEP, 55),
    (acts_otherwise, Kind.STEP, 60),
    (is_human, Kind.SIGNOFF, 65),
    (follows, Kind.RULE, 60),
    (is_share, Kind.STEP, 60),
    (is_done_in_turn, Kind.STEP, 55),
    (checks, Kind.GATE, 80),
    (is_tested_by_rule, Kind.GATE, 80),
    (does, Kind.STEP, 80),
    (lambda one: one.is_listed() and bool(one.main.opener) and not one.words.has(NEGATED), Kind.STEP, 60),
    (lasts, Kind.HOLD, 60),
    (is_due_before, Kind.TIMER, 60),
    (is_type, Kind.RULE, 55),
    (is_looked_into, Kind.GATE, 60),
    (is_of_rules, Kind.RULE, 55),
    (is_so, Kind.GATE, 65),
    (by_context, Kind.GATE, 60),
    (lambda one: one.words.has(MODAL), Kind.RULE, 70),
    (is_needed, Kind.GATE, 60),
    (is_at_moment, Kind.TIMER, 50),
    (in_order, Kind.STEP, 45),
    (is_row_of_steps, Kind.STEP, 60),
    (lambda one: one.topic is Topic.BEFORE and one.is_listed(), Kind.SIGNOFF, 40),
    (lambda one: bool(one.words.opener) and not one.is_listed() and not one.words.has(NEGATED), Kind.STEP, 40),
    (lambda one: is_lettered_row(one) or is_duty(one), Kind.STEP, 45),
    (lambda _: True, Kind.RULE, 35),
)


_OF_ROWS: Final = frozenset(
    (
        is_not_blocking, is_verified_row, is_required_row, is_timed_row, is_reaction, is_closed_row, is_pass_row,
        is_decision_row, is_proof_row, approves_row, is_signed_row, is_told_row, is_check_row, is_job_row, is_stage_row,
        is_row_of_steps,
    )
)  # fmt: skip
"""Rules that hold of rows of tables only."""
_OF_OTHERS: Final = tuple(rule for rule in _TABLE if rule[0] not in _OF_ROWS)


def kind_of(one: Saying) -> tuple[Kind, int]:
    """The kind, and how surely, in percent."""
    table = _TABLE if one.passage.form is Form.ROW else _OF_OTHERS
    return next((kind, sure) for holds, kind, sure in table if holds(one))
