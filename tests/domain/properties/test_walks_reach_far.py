# SPDX-License-Identifier: Apache-2.0
"""The walks are worth taking: between them they reach what the properties are about, so that none of these is idle."""

from typing import Final, get_args

from hypothesis import given, settings
from tests.domain.walker import KINDS, Move, walk, walks
from tests.domain.world import Event

from interlock.domain.absence import AbsenceEvent
from interlock.domain.change import ChangeClosed, ChangeKind, PartTaken
from interlock.domain.docket import IncidentDelisted
from interlock.domain.drift import DriftEvent
from interlock.domain.evidence import EvidenceRequested
from interlock.domain.governance import ReviewChased, ReviewWidened
from interlock.domain.incident import IncidentEvent, IncidentOpened
from interlock.domain.outbox import MessageRetried, MessageTried
from interlock.domain.people import KeyAdded, KeyRevoked

ELSEWHERE: Final = {
    ChangeClosed,
    EvidenceRequested,
    IncidentDelisted,
    KeyAdded,
    KeyRevoked,
    MessageRetried,
    MessageTried,
    PartTaken,
    ReviewChased,
    ReviewWidened,
    *(set(get_args(IncidentEvent)) - {IncidentOpened}),
    *get_args(AbsenceEvent),
    *get_args(DriftEvent),
}
"""What no property of the walks is about; each has its own tests."""


def test_everything_a_property_is_about_happens_on_some_walk() -> None:
    happened: set[type] = set(ELSEWHERE)

    @settings(max_examples=600)
    @given(KINDS, walks(40))
    def wander(kind: ChangeKind, moves: list[Move]) -> None:
        happened.update(type(emitted.event) for emitted in walk(kind, moves).world.log)

    wander()
    assert set(get_args(Event)) - happened == set()
