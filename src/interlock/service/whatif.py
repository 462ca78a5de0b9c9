# SPDX-License-Identifier: Apache-2.0
"""Hypothetical questions, answered by the same rules: what would block this commit's release?

Nothing is appended. A supposed release is folded from the event its creation would give, its gate evaluated as it
would be, and evidence that is only supposed is marked as such.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from interlock.domain import release as releases
from interlock.domain.actor import CONTROLLER, Assurance
from interlock.domain.approval import Answer, ApprovalBook, Decided, Matter, SignedOff, bind
from interlock.domain.change import Change, ChangeKind, ChangePhase
from interlock.domain.evidence import EvidenceBook, EvidenceRecorded, evolve
from interlock.domain.gate import Situation
from interlock.domain.ids import CheckId, Digest, EnvironmentName, PersonId, RequirementId, TextRef, WaiverId
from interlock.domain.release import CreateRelease, Release, ReleaseCreated
from interlock.domain.requirement import (
    ApprovalRequirement,
    CheckRequirement,
    CountRequirement,
    Requirement,
    SignoffRequirement,
)
from interlock.domain.verdict import Finding
from interlock.domain.waiver import WaiverBook, WaiverRequested
from interlock.ports.check import Counted, Reading
from interlock.service.gather import Gatherer
from interlock.service.library import Rules

PEOPLE = ("signoff.", "approval.", "emergency.")
"""How the codes begin of what people decide."""
SUPPOSED = Digest("sha256:" + "0" * 64)
"""In place of the report of evidence that is only supposed."""


def supposed_release(command: CreateRelease, rules: Rules) -> Release:
    """The release as it would stand after it was created."""
    created = ReleaseCreated(
        command.release,
        command.service,
        command.version,
        command.change,
        command.artifacts,
        command.commit,
        command.base,
        command.authors,
        command.unknown_authors,
        rules.governance.digest,
        command.declared,
        command.plans,
        command.areas,
    )
    return releases.evolve(Release(), created)


def supposed_situation(
    gatherer: Gatherer, command: CreateRelease, rules: Rules, environment: EnvironmentName
) -> Situation:
    """The gate's situation if the release were created now, under a normal change unless its change is open."""
    release = supposed_release(command, rules)
    known = gatherer.view.change(command.change)
    change = known if known.phase is ChangePhase.OPEN else _normal(command)
    return gatherer.situation_of(release, change, environment, rules.governance)


def with_readings(
    situation: Situation, readings: dict[tuple[CheckId, EnvironmentName], Reading], now: datetime
) -> Situation:
    """The same situation if these checks had said so."""
    book: EvidenceBook = situation.evidence
    for (check, environment), reading in readings.items():
        series = book.series.get((check, environment))
        counted = reading.counted
        recorded = EvidenceRecorded(
            subject=situation.release.digest,
            check=check,
            environment=environment,
            number=series.count + 1 if series else 1,
            verdict=reading.verdict,
            summary=reading.summary,
            source="supposed",
            assurance=CONTROLLER.assurance,
            report=SUPPOSED,
            governance=situation.release.governance,
            taken_at=now,
            query=counted.query if isinstance(counted, Counted) else "",
            count=counted.count if isinstance(counted, Counted) else 0,
        )
        book = evolve(book, recorded)
    return replace(situation, evidence=book)


def with_word(situation: Situation, asked: RequirementId, person: PersonId, now: datetime) -> Situation:
    """The same situation if this person had signed off or approved what is asked, surely enough; else as it is."""
    said = _requirement(situation, asked)
    release, environment = situation.release, situation.environment.name
    asked_for, evidence, records = situation.requirements(), situation.evidence, situation.records
    bound = bind(Matter(release, situation.governance, asked_for, evidence, records, live=situation.live))
    book, sure = situation.approvals, Assurance.SIGNED
    match said:
        case SignoffRequirement():
            signed = SignedOff(release.id, environment, asked, said.statement, person, sure, bound, now)
            return replace(situation, approvals=ApprovalBook((*book.signoffs, signed), book.decisions))
        case ApprovalRequirement():
            words = TextRef("")
            decided = Decided(release.id, environment, Answer.APPROVED, person, sure, bound, words, asked, now)
            return replace(situation, approvals=ApprovalBook(book.signoffs, (*book.decisions, decided)))
        case _:
            return situation


def with_waiver(situation: Situation, asked: RequirementId, until: datetime) -> Situation:
    """The same situation if that requirement were waived until then."""
    release, book, waiver = situation.release, situation.waivers, WaiverId(f"supposed/{asked}")
    nobody, unsaid = PersonId(""), TextRef("")
    requested = WaiverRequested(
        waiver=waiver,
        release=release.id,
        environment=situation.environment.name,
        requirement=asked,
        digest=release.digest,
        governance=release.governance,
        reason=unsaid,
        mitigation=unsaid,
        expires=until,
        by=nobody,
    )
    waivers = WaiverBook({**book.asked, waiver: requested}, {**book.granted, waiver: nobody}, book.revoked)
    return replace(situation, waivers=waivers)


def apart(finding: Finding) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What keeps a gate shut: what a machine decides, and what people have yet to decide."""
    leaves = tuple(finding.blockers())
    people = tuple(leaf for leaf in leaves if leaf.code.startswith(PEOPLE))
    return tuple(leaf for leaf in leaves if leaf not in people), people


def checks_before(situation: Situation) -> Iterator[tuple[CheckId, EnvironmentName]]:
    """Every check whose evidence the gate asks for, and where."""
    for requirement in situation.requirements():
        if isinstance(requirement, CheckRequirement | CountRequirement):
            yield requirement.check, requirement.environment


def _requirement(situation: Situation, asked: RequirementId) -> Requirement | None:
    return next((one for one in situation.requirements() if one.id == asked), None)


def _normal(command: CreateRelease) -> Change:
    author = command.authors[0] if command.authors else PersonId("")
    return Change(ChangePhase.OPEN, command.change, command.service, ChangeKind.NORMAL, author=author)
