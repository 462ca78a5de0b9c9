# SPDX-License-Identifier: Apache-2.0
"""A world without a ledger: streams folded by prefix, and the glue that gathers what each rule looks at.

It does what the write path does, with a dictionary in place of a database: gather, decide, fold.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from interlock.domain import (
    absence,
    accompanying,
    adopting,
    approval,
    artifact,
    assessing,
    attending,
    baseline,
    change,
    docket,
    drift,
    evidence,
    freeze,
    governance,
    incident,
    outbox,
    people,
    promoting,
    promotion,
    release,
    requesting,
    returning,
    rollback,
    rolling,
    rollout,
    slot,
    waiver,
)
from interlock.domain.actor import Actor
from interlock.domain.authority import Crew
from interlock.domain.course import Course
from interlock.domain.decision import Accepted, Decision, Emitted
from interlock.domain.gate import Situation
from interlock.domain.ids import (
    ChangeId,
    Digest,
    EnvironmentName,
    IncidentId,
    PromotionId,
    ReleaseId,
    RollbackId,
    ServiceName,
    StreamId,
)
from interlock.domain.leaving import Ground
from interlock.domain.moment import NEVER
from interlock.domain.procedure import Governance, Verification
from interlock.domain.promotion import Promotion
from interlock.domain.queueing import Turn
from interlock.domain.rollback import Rollback
from interlock.domain.traffic import LANES, Lane

S = TypeVar("S")

Event = (
    people.PeopleEvent
    | change.ChangeEvent
    | release.ReleaseEvent
    | governance.GovernanceEvent
    | evidence.EvidenceEvent
    | approval.ApprovalEvent
    | waiver.WaiverEvent
    | freeze.FreezeEvent
    | artifact.RecallEvent
    | slot.SlotEvent
    | drift.DriftEvent
    | promotion.PromotionEvent
    | rollback.RollbackEvent
    | rollout.RolloutEvent
    | baseline.BaselineEvent
    | incident.IncidentEvent
    | docket.DocketEvent
    | absence.AbsenceEvent
    | outbox.OutboxEvent
)
Command = (
    people.PeopleCommand
    | change.ChangeCommand
    | release.ReleaseCommand
    | governance.GovernanceCommand
    | evidence.EvidenceCommand
    | approval.ApprovalCommand
    | waiver.WaiverCommand
    | freeze.FreezeCommand
    | artifact.RecallCommand
    | slot.AdoptRunning
    | promotion.PromotionCommand
    | rollback.RollbackCommand
    | rollout.RolloutCommand
    | baseline.BaselineCommand
    | incident.IncidentCommand
    | absence.AbsenceCommand
    | outbox.OutboxCommand
)

FOLDS: Final[Mapping[str, tuple[object, Callable[..., object]]]] = {
    "people": (people.People(), people.evolve),
    "change": (change.Change(), change.evolve),
    "release": (release.Release(), release.evolve),
    "service": (governance.Service(), governance.evolve),
    "evidence": (evidence.EvidenceBook(), evidence.evolve),
    "approval": (approval.ApprovalBook(), approval.evolve),
    "waiver": (waiver.WaiverBook(), waiver.evolve),
    "freezes": (freeze.Freezes(), freeze.evolve),
    "artifact": (artifact.RecallRecord(), artifact.evolve),
    "slot": (slot.SlotState(), slot.evolve),
    "drift": (drift.Drift(), drift.evolve),
    "promotion": (promotion.Promotion(), promotion.evolve),
    "rollback": (rollback.Rollback(), rollback.evolve),
    "rollout": (rollout.Rollout(), rollout.evolve),
    "baseline": (baseline.Baseline(), baseline.evolve),
    "incident": (incident.Incident(), incident.evolve),
    "docket": (docket.Docket(), docket.evolve),
    "absences": (absence.Absences(), absence.evolve),
    "outbox": (outbox.Outbox(), outbox.evolve),
    "asked": (requesting.Asks(), requesting.evolve),
}
"""Stream prefix to the empty state and the fold."""


def fold(streams: Mapping[StreamId, object], emitted: Emitted[Event]) -> dict[StreamId, object]:
    """All streams after one more event."""
    empty, evolve = FOLDS[emitted.stream.split("/", 1)[0]]
    return {**streams, emitted.stream: evolve(streams.get(emitted.stream, empty), emitted.event)}


@dataclass
class World:
    """Folded streams, the events behind them, and the time of the last one."""

    governances: Mapping[Digest, Governance]
    service_name: ServiceName
    streams: dict[StreamId, object] = field(default_factory=dict)
    log: tuple[Emitted[Event], ...] = ()
    latest: datetime = NEVER

    def copy(self) -> "World":
        """The same world, to try something out in; states are immutable."""
        return World(self.governances, self.service_name, self.streams, self.log, self.latest)

    def tell(self, command: Command, actor: Actor, now: datetime) -> Decision[Event]:
        """Gather, decide and, when accepted, fold."""
        decision = self.decide(command, actor, now)
        if isinstance(decision, Accepted):
            for emitted in decision.events:
                self.fold(emitted)
            self.latest = max(self.latest, now)
        return decision

    def fold(self, emitted: Emitted[Event]) -> None:
        """Add one event."""
        self.log = (*self.log, emitted)
        self.streams = fold(self.streams, emitted)

    def state(self, stream: StreamId, kind: type[S]) -> S:
        """The state of one stream; the empty one when nothing was recorded there."""
        found = self.streams.get(stream, FOLDS[stream.split("/", 1)[0]][0])
        assert isinstance(found, kind)
        return found

    def decide(self, command: Command, actor: Actor, now: datetime) -> Decision[Event]:
        """What the rules answer, with nothing folded."""
        if isinstance(command, incident.IncidentCommand):
            found = self.case(command.incident)
            place = command.environment if isinstance(command, incident.OpenIncident) else found.environment
            return assessing.decide(found, command, self.room(found, place), actor, now)
        match command:
            case absence.DeclareAway() | absence.DeclareBack():
                return absence.decide(self.absences, command, actor, now)
            case people.AddPerson() | people.AddKey() | people.RevokeKey():
                return people.decide(self.people, command, actor)
            case freeze.DeclareFreeze() | freeze.LiftFreeze():
                return freeze.decide(self.freezes, command, actor)
            case artifact.RecallArtifact() | artifact.LiftRecall():
                record = self.state(artifact.recall_stream(command.digest), artifact.RecallRecord)
                return artifact.decide(record, command, actor)
            case outbox.RecordDelivery() | outbox.RetryMessage():
                box = self.state(outbox.outbox_stream(command.service), outbox.Outbox)
                return outbox.decide(box, command, actor, now)
            case evidence.RecordEvidence() | evidence.RequestEvidence():
                return evidence.decide(self.evidence(command.subject), command, actor, now, self._brought(command))
            case _:
                return self._decide_about_release(command, actor, now)

    def _brought(self, command: evidence.EvidenceCommand) -> evidence.Brought | None:
        """What a person brings it for."""
        if not isinstance(command, evidence.RecordEvidence) or not command.release:
            return None
        return evidence.Brought(command.release, self.release(command.release).digest, self.pinned(command.release))

    def _decide_about_release(self, command: Command, actor: Actor, now: datetime) -> Decision[Event]:
        match command:
            case change.OpenChange() | change.CloseChange():
                return change.decide(self.change(command.change), command, actor)
            case approval.SignOff() | approval.Approve():
                return approval.decide(self.matter(command.release, command.environment), command, actor, now)
            case waiver.RequestWaiver() | waiver.GrantWaiver() | waiver.RevokeWaiver():
                book = self.state(waiver.waiver_stream(command.release), waiver.WaiverBook)
                return waiver.decide(book, command, self._scope(command), actor, now)
            case (
                release.CreateRelease() | release.RepinGovernance() | release.RevisePlans() | release.WithdrawRelease()
            ):
                known = self.release(command.release)
                about = self.change(command.change if isinstance(command, release.CreateRelease) else known.change)
                return release.decide(known, command, about, self.service, actor)
            case _:
                return self._decide_movement(command, actor, now)

    def _decide_movement(self, command: Command, actor: Actor, now: datetime) -> Decision[Event]:
        match command:
            case slot.AdoptRunning():
                where = self.slot(command.environment)
                return adopting.decide(where, command, self.release(command.release), actor)
            case promotion.RequestPromotion():
                turn = self.turn(command.release, command.environment)
                return promoting.decide(self.promotion(command.promotion), command, turn, actor, now)
            case (
                promotion.BeginDeployment()
                | promotion.ConcludeDeployment()
                | promotion.ConcludeProof()
                | promotion.AbortPromotion()
            ):
                state = self.promotion(command.promotion)
                return promoting.decide(state, command, self.turn_of(state), actor, now)
            case rollback.BeginRollback():
                ground = self.ground(command.environment)
                return returning.decide(self.rollback(command.rollback), command, ground, actor, now)
            case rollback.ConcludeReturn() | rollback.ConcludeRollbackProof():
                going = self.rollback(command.rollback)
                return returning.decide(going, command, self.ground(going.environment), actor, now)
            case _:
                return self._decide_rollout(command, actor, now)

    def _decide_rollout(self, command: Command, actor: Actor, now: datetime) -> Decision[Event]:
        if isinstance(command, rollout.RolloutCommand):
            state = self.promotion(command.promotion)
            return rolling.decide(state, command, self.course(state), actor, now)
        if isinstance(command, baseline.EndBaseline):
            return accompanying.dismiss(command, self.berth(command.environment), actor)
        if isinstance(command, baseline.BaselineCommand):
            state = self.promotion(command.promotion)
            return accompanying.decide(command, state, self.course(state), actor)
        return self._decide_governance(command, actor)

    def _decide_governance(self, command: Command, actor: Actor) -> Decision[Event]:
        assert isinstance(command, governance.GovernanceCommand)
        in_force = self.governances.get(self.service.in_force.digest)
        return governance.decide(self.service, command, in_force, actor)

    @property
    def people(self) -> people.People:
        return self.state(people.STREAM, people.People)

    @property
    def freezes(self) -> freeze.Freezes:
        return self.state(freeze.STREAM, freeze.Freezes)

    @property
    def service(self) -> governance.Service:
        return self.state(governance.service_stream(self.service_name), governance.Service)

    def change(self, name: ChangeId) -> change.Change:
        return self.state(change.change_stream(name), change.Change)

    def release(self, name: ReleaseId) -> release.Release:
        return self.state(release.release_stream(name), release.Release)

    def evidence(self, subject: Digest) -> evidence.EvidenceBook:
        return self.state(evidence.evidence_stream(subject), evidence.EvidenceBook)

    def waivers(self, name: ReleaseId) -> waiver.WaiverBook:
        return self.state(waiver.waiver_stream(name), waiver.WaiverBook)

    def slot(self, environment: EnvironmentName) -> slot.SlotState:
        return self.state(slot.slot_stream(self.service_name, environment), slot.SlotState)

    def promotion(self, name: PromotionId) -> Promotion:
        return self.state(promotion.promotion_stream(name), Promotion)

    def rollback(self, name: RollbackId) -> Rollback:
        return self.state(rollback.rollback_stream(name), Rollback)

    def is_recalled(self, digest: Digest) -> bool:
        return self.state(artifact.recall_stream(digest), artifact.RecallRecord).is_recalled

    def occupant(self, environment: EnvironmentName) -> Promotion:
        """The promotion that occupies the slot; the empty one when none does."""
        where = self.slot(environment)
        if where.kind is slot.OccupantKind.PROMOTION:
            return self.promotion(PromotionId(where.occupant))
        return Promotion()

    def returning(self, environment: EnvironmentName) -> Rollback:
        """The rollback that occupies the slot; the empty one when none does."""
        where = self.slot(environment)
        if where.kind is slot.OccupantKind.ROLLBACK:
            return self.rollback(RollbackId(where.occupant))
        return Rollback()

    def pinned(self, name: ReleaseId) -> Governance:
        """The governance a release is judged by; for one that pins none, any will do."""
        known = self.release(name)
        return self.governances.get(known.governance, next(iter(self.governances.values())))

    def situation(self, name: ReleaseId, environment: EnvironmentName) -> Situation:
        """Everything the gate before the environment looks at."""
        return self._situation(name, environment, self.pinned(name))

    def situation_under(self, moving: Promotion) -> Situation:
        """The same for a promotion under way: judged by the rules it began with, whatever its release pins by now."""
        began_with = self.governances.get(moving.governance, self.pinned(moving.release))
        return self._situation(moving.release, moving.environment, began_with)

    def _situation(self, name: ReleaseId, environment: EnvironmentName, pinned: Governance) -> Situation:
        known = self.release(name)
        place = pinned.procedure.environment(environment)
        assert place is not None
        contents = (known.digest, *(one.digest for one in known.artifacts))
        return Situation(
            release=known,
            change=self.change(known.change),
            environment=place,
            governance=pinned,
            service=self.service,
            people=self.people,
            latest=self.latest,
            evidence=self.evidence(known.digest),
            approvals=self.state(approval.approval_stream(name), approval.ApprovalBook),
            waivers=self.waivers(name),
            freezes=self.freezes,
            recalled=tuple(digest for digest in contents if self.is_recalled(digest)),
        )

    def turn(self, name: ReleaseId, environment: EnvironmentName) -> Turn:
        """What a step of a promotion looks at."""
        return Turn(self.situation(name, environment), self.slot(environment), self.occupant(environment))

    def turn_of(self, moving: Promotion) -> Turn:
        """What a step of a promotion under way looks at."""
        slot_ = self.slot(moving.environment)
        return Turn(self.situation_under(moving), slot_, self.occupant(moving.environment))

    def course(self, moving: Promotion) -> Course:
        """What a step of a rollout looks at."""
        rolled = self.state(rollout.rollout_stream(moving.id), rollout.Rollout)
        return Course(rolled, self.turn_of(moving), self.baseline(moving.environment))

    def baseline(self, environment: EnvironmentName) -> baseline.Baseline:
        """What stands there to be compared with."""
        return self.state(baseline.baseline_stream(self.service_name, environment), baseline.Baseline)

    def berth(self, environment: EnvironmentName) -> accompanying.Berth:
        """The place of a baseline, and who moves there."""
        moving = self.slot(environment), self.occupant(environment), self.returning(environment)
        return accompanying.Berth(self.service_name, environment, self.baseline(environment), *moving)

    @property
    def absences(self) -> absence.Absences:
        return self.state(absence.STREAM, absence.Absences)

    def case(self, name: IncidentId) -> incident.Incident:
        return self.state(incident.incident_stream(name), incident.Incident)

    def open_incidents(self, environment: EnvironmentName) -> tuple[incident.Incident, ...]:
        """Those open there, by the docket."""
        known = self.state(docket.docket_stream(self.service_name), docket.Docket)
        return tuple(self.case(one) for one in known.there(environment))

    def crew(self) -> Crew:
        """Who holds which role under the rules in force, and who is away."""
        return Crew(self.in_force.holders, self.absences)

    def room(self, found: incident.Incident, environment: EnvironmentName) -> attending.Room:
        """What a step of an incident looks at."""
        return attending.Room(
            self.in_force.procedure.handling.there(environment),
            self.crew(),
            self.slot(environment),
            self.rollback(found.rollback),
            frozenset(self.service.proposals),
        )

    def ground(self, environment: EnvironmentName) -> Ground:
        """What a step of a rollback looks at."""
        where = self.slot(environment)
        going = self.returning(environment)
        target = going.digest or where.live.digest
        routes = self.in_force.routes
        bare = Ground(
            where,
            self.occupant(environment),
            going,
            self.release(where.live.release),
            (),
            self.verification(environment),
            self.evidence(target),
            LANES if environment in routes else (Lane.A,),
            self.open_incidents(environment),
            self.in_force.procedure.handling.there(environment),
            self.crew(),
            rollout=self.state(rollout.rollout_stream(self.occupant(environment).id), rollout.Rollout),
        )
        digests = {bare.left.digest, where.live.digest, *(good.digest for good in where.good)}
        recalled = tuple(sorted(digest for digest in digests if self.is_recalled(digest)))
        return replace(bare, leaving=self.release(bare.left.release), recalled=recalled)

    @property
    def in_force(self) -> Governance:
        return self.governances.get(self.service.in_force.digest, next(iter(self.governances.values())))

    def verification(self, environment: EnvironmentName) -> Verification:
        """How what runs in the environment is proven."""
        for stage in self.in_force.procedure.stages:
            if stage.environment == environment:
                return stage.verification
        return Verification()

    def matter(self, name: ReleaseId, environment: EnvironmentName) -> approval.Matter:
        """What a person decides about."""
        situation = self.situation(name, environment)
        return approval.Matter(situation.release, situation.governance, situation.requirements(), situation.evidence)

    def _scope(self, command: waiver.WaiverCommand) -> waiver.Scope:
        known, pinned = self.release(command.release), self.pinned(command.release)
        if isinstance(command, waiver.RequestWaiver):
            return waiver.Scope(known, pinned, self.situation(command.release, command.environment).requirements())
        return waiver.Scope(known, pinned, ())


def later(now: datetime, seconds: int) -> datetime:
    """So many seconds on; negative is back."""
    return now + timedelta(seconds=seconds)
