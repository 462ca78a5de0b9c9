# SPDX-License-Identifier: Apache-2.0
"""What is kept between pages is never seen: each page is what it would be had nothing been kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from tests.service.shop import ANN, BEN, PRODUCTION, a_rolling_stage, a_stage, act, done
from tests.web.worlds import PLAN, STEPS, a_story, after_an_incident, house_of, in_an_incident, reader, waiting

from interlock.bootstrap.houses import House
from interlock.domain.ids import PersonId, ServiceName
from interlock.service.inboxes import inbox as waits_for
from interlock.service.views import A_MOMENT
from interlock.testing.acts import Sign
from interlock.testing.happenings import RequestsGo
from interlock.testing.world import World
from interlock.web import calendar, fleet, inbox, incident, release
from interlock.web.look import Look, look_at
from interlock.web.page import Asked, Page, show
from interlock.web.paper import drawn

READER = reader(BEN)


def pages(look: Look) -> Iterator[Page]:
    """What rests on what is kept."""
    yield fleet.page(look)
    yield inbox.page(look, READER)
    yield incident.listing(look)
    yield calendar.page(look)
    for stream in look.store.streams("release/"):
        yield release.page(look, stream.removeprefix("release/"), READER)


def texts(house: House, world: World) -> list[str]:
    """All of them now."""
    look = look_at(house, world.moments.now())
    return [show(page, Asked(READER)) for page in pages(look)]


def test_at_every_step_of_a_story_each_page_is_what_a_first_look_gives() -> None:
    stage = a_stage()
    house = house_of(stage.world)
    for _ in a_story(stage):
        assert texts(house, stage.world) == texts(house_of(stage.world), stage.world)


def test_while_traffic_moves_each_page_is_what_a_first_look_gives() -> None:
    stage = a_rolling_stage(STEPS, seconds=2)
    house = house_of(stage.world)
    for errors in (0.4, 0.5, 40.0, 40.0):
        RequestsGo("v2", errors=errors).happen(stage)
        stage.world.work(timedelta(seconds=9))
        assert texts(house, stage.world) == texts(house_of(stage.world), stage.world)


def test_of_incidents_each_page_is_what_a_first_look_gives() -> None:
    for world in (in_an_incident(), after_an_incident()):
        house = house_of(world)
        assert texts(house, world) == texts(house, world) == texts(house_of(world), world)


def test_the_same_house_shows_another_ledger_that_was_put_in_its_place() -> None:
    one, other = waiting().world, in_an_incident()
    house = house_of(one)
    texts(house, one)
    assert texts(replace(house, store=other.store), other) == texts(house_of(other), other)


def test_what_is_open_is_every_incident_that_nobody_closed() -> None:
    for world in (in_an_incident(), after_an_incident()):
        viewer = look_at(house_of(world), world.moments.now()).viewer
        is_open = [one for one in viewer.incidents() if one.phase == "open"]
        assert list(viewer.open_incidents()) == is_open


def test_what_waits_is_told_again_for_a_moment_while_nothing_moves() -> None:
    world = waiting().world
    house, now = house_of(world), world.moments.now()
    first, soon, later = (
        look_at(house, now + after).viewer.status(look_at(house, now).services).services[0]
        for after in (timedelta(0), A_MOMENT - timedelta(microseconds=1), A_MOMENT)
    )
    assert soon is first
    assert later is not first


def test_what_one_just_did_is_seen_at_once() -> None:
    stage = waiting()
    house, now = house_of(stage.world), stage.world.moments.now()

    def waits() -> list[str]:
        look = look_at(house, now)
        return [one.asked for one in waits_for(look.viewer, look.services, PersonId("ann"))]

    assert "rollback-plan" in waits()
    done(act(stage, Sign(sign=PLAN, before=PRODUCTION, by=ANN)))
    assert "rollback-plan" not in waits()


def test_before_a_clock_that_jumped_back_nothing_that_waits_is_kept() -> None:
    world = waiting().world
    house, before = house_of(world), world.store.head().latest - timedelta(hours=1)
    first, again = (look_at(house, before).viewer.status(look_at(house, before).services).services for _ in range(2))
    assert first == again
    assert first[0] is not again[0]


def test_what_is_the_same_for_everybody_is_not_kept_for_who_sees_a_part() -> None:
    world = waiting().world
    house, now = house_of(world), world.moments.now()
    assert fleet.fleet(look_at(house, now)).rows
    assert not fleet.fleet(look_at(house, now, frozenset({ServiceName("other")}))).rows


def test_a_piece_is_drawn_anew_when_it_shows_something_else() -> None:
    world = waiting().world
    (row,) = fleet.fleet(look_at(house_of(world), world.moments.now())).rows
    first = drawn("service.html", row.name, row=row, spans=("1 h", "2 h"))
    assert drawn("service.html", row.name, row=row, spans=("1 h", "2 h")) is first
    assert "for 3 h" in drawn("service.html", row.name, row=row, spans=("1 h", "3 h"))
