# SPDX-License-Identifier: Apache-2.0
"""Drafts: filled with what is recorded, empty where a person has to say something."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pytest
from tests.service.shop import PACK
from tests.service.told import played

from interlock.domain.evidence import EvidenceRecorded, RecordEvidence
from interlock.domain.ids import EVERYWHERE, CheckId, Digest, EnvironmentName, ReleaseId, TextRef, commit_to, digest_of
from interlock.domain.verdict import Verdict
from interlock.ledger.record import SaltedText
from interlock.packs.bindings import Bindings, CommandDeploy, EnvironmentBinding
from interlock.packs.examining import ContractSpec
from interlock.ports.source import Commit
from interlock.ports.store import Erased
from interlock.service.document import headings_of
from interlock.service.facts import Gathered
from interlock.service.gather import Gatherer
from interlock.service.notes import SECTIONS, draft, empty_sections
from interlock.service.story import ContractChange, Story, kept_words, quoted_words, story_of
from interlock.testing.stage import SERVICE
from interlock.testing.world import World

PLACES: Final = {EnvironmentName("production"): EnvironmentBinding(CommandDeploy(("deploy",)))}
BINDINGS: Final = Bindings(SERVICE, "pack.yaml", PLACES, {})
WAIVED: Final = """\
scenario: A release is approved and carries a waiver
given:
  people: {ann: [developer], ben: [reviewer], cat: [release-manager]}
  owners: {web: [ann]}
steps:
  - {release: v2, by: ann, areas: [web]}
  - {wait: rest}
  - {promote: staging, by: ann}
  - {wait: rest}
  - {waive: rollback-plan, before: production, by: ann, for: 1d}
  - {grant: rollback-plan, by: cat}
  - {approve: production, by: ben}
"""


def a_commit(subject: str, number: int = 0) -> Commit:
    who = ("Dana", "dana@outreach.example")
    return Commit(f"{number:040x}", "", subject, *who, *who, datetime(2026, 3, 2, tzinfo=UTC), ())


def a_story(world: World | None = None, commits: tuple[Commit, ...] = (), bindings: Bindings = BINDINGS) -> Story:
    one = world or played(WAIVED, PACK)
    desk = one.desk()
    gatherer = Gatherer(desk.view(), desk.library, Gathered(one.store.head().latest, desk.calendar), one.moments.now())
    return story_of(gatherer, gatherer.release(ReleaseId("app:v2")), commits, bindings, kept_words)


STORY: Final = a_story()


def section(story: Story, name: str) -> str:
    """What the draft says under this heading; empty where a person has to."""
    text = draft(story, (name,)).partition(f"## {name}\n\n")[2].strip()
    return "" if text.startswith("<!--") else text


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("Name", "app v2 (commit "),
        ("Name/number", "app v2 (commit "),
        ("Release name or number", "app v2 (commit "),
        ("Date", "2026-03-02"),
        ("Notable changes", "Change CR-v2, a normal change"),
        ("NOTABLE CHANGES", "Change CR-v2, a normal change"),
        ("Known issues", "rollback-plan before production is inconclusive, and waived: "),
        ("Impacted modules / endpoints", "- areas: web"),
        ("Approvals", "- ben (reviewer) approved it for production, content "),
        ("Waivers", "- rollback-plan before production: open, until 2026-03-03 09:00 UTC, asked by ann, "),
        ("Waivers", ", granted by cat; reason: "),
        ("Checks", "- tests: pass"),
    ],
)
def test_what_is_recorded_fills_the_headings_asked_for(heading: str, words: str) -> None:
    assert words in section(STORY, heading)


@pytest.mark.parametrize("heading", ["Summary", "Migration steps", "Rollback notes", "Who is on call"])
def test_what_is_not_recorded_is_left_to_a_person(heading: str) -> None:
    assert section(STORY, heading) == ""


def test_an_empty_section_does_not_count() -> None:
    sections = ("Name", "Summary", "Who is on call")
    assert headings_of(draft(STORY, sections).encode())[-1] == "Name"


def test_the_empty_sections_are_named() -> None:
    assert empty_sections(STORY, ("Name", "Summary", "Who is on call")) == ("Summary", "Who is on call")


def test_every_section_stands_in_its_order() -> None:
    text = draft(STORY)
    assert [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")] == list(SECTIONS)


def test_one_commit_is_its_own_summary() -> None:
    assert section(a_story(commits=(a_commit("Make it faster"),)), "Summary") == "Make it faster"


def test_of_several_commits_a_person_makes_the_summary() -> None:
    assert section(a_story(commits=(a_commit("One"), a_commit("Two"))), "Summary") == ""


def test_a_merge_of_one_commit_does_not_make_it_two() -> None:
    commits = (a_commit("Merge pull request #7 from dana/faster"), a_commit("Make it faster"))
    assert section(a_story(commits=commits), "Summary") == "Make it faster"


def test_plain_subjects_are_listed_as_they_are() -> None:
    text = section(a_story(commits=(a_commit("One", 1), a_commit("Two: three", 2))), "Notable changes")
    assert text.endswith("- One (000000000000)\n- Two: three (000000000000)")


SUBJECTS: Final = ("feat(web): search", "fix: a crash", "feat!: no more xml", "chore: tidy", "Say hello", "perf: cache")
CONVENTIONAL: Final = tuple(a_commit(subject) for subject in SUBJECTS)


@pytest.mark.parametrize(
    "words",
    [
        "**Breaking**\n\n- no more xml (",
        "**Added**\n\n- web: search (",
        "**Mended**\n\n- a crash (",
        "**Faster**\n\n- cache (",
        "**Also**\n\n- chore: tidy (000000000000)\n- Say hello (",
    ],
)
def test_conventional_commits_are_grouped(words: str) -> None:
    assert words in section(a_story(commits=CONVENTIONAL), "Notable changes")


def test_of_very_many_commits_the_rest_is_counted() -> None:
    commits = tuple(a_commit(f"Change {number}") for number in range(203))
    assert section(a_story(commits=commits), "Notable changes").endswith("and 3 commits more")


def test_no_subject_hides_what_follows_it() -> None:
    assert "<!--" not in section(a_story(commits=(a_commit("Hide <!-- this"),)), "Notable changes")


def test_the_rollback_plan_is_quoted_so_that_its_headings_are_none_here() -> None:
    story = replace(STORY, rollback_plan="# Plan\n\nGo back.\n")
    assert section(story, "Rollback notes") == "> # Plan\n>\n> Go back."


def test_a_contract_that_breaks_is_a_known_issue_a_migration_and_an_impact() -> None:
    story = replace(
        STORY, contract=(ContractChange("major", "api.yaml#/paths/~1tasks", "the path is gone"),), plan="docs/m/v2.md"
    )
    assert "- breaks: api.yaml#/paths/~1tasks, the path is gone" in section(story, "Known issues")
    assert section(story, "Migration requirements") == "- It breaks a contract: follow `docs/m/v2.md`."
    assert "- api.yaml#/paths/~1tasks: the path is gone (major)" in section(story, "Impacted endpoints")


def test_checks_of_migrations_are_told_under_migrations() -> None:
    reading = EvidenceRecorded(
        Digest(""),
        CheckId("migrations"),
        EVERYWHERE,
        1,
        Verdict.PASS,
        "forward and back",
        "ci",
        STORY.readings[0].assurance,
        Digest(""),
        Digest(""),
        STORY.now,
    )
    assert section(replace(STORY, readings=(reading,)), "Migration steps") == "- migrations: pass, forward and back"


def compared(report: bytes) -> Story:
    """The story after a contract was compared, with this report."""
    world = played(WAIVED, PACK)
    release = world.desk().view().release(ReleaseId("app:v2"))
    check = CheckId("api")
    about, now = (release.digest, check, EVERYWHERE), world.moments.now()
    taken = RecordEvidence(*about, Verdict.FAIL, "x", "ci", digest_of(report), release.governance, now)
    evidence = replace(taken, release=release.id)
    world.say("ann", evidence, blobs=(report,))
    return a_story(world, bindings=replace(BINDINGS, checks={check: ContractSpec(("api.yaml",))}))


def test_what_a_contract_check_found_is_read_from_its_report() -> None:
    found = compared(json.dumps({"differences": [{"size": "major", "at": "a", "what": "gone"}]}).encode())
    assert (found.contract, found.plan) == ((ContractChange("major", "a", "gone"),), "docs/migrations/v2.md")


@pytest.mark.parametrize("report", [b"", b"{", b"[]", b'{"differences": [{}]}', b'{"differences": 7}', b"null"])
def test_a_report_that_says_nothing_is_no_fault(report: bytes) -> None:
    assert compared(report).contract == ()


def test_peoples_words_stay_under_their_commitment() -> None:
    assert "reason: (in the ledger, text:unsaid); mitigation: (in the ledger, text:unsaid)" in section(STORY, "Waivers")


def test_peoples_words_are_told_by_who_is_asked_to() -> None:
    text = SaltedText(commit_to("Too\nlate", b"salt"), b"salt", "Too\nlate")
    tell = quoted_words(lambda ref: text if ref == text.ref else Erased())
    assert (tell(text.ref), tell(TextRef("text:erased"))) == ("Too late", "(in the ledger, text:erased)")


def test_a_waiver_that_ran_out_is_told_so() -> None:
    world = played(WAIVED + "  - {wait: 25h}\n", PACK)
    assert "rollback-plan before production: expired" in section(a_story(world), "Waivers")


def test_a_waiver_that_was_revoked_is_told_so() -> None:
    world = played(WAIVED + "  - {revoke: rollback-plan, by: ben}\n", PACK)
    assert "rollback-plan before production: revoked" in section(a_story(world), "Waivers")


def test_a_waiver_that_nobody_granted_is_told_so() -> None:
    world = played(WAIVED.replace("  - {grant: rollback-plan, by: cat}\n", ""), PACK)
    assert "rollback-plan before production: asked for, not granted" in section(a_story(world), "Waivers")
