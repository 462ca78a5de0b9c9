# SPDX-License-Identifier: Apache-2.0
"""Packs that contradict themselves are refused when they are loaded, with the place."""

from typing import Final

import pytest
from tests.packs.read_in import wrong

from interlock.packs.load import Pack, load_pack

PACK: Final = """\
pack: team
version: 1.0.0
status: active
roles: [dev, qa]
governors: [qa]
environments:
  - {name: staging, tier: staging}
  - {name: production, tier: production, after: [staging]}
  - {name: moon, tier: production}
paths:
  normal: {for: [normal], stages: [ready, staging, production]}
stages:
  - name: ready
    requires:
      - {id: tests, gate: {check: tests}}
      - {id: plan, signoff: {roles: [dev], statement: It is planned.}}
      - {id: agreed, approval: {roles: [qa]}, after: [plan]}
  - {name: staging, environment: staging}
  - name: production
    environment: production
    windows: [{schedule: "RRULE:FREQ=DAILY", tz: Europe/Berlin, from: "09:00", to: "16:00"}]
waivers: {authority: [qa], longest: 7d}
"""


def found(before: str, after: str) -> list[tuple[str, str]]:
    assert before in PACK
    return wrong(PACK.replace(before, after, 1))


def test_a_pack_without_contradictions_loads() -> None:
    assert isinstance(load_pack("pack.yaml", PACK.encode()), Pack)


@pytest.mark.parametrize(
    ("before", "after", "code", "path"),
    [
        ('to: "16:00"', 'to: "09:00"', "pack.never_open", "stages[2].windows[0].to"),
        ('from: "09:00"', 'from: "25:00"', "pack.bad_window", "stages[2].windows[0].from"),
        ('to: "16:00"', 'to: "16:60"', "pack.bad_window", "stages[2].windows[0].to"),
        ("RRULE:FREQ=DAILY", "EXDATE:20260301", "pack.never_open", "stages[2].windows[0].schedule"),
        ("[ready, staging, production]", "[ready, production]", "pack.out_of_reach", "paths.normal.stages[1]"),
        ("[ready, staging, production]", "[ready, production, staging]", "pack.out_of_reach", "paths.normal.stages[1]"),
        ("{roles: [dev], statement: It is planned.}}", "{roles: [dev], statement: It is.}, after: [agreed]}",
         "pack.order", "stages[0].requires[1].after"),
        ("after: [plan]", "after: [agreed]", "pack.order", "stages[0].requires[2].after"),
        ("{name: staging, tier: staging}", "{name: staging, tier: staging, after: [production]}",
         "pack.circle", "environments[0].after[0]"),
        ("{check: tests}", "{check: tests}, when: \"change_kind == 'urgent'\"",
         "pack.condition_never", "stages[0].requires[0].when"),
        ("{check: tests}", "{check: tests}, when: \"environment == 'prod'\"",
         "pack.condition_never", "stages[0].requires[0].when"),
        ("- {name: staging, environment: staging}",
         "- {name: staging, environment: staging, verify: {checks: [tests], within: 1m, every: 2m}}",
         "pack.wrong_value", "stages[1].verify"),
        ("normal: {for: [normal],", "normal: {for: [normal], when: \"change_kind == 'emergency'\",",
         "pack.kind_excluded", "paths.normal.for[0]"),
        ("normal: {for: [normal],", "first: {for: [normal], when: 'true', stages: [ready]}\n  normal: {for: [normal],",
         "pack.kind_taken", "paths.normal.for[0]"),
        ("{check: tests}", "{check: tests, in: production}", "pack.not_there_yet", "stages[0].requires[0].gate.in"),
        ("{check: tests}", "{check: tests, in: staging}", "pack.not_there_yet", "stages[0].requires[0].gate.in"),
        ("    environment: production\n",
         "    environment: production\n    requires: [{id: late, gate: {check: slow, in: production}}]\n",
         "pack.not_there_yet", "stages[2].requires[0].gate.in"),
        ("    environment: production\n",
         "    environment: production\n    requires: [{id: far, gate: {check: slow, in: moon}}]\n",
         "pack.not_there_yet", "stages[2].requires[0].gate.in"),
    ],
)  # fmt: skip
def test_a_contradiction_is_refused_where_it_stands(before: str, after: str, code: str, path: str) -> None:
    assert (code, path) in found(before, after)


def _two_paths(first: str, second: str) -> list[tuple[str, str]]:
    return wrong(_pack_of(first, second))


def _pack_of(first: str, second: str) -> str:
    ways = "stages: [ready, staging, production]}"
    return PACK.replace(
        "normal: {for: [normal], stages: [ready, staging, production]}",
        f'first: {{for: [normal, standard], when: "{first}", {ways}\n  second: {{for: [normal], {second}{ways}',
    )


def test_a_path_is_never_reached_when_those_above_it_leave_nothing() -> None:
    never = ("pack.kind_taken", "paths.second.for[0]")
    assert _two_paths("'risky' in labels || !('risky' in labels)", "") == [never]
    assert _two_paths("!('risky' in labels)", "when: \"!('risky' in labels) && !('small' in labels)\", ") == [never]
    assert _two_paths("change_kind == 'normal'", "") == [("pack.kind_excluded", "paths.first.for[1]"), never]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("'risky' in labels", ""),
        ("'risky' in labels // by hand", ""),
        ("'risky' in labels", "when: \"!('risky' in labels) && service != 'a'\", "),
    ],
)
def test_a_path_is_reached_by_what_those_above_it_leave(first: str, second: str) -> None:
    assert isinstance(load_pack("pack.yaml", _pack_of(first, second).encode()), Pack)


def test_a_condition_that_cannot_be_read_or_never_holds_is_told_once() -> None:
    assert _two_paths("'risky' in", "") == [("pack.condition_syntax", "paths.first.when")]
    assert _two_paths("false", "") == [("pack.condition_never", "paths.first.when")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    environment: production\n",
         "    environment: production\n    requires: [{id: late, gate: {check: slow, in: staging}}]\n"),
        ("{check: tests}", "{check: tests, in: staging}, when: \"environment == 'production'\""),
    ],
)  # fmt: skip
def test_evidence_from_where_the_path_has_been_may_be_asked_for(before: str, after: str) -> None:
    assert isinstance(load_pack("pack.yaml", PACK.replace(before, after, 1).encode()), Pack)


def test_evidence_from_where_another_path_goes_may_be_asked_for() -> None:
    there = "  - {name: direct, environment: moon, requires: [{id: calm, gate: {check: calm, in: staging}}]}\n"
    pack = PACK.replace("paths:\n", "paths:\n  short: {for: [standard], stages: [direct]}\n")
    assert isinstance(load_pack("pack.yaml", pack.replace("waivers:", f"{there}waivers:").encode()), Pack)


def test_evidence_from_nowhere_in_the_pack_is_told_as_unknown() -> None:
    told = [("pack.unknown_environment", "stages[0].requires[0].gate.in[0]")]
    assert found("{check: tests}", "{check: tests, in: x}") == told


def test_a_stage_that_is_not_there_is_told_once() -> None:
    assert found("[ready, staging, production]", "[ready, stging, staging, production]") == [
        ("pack.unknown_stage", "paths.normal.stages[1]")
    ]
