# SPDX-License-Identifier: Apache-2.0
"""What holds for every test: no word leaves this machine, and Hypothesis does not race the clock."""

import ipaddress
import sys
from typing import Final

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
