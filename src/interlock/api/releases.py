# SPDX-License-Identifier: Apache-2.0
"""Reading: releases, exactly what would be approved, their evidence and records, and rollouts."""

from functools import partial
from typing import Annotated, Final

import msgspec
from litestar import get
from litestar.params import FromPath, QueryParameter

from interlock.api.paging import Cursor, Limit, page_of
from interlock.api.refusals import absent, problems
from interlock.api.scene import Look, Looking
from interlock.domain.gate import evaluate
from interlock.domain.ids import EnvironmentName, ReleaseId, RequirementId
from interlock.domain.promotion import Manner
from interlock.domain.release import Release
from interlock.service.gather import Gatherer
from interlock.service.portraits import releases as portraits
from interlock.service.portraits.findings import FindingShown, finding
from interlock.service.portraits.releases import EvidenceShown, MatterShown, RecordShown, ReleaseShown
from interlock.service.portraits.rollouts import RolloutShown
from interlock.service.portraits.rollouts import rollout as rollout_shown
from interlock.service.rollouts import Onlooker
from interlock.service.story import asked_of
from interlock.service.views import Viewer

RELEASES: Final = ("releases",)
_PREFIX: Final = "release/"


class Releases(msgspec.Struct, frozen=True):
    """A page of releases, by their ids. `next` is the cursor of the following page; empty when this is the last."""

    releases: list[ReleaseShown]
    next: str


class GateShown(msgspec.Struct, frozen=True):
    """The gate of one environment that lies ahead."""

    environment: str
    opens: bool
    finding: FindingShown


class ReleaseWhole(msgspec.Struct, frozen=True):
    """A release, with every gate that lies ahead and the evidence behind each leaf."""

    release: ReleaseShown
    change: str
    title: str
    ahead: list[GateShown]
    evidence: list[EvidenceShown]
    records: list[RecordShown]


class EvidenceOf(msgspec.Struct, frozen=True):
    """All evidence about a release: the newest reading of each check."""

    release: str
    digest: str
    evidence: list[EvidenceShown]


class RecordsOf(msgspec.Struct, frozen=True):
    """The documents that are asked for about a release, or were written."""

    release: str
    records: list[RecordShown]


class RecordText(msgspec.Struct, frozen=True):
    """One document, word for word."""

    release: str
    record: str
    by: str
    document: str
    sections: list[str]
    text: str


@get("/releases", sync_to_thread=True, responses=problems(400, 401, 403, 404), tags=RELEASES, operation_id="releases")
def releases(
    look: Looking,
    service: Annotated[str, QueryParameter(max_length=80, description="Only of this service.")] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Releases:
    """Every release, by id, a page at a time."""
    if service:
        look.service(service)
    names = [name.removeprefix(_PREFIX) for name in look.store.streams(f"{_PREFIX}{service}:" if service else _PREFIX)]
    mine = names if not look.caller.services else [one for one in names if one.partition(":")[0] in look.services]
    page = page_of(mine, cursor, limit)
    view = look.gatherer.view
    return Releases([portraits.release(view.release(ReleaseId(name))) for name in page.names], page.next)


@get(
    "/releases/{release:str}",
    sync_to_thread=True,
    responses=problems(401, 403, 404),
    tags=RELEASES,
    operation_id="release",
)
def release(look: Looking, release: FromPath[str]) -> ReleaseWhole:
    """A release: its gates ahead as trees of findings, and what each rests on."""
    one = look.release(release)
    change = look.gatherer.view.change(one.change)
    return ReleaseWhole(
        release=portraits.release(one),
        change=one.change,
        title=portraits.words_of(look.store, change.title),
        ahead=look.viewer.part(("gates", one.id), partial(_ahead, named=one.id)),
        evidence=_evidence(look, one),
        records=portraits.records(asked_of(look.gatherer, one), look.gatherer.view.records(one.id)),
    )


@get(
    "/releases/{release:str}/matter/{environment:str}",
    sync_to_thread=True,
    responses=problems(401, 403, 404),
    tags=RELEASES,
    operation_id="matter",
)
def matter(look: Looking, release: FromPath[str], environment: FromPath[str]) -> MatterShown:
    """Exactly what would be approved now. Send `matter` back with an approval, so that you approve what you saw."""
    one = look.release(release)
    place = look.environment(look.gatherer.pinned(one), environment)
    title = look.gatherer.view.change(one.change).title
    return portraits.matter(look.store, place, look.gatherer.matter(one.id, place), title)


@get(
    "/releases/{release:str}/evidence",
    sync_to_thread=True,
    responses=problems(401, 403, 404),
    tags=RELEASES,
    operation_id="evidence",
)
def evidence(look: Looking, release: FromPath[str]) -> EvidenceOf:
    """What checks said about a release."""
    one = look.release(release)
    return EvidenceOf(one.id, one.digest, _evidence(look, one))


@get(
    "/releases/{release:str}/records",
    sync_to_thread=True,
    responses=problems(401, 403, 404),
    tags=RELEASES,
    operation_id="records",
)
def records(look: Looking, release: FromPath[str]) -> RecordsOf:
    """The documents its procedure asks for."""
    one = look.release(release)
    return RecordsOf(one.id, portraits.records(asked_of(look.gatherer, one), look.gatherer.view.records(one.id)))


@get(
    "/releases/{release:str}/records/{record:str}",
    sync_to_thread=True,
    responses=problems(401, 403, 404),
    tags=RELEASES,
    operation_id="record",
)
def record(look: Looking, release: FromPath[str], record: FromPath[str]) -> RecordText:
    """One document, word for word."""
    one = look.release(release)
    entry = look.gatherer.view.records(one.id).written.get(RequirementId(record))
    if entry is None:
        sentence = f"no record '{record}' was written about {one.id}"
        raise absent("record.none", sentence, f"see /v1/releases/{one.id}/records")
    text = portraits.text_of(look.store, entry.document)
    return RecordText(one.id, record, entry.by, entry.document, list(entry.sections), text)


@get(
    "/rollouts/{promotion:path}",
    sync_to_thread=True,
    responses=problems(401, 403, 404),
    tags=RELEASES,
    operation_id="rollout",
)
def rollout(look: Looking, promotion: FromPath[str]) -> RolloutShown:
    """A candidate given traffic: split, both arms, the evidence against its threshold, what it waits for."""
    named = look.promotion(str(promotion).removeprefix("/"))
    if look.gatherer.view.promotion(named).manner is not Manner.BESIDE:
        raise absent("rollout.none", f"'{named}' is not rolled out step by step", "see /v1/services")
    return rollout_shown(Onlooker().of(look.viewer, named), driven=look.driven)


def _ahead(viewer: Viewer, named: ReleaseId) -> list[GateShown]:
    """Every gate that lies ahead, as it is for a moment."""
    viewer.hold_for_a_moment()
    one = viewer.gatherer.release(named)
    return [_gate(viewer.gatherer, one, place) for place in viewer.ahead(one)]


def _gate(gatherer: Gatherer, one: Release, place: EnvironmentName) -> GateShown:
    found = evaluate(gatherer.situation(one.id, place), gatherer.now)
    return GateShown(place, found.opens, finding(found))


def _evidence(look: Look, one: Release) -> list[EvidenceShown]:
    book = look.gatherer.view.evidence_of(one.id, one.digest)
    return [portraits.evidence(look.store, series) for series in book.series.values()]


HANDLERS: Final = (releases, release, matter, evidence, records, record, rollout)
