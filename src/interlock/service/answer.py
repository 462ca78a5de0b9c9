# SPDX-License-Identifier: Apache-2.0
"""The one function from a command to its answer: which rule decides it, and over which facts.

Live writing, hypothetical questions and the auditor's recomputation all go through `answer`; there is no other way to
a decision. It reads a view and nothing else.
"""

from typing import assert_never

from interlock.domain import (
    approval,
    artifact,
    change,
    evidence,
    freeze,
    governance,
    incident,
    outbox,
    people,
    promoting,
    promotion,
    release,
    returning,
    rollback,
    rolling,
    rollout,
    slot,
    waiver,
)
from interlock.domain.actor import Actor, Person
from interlock.domain.decision import Decision, Refused, refuse
from interlock.domain.ids import EnvironmentName, ReleaseId
from interlock.ledger import keyring
from interlock.ledger.codec import Command, Event
from interlock.service.gather import Gatherer, Ungoverned
from interlock.service.library import digest_of_parts
from interlock.service.wellformed import fault_of


def answer(command: Command, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    """Accepted with events for the ledger, or refused with reasons."""
    misnamed = fault_of(command)
    if misnamed:
        return refuse("command.malformed", misnamed, "use the names that `interlock status` shows")
    try:
        return _answer(command, actor, gatherer)
    except Ungoverned as fault:
        return refuse(fault.code, fault.sentence, fault.next_step)


def _answer(command: Command, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    match command:
        case people.AddPerson() | people.AddKey() | people.RevokeKey():
            return people.decide(gatherer.view.people(), command, actor)
        case keyring.OpenLedger() | keyring.RotateLedgerKey() | keyring.EraseText():
            return _about_ledger(command, actor, gatherer)
        case freeze.DeclareFreeze() | freeze.LiftFreeze():
            return freeze.decide(gatherer.view.freezes(), command, actor)
        case artifact.RecallArtifact() | artifact.LiftRecall():
            return artifact.decide(gatherer.view.recall(command.digest), command, actor)
        case incident.OpenIncident() | incident.CloseIncident():
            return incident.decide(gatherer.view.incident(command.incident), command, actor)
        case outbox.RecordDelivery():
            return _about_delivery(command, actor, gatherer)
        case evidence.RecordEvidence() | evidence.RequestEvidence():
            return evidence.decide(gatherer.view.evidence(command.subject), command, actor, gatherer.now)
        case _:
            return _about_releases(command, actor, gatherer)


GovernanceCommands = governance.GovernanceCommand | change.ChangeCommand | release.ReleaseCommand
PeoplesCommands = approval.ApprovalCommand | waiver.WaiverCommand
MovingCommands = slot.AdoptRunning | promotion.PromotionCommand | rollback.RollbackCommand | rollout.RolloutCommand


def _about_releases(
    command: GovernanceCommands | PeoplesCommands | MovingCommands, actor: Actor, gatherer: Gatherer
) -> Decision[Event]:
    view = gatherer.view
    match command:
        case governance.AdoptGovernance() | governance.ProposeGovernance():
            return _about_new_rules(command, actor, gatherer)
        case governance.ApproveGovernance() | governance.CompleteReview():
            in_force = gatherer.in_force(command.service)
            return governance.decide(view.service(command.service), command, in_force, actor)
        case change.OpenChange() | change.CloseChange():
            return change.decide(view.change(command.change), command, actor)
        case release.CreateRelease() | release.RepinGovernance() | release.RevisePlans() | release.WithdrawRelease():
            return _about_one_release(command, actor, gatherer)
        case approval.SignOff() | approval.Approve():
            return approval.decide(gatherer.matter(command.release, command.environment), command, actor)
        case waiver.RequestWaiver() | waiver.GrantWaiver() | waiver.RevokeWaiver():
            return _about_waivers(command, actor, gatherer)
        case _:
            return _about_exposure(command, actor, gatherer)


def _about_delivery(command: outbox.RecordDelivery, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    """Only who delivers can say what became of it."""
    if isinstance(actor, Person):
        return refuse("outbox.robot_only", "the controller says itself what it delivered", "nothing needs doing")
    return outbox.decide(gatherer.view.outbox(command.service), command, gatherer.now)


def _about_ledger(command: keyring.KeyringCommand, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    """Words are erased by people; the key is changed by the process that holds it, never by a command from outside."""
    if isinstance(actor, Person) and not isinstance(command, keyring.EraseText):
        sentence = "a ledger's name and key change only where they are kept"
        return refuse("ledger.robot_only", sentence, "ask who keeps the ledger (`interlock ledger`)")
    return keyring.decide(gatherer.view.keyring(), command, actor)


def _about_new_rules(
    command: governance.AdoptGovernance | governance.ProposeGovernance, actor: Actor, gatherer: Gatherer
) -> Decision[Event]:
    """New rules are taken in only with all their parts, so that they can always be read again."""
    if digest_of_parts(command.governance) != command.governance.digest:
        return refuse("governance.wrong_digest", "the digest is not that of the parts named", "compose it again")
    in_force = gatherer.in_force(command.service)
    decision = governance.decide(gatherer.view.service(command.service), command, in_force, actor)
    if isinstance(decision, Refused):
        return decision
    fault = gatherer.library.fault(gatherer.view, command.governance)
    if fault:
        return refuse(
            "governance.unfit", f"this cannot be a governance: {fault}", "mend it in the repository, then try again"
        )
    meant = gatherer.library.governance(gatherer.view, command.governance).service
    if meant != command.service:
        sentence = f"these bindings are those of '{meant}', not of '{command.service}'"
        return refuse("governance.other_service", sentence, "name the service as in interlock.yaml")
    return decision


def _about_one_release(command: release.ReleaseCommand, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    view = gatherer.view
    state = view.release(command.release)
    if isinstance(command, release.RepinGovernance) and _is_moving(state, gatherer):
        sentence = "it is being promoted under the rules it began with"
        return refuse("release.moving", sentence, "wait until it has arrived, or abort the promotion")
    if isinstance(command, release.CreateRelease):
        one = view.change(command.change)
        return release.decide(state, command, one, view.service(command.service), actor)
    return release.decide(state, command, view.change(state.change), view.service(state.service), actor)


def _is_moving(state: release.Release, gatherer: Gatherer) -> bool:
    """Whether a promotion of the release is under way or waits anywhere."""
    places = gatherer.pinned(state).procedure.environments if state.id else ()
    slots = [gatherer.view.slot(state.service, place.name) for place in places]
    return any(state.id in {one.occupying, *(queued.release for queued in one.queue)} for one in slots)


def _about_waivers(command: waiver.WaiverCommand, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    book = gatherer.view.waivers(command.release)
    environment = _waived_environment(command, book)
    scope = gatherer.scope(ReleaseId(command.release), environment)
    return waiver.decide(book, command, scope, actor, gatherer.now)


def _waived_environment(command: waiver.WaiverCommand, book: waiver.WaiverBook) -> EnvironmentName:
    if isinstance(command, waiver.RequestWaiver):
        return command.environment
    asked = book.asked.get(command.waiver)
    if asked is None:
        raise Ungoverned("waiver.unknown", f"there is no waiver '{command.waiver}'", "see `interlock explain`")
    return asked.environment


def _about_exposure(command: MovingCommands, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    view = gatherer.view
    if isinstance(command, rollout.RolloutCommand):
        state, course = gatherer.course_of(command.promotion)
        return rolling.decide(state, command, course, actor, gatherer.now)
    match command:
        case slot.AdoptRunning(service, environment, one):
            return slot.decide(view.slot(service, environment), command, view.release(one), actor)
        case promotion.RequestPromotion(new, one, environment):
            turn = gatherer.turn(one, environment)
            return promoting.decide(view.promotion(new), command, turn, actor, gatherer.now)
        case (
            promotion.BeginDeployment()
            | promotion.ConcludeDeployment()
            | promotion.ConcludeProof()
            | promotion.AbortPromotion()
        ):
            moving, turn = gatherer.turn_of(command.promotion)
            return promoting.decide(moving, command, turn, actor, gatherer.now)
        case rollback.BeginRollback():
            ground = gatherer.ground(command)
            return returning.decide(view.rollback(command.rollback), command, ground, actor, gatherer.now)
        case rollback.ConcludeReturn() | rollback.ConcludeRollbackProof():
            going, ground = gatherer.ground_of(command.rollback)
            return returning.decide(going, command, ground, actor, gatherer.now)
        case _:
            assert_never(command)
