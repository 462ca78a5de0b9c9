# SPDX-License-Identifier: Apache-2.0
"""What there is to tell about a release: its commits, who decided what, what it carries and what is known of it.

People's own words are told only by whom `words` lets tell them: what is drafted from here becomes a document that
nobody can erase.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from interlock.domain.approval import ApprovalBook
from interlock.domain.change import Change
from interlock.domain.evidence import EvidenceBook, EvidenceRecorded
from interlock.domain.gate import evaluate
from interlock.domain.ids import CheckId, Digest, EnvironmentName, RequirementId, TextRef
from interlock.domain.procedure import Governance
from interlock.domain.records import RecordBook
from interlock.domain.release import Release
from interlock.domain.requirement import RecordRequirement
from interlock.domain.verdict import Finding, Verdict, WaivedBy
from interlock.domain.waiver import WaiverBook, WaiverRequested
from interlock.ledger.record import SaltedText
from interlock.packs.bindings import Bindings
from interlock.packs.examining import ContractSpec
from interlock.ports.source import Commit, SourceRepository
from interlock.ports.store import Erased, Missing
from interlock.service.gather import Gatherer
from interlock.service.library import PackLibrary

Teller = Callable[[TextRef], str]
"""What is told in place of a person's words."""


class Carried(StrEnum):
    """How a waiver stands."""

    ASKED = "asked for, not granted"
    OPEN = "open"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class CarriedWaiver:
    """A waiver, how it stands, and who granted it (empty: nobody)."""

    asked: WaiverRequested
    standing: Carried
    granted_by: str
    reason: str
    mitigation: str


@dataclass(frozen=True, slots=True)
class ContractChange:
    """One thing in which a contract differs, where, and how much of a change that is."""

    size: str
    at: str
    what: str


@dataclass(frozen=True, slots=True)
class Risk:
    """A requirement that is not met and does not hold the release, because a waiver stands beside it."""

    environment: EnvironmentName
    finding: Finding


@dataclass(frozen=True, slots=True)
class Story:
    """All of it, as of `now`. `title` and what waivers say are as the teller of the words told them."""

    release: Release
    change: Change
    title: str
    commits: tuple[Commit, ...]
    governance: Governance
    approvals: ApprovalBook
    waivers: tuple[CarriedWaiver, ...]
    risks: tuple[Risk, ...]
    readings: tuple[EvidenceRecorded, ...]
    contract: tuple[ContractChange, ...]
    plan: str
    """Where the migration plan of a release that breaks a contract stands; empty: it breaks none."""
    rollback_plan: str
    records: RecordBook
    now: datetime


def kept_words(ref: TextRef) -> str:
    """In place of the words: that there are some, and by what name they are kept."""
    return f"(in the ledger, {ref[:17]})" if ref.startswith("text:") else ref


def quoted_words(kept: Callable[[TextRef], SaltedText | Erased | Missing]) -> Teller:
    """The words themselves, where they are still kept."""

    def told(ref: TextRef) -> str:
        found = kept(ref)
        return " ".join(found.words.split()) if isinstance(found, SaltedText) else kept_words(ref)

    return told


def story_of(
    gatherer: Gatherer, release: Release, commits: tuple[Commit, ...], bindings: Bindings, words: Teller
) -> Story:
    """The story of a release, as the ledger has it."""
    view = gatherer.view
    change, book = view.change(release.change), view.waivers(release.id)
    evidence = view.evidence_of(release.id, release.digest)
    readings = tuple(series.newest for series in evidence.series.values())
    contracts = frozenset(check for check, spec in bindings.checks.items() if isinstance(spec, ContractSpec))
    found = tuple(_contract(gatherer, evidence, contracts))
    breaks = any(one.size == "major" for one in found)
    return Story(
        release=release,
        change=change,
        title=words(change.title) if change.title else "",
        commits=commits,
        governance=gatherer.pinned(release),
        approvals=view.approvals(release.id),
        waivers=tuple(_carried(book, gatherer.now, words)),
        risks=tuple(_risks(gatherer, release)),
        readings=readings,
        contract=found,
        plan=_plan(bindings, release.version) if breaks else "",
        rollback_plan=_text(gatherer, release.plans.rollback),
        records=view.records(release.id),
        now=gatherer.now,
    )


def story_in(
    gatherer: Gatherer, release: Release, repository: SourceRepository, library: PackLibrary, words: Teller
) -> Story:
    """The same with its commits, from the repository, under the bindings it is judged by."""
    service = gatherer.view.service(release.service)
    rules = library.rules(gatherer.view, service.approved.get(release.governance, service.in_force))
    commits = tuple(repository.commits(release.base, release.commit)) if release.base else ()
    return story_of(gatherer, release, commits, rules.bindings, words)


def asked_of(gatherer: Gatherer, release: Release) -> dict[RequirementId, RecordRequirement]:
    """Every record that the release's path asks for, in order."""
    path, procedure = gatherer.path_of(release), gatherer.pinned(release).procedure
    stages = (procedure.stage(name) for name in path.stages) if path else ()
    return {asked.id: asked for stage in stages for asked in stage.requires if isinstance(asked, RecordRequirement)}


def _carried(book: WaiverBook, now: datetime, words: Teller) -> Iterator[CarriedWaiver]:
    for name, asked in book.asked.items():
        granted = book.granted.get(name, "")
        standing = Carried.OPEN if granted else Carried.ASKED
        if name in book.revoked:
            standing = Carried.REVOKED
        elif asked.expires <= now:
            standing = Carried.EXPIRED
        yield CarriedWaiver(asked, standing, granted, words(asked.reason), words(asked.mitigation))


def _risks(gatherer: Gatherer, release: Release) -> Iterator[Risk]:
    path = gatherer.path_of(release)
    seen: set[tuple[str, str]] = set()
    for environment in gatherer.pinned(release).procedure.environments_of(path) if path else ():
        for finding in _waived(evaluate(gatherer.situation(release.id, environment), gatherer.now)):
            if (finding.subject, finding.code) not in seen:
                seen.add((finding.subject, finding.code))
                yield Risk(environment, finding)


def _waived(finding: Finding) -> Iterator[Finding]:
    if isinstance(finding.waiver, WaivedBy) and finding.verdict is not Verdict.PASS:
        yield finding
    for child in finding.children:
        yield from _waived(child)


def _contract(gatherer: Gatherer, book: EvidenceBook, contracts: frozenset[CheckId]) -> Iterator[ContractChange]:
    """What the newest comparison of every bound contract found, from its report."""
    for (check, _), series in book.series.items():
        if check in contracts:
            yield from _differences(_text(gatherer, series.newest.report))


def _differences(report: str) -> Iterator[ContractChange]:
    try:
        document = json.loads(report)
        told = document["differences"]
        for one in told:
            yield ContractChange(str(one["size"]), str(one["at"]), str(one["what"]))
    except (ValueError, KeyError, TypeError):
        return


def _plan(bindings: Bindings, version: str) -> str:
    plans = [spec.plan for spec in bindings.checks.values() if isinstance(spec, ContractSpec)]
    return plans[0].replace("{version}", version) if plans else ""


def _text(gatherer: Gatherer, digest: Digest) -> str:
    content = gatherer.view.ledger.blob(digest) if digest else Missing()
    return "" if isinstance(content, Missing) else content.decode("utf-8", "replace")
