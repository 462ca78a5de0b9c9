# SPDX-License-Identifier: Apache-2.0
"""Handoffs, records, holds, owners and conditional paths, played by the program itself in a simulated world."""

from typing import Final

import pytest

from interlock.testing.scenario import Passed, run_scenario

PACK: Final = b"""\
pack: team
version: 1.0.0
status: active
roles: [dev, qa, lead]
governors: [lead]
environments: [{name: production, tier: production}]
paths:
  risky: {for: [normal], when: "'auth' in areas", stages: [hand, owned, production]}
  plain: {for: [normal], stages: [hand, production]}
stages:
  - name: hand
    order: sequential
    requires:
      - {id: built, signoff: {roles: [dev], statement: Built.}}
      - {id: defects, gate: {check: defects}, signoff: {roles: [qa], statement: No defect.}}
      - {id: notes, record: {roles: [dev], sections: [Summary, Known issues]}}
      - {id: go, approval: {roles: [qa, lead], who: each}}
      - {id: rest, hold: {since: [go], at_least: 24h}}
  - name: owned
    requires: [{id: owner, approval: {roles: [lead], who: owners, apart: owner}}]
  - {name: production, environment: production, verify: {checks: [smoke]}}
waivers: {authority: [lead], longest: 7d}
"""

GIVEN: Final = """\
given:
  people: {ann: [dev], ben: [qa], cat: [lead], dan: []}
  owners: {auth: [dan]}
steps:
"""
HANDED: Final = """\
  - {sign: built, before: production, by: ann}
  - {sign: defects, before: production, by: ben}
  - {write: notes, before: production, sections: {Summary: Faster., Known issues: None.}, by: ann}
  - {approve: production, as: go, by: ben}
  - {approve: production, as: go, by: cat}
"""

STORIES: Final = {
    "handoffs keep their order": """\
  - {release: v2, by: ann}
  - {sign: defects, before: production, by: ben, refused: [signoff.too_early]}
  - {write: notes, before: production, sections: {Summary: x, Known issues: y}, by: ann, refused: [record.too_early]}
  - {approve: production, as: go, by: cat, refused: [approval.too_early]}
  - {approve: production, by: cat, refused: [approval.unaddressed]}
  - {wait: rest}
  - {sign: built, before: production, by: ann}
  - {sign: defects, before: production, by: ben}
  - {write: notes, before: production, sections: {Summary: x}, by: ann, refused: [record.incomplete]}
  - {write: notes, before: production, sections: {Summary: x, Known issues: y}, by: ben, refused: [record.role]}
  - {write: notes, before: production, sections: {Summary: x, Known issues: y}, by: ann}
  - {write: notes, before: production, sections: {Summary: x, Known issues: y}, by: ann, refused: [record.same]}
  - {approve: production, as: go, by: cat}
  - expect: {blocked: {production: [approval.missing, hold.not_begun]}}
""",
    "a hold is a hold, and what was agreed to dies with the record": f"""\
  - {{release: v2, by: ann}}
  - {{wait: rest}}
{HANDED}
  - {{promote: production, by: ann, refused: [hold.running]}}
  - {{wait: 23h}}
  - {{promote: production, by: ann, refused: [hold.running]}}
  - {{write: notes, before: production, sections: {{Summary: Slower., Known issues: None.}}, by: ann}}
  - expect: {{blocked: {{production: [approval.died, hold.not_begun]}}}}
  - {{approve: production, as: go, by: ben}}
  - {{approve: production, as: go, by: cat}}
  - {{wait: 24h}}
  - {{promote: production, by: ann}}
  - {{wait: rest}}
  - expect: {{running: {{production: v2}}}}
""",
    "evidence comes with its signature, and neither is enough alone": """\
  - {check: defects, of: v2, says: fail}
  - {release: v2, by: ann}
  - {wait: rest}
  - {sign: built, before: production, by: ann}
  - {sign: defects, before: production, by: ben, refused: [signoff.too_early]}
  - {check: defects, of: v2, says: pass}
  - {refresh: defects, by: ann}
  - {wait: rest}
  - {sign: defects, before: production, by: ben, refused: [signoff.too_early]}
  - {sign: built, before: production, by: ann}
  - {sign: defects, before: production, by: ben}
  - {check: defects, of: v2, says: fail}
  - {refresh: defects, by: ann}
  - {wait: rest}
  - {promote: production, by: ann, refused:
      [signoff.died, evidence.fail, record.missing, approval.missing, hold.not_begun]}
""",
    "who touches an owned area needs its owner": f"""\
  - {{release: v2, areas: [auth], by: ann}}
  - {{wait: rest}}
{HANDED}
  - {{wait: 24h}}
  - {{promote: production, by: ann, refused: [approval.missing]}}
  - {{approve: production, as: owner, by: cat, refused: []}}
  - {{promote: production, by: ann, refused: [approval.missing]}}
  - {{approve: production, as: owner, by: dan}}
  - {{promote: production, by: ann}}
""",
}


@pytest.mark.parametrize("name", STORIES)
def test_a_story_goes_as_told(name: str) -> None:
    text = "\n".join(line for line in f"scenario: {name}\n{GIVEN}{STORIES[name]}".splitlines() if line.strip())
    outcome = run_scenario(name, text.encode(), PACK)
    assert isinstance(outcome, Passed), outcome
