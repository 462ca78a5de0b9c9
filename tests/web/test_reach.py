# SPDX-License-Identifier: Apache-2.0
"""Who is bound to some services is shown those, and of the others not even that they exist."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from tests.cli.workplace import Workplace
from tests.server.premises import Premises, csrf_in, premises
from tests.service.shop import CAT, PRODUCTION, done
from tests.web.reading import read, shown
from tests.web.test_routes import RELEASE, reading
from tests.web.worlds import after_an_incident, excepted, house_of, in_an_incident, reader, rolling, waiting

from interlock.domain.freeze import DeclareFreeze
from interlock.domain.ids import FreezeId, PersonId, ServiceName
from interlock.identity.trusting import Bound, Trusted
from interlock.server.app import Entrance
from interlock.service.gather import Ungoverned
from interlock.service.portraits.listing import Roll
from interlock.testing.stage import WORDS
from interlock.testing.world import World
from interlock.web import calendar, catalogue, changes, fleet, inbox, incident, measures, pack, record, release, rollout
from interlock.web.look import Look, look_at
from interlock.web.measures import Counter
from interlock.web.page import Page

BEN = reader(PersonId("ben"))
HTML = {"accept": "text/html"}


def seen(world: World, *services: str) -> Look:
    """The world as somebody bound to these services sees it."""
    return look_at(house_of(world), world.moments.now(), frozenset(map(ServiceName, services)))


LISTS: dict[str, Callable[[Look], Page]] = {
    "fleet": fleet.page,
    "inbox": lambda one: inbox.page(one, BEN),
    "incidents": incident.listing,
    "calendar": calendar.page,
    "measures": lambda one: measures.page(one, Counter()),
    "releases": lambda one: catalogue.page(one, Roll()),
}


@pytest.mark.parametrize("name", sorted(LISTS))
def test_nothing_of_another_service_is_listed(name: str) -> None:
    for world in (excepted().world, after_an_incident()):
        own = next(iter(seen(world).services))
        assert own not in shown(LISTS[name](seen(world, "other")), BEN).text.split()


@pytest.mark.parametrize("name", sorted(LISTS))
def test_of_ones_own_service_everything_is_listed(name: str) -> None:
    world = waiting().world
    mine, every = (shown(LISTS[name](one), BEN).text for one in (seen(world, "app", "other"), seen(world)))
    assert mine == every


def frozen() -> World:
    """One where production of this service and of another is frozen."""
    stage = waiting()
    now = stage.world.moments.now()
    services = ServiceName("app"), ServiceName("shop")
    freeze = DeclareFreeze(FreezeId("winter"), services, (PRODUCTION,), now, now + timedelta(days=2), WORDS, ())
    done(stage.hands.hand_in(stage.submission(CAT, freeze)))
    return stage.world


@pytest.mark.parametrize("page", [fleet.page, calendar.page], ids=["fleet", "calendar"])
@pytest.mark.parametrize(
    ("services", "words"),
    [
        ((), "app, shop, production"),
        (("app",), "app and others, production"),
        (("app", "shop"), "app, shop, production"),
    ],
    ids=["all", "one", "both"],
)
def test_of_what_a_freeze_holds_those_are_named_that_one_may_see(
    page: Callable[[Look], Page], services: tuple[str, ...], words: str
) -> None:
    text = shown(page(seen(frozen(), *services)), BEN).text
    assert words in text
    assert ("shop" in text) == ("shop" in words)


def test_a_freeze_that_names_nothing_is_of_everything() -> None:
    view = seen(frozen(), "app")
    (freeze,) = view.view.freezes().declared.values()
    assert view.about(replace(freeze, services=(), environments=())) == "everything"


def test_an_incident_of_another_service_is_not_there() -> None:
    world = in_an_incident()
    named = world.store.streams("incident/")[0].removeprefix("incident/")
    assert named in shown(fleet.page(seen(world)), BEN).text
    assert named not in shown(fleet.page(seen(world, "other")), BEN).text
    with pytest.raises(Ungoverned) as fault:
        incident.page(seen(world, "other"), named, BEN)
    assert fault.value.code == "incident.unknown"


ONES: dict[str, tuple[Callable[[Look], object], str]] = {
    "release": (lambda one: release.page(one, "app:v2", BEN), "release.unknown"),
    "changes": (lambda one: changes.page(one, "app:v2"), "release.unknown"),
    "rollout": (lambda one: rollout.page(one, "app:v2/production/1", BEN), "promotion.unknown"),
    "figures": (lambda one: rollout.known(one, "app:v2/production/1"), "promotion.unknown"),
    "pack": (lambda one: pack.page(one, "app"), "service.unknown"),
    "service of releases": (lambda one: catalogue.page(one, Roll(), "app"), "service.unknown"),
}


@pytest.mark.parametrize("name", sorted(ONES))
def test_one_of_another_service_is_not_there(name: str) -> None:
    page, code = ONES[name]
    world = rolling().world
    assert page(seen(world, "app"))
    with pytest.raises(Ungoverned) as fault:
        page(seen(world, "other"))
    assert fault.value.code in {code, "governance.none"}


@pytest.mark.parametrize("page", [record.page, lambda one: record.record_page(one, 3)], ids=["records", "record"])
def test_the_ledger_is_not_shown_in_part_not_even_to_who_is_bound_to_all_of_it(page: Callable[[Look], Page]) -> None:
    with pytest.raises(Ungoverned) as fault:
        page(seen(waiting().world, "app"))
    assert fault.value.code == "access.narrowed"
    assert fault.value.next_step


@pytest.fixture(scope="module")
def bound(home: Workplace) -> Iterator[Premises]:
    """A server where ben's account is for another service alone, and ann's for this one."""
    trusted = Trusted(accounts={"ben": Bound(["other"]), "ann": Bound(["app"])})
    with premises(home, entrance=Entrance(trusted)) as here:
        yield here


def got(bound: Premises, person: str, path: str) -> httpx.Response:
    with reading(bound, person) as browser:
        return browser.get(path, headers=HTML)


@pytest.mark.parametrize("path", [RELEASE, "/services/app/pack", "/releases?service=app"])
def test_a_bound_account_finds_pages_of_its_services_alone(bound: Premises, path: str) -> None:
    assert got(bound, "ann", path).status_code == 200
    assert got(bound, "ben", path).status_code == 404


@pytest.mark.parametrize("path", ["/ledger", "/ledger/records/3", "/ledger/bundle", f"/blobs/sha256:{'0' * 64}"])
def test_a_bound_account_sees_nothing_of_the_ledger_itself(bound: Premises, path: str) -> None:
    for person in ("ann", "ben"):
        answer = got(bound, person, path)
        assert answer.status_code == 403
        assert "access.narrowed" in read(answer.text).text


def test_the_api_is_narrowed_for_a_bound_account_too(bound: Premises) -> None:
    with reading(bound, "ben") as browser:
        assert browser.get("/v1/services").json()["services"] == []
        assert browser.get("/v1/releases/app:v1.1.0").status_code == 404
        assert browser.get("/v1/ledger/events").json()["code"] == "access.narrowed"
    with reading(bound, "ann") as browser:
        assert [one["service"] for one in browser.get("/v1/services").json()["services"]] == ["app"]


@pytest.mark.parametrize("where", ["/say", "/say/composed"])
def test_a_bound_account_says_nothing_about_another_service(bound: Premises, where: str) -> None:
    size = bound.house.store.head().size
    with reading(bound, "ben") as browser:
        token = csrf_in(browser.get("/").text)
        fields = {"csrf": token, "act": "withdraw", "release": "app:v1.1.0", "reason": "why", "page": "/"}
        answer = browser.post(where, data=fields, follow_redirects=False)
    assert answer.status_code in {403, 409}
    assert "access.elsewhere" in answer.text
    assert bound.house.store.head().size == size
