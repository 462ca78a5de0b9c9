# SPDX-License-Identifier: Apache-2.0
"""What is written once something has ended: people's documents as they wrote them, and what the ledger says."""

from dataclasses import replace
from typing import Final

import pytest
from tests.packs.ward import PACK as WARD
from tests.service.shop import PACK
from tests.service.told import played

from interlock.domain.ids import Digest, ReleaseId
from interlock.domain.journal import Ended, Ending
from interlock.packs.keeping import RecordsSpec
from interlock.ports.failure import Rejected
from interlock.ports.journal import Author, Entry
from interlock.ports.source import Commit
from interlock.ports.store import LedgerStore, Missing
from interlock.service.endings import ended_in
from interlock.service.facts import Gathered
from interlock.service.filing import Office
from interlock.service.gather import Gatherer
from interlock.testing.stage import SERVICE
from interlock.testing.world import World

TEAM: Final = b"""\
pack: team
version: 1.0.0
status: active
roles: [dev, lead]
governors: [lead]
environments: [{name: production, tier: production}]
paths:
  plain: {for: [normal], stages: [written, production]}
stages:
  - name: written
    requires:
      - {id: notes, record: {roles: [dev], sections: [Summary]}}
      - {id: runbook, record: {roles: [dev], sections: [Deltas]}}
  - {name: production, environment: production, verify: {checks: [smoke]}}
waivers: {authority: [lead], longest: 7d}
"""
WRITTEN: Final = """\
scenario: A release with its documents is completed
given:
  people: {ann: [dev], cat: [lead]}
steps:
  - {release: v2, by: ann}
  - {write: notes, before: production, sections: {Summary: Faster.}, by: ann}
  - {write: runbook, before: production, sections: {Deltas: Restart twice.}, by: ann}
  - {promote: production, by: ann}
  - {wait: rest}
"""
FAILED: Final = """\
scenario: A release fails in production, and its incident is closed
given:
  people: {ann: [developer], ben: [reviewer], cat: [release-manager]}
steps:
  - {release: v2, by: ann}
  - {wait: rest}
  - {promote: staging, by: ann}
  - {wait: rest}
  - {sign: rollback-plan, before: production, by: ann}
  - {approve: production, by: ben}
  - {check: smoke, in: production, of: v2, says: fail}
  - {promote: production, by: ann}
  - {wait: rest}
"""
V2: Final = Ended(Ending.RELEASE, "app:v2")
DAY: Final = "2026-03-02"
USUAL: Final = RecordsSpec()


def office(world: World, spec: RecordsSpec = USUAL) -> Office:
    desk = world.desk()
    view = desk.view()
    gatherer = Gatherer(view, desk.library, Gathered(world.store.head().latest, desk.calendar), world.moments.now())
    bindings = world.library.rules(view, view.service(SERVICE).in_force).bindings
    return Office(gatherer, world.store, bindings, spec, _no_commits)


def _no_commits(*_: str) -> tuple[Commit, ...]:
    return ()


def entry(story: str, pack: bytes, spec: RecordsSpec = USUAL) -> Entry:
    return office(played(story, pack), spec).entry(V2)


def test_documents_go_in_as_people_wrote_them() -> None:
    files = entry(WRITTEN, TEAM).files
    assert b"Faster." in files["docs/releases/v2.md"]
    assert b"Restart twice." in files["docs/releases/v2.runbook.md"]


def test_what_was_decided_goes_with_them() -> None:
    found = entry(WRITTEN, TEAM)
    assert set(found.files) == {
        "docs/releases/v2.md",
        "docs/releases/v2.runbook.md",
        f"docs/decisions/{DAY}-v2.md",
    }
    assert b"wrote runbook, document " in found.files[f"docs/decisions/{DAY}-v2.md"]


def test_files_stand_where_they_are_bound() -> None:
    spec = RecordsSpec(paths={"notes": "NOTES-{name}.md", "runbook": "ops/{name}.md", "decisions": "log/{date}.md"})
    assert set(entry(WRITTEN, TEAM, spec).files) == {"NOTES-v2.md", "ops/v2.md", f"log/{DAY}.md"}


def test_two_records_are_not_written_to_one_file() -> None:
    with pytest.raises(Rejected) as refusal:
        entry(WRITTEN, TEAM, RecordsSpec(paths={"notes": "x.md", "runbook": "x.md"}))
    assert refusal.value.code == "journal.same_path"


def test_who_wrote_something_else_gets_no_notes_that_nobody_asked_for() -> None:
    pack = TEAM.replace(b"id: notes", b"id: announcement")
    assert "docs/releases/v2.md" not in entry(WRITTEN.replace("write: notes", "write: announcement"), pack).files


def test_notes_that_nobody_wrote_are_drafted_where_they_are_bound() -> None:
    pack = TEAM.replace(b"id: notes", b"id: announcement")
    story = WRITTEN.replace("write: notes", "write: announcement")
    found = entry(story, pack, RecordsSpec(paths={"notes": "notes.md"}))
    assert b"Nothing is recorded about this." in found.files["notes.md"]


def test_a_release_that_was_rolled_back_leaves_what_was_decided_and_no_notes() -> None:
    assert set(entry(FAILED, PACK).files) == {f"docs/decisions/{DAY}-v2.md"}


def test_the_entry_follows_from_the_ledger_up_to_the_end() -> None:
    world = played(WRITTEN, TEAM)
    before = office(world).entry(V2)
    world.moments.set(world.moments.now().replace(year=2027))
    assert office(world).entry(V2) == before


def test_author_time_branch_and_base_are_told() -> None:
    world = played(WRITTEN, TEAM)
    spec = RecordsSpec("records/{name}", "Ann <ann@example.com>")
    found = office(world, spec).entry(V2)
    base = world.desk().view().release(ReleaseId("app:v2")).commit
    assert (found.branch, found.instead, found.author, found.base, found.at.date().isoformat()) == (
        "records/v2",
        "interlock/records-v2",
        Author("Ann", "ann@example.com"),
        base,
        DAY,
    )


def test_governed_files_are_named_so_that_none_is_written() -> None:
    assert {"interlock.yaml", "team"} <= entry(WRITTEN, TEAM).governed


def test_what_has_not_ended_has_no_entry() -> None:
    world = played(WRITTEN.replace("  - {promote: production, by: ann}\n", ""), TEAM)
    with pytest.raises(Rejected) as refusal:
        office(world).entry(V2)
    assert refusal.value.code == "journal.not_ended"


def test_a_document_that_is_missing_is_said_so() -> None:
    world = played(WRITTEN, TEAM)
    bare = replace(office(world), store=Forgetful(world.store))
    with pytest.raises(Rejected) as refusal:
        bare.entry(V2)
    assert refusal.value.code == "journal.no_document"


class Forgetful:
    """A ledger that has lost every blob."""

    def __init__(self, store: LedgerStore) -> None:
        self.origin = store.origin
        self.head = store.head
        self.append = store.append
        self.stream = store.stream
        self.records = store.records
        self.growth = store.growth
        self.streams = store.streams
        self.stretch = store.stretch
        self.text = store.text
        self.checkpoint = store.checkpoint
        self.close = store.close

    def blob(self, _: Digest) -> bytes | Missing:
        return Missing()


HANDLED: Final = """\
scenario: An incident is handled to its end
given:
  people: {mia: [manager], quin: [qa-lead], oli: [on-call], dev: [developer]}
  records: interlock/records
steps:
  - {release: v2, by: dev}
  - {sign: built, before: production, by: dev}
  - {promote: production, by: dev}
  - {wait: rest}
  - {declare: i1, in: production, by: oli}
  - {answer: rollback, by: mia}
  - {wait: 1m}
  - {settle: data, as: keep, by: mia}
  - {attest: qa-validated, by: quin}
  - {report: timeline, sections: {Timeline: t, Impact: i}, by: mia}
  - {report: actions, sections: {Actions: Test more.}, by: mia}
  - {attest: gaps, by: mia}
  - {schedule: 24h, by: mia}
  - {tell: resolution, saying: {cause: why, actions: a, contact: mia}, by: mia}
  - {close: i1, by: mia}
  - {wait: 1m}
  - expect:
      committed:
        - docs/releases/v2.md
        - docs/decisions/2026-03-02-v2.md
        - docs/incidents/2026-03-02-i1.md
        - docs/incidents/2026-03-02-i1.timeline.md
        - docs/incidents/2026-03-02-i1.actions.md
"""


def test_an_incident_that_was_closed_leaves_what_happened_and_its_reports() -> None:
    files = played(HANDLED, WARD).journal.files("interlock/records")
    assert b"mia: incident i1: attested 'gaps'" in files["docs/incidents/2026-03-02-i1.md"]
    assert b"Test more." in files["docs/incidents/2026-03-02-i1.actions.md"]


def test_what_was_written_stands_on_what_the_release_under_suspicion_was_made_from() -> None:
    world = played(HANDLED, WARD)
    view = world.desk().view()
    first = world.journal.on("interlock/records")[-1]
    assert first.parent == view.release(ReleaseId("app:v2")).commit


def test_a_release_that_ended_is_to_be_written() -> None:
    assert tuple(ended_in(office(played(WRITTEN, TEAM)).gatherer, SERVICE)) == (V2,)


def test_a_release_that_was_rolled_back_is_to_be_written_too() -> None:
    assert tuple(ended_in(office(played(FAILED, PACK)).gatherer, SERVICE)) == (V2,)


def test_a_release_that_is_open_is_not_to_be_written() -> None:
    story = WRITTEN.replace("  - {promote: production, by: ann}\n", "")
    assert tuple(ended_in(office(played(story, TEAM)).gatherer, SERVICE)) == ()
