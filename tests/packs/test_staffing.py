# SPDX-License-Identifier: Apache-2.0
"""Rules that ask for what nobody is bound to do are refused with the place, before they govern anything."""

from typing import Final

import pytest
from tests.packs.test_lint import BINDINGS, PACK
from tests.packs.ward import PACK as WARD

from interlock.packs.bindings import Bindings
from interlock.packs.load import Pack, load_pack
from interlock.packs.matching import bind
from interlock.packs.problem import Problems
from interlock.packs.staffing import Staffed, unstaffed

HELD: Final = "roles: {dev: [ann], qa: [ben], lead: [ann], boss: [ben]}"
IN_WARD: Final = """\
service: app
pack: packs/ward.yaml
environments: {production: {deploy: {command: [deploy]}}}
checks: {smoke: {command: [smoke]}, flags: {command: ["true"]}, disable-flags: {command: ["true"]}}
audiences:
  on-call: ["file:o"]
  incident-channel: ["file:i"]
  security-lead: ["file:s"]
  product-lead: ["file:p"]
  stakeholders: ["file:h"]
  status-page: ["file:t"]
roles: {manager: [ann], qa-lead: [ben], security-lead: [cyd], on-call: [dan], product-lead: [eve], developer: [fay]}
"""


def problems(bindings: str, pack: str = PACK) -> list[tuple[str, str]]:
    """What nobody can do, by place and sentence."""
    loaded = load_pack("pack.yaml", pack.encode())
    assert isinstance(loaded, Pack), loaded
    bound = bind("interlock.yaml", bindings.encode(), loaded.procedure)
    assert isinstance(bound, Bindings), bound
    found = unstaffed("interlock.yaml", bindings.encode(), bound, loaded.procedure)
    return [(one.path, one.sentence) for one in found.found] if isinstance(found, Problems) else []


def unheld(bindings: str, pack: str = PACK) -> list[tuple[str, str]]:
    """What needs a role that nobody holds."""
    return [(path, sentence) for path, sentence in problems(bindings, pack) if sentence.startswith("nobody holds")]


def few(bindings: str, pack: str = PACK) -> list[str]:
    """What asks for more people than are bound."""
    told = [sentence for _, sentence in problems(bindings, pack) if "would still be missing" in sentence]
    return [sentence.split("'")[1] for sentence in told]


def test_where_everybody_is_bound_nothing_is_wrong() -> None:
    assert (problems(BINDINGS), problems(IN_WARD, WARD.decode())) == ([], [])


def test_a_role_that_stands_there_without_people_is_told_where_it_stands() -> None:
    assert unheld(BINDINGS.replace("qa: [ben]", "qa: []")) == [
        ("roles.qa", "nobody holds qa, which 'agreed' asks for"),
    ]


def test_a_role_that_is_not_there_is_told_where_it_would_be() -> None:
    assert unheld(BINDINGS.replace(", boss: [ben]", "")) == [
        ("roles", "nobody holds boss, which the next change of these rules asks for")
    ]


@pytest.mark.parametrize("when", ["", ", when: \"change_kind == 'normal'\""])
def test_more_people_than_are_bound_are_refused(when: str) -> None:
    many = PACK.replace("approval: {roles: [qa], apart: work}", f"approval: {{roles: [qa, lead], count: 100}}{when}")
    sentence = "'agreed' asks for 100 of qa or lead, and if everybody agreed who is bound, 98 would still be missing"
    assert problems(BINDINGS, many) == [("roles.qa", sentence)]


def test_as_many_as_are_bound_are_enough() -> None:
    both = PACK.replace("approval: {roles: [qa], apart: work}", "approval: {roles: [qa, lead], count: 2}")
    assert problems(BINDINGS, both) == []


def test_one_person_where_two_are_kept_apart_is_too_few() -> None:
    alone = BINDINGS.replace("qa: [ben]", "qa: [ann]")
    assert few(alone) == ["agreed", "two"]


def test_a_group_of_the_identity_provider_is_taken_to_have_enough_people() -> None:
    many = PACK.replace("approval: {roles: [qa], apart: work}", "approval: {roles: [qa], count: 9, apart: work}")
    assert (few(BINDINGS, many), few(BINDINGS.replace("qa: [ben]", "qa: [ben, group:testers]"), many)) == (
        ["agreed"],
        [],
    )


def test_what_is_asked_on_a_condition_is_looked_at_alone() -> None:
    rarely = PACK.replace("apart: work}}", "apart: work}, when: \"change_kind == 'normal'\"}", 2)
    assert few(BINDINGS.replace("qa: [ben]", "qa: [ann]"), rarely) == ["two"]


def test_each_of_several_roles_is_a_place_of_its_own() -> None:
    each = PACK.replace("approval: {roles: [qa], apart: work}", "approval: {roles: [qa, lead], who: each, apart: work}")
    assert few(BINDINGS, each) == ["agreed"]


def test_who_owns_what_is_touched_is_not_known_before() -> None:
    owned = PACK.replace("approval: {roles: [qa], apart: work}", "approval: {roles: [qa], who: owners, apart: work}")
    assert few(BINDINGS.replace("qa: [ben]", "qa: [ann]"), owned) == ["two"]


def test_one_of_several_roles_is_enough() -> None:
    either = PACK.replace("approval: {roles: [qa], apart", "approval: {roles: [qa, lead], apart")
    assert unheld(BINDINGS.replace("qa: [ben]", "qa: []"), either) == []


def test_where_each_role_agrees_each_is_held() -> None:
    each = PACK.replace("approval: {roles: [qa], apart", "approval: {roles: [qa, lead], who: each, apart")
    assert [path for path, _ in unheld(BINDINGS.replace("qa: [ben]", "qa: []"), each)] == ["roles.qa"]


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("manager: [ann]", "nobody holds manager, which a decision to go back asks for"),
        ("qa-lead: [ben]", "nobody holds qa-lead, which 'qa-validated' asks for"),
        ("security-lead: [cyd]", "nobody holds security-lead, which 'security-review' asks for"),
    ],
)
def test_what_an_incident_asks_for_is_held(before: str, sentence: str) -> None:
    role = before.partition(":")[0]
    assert sentence in [said for _, said in problems(IN_WARD.replace(before, f"{role}: []", 1), WARD.decode())]


def test_who_works_alone_holds_every_role() -> None:
    assert problems(BINDINGS.replace(HELD, "roles: {dev: [ann]}\nsolo: [ann]")) == []


def test_what_cannot_be_read_is_told_elsewhere() -> None:
    loaded = load_pack("pack.yaml", PACK.encode())
    assert isinstance(loaded, Pack)
    bound = bind("interlock.yaml", BINDINGS.encode(), loaded.procedure)
    assert isinstance(bound, Bindings)
    assert unstaffed("interlock.yaml", b"a: [", bound, loaded.procedure) == Staffed()


def test_who_lets_on_what_was_stopped_is_somebody() -> None:
    lifted = f"lifters: [boss]\n{PACK}"
    asked = unheld(BINDINGS.replace(", boss: [ben]", ""), lifted)
    assert ("roles", "nobody holds boss, which letting on what was stopped asks for") in asked
    assert unheld(BINDINGS, lifted) == []
