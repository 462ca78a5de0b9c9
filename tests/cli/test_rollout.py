# SPDX-License-Identifier: Apache-2.0
"""`interlock rollout` on a real ledger, moved on by a controller among simulated proxies."""

import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from threading import Thread
from typing import Final

import pytest
from tests.cli.rolling import ASKING, Routed, open_routed
from tests.cli.workplace import codes

from interlock.adapters.metrics.memory import Nature
from interlock.cli import rollout
from interlock.cli.rollout_watch import Lines, Shows, eyes
from interlock.cli.session import Session
from interlock.cli.text import Para
from interlock.service.rollouts import Progress

PROMOTION: Final = "app:v1.1.0/production/1"


@pytest.fixture
def routed(folder: Path, tmp_path: Path) -> Iterator[Routed]:
    """v1.0.0 runs in production, which is routed."""
    found = open_routed(folder, tmp_path / "keys")
    yield found
    found.world.store.close()


@pytest.fixture
def rolling(routed: Routed) -> Routed:
    """v1.1.0 has 10 % of the traffic there."""
    routed.promote()
    return routed


@pytest.fixture
def asking(folder: Path, tmp_path: Path) -> Iterator[Routed]:
    """v1.1.0 is there without traffic, and waits for a release manager."""
    found = open_routed(folder, tmp_path / "keys", ASKING)
    found.promote()
    yield found
    found.world.store.close()


def test_a_rollout_is_shown_with_steps_split_arms_evidence_and_what_it_waits_for(rolling: Routed) -> None:
    shown = rolling.place.done("cat", "rollout", "show", "production")
    assert (shown["promotion"], shown["phase"], shown["step"]) == (PROMOTION, "rolling", 1)
    assert shown["steps"] == ["10 %", "ask release-manager", "50 %", "100 %"]
    assert (shown["exposure"]["percent"], shown["confirmed"]) == (10.0, ["memory"])
    assert {one["subject"] for one in shown["judgement"]["children"]} == {"errors", "latency"}
    assert "rollout.observing" in {one["code"] for one in shown["awaited"]}
    page = rolling.place.say("cat", "rollout", "show", "production").out
    assert "* 10 %  >  o ask release-manager  >  o 50 %  >  o 100 %" in page
    assert shown["held"] is False
    assert "x nobody holds it, nothing is exposed; it was at 10 % (step 1 of 4)" in page
    assert "exposure  nothing  10 % as long as somebody held it" in page
    assert "! the controller is not at work: every proxy went back to what is stable within 3 s of its end" in page
    assert "the next one begins anew at step 1" in page


def test_a_rollout_that_somebody_holds_is_shown_as_it_stands(rolling: Routed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollout, "has_driver", lambda _home: True)
    assert rolling.place.done("cat", "rollout", "show", "production")["held"] is True
    page = rolling.place.say("cat", "rollout", "show", "production").out
    assert "exposure  10 %  confirmed by memory" in page
    assert "nobody" not in page


def test_status_and_explain_say_how_far_it_is(rolling: Routed) -> None:
    (service,) = rolling.place.done("cat", "status")["services"]
    production = service["environments"][1]
    assert production["pace"].startswith("at 10 % (step 1 of 4), ")
    assert production["held"] is False
    said = rolling.place.say("cat", "status").out
    assert f"v1.1.0: nobody holds it, nothing is exposed; it was {production['pace']}" in said
    assert "! the controller is not at work: every proxy went back to what is stable within 3 s of its end" in said
    told = rolling.place.ask("cat", "explain", PROMOTION)["finding"]
    assert [one["code"] for one in told["children"]] == ["judge"]


def test_a_rollout_is_paused_and_goes_on(rolling: Routed) -> None:
    rolling.place.done("dan", "rollout", "pause", "production")
    assert rolling.place.done("dan", "rollout", "show", "production")["paused"] is True
    assert ", paused" in rolling.place.say("dan", "status").out
    assert codes(rolling.place.ask("dan", "rollout", "pause", "production")) == ["rollout.already"]
    assert codes(rolling.place.ask("dan", "rollout", "resume", "production")) == ["stopped.role"]
    rolling.place.done("cat", "rollout", "resume", "production")
    assert rolling.place.done("dan", "rollout", "show", "production")["paused"] is False


def test_who_holds_the_role_agrees_to_the_step_that_asks(asking: Routed) -> None:
    assert "for cat (release-manager)" in asking.place.say("dan", "status").out
    assert codes(asking.place.ask("dan", "rollout", "agree", "production", "--yes")) == ["rollout.not_asked"]
    agreed = asking.place.done("cat", "rollout", "agree", "production", "--yes")
    assert (agreed["step"], agreed["then"], agreed["by"]) == (1, "50 %", "cat")
    assert {one["code"] for one in agreed["awaited"]} <= {"clock.behind"}  # our world's clock is ahead of the real one


def test_who_agrees_is_told_what_it_still_waits_for(asking: Routed) -> None:
    asking.place.done("ben", "freeze", "declare", "f1", "--until", "4h", "--reason", "A fair")
    said = asking.place.say("cat", "rollout", "agree", "production", "--yes").out
    assert "goes on to 50 % once nothing is in its way" in said
    assert "f1" in said
    assert "> no controller is at work: interlock drive" in said


def test_who_lets_it_go_on_is_told_what_it_still_waits_for(asking: Routed) -> None:
    asking.place.done("cat", "rollout", "pause", "production")
    resumed = asking.place.done("cat", "rollout", "resume", "production")
    assert [one["code"] for one in resumed["awaited"]] == ["rollout.asked"]


def test_who_promotes_to_what_is_routed_is_told_how_to_watch_it(routed: Routed) -> None:
    routed.release()
    said = routed.place.say("dan", "promote", "v1.1.0", "production").out
    assert "watch it with interlock rollout watch production" in said
    assert "rollout watch" not in routed.place.say("dan", "rollback", "staging").out


def test_nobody_agrees_without_having_been_asked(asking: Routed) -> None:
    said = asking.place.say("cat", "rollout", "agree", "production", "--json")
    assert (said.code, codes(said.object)) == (2, ["sign.nobody_asked"])


def test_a_step_that_asks_nobody_is_agreed_to_by_nobody(rolling: Routed) -> None:
    said = rolling.place.say("cat", "rollout", "agree", "production", "--yes", "--json")
    assert (said.code, codes(said.object)) == (2, ["rollout.asks_nothing"])


def test_where_nothing_is_rolled_out_that_is_said(routed: Routed) -> None:
    for words in (("show",), ("watch",), ("pause",)):
        said = routed.place.say("cat", "rollout", *words, "production", "--json")
        assert (said.code, codes(said.object)) == (2, ["rollout.none"])


@dataclass(slots=True)
class AndThen(Lines):
    """Lets the world go on once it was looked at for the first time."""

    world: Thread = field(kw_only=True)

    def show(self, session: Session, seen: Progress, news: tuple[Para, ...]) -> None:
        began = not self.is_first
        Lines.show(self, session, seen, news)
        if not began:
            self.world.start()


def test_who_watches_without_a_terminal_reads_a_line_for_each_change_until_it_ends(
    rolling: Routed, monkeypatch: pytest.MonkeyPatch
) -> None:
    rolling.world.traffic.natures["v1.1.0"] = Nature(Fraction(30, 100))
    world = Thread(target=rolling.go_on, args=(timedelta(minutes=1),))
    monkeypatch.setattr(rollout, "eyes", lambda: (nullcontext(), AndThen(world=world)))
    said = rolling.place.say("cat", "rollout", "watch", "production")
    world.join()
    lines = said.err.splitlines()
    assert lines[0].startswith("app:v1.1.0 in production: at 10 % (step 1 of 4)")
    assert any("x the rollout failed: worse than what is stable" in line for line in lines)
    assert (said.code, "returned" in said.out) == (1, True)


def test_who_watches_may_leave(rolling: Routed, monkeypatch: pytest.MonkeyPatch) -> None:
    class Leaves:
        def show(self, session: Session, seen: Progress, news: tuple[Para, ...]) -> None:
            raise KeyboardInterrupt

    def eyes() -> tuple[AbstractContextManager[object], Shows]:
        return nullcontext(), Leaves()

    monkeypatch.setattr(rollout, "eyes", eyes)
    said = rolling.place.say("cat", "rollout", "watch", "production", "--json")
    assert (said.code, said.object) == (130, {"left": PROMOTION})


def test_a_newer_release_supersedes_the_one_under_way(routed: Routed) -> None:
    routed.release()
    routed.release("v1.2.0", "CR-2")
    said = routed.place.say("dan", "promote", "v1.2.0", "production", "--supersede", "--json")
    assert codes(said.object) == ["promotion.none"]
    routed.place.done("dan", "promote", "v1.1.0", "production")
    asked = routed.place.done("dan", "promote", "v1.2.0", "production", "--supersede")
    assert asked["superseded"] == PROMOTION
    assert routed.place.ask("dan", "explain", PROMOTION)["finding"]["code"] == "promotion.superseded"


def test_the_proxies_are_written_told_how_to_start_and_seen_once_they_run(routed: Routed) -> None:
    first = routed.place.done("cat", "rollout", "proxies", "production")["proxies"]
    assert [(one["proxy"], one["up"]) for one in first] == [("edge-1", False), ("edge-2", False)]
    proxy = subprocess.Popen(first[0]["command"], stderr=subprocess.DEVNULL)
    try:
        while not (now := routed.place.done("cat", "rollout", "proxies", "production")["proxies"])[0]["up"]:
            assert proxy.poll() is None
        assert [(one["up"], one["exposure"]["percent"], one["stable"]) for one in now] == [
            (True, 0.0, ["127.0.0.1:8001"]),
            (False, 0.0, []),
        ]
    finally:
        proxy.terminate()
        proxy.wait()


def test_what_has_no_route_has_no_proxies(routed: Routed) -> None:
    said = routed.place.say("cat", "rollout", "proxies", "staging", "--json")
    assert (said.code, codes(said.object)) == (2, ["bindings.unbound_route"])


def test_without_a_terminal_nothing_is_drawn() -> None:
    _, view = eyes()
    assert isinstance(view, Lines)
