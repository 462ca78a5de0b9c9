# SPDX-License-Identifier: Apache-2.0
"""What holds for every test: no word leaves this machine, and Hypothesis does not race the clock."""

import ipaddress
import socket
from collections.abc import Callable, Generator
from functools import wraps
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Final, ParamSpec, TypeVar

import pytest
from coverage import Coverage
from hypothesis import settings

_P = ParamSpec("_P")
_T = TypeVar("_T")

settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")


class LeftTheMachineError(RuntimeError):
    """A test tried to reach another machine."""


def _check(what: str, host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if not _is_loopback(name):
        raise LeftTheMachineError(f"{what} to {name}: tests reach loopback only")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _sending(does: Callable[_P, _T]) -> Callable[_P, _T]:
    """A method of sockets that checks every address among its arguments; the path of a Unix socket is none."""

    @wraps(does)
    def checked(*arguments: _P.args, **named: _P.kwargs) -> _T:
        for one in arguments:
            if isinstance(one, tuple) and one and isinstance(one[0], str):
                _check(does.__name__, one[0])
        return does(*arguments, **named)

    return checked


def _resolving(does: Callable[_P, _T]) -> Callable[_P, _T]:
    @wraps(does)
    def checked(*arguments: _P.args, **named: _P.kwargs) -> _T:
        _check(does.__name__, arguments[0] if arguments else named.get("host"))
        return does(*arguments, **named)

    return checked


# No audit hook does this: written in Python, it lets other threads run while one of them is installing coverage's
# tracer, which CPython 3.11 does not survive.
for _name in ("connect", "connect_ex", "sendto", "sendmsg"):
    setattr(socket.socket, _name, _sending(getattr(socket.socket, _name)))
for _name in ("getaddrinfo", "gethostbyname"):
    setattr(socket, _name, _resolving(getattr(socket, _name)))


_LONGEST: Final = ("test_demo", "test_five_minutes", "test_bad_input", "test_readme", "test_tools", "test_outreach")
"""The files that take longest, longest first: begun last, they would keep one of two workers waiting at the end."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin the longest files first; within a file, and among the others, order stays random."""
    place = {name: at for at, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


_AGAIN_AND_AGAIN: Final = frozenset(
    f"test_{name}" for name in ("carried", "crash", "rollout_crash", "incident_crash", "walks_reach_far")
)
"""The files that play what others play once, hundreds of times over: measured they show nothing new."""


class Measuring:
    """Measures what decides in the tests about it alone: a measured test takes more than twice as long."""

    about: Final = tuple(
        Path(__file__).parent / name for name in ("domain", "ledger", "packs", "service", "workflows", "cli")
    )

    def __init__(self) -> None:
        self.resting: list[Coverage] = []

    def pytest_collection_finish(self) -> None:
        """Load what decides while it is measured: loaded first by a test that is not, its lines would seem unwalked."""
        for name in ("interlock.domain", "interlock.ledger", "interlock.packs"):
            for module in walk_packages(import_module(name).__path__, f"{name}."):
                import_module(module.name)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        if self._is_measured(item.path):
            while self.resting:
                self.resting.pop().start()
        else:
            while measuring := Coverage.current():
                measuring.stop()
                self.resting.append(measuring)
        return (yield)

    def _is_measured(self, path: Path) -> bool:
        return path.stem not in _AGAIN_AND_AGAIN and any(path.is_relative_to(folder) for folder in self.about)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("cov_config", "") == "scripts/deciding.toml":
        config.pluginmanager.register(Measuring())
