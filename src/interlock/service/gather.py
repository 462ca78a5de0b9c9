# SPDX-License-Identifier: Apache-2.0
"""Bring together what a rule looks at: the situation before a gate, the turn of a promotion, the ground of a rollback.

Everything comes from one view, so a decision and what it read always belong together.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from interlock.domain.accompanying import Berth
from interlock.domain.approval import Matter
from interlock.domain.authority import Crew
from interlock.domain.change import Change
from interlock.domain.collecting import about_live
from interlock.domain.course import Course
from interlock.domain.gate import Situation, met
from interlock.domain.governance import GovernanceRef
from interlock.domain.handling import UNHANDLED, Handling
from interlock.domain.ids import Digest, EnvironmentName, PromotionId, ReleaseId, RequirementId, RollbackId, ServiceName
from interlock.domain.in_place import InPlace
from interlock.domain.incident import Incident
from interlock.domain.leaving import Ground
from interlock.domain.procedure import Governance, Path, Procedure, Verification
from interlock.domain.promotion import Promotion, PromotionPhase
from interlock.domain.queueing import Turn
from interlock.domain.records import Page
from interlock.domain.release import Release
from interlock.domain.requirement import Held, Requirement, SaidRequirement
from interlock.domain.rollback import BeginRollback, Rollback
from interlock.domain.slot import OccupantKind, Placed, SlotState
from interlock.domain.strategy import Baseline as Asked
from interlock.domain.template import RollbackMessages
from interlock.domain.traffic import LANES, Lane
from interlock.domain.waiver import Scope
from interlock.ledger.codec import Undecodable
from interlock.service.engine import ENGINE
from interlock.service.facts import FactSource
from interlock.service.view import View

INCIDENTS: Final = "incidents"
"""The word by which a condition asks for them."""


class Ungoverned(Exception):
    """There are no rules to decide by: the service, release or environment named is not known."""

    def __init__(self, code: str, sentence: str, next_step: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.next_step = next_step


class Library(Protocol):
    """Turns the recorded parts of a governance into rules; the same parts always give the same rules."""

    def governance(self, view: View, ref: GovernanceRef) -> Governance: ...

    def fault(self, view: View, ref: GovernanceRef) -> str:
        """Why these parts can be no governance: missing, not what the digest covers, or not loading. Empty: none."""
        ...

    def conditions(self, situation: Situation, now: datetime) -> Mapping[RequirementId, Held]: ...

    def admits(self, release: Release, change: Change, procedure: Procedure) -> Mapping[str, Held]: ...


def staffed(governance: Governance, view: View, now: datetime) -> Governance:
    """The same rules with who is in the groups that they name now; of groups is read only where some are named."""
    return replace(governance, groups=view.groups(), moment=now) if governance.names_of_groups else governance


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Gathers from one view at one moment."""

    view: View
    library: Library
    facts: FactSource
    now: datetime
    engine: str = ENGINE
    """The version of the rules by which is decided."""

    def in_force(self, service: ServiceName) -> Governance | None:
        """The governance in force for a service; None before the first."""
        state = self.view.service(service)
        return self._staffed(state.in_force) if state.is_governed else None

    def release(self, release: ReleaseId) -> Release:
        """A release that exists. Raises `Ungoverned` (code `release.unknown`)."""
        found = self.view.release(release)
        if not found.id:
            raise Ungoverned("release.unknown", f"there is no release '{release}'", "see `interlock status`")
        return found

    def pinned(self, release: Release) -> Governance:
        """The governance a release is judged by: the one it pinned, or for an adopted release the one in force."""
        service = self.view.service(release.service)
        ref = service.approved.get(release.governance, service.in_force)
        if not service.is_governed:
            raise Ungoverned("governance.none", f"'{release.service}' is not governed yet", "run `interlock adopt`")
        return self._staffed(ref)

    def situation(self, release: ReleaseId, environment: EnvironmentName) -> Situation:
        """Everything the gate of an environment looks at."""
        one = self.release(release)
        return self.situation_of(one, self.view.change(one.change), environment, self.pinned(one))

    def situation_of(
        self, release: Release, change: Change, environment: EnvironmentName, governance: Governance
    ) -> Situation:
        """The same for a release and a change that may be only supposed."""
        place = governance.procedure.environment(environment)
        if place is None:
            known = ", ".join(other.name for other in governance.procedure.environments)
            raise Ungoverned("environment.unknown", f"there is no environment '{environment}'", f"there are: {known}")
        bare = Situation(
            release=release,
            change=change,
            environment=place,
            governance=governance.there(environment),
            service=self.view.service(release.service),
            people=self.view.people(),
            latest=self.facts.latest,
            evidence=self.view.evidence_of(release.id, release.digest),
            approvals=self.view.approvals(release.id),
            waivers=self.view.waivers(release.id),
            freezes=self.view.freezes(),
            recalled=self._recalled(release),
            records=self.view.records(release.id),
            admits=self.library.admits(release, change, governance.procedure),
        )
        stages = bare.stages()
        asked = tuple(requirement for stage in stages for requirement in stage.requires)
        whole = replace(
            bare,
            live=tuple(self.live_for(release.service, asked)),
            incidents=tuple(self._incidents(bare, asked)),
            windows=self.facts.windows(stages[-1].windows, self.now) if stages else (),
        )
        conditions = self.library.conditions(whole, self.now)
        return replace(whole, conditions=conditions) if conditions else whole

    def live_for(self, service: ServiceName, requirements: Iterable[Requirement]) -> Iterator[InPlace]:
        """What is live in every environment that some of these are about."""
        return self.in_place(service, about_live(requirements))

    def in_place(self, service: ServiceName, environments: Iterable[EnvironmentName]) -> Iterator[InPlace]:
        """What is live in these."""
        for name in environments:
            slot = self.view.slot(service, name)
            yield InPlace(name, slot.live.digest, slot.changes)

    def _incidents(self, situation: Situation, asked: tuple[Requirement, ...]) -> Iterator[str]:
        """How bad what is open there is; read only where it is asked, for whatever was read is compared on writing."""
        if any(INCIDENTS in one.condition for one in asked):
            for incident in self.open_incidents(situation.release.service, situation.environment.name):
                yield str(incident.severity)

    def matter(self, release: ReleaseId, environment: EnvironmentName) -> Matter:
        """What a person decides about."""
        situation = self.situation(release, environment)
        asked = situation.requirements()
        ordered = any(isinstance(one, SaidRequirement) and one.after for one in asked)
        return Matter(
            situation.release,
            situation.governance,
            asked,
            situation.evidence,
            situation.records,
            met(situation, self.now) if ordered else frozenset(),
            situation.live,
        )

    def page(self, release: ReleaseId, environment: EnvironmentName) -> Page:
        """What a record is written for."""
        matter = self.matter(release, environment)
        slot = self.view.slot(matter.release.service, environment)
        is_exposed = slot.occupying == release and self._occupying_promotion(slot).is_exposed
        return Page(matter.release, matter.governance, matter.requirements, matter.met, is_exposed)

    def path_of(self, release: Release) -> Path | None:
        """The path the release travels under the governance it is judged by; None when none takes it."""
        procedure, change = self.pinned(release).procedure, self.view.change(release.change)
        return procedure.path_for(change.kind, self.library.admits(release, change, procedure))

    def scope(self, release: ReleaseId, environment: EnvironmentName) -> Scope:
        """What a waiver is asked for."""
        matter = self.matter(release, environment)
        return Scope(matter.release, matter.governance, matter.requirements)

    def turn(self, release: ReleaseId, environment: EnvironmentName) -> Turn:
        """A promotion's situation, its slot, and who occupies it."""
        situation = self.situation(release, environment)
        slot = self.view.slot(situation.release.service, environment)
        occupant = self._occupying_promotion(slot)
        waits = occupant.phase is PromotionPhase.WAITING
        return Turn(situation, slot, occupant, (self.situation_under(occupant),) if waits else ())

    def turn_of(self, promotion: PromotionId) -> tuple[Promotion, Turn]:
        """A promotion that exists, and its turn. Raises `Ungoverned` (code `promotion.unknown`)."""
        state = self.view.promotion(promotion)
        if not state.id:
            raise Ungoverned("promotion.unknown", f"there is no promotion '{promotion}'", "see `interlock status`")
        slot = self.view.slot(state.service, state.environment)
        return state, Turn(self.situation_under(state), slot, self._occupying_promotion(slot))

    def course_of(self, promotion: PromotionId) -> tuple[Promotion, Course]:
        """A promotion that exists, and its rollout. Raises `Ungoverned` (code `promotion.unknown`)."""
        state, turn = self.turn_of(promotion)
        rollout = self.view.rollout(promotion)
        if not any(stage.rollout.analysis.baseline is Asked.FRESH for stage in turn.situation.stages()[-1:]):
            return state, Course(rollout, turn)
        return state, Course(rollout, turn, self.view.baseline(state.service, state.environment))

    def berth(self, service: ServiceName, environment: EnvironmentName) -> Berth:
        """The place of a baseline, and who moves there."""
        slot, baseline = self.view.slot(service, environment), self.view.baseline(service, environment)
        promotion, rollback = self._occupying_promotion(slot), self._occupying_rollback(slot)
        return Berth(service, environment, baseline, slot, promotion, rollback)

    def situation_under(self, promotion: Promotion) -> Situation:
        """The situation of a promotion under the governance it began with (I0), whatever its release pins by now."""
        release = self.release(promotion.release)
        service = self.view.service(release.service)
        ref = service.approved.get(promotion.governance, service.in_force)
        governance = self._staffed(ref)
        return self.situation_of(release, self.view.change(release.change), promotion.environment, governance)

    def ground(self, command: BeginRollback) -> Ground:
        """Where a rollback begins."""
        return self._ground(command.service, command.environment)

    def ground_of(self, rollback: RollbackId) -> tuple[Rollback, Ground]:
        """A rollback that exists, and its ground. Raises `Ungoverned` (code `rollback.unknown`)."""
        state = self.view.rollback(rollback)
        if not state.id:
            raise Ungoverned("rollback.unknown", f"there is no rollback '{rollback}'", "see `interlock status`")
        return state, self._ground(state.service, state.environment)

    def verification(self, service: ServiceName, environment: EnvironmentName) -> Verification:
        """How a deployment is proven there under the governance in force: by the first path's stage into it.

        A rollback asks this, and nothing may stand before one (I0): rules that cannot be read ask for no proof.
        """
        try:
            governance = self.in_force(service)
        except Undecodable:
            return Verification()
        stages = governance.procedure.stages if governance else ()
        found = (stage.verification for stage in stages if stage.environment == environment)
        return next(found, Verification())

    def open_incidents(self, service: ServiceName, environment: EnvironmentName) -> tuple[Incident, ...]:
        """The incidents open in an environment, oldest first. Nothing stands before a rollback: none if unreadable."""
        try:
            return tuple(self.view.incident(one) for one in self.view.docket(service).there(environment))
        except Undecodable:
            return ()

    def handling(self, service: ServiceName, environment: EnvironmentName) -> Handling:
        """How incidents there are handled under the governance in force; rules that cannot be read ask for nothing."""
        try:
            governance = self.in_force(service)
        except Undecodable:
            return UNHANDLED
        return governance.procedure.handling.there(environment) if governance else UNHANDLED

    def crew(self, service: ServiceName, environment: EnvironmentName) -> Crew:
        """Who holds which role there under the governance in force, and who is away."""
        try:
            governance = self.in_force(service)
        except Undecodable:
            return Crew()
        if governance is None:
            return Crew()
        return Crew(governance.there(environment).crew, self.view.absences(), governance.solo)

    def _ground(self, service: ServiceName, environment: EnvironmentName) -> Ground:
        slot = self.view.slot(service, environment)
        evidence = self.view.evidence_of(slot.live.release, slot.live.digest)
        promotion = self._occupying_promotion(slot)
        rollback = self._occupying_rollback(slot)
        placed = {slot.live, *slot.good}
        recalled = {digest for one in placed for digest in self._recalled_with(one)}
        bare = Ground(
            slot=slot,
            promotion=promotion,
            rollback=rollback,
            leaving=Release(),
            recalled=tuple(sorted(recalled)),
            verification=self.verification(service, environment),
            evidence=evidence,
            lanes=LANES if self._is_routed(service, environment) else (Lane.A,),
            incidents=self.open_incidents(service, environment),
            handling=self.handling(service, environment),
            crew=self.crew(service, environment),
            messages=self._rollback_messages(service),
            rollout=self.view.rollout(promotion.id),
        )
        return replace(bare, leaving=self.view.release(bare.left.release))

    def _staffed(self, ref: GovernanceRef) -> Governance:
        return staffed(self.library.governance(self.view, ref), self.view, self.now)

    def _rollback_messages(self, service: ServiceName) -> RollbackMessages:
        """What is told of a rollback under the governance in force; rules that cannot be read have nothing told."""
        try:
            governance = self.in_force(service)
        except Undecodable:
            return RollbackMessages()
        return governance.procedure.rollback_messages if governance else RollbackMessages()

    def _is_routed(self, service: ServiceName, environment: EnvironmentName) -> bool:
        """Whether its traffic is split under the governance in force; rules that cannot be read split nothing."""
        try:
            governance = self.in_force(service)
        except Undecodable:
            return False
        return governance is not None and environment in governance.routes

    def _recalled_with(self, placed: Placed) -> tuple[Digest, ...]:
        """What is recalled of a release that was live; with any of its content it counts as recalled itself."""
        found = self._recalled(self.view.release(placed.release))
        return (placed.digest, *found) if found else ()

    def _occupying_promotion(self, slot: SlotState) -> Promotion:
        if slot.kind is OccupantKind.PROMOTION:
            return self.view.promotion(PromotionId(slot.occupant))
        return Promotion()

    def _occupying_rollback(self, slot: SlotState) -> Rollback:
        return self.view.rollback(RollbackId(slot.occupant)) if slot.kind is OccupantKind.ROLLBACK else Rollback()

    def _is_recalled(self, digest: Digest) -> bool:
        return bool(digest) and self.view.recall(digest).is_recalled

    def _recalled(self, release: Release) -> tuple[Digest, ...]:
        digests = (release.digest, *(artifact.digest for artifact in release.artifacts))
        return tuple(digest for digest in dict.fromkeys(digests) if self._is_recalled(digest))
