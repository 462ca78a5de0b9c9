# SPDX-License-Identifier: Apache-2.0
"""Who lets on again what somebody stopped."""

from dataclasses import replace
from typing import Final

import pytest
from tests.domain.shop import (
    ANN,
    BOB,
    CYD,
    DAN,
    DEVELOPER,
    G1,
    GO,
    LEAD,
    NO_P0,
    PLAN,
    PRODUCTION,
    QA,
    STAGING,
    STAGING_ENV,
    ann,
    cyd,
    procedure,
)

from interlock.domain.actor import Assurance, Person
from interlock.domain.change import ChangeKind
from interlock.domain.decision import Refused
from interlock.domain.environment import Environment, Tier
from interlock.domain.ids import EnvironmentName, PersonId, RoleName
from interlock.domain.letting_on import Alternatives, Stopped, refusal, roles_that_let_on, who_lets_on
from interlock.domain.procedure import Governance
from interlock.domain.requirement import Requirement

EVE: Final = PersonId("eve")
THERE, BEFORE = Stopped(G1, PRODUCTION), Stopped(G1, STAGING)


def test_it_is_who_approves_before_production() -> None:
    assert (roles_that_let_on(G1.procedure), who_lets_on(THERE)) == ((LEAD,), G1.who_holds(LEAD))


def test_it_is_whom_the_pack_names_where_it_names_somebody() -> None:
    assert roles_that_let_on(replace(G1.procedure, lifters=(QA,))) == (QA,)


def test_an_emergency_takes_two_and_so_its_roles_do_not_let_on_alone() -> None:
    emergencies = [path for path in G1.procedure.paths if path.kinds == (ChangeKind.EMERGENCY,)]
    assert emergencies
    assert roles_that_let_on(replace(G1.procedure, paths=tuple(emergencies))) == (LEAD, QA)


@pytest.mark.parametrize(
    ("asked", "roles"),
    [((NO_P0, PLAN), (QA,)), ((NO_P0,), (QA,)), ((PLAN, GO), (LEAD,))],
    ids=["a sign-off", "a sign-off on the way", "both"],
)
def test_where_nobody_approves_it_is_who_signs_off(asked: tuple[Requirement, ...], roles: tuple[RoleName, ...]) -> None:
    assert roles_that_let_on(procedure(production=asked)) == roles


def test_where_nobody_says_anything_before_production_it_is_any_role() -> None:
    silent = tuple(replace(stage, requires=(NO_P0,)) for stage in G1.procedure.stages)
    assert roles_that_let_on(replace(G1.procedure, stages=silent)) == (DEVELOPER, QA, LEAD)


def test_where_there_is_no_production_it_is_who_approves_anywhere() -> None:
    stages = tuple(replace(stage, requires=(GO,)) for stage in G1.procedure.stages)
    assert roles_that_let_on(replace(G1.procedure, stages=stages, environments=(STAGING_ENV,))) == (LEAD,)


POSTED: Final[Governance] = replace(
    G1, holders={QA: (BOB,)}, posts={PRODUCTION: {LEAD: (CYD,)}, STAGING: {LEAD: (EVE,)}}
)


def test_a_role_in_staging_lets_on_there_and_one_in_production_in_both() -> None:
    held = [who_lets_on(Stopped(POSTED, name)) for name in (STAGING, PRODUCTION)]
    assert held == [(EVE, CYD), (CYD,)]


def test_a_role_in_one_production_lets_nothing_on_in_another() -> None:
    other = Environment(EnvironmentName("elsewhere"), Tier.PRODUCTION, (STAGING,))
    wider = replace(POSTED, procedure=replace(G1.procedure, environments=(*G1.procedure.environments, other)))
    assert who_lets_on(Stopped(wider, other.name)) == ()


def test_who_declares_to_work_alone_lets_on() -> None:
    assert who_lets_on(Stopped(replace(G1, holders={}, solo=(ANN,)), PRODUCTION)) == (ANN,)


def _codes(places: tuple[Alternatives, ...], actor: Person = ann) -> list[str]:
    found = refusal(places, actor)
    return [one.code for one in found.reasons] if isinstance(found, Refused) else []


def test_the_role_is_held_in_each_place_and_of_alternatives_in_one() -> None:
    mine = Stopped(replace(G1, holders={LEAD: (ANN,)}), PRODUCTION)
    places: list[tuple[Alternatives, ...]] = [(), ((mine,),), ((mine,), (THERE,)), ((THERE, mine),)]
    assert [_codes(one) for one in places] == [[], [], ["stopped.role"], []]


def test_who_does_not_hold_it_is_told_who_does_and_where_they_hold_it_themself() -> None:
    eve = Person(EVE, Assurance.SIGNED)
    (refused,) = (refusal(((Stopped(POSTED, PRODUCTION),),), eve),)
    assert refused is not None
    assert refused.reasons[0].sentence == (
        "whoever lets shop in production go on holds one of: lead; 'eve' holds none, only in staging"
    )
    assert refused.reasons[0].next_step == "ask a person who does: cyd"


def test_where_nobody_holds_it_that_is_said() -> None:
    refused = refusal(((Stopped(replace(G1, holders={}), PRODUCTION),),), cyd)
    assert refused is not None
    assert refused.reasons[0].next_step == "ask a person who does: nobody yet"


def test_a_role_in_every_environment_lets_on_in_each() -> None:
    assert [_codes(((BEFORE,), (THERE,)), Person(one, Assurance.SIGNED)) for one in (ANN, CYD, DAN)] == [
        ["stopped.role"],
        [],
        [],
    ]
