# SPDX-License-Identifier: Apache-2.0
"""The bindings of the story: how Outreach is tested, deployed, routed and checked, and who holds which role."""

import secrets
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shell import DemoFailed

from interlock.adapters.daemons import PLAIN_PATH

SERVICE: Final = "outreach"
ENVIRONMENTS: Final = ("staging", "production")
PACK: Final = Path(__file__).resolve().parent / "pack.yaml"
INSTANCES: Final = 2
"""Processes of one release in production. Two releases may stand there, side by side."""
PROXIES: Final = ("edge-1", "edge-2", "edge-3")
FIRST: Final = 20_000
SPAN: Final = 12_000
ROW: Final = 8
"""Ports are looked for in rows of so many, from the first on."""
TTL: Final = 3
"""Seconds that a candidate's traffic outlives whoever holds it."""

_TEXT: Final = """\
service: outreach
pack: release/pack.yaml

checks:
  tests: {{junit: [{python}, run_tests.py, --junit, build/junit.xml], report: build/junit.xml}}

environments:
  staging:
    deploy:
      process: [{python}, -m, outreach, serve, --port, "{{port}}", --data, "{{data}}", --demo]
      port: {staging}
      ready: /health
    checks:
      smoke: {{command: [{python}, smoke.py, --url, "http://127.0.0.1:{staging}"], timeout: 20s}}
  production:
    deploy:
      process: [{python}, -m, outreach, serve, --port, "{{port}}", --data, "{{data}}", --demo]
      port: {production}   # and {last} more: two releases of two processes each
      instances: {instances}
      ready: /health
    route: {{envoy: [{proxies}], listen: {listen}, admin: {admin}, control: {control}, ttl: {ttl}s}}
    checks:
      smoke: {{command: [{python}, smoke.py, --url, "http://{{endpoint}}"], timeout: 20s}}

roles:
  developer: [dana, eli]
  reviewer: [ben, dana]
  release-manager: [ann]

governed: [smoke.py, run_tests.py]   # the checks that judge a release are not the release's to change
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where everything listens: the service, the proxies before production, and what they ask."""

    staging: int
    production: tuple[int, ...]
    """The processes of both lanes."""
    listen: tuple[int, ...]
    """What visitors of production use."""
    admin: tuple[int, ...]
    control: int


def free_ports() -> Ports:
    """Ports nobody uses now; those of one kind one after the other.

    Some are used only later on, so none is taken from those that the kernel gives away by itself.
    """
    with ExitStack() as held:
        wanted = (1, 2 * INSTANCES, len(PROXIES), len(PROXIES), 1)
        (staging,), production, listen, admin, (control,) = (_row(held, many) for many in wanted)
        return Ports(staging, production, listen, admin, control)


def bindings(ports: Ports) -> str:
    """The text of interlock.yaml."""
    return _TEXT.format(
        python=python(),
        staging=ports.staging,
        production=ports.production[0],
        last=len(ports.production) - 1,
        instances=INSTANCES,
        proxies=", ".join(PROXIES),
        listen=ports.listen[0],
        admin=ports.admin[0],
        control=ports.control,
        ttl=TTL,
    )


def python() -> str:
    """A Python 3.11 that also the account that checks run as can start: the machine's own where it is new enough."""
    found = shutil.which("python3", path=PLAIN_PATH)
    if found:
        asked = subprocess.run([found, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"], check=False)
        if asked.returncode == 0:
            return "python3"
    return sys.executable


def _row(held: ExitStack, wanted: int) -> tuple[int, ...]:
    """So many ports one after the other, taken as long as `held` lasts; two demos begin to look in other places."""
    begin = secrets.randbelow(SPAN // ROW)
    for number in range(SPAN // ROW):
        first = FIRST + (begin + number) * ROW % SPAN
        with ExitStack() as trying:
            try:
                row = tuple(_taken(trying, first + more) for more in range(wanted))
            except OSError:
                continue
            held.enter_context(trying.pop_all())
            return row
    raise DemoFailed(f"there are no {wanted} free ports one after the other on 127.0.0.1")


def _taken(held: ExitStack, port: int) -> int:
    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
    return port
