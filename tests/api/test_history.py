# SPDX-License-Identifier: Apache-2.0
import pytest
from tests.api.hosting import EVERY, Hosted

NEWEST_FIRST = ["app:v1.1.0", "app:v1.0.0"]


def test_releases_are_told_newest_first_with_state_and_where_they_run(shop: Hosted) -> None:
    found = shop.get("/v1/history")["releases"]
    assert [one["release"] for one in found] == NEWEST_FIRST
    assert [(one["service"], one["version"], one["state"], one["runs_in"]) for one in found] == [
        ("app", "v1.1.0", "open", []),
        ("app", "v1.0.0", "adopted", ["staging", "production"]),
    ]
    assert all(one["made"] <= one["since"] for one in found)


def test_they_come_a_page_at_a_time_without_a_gap(shop: Hosted) -> None:
    first = shop.get("/v1/history?limit=1")
    second = shop.get(f"/v1/history?limit=1&cursor={first['next']}")
    assert [one["release"] for page in (first, second) for one in page["releases"]] == NEWEST_FIRST
    assert second["next"] == ""


def test_they_can_be_narrowed_to_a_service_and_a_state(shop: Hosted) -> None:
    assert [one["release"] for one in shop.get("/v1/history?service=app&state=open")["releases"]] == ["app:v1.1.0"]
    assert shop.get("/v1/history?state=withdrawn") == {"releases": [], "next": ""}
    answer = shop.ask("GET", "/v1/history?service=none", "ann")
    assert (answer.status, answer.json["code"]) == (404, "service.unknown")


@pytest.mark.parametrize("query", ["state=new", "cursor=x", "limit=0"])
def test_what_cannot_be_meant_is_told(shop: Hosted, query: str) -> None:
    answer = shop.ask("GET", f"/v1/history?{query}", "ann")
    assert (answer.status, answer.json["code"]) == (400, "request.invalid")


def test_who_is_narrowed_to_another_service_is_told_of_none(shop: Hosted) -> None:
    answer = shop.send("GET", "/v1/history", shop.token("ann", EVERY, ("other",)))
    assert answer.json == {"releases": [], "next": ""}
