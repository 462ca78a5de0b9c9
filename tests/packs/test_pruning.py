# SPDX-License-Identifier: Apache-2.0
from typing import Final

import pytest

from interlock.packs.load import load_pack
from interlock.packs.pruning import Pruned, Ruined, prune, steps_of, without, written
from interlock.packs.shelf import Shelf
from interlock.packs.yaml_tree import Document, Step, path_text, read

PACK: Final = """\
pack: team
version: 1.0.0
status: active
roles: [dev, qa]
governors: [qa]
environments:
  - {name: staging, tier: staging}
  - {name: production, tier: production, after: [staging], cites: {after: [P-1]}}
paths:
  normal: {for: [normal], stages: [ready, staging, production]}
  urgent: {for: [emergency], stages: [ready, staging, production], review_within: 2d}
stages:
  - name: ready
    requires:
      - {id: tests, gate: {check: tests, at_most: 0}}
      - {id: plan, signoff: {roles: [dev], statement: It is planned.}}
      - {id: seen, signoff: {roles: [dev], statement: It is seen.}}
      - {id: agreed, approval: {roles: [qa]}, after: [plan, seen]}
      - {id: slept-on, hold: {since: [plan], at_least: 1d}}
  - {name: staging, environment: staging}
  - {name: production, environment: production}
waivers: {authority: [qa], longest: 7d}
"""


def tree(text: str = PACK) -> Document:
    document = read("pack.yaml", text.encode())
    assert isinstance(document, Document)
    return document


def pruned(*at: tuple[Step, ...]) -> Pruned:
    left = prune(tree(), at)
    assert isinstance(left, Pruned), left
    return left


def test_an_element_is_taken_out_and_the_rest_stays() -> None:
    left = pruned(("stages", 0, "requires", 2))
    assert left.also == ("stages[0].requires[2].after[1]",)
    assert [one.id for one in left.pack.procedure.stages[0].requires] == ["tests", "plan", "agreed", "slept-on"]


def test_what_cannot_stand_without_it_goes_too() -> None:
    left = pruned(("stages", 0, "requires", 1))
    assert [one.id for one in left.pack.procedure.stages[0].requires] == ["tests", "seen", "agreed"]
    assert left.also[0] == "stages[0].requires[2].after[0]"


def test_several_elements_are_taken_out_at_once() -> None:
    left = pruned(("stages", 0, "requires", 0), ("stages", 0, "requires", 4))
    assert [one.id for one in left.pack.procedure.stages[0].requires] == ["plan", "seen", "agreed"]


def test_a_key_is_taken_out_with_what_it_cites() -> None:
    left = pruned(("environments", 1, "after"))
    assert left.pack.procedure.environments[1].after == ()
    assert left.pack == load_pack("pack.yaml", left.content)
    assert left.also == ()


def test_a_stage_is_taken_out_of_every_path() -> None:
    left = pruned(("stages", 0, "requires", 3), ("stages", 1), ("environments", 1, "after"))
    assert left.also == ("paths.normal.stages[1]", "paths.urgent.stages[1]")


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        (("governors",), "key 'governors' is missing"),
        (("paths", "urgent", "review_within"), "an emergency owes a retroactive review"),
        (("stages", 0), "the path opens 'staging' without asking for anything"),
    ],
)
def test_what_a_pack_cannot_be_without_ruins_it(at: tuple[Step, ...], sentence: str) -> None:
    left = prune(tree(), [at])
    assert isinstance(left, Ruined)
    assert left.sentence.startswith(sentence)


def test_a_pack_that_never_loads_is_given_up() -> None:
    many = "".join(f"  - {{name: s{number}, requires: [], environment: nowhere}}\n" for number in range(40))
    left = prune(tree(PACK.replace("waivers:", f"{many}waivers:")), [("stages", 0, "requires", 0)])
    assert left == Ruined("what names it could not be taken out")


@pytest.mark.parametrize("at", [("nothing",), ("roles", "dev"), ("pack", "more"), ("stages", 9, "name"), ()])
def test_what_is_not_there_is_not_taken_out(at: tuple[Step, ...]) -> None:
    root = tree().root
    assert written(without(root, at)) == written(root)


@pytest.mark.parametrize("name", Shelf().names())
def test_a_pack_written_anew_is_the_same_pack(name: str) -> None:
    content = Shelf().pack(name)
    assert content is not None
    document = tree(content.decode())
    assert load_pack("pack.yaml", written(document.root).encode()) == load_pack("pack.yaml", content)


@pytest.mark.parametrize(
    "at",
    [
        ("stages", 0, "requires", 3, "after", 1),
        ("paths", "normal", "for"),
        ("environments", 1, "cites", "after"),
        ("pack",),
        (),
    ],
)
def test_a_path_in_words_leads_back_to_where_it_came_from(at: tuple[Step, ...]) -> None:
    assert steps_of(tree().root, path_text(at)) == at


def test_of_two_keys_the_longer_is_meant() -> None:
    document = tree("a: {b.c: {d: 1}, b: {c: {d: 2}}}\n")
    assert steps_of(document.root, "a.b.c.d") == ("a", "b.c", "d")


@pytest.mark.parametrize(("path", "steps"), [("nowhere", ()), ("roles[7]", ("roles",)), ("roles.x", ("roles",))])
def test_a_path_is_followed_as_far_as_it_leads(path: str, steps: tuple[Step, ...]) -> None:
    assert steps_of(tree().root, path) == steps
