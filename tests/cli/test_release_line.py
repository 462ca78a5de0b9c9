# SPDX-License-Identifier: Apache-2.0
from datetime import timedelta
from pathlib import Path

import pytest
from tests.cli.workplace import BINDINGS, Workplace, codes, open_workplace

from interlock.domain import rollback


def to_staging(place: Workplace) -> None:
    place.drive()
    place.done("dan", "promote", "v1.1.0", "staging")
    place.drive()


def to_production(place: Workplace) -> None:
    to_staging(place)
    place.done("dan", "sign", "v1.1.0", "rollback-plan", "--yes")
    place.done("ben", "approve", "v1.1.0", "--yes")
    place.done("dan", "promote", "v1.1.0", "production")
    place.drive()


def live(place: Workplace) -> dict[str, str]:
    (service,) = place.done("dan", "status")["services"]
    return {one["environment"]: one["version"] for one in service["environments"]}


def test_a_release_goes_all_the_way_by_the_command_line(released: Workplace) -> None:
    to_production(released)
    assert live(released) == {"staging": "v1.1.0", "production": "v1.1.0"}


def test_a_rollback_returns_to_what_was_good(released: Workplace) -> None:
    to_production(released)
    ordered = released.done("cat", "rollback", "production", "--reason", "we do not like it")
    released.drive()
    assert ordered["target"] == "app:v1.0.0"
    assert live(released)["production"] == "v1.0.0"


def test_a_rollback_that_cannot_be_done_says_why_and_how_to_have_it_tried_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(rollback, "PAUSES", (timedelta(0),))
    broken = BINDINGS.replace(
        "production: {deploy: {command: [/bin/true]}}", "production: {deploy: {command: [/bin/false]}}"
    )
    place = open_workplace(folder, tmp_path / "keys", broken)
    place.done("cat", "rollback", "production", "--to", "v1.0.0", "--reason", "bring it up")
    place.drive()
    said = place.say("dan", "status").out
    assert "rolling back, stranded" in said
    assert "mend that, then interlock rollback production" in said


def test_a_promotion_without_evidence_is_refused_with_its_code_and_exit_code_1(released: Workplace) -> None:
    said = released.say("dan", "promote", "v1.1.0", "staging", "--json")
    assert (said.code, codes(said.object)) == (1, ["evidence.missing"])


def test_every_reason_of_a_refusal_is_told_with_a_next_step(released: Workplace) -> None:
    released.drive()
    said = released.say("dan", "approve", "v1.1.0", "--for", "production", "--yes")
    assert said.code == 1
    assert "[approval.role]" in said.err
    assert "[approval.author]" in said.err
    assert said.err.count("ask a") == 2


def test_a_dirty_tree_is_not_released(place: Workplace) -> None:
    place.commit("app.txt", "two\n", tag="v1.1.0")
    place.done("dan", "change", "open", "CR-1", "--title", "Say two")
    (place.folder / "more.txt").write_text("not committed\n")
    said = place.say("dan", "release", "create", "v1.1.0", "--json")
    assert (said.code, codes(said.object)) == (2, ["source.uncommitted"])
    assert "more.txt" in said.object["error"][0]["sentence"]


def test_a_version_without_a_tag_is_an_error_that_says_how_to_make_one(place: Workplace) -> None:
    place.done("dan", "change", "open", "CR-1", "--title", "Say two")
    said = place.say("dan", "release", "create", "v9", "--json")
    assert (said.code, codes(said.object)) == (2, ["source.missing_tag"])
    assert "git tag v9" in said.object["error"][0]["next_step"]


def test_status_names_who_can_move_what_waits(released: Workplace) -> None:
    to_staging(released)
    (service,) = released.done("dan", "status")["services"]
    (release,) = service["releases"]
    waits = {one["subject"]: one for one in release["awaited"]}
    assert waits["review"]["people"] == ["ben", "cat"]
    assert waits["rollback-plan"]["command"] == "interlock sign v1.1.0 rollback-plan"


def test_status_does_not_name_authors_where_authors_are_kept_apart(place: Workplace) -> None:
    place.git("config", "user.email", "ben@example.com")
    place.commit("app.txt", "two\n", tag="v1.1.0")
    place.done("dan", "change", "open", "CR-1", "--title", "Say two")
    place.done("dan", "release", "create", "v1.1.0")
    to_staging(place)
    (service,) = place.done("dan", "status")["services"]
    waits = {one["subject"]: one for one in service["releases"][0]["awaited"]}
    assert waits["review"]["people"] == ["cat"]


def test_status_says_the_promotion_to_type_next(released: Workplace) -> None:
    released.drive()
    assert "interlock promote v1.1.0 staging" in released.say("dan", "status").out


def test_explain_answers_1_and_shows_the_leaf_that_holds_the_gate(released: Workplace) -> None:
    said = released.say("dan", "explain", "v1.1.0", "--for", "production")
    assert said.code == 1
    assert "v1.1.0 has not completed staging" in said.out


def test_explain_knows_a_promotion_by_its_short_id(released: Workplace) -> None:
    to_staging(released)
    answer = released.done("dan", "explain", "v1.1.0/staging/1")
    assert (answer["kind"], answer["finding"]["verdict"]) == ("promotion", "pass")


def test_explain_of_a_requirement_tells_it_for_every_gate_it_stands_before(released: Workplace) -> None:
    answer = released.ask("dan", "explain", "tests")
    assert [one["sentence"] for one in answer["finding"]["children"]] == [
        "app:v1.1.0 into staging",
        "app:v1.1.0 into production",
    ]


def test_an_aborted_promotion_that_exposed_nothing_leaves_what_was_live(released: Workplace) -> None:
    released.drive()
    released.done("dan", "promote", "v1.1.0", "staging")
    said = released.done("dan", "abort", "v1.1.0", "staging", "--reason", "the copies look odd")
    assert said["goes_back"] is False
    assert live(released)["staging"] == "v1.0.0"


def test_nobody_signs_without_being_asked(released: Workplace) -> None:
    said = released.say("ben", "approve", "v1.1.0", "--json")
    assert (said.code, codes(said.object)) == (2, ["sign.nobody_asked"])


def test_a_rejection_holds_the_gate(released: Workplace) -> None:
    to_staging(released)
    released.done("dan", "sign", "v1.1.0", "rollback-plan", "--yes")
    released.done("ben", "approve", "v1.1.0", "--reject", "--yes", "--comment", "not like this")
    said = released.say("dan", "promote", "v1.1.0", "production", "--json")
    assert codes(said.object) == ["approval.rejected"]


def test_a_new_rollback_plan_voids_what_was_signed(released: Workplace) -> None:
    to_staging(released)
    released.done("ben", "approve", "v1.1.0", "--yes")
    plan = released.folder.parent / "plan.md"
    plan.write_text("restore the backup first\n")
    released.done("dan", "release", "revise", "v1.1.0", "--rollback-plan", str(plan))
    said = released.say("dan", "promote", "v1.1.0", "production", "--json")
    assert "approval.died" in codes(said.object)
