# SPDX-License-Identifier: Apache-2.0
"""Releases, exactly what is decided about them, their evidence and their records, as data."""

from collections.abc import Iterator

import msgspec

from interlock.domain.approval import Bound, Matter, bind
from interlock.domain.evidence import Series
from interlock.domain.ids import Digest, EnvironmentName, RequirementId, TextRef, digest_of
from interlock.domain.records import RecordBook
from interlock.domain.release import Release
from interlock.domain.requirement import ApprovalRequirement, RecordRequirement, SignoffRequirement
from interlock.ledger.canonical import canonical
from interlock.ports.store import Erased, LedgerStore, Missing

_REPORT = 20_000
"""Characters of a report that are shown."""


class ReleaseShown(msgspec.Struct, frozen=True):
    """A release: what it is made of and how far it came."""

    release: str
    phase: str
    digest: str
    commit: str
    change: str
    authors: list[str]
    reached: list[str]


class CoveredShown(msgspec.Struct, frozen=True):
    """One piece of evidence that a decision covers."""

    check: str
    environment: str
    number: int
    verdict: str


class ReadShown(msgspec.Struct, frozen=True):
    """One record that a decision covers."""

    requirement: str
    document: str


class AskedShown(msgspec.Struct, frozen=True):
    """A sign-off or approval that is asked for: who may give it, and what it states."""

    requirement: str
    kind: str
    roles: list[str]
    statement: str
    after: list[str]


class BoundShown(msgspec.Struct, frozen=True):
    """What a decision about a release in an environment is bound to; when any of it changes, the decision is dead."""

    release: str
    environment: str
    digest: str
    governance: str
    covered: list[CoveredShown]


class MatterShown(BoundShown, frozen=True):
    """Exactly what would be approved now. `revision` counts the plans; `matter` is the digest of all of it."""

    matter: str
    read: list[ReadShown]
    revision: int
    rollout_plan: str
    rollback_plan: str
    change: str
    title: str
    commit: str
    base: str
    authors: list[str]
    unknown_authors: int
    artifacts: dict[str, str]
    asked: list[AskedShown]


class EvidenceShown(msgspec.Struct, frozen=True):
    """The newest reading of one check, and the verdicts before it."""

    check: str
    environment: str
    number: int
    verdict: str
    summary: str
    source: str
    assurance: str
    taken_at: str
    governance: str
    measured: dict[str, str]
    query: str
    count: int
    report: str
    report_text: str
    verdicts: list[str]


class RecordShown(msgspec.Struct, frozen=True):
    """A document that is asked for, or was written. `by` is empty as long as nobody wrote it."""

    record: str
    by: str
    sections: list[str]


def release(one: Release) -> ReleaseShown:
    """A release."""
    return ReleaseShown(
        one.id, one.phase.value, one.digest, one.commit, one.change, list(one.authors), list(one.reached)
    )


def bound(one: Release, place: EnvironmentName, what: Bound) -> BoundShown:
    """What a decision is bound to."""
    return BoundShown(one.id, place, what.digest, what.governance, _covered(what))


def matter(store: LedgerStore, place: EnvironmentName, one: Matter, title: TextRef) -> MatterShown:
    """Exactly what would be approved."""
    what, of = bind(one), one.release
    return MatterShown(
        release=of.id,
        environment=place,
        digest=what.digest,
        governance=what.governance,
        covered=_covered(what),
        matter=seal(what),
        read=[ReadShown(read.requirement, read.document) for read in what.read],
        revision=what.revision,
        rollout_plan=text_of(store, what.plans.rollout),
        rollback_plan=text_of(store, what.plans.rollback),
        change=of.change,
        title=words_of(store, title),
        commit=of.commit,
        base=of.base,
        authors=list(of.authors),
        unknown_authors=of.unknown_authors,
        artifacts={item.component: item.digest for item in of.artifacts},
        asked=list(_asked(one)),
    )


def seal(what: Bound) -> str:
    """The digest of all that a decision is bound to: who sends it back says which matter they saw."""
    return digest_of(canonical(msgspec.to_builtins(what)))


def evidence(store: LedgerStore, series: Series) -> EvidenceShown:
    """The newest reading of one check."""
    latest = series.latest
    return EvidenceShown(
        check=latest.check,
        environment=latest.environment,
        number=latest.number,
        verdict=latest.verdict.value,
        summary=latest.summary,
        source=latest.source,
        assurance=latest.assurance.value,
        taken_at=latest.taken_at.isoformat(),
        governance=latest.governance,
        measured=dict(latest.measured),
        query=latest.query,
        count=latest.count,
        report=latest.report,
        report_text=report_text(store, series),
        verdicts=[piece.verdict.value for piece in series.pieces],
    )


def report_text(store: LedgerStore, series: Series) -> str:
    """The raw material behind the newest reading, as far as it is shown."""
    content = store.blob(series.latest.report)
    if not isinstance(content, bytes):
        return "(its report is not in the ledger)"
    text = content.decode("utf-8", "replace")
    return text if len(text) <= _REPORT else f"{text[:_REPORT]}\n… {len(text) - _REPORT} more characters"


def records(asked: dict[RequirementId, RecordRequirement], book: RecordBook) -> list[RecordShown]:
    """Every record that is asked for or was written."""
    written = book.written
    return [
        RecordShown(
            name,
            written[name].by if name in written else "",
            list(asked[name].sections if name in asked else written[name].sections),
        )
        for name in dict.fromkeys((*asked, *written))
    ]


def words_of(store: LedgerStore, ref: TextRef) -> str:
    """What somebody said, or that it is erased."""
    text = store.text(ref) if ref else Missing()
    if isinstance(text, Erased):
        return "(erased)"
    return "" if isinstance(text, Missing) else text.words


def text_of(store: LedgerStore, digest: Digest) -> str:
    """The text under a digest; empty when it is not there."""
    content = store.blob(digest) if digest else Missing()
    return "" if isinstance(content, Missing) else content.decode("utf-8", "replace")


def _covered(what: Bound) -> list[CoveredShown]:
    return [CoveredShown(one.check, one.environment, one.number, one.verdict.value) for one in what.covered]


def _asked(one: Matter) -> Iterator[AskedShown]:
    for asked in one.requirements:
        match asked:
            case SignoffRequirement():
                yield AskedShown(asked.id, "signoff", list(asked.roles), asked.statement, list(asked.after))
            case ApprovalRequirement():
                yield AskedShown(asked.id, "approval", list(asked.roles), "", list(asked.after))
            case _:
                continue
