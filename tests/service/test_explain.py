# SPDX-License-Identifier: Apache-2.0
"""Why something is as it is, told of a service under the starter pack."""

from datetime import timedelta
from typing import Final

import pytest
from tests.service.shop import (
    ANN,
    BEN,
    CAT,
    DEVELOPER,
    MANAGER,
    PRODUCTION,
    REVIEWER,
    STAGING,
    a_released_stage,
    a_stage,
    act,
    done,
)

from interlock.domain.ids import CheckId, IncidentId, ReleaseId, RequirementId, TextRef, WaiverId
from interlock.domain.incident import CloseIncident, OpenIncident, Severity
from interlock.domain.verdict import Finding, Verdict
from interlock.domain.waiver import GrantWaiver, RequestWaiver, RevokeWaiver
from interlock.ledger.codec import Command
from interlock.service.explain import Explained, Explainer
from interlock.service.gather import Ungoverned
from interlock.service.views import Viewer
from interlock.testing.acts import ApproveFor, Release, Sign
from interlock.testing.happenings import CheckSays, ComesTo, DeploymentComesTo, Says
from interlock.testing.moves import Promote, RollBack
from interlock.testing.stage import SERVICE, Cast, Stage

SMOKE: Final = CheckId("smoke")
WORDS: Final = TextRef("text:" + "0" * 64)
WAIVER: Final = WaiverId("app:v2/waiver-1")
V2: Final = ReleaseId("app:v2")


@pytest.fixture
def stage() -> Stage:
    return a_released_stage()


def explainer(stage: Stage, environment: str = "") -> Explainer:
    return Explainer(Viewer(stage.gatherer(), stage.world.store, stage.world.library), environment)


def explained(stage: Stage, named: str, environment: str = "") -> Explained:
    return explainer(stage, environment).explain(named)


def head_of(stage: Stage, named: str) -> tuple[str, Verdict]:
    finding = explained(stage, named).finding
    return finding.code, finding.verdict


def leaves(finding: Finding) -> list[str]:
    return [leaf.code for child in finding.children for leaf in (child.children or (child,))]


def promoted(stage: Stage) -> str:
    done(act(stage, Promote(promote=STAGING, by=ANN)))
    return stage.promotion("v2", STAGING)


def say(stage: Stage, person: str, command: Command) -> None:
    done(stage.world.say(person, command))


def asked_for_an_exception(stage: Stage) -> None:
    expires = stage.world.moments.now() + timedelta(hours=1)
    requirement = RequirementId("staging-proven")
    say(stage, ANN, RequestWaiver(WAIVER, V2, PRODUCTION, requirement, WORDS, WORDS, expires))


def test_a_release_is_explained_by_its_next_gate(stage: Stage) -> None:
    found = explained(stage, "app:v2")
    assert (found.kind, found.finding.verdict, list(found.finding.blockers())) == ("release", Verdict.PASS, [])


def test_a_release_is_explained_by_the_gate_that_is_asked_for(stage: Stage) -> None:
    blockers = {one.subject for one in explained(stage, "app:v2", "production").finding.blockers()}
    assert {"staging-proven", "rollback-plan", "review"} <= blockers


def test_a_release_that_came_all_the_way_is_explained_by_its_end(stage: Stage) -> None:
    promoted(stage)
    stage.world.settle()
    done(act(stage, Sign(sign=RequirementId("rollback-plan"), before=PRODUCTION, by=ANN)))
    done(act(stage, ApproveFor(approve=PRODUCTION, by=BEN)))
    done(act(stage, Promote(promote=PRODUCTION, by=ANN)))
    stage.world.settle()
    assert head_of(stage, "app:v2") == ("release.ended", Verdict.NOT_APPLICABLE)
    assert "it reached staging, production" in explained(stage, "app:v2").finding.sentence


def test_a_promotion_that_waits_rests_on_its_gate(stage: Stage) -> None:
    found = explained(stage, promoted(stage))
    assert (found.kind, found.finding.verdict) == ("promotion", Verdict.INCONCLUSIVE)
    assert found.finding.next_step == "the controller moves it"


def test_a_promotion_that_came_through_says_so(stage: Stage) -> None:
    promotion = promoted(stage)
    stage.world.settle()
    assert head_of(stage, promotion) == ("promotion.completed", Verdict.PASS)


def test_a_promotion_under_proof_rests_on_its_checks(stage: Stage) -> None:
    CheckSays(SMOKE, Says.SILENT, STAGING).happen(stage)
    promotion = promoted(stage)
    stage.world.work(timedelta(seconds=20))
    found = explained(stage, promotion).finding
    assert (found.code, leaves(found)) == ("promotion.verifying", ["proof.awaited"])


def test_a_promotion_that_failed_says_why(stage: Stage) -> None:
    CheckSays(SMOKE, Says("fail"), STAGING).happen(stage)
    promotion = promoted(stage)
    stage.world.settle()
    found = explained(stage, promotion).finding
    assert (found.verdict, ", because " in found.sentence) == (Verdict.FAIL, True)


def test_an_incident_is_open_until_somebody_closes_it(stage: Stage) -> None:
    incident = IncidentId("slow-staging")
    say(stage, ANN, OpenIncident(incident, SERVICE, STAGING, V2, Severity.MINOR, WORDS))
    assert head_of(stage, incident) == ("incident.open", Verdict.FAIL)
    assert f"interlock incident close {incident}" in explained(stage, incident).finding.next_step
    say(stage, ANN, CloseIncident(incident, WORDS))
    assert head_of(stage, incident) == ("incident.closed", Verdict.PASS)


def test_a_rollback_and_the_incident_it_opened_are_explained_together(stage: Stage) -> None:
    CheckSays(SMOKE, Says("fail"), STAGING).happen(stage)
    back = f"{promoted(stage)}/back"
    stage.world.settle()
    found = explained(stage, back)
    assert (found.kind, found.finding.verdict) == ("rollback and incident", Verdict.FAIL)
    assert [one.code for one in found.finding.children] == ["rollback.completed", "incident.open"]
    say(stage, ANN, CloseIncident(IncidentId(back), WORDS))
    assert explained(stage, back).finding.verdict is Verdict.PASS


def test_who_works_alone_is_named_with_whatever_is_no_gate() -> None:
    stage = a_stage(cast=Cast({ANN: (DEVELOPER, REVIEWER, MANAGER)}, solo=(ANN,)))
    done(act(stage, Release(release="v2", by=ANN)))
    stage.world.settle()
    asked_for_an_exception(stage)
    waiting = promoted(stage)
    assert (explained(stage, "app:v2").solo, explained(stage, waiting).solo) == ((), ())
    stage.world.settle()
    rollback = stage.next_rollback(STAGING)
    done(act(stage, RollBack(rollback=STAGING, by=ANN)))
    stage.world.settle()
    say(stage, ANN, OpenIncident(IncidentId("slow"), SERVICE, STAGING, V2, Severity.MINOR, WORDS))
    required = explainer(stage).requirement("tests", (V2,))
    assert required is not None
    named = (waiting, rollback, "slow", WAIVER, stage.change("v2"))
    assert {one.solo for one in (required, *(explained(stage, one) for one in named))} == {(ANN,)}


def test_where_nobody_works_alone_nobody_is_named(stage: Stage) -> None:
    assert explained(stage, stage.change("v2")).solo == ()


def test_a_rollback_that_came_through_says_so(stage: Stage) -> None:
    promoted(stage)
    stage.world.settle()
    rollback = stage.next_rollback(STAGING)
    done(act(stage, RollBack(rollback=STAGING, by=CAT)))
    stage.world.settle()
    assert head_of(stage, rollback) == ("rollback.completed", Verdict.PASS)


def test_a_rollback_under_proof_rests_on_the_checks_of_its_target(stage: Stage) -> None:
    promoted(stage)
    stage.world.settle()
    CheckSays(SMOKE, Says.SILENT, STAGING, "v1").happen(stage)
    rollback = stage.next_rollback(STAGING)
    done(act(stage, RollBack(rollback=STAGING, by=CAT)))
    stage.world.work(timedelta(seconds=20))
    found = explained(stage, rollback).finding
    assert (found.code, leaves(found)) == ("rollback.proving", ["proof.awaited"])


def test_a_stranded_rollback_says_how_to_order_another(stage: Stage) -> None:
    promoted(stage)
    stage.world.settle()
    DeploymentComesTo("v1", STAGING, ComesTo.FAILURE).happen(stage)
    rollback = stage.next_rollback(STAGING)
    done(act(stage, RollBack(rollback=STAGING, by=CAT)))
    stage.world.settle()
    found = explained(stage, rollback).finding
    assert (found.code, found.next_step) == (
        "rollback.stranded",
        "order another: `interlock rollback staging --reason 'WHY'`",
    )


def test_a_requirement_is_explained_for_every_gate_that_asks_it(stage: Stage) -> None:
    found = explainer(stage).requirement("tests", (V2,))
    assert found is not None
    assert [child.sentence for child in found.finding.children] == ["app:v2 into staging", "app:v2 into production"]


def test_a_requirement_that_no_gate_asks_is_nothing(stage: Stage) -> None:
    assert explainer(stage).requirement("prayer", (V2,)) is None


def test_a_waiver_waits_is_granted_and_revoked(stage: Stage) -> None:
    asked_for_an_exception(stage)
    assert head_of(stage, WAIVER) == ("waiver", Verdict.INCONCLUSIVE)
    say(stage, CAT, GrantWaiver(WAIVER, V2))
    assert head_of(stage, WAIVER) == ("waiver", Verdict.PASS)
    assert f"granted by {CAT}" in explained(stage, WAIVER).finding.sentence
    say(stage, BEN, RevokeWaiver(WAIVER, V2, WORDS))
    assert head_of(stage, WAIVER) == ("waiver", Verdict.FAIL)
    assert "revoked" in explained(stage, WAIVER).finding.sentence


def test_a_waiver_that_expired_waives_nothing(stage: Stage) -> None:
    asked_for_an_exception(stage)
    stage.world.work(timedelta(hours=2))
    assert head_of(stage, WAIVER) == ("waiver", Verdict.FAIL)
    assert "expired" in explained(stage, WAIVER).finding.sentence


def test_a_change_is_told_with_its_author(stage: Stage) -> None:
    found = explained(stage, stage.change("v2"))
    assert (found.kind, found.finding.sentence) == ("change", f"a normal change of app by {ANN}, open")


@pytest.mark.parametrize("named", ["app:v9", "app:v2/waiver-9", "nothing"])
def test_what_names_nothing_is_told_so(stage: Stage, named: str) -> None:
    with pytest.raises(Ungoverned) as told:
        explained(stage, named)
    assert told.value.code == "explain.unknown"
