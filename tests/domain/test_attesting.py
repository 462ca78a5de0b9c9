# SPDX-License-Identifier: Apache-2.0
"""What is attested in an incident may be for somebody else than whoever opened it."""

from dataclasses import replace
from typing import Final

from tests.domain.shop import BOB, DAN, PRODUCTION, R1, SHOP, WORDS, ann, bob, dan
from tests.domain.story import codes
from tests.domain.ward import ABOUT_SECURITY, HOLDERS, I1, LOOKED, SECURITY, Ward

from interlock.domain.actor import Person
from interlock.domain.authority import Crew
from interlock.domain.duty import AttestDuty
from interlock.domain.handling import Apart, AttestationAsked, Duty
from interlock.domain.incident import OpenIncident, Severity
from interlock.domain.owing import closing

SIGNED: Final = AttestDuty(I1, LOOKED)


def reported_by(person: Person) -> Ward:
    """An incident about security that this person opened; bob and dan answer for security."""
    ward = Ward()
    looked = Duty(LOOKED, AttestationAsked((SECURITY,), "security has looked", Apart.OPENER))
    handling = replace(ward.room.handling, duties=(looked,))
    ward.room = replace(ward.room, handling=handling, crew=Crew({**HOLDERS, SECURITY: (BOB, DAN)}))
    ward.well(OpenIncident(I1, SHOP, PRODUCTION, R1, Severity.MAJOR, WORDS, (ABOUT_SECURITY,)), person)
    return ward


def test_whoever_opened_it_does_not_attest_it() -> None:
    assert codes(reported_by(bob).tell(SIGNED, bob)) == ("incident.not_apart",)


def test_another_who_holds_the_role_attests_it() -> None:
    assert reported_by(bob).well(SIGNED, dan)


def test_what_somebody_else_opened_is_theirs_to_attest() -> None:
    assert reported_by(ann).well(SIGNED, bob)


def test_who_declared_to_work_alone_attests_what_they_opened() -> None:
    ward = reported_by(bob)
    ward.room = replace(ward.room, crew=replace(ward.room.crew, solo=(BOB,)))
    assert ward.well(SIGNED, bob)


def test_that_it_is_for_another_is_said_where_it_is_owed() -> None:
    ward = reported_by(bob)
    steps = [leaf.next_step for leaf in closing(ward.room.handling, ward.state).blockers()]
    assert any(step.startswith("security, and did not open it:") for step in steps)
