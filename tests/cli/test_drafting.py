# SPDX-License-Identifier: Apache-2.0
"""Release notes and records drafted, written, and committed to the repository they are about."""

from pathlib import Path

import pytest
from tests.cli.workplace import BINDINGS, Workplace, codes, open_workplace

SECTIONS = "[Name/number, Date, Summary, Notable changes, Known issues, On call]"
RECORD = f"""\
      - id: notes
        record: {{roles: [developer], sections: {SECTIONS}}}
      - id: rollback-plan
"""
REPLACED = "      - id: rollback-plan\n"
BRANCH = "interlock/records"


def with_record(pack: str) -> str:
    return pack.replace(REPLACED, RECORD)


@pytest.fixture
def writing(folder: Path, tmp_path: Path) -> Workplace:
    """A pack that asks for notes, a service that commits them, and version 1.1.0."""
    bound = f"{BINDINGS}records: {{branch: {BRANCH}, author: Records <records@example.com>}}\n"
    place = open_workplace(folder, tmp_path / "keys", bound, with_record)
    place.commit("app.txt", "two\n")
    place.git("commit", "-q", "--amend", "-m", "feat: say two")
    place.commit("app.txt", "three\n")
    place.git("commit", "-q", "--amend", "-m", "fix(words): say three")
    place.git("tag", "v1.1.0")
    place.done("dan", "change", "open", "CR-1", "--title", "Ask Eve about her salary")
    place.done("dan", "release", "create", "v1.1.0")
    place.drive()
    return place


def fill(place: Workplace, name: str) -> Path:
    """The draft of the notes, with everything filled in."""
    place.done("dan", "record", "draft", "v1.1.0", "notes", "--into", name)
    path = place.folder / name
    path.write_text(path.read_text().replace("<!--", "Nothing more. <!--"))
    return path


def complete(place: Workplace) -> None:
    """Version 1.1.0 goes all the way."""
    path = fill(place, "../notes.md")
    place.done("dan", "promote", "v1.1.0", "staging")
    place.drive()
    place.done("dan", "record", "write", "v1.1.0", "notes", str(path))
    place.done("dan", "sign", "v1.1.0", "rollback-plan", "--for", "production", "--yes")
    place.done("ben", "approve", "v1.1.0", "--for", "production", "--yes")
    place.done("dan", "promote", "v1.1.0", "production")
    place.drive()


def test_notes_are_composed_from_commits_and_decisions(writing: Workplace) -> None:
    answer = writing.done("dan", "release", "notes", "v1.1.0")
    assert "**Added**\n\n- say two (" in answer["text"]
    assert "**Mended**\n\n- words: say three (" in answer["text"]


def test_notes_have_the_sections_that_the_pack_asks_for(writing: Workplace) -> None:
    answer = writing.done("dan", "release", "notes", "v1.1.0")
    assert (answer["sections"][0], answer["empty"]) == ("Name/number", ["Summary", "Known issues", "On call"])


def test_what_a_person_has_to_write_is_said(writing: Workplace) -> None:
    said = writing.say("dan", "release", "notes", "v1.1.0")
    assert "a person writes these: Summary, Known issues, On call" in said.out


def test_where_no_pack_asks_for_notes_they_have_the_usual_sections(released: Workplace) -> None:
    assert "Rollback notes" in released.done("dan", "release", "notes", "v1.1.0")["sections"]


def test_a_draft_never_replaces_a_file(writing: Workplace) -> None:
    writing.done("dan", "release", "notes", "v1.1.0", "--draft", "notes.md")
    before = (writing.folder / "notes.md").read_text()
    said = writing.say("dan", "record", "draft", "v1.1.0", "notes", "--into", "notes.md", "--json")
    assert (codes(said.object), (writing.folder / "notes.md").read_text()) == (["record.file_exists"], before)


def test_a_draft_that_cannot_be_written_is_said_so(writing: Workplace) -> None:
    said = writing.say("dan", "release", "notes", "v1.1.0", "--draft", "nowhere/notes.md", "--json")
    assert codes(said.object) == ["record.file"]


def test_peoples_words_are_quoted_only_when_somebody_asks_for_it(writing: Workplace) -> None:
    kept = writing.done("dan", "release", "notes", "v1.1.0")["text"]
    quoted = writing.say("dan", "release", "notes", "v1.1.0", "--with-words").out
    assert ("salary" in kept, "salary" in quoted, "cannot be erased" in quoted) == (False, True, True)


@pytest.mark.parametrize(
    "words", [("record", "draft", "v1.1.0", "runbook"), ("release", "notes", "v1.1.0", "--record", "x")]
)
def test_a_record_that_is_not_asked_for_is_not_drafted(writing: Workplace, words: tuple[str, ...]) -> None:
    assert codes(writing.say("dan", *words, "--json").object) == ["record.unknown"]


def test_a_draft_as_it_is_does_not_count(writing: Workplace) -> None:
    writing.done("dan", "record", "draft", "v1.1.0", "notes", "--into", "../notes.md")
    said = writing.say("dan", "record", "write", "v1.1.0", "notes", "../notes.md", "--for", "production", "--json")
    assert codes(said.object) == ["record.incomplete"]


def test_what_was_written_is_committed_once_the_release_is_completed(writing: Workplace) -> None:
    complete(writing)
    paths = writing.git("diff", "--name-only", f"v1.1.0..{BRANCH}").splitlines()
    assert [path.rpartition("/")[0] for path in paths] == ["docs/decisions", "docs/releases"]
    assert "Nothing more." in writing.git("show", f"{BRANCH}:docs/releases/v1.1.0.md")


def test_the_commit_is_told_and_has_its_author(writing: Workplace) -> None:
    complete(writing)
    (told,) = writing.done("dan", "record", "committed")["records"]
    assert (told["of"], told["phase"], told["branch"]) == ("app:v1.1.0", "done", BRANCH)
    assert writing.git("log", "-1", "--format=%H %an", BRANCH) == f"{told['commit']} Records"


def test_nothing_that_people_are_doing_is_touched(writing: Workplace) -> None:
    complete(writing)
    assert writing.git("status", "--porcelain") == ""
    assert writing.git("log", "-1", "--format=%s") == "fix(words): say three"


def test_before_anything_was_committed_it_says_how_to_begin(released: Workplace) -> None:
    assert "in interlock.yaml" in released.say("dan", "record", "committed").out


def test_what_could_not_be_written_is_seen_and_tried_anew(writing: Workplace) -> None:
    writing.git("symbolic-ref", f"refs/heads/{BRANCH}", "refs/heads/nothing")
    complete(writing)
    assert "app:v1.1.0" in writing.done("dan", "status")["services"][0]["unwritten"]
    assert "records of app:v1.1.0 wait: journal.bad_branch" in writing.say("dan", "status").out
    writing.git("symbolic-ref", "--delete", f"refs/heads/{BRANCH}")
    writing.done("dan", "record", "retry", "v1.1.0")
    writing.drive()
    assert writing.done("dan", "record", "committed")["records"][0]["phase"] == "done"


def test_a_program_that_is_bound_is_asked_to_propose_the_branch(folder: Path, tmp_path: Path) -> None:
    bound = f"{BINDINGS}records: {{branch: {BRANCH}, pull_request: [/bin/echo, asked for]}}\n"
    place = open_workplace(folder, tmp_path / "keys", bound)
    place.commit("app.txt", "two\n", tag="v1.1.0")
    place.done("dan", "change", "open", "CR-1", "--title", "Say two")
    place.done("dan", "release", "create", "v1.1.0")
    place.drive()
    place.done("dan", "promote", "v1.1.0", "staging")
    place.drive()
    place.done("dan", "sign", "v1.1.0", "rollback-plan", "--for", "production", "--yes")
    place.done("ben", "approve", "v1.1.0", "--for", "production", "--yes")
    place.done("dan", "promote", "v1.1.0", "production")
    place.drive()
    (proposed,) = [
        one
        for one in place.done("dan", "ledger", "show", "--stream", "journal/")["records"]
        if one["event"] == "RecordsProposed"
    ]
    assert proposed["payload"]["detail"] == f"asked for {BRANCH}"


def test_what_nobody_knows_is_not_tried_anew(released: Workplace) -> None:
    assert codes(released.say("dan", "record", "retry", "v9", "--json").object) == ["journal.unknown"]
