# SPDX-License-Identifier: Apache-2.0
"""Messages of a procedure, told by the program itself in a simulated world: who, when, what, and what if not."""

from typing import Final

import pytest
from tests.service.shop import a_stage

from interlock.domain.actor import CONTROLLER, Assurance
from interlock.domain.decision import Accepted
from interlock.domain.evidence import RecordEvidence
from interlock.domain.ids import EVERYWHERE, AudienceName, CheckId, CommandId, EffectKey, ReleaseId, digest_of
from interlock.domain.outbox import MessageDue, Tone, outbox_stream
from interlock.domain.verdict import Verdict
from interlock.ledger.codec import encode
from interlock.ledger.record import Batch, Draft
from interlock.service.answer import answer
from interlock.testing.scenario import Failed, Passed, run_scenario
from interlock.testing.stage import SERVICE
from interlock.testing.world import BEGINNING

PACK: Final = """\
pack: told
version: 1.0.0
status: active
roles: [developer, lead, owner]
governors: [lead]
environments: [{name: production, tier: production}]
paths:
  standard: {for: [normal], stages: [agreed, production]}
  emergency: {for: [emergency], stages: [hot], review_within: 48h}
audiences: [support, staff, owners]
messages:
  soon: {to: [support, staff], title: "{version} goes to {environment}", body: "{by}: {release-notes.Summary}"}
  live: {to: [support, staff], title: "{version} is live in {environment}", body: "{sentence}", tone: success}
  off: {to: [support], title: "{version} was called off", body: "{sentence}", tone: warning}
  please: {to: [owners], title: "Please approve {version}", body: "{roles}: {asked}\\n\\n{release-notes.known issues}"}
  back: {to: [staff], title: "{environment} goes back from {release}", body: "to {target}: {sentence}", tone: warning}
  there: {to: [staff], title: "{environment} is back on {target}", body: "{sentence}", tone: success}
  stuck: {to: [staff], title: "{environment} is stuck", body: "{sentence}", tone: failure}
stages:
  - name: agreed
    order: sequential
    requires:
      - {id: tests, gate: {check: tests}}
      - {id: release-notes, record: {roles: [developer], sections: [Summary, Known issues]}}
      - {id: business, approval: {roles: [owner]}}
    notify: {asked: {business: [please]}}
  - name: production
    environment: production
    verify: {checks: [smoke], within: 1m, every: 2s}
    notify: {before: [soon], after: [live], called_off: ["off"]}
  - name: hot
    environment: production
    requires: [{id: two, approval: {roles: [lead, owner], count: 2}}]
    notify: {before: [soonest], called_off: ["off"]}
rollback:
  notify: {decided: [back], returned: [there], stranded: [stuck]}
waivers: {authority: [lead], longest: 1d}
""".replace("  live: {to", '  soonest: {to: [staff], title: "{version} goes at once", body: "by {by}"}\n  live: {to')
HEAD: Final = """\
scenario: Something is told
given: {people: {ann: [developer], ben: [lead], cat: [owner]}}
steps:
  - {release: v2, by: ann}
  - {wait: rest}
"""
SECTIONS: Final = '{Summary: New, Known issues: "It is slow."}'
NOTES: Final = f"  - {{write: release-notes, before: production, by: ann, sections: {SECTIONS}}}\n"
READY: Final = f"{NOTES}  - {{approve: production, as: business, by: cat}}\n"
GO: Final = "  - {promote: production, by: ann}\n"
REST: Final = "  - {wait: rest}\n"
SILENT: Final = """\
  - {check: tests, says: error}
  - {wait: rest}
  - expect: {told: ["app:v2: 'tests' gives no answer"]}
  - expect: {blocked: {production: [approval.missing, evidence.error, record.missing]}}
"""


def told(steps: str) -> None:
    """The steps are as told."""
    outcome = run_scenario("told.yaml", (HEAD + steps).encode(), PACK.encode())
    assert isinstance(outcome, Passed), outcome


def failed(steps: str) -> str:
    """Why they are not."""
    outcome = run_scenario("told.yaml", (HEAD + steps).encode(), PACK.encode())
    assert isinstance(outcome, Failed), outcome
    return outcome.text


def test_who_is_to_be_told_before_is_told_when_the_promotion_is_accepted() -> None:
    told(
        READY + "  - {receiver: support, is: up}\n" + GO + "  - {wait: 1s}\n"
        '  - expect: {told: {support: [v2 goes to production, "ann: New"], staff: [v2 goes to production]}}\n'
    )


def test_nobody_is_told_of_a_promotion_that_was_refused() -> None:
    told("  - {promote: production, by: ann, refused: [record.missing, approval.missing]}\n" + REST)
    assert "told to support: expected v2, found nothing" in failed("  - expect: {told: {support: [v2]}}\n")


def test_who_is_to_be_told_after_is_told_when_it_completed() -> None:
    told(READY + GO + REST + "  - expect: {told: {support: [v2 is live, verified], staff: [v2 is live]}}\n")


def test_who_was_told_before_is_told_when_it_will_not_take_place() -> None:
    told(
        READY
        + GO
        + "  - {abort: production, by: ann}\n"
        + REST
        + "  - expect: {told: {support: [v2 goes to production, v2 was called off, aborted by ann]}}\n"
    )


def test_who_was_told_of_a_promotion_that_an_emergency_displaced_hears_of_it() -> None:
    told(
        READY
        + GO
        + "  - {release: v3, by: ann, kind: emergency}\n"
        + "  - {approve: production, by: ben}\n  - {approve: production, by: cat}\n"
        + GO
        + REST
        + "  - expect: {told: {support: [v2 was called off, pre-empted], staff: [v3 goes at once, by ann]}}\n"
    )


def test_people_are_asked_when_what_comes_before_is_met_and_not_before() -> None:
    told(
        "  - expect: {told: {owners: []}}\n"
        + NOTES
        + REST
        + '  - expect: {told: {owners: [Please approve v2, "owner: approval of v2 before production", It is slow.]}}\n'
    )


def test_people_are_asked_once() -> None:
    told(NOTES + REST + "  - {receiver: owners, is: down}\n  - {wait: 1d}\n  - expect: {told: {owners: [v2]}}\n")
    assert "Please approve v2" in failed(NOTES + REST + "  - expect: {told: {owners: []}}\n")


def test_people_are_asked_anew_when_what_was_agreed_to_has_died() -> None:
    steps = NOTES + REST + "  - {receiver: owners, is: down}\n  - {replan: v2, by: ann}\n  - {wait: 1d}\n"
    told(steps + "  - expect: {undelivered: [owners]}\n")


def test_what_was_agreed_to_already_is_not_asked_for() -> None:
    told(READY + REST + "  - expect: {told: {owners: []}}\n")


def test_a_rollback_is_told_when_it_is_decided_and_when_it_is_proven() -> None:
    told(
        READY + "  - {check: smoke, in: production, of: v2, says: fail}\n" + GO + REST + "  - expect:\n"
        "      running: {production: v1}\n"
        "      told: {staff: [goes back from app:v2, to app:v1, is back on app:v1, the rollback is proven]}\n"
    )


def test_words_of_people_arrive_as_they_were_said() -> None:
    told(
        READY + GO + REST + "  - {rollback: production, by: ben, why: Nobody can pay}\n" + REST + "  - expect:\n"
        "      told: {staff: [Nobody can pay]}\n"
    )


def test_a_rollback_that_is_stranded_is_told() -> None:
    told(
        READY + "  - {check: smoke, in: production, says: fail, of: v1}\n"
        "  - {check: smoke, in: production, of: v2, says: fail}\n"
        + GO
        + REST
        + "  - expect: {told: {staff: [production is stuck]}}\n"
    )


@pytest.mark.parametrize("down", ["support", "staff"])
def test_a_receiver_that_is_down_keeps_nothing_back_and_nobody_else_from_being_told(down: str) -> None:
    other = {"support": "staff", "staff": "support"}[down]
    told(
        f"  - {{receiver: {down}, is: down}}\n" + READY + GO + REST + "  - expect:\n"
        "      running: {production: v2}\n"
        f"      told: {{{other}: [v2 is live], {down}: []}}\n"
        f"      undelivered: [{down}]\n"
    )


def test_a_person_has_a_message_told_once_its_receiver_is_back() -> None:
    told(
        "  - {receiver: support, is: down}\n"
        + READY
        + GO
        + REST
        + "  - {receiver: support, is: up}\n  - {retry: live, to: support, by: ann}\n"
        + REST
        + "  - expect: {told: {support: [v2 is live]}}\n"
        "  - {retry: live, to: support, by: ann, refused: [outbox.unknown]}\n"
    )


def test_everybody_is_told_of_a_check_that_gives_no_answer_however_often_it_is_asked() -> None:
    outcome = run_scenario("told.yaml", f"{HEAD.rpartition('  - {wait')[0]}{SILENT}".encode(), PACK.encode())
    assert isinstance(outcome, Passed), outcome


def test_what_a_check_said_is_recorded_whatever_is_known_of_its_release() -> None:
    stage = a_stage()
    about = (digest_of(b"elsewhere"), CheckId("tests"), EVERYWHERE, Verdict.ERROR, "gone", "controller")
    piece = RecordEvidence(*about, digest_of(b""), digest_of(b""), BEGINNING, release=ReleaseId("none:v1"))
    assert isinstance(answer(piece, CONTROLLER, stage.gatherer()), Accepted)


def test_what_was_not_told_is_told_by_the_scenario() -> None:
    text = failed(READY + GO + REST + "  - expect: {told: {support: [v9]}, undelivered: [staff]}\n")
    assert "told to support: expected v9, found v2 goes to production" in text
    assert "undelivered: expected staff, found nothing" in text


def test_an_audience_that_the_rules_in_force_do_not_bind_any_more_is_told_as_lost() -> None:
    stage = a_stage()
    due = MessageDue(SERVICE, EffectKey("k"), Tone.INFO, "t", "b", AudienceName("gone"))
    encoded, latest = encode(due), stage.world.store.head().latest
    draft = Draft(outbox_stream(SERVICE), encoded.name, encoded.version, encoded.payload)
    stage.world.store.append(Batch((draft,), latest, str(CONTROLLER), Assurance.AUTHENTICATED, CommandId("x"), {}))
    stage.world.settle()
    given_up = stage.gatherer().view.outbox(SERVICE).given_up[due.key]
    assert given_up.detail == "no address of 'gone' is bound under the rules in force"


def test_a_message_that_was_recorded_before_there_were_audiences_is_told_to_everybody() -> None:
    stage = a_stage()
    words = {"service": SERVICE, "key": "old", "tone": "info", "title": "An old one", "body": "b"}
    draft, latest = Draft(outbox_stream(SERVICE), "MessageDue", 1, words), stage.world.store.head().latest
    stage.world.store.append(Batch((draft,), latest, str(CONTROLLER), Assurance.AUTHENTICATED, CommandId("x"), {}))
    stage.world.settle()
    assert [(sent.message.title, sent.message.to) for sent in stage.world.notifications.outbox] == [("An old one", "")]
