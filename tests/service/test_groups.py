# SPDX-License-Identifier: Apache-2.0
"""Roles held by a group of the identity provider: in decisions, and when an outsider makes them again."""

from collections.abc import Iterable

import pytest
from tests.service.exported import BINDINGS, History, recomputed, resealed, with_payload

from interlock.domain.groups import LASTS, GroupsRecorded, RecordGroups
from interlock.domain.ids import CommandId, PersonId
from interlock.domain.verdict import Finding, Verdict
from interlock.ledger.record import Record
from interlock.service.handle import Declined, Outcome
from interlock.service.recompute import Again

GROUPED = BINDINGS.replace(b"reviewer: [ben]", b"reviewer: [group:reviewers]")


def _codes(outcome: Outcome) -> list[str]:
    return [reason.code for reason in outcome.reasons] if isinstance(outcome, Declined) else []


def _signs_in(history: History, person: str, *groups: str) -> Outcome:
    now = history.world.clock.now()
    command = RecordGroups(PersonId(person), "https://id.example.com", groups)
    return history.world.desk().perform(command, CommandId(f"groups/{person}/{now.isoformat()}"), now)


@pytest.fixture
def history() -> History:
    return History(bindings=GROUPED).opened().governed().released()


def test_who_signed_in_with_the_group_approves_and_who_did_not_does_not(history: History) -> None:
    before = _codes(history.approves("ben"))
    _signs_in(history, "ben", "reviewers")
    assert (before, _codes(history.approves("ben"))) == (["approval.role"], [])


def test_what_was_approved_is_promoted_when_the_group_has_lapsed(history: History) -> None:
    _signs_in(history, "ben", "reviewers")
    history.approved()
    history.world.moments.advance(LASTS)
    late = _codes(history.approves("ben"))
    history.promoted()
    placed = [record for record in history.records() if record.event == "PromotionVerified"]
    assert (late, len(placed)) == (["approval.role"], 2)


def test_every_decision_over_a_group_is_made_again_from_the_ledger_alone(history: History) -> None:
    _signs_in(history, "ben", "reviewers")
    files = history.approved().promoted().exported()
    assert recomputed(files).verdict is Verdict.PASS


def _without_the_group(record: Record) -> Iterable[Record]:
    """An operator who takes back afterwards that the provider ever said so."""
    yield with_payload(record, groups=["others"]) if record.event == GroupsRecorded.__name__ else record


def _decisions(history: History) -> Finding:
    again = recomputed(resealed(history.exported(), _without_the_group))
    return next(one for one in again.findings if one.code == Again.DECISIONS)


def test_who_was_in_a_group_cannot_be_changed_afterwards(history: History) -> None:
    _signs_in(history, "ben", "reviewers")
    assert _decisions(history.approved()).verdict is Verdict.FAIL


def test_rules_that_name_no_group_read_nothing_of_groups() -> None:
    history = History().opened().governed().released().approved()
    read = [record.payload.get("reads", {}) for record in history.records()]
    assert not any("groups" in reads for reads in read if isinstance(reads, dict))
