# SPDX-License-Identifier: Apache-2.0
"""Roles held in one environment alone: what counts there, and is nobody's word anywhere else."""

from typing import Final

import pytest
from tests.packs.test_lint import BINDINGS, PACK
from tests.packs.test_staffing import IN_WARD, few, problems, unheld
from tests.packs.ward import PACK as WARD

from interlock.packs.bindings import Bindings
from interlock.packs.lint import lint_bindings
from interlock.packs.load import Pack, load_pack
from interlock.packs.matching import bind
from interlock.packs.problem import Problems
from interlock.testing.scenario import Passed, run_scenario

TEAM: Final = b"""\
pack: team
version: 1.0.0
status: active
roles: [dev, qa, lead]
governors: [lead]
environments: [{name: staging, tier: staging}, {name: production, tier: production, after: [staging]}]
paths: {plain: {for: [normal], stages: [ready, staging, agreed, production]}}
stages:
  - name: ready
    requires:
      - {id: built, signoff: {roles: [dev], statement: Built.}}
      - {id: notes, record: {roles: [dev], sections: [Summary]}}
      - {id: seen, approval: {roles: [qa]}}
  - {name: staging, environment: staging, verify: {checks: [smoke]}}
  - {name: agreed, requires: [{id: go, approval: {roles: [lead]}}]}
  - name: production
    environment: production
    verify: {checks: [smoke]}
    rollout: {steps: [{ask: [lead]}, {weight: 50}], every: 1s, analysis: {errors: {tolerated: 50}}}
waivers: {authority: [qa], longest: 7d}
drift: {adopted_by: [lead]}
"""
GIVEN: Final = """\
given:
  people: {ann: [dev], ben: [qa], cat: [lead], sam: [], tom: []}
  posts: {staging: {dev: [sam], qa: [sam], lead: [sam]}, production: {lead: [tom]}}
  rules: {better: {dev: [ann], qa: [ben, cat], lead: [cat]}}
steps:
  - {release: v2, by: ann}
  - {wait: rest}
"""
IN_STAGING: Final = """\
  - {sign: built, before: staging, by: sam}
  - {write: notes, before: staging, sections: {Summary: Faster.}, by: sam}
  - {approve: staging, by: sam}
  - expect: {blocked: {staging: []}}
  - {promote: staging, by: ann}
  - {wait: rest}
  - expect: {live: {staging: v2}}
"""
BY_EVERYBODY: Final = """\
  - {sign: built, before: production, by: ann}
  - {write: notes, before: production, sections: {Summary: Faster.}, by: ann}
  - {approve: production, as: seen, by: ben}
"""

STORIES: Final = {
    "what somebody may in staging alone opens staging, and not production": f"""\
{IN_STAGING}
  - expect: {{blocked: {{production: [signoff.missing, record.elsewhere, approval.missing]}}}}
  - {{sign: built, before: production, by: sam, refused: [signoff.role]}}
  - {{write: notes, before: production, sections: {{Summary: x}}, by: sam, refused: [record.role]}}
  - {{approve: production, by: sam, refused: [approval.role]}}
{BY_EVERYBODY}
  - {{approve: production, as: go, by: cat}}
  - expect: {{blocked: {{production: []}}}}
""",
    "a role in production alone is one there, and none in staging": f"""\
  - {{approve: staging, by: tom, refused: [approval.role]}}
{IN_STAGING}
{BY_EVERYBODY}
  - {{approve: production, as: go, by: tom}}
  - expect: {{blocked: {{production: []}}}}
""",
    "an exception in staging is granted by who holds the role there": """\
  - {waive: built, before: staging, for: 24h, by: ann}
  - {grant: built, by: sam}
""",
    "an exception in production is not": """\
  - {waive: built, before: production, for: 24h, by: ann}
  - {grant: built, by: sam, refused: [waiver.role]}
  - {grant: built, by: ben}
""",
    "a step that asks is agreed to by who holds the role there": f"""\
{IN_STAGING}
{BY_EVERYBODY}
  - {{approve: production, as: go, by: cat}}
  - {{promote: production, by: ann}}
  - {{wait: 5s}}
  - {{agree: production, by: sam, refused: [rollout.not_asked]}}
  - {{agree: production, by: tom}}
""",
    "what runs and was not released is adopted by who holds the role there": """\
  - {drifts: production, to: v9}
  - {drifts: staging, to: v9}
  - {wait: 2m}
  - {adopt: production, version: v9, by: sam, refused: [adopt.role]}
  - {adopt: staging, version: v9, by: tom, refused: [adopt.role]}
  - {adopt: production, version: v9, by: tom}
  - {adopt: staging, version: v9, by: sam}
""",
    "rules are those of every environment": """\
  - {propose: better, by: ann}
  - {enact: better, by: sam, refused: [governance.role]}
  - {enact: better, by: cat}
""",
}


@pytest.mark.parametrize("story", STORIES)
def test_what_a_role_in_one_environment_is_worth(story: str) -> None:
    outcome = run_scenario("posts.yaml", f"scenario: {story}\n{GIVEN}{STORIES[story]}".encode(), TEAM)
    assert isinstance(outcome, Passed), outcome


INCIDENT: Final = """\
given:
  people: {oli: [on-call], pat: [product-lead], dev: [developer], max: [], eve: []}
  posts: {lab: {on-call: [eve], manager: [eve]}, production: {manager: [max]}}
steps:
  - {release: v2, by: dev}
  - {sign: built, before: production, by: dev}
  - {promote: production, by: dev}
  - {wait: rest}
  - {declare: i1, in: production, by: dev}
"""


def test_in_an_incident_a_role_counts_where_the_incident_is() -> None:
    both = WARD.replace(b"environments: [{name", b"environments: [{name: lab, tier: staging}, {name")
    story = (
        f"scenario: It counts there.\n{INCIDENT}"
        "  - {answer: rollback, by: eve, refused: [incident.no_authority]}\n"
        "  - {incident: i1, label: threat, by: eve}\n"
        "  - expect: {incident: {decided: open}}\n"
        "  - {answer: rollback, by: max}\n"
        "  - expect: {incident: {decided: rollback, right: primary}}\n"
    )
    outcome = run_scenario("posts.yaml", story.encode(), both)
    assert isinstance(outcome, Passed), outcome


POSTED: Final = BINDINGS.replace("qa: [ben]", "qa: []")


def posted(environment: str, roles: str, text: str = POSTED) -> str:
    """Bindings with somebody in a role in one environment alone."""
    before = f"{environment}: {{"
    assert before in text
    return text.replace(before, f"{before}roles: {{{roles}}}, ", 1)


def faults(text: str) -> list[tuple[str, str]]:
    """What is refused of these bindings, and where."""
    loaded = load_pack("pack.yaml", PACK.encode())
    assert isinstance(loaded, Pack)
    found = bind("interlock.yaml", text.encode(), loaded.procedure)
    return [(one.code, one.path) for one in found.found] if isinstance(found, Problems) else []


def advice(text: str) -> list[tuple[str, str, str]]:
    """What is said of these bindings."""
    loaded = load_pack("pack.yaml", PACK.encode())
    assert isinstance(loaded, Pack)
    bindings = bind("interlock.yaml", text.encode(), loaded.procedure)
    assert isinstance(bindings, Bindings), bindings
    return [(one.code, one.where, one.sentence) for one in lint_bindings(bindings, loaded.procedure)]


def test_a_role_in_one_environment_is_one_of_the_packs() -> None:
    assert faults(posted("staging", "qe: [ben]")) == [("bindings.unknown_role", "environments.staging.roles.qe")]


def test_who_is_named_everywhere_is_not_kept_to_one_environment_by_being_named_there_too() -> None:
    twice = posted("staging", "qa: [cat, ben]", BINDINGS)
    assert faults(twice) == [("bindings.held_everywhere", "environments.staging.roles.qa[1]")]
    assert faults(posted("staging", "qa: [cat]", BINDINGS)) == []


def test_a_role_that_nobody_holds_before_a_gate_that_asks_for_it_is_refused() -> None:
    assert unheld(posted("staging", "qa: [ben]")) == [
        ("roles.qa", "nobody holds qa in production, which 'agreed' asks for"),
    ]
    assert unheld(posted("production", "qa: [cat]", posted("staging", "qa: [ben]"))) == []


def test_the_rules_are_changed_by_who_holds_a_role_everywhere() -> None:
    only_there = posted("production", "boss: [ben]", BINDINGS.replace(", boss: [ben]", ""))
    assert unheld(only_there) == [("roles", "nobody holds boss, which the next change of these rules asks for")]


def test_who_stands_apart_is_counted_where_it_is_asked() -> None:
    alone = BINDINGS.replace("qa: [ben]", "qa: [ann]")
    assert few(posted("production", "qa: [ben]", posted("staging", "qa: [cat]", alone))) == []
    sentence = "'agreed' asks for 1 of qa, and if everybody agreed who is bound in production, 1 would still be missing"
    assert sentence in [said for _, said in problems(posted("staging", "qa: [ben]", alone))]


def test_what_an_incident_asks_for_is_held_where_incidents_are() -> None:
    both = WARD.decode().replace("environments: [{name", "environments: [{name: lab, tier: staging}, {name")
    lab = "environments: {lab: {deploy: {command: [d]}, roles: {qa-lead: [zoe]}}, "
    bound = IN_WARD.replace("environments: {", lab)
    text = bound.replace("qa-lead: [ben], sec", "qa-lead: [], sec")
    assert unheld(text, both) == [
        ("roles.qa-lead", "nobody holds qa-lead in production, which 'qa-validated' asks for")
    ]
    assert unheld(bound, both) == []


def test_a_role_held_anywhere_is_held() -> None:
    assert "lint.unheld_role" not in [code for code, _, _ in advice(posted("staging", "qa: [ben]"))]
    assert ("lint.unheld_role", "qa", "nobody holds this role") in advice(POSTED)


def test_a_gate_that_those_there_cannot_fill_is_named_with_its_environment() -> None:
    found = [sentence for code, _, sentence in advice(posted("staging", "qa: [ben]")) if code == "lint.unfillable"]
    assert found[0] == "even if everybody agreed, nobody is left in production for: agreed"
    both = posted("production", "qa: [ben]", posted("staging", "qa: [cat]"))
    assert [(code, where) for code, where, _ in advice(both)] == []
