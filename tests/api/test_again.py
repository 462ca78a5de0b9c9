# SPDX-License-Identifier: Apache-2.0
"""The same question asked twice: when it is not worked out again, and that nobody could tell."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from tests.api.hosting import EVERY, WAIT, Hosted

from interlock.api import answers, fleet
from interlock.domain.ids import ServiceName
from interlock.ports.failure import Unavailable
from interlock.service.inboxes import Item
from interlock.service.portraits import fleet as portrayed
from interlock.service.portraits.fleet import StatusShown
from interlock.service.views import Viewer

LONG = 1e6


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> list[Viewer]:
    """Through which eyes the fleet was looked at; what is kept counts for long."""
    viewers: list[Viewer] = []
    status = portrayed.status

    def counted(viewer: Viewer, names: tuple[ServiceName, ...], *, driven: bool) -> StatusShown:
        viewers.append(viewer)
        return status(viewer, names, driven=driven)

    monkeypatch.setattr(portrayed, "status", counted)
    monkeypatch.setattr(answers, "WHILE", LONG)
    return viewers


_fresh = count()


def asking() -> str:
    """An address that nobody asked for yet."""
    return f"/v1/services?n={next(_fresh)}"


def test_the_same_question_about_the_same_ledger_is_worked_out_once(shop: Hosted, worked_out: list[Viewer]) -> None:
    path = asking()
    first, again = (shop.ask("GET", path, person) for person in ("ann", "ben"))
    assert (again.body, len(worked_out)) == (first.body, 1)


def test_what_is_given_again_is_the_same_to_the_last_header(shop: Hosted, worked_out: list[Viewer]) -> None:
    path = asking()
    first, again = (shop.ask("GET", path, "ann") for _ in range(2))
    told = [[(name.lower(), value) for name, value in one.headers.items() if name != "date"] for one in (first, again)]
    assert (told[1], again.status, len(worked_out)) == (told[0], first.status, 1)


def test_who_has_it_already_is_told_the_same_by_both(shop: Hosted, worked_out: list[Viewer]) -> None:
    holds = shop.ask("GET", asking(), "ann").headers["etag"]
    path = asking()
    first, again = (shop.ask("GET", path, "ann", if_none_match=holds) for _ in range(2))
    told = [[(name.lower(), value) for name, value in one.headers.items() if name != "date"] for one in (first, again)]
    assert (told[1], again.status, again.body) == (told[0], 304, b"")
    assert len(worked_out) == 2


def test_what_is_given_again_is_counted_under_its_route(shop: Hosted) -> None:
    line = 'interlock_http_answers_total{method="GET",route="/v1/recalls",status="200"}'
    for _ in range(3):
        shop.ask("GET", "/v1/recalls", "ann")
    assert f"{line} 3.0" in shop.built.measured.text().decode()


def test_after_its_time_it_is_worked_out_anew(
    shop: Hosted, worked_out: list[Viewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "WHILE", -1.0)
    path = asking()
    shop.ask("GET", path, "ann")
    shop.ask("GET", path, "ann")
    assert len(worked_out) == 2


def test_once_the_ledger_has_grown_it_is_worked_out_anew(shop: Hosted, worked_out: list[Viewer]) -> None:
    path = asking()
    shop.ask("GET", path, "ann")
    body = {"freeze": "again", "begins": "2031-01-01T10:00:00Z", "ends": "2031-01-02T10:00:00Z", "reason": "why"}
    shop.say("cat", "/v1/freezes/declare", body)
    shop.ask("GET", path, "ann")
    assert len(worked_out) == 2


def test_what_somebody_else_wrote_into_the_ledger_is_known_at_the_next_question(
    shop: Hosted, worked_out: list[Viewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.place.folder)
    path = asking()
    shop.ask("GET", path, "ann")
    shop.place.done("dan", "change", "open", "CR-beside", "--title", "Said beside the server")
    shop.ask("GET", path, "ann")
    assert len(worked_out) == 2


def test_what_many_ask_at_once_is_worked_out_for_the_first_alone(
    shop: Hosted, worked_out: list[Viewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one's answer waits until the second one has asked as well."""
    asked, path = threading.Semaphore(0), asking()
    monkeypatch.setattr(answers, "WHILE", -1.0)
    shop.ask("GET", path, "ann")
    monkeypatch.setattr(answers, "WHILE", LONG)
    kept, status = shop.built.streams.api.answers, portrayed.status
    head = kept.head

    def heard() -> int:
        asked.release()
        return head()

    def waiting(viewer: Viewer, names: tuple[ServiceName, ...], *, driven: bool) -> StatusShown:
        assert asked.acquire(timeout=WAIT)
        assert asked.acquire(timeout=WAIT)
        return status(viewer, names, driven=driven)

    monkeypatch.setattr(kept, "head", heard)
    monkeypatch.setattr(portrayed, "status", waiting)
    worked_out.clear()
    with ThreadPoolExecutor(2) as both:
        told = list(both.map(lambda person: shop.ask("GET", path, person).status, ("ann", "ben")))
    assert (told, len(worked_out)) == ([200, 200], 1)


def test_who_waited_for_what_came_to_nothing_works_it_out(
    shop: Hosted, worked_out: list[Viewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = asking()
    monkeypatch.setattr(answers, "WHILE", -1.0)
    shop.ask("GET", path, "ann")
    with ThreadPoolExecutor(8) as many:
        told = list(many.map(lambda _: shop.ask("GET", path, "ann").status, range(16)))
    assert (set(told), len(worked_out) > 1) == ({200}, True)
    assert not shop.built.streams.api.answers._underway  # noqa: SLF001  # nothing of it is left


def test_where_it_cannot_be_told_whether_the_ledger_grew_nothing_is_given_again(
    shop: Hosted, worked_out: list[Viewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost() -> int:
        raise Unavailable("store.io_error", "the disk is gone", "check it")

    path = asking()
    shop.ask("GET", path, "ann")
    monkeypatch.setattr(shop.built.streams.api.answers, "head", lost)
    assert (shop.ask("GET", path, "ann").status, len(worked_out)) == (200, 2)


def test_who_is_narrowed_has_answers_of_their_own(shop: Hosted, worked_out: list[Viewer]) -> None:
    path = asking()
    whole = shop.ask("GET", path, "ann")
    narrowed = shop.send("GET", path, shop.token("ann", EVERY, ("other",)))
    assert (b"app" in whole.body, b"app" in narrowed.body, len(worked_out)) == (True, False, 2)


@pytest.mark.parametrize("token", ["", "ilk_wrong"], ids=["nobody", "a wrong one"])
def test_what_is_kept_is_given_to_nobody_who_is_not_let_in(shop: Hosted, worked_out: list[Viewer], token: str) -> None:
    path = asking()
    shop.ask("GET", path, "ann")
    assert (shop.send("GET", path, token).status, len(worked_out)) == (401, 1)


def test_an_inbox_is_kept_for_its_owner_alone(shop: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "WHILE", LONG)
    whose: list[str] = []

    def noted(_viewer: Viewer, _services: object, person: str) -> tuple[Item, ...]:
        whose.append(person)
        return ()

    monkeypatch.setattr(fleet, "inbox", noted)
    for person in ("ann", "ben", "ann", "ben"):
        shop.get("/v1/inbox?n=again", person)
    assert whose == ["ann", "ben"]


def test_what_is_kept_does_not_fill_the_memory(shop: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = shop.built.streams.api.answers
    size = len(shop.ask("GET", asking(), "ann").body)
    monkeypatch.setattr(answers, "TOGETHER", 3 * size)
    for path in [asking() for _ in range(9)] * 2:
        shop.ask("GET", path, "ann")
    assert sum(len(one.body) for one in kept.kept.values()) == 3 * size
