# SPDX-License-Identifier: Apache-2.0
"""Delivery by itself, drift, and labelled changes, told as stories in the simulated world under a pack of their own."""

from typing import Final

import pytest

from interlock.testing.scenario import Passed, run_scenario

PACK: Final = """
pack: trunk
version: 1.0.0
status: active
about: Main goes to staging by itself, production only with people.
roles: [developer, reviewer]
governors: [reviewer]
environments:
  - {name: staging, tier: staging}
  - {name: production, tier: production, after: [staging]}
deliver: {branch: main, environment: staging, kind: standard, cites: [T-1]}
drift: {severity: critical}
paths:
  delivered: {for: [standard], stages: [ready, staging]}
  direct: {for: [normal], when: "'direct' in labels", stages: [ready, reason, staging, agreed, production-at-once]}
  normal: {for: [normal], stages: [ready, staging, agreed, production]}
stages:
  - name: ready
    requires: [{id: tests, gate: {check: tests}}]
  - {name: staging, environment: staging, verify: {checks: [smoke], within: 1m, every: 2s}}
  - name: reason
    requires: [{id: why, record: {roles: [developer], sections: [Reason]}, waivable: false}]
  - name: agreed
    requires: [{id: review, approval: {roles: [reviewer]}}]
  - name: production
    environment: production
    verify: {checks: [smoke], within: 1m, every: 2s}
    bake: {for: 10m, every: 1m, checks: [smoke]}
  - {name: production-at-once, environment: production, verify: {checks: [smoke], within: 1m, every: 2s}}
waivers: {authority: [reviewer], longest: 1d}
"""
GIVEN: Final = "given: {people: {ann: [developer], ben: [reviewer], cat: [reviewer]}}\nsteps:\n"

STORIES: Final = {
    "every new head goes to staging by itself, and no further": """
- {head: c1, authors: [ann]}
- {wait: rest}
- expect: {live: {staging: c1, production: v1}, running: {staging: c1, production: v1}, release: [completed]}
- {promote: production, by: ann, refused: [gate.no_path]}
- {head: c2, authors: [ann]}
- {wait: rest}
- expect: {live: {staging: c2, production: v1}, release: [completed]}
""",
    "what is not green waits, and goes when it is": """
- {head: c1}
- {check: tests, says: fail}
- {wait: rest}
- expect: {live: {staging: v1}, blocked: {staging: [evidence.fail]}, release: [open]}
- {check: tests, says: pass}
- {refresh: tests, by: ann}
- {wait: rest}
- expect: {live: {staging: c1}}
""",
    "a newer head takes the place of one that waits": """
- {head: c1}
- {check: tests, says: fail}
- {wait: rest}
- {head: c2}
- {wait: rest}
- expect: {live: {staging: c2}, release: [completed]}
- expect: {of: c1, release: [withdrawn]}
""",
    "a green head that was held by a freeze goes when it is over": """
- {freeze: staging, for: 20h, by: ben}
- {head: c1}
- {wait: 1h}
- expect: {live: {staging: v1}, blocked: {staging: [freeze.active]}}
- {wait: 18h}
- expect: {live: {staging: v1}}
- {wait: 2h}
- expect: {live: {staging: c1}}
""",
    "a head whose checks gave no answer goes by itself once they do": """
- {outage: checks, calls: 6}
- {head: c1}
- {wait: 1m}
- expect: {live: {staging: v1}, blocked: {staging: [evidence.inconclusive]}}
- {wait: 2h}
- expect: {live: {staging: c1}}
""",
    "what is not the newest is not asked on": """
- {check: tests, of: c1, says: error}
- {check: tests, of: c2, says: error}
- {head: c1}
- {wait: 1m}
- {head: c2}
- {wait: 1m}
- {check: tests, of: c1, says: pass}
- {wait: 5h}
- expect: {live: {staging: v1}}
- {check: tests, of: c2, says: pass}
- {wait: 4h}
- expect: {live: {staging: c2}}
""",
    "a newer head takes the place of one that waits in line": """
- {freeze: staging, for: 1h, by: ben}
- {head: c1}
- {wait: rest}
- {release: v2, by: ann}
- {wait: rest}
- {lift: staging, by: ben}
- {check: smoke, says: silent, in: staging, of: v2}
- {promote: staging, of: v2, by: ann}
- {wait: 10s}
- expect: {queue: {staging: [c1]}, of: c1, release: [open]}
- {head: c2}
- {wait: 30s}
- expect: {queue: {staging: [c2]}, of: c2}
- expect: {of: c1, release: [withdrawn], promotion: {staging: turned_away}}
- {wait: rest}
- expect: {live: {staging: c2}}
""",
    "a newer head takes nothing from one that no check has refuted": """
- {check: tests, says: inconclusive, of: c1}
- {head: c1}
- {wait: rest}
- {check: tests, says: fail, of: c2}
- {head: c2}
- {wait: rest}
- expect: {of: c1, release: [open]}
- {check: tests, says: pass, of: c1}
- {refresh: tests, of: c1, by: ann}
- {wait: rest}
- expect: {live: {staging: c1}}
- expect: {of: c2, release: [open]}
- {head: c3}
- {wait: rest}
- expect: {live: {staging: c3}}
- expect: {of: c2, release: [withdrawn]}
""",
    "of two that are green the newer one goes, and the older is not asked for again": """
- {freeze: staging, for: 1h, by: ben}
- {head: c1}
- {wait: rest}
- {head: c2}
- {wait: rest}
- expect: {of: c1, release: [open]}
- {lift: staging, by: ben}
- {wait: rest}
- expect: {live: {staging: c2}}
- expect: {of: c1, release: [withdrawn], promotion: {}}
""",
    "what is under way comes to its end before the next": """
- {head: c1}
- {check: smoke, says: silent, in: staging}
- {wait: 10s}
- expect: {promotion: {staging: verifying}}
- {head: c2}
- {wait: 30s}
- expect: {of: c1, promotion: {staging: verifying}, queue: {staging: [c2]}, release: [open]}
- {wait: rest}
- expect: {live: {staging: c2}}
""",
    "a head that fails in staging goes back and does not come again by itself": """
- {head: c1}
- {check: smoke, says: fail, in: staging}
- {wait: rest}
- expect: {live: {staging: v1}, release: [rolled_back]}
- {wait: 10m}
- expect: {live: {staging: v1}}
""",
    "the same head is delivered once": """
- {head: c1}
- {wait: 1h}
- expect: {live: {staging: c1}, release: [completed], queue: {staging: []}}
""",
    "production is reached by people only, with every approval": """
- {head: c1, authors: [ann]}
- {wait: rest}
- {release: v2, holds: c1, by: ann}
- {wait: rest}
- {promote: staging, by: ann}
- {wait: rest}
- {promote: production, by: ann, refused: [approval.missing]}
- {wait: 1h}
- expect: {live: {production: v1}}
- {approve: production, by: ann, refused: [approval.author, approval.role]}
- {approve: production, by: ben}
- {wait: 1h}
- expect: {live: {production: v1}}
- {promote: production, by: ann}
- {wait: rest}
- expect: {live: {production: v2}}
""",
    "another way than the usual one needs its reason on record": """
- {release: v2, labels: [direct], by: ann}
- {wait: rest}
- {promote: staging, by: ann, refused: [record.missing]}
- {write: why, before: production, sections: {Reason: The pipeline is down and the fix cannot wait.}, by: ann}
- {promote: staging, by: ann}
- {wait: rest}
- {approve: production, by: ben}
- {promote: production, by: ann}
- {wait: 30s}
- expect: {live: {production: v2}, promotion: {production: completed}}
""",
    "without the label it takes the usual way": """
- {release: v2, by: ann}
- {wait: rest}
- {promote: staging, by: ann}
- {wait: rest}
- {approve: production, by: ben}
- {promote: production, by: ann}
- {wait: 30s}
- expect: {promotion: {production: baking}}
- {wait: rest}
- expect: {live: {production: v2}, promotion: {production: completed}}
""",
    "what runs and was not released is an unauthorised change, until it is restored": """
- {drifts: production, to: v666}
- {wait: 5m}
- expect: {drifted: {production: v666, staging: none}, incidents: [critical], told: [what runs was not released]}
- {rollback: production, to: v1, by: cat}
- {wait: 5m}
- expect: {drifted: {production: none}, running: {production: v1}, live: {production: v1}}
""",
    "what is found may be adopted by a person, and nothing else": """
- {drifts: production, to: v666}
- {wait: rest}
- expect: {drifted: {production: v666}, live: {production: v1}}
- {adopt: production, version: v667, by: ann, refused: [adopt.not_found]}
- {adopt: staging, version: v666, by: ann, refused: [adopt.not_empty]}
- {adopt: production, version: v666, by: ann}
- {wait: rest}
- expect: {drifted: {production: none}, live: {production: v666}, incidents: [critical]}
""",
    "where a release was proven, nothing at all is a difference": """
- {release: v2, by: ann}
- {wait: rest}
- {promote: staging, by: ann}
- {wait: rest}
- {drifts: staging, to: nothing}
- {wait: rest}
- expect: {drifted: {staging: nothing}, incidents: [critical]}
- {drifts: staging, to: v2}
- {wait: rest}
- expect: {drifted: {staging: none}}
""",
    "where it was only adopted, nothing to be seen is not known": """
- {drifts: production, to: nothing}
- {wait: rest}
- expect: {drifted: {production: unknown}, incidents: []}
""",
    "what cannot be told is neither drift nor agreement": """
- {presence: hidden}
- {wait: 5m}
- expect: {drifted: {production: unknown, staging: unknown}, incidents: []}
- {drifts: production, to: v666}
- {wait: 5m}
- expect: {drifted: {production: unknown}, incidents: []}
- {presence: seen}
- {wait: 5m}
- expect: {drifted: {production: v666, staging: none}, incidents: [critical]}
- {presence: hidden}
- {wait: 5m}
- expect: {drifted: {production: v666}}
""",
    "another difference in the same place is the same incident": """
- {drifts: production, to: v666}
- {wait: rest}
- {drifts: production, to: v667}
- {wait: rest}
- expect: {drifted: {production: v667}, incidents: [critical]}
""",
    "what moves is not compared": """
- {release: v2, by: ann}
- {wait: rest}
- {check: smoke, says: silent, in: staging}
- {promote: staging, by: ann}
- {wait: 30s}
- {drifts: staging, to: v666}
- {wait: 20s}
- expect: {promotion: {staging: verifying}, drifted: {staging: none}}
""",
}


@pytest.mark.parametrize("name", STORIES)
def test_in_the_simulated_world(name: str) -> None:
    text = f"scenario: {name}\n{GIVEN}{STORIES[name]}"
    outcome = run_scenario("story.yaml", text.encode(), PACK.encode())
    assert isinstance(outcome, Passed), outcome.text


def test_a_green_head_goes_as_soon_as_the_window_of_staging_opens() -> None:
    window = '{schedule: "RRULE:FREQ=DAILY", tz: UTC, from: "12:00", to: "13:00"}'
    staging = "{name: staging, environment: staging, "
    pack = PACK.replace(staging, f"{staging}windows: [{window}], ")
    text = f"""\
scenario: it is nine, and at noon main goes
{GIVEN}
- {{head: c1, authors: [ann]}}
- {{wait: 170m}}
- expect: {{live: {{staging: v1}}, blocked: {{staging: [window.closed]}}}}
- {{wait: 12m}}
- expect: {{live: {{staging: c1}}}}
"""
    outcome = run_scenario("story.yaml", text.encode(), pack.encode())
    assert isinstance(outcome, Passed), outcome.text


def test_content_that_runs_under_another_name_is_measured_for_every_release_of_it() -> None:
    gate = "{id: objectives, gate: {check: objectives, in: staging}}"
    pack = PACK.replace("requires: [{id: review,", f"requires: [{gate}, {{id: review,")
    text = f"""\
scenario: main delivers what somebody releases, and takes its place
{GIVEN}
- {{head: c1, authors: [ann]}}
- {{wait: rest}}
- {{release: v2, by: ann, holds: c1}}
- {{wait: rest}}
- expect: {{live: {{staging: c1}}, blocked: {{production: [order.not_reached, approval.missing]}}}}
"""
    outcome = run_scenario("story.yaml", text.encode(), pack.encode())
    assert isinstance(outcome, Passed), outcome.text
