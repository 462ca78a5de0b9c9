# SPDX-License-Identifier: Apache-2.0
"""Rollouts told as stories in the simulated world: real rules, simulated proxies, users and time."""

from importlib.resources import files
from typing import Final

import pytest

from interlock.testing.scenario import Passed, run_scenario

STARTER: Final = files("interlock.packs").joinpath("library", "starter", "pack.yaml").read_text()
STEPPED: Final = """    rollout:
      steps: [{weight: 1, hold: 5s}, {weight: 10, hold: 5s}, {weight: 50, hold: 10s, least: 100}]
      every: 1s
      blind_for: 10s
    bake: {for: 10s, every: 2s, checks: [smoke]}
"""
BAKE: Final = "    bake: {for: 10s, every: 2s, checks: [smoke], cites: [ST-4]}\n"
PACK: Final = STARTER.replace(BAKE, STEPPED).encode()
ACCOMPANIED: Final = PACK.replace(b"      every: 1s", b"      every: 1s\n      baseline: fresh")
"""The same with a baseline: whatever happens, it comes to the same."""
ASKING: Final = STARTER.replace(
    BAKE, STEPPED.replace("{weight: 50, hold: 10s, least: 100}", "{ask: [release-manager]}, {weight: 50, hold: 5s}")
).encode()
PEOPLE: Final = "given: {people: {ann: [developer], ben: [reviewer], cat: [release-manager]}}\n"
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
PROMOTED: Final = READY + "- {promote: production, by: ann}\n"

STORIES: Final = {
    "a good release is exposed step by step, bakes, and becomes stable": (
        PROMOTED,
        """
- {wait: 4s}
- expect: {promotion: {production: rolling}, exposed: {production: 1}, live: {production: v1}}
- {wait: 6s}
- expect: {exposed: {production: 10}, running: {production: v1}}
- {wait: 6s}
- expect: {exposed: {production: 50}}
- {wait: 10s}
- expect: {promotion: {production: baking}, exposed: {production: 100}, live: {production: v1}}
- {wait: rest}
- expect:
    promotion: {production: completed}
    exposed: {production: 0}
    live: {production: v2}
    running: {production: v2}
    incidents: []
""",
    ),
    "the next release goes to the other lane, and a rollback after completion is a switch": (
        PROMOTED,
        "- {wait: rest}\n",
        READY_V3,
        """
- {promote: production, by: ann}
- {wait: rest}
- expect: {live: {production: v3}, running: {production: v3}}
- {rollback: production, by: cat}
- {wait: rest}
- expect: {live: {production: v2}, running: {production: v2}, rollback: {production: absent}}
""",
    ),
    "what fails under traffic goes back by itself": (
        "\n- {requests: v2, errors: 20}\n",
        PROMOTED,
        """
- {wait: 2m}
- expect:
    promotion: {production: returned}
    exposed: {production: 0}
    live: {production: v1}
    running: {production: v1}
    rollback: {production: absent}
    incidents: [major]
    recalled: [v2]
""",
    ),
    "what goes wrong while it bakes goes back as well": (
        PROMOTED,
        """
- {wait: 27s}
- expect: {promotion: {production: baking}, exposed: {production: 100}}
- {check: smoke, in: production, of: v2, says: fail}
- {wait: rest}
- expect: {promotion: {production: returned}, live: {production: v1}, exposed: {production: 0}}
""",
    ),
    "who turns bad with all of the traffic goes back, though nothing is beside it": (
        PROMOTED,
        """
- {wait: 27s}
- expect: {promotion: {production: baking}, exposed: {production: 100}}
- {requests: v2, errors: 30}
- {wait: rest}
- expect: {promotion: {production: returned}, live: {production: v1}, exposed: {production: 0}}
""",
    ),
    "a controller that dies loses its exposure, and the next one begins anew and completes": (
        PROMOTED,
        """
- {wait: 8s}
- expect: {exposed: {production: 10}}
- {wait: 5s, controller: dead}
- expect: {exposed: {production: 0}, live: {production: v1}}
- {wait: 5s}
- expect: {exposed: {production: 1}}
- {wait: rest}
- expect: {promotion: {production: completed}, live: {production: v2}, incidents: []}
""",
    ),
    "what went wrong while the controller was dead for a moment goes back without being exposed again": (
        PROMOTED,
        """
- {wait: 18s}
- expect: {exposed: {production: 50}}
- {requests: v2, errors: 80}
- {wait: 1s, controller: dead}
- {wait: 1s}
- expect: {promotion: {production: returned}, exposed: {production: 0}, recalled: [v2]}
""",
    ),
    "the second loss of its exposure goes back": (
        PROMOTED,
        """
- {wait: 8s}
- {wait: 5s, controller: dead}
- {wait: 12s}
- {wait: 5s, controller: dead}
- {wait: rest}
- expect: {promotion: {production: returned}, live: {production: v1}, incidents: [minor], recalled: []}
""",
    ),
    "who cannot see holds, and goes back when that lasts": (
        PROMOTED,
        """
- {wait: 8s}
- {outage: metrics, calls: 5}
- {wait: 4s}
- expect: {exposed: {production: 10}}
- {outage: metrics, calls: 1000}
- {wait: rest}
- expect: {promotion: {production: returned}, live: {production: v1}, exposed: {production: 0}, incidents: [minor]}
""",
    ),
    "a candidate that takes no requests goes back": (
        PROMOTED,
        """
- {wait: 8s}
- {candidate: production, ready: 0}
- {wait: 4s}
- expect: {promotion: {production: rolling}}
- {wait: rest}
- expect: {promotion: {production: returned}, live: {production: v1}, incidents: [major], recalled: [v2]}
""",
    ),
    "a pause keeps the exposure, and goes on watching": (
        PROMOTED,
        """
- {wait: 8s}
- {pause: production, by: ann}
- {pause: production, by: ann, refused: [rollout.already]}
- {wait: 60s}
- expect: {exposed: {production: 10}, promotion: {production: rolling}}
- {resume: production, by: cat}
- {wait: rest}
- expect: {promotion: {production: completed}}
""",
    ),
    "a paused rollout that goes wrong goes back": (
        PROMOTED,
        """
- {wait: 8s}
- {pause: production, by: ann}
- {wait: 5s}
- {requests: v2, errors: 30}
- {wait: rest}
- expect: {promotion: {production: returned}, exposed: {production: 0}}
""",
    ),
    "a freeze in the middle holds the exposure where it is, and lets it go on afterwards": (
        PROMOTED,
        """
- {wait: 8s}
- {freeze: production, for: 1m, by: cat}
- {wait: 30s}
- expect: {exposed: {production: 10}, promotion: {production: rolling}}
- {wait: rest}
- expect: {promotion: {production: completed}, live: {production: v2}}
""",
    ),
    "an abort in the middle returns at once and says nothing against the release": (
        PROMOTED,
        """
- {wait: 8s}
- {abort: production, by: ann}
- {wait: rest}
- expect: {promotion: {production: returned}, exposed: {production: 0}, incidents: [], recalled: []}
""",
    ),
    "a newer release may supersede the one under way, which goes back first": (
        PROMOTED,
        "- {wait: 1s}\n",
        READY_V3.replace("{wait: rest}", "{wait: 4s}"),
        """
- {promote: production, by: ann, of: v3, supersede: v2}
- {wait: rest}
- expect: {promotion: {production: completed}, live: {production: v3}, incidents: []}
- expect: {promotion: {production: returned}, of: v2}
""",
    ),
    "proxies that refuse an exposure end the rollout, and that is no fault of the release": (
        PROMOTED,
        """
- {proxies: production, do: refuses}
- {wait: rest}
- expect: {promotion: {production: returned}, exposed: {production: 0}, incidents: [minor], recalled: []}
""",
    ),
    "what cannot be deployed beside what is live is not recalled, and may be promoted again": (
        READY,
        """
- {deployment: v2, in: production, comes_to: wreck}
- {promote: production, by: ann}
- {wait: rest}
- expect:
    promotion: {production: returned}
    live: {production: v1}
    running: {production: v1}
    rollback: {production: absent}
    incidents: [minor]
    recalled: []
- {deployment: v2, in: production, comes_to: success}
- {promote: production, by: ann}
- {wait: rest}
- expect: {promotion: {production: completed}, live: {production: v2}}
""",
    ),
    "without any proxy nothing is exposed, and it goes on by itself when one is back": (
        PROMOTED,
        """
- {wait: 8s}
- {proxies: production, do: away}
- {wait: 2m}
- expect: {promotion: {production: rolling}, exposed: {production: 0}, incidents: []}
- {proxies: production, do: takes}
- {wait: rest}
- expect: {promotion: {production: completed}, live: {production: v2}}
""",
    ),
    "proxies that do not confirm are tried again, and then it goes back": (
        PROMOTED,
        """
- {wait: 8s}
- {proxies: production, do: mute}
- {wait: 30s}
- expect: {exposed: {production: 0}, live: {production: v1}}
- {proxies: production, do: takes}
- {wait: rest}
- expect: {promotion: {production: returned}, live: {production: v1}}
""",
    ),
}


@pytest.mark.parametrize("pack", [PACK, ACCOMPANIED], ids=["alone", "accompanied"])
@pytest.mark.parametrize("name", STORIES)
def test_in_the_simulated_world(name: str, pack: bytes) -> None:
    told = f"scenario: {name}\n{PEOPLE}steps:" + "".join(STORIES[name])
    outcome = run_scenario("story.yaml", told.encode(), pack)
    assert isinstance(outcome, Passed), outcome


def test_a_step_that_asks_waits_for_one_of_those_it_asks() -> None:
    told = f"""scenario: asked
{PEOPLE}steps:{PROMOTED}
- {{wait: 1m}}
- expect: {{exposed: {{production: 10}}, promotion: {{production: rolling}}}}
- {{agree: production, by: ann, refused: [rollout.not_asked]}}
- {{agree: production, by: cat}}
- {{wait: rest}}
- expect: {{promotion: {{production: completed}}}}
"""
    outcome = run_scenario("story.yaml", told.encode(), ASKING)
    assert isinstance(outcome, Passed), outcome
