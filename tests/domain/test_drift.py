# SPDX-License-Identifier: Apache-2.0
"""What runs compared with what was released: what is drift, what is not, and what ends it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import pytest
from tests.domain.shop import D0, D1, D2, DAN, PRODUCTION, R0, R1, R2, SHOP, START, dan

from interlock.domain.actor import CONTROLLER
from interlock.domain.decision import Accepted, Refused
from interlock.domain.docket import IncidentListed
from interlock.domain.drift import (
    Drift,
    DriftEnded,
    DriftEvent,
    DriftFound,
    Post,
    ReportRunning,
    Seen,
    Sight,
    SightOfRunningLost,
    SightOfRunningRegained,
    decide,
    evolve,
)
from interlock.domain.ids import Digest, IncidentId, ReleaseId
from interlock.domain.incident import IncidentOpened, Severity
from interlock.domain.outbox import MessageDue
from interlock.domain.slot import (
    LiveChanged,
    LiveVerified,
    OccupantKind,
    RunningAdopted,
    SlotEvent,
    SlotOccupied,
    SlotQueued,
    SlotState,
)
from interlock.domain.slot import evolve as evolve_slot

INCIDENT: Final = IncidentId(f"{SHOP}/{PRODUCTION}/drift-1")
FOUND: Final = DriftFound(SHOP, PRODUCTION, R1, D1, D2, "6.6.6", INCIDENT, START)
LOST: Final = SightOfRunningLost(SHOP, PRODUCTION, "no answer", START)
PROVEN: Final = (LiveChanged(R1, D1), LiveVerified(R1, D1))
NOTHING: Final = Digest("")


def _slot(*events: SlotEvent) -> SlotState:
    state = SlotState()
    for event in events or PROVEN:
        state = evolve_slot(state, event)
    return state


def _known(*events: DriftEvent) -> Drift:
    state = Drift()
    for event in events:
        state = evolve(state, event)
    return state


def _saw(
    sight: Sight, digest: Digest = NOTHING, shown: str = "", why: str = "", release: ReleaseId = R1
) -> ReportRunning:
    return ReportRunning(SHOP, PRODUCTION, release, sight, digest, shown, why)


def _events(command: ReportRunning, *known: DriftEvent, slot: SlotState | None = None) -> list[object]:
    decision = decide(_known(*known), command, Post(slot or _slot()), CONTROLLER, START)
    assert isinstance(decision, Accepted), decision
    return [emitted.event for emitted in decision.events]


def _code(command: ReportRunning, *known: DriftEvent, slot: SlotState | None = None) -> str:
    decision = decide(_known(*known), command, Post(slot or _slot()), CONTROLLER, START)
    assert isinstance(decision, Refused), decision
    return decision.reasons[0].code


OTHER: Final = _saw(Sight.RUNNING, D2, "6.6.6")


def test_other_content_is_an_unauthorised_change_with_its_incident_and_message() -> None:
    found, opened, listed, message = _events(OTHER)
    assert found == FOUND
    assert isinstance(opened, IncidentOpened)
    assert (opened.incident, opened.release, opened.severity, opened.by) == (
        INCIDENT,
        R1,
        Severity.MAJOR,
        "robot:controller",
    )
    assert isinstance(listed, IncidentListed)
    assert isinstance(message, MessageDue)
    assert "6.6.6" in message.body


def test_the_pack_says_how_bad_it_is() -> None:
    decision = decide(Drift(), OTHER, Post(_slot(), Severity.CRITICAL), CONTROLLER, START)
    assert isinstance(decision, Accepted)
    assert [one.event.severity for one in decision.events if isinstance(one.event, IncidentOpened)] == ["critical"]


def test_content_that_names_no_version_is_named_by_its_digest() -> None:
    _, opened, *_ = _events(_saw(Sight.RUNNING, D2, "unknown"))
    assert isinstance(opened, IncidentOpened)
    assert D2[:19] in opened.summary


def test_nothing_where_a_release_was_proven_is_drift() -> None:
    found, *_ = _events(_saw(Sight.NOTHING))
    assert isinstance(found, DriftFound)
    assert (found.found, found.expected, _known(found).words) == ("", D1, "nothing")


def test_nothing_where_it_was_only_adopted_is_not_known() -> None:
    adopted = _slot(RunningAdopted(SHOP, PRODUCTION, R0, D0, "unseen", DAN))
    (event,) = _events(_saw(Sight.NOTHING, release=R0), slot=adopted)
    assert isinstance(event, SightOfRunningLost)


def test_something_where_nothing_is_recorded_is_drift_and_nothing_is_not() -> None:
    found, *_ = _events(_saw(Sight.RUNNING, D2, release=ReleaseId("")), slot=SlotState())
    assert isinstance(found, DriftFound)
    assert (found.release, found.expected) == ("", "")
    assert _code(_saw(Sight.NOTHING, release=ReleaseId("")), slot=SlotState()) == "drift.no_news"


def test_what_was_released_is_no_news() -> None:
    assert _code(_saw(Sight.RUNNING, D1)) == "drift.no_news"


def test_the_same_difference_is_no_news() -> None:
    assert _code(OTHER, FOUND) == "drift.no_news"


def test_another_difference_joins_the_incident_that_is_open() -> None:
    found, *others = _events(_saw(Sight.RUNNING, D0, "0.9"), FOUND)
    assert isinstance(found, DriftFound)
    assert (found.found, found.incident) == (D0, INCIDENT)
    assert not [one for one in others if isinstance(one, IncidentOpened)]


def test_it_ends_when_what_runs_is_again_what_is_live() -> None:
    assert _events(_saw(Sight.RUNNING, D1), FOUND) == [DriftEnded(SHOP, PRODUCTION, R1, START)]


def test_it_ends_when_what_runs_was_adopted() -> None:
    slot = _slot(*PROVEN, RunningAdopted(SHOP, PRODUCTION, R2, D2, "seen", DAN))
    assert _events(_saw(Sight.RUNNING, D2, release=R2), FOUND, slot=slot) == [DriftEnded(SHOP, PRODUCTION, R2, START)]


def test_a_second_drift_has_an_incident_of_its_own() -> None:
    found, *_ = _events(OTHER, FOUND, DriftEnded(SHOP, PRODUCTION, R1, START))
    assert isinstance(found, DriftFound)
    assert found.incident == f"{SHOP}/{PRODUCTION}/drift-2"


def test_what_cannot_be_told_is_recorded_as_that_once() -> None:
    hidden = _saw(Sight.HIDDEN, why="no answer")
    assert _events(hidden) == [LOST]
    assert _code(hidden, LOST) == "drift.no_news"


def test_what_cannot_be_told_ends_no_drift() -> None:
    assert _events(_saw(Sight.HIDDEN, why="no answer"), FOUND) == [LOST]
    assert _known(FOUND, LOST).is_open


def test_sight_that_comes_back_says_what_is_seen() -> None:
    back = SightOfRunningRegained(SHOP, PRODUCTION, START)
    assert _events(_saw(Sight.RUNNING, D1), LOST) == [back]
    assert _events(_saw(Sight.RUNNING, D1), FOUND, LOST) == [back, DriftEnded(SHOP, PRODUCTION, R1, START)]
    assert _events(OTHER, FOUND, LOST) == [back]
    assert _events(OTHER, LOST)[:2] == [back, FOUND]
    assert not _known(LOST, back).is_hidden


MOVING: Final[Mapping[str, tuple[SlotEvent, ...]]] = {
    "a promotion": (*PROVEN, SlotOccupied(OccupantKind.PROMOTION, "p", R2)),
    "a rollback": (*PROVEN, SlotOccupied(OccupantKind.ROLLBACK, "r", R0)),
    "one that waits": (*PROVEN, SlotQueued("p", R2, "")),
    "another that is live by now": (*PROVEN, LiveChanged(R2, D2)),
}


@pytest.mark.parametrize("name", MOVING)
def test_what_was_seen_while_something_moved_does_not_count(name: str) -> None:
    assert _code(OTHER, slot=_slot(*MOVING[name])) == "drift.moved"


def test_a_person_does_not_speak_for_the_controller() -> None:
    decision = decide(Drift(), OTHER, Post(_slot()), dan, START + timedelta(1))
    assert isinstance(decision, Refused)
    assert decision.reasons[0].code == "drift.robot_only"


def test_what_cannot_be_told_is_called_so() -> None:
    assert Seen(Sight.HIDDEN).words == "what cannot be told"
