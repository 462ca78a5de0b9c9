# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.service.shop import ANN, CAST, DEVELOPER, PACK, a_stage, codes

from interlock.domain.governance import AdoptGovernance, ApproveGovernance, GovernanceRef, ProposeGovernance
from interlock.domain.ids import ServiceName, digest_of
from interlock.service.handle import Outcome
from interlock.service.library import governance_ref
from interlock.testing.stage import SERVICE, WORDS, Stage


def _stage() -> Stage:
    return a_stage({"other": {**CAST.roles, DEVELOPER: (ANN,)}})


def _propose(stage: Stage, ref: GovernanceRef, *blobs: bytes) -> Outcome:
    return stage.world.say("ben", ProposeGovernance(SERVICE, ref, WORDS), blobs=blobs)


def test_rules_whose_parts_came_along_may_be_proposed() -> None:
    stage = _stage()
    assert codes(_propose(stage, stage.rules["other"], PACK, stage.bindings["other"])) == set()


def test_rules_whose_parts_did_not_come_along_are_refused() -> None:
    stage = _stage()
    assert codes(_propose(stage, stage.rules["other"], PACK)) == {"governance.unfit"}


def test_rules_whose_parts_were_kept_before_need_not_come_again() -> None:
    stage = _stage()
    assert codes(_propose(stage, stage.rules["other"], stage.bindings["other"])) == set()


def test_rules_under_the_digest_of_others_are_refused() -> None:
    stage = _stage()
    other = stage.rules["other"]
    named = replace(other, pack=digest_of(b"evil"))
    assert codes(_propose(stage, named, b"evil", stage.bindings["other"])) == {"governance.wrong_digest"}


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"status: active", b"status: draft"), (b"status: active", b"status: retired"), (b"governors:", b"governor:")],
)
def test_a_pack_that_is_not_active_or_does_not_load_never_governs(before: bytes, after: bytes) -> None:
    stage = _stage()
    pack, bindings = PACK.replace(before, after), stage.bindings["first"]
    assert codes(_propose(stage, governance_ref(pack, bindings, ()), pack, bindings)) == {"governance.unfit"}


def test_rules_that_were_refused_leave_the_ledger_working() -> None:
    stage = _stage()
    stray = governance_ref(b"no pack", b"no bindings", ())
    refused = stage.world.say("ben", AdoptGovernance(ServiceName("stray"), stray))
    assert codes(refused) == {"governance.unfit"}
    assert stage.world.settle() == 0


def test_the_bindings_of_one_service_do_not_govern_another() -> None:
    stage = _stage()
    command = AdoptGovernance(ServiceName("stray"), stage.rules["first"])
    assert codes(stage.world.say("ben", command)) == {"governance.other_service"}


EXPIRING = PACK.replace(b"status: active\n", b"status: active\nexpires: 2026-03-03T09:00:00Z\n")


def _expiring(stage: Stage) -> GovernanceRef:
    """Rules that expire a day after everything begins, by the name `expiring`."""
    stage.rules["expiring"] = governance_ref(EXPIRING, stage.bindings["first"], ())
    return stage.rules["expiring"]


def test_rules_that_expired_are_not_taken_into_force() -> None:
    stage = _stage()
    ref = _expiring(stage)
    stage.world.moments.advance(timedelta(days=1))
    assert codes(_propose(stage, ref, EXPIRING)) == {"governance.past"}


def test_rules_that_expire_before_somebody_agrees_are_not_taken_into_force() -> None:
    stage = _stage()
    ref = _expiring(stage)
    assert codes(_propose(stage, ref, EXPIRING)) == set()
    stage.world.moments.advance(timedelta(days=1))
    assert codes(stage.world.say("cat", ApproveGovernance(SERVICE, ref.digest))) == {"governance.past"}


def test_rules_in_time_are_taken_into_force() -> None:
    stage = _stage()
    ref = _expiring(stage)
    assert codes(_propose(stage, ref, EXPIRING)) == set()
    assert codes(stage.world.say("cat", ApproveGovernance(SERVICE, ref.digest))) == set()
    stage.world.moments.advance(timedelta(days=2))
    assert stage.gatherer().view.service(SERVICE).in_force == ref
