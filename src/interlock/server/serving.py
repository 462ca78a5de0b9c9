# SPDX-License-Identifier: Apache-2.0
"""The whole server in one process: the driver in a thread of its own, API and pages on uvicorn.

1. It is the driver: it holds the driver's lock, and is refused where another one is at work.
2. Told to end (SIGTERM, SIGINT) it ends within seconds with clients connected: the driver is told first, streams are
   brought to their end at once, requests get a moment to finish. What the driver had under way goes on by itself and is
   found again.
"""

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

import uvicorn
from litestar import Litestar

from interlock.bootstrap.accounts import open_accounts
from interlock.bootstrap.houses import HouseBeside, OpenHouse, open_house, read_beside
from interlock.bootstrap.keys import fresh_bytes
from interlock.config import Home, collector, secret
from interlock.identity.passwords import prepare
from interlock.identity.trusting import Known, read_trusted, require_known
from interlock.ports.accounts import Accounts
from interlock.ports.failure import PortFailure, Rejected, Unavailable
from interlock.server.app import Beat, Built, Entrance, build
from interlock.server.crowd import AT_ONCE
from interlock.server.patience import LONGEST_HEAD, Patient
from interlock.server.settings import Settings
from interlock.server.sweeping import swept_once
from interlock.server.tracing import Traced, Tracing, Untraced
from interlock.telemetry import Log
from interlock.workflows.controller import Step, services
from interlock.workflows.driver import Driver, driving

_LAST_PORT: Final = 65535
GRACE: Final = 1
"""Seconds that requests have to finish, whole ones as uvicorn takes them; then what is left is cut."""
CARRIERS: Final = ("uvicorn", "asyncio")
"""Who says something of their own while we serve."""
LONGEST: Final = 500
"""Characters of a line that is not ours."""
LAST: Final = 1.5
"""Seconds the driver has to finish its step after that."""


@dataclass(slots=True)
class Motor:
    """The driver at work in a thread of its own."""

    house: OpenHouse
    driver: Driver
    log: Log
    fault: str = ""
    done: int = 0
    """Records there were when the last step came through."""
    behind_since: float = 0.0
    thread: threading.Thread = field(init=False)
    beside: HouseBeside = field(init=False)
    """For who asks how the driver is, so that they never wait for it."""

    def __post_init__(self) -> None:
        self.beside = read_beside(self.house)
        self.thread = threading.Thread(target=self._run, name="driver", daemon=True)

    def wake(self) -> None:
        """There is something to do."""
        self.driver.woken.set()

    def beat(self) -> Beat:
        """Whether the driver lives and comes round, and for how long something has waited for it."""
        fault = self.fault or ("" if self.thread.is_alive() else "the driver ended")
        fault = fault or ("the driver hangs" if self.driver.hangs else "")
        fault = fault or ("" if self.driver.works else "the ledger cannot be written now")
        now = self._ticks()
        if self.beside.store.head().size <= self.done:
            self.behind_since = now
        return Beat(fault, now - self.behind_since)

    def _ticks(self) -> float:
        return self.house.clock.now().timestamp()

    def _run(self) -> None:
        try:
            self.driver.run(self._stepped)
        except PortFailure as failure:
            self.fault = f"the driver ended ({failure.code})"  # anybody is told this, and the log the rest
            self.log.line(self.house.clock.now(), "driver-ended", {"code": failure.code, "sentence": failure.sentence})

    def _stepped(self, _step: Step) -> None:
        if not self.driver.works:
            return
        with suppress(Unavailable):  # the next step says so
            self.done = self.house.store.head().size
            self.behind_since = self._ticks()


class Onward(logging.Handler):
    """What our carriers say goes into our log, but for streams that were cut because we end."""

    def __init__(self, log: Log, house: OpenHouse) -> None:
        super().__init__(logging.WARNING)
        self._log = log
        self._house = house

    def emit(self, record: logging.LogRecord) -> None:
        """One line of ours for one of theirs."""
        fault = record.exc_info[1] if record.exc_info else None
        if isinstance(fault, asyncio.CancelledError):
            return
        said = {"sentence": record.getMessage()[:LONGEST], "kind": type(fault).__name__ if fault else ""}
        self._log.line(self._house.clock.now(), "server", said)


class Ending(uvicorn.Server):
    """Says when people can come, tells the driver at once when we are told to end, and brings streams to their end:
    uvicorn waits for them as for any answer, and a stream never ends by itself in time.
    """

    def __init__(self, built: Built, up: Callable[[], None], stop: Callable[[], None]) -> None:
        super().__init__(carried(built.app))
        self._streams = built.streams
        self._up = up
        self._stop = stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does it; then people can come."""
        await super().startup(sockets)
        self._up()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does it, with nobody listening any more."""
        self._streams.end()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """As uvicorn does it, and the driver beside it."""
        self._stop()
        super().handle_exit(sig, frame)


def serve(home: Home, settings: Settings, log: Log, up: Callable[[str], None]) -> None:
    """Serve until told to end. `up` is called with the address once people can come.

    Raises `Rejected` (`driver.held`, `server.port_taken`) when somebody else is there already.
    """
    trusted = read_trusted(home.settings, secret)
    house = open_house(home)
    with closing(house.store), driving(home.lock), closing(open_accounts(home)) as accounts, _listening(settings) as at:
        require_known(home.settings, trusted, _known(house, accounts))
        prepare()
        house.heal()
        for carrier in CARRIERS:
            logger = logging.getLogger(carrier)
            logger.handlers, logger.propagate = [Onward(log, house)], False
        motor = Motor(house, Driver(house.controller(), home.socket, house.clock), log)
        with _tracing(log) as tracing, swept_once(house.clock.now):
            entrance = Entrance(trusted, tracing=tracing)
            built = build(house, accounts, settings, motor, log, entrance)
            _run(Ending(built, lambda: up(settings.url), motor.driver.stop), motor, at)
        built.rooms.close()
        motor.beside.store.close()


def _known(house: OpenHouse, accounts: Accounts) -> Known:
    """Everybody and everything that settings may name."""
    return Known(
        frozenset(one.person for one in accounts.accounts()),
        frozenset(house.view().people().names),
        frozenset(services(house.store)),
    )


@contextmanager
def _tracing(log: Log) -> Iterator[Tracing]:
    """Who is told of requests while this lasts: the collector that the environment names, if it names one."""
    address = collector()
    if not address:
        yield Untraced()
        return
    traced = Traced(address, fresh_bytes, log)
    traced.start()
    try:
        yield traced
    finally:
        traced.close()


def carried(app: Litestar, protocol: type[Patient] = Patient) -> uvicorn.Config:
    """How uvicorn carries the application. Where somebody comes from is for the door to say, not for their headers."""
    return uvicorn.Config(
        app,
        http=protocol,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
        h11_max_incomplete_event_size=LONGEST_HEAD,
        backlog=AT_ONCE,
        timeout_keep_alive=30,
    )


def _run(server: Ending, motor: Motor, at: socket.socket) -> None:
    """The server, until it is told to end: also when that comes before uvicorn listens to signals, or once more."""
    before = {number: signal.signal(number, server.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
    motor.thread.start()
    try:
        server.run(sockets=[at])
    finally:
        motor.driver.stop()
        motor.thread.join(LAST)
        for number, handler in before.items():
            signal.signal(number, handler)


def _listening(settings: Settings) -> socket.socket:
    """The socket people come in by."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Only where the protocol is named asyncio sends what is small at once; else a client waits 40 ms for every answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as fault:
        listener.close()
        other = settings.port + 1 if settings.port < _LAST_PORT else 8471
        sentence = f"nobody can listen on {settings.host}:{settings.port} ({fault.strerror})"
        raise Rejected("server.port_taken", sentence, f"choose another: `interlock serve --port {other}`") from fault
    return listener
