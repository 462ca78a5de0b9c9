# SPDX-License-Identifier: Apache-2.0
"""What the driver tells of incidents while it works."""

import pytest
from tests.domain.shop import ANN, PRODUCTION, R0, R1, SHOP, START, WORDS

from interlock.cli.narrate_incidents import about_incidents
from interlock.domain.answering import Answer, AnswerGiven, Capacity, DisagreementArose, IncidentDecided
from interlock.domain.duty import StepConcluded, StepOutcome
from interlock.domain.freeze import FreezeLifted
from interlock.domain.ids import ClockId, Digest, DutyId, FreezeId, IncidentId
from interlock.domain.incident import (
    ClockMissed,
    EnvironmentRestored,
    IncidentClosed,
    IncidentOpened,
    Severity,
)
from interlock.ledger.codec import Event

I1, FLAGS = IncidentId("i1"), DutyId("flags")


@pytest.mark.parametrize(
    ("event", "mark", "words"),
    [
        (ClockMissed(I1, ClockId("assess"), START, START), "✗ ", "i1: the clock 'assess' ran out, which was due by"),
        (IncidentDecided(I1, Answer.HOTFIX, Capacity.PRIMARY, "person:ann", START), "● ", "i1: decided by ann"),
        (AnswerGiven(I1, Answer.STAY, Capacity.HEARD, WORDS, ANN, START), "· ", "i1: ann said: stay (heard)"),
        (DisagreementArose(I1, START), "● ", "i1: those who may decide disagree"),
        (EnvironmentRestored(I1, R0, START), "✓ ", "i1: shop@1.0 runs there, proven"),
        (IncidentClosed(I1, WORDS, ANN, START), "✓ ", "i1: ann closed the incident"),
        (StepConcluded(I1, FLAGS, StepOutcome.FAILED, "", Digest(""), "robot:controller", START), "✗ ", "i1: step"),
        (StepConcluded(I1, FLAGS, StepOutcome.DONE, "", Digest(""), "robot:controller", START), "✓ ", "i1: step"),
    ],
)
def test_what_happens_in_an_incident_is_told(event: Event, mark: str, words: str) -> None:
    ((span, told),) = about_incidents(event)
    assert span.words == mark
    assert told.startswith(words)


def test_how_it_began_is_told_elsewhere_and_other_things_are_not_told_here() -> None:
    opened = IncidentOpened(I1, SHOP, PRODUCTION, R1, Severity.MAJOR, "x", "person:ann", START)
    assert about_incidents(opened) == ()
    assert about_incidents(FreezeLifted(FreezeId("f"), WORDS, "person:ann")) == ()
