# SPDX-License-Identifier: Apache-2.0
"""Records written into the repository once something has ended: by the controller, in a simulated world."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Final

import pytest
from tests.service.shop import ANN, BEN, CAST, NO_OTHER_RULES, PACK, PRODUCTION, STAGING, a_stage, act, codes, done

from interlock.domain.action import CommitRecords
from interlock.domain.ids import EffectKey, PersonId, RequirementId
from interlock.domain.journal import (
    TRIES,
    Ended,
    Ending,
    JournalPhase,
    Leaf,
    ReportCommitted,
    ReportProposed,
    ReportSetback,
    RetryRecords,
)
from interlock.domain.slot import LiveStanding
from interlock.ledger.command import REFUSED
from interlock.testing.acts import ApproveFor, Enact, Propose, Release, Sign
from interlock.testing.crash import Fragile, Fuse
from interlock.testing.moves import Promote
from interlock.testing.scenario import Passed, run_scenario
from interlock.testing.stage import SERVICE, Stage
from interlock.workflows.clerk import Clerk
from interlock.workflows.recording import Progress, Recorder

BRANCH: Final = "interlock/records"
KEY: Final = EffectKey("release/app:v2/records")
PAPER: Final = {"docs/releases/v2.md", "docs/decisions/2026-03-02-v2.md"}

GOOD: Final = """\
scenario: A release is completed
given:
  people: {ann: [developer], ben: [reviewer], cat: [release-manager]}
  RECORDS
steps:
  - {release: v2, by: ann}
  - {wait: rest}
  - {promote: staging, by: ann}
  - {wait: rest}
  - expect: {committed: []}
  - {sign: rollback-plan, before: production, by: ann}
  - {approve: production, by: ben}
  - {promote: production, by: ann}
  - {wait: rest}
"""
KEPT: Final = "  - expect: {committed: [docs/releases/v2.md, docs/decisions/2026-03-02-v2.md]}\n"
WITHDRAWN: Final = """\
scenario: A release is given up
given:
  people: {ann: [developer]}
  records: interlock/records
steps:
  - {release: v2, by: ann}
  - {wait: rest}
  - {withdraw: v2, by: ann}
  - {wait: rest}
  - expect: {committed: []}
"""


def a_stage_with_records(branch: str = BRANCH) -> Stage:
    return a_stage(NO_OTHER_RULES, replace(CAST, records=branch))


def complete(stage: Stage, version: str = "v2") -> None:
    """The version goes all the way."""
    done(act(stage, Release(release=version, by=ANN)))
    stage.hands.settle()
    done(act(stage, Promote(promote=STAGING, by=ANN)))
    stage.hands.settle()
    done(act(stage, Sign(sign=RequirementId("rollback-plan"), before=PRODUCTION, by=ANN)))
    done(act(stage, ApproveFor(approve=PRODUCTION, by=BEN)))
    done(act(stage, Promote(promote=PRODUCTION, by=ANN)))
    stage.hands.settle()


def leaf(stage: Stage) -> Leaf:
    return stage.gatherer().view.journal(SERVICE).leaf(KEY)


def titles(stage: Stage) -> list[str]:
    return [sent.message.title for sent in stage.world.notifications.outbox]


def test_a_completed_release_leaves_its_notes_and_what_was_decided() -> None:
    story = GOOD.replace("RECORDS", "records: interlock/records") + KEPT
    assert isinstance(run_scenario("story.yaml", story.encode(), PACK), Passed)


def test_where_no_branch_is_bound_nothing_is_committed() -> None:
    story = GOOD.replace("RECORDS", "") + "  - expect: {committed: []}\n"
    assert isinstance(run_scenario("story.yaml", story.encode(), PACK), Passed)


def test_a_scenario_sees_what_was_not_committed() -> None:
    story = GOOD.replace("RECORDS", "") + KEPT
    assert not isinstance(run_scenario("story.yaml", story.encode(), PACK), Passed)


def test_a_release_that_was_given_up_leaves_nothing() -> None:
    assert isinstance(run_scenario("story.yaml", WITHDRAWN.encode(), PACK), Passed)


def test_each_release_has_a_branch_of_its_own_where_it_is_bound_so() -> None:
    stage = a_stage_with_records("interlock/records/{name}")
    complete(stage)
    assert set(stage.world.journal.branches) == {"interlock/records/v2"}


def test_people_are_told_the_branch() -> None:
    stage = a_stage_with_records()
    complete(stage)
    assert "the record of release app:v2 is on branch interlock/records" in titles(stage)


def test_the_branch_somebody_works_on_is_left_alone_and_people_are_told_the_other() -> None:
    stage = a_stage_with_records("main")
    stage.world.journal.checked_out.add("main")
    complete(stage)
    assert "the record of release app:v2 is on branch interlock/records-v2" in titles(stage)


def test_no_deployment_waits_for_records_that_cannot_be_written() -> None:
    stage = a_stage_with_records()
    stage.world.journal.read_only.append("the disk is read-only")
    complete(stage)
    slot = stage.gatherer().view.slot(SERVICE, PRODUCTION)
    assert (slot.live.release, slot.standing) == (stage.release("v2"), LiveStanding.VERIFIED)


def test_what_cannot_be_written_is_tried_a_few_times_and_then_given_up_in_sight() -> None:
    stage = a_stage_with_records()
    stage.world.journal.read_only.append("the disk is read-only")
    complete(stage)
    found = leaf(stage)
    assert (found.phase, found.tries, found.detail) == (
        JournalPhase.GIVEN_UP,
        TRIES,
        "journal.read_only: the disk is read-only",
    )
    assert "the record of release app:v2 could not be written into the repository" in titles(stage)


def test_what_was_given_up_is_written_once_a_person_has_it_tried_anew() -> None:
    stage = a_stage_with_records()
    stage.world.journal.read_only.append("the disk is read-only")
    complete(stage)
    stage.world.journal.read_only.clear()
    done(stage.world.say("ann", RetryRecords(SERVICE, KEY)))
    stage.world.settle()
    assert set(stage.world.journal.files(BRANCH)) == PAPER


def test_what_was_written_is_not_tried_anew() -> None:
    stage = a_stage_with_records()
    complete(stage)
    assert codes(stage.world.say("ann", RetryRecords(SERVICE, KEY))) == {"journal.not_held_up"}


def test_a_program_that_is_bound_asks_for_the_branch() -> None:
    stage = a_stage(NO_OTHER_RULES, replace(CAST, records=BRANCH, pull_request=("ask",)))
    complete(stage)
    assert leaf(stage).phase is JournalPhase.DONE
    assert list(stage.world.journal.proposals) == [f"{KEY}/propose/1"]


def test_a_program_that_fails_is_run_again_under_a_key_of_its_own_each_time() -> None:
    stage = a_stage(NO_OTHER_RULES, replace(CAST, records=BRANCH, pull_request=("ask",)))
    stage.world.journal.refuses.add(BRANCH)
    complete(stage)
    assert list(stage.world.journal.proposals) == [f"{KEY}/propose/{one}" for one in range(1, TRIES + 1)]
    assert len(stage.world.journal.on(BRANCH)) == 1


def test_nobodys_words_leave_their_commitment() -> None:
    stage = a_stage_with_records()
    complete(stage)
    texts = "".join(content.decode() for content in stage.world.journal.files(BRANCH).values())
    assert "text:unsaid" in texts.replace("(in the ledger, text:unsaid)", "text:unsaid")
    assert "approved it for production" in texts


def points() -> int:
    """How many points around writing records are passed when nothing goes wrong."""
    stage = a_crashing_stage(())
    complete(stage)
    assert isinstance(stage.hands, Fragile)
    return stage.hands.controllers.passed


def a_crashing_stage(at: tuple[int, ...]) -> Stage:
    stage = a_stage(NO_OTHER_RULES, replace(CAST, records=BRANCH, pull_request=("ask",)))
    stage.hands = Fragile(stage.world, Fuse(at, only=("before journal", "after journal")))
    return stage


@pytest.mark.parametrize("at", range(1, 5))
def test_a_crash_anywhere_writes_it_once(at: int) -> None:
    stage = a_crashing_stage((at,))
    complete(stage)
    assert (len(stage.world.journal.on(BRANCH)), leaf(stage).phase) == (1, JournalPhase.DONE)


def test_there_are_just_those_points() -> None:
    assert points() == 4


def test_time_passes_between_tries() -> None:
    stage = a_stage_with_records()
    stage.world.journal.read_only.append("the disk is read-only")
    complete(stage)
    held = [record for record in stage.world.store.records() if record.event == "RecordsHeldUp"]
    pauses = [later.time - earlier.time for earlier, later in pairwise(held)]
    assert pauses == sorted(pauses)
    assert pauses[0] >= timedelta(seconds=30)


def test_a_person_does_not_say_what_was_written() -> None:
    stage = a_stage_with_records()
    assert codes(stage.world.say(PersonId("ann"), ReportProposed(SERVICE, KEY, "x"))) == {"journal.robot_only"}


@pytest.mark.parametrize(
    ("branch", "of", "why"),
    [
        (BRANCH, "app:v9", "its rules cannot be read: there is no release 'app:v9'"),
        ("", "app:v2", "journal.unbound: no records are bound under the rules in force"),
    ],
)
def test_what_cannot_even_be_composed_is_held_up_and_told(branch: str, of: str, why: str) -> None:
    stage = a_stage_with_records(branch)
    key = Ended(Ending.RELEASE, of).key
    clerk = Clerk(Recorder(stage.world.desk(), stage.world.clock), stage.world.workshop())
    assert clerk.perform(SERVICE, CommitRecords(key, "release", of)) is Progress.MOVED
    assert stage.gatherer().view.journal(SERVICE).leaf(key).detail == why


def test_what_ended_before_records_were_bound_is_written_up() -> None:
    stage = a_stage()
    complete(stage)
    stage.cast = replace(CAST, records=BRANCH)
    stage.declare("kept", CAST.roles)
    done(act(stage, Propose(propose="kept", by=ANN)))
    done(act(stage, Enact(enact="kept", by=BEN)))
    stage.world.settle()
    assert set(stage.world.journal.files(BRANCH)) == PAPER


def test_what_the_ledger_does_not_take_is_not_asked_at_once_again_and_recorded_once() -> None:
    stage = a_stage_with_records()
    complete(stage)
    clerk = Clerk(Recorder(stage.world.desk(), stage.world.clock), stage.world.workshop())
    asked = CommitRecords(KEY, "release", stage.release("v2"))
    came = [clerk.perform(SERVICE, asked) for _ in range(3)]
    refused = [one for one in stage.world.store.records() if one.event == REFUSED]
    assert came == [Progress.PENDING] * 3
    assert len(refused) == len({ReportCommitted, ReportSetback})


def test_a_version_with_a_build_has_a_branch_like_any_other() -> None:
    stage = a_stage_with_records("records/{name}")
    complete(stage, "v2+build.5")
    assert set(stage.world.journal.branches) == {"records/v2+build.5"}


def test_a_version_that_no_branch_can_be_named_after_has_a_plain_one() -> None:
    stage = a_stage_with_records("records/{name}")
    complete(stage, "v2..5")
    assert set(stage.world.journal.branches) == {"records/v2-5"}
