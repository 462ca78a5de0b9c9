# SPDX-License-Identifier: Apache-2.0
"""Real Envoys on loopback, real services behind them, and clients in front: what the Envoy adapters are tested on."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path

from tests.ports import free_port

from interlock.adapters.control_plane import ControlLine, ControlPlane, ControlPlanes
from interlock.adapters.discovery import Layer
from interlock.adapters.envoy_route import EnvoyProxy
from interlock.adapters.metrics.envoy import EnvoyMetrics
from interlock.adapters.router.envoy import EnvoyRouter
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.ports.router import NOBODY, Carrier, Endpoint, Held, Pools, UserKey
from interlock.testing.contracts.router_rig import NO_HEADERS, Served

SHOP = ServiceName("shop")
PRODUCTION = EnvironmentName("production")
BACKEND = Path(__file__).with_name("backend.py")
SECONDS = 15.0


def here() -> Endpoint:
    return Endpoint("127.0.0.1", free_port())


def eventually(is_so: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.02)


def listens(endpoint: Endpoint) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex((endpoint.host, endpoint.port)) == 0


@dataclass
class Running:
    """A process of ours and how to start it again."""

    command: tuple[str, ...]
    log: Path
    ready: Endpoint
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    @property
    def is_up(self) -> bool:
        return self.process.poll() is None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(lambda: not self.is_up or listens(self.ready), f"{self.command[0]} listens")
        assert self.is_up, self.log.read_text()[-2000:]

    def kill(self) -> None:
        if self.is_up:
            os.kill(self.process.pid, signal.SIGCONT)
            self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        os.kill(self.process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT)

    def thaw(self) -> None:
        if self.is_up:
            os.kill(self.process.pid, signal.SIGCONT)


class SpoilingPlane(ControlPlane):
    """What it offers has a value that no Envoy accepts."""

    def hold(self, line: ControlLine, layer: Layer, deadline: float, rests: int) -> Held:
        return super().hold(line, {**layer, "interlock.spoilt": ["no", "list"]}, deadline, rests)


class SpoilingPlanes(ControlPlanes):
    """Makes real proxies refuse."""

    def opened(self, address: Endpoint) -> ControlPlane:
        return SpoilingPlane(address, self.elapsed)


@dataclass
class Fleet:
    """Proxies, two instances of stable, one of the candidate, one of a baseline: all can be killed and restarted."""

    folder: Path
    names: tuple[str, ...]
    control: Endpoint = field(default_factory=here)
    wired: Endpoint | None = None
    """Where the proxies believe the controller to be, when that is not where it is."""
    ttl: timedelta = timedelta(seconds=1)
    users: UserKey = NOBODY
    proxies: tuple[EnvoyProxy, ...] = ()
    running: dict[str, Running] = field(default_factory=dict)
    stable: tuple[Endpoint, ...] = ()
    candidate: Endpoint = field(default_factory=here)
    baseline: Endpoint = field(default_factory=here)
    planes: ControlPlanes = field(default_factory=lambda: ControlPlanes(time.monotonic))

    def start(self) -> None:
        self.proxies = tuple(EnvoyProxy(name, here(), here()) for name in self.names)
        stable = [here(), here()]
        self.stable = tuple(sorted(stable, key=lambda one: one.port))
        for at, endpoint in enumerate(self.stable):
            self._serve(f"stable{at}", "stable", endpoint)
        self._serve("candidate", "candidate", self.candidate)
        self._serve("baseline", "baseline", self.baseline)
        told = replace(self.router(), control=self.wired) if self.wired else self.router()
        for start, proxy in zip(told.prepare(), self.proxies, strict=True):
            command = (str(Path(sys.executable).with_name("envoy")), *start.command[1:], "--concurrency", "1")
            self.running[start.proxy] = Running((*command, "-l", "warn"), self.folder / "envoy.log", proxy.listen)

    def router(self) -> EnvoyRouter:
        """Built anew; the proxies need not be connected."""
        route = self.folder / "route"
        return EnvoyRouter(
            SHOP, PRODUCTION, route, self.proxies, self.control, self.planes, ttl=self.ttl, users=self.users
        )

    def connected(self) -> EnvoyRouter:
        """A router to which every running proxy is connected."""
        router = self.router()
        up = {name for name in self.names if self.running[name].is_up}
        eventually(lambda: set(router.line.connected()) == up, "all running proxies are connected")
        return router

    @property
    def pools(self) -> Pools:
        return Pools(self.stable, (self.candidate,))

    def crash(self) -> None:
        """Everything the holder had open is gone, and nothing was withdrawn."""
        self.planes.end()
        self.planes = ControlPlanes(time.monotonic)

    def reset(self) -> None:
        """All run, at rest, with the pools, and have counted nothing of the endpoints."""
        for one in self.running.values():
            one.thaw()
            if not one.is_up:
                one.start()
        self.crash()
        router = self.connected()
        eventually(lambda: router.withdraw() == Held(self.names), "all rest")
        router.arrange(Pools(()))
        router.arrange(self.pools)
        self.crash()

    def stop(self) -> None:
        self.planes.end()
        for one in self.running.values():
            one.kill()

    def ask(
        self, requests: int, names: tuple[str, ...], headers: Mapping[str, str], method: str = "GET"
    ) -> Counter[str]:
        """Who answered, or the status of a request nobody of ours answered."""
        told: Counter[str] = Counter()
        ports = {proxy.name: proxy.listen.port for proxy in self.proxies}
        links = [http.client.HTTPConnection("127.0.0.1", ports[name], timeout=10) for name in names]
        for _, link in zip(range(requests), cycle(links), strict=False):
            link.request(method, "/", headers=headers)
            answer = link.getresponse()
            answer.read()
            told[answer.headers.get("x-arm", str(answer.status))] += 1
        for link in links:
            link.close()
        return told

    def serve(self, requests: int, headers: Mapping[str, str] = NO_HEADERS) -> Served:
        up = tuple(name for name in self.names if self.running[name].is_up)
        told = self.ask(requests, up, headers)
        arms = told["stable"], told["candidate"], told["baseline"]
        return Served(arms[0], arms[1], told.total() - sum(arms), arms[2])

    def wait(self, span: timedelta) -> None:
        time.sleep(span.total_seconds())

    def slow_down(self, key: str, seconds: float) -> None:
        """From now on it takes that long to answer."""
        one = self.running[key]
        one.kill()
        one.command = (*one.command[:4], str(seconds))
        one.start()
        metrics = EnvoyMetrics(SHOP, PRODUCTION, self.proxies, timeout=4.0)
        eventually(lambda: metrics.read().ready == 1, "it is ready again")

    def rename(self, key: str, name: str) -> None:
        """From now on it says that it is called so."""
        one = self.running[key]
        one.kill()
        one.command = (*one.command[:2], name, *one.command[3:])
        one.start()

    def _serve(self, key: str, name: str, endpoint: Endpoint) -> None:
        command = (sys.executable, str(BACKEND), name, str(endpoint.port))
        self.running[key] = Running(command, self.folder / f"{key}.log", endpoint)


def from_user(key: UserKey, name: str) -> dict[str, str]:
    """The headers of a user's requests. Where nobody is told apart, a cookie that nobody looks at."""
    if key.carrier is Carrier.HEADER:
        return {key.name: name}
    return {"cookie": f"theme=dark; {key.name or 'session'}={name}; seen=1"}


@dataclass
class FleetRig:
    """What the kits ask of a world, over a fleet that begins at rest."""

    fleet: Fleet

    def __post_init__(self) -> None:
        self.fleet.reset()

    def kill_candidate(self) -> None:
        self.fleet.running["candidate"].kill()

    def kill_baseline(self) -> None:
        self.fleet.running["baseline"].kill()

    def wait(self, span: timedelta) -> None:
        self.fleet.wait(span)


@contextmanager
def fleet(folder: Path, *names: str, users: UserKey = NOBODY) -> Iterator[Fleet]:
    """A fleet that is stopped at the end."""
    one = Fleet(folder, names, users=users)
    try:
        one.start()
        yield one
    finally:
        one.stop()
