# SPDX-License-Identifier: Apache-2.0
"""How long two weeks of a team take to simulate: 200 releases under the starter pack, and how soon a two-day one is.

The team releases about every 100 minutes, day and night. Every tenth release fails in production and goes back, every
fortieth is an emergency with its review, every fiftieth waits for a freeze to end. All of it is one scenario, played
by the program itself: real signatures, real gates, every record. Times are of one core, so that a machine that does
other things as well measures the same.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final

from interlock.domain.change import ChangeKind
from interlock.domain.ids import CheckId, EnvironmentName, PersonId, RequirementId, RoleName
from interlock.domain.promotion import PromotionPhase
from interlock.packs.load import Pack, load_pack
from interlock.testing.acts import ApproveFor, Freeze, Lift, Release, Review, Sign
from interlock.testing.expectation import Expectation
from interlock.testing.happenings import CheckSays, Says, Wait
from interlock.testing.moves import Promote
from interlock.testing.scenario import Expect, Given, Loaded, Passed, Scenario, Step, perform
from interlock.testing.world import World

RELEASES: Final = 200
SPAN: Final = timedelta(days=14)
FAILS, HURRIES, FREEZES = 10, 40, 50
"""Every how many releases it happens."""
TARGET: Final = 30.0
"""Seconds for two weeks."""
SHORT_TARGET: Final = 1.0
"""Seconds for two days of one release."""
STAGING, PRODUCTION = EnvironmentName("staging"), EnvironmentName("production")
SMOKE: Final = CheckId("smoke")
WRITERS: Final = tuple(PersonId(name) for name in ("ann", "dan", "eve", "fay"))
BEN, CAT = PersonId("ben"), PersonId("cat")


@dataclass(frozen=True, slots=True)
class Took:
    """What a story took: simulated and real seconds, and how much was recorded."""

    simulated: float
    seconds: float
    records: int


def _falls_on(number: int, every: int) -> bool:
    return number % every == every // 2


def one_release(number: int) -> Iterator[Step]:
    """A release of the team, from its making to its end."""
    version, writer = f"v{number + 2}", WRITERS[number % len(WRITERS)]
    fails, hurries, freezes = (_falls_on(number, every) for every in (FAILS, HURRIES, FREEZES))
    kind = ChangeKind.EMERGENCY if hurries else ChangeKind.NORMAL
    yield Release(release=version, kind=kind, by=writer)
    yield Wait("rest")
    yield Promote(promote=STAGING, by=writer)
    yield Wait("rest")
    if not hurries:
        yield Sign(sign=RequirementId("rollback-plan"), before=PRODUCTION, by=writer)
    yield ApproveFor(approve=PRODUCTION, by=BEN)
    if hurries:
        yield ApproveFor(approve=PRODUCTION, by=CAT)
    if freezes:
        yield Freeze(freeze=PRODUCTION, lasting=timedelta(hours=2), by=CAT)
        yield Promote(promote=PRODUCTION, by=writer, refused=("freeze.active",))
        yield Lift(lift=PRODUCTION, by=CAT)
    if fails:
        yield CheckSays(SMOKE, Says.FAIL, PRODUCTION, version)
    yield Promote(promote=PRODUCTION, by=writer)
    yield Wait("rest")
    came = PromotionPhase.RETURNED if fails else PromotionPhase.COMPLETED
    yield Expect(Expectation(promotion={PRODUCTION: came}))
    if hurries:
        yield Review(review=version, by=next(one for one in WRITERS if one != writer))
    yield Wait(SPAN / RELEASES)


def two_weeks() -> tuple[Step, ...]:
    """All releases of the team, one after the other."""
    return tuple(step for number in range(RELEASES) for step in one_release(number))


def long_release() -> Iterator[Step]:
    """A procedure of two days: people take their time, and the controller looks on."""
    yield from (Release(release="v2", by=WRITERS[0]), Wait("rest"), Wait(timedelta(hours=5)))
    yield from (Promote(promote=STAGING, by=WRITERS[0]), Wait("rest"), Wait(timedelta(hours=19)))
    yield Sign(sign=RequirementId("rollback-plan"), before=PRODUCTION, by=WRITERS[0])
    yield from (Wait(timedelta(hours=23)), ApproveFor(approve=PRODUCTION, by=BEN))
    yield from (Promote(promote=PRODUCTION, by=WRITERS[0]), Wait(timedelta(hours=1)))
    yield Expect(Expectation(promotion={PRODUCTION: PromotionPhase.COMPLETED}))


def play(steps: tuple[Step, ...], world: World) -> Took:
    """Play these steps as a scenario under the starter pack, in a fresh world."""
    text = files("interlock.packs").joinpath("library", "starter", "pack.yaml").read_bytes()
    rules = load_pack("pack.yaml", text)
    assert isinstance(rules, Pack)
    people = {one: (RoleName("developer"),) for one in WRITERS}
    given = Given({**people, BEN: (RoleName("reviewer"),), CAT: (RoleName("release-manager"),)})
    loaded = Loaded("history", Scenario("A team at work", given, steps), tuple((0, str(step)) for step in steps))
    began = world.moments.now()
    before = time.process_time()
    outcome = perform(loaded, text, rules, world, world)
    seconds = time.process_time() - before
    assert isinstance(outcome, Passed), outcome
    return Took((world.moments.now() - began).total_seconds(), seconds, world.store.head().size)


def main() -> None:
    """Measure, print two lines, write `build/bench/history.json`."""
    play(tuple(one_release(0)), World())
    short = play(tuple(long_release()), World())
    history = play(two_weeks(), World())
    measured = {
        "releases": RELEASES,
        "simulated_days": round(history.simulated / 86_400, 2),
        "seconds": round(history.seconds, 2),
        "target_seconds": TARGET,
        "records": history.records,
        "times_faster_than_life": round(history.simulated / history.seconds),
        "two_days": {"seconds": round(short.seconds, 3), "target_seconds": SHORT_TARGET, "records": short.records},
    }
    out = Path("build/bench/history.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(measured, indent=2) + "\n")
    days, faster = measured["simulated_days"], measured["times_faster_than_life"]
    print(f"history: {RELEASES} releases in {days} days took {history.seconds:.1f} s, {faster} times faster than life")
    print(f"two days of one release: {short.seconds:.2f} s")
    assert history.simulated >= SPAN.total_seconds()
    assert history.seconds < TARGET
    assert short.seconds < SHORT_TARGET


if __name__ == "__main__":
    main()
