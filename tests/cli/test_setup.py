# SPDX-License-Identifier: Apache-2.0
"""`interlock init` and `interlock adopt`, called in this process: what they find, ask, write and refuse."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.cli.workplace import Workplace, codes, make_key

from interlock.bootstrap.houses import make_ledger
from interlock.cli import asking
from interlock.cli.asking import Asking, Company
from interlock.cli.output import Fault
from interlock.config import find_home
from interlock.domain.ids import PersonId
from interlock.service.discover import NotFound, Proposal

TOLD = ("--tests", "make test", "--smoke", "http://127.0.0.1:8000/", "--deploy", "./deploy {environment} {version}")
ANN = PersonId("ann")


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """A repository with one tagged commit, and nothing of ours."""
    folder, keys = tmp_path / "My Shop", tmp_path / "keys"
    folder.mkdir()
    keys.mkdir()
    make_key(keys / "ann")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.delenv("INTERLOCK_HOME", raising=False)
    place = Workplace(folder, keys)
    place.git("init", "-q")
    place.git("config", "user.name", "Ann Example")
    place.git("config", "user.email", "ann@example.com")
    place.commit("deploy", "#!/bin/sh\n", tag="v1")
    return place


def bindings(place: Workplace) -> str:
    return (place.folder / "interlock.yaml").read_text()


def test_what_was_told_is_what_is_written(bare: Workplace) -> None:
    told = bare.done("ann", "init", "--person", "ann", "--alone", *TOLD)
    text = bindings(bare)
    assert told["asked"] == []
    assert "service: my-shop" in text
    assert 'tests: {command: ["make", "test"]}' in text
    assert 'smoke: {http: ["http://127.0.0.1:8000/"]}' in text
    assert "solo: [ann]" in text
    assert 'governed: ["deploy"]' in text


def test_others_are_given_every_role_beside_the_founder(bare: Workplace) -> None:
    bare.done("ann", "init", "--person", "ann", "--with", "ben", "--with", "cat", *TOLD)
    assert "reviewer: [ann, ben, cat]" in bindings(bare)
    assert "solo" not in bindings(bare)


def test_the_founder_is_registered_with_the_address_git_records(bare: Workplace) -> None:
    bare.done("ann", "init", "--person", "ann", "--alone", *TOLD)
    bare.commit("interlock.yaml", bindings(bare))
    bare.done("ann", "adopt", "v1")
    bare.commit("app.txt", "two\n", tag="v2")
    bare.done("ann", "change", "open", "CR-1", "--title", "Two")
    bare.done("ann", "release", "create", "v2")
    assert bare.ask("ann", "check")["unknown_authors"] == []


def test_alone_and_with_others_cannot_be_both(bare: Workplace) -> None:
    said = bare.say("ann", "init", "--person", "ann", "--alone", "--with", "ben", *TOLD, "--json")
    assert (said.code, codes(said.object)) == (2, ["init.alone"])


def test_what_is_neither_told_nor_found_is_named_when_nobody_is_there(bare: Workplace) -> None:
    said = bare.say("ann", "init", "--person", "ann", "--json")
    assert (said.code, codes(said.object)) == (2, ["init.unanswered"])
    assert "How is a release tested?" in said.out
    assert not (bare.folder / "interlock.yaml").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--person", "Ann Example"), "init.name"),
        (("--person", "ann", "--service", "My Shop"), "init.name"),
        (("--person", "ann", "--tests", "make 'test"), "init.command"),
        (("--person", "ann", "--pack", "nothing"), "pack.unknown"),
        (("--person", "ann", "--deploy", "./deploy {where}"), "placeholder.unknown"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_written(
    bare: Workplace, words: tuple[str, ...], code: str
) -> None:
    given = {name: value for name, value in zip(TOLD[::2], TOLD[1::2], strict=True) if name not in words}
    said = bare.say("ann", "init", "--alone", *words, *(word for pair in given.items() for word in pair), "--json")
    assert (said.code, codes(said.object)) == (2, [code])
    assert not (bare.folder / "interlock.yaml").exists()
    assert not (bare.folder / ".interlock").exists()


def test_bindings_that_are_there_stay_as_they_are(bare: Workplace) -> None:
    (bare.folder / "interlock.yaml").write_text("# mine\n")
    bare.done("ann", "init", "--person", "ann")
    assert bindings(bare) == "# mine\n"


def test_a_ledger_that_is_there_is_not_made_again(bare: Workplace) -> None:
    bare.done("ann", "init", "--person", "ann", "--alone", *TOLD)
    said = bare.say("ann", "init", "--person", "ann", "--alone", *TOLD, "--json")
    assert (said.code, codes(said.object)) == (2, ["store.exists"])


def test_a_beginning_that_was_interrupted_is_finished(bare: Workplace) -> None:
    make_ledger(find_home(bare.folder), "begun").store.close()
    bare.done("ann", "init", "--person", "ann", "--alone", *TOLD)
    assert [one["person"] for one in bare.done("ann", "people", "list")["people"]] == ["ann"]


def test_without_a_key_nothing_is_begun(bare: Workplace) -> None:
    said = bare.say("ann", "init", "--person", "ann", "--alone", *TOLD, "--key", str(bare.keys / "gone"), "--json")
    assert codes(said.object) == ["signing.no_key"]
    assert bare.git("status", "--porcelain") == ""


def test_the_ledger_is_kept_out_of_git(bare: Workplace) -> None:
    bare.done("ann", "init", "--person", "ann", "--alone", *TOLD)
    assert bare.git("status", "--porcelain") == "?? interlock.yaml"


def test_uncommitted_bindings_are_told_at_adoption(bare: Workplace) -> None:
    bare.done("ann", "init", "--person", "ann", "--alone", *TOLD)
    said = bare.say("ann", "adopt", "v1", "--json")
    assert codes(said.object) == ["governance.missing_file"]
    text = bindings(bare)
    bare.commit("interlock.yaml", text)
    (bare.folder / "interlock.yaml").write_text(f"{text}# later\n")
    assert "what is committed counts" in bare.say("ann", "adopt", "v1").out


def test_rules_are_adopted_once_and_then_changed_otherwise(bare: Workplace) -> None:
    bare.done("ann", "init", "--person", "ann", "--alone", *TOLD)
    bare.commit("interlock.yaml", bindings(bare))
    bare.done("ann", "adopt")
    said = bare.say("ann", "adopt", "--json")
    assert (said.code, codes(said.object)) == (2, ["governance.already_adopted"])
    assert bare.done("ann", "adopt", "v1", "--environment", "staging")["adopted"] == ["staging"]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a person types, line by line; nothing left is the end of input."""
    lines: list[str] = []
    monkeypatch.setattr(asking, "somebody_is_there", lambda: True)
    monkeypatch.setattr(asking, "_line", lambda _prompt: lines.pop(0))
    return lines


def answering(typed: list[str], lines: Sequence[str]) -> Asking:
    typed.extend(lines)
    return Asking()


def test_enter_takes_what_was_found(typed: list[str]) -> None:
    answer = answering(typed, [""]).settle("Tests?", "", Proposal(("make", "test"), "Makefile"))
    assert (answer.value, answer.source) == (("make", "test"), "found in Makefile")


def test_an_answer_replaces_what_was_found(typed: list[str]) -> None:
    answer = answering(typed, ["tox -q"]).settle("Tests?", "", Proposal(("make", "test"), "Makefile"))
    assert (answer.value, answer.source) == (("tox", "-q"), "answered when this was made")


def test_an_unusable_answer_is_asked_for_again(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    asked = answering(typed, ["make 'x", "", "make x"])
    assert asked.settle("Tests?", "", NotFound("Makefile")).value == ("make", "x")
    told = capsys.readouterr().err
    assert "no closing quotation" in told
    assert "nothing is proposed: type it here" in told
    assert asked.asked == ["Tests?"]


def test_after_three_unusable_answers_nothing_is_written(typed: list[str]) -> None:
    with pytest.raises(Fault) as fault:
        answering(typed, ["", "'", ""]).settle("Tests?", "", NotFound("Makefile"))
    assert fault.value.trouble.code == "init.unanswered"


@pytest.mark.parametrize(
    ("line", "company"),
    [
        ("", Company(ANN, (), is_alone=True)),
        ("nobody", Company(ANN, (), is_alone=True)),
        ("ben, cat", Company(ANN, (PersonId("ben"), PersonId("cat")), is_alone=False)),
        ("ben ann", Company(ANN, (PersonId("ben"),), is_alone=False)),
    ],
)
def test_whoever_names_nobody_works_alone(typed: list[str], line: str, company: Company) -> None:
    assert answering(typed, [line]).company(Company(ANN, (), is_alone=False)) == company


def test_what_was_told_about_people_is_not_asked(typed: list[str]) -> None:
    told = Company(ANN, (PersonId("ben"),), is_alone=False)
    assert answering(typed, []).company(told) == told


def test_json_answers_are_objects(bare: Workplace) -> None:
    said = bare.say("ann", "init", "--person", "ann", "--alone", *TOLD, "--json")
    assert sorted(json.loads(said.out)) == ["asked", "bindings", "ledger", "person", "procedures"]


def test_an_address_that_is_none_is_refused_with_its_place_before_anything_is_adopted(bare: Workplace) -> None:
    bare.done("ann", "init", "--person", "ann", "--alone", *TOLD)
    bare.commit("interlock.yaml", f'{bindings(bare)}notify: [$CHAT, "file:"]\n')
    said = bare.say("ann", "adopt", "v1", "--json")
    assert codes(said.object) == ["notify.bad_address"]
    assert "notify[1]" in said.object["error"][0]["sentence"]
