# SPDX-License-Identifier: Apache-2.0
"""`interlock incident` under a procedure that handles incidents: decide, tell, do what is owed, close."""

from pathlib import Path
from typing import Final

import pytest
from tests.cli.workplace import BINDINGS, Workplace, codes, open_workplace

HANDLED: Final = """\
audiences: [room, reviewer]
messages:
  alert: {to: [room], title: "{incident}", body: "{fields.impact}, {next_update}", fields: {impact: What users feel.}}
rollback:
  authority: {primary: release-manager, fallback: {to: reviewer, after: 5m}}
  sequence:
    - {id: flags, step: flags-off}
    - {id: data, decide: {roles: [release-manager], question: Does data go back?, answers: [keep, restore]}}
incident:
  in: [production]
  labels: {security: {}}
  send: [{message: alert, promises: next}]
  clocks: {assess: {from: opened, until: [decided], within: 15m, then: rollback}}
  closing:
    - {id: story, record: {roles: [release-manager], sections: [Timeline]}}
    - {id: gaps, gaps: {roles: [release-manager]}}
    - {id: review, is: scheduled}
"""
BOUND: Final = BINDINGS + 'audiences: {room: ["file:room"], reviewer: ["file:reviewer"]}\n'
OPEN: Final = ("incident", "open", "INC-1", "--environment", "production", "--summary", "slow")


@pytest.fixture
def ward(folder: Path, tmp_path: Path) -> Workplace:
    """A service whose procedure handles incidents, with one open."""
    bound = BOUND.replace("  smoke:", '  flags-off: {command: ["false"]}\n  smoke:')
    place = open_workplace(folder, tmp_path / "keys", bound, lambda pack: pack + HANDLED)
    place.done("dan", *OPEN, "--about", "security")
    return place


def test_an_incident_shows_what_was_decided_which_clocks_run_and_what_is_owed(ward: Workplace) -> None:
    shown = ward.done("dan", "incident", "show", "INC-1")
    assert shown["labels"] == ["security"]
    assert [one["clock"] for one in shown["clocks"]] == ["out-of-reach", "assess"]
    assert shown["closing"]["verdict"] == "inconclusive"
    text = ward.say("dan", "incident", "show", "INC-1").out
    assert "release-manager decides that, reviewer when they cannot be reached (5 min)" in text
    assert "left" in text


def test_status_leads_to_what_the_procedure_asks_for(ward: Workplace) -> None:
    assert "interlock incident show INC-1: what is decided" in ward.say("dan", "status").out


def test_an_incident_that_nobody_opened_is_told(ward: Workplace) -> None:
    said = ward.say("dan", "incident", "show", "INC-9", "--json")
    assert (said.code, codes(said.object)) == (2, ["incident.unknown"])


def test_who_decides_is_heard_and_others_are_turned_away(ward: Workplace) -> None:
    assert codes(ward.ask("dan", "incident", "decide", "INC-1", "stay", "--reason", "x")) == ["incident.no_authority"]
    heard = ward.done("ben", "incident", "decide", "INC-1", "rollback", "--reason", "worse")
    assert (heard["capacity"], heard["counts"]) == ("heard", False)
    done = ward.done("cat", "incident", "decide", "INC-1", "stay", "--reason", "a cable")
    assert (done["capacity"], done["counts"]) == ("primary", True)
    assert "decided: it stays as it is" in ward.say("dan", "incident", "show", "INC-1").out


def test_a_rollback_is_for_who_decides(ward: Workplace) -> None:
    assert codes(ward.ask("dan", "rollback", "production")) == ["rollback.no_authority"]


def test_who_stands_in_decides_while_the_other_is_away(ward: Workplace) -> None:
    ward.done("cat", "incident", "away", "--until", "2h")
    assert ward.done("ben", "incident", "decide", "INC-1", "hotfix", "--reason", "known")["capacity"] == "fallback"
    ward.done("cat", "incident", "back")
    assert codes(ward.ask("cat", "incident", "back")) == ["absence.not_away"]


def test_a_message_is_sent_with_its_fields_and_a_promise(ward: Workplace) -> None:
    said = ward.say("dan", "incident", "send", "INC-1", "alert", "--field", "impact", "--json")
    assert codes(said.object) == ["incident.field"]
    assert codes(ward.ask("dan", "incident", "send", "INC-1", "alert", "--field", "impact=slow")) == [
        "incident.no_promise"
    ]
    sent = ward.done("dan", "incident", "send", "INC-1", "alert", "--field", "impact=slow", "--next", "30m")
    assert sent["to"] == ["room"]
    assert (
        "tell more by"
        in ward.say("dan", "incident", "send", "INC-1", "alert", "--field", "impact=x", "--next", "1h").out
    )


def test_what_is_owed_is_done_and_the_incident_closed(ward: Workplace) -> None:
    ward.done("cat", "incident", "decide", "INC-1", "stay", "--reason", "a cable")
    ward.done("dan", "incident", "schedule", "INC-1", "24h")
    (ward.folder / "story.md").write_text("# Timeline\n\nIt was slow.\n")
    ward.done("cat", "incident", "write", "INC-1", "story", "story.md")
    assert codes(ward.ask("dan", "incident", "close", "INC-1", "--outcome", "a cable")) == ["duty.gaps_unnamed"]
    ward.done("cat", "incident", "sign", "INC-1", "gaps")
    ward.done("dan", "incident", "close", "INC-1", "--outcome", "a cable")
    assert ward.done("dan", "incident", "show", "INC-1")["phase"] == "closed"


def test_a_document_that_is_no_text_is_not_taken_in(ward: Workplace) -> None:
    (ward.folder / "story.md").write_bytes(b"\xff\xfe")
    said = ward.say("cat", "incident", "write", "INC-1", "story", "story.md", "--json")
    assert codes(said.object) == ["record.unreadable"]


def test_a_gap_is_named_with_the_pack_as_it_should_be(ward: Workplace) -> None:
    pack = (ward.folder / "rules.yaml").read_text().replace("within: 15m", "within: 10m")
    (ward.folder / "better.yaml").write_text(pack)
    words = ("gap", "INC-1", "gaps", "--pack-change", "better.yaml", "--reason", "nobody looked")
    named = ward.done("cat", "incident", *words)
    proposals = ward.done("cat", "governance", "show")["proposals"]
    assert [one["governance"] for one in proposals] == [named["governance"]]


def test_what_is_not_owed_is_refused_in_every_way_of_doing_it(ward: Workplace) -> None:
    for words in (
        ("answer", "INC-1", "data", "keep", "--reason", "x"),
        ("did", "INC-1", "flags", "--reason", "x"),
        ("retry", "INC-1", "flags"),
    ):
        assert codes(ward.ask("cat", "incident", *words)) == ["incident.not_owed"]
    assert codes(ward.ask("cat", "incident", "escalate", "INC-1")) == ["incident.no_disagreement"]
    assert codes(ward.ask("cat", "incident", "label", "INC-1", "security")) == ["incident.labelled"]


def test_the_timeline_is_read_from_the_ledger(ward: Workplace) -> None:
    ward.done("cat", "incident", "decide", "INC-1", "stay", "--reason", "a cable")
    told = [one["sentence"] for one in ward.done("dan", "incident", "timeline", "INC-1")["timeline"]]
    assert told == [
        "dan opened the incident: major, about app:v1.0.0",
        "cat said: stay (primary)",
        "decided by cat: it stays as it is (primary)",
    ]
    draft = ward.say("dan", "incident", "timeline", "INC-1", "--markdown").out
    assert draft.startswith("# Timeline of INC-1")


def test_that_there_is_nothing_to_go_back_to_is_shown(ward: Workplace) -> None:
    ward.done("cat", "incident", "decide", "INC-1", "rollback", "--reason", "worse")
    ward.drive()
    text = ward.say("cat", "incident", "show", "INC-1").out
    assert "it was to go back, and cannot: no release that was good in production fits" in text


def test_an_incident_is_explained_with_what_it_owes(ward: Workplace) -> None:
    text = ward.say("dan", "explain", "INC-1").out
    assert "nobody has decided what is done" in text
    assert "interlock incident write INC-1 story FILE" in text


def test_a_driver_that_stops_when_idle_does_not_wait_for_people(ward: Workplace) -> None:
    said = ward.say("dan", "drive", "--until-idle")
    assert said.code == 0, said.out + said.err
