# SPDX-License-Identifier: Apache-2.0
"""What holds for every test: no word leaves this machine, and Hypothesis does not race the clock."""

import gc
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


_HERE: Final = Path(__file__).parent
_LONGEST: Final = ("test_demo", "test_five_minutes", "test_bad_input", "test_readme", "test_tools", "test_outreach")
"""The files that take longest, longest first: begun last, they would keep one of two workers waiting at the end."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin the longest files first; within a file, and among the others, order stays random."""
    place = {name: at for at, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


def pytest_collection_finish() -> None:
    """What was loaded and collected stays: so many tests are not looked through whenever garbage is collected."""
    gc.collect()
    gc.freeze()


_AGAIN_AND_AGAIN: Final = frozenset(
    """
    cli/test_coverage cli/test_drafting cli/test_examining cli/test_hints cli/test_messages cli/test_release_line
    cli/test_rollout cli/test_unattended cli/test_verbs domain/judge/test_budget domain/judge/test_power
    domain/judge/test_tempo_judged packs/test_carried packs/test_incident_stories packs/test_lsos
    packs/test_octoacme packs/test_starter service/test_authority workflows/test_accompanied workflows/test_coverage
    workflows/test_crash workflows/test_incident_crash workflows/test_proxies workflows/test_rollout_crash
    workflows/test_rollouts workflows/test_rounds workflows/test_stories
    """.split()
)
"""The files that play what others play once, many times over: measured they show nothing new."""
_AT_RANDOM: Final = "domain/properties"
"""What only a walk at random comes to is walked for certain nowhere: its tests hold no floor."""


class Measuring:
    """Measures what decides in the tests about it alone: a measured test takes more than twice as long."""

    about: Final = ("domain", "ledger", "packs", "service", "workflows", "cli")

    def __init__(self) -> None:
        self.resting: list[Coverage] = []
        self.forgets: list[Callable[[], object]] = []
        """How each of the functions that decide forgets what it remembers."""

    def pytest_collection_finish(self) -> None:
        """Load what decides while it is measured: loaded first by a test that is not, its lines would seem unwalked."""
        for name in ("interlock.domain", "interlock.ledger", "interlock.packs"):
            for module in walk_packages(import_module(name).__path__, f"{name}."):
                known = vars(import_module(module.name)).values()
                self.forgets += (one.cache_clear for one in known if hasattr(one, "cache_clear"))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        if self._is_measured(item.path):
            if self.resting:
                self._forget()
            while self.resting:
                self.resting.pop().start()
        else:
            while measuring := Coverage.current():
                measuring.stop()
                self.resting.append(measuring)
        return (yield)

    def _forget(self) -> None:
        """What is remembered of a test that was not measured would seem unwalked, too."""
        for forget in self.forgets:
            forget()

    def _is_measured(self, path: Path) -> bool:
        below = path.relative_to(_HERE).with_suffix("") if path.is_relative_to(_HERE) else path
        is_new = str(below) not in _AGAIN_AND_AGAIN and not below.is_relative_to(_AT_RANDOM)
        return is_new and below.parts[0] in self.about


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("cov_config", "") == "scripts/deciding.toml":
        config.pluginmanager.register(Measuring())
