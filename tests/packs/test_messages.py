# SPDX-License-Identifier: Apache-2.0
"""Messages of a pack: what they may speak of, where they may be used, and what is refused with its place."""

from typing import Final

import pytest

from interlock.domain.ids import NoticeId, RequirementId
from interlock.domain.outbox import Tone
from interlock.domain.template import AskedFor, Field
from interlock.packs.bindings import Bindings
from interlock.packs.lint import lint_pack
from interlock.packs.load import Pack, load_pack
from interlock.packs.matching import bind
from interlock.packs.problem import Problems

PACK: Final = """\
pack: told
version: 1.0.0
status: active
roles: [lead, owner]
governors: [lead]
environments:
  - {name: production, tier: production}
paths:
  standard: {for: [normal], stages: [ready, agreed, production]}
  emergency: {for: [emergency], stages: [ready, production], review_within: 48h}
audiences: [support, staff]
messages:
  soon:
    to: [support, staff]
    title: "{version} goes to {environment}"
    body: |
      {by} asked for it.
      {notes.Summary}
    cites: [P-1]
  live: {to: [support], title: "{version} is live", body: "{sentence}", tone: success}
  off: {to: [support], title: "{version} was called off", body: "{sentence}"}
  please: {to: [staff], title: "{requirement} is asked", body: "{asked} ({roles}): {plan.summary}"}
  back: {to: [support], title: "back from {release}", body: "to {target}: {sentence}", tone: warning}
  alert: {to: [staff], title: "{incident}", body: "{fields.impact}", fields: {impact: What users feel.}}
stages:
  - name: ready
    requires:
      - {id: notes, record: {roles: [lead], sections: [Summary, Known issues]}}
  - name: agreed
    order: sequential
    requires:
      - {id: plan, record: {roles: [lead], sections: [Summary]}}
      - {id: business, approval: {roles: [owner]}}
    notify: {asked: {business: [please]}}
  - name: production
    environment: production
    notify: {before: [soon], after: [live], called_off: ["off"]}
rollback:
  notify: {decided: [back], returned: [back], stranded: [back]}
waivers: {authority: [lead], longest: 1d}
"""


def found(before: str, after: str) -> list[tuple[str, str]]:
    """What is wrong with the pack once this was changed."""
    assert before in PACK
    told = load_pack("pack.yaml", PACK.replace(before, after, 1).encode())
    return [(one.code, one.path) for one in told.found] if isinstance(told, Problems) else []


def loaded() -> Pack:
    pack = load_pack("pack.yaml", PACK.encode())
    assert isinstance(pack, Pack), pack
    return pack


def test_a_message_is_what_it_says() -> None:
    soon = loaded().procedure.message(NoticeId("soon"))
    assert soon is not None
    assert (soon.to, soon.cites, soon.tone) == (("support", "staff"), ("P-1",), Tone.INFO)
    assert soon.body == "{by} asked for it.\n{notes.Summary}"


def test_a_message_that_the_pack_does_not_have_is_not_made_up() -> None:
    assert loaded().procedure.message(NoticeId("other")) is None


def test_fields_are_what_whoever_sends_it_must_give() -> None:
    alert = loaded().procedure.message(NoticeId("alert"))
    assert alert is not None
    assert alert.fields == (Field("impact", "What users feel."),)


def test_a_stage_knows_what_it_tells() -> None:
    pack = loaded().procedure
    ready, agreed, production = (stage.messages for stage in pack.stages)
    assert [one.id for one in (*production.before, *production.after, *production.called_off)] == [
        "soon",
        "live",
        "off",
    ]
    please = pack.message(NoticeId("please"))
    assert please is not None
    assert (ready.asked, agreed.asked) == ((), (AskedFor(RequirementId("business"), (please,)),))


def test_a_rollback_knows_what_it_tells() -> None:
    told = loaded().procedure.rollback_messages
    assert [one.id for one in (*told.decided, *told.returned, *told.stranded)] == ["back"] * 3


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("audiences: [support, staff]", "audiences: [support, staff, staff]", ("pack.duplicate_name", "audiences[2]")),
        ("to: [support, staff]", "to: [support, stuff]", ("pack.unknown_audience", "messages.soon.to[1]")),
        ("to: [support, staff]", "to: []", ("pack.empty_value", "messages.soon.to")),
        ("before: [soon]", "before: [sooon]", ("pack.unknown_message", "stages[2].notify.before[0]")),
        ("stranded: [back]", "stranded: [bak]", ("pack.unknown_message", "rollback.notify.stranded[0]")),
        ("{version} is live", "{verson} is live", ("pack.unknown_fact", "messages.live.title")),
        ("{by} asked for it", "{bye} asked for it", ("pack.unknown_fact", "messages.soon.body")),
        ("{fields.impact}", "{fields.impct}", ("pack.unknown_fact", "messages.alert.body")),
        ("{fields.impact}", "it is down", ("pack.unread_field", "messages.alert.fields.impact")),
        ("{by} asked", "{sentence} asked", ("pack.fact_out_of_place", "stages[2].notify.before[0]")),
        ("to {target}", "by {by}", ("pack.fact_out_of_place", "rollback.notify.returned[0]")),
        ("after: [live]", "after: [alert]", ("pack.nobody_gives", "stages[2].notify.after[0]")),
        ("{notes.Summary}", "{notes.Sumary}", ("pack.not_written_yet", "stages[2].notify.before[0]")),
        ("{notes.Summary}", "{plan.Summary}", ("pack.not_written_yet", "stages[2].notify.before[0]")),
        ("{plan.summary}", "{business.summary}", ("pack.not_written_yet", "stages[1].notify.asked.business[0]")),
        ("back from {release}", "{notes.summary}", ("pack.not_written_yet", "rollback.notify.decided[0]")),
        ("{business: [please]}", "{busines: [please]}", ("pack.not_asked", "stages[1].notify.asked.busines")),
        ("    environment: production\n", "", ("pack.no_environment", "stages[2].notify.before")),
        ("tone: success", "tone: sucess", ("pack.unknown_word", "messages.live.tone")),
    ],
)
def test_what_cannot_be_told_is_refused_with_its_place(before: str, after: str, expected: tuple[str, str]) -> None:
    assert expected in found(before, after)


def test_a_record_may_be_quoted_when_it_is_asked_on_every_way_to_the_stage() -> None:
    assert found("stages: [ready, production]", "stages: [agreed, production]") == [
        ("pack.not_written_yet", "stages[2].notify.before[0]")
    ]


def test_what_no_path_comes_through_quotes_only_itself() -> None:
    without = PACK.replace("stages: [ready, agreed, production]", "stages: [production]")
    told = load_pack("pack.yaml", without.replace("stages: [ready, production]", "stages: [production]").encode())
    assert isinstance(told, Problems)
    assert ("pack.not_written_yet", "stages[1].notify.asked.business[0]") not in {
        (one.code, one.path) for one in told.found
    }


def test_the_nearest_fact_is_told() -> None:
    told = load_pack("pack.yaml", PACK.replace("{version} is live", "{verson} is live").encode())
    assert isinstance(told, Problems)
    assert "version" in told.found[0].next_step


BINDINGS: Final = """\
service: app
pack: told
environments: {production: {deploy: {command: [deploy]}}}
roles: {lead: [ann], owner: [ben]}
audiences:
  support: ["mailto://mail.example"]
  staff: [$CHAT, "file:status"]
"""


def bound(before: str, after: str) -> list[tuple[str, str]]:
    """What is wrong with the bindings once this was changed."""
    assert before in BINDINGS
    told = bind("interlock.yaml", BINDINGS.replace(before, after, 1).encode(), loaded().procedure)
    return [(one.code, one.path) for one in told.found] if isinstance(told, Problems) else []


def test_audiences_are_bound_to_addresses() -> None:
    bindings = bind("interlock.yaml", BINDINGS.encode(), loaded().procedure)
    assert isinstance(bindings, Bindings), bindings
    assert bindings.audiences == {"support": ("mailto://mail.example",), "staff": ("$CHAT", "file:status")}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('  support: ["mailto://mail.example"]\n', "", ("bindings.unbound_audience", "audiences.support")),
        ('["mailto://mail.example"]', "[]", ("bindings.unbound_audience", "audiences.support")),
        ("  support:", "  suport:", ("bindings.unknown_audience", "audiences.suport")),
    ],
)
def test_an_audience_that_nobody_can_tell_is_refused(before: str, after: str, expected: tuple[str, str]) -> None:
    assert expected in bound(before, after)


def test_an_audience_that_is_told_nothing_shows() -> None:
    pack = load_pack("pack.yaml", PACK.replace("[support, staff]", "[support, staff, press]", 1).encode())
    assert isinstance(pack, Pack)
    advice = [(one.code, one.where) for one in lint_pack(pack.procedure) if one.code == "lint.untold_audience"]
    assert advice == [("lint.untold_audience", "press")]
