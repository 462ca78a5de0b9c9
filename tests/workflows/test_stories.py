# SPDX-License-Identifier: Apache-2.0
from importlib.resources import files
from typing import Final

import pytest

from interlock.testing.scenario import Passed, run_scenario

PACK: Final = files("interlock.packs").joinpath("library", "starter", "pack.yaml").read_bytes()
PEOPLE: Final = "given: {people: {ann: [developer], ben: [reviewer], cat: [release-manager]}}\n"
NOTHING_RUNS: Final = "given: {live: nothing, people: {ann: [developer], ben: [reviewer], cat: [release-manager]}}\n"
OTHER_RULES: Final = """
given:
  people: {ann: [developer], ben: [reviewer], cat: [release-manager]}
  rules: {other: {developer: [ann, ben], reviewer: [ben], release-manager: [cat]}}
"""
IN_STAGING: Final = """
- {release: VERSION, by: ann}
- {wait: rest}
- {promote: staging, by: ann}
- {wait: rest}
- {sign: rollback-plan, before: production, by: ann}
- {approve: production, by: ben}
"""
READY: Final = IN_STAGING.replace("VERSION", "v2")
READY_V3: Final = IN_STAGING.replace("VERSION", "v3")

STORIES: Final = {
    "a second promotion waits for the first and then goes by itself": (
        PEOPLE,
        READY,
        READY_V3,
        """
- {promote: production, by: ann, of: v2}
- {promote: production, by: ann, of: v2, refused: [promotion.under_way]}
- {promote: production, by: ann, of: v3}
- {promote: production, by: ann, of: v3, refused: [promotion.under_way]}
- expect: {queue: {production: [v3]}}
- {wait: 6s}
- expect: {running: {production: v2}, queue: {production: [v3]}}
- {wait: rest}
- expect: {running: {production: v3}, queue: {production: []}, told: [v2 is live in production]}
""",
    ),
    "a queued promotion whose gate has shut by its turn is turned away": (
        PEOPLE,
        READY,
        READY_V3,
        """
- {promote: production, by: ann, of: v2}
- {promote: production, by: ann, of: v3}
- {recall: v3, by: ben}
- {wait: rest}
- expect: {running: {production: v2}, promotion: {production: turned_away}}
""",
    ),
    "a rollback that fails three times is stranded, and a person replaces it": (
        PEOPLE,
        READY,
        """
- {promote: production, by: ann}
- {wait: rest}
""",
        READY_V3,
        """
- {promote: production, by: ann}
- {check: smoke, in: production, of: v3, says: fail}
- {deployment: v2, in: production, comes_to: failure}
- {wait: rest}
- expect:
    rollback: {production: stranded}
    incidents: [major]
    recalled: [v3]
    told: [the rollback to app:v2 is stranded]
- {promote: production, by: ann, of: v3, refused: [release.not_open, recall.active]}
- {rollback: production, by: cat, to: v1}
- {wait: rest}
- expect: {rollback: {production: absent}, running: {production: v1}, live: {production: v1}}
""",
    ),
    "a rollback comes through when a later try does": (
        PEOPLE,
        READY,
        """
- {promote: production, by: ann}
- {check: smoke, in: production, of: v2, says: fail}
- {check: smoke, in: production, of: v1, says: inconclusive}
- {wait: 1m}
- expect: {rollback: {production: proving}}
- {check: smoke, in: production, of: v1, says: pass}
- {wait: rest}
- expect: {rollback: {production: absent}, running: {production: v1}}
""",
    ),
    "the first release ever that fails has nothing to return to, and says so loudly": (
        NOTHING_RUNS,
        """
- {release: v1, by: ann}
- {wait: rest}
- {check: smoke, in: staging, of: v1, says: fail}
- {promote: staging, by: ann}
- {wait: rest}
- expect: {promotion: {staging: returned}, incidents: [critical], told: [there is nothing to return to]}
""",
    ),
    "a clock that jumps back holds what would gain exposure": (
        PEOPLE,
        READY,
        """
- {clock_back: 1h}
- {promote: production, by: ann, refused: [clock.behind]}
- {wait: 2h}
- {promote: production, by: ann}
- {clock_back: 1h}
- {wait: rest}
- expect: {promotion: {production: turned_away}, running: {production: v1}}
""",
    ),
    "a clock that jumps back holds no decrease of exposure": (
        PEOPLE,
        READY,
        """
- {promote: production, by: ann}
- {wait: rest}
- {clock_back: 1h}
- {rollback: production, by: ben}
- {wait: rest}
- expect: {running: {production: v1}, rollback: {production: absent}}
""",
    ),
    "a clock that jumps ahead does not shorten the bake": (
        PEOPLE,
        READY,
        """
- {promote: production, by: ann}
- {wait: 4s}
- expect: {promotion: {production: baking}}
- {wait: 50s, controller: dead}
- {wait: 1s}
- expect: {promotion: {production: baking}}
- {check: smoke, in: production, of: v2, says: fail}
- {wait: rest}
- expect: {promotion: {production: returned}, running: {production: v1}}
""",
    ),
    "a controller dead for a day in a bake returns what nobody watched": (
        PEOPLE,
        READY,
        """
- {promote: production, by: ann}
- {wait: 4s}
- {wait: 1d, controller: dead}
- expect: {promotion: {production: baking}, running: {production: v2}}
- {wait: rest}
- expect: {promotion: {production: returned}, running: {production: v1}, told: [back on app:v1]}
""",
    ),
    "a controller dead for less than checks may be silent goes on with the bake": (
        PEOPLE,
        READY,
        """
- {promote: production, by: ann}
- {wait: 4s}
- {wait: 50s, controller: dead}
- {wait: rest}
- expect: {promotion: {production: completed}, running: {production: v2}, incidents: []}
""",
    ),
    "an outage of the deployer delays a promotion": (
        PEOPLE,
        READY,
        """
- {outage: deployments, calls: 30}
- {promote: production, by: ann}
- {wait: rest}
- expect: {promotion: {production: completed}, running: {production: v2}}
""",
    ),
    "an outage of the checks is no verdict against a release": (
        PEOPLE,
        READY,
        """
- {outage: checks, calls: 5}
- {promote: production, by: ann}
- {wait: rest}
- expect: {promotion: {production: completed}, running: {production: v2}, incidents: []}
""",
    ),
    "a deployment that fails goes back, whatever it left": (
        PEOPLE,
        READY,
        """
- {deployment: v2, in: production, comes_to: wreck}
- {promote: production, by: ann}
- {wait: rest}
- expect: {promotion: {production: returned}, running: {production: v1}, incidents: [major]}
""",
    ),
    "a deployment that is declined goes back as well": (
        PEOPLE,
        READY,
        """
- {deployment: v2, in: production, comes_to: refusal}
- {promote: production, by: ann}
- {wait: rest}
- expect: {promotion: {production: returned}, running: {production: v1}}
""",
    ),
    "a deployment that hangs is ended by a rollback a person orders": (
        PEOPLE,
        READY,
        """
- {deployment: v2, in: production, comes_to: hanging}
- {promote: production, by: ann}
- {wait: 1h}
- expect: {promotion: {production: deploying}}
- {rollback: production, by: ben}
- {wait: rest}
- expect: {running: {production: v1}, live: {production: v1}, promotion: {production: returned}}
""",
    ),
    "a check that never answers does not hold the return": (
        PEOPLE,
        READY,
        """
- {check: smoke, in: production, of: v2, says: silent}
- {promote: production, by: ann}
- {wait: 2m}
- expect: {promotion: {production: returned}, running: {production: v1}}
""",
    ),
    "a release on its way is not moved to other rules": (
        OTHER_RULES,
        READY,
        """
- {promote: production, by: ann}
- {wait: 4s}
- {propose: other, by: ben}
- {enact: other, by: cat}
- {repin: v2, by: ann, refused: [release.moving]}
- {wait: rest}
- expect: {promotion: {production: completed}, running: {production: v2}, rules: [other]}
""",
    ),
    "what a check saw before the deployment ended proves nothing": (
        PEOPLE,
        """
- {check: smoke, in: staging, of: v2, says: fail}
- {release: v2, by: ann}
- {wait: rest}
- {promote: staging, by: ann}
- {wait: 1s}
- {check: smoke, in: staging, of: v2, says: pass}
- {wait: rest}
- expect: {promotion: {staging: completed}, incidents: []}
""",
    ),
    "one person alone may do everything once that is declared": (
        "given: {people: {ann: [developer, reviewer, release-manager]}, solo: [ann]}\n",
        READY.replace("by: ben", "by: ann"),
        """
- expect: {blocked: {production: []}}
- {promote: production, by: ann}
- {wait: rest}
- expect: {running: {production: v2}}
""",
    ),
}


@pytest.mark.parametrize("sentence", STORIES)
def test_in_the_simulated_world(sentence: str) -> None:
    given, *steps = STORIES[sentence]
    text = f"scenario: {sentence}\n{given}steps:\n{''.join(steps)}"
    outcome = run_scenario(sentence, text.encode(), PACK)
    assert isinstance(outcome, Passed), outcome
