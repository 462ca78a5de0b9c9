# SPDX-License-Identifier: Apache-2.0
"""Real HAProxy processes on loopback, and behind them services that tell who they are."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import Final

from tests.ports import free_port

from interlock.adapters.daemons import ENVIRONMENT
from interlock.adapters.haproxy_files import HaproxyFiles, HaproxyProxy
from interlock.adapters.haproxy_socket import Answered, ask_all
from interlock.adapters.router.haproxy import HaproxyRouter
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.traffic import UNEXPOSED, Exposure
from interlock.ports.router import NOBODY, Carrier, Endpoint, Pools, UserKey
from interlock.testing.contracts.router_rig import NO_HEADERS, Served

SHOP: Final = ServiceName("shop")
PRODUCTION: Final = EnvironmentName("production")
TTL: Final = timedelta(seconds=1)
SERVICE: Final = """
import socket, sys
from threading import Thread
name = sys.argv[1].encode()
dropped = []
def answer(connection):
    seen = b""
    while True:
        while b"\\r\\n\\r\\n" not in seen:
            more = connection.recv(65536)
            if not more:
                return
            seen += more
        head, _, seen = seen.partition(b"\\r\\n\\r\\n")
        path = head.split(b" ", 2)[1]
        if path in (b"/drop", b"/drop/" + name):
            dropped.append(path)
            return
        body = str(len(dropped)).encode() if path == b"/dropped" else name
        status = b"500 Bad" if path == b"/bad" else b"200 OK"
        length = str(len(body)).encode()
        connection.sendall(b"HTTP/1.1 " + status + b"\\r\\nContent-Length: " + length + b"\\r\\n\\r\\n" + body)
def closing(connection):
    with connection:
        try:
            answer(connection)
        except ConnectionError:
            pass
with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Thread(target=closing, args=(connection,), daemon=True).start()
"""
"""In threads: to load asyncio takes longer than most of these live."""


class Service:
    """Answers with its name; `/bad` with 500, `/drop` (`/drop/NAME`) not at all, which `/dropped` counts."""

    def __init__(self, name: str) -> None:
        self.process = subprocess.Popen([sys.executable, "-I", "-c", SERVICE, name], stdout=subprocess.PIPE, text=True)

    @cached_property
    def endpoint(self) -> Endpoint:
        """Where it listens. Asked only when all have been started: they do so beside each other."""
        assert self.process.stdout is not None
        return Endpoint("127.0.0.1", int(self.process.stdout.readline()))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


class HaproxyRig:
    """Two proxies, two stable services and a candidate. What it started it ends."""

    def __init__(self, folder: Path, users: UserKey = NOBODY) -> None:
        self.folder = folder
        self.users = users
        self.services = (Service("stable"), Service("stable"), Service("candidate"))
        one, other, candidate = (service.endpoint for service in self.services)
        self.pools = Pools((one, other), (candidate,))
        self.baseline = (candidate,)
        self.parts = tuple(
            HaproxyProxy(name, Endpoint("127.0.0.1", free_port()), folder / f"{name}.sock") for name in ("east", "west")
        )
        self.proxies = tuple(part.name for part in self.parts)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.router().prepare()
        self.router().arrange(self.pools)
        for part in self.parts:
            self.processes[part.name] = self.run(self.files.start_command(part))
        for part in self.parts:
            self.until_up(part)

    @property
    def files(self) -> HaproxyFiles:
        return self.router().files

    def router(self) -> HaproxyRouter:
        return HaproxyRouter(SHOP, PRODUCTION, self.folder, self.parts, TTL, patience=8.0, users=self.users)

    def crash(self) -> None:
        """The router keeps nothing that could outlive its process: to drop it is to kill it."""

    def refused(self) -> HaproxyRouter:
        for part in self.parts:
            path = self.files.path(part)
            path.write_text(path.read_text().replace("level admin", "level user"))
            self.stop_proxy(part.name)
            self.start_proxy(part.name)
        return self.router()

    def unconfirmed(self, held: Exposure = UNEXPOSED) -> HaproxyRouter:
        router = replace(self.router(), patience=2.0)
        if held != UNEXPOSED:
            router.hold(held)
        process = self.processes[self.proxies[0]]
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        return router

    def user(self, name: str) -> Mapping[str, str]:
        if self.users.carrier is Carrier.HEADER:
            return {self.users.name: name}
        return {"cookie": f"theme=dark; {self.users.name or 'session'}={name}; seen=1"}

    def serve(self, requests: int, headers: Mapping[str, str] = NO_HEADERS) -> Served:
        running = [self.line(name) for name in self.proxies if name in self.processes]
        seen = [_asked(running[at % len(running)], headers) for at in range(requests)]
        for line in running:
            line.close()
        return Served(*(seen.count(kind) for kind in ("stable", "candidate", "failed")))

    def line(self, proxy: str) -> http.client.HTTPConnection:
        part = self.part(proxy)
        return http.client.HTTPConnection(part.listen.host, part.listen.port, timeout=20)

    def stop_proxy(self, proxy: str) -> None:
        process = self.processes.pop(proxy)
        process.kill()
        process.wait()

    def start_proxy(self, proxy: str) -> None:
        part = self.part(proxy)
        command = HaproxyFiles(self.folder, self.parts, TTL).start_command(part)
        self.processes[proxy] = self.run(command)
        self.until_up(part)

    def run(self, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def until_up(self, part: HaproxyProxy) -> None:
        for _ in range(200):
            if isinstance(ask_all({part.socket: "show info"}, 5.0)[part.socket], Answered):
                return
            Event().wait(0.02)
        raise AssertionError(f"{part.name} does not start")

    def kill_baseline(self) -> None:
        """There is none."""

    def kill_candidate(self) -> None:
        self.services[2].kill()

    def wait(self, span: timedelta) -> None:
        Event().wait(span.total_seconds())

    def part(self, proxy: str) -> HaproxyProxy:
        return next(part for part in self.parts if part.name == proxy)

    def invite(self) -> None:
        self.router().hold(Exposure(0, "testers"))

    def close(self) -> None:
        for process in self.processes.values():
            process.kill()
            process.wait()
        for service in self.services:
            service.kill()


@contextmanager
def running(folder: Path, users: UserKey = NOBODY) -> Iterator[HaproxyRig]:
    rig = HaproxyRig(folder, users)
    try:
        yield rig
    finally:
        rig.close()


def _asked(line: http.client.HTTPConnection, headers: Mapping[str, str]) -> str:
    try:
        line.request("GET", "/", headers=headers)
        answer = line.getresponse()
        body = answer.read().decode()
    except (OSError, http.client.HTTPException):
        line.close()
        return "failed"
    return body if answer.status == 200 else "failed"
