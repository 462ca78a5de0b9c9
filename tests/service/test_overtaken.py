# SPDX-License-Identifier: Apache-2.0
"""Evidence about what is live: stamped with that, gathered anew once it is replaced, refused when it was overtaken."""

from typing import Final

from tests.domain.story import codes
from tests.service.exported import History, recomputed
from tests.service.shop import ANN, CAST, NO_OTHER_RULES, PACK, STAGING, a_stage, act, done

from interlock.domain.actor import CONTROLLER
from interlock.domain.evidence import RecordEvidence, Series
from interlock.domain.ids import EVERYWHERE, CheckId
from interlock.domain.verdict import Verdict
from interlock.service.answer import answer
from interlock.testing.acts import Release
from interlock.testing.moves import Promote
from interlock.testing.stage import Stage

TESTS: Final = CheckId("tests")
RULES: Final = PACK.replace(b"gate: {check: tests}", b"gate: {check: tests, live_in: staging}")


def about_staging() -> Stage:
    """Version 2, whose tests are about what is live in staging, which is version 1."""
    stage = a_stage(NO_OTHER_RULES, CAST, RULES)
    done(act(stage, Release(release="v2", by=ANN)))
    stage.world.settle()
    return stage


def overtaken() -> Stage:
    """Version 3 has become live in staging since."""
    stage = about_staging()
    done(act(stage, Release(release="v3", by=ANN)))
    stage.world.settle()
    done(act(stage, Promote(promote=STAGING, of="v3", by=ANN)))
    stage.world.settle()
    return stage


def evidence_of(stage: Stage, version: str) -> Series:
    """The evidence of the version's tests."""
    view = stage.gatherer().view
    release = view.release(stage.release(version))
    return view.evidence_of(release.id, release.digest).series[TESTS, EVERYWHERE]


def test_it_carries_what_was_live_when_its_check_began() -> None:
    stage = about_staging()
    assert [one.digest for one in evidence_of(stage, "v2").latest.live] == [stage.digest("v1")]


def test_it_is_gathered_anew_once_something_else_is_live() -> None:
    stage = overtaken()
    assert [[one.digest for one in piece.live] for piece in evidence_of(stage, "v2").pieces] == [
        [stage.digest("v1")],
        [stage.digest("v3")],
    ]


def test_what_became_live_is_not_asked_again_for_that() -> None:
    assert evidence_of(overtaken(), "v3").count == 1


def test_what_was_overtaken_while_it_ran_is_refused() -> None:
    stage = overtaken()
    old = evidence_of(stage, "v2").pieces[0]
    command = RecordEvidence(
        subject=old.subject,
        check=old.check,
        environment=old.environment,
        verdict=Verdict.PASS,
        summary="late",
        source=old.source,
        report=old.report,
        governance=old.governance,
        taken_at=old.taken_at,
        release=stage.release("v2"),
        live=old.live,
    )
    assert codes(answer(command, CONTROLLER, stage.gatherer())) == ("evidence.moved_on",)


def test_what_was_gathered_so_is_decided_again_from_an_export() -> None:
    again = recomputed(History(world=overtaken().world).exported())
    assert again.verdict is Verdict.PASS, [one for one in again.findings if one.verdict is not Verdict.PASS]
