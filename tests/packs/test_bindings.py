# SPDX-License-Identifier: Apache-2.0
from typing import Final

import pytest

from interlock.domain.ids import EVERYWHERE, CheckId, EnvironmentName
from interlock.domain.procedure import Procedure
from interlock.packs.bindings import Bindings, CommandSpec, HttpSpec, load_bindings
from interlock.packs.load import Pack, load_pack
from interlock.packs.matching import bind
from interlock.packs.problem import Problems
from interlock.packs.routing import NoiseSpec, StickyCookie, StickyHeader, StickySpec
from interlock.packs.shelf import Shelf

BINDINGS: Final = """\
service: app
pack: starter
environments:
  staging: {deploy: {command: [deploy]}}
  production: {deploy: {command: [deploy]}, checks: {smoke: {http: ["http://127.0.0.1/health"]}}}
checks:
  tests: {command: [make, test]}
  smoke: {command: [smoke]}
roles: {developer: [ann], reviewer: [ben]}
"""
STAGING, PRODUCTION = EnvironmentName("staging"), EnvironmentName("production")


ENVOY: Final = "route: {envoy: [edge], listen: 80, admin: 81, control: 82}"
HAPROXY: Final = "route: {haproxy: [edge], listen: 80}"
LANES: Final = 'lanes: {a: ["10.0.0.1:80"], b: ["10.0.0.2:80"]}'
PROCESS: Final = "{deploy: {process: [app], port: 9000}"
COUNTED: Final = "metrics: {prometheus: 'http://127.0.0.1', requests: r, errors: e}"
TIMED: Final = COUNTED.replace("errors: e", "errors: e, slower: {250ms: s}")
STEPPED: Final = "    rollout: {steps: [{weight: 10}]}\n    bake:"


def _procedure(bake: str = "    bake:") -> Procedure:
    pack = load_pack("pack.yaml", (Shelf().pack("starter") or b"").replace(b"    bake:", bake.encode()))
    assert isinstance(pack, Pack)
    return pack.procedure


def _split(*parts: str, deploy: str = "{deploy: {command: [deploy]}", bake: str = STEPPED) -> list[tuple[str, str]]:
    """What is wrong with bindings whose production has these parts."""
    text = BINDINGS.replace(
        "  production: {deploy: {command: [deploy]}", "  production: " + ", ".join((deploy, *parts))
    )
    told = bind("interlock.yaml", text.encode(), _procedure(bake))
    return [(one.code, one.path) for one in told.found] if isinstance(told, Problems) else []


@pytest.mark.parametrize(
    ("route", "deploy"),
    [
        (ENVOY, PROCESS),
        (ENVOY.replace("}", f", {LANES}}}"), "{deploy: {command: [deploy]}"),
        (f"{HAPROXY}, {TIMED}", PROCESS),
        (f"{ENVOY}, {TIMED}", PROCESS),
    ],
)
def test_a_rollout_is_bound_to_a_route(route: str, deploy: str) -> None:
    assert _split(route, deploy=deploy) == []


def test_steps_need_something_that_splits_the_traffic() -> None:
    assert _split() == [("bindings.unbound_route", "environments.production")]


def test_metrics_need_two_arms() -> None:
    assert _split(COUNTED, bake="    bake:") == [("bindings.unbound_route", "environments.production.metrics")]


def test_latency_that_is_judged_is_counted() -> None:
    expected = [("bindings.no_latency", "environments.production")]
    assert _split(HAPROXY, deploy=PROCESS) == expected
    assert _split(HAPROXY, COUNTED, deploy=PROCESS) == expected
    assert _split(ENVOY, COUNTED, deploy=PROCESS) == expected


def test_latency_that_is_not_judged_need_not_be_counted() -> None:
    unjudged = STEPPED.replace("{weight: 10}]", "{weight: 10}], analysis: {latency: unjudged}")
    assert _split(HAPROXY, deploy=PROCESS, bake=unjudged) == []
    assert _split(HAPROXY, deploy=PROCESS, bake="    bake:") == []


@pytest.mark.parametrize("lanes", ["", ", lanes: {a: ['10.0.0.1:80']}", ", lanes: {a: ['10.0.0.1:80'], b: []}"])
def test_what_a_script_deploys_says_where_both_lanes_listen(lanes: str) -> None:
    assert _split(f"{ENVOY[:-1]}{lanes}}}") == [("bindings.no_lanes", "environments.production.route")]


def test_processes_are_their_own_lanes() -> None:
    expected = [("bindings.two_lanes", "environments.production.route.lanes")]
    assert _split(f"{ENVOY[:-1]}, {LANES}}}", deploy=PROCESS) == expected


ACCOMPANIED: Final = STEPPED.replace("{weight: 10}]", "{weight: 10}], baseline: fresh")


def test_a_baseline_is_bound_to_processes_behind_envoy() -> None:
    assert _split(ENVOY, deploy=PROCESS, bake=ACCOMPANIED) == []


@pytest.mark.parametrize(
    ("parts", "deploy", "what"),
    [
        ((f"{ENVOY[:-1]}, {LANES}}}",), "{deploy: {command: [deploy]}", "deploy"),
        ((f"{HAPROXY}, {TIMED}",), PROCESS, "route metrics"),
        ((ENVOY, TIMED), PROCESS, "metrics"),
    ],
)
def test_who_cannot_do_what_a_baseline_needs_is_refused(parts: tuple[str, ...], deploy: str, what: str) -> None:
    expected = [("bindings.no_baseline", f"environments.production.{one}") for one in what.split()]
    assert _split(*parts, deploy=deploy, bake=ACCOMPANIED) == expected


def test_a_lane_of_its_own_for_a_baseline_is_not_listed() -> None:
    lanes = LANES.replace("}", ', c: ["10.0.0.3:80"]}')
    assert _split(f"{ENVOY[:-1]}, {lanes}}}") == [("bindings.unknown_lane", "environments.production.route.lanes.c")]


def test_the_ports_after_both_lanes_are_those_of_a_baseline() -> None:
    route = ENVOY.replace("control: 82", "control: 9002")
    assert _split(route, deploy=PROCESS) == []
    assert _split(route, deploy=PROCESS, bake=ACCOMPANIED) == [
        ("bindings.port_taken", "environments.production.route.control")
    ]


def _bound(text: str = BINDINGS) -> Bindings:
    bindings = bind("interlock.yaml", text.encode(), _procedure())
    assert isinstance(bindings, Bindings), bindings
    return bindings


def _found(text: str) -> list[tuple[str, str]]:
    problems = bind("interlock.yaml", text.encode(), _procedure())
    assert isinstance(problems, Problems), problems
    return [(one.code, one.path) for one in problems.found]


def test_a_check_is_done_as_its_environment_says_else_as_everywhere() -> None:
    bindings = _bound()
    smoke = CheckId("smoke")
    assert isinstance(bindings.check(smoke, PRODUCTION), HttpSpec)
    assert isinstance(bindings.check(smoke, STAGING), CommandSpec)
    assert isinstance(bindings.check(smoke, EnvironmentName("elsewhere")), CommandSpec)


def test_a_check_that_is_bound_nowhere_is_not_made_up() -> None:
    assert _bound().check(CheckId("scan"), PRODUCTION) is None


def test_bindings_load_by_themselves_without_a_procedure() -> None:
    bindings = load_bindings("interlock.yaml", BINDINGS.replace("staging:", "anywhere:").encode())
    assert isinstance(bindings, Bindings)
    assert set(bindings.environments) == {"anywhere", "production"}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("  staging:", "  stging:", ("bindings.unknown_environment", "environments.stging")),
        ("  staging:", "  stging:", ("bindings.unbound_environment", "environments")),
        ("reviewer:", "reviwer:", ("bindings.unknown_role", "roles.reviwer")),
        ("  tests:", "  test:", ("bindings.unbound_check", "checks")),
        ("  smoke: {command: [smoke]}\n", "", ("bindings.unbound_check", "checks")),
        ("  smoke: {command: [smoke]}", "  smoke: {count: [smoke]}", ("bindings.unbounded_count", "checks")),
        (
            "  smoke: {command: [smoke]}",
            "  smoke: {secrets: [scan], report: r.json, findings: counted}",
            ("bindings.unbounded_count", "checks"),
        ),
        (
            "  smoke: {command: [smoke]}",
            "  smoke: {attached: CI, by: [reviewer]}",
            ("bindings.attached_proof", "checks"),
        ),
    ],
)
def test_what_does_not_fit_the_procedure_is_refused_with_its_place(
    before: str, after: str, expected: tuple[str, str]
) -> None:
    assert expected in _found(BINDINGS.replace(before, after, 1))


@pytest.mark.parametrize("text", ["[", "service: app\n", BINDINGS + "secret: x\n"])
def test_what_are_no_bindings_is_refused(text: str) -> None:
    assert isinstance(load_bindings("interlock.yaml", text.encode()), Problems)
    assert _found(text)


@pytest.mark.parametrize("limits", ["", ", at_most: 1, at_least: 0"])
def test_a_measured_value_has_one_limit(limits: str) -> None:
    query = f'{{promql: up, server: "http://127.0.0.1"{limits}}}'
    assert _found(BINDINGS.replace("{command: [make, test]}", query))


def test_a_measured_value_with_one_limit_is_bound() -> None:
    query = '{promql: up, server: "http://127.0.0.1", at_least: 1}'
    assert _bound(BINDINGS.replace("{command: [make, test]}", query)).check(CheckId("tests"), STAGING)


ROUTED: Final = """\
service: app
pack: starter
environments:
  staging:
    deploy: {process: [app], port: 8001, instances: 2}
    route:
      haproxy: [edge]
      listen: 8000
  production:
    deploy: {command: [deploy]}
    route:
      envoy: [edge-1, edge-2]
      listen: 8100
      admin: 8110
      control: 8120
      ttl: 3s
      lanes:
        a: ["10.0.0.1:80", "10.0.0.2:80"]
        b: ["10.0.0.1:81"]
checks:
  tests: {command: [make, test]}
  smoke: {command: [smoke], timeout: 5s, inconclusive_codes: [2]}
roles: {developer: [ann], reviewer: [ben]}
"""
ROUTE: Final = "environments.production.route"


def _placed(before: str, after: str, bake: str = STEPPED) -> tuple[str, str, str]:
    """The code and the path of the one problem, and the line it points at."""
    assert ROUTED.count(before) == 1
    told = bind("interlock.yaml", ROUTED.replace(before, after).encode(), _procedure(bake))
    assert isinstance(told, Problems), told
    (found,) = told.found
    return found.code, found.path, told.lines[found.place.line - 1].strip()


def test_a_route_in_which_everybody_has_an_address_is_bound() -> None:
    assert isinstance(bind("interlock.yaml", ROUTED.encode(), _procedure(STEPPED)), Bindings)


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ('b: ["10.0.0.1:81"]', 'b: ["10.0.0.1:80"]', f"{ROUTE}.lanes.b[0]"),
        ('a: ["10.0.0.1:80", "10.0.0.2:80"]', 'a: ["10.0.0.1:80", "10.0.0.1:80"]', f"{ROUTE}.lanes.a[1]"),
        ('b: ["10.0.0.1:81"]', 'b: ["127.0.0.1:8101"]', f"{ROUTE}.lanes.b[0]"),
        ('b: ["10.0.0.1:81"]', 'b: ["127.0.0.1:8004"]', f"{ROUTE}.lanes.b[0]"),
        ("admin: 8110", "admin: 8101", f"{ROUTE}.admin"),
        ("control: 8120", "control: 8111", f"{ROUTE}.control"),
        ("listen: 8100", "listen: 7999", f"{ROUTE}.listen"),
        ("listen: 8000", "listen: 8004", "environments.staging.route.listen"),
    ],
)
def test_an_address_that_is_given_to_two_is_refused_at_the_second(before: str, after: str, path: str) -> None:
    assert _placed(before, after) == ("bindings.port_taken", path, after)


def test_routes_may_share_the_port_where_their_proxies_ask() -> None:
    envoy = "envoy: [edge]\n      admin: 8200\n      control: 8120"
    text = ROUTED.replace("haproxy: [edge]", envoy)
    assert isinstance(bind("interlock.yaml", text.encode(), _procedure(STEPPED)), Bindings)


def test_two_proxies_of_a_route_have_two_names() -> None:
    line = "envoy: [edge-1, edge-1]"
    assert _placed("envoy: [edge-1, edge-2]", line) == ("bindings.proxy_twice", f"{ROUTE}.envoy[1]", line)


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ("listen: 8000", "listen: -1", "environments.staging.route.listen"),
        ("control: 8120", "control: 65536", f"{ROUTE}.control"),
        ("ttl: 3s", "ttl: 0s", f"{ROUTE}.ttl"),
        ("instances: 2", "instances: 0", "environments.staging.deploy.instances"),
        ("timeout: 5s", "timeout: 0s", "checks.smoke.timeout"),
        ("codes: [2]", "codes: [0]", "checks.smoke.inconclusive_codes[0]"),
    ],
)
def test_a_number_that_cannot_be_meant_is_refused_where_it_stands(before: str, after: str, path: str) -> None:
    code, where, line = _placed(before, after)
    assert (code, where, after in line) == ("pack.out_of_range", path, True)


def test_ports_in_a_row_all_exist() -> None:
    assert _placed("listen: 8100", "listen: 65535") == ("bindings.no_port", f"{ROUTE}.listen", "listen: 65535")


@pytest.mark.parametrize("endpoint", ["10.0.0.1", "localhost:80", "10.0.0.1:0", "10.0.0.1:65536", "10.0.0.1:http"])
def test_an_endpoint_is_an_address_and_a_port(endpoint: str) -> None:
    line = f'b: ["{endpoint}"]'
    assert _placed('b: ["10.0.0.1:81"]', line) == ("pack.wrong_value", f"{ROUTE}.lanes.b[0]", line)


def test_an_exposure_that_nobody_holds_ends_before_one_that_nobody_sees() -> None:
    assert _placed("ttl: 3s", "ttl: 31s") == ("bindings.long_lease", f"{ROUTE}.ttl", "ttl: 31s")


@pytest.mark.parametrize(
    ("place", "before", "sticky", "meant"),
    [
        (STAGING, "listen: 8000", "{cookie: __Host-sid}", StickyCookie("__Host-sid")),
        (PRODUCTION, "listen: 8100", "{header: X-User}", StickyHeader("X-User")),
        (PRODUCTION, "listen: 8100", "", None),
    ],
)
def test_a_route_says_how_a_user_is_known(
    place: EnvironmentName, before: str, sticky: str, meant: StickySpec | None
) -> None:
    text = ROUTED.replace(before, f"{before}\n      sticky: {sticky}" if sticky else before)
    bindings = bind("interlock.yaml", text.encode(), _procedure(STEPPED))
    assert isinstance(bindings, Bindings), bindings
    route = bindings.environments[place].route
    assert route is not None
    assert route.sticky == meant


@pytest.mark.parametrize(
    ("sticky", "code", "path"),
    [
        ("{cokie: sid}", "pack.unknown_key", ".cokie"),
        ("{cookie: sid, header: x-user}", "pack.exclusive_keys", ""),
        ("{cookie: 'a b'}", "pack.wrong_value", ".cookie"),
        ("{cookie: 'sid) or true'}", "pack.wrong_value", ".cookie"),
        ("{header: Cookie}", "pack.wrong_value", ".header"),
        ("{header: 'x user'}", "pack.wrong_value", ".header"),
        ("{}", "pack.missing_key", ""),
        ("session", "pack.wrong_type", ""),
    ],
)
def test_how_a_user_cannot_be_known_is_refused(sticky: str, code: str, path: str) -> None:
    found_code, found_path, line = _placed("ttl: 3s", f"sticky: {sticky}")
    assert (found_code, found_path, line) == (code, f"{ROUTE}.sticky{path}", f"sticky: {sticky}")


def test_a_latency_is_written_as_one() -> None:
    text = BINDINGS.replace("  production: {", f"  production: {{{HAPROXY}, {TIMED.replace('250ms', 'fast')}, ")
    problems = load_bindings("interlock.yaml", text.encode())
    assert isinstance(problems, Problems)
    assert [(one.code, one.path) for one in problems.found] == [
        ("pack.wrong_value", "environments.production.metrics.slower.fast")
    ]


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [("  staging:\n", "  stging:\n", "stging:"), ("admin: 8110", "admn: 8110", "admn:")],
)
def test_a_problem_with_what_has_parts_points_at_its_key(before: str, after: str, key: str) -> None:
    told = bind("interlock.yaml", ROUTED.replace(before, after).encode(), _procedure(STEPPED))
    assert isinstance(told, Problems)
    place = told.found[-1].place
    assert told.lines[place.line - 1][place.column - 1 :].startswith(key)


def _goes_by_name(bound: str, environment: EnvironmentName) -> bool:
    loaded = load_bindings("interlock.yaml", BINDINGS.replace("{command: [make, test]}", bound).encode())
    assert isinstance(loaded, Bindings)
    return loaded.goes_by_name(CheckId("tests"), environment)


@pytest.mark.parametrize(
    "bound", ['{command: [grep, "{version}", CHANGES]}', "{version: semver}", "{contract: [openapi.json]}"]
)
def test_an_answer_that_depends_on_what_the_release_is_called_is_about_that_release(bound: str) -> None:
    assert _goes_by_name(bound, EVERYWHERE)


@pytest.mark.parametrize(
    ("bound", "environment"),
    [
        ("{command: [make, test]}", EVERYWHERE),
        ("{attached: CI, by: [reviewer]}", EVERYWHERE),
        ('{http: ["http://127.0.0.1/{version}"]}', EnvironmentName("staging")),
    ],
)
def test_any_other_answer_is_about_the_content(bound: str, environment: EnvironmentName) -> None:
    assert not _goes_by_name(bound, environment)


def test_how_noisy_a_service_is_may_be_said_where_traffic_is_split() -> None:
    text = ROUTED.replace(
        "    deploy: {command: [deploy]}", "    noise: {spread: 9, dispersion: 1.3}\n    deploy: {command: [deploy]}"
    )
    bindings = bind("interlock.yaml", text.encode(), _procedure(STEPPED))
    assert isinstance(bindings, Bindings), bindings
    assert bindings.environments[PRODUCTION].noise == NoiseSpec(9, 1.3, 2.5, 2.2)
    assert bindings.environments[STAGING].noise is None


@pytest.mark.parametrize(
    ("noise", "code", "path"),
    [
        ("{spread: 0, dispersion: 1.3}", "pack.out_of_range", ".spread"),
        ("{spread: 9, dispersion: 0.5}", "pack.out_of_range", ".dispersion"),
        ("{spread: 9, dispersion: 1.3, warm_up: 0.9}", "pack.out_of_range", ".warm_up"),
        ("{spread: 9}", "pack.missing_key", ""),
    ],
)
def test_noise_that_no_service_has_is_refused(noise: str, code: str, path: str) -> None:
    line = f"deploy: {{command: [deploy]}}\n    noise: {noise}"
    found_code, found_path, _ = _placed("deploy: {command: [deploy]}", line)
    assert (found_code, found_path) == (code, f"environments.production.noise{path}")


def test_noise_without_a_route_is_refused() -> None:
    before = ROUTED[ROUTED.index("    route:\n      haproxy") : ROUTED.index("  production:")]
    code, path, _ = _placed(before, "    noise: {spread: 9, dispersion: 1.3}\n")
    assert (code, path) == ("bindings.unbound_route", "environments.staging.noise")
