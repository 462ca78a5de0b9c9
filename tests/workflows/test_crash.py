# SPDX-License-Identifier: Apache-2.0
from functools import cache
from importlib.resources import files
from typing import Final

import pytest

from interlock.packs.load import Pack, load_pack
from interlock.packs.problem import Problems
from interlock.ports.failure import Unavailable
from interlock.testing.crash import Aftermath, Crash, Fragile, Fuse, aftermath, different
from interlock.testing.scenario import Failed, Loaded, Outcome, Passed, load_scenario, perform
from interlock.testing.world import World

STARTER: Final = files("interlock.packs").joinpath("library", "starter")
PACK: Final = STARTER.joinpath("pack.yaml").read_bytes()
STORIES: Final = (
    "01-good-release",
    "06-production-fails",
)


@cache
def _rules() -> Pack:
    rules = load_pack("pack.yaml", PACK)
    assert not isinstance(rules, Problems)
    return rules


@cache
def _story(name: str) -> Loaded:
    loaded = load_scenario(name, STARTER.joinpath("scenarios", f"{name}.yaml").read_bytes())
    assert not isinstance(loaded, Problems), loaded.render()
    return loaded


def _play(name: str, controllers: Fuse, people: Fuse | None = None) -> tuple[Outcome, Aftermath]:
    world = World()
    outcome = perform(_story(name), PACK, _rules(), world, Fragile(world, controllers, people or Fuse(())))
    return outcome, aftermath(world)


@cache
def _undisturbed(name: str) -> tuple[Aftermath, int, int]:
    """What the story comes to, and how many points a controller and the people pass in it."""
    controllers, people = Fuse(()), Fuse(())
    outcome, after = _play(name, controllers, people)
    assert isinstance(outcome, Passed), outcome
    return after, controllers.passed, people.passed


def _faults(name: str, controllers: Fuse, people: Fuse | None = None) -> tuple[str, ...]:
    """How a disturbed story differs from the undisturbed one."""
    outcome, after = _play(name, controllers, people)
    where = [*controllers.names[-1:], *(people.names[-1:] if people else [])]
    text = (outcome.text,) if isinstance(outcome, Failed) else ()
    return tuple(f"{where}: {one}" for one in (*text, *different(_undisturbed(name)[0], after)))


def _unreachable(point: str) -> BaseException:
    return Unavailable("test.unreachable", f"nobody answers ({point})", "try again")


@pytest.mark.parametrize("name", STORIES)
def test_i10_a_controller_killed_at_any_point_changes_nothing(name: str) -> None:
    _, points, _ = _undisturbed(name)
    assert points > 50
    found = {number: faults for number in range(1, points + 1) if (faults := _faults(name, Fuse((number,))))}
    assert found == {}


@pytest.mark.parametrize("name", ["11-emergency-goes-first", "19-rollback-ordered"])
def test_i10_a_crash_at_every_fourth_point_changes_nothing(name: str) -> None:
    _, points, _ = _undisturbed(name)
    found = {number: faults for number in range(1, points + 1, 4) if (faults := _faults(name, Fuse((number,))))}
    assert found == {}


def test_the_fuse_does_not_blow_beyond_the_last_point() -> None:
    _, points, _ = _undisturbed("01-good-release")
    fuse = Fuse((points + 1,))
    _play("01-good-release", fuse)
    assert fuse.passed == points


def test_i10_every_kind_of_effect_is_among_the_points() -> None:
    controllers = Fuse(())
    _play("06-production-fails", controllers)
    wanted = {"append", "deployer start", "deployer observe", "deployer cancel", "checker start", "notifier deliver"}
    assert {point.split(" ", 1)[1] for point in controllers.names} >= wanted


@pytest.mark.parametrize("name", ["01-good-release", "06-production-fails"])
def test_i10_two_crashes_in_a_row_change_nothing(name: str) -> None:
    _, points, _ = _undisturbed(name)
    pairs = [(number, number + gap) for number in range(1, points + 1, 7) for gap in (1, 2, 3)]
    assert {pair: faults for pair in pairs if (faults := _faults(name, Fuse(pair)))} == {}


def test_i10_a_controller_that_dies_at_every_tenth_point_still_arrives() -> None:
    every_tenth = tuple(range(10, 2000, 10))
    assert _faults("06-production-fails", Fuse(every_tenth)) == ()


@pytest.mark.parametrize("name", ["01-good-release", "14-smuggled-rules"])
def test_i10_what_a_person_repeats_after_a_crash_is_done_once(name: str) -> None:
    _, _, points = _undisturbed(name)
    assert points > 10
    found = {
        number: faults for number in range(1, points + 1) if (faults := _faults(name, Fuse(()), Fuse((number,), Crash)))
    }
    assert found == {}


@pytest.mark.parametrize("port", ["append", "deployer", "checker", "notifier"])
@pytest.mark.parametrize("name", ["01-good-release", "06-production-fails"])
def test_an_outage_of_a_port_at_any_point_delays_and_nothing_more(name: str, port: str) -> None:
    only = (f"before {port}", f"after {port}")
    counted = Fuse((), only=only)
    _play(name, counted)
    assert counted.passed > 0
    for number in range(1, counted.passed + 1):
        outcome, after = _play(name, Fuse((number,), _unreachable, only))
        assert isinstance(outcome, Passed), outcome
        assert (after.running, after.repeated) == (_undisturbed(name)[0].running, ())


def test_a_message_nobody_can_deliver_holds_nothing_up() -> None:
    down = Fuse(tuple(range(1, 500)), _unreachable, ("before notifier",))
    world = World()
    loaded = _story("06-production-fails")
    outcome = perform(loaded, PACK, _rules(), world, Fragile(world, down))
    assert isinstance(outcome, Failed)
    assert "told: expected" in outcome.text
    assert "running" not in outcome.text
    assert "rollback" not in outcome.text
    assert world.desk().view().outbox(next(iter(world.deploys.present))[0]).waiting == {}
