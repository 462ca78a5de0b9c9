# SPDX-License-Identifier: Apache-2.0
"""The timeline of an incident: everything that happened, from the ledger, in words."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from tests.packs.ward import PACK
from tests.service.exported import History, recomputed

from interlock.domain.ids import ClockId, IncidentId
from interlock.domain.incident import ClockMissed, Incident
from interlock.domain.verdict import Verdict
from interlock.packs.load import load_pack
from interlock.packs.problem import Problems
from interlock.service.timeline import as_markdown, in_an_incident, records_of, timeline
from interlock.testing.scenario import Passed, load_scenario, perform
from interlock.testing.world import BEGINNING, World

STORY: Final = """\
scenario: everything that can happen
given:
  people:
    mia: [manager]
    quin: [qa-lead]
    sam: [security-lead]
    oli: [on-call]
    pat: [product-lead]
    dev: [developer]
  rules: {better: {manager: [mia], developer: [dev]}}
steps:
  - {release: v2, by: dev}
  - {sign: built, before: production, by: dev}
  - {promote: production, by: dev}
  - {wait: rest}
  - {check: disable-flags, in: production, of: v1, says: error}
  - {declare: i1, in: production, by: oli}
  - {label: security, by: oli}
  - {answer: stay, by: mia}
  - {answer: rollback, by: oli}
  - {escalate: i1, by: oli}
  - {tell: alert, saying: {summary: slow, impact: pages}, more_in: 30m, by: oli}
  - {answer: rollback, by: pat}
  - {wait: 6m}
  - {again: flags, by: mia}
  - {wait: 1m}
  - {by_hand: flags, by: mia}
  - {settle: data, as: keep, by: mia}
  - {attest: qa-validated, by: quin}
  - {attest: security-review, by: sam}
  - {report: timeline, sections: {Timeline: t, Impact: i}, by: mia}
  - {report: actions, sections: {Actions: a}, by: mia}
  - {propose: better, by: dev}
  - {gap: gaps, closed_by: better, by: mia}
  - {schedule: 24h, by: mia}
  - {tell: resolution, saying: {cause: c, actions: a, contact: mia}, by: mia}
  - {close: i1, by: mia}
  - {wait: 1m}
"""


def told() -> tuple[World, list[str]]:
    """The world in which it happened, and the timeline's sentences."""
    rules, loaded = load_pack("pack.yaml", PACK), load_scenario("story.yaml", STORY.encode())
    assert not isinstance(rules, Problems)
    assert not isinstance(loaded, Problems), loaded.render()
    world = World()
    outcome = perform(loaded, PACK, rules, world, world)
    assert isinstance(outcome, Passed), outcome.text
    state = world.desk().view().incident(IncidentId("i1"))
    return world, [entry.sentence for entry in timeline(records_of(world.store, state))]


def test_everything_that_happened_is_told_in_its_order() -> None:
    _, sentences = told()
    expected = (
        "dev asked for app:v2",
        "its deployment began",
        "it was verified",
        "it completed",
        "oli opened the incident: major, about app:v2",
        "oli said that it is about security",
        "mia said: stay (primary)",
        "decided by mia: it stays as it is (primary)",
        "oli said: rollback (heard)",
        "those who may decide disagree",
        "oli escalated it",
        "decided by pat: it goes back (escalation)",
        "going back from app:v2 to app:v1 (controller)",
        "rollback i1/back answers it",
        "the traffic is back",
        "step 'flags': silent (controller)",
        "going back is proven",
        "app:v1 runs there, proven",
        "mia had step 'flags' tried again",
        "step 'flags': done (mia)",
        "mia decided 'data': keep",
        "quin attested 'qa-validated'",
        "mia wrote 'timeline'",
        "mia closed the incident",
    )
    places = [sentences.index(one) for one in expected]
    assert places == sorted(places)


def test_messages_promises_gaps_and_clocks_are_in_it() -> None:
    _, sentences = told()
    text = "\n".join(sentences)
    for part in (
        "oli sent 'alert', and promised more by 20",
        "told stakeholders: alert: i1",
        "mia named a gap of the procedure, and proposed sha256:",
        "mia scheduled the review for 20",
        "mia sent 'resolution'",
    ):
        assert part in text


def test_a_draft_of_the_report_is_made_of_it() -> None:
    world, sentences = told()
    state = world.desk().view().incident(IncidentId("i1"))
    draft = as_markdown(state, timeline(records_of(world.store, state)))
    assert draft.startswith("# Timeline of i1\n\n- 20")
    assert draft.count("\n- ") == len(sentences)


def test_an_incident_about_nothing_has_a_timeline_too() -> None:
    world = World()
    state = replace(Incident(), id=IncidentId("none"))
    assert timeline(records_of(world.store, state)) == ()


def test_every_decision_in_an_incident_is_made_again_from_the_export_alone() -> None:
    world, _ = told()
    again = recomputed(History(world=world).exported())
    assert again.verdict is Verdict.PASS, [one for one in again.findings if one.verdict is not Verdict.PASS]


def test_a_clock_that_comes_again_says_since_when_nothing_stops_it() -> None:
    late = BEGINNING + timedelta(days=1)
    first = ClockMissed(IncidentId("i1"), ClockId("written"), BEGINNING, BEGINNING)
    assert in_an_incident(first) == "the clock 'written' ran out, which was due by 2026-03-02 09:00 UTC"
    assert in_an_incident(replace(first, due=late, at=late, since=BEGINNING)) == (
        "nothing has stopped the clock 'written' yet, which was due by 2026-03-02 09:00 UTC"
    )
