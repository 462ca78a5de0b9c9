# SPDX-License-Identifier: Apache-2.0
"""Simulated worlds for pages: a release that waits, one on real traffic, an incident, a procedure with everything."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from tests.service.shop import ANN, BEN, CAT, PRODUCTION, STAGING, a_rolling_stage, a_stage, act, done

from interlock.bootstrap.houses import House
from interlock.config import Home
from interlock.domain.ids import PersonId, RequirementId
from interlock.packs.load import load_pack
from interlock.packs.problem import Problems
from interlock.testing.acts import ApproveFor, Freeze, Release, Sign, Waive
from interlock.testing.happenings import RequestsGo
from interlock.testing.moves import Promote
from interlock.testing.scenario import Passed, load_scenario, perform
from interlock.testing.stage import Stage
from interlock.testing.world import World
from interlock.web.look import Look, look_at
from interlock.web.page import Reader, Surety

NOWHERE: Final = Home(Path("/nonexistent"), Path("/nonexistent"))
PLAN, REVIEW, TESTS = RequirementId("rollback-plan"), RequirementId("review"), RequirementId("tests")
STEPS: Final = "{weight: 10, hold: 30s}, {ask: [release-manager]}, {weight: 50, hold: 60s, least: 100}"


def house_of(world: World) -> House:
    """The world's ledger as a house without a folder."""
    return House(NOWHERE, world.store, world.library, world.calendar)


def look(world: World) -> Look:
    """The world now."""
    return look_at(house_of(world), world.moments.now())


def reader(person: PersonId, surety: Surety = Surety.SIGNED) -> Reader:
    """Somebody who signed in."""
    return Reader(person, "token-of-the-page", surety)


def waiting() -> Stage:
    """v2 is proven in staging and waits for people before production."""
    stage = a_stage()
    done(act(stage, Release(release="v2", by=ANN, title="The desk filters its <tasks>")))
    stage.world.settle()
    done(act(stage, Promote(promote=STAGING, by=ANN)))
    stage.world.settle()
    return stage


def excepted() -> Stage:
    """The same with an exception asked for and a freeze declared."""
    stage = waiting()
    done(act(stage, Waive(waive=PLAN, before=PRODUCTION, lasting=timedelta(days=2), by=ANN)))
    done(act(stage, Freeze(freeze=PRODUCTION, lasting=timedelta(hours=6), by=CAT)))
    return stage


def agreed() -> Stage:
    """Everybody agreed: the gate of production is open."""
    stage = waiting()
    done(act(stage, Sign(sign=PLAN, before=PRODUCTION, by=ANN)))
    done(act(stage, ApproveFor(approve=PRODUCTION, by=BEN)))
    return stage


def a_story(stage: Stage) -> Iterator[None]:
    """A release on its way to production, and everything that can be in its way."""
    yield
    done(act(stage, Release(release="v2", by=ANN)))
    yield
    stage.world.settle()
    yield
    done(act(stage, Promote(promote=STAGING, by=ANN)))
    yield
    stage.world.settle()
    yield
    done(act(stage, Waive(waive=PLAN, before=PRODUCTION, lasting=timedelta(days=2), by=ANN)))
    yield
    done(act(stage, Freeze(freeze=PRODUCTION, lasting=timedelta(hours=6), by=CAT)))
    yield
    stage.world.moments.advance(timedelta(days=3))
    yield
    done(act(stage, Sign(sign=PLAN, before=PRODUCTION, by=ANN)))
    done(act(stage, ApproveFor(approve=PRODUCTION, by=BEN)))
    yield
    done(act(stage, Promote(promote=PRODUCTION, by=ANN)))
    yield
    stage.world.settle()
    yield


def rolling(seconds: int = 25) -> Stage:
    """v2 has a tenth of production's traffic."""
    stage = a_rolling_stage(STEPS, seconds=2)
    RequestsGo("v1", errors=0.4).happen(stage)
    RequestsGo("v2", errors=0.5, slow=6.0).happen(stage)
    stage.world.work(timedelta(seconds=seconds))
    return stage


def went_back() -> Stage:
    """v2 answered badly, and went back."""
    stage = rolling(8)
    RequestsGo("v2", errors=40.0).happen(stage)
    stage.world.work(timedelta(seconds=40))
    return stage


@dataclass(frozen=True)
class Played:
    """A world after a scenario of the library was played in it."""

    world: World


@cache
def played(pack: str, scenario: str) -> Played:
    """That scenario's world at its end. Nobody changes it."""
    folder = files("interlock.packs").joinpath("library", pack)
    content = folder.joinpath("pack.yaml").read_bytes()
    rules = load_pack("pack.yaml", content)
    loaded = load_scenario(scenario, folder.joinpath("scenarios", f"{scenario}.yaml").read_bytes())
    assert not isinstance(rules, Problems)
    assert not isinstance(loaded, Problems)
    world = World()
    assert isinstance(perform(loaded, content, rules, world, world), Passed)
    return Played(world)


def in_an_incident() -> World:
    """An incident of OctoAcme's that owes a timeline before it may be closed."""
    return played("octoacme", "oa-45-no-timeline").world


def after_an_incident() -> World:
    """One that was closed, with everything that is owed."""
    return played("octoacme", "good-2-incident").world
