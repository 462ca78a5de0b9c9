# SPDX-License-Identifier: Apache-2.0
"""Folding is total: no event, in whatever state, makes a fold raise."""

from datetime import UTC, datetime, timedelta
from types import UnionType
from typing import Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.world import FOLDS

from interlock.domain import (
    absence,
    approval,
    artifact,
    baseline,
    change,
    docket,
    drift,
    evidence,
    freeze,
    governance,
    incident,
    outbox,
    people,
    promotion,
    release,
    requesting,
    rollback,
    rollout,
    slot,
    waiver,
)

st.register_type_strategy(datetime, st.integers(0, 7 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
st.register_type_strategy(timedelta, st.timedeltas(timedelta(0), timedelta(days=36500)))


def any_of(union: UnionType) -> st.SearchStrategy[object]:
    """Any event of a module, built from its type hints."""
    return st.one_of(*(st.from_type(kind) for kind in get_args(union)))


EVENTS: Final[dict[str, st.SearchStrategy[object]]] = {
    "people": any_of(people.PeopleEvent),
    "change": any_of(change.ChangeEvent),
    "release": any_of(release.ReleaseEvent),
    "service": any_of(governance.GovernanceEvent),
    "evidence": any_of(evidence.EvidenceEvent),
    "approval": any_of(approval.ApprovalEvent),
    "waiver": any_of(waiver.WaiverEvent),
    "freezes": any_of(freeze.FreezeEvent),
    "artifact": any_of(artifact.RecallEvent),
    "slot": any_of(slot.SlotEvent),
    "drift": any_of(drift.DriftEvent),
    "promotion": any_of(promotion.PromotionEvent),
    "rollback": any_of(rollback.RollbackEvent),
    "rollout": any_of(rollout.RolloutEvent),
    "baseline": any_of(baseline.BaselineEvent),
    "incident": any_of(incident.IncidentEvent),
    "docket": any_of(docket.DocketEvent),
    "absences": any_of(absence.AbsenceEvent),
    "outbox": any_of(outbox.OutboxEvent),
    "asked": st.from_type(requesting.PeopleAsked),
}


def test_every_stream_is_folded_here() -> None:
    assert EVENTS.keys() == FOLDS.keys()


@pytest.mark.parametrize("prefix", sorted(EVENTS))
@given(st.data())
def test_any_events_in_any_order_fold(prefix: str, data: st.DataObject) -> None:
    state, evolve = FOLDS[prefix]
    for event in data.draw(st.lists(EVENTS[prefix], max_size=6)):
        state = evolve(state, event)
    assert isinstance(state, type(FOLDS[prefix][0]))
