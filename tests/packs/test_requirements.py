# SPDX-License-Identifier: Apache-2.0
"""Requirements in a pack: order, records, holds, owners, paths with conditions."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from interlock.domain.change import ChangeKind
from interlock.domain.ids import RequirementId, RoleName
from interlock.domain.requirement import (
    ApprovalRequirement,
    CheckRequirement,
    Held,
    HoldRequirement,
    RecordRequirement,
    Requirement,
    SignoffRequirement,
    Who,
)
from interlock.packs.areas import AreaShape, touched
from interlock.packs.load import Pack, load_pack
from interlock.packs.problem import Problems

PACK: Final = """\
pack: team
version: 1.0.0
status: active
roles: [dev, qa, lead]
governors: [lead]
environments: [{name: production, tier: production}]
paths:
  risky: {for: [normal], when: "areas.exists(one, one in ['auth', 'data'])", stages: [hand, production]}
  plain: {for: [normal], stages: [hand, production]}
stages:
  - name: hand
    order: sequential
    requires:
      - {id: tests, gate: {check: tests}}
      - {id: built, cites: [T-1], signoff: {roles: [dev], statement: Built.}}
      - {id: defects, gate: {check: defects, at_most: 0}, signoff: {roles: [qa], statement: No defect.}}
      - {id: notes, record: {roles: [dev, qa], sections: [Summary, Known issues]}}
      - {id: go, approval: {roles: [dev, qa, lead], who: each}}
      - {id: rest, hold: {since: [go], at_least: 24h}}
  - {name: production, environment: production, requires: [{id: owned, approval: {roles: [lead], who: owners}}]}
waivers: {authority: [lead], longest: 7d}
"""


def _requirements(text: str = PACK) -> dict[str, Requirement]:
    pack = load_pack("pack.yaml", text.encode())
    assert isinstance(pack, Pack), pack
    return {one.id: one for stage in pack.procedure.stages for one in stage.requires}


def _found(before: str, after: str) -> tuple[str, str]:
    assert before in PACK
    problems = load_pack("pack.yaml", PACK.replace(before, after).encode())
    assert isinstance(problems, Problems), problems
    (problem,) = problems.found
    return problem.code, problem.path


def test_what_people_say_in_a_sequential_stage_follows_everything_before_it() -> None:
    found = _requirements()
    built, defects, notes, go = (found[name] for name in ("built", "defects", "notes", "go"))
    assert isinstance(built, SignoffRequirement)
    assert isinstance(defects, SignoffRequirement)
    assert isinstance(notes, RecordRequirement)
    assert isinstance(go, ApprovalRequirement)
    assert built.after == ("tests",)
    assert defects.after == ("tests", "built", "defects.evidence")
    assert notes.after == ("tests", "built", "defects.evidence", "defects")
    assert go.after == (*notes.after, "notes")


def test_a_free_stage_orders_nothing_but_what_it_says() -> None:
    found = _requirements(PACK.replace("order: sequential", "order: free"))
    assert found["built"] == replace(_said(found["built"]), after=())
    assert _said(found["defects"]).after == ("defects.evidence",)


def _said(one: Requirement) -> SignoffRequirement:
    assert isinstance(one, SignoffRequirement)
    return one


def test_a_gate_with_a_signoff_is_both() -> None:
    found = _requirements()
    assert isinstance(found["tests"], CheckRequirement)
    assert found["defects.evidence"].cites == found["defects"].cites


def test_what_a_signoff_is_about_beside_the_release_stands_in_it() -> None:
    found = _requirements(PACK.replace("statement: Built.}", "statement: Built., live_in: production}"))
    assert [one.live_in for one in found.values() if isinstance(one, SignoffRequirement)] == ["production", ""]


def test_what_evidence_is_about_beside_the_release_stands_in_it() -> None:
    found = _requirements(PACK.replace("gate: {check: tests}", "gate: {check: tests, live_in: production}"))
    assert [one.live_in for one in found.values() if isinstance(one, CheckRequirement)] == ["production"]


def test_records_holds_and_owners_become_what_the_domain_judges() -> None:
    found = _requirements()
    assert found["notes"] == replace(
        RecordRequirement(RequirementId("notes"), (RoleName("dev"), RoleName("qa")), ("Summary", "Known issues")),
        after=tuple(RequirementId(one) for one in ("tests", "built", "defects.evidence", "defects")),
    )
    assert found["rest"] == HoldRequirement(RequirementId("rest"), (RequirementId("go"),), timedelta(hours=24))
    go, owned = found["go"], found["owned"]
    assert isinstance(go, ApprovalRequirement)
    assert isinstance(owned, ApprovalRequirement)
    assert (go.who, owned.who) == (Who.EACH, Who.OWNERS)


@pytest.mark.parametrize(
    ("before", "after", "code", "place"),
    [
        ("hold: {since: [go]", "hold: {since: [moon]", "pack.order", "stages[0].requires[5].hold"),
        ("hold: {since: [go]", "hold: {since: [notes]", "pack.hold", "stages[0].requires[5].hold"),
        ("id: rest,", "id: rest.evidence,", "pack.reserved_name", "stages[0].requires[5].id"),
        ("statement: Built.}", "statement: Built.}, after: [go]", "pack.order", "stages[0].requires[1].after"),
        ("gate: {check: tests}", "gate: {check: tests}, after: [go]", "pack.wrong_value", "stages[0].requires[0]"),
        ("who: each", "who: each, count: 2", "pack.wrong_value", "stages[0].requires[4].approval"),
        ("who: each", "who: every", "pack.unknown_word", "stages[0].requires[4].approval.who"),
        ("roles: [dev, qa], sections", "roles: [dev, moon], sections", "pack.unknown_role", ""),
        ("roles: [qa], statement: No", "roles: [moon], statement: No", "pack.unknown_role", ""),
        ("Built.}", "Built., live_in: moon}", "pack.unknown_environment", "stages[0].requires[1].signoff.live_in"),
        (
            "gate: {check: tests}",
            "gate: {check: tests, live_in: moon}",
            "pack.unknown_environment",
            "stages[0].requires[0].gate",
        ),
        ("No defect.}", "No defect., live_in: moon}", "pack.unknown_environment", "stages[0].requires[2].signoff"),
        ("sections: [Summary, Known issues]", "sections: []", "pack.empty_value", ""),
        ("in ['auth', 'data']", "in [1]", "pack.condition_type", "paths.risky.when"),
        ("areas.exists(one, one in ['auth', 'data'])", "environment == 'production'", "pack.condition_name", ""),
    ],
)
def test_what_cannot_be_in_order_is_refused_where_it_stands(before: str, after: str, code: str, place: str) -> None:
    found_code, found_place = _found(before, after)
    assert found_code == code
    assert found_place.startswith(place)


def test_of_two_paths_for_one_kind_only_the_last_may_be_without_condition() -> None:
    swapped = PACK.replace("  plain: {for", "  other: {for", 1)
    risky = next(line for line in PACK.splitlines() if "risky:" in line)
    text = swapped.replace(risky + "\n", "").replace("stages:\n  - name: hand", f"{risky}\nstages:\n  - name: hand", 1)
    problems = load_pack("pack.yaml", text.encode())
    assert isinstance(problems, Problems)
    assert [one.code for one in problems.found] == ["pack.kind_taken"]


@pytest.mark.parametrize(("held", "path"), [(Held.YES, "risky"), (Held.NO, "plain"), (Held.BROKEN, ""), (None, "")])
def test_the_first_path_whose_condition_holds_is_taken_and_a_broken_one_ends_the_search(
    held: Held | None, path: str
) -> None:
    pack = load_pack("pack.yaml", PACK.encode())
    assert isinstance(pack, Pack)
    taken = pack.procedure.path_for(ChangeKind.NORMAL, {"risky": held} if held else {})
    assert (taken.name if taken else "") == path
    assert pack.procedure.path_for(ChangeKind.EMERGENCY) is None


AREAS: Final = {
    "auth": AreaShape(("src/auth/**", "src/login.py")),
    "data": AreaShape(("**/migrations/*.sql",)),
    "notes": AreaShape(("*.md", "docs/?.txt")),
}


@pytest.mark.parametrize(
    ("paths", "areas"),
    [
        ((), ()),
        (("src/auth/a/b.py",), ("auth",)),
        (("src/authority.py",), ("elsewhere",)),
        (("migrations/1.sql", "a/b/migrations/2.sql"), ("data",)),
        (("migrations/deep/1.sql",), ("elsewhere",)),
        (("README.md", "docs/a.txt", "src/login.py"), ("auth", "notes")),
        (("docs/ab.txt", "src/auth/x"), ("auth", "elsewhere")),
        (("src/auth/line\nbreak",), ("auth",)),
        (("srcXauth/a",), ("elsewhere",)),
    ],
)
def test_what_is_touched_is_told_by_its_path_and_nothing_is_touched_unseen(
    paths: tuple[str, ...], areas: tuple[str, ...]
) -> None:
    assert touched(AREAS, paths) == areas
    assert touched({}, paths) == ()
