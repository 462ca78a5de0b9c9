# SPDX-License-Identifier: Apache-2.0
"""What answers are made of is kept for a moment, and never seen: each is what it would be had nothing been kept."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import msgspec
import pytest
from tests.service.shop import BEN, a_rolling_stage, a_stage
from tests.web.worlds import STEPS, a_story, excepted, house_of, waiting

from interlock.adapters.clock import MemoryClock, SystemClock
from interlock.api import fleet, releases
from interlock.api.lookout import Lookout
from interlock.api.scene import Look
from interlock.bootstrap.houses import House
from interlock.domain.ids import EnvironmentName, ReleaseId
from interlock.identity.caller import EVERY_SCOPE, Caller, How, NoSession
from interlock.service.gather import Gatherer
from interlock.service.views import A_MOMENT
from interlock.testing.happenings import RequestsGo
from interlock.testing.world import World

CALLER = Caller(BEN, How.TOKEN, EVERY_SCOPE, NoSession(), "", "token")


def told(house: House, now: datetime) -> list[bytes]:
    """Everything that is answered of the fleet and of each release at this moment."""
    house = replace(house, clock=cast("SystemClock", MemoryClock(now)))
    look = Look(house, CALLER, Lookout(house), lambda: True)
    named = [stream.removeprefix("release/") for stream in house.store.streams("release/")]
    answers = (fleet.services.fn(look), *(releases.release.fn(look, one) for one in named))
    return [msgspec.json.encode(one) for one in answers]


def agrees(house: House, world: World) -> bool:
    """Whether this house answers as one that looks for the first time."""
    now = world.moments.now()
    return told(house, now) == told(house, now) == told(house_of(world), now)


def test_at_every_step_of_a_story_each_answer_is_what_a_first_look_gives() -> None:
    stage = a_stage()
    house = house_of(stage.world)
    for _ in a_story(stage):
        assert agrees(house, stage.world)


def test_while_traffic_moves_each_answer_is_what_a_first_look_gives() -> None:
    stage = a_rolling_stage(STEPS, seconds=2)
    house = house_of(stage.world)
    for errors in (0.4, 0.5, 40.0):
        RequestsGo("v2", errors=errors).happen(stage)
        stage.world.work(timedelta(seconds=9))
        assert agrees(house, stage.world)


def test_what_time_alone_changes_is_told_after_a_moment() -> None:
    world = excepted().world
    house, now = house_of(world), world.moments.now()
    for after in (timedelta(0), A_MOMENT, timedelta(hours=6), timedelta(days=3)):
        assert told(house, now + after) == told(house_of(world), now + after)


def test_a_gate_is_asked_once_in_a_moment_whoever_wants_to_know(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[ReleaseId] = []
    situation = Gatherer.situation

    def counted(self: Gatherer, release: ReleaseId, environment: EnvironmentName) -> object:
        asked.append(release)
        return situation(self, release, environment)

    monkeypatch.setattr(Gatherer, "situation", counted)
    world = waiting().world
    house, now = house_of(world), world.moments.now()
    told(house, now)
    once = len(asked)
    told(house, now + A_MOMENT / 2)
    assert len(asked) == once > 0
