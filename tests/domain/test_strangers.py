# SPDX-License-Identifier: Apache-2.0
"""What came past everybody, in its incident: what is decided really happens, before it is adopted and after."""

from dataclasses import replace
from typing import Final

from tests.domain.shop import D2, PRODUCTION, R0, R1, R2, SHOP, STAGING, START, WORDS, ann, bob, cyd
from tests.domain.story import codes
from tests.domain.tale import Tale
from tests.domain.test_ordering import case, completed
from tests.domain.ward import HANDLING, HOLDERS, LIVE, NEW, Ward

from interlock.domain.action import GoBack, NoteRestored
from interlock.domain.actor import CONTROLLER
from interlock.domain.answering import Answer, GiveAnswer, RollbackJoined
from interlock.domain.attending import Room
from interlock.domain.authority import Crew
from interlock.domain.docket import listed
from interlock.domain.drift import Drift, DriftPhase
from interlock.domain.ids import IncidentId, ReleaseId
from interlock.domain.incident import IncidentOpened, OpenIncident, Severity, evolve
from interlock.domain.rollback import Rollback, RollbackCause, RollbackPhase
from interlock.domain.slot import NOTHING, OccupantKind
from interlock.domain.suspect import StrangerAdopted, Suspect

STRANGE: Final = IncidentId("shop/production/drift-1")
FOUND: Final = IncidentOpened(
    STRANGE, SHOP, PRODUCTION, R1, Severity.MAJOR, "6.6.6 runs", "robot:controller", START, suspect=Suspect.STRANGER
)
OPEN_DRIFT: Final = Drift(DriftPhase.OPEN, R1, found=D2, incident=STRANGE)


def found() -> Tale:
    """1.1 is recorded as live in production, and something else was found to run there."""
    tale = completed()
    for emitted in listed(FOUND):
        tale.world.fold(emitted)
    return tale


def on_ward(drift: Drift = OPEN_DRIFT) -> Ward:
    """The same, with nothing but its incident looked at."""
    ward = Ward(Room(HANDLING, Crew(HOLDERS), LIVE, drift=drift))
    ward.state = replace(evolve(ward.state, FOUND), id=STRANGE)
    return ward


def decided(ward: Ward) -> Ward:
    """Somebody who may has decided that it goes back."""
    ward.well(GiveAnswer(STRANGE, Answer.ROLLBACK, WORDS))
    return ward


def test_what_is_decided_against_a_stranger_restores_what_was_released() -> None:
    tale = found()
    tale.well(GiveAnswer(STRANGE, Answer.ROLLBACK, WORDS), cyd)
    tale.well(tale.order(PRODUCTION, "b1"), CONTROLLER)
    going = tale.world.slot(PRODUCTION)
    assert (going.kind, going.live.release) == (OccupantKind.ROLLBACK, R1)
    assert [placed.release for placed in going.good] == [R0, R1]
    assert case(tale, STRANGE).rollback == "b1"
    assert tale.world.returning(PRODUCTION).cause is RollbackCause.ORDERED


def test_nothing_is_restored_before_it_is_decided() -> None:
    tale = found()
    assert codes(tale.tell(tale.order(PRODUCTION, "b1"), CONTROLLER)) == ("rollback.no_cause",)


def test_restoring_by_hand_answers_the_incident() -> None:
    tale = found()
    tale.well(tale.order(PRODUCTION, "b1", R1), bob)
    one = case(tale, STRANGE)
    assert (one.settled.answer, one.settled.by, one.rollback) == (Answer.ROLLBACK, "person:bob", "b1")


def test_leaving_the_release_too_answers_the_incident() -> None:
    tale = found()
    tale.well(tale.order(PRODUCTION, "b1"), cyd)
    assert (tale.world.slot(PRODUCTION).live.release, case(tale, STRANGE).rollback) == (R0, "b1")


def test_who_wants_the_release_itself_back_comes_first() -> None:
    tale = found()
    tale.well(GiveAnswer(STRANGE, Answer.ROLLBACK, WORDS), cyd)
    about = OpenIncident(IncidentId("i2"), SHOP, PRODUCTION, R1, Severity.MAJOR, WORDS)
    tale.well(about, ann)
    tale.well(GiveAnswer(IncidentId("i2"), Answer.ROLLBACK, WORDS), cyd)
    tale.well(tale.order(PRODUCTION, "b1"), CONTROLLER)
    assert tale.world.slot(PRODUCTION).live.release == R0


def test_while_a_promotion_is_under_way_nothing_is_restored() -> None:
    tale = found()
    tale.promote(R2, STAGING)
    tale.prepare(R2, PRODUCTION)
    tale.request(R2, PRODUCTION, "p")
    tale.drive(PRODUCTION)
    tale.well(GiveAnswer(STRANGE, Answer.ROLLBACK, WORDS), cyd)
    assert codes(tale.tell(tale.order(PRODUCTION, "b1"), CONTROLLER)) == ("rollback.no_cause",)


def test_what_failed_to_restore_it_is_answered_once() -> None:
    tale = found()
    tale.well(tale.order(PRODUCTION, "b1", R1), bob)
    assert (
        len([one for one in tale.well(tale.order(PRODUCTION, "b2", R0), cyd) if isinstance(one, RollbackJoined)]) == 1
    )


def test_the_controller_sees_to_it_once_that_is_decided() -> None:
    assert GoBack(STRANGE) not in on_ward().wants()
    assert decided(on_ward()).wants()[0] == GoBack(STRANGE)


def test_what_is_under_way_comes_to_its_end_first() -> None:
    ward = decided(on_ward())
    ward.room = replace(ward.room, slot=replace(LIVE, kind=OccupantKind.PROMOTION))
    assert GoBack(STRANGE) not in ward.wants()


def test_it_is_restored_when_the_rollback_has_come_to_its_end() -> None:
    ward = decided(on_ward())
    assert NoteRestored(STRANGE) not in ward.wants()
    ward.room = replace(ward.room, rollback=Rollback(RollbackPhase.COMPLETED, target=R1))
    assert NoteRestored(STRANGE) in ward.wants()


def test_it_is_restored_when_the_stranger_is_gone() -> None:
    assert NoteRestored(STRANGE) in on_ward(Drift()).wants()


def test_nothing_recorded_there_is_never_restored() -> None:
    ward = on_ward(Drift())
    ward.state = replace(ward.state, release=ReleaseId(""))
    ward.room = replace(ward.room, slot=replace(LIVE, live=NOTHING))
    assert NoteRestored(STRANGE) not in ward.wants()


def test_what_was_decided_too_late_brings_nothing_back() -> None:
    ward = on_ward(Drift())
    ward.see_to()
    assert GoBack(STRANGE) not in decided(ward).wants()


def test_once_adopted_it_is_itself_what_goes_back() -> None:
    ward = on_ward()
    ward.state = evolve(ward.state, StrangerAdopted(STRANGE, R2, ann.id, START))
    live = replace(NEW, release=R2, digest=D2)
    ward.room = replace(ward.room, slot=replace(LIVE, live=live, good=(NEW, live)), drift=Drift())
    assert NoteRestored(STRANGE) not in ward.wants()
    assert decided(ward).wants()[0] == GoBack(STRANGE)
