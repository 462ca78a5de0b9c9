# SPDX-License-Identifier: Apache-2.0
"""`interlock check`: what would block a commit, asked without a trace on the record."""

from contextlib import closing

import pytest
from tests.cli.workplace import Answer, Workplace, codes

from interlock.bootstrap.houses import read_house
from interlock.config import find_home


def size(place: Workplace) -> int:
    with closing(read_house(find_home(place.folder)).store) as store:
        return store.head().size


def said(answer: Answer) -> list[str]:
    return [leaf["code"] for leaf in answer["blocking"]]


def test_missing_evidence_blocks_and_says_what_to_do(place: Workplace) -> None:
    place.commit("app.txt", "two\n")
    answer = place.say("dan", "check", "--json")
    assert answer.code == 1
    assert said(answer.object) == ["evidence.missing"]
    assert all(leaf["next_step"] for leaf in answer.object["blocking"])


def test_checks_that_pass_here_and_now_free_the_way(place: Workplace) -> None:
    place.commit("app.txt", "two\n")
    answer = place.say("dan", "check", "--run", "--json")
    assert (answer.code, said(answer.object)) == (0, [])


def test_nothing_is_recorded(place: Workplace) -> None:
    place.commit("app.txt", "two\n")
    before = size(place)
    place.say("dan", "check", "--run")
    assert size(place) == before


def test_rules_that_come_along_are_told(place: Workplace) -> None:
    place.commit("interlock.yaml", (place.folder / "interlock.yaml").read_text() + "# more\n")
    assert "governance.smuggled" in said(place.say("dan", "check", "--run", "--json").object)


def test_people_count_only_when_asked_strictly(place: Workplace) -> None:
    place.commit("app.txt", "two\n")
    loose = place.say("dan", "check", "--environment", "production", "--json").object
    strict = place.say("dan", "check", "--environment", "production", "--strict", "--json").object
    assert loose["people"]
    assert strict["people"] == []
    assert len(strict["blocking"]) == len(loose["blocking"]) + len(loose["people"])


def test_authors_nobody_knows_are_named(place: Workplace) -> None:
    place.git("config", "user.email", "stranger@example.com")
    place.commit("app.txt", "two\n")
    assert place.ask("dan", "check")["unknown_authors"] == ["stranger@example.com"]


def test_what_is_not_committed_is_told_to_be_left_out(place: Workplace) -> None:
    (place.folder / "app.txt").write_text("three\n")
    assert place.ask("dan", "check")["uncommitted"] == ["app.txt"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--environment", "moon"), "environment.unknown"),
        (("--service", "other"), "service.unknown"),
        (("nothing-like-this",), "source.unknown_revision"),
    ],
)
def test_what_does_not_exist_is_named(place: Workplace, words: tuple[str, ...], code: str) -> None:
    answer = place.say("dan", "check", *words, "--json")
    assert (answer.code, codes(answer.object)) == (2, [code])
