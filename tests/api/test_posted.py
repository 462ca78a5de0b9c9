# SPDX-License-Identifier: Apache-2.0
"""Who may what, of somebody who holds every role, and each in production alone: every verb, in both environments."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from tests.api.hosting import Answer, Hosted, hosted, released_place
from tests.api.samples import BODIES
from tests.api.test_matrix import VERBS, at
from tests.cli.workplace import BINDINGS

from interlock.api.verbs import TABLE
from interlock.api.verbs.asking import Verb
from interlock.bootstrap.keys import fresh_bytes
from interlock.domain.answering import Answer as Wanted
from interlock.domain.answering import GiveAnswer
from interlock.domain.approval import Answer as Decision
from interlock.domain.approval import Approve, Bound, SignOff
from interlock.domain.freeze import DeclareFreeze
from interlock.domain.ids import (
    Digest,
    EnvironmentName,
    FreezeId,
    IncidentId,
    PersonId,
    PromotionId,
    ReleaseId,
    RequirementId,
    RollbackId,
    ServiceName,
    TextRef,
)
from interlock.domain.incident import OpenIncident, Severity
from interlock.domain.promotion import AbortPromotion, RequestPromotion
from interlock.domain.release import Plans
from interlock.domain.rollback import BeginRollback
from interlock.domain.rollout import AgreeToStep, PauseRollout, ResumeRollout
from interlock.identity.caller import EVERY_SCOPE, Caller, How, NoSession
from interlock.identity.porter import Porter
from interlock.identity.saying import Saying
from interlock.ledger.codec import Command
from interlock.service.handle import Declined

EVERY_ROLE: Final = "{developer: [eve], reviewer: [eve], release-manager: [eve]}"
POSTED: Final = BINDINGS.replace("production: {", f"production: {{roles: {EVERY_ROLE}, ")
HERE, THERE = "production", "staging"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    with hosted(released_place(tmp_path_factory.mktemp("posted"), POSTED)) as server:
        yield server


def said(shop: Hosted, verb: Verb[Any], environment: str) -> Answer:
    """What becomes of the verb's sample, about this environment where it is about one."""
    path, body = at(verb.path), json.dumps(BODIES[verb.cli])
    return shop.ask("POST", path.replace(THERE, environment), "eve", body.replace(THERE, environment).encode())


ABOUT_A_PLACE: Final = [verb for verb in TABLE if THERE in at(verb.path) + str(BODIES[verb.cli])]


@pytest.mark.parametrize("verb", ABOUT_A_PLACE, ids=lambda verb: verb.cli)
def test_in_another_environment_one_can_look_only(shop: Hosted, verb: Verb[Any]) -> None:
    size = shop.house.store.head().size
    answer = said(shop, verb, THERE)
    assert answer.json["code"] in {"access.no_role", "matter.changed", "promotion.none", "rollout.none"}
    assert shop.house.store.head().size == size


@pytest.mark.parametrize("verb", VERBS)
def test_where_one_holds_a_role_one_is_heard(shop: Hosted, verb: Verb[Any]) -> None:
    assert said(shop, verb, HERE).json.get("code") != "access.no_role"


APP, RELEASE, WORDS = ServiceName("app"), ReleaseId("app:v1.1.0"), TextRef("text:unsaid")
THEN: Final = datetime(2031, 1, 1, tzinfo=UTC)
NONE: Final = Digest("")
BOUND: Final = Bound(NONE, NONE, 0, Plans(NONE, NONE), ())


def promotion(name: EnvironmentName) -> PromotionId:
    return PromotionId(f"{RELEASE}/{name}/1")


SAID: Final[Mapping[str, Callable[[EnvironmentName], Command]]] = {
    "sign": lambda name: SignOff(RELEASE, name, RequirementId("rollback-plan"), BOUND),
    "approve": lambda name: Approve(RELEASE, name, Decision.APPROVED, BOUND, WORDS),
    "promote": lambda name: RequestPromotion(promotion(name), RELEASE, name),
    "pause": lambda name: PauseRollout(promotion(name)),
    "resume": lambda name: ResumeRollout(promotion(name)),
    "agree": lambda name: AgreeToStep(promotion(name), 0),
    "abort": lambda name: AbortPromotion(promotion(name)),
    "roll back": lambda name: BeginRollback(RollbackId("back"), APP, name, ReleaseId(""), "it burns"),
    "freeze": lambda name: DeclareFreeze(FreezeId("peak"), (APP,), (name,), THEN, THEN, WORDS, ()),
    "declare": lambda name: OpenIncident(IncidentId("i9"), APP, name, RELEASE, Severity.MAJOR, WORDS),
    "decide": lambda name: GiveAnswer(IncidentId(f"of-{name}"), Wanted.ROLLBACK, WORDS),
}


@pytest.fixture(scope="module")
def told(shop: Hosted) -> Hosted:
    """The same, with an incident in each environment."""
    ann = saying(shop, "ann")
    for name in (EnvironmentName(HERE), EnvironmentName(THERE)):
        speaker = ann.speaker()
        words = speaker.words("it burns")
        ann.say(OpenIncident(IncidentId(f"of-{name}"), APP, name, RELEASE, Severity.MAJOR, words), speaker)
    return shop


def saying(shop: Hosted, person: str) -> Saying:
    """What somebody with every scope says through the server."""
    porter = Porter(shop.accounts, shop.house.clock, fresh_bytes, lambda: shop.house.view().people(), lambda _: None)
    caller = Caller(PersonId(person), How.TOKEN, EVERY_SCOPE, NoSession(), "", "token ci")
    return Saying(shop.house, caller, porter, shop.url, "192.0.2.1", lambda: None)


@pytest.mark.parametrize("what", SAID)
@pytest.mark.parametrize("environment", [HERE, THERE])
def test_what_is_about_an_environment_is_said_by_who_has_a_role_in_it(
    told: Hosted, what: str, environment: str
) -> None:
    mouth = saying(told, "eve")
    outcome = mouth.say(SAID[what](EnvironmentName(environment)), mouth.speaker())
    codes = [reason.code for reason in outcome.reasons] if isinstance(outcome, Declined) else []
    assert (codes == ["access.no_role"]) is (environment == THERE)
    trail = [one.noted.detail for one in told.accounts.trail(1)]
    assert (environment == HERE) or trail[0].endswith(": access.no_role")


def test_what_is_about_every_environment_takes_a_role_in_each(told: Hosted) -> None:
    everywhere = DeclareFreeze(FreezeId("all"), (APP,), (), THEN, THEN, WORDS, ())
    mouth = saying(told, "eve")
    outcome = mouth.say(everywhere, mouth.speaker())
    assert isinstance(outcome, Declined)
    assert [one.code for one in outcome.reasons] == ["access.no_role"]


def test_everybody_sees_where_a_role_is_held(shop: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop.place.folder)
    held = {one["person"]: one["roles"] for one in shop.get("/v1/people")["people"]}
    assert held["eve"] == ["developer (production)", "reviewer (production)", "release-manager (production)"]
    shown = shop.place.say("ann", "governance", "show")
    assert "ben, eve (production)" in shown.out
    assert shop.place.ask("ann", "governance", "show")["posts"]["production"]["reviewer"] == ["eve"]
