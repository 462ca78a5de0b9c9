# SPDX-License-Identifier: Apache-2.0
"""What is told of a ledger while it grows."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.service.shop import ANN, BEN, PRODUCTION, STAGING, a_released_stage, act, done

from interlock.cli.narrate import Narrator
from interlock.cli.text import Paper, lay_out
from interlock.domain.action import Quote
from interlock.domain.actor import CONTROLLER, Assurance
from interlock.domain.ids import (
    AudienceName,
    CheckId,
    CommandId,
    EffectKey,
    IncidentId,
    NoticeId,
    ReleaseId,
    RequirementId,
)
from interlock.domain.incident import IncidentOpened, Severity, incident_stream
from interlock.domain.outbox import MessageDue, Tone, outbox_stream
from interlock.ledger.codec import encode
from interlock.ledger.record import Batch, Draft, Record
from interlock.testing.acts import ApproveFor, Sign
from interlock.testing.happenings import CheckSays, Says
from interlock.testing.moves import Abort, Promote
from interlock.testing.stage import SERVICE, Stage

PAPER = Paper(0, coloured=False, unicode=True)
TIME = len("12:00:00  ")
SOON = timedelta(seconds=8)


@pytest.fixture
def stage() -> Stage:
    return a_released_stage()


def records(stage: Stage) -> list[Record]:
    return list(stage.world.store.records())


def told(told_of: Iterable[Record]) -> list[str]:
    narrator = Narrator()
    blocks = [block for record in told_of for block in narrator.narrate(record)]
    return [line[TIME:] for line in lay_out(blocks, PAPER).splitlines()]


def begin_baking(stage: Stage) -> None:
    done(act(stage, Promote(promote=STAGING, by=ANN)))
    stage.world.settle()
    done(act(stage, Sign(sign=RequirementId("rollback-plan"), before=PRODUCTION, by=ANN)))
    done(act(stage, ApproveFor(approve=PRODUCTION, by=BEN)))
    done(act(stage, Promote(promote=PRODUCTION, by=ANN)))


def baked(stage: Stage) -> None:
    begin_baking(stage)
    stage.world.settle()


def test_what_goes_on_while_baking_is_not_told_again_and_again(stage: Stage) -> None:
    baked(stage)
    lines = told(records(stage))
    after = lines[lines.index("✓ app:v2/staging/1 completed") :]
    assert [record.event for record in records(stage)].count("BakeObserved") > 3
    assert after[after.index("✓ verified") + 1 :] == [
        "✓ smoke in production: as written",
        "· baking: 3 s observed so far",
        "· baking: 6 s observed so far",
        "✓ app:v2/production/1 completed",
    ]


def test_who_did_not_see_a_bake_begin_is_told_only_what_was_seen(stage: Stage) -> None:
    baked(stage)
    first = next(at for at, record in enumerate(records(stage)) if record.event == "BakeObserved")
    assert "· baking goes on: 3 s more observed" in told(records(stage)[first + 1 :])


def test_a_check_that_says_something_else_while_baking_is_told(stage: Stage) -> None:
    begin_baking(stage)
    stage.world.work(SOON)
    CheckSays(CheckId("smoke"), Says("fail"), PRODUCTION).happen(stage)
    stage.world.settle()
    lines = told(records(stage))
    failed = lines.index("✗ the promotion failed: smoke: as written")
    assert lines[failed - 1] == "✗ smoke in production: as written"


def test_a_rollback_that_nobody_ordered_tells_one_recall_by_name(stage: Stage) -> None:
    CheckSays(CheckId("smoke"), Says("fail"), STAGING).happen(stage)
    done(act(stage, Promote(promote=STAGING, by=ANN)))
    stage.world.settle()
    assert [record.event for record in records(stage)].count("ArtifactRecalled") == 2
    (line,) = [line for line in told(records(stage)) if "recalled" in line]
    assert line.endswith("is recalled by controller")


def test_people_are_told_by_name(stage: Stage) -> None:
    done(act(stage, Promote(promote=STAGING, by=ANN)))
    done(act(stage, Abort(abort=STAGING, by=BEN)))
    act(stage, Promote(promote=PRODUCTION, by=ANN))
    lines = told(records(stage))
    assert [line for line in lines if "person:" in line] == []
    assert any(line.startswith("✗ refused ann: ") for line in lines)


def test_what_the_procedure_has_told_is_told_of_by_audience(stage: Stage) -> None:
    quotes = (Quote("title", "text:unsaid"),)
    due = MessageDue(SERVICE, EffectKey("k"), Tone.INFO, "v2 is live", "b", AudienceName("support"))
    quoting = replace(due, title="{title}", quotes=quotes, notice=NoticeId("soon"))
    for one in (due, quoting, replace(due, to=AudienceName(""))):
        encoded, latest = encode(one), stage.world.store.head().latest
        draft = Draft(outbox_stream(SERVICE), encoded.name, encoded.version, encoded.payload)
        stage.world.store.append(Batch((draft,), latest, str(CONTROLLER), Assurance.AUTHENTICATED, CommandId("x"), {}))
    assert told(records(stage)[-3:]) == ["· for support: v2 is live", "· for support: soon"]


@pytest.mark.parametrize(
    ("summary", "said"),
    [("smoke failed", "smoke failed"), ("text:0a1b", "opened by ann")],
    ids=["what a check said", "a person's own words"],
)
def test_an_incident_is_told_by_what_was_found_or_by_who_opened_it(stage: Stage, summary: str, said: str) -> None:
    now = stage.world.store.head().latest
    opened = IncidentOpened(
        IncidentId("i1"), SERVICE, PRODUCTION, ReleaseId("app:v2"), Severity.MAJOR, summary, "person:ann", now
    )
    encoded = encode(opened)
    draft = Draft(incident_stream(opened.incident), encoded.name, encoded.version, encoded.payload)
    stage.world.store.append(Batch((draft,), now, str(CONTROLLER), Assurance.AUTHENTICATED, CommandId("x"), {}))
    assert told(records(stage)[-1:]) == [f"● incident i1 (major): {said}"]
