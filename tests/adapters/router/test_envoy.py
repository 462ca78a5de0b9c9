# SPDX-License-Identifier: Apache-2.0
"""The Envoy router over real Envoys."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.adapters.cut_wire import wire
from tests.adapters.envoy_world import PRODUCTION, SHOP, Fleet, here, listens
from tests.adapters.lease_figures import holder
from tests.adapters.loopback import Page, serving
from tests.adapters.router.envoy_rig import EnvoyRig

from interlock.adapters.control_plane import ControlPlanes
from interlock.adapters.envoy_route import EnvoyProxy
from interlock.adapters.router.envoy import EnvoyRouter
from interlock.domain.ids import ServiceName
from interlock.domain.traffic import UNEXPOSED, Exposure
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.router import COHORT_HEADER, Endpoint, Held, Pools, ProxyState
from interlock.testing.contracts.router import RouterContract
from interlock.testing.contracts.router_rig import HALF, TESTERS, Served


@pytest.fixture
def rig(envoys: Fleet) -> EnvoyRig:
    return EnvoyRig(envoys)


class TestEnvoyRouter(RouterContract):
    """The whole kit."""


def test_a_holder_killed_leaves_nothing_after_its_lease(rig: EnvoyRig) -> None:
    with holder(rig.fleet) as process:
        before = rig.serve(100)
        process.kill()
        rig.wait(rig.fleet.ttl + timedelta(milliseconds=500))
        assert (before.candidate > 0, rig.serve(100)) == (True, Served(stable=100))


def test_a_holder_that_was_stopped_and_goes_on_exposes_nothing(rig: EnvoyRig) -> None:
    with holder(rig.fleet) as process:
        process.send_signal(signal.SIGSTOP)
        rig.wait(rig.fleet.ttl + timedelta(milliseconds=500))
        stopped = rig.serve(100)
        process.send_signal(signal.SIGCONT)
        rig.wait(rig.fleet.ttl)
        assert (stopped, rig.serve(100)) == (Served(stable=100), Served(stable=100))


def test_a_proxy_that_is_cut_off_gives_the_candidate_nothing_after_the_lease(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, ("north",), wired=here())
    assert fleet.wired is not None
    with wire(fleet.wired, fleet.control) as line:
        try:
            fleet.start()
            rig = EnvoyRig(fleet)
            with holder(fleet) as process:
                before = rig.serve(100)
                line.cut()
                rig.wait(fleet.ttl + timedelta(milliseconds=500))
                assert (before.candidate > 0, rig.serve(100)) == (True, Served(stable=100))
                assert process.poll() is None
        finally:
            fleet.stop()


def test_a_proxy_serves_stable_without_any_controller(rig: EnvoyRig) -> None:
    rig.stop_proxy("north")
    rig.start_proxy("north")
    assert rig.fleet.ask(5, ("north",), {})["stable"] == 5


def test_before_anything_is_arranged_there_is_nobody_to_answer(rig: EnvoyRig) -> None:
    rig.router().arrange(Pools(()))
    assert rig.fleet.ask(4, rig.proxies, {}) == {"503": 4}


def test_what_is_prepared_again_keeps_what_was_arranged(rig: EnvoyRig) -> None:
    router = rig.router()
    starts = router.prepare()
    assert [start.proxy for start in starts] == list(rig.proxies)
    assert starts == router.prepare()
    assert [state.pools for state in router.observe()] == [rig.pools] * 2


def test_a_bad_answer_of_the_candidate_is_not_asked_again(rig: EnvoyRig) -> None:
    rig.router().hold(TESTERS)
    told = rig.fleet.ask(20, rig.proxies, {"x-interlock-cohort": "testers", "x-answer": "503"})
    assert told == {"candidate": 20}


def test_a_client_cannot_ask_for_retries_of_bad_answers(rig: EnvoyRig) -> None:
    rig.router().hold(TESTERS)
    asked = {"x-interlock-cohort": "testers", "x-answer": "503", "x-envoy-retry-on": "5xx", "x-envoy-max-retries": "3"}
    assert rig.fleet.ask(20, rig.proxies, asked) == {"candidate": 20}


def test_what_may_be_processed_already_is_not_asked_twice(rig: EnvoyRig) -> None:
    rig.router().hold(TESTERS)
    told = rig.fleet.ask(3, rig.proxies, {"x-interlock-cohort": "testers", "x-answer": "none"}, "POST")
    assert told == {"503": 3}


def test_what_did_not_reach_the_candidate_is_asked_of_stable_whatever_it_is(rig: EnvoyRig) -> None:
    rig.router().hold(TESTERS)
    rig.kill_candidate()
    assert rig.fleet.ask(20, rig.proxies, {"x-interlock-cohort": "testers"}, "POST") == {"stable": 20}


def test_one_cohort_takes_the_place_of_another(rig: EnvoyRig) -> None:
    router = rig.router()
    router.hold(TESTERS)
    router.hold(Exposure(0, "staff"))
    assert (rig.serve(20, {COHORT_HEADER: "staff"}), rig.serve(20, {COHORT_HEADER: "testers"})) == (
        Served(candidate=20),
        Served(stable=20),
    )
    assert {state.exposure for state in router.observe()} == {Exposure(0, "staff")}


def test_a_cohort_ends_with_its_lease(rig: EnvoyRig) -> None:
    rig.router().hold(TESTERS)
    rig.wait(rig.fleet.ttl + timedelta(milliseconds=500))
    assert rig.serve(20, {COHORT_HEADER: "testers"}) == Served(stable=20)


def test_one_dead_instance_of_stable_costs_no_request(rig: EnvoyRig) -> None:
    rig.router()
    rig.serve(50)
    rig.fleet.running["stable0"].kill()
    assert rig.serve(100) == Served(stable=100)


@pytest.mark.parametrize(
    ("exposure", "code"),
    [
        (Exposure(-1), "router.bad_share"),
        (Exposure(10_001), "router.bad_share"),
        (Exposure(6_000, baseline=5_000), "router.bad_share"),
        (Exposure(0, baseline=-1), "router.bad_share"),
        (Exposure(0, "a b"), "router.bad_cohort"),
        (Exposure(0, "x\ny"), "router.bad_cohort"),
    ],
)
def test_what_cannot_be_exposed_is_refused(rig: EnvoyRig, exposure: Exposure, code: str) -> None:
    router = rig.router()
    with pytest.raises(Rejected) as refused:
        router.hold(exposure)
    assert (refused.value.code, {state.exposure for state in router.observe()}) == (code, {UNEXPOSED})


def test_a_frozen_proxy_confirms_no_arrangement(rig: EnvoyRig) -> None:
    with pytest.raises(Unavailable) as silent:
        rig.unconfirmed().arrange(Pools(rig.pools.stable))
    assert silent.value.code == "router.unconfirmed"


def test_a_proxy_that_never_takes_it_over_is_named(rig: EnvoyRig, tmp_path: Path) -> None:
    elsewhere = replace(rig.router(), folder=tmp_path, patience=0.3)
    with pytest.raises(Unavailable, match=r"in time by north\b.*, south\b") as late:
        elsewhere.arrange(Pools(rig.pools.stable[:1]))
    assert late.value.code == "router.unconfirmed"


def test_a_proxy_that_refuses_a_file_is_said_to_have_refused_one(rig: EnvoyRig) -> None:
    router = replace(rig.router(), patience=1.0)
    with pytest.raises(Unavailable, match=r"north \(it refused [1-9] files since it was started\), south \(") as late:
        router.arrange(Pools((Endpoint("no address", 80),)))
    assert late.value.code == "router.unconfirmed"


def test_the_proxies_of_another_service_are_not_ours(rig: EnvoyRig, tmp_path: Path) -> None:
    router = replace(rig.router(), service=ServiceName("bakery"), folder=tmp_path)
    with pytest.raises(Rejected, match="shop/production") as refused:
        router.arrange(rig.pools)
    assert refused.value.code == "router.another_proxy"
    assert router.observe() == tuple(ProxyState(name, is_up=False) for name in rig.proxies)


@pytest.mark.parametrize("page", [Page(b"<html>"), Page(b"[]"), Page(b"{}", 500), Page(b"\xff")])
def test_garbage_at_the_admin_address_is_no_envoy(tmp_path: Path, page: Page) -> None:
    with serving({"/server_info": page}) as site:
        proxy = EnvoyProxy("east", here(), Endpoint("127.0.0.1", site.port))
        router = EnvoyRouter(SHOP, PRODUCTION, tmp_path, (proxy,), here(), ControlPlanes(time.monotonic))
        with pytest.raises(Rejected) as refused:
            router.arrange(Pools(()))
        assert router.observe() == (ProxyState("east", is_up=False),)
    assert refused.value.code == "router.not_envoy"


def test_a_share_that_is_no_number_is_no_state(tmp_path: Path) -> None:
    runtime = b'{"entries": {"interlock.shop.production.candidate.basis_points": {"final_value": "many"}}}'
    server = b'{"node": {"id": "east", "cluster": "shop/production"}}'
    with serving({"/server_info": Page(server), "/clusters": Page(b"{}"), "/runtime": Page(runtime)}) as site:
        proxy = EnvoyProxy("east", here(), Endpoint("127.0.0.1", site.port))
        router = EnvoyRouter(SHOP, PRODUCTION, tmp_path, (proxy,), here(), ControlPlanes(time.monotonic))
        assert router.observe() == (ProxyState("east", is_up=False),)


def _alone(folder: Path, control: Endpoint) -> EnvoyRouter:
    """A router whose only proxy does not run."""
    proxy = EnvoyProxy("east", here(), here())
    return EnvoyRouter(SHOP, PRODUCTION, folder, (proxy,), control, ControlPlanes(time.monotonic))


def test_a_control_port_in_use_is_refused_by_name_and_withdrawing_fails_for_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        router = _alone(tmp_path, Endpoint("127.0.0.1", taken.getsockname()[1]))
        with pytest.raises(Rejected, match=str(router.control.port)) as refused:
            router.hold(HALF)
        assert (refused.value.code, router.withdraw()) == ("router.port_in_use", Held((), ("east",)))


def test_a_candidate_is_not_arranged_where_it_could_not_be_exposed(tmp_path: Path) -> None:
    stable, candidate = (Endpoint("127.0.0.1", 8001),), (Endpoint("127.0.0.1", 8002),)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        router = _alone(tmp_path, Endpoint("127.0.0.1", taken.getsockname()[1]))
        router.prepare(stable)
        with pytest.raises(Rejected) as refused:
            router.arrange(Pools(stable, candidate))
    told = (tmp_path / "stable.json").read_text(), (tmp_path / "candidate.json").read_text()
    assert (refused.value.code, "8001" in told[0], "8002" in told[1]) == ("router.port_in_use", True, False)


def test_a_control_port_in_use_does_not_stand_in_the_way_back(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        router = _alone(tmp_path, Endpoint("127.0.0.1", taken.getsockname()[1]))
        router.arrange(Pools((Endpoint("127.0.0.1", 8001),)))
    assert "8001" in (tmp_path / "stable.json").read_text()


def test_nothing_listens_before_something_is_held(tmp_path: Path) -> None:
    router = _alone(tmp_path, here())
    router.prepare()
    router.arrange(Pools((Endpoint("127.0.0.1", 8001),), (Endpoint("127.0.0.1", 8002),)))
    assert not listens(router.control)


def test_a_proxy_that_nobody_controls_does_not_fill_its_log(rig: EnvoyRig) -> None:
    log = rig.fleet.running["north"].log
    before = log.read_text()
    rig.wait(timedelta(seconds=1.5))
    assert "config stream" not in log.read_text().removeprefix(before)


def test_a_proxy_that_does_not_run_is_no_failure_of_an_arrangement(tmp_path: Path) -> None:
    router = _alone(tmp_path / "deep" / "folder", here())
    router.arrange(Pools((Endpoint("127.0.0.1", 8001),)))
    assert "8001" in (tmp_path / "deep" / "folder" / "stable.json").read_text()


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    router = _alone(tmp_path / "file" / "folder", here())
    for attempt in (router.prepare, lambda: router.arrange(Pools(()))):
        with pytest.raises(Unavailable) as fault:
            attempt()
        assert fault.value.code == "router.unwritable"


def test_a_route_table_that_cannot_be_read_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "routes.json").mkdir()
    with pytest.raises(Unavailable) as fault:
        _alone(tmp_path, here()).hold(HALF)
    assert fault.value.code == "router.unwritable"


def test_a_cohort_left_in_the_file_lets_nobody_through(rig: EnvoyRig) -> None:
    router = rig.router()
    router.hold(TESTERS)
    router.withdraw()
    table = json.loads((rig.fleet.folder / "route" / "routes.json").read_text())
    assert "testers" in json.dumps(table)
    assert rig.serve(20, {COHORT_HEADER: "testers"}) == Served(stable=20)


@pytest.fixture
def older(rig: EnvoyRig) -> Iterator[EnvoyRig]:
    """One of the proxies was started with a file from before there was a baseline."""
    path = rig.fleet.folder / "route" / "north.yaml"
    written = path.read_text()
    known = json.loads(written)
    clusters = known["static_resources"]["clusters"]
    known["static_resources"]["clusters"] = [
        one for one in clusters if not one["name"].endswith(("/baseline", "/beside"))
    ]
    path.write_text(json.dumps(known))
    rig.stop_proxy("north")
    rig.start_proxy("north")
    yield rig
    path.write_text(written)
    rig.stop_proxy("north")
    rig.start_proxy("north")


def test_a_proxy_from_before_there_was_a_baseline_is_refused_one_and_serves_on(older: EnvoyRig) -> None:
    router = older.router()
    pools = Pools(older.pools.stable, older.pools.candidate, older.baseline)
    for attempt in (lambda: router.arrange(pools), lambda: router.hold(Exposure(1_000, baseline=1_000))):
        with pytest.raises(Rejected, match="north was started before there was a baseline") as refused:
            attempt()
        assert (refused.value.code, "interlock rollout proxies production" in refused.value.next_step) == (
            "router.no_baseline",
            True,
        )
    router.arrange(older.pools)
    router.hold(HALF)
    served = older.serve(100)
    assert (served.failed, served.candidate > 0) == (0, True)
