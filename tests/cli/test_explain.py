# SPDX-License-Identifier: Apache-2.0
"""What a refusal's code means is told anywhere, also to somebody who has no ledger yet."""

from pathlib import Path

import pytest
from tests.cli.workplace import BINDINGS, Workplace, codes, open_workplace


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """A folder without a repository and without a ledger."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("INTERLOCK_HOME", raising=False)
    return Workplace(tmp_path, tmp_path)


@pytest.mark.parametrize("code", ["home.none", "governance.smuggled", "usage", "bug", "explain.unknown_code"])
def test_a_code_is_explained_without_a_ledger(nowhere: Workplace, code: str) -> None:
    answer = nowhere.done("ann", "explain", code)
    assert answer["code"] == code
    assert answer["page"].startswith(f"{code}\n\n")
    assert "#" not in answer["page"]


@pytest.mark.parametrize(
    ("typed", "meant"), [("home.non", "home.none"), ("usag", "usage"), ("home", "home.none"), ("Usage", "usage")]
)
def test_a_misspelt_code_names_the_one_that_is_near(nowhere: Workplace, typed: str, meant: str) -> None:
    said = nowhere.say("ann", "explain", typed, "--json")
    assert (said.code, codes(said.object)) == (2, ["explain.unknown_code"])
    assert f"interlock explain {meant}" in said.object["error"][0]["next_step"]


def test_a_code_that_is_near_to_none_says_where_codes_stand(nowhere: Workplace) -> None:
    said = nowhere.say("ann", "explain", "nothing.like_it", "--json")
    assert codes(said.object) == ["explain.unknown_code"]
    assert "in brackets" in said.object["error"][0]["next_step"]


def test_what_only_a_ledger_can_explain_asks_for_one(nowhere: Workplace) -> None:
    assert codes(nowhere.say("ann", "explain", "v1.2.0", "--json").object) == ["home.none"]


def test_the_code_of_a_refusal_we_just_met_is_explained(nowhere: Workplace) -> None:
    for words in (("promot",), ("ledger", "show", "--last", "0"), ("status",)):
        (code,) = codes(nowhere.say("ann", *words, "--json").object)
        assert nowhere.done("ann", "explain", code)["code"] == code


def test_a_misspelt_code_is_told_beside_a_ledger_too(place: Workplace) -> None:
    said = place.say("ann", "explain", "ledger.bad_kee", "--json")
    assert "ledger.bad_key" in said.object["error"][0]["next_step"]


def test_a_misspelt_code_is_told_where_the_ledger_has_several_services(place: Workplace) -> None:
    place.commit("interlock.yaml", BINDINGS.replace("service: app", "service: other"))
    place.done("ann", "adopt")
    said = place.say("ann", "explain", "evidence.mising", "--json")
    assert "evidence.missing" in said.object["error"][0]["next_step"]


def test_a_name_that_is_none_of_ours_stays_unknown(place: Workplace) -> None:
    assert codes(place.say("ann", "explain", "v9.9.9", "--json").object) == ["explain.unknown"]


def test_a_copy_within_the_checkout_warns_of_what_it_will_hold(place: Workplace, tmp_path: Path) -> None:
    inside = place.say("ann", "ledger", "export", "copy")
    assert (inside.code, "source.uncommitted" in inside.out) == (0, True)
    place.commit(".gitignore", ".interlock/\ncopy*/\n")
    for folder in ("copy-ignored", str(tmp_path / "outside")):
        assert place.done("ann", "ledger", "export", folder)["uncommitted"] is False


def test_verifying_a_copy_says_who_declared_to_work_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path / "app")
    monkeypatch.delenv("INTERLOCK_HOME", raising=False)
    place = open_workplace(tmp_path / "app", tmp_path / "keys", f"{BINDINGS}solo: [ann]\n")
    place.done("ann", "ledger", "export", str(tmp_path / "copy"))
    for more in ((), ("--recompute",)):
        said = place.say("ann", "ledger", "verify", str(tmp_path / "copy"), *more)
        assert (said.code, "solo mode: in app ann may agree with themself" in said.out) == (0, True)


def test_verifying_a_copy_says_nothing_of_working_alone_where_nobody_does(place: Workplace, tmp_path: Path) -> None:
    place.done("ann", "ledger", "export", str(tmp_path / "copy"))
    assert "solo" not in place.say("ann", "ledger", "verify", str(tmp_path / "copy")).out
