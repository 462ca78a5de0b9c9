# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.service.shop import (
    ANN,
    BEN,
    CAT,
    PRODUCTION,
    STAGING,
    Meanwhile,
    a_released_stage,
    a_stage,
    act,
    codes,
    command_of,
    done,
    last_command,
)

from interlock.adapters.signer.memory import MemoryPersonSigner
from interlock.domain.actor import Assurance
from interlock.domain.artifact import RecallArtifact
from interlock.domain.ids import (
    CheckId,
    CommandId,
    EffectKey,
    PersonId,
    PromotionId,
    ReleaseId,
    RequirementId,
    RollbackId,
    commit_to,
    digest_of,
)
from interlock.domain.people import AddPerson
from interlock.domain.promotion import BeginDeployment, ConcludeDeployment, Outcome, PromotionPhase, RequestPromotion
from interlock.domain.rollback import BeginRollback, RollbackPhase
from interlock.ledger.codec import Command
from interlock.ledger.command import SshSignature, command_stream
from interlock.ledger.keyring import RotateLedgerKey
from interlock.ledger.record import SaltedText
from interlock.service.handle import ATTEMPTS, Declined, Done, Submission
from interlock.testing.acts import ApproveFor, Freeze, Sign
from interlock.testing.crash import fused_desk
from interlock.testing.happenings import CheckSays, Says
from interlock.testing.moves import Promote
from interlock.testing.stage import SERVICE, WORDS, Stage
from interlock.testing.world import World

PLAN, SMOKE = RequirementId("rollback-plan"), CheckId("smoke")


def _recall(of: str = "x") -> RecallArtifact:
    return RecallArtifact(digest_of(of.encode()), WORDS)


def _ready() -> Stage:
    stage = a_released_stage()
    done(act(stage, Promote(promote=STAGING, by=ANN)))
    stage.world.settle()
    return stage


def _agreed() -> Stage:
    stage = _ready()
    done(act(stage, Sign(sign=PLAN, before=PRODUCTION, by=ANN)))
    done(act(stage, ApproveFor(approve=PRODUCTION, by=BEN)))
    return stage


def _submit(world: World, submission: Submission) -> Done | Declined:
    return world.hand_in(submission)


def test_what_is_accepted_is_recorded_with_its_signature_and_what_was_read() -> None:
    world = a_stage().world
    outcome = done(world.say("ann", _recall()))
    record = command_of(outcome.records[0])
    assert isinstance(record.signature, SshSignature)
    assert record.reads == {f"artifact/{digest_of(b'x')}": 0, "people": 4}
    assert [one.event for one in outcome.records] == ["CommandAccepted", "ArtifactRecalled"]


def test_what_is_refused_is_recorded_with_its_reasons_and_changes_nothing() -> None:
    world = a_stage().world
    done(world.say("ann", _recall()))
    before = world.store.head().size
    assert codes(world.say("ben", _recall())) == {"recall.already"}
    assert world.store.head().size == before + 1
    assert [reason.code for reason in last_command(world).reasons] == ["recall.already"]


def test_the_same_command_again_is_answered_as_the_first_time_and_done_once() -> None:
    world = a_stage().world
    submission = world.signed("ann", _recall())
    first = done(_submit(world, submission))
    size = world.store.head().size
    assert _submit(world, submission) == first
    assert world.store.head().size == size


def test_a_refusal_is_repeated_as_it_was_even_when_it_would_be_accepted_now() -> None:
    stage = a_released_stage()
    submission = stage.submission(ANN, next(Promote(promote=PRODUCTION, by=ANN).commands(stage)))
    first = _submit(stage.world, submission)
    assert isinstance(first, Declined)
    assert _submit(stage.world, submission) == first


def test_the_same_id_for_something_else_is_refused() -> None:
    world = a_stage().world
    done(world.say("ann", _recall("x"), named="one"))
    size = world.store.head().size
    assert codes(world.say("ann", _recall("y"), named="one")) == {"command.id_reused"}
    assert codes(world.say("ben", _recall("x"), named="one")) == {"command.id_reused"}
    assert world.store.head().size == size


def test_a_command_decided_over_what_moved_on_is_decided_anew() -> None:
    world = a_stage().world
    meanwhile = Meanwhile(lambda: world.say("ben", _recall()))
    outcome = fused_desk(world, meanwhile).submit(world.signed("ann", _recall()), world.clock.now())
    assert codes(outcome) == {"recall.already"}
    assert meanwhile.appends == 2


def test_a_command_that_read_nothing_of_what_moved_on_is_not_decided_anew() -> None:
    world = a_stage().world
    meanwhile = Meanwhile(lambda: world.say("ben", _recall("y")))
    done(fused_desk(world, meanwhile).submit(world.signed("ann", _recall("x")), world.clock.now()))
    assert meanwhile.appends == 1


def test_who_never_gets_a_turn_is_told_to_try_again_and_nothing_is_used_up() -> None:
    world = a_stage().world
    submission = world.signed("ann", _recall())

    def everybody_else() -> None:
        newcomer = f"p{next(world.numbers)}"
        done(world.say("ben", AddPerson(PersonId(newcomer), MemoryPersonSigner(newcomer).public_key, WORDS, ())))

    meanwhile = Meanwhile(everybody_else, ATTEMPTS)
    assert codes(fused_desk(world, meanwhile).submit(submission, world.clock.now())) == {"ledger.busy"}
    assert meanwhile.appends == ATTEMPTS
    done(_submit(world, submission))


def test_i0_a_freeze_declared_in_the_last_moment_holds_the_promotion() -> None:
    stage = _agreed()
    world = stage.world
    meanwhile = Meanwhile(lambda: act(stage, Freeze(freeze=PRODUCTION, lasting=timedelta(days=1), by=CAT)))
    command = next(Promote(promote=PRODUCTION, by=ANN).commands(stage))
    assert codes(fused_desk(world, meanwhile).submit(stage.submission(ANN, command), world.clock.now())) == {
        "freeze.active"
    }


def test_i0_a_freeze_declared_as_the_deployment_begins_holds_it() -> None:
    stage = _agreed()
    world = stage.world
    done(act(stage, Promote(promote=PRODUCTION, by=ANN)))
    promotion = stage.promotion("", PRODUCTION)
    meanwhile = Meanwhile(lambda: act(stage, Freeze(freeze=PRODUCTION, lasting=timedelta(days=1), by=CAT)))
    fused_desk(world, meanwhile).perform(BeginDeployment(promotion), CommandId("begin"), world.clock.now())
    assert world.desk().view().promotion(promotion).phase is PromotionPhase.TURNED_AWAY
    assert world.desk().view().slot(SERVICE, PRODUCTION).live.release == stage.release("v1")


@pytest.mark.parametrize(
    "command",
    [
        BeginDeployment(PromotionId("p")),
        ConcludeDeployment(PromotionId("p"), EffectKey("k"), Outcome.SUCCEEDED, ""),
        BeginRollback(RollbackId("r"), SERVICE, PRODUCTION, ReleaseId(""), ""),
    ],
)
def test_a_command_in_a_robots_name_from_outside_is_refused_and_recorded(command: Command) -> None:
    world = a_stage().world
    body = replace(world.body("ann", command), actor="robot:controller")
    assert codes(_submit(world, Submission(body))) == {"command.robot"}
    assert last_command(world).body == body
    assert list(world.store.records())[-1].assurance is Assurance.ASSERTED


@pytest.mark.parametrize("bad", ["robot:controller/promotion/p/1/BeginRollback", "", "a b", "é", "x" * 201])
def test_nobody_outside_uses_up_an_id_of_the_robots_or_a_strange_one(bad: str) -> None:
    world = a_stage().world
    body = replace(world.body("ann", _recall()), id=CommandId(bad))
    size = world.store.head().size
    assert codes(_submit(world, Submission(body))) == {"command.bad_id"}
    assert world.store.head().size == size


def test_the_ids_of_the_controller_are_told_apart_from_those_of_people() -> None:
    world = a_stage().world
    done(world.say("ann", _recall("x"), named="one"))
    done(world.desk().perform(_recall("y"), CommandId("one"), world.clock.now()))
    assert len(world.store.stream(command_stream(CommandId("robot:controller/one")))) == 1


def test_a_key_nobody_registered_speaks_for_nobody() -> None:
    world = a_stage().world
    assert codes(world.say("eve", _recall())) == {"signature.unknown_key"}
    assert list(world.store.records())[-1].assurance is Assurance.ASSERTED


def test_a_registered_key_speaks_only_for_its_own_person() -> None:
    world = a_stage().world
    body, signer = world.body("ann", _recall()), MemoryPersonSigner("ben")
    signature = SshSignature(signer.public_key, signer.sign(body.message))
    assert codes(_submit(world, Submission(body, signature))) == {"signature.unknown_key"}


def test_a_signature_over_something_else_is_worth_nothing() -> None:
    world = a_stage().world
    honest = world.signed("ann", _recall("x"))
    forged = replace(honest, body=replace(honest.body, payload=world.body("ann", _recall("y")).payload))
    assert codes(_submit(world, forged)) == {"signature.invalid"}


def test_a_signature_for_another_purpose_is_worth_nothing() -> None:
    world = a_stage().world
    body, signer = world.body("ann", _recall()), MemoryPersonSigner("ann", namespace="git")
    signature = SshSignature(signer.public_key, signer.sign(body.message))
    assert codes(_submit(world, Submission(body, signature))) == {"signature.invalid"}


def test_a_command_signed_for_another_ledger_is_refused() -> None:
    world = a_stage().world
    signer = MemoryPersonSigner("ann")
    body = replace(world.body("ann", _recall()), ledger="elsewhere.example/ledger")
    signature = SshSignature(signer.public_key, signer.sign(body.message))
    assert codes(_submit(world, Submission(body, signature))) == {"command.other_ledger"}


@pytest.mark.parametrize("passed", [timedelta(days=1, seconds=1), timedelta(minutes=-6)])
def test_a_command_signed_long_ago_or_in_the_future_is_refused(passed: timedelta) -> None:
    world = a_stage().world
    submission = world.signed("ann", _recall())
    world.moments.advance(passed)
    assert codes(_submit(world, submission)) == {"command.out_of_time"}


@pytest.mark.parametrize("passed", [timedelta(hours=23), timedelta(minutes=-4)])
def test_a_command_may_be_a_day_on_its_way_and_clocks_may_differ_by_minutes(passed: timedelta) -> None:
    world = a_stage().world
    submission = world.signed("ann", _recall())
    world.moments.advance(passed)
    done(_submit(world, submission))


def test_a_command_nobody_can_read_is_refused_and_recorded() -> None:
    world = a_stage().world
    body = replace(world.body("ann", _recall()), command="LaunchRocket")
    assert codes(_submit(world, Submission(body))) == {"command.undecodable"}
    assert last_command(world).body.command == "LaunchRocket"


def test_the_first_person_registers_with_the_key_they_bring() -> None:
    world = World()
    key = MemoryPersonSigner("ann").public_key
    outcome = done(world.say("ann", AddPerson(PersonId("ann"), key, WORDS, ())))
    assert outcome.records[0].assurance is Assurance.SIGNED
    assert world.desk().view().people().keys == {key: "ann"}


@pytest.mark.parametrize(("person", "key_of"), [("ben", "ann"), ("ann", "ben"), ("ben", "ben")])
def test_the_first_person_registers_nobody_but_themself(person: str, key_of: str) -> None:
    world = World()
    command = AddPerson(PersonId(person), MemoryPersonSigner(key_of).public_key, WORDS, ())
    assert codes(world.say("ann", command)) == {"signature.unknown_key"}


def test_there_is_only_one_founder() -> None:
    world = a_stage().world
    command = AddPerson(PersonId("eve"), MemoryPersonSigner("eve").public_key, WORDS, ())
    assert codes(world.say("eve", command)) == {"signature.unknown_key"}
    assert codes(world.claim("eve", command)) == {"people.not_a_member"}


def test_words_that_are_not_those_committed_to_are_not_taken() -> None:
    world = a_stage().world
    ref = commit_to("broken", b"s" * 16)
    command = RecallArtifact(digest_of(b"x"), ref)
    submission = replace(world.signed("ann", command), texts=(SaltedText(ref, b"s" * 16, "praise"),))
    assert codes(_submit(world, submission)) == {"command.other_words"}


def test_words_and_raw_material_are_kept_and_listed_with_what_was_accepted() -> None:
    world = a_stage().world
    ref = commit_to("broken", b"s" * 16)
    text = SaltedText(ref, b"s" * 16, "broken")
    submission = replace(world.signed("ann", RecallArtifact(digest_of(b"x"), ref), blobs=(b"log",)), texts=(text,))
    record = command_of(done(_submit(world, submission)).records[0])
    assert (record.texts, record.blobs) == ((ref,), (digest_of(b"log"),))
    assert (world.store.text(ref), world.store.blob(digest_of(b"log"))) == (text, b"log")


def test_words_and_raw_material_of_a_refused_command_are_not_kept() -> None:
    world = a_stage().world
    done(world.say("ann", _recall()))
    submission = world.signed("ben", _recall(), blobs=(b"unwanted",))
    assert codes(_submit(world, submission)) == {"recall.already"}
    assert last_command(world).blobs == ()
    assert world.store.blob(digest_of(b"unwanted")) != b"unwanted"


def test_nobody_outside_turns_the_ledgers_key() -> None:
    world = a_stage().world
    command = RotateLedgerKey("", "bmV3", "c2ln", "c2ln")
    assert codes(world.say("ann", command)) == {"ledger.robot_only"}
    assert codes(world.claim("eve", command)) == {"ledger.robot_only"}


def test_a_rollback_in_the_name_of_the_automatic_one_does_not_keep_it_from_coming() -> None:
    stage = _agreed()
    world = stage.world
    taken = RollbackId(f"{stage.release('v2')}/{PRODUCTION}/1/back")
    done(world.say("dan", BeginRollback(taken, SERVICE, PRODUCTION, stage.release("v1"), WORDS)))
    world.settle()
    CheckSays(check=SMOKE, says=Says.FAIL, there=PRODUCTION).happen(stage)
    done(act(stage, Promote(promote=PRODUCTION, by=ANN)))
    world.settle()
    assert stage.promotion("", PRODUCTION) == f"{stage.release('v2')}/{PRODUCTION}/1"
    assert world.deploys.present[SERVICE, PRODUCTION].version == "v1"
    assert world.desk().view().rollback(RollbackId(f"{taken}-2")).phase is RollbackPhase.COMPLETED


def test_a_promotion_in_the_name_of_a_rollback_does_not_keep_it_from_ending() -> None:
    stage = _agreed()
    world = stage.world
    name = RollbackId(f"{stage.release('v2')}/{STAGING}/7")
    done(world.say("ann", RequestPromotion(PromotionId(name), stage.release("v2"), STAGING)))
    world.settle()
    done(world.say("dan", BeginRollback(name, SERVICE, PRODUCTION, stage.release("v1"), WORDS)))
    world.settle()
    assert world.desk().view().rollback(name).phase is RollbackPhase.COMPLETED


def test_a_refused_step_of_the_controller_is_asked_anew_when_things_have_changed() -> None:
    stage = _agreed()
    world = stage.world
    done(act(stage, Promote(promote=PRODUCTION, by=ANN)))
    promotion = stage.promotion("", PRODUCTION)
    early = CommandId(f"promotion/{promotion}/1/ConcludeProof")
    refused = world.desk().perform(BeginDeployment(PromotionId("none")), early, world.clock.now())
    assert isinstance(refused, Declined)
    assert world.desk().refusal_of(early)
    begin = CommandId(f"promotion/{promotion}/1/BeginDeployment")
    assert isinstance(world.desk().perform(BeginDeployment(PromotionId("none")), begin, world.clock.now()), Declined)
    world.settle()
    assert world.desk().view().promotion(promotion).phase is PromotionPhase.COMPLETED
