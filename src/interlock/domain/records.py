# SPDX-License-Identifier: Apache-2.0
"""Records: documents that people write about a release, such as its notes or its rollback plan.

1. A record is written by a registered person, signed, in a role that the pack names for it; its content is a blob.
2. It counts when none of the sections that the pack asks for is empty. What else stands in it is free.
3. Writing it again replaces it. Whoever agreed to the former one agreed to something else (I6). So nobody does while
   the release is brought where it was asked for: audiences would be told what nobody agreed to.
4. A record that the pack asks for after something else is refused before that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from interlock.domain.actor import Actor, Assurance, Person
from interlock.domain.decision import Accepted, Decision, Emitted, Reason, Refused, refuse
from interlock.domain.ids import Digest, EnvironmentName, PersonId, ReleaseId, RequirementId, StreamId
from interlock.domain.procedure import Governance
from interlock.domain.release import Release, ReleasePhase
from interlock.domain.requirement import RecordRequirement, Requirement, somebody
from interlock.domain.verdict import Finding, Verdict


@dataclass(frozen=True, slots=True)
class WriteRecord:
    """`sections` are the sections of the document that are not empty."""

    release: ReleaseId
    environment: EnvironmentName
    requirement: RequirementId
    document: Digest
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordWritten:
    release: ReleaseId
    requirement: RequirementId
    document: Digest
    sections: tuple[str, ...]
    by: PersonId
    assurance: Assurance
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordBook:
    """The newest of every record about a release."""

    written: Mapping[RequirementId, RecordWritten] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """What a record is written for: a release before the gate of an environment, and what of that gate is met."""

    release: Release
    governance: Governance
    requirements: tuple[Requirement, ...]
    met: frozenset[RequirementId]
    is_exposed: bool = False
    """Whether the environment may already run the release, which is not proven there yet."""


def record_stream(release: ReleaseId) -> StreamId:
    """The stream of all records about one release."""
    return StreamId(f"record/{release}")


def decide(state: RecordBook, command: WriteRecord, page: Page, actor: Actor, now: datetime) -> Decision[RecordWritten]:
    """Whether the record may be written now."""
    if not isinstance(actor, Person):
        return refuse("record.robot", "records are written by people", "ask a person who holds the role")
    asked = next(
        (one for one in page.requirements if isinstance(one, RecordRequirement) and one.id == command.requirement),
        None,
    )
    if asked is None:
        names = ", ".join(one.id for one in page.requirements if isinstance(one, RecordRequirement))
        sentence = f"no record '{command.requirement}' is asked before {command.environment}"
        return refuse("record.unknown", sentence, f"the records asked are: {names or 'none'}")
    faults = _faults(state, command, page, asked, actor)
    if faults:
        return Refused(tuple(faults))
    written = RecordWritten(
        command.release,
        command.requirement,
        command.document,
        command.sections,
        actor.id,
        actor.assurance,
        now,
    )
    return Accepted((Emitted(record_stream(command.release), written),))


def evolve(state: RecordBook, event: RecordWritten) -> RecordBook:
    """The book after the event."""
    return replace(state, written={**state.written, event.requirement: event})


def too_early(after: tuple[RequirementId, ...], met: frozenset[RequirementId], kind: str) -> list[Reason]:
    """Why something may not be said yet: what comes before it is not met."""
    waiting = [one for one in after if one not in met]
    if not waiting:
        return []
    names = ", ".join(waiting)
    return [Reason(f"{kind}.too_early", f"{names} comes first, and is not met", "meet it first (`interlock explain`)")]


def judge_record(asked: RecordRequirement, book: RecordBook, release: Release, governance: Governance) -> Finding:
    """Whether the record is there and whole, and by nobody whose word counts elsewhere alone."""
    written = book.written.get(asked.id)
    roles = " or ".join(asked.roles)
    step = f"{somebody(roles)}: `interlock record write {release.version} {asked.id} FILE`"
    if written is None:
        sentence = f"not written yet; it needs: {', '.join(asked.sections)}"
        return Finding("record.missing", asked.id, Verdict.INCONCLUSIVE, sentence, step, cites=asked.cites)
    if elsewhere := governance.at_moment(written.at).elsewhere(written.by, asked.roles):
        sentence = f"written by {written.by}, who may{elsewhere.removeprefix(',')}"
        return Finding("record.elsewhere", asked.id, Verdict.INCONCLUSIVE, sentence, step, cites=asked.cites)
    lacking = missing(asked, written.sections)
    if lacking:
        sentence = f"the record by {written.by} lacks: {', '.join(lacking)}"
        return Finding("record.incomplete", asked.id, Verdict.INCONCLUSIVE, sentence, step, cites=asked.cites)
    return Finding("record.written", asked.id, Verdict.PASS, f"written by {written.by}", cites=asked.cites)


def missing(asked: RecordRequirement, sections: tuple[str, ...]) -> tuple[str, ...]:
    """The sections that are asked for and not there; capitals do not matter."""
    there = {section.casefold() for section in sections}
    return tuple(section for section in asked.sections if section.casefold() not in there)


def _faults(
    state: RecordBook, command: WriteRecord, page: Page, asked: RecordRequirement, actor: Person
) -> list[Reason]:
    faults = too_early(asked.after, page.met, "record")
    if page.release.phase is not ReleasePhase.OPEN:
        sentence = f"release '{command.release}' is {page.release.phase}"
        faults.append(Reason("release.not_open", sentence, "see `interlock status`"))
    if not page.governance.holds_any(actor.id, asked.roles):
        roles = ", ".join(asked.roles)
        sentence = f"'{actor.id}' holds none of: {roles}{page.governance.elsewhere(actor.id, asked.roles)}"
        faults.append(Reason("record.role", sentence, f"ask a person who does: {roles}"))
    if not actor.assurance.reaches(asked.assurance):
        sentence = f"'{asked.id}' is written by somebody who is {asked.assurance}, not {actor.assurance}"
        faults.append(Reason("record.assurance", sentence, "sign it with a registered key"))
    lacking = missing(asked, command.sections)
    if lacking:
        sentence = f"these sections are missing or empty: {', '.join(lacking)}"
        faults.append(Reason("record.incomplete", sentence, "give each a heading and at least one line below it"))
    known = state.written.get(asked.id)
    if known is not None and page.is_exposed:
        sentence = f"it is being promoted to {command.environment} with what '{asked.id}' says now"
        step = "write it again when that is over, or `interlock abort` it, write, and have it agreed to anew"
        faults.append(Reason("record.under_way", sentence, step))
    is_heard = known is not None and not page.governance.at_moment(known.at).elsewhere(known.by, asked.roles)
    if known is not None and known.document == command.document and is_heard:
        faults.append(Reason("record.same", "this is what it says already", "nothing needs doing"))
    return faults
