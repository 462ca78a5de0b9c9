# SPDX-License-Identifier: Apache-2.0
"""Checks that gave no answer as often as they are tried at once: people are told, once, whoever asks again then.

It is told of what a gate waits for. What proves a deployment is asked until its time is over, and that is told then.
"""

from datetime import datetime

from interlock.domain.actor import Actor, Person
from interlock.domain.decision import Accepted, Decision, Emitted, Refused
from interlock.domain.evidence import (
    TRIES,
    Brought,
    EvidenceBook,
    EvidenceCommand,
    EvidenceEvent,
    RecordEvidence,
    decide,
)
from interlock.domain.ids import EVERYWHERE
from interlock.domain.in_place import InPlace
from interlock.domain.outbox import OutboxEvent, Tone, due
from interlock.domain.procedure import Procedure
from interlock.domain.requirement import CheckRequirement, CountRequirement


def heard(
    state: EvidenceBook,
    command: EvidenceCommand,
    actor: Actor,
    now: datetime,
    brought: Brought | None = None,
    live: tuple[InPlace, ...] = (),
) -> Decision[EvidenceEvent | OutboxEvent]:
    """What `evidence.decide` says, and who is told of it."""
    decision = decide(state, command, actor, now, brought, live)
    if isinstance(decision, Refused) or isinstance(actor, Person) or not isinstance(command, RecordEvidence):
        return decision
    series = state.series.get((command.check, command.environment))
    unanswered = 0 if command.is_answer else 1 + (series.unanswered if series else 0)
    if brought is None or unanswered != TRIES or not asking(command, brought.governance.procedure):
        return decision
    return Accepted((*decision.events, _message(command, brought, series.count + 1 if series else 1)))


def asking(command: RecordEvidence, procedure: Procedure) -> tuple[CheckRequirement | CountRequirement, ...]:
    """What asks for this evidence."""
    asked = (requirement for stage in procedure.stages for requirement in stage.requires)
    return tuple(
        one
        for one in asked
        if isinstance(one, CheckRequirement | CountRequirement)
        and (one.check, one.environment) == (command.check, command.environment)
    )


def _message(command: RecordEvidence, brought: Brought, number: int) -> Emitted[OutboxEvent]:
    scope = "anywhere" if command.environment == EVERYWHERE else command.environment
    where = "" if command.environment == EVERYWHERE else f" in {command.environment}"
    key = f"{brought.release}/gather/{scope}/{command.check}/{number}"
    title = f"{brought.release}: '{command.check}'{where} gives no answer"
    newest = f"As the newest of {brought.branch} it is tried again by itself, ever more slowly and not for ever"
    goes_on = newest if brought.branch else "It is not tried again by itself"
    body = (
        f"It was tried {TRIES} times, the last time: {command.summary}\n{goes_on}, and the gate stays shut. See "
        f"why with `interlock evidence show {brought.release} {command.check}`, mend it, then "
        f"`interlock evidence refresh {brought.release} {command.check}`."
    )
    return due(brought.governance.service, key, Tone.FAILURE, title, body)
