# SPDX-License-Identifier: Apache-2.0
"""What conditions are told beside the release itself: how much of a change its checks found, which reviews are late."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from tests.domain.shop import PLAN as SIGNED_OFF
from tests.domain.shop import SHOP, STAGING, START
from tests.domain.test_approval import TESTED
from tests.domain.test_requesting import situation
from tests.service.shop import ANN, PACK, PRODUCTION, a_stage, act, done

from interlock.domain.change import ChangeKind
from interlock.domain.evidence import EvidenceBook, EvidenceRecorded, evolve
from interlock.domain.governance import ReviewOpened
from interlock.domain.ids import ChangeId, CheckId, RequirementId
from interlock.domain.incident import Severity
from interlock.domain.requirement import Held
from interlock.service.library import PackLibrary
from interlock.testing.acts import Release
from interlock.testing.cases import Declare
from interlock.testing.stage import Stage

MAJOR: Final = "changes['contract'] == 'major'"
CONTRACT: Final = replace(TESTED, check=CheckId("contract"), measured=(("change", "major"), ("documents", "1")))
LATER: Final = replace(CONTRACT, number=2, measured=(("change", "minor"),))


THIRD: Final = b"""\
      - id: third
        when: "!('critical' in incidents)"
        approval: {roles: [reviewer]}
"""


def third(stage: Stage) -> Held:
    """What the condition of the third approval comes to before production."""
    return stage.gatherer().situation(stage.release(), PRODUCTION).conditions[RequirementId("third")]


def held(*pieces: EvidenceRecorded, condition: str = MAJOR) -> Held:
    """What the condition comes to with this evidence."""
    book = EvidenceBook()
    for piece in pieces:
        book = evolve(book, piece)
    asked = replace(SIGNED_OFF, condition=condition)
    return PackLibrary().conditions(replace(situation(asked), evidence=book), START)[asked.id]


@pytest.mark.parametrize(
    ("pieces", "comes_to"),
    [
        ((CONTRACT,), Held.YES),
        ((CONTRACT, LATER), Held.NO),
        ((), Held.BROKEN),
        ((replace(CONTRACT, measured=()),), Held.BROKEN),
        ((replace(CONTRACT, number=2),), Held.BROKEN),
        ((replace(CONTRACT, environment=STAGING),), Held.BROKEN),
        ((replace(CONTRACT, check=CheckId("other")),), Held.BROKEN),
    ],
)
def test_the_newest_comparison_says_how_much_of_a_change_it_is(
    pieces: tuple[EvidenceRecorded, ...], comes_to: Held
) -> None:
    assert held(*pieces) is comes_to


def test_one_comparison_that_found_it_grave_is_enough() -> None:
    either = f"changes['other'] == 'major' || {MAJOR}"
    assert held(CONTRACT, condition=either) is Held.YES
    assert held(LATER, condition=either) is Held.BROKEN


@pytest.mark.parametrize(("incidents", "comes_to"), [((), Held.YES), (("minor",), Held.NO)])
def test_a_condition_may_ask_whether_an_incident_is_open(incidents: tuple[str, ...], comes_to: Held) -> None:
    asked = replace(SIGNED_OFF, condition="size(incidents) == 0")
    found = PackLibrary().conditions(replace(situation(asked), incidents=incidents), START)
    assert found[asked.id] is comes_to


def test_the_incidents_of_the_environment_are_told_to_what_asks_for_them() -> None:
    stage = a_stage(content=PACK.replace(b"      - id: two-agree\n", THIRD + b"      - id: two-agree\n"))
    done(act(stage, Release(release="v2", by=ANN, kind=ChangeKind.EMERGENCY)))
    assert third(stage) is Held.YES
    done(act(stage, Declare(declare="i1", there=PRODUCTION, by=ANN, severity=Severity.MINOR)))
    done(act(stage, Declare(declare="i2", there=STAGING, by=ANN, severity=Severity.CRITICAL)))
    assert third(stage) is Held.YES
    done(act(stage, Declare(declare="i3", there=PRODUCTION, by=ANN, severity=Severity.CRITICAL)))
    assert third(stage) is Held.NO


def test_a_condition_may_ask_which_reviews_are_overdue() -> None:
    asked = replace(SIGNED_OFF, condition="'CR-9' in overdue")
    one = situation(asked)
    owed = ReviewOpened(SHOP, ChangeId("CR-9"), (), START)
    late = replace(one, service=replace(one.service, reviews={owed.change: owed}))
    comes_to = [PackLibrary().conditions(late, now)[asked.id] for now in (START, START + timedelta(seconds=1))]
    assert comes_to == [Held.NO, Held.YES]
