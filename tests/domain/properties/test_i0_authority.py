# SPDX-License-Identifier: Apache-2.0
"""I0 beside authority: whoever holds which role, nothing stands before calling back what is only on its way."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.shop import GOVERNANCES, PEOPLE, PRODUCTION, R1, R2, SHOP, STAGING, WORDS, ann
from tests.domain.story import codes
from tests.domain.tale import Tale, adopted
from tests.domain.ward import HANDLING, I1, MANAGER, ON_CALL, OWNER, SECURITY

from interlock.domain.absence import DeclareAway
from interlock.domain.actor import CONTROLLER, Person
from interlock.domain.ids import IncidentId, PersonId, RoleName
from interlock.domain.incident import OpenIncident, Severity
from interlock.domain.procedure import Governance

ROLES: Final = (MANAGER, SECURITY, ON_CALL, OWNER)
HOLDINGS: Final = st.fixed_dictionaries(
    {role: st.lists(st.sampled_from([one.id for one in PEOPLE]), max_size=2, unique=True) for role in ROLES}
)

OPEN: Final = st.sampled_from(((), (I1,)))
"""Which incidents are open about it."""


def _rules(governance: Governance, holders: dict[RoleName, list[PersonId]]) -> Governance:
    procedure = replace(governance.procedure, handling=HANDLING)
    return replace(governance, procedure=procedure, holders={**governance.holders, **_held(holders)})


def _held(holders: dict[RoleName, list[PersonId]]) -> dict[RoleName, tuple[PersonId, ...]]:
    return {role: tuple(people) for role, people in holders.items()}


@cache
def _under_way(steps: int) -> Tale:
    """1.1 is in production, 1.2 so many steps on its way there."""
    tale = adopted()
    tale.released(R1)
    tale.promote(R2, STAGING)
    tale.prepare(R2, PRODUCTION)
    tale.request(R2, PRODUCTION, "p")
    for _ in range(steps):
        tale.drive(PRODUCTION)
    return tale


def _with(before: Tale, holders: dict[RoleName, list[PersonId]]) -> Tale:
    """The same, with these people in roles."""
    tale = Tale(before.world.copy(), before.now)
    tale.world.governances = {key: _rules(one, holders) for key, one in GOVERNANCES.items()}
    return tale


@given(HOLDINGS, st.integers(1, 3), st.sampled_from(PEOPLE), OPEN)
def test_i0_anybody_calls_back_what_is_on_its_way(
    holders: dict[RoleName, list[PersonId]], steps: int, actor: Person, incidents: tuple[IncidentId, ...]
) -> None:
    tale = _with(_under_way(steps), holders)
    for one in incidents:
        tale.well(OpenIncident(one, SHOP, PRODUCTION, R2, Severity.MAJOR, WORDS), ann)
    tale.well(tale.order(PRODUCTION, "b"), actor)
    assert tale.world.slot(PRODUCTION).live.release == R1


@cache
def _failed() -> Tale:
    """1.2 has failed its proof in production."""
    tale = adopted()
    tale.released(R1)
    tale.promote(R2, STAGING)
    tale.failed(R2, PRODUCTION)
    return tale


@given(HOLDINGS, st.sampled_from(PEOPLE), OPEN)
def test_i0_what_a_machine_saw_goes_back_whoever_would_decide(
    holders: dict[RoleName, list[PersonId]], actor: Person, incidents: tuple[IncidentId, ...]
) -> None:
    tale = _with(_failed(), holders)
    tale.well(DeclareAway(actor.id, tale.now + timedelta(days=1)), actor)
    for one in incidents:
        tale.well(OpenIncident(one, SHOP, PRODUCTION, R2, Severity.MAJOR, WORDS), ann)
    assert codes(tale.tell(tale.order(PRODUCTION, "b"), CONTROLLER)) == ()
    assert tale.world.slot(PRODUCTION).live.release == R1
