# SPDX-License-Identifier: Apache-2.0
"""What holds for every test: no word leaves this machine, and Hypothesis does not race the clock."""

import ipaddress
import sys
from typing import Final

import pytest
from hypothesis import settings

_SENDING: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_RESOLVING: Final = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})

settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")


class LeftTheMachineError(RuntimeError):
    """A test tried to reach another machine."""


def _stay_here(event: str, arguments: tuple[object, ...]) -> None:
    if event in _SENDING and isinstance(address := arguments[1], tuple):
        _stay_with(event, address[0])
    elif event in _RESOLVING:
        _stay_with(event, arguments[0])


def _stay_with(event: str, host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if not _is_loopback(name):
        raise LeftTheMachineError(f"{event} to {name}: tests reach loopback only")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


sys.addaudithook(_stay_here)


_LONGEST: Final = ("test_demo", "test_five_minutes", "test_bad_input", "test_readme", "test_tools", "test_outreach")
"""The files that take longest, longest first: begun last, they would keep one of two workers waiting at the end."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin the longest files first; within a file, and among the others, order stays random."""
    place = {name: at for at, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))
