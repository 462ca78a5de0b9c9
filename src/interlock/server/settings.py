# SPDX-License-Identifier: Apache-2.0
"""How a server is reached: where it listens, and under which address people know it.

The two differ behind a reverse proxy, which then speaks TLS with people and plain HTTP with us.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from interlock.ports.failure import Rejected

PORT: Final = 8470
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class Way(StrEnum):
    """Whether requests come straight to us. Behind a proxy, its word counts for where they came from."""

    DIRECT = "direct"
    PROXIED = "proxied"


@dataclass(frozen=True, slots=True)
class Settings:
    """`url` is the public address, without a path. On this machine alone it is `localhost`: passkeys need a name."""

    host: str = "127.0.0.1"
    port: int = PORT
    url: str = f"http://localhost:{PORT}"
    way: Way = Way.DIRECT

    @property
    def is_secure(self) -> bool:
        """Whether people reach us by TLS, so that cookies are sent by it alone."""
        return self.url.startswith("https://")

    @property
    def site(self) -> str:
        """The name in the public address, without a port: what passkeys are bound to."""
        return urlsplit(self.url).hostname or ""

    @property
    def hosts(self) -> frozenset[str]:
        """What a request may name as its host. Anything else was led to us by a name that is not ours."""
        public = urlsplit(self.url).netloc
        own = {f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]")} if not self.is_secure else set()
        return frozenset({public, *own})

    @property
    def origins(self) -> frozenset[str]:
        """Where a form of ours may have been shown."""
        scheme = "https" if self.is_secure else "http"
        return frozenset(f"{scheme}://{host}" for host in self.hosts)


def settings_for(host: str, port: int, behind: str) -> Settings:
    """The settings of a server on `host` and `port`, behind a proxy with the public address `behind` if it is given.

    Raises `Rejected` for what would send passwords in the clear, or is no address.
    """
    if behind:
        return Settings(host, port, _address(behind), Way.PROXIED)
    if host not in LOOPBACK:
        raise Rejected(
            "server.plain",
            f"on {host} passwords would travel unencrypted",
            "put a reverse proxy with TLS in front, and say its address: "
            "`interlock serve --behind-proxy https://interlock.example.com`",
        )
    return Settings(host, port, f"http://localhost:{port}")


def _address(text: str) -> str:
    parts = urlsplit(text)
    has_only_a_host = parts.hostname and parts.path in {"", "/"} and not parts.query and not parts.username
    is_address = parts.scheme in {"https", "http"} and has_only_a_host
    if not is_address or (parts.scheme == "http" and parts.hostname not in LOOPBACK):
        raise Rejected(
            "server.address",
            f"'{text}' is no address that people could reach us under safely",
            "give the proxy's address, such as https://interlock.example.com",
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"
