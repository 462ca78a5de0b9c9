# SPDX-License-Identifier: Apache-2.0
"""How safe traffic is while it moves, over three real Envoys with a lease of 3 s.

Run it as `python -m tests.adapters.lease_figures [REQUESTS]`.

1. killed: from SIGKILL of who holds half of the traffic to the last answer of the candidate, by proxy.
2. stopped: the same for SIGSTOP; then what the candidate answers after SIGCONT, when the holder gives up by itself.
3. requests: how many of at least REQUESTS (50,000) failed over changes of the share, kill -9 of the candidate,
   completion, and a proxy that is killed and started again (its own clients excepted: they lose their connections).
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

from tests.adapters.envoy_world import Fleet, eventually

from interlock.domain.traffic import Exposure
from interlock.ports.router import Pools

TTL = timedelta(seconds=3)
ROUNDS = 5
NAMES = ("east", "north", "west")
PAUSE = 0.004
HOLDER = """
import sys, time
from pathlib import Path
from tests.adapters.envoy_world import *
from interlock.domain.traffic import Exposure
folder, control, ttl, *ports = sys.argv[1:]
ttl = float(ttl)
proxies = tuple(EnvoyProxy(n, here(), Endpoint("127.0.0.1", int(p))) for n, p in (one.split("=") for one in ports))
router = EnvoyRouter(SHOP, PRODUCTION, Path(folder), proxies, Endpoint("127.0.0.1", int(control)),
                     ControlPlanes(time.monotonic), ttl=timedelta(seconds=ttl))
held = time.monotonic()
while time.monotonic() - held < ttl:
    held = time.monotonic()
    if not router.hold(Exposure(5000)).absent:
        print("held", flush=True)
    time.sleep(ttl / 3)
print("gap", flush=True)
time.sleep(60)
"""


@dataclass
class Client:
    """Asks one proxy again and again over one connection, and remembers what it saw."""

    port: int
    pause: float
    count: int = 0
    failed: int = 0
    lost: int = 0
    last_candidate: float = 0.0
    candidates: int = 0
    links: list[socket.socket] = field(default_factory=list)

    def run(self, end: Event) -> None:
        while not end.is_set():
            try:
                self._ask()
            except OSError:
                self.lost += 1
                self._drop()
                end.wait(0.02)
            if self.pause:
                end.wait(self.pause)
        self._drop()

    def _ask(self) -> None:
        if not self.links:
            self.links.append(socket.create_connection(("127.0.0.1", self.port), timeout=10))
        link = self.links[0]
        link.sendall(b"GET / HTTP/1.1\r\nhost: shop\r\n\r\n")
        answer = b""
        while b"\r\n\r\nx" not in answer:
            received = link.recv(65536)
            if not received:
                raise ConnectionError
            answer += received
            if not answer.startswith(b"HTTP/1.1 200"):
                self.failed += 1
                raise ConnectionError
        self.count += 1
        if b"x-arm: candidate" in answer:
            self.candidates += 1
            self.last_candidate = time.monotonic()

    def _drop(self) -> None:
        for link in self.links:
            link.close()
        self.links.clear()


@contextmanager
def traffic(fleet: Fleet, pause: float) -> Iterator[dict[str, Client]]:
    end = Event()
    clients = {proxy.name: Client(proxy.listen.port, pause) for proxy in fleet.proxies}
    threads = [Thread(target=client.run, args=(end,)) for client in clients.values()]
    for thread in threads:
        thread.start()
    try:
        yield clients
    finally:
        end.set()
        for thread in threads:
            thread.join()


@contextmanager
def holder(fleet: Fleet) -> Iterator[subprocess.Popen[str]]:
    """A process that holds half of the traffic and renews it every second, all proxies connected."""
    fleet.crash()
    admins = [f"{proxy.name}={proxy.admin.port}" for proxy in fleet.proxies]
    where = [str(fleet.folder / "route"), str(fleet.control.port), str(fleet.ttl.total_seconds())]
    command = [sys.executable, "-c", HOLDER, *where, *admins]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    try:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(fleet: Fleet, number: signal.Signals, after: float, seconds: float) -> list[float]:
    """Seconds from the signal to the last answer of the candidate, by proxy."""
    with traffic(fleet, PAUSE) as clients, holder(fleet) as process:
        time.sleep(after)
        assert all(client.candidates for client in clients.values())
        process.send_signal(number)
        at = time.monotonic()
        time.sleep(seconds)
        spans = [round(client.last_candidate - at, 2) for client in clients.values()]
        if number is signal.SIGSTOP:
            seen = sum(client.candidates for client in clients.values())
            process.send_signal(signal.SIGCONT)
            time.sleep(seconds)
            spans.append(sum(client.candidates for client in clients.values()) - seen)
    return spans


def moved(fleet: Fleet, requests: int) -> dict[str, int]:
    """Traffic over everything that moves it."""
    fleet.crash()
    router = fleet.connected()
    end = Event()

    def keep() -> None:
        while not end.wait(0.5):
            router.hold(held[0])

    held = [Exposure(100)]
    keeper = Thread(target=keep)
    with traffic(fleet, 0) as clients:
        keeper.start()
        rounds = 0
        while sum(client.count for client in clients.values()) < requests:
            rounds += 1
            for share in (100, 1000, 5000, 2500, 10_000, 5000):
                held[0] = Exposure(share)
                router.hold(held[0])
                end.wait(0.2)
            fleet.running["candidate"].kill()
            end.wait(1)
            fleet.running["candidate"].start()
            end.wait(0.5)
            router.arrange(Pools((fleet.candidate,)))
            held[0] = Exposure()
            router.withdraw()
            end.wait(0.5)
            router.arrange(fleet.pools)
        undisturbed = sum(client.failed + client.lost for client in clients.values())
        fleet.running["west"].kill()
        end.wait(0.5)
        fleet.running["west"].start()
        eventually(lambda: not router.hold(Exposure(5000)).absent, "it is back")
        end.wait(1)
    end.set()
    keeper.join()
    router.close()
    others = sum(client.failed + client.lost for name, client in clients.items() if name != "west")
    return {
        "requests": sum(client.count for client in clients.values()),
        "by the candidate": sum(client.candidates for client in clients.values()),
        "rounds": rounds,
        "failed": undisturbed,
        "failed elsewhere while a proxy was killed": others - undisturbed,
        "lost by the killed proxy's own client": clients["west"].lost,
        "503 of the killed proxy when it was back": clients["west"].failed,
    }


def started_without_controller(fleet: Fleet) -> list[float]:
    """Seconds from the start of a proxy to its first answer by stable, while nobody holds the control port."""
    fleet.crash()
    spans = []
    for _ in range(ROUNDS):
        fleet.running["east"].kill()
        at = time.monotonic()
        fleet.running["east"].start()
        told = fleet.ask(1, ("east",), {})
        assert told["stable"] == 1
        spans.append(round(time.monotonic() - at, 2))
    return spans


def main(requests: int = 50_000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        fleet = Fleet(Path(folder), NAMES, ttl=TTL)
        try:
            fleet.start()
            fleet.connected().arrange(fleet.pools)
            measures: dict[str, Callable[[], object]] = {
                "killed": lambda: [ended(fleet, signal.SIGKILL, 2 + 0.2 * at, 4.5) for at in range(ROUNDS)],
                "stopped (the last: answers after SIGCONT)": lambda: ended(fleet, signal.SIGSTOP, 2.1, 4.5),
                "started without a controller": lambda: started_without_controller(fleet),
                "moved": lambda: moved(fleet, requests),
            }
            for name, measure in measures.items():
                sys.stdout.write(json.dumps({name: measure()}) + "\n")
                sys.stdout.flush()
        finally:
            fleet.stop()


if __name__ == "__main__":
    os.nice(5)
    main(*(int(argument) for argument in sys.argv[1:]))
