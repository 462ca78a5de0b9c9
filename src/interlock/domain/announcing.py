# SPDX-License-Identifier: Apache-2.0
"""What is told in the course of a release: the facts there are of it, and the messages that its stages prescribe.

A message stands beside what it tells, never before it, and nothing waits for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from interlock.domain.action import Quote
from interlock.domain.actor import name_of
from interlock.domain.decision import Emitted
from interlock.domain.gate import Situation
from interlock.domain.ids import EnvironmentName, ReleaseId, RollbackId, ServiceName
from interlock.domain.outbox import OutboxEvent
from interlock.domain.template import Fact, RollbackMessages, Setting, Words, messages_due, plain


def release_facts(situation: Situation) -> Mapping[str, Words]:
    """What is known of a release before an environment; its records by section, each as a quote."""
    release, change = situation.release, situation.change
    sections = {
        plain(f"{record.requirement}.{section}"): Quote("", record.document, section)
        for record in situation.records.written.values()
        for section in record.sections
    }
    return {
        **sections,
        Fact.SERVICE: release.service,
        Fact.RELEASE: release.id,
        Fact.VERSION: release.version,
        Fact.ENVIRONMENT: situation.environment.name,
        Fact.CHANGE: change.id,
        Fact.TITLE: change.title,
    }


def announced(
    situation: Situation, setting: Setting, promotion: str, by: str, sentence: str
) -> tuple[Emitted[OutboxEvent], ...]:
    """The messages that a stage has told about one of its promotions, asked for by this actor."""
    return messages_due(
        situation.release.service,
        f"{promotion}/{setting}",
        situation.stages()[-1].messages.of(setting),
        {**release_facts(situation), Fact.BY: name_of(by), Fact.SENTENCE: sentence},
    )


@dataclass(frozen=True, slots=True)
class Return:
    """A rollback as it is told of: from what to what (empty: there is nothing to return to)."""

    rollback: RollbackId
    service: ServiceName
    environment: EnvironmentName
    leaving: ReleaseId
    target: ReleaseId


def return_told(
    messages: RollbackMessages, setting: Setting, one: Return, by: str, sentence: str
) -> tuple[Emitted[OutboxEvent], ...]:
    """The messages that are told in the course of a rollback."""
    facts: Mapping[str, Words] = {
        Fact.SERVICE: one.service,
        Fact.ENVIRONMENT: one.environment,
        Fact.RELEASE: one.leaving,
        Fact.TARGET: one.target,
        Fact.BY: by,
        Fact.SENTENCE: sentence,
    }
    return messages_due(one.service, f"{one.rollback}/{setting}", messages.of(setting), facts)
