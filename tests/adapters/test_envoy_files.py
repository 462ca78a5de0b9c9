# SPDX-License-Identifier: Apache-2.0
"""The files as they are written; that Envoy understands them, the router's tests show."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from interlock.adapters.envoy_files import (
    baseline_endpoints,
    bootstrap,
    candidate_endpoints,
    put,
    routes,
    stable_endpoints,
    tells_users_apart,
    version,
)
from interlock.adapters.envoy_route import (
    EnvoyProxy,
    EnvoySite,
    Json,
    candidate_cluster,
    share_key,
    stable_cluster,
    stat_name,
)
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.ports.router import Carrier, Endpoint, UserKey

PROXY = EnvoyProxy("east", Endpoint("127.0.0.1", 8000), Endpoint("127.0.0.1", 9901))


@pytest.fixture
def site(tmp_path: Path) -> EnvoySite:
    return EnvoySite(ServiceName("my.shop"), EnvironmentName("production"), tmp_path, Endpoint("127.0.0.1", 18000))


def test_a_file_is_moved_into_its_place_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    put(tmp_path / "new" / "a.json", {"a": 1})
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.json"]
    assert json.loads((tmp_path / "new" / "a.json").read_text()) == {"a": 1}


def test_a_file_that_says_the_same_is_not_written_again(tmp_path: Path) -> None:
    put(tmp_path / "a.json", {"a": 1})
    before = (tmp_path / "a.json").stat().st_ino
    put(tmp_path / "a.json", {"a": 1})
    assert (tmp_path / "a.json").stat().st_ino == before


def test_a_file_that_says_something_else_is_another_file(tmp_path: Path) -> None:
    put(tmp_path / "a.json", {"a": 1})
    before = (tmp_path / "a.json").stat().st_ino
    put(tmp_path / "a.json", {"a": 2})
    assert (tmp_path / "a.json").stat().st_ino != before


def test_nothing_but_the_lease_changes_the_runtime(site: EnvoySite) -> None:
    layers = json.dumps(bootstrap(site, PROXY)["layered_runtime"])
    assert ("rtds_layer" in layers, "admin_layer" in layers, "static_layer" in layers) == (True, False, False)


def test_a_proxy_may_start_in_any_folder(site: EnvoySite) -> None:
    assert str(site.folder) in json.dumps(bootstrap(site, PROXY))


def test_the_share_is_of_ten_thousand_and_defaults_to_nothing(site: EnvoySite) -> None:
    gate = {"runtime_key": share_key(site.service, site.environment), "default_value": {"numerator": 0}}
    gate["default_value"] = {"numerator": 0, "denominator": "TEN_THOUSAND"}
    assert json.dumps(gate) in json.dumps(routes(site, ""))


def test_the_last_routes_lead_to_stable_alone(site: EnvoySite) -> None:
    table = json.loads(json.dumps(routes(site, "testers")))["resources"][0]["virtual_hosts"][0]["routes"]
    assert [one["route"]["cluster"].rsplit("/", 1)[1] for one in table] == ["either"] * 6 + ["stable"] * 2


def test_a_baseline_is_drawn_for_after_the_candidate_and_before_stable(site: EnvoySite) -> None:
    table = json.loads(json.dumps(routes(site, "", 1000)))["resources"][0]["virtual_hosts"][0]["routes"]
    assert [one["route"]["cluster"].rsplit("/", 1)[1] for one in table] == ["either"] * 2 + ["beside"] * 2 + [
        "stable"
    ] * 2


def test_users_get_a_baseline_by_their_turn_only_where_there_is_one(site: EnvoySite) -> None:
    knowing = replace(site, users=UserKey(Carrier.COOKIE, "session"))
    told = [json.dumps(routes(knowing, "", share)) for share in (0, 1000)]
    assert ["/beside" in one for one in told] == [False, True]


def test_every_second_route_is_for_what_may_have_been_processed(site: EnvoySite) -> None:
    table = json.loads(json.dumps(routes(site, "testers")))["resources"][0]["virtual_hosts"][0]["routes"]
    reasons = [one["route"]["retry_policy"]["retry_on"].rsplit(",", 1)[1] for one in table]
    assert reasons == ["reset", "reset-before-request"] * 4


def test_no_route_asks_again_because_of_a_status(site: EnvoySite) -> None:
    assert not {word for word in ("5xx", "gateway-error", "retriable") if word in json.dumps(routes(site, "a"))}


def test_the_version_says_what_is_in_it(site: EnvoySite) -> None:
    assert routes(site, "a")["version_info"] != routes(site, "b")["version_info"]
    assert routes(site, "a") == routes(site, "a")


def test_versions_of_different_documents_differ() -> None:
    assert version({"a": 1}) != version({"a": 2})


def test_only_the_endpoints_of_fresh_instances_are_marked(site: EnvoySite) -> None:
    members = (Endpoint("127.0.0.1", 8001),)
    marked = [
        "canary" in json.dumps(document)
        for document in (
            stable_endpoints(site, members),
            candidate_endpoints(site, members),
            baseline_endpoints(site, members),
        )
    ]
    assert marked == [False, True, True]


def test_a_path_to_ask_makes_the_probe_one_of_http(site: EnvoySite) -> None:
    probed = EnvoySite(site.service, site.environment, site.folder, site.control, "/ready")
    assert '"http_health_check": {"path": "/ready"}' in json.dumps(bootstrap(probed, PROXY))
    assert '"tcp_health_check": {}' in json.dumps(bootstrap(site, PROXY))


def test_a_dot_does_not_end_the_name_in_statistics(site: EnvoySite) -> None:
    assert stat_name(stable_cluster(site.service, site.environment)) == "my_shop/production/stable"


def test_both_arms_have_their_own_cluster(site: EnvoySite) -> None:
    names = {one(site.service, site.environment) for one in (stable_cluster, candidate_cluster)}
    assert len(names) == 2


@pytest.fixture
def known(site: EnvoySite) -> EnvoySite:
    return replace(site, users=UserKey(Carrier.HEADER, "x-user"))


def test_who_a_request_is_from_is_read_only_where_it_was_said_how(site: EnvoySite, known: EnvoySite) -> None:
    marks = [word in json.dumps(bootstrap(one, PROXY)) for one in (site, known) for word in ("x-user", '"metadata"')]
    assert marks == [False, False, True, True]


def test_a_table_by_user_is_known_from_one_by_request(site: EnvoySite, known: EnvoySite) -> None:
    seen = [tells_users_apart(site.routes)]
    for one in (site, known):
        put(site.routes, routes(one, "testers"))
        seen.append(tells_users_apart(site.routes))
    assert seen == [False, False, True]


def test_users_are_let_through_by_the_very_key_that_lets_requests_through(known: EnvoySite) -> None:
    table = json.dumps(routes(known, ""))
    assert table.count(f'"runtime_key": "{share_key(known.service, known.environment)}"') == 3


def test_each_service_begins_with_other_users(known: EnvoySite) -> None:
    other = replace(known, service=ServiceName("bakery"))
    seeds = {_seed(routes(one, "")) for one in (known, replace(known, folder=Path("/elsewhere")), other)}
    assert len(seeds) == 2


def _seed(table: Json) -> str:
    found = re.search(r'"seed": \d+', json.dumps(table))
    assert found is not None
    return found[0]
