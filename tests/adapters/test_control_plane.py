# SPDX-License-Identifier: Apache-2.0
"""The control plane as a proxy sees it, played by a bare gRPC client; the clock is ours."""

import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue

import grpc  # type: ignore[import-untyped]  # shipped without types
import pytest
from tests.adapters.discovery_proxy import read_response, write_request
from tests.adapters.envoy_world import eventually, here, listens

from interlock.adapters.control_plane import ControlLine, ControlPlane, ControlPlanes, Route
from interlock.adapters.discovery import METHOD, SERVICE, Asked, NotDiscovery, read_request
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.router import Endpoint, Held

RESOURCE = "shop/production"
REST = {"share": 0.0}
SHARE = {"share": 500.0}
MORE = {"share": 900.0}
TTL = 3.0
PATIENCE = 5.0


@dataclass
class Watch:
    """Seconds that pass when they are told to."""

    seconds: float = 100.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class FakeProxy:
    """Subscribes to a resource, hears layers, and says yes or no when it is told to."""

    address: Endpoint
    node: str = "east"
    cluster: str = RESOURCE
    resource: str = RESOURCE
    outbox: SimpleQueue[bytes] = field(default_factory=SimpleQueue)
    heard: Iterator[bytes] = field(init=False)
    channel: grpc.Channel = field(init=False)

    def __post_init__(self) -> None:
        self.channel = grpc.insecure_channel(f"{self.address.host}:{self.address.port}")
        self.heard = self.channel.stream_stream(f"/{SERVICE}/{METHOD}")(iter(self.outbox.get, b""), timeout=20)
        self.say("", "")

    def say(self, nonce: str, refusal: str) -> None:
        self.outbox.put(write_request(Asked(self.node, self.cluster, (self.resource,), nonce, refusal)))

    def hear(self) -> tuple[str, dict[str, object], float]:
        return read_response(next(self.heard))

    def take(self, refusal: str = "") -> tuple[dict[str, object], float]:
        """Hear the next layer with its TTL and answer it."""
        nonce, layer, ttl = self.hear()
        self.say(nonce, refusal)
        return layer, ttl

    def close(self) -> None:
        self.outbox.put(b"")
        self.channel.close()


@dataclass
class Scene:
    watch: Watch = field(default_factory=Watch)
    address: Endpoint = field(default_factory=here)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4))

    def __post_init__(self) -> None:
        self.planes = ControlPlanes(self.watch)
        self.line = self.another()
        self.proxies: list[FakeProxy] = []

    def another(self, resource: str = RESOURCE, nodes: tuple[str, ...] = ("east",)) -> ControlLine:
        return ControlLine(self.planes, Route(self.address, resource, nodes, REST, TTL))

    def open(self) -> None:
        """It listens, and nobody is on the way any more."""
        assert not self.line.connected()
        self.watch.seconds += 10

    def proxy(self, node: str = "east", cluster: str = RESOURCE, resource: str = RESOURCE) -> FakeProxy:
        one = FakeProxy(self.address, node, cluster, resource)
        self.proxies.append(one)
        return one

    def rested(self) -> FakeProxy:
        one = self.proxy()
        assert one.take() == (REST, 0)
        return one

    def holding(self, patience: float = PATIENCE) -> "Future[Held]":
        return self.pool.submit(self.line.hold, SHARE, patience, self.line.rests)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with playing() as one:
        one.open()
        yield one


@contextmanager
def playing() -> Iterator[Scene]:
    one = Scene()
    try:
        yield one
    finally:
        for proxy in one.proxies:
            proxy.close()
        one.planes.end()
        one.pool.shutdown()


def test_a_proxy_that_connects_is_told_to_rest(scene: Scene) -> None:
    assert scene.proxy().take() == (REST, 0)


def test_an_offer_is_sent_whole_with_its_time(scene: Scene) -> None:
    proxy = scene.rested()
    held = scene.holding()
    assert proxy.take() == (SHARE, TTL)
    assert held.result() == Held(("east",))


def test_every_renewal_is_sent_whole_again(scene: Scene) -> None:
    proxy = scene.rested()
    for _ in range(3):
        held = scene.holding()
        assert proxy.take() == (SHARE, TTL)
        held.result()


def test_a_proxy_that_connects_while_it_is_held_gets_what_remains(scene: Scene) -> None:
    proxy = scene.rested()
    held = scene.holding()
    proxy.take()
    held.result()
    scene.watch.seconds += 2
    assert scene.proxy().take() == (SHARE, 1)


def test_a_proxy_that_connects_after_the_lease_is_told_to_rest(scene: Scene) -> None:
    proxy = scene.rested()
    held = scene.holding()
    proxy.take()
    held.result()
    scene.watch.seconds += TTL
    assert scene.proxy().take() == (REST, 0)


def test_a_refusal_is_rejected_with_its_reason_on_one_line(scene: Scene) -> None:
    proxy = scene.rested()
    held = scene.holding()
    proxy.take(refusal="no such\nlayer")
    with pytest.raises(Rejected, match="the proxy east refuses: no such / layer") as refused:
        held.result()
    assert refused.value.code == "router.refused"


def test_what_was_refused_is_taken_back(scene: Scene) -> None:
    proxy = scene.rested()
    held = scene.holding()
    proxy.take(refusal="no")
    assert (proxy.take(), held.exception() is not None) == ((REST, 0), True)


def test_what_was_refused_is_not_offered_to_who_connects(scene: Scene) -> None:
    proxy = scene.rested()
    held = scene.holding()
    proxy.take(refusal="no")
    assert held.exception()
    assert scene.proxy().take() == (REST, 0)


def test_a_refusal_of_one_takes_it_back_from_all() -> None:
    with playing() as scene:
        scene.line = scene.another(nodes=("east", "west"))
        scene.open()
        east, west = scene.proxy("east"), scene.proxy("west")
        assert [east.take(), west.take()] == [(REST, 0)] * 2
        held = scene.holding()
        assert [east.take(), west.take(refusal="no")] == [(SHARE, TTL)] * 2
        assert (east.take(), west.take(), held.exception() is not None) == ((REST, 0), (REST, 0), True)


def test_who_does_not_confirm_in_time_is_named_and_told_to_rest(scene: Scene) -> None:
    proxy = scene.rested()
    eventually(lambda: scene.line.connected() == ("east",), "it is connected")
    with pytest.raises(Unavailable, match="east") as silent:
        scene.line.hold(SHARE, 0, 0)
    assert silent.value.code == "router.unconfirmed"
    assert [proxy.take(), proxy.take()] == [(SHARE, TTL), (REST, 0)]


def test_who_falls_silent_is_absent_while_what_is_held_goes_on_and_is_not_waited_for_until_it_answers() -> None:
    with playing() as scene:
        line = scene.another(nodes=("east", "north"))
        assert not line.connected()
        scene.watch.seconds += 10
        east, north = (scene.proxy(node) for node in line.route.nodes)
        assert [east.take(), north.take()] == [(REST, 0)] * 2
        eventually(lambda: line.connected() == line.route.nodes, "they are connected")

        def hold(layer: dict[str, float]) -> "Future[Held]":
            return scene.pool.submit(line.hold, dict(layer), PATIENCE, 0)

        first = hold(SHARE)
        assert [east.take()[0], north.take()[0]] == [SHARE] * 2
        assert first.result() == Held(("east", "north"))
        again = hold(SHARE)
        assert east.take()[0] == SHARE
        scene.watch.seconds += TTL / 2
        assert again.result() == Held(("east",), ("north",))
        more = hold(MORE)
        assert east.take()[0] == MORE
        assert more.result() == Held(("east",), ("north",))
        assert [north.take()[0], north.take()[0]] == [SHARE, MORE]

        def is_held_by_both() -> bool:
            back = hold(MORE)
            assert [east.take()[0], north.take()[0]] == [MORE] * 2
            return back.result() == first.result()

        eventually(is_held_by_both, "who answered again is waited for again")


def test_without_a_proxy_it_is_unavailable_and_not_offered_later(scene: Scene) -> None:
    with pytest.raises(Unavailable) as missing:
        scene.line.hold(SHARE, PATIENCE, 0)
    assert (missing.value.code, scene.proxy().take()) == ("router.no_proxy", (REST, 0))


def test_rest_does_not_wait_for_an_offer_that_hangs(scene: Scene) -> None:
    proxy = scene.rested()
    held = scene.holding()
    nonce, _, _ = proxy.hear()
    rested = scene.pool.submit(scene.line.rest, PATIENCE)
    assert proxy.take() == (REST, 0)
    assert (rested.result(), held.result(), bool(nonce)) == (Held(("east",)), Held(("east",)), True)


def test_rest_fails_for_nobody(scene: Scene) -> None:
    scene.rested()
    eventually(lambda: scene.line.connected() == ("east",), "it is connected")
    assert scene.line.rest(0) == Held(())


def test_a_proxy_that_leaves_is_absent(scene: Scene) -> None:
    scene.rested().close()
    eventually(lambda: not scene.line.connected(), "it is missed")
    assert scene.line.rest(PATIENCE) == Held((), ("east",))


@pytest.mark.parametrize(("node", "cluster"), [("mallory", RESOURCE), ("east", "other/production"), ("", "")])
def test_a_stranger_is_told_to_rest_and_counts_for_nothing(scene: Scene, node: str, cluster: str) -> None:
    proxy = scene.rested()
    stranger = scene.proxy(node, cluster)
    assert stranger.take() == (REST, 0)
    held = scene.holding()
    assert (proxy.take(), stranger.take(refusal="no")) == ((SHARE, TTL), (REST, 0))
    assert held.result() == Held(("east",))


def test_a_proxy_that_came_back_counts_by_its_new_connection(scene: Scene) -> None:
    scene.rested()
    again = scene.rested()
    held = scene.holding()
    again.take()
    assert held.result() == Held(("east",))


def test_two_routes_share_a_port_and_nothing_else(scene: Scene) -> None:
    bakery = scene.another("bakery/production", ("east",))
    assert not bakery.connected()
    proxy, other = scene.rested(), scene.proxy("east", "bakery/production", "bakery/production")
    assert other.take() == (REST, 0)
    held = scene.holding()
    assert (proxy.take(), held.result()) == ((SHARE, TTL), Held(("east",)))
    rested = scene.pool.submit(bakery.rest, PATIENCE)
    assert (other.take(), rested.result()) == ((REST, 0), Held(("east",)))


def test_one_route_that_leaves_does_not_end_the_other(scene: Scene) -> None:
    bakery = scene.another("bakery/production")
    bakery.connected()
    bakery.close()
    bakery.close()
    assert scene.proxy().take() == (REST, 0)


def test_with_its_last_route_the_port_is_given_back(scene: Scene) -> None:
    scene.line.close()
    with socket.socket() as trial:
        assert trial.connect_ex((scene.address.host, scene.address.port))


def test_whoever_takes_a_route_over_tells_its_proxies_to_rest(scene: Scene) -> None:
    proxy = scene.rested()
    held = scene.holding()
    proxy.take()
    held.result()
    assert scene.another().connected() == ("east",)
    assert proxy.take() == (REST, 0)


def _line_to(port: int) -> ControlLine:
    return ControlLine(ControlPlanes(Watch()), Route(Endpoint("127.0.0.1", port), RESOURCE, ("east",), REST, TTL))


def test_a_port_in_use_is_refused_and_named_and_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Rejected, match=str(port)) as refused:
            _line_to(port).connected()
    assert (refused.value.code, capfd.readouterr()) == ("router.port_in_use", ("", ""))


def test_an_address_is_required_before_anything_listens_there(scene: Scene) -> None:
    scene.line.require_address()
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Rejected) as refused:
        _line_to(taken.getsockname()[1]).require_address()
    free = here()
    _line_to(free.port).require_address()
    assert (refused.value.code, listens(free)) == ("router.port_in_use", False)


def test_a_port_of_another_control_plane_is_not_shared(scene: Scene) -> None:
    with pytest.raises(Rejected) as refused:
        ControlPlane(scene.address, scene.watch)
    assert refused.value.code == "router.port_in_use"


@pytest.mark.parametrize("message", [b"\xff\xff\xff", b"\x0a\x01", b"\x22\x05other"])
def test_what_is_no_discovery_ends_the_connection(scene: Scene, message: bytes) -> None:
    proxy = scene.rested()
    proxy.outbox.put(message)
    with pytest.raises(StopIteration):
        proxy.hear()


def test_another_type_is_not_ours() -> None:
    with pytest.raises(NotDiscovery, match="asks for other"):
        read_request(b"\x22\x05other")


def test_an_answer_to_nothing_confirms_nothing(scene: Scene) -> None:
    proxy = scene.rested()
    proxy.say("4711", "")
    proxy.say("4712", "no")
    held = scene.holding()
    assert (proxy.take(), held.result()) == ((SHARE, TTL), Held(("east",)))


def test_a_hold_waits_for_proxies_that_are_on_their_way() -> None:
    with playing() as scene:
        assert not scene.line.connected()
        held = scene.holding()
        proxy = scene.proxy()
        assert proxy.take() == (REST, 0)
        assert (proxy.take(), held.result()) == ((SHARE, TTL), Held(("east",)))


def test_an_offer_begun_before_a_rest_is_not_sent_after_it(scene: Scene) -> None:
    proxy, before = scene.rested(), scene.line.rests
    rested = scene.pool.submit(scene.line.rest, PATIENCE)
    assert (proxy.take(), rested.result()) == ((REST, 0), Held(("east",)))
    with pytest.raises(Unavailable) as late:
        scene.line.hold(SHARE, PATIENCE, before)
    assert (late.value.code, scene.proxy().take()) == ("router.withdrawn", (REST, 0))


def test_who_asks_for_a_route_before_anybody_answers_for_it_is_told_when_somebody_does(scene: Scene) -> None:
    proxy = scene.proxy("east", "bakery/production", "bakery/production")
    bakery = scene.another("bakery/production")
    eventually(lambda: bakery.connected() == ("east",), "it is connected")
    assert proxy.take() == (REST, 0)
