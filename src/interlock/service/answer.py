# SPDX-License-Identifier: Apache-2.0
"""The one function from a command to its answer: which rule decides it, and over which facts.

Live writing, hypothetical questions and the auditor's recomputation all go through `answer`; there is no other way to
a decision. It reads a view and nothing else.
"""

from datetime import datetime
from typing import assert_never

from interlock.domain import (
    absence,
    accompanying,
    adopting,
    approval,
    artifact,
    assessing,
    baseline,
    change,
    chasing,
    delivery,
    drift,
    duty,
    evidence,
    freeze,
    governance,
    groups,
    incident,
    journal,
    outbox,
    people,
    promoting,
    promotion,
    records,
    release,
    requesting,
    returning,
    rollback,
    rolling,
    rollout,
    silence,
    slot,
    waiver,
)
from interlock.domain.actor import Actor, Person
from interlock.domain.decision import Decision, Refused, refuse
from interlock.domain.gate import met
from interlock.domain.ids import Digest, EnvironmentName, ReleaseId
from interlock.domain.in_place import InPlace
from interlock.domain.procedure import Governance
from interlock.domain.unattended import may_repin
from interlock.ledger import keyring
from interlock.ledger.codec import Command, Event, Undecodable
from interlock.packs.timely import past
from interlock.ports.store import Missing
from interlock.service.casework import case_of, review_of
from interlock.service.dockside import berth_of, dock_of, post_of, stranger_in
from interlock.service.document import Unreadable, headings_of
from interlock.service.gather import Gatherer, Ungoverned
from interlock.service.letting_on import unless_kept
from interlock.service.library import digest_of_parts
from interlock.service.partaking import with_part
from interlock.service.wellformed import fault_of


def answer(command: Command, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    """Accepted with events for the ledger, or refused with reasons."""
    misnamed = fault_of(command)
    if misnamed:
        return refuse("command.malformed", misnamed, "use the names that `interlock status` shows")
    try:
        decision = unless_kept(command, _answer(command, actor, gatherer), actor, gatherer)
        return with_part(command, decision, actor, gatherer.view)
    except Ungoverned as fault:
        return refuse(fault.code, fault.sentence, fault.next_step)


def _answer(command: Command, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    if isinstance(command, incident.IncidentCommand):
        return _about_incident(command, actor, gatherer)
    if isinstance(command, journal.JournalCommand):
        return journal.decide(gatherer.view.journal(command.service), command, actor, gatherer.now)
    if isinstance(command, people.PeopleCommand | absence.AbsenceCommand | groups.RecordGroups):
        return _about_people(command, actor, gatherer)
    if isinstance(command, evidence.EvidenceCommand):
        return _about_evidence(command, actor, gatherer)
    return _about_things(command, actor, gatherer)


def _about_evidence(command: evidence.EvidenceCommand, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    book = gatherer.view.evidence(command.subject)
    if not isinstance(command, evidence.RecordEvidence):
        return evidence.decide(book, command, actor, gatherer.now)
    live = _in_place(command, gatherer)
    if not isinstance(actor, Person) and (command.is_answer or not command.release):
        return silence.heard(book, command, actor, gatherer.now, live=live)
    try:
        one = gatherer.release(command.release)
        brought = evidence.Brought(one.id, one.digest, gatherer.pinned(one).there(command.environment), one.branch)
    except (Ungoverned, Undecodable):
        if isinstance(actor, Person):
            raise
        # what a check said is recorded whatever the rules
        return silence.heard(book, command, actor, gatherer.now, live=live)
    if isinstance(actor, Person):
        live = tuple(gatherer.live_for(one.service, silence.asking(command, brought.governance.procedure)))
    return silence.heard(book, command, actor, gatherer.now, brought, live)


def _in_place(command: evidence.RecordEvidence, gatherer: Gatherer) -> tuple[InPlace, ...]:
    """What is live where the controller says what was: that needs no rules, and reads nothing where it says none."""
    if not command.live:
        return ()
    service = gatherer.view.release(command.release).service
    return tuple(gatherer.in_place(service, (one.environment for one in command.live)))


ThingsCommands = (
    delivery.DeliveryCommand
    | drift.ReportRunning
    | keyring.KeyringCommand
    | freeze.FreezeCommand
    | artifact.RecallCommand
    | outbox.OutboxCommand
    | requesting.AskPeople
    | chasing.ChaseReview
    | governance.GovernanceCommand
    | change.ChangeCommand
    | release.ReleaseCommand
    | approval.ApprovalCommand
    | records.WriteRecord
    | waiver.WaiverCommand
    | slot.AdoptRunning
    | promotion.PromotionCommand
    | rollback.RollbackCommand
    | rollout.RolloutCommand
    | baseline.BaselineCommand
)
"""Everything else."""


def _about_things(command: ThingsCommands, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    match command:
        case delivery.SeeHead() | delivery.DeliverHead() | delivery.ReportObstacle() | delivery.PromoteHead():
            return _about_delivery(command, actor, gatherer)
        case drift.ReportRunning():
            seen, post = gatherer.view.drift(command.service, command.environment), post_of(command, gatherer)
            return drift.decide(seen, command, post, actor, gatherer.now)
        case freeze.DeclareFreeze() | freeze.LiftFreeze():
            return freeze.decide(gatherer.view.freezes(), command, actor)
        case artifact.RecallArtifact() | artifact.LiftRecall():
            return artifact.decide(gatherer.view.recall(command.digest), command, actor)
        case keyring.OpenLedger() | keyring.RotateLedgerKey() | keyring.EraseText():
            return _about_ledger(command, actor, gatherer)
        case outbox.RecordDelivery() | outbox.RetryMessage() | requesting.AskPeople() | chasing.ChaseReview():
            return _about_telling(command, actor, gatherer)
        case _:
            return _about_releases(command, actor, gatherer)


def _about_people(
    command: people.PeopleCommand | absence.AbsenceCommand | groups.RecordGroups, actor: Actor, gatherer: Gatherer
) -> Decision[Event]:
    if isinstance(command, groups.RecordGroups):
        return groups.decide(gatherer.view.groups(), command, actor, gatherer.now)
    if isinstance(command, absence.AbsenceCommand):
        return absence.decide(gatherer.view.absences(), command, actor, gatherer.now)
    return people.decide(gatherer.view.people(), command, actor)


def _about_delivery(command: delivery.DeliveryCommand, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    state = gatherer.view.deliveries(command.service)
    if isinstance(command, delivery.PromoteHead):
        return delivery.promote(state, command, berth_of(command, gatherer), actor, gatherer.now)
    return delivery.decide(state, command, dock_of(command, gatherer), actor, gatherer.now)


GovernanceCommands = governance.GovernanceCommand | change.ChangeCommand | release.ReleaseCommand
PeoplesCommands = approval.ApprovalCommand | records.WriteRecord | waiver.WaiverCommand
MovingCommands = (
    slot.AdoptRunning
    | promotion.PromotionCommand
    | rollback.RollbackCommand
    | rollout.RolloutCommand
    | baseline.BaselineCommand
)


def _about_releases(
    command: GovernanceCommands | PeoplesCommands | MovingCommands, actor: Actor, gatherer: Gatherer
) -> Decision[Event]:
    view = gatherer.view
    match command:
        case governance.AdoptGovernance() | governance.ProposeGovernance():
            return _about_new_rules(command, actor, gatherer)
        case governance.ApproveGovernance() | governance.CompleteReview():
            return _about_rules(command, actor, gatherer)
        case change.OpenChange() | change.CloseChange():
            return change.decide(view.change(command.change), command, actor)
        case release.CreateRelease() | release.RepinGovernance() | release.RevisePlans() | release.WithdrawRelease():
            return _about_one_release(command, actor, gatherer)
        case approval.SignOff() | approval.Approve():
            matter = gatherer.matter(command.release, command.environment)
            return approval.decide(matter, command, actor, gatherer.now)
        case records.WriteRecord():
            return _about_record(command, actor, gatherer)
        case waiver.RequestWaiver() | waiver.GrantWaiver() | waiver.RevokeWaiver():
            return _about_waivers(command, actor, gatherer)
        case _:
            return _about_exposure(command, actor, gatherer)


def _about_telling(
    command: outbox.OutboxCommand | requesting.AskPeople | chasing.ChaseReview, actor: Actor, gatherer: Gatherer
) -> Decision[Event]:
    if isinstance(command, chasing.ChaseReview):
        state, owed = gatherer.view.service(command.service), review_of(command.service, command.change, gatherer)
        return chasing.decide(state, command, owed, actor, gatherer.now)
    if not isinstance(command, requesting.AskPeople):
        return outbox.decide(gatherer.view.outbox(command.service), command, actor, gatherer.now)
    situation = gatherer.situation(command.release, command.environment)
    asks = gatherer.view.asks(command.release)
    return requesting.decide(asks, command, situation, met(situation, gatherer.now), actor)


def _about_ledger(command: keyring.KeyringCommand, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    """Words are erased by people; the key is changed by the process that holds it, never by a command from outside."""
    if isinstance(actor, Person) and not isinstance(command, keyring.EraseText):
        sentence = "a ledger's name and key change only where they are kept"
        return refuse("ledger.robot_only", sentence, "ask who keeps the ledger (`interlock ledger`)")
    return keyring.decide(gatherer.view.keyring(), command, actor)


def _about_rules(
    command: governance.ApproveGovernance | governance.CompleteReview, actor: Actor, gatherer: Gatherer
) -> Decision[Event]:
    service = gatherer.view.service(command.service)
    decision = governance.decide(service, command, gatherer.in_force(command.service), actor)
    if isinstance(decision, Refused) or not isinstance(command, governance.ApproveGovernance):
        return decision
    proposed = gatherer.library.governance(gatherer.view, service.proposals[command.digest].governance)
    return _unless_past(proposed, decision, gatherer.now)


def _unless_past(rules: Governance, decision: Decision[Event], now: datetime) -> Decision[Event]:
    """The decision to take rules into force, unless they are past."""
    over = past(rules.procedure, now)
    if not over:
        return decision
    return refuse("governance.past", f"these rules are past: {over}", "bring them up to date, then try again")


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
    meant = gatherer.library.governance(gatherer.view, command.governance)
    if meant.service != command.service:
        sentence = f"these bindings are those of '{meant.service}', not of '{command.service}'"
        return refuse("governance.other_service", sentence, "name the service as in interlock.yaml")
    return _unless_past(meant, decision, gatherer.now)


def _about_one_release(command: release.ReleaseCommand, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    view = gatherer.view
    state = view.release(command.release)
    if isinstance(command, release.RepinGovernance) and _is_moving(state, gatherer):
        sentence = "it is being promoted under the rules it began with"
        return refuse("release.moving", sentence, "wait until it has arrived, or abort the promotion")
    if isinstance(command, release.RepinGovernance) and not _may_repin(state, gatherer):
        sentence = "it was delivered by itself, and the rules in force deliver nothing of its kind"
        return refuse("release.delivered", sentence, "make a release yourself: `interlock release create`")
    if isinstance(command, release.CreateRelease):
        one = view.change(command.change)
        return release.decide(state, command, one, view.service(command.service), actor)
    return release.decide(state, command, view.change(state.change), view.service(state.service), actor)


def _may_repin(state: release.Release, gatherer: Gatherer) -> bool:
    """Whether a delivered release may be judged by the rules in force."""
    rules = gatherer.in_force(state.service)
    return rules is None or may_repin(state, gatherer.view.change(state.change), rules)


def _is_moving(state: release.Release, gatherer: Gatherer) -> bool:
    """Whether a promotion of the release is under way or waits anywhere."""
    places = gatherer.pinned(state).procedure.environments if state.id else ()
    slots = [gatherer.view.slot(state.service, place.name) for place in places]
    return any(state.id in {one.occupying, *(queued.release for queued in one.queue)} for one in slots)


def _about_incident(command: incident.IncidentCommand, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    if isinstance(command, duty.WriteReport):
        refused = _unlike_its_document(command.document, command.sections, gatherer)
        if refused is not None:
            return refused
    case, room = case_of(command, gatherer)
    return assessing.decide(case, command, room, actor, gatherer.now)


def _unlike_its_document(document: Digest, sections: tuple[str, ...], gatherer: Gatherer) -> Refused | None:
    """What is written down is taken in only with its document, and with just the sections that this has."""
    content = gatherer.view.ledger.blob(document)
    try:
        there = () if isinstance(content, Missing) else headings_of(content)
    except Unreadable as fault:
        return refuse("record.unreadable", f"the document cannot be read: {fault}", "write it as Markdown, in UTF-8")
    if isinstance(content, Missing) or there != sections:
        sentence = "the sections named are not those of the document"
        return refuse("record.other_sections", sentence, "hand in the document itself (`interlock record write`)")
    return None


def _about_record(command: records.WriteRecord, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    refused = _unlike_its_document(command.document, command.sections, gatherer)
    if refused is not None:
        return refused
    page = gatherer.page(command.release, command.environment)
    book = gatherer.view.records(command.release)
    return records.decide(book, command, page, actor, gatherer.now)


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
    if isinstance(command, baseline.BaselineCommand):
        return _about_baseline(command, actor, gatherer)
    match command:
        case slot.AdoptRunning(service, environment, one):
            stranger = stranger_in(service, environment, gatherer)
            return adopting.decide(view.slot(service, environment), command, view.release(one), actor, stranger)
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


def _about_baseline(command: baseline.BaselineCommand, actor: Actor, gatherer: Gatherer) -> Decision[Event]:
    if isinstance(command, baseline.EndBaseline):
        return accompanying.dismiss(command, gatherer.berth(command.service, command.environment), actor)
    state, course = gatherer.course_of(command.promotion)
    return accompanying.decide(command, state, course, actor)
