# SPDX-License-Identifier: Apache-2.0
"""A release: how far it came along its line, what keeps the next gate shut and who can change that, and what to say.

A *supposition* is a question, never an act: what would the gate say if these people had agreed, or that were waived?
It is answered by the same rules, and nothing of it is recorded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from interlock.domain.actor import name_of
from interlock.domain.change import Change
from interlock.domain.gate import Situation, bench, evaluate
from interlock.domain.ids import EnvironmentName, PromotionId, ReleaseId, StageName
from interlock.domain.moment import NEVER
from interlock.domain.procedure import NOWHERE, Governance, Stage
from interlock.domain.promotion import Manner, Promotion
from interlock.domain.quorum import who_may
from interlock.domain.release import Release, ReleasePhase, release_stream
from interlock.domain.requirement import ApprovalRequirement, SignoffRequirement, Waivable
from interlock.domain.slot import OccupantKind
from interlock.domain.verdict import Finding, Verdict
from interlock.domain.waiver import WaiverRequested
from interlock.ledger.record import Record
from interlock.service.gather import Ungoverned
from interlock.service.views import Awaited
from interlock.service.whatif import with_waiver, with_word
from interlock.web.deciding import Offer, Shown, offers, shown
from interlock.web.findings import Backed, Node
from interlock.web.look import Look
from interlock.web.page import Page, Place, Reader

SUPPOSE: Final = "suppose"
"""The question's parameter: `word:REQUIREMENT:PERSON` or `waive:REQUIREMENT`."""
_MET: Final = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True)
class Station:
    """One stage of the path: `reached`, `here` (its gate is asked next), `shut` or `ahead`."""

    stage: StageName
    environment: EnvironmentName
    where: str
    word: str
    at: datetime = NEVER


@dataclass(frozen=True, slots=True)
class Supposition:
    """Something that could be supposed, and whether it is."""

    value: str
    words: str
    is_supposed: bool


@dataclass(frozen=True, slots=True)
class Before:
    """How it stands before one environment."""

    environment: EnvironmentName
    tree: Node
    awaited: tuple[Awaited, ...]
    offers: tuple[Offer, ...]
    shown: Shown
    suppositions: tuple[Supposition, ...]
    is_moving: bool

    @property
    def opens(self) -> bool:
        """Whether the gate is open."""
        return self.tree.finding.opens

    @property
    def is_supposed(self) -> bool:
        """Whether anything of it is only supposed."""
        return any(one.is_supposed for one in self.suppositions)


@dataclass(frozen=True, slots=True)
class Travel:
    """One promotion of it."""

    promotion: Promotion
    at: datetime
    by: str
    words: str
    is_rollout: bool
    is_under_way: bool


@dataclass(frozen=True, slots=True)
class Waiver:
    """One exception that was asked for."""

    asked: WaiverRequested
    reason: str
    mitigation: str
    standing: str


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said about it."""

    by: str
    words: str
    at: datetime
    assurance: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """The page of a release."""

    release: Release
    change: Change
    title: str
    governance: Governance
    line: tuple[Station, ...]
    before: tuple[Before, ...]
    travels: tuple[Travel, ...]
    waivers: tuple[Waiver, ...]
    rules_moved: bool
    said: tuple[Said, ...] = ()
    """What people said about it, oldest first."""
    runs_in: tuple[EnvironmentName, ...] = ()
    """Where it is what runs."""
    made: tuple[str, datetime] = ("", NEVER)
    """Who made it, and when."""

    @property
    def is_open(self) -> bool:
        """Whether it may still move."""
        return self.release.phase is ReleasePhase.OPEN


def page(look: Look, named: str, reader: Reader, supposed: tuple[str, ...] = ()) -> Page:
    """The page of a release. Raises `Ungoverned` (code `release.unknown`)."""
    whole = _whole(look, ReleaseId(named), reader, supposed)
    model: dict[str, object] = {"one": whole, "now": look.now}
    return Page("release.html", f"{whole.release.service} {whole.release.version}", Place.FLEET, model)


def _whole(look: Look, named: ReleaseId, reader: Reader, supposed: tuple[str, ...]) -> Whole:
    release = look.gatherer.release(named)
    if not look.sees(release.service):
        raise Ungoverned("release.unknown", f"there is no release '{named}'", "see `interlock status`")
    change, governance = look.view.change(release.change), look.gatherer.pinned(release)
    ahead = look.viewer.ahead(release) if release.phase is ReleasePhase.OPEN else ()
    records = look.store.stream(release_stream(named))
    before = tuple(_before(look, release, place, reader, supposed) for place in ahead)
    return Whole(
        release,
        change,
        look.words(change.title) if change.title else "",
        governance,
        tuple(_line(look, release, before, records)),
        before,
        tuple(_travels(look, release)),
        tuple(_waivers(look, release)),
        release.governance != look.view.service(release.service).in_force.digest,
        tuple(_said(look, named)),
        tuple(_runs_in(look, release, governance)),
        (name_of(records[0].actor), records[0].time),
    )


def _before(look: Look, release: Release, place: EnvironmentName, reader: Reader, supposed: tuple[str, ...]) -> Before:
    real = look.gatherer.situation(release.id, place)
    situation, suppositions = _suppose(look, real, supposed)
    gate = evaluate(situation, look.now)
    awaited = look.viewer.awaited(situation, gate)
    slot = look.view.slot(release.service, place)
    is_moving = release.id in {slot.occupying, *(queued.release for queued in slot.queue)}
    is_supposed = any(one.is_supposed for one in suppositions)
    offered = () if is_supposed else offers(look, real, gate, awaited, reader)
    return Before(
        place,
        Backed(look, situation, awaited).tree(gate),
        awaited,
        tuple(one for one in offered if not (is_moving and one.word == "promote")),
        shown(look, release.id, place),
        suppositions,
        is_moving,
    )


def _suppose(look: Look, real: Situation, supposed: tuple[str, ...]) -> tuple[Situation, tuple[Supposition, ...]]:
    """The situation as it would be, and everything that could be supposed of it."""
    situation = real
    found: list[Supposition] = []
    leaves = {one.subject: one for one in _asked(real, look.now)}
    for asked in real.requirements():
        if asked.id not in leaves or leaves[asked.id].effective in _MET:
            continue
        if isinstance(asked, SignoffRequirement | ApprovalRequirement):
            verb = "signs" if isinstance(asked, SignoffRequirement) else "approves"
            for person in who_may(asked, bench(real)):
                value = f"word:{asked.id}:{person}"
                found.append(Supposition(value, f"{person} {verb} '{asked.id}'", value in supposed))
                if value in supposed:
                    situation = with_word(situation, asked.id, person, look.now)
        if getattr(asked, "waivable", Waivable.NO) is Waivable.YES:
            value = f"waive:{asked.id}"
            found.append(Supposition(value, f"'{asked.id}' is waived", value in supposed))
            if value in supposed:
                situation = with_waiver(situation, asked.id, look.now + timedelta(days=1))
    return situation, tuple(found)


def _asked(situation: Situation, now: datetime) -> tuple[Finding, ...]:
    return evaluate(situation, now).children[-1].children


def _line(look: Look, release: Release, before: tuple[Before, ...], records: Sequence[Record]) -> Iterator[Station]:
    path, procedure = look.gatherer.path_of(release), look.gatherer.pinned(release).procedure
    stages = tuple(procedure.stage(name) for name in path.stages) if path else ()
    gates = {one.environment: one for one in before}
    is_next = True
    for stage, place in _leading(stages):
        if place in release.reached:
            yield Station(stage.name, stage.environment, place, "reached", _reached_at(records, stage))
            continue
        word = _standing(stage, gates.get(place)) if is_next else "ahead"
        yield Station(stage.name, stage.environment, place, word)
        is_next = is_next and word in {"reached", "ahead"}


def _standing(stage: Stage, before: Before | None) -> str:
    """Of a stage whose environment is not reached: what is asked in it is met, or keeps the gate shut."""
    if before is None:
        return "ahead"
    if stage.environment != NOWHERE:
        return "here" if before.opens else "shut"
    asked = {str(one.id) for one in stage.requires}
    leaves = [one.finding for one in before.tree.children[-1].children if one.finding.subject in asked]
    return "reached" if all(one.effective in _MET for one in leaves) else "shut"


def _leading(stages: tuple[Stage, ...]) -> Iterator[tuple[Stage, EnvironmentName]]:
    """Every stage with the environment whose gate it is part of."""
    for at, stage in enumerate(stages):
        place = next((one.environment for one in stages[at:] if one.environment != NOWHERE), NOWHERE)
        yield stage, place


def _reached_at(records: Sequence[Record], stage: Stage) -> datetime:
    for record in records:
        if record.event == "ReleaseReached" and record.payload["environment"] == stage.environment:
            return record.time
    return NEVER


def _travels(look: Look, release: Release) -> Iterator[Travel]:
    for stream in look.store.streams(f"promotion/{release.id}/"):
        one = look.view.promotion(PromotionId(stream.removeprefix("promotion/")))
        slot = look.view.slot(one.service, one.environment)
        words = one.phase.replace("_", " ") + (f": {one.sentence}" if one.sentence else "")
        is_under_way = slot.kind is OccupantKind.PROMOTION and slot.occupant == one.id
        is_queued = any(queued.promotion == one.id for queued in slot.queue)
        is_rollout = one.manner is Manner.BESIDE
        yield Travel(one, look.view.began(stream), name_of(one.by), words, is_rollout, is_under_way or is_queued)


def _runs_in(look: Look, release: Release, governance: Governance) -> Iterator[EnvironmentName]:
    for place in governance.procedure.environments:
        if look.view.slot(release.service, place.name).live.release == release.id:
            yield place.name


def _said(look: Look, release: ReleaseId) -> Iterator[Said]:
    book = look.view.approvals(release)
    found = [
        Said(one.by, f"attested: {one.statement.rstrip('.')}", one.at, one.assurance.value) for one in book.signoffs
    ]
    found += [
        Said(
            one.by,
            f"{one.answer} it for {one.environment}",
            one.at,
            one.assurance.value,
            look.words(one.comment) if one.comment else "",
        )
        for one in book.decisions
    ]
    yield from sorted(found, key=lambda one: one.at)


def _waivers(look: Look, release: Release) -> Iterator[Waiver]:
    book = look.view.waivers(release.id)
    for named, asked in book.asked.items():
        standing = "waits for somebody to grant it"
        if named in book.granted:
            standing = f"granted by {book.granted[named]}"
        if look.now >= asked.expires:
            standing = "expired"
        if named in book.revoked:
            standing = "revoked"
        yield Waiver(asked, look.words(asked.reason), look.words(asked.mitigation), standing)
