# SPDX-License-Identifier: Apache-2.0
"""Incidents and the decision to go back, as a pack writes them, played by the program itself in a simulated world."""

from typing import Final

import pytest
from tests.packs.ward import PACK

from interlock.testing.scenario import Passed, run_scenario

GIVEN: Final = """\
given:
  people:
    mia: [manager]
    quin: [qa-lead]
    sam: [security-lead]
    oli: [on-call]
    pat: [product-lead]
    dev: [developer]
    eve: []
  rules: {better: {manager: [mia], developer: [dev]}}
steps:
"""
LIVE: Final = """\
  - {release: v2, by: dev}
  - {sign: built, before: production, by: dev}
  - {promote: production, by: dev}
  - {wait: rest}
  - expect: {live: {production: v2}}
"""
BACK: Final = """\
  - {wait: 1m}
  - expect: {live: {production: v1}, running: {production: v1}}
"""

STORIES: Final = {
    "who decides is heard at once, and what follows keeps its order": f"""\
{LIVE}
  - {{declare: i1, in: production, by: eve}}
  - {{settle: data, as: keep, by: mia, refused: [incident.not_owed]}}
  - {{answer: rollback, by: eve, refused: [incident.no_authority]}}
  - {{answer: rollback, by: mia}}
{BACK}
  - expect: {{incident: {{decided: rollback, right: primary, missed: []}}}}
  - {{attest: qa-validated, by: quin, refused: [incident.too_early]}}
  - {{settle: data, as: keep, by: oli, refused: [incident.role]}}
  - {{settle: data, as: keep, by: mia}}
  - {{attest: qa-validated, by: quin}}
  - {{close: i1, by: mia, refused: [duty.unwritten, duty.gaps_unnamed, duty.unscheduled, duty.too_early]}}
  - {{report: timeline, sections: {{Timeline: t}}, by: mia, refused: [incident.sections]}}
  - {{report: timeline, sections: {{Timeline: t, Impact: i}}, by: mia}}
  - {{report: actions, sections: {{Actions: a}}, by: mia}}
  - {{attest: gaps, by: mia}}
  - {{tell: resolution, saying: {{cause: c, actions: a, contact: mia}}, by: mia, refused: [incident.too_early]}}
  - {{schedule: 49h, by: mia, refused: [incident.review_late]}}
  - {{schedule: 24h, by: mia}}
  - {{tell: resolution, saying: {{cause: why, actions: a, contact: mia}}, by: mia}}
  - {{close: i1, by: mia}}
  - {{wait: 1m}}
  - expect: {{incidents: [], told: {{stakeholders: ["why, a,", decided, healthy again], status-page: [healthy again]}}}}
""",
    "a security incident pages, may be mandated back, and is reviewed": f"""\
{LIVE}
  - {{declare: i1, in: production, about: [security], by: eve}}
  - {{answer: stay, by: mia}}
  - {{rollback: production, by: sam}}
{BACK}
  - expect: {{incident: {{decided: rollback, right: mandate, labels: [security]}}, told: {{security-lead: [security]}}}}
  - expect: {{incident: {{owes: [duty.unanswered, duty.unsigned, duty.unwritten, duty.gaps_unnamed,
      duty.unscheduled, duty.too_early]}}}}
""",
    "what nobody decides goes back by itself": f"""\
{LIVE}
  - {{declare: i1, in: production, by: eve}}
  - {{wait: 14m}}
  - expect: {{live: {{production: v2}}, incident: {{missed: [first-alert, out-of-reach]}}}}
  - {{wait: 2m}}
  - expect: {{live: {{production: v1}}, incident: {{decided: rollback, right: silence}}}}
""",
    "a hotfix that does not come in time goes back": f"""\
{LIVE}
  - {{declare: i1, in: production, by: eve}}
  - {{answer: hotfix, by: mia}}
  - {{wait: 29m}}
  - expect: {{live: {{production: v2}}}}
  - {{wait: 2m}}
  - expect: {{live: {{production: v1}}, incident: {{right: silence}}}}
""",
    "a hotfix that comes in time is one": f"""\
{LIVE}
  - {{declare: i1, in: production, by: eve}}
  - {{answer: hotfix, by: mia}}
  - {{release: v3, by: dev}}
  - {{sign: built, before: production, by: dev}}
  - {{promote: production, by: dev}}
  - {{wait: 40m}}
  - expect: {{live: {{production: v3}}, incident: {{decided: hotfix, clocks: [post-mortem]}}}}
  - expect: {{incident: {{owes: [duty.unwritten, duty.gaps_unnamed, duty.unscheduled, duty.too_early]}}}}
""",
    "on-call stands in for a manager who is away, or says nothing": f"""\
{LIVE}
  - {{rollback: production, by: oli, refused: [rollback.no_authority]}}
  - {{declare: i1, in: production, by: oli}}
  - {{answer: rollback, by: oli}}
  - expect: {{live: {{production: v2}}, incident: {{decided: open}}}}
  - {{wait: 6m}}
  - expect: {{live: {{production: v1}}, incident: {{decided: rollback, right: fallback}}}}
""",
    "on-call rolls back at once while the manager is away": f"""\
{LIVE}
  - {{away: 2h, by: oli}}
  - {{back: oli, by: oli}}
  - {{back: oli, by: oli, refused: [absence.not_away]}}
  - {{away: 2h, by: mia}}
  - {{rollback: production, by: oli}}
{BACK}
  - expect: {{incidents: [major], incident: {{right: fallback}}}}
""",
    "a disagreement goes to the product lead, whose word ends it": f"""\
{LIVE}
  - {{declare: i1, in: production, by: eve}}
  - {{answer: stay, by: mia}}
  - {{wait: 16m}}
  - {{answer: rollback, by: oli}}
  - expect: {{incident: {{decided: disagreed, clocks: [disagreement, post-mortem]}}}}
  - {{answer: stay, by: pat}}
  - expect: {{incident: {{decided: disagreed}}}}
  - {{wait: 11m}}
  - expect: {{incident: {{decided: escalated}}, told: {{product-lead: [you decide]}}}}
  - {{answer: stay, by: pat}}
  - {{wait: 30m}}
  - expect: {{live: {{production: v2}}, incident: {{decided: stay, right: escalation}}}}
""",
    "a disagreement that nobody settles goes back": f"""\
{LIVE}
  - {{declare: i1, in: production, by: eve}}
  - {{answer: stay, by: mia}}
  - {{wait: 16m}}
  - {{answer: rollback, by: oli}}
  - {{escalate: i1, by: eve, refused: [incident.no_authority]}}
  - {{escalate: i1, by: oli}}
  - {{wait: 11m}}
  - expect: {{live: {{production: v1}}, incident: {{right: silence}}}}
""",
    "some things go back for whoever is trusted with saying them": f"""\
{LIVE}
  - {{declare: i1, in: production, about: [threat], by: eve}}
  - expect: {{incident: {{decided: open}}}}
  - {{label: threat, by: eve, refused: [incident.labelled]}}
  - {{label: threat, by: sam}}
{BACK}
  - expect: {{incident: {{decided: rollback, right: declared}}}}
""",
    "what a machine sees opens an incident that is decided, and its playbook runs": """\
  - {release: v2, by: dev}
  - {sign: built, before: production, by: dev}
  - {check: smoke, in: production, of: v2, says: fail}
  - {promote: production, by: dev}
  - {wait: 1m}
  - expect: {live: {production: v1}, incidents: [major], incident: {decided: rollback, right: machine}}
  - expect: {told: {on-call: [major], status-page: [healthy]}, incident: {clocks: [first-alert, post-mortem]}}
  - {wait: 5m}
  - expect: {incident: {missed: [first-alert]}, told: {incident-channel: [first-alert]}}
""",
    "a promise is kept or told of": f"""\
{LIVE}
  - {{declare: i1, in: production, by: eve}}
  - {{answer: stay, by: mia}}
  - {{tell: alert, saying: {{summary: s, impact: i}}, by: oli, refused: [incident.no_promise]}}
  - {{tell: alert, saying: {{summary: s}}, more_in: 30m, by: oli, refused: [notice.field_missing]}}
  - {{tell: alert, saying: {{summary: slow, impact: pages}}, more_in: 30m, by: oli}}
  - {{wait: 29m}}
  - expect: {{told: {{stakeholders: ["slow, pages"]}}, incident: {{missed: []}}}}
  - {{tell: update, saying: {{summary: better}}, more_in: 20m, by: oli}}
  - {{wait: 21m}}
  - expect: {{incident: {{missed: [next-update]}}, told: {{product-lead: [next-update]}}}}
""",
    "a step that fails is told, blocks closing, and never the return": f"""\
{LIVE}
  - {{check: disable-flags, in: production, of: v1, says: fail}}
  - {{rollback: production, by: mia}}
{BACK}
  - {{settle: data, as: keep, by: mia, refused: [incident.too_early]}}
  - expect: {{told: [flags failed], incident: {{owes: [duty.step_failed, duty.too_early, duty.unwritten,
      duty.gaps_unnamed, duty.unscheduled]}}}}
  - {{check: disable-flags, in: production, of: v1, says: pass}}
  - {{again: flags, by: mia}}
  - {{again: flags, by: mia, refused: [incident.not_failed]}}
  - {{wait: 1m}}
  - {{settle: data, as: restore, by: mia}}
""",
    "a step that fails is not talked away": f"""\
{LIVE}
  - {{check: disable-flags, in: production, of: v1, says: fail}}
  - {{rollback: production, by: mia}}
{BACK}
  - {{by_hand: flags, by: oli, refused: [incident.step_refuted]}}
  - {{check: disable-flags, in: production, of: v1, says: error}}
  - {{again: flags, by: mia}}
  - {{wait: 1m}}
  - {{by_hand: flags, by: oli, refused: [incident.step_refuted]}}
""",
    "a step without an answer may be done by hand, by somebody else than who ordered to go back": f"""\
{LIVE}
  - {{check: disable-flags, in: production, of: v1, says: error}}
  - {{rollback: production, by: mia}}
{BACK}
  - expect: {{incident: {{owes: [duty.step_silent, duty.too_early, duty.unwritten, duty.gaps_unnamed,
      duty.unscheduled]}}}}
  - {{by_hand: flags, by: eve, refused: [incident.role]}}
  - {{by_hand: flags, by: mia, refused: [incident.own_decision]}}
  - {{by_hand: flags, by: oli}}
  - {{settle: data, as: keep, by: mia}}
""",
    "a gap of the procedure is closed by a change of it": f"""\
{LIVE}
  - {{declare: i1, in: production, by: eve}}
  - {{answer: stay, by: mia}}
  - {{gap: gaps, closed_by: better, by: mia, refused: [incident.no_proposal]}}
  - {{propose: better, by: dev}}
  - {{gap: gaps, closed_by: better, by: mia}}
  - {{close: i1, by: mia, refused: [duty.unwritten, duty.unscheduled, duty.too_early]}}
""",
    "what is on its way anybody calls back": """\
  - {release: v2, by: dev}
  - {sign: built, before: production, by: dev}
  - {check: smoke, in: production, of: v2, says: silent}
  - {promote: production, by: dev}
  - {wait: 5s}
  - {abort: production, by: eve}
  - {wait: 1m}
  - expect: {running: {production: v1}, incidents: [minor]}
""",
    "who rests does not wait for people": f"""\
{LIVE}
  - {{declare: i1, in: production, by: eve}}
  - {{wait: rest}}
  - expect: {{incident: {{decided: open, missed: []}}, told: {{on-call: [major]}}}}
""",
    "a post-mortem nobody schedules is told": f"""\
{LIVE}
  - {{declare: i1, in: production, by: eve}}
  - {{answer: stay, by: mia}}
  - {{wait: 49h}}
  - expect: {{incident: {{missed: [first-alert, post-mortem]}}, told: {{product-lead: [post-mortem]}}}}
""",
}


@pytest.mark.parametrize("story", list(STORIES))
def test_the_story_comes_out_as_told(story: str) -> None:
    told = f"scenario: {story}\n{GIVEN}{STORIES[story]}"
    outcome = run_scenario("story.yaml", told.encode(), PACK)
    assert isinstance(outcome, Passed), outcome.text
