# SPDX-License-Identifier: Apache-2.0
"""What each form comes to, and that every one of them stands on some page."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from tests.service.shop import BEN, PRODUCTION, act, done
from tests.web.worlds import excepted, look, rolling, waiting

from interlock.domain import (
    absence,
    answering,
    duty,
    evidence,
    freeze,
    governance,
    incident,
    promotion,
    rollback,
    rollout,
    telling,
    waiver,
)
from interlock.domain import release as releases
from interlock.domain.actor import Assurance, Person
from interlock.domain.approval import Answer, Approve, SignOff
from interlock.domain.decision import Refused
from interlock.domain.ids import UNSAID, PersonId
from interlock.domain.moment import NEVER
from interlock.domain.rollback import BeginRollback
from interlock.ledger.codec import Command
from interlock.ports.failure import Rejected
from interlock.service.answer import answer
from interlock.service.handle import Done
from interlock.service.speak import Speaker, Unsigned
from interlock.testing.acts import Release
from interlock.testing.stage import Stage
from interlock.web.deciding import shown
from interlock.web.routes import ACTS
from interlock.web.saying import Form, moment

TEMPLATES: Final = Path(__file__).parents[2] / "src" / "interlock" / "web" / "templates"
NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
V2: Final = {"release": "app:v2", "environment": "production"}
I1: Final = {"incident": "i1", "duty": "timeline"}
FORMS: Final[list[tuple[str, dict[str, str], type]]] = [
    ("promote", V2, promotion.RequestPromotion),
    ("withdraw", {**V2, "reason": "no good"}, releases.WithdrawRelease),
    ("refresh", {**V2, "check": "tests", "there": "*"}, evidence.RequestEvidence),
    ("waive", {**V2, "requirement": "review", "reason": "a", "mitigation": "b", "expires": "2d"}, waiver.RequestWaiver),
    ("grant", {**V2, "waiver": "v2.rollback-plan"}, waiver.GrantWaiver),
    ("revoke", {**V2, "waiver": "v2.rollback-plan", "reason": "mended"}, waiver.RevokeWaiver),
    ("abort", {"promotion": "app:v2/production/1"}, promotion.AbortPromotion),
    ("pause", {"promotion": "app:v2/production/1"}, rollout.PauseRollout),
    ("resume", {"promotion": "app:v2/production/1"}, rollout.ResumeRollout),
    ("agree", {"promotion": "app:v2/production/1", "step": "1"}, rollout.AgreeToStep),
    ("rollback", {"service": "app", "environment": "production"}, rollback.BeginRollback),
    ("freeze", {"freeze": "fair", "environment": "production", "ends": "2d", "reason": "a"}, freeze.DeclareFreeze),
    ("lift", {"freeze": "freeze-1", "reason": "over"}, freeze.LiftFreeze),
    ("enact", {"service": "app", "governance": f"sha256:{'0' * 64}"}, governance.ApproveGovernance),
    ("review", {"service": "app", "change": "CR-1", "outcome": "fine"}, governance.CompleteReview),
    (
        "incident",
        {"service": "app", "environment": "production", "incident": "i2", "severity": "minor", "summary": "slow"},
        incident.OpenIncident,
    ),
    ("label", {**I1, "label": "security"}, incident.LabelIncident),
    ("decide", {**I1, "answer": "rollback", "reason": "it hurts"}, answering.GiveAnswer),
    ("escalate", I1, answering.EscalateIncident),
    ("schedule", {**I1, "when": "26h"}, incident.ScheduleReview),
    ("send", {**I1, "notice": "progress", "field.status": "better", "next": "30m"}, telling.SendNotice),
    ("settle", {**I1, "answer": "keep", "reason": "why not"}, duty.AnswerQuestion),
    ("attest", I1, duty.AttestDuty),
    ("write", {**I1, "document": "# Timeline\r\n\r\nIt was so.\r\n"}, duty.WriteReport),
    ("did", {**I1, "reason": "by hand"}, duty.DoStepByHand),
    ("retry", I1, duty.RetryStep),
    ("close", {**I1, "outcome": "mended"}, incident.CloseIncident),
    ("away", {"until": "2h"}, absence.DeclareAway),
    ("back", {}, absence.DeclareBack),
]


@pytest.fixture(scope="module")
def stage() -> Stage:
    return excepted()


def voice() -> Speaker:
    """Ben, who draws nothing by chance."""
    return Speaker(BEN, Unsigned(), "simulated", bytes)


def composed(stage: Stage, name: str, fields: dict[str, str], speaker: Speaker) -> Command:
    return ACTS[name].compose(Form(look(stage.world), fields, speaker))


@pytest.mark.parametrize(("name", "fields", "kind"), FORMS, ids=[name for name, _, _ in FORMS])
def test_a_form_comes_to_its_command(stage: Stage, name: str, fields: dict[str, str], kind: type) -> None:
    assert isinstance(composed(stage, name, fields, voice()), kind)
    assert ACTS[name].told.endswith(".")


def test_every_form_is_tried_here() -> None:
    assert {name for name, _, _ in FORMS} | {"sign", "approve"} == set(ACTS)


def test_every_form_stands_on_a_page_and_every_page_has_only_these() -> None:
    text = "".join(path.read_text() for path in TEMPLATES.glob("*.html"))
    named = set(re.findall(r'hidden\("act", "([a-z]+)"\)', text)) | {"settle", "attest", "write"}
    assert named == set(ACTS)


KEYED: Final = re.compile(r"\{% call marks\.keyed\(.*?\{% endcall %\}", re.DOTALL)


BEN_CLICKED: Final = Person(BEN, Assurance.AUTHENTICATED)


def said_with_a_key() -> set[str]:
    """What the pages take from nobody without a passkey."""
    text = "".join(path.read_text() for path in TEMPLATES.glob("*.html"))
    blocks = "".join(KEYED.findall(text))
    by_kind = {"settle", "attest", "write"} if 'hidden("act", item.kind)' in blocks else set()
    return set(re.findall(r'hidden\("act", "([a-z]+)"\)', blocks)) | by_kind


SAID: Final = [one[:2] for one in FORMS if one[0] != "write"]
"""Of a document its sections are looked at before who wrote it."""


@pytest.mark.parametrize(("name", "fields"), SAID, ids=[name for name, _ in SAID])
def test_a_key_is_asked_for_just_where_the_rules_ask_for_one(stage: Stage, name: str, fields: dict[str, str]) -> None:
    there = rolling() if name in {"agree", "resume"} else stage
    clicked = answer(composed(there, name, fields, voice()), BEN_CLICKED, look(there.world).gatherer)
    codes = {one.code for one in clicked.reasons} if isinstance(clicked, Refused) else set()
    is_unsigned = any(code.endswith("unsigned") for code in codes) or codes == {"absence.not_oneself"}
    assert is_unsigned == (name in said_with_a_key()), codes


@pytest.mark.parametrize("said", list(Answer))
def test_what_was_shown_is_what_is_decided(said: Answer) -> None:
    stage = waiting()
    view = look(stage.world)
    seen = shown(view, view.view.release(stage.release()).id, PRODUCTION)
    fields = {**V2, "requirement": "review", "answer": said.value, "fingerprint": seen.fingerprint}
    command = composed(stage, "approve", fields, voice())
    assert isinstance(command, Approve)
    assert (command.bound, command.answer) == (seen.bound, said)
    assert isinstance(stage.world.say("ben", command), Done)


def test_what_is_signed_off_is_what_was_shown() -> None:
    stage = waiting()
    view = look(stage.world)
    seen = shown(view, view.view.release(stage.release()).id, PRODUCTION)
    command = composed(stage, "sign", {**V2, "requirement": "rollback-plan", "fingerprint": seen.fingerprint}, voice())
    assert isinstance(command, SignOff)
    assert isinstance(stage.world.say("ann", command), Done)


def test_what_changed_since_it_was_shown_is_not_decided() -> None:
    stage = waiting()
    view = look(stage.world)
    before = shown(view, view.view.release(stage.release()).id, PRODUCTION).fingerprint
    done(act(stage, Release(release="v3", by=PersonId("ann"))))
    stage.world.settle()
    fields = {**V2, "release": "app:v3", "requirement": "review", "answer": "approved", "fingerprint": before}
    with pytest.raises(Rejected, match="is not what is there now"):
        composed(stage, "approve", fields, voice())


def test_an_answer_that_is_none_is_not_guessed() -> None:
    stage = waiting()
    view = look(stage.world)
    seen = shown(view, view.view.release(stage.release()).id, PRODUCTION)
    fields = {**V2, "requirement": "review", "answer": "perhaps", "fingerprint": seen.fingerprint}
    with pytest.raises(Rejected, match="is no answer"):
        composed(stage, "approve", fields, voice())


def test_a_rollback_needs_no_words() -> None:
    speaker = voice()
    made = composed(rolling(3), "rollback", {"service": "app", "environment": "production", "reason": ""}, speaker)
    assert isinstance(made, BeginRollback)
    assert (made.reason, speaker.texts) == (UNSAID, [])


def test_a_document_goes_along_with_its_report() -> None:
    speaker = voice()
    command = composed(excepted(), "write", {**I1, "document": "# Timeline\r\n\r\nIt was so.\r\n"}, speaker)
    assert isinstance(command, duty.WriteReport)
    assert command.sections == ("Timeline",)
    assert speaker.blobs == [b"# Timeline\n\nIt was so."]


def test_a_document_that_is_no_text_is_refused() -> None:
    with pytest.raises(Rejected, match="NUL"):
        composed(excepted(), "write", {**I1, "document": "# A\n\n\x00"}, voice())


def test_a_message_that_promises_nothing_names_no_moment() -> None:
    stage = excepted()
    command = composed(stage, "send", {**I1, "notice": "initial-alert"}, voice())
    assert isinstance(command, telling.SendNotice)
    assert (command.promised, command.fields) == (NEVER, ())


def test_what_an_incident_suspects_is_what_is_on_its_way_there() -> None:
    stage = rolling(3)
    fields = {"service": "app", "environment": "production", "incident": "i2", "severity": "minor", "summary": "slow"}
    command = composed(stage, "incident", fields, voice())
    assert isinstance(command, incident.OpenIncident)
    assert command.release == "app:v2"


@pytest.mark.parametrize(
    ("text", "after"),
    [("2h", timedelta(hours=2)), ("+30m", timedelta(minutes=30)), ("2026-03-03", timedelta(hours=15))],
    ids=["a span", "a span with a plus", "a day"],
)
def test_a_moment_is_written_as_people_write_it(text: str, after: timedelta) -> None:
    assert moment(text, NOW) == NOW + after


def test_a_moment_in_a_zone_is_the_same_moment() -> None:
    assert moment("2026-03-02T11:00+01:00", NOW) == NOW + timedelta(hours=1)
