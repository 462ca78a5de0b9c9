# SPDX-License-Identifier: Apache-2.0
from typing import Final

import pytest

from interlock.domain.ids import CheckId, EnvironmentName
from interlock.domain.procedure import Procedure
from interlock.packs.bindings import Bindings, CommandSpec, HttpSpec, bind, load_bindings
from interlock.packs.load import Pack, load_pack
from interlock.packs.problem import Problems
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
        ("  smoke: {command: [smoke]}", "  smoke: {attached: CI}", ("bindings.attached_proof", "checks")),
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
