# SPDX-License-Identifier: Apache-2.0
from datetime import timedelta
from importlib.resources import files
from typing import Final, TypeVar

from interlock.domain.outbox import Delivery
from interlock.packs.load import Pack, load_pack
from interlock.testing.scenario import Loaded, load_scenario, play
from interlock.testing.timeline import Checked, Entry, Said, Timeline, Told, Waited, Waits

PACK: Final = files("interlock.packs").joinpath("library", "starter", "pack.yaml").read_bytes()
HEAD: Final = """\
scenario: Something is told
given: {people: {ann: [developer], ben: [reviewer]}}
steps:
- {release: v2, by: ann}
- {wait: rest}
"""
MOVE: Final = "- {promote: staging, by: ann}\n- {wait: rest}\n"
E = TypeVar("E")


def told(steps: str) -> Timeline:
    rules, loaded = load_pack("pack.yaml", PACK), load_scenario("told.yaml", (HEAD + steps).encode())
    assert isinstance(rules, Pack)
    assert isinstance(loaded, Loaded)
    timeline = Timeline()
    play(loaded, PACK, rules, timeline)
    return timeline


def those(timeline: Timeline, kind: type[E]) -> list[E]:
    return [one for one in timeline.entries if isinstance(one, kind)]


def test_setting_the_stage_is_no_part_of_the_story() -> None:
    first = told("").entries[0]
    assert isinstance(first, Said)
    assert (first.who, first.command, first.is_robot) == ("ann", "open change", False)


def test_entries_stand_in_the_order_in_which_they_happened() -> None:
    times = [one.at for one in told(MOVE).entries]
    assert times == sorted(times)
    assert len(times) > 5


def test_a_refusal_is_told_with_its_codes() -> None:
    refused = [one for one in those(told("- {promote: production, by: ann}\n"), Said) if one.reasons]
    assert [(one.who, one.command) for one in refused] == [("ann", "request promotion")]
    assert {reason.code for reason in refused[0].reasons} >= {"order.not_reached"}


def test_what_the_controller_did_is_told_with_what_it_brought_about() -> None:
    done = [one for one in those(told(MOVE), Said) if one.is_robot and not one.reasons]
    assert "begin deployment" in {one.command for one in done}
    assert all(one.records for one in done)


def test_a_message_is_told_when_it_was_tried() -> None:
    assert [(one.to, one.title, one.came) for one in those(told(MOVE), Told)] == [
        ("", "app:v2 is live in staging", Delivery.DELIVERED)
    ]


def test_what_waits_is_told_with_whom_it_waits_for() -> None:
    waits = [one for one in those(told(MOVE), Waits) if one.place == "v2 before production"]
    assert [(one.wait.finding.subject, one.wait.whom.people) for one in waits] == [
        ("rollback-plan", ("ann",)),
        ("review", ("ben",)),
    ]


def test_how_long_it_waited_is_told_when_it_is_over() -> None:
    later = f"{MOVE}- {{wait: 3h}}\n- {{approve: production, by: ben}}\n"
    (over,) = [one for one in those(told(later), Waited) if one.about == "review"]
    assert timedelta(hours=3) <= over.lasted < timedelta(hours=3, seconds=1)
    assert over.place == "v2 before production"


def test_what_waits_still_is_told_at_the_end() -> None:
    timeline = told(f"{MOVE}- {{wait: 3h}}\n")
    (wait, _) = timeline.still(timeline.entries[-1].at + timedelta(hours=3))
    assert wait.at - wait.since >= timedelta(hours=3)


def test_an_expectation_is_told_with_what_was_found() -> None:
    found = those(told("- expect: {release: [completed]}\n"), Checked)
    assert [one.found for one in found] == [("the release: expected completed, found open",)]


def test_a_listener_hears_every_step_at_once() -> None:
    heard: list[tuple[Entry, ...]] = []
    rules, loaded = load_pack("pack.yaml", PACK), load_scenario("told.yaml", (HEAD + MOVE).encode())
    assert isinstance(rules, Pack)
    assert isinstance(loaded, Loaded)
    timeline = Timeline(heard.append)
    play(loaded, PACK, rules, timeline)
    assert len(heard) == len(loaded.scenario.steps)
    assert [entry for entries in heard for entry in entries] == timeline.entries
