# SPDX-License-Identifier: Apache-2.0
"""What the bindings say of a route becomes the router that is built of it."""

import socket
from pathlib import Path

import pytest

from interlock.adapters.routes import Lines, Site
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.packs.bindings import CommandDeploy, EnvironmentBinding
from interlock.packs.routing import EnvoyRoute, HaproxyRoute, RouteSpec, StickyCookie, StickyHeader, StickySpec
from interlock.ports.router import Capability


def _route(product: str, sticky: StickySpec | None) -> RouteSpec:
    if product == "envoy":
        return EnvoyRoute(("edge",), listen=_port(), admin=_port(), control=_port(), sticky=sticky)
    return HaproxyRoute(("edge",), listen=_port(), sticky=sticky)


def _port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.mark.parametrize("product", ["envoy", "haproxy"])
@pytest.mark.parametrize(
    ("sticky", "word"),
    [(None, ""), (StickyCookie("visitor-id"), "visitor-id"), (StickyHeader("x-visitor-id"), "x-visitor-id")],
    ids=["nobody", "cookie", "header"],
)
def test_users_stay_where_the_bindings_say_how_they_are_known(
    tmp_path: Path, product: str, sticky: StickySpec | None, word: str
) -> None:
    bound = EnvironmentBinding(deploy=CommandDeploy(("deploy",)), route=_route(product, sticky))
    site = Site(ServiceName("shop"), EnvironmentName("production"), tmp_path)
    lines = Lines()
    ((start, _),) = lines.proxies(bound, site, ())
    written = Path(next(part for part in start.command if part.endswith(("edge.yaml", "edge.cfg")))).read_text()
    router = lines.router(bound, site)
    stays = Capability.STICKY in router.capabilities
    router.close()
    assert (stays, "visitor-id" in written, word in written) == (bool(word), bool(word), True)
