# SPDX-License-Identifier: Apache-2.0
"""What people must say, what they may leave out, and how what they meet is worded."""

import sys
from io import StringIO
from pathlib import Path

import pytest
from tests.cli.test_release_line import to_production
from tests.cli.workplace import BINDINGS, Workplace, codes, open_workplace

from interlock.cli import consent
from interlock.cli.main import main
from interlock.cli.people import solo_note
from interlock.cli.text import Paper, lay_out
from interlock.domain.ids import PersonId

WAIVER = ("v1.1.0", "rollback-plan", "--for", "production", "--expires", "1h")
SAID = {
    "summary": ("incident", "open", "INC-1", "--environment", "staging", "--summary"),
    "outcome of an incident": ("incident", "close", "INC-1", "--outcome"),
    "outcome of a review": ("change", "review", "CR-1", "--outcome"),
    "title": ("change", "open", "CR-2", "--title"),
    "end of a change": ("change", "close", "CR-1", "--reason"),
    "freeze": ("freeze", "declare", "x", "--until", "1h", "--reason"),
    "end of a freeze": ("freeze", "lift", "x", "--reason"),
    "recall": ("recall", "add", "v1.1.0", "--reason"),
    "end of a recall": ("recall", "lift", "v1.1.0", "--reason"),
    "waiver": ("waive", "request", *WAIVER, "--mitigation", "m", "--reason"),
    "mitigation": ("waive", "request", *WAIVER, "--reason", "r", "--mitigation"),
    "end of a waiver": ("waive", "revoke", "app:v1.1.0/waiver-1", "--reason"),
    "withdrawal": ("release", "withdraw", "v1.1.0", "--reason"),
    "proposal": ("governance", "propose", "--reason"),
}


def newest(place: Workplace) -> object:
    (record,) = place.done("ann", "ledger", "show", "--last", "1")["records"]
    return record["index"]


def test_no_words_that_are_asked_for_may_be_empty(released: Workplace) -> None:
    before = newest(released)
    answers = {
        name: released.say("ann", *words, empty, "--json") for name, words in SAID.items() for empty in ("", " ")
    }
    assert {name: (said.code, codes(said.object)) for name, said in answers.items()} == dict.fromkeys(
        SAID, (2, ["reason.empty"])
    )
    assert newest(released) == before


def test_words_are_not_erased_without_a_word(released: Workplace) -> None:
    (opened,) = released.done("ann", "ledger", "show", "--stream", "change/CR-1")["records"]
    ref = opened["payload"]["title"]
    assert codes(released.say("dan", "ledger", "erase", ref, "--reason", " ", "--json").object) == ["reason.empty"]
    assert released.done("ann", "change", "list")["changes"][0]["title"] == "Say two"


def test_a_key_is_not_revoked_without_a_word(place: Workplace) -> None:
    key = f"{place.key('ben')}.pub"
    said = place.say("ann", "people", "revoke-key", "ben", "--key", key, "--reason", " ", "--json")
    assert codes(said.object) == ["reason.empty"]
    assert place.done("ben", "change", "open", "CR-2", "--title", "x")["author"] == "ben"


@pytest.mark.parametrize("reason", [(), ("--reason", ""), ("--reason", "  "), ("--reason", "\udcff")])
def test_a_rollback_waits_for_no_reason(released: Workplace, reason: tuple[str, ...]) -> None:
    to_production(released)
    assert released.done("cat", "rollback", "production", *reason)["rollback"] == "app/production/rollback-1"


def test_an_approval_needs_no_comment(released: Workplace) -> None:
    released.drive()
    assert released.done("ben", "approve", "v1.1.0", "--yes", "--comment", "")["answer"] == "approved"


def test_what_was_adopted_is_not_said_to_be_verified(released: Workplace) -> None:
    released.drive()
    released.done("dan", "promote", "v1.1.0", "staging")
    released.drive()
    (service,) = released.done("dan", "status")["services"]
    known = {one["environment"]: (one["standing"], one["adopted_by"]) for one in service["environments"]}
    assert known == {"staging": ("verified", ""), "production": ("adopted", "ann")}
    shown = {line.split()[0]: line for line in released.say("dan", "status").out.splitlines() if line.strip()}
    assert shown["staging"].endswith("  verified")
    assert shown["production"].endswith("  adopted on the word of ann, not verified")


def test_a_hint_is_what_one_types(released: Workplace) -> None:
    said = released.say("dan", "promote", "v1.1.0", "production")
    assert "a reviewer or release-manager: interlock approve v1.1.0 --for production" in said.err
    assert "interlock sign v1.1.0 rollback-plan --for production" in said.err
    assert released.done("ben", "approve", "v1.1.0", "--for", "production", "--yes")["answer"] == "approved"


def test_a_freeze_is_told_with_the_name_of_who_declared_it(released: Workplace) -> None:
    released.drive()
    released.done("cat", "freeze", "declare", "x", "--until", "1h", "--reason", "calm")
    assert "a freeze declared by cat is in force" in released.say("dan", "promote", "v1.1.0", "staging").err


def test_a_default_that_is_nothing_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", "--help"])
    main(["freeze", "declare", "--help"])
    shown = capsys.readouterr().out
    assert [line for line in shown.splitlines() if '""' in line or "()" in line or "False" in line] == []
    assert "[default: starter]" in shown
    assert "[default: now]" in shown


def test_solo_mode_is_told_before_signing_and_with_what_is_explained(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = open_workplace(folder, tmp_path / "keys", f"{BINDINGS}solo: [dan]\n")
    alone.commit("app.txt", "two\n", tag="v1.1.0")
    alone.done("dan", "change", "open", "CR-1", "--title", "Say two")
    alone.done("dan", "release", "create", "v1.1.0")
    monkeypatch.setattr(consent, "somebody_is_there", lambda: True)
    monkeypatch.setattr(sys, "stdin", StringIO("n\nn\n"))
    line = "! solo mode: dan may agree with themself; nobody else has to\n"
    assert f"  {line}" in alone.say("dan", "sign", "v1.1.0", "rollback-plan").err
    assert f"  {line}" in alone.say("dan", "approve", "v1.1.0").err
    assert f"  {line}" in alone.say("dan", "status").out
    assert f"\n{line}" in alone.say("dan", "explain", "CR-1").out
    assert alone.done("dan", "explain", "CR-1")["solo"] == ["dan"]
    assert line not in alone.say("dan", "explain", "v1.1.0").out


def test_solo_mode_is_one_line_wherever_it_is_said() -> None:
    paper = Paper(0, coloured=False, unicode=True)
    said = lay_out(solo_note((PersonId("ann"),), 2), paper)
    assert said == "  ! solo mode: ann may agree with themself; nobody else has to\n"
    assert lay_out(solo_note((), 2), paper) == ""
