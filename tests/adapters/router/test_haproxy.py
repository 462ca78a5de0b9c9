# SPDX-License-Identifier: Apache-2.0
"""The router passes the kit over real HAProxy processes, and does what only HAProxy can."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.adapters.router.haproxy_rig import TTL, HaproxyRig, running
from tests.ports import free_port

from interlock.adapters.haproxy_files import MAX_SLOTS, HaproxyFiles, HaproxyProxy
from interlock.adapters.haproxy_socket import ask_all
from interlock.domain.traffic import UNEXPOSED, WHOLE, Exposure
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.router import COHORT_HEADER, Endpoint, Held, Pools
from interlock.testing.contracts.router import RouterContract
from interlock.testing.contracts.router_rig import HALF, MANY, TENTH, Served

HOLDER = """
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event
from interlock.adapters.haproxy_files import HaproxyProxy
from interlock.adapters.router.haproxy import HaproxyRouter
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.traffic import Exposure
from interlock.ports.router import Endpoint
folder = Path(sys.argv[1])
part = HaproxyProxy("east", Endpoint("127.0.0.1", 1), folder / "east.sock")
names = ServiceName("shop"), EnvironmentName("production")
router = HaproxyRouter(*names, folder, (part,), timedelta(seconds=float(sys.argv[2])), patience=8.0)
while True:
    router.hold(Exposure(10_000))
    print("held", flush=True)
    Event().wait(0.25)
"""


@pytest.fixture
def rig() -> Iterator[HaproxyRig]:
    with TemporaryDirectory(prefix="ilk") as folder, running(Path(folder)) as rig:
        yield rig


class TestHaproxyRouter(RouterContract):
    """Real processes; what a kit's test asks for happens on loopback."""


@pytest.mark.parametrize(("share", "expected"), [(50, 3), (100, 6), (500, 30), (2_500, 150), (5_000, 300)])
def test_a_share_is_exact_also_over_few_requests(rig: HaproxyRig, share: int, expected: int) -> None:
    rig.stop_proxy("west")
    served = 0
    for _ in range(20):  # each well within one lease, also where the machine is busy
        rig.router().hold(Exposure(share))
        served += rig.serve(30).candidate
    assert abs(served - expected) <= 1


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGSTOP])
def test_a_holder_that_was_killed_or_stopped_exposes_nothing_after_its_lease(
    rig: HaproxyRig, ending: signal.Signals
) -> None:
    rig.stop_proxy("west")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(rig.folder), str(TTL.total_seconds())], stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    before = rig.serve(40)
    holder.send_signal(ending)
    rig.wait(TTL)
    after = rig.serve(40)
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert (before, after) == (Served(candidate=40), Served(stable=40))


def test_a_dead_candidate_costs_no_request_that_is_sent_once_either(rig: HaproxyRig) -> None:
    rig.router().hold(Exposure(WHOLE))
    rig.kill_candidate()
    line = rig.line("east")
    statuses = set()
    for _ in range(40):
        line.request("POST", "/", body=b"order")
        answer = line.getresponse()
        statuses.add((answer.status, answer.read()))
    line.close()
    assert statuses == {(200, b"stable")}


@pytest.mark.parametrize(("method", "times"), [("POST", 1), ("GET", 4)])
def test_only_what_is_safe_to_repeat_is_sent_again(rig: HaproxyRig, method: str, times: int) -> None:
    rig.router().arrange(Pools(rig.pools.candidate))
    line = rig.line("east")
    line.request(method, "/drop")
    lost = line.getresponse().status
    line.close()
    line.request("GET", "/dropped")
    dropped = int(line.getresponse().read())
    line.close()
    assert (lost, dropped) == (502, times)


def test_a_reload_costs_no_request_and_exposes_nothing_until_it_is_held_again(rig: HaproxyRig) -> None:
    rig.stop_proxy("west")
    router = rig.router()
    router.hold(Exposure(WHOLE))
    part = rig.part("east")
    former = rig.processes["east"]
    successor = (*rig.files.start_command(part), "-x", part.socket.name, "-sf", str(former.pid))
    with ThreadPoolExecutor(1) as beside:
        traffic = beside.submit(rig.serve, 4 * MANY)
        rig.processes["east"] = rig.run(successor)
        assert former.wait(20) == 0
        served = traffic.result()
    assert (served.failed, rig.serve(40)) == (0, Served(stable=40))
    router.hold(Exposure(WHOLE))
    assert rig.serve(40) == Served(candidate=40)


def test_a_proxy_that_started_from_an_old_file_is_brought_up_to_date_before_it_exposes(rig: HaproxyRig) -> None:
    router = rig.router()
    path = rig.files.path(rig.part("east"))
    old = path.read_text()
    rig.stop_proxy("east")
    router.arrange(Pools(rig.pools.stable[:1], rig.pools.candidate))
    new = path.read_text()
    path.write_text(old)
    rig.start_proxy("east")
    path.write_text(new)
    router.hold(HALF)
    assert {state.pools for state in router.observe()} == {Pools(rig.pools.stable[:1], rig.pools.candidate)}


def test_several_endpoints_of_the_candidate_share_its_part(rig: HaproxyRig) -> None:
    router = rig.router()
    router.arrange(Pools(rig.pools.stable[:1], (*rig.pools.candidate, rig.pools.stable[1])))
    router.hold(Exposure(WHOLE))
    served = rig.serve(MANY)
    assert (served.failed, MANY // 4 < served.candidate < 3 * MANY // 4) == (0, True)


def test_the_part_of_an_endpoint_that_is_down_is_served_by_stable(rig: HaproxyRig) -> None:
    router = rig.router()
    router.arrange(Pools(rig.pools.stable, (*rig.pools.candidate, Endpoint("127.0.0.1", free_port()))))
    router.hold(Exposure(WHOLE))
    served = rig.serve(MANY)
    assert (served.failed, MANY // 4 < served.candidate < 3 * MANY // 4) == (0, True)


def test_withdrawing_waits_for_no_other_call(rig: HaproxyRig) -> None:
    router = rig.router()
    router.hold(HALF)
    impatient = replace(router, patience=1.0)
    with router.turn:
        held = impatient.withdraw()
    assert (held, rig.serve(MANY)) == (Held(rig.proxies), Served(stable=MANY))


def test_a_call_that_cannot_have_its_turn_is_unavailable(rig: HaproxyRig) -> None:
    router = replace(rig.router(), patience=0.2)
    with router.turn, pytest.raises(Unavailable) as waiting:
        router.hold(HALF)
    assert waiting.value.code == "router.unconfirmed"


def test_a_proxy_whose_lease_is_longer_than_ours_is_refused(rig: HaproxyRig) -> None:
    with pytest.raises(Rejected) as refused:
        replace(rig.router(), ttl=TTL / 2).hold(TENTH)
    assert refused.value.code == "router.refused"


def test_a_proxy_with_another_configuration_is_refused(rig: HaproxyRig) -> None:
    rig.stop_proxy("east")
    path = rig.files.path(rig.part("east"))
    original = path.read_text()
    path.write_text(original.replace("backend cohorts", "backend others").replace("(cohorts)", "(others)"))
    rig.start_proxy("east")
    path.write_text(original)
    with pytest.raises(Rejected, match="No such table"):
        rig.router().hold(HALF)


def test_a_proxy_whose_socket_is_gone_is_absent(rig: HaproxyRig) -> None:
    rig.part("west").socket.unlink()
    assert rig.router().hold(TENTH) == Held(("east",), ("west",))


def test_a_second_process_on_the_same_port_does_not_start(rig: HaproxyRig) -> None:
    second = rig.run(rig.files.start_command(rig.part("east")))
    assert second.wait(20) != 0


def test_a_port_that_somebody_else_has_is_named_before_the_proxy_runs(rig: HaproxyRig) -> None:
    rig.stop_proxy("east")
    listen = rig.part("east").listen
    with socket.create_server((listen.host, listen.port)), pytest.raises(Rejected) as refused:
        rig.router().prepare()
    assert refused.value.code == "router.port_in_use"


def test_preparing_again_moves_nothing_and_keeps_what_was_arranged(rig: HaproxyRig) -> None:
    router = rig.router()
    router.hold(HALF)
    before = router.observe()
    starts = router.prepare()
    assert ([start.proxy for start in starts], router.observe()) == (["east", "west"], before)
    assert rig.files.arranged(rig.part("east")) == rig.pools


def test_before_anything_is_arranged_nobody_answers(rig: HaproxyRig) -> None:
    for part in rig.parts:
        rig.stop_proxy(part.name)
        rig.files.path(part).unlink()
    router = rig.router()
    router.prepare()
    for name in rig.proxies:
        rig.start_proxy(name)
    before = rig.serve(10)
    router.arrange(rig.pools)
    assert (before, rig.serve(10)) == (Served(failed=10), Served(stable=10))


def test_a_socket_may_lie_deep(rig: HaproxyRig) -> None:
    deep = rig.folder / ("deep" * 40)
    deep.mkdir()
    rig.stop_proxy("east")
    rig.parts = (replace(rig.parts[0], socket=deep / "east.sock"), rig.parts[1])
    rig.router().prepare()
    rig.start_proxy("east")
    assert rig.router().hold(HALF) == Held(rig.proxies)


def test_without_a_file_nothing_is_held(rig: HaproxyRig) -> None:
    rig.files.path(rig.part("west")).unlink()
    with pytest.raises(Rejected) as refused:
        rig.router().hold(HALF)
    assert (refused.value.code, rig.serve(40)) == ("router.files", Served(stable=40))


@pytest.mark.parametrize(
    "exposure",
    [Exposure(-1), Exposure(WHOLE + 1), Exposure(0, "a;clear table lease"), Exposure(0, "a b"), Exposure(0, "x" * 61)],
)
def test_an_exposure_that_cannot_be_expressed_is_rejected(rig: HaproxyRig, exposure: Exposure) -> None:
    with pytest.raises(Rejected) as refused:
        rig.router().hold(exposure)
    assert refused.value.code == "router.bad_exposure"


HERE = Endpoint("127.0.0.1", 8001)


@pytest.mark.parametrize(
    ("pools", "code"),
    [
        (Pools(()), "router.no_stable"),
        (Pools((HERE,) * (MAX_SLOTS + 1)), "router.too_many_endpoints"),
        (Pools((Endpoint("example.com", 80),)), "router.bad_address"),
        (Pools((Endpoint("127.0.0.1", 0),)), "router.bad_address"),
        (Pools((HERE,), (Endpoint("127.0.0.1 check", 80),)), "router.bad_address"),
    ],
)
def test_pools_that_cannot_be_expressed_change_nothing(rig: HaproxyRig, pools: Pools, code: str) -> None:
    router = rig.router()
    before = router.observe()
    with pytest.raises(Rejected) as refused:
        router.arrange(pools)
    assert (refused.value.code, router.observe()) == (code, before)


def test_a_name_that_cannot_stand_in_a_file_is_rejected(tmp_path: Path) -> None:
    files = HaproxyFiles(tmp_path, (HaproxyProxy("east", HERE, tmp_path / "a socket"),), TTL)
    with pytest.raises(Rejected) as refused:
        files.write(Pools((HERE,)))
    assert refused.value.code == "router.bad_name"


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    parts = (HaproxyProxy("east", HERE, Path("/tmp/e.sock")),)
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable) as missing:
        HaproxyFiles(tmp_path / "file" / "nowhere", parts, TTL).write(Pools((HERE,)))
    assert missing.value.code == "router.files"


def test_the_pools_can_be_read_back_from_the_file(rig: HaproxyRig) -> None:
    assert rig.files.arranged(rig.part("east")) == rig.pools


def test_the_lease_ends_in_the_proxy_itself(rig: HaproxyRig) -> None:
    rig.router().hold(HALF)
    rig.wait(TTL)
    path = rig.part("east").socket
    assert "used:0" in str(ask_all({path: "show table lease"}, 5.0)[path])
    assert rig.router().observe()[0].exposure == UNEXPOSED


def test_holding_without_a_candidate_exposes_nothing_and_costs_nothing(rig: HaproxyRig) -> None:
    router = rig.router()
    router.arrange(Pools(rig.pools.stable))
    router.hold(Exposure(WHOLE, "testers"))
    assert (rig.serve(MANY, {COHORT_HEADER: "testers"}), router.observe()[0].exposure) == (
        Served(stable=MANY),
        UNEXPOSED,
    )


def test_a_candidate_that_says_it_is_not_ready_is_given_nothing(rig: HaproxyRig) -> None:
    router = replace(rig.router(), probe="/bad")
    router.arrange(rig.pools)
    for name in rig.proxies:
        rig.stop_proxy(name)
        rig.start_proxy(name)
    router.hold(Exposure(WHOLE))
    rig.wait(TTL / 2)
    assert rig.serve(40) == Served(stable=40)


def test_a_path_that_cannot_be_asked_is_rejected(rig: HaproxyRig) -> None:
    with pytest.raises(Rejected) as refused:
        replace(rig.router(), probe="/ready\n    server x").arrange(rig.pools)
    assert refused.value.code == "router.bad_name"
