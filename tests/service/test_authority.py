# SPDX-License-Identifier: Apache-2.0
"""Who may say what: every command, by nobody we can be sure of, by a person without a role, and by one who holds it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

import pytest
from tests.service.shop import (
    ANN,
    BEN,
    CAST,
    CAT,
    DEVELOPER,
    PRODUCTION,
    STAGING,
    a_rolling_stage,
    a_stage,
    act,
    codes,
    done,
)

from interlock.adapters.signer.memory import MemoryPersonSigner
from interlock.domain.absence import DeclareAway, DeclareBack
from interlock.domain.answering import Answer as WhatToDo
from interlock.domain.answering import EscalateIncident, GiveAnswer, ReportStuck
from interlock.domain.approval import Answer, Approve, SignOff
from interlock.domain.artifact import LiftRecall, RecallArtifact
from interlock.domain.baseline import BeginBaseline, ConcludeBaseline, EndBaseline
from interlock.domain.change import ChangeKind, CloseChange, OpenChange
from interlock.domain.chasing import ChaseReview
from interlock.domain.delivery import DeliverHead, PromoteHead, ReportObstacle, SeeHead
from interlock.domain.drift import ReportRunning, Sight
from interlock.domain.duty import (
    AnswerQuestion,
    AttestDuty,
    ConcludeStep,
    DoStepByHand,
    NameGap,
    RetryStep,
    StepOutcome,
    WriteReport,
)
from interlock.domain.evidence import RecordEvidence, RequestEvidence
from interlock.domain.freeze import DeclareFreeze, LiftFreeze
from interlock.domain.governance import AdoptGovernance, ApproveGovernance, CompleteReview, ProposeGovernance
from interlock.domain.groups import RecordGroups
from interlock.domain.ids import (
    ChangeId,
    CheckId,
    ClockId,
    Digest,
    DutyId,
    EffectKey,
    EnvironmentName,
    FreezeId,
    IncidentId,
    LabelName,
    NoticeId,
    PersonId,
    PromotionId,
    ReleaseId,
    RequirementId,
    RollbackId,
    WaiverId,
    digest_of,
)
from interlock.domain.incident import (
    CloseIncident,
    LabelIncident,
    MissClock,
    OpenIncident,
    ReportRestored,
    ScheduleReview,
    Severity,
)
from interlock.domain.journal import Follow, ReportCommitted, ReportProposed, ReportSetback, RetryRecords
from interlock.domain.outbox import Delivery, RecordDelivery, RetryMessage
from interlock.domain.people import AddKey, AddPerson, RevokeKey
from interlock.domain.promotion import (
    AbortPromotion,
    BeginDeployment,
    ConcludeDeployment,
    ConcludeProof,
    Outcome,
    RequestPromotion,
)
from interlock.domain.records import WriteRecord
from interlock.domain.release import CreateRelease, RepinGovernance, RevisePlans, WithdrawRelease
from interlock.domain.requesting import AskPeople
from interlock.domain.rollback import BeginRollback, ConcludeReturn, ConcludeRollbackProof, Returned
from interlock.domain.rollout import (
    AgreeToStep,
    Answered,
    AuthoriseExposure,
    BeginSettling,
    ConcludeExposure,
    ConcludeSettling,
    PauseRollout,
    RecordMeasurement,
    ReportBlindness,
    ReportLoss,
    ReportProxies,
    ResumeRollout,
)
from interlock.domain.slot import AdoptRunning
from interlock.domain.telling import ReportArrived, SendNotice
from interlock.domain.traffic import Snapshot
from interlock.domain.verdict import Verdict
from interlock.domain.waiver import GrantWaiver, RequestWaiver, RevokeWaiver
from interlock.ledger.codec import COMMANDS, Command
from interlock.ledger.keyring import EraseText, OpenLedger, RotateLedgerKey
from interlock.service.handle import Submission
from interlock.testing.acts import PLANS, Propose, Recall, Release, Waive
from interlock.testing.moves import Promote
from interlock.testing.stage import SERVICE, WORDS, Stage
from interlock.testing.world import ORIGIN

DONE: Final = ""
"""Accepted."""
EVE: Final = PersonId("eve")
"""Registered, and holds no role."""
V2: Final = ReleaseId("app:v2")
TESTS, PLAN = CheckId("tests"), RequirementId("rollback-plan")
IN_STAGING: Final = PromotionId("app:v2/staging/1")
ASKED: Final = RequestPromotion(PromotionId("app:v2/staging/9"), V2, STAGING)
ROLLED: Final = PromotionId("app:v2/production/1")


def _stage() -> Stage:
    stage = a_stage({"other": {**CAST.roles, DEVELOPER: (ANN,)}})
    world = stage.world
    done(world.say("ann", AddPerson(EVE, MemoryPersonSigner("eve").public_key, WORDS, ())))
    done(act(stage, Release(release="v2", by=ANN)))
    world.settle()
    done(act(stage, Promote(promote=STAGING, by=ANN)))
    done(act(stage, Waive(waive=PLAN, before=PRODUCTION, by=ANN, lasting=timedelta(days=1))))
    done(act(stage, Propose(propose="other", by=BEN)))
    done(act(stage, Recall(recall="v1", by=ANN)))
    now = world.moments.now()
    done(world.say("cat", DeclareFreeze(FreezeId("old"), (), (), now, now + timedelta(days=1), WORDS, ())))
    done(world.say("cat", OpenIncident(IncidentId("old"), SERVICE, STAGING, V2, Severity.MINOR, WORDS)))
    return stage


@dataclass(frozen=True, slots=True)
class Line:
    """A command, the codes asserted and signed by somebody without a role, and who may give it."""

    command: Callable[[Stage], Command]
    asserted: str = DONE
    without_role: str = DONE
    by: PersonId = ANN
    with_role: str = DONE
    where: Callable[[], Stage] = _stage


def _asked() -> Stage:
    """A rollout whose first step asks a release manager."""
    stage = a_rolling_stage("{ask: [release-manager]}, {weight: 50, hold: 5s}")
    done(stage.world.say("ann", AddPerson(EVE, MemoryPersonSigner("eve").public_key, WORDS, ())))
    return stage


def _paused() -> Stage:
    stage = _asked()
    done(stage.world.say("cat", PauseRollout(ROLLED)))
    return stage


def _evidence(stage: Stage) -> Command:
    governance = stage.governance("first").digest
    now = stage.world.moments.now()
    subject, report = stage.digest("v2"), digest_of(b"")
    taken = RecordEvidence(subject, TESTS, STAGING, Verdict.PASS, "", "ci", report, governance, now)
    return replace(taken, release=V2)


def _freeze(stage: Stage) -> Command:
    now = stage.world.moments.now()
    return DeclareFreeze(FreezeId("new"), (), (), now, now + timedelta(days=1), WORDS, ())


def _waiver(stage: Stage) -> Command:
    expires = stage.world.moments.now() + timedelta(days=1)
    return RequestWaiver(WaiverId("new"), V2, PRODUCTION, PLAN, WORDS, WORDS, expires)


def _release(stage: Stage) -> CreateRelease:
    declared = stage.governance("first").digest
    return CreateRelease(
        ReleaseId("app:v3"),
        SERVICE,
        "v3",
        ChangeId("CR-v2"),
        stage.artifacts("v3"),
        stage.commit("v3"),
        "",
        (ANN,),
        0,
        declared,
        PLANS,
    )


def _said(command: Command, _: Stage) -> Command:
    return command


def _key(person: str) -> str:
    return MemoryPersonSigner(person).public_key


ROBOTS: Final = "promotion.robot_only"
RUN_BY_US: Final = "evidence.run_by_controller"
EXPOSERS: Final = "rollout.robot_only"
HELPERS: Final = "baseline.robot_only"
UNDER_WAY: Final = "promotion.under_way"
ROLLOUT: Final[Mapping[str, Line]] = {
    **{
        type(command).__name__: Line(partial(_said, command), EXPOSERS, EXPOSERS, with_role=EXPOSERS, where=_asked)
        for command in (
            AuthoriseExposure(ROLLED, 0, "somebody"),
            ConcludeExposure(ROLLED, 0, Answered.CONFIRMED, ("edge",), (), "", "somebody"),
            ReportProxies(ROLLED, "somebody", ("edge",), ()),
            RecordMeasurement(ROLLED, Snapshot()),
            ReportBlindness(ROLLED, "dark"),
            ReportLoss(ROLLED, "somebody"),
            BeginSettling(ROLLED, "somebody"),
            ConcludeSettling(ROLLED, Answered.CONFIRMED, ""),
        )
    },
    **{
        type(command).__name__: Line(partial(_said, command), HELPERS, HELPERS, with_role=HELPERS, where=_asked)
        for command in (
            BeginBaseline(ROLLED),
            ConcludeBaseline(ROLLED, EffectKey("k"), Outcome.SUCCEEDED, ""),
            EndBaseline(SERVICE, PRODUCTION),
        )
    },
    "PauseRollout": Line(lambda _: PauseRollout(ROLLED), where=_asked),
    "ResumeRollout": Line(lambda _: ResumeRollout(ROLLED), "rollout.unsigned", "stopped.role", CAT, where=_paused),
    "AgreeToStep": Line(lambda _: AgreeToStep(ROLLED, 0), "rollout.unsigned", "rollout.not_asked", CAT, where=_asked),
}
OLD: Final = IncidentId("old")
NOTICING: Final = "incident.robot_only"
IN_INCIDENTS: Final[Mapping[str, Line]] = {
    "OpenIncident": Line(lambda _: OpenIncident(IncidentId("new"), SERVICE, STAGING, V2, Severity.MINOR, WORDS)),
    "CloseIncident": Line(lambda _: CloseIncident(OLD, WORDS), "incident.unsigned"),
    "GiveAnswer": Line(lambda _: GiveAnswer(OLD, WhatToDo.STAY, WORDS), "incident.unsigned"),
    "ScheduleReview": Line(
        lambda stage: ScheduleReview(OLD, stage.world.moments.now() + timedelta(days=1)), "incident.unsigned"
    ),
    "DeclareAway": Line(
        lambda stage: DeclareAway(ANN, stage.world.moments.now() + timedelta(days=1)),
        "absence.not_oneself",
        "absence.not_oneself",
    ),
    "DeclareBack": Line(
        lambda _: DeclareBack(ANN), "absence.not_oneself", "absence.not_oneself", with_role="absence.not_away"
    ),
    **{
        type(command).__name__: Line(partial(_said, command), "incident.unsigned", code, with_role=code)
        for command, code in (
            (LabelIncident(OLD, LabelName("any")), "incident.unknown_label"),
            (SendNotice(OLD, NoticeId("any"), ()), "incident.unknown_notice"),
            (EscalateIncident(OLD), "incident.no_disagreement"),
            (AttestDuty(OLD, DutyId("any")), "incident.not_owed"),
            (AnswerQuestion(OLD, DutyId("any"), "yes", WORDS), "incident.not_owed"),
            (NameGap(OLD, DutyId("any"), WORDS, digest_of(b"")), "incident.not_owed"),
            (DoStepByHand(OLD, DutyId("any"), WORDS), "incident.not_owed"),
            (RetryStep(OLD, DutyId("any")), "incident.not_owed"),
        )
    },
    **{
        type(command).__name__: Line(partial(_said, command), NOTICING, NOTICING, with_role=NOTICING)
        for command in (
            MissClock(OLD, ClockId("any")),
            ReportRestored(OLD),
            ReportArrived(OLD, NoticeId("any"), 1),
            ReportStuck(OLD, "no"),
            ConcludeStep(OLD, DutyId("any"), EffectKey("key"), StepOutcome.DONE, "done"),
        )
    },
    "WriteReport": Line(
        lambda _: WriteReport(OLD, DutyId("any"), digest_of(b"elsewhere"), ("Summary",)),
        "record.other_sections",
        "record.other_sections",
        with_role="record.other_sections",
    ),
}
NOT_HANDED_IN: Final = "record.other_sections"
TABLE: Final[Mapping[str, Line]] = {
    **ROLLOUT,
    **IN_INCIDENTS,
    "AddPerson": Line(lambda _: AddPerson(PersonId("new"), _key("new"), WORDS, ()), "people.not_a_member"),
    "AddKey": Line(lambda _: AddKey(ANN, _key("new")), "people.not_their_own_key", "people.not_their_own_key"),
    "RevokeKey": Line(lambda _: RevokeKey(BEN, _key("ben"), WORDS), "people.not_a_member"),
    "AdoptGovernance": Line(
        lambda stage: AdoptGovernance(SERVICE, stage.governance("first")),
        "governance.unsigned",
        "governance.already_adopted",
        with_role="governance.already_adopted",
    ),
    "ProposeGovernance": Line(
        lambda stage: ProposeGovernance(SERVICE, stage.governance("other"), WORDS), "governance.unsigned"
    ),
    "ApproveGovernance": Line(
        lambda stage: ApproveGovernance(SERVICE, stage.governance("other").digest),
        "governance.unsigned",
        "governance.role",
        CAT,
    ),
    "CompleteReview": Line(
        lambda _: CompleteReview(SERVICE, ChangeId("CR-v2"), WORDS),
        "governance.unsigned",
        "review.none",
        with_role="review.none",
    ),
    "OpenChange": Line(lambda _: OpenChange(ChangeId("CR-9"), SERVICE, ChangeKind.NORMAL, WORDS)),
    "CloseChange": Line(lambda _: CloseChange(ChangeId("CR-v2"), WORDS)),
    "CreateRelease": Line(_release, "release.unsigned"),
    "RepinGovernance": Line(
        lambda _: RepinGovernance(V2),
        "release.moving",
        "release.moving",
        with_role="release.moving",
    ),
    "RevisePlans": Line(lambda _: RevisePlans(V2, replace(PLANS, rollout=digest_of(b"other")))),
    "WithdrawRelease": Line(lambda _: WithdrawRelease(V2, WORDS)),
    "SignOff": Line(
        lambda stage: SignOff(V2, PRODUCTION, PLAN, stage.bound("v2", PRODUCTION)),
        "signoff.assurance, signoff.role",
        "signoff.role",
    ),
    "Approve": Line(
        lambda stage: Approve(V2, PRODUCTION, Answer.APPROVED, stage.bound("v2", PRODUCTION), WORDS),
        "approval.assurance, approval.role",
        "approval.role",
        BEN,
    ),
    "WriteRecord": Line(
        lambda _: WriteRecord(V2, PRODUCTION, PLAN, digest_of(b"elsewhere"), ("Summary",)),
        NOT_HANDED_IN,
        NOT_HANDED_IN,
        with_role=NOT_HANDED_IN,
    ),
    "RequestWaiver": Line(_waiver, "waiver.unsigned"),
    "GrantWaiver": Line(lambda _: GrantWaiver(WaiverId("v2.rollback-plan"), V2), "waiver.unsigned", "waiver.role", CAT),
    "RevokeWaiver": Line(lambda _: RevokeWaiver(WaiverId("v2.rollback-plan"), V2, WORDS), "waiver.unsigned"),
    "RecordEvidence": Line(_evidence, RUN_BY_US, RUN_BY_US, with_role=RUN_BY_US),
    "RequestEvidence": Line(lambda stage: RequestEvidence(stage.digest("v2"), TESTS, STAGING)),
    "DeclareFreeze": Line(_freeze),
    "LiftFreeze": Line(lambda _: LiftFreeze(FreezeId("old"), WORDS), "freeze.lift_unsigned", "stopped.role", CAT),
    "RecallArtifact": Line(lambda stage: RecallArtifact(stage.digest("v2"), WORDS), "recall.unsigned"),
    "LiftRecall": Line(
        lambda stage: LiftRecall(stage.digest("v1"), WORDS), "recall.lift_unsigned", "stopped.role", CAT
    ),
    "AdoptRunning": Line(
        lambda stage: AdoptRunning(
            SERVICE,
            EnvironmentName("elsewhere"),
            ReleaseId("app:v1"),
            "v1",
            stage.artifacts("v1"),
            stage.commit("v1"),
            "",
        ),
        "adopt.unsigned",
    ),
    "RequestPromotion": Line(
        lambda _: ASKED,
        UNDER_WAY,
        UNDER_WAY,
        with_role=UNDER_WAY,
    ),
    "BeginDeployment": Line(lambda _: BeginDeployment(IN_STAGING), ROBOTS, ROBOTS, with_role=ROBOTS),
    "ConcludeDeployment": Line(
        lambda _: ConcludeDeployment(IN_STAGING, EffectKey(f"{IN_STAGING}/deploy"), Outcome.SUCCEEDED, ""),
        ROBOTS,
        ROBOTS,
        with_role=ROBOTS,
    ),
    "ConcludeProof": Line(lambda _: ConcludeProof(IN_STAGING), ROBOTS, ROBOTS, with_role=ROBOTS),
    "AbortPromotion": Line(lambda _: AbortPromotion(IN_STAGING)),
    "BeginRollback": Line(
        lambda _: BeginRollback(RollbackId("r"), SERVICE, STAGING, ReleaseId(""), WORDS),
        "rollback.unsigned",
        "rollback.no_target",
        with_role="rollback.no_target",
    ),
    "ConcludeReturn": Line(
        lambda _: ConcludeReturn(RollbackId("r"), EffectKey("k"), Returned.SUCCEEDED, ""),
        "rollback.unknown",
        "rollback.unknown",
        with_role="rollback.unknown",
    ),
    "ConcludeRollbackProof": Line(
        lambda _: ConcludeRollbackProof(RollbackId("r")),
        "rollback.unknown",
        "rollback.unknown",
        with_role="rollback.unknown",
    ),
    "RecordDelivery": Line(
        lambda _: RecordDelivery(SERVICE, EffectKey("none"), Delivery.DELIVERED, ""),
        "outbox.robot_only",
        "outbox.robot_only",
        with_role="outbox.robot_only",
    ),
    "AskPeople": Line(
        lambda _: AskPeople(V2, PRODUCTION, PLAN), "asked.robot_only", "asked.robot_only", with_role="asked.robot_only"
    ),
    "ChaseReview": Line(
        lambda _: ChaseReview(SERVICE, ChangeId("none"), NoticeId("owed")),
        "review.none",
        "review.none",
        with_role="review.none",
    ),
    "RetryMessage": Line(
        lambda _: RetryMessage(SERVICE, EffectKey("none")),
        "outbox.unknown",
        "outbox.unknown",
        with_role="outbox.unknown",
    ),
    **{
        type(command).__name__: Line(partial(_said, command), code, code, with_role=code)
        for command, code in (
            (SeeHead(SERVICE, "main", "c" * 40), "delivery.robot_only"),
            (ReportObstacle(SERVICE, "no"), "delivery.robot_only"),
            (
                PromoteHead(SERVICE, RequestPromotion(PromotionId(f"{V2}/{STAGING}/9"), V2, STAGING)),
                "delivery.robot_only",
            ),
            (ReportRunning(SERVICE, STAGING, V2, Sight.NOTHING, Digest(""), "", ""), "drift.robot_only"),
            (ReportCommitted(SERVICE, EffectKey("k"), "main", "c" * 40, (), Follow.TELL), "journal.robot_only"),
            (ReportProposed(SERVICE, EffectKey("k"), ""), "journal.robot_only"),
            (ReportSetback(SERVICE, EffectKey("k"), ""), "journal.robot_only"),
            (RetryRecords(SERVICE, EffectKey("k")), "journal.not_held_up"),
        )
    },
    "DeliverHead": Line(
        lambda stage: DeliverHead(SERVICE, _release(stage)),
        "delivery.robot_only",
        "delivery.robot_only",
        with_role="delivery.robot_only",
    ),
    "RecordGroups": Line(
        lambda _: RecordGroups(EVE, "https://id.example.com", ("leads",)),
        "groups.robot_only",
        "groups.robot_only",
        with_role="groups.robot_only",
    ),
    "OpenLedger": Line(
        lambda _: OpenLedger(ORIGIN, "a2V5"), "ledger.robot_only", "ledger.robot_only", with_role="ledger.robot_only"
    ),
    "RotateLedgerKey": Line(
        lambda _: RotateLedgerKey("", "bmV3", "", ""),
        "ledger.robot_only",
        "ledger.robot_only",
        with_role="ledger.robot_only",
    ),
    "EraseText": Line(lambda _: EraseText(WORDS, "asked for"), "ledger.erase_unsigned"),
}


def test_the_table_speaks_of_every_command() -> None:
    assert set(TABLE) == {name for name, _ in COMMANDS}


@pytest.mark.parametrize("name", TABLE)
def test_what_somebody_we_cannot_be_sure_of_may_say(name: str) -> None:
    stage = TABLE[name].where()
    outcome = stage.world.claim("nobody", TABLE[name].command(stage))
    assert ", ".join(sorted(codes(outcome))) == TABLE[name].asserted


@pytest.mark.parametrize("name", [name for name in TABLE if name != "EraseText"])
def test_what_a_person_without_a_role_may_say(name: str) -> None:
    stage = TABLE[name].where()
    outcome = stage.world.say(EVE, TABLE[name].command(stage))
    assert ", ".join(sorted(codes(outcome))) == TABLE[name].without_role


@pytest.mark.parametrize("name", [name for name in TABLE if name != "EraseText"])
def test_what_a_person_who_holds_the_role_may_say(name: str) -> None:
    stage = TABLE[name].where()
    outcome = stage.world.say(TABLE[name].by, TABLE[name].command(stage))
    assert ", ".join(sorted(codes(outcome))) == TABLE[name].with_role


@pytest.mark.parametrize("name", TABLE)
def test_what_a_robot_outside_may_say_is_nothing(name: str) -> None:
    stage = TABLE[name].where()
    body = replace(stage.world.body("x", TABLE[name].command(stage)), actor="robot:controller")
    assert codes(stage.world.hand_in(Submission(body))) == {"command.robot"}
