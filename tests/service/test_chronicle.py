# SPDX-License-Identifier: Apache-2.0
"""The log of decisions: told from records alone, the same each time, and of nothing else."""

from dataclasses import replace
from typing import Final

import pytest
from tests.service.shop import PACK
from tests.service.told import a_record, played

from interlock.domain.answering import (
    Answer,
    AnswerGiven,
    Capacity,
    DisagreementArose,
    IncidentDecided,
    IncidentEscalated,
    RollbackJoined,
    RollbackStuck,
)
from interlock.domain.baseline import BaselineMissed, BaselineStands
from interlock.domain.duty import (
    DutyAttested,
    GapNamed,
    QuestionAnswered,
    ReportWritten,
    StepConcluded,
    StepOutcome,
)
from interlock.domain.ids import (
    ChangeId,
    ClockId,
    Digest,
    DutyId,
    EffectKey,
    EnvironmentName,
    IncidentId,
    LabelName,
    NoticeId,
    PersonId,
    PromotionId,
    ReleaseId,
    RollbackId,
    ServiceName,
    TextRef,
    WaiverId,
    digest_of,
)
from interlock.domain.incident import (
    ClockMissed,
    EnvironmentRestored,
    IncidentClosed,
    IncidentEvent,
    IncidentLabelled,
    IncidentOpened,
    ReviewScheduled,
    Severity,
)
from interlock.domain.moment import NEVER
from interlock.domain.promotion import Cause, PromotionTurnedAway
from interlock.domain.release import GovernanceRepinned, Plans, PlansRevised, ReleaseCreated, ReleaseWithdrawn
from interlock.domain.rollback import RollbackBegun, RollbackCause, RollbackCompleted, RollbackStranded, TryFailed
from interlock.domain.rollout import ExposureAuthorised, ExposureLost, RolloutPaused, RolloutResumed, StepAgreed
from interlock.domain.suspect import StrangerAdopted
from interlock.domain.telling import NoticeArrived, NoticeSent
from interlock.domain.traffic import Exposure
from interlock.domain.waiver import WaiverRevoked
from interlock.ledger.codec import Event
from interlock.ledger.record import Record
from interlock.service.chronicle import incident_log, plain, release_log
from interlock.testing.world import BEGINNING

V2: Final = ReleaseId("app:v2")
ONE: Final = IncidentId("app/production/1")
ANN: Final = PersonId("ann")
SECRET: Final = TextRef("text:5ec2e7")

PROMOTION: Final = PromotionId("app:v2/production/1")
MADE: Final = ReleaseCreated(
    V2, ServiceName("app"), "v2", ChangeId("CR-v2"), (), "def", "abc", (ANN,), 2, digest_of(b"g"), digest_of(b"g"),
    Plans(digest_of(b"p"), digest_of(b"q")), ("web", "auth"),
)  # fmt: skip

LIVES: Final = """\
scenario: A release meets refusals, a waiver, and comes through
given:
  people: {ann: [developer], ben: [reviewer], cat: [release-manager]}
steps:
  - {release: v2, by: ann}
  - {wait: rest}
  - {promote: staging, by: ann}
  - {wait: rest}
  - {approve: production, by: ann, refused: [approval.role, approval.author]}
  - {waive: rollback-plan, before: production, by: ann, for: 1d}
  - {grant: rollback-plan, by: cat}
  - {approve: production, by: ben}
  - {promote: production, by: ann}
  - {wait: rest}
  - {release: v3, by: ann}
  - {wait: rest}
  - {withdraw: v3, by: ann}
"""
FAILS: Final = """\
scenario: A release fails in production
given:
  people: {ann: [developer], ben: [reviewer], cat: [release-manager]}
steps:
  - {release: v2, by: ann}
  - {wait: rest}
  - {promote: staging, by: ann}
  - {wait: rest}
  - {sign: rollback-plan, before: production, by: ann}
  - {approve: production, by: ben}
  - {check: smoke, in: production, of: v2, says: fail}
  - {promote: production, by: ann}
  - {wait: rest}
"""


def told(story: str, one: ReleaseId = V2) -> str:
    return release_log(one, played(story, PACK).store.records())


@pytest.mark.parametrize(
    "words",
    [
        "ann: opened change CR-v2, a normal change",
        "ann: made app:v2 from commit",
        "ann: asked for it in production, as a normal change",
        "ann: refused to approve: ",
        "[approval.author]",
        "ann: asked to waive rollback-plan before production until 2026-03-03 09:00 UTC (v2.rollback-plan)",
        "cat: granted waiver v2.rollback-plan",
        "ben: approved it for production (signed), covering content ",
        ", tests 1 pass",
        "interlock: gate verdict pass for content",
        "interlock: it is in production, verified and baked",
    ],
)
def test_who_decided_what_is_told(words: str) -> None:
    assert words in told(LIVES)


EVENTS: Final[tuple[tuple[str, Event, str], ...]] = (
    ("release/app:v2", GovernanceRepinned(V2, digest_of(b"r")), "moved it to rules "),
    ("release/app:v2", PlansRevised(V2, Plans(digest_of(b"p"), digest_of(b"q"))), "replaced its plans, rollback plan "),
    ("release/app:v2", ReleaseWithdrawn(V2, SECRET), "withdrew it; the reason is in the ledger"),
    ("waiver/app:v2", WaiverRevoked(WaiverId("w"), SECRET, ANN), "revoked waiver w"),
    (
        "promotion/app:v2/production/1",
        PromotionTurnedAway(PROMOTION, Cause.GATE, "frozen"),
        "gate verdict: not open (gate): frozen",
    ),
    ("rollout/app:v2/production/1", StepAgreed(PROMOTION, 1, ANN), "agreed to step 2 of the rollout"),
    ("rollout/app:v2/production/1", ExposureLost(PROMOTION, BEGINNING, "x"), "its exposure was lost"),
    ("rollout/app:v2/production/1", RolloutPaused(PROMOTION, "person:ann"), "ann: paused the rollout"),
    ("rollout/app:v2/production/1", RolloutResumed(PROMOTION, "person:ann"), "ann: resumed the rollout"),
    (
        "baseline/app/production",
        BaselineStands(PROMOTION, "ready"),
        "fresh instances of what is stable stand beside it",
    ),
    ("baseline/app/production", BaselineMissed(PROMOTION, "no room"), "it is rolled out without a baseline: no room"),
    (
        "rollout/app:v2/production/1",
        ExposureAuthorised(PROMOTION, 0, Exposure(share=1000), "x", BEGINNING),
        "gate verdict pass for step 1 of the rollout: 10 % of the traffic",
    ),
)


@pytest.mark.parametrize(("stream", "event", "words"), EVENTS)
def test_what_was_recorded_is_told(stream: str, event: Event, words: str) -> None:
    records = (a_record(0, "release/app:v2", MADE), a_record(1, stream, event))
    assert words in release_log(V2, records)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (TryFailed(RollbackId("r1"), "secret output"), "a try to roll back failed\n"),
        (RollbackStranded(RollbackId("r1"), "no more tries"), "the rollback is stranded: no more tries"),
    ],
)
def test_a_rollback_that_does_not_go_well_is_told(event: Event, words: str) -> None:
    begun = RollbackBegun(
        RollbackId("r1"), ServiceName("app"), EnvironmentName("production"), V2, ReleaseId("app:v1"), digest_of(b"x"),
        RollbackCause.ORDERED, "text:5ec2e7", PROMOTION, EffectKey(""), "person:ann",
    )  # fmt: skip
    records = (
        a_record(0, "release/app:v2", MADE),
        a_record(1, "rollback/r1", begun),
        a_record(2, "rollback/r1", event),
    )
    assert words in release_log(V2, records)


@pytest.mark.parametrize("words", ["areas: web, auth", "authors: ann, and 2 unknown", "since abc"])
def test_what_it_is_made_of_stands_above(words: str) -> None:
    assert words in release_log(V2, (a_record(0, "release/app:v2", MADE),))


def test_of_the_baseline_of_another_release_nothing_is_told() -> None:
    missed = BaselineMissed(PromotionId("app:v3/production/1"), "no room")
    records = (a_record(0, "release/app:v2", MADE), a_record(1, "baseline/app/production", missed))
    assert "no room" not in release_log(V2, records)


def test_of_other_releases_nothing_is_told() -> None:
    assert "v3" not in told(LIVES)


def test_the_same_records_give_the_same_text() -> None:
    records = tuple(played(LIVES, PACK).store.records())
    assert release_log(V2, records) == release_log(V2, iter(records))


def test_each_line_has_its_time() -> None:
    lines = [line for line in told(LIVES).splitlines() if ": made app:v2" in line]
    assert lines[0].startswith("- 2026-03-02 09:00:0")


@pytest.mark.parametrize(
    "words",
    [
        "the promotion failed (proof)",
        "rolled production back from app:v2 to app:v1 (failed)",
        "the rollback is completed and proven",
        "it was rolled back in production",
        ": opened the incident: ",
    ],
)
def test_how_it_went_wrong_is_told(words: str) -> None:
    assert words in told(FAILS)


def test_no_commitment_to_words_is_told() -> None:
    assert "text:" not in told(LIVES) + told(FAILS)


def test_a_release_nobody_made_is_told_so() -> None:
    assert "No record says how it was made." in told(LIVES, ReleaseId("app:v9"))


def test_what_a_newer_version_recorded_is_left_out() -> None:
    records = [
        replace(one, version=9) if one.event == "PromotionRequested" else one
        for one in played(LIVES, PACK).store.records()
    ]
    assert "asked for it" not in release_log(V2, records)


OPENED: Final = IncidentOpened(
    ONE, ServiceName("app"), EnvironmentName("production"), V2, Severity.MAJOR, "text:5ec2e7", "robot:controller"
)
HAPPENED: Final[tuple[tuple[IncidentEvent, str], ...]] = (
    (
        IncidentLabelled(ONE, LabelName("data"), ANN, BEGINNING),
        "ann: incident app/production/1: said that it is about data",
    ),
    (
        ClockMissed(ONE, ClockId("alert"), BEGINNING, BEGINNING),
        "incident app/production/1: the clock 'alert' ran out, which was due by 2026-03-02 09:00 UTC",
    ),
    (
        NoticeSent(ONE, NoticeId("alert"), (), NEVER, "person:ann", BEGINNING),
        "ann: incident app/production/1: sent 'alert'\n",
    ),
    (
        NoticeSent(ONE, NoticeId("alert"), (), BEGINNING, "person:ann", BEGINNING),
        "sent 'alert', and promised more by 2026-03-02 09:00 UTC",
    ),
    (
        NoticeArrived(ONE, NoticeId("alert"), 1, NEVER, BEGINNING),
        "incident app/production/1: 'alert' has reached everybody it is for\n",
    ),
    (ReviewScheduled(ONE, BEGINNING, ANN, BEGINNING), "scheduled the review for 2026-03-02 09:00 UTC"),
    (EnvironmentRestored(ONE, ReleaseId("app:v1"), BEGINNING), "app:v1 runs there, proven"),
    (StrangerAdopted(ONE, ReleaseId("app:v9"), ANN, BEGINNING), "adopted what ran there as app:v9"),
    (IncidentClosed(ONE, SECRET, ANN, BEGINNING), "incident app/production/1: closed the incident\n"),
    (
        AnswerGiven(ONE, Answer.STAY, Capacity.HEARD, SECRET, ANN, BEGINNING),
        "ann: incident app/production/1: said: stay (heard)",
    ),
    (
        IncidentDecided(ONE, Answer.ROLLBACK, Capacity.PRIMARY, "person:ben", BEGINNING),
        "decided by ben: it goes back (primary)",
    ),
    (DisagreementArose(ONE, BEGINNING), "those who may decide disagree"),
    (IncidentEscalated(ONE, "person:ann", BEGINNING), "escalated it"),
    (RollbackJoined(ONE, RollbackId("r1"), BEGINNING), "rollback r1 answers it"),
    (RollbackStuck(ONE, "nothing was good"), "it cannot go back: nothing was good"),
    (
        StepConcluded(ONE, DutyId("smoke"), StepOutcome.DONE, "secret output", Digest(""), "robot:x", BEGINNING),
        "step 'smoke': done (x)\n",
    ),
    (
        QuestionAnswered(ONE, DutyId("data"), "keep", SECRET, ANN, BEGINNING),
        "decided 'data': keep\n",
    ),
    (DutyAttested(ONE, DutyId("told"), ANN, BEGINNING), "attested 'told'"),
    (ReportWritten(ONE, DutyId("report"), digest_of(b"x"), ("Cause",), ANN, BEGINNING), "wrote 'report'\n"),
    (
        GapNamed(ONE, DutyId("gaps"), SECRET, digest_of(b"y"), ANN, BEGINNING),
        "named a gap of the procedure, and proposed sha256:",
    ),
)


def an_incident(*events: IncidentEvent) -> tuple[Record, ...]:
    stream = f"incident/{ONE}"
    return tuple(a_record(index, stream, event) for index, event in enumerate((OPENED, *events)))


@pytest.mark.parametrize(("event", "words"), HAPPENED)
def test_what_happened_in_an_incident_is_told(event: IncidentEvent, words: str) -> None:
    assert words in incident_log(ONE, an_incident(event))


def test_nobodys_words_and_no_tools_output_is_in_it() -> None:
    text = incident_log(ONE, an_incident(*(event for event, _ in HAPPENED)))
    assert ("5ec2e7" in text, "secret output" in text) == (False, False)


def test_the_rollback_that_answers_it_is_told() -> None:
    records = an_incident(RollbackJoined(ONE, RollbackId("r1"), BEGINNING))
    ended = a_record(9, "rollback/r1", RollbackCompleted(RollbackId("r1")), "robot:controller")
    assert "interlock: the rollback is completed and proven" in incident_log(ONE, (*records, ended))


def test_another_incident_is_not_told() -> None:
    other = a_record(9, "incident/x", DisagreementArose(IncidentId("x"), BEGINNING))
    assert "disagree" not in incident_log(ONE, (*an_incident(), other))


def test_an_incident_nobody_opened_is_told_so() -> None:
    assert "No record says how it began." in incident_log(ONE, ())


def test_words_are_one_line_and_no_markup() -> None:
    assert plain("a\n<!-- b --> | `c`") == "a &lt;!-- b --&gt; \\| 'c'"
