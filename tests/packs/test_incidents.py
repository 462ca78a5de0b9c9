# SPDX-License-Identifier: Apache-2.0
"""How a pack writes that incidents are handled: what it means, and what is refused with its place."""

from datetime import timedelta
from typing import Final

import pytest
from tests.packs.read_in import loaded, wrong
from tests.packs.ward import PACK

from interlock.domain.handling import UNHANDLED, Handling, Missed, NoticeAsked, Owed, Promising, RestorationAsked
from interlock.domain.ids import CheckId, ClockId, DutyId, EnvironmentName, LabelName, NoticeId, RoleName
from interlock.domain.incident import Severity
from interlock.domain.occasion import Occasion, OccasionKind
from interlock.packs.bindings import load_bindings
from interlock.packs.lint import lint_pack
from interlock.packs.load import Pack, load_pack
from interlock.packs.matching import bind
from interlock.packs.problem import Problems

TEXT: Final = PACK.decode()
BARE: Final = TEXT[: TEXT.index("rollback:\n")]


def handled(text: str = TEXT) -> Handling:
    """What this pack says of incidents."""
    return loaded(text).procedure.handling


def test_a_pack_that_says_nothing_of_incidents_handles_none() -> None:
    assert handled(BARE) == UNHANDLED


def test_authority_is_what_is_written() -> None:
    authority = handled().authority
    assert authority.roles == ("manager", "security-lead", "on-call", "product-lead")
    assert (authority.after, authority.escalate_after) == (timedelta(minutes=5), timedelta(minutes=10))


def test_authority_may_be_one_role_alone() -> None:
    authority = handled(BARE + "rollback: {authority: {primary: manager, cites: [P-1]}}\n").authority
    assert (authority.roles, authority.cites) == (("manager",), ("P-1",))


def test_what_follows_a_rollback_is_in_order_and_owed_only_then() -> None:
    sequence = [duty for duty in handled().duties if duty.owed is Owed.GOING_BACK]
    assert [(duty.id, duty.after) for duty in sequence] == [
        ("flags", ()),
        ("data", ("flags",)),
        ("proven", ("data",)),
        ("qa-validated", ("proven",)),
    ]
    assert sequence[2].asked == RestorationAsked()


def test_what_closes_an_incident_says_itself_what_it_comes_after() -> None:
    duty = handled().duty(DutyId("notice"))
    assert duty is not None
    assert (duty.asked, duty.after) == (NoticeAsked(NoticeId("resolution")), ("review",))


def test_a_clock_says_what_starts_and_stops_it() -> None:
    clock = next(one for one in handled().clocks if one.id == ClockId("hotfix"))
    assert clock.starts == Occasion(OccasionKind.DECIDED, "hotfix")
    assert clock.stopped_by == (Occasion(OccasionKind.RESTORED),)
    assert clock.missed is Missed.ROLLBACK


def test_a_clock_is_stopped_by_a_message_that_arrived() -> None:
    clock = next(one for one in handled().clocks if one.id == ClockId("next-update"))
    assert {stop.kind for stop in clock.stopped_by} == {OccasionKind.ARRIVED}


def test_a_message_is_sent_by_people_or_by_itself() -> None:
    declared, alert = handled().notice(NoticeId("declared")), handled().notice(NoticeId("alert"))
    assert declared is not None
    assert declared.on == (Occasion(OccasionKind.OPENED),)
    assert alert is not None
    assert alert.promises is Promising.NEXT


def test_things_are_meant_for_some_incidents() -> None:
    sent = handled(TEXT.replace("{message: declared,", "{message: declared, label: threat, at_least: critical,"))
    notice = sent.notice(NoticeId("declared"))
    assert notice is not None
    assert (notice.scope.label, notice.scope.severity) == (LabelName("threat"), Severity.CRITICAL)


def test_incidents_are_handled_where_it_says() -> None:
    assert handled().there(EnvironmentName("production")).is_declared
    assert not handled().there(EnvironmentName("staging")).is_declared


def test_labels_say_for_whom_it_goes_back() -> None:
    label = handled().label(LabelName("threat"))
    assert label is not None
    assert label.goes_back_for == (RoleName("security-lead"), RoleName("on-call"))
    assert label.found_by == ()


def test_labels_say_which_checks_find_them() -> None:
    found = handled(TEXT.replace("security: {}", "security: {found_by: [smoke]}"))
    assert found.labels_of((CheckId("other"), CheckId("smoke"))) == (LabelName("security"),)
    assert found.labels_of(()) == ()


@pytest.mark.parametrize(
    ("old", "new", "kind", "of"),
    [
        ("on: [restored]}", "on: [{done: data}]}", OccasionKind.DONE, "data"),
        ("on: [restored]}", "on: [{missed: assess}]}", OccasionKind.MISSED, "assess"),
        ("on: [restored]}", "on: [{sent: alert}]}", OccasionKind.SENT, "alert"),
    ],
)
def test_occasions_are_of_many_kinds(old: str, new: str, kind: OccasionKind, of: str) -> None:
    notice = handled(TEXT.replace(old, new)).notice(NoticeId("healthy"))
    assert notice is not None
    assert notice.on == (Occasion(kind, of),)


def test_nothing_in_it_is_idle() -> None:
    pack = load_pack("pack.yaml", PACK)
    assert isinstance(pack, Pack)
    assert lint_pack(pack.procedure) == ()


WRONG: Final = {
    "an environment that is not there": (
        "in: [production]",
        "in: [moon]",
        "pack.unknown_environment",
        "incident.in[0]",
    ),
    "a check of a label that proves nothing": (
        "security: {}",
        "security: {found_by: [smoke, tests]}",
        "pack.proves_nothing",
        "incident.labels.security.found_by[1]",
    ),
    "a role of a label": ("[security-lead, on-call]", "[wizard]", "pack.unknown_role", "incident.labels.threat"),
    "a message that the pack has not": ("{message: update,", "{message: nothing,", "pack.unknown_message", "send[5]"),
    "a message twice": ("{message: update,", "{message: alert,", "pack.duplicate_name", "send[5].message"),
    "a label of a message": (
        "promises: next}\n    - {message: res",
        "label: x}\n    - {message: res",
        "pack.unknown_label",
        "send[5].label",
    ),
    "a message by itself with fields": (
        "- {message: resolution}",
        "- {message: resolution, on: [restored]}",
        "pack.nobody_gives",
        "send[6].on",
    ),
    "a message by itself that promises": (
        "on: [restored]}",
        "on: [restored], promises: next}",
        "pack.nobody_gives",
        "send[3].on",
    ),
    "an occasion of a label": ("[{labelled: security}]", "[{labelled: x}]", "pack.unknown_label", "on[0].labelled"),
    "an occasion of a clock": ("on: [restored]}", "on: [{missed: x}]}", "pack.unknown_clock", "on[0].missed"),
    "an occasion of a duty": ("on: [restored]}", "on: [{done: x}]}", "pack.unknown_duty", "on[0].done"),
    "a clock that waits for a message nobody sends": (
        "until: [{sent: alert}]",
        "until: [{sent: nothing}]",
        "pack.unknown_message",
        "until[0].sent",
    ),
    "a clock that tells nobody there is": ("tells: [incident-channel]", "tells: [x]", "pack.unknown_audience", "tells"),
    "a clock without time": ("within: 15m", "within: 0s", "pack.clock_zero", "clocks.assess"),
    "a clock with less than none": ("within: 15m", "within: -1m", "pack.wrong_value", "clocks.assess.within"),
    "a clock that stops as it starts": (
        "until: [decided], within",
        "until: [opened], within",
        "pack.clock_idle",
        "until[0]",
    ),
    "a clock that a message stops by itself": (
        "until: [{sent: alert}]",
        "until: [{sent: declared}]",
        "pack.clock_idle",
        "until[0]",
    ),
    "a clock with a name of ours": (
        "    assess: {",
        "    disagreement: {",
        "pack.reserved_name",
        "clocks.disagreement",
    ),
    "a clock of a label": ("then: rollback}\n    hot", "label: x}\n    hot", "pack.unknown_label", "assess.label"),
    "a role of a question": ("decide: {roles: [manager]", "decide: {roles: [x]", "pack.unknown_role", "decide.roles"),
    "a role of an attestation": (
        "signoff: {roles: [qa-lead]",
        "signoff: {roles: [x]",
        "pack.unknown_role",
        "signoff.roles",
    ),
    "a role of a record": (
        "record: {roles: [manager], sections: [A",
        "record: {roles: [x], sections: [A",
        "pack.unknown_role",
        "record.roles",
    ),
    "a role of gaps": ("gaps: {roles: [manager]}", "gaps: {roles: [x]}", "pack.unknown_role", "gaps.roles"),
    "a message owed that nobody sends": (
        "sent: resolution, after",
        "sent: x, after",
        "pack.unknown_message",
        "closing[4].sent",
    ),
    "a label of a duty": ("label: security}", "label: x}", "pack.unknown_label", "closing[5].label"),
    "a duty twice": ("{id: actions,", "{id: timeline,", "pack.duplicate_name", "closing[1].id"),
    "a duty after one that is not there": ("after: [review]", "after: [x]", "pack.unknown_duty", "closing[4].after"),
    "a duty after a later one": (
        "{id: gaps, gaps",
        "{id: gaps, after: [notice], gaps",
        "pack.circle",
        "closing[2].after",
    ),
    "a duty after itself": ("after: [review]", "after: [notice]", "pack.circle", "closing[4].after"),
    "one answer only": ("answers: [keep, restore]", "answers: [keep]", "pack.empty_value", "decide.answers"),
    "a primary role that is not there": ("primary: manager", "primary: x", "pack.unknown_role", "authority.primary"),
    "a mandate of no role": ("{security-lead: [security]}", "{x: [security]}", "pack.unknown_role", "mandate.x"),
    "a mandate for no label": ("{security-lead: [security]}", "{security-lead: [x]}", "pack.unknown_label", "mandate"),
    "a fallback that is not there": ("{to: on-call, after", "{to: x, after", "pack.unknown_role", "fallback.to"),
    "a fallback nobody can tell": (
        "{to: on-call, after",
        "{to: developer, after",
        "pack.unknown_audience",
        "fallback.to",
    ),
    "a fallback for itself": ("primary: manager", "primary: on-call", "pack.same_role", "fallback.to"),
    "an escalation to those who disagree": (
        "escalate: {to: product-lead",
        "escalate: {to: on-call",
        "pack.same_role",
        "escalate.to",
    ),
    "an escalation after no time": ("after: 10m, within", "after: 0s, within", "pack.out_of_range", "escalate.after"),
    "a fallback heard after silence has decided": (
        "{to: on-call, after: 5m}",
        "{to: on-call, after: 15m}",
        "pack.clock_order",
        "fallback.after",
    ),
    "a disagreement settled after silence has decided": (
        "after: 10m, within",
        "after: 15m, within",
        "pack.clock_order",
        "escalate.after",
    ),
}


@pytest.mark.parametrize("what", list(WRONG))
def test_what_cannot_be_is_refused_with_its_place(what: str) -> None:
    old, new, code, path = WRONG[what]
    assert TEXT.count(old) == 1, TEXT.count(old)
    assert any(found == code and path in place for found, place in wrong(TEXT.replace(old, new)))


DECLARED: Final = "{message: declared, on: [opened]}"
DECISION: Final = "{message: decision, on: [decided]}"
HEALTHY: Final = "{message: healthy, on: [restored]}"


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({DECISION: "{message: decision, on: [decided, {sent: decision}]}"}, ["incident.send[2].on"]),
        (
            {
                DECLARED: "{message: declared, on: [opened, {sent: healthy}]}",
                DECISION: "{message: decision, on: [{sent: declared}]}",
                HEALTHY: "{message: healthy, on: [restored, {sent: decision}]}",
            },
            ["incident.send[0].on", "incident.send[2].on", "incident.send[3].on"],
        ),
        (
            {
                DECISION: "{message: decision, on: [{sent: declared}]}",
                HEALTHY: "{message: healthy, on: [{sent: declared}, {sent: decision}]}",
            },
            [],
        ),
    ],
    ids=["itself", "three in a circle", "one after the other"],
)
def test_messages_that_send_each_other_without_end_are_refused(changes: dict[str, str], places: list[str]) -> None:
    text = TEXT
    for old, new in changes.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    assert [place for code, place in (wrong(text) if places else ()) if code == "pack.circle"] == places
    if not places:
        assert handled(text) != UNHANDLED


def test_a_promise_that_nobody_makes_starts_no_clock() -> None:
    quiet = TEXT.replace(", promises: next", "")
    assert ("pack.clock_idle", "incident.clocks.next-update.from") in wrong(quiet)


def test_a_step_that_is_not_bound_is_refused() -> None:
    pack = load_pack("pack.yaml", PACK)
    assert isinstance(pack, Pack)
    bound = bind("interlock.yaml", _bindings(""), pack.procedure)
    assert isinstance(bound, Problems)
    assert [one.code for one in bound.found] == ["bindings.unbound_check"]
    assert "disable-flags" in bound.render()


def test_a_step_that_somebody_else_brings_is_refused() -> None:
    pack = load_pack("pack.yaml", PACK)
    assert isinstance(pack, Pack)
    bound = bind("interlock.yaml", _bindings("  disable-flags: {attached: ci, by: [on-call]}\n"), pack.procedure)
    assert isinstance(bound, Problems)
    assert [one.code for one in bound.found] == ["bindings.attached_proof"]


def _bindings(checks: str) -> bytes:
    audiences = "on-call incident-channel security-lead product-lead stakeholders status-page".split()
    bound = "".join(f"  {one}: [json://localhost]\n" for one in audiences)
    text = (
        "service: app\npack: ward\nenvironments: {production: {deploy: {command: [x]}}}\n"
        f"roles: {{}}\naudiences:\n{bound}checks:\n  smoke: {{command: [x]}}\n{checks}"
    )
    assert not isinstance(load_bindings("interlock.yaml", text.encode()), Problems)
    return text.encode()
