# SPDX-License-Identifier: Apache-2.0
"""The page of all releases, and the roll behind it."""

import threading

import pytest
from tests.server.premises import Premises
from tests.service.shop import ANN, BEN, STAGING, act, done
from tests.web.reading import Read, shown
from tests.web.test_routes import page, reading
from tests.web.worlds import agreed, look, reader, waiting

from interlock.domain.ids import ReleaseId, ServiceName
from interlock.domain.release import ReleasePhase
from interlock.service.gather import Ungoverned
from interlock.service.portraits import listing
from interlock.service.portraits.listing import ALL, Roll, Sought
from interlock.testing.acts import Release
from interlock.testing.moves import Promote
from interlock.testing.stage import Stage
from interlock.web import catalogue

APP = ServiceName("app")


def listed(stage: Stage, service: str = "", state: str = "", before: int = 0) -> Read:
    return shown(catalogue.page(look(stage.world), Roll(), service, state, before), reader(BEN))


def names(roll: Roll, stage: Stage, sought: Sought = ALL, limit: int = 50) -> list[ReleaseId]:
    view = look(stage.world)
    called = roll.called(view.store, view.view)
    return [one.release for one in called.sought(sought, lambda _: True, limit).found]


def test_the_newest_release_stands_first_with_its_state_and_where_it_runs() -> None:
    text = listed(waiting()).text
    assert text.index("v2 app open staging staging") < text.index("v1 app adopted production")


def test_each_leads_to_its_page() -> None:
    assert "/releases/app:v2" in listed(waiting()).links


def test_only_those_in_the_state_that_is_sought_are_listed() -> None:
    found = listed(waiting(), "app", "adopted")
    assert "/releases/app:v1" in found.links
    assert "/releases/app:v2" not in found.links


def test_where_no_release_is_like_that_it_is_said_how_one_is_made() -> None:
    assert "interlock release create VERSION" in listed(waiting(), state="withdrawn").text


@pytest.mark.parametrize(("service", "state", "code"), [("none", "", "service.unknown"), ("", "new", "release.state")])
def test_what_no_release_can_be_is_refused(service: str, state: str, code: str) -> None:
    with pytest.raises(Ungoverned) as fault:
        listed(waiting(), service, state)
    assert fault.value.code == code


def test_a_page_holds_so_many_and_leads_to_the_older_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "LISTED", 1)
    stage = waiting()
    first = listed(stage, "app")
    older = next(one for one in first.links if "before=" in one)
    second = listed(stage, "app", before=int(older.rpartition("=")[2]))
    assert ("/releases/app:v2" in first.links, "/releases/app:v1" in first.links) == (True, False)
    assert ("/releases/app:v2" in second.links, "/releases/app:v1" in second.links) == (False, True)
    assert "/releases?service=app" in second.links
    assert not [one for one in second.links if "before=" in one]


def test_of_a_ledger_that_grew_what_moved_is_seen() -> None:
    stage, roll = waiting(), Roll()
    assert names(roll, stage) == ["app:v2", "app:v1"]
    done(act(stage, Release(release="v3", by=ANN, title="One more")))
    assert names(roll, stage) == ["app:v3", "app:v2", "app:v1"]
    assert not roll.known[ReleaseId("app:v3")].reached
    stage.world.settle()
    done(act(stage, Promote(promote=STAGING, by=ANN)))
    stage.world.settle()
    assert names(roll, stage)[0] == "app:v3"
    assert roll.known[ReleaseId("app:v3")].reached == (STAGING,)


def test_of_a_ledger_that_was_put_back_nothing_is_listed_that_is_not_in_it() -> None:
    stage, roll = waiting(), Roll()
    done(act(stage, Release(release="v3", by=ANN, title="One more")))
    assert names(roll, stage)[0] == "app:v3"
    assert names(roll, waiting()) == ["app:v2", "app:v1"]


def test_a_view_that_looked_earlier_takes_nothing_old_into_the_roll() -> None:
    stage, roll = waiting(), Roll()
    earlier = look(stage.world)
    assert not earlier.view.release(ReleaseId("app:v3")).id
    done(act(stage, Release(release="v3", by=ANN, title="One more")))
    roll.called(earlier.store, earlier.view)
    assert roll.known[ReleaseId("app:v3")].state is ReleasePhase.OPEN


def test_a_ledger_that_grew_much_is_gone_through_by_its_releases(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = waiting()
    told = names(Roll(), stage)
    monkeypatch.setattr(listing, "FEW", 0)
    roll = Roll()
    assert names(roll, stage) == told
    assert roll.size == stage.world.store.head().size


def test_a_state_is_sought_among_all_and_not_only_on_one_page() -> None:
    sought = Sought(APP, (ReleasePhase.ADOPTED,))
    assert names(Roll(), agreed(), sought, 1) == ["app:v1"]


def test_of_a_service_that_may_not_be_seen_nothing_is_listed() -> None:
    view = look(waiting().world)
    assert not Roll().called(view.store, view.view).sought(ALL, lambda _: False, 50).found


def test_many_may_ask_at_once() -> None:
    stage, roll = waiting(), Roll()
    found: list[list[ReleaseId]] = []
    threads = [threading.Thread(target=lambda: found.append(names(roll, stage))) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [["app:v2", "app:v1"]] * 8


def test_the_page_is_reached_from_every_page_and_asked_by_its_address(here: Premises) -> None:
    with reading(here) as browser:
        assert "/releases" in page(browser, "/").links
        assert "/releases/app:v1.1.0" in page(browser, "/releases?service=app&state=open").links
        for query in ("service=none", "state=nonsense", "before=x"):
            assert browser.get(f"/releases?{query}", headers={"accept": "text/html"}).status_code == 404
