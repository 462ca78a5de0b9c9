# SPDX-License-Identifier: Apache-2.0
"""Delivery by itself: what a robot may make of a head, and that nothing else comes of it."""

from dataclasses import replace
from typing import Final

import pytest
from tests.domain.shop import A1, ANN, PRODUCTION, PRODUCTION_ENV, R1, SHOP, STAGING, START, ann, procedure
from tests.domain.tale import adopted

from interlock.domain import release
from interlock.domain.actor import CONTROLLER, Actor
from interlock.domain.change import Change, ChangeClosed, ChangeKind, ChangeOpened, ChangePhase, OpenChange
from interlock.domain.change import decide as decide_change
from interlock.domain.decision import Accepted, Decision, Refused
from interlock.domain.delivery import (
    Berth,
    DeliverHead,
    Deliveries,
    DeliveryEvent,
    DeliveryObstructed,
    Dock,
    DockCommand,
    HeadDelivered,
    HeadPromoted,
    HeadSeen,
    Older,
    PromoteHead,
    ReportObstacle,
    SeeHead,
    decide,
    evolve,
    promote,
)
from interlock.domain.governance import GovernanceRef, Service
from interlock.domain.ids import ChangeId, Digest, PromotionId, ReleaseId, TextRef, digest_of
from interlock.domain.procedure import Governance, Path
from interlock.domain.promotion import Promotion, RequestPromotion
from interlock.domain.release import CreateRelease, Plans, Release, ReleaseCreated, ReleasePhase
from interlock.domain.trunk import UNDELIVERED, DeliveryRule, Head
from interlock.domain.unattended import fault_of_rule, may_repin

C1, C2 = "1" * 40, "2" * 40
RULES: Final = GovernanceRef(digest_of(b"rules"), digest_of(b"pack"), digest_of(b"bindings"), ())
RULE: Final = DeliveryRule("main", STAGING, ChangeKind.STANDARD)
PROCEDURE: Final = replace(
    procedure(),
    delivery=RULE,
    paths=(
        Path("delivered", (ChangeKind.STANDARD,), procedure().paths[0].stages[:2]),
        *(
            replace(path, kinds=tuple(kind for kind in path.kinds if kind is not ChangeKind.STANDARD))
            for path in procedure().paths
        ),
    ),
)
GOVERNANCE: Final = Governance(RULES.digest, SHOP, PROCEDURE)
SERVICE: Final = Service(SHOP, in_force=RULES, approved={RULES.digest: RULES})
DOCK: Final = Dock(GOVERNANCE, SERVICE)
SEEN: Final = HeadSeen(SHOP, "main", C1, 1, START)


def _made(head: Head, **changed: object) -> DeliverHead:
    made = CreateRelease(
        release=ReleaseId(f"{SHOP}:{head.version}"),
        service=SHOP,
        version=head.version,
        change=head.change,
        artifacts=(A1,),
        commit=head.commit,
        base="",
        authors=(ANN,),
        unknown_authors=0,
        declared=RULES.digest,
        plans=Plans(digest_of(b"out"), digest_of(b"back")),
    )
    return DeliverHead(SHOP, replace(made, **changed))  # type: ignore[arg-type]  # any field of it


HEAD: Final = Head("main", C1, 1)


def _state(*events: DeliveryEvent) -> Deliveries:
    state = Deliveries()
    for event in events:
        state = evolve(state, event)
    return state


def _answer(command: DockCommand, *events: DeliveryEvent, dock: Dock = DOCK) -> list[object]:
    return _events(decide(_state(*events), command, dock, CONTROLLER, START))


def _events(decision: Decision[object] | Decision[release.ReleaseEvent]) -> list[object]:
    assert isinstance(decision, Accepted), decision
    return [emitted.event for emitted in decision.events]


def _codes(decision: object) -> list[str]:
    assert isinstance(decision, Refused), decision
    return [reason.code for reason in decision.reasons]


def _refused(command: DockCommand, *events: HeadSeen | HeadDelivered, dock: Dock = DOCK) -> list[str]:
    return _codes(decide(_state(*events), command, dock, CONTROLLER, START))


def test_a_head_is_numbered_as_it_is_seen() -> None:
    assert _answer(SeeHead(SHOP, "main", C2), SEEN) == [HeadSeen(SHOP, "main", C2, 2, START)]


def test_the_same_head_is_no_news() -> None:
    assert _refused(SeeHead(SHOP, "main", C1), SEEN) == ["delivery.no_news"]


def test_another_branch_than_the_one_delivered_is_not_seen() -> None:
    assert _refused(SeeHead(SHOP, "side", C1)) == ["delivery.not_ruled"]


def test_a_head_that_comes_back_is_a_new_one() -> None:
    back = HeadSeen(SHOP, "main", C2, 2, START)
    assert _answer(SeeHead(SHOP, "main", C1), SEEN, back) == [HeadSeen(SHOP, "main", C1, 3, START)]


def test_a_head_becomes_a_release_under_a_change_of_its_own() -> None:
    delivered, opened, created, _ = _answer(_made(HEAD), SEEN)
    assert delivered == HeadDelivered(SHOP, C1, ReleaseId(f"{SHOP}:0.0.0-main.1+{C1[:12]}"))
    assert isinstance(opened, ChangeOpened)
    assert (opened.change, opened.kind, opened.author) == (f"main.1-{C1[:12]}", ChangeKind.STANDARD, "")
    assert isinstance(created, ReleaseCreated)
    assert (created.branch, created.authors, created.governance) == ("main", (ANN,), RULES.digest)


def test_a_branch_with_other_letters_gives_a_semantic_version_all_the_same() -> None:
    assert Head("release/1.x_y", C1, 12).version == f"0.0.0-release-1-x-y.12+{C1[:12]}"


@pytest.mark.parametrize(
    "command",
    [
        _made(HEAD, commit=C2),
        _made(HEAD, version="1.0.0"),
        _made(HEAD, change=ChangeId("CR-1")),
        _made(Head("main", C1, 2)),
        _made(Head("side", C1, 1)),
    ],
)
def test_only_the_commit_that_was_seen_is_delivered_under_its_own_names(command: DeliverHead) -> None:
    assert _refused(command, SEEN) == ["delivery.not_ruled"]


def test_before_a_head_was_seen_nothing_is_delivered() -> None:
    assert _refused(_made(HEAD)) == ["delivery.not_ruled"]


def _under(*paths: Path, rule: DeliveryRule = RULE) -> Governance:
    return replace(GOVERNANCE, procedure=replace(PROCEDURE, paths=paths, delivery=rule))


ANYWHERE: Final = Path("all", (ChangeKind.STANDARD,), procedure().paths[0].stages)


@pytest.mark.parametrize(
    "governance",
    [
        _under(*PROCEDURE.paths, rule=UNDELIVERED),
        _under(ANYWHERE),
        _under(PROCEDURE.paths[0], replace(ANYWHERE, condition="'x' in labels")),
        _under(PROCEDURE.paths[0], rule=replace(RULE, environment=PRODUCTION)),
    ],
    ids=["no rule", "a path to production", "a path that may lead to production", "production itself"],
)
def test_nothing_is_delivered_where_it_could_come_near_production(governance: Governance) -> None:
    assert _refused(_made(HEAD), SEEN, dock=replace(DOCK, governance=governance)) == ["delivery.not_ruled"]


def test_production_is_a_matter_of_the_tier_not_of_the_name() -> None:
    assert PRODUCTION_ENV.name == PRODUCTION
    assert "production" in fault_of_rule(_under(ANYWHERE), ChangeKind.STANDARD)


def test_another_kind_of_change_is_not_delivered() -> None:
    assert fault_of_rule(GOVERNANCE, ChangeKind.NORMAL) == "what is delivered by itself is a standard change"


def test_a_person_does_not_speak_for_the_controller() -> None:
    assert _codes(decide(_state(SEEN), _made(HEAD), DOCK, ann, START)) == ["delivery.robot_only"]


def test_the_same_release_is_not_made_twice() -> None:
    there = replace(DOCK, release=Release(ReleasePhase.OPEN, ReleaseId(f"{SHOP}:{HEAD.version}")))
    assert _refused(_made(HEAD), SEEN, dock=there) == ["release.exists"]


def test_a_change_of_that_name_is_not_taken_over() -> None:
    there = replace(DOCK, change=Change(ChangePhase.OPEN, HEAD.change, SHOP))
    assert _refused(_made(HEAD), SEEN, dock=there) == ["change.exists"]


def test_what_holds_no_artifact_is_none() -> None:
    assert _refused(_made(HEAD, artifacts=()), SEEN) == ["release.no_artifact"]


def test_robots_make_no_release_and_open_no_change_in_any_other_way() -> None:
    opened = decide_change(Change(), OpenChange(HEAD.change, SHOP, ChangeKind.STANDARD, TextRef("")), CONTROLLER)
    assert _codes(opened) == ["change.needs_author"]
    made = release.decide(Release(), _made(HEAD).made, Change(ChangePhase.OPEN, service=SHOP), SERVICE, CONTROLLER)
    assert _codes(made) == ["release.unsigned"]


def test_what_is_in_the_way_is_recorded_once() -> None:
    obstacle = DeliveryObstructed(SHOP, "no base", START)
    assert _answer(ReportObstacle(SHOP, "no base"), SEEN) == [obstacle]
    again = decide(_state(SEEN, obstacle), ReportObstacle(SHOP, "no base"), DOCK, CONTROLLER, START)
    assert _codes(again) == ["delivery.no_news"]


def test_a_new_head_clears_what_was_in_the_way() -> None:
    state = _state(SEEN, DeliveryObstructed(SHOP, "no base", START), HeadSeen(SHOP, "main", C2, 2, START))
    assert (state.obstacle, state.head.commit) == ("", C2)


def test_a_delivered_release_is_never_judged_by_rules_that_lead_to_production() -> None:
    delivered = Release(ReleasePhase.OPEN, branch="main")
    change = Change(ChangePhase.OPEN, kind=ChangeKind.STANDARD)
    assert may_repin(delivered, change, GOVERNANCE)
    assert not may_repin(delivered, change, _under(ANYWHERE))
    assert may_repin(Release(ReleasePhase.OPEN), change, _under(ANYWHERE))


def test_digests_of_rules_are_what_is_pinned() -> None:
    _, _, created, _ = _answer(_made(HEAD, declared=Digest("")), SEEN)
    assert isinstance(created, ReleaseCreated)
    assert (created.governance, created.declared) == (RULES.digest, "")


OLD: Final = ReleaseId(f"{SHOP}:old")
WAITS: Final = Older(
    Release(ReleasePhase.OPEN, OLD, SHOP, branch="main"), Change(ChangePhase.OPEN, ChangeId("old"), SHOP)
)


@pytest.mark.parametrize(
    ("older", "goes"),
    [
        (WAITS, False),
        (replace(WAITS, is_red=True), True),
        (replace(WAITS, is_red=True, under_way=True), False),
    ],
    ids=["its checks run", "a check refuted it", "it is under way"],
)
def test_a_new_head_takes_the_place_only_of_what_a_check_refuted(older: Older, *, goes: bool) -> None:
    delivered, *rest = _answer(_made(HEAD), SEEN, dock=replace(DOCK, older=(older,)))
    assert isinstance(delivered, HeadDelivered)
    assert delivered.instead_of == ((OLD,) if goes else ())
    assert (ChangeClosed(ChangeId("old"), TextRef("")) in rest) is goes


FIRST, SECOND, THIRD = (ReleaseId(f"{SHOP}:{number}") for number in (1, 2, 3))
THREE: Final = _state(SEEN, *(HeadDelivered(SHOP, C1, one) for one in (FIRST, SECOND, THIRD)))


def test_what_is_asked_for_leaves_nothing_older_to_ask_for() -> None:
    assert THREE.candidates == (FIRST, SECOND, THIRD)
    asked = evolve(THREE, HeadPromoted(SHOP, SECOND))
    assert asked.candidates == (SECOND, THIRD)
    assert evolve(asked, HeadDelivered(SHOP, C2, FIRST, (THIRD,))).candidates == (SECOND, FIRST)


def _promote(state: Deliveries, release: ReleaseId, actor: Actor, *older: Older) -> object:
    asked = RequestPromotion(PromotionId(f"{release}/{STAGING}/1"), release, STAGING)
    berth = Berth(Promotion(), adopted().world.turn(R1, STAGING), older)
    return promote(state, PromoteHead(SHOP, asked), berth, actor, START)


def test_only_the_controller_asks_for_what_it_delivered() -> None:
    assert _codes(_promote(THREE, SECOND, ann)) == ["delivery.robot_only"]


def test_what_gave_way_is_not_asked_for() -> None:
    assert _codes(_promote(evolve(THREE, HeadPromoted(SHOP, SECOND)), FIRST, CONTROLLER)) == ["delivery.given_way"]


def test_an_older_one_that_has_ended_meanwhile_is_not_ended_again() -> None:
    gone = Release(ReleasePhase.WITHDRAWN, ReleaseId(f"{SHOP}:old"), SHOP)
    ended = Older(gone, Change(ChangePhase.CLOSED), is_red=True)
    alone, beside = (_answer(_made(HEAD), SEEN, dock=replace(DOCK, older=older)) for older in ((), (ended,)))
    assert beside[1:] == alone[1:]
