# SPDX-License-Identifier: Apache-2.0
"""What the controller does for incidents, where the world does not do as it is told."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from tests.packs.ward import PACK

from interlock.adapters.check.memory import NeverAnswers, Scripted, says
from interlock.domain.action import GoBack, PerformStep
from interlock.domain.answering import Answer, GiveAnswer
from interlock.domain.governance import GovernanceRef
from interlock.domain.ids import (
    CheckId,
    DutyId,
    EffectKey,
    EnvironmentName,
    IncidentId,
    PersonId,
    ReleaseId,
    RequirementId,
    RoleName,
)
from interlock.domain.incident import Incident, OpenIncident, Severity
from interlock.domain.owing import closing
from interlock.domain.release import Release as Released
from interlock.domain.rollback import BeginRollback, RollbackPhase
from interlock.domain.traffic import Lane
from interlock.domain.verdict import Verdict
from interlock.ledger.codec import Undecodable
from interlock.packs.load import load_pack
from interlock.packs.problem import Problems
from interlock.ports.check import CheckRequest
from interlock.ports.failure import Rejected
from interlock.service.casework import room
from interlock.service.handle import Declined, Done, Outcome
from interlock.service.view import View
from interlock.testing.acts import Act, Release, Sign
from interlock.testing.moves import Promote
from interlock.testing.stage import SERVICE, WORDS, Cast, Stage
from interlock.testing.world import SimulatedWorkshop, World
from interlock.workflows.perform import Performer
from interlock.workflows.recording import Progress, Recorder

PRODUCTION: Final = EnvironmentName("production")
I1: Final = IncidentId("i1")
FLAGS: Final = DutyId("flags")
STEP: Final = CheckId("disable-flags")
V1, V2 = ReleaseId("app:v1"), ReleaseId("app:v2")
MIA, OLI, DEV = PersonId("mia"), PersonId("oli"), PersonId("dev")
CAST: Final = Cast({MIA: (RoleName("manager"),), OLI: (RoleName("on-call"),), DEV: (RoleName("developer"),)}, (), "v1")


def a_ward() -> Stage:
    """Version 2 in production, and an incident about it that is to go back."""
    rules = load_pack("pack.yaml", PACK)
    assert not isinstance(rules, Problems)
    world = World()
    stage = Stage(world, world, PACK, rules.procedure, CAST)
    stage.open({})
    for act in (
        Release(release="v2", by=DEV),
        Sign(sign=RequirementId("built"), before=PRODUCTION, by=DEV),
        Promote(promote=PRODUCTION, by=DEV),
    ):
        _do(stage, act)
        world.work(timedelta(minutes=1))
    done(world.say(OLI, OpenIncident(I1, SERVICE, PRODUCTION, V2, Severity.MAJOR, WORDS)))
    return stage


def _do(stage: Stage, act: Act) -> None:
    for command in act.commands(stage):
        done(stage.hands.hand_in(stage.submission(act.by, command, act.blobs(stage))))


def done(outcome: Outcome) -> None:
    """It must have been accepted."""
    assert isinstance(outcome, Done), outcome


def to_go_back(stage: Stage) -> None:
    """Mia says so."""
    done(stage.world.say(MIA, GiveAnswer(I1, Answer.ROLLBACK, WORDS)))


def case(stage: Stage) -> Incident:
    """The incident as it stands."""
    return stage.gatherer().view.incident(I1)


def performer(stage: Stage, workshop: SimulatedWorkshop) -> Performer:
    """What the controller performs its actions with."""
    return Performer(Recorder(stage.world.desk(), stage.world.clock), workshop, stage.world.keeper())


class Unbound(SimulatedWorkshop):
    """Nothing is bound to do the step."""

    def check_request(
        self,
        view: View,
        ref: GovernanceRef,
        release: Released,
        environment: EnvironmentName,
        check: CheckId,
        lane: Lane,
    ) -> CheckRequest:
        raise Rejected("check.unbound", "nothing does that", "bind it")


def test_a_step_that_cannot_be_done_at_all_has_failed() -> None:
    stage = a_ward()
    to_go_back(stage)
    world = stage.world
    good = world.workshop()
    bad = Unbound(good.library, good.deploys, good.checks, good.notifications, good.routers, good.counters)
    world.checks.scripts = (Scripted(STEP, "v1", PRODUCTION, NeverAnswers()), *world.checks.scripts)
    world.work(timedelta(seconds=30))
    action = PerformStep(I1, FLAGS, STEP, V1, EffectKey("i1/step/flags/1"))
    assert performer(stage, bad).perform(SERVICE, action) is Progress.MOVED
    assert case(stage).failed[FLAGS] == "check.unbound: nothing does that"


def test_a_step_that_takes_its_time_is_looked_at_again() -> None:
    stage = a_ward()
    to_go_back(stage)
    world = stage.world
    world.checks.scripts = (Scripted(STEP, "v1", PRODUCTION, NeverAnswers()), *world.checks.scripts)
    world.work(timedelta(seconds=30))
    assert FLAGS not in case(stage).failed
    world.checks.scripts = (Scripted(STEP, "v1", PRODUCTION, says(Verdict.PASS, "done")), *world.checks.scripts)
    action = PerformStep(I1, FLAGS, STEP, V1, EffectKey("i1/step/flags/1"))
    assert performer(stage, world.workshop()).perform(SERVICE, action) is Progress.PENDING


def test_going_back_while_something_goes_back_already_waits() -> None:
    stage = a_ward()
    stage.world.deploys.outages = 1000
    done(stage.world.say(MIA, BeginRollback(stage.next_rollback(PRODUCTION), SERVICE, PRODUCTION, V1, WORDS)))
    assert performer(stage, stage.world.workshop()).perform(SERVICE, GoBack(I1)) is Progress.PENDING


def test_what_is_recorded_already_is_not_recorded_again() -> None:
    stage = a_ward()
    to_go_back(stage)
    stage.world.work(timedelta(minutes=1))
    assert stage.gatherer().view.rollback(case(stage).rollback).phase is RollbackPhase.COMPLETED
    action = PerformStep(I1, FLAGS, STEP, V1, EffectKey("i1/step/flags/9"))
    assert performer(stage, stage.world.workshop()).perform(SERVICE, action) is Progress.PENDING


def test_rules_that_cannot_be_read_hold_nobody_up() -> None:
    """Nothing stands before going back: without its rules an incident asks for nothing, and anybody may order it."""
    stage = a_ward()
    gatherer = stage.gatherer()

    class Unreadable:
        def governance(self, view: View, ref: GovernanceRef) -> None:
            raise Undecodable("damaged")

    blind = replace(gatherer, library=Unreadable())  # type: ignore[arg-type] # a library that reads nothing
    looked = room(case(stage), blind)
    assert not looked.handling.is_declared
    assert looked.crew.holders == {}
    assert closing(looked.handling, case(stage)).opens
    ground = blind.ground(BeginRollback(stage.next_rollback(PRODUCTION), SERVICE, PRODUCTION, V1, WORDS))
    assert not ground.handling.is_declared


def test_who_may_not_is_declined_before_anything_is_touched() -> None:
    stage = a_ward()
    order = BeginRollback(stage.next_rollback(PRODUCTION), SERVICE, PRODUCTION, V1, WORDS)
    outcome = stage.world.say(DEV, order)
    assert isinstance(outcome, Declined)
    assert [reason.code for reason in outcome.reasons] == ["rollback.no_authority"]


def test_incidents_that_cannot_be_read_hold_nobody_up() -> None:
    stage = a_ward()
    gatherer = stage.gatherer()
    docket = gatherer.view.docket

    class Damaged(View):
        def incident(self, one: IncidentId) -> Incident:
            raise Undecodable(f"{one} is damaged")

    blind = replace(gatherer, view=Damaged(gatherer.view.ledger))
    assert docket(SERVICE).there(PRODUCTION) == (I1,)
    assert blind.open_incidents(SERVICE, PRODUCTION) == ()
