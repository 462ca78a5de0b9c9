# SPDX-License-Identifier: Apache-2.0
"""The bindings of the story: how Outreach is tested, deployed and checked, and who holds which role."""

import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from shell import DemoFailed

from interlock.adapters.daemons import PLAIN_PATH

SERVICE: Final = "outreach"
ENVIRONMENTS: Final = ("staging", "production")
INSTANCES: Final = 2
"""Processes in production."""

_TEXT: Final = """\
service: outreach
pack: starter

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
      port: {production}
      instances: {instances}
      ready: /health
    checks:
      smoke: {{command: [{python}, smoke.py, --url, "http://127.0.0.1:{production}"], timeout: 20s}}

roles:
  developer: [dana, eli]
  reviewer: [ben, dana]
  release-manager: [ann]

governed: [smoke.py, run_tests.py]   # the checks that judge a release are not the release's to change
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the service answers."""

    staging: int
    production: tuple[int, ...]


def free_ports() -> Ports:
    """Ports nobody uses now, those of production one after the other."""
    for _ in range(50):
        with ExitStack() as held:
            staging = _taken(held, 0)
            first = _taken(held, 0)
            try:
                rest = tuple(_taken(held, first + more) for more in range(1, INSTANCES))
            except (OSError, OverflowError):
                continue
            return Ports(staging, (first, *rest))
    raise DemoFailed(f"there are no {INSTANCES} free ports one after the other on 127.0.0.1")


def bindings(ports: Ports) -> str:
    """The text of interlock.yaml."""
    return _TEXT.format(python=python(), staging=ports.staging, production=ports.production[0], instances=INSTANCES)


def python() -> str:
    """A Python 3.11 that also the account that checks run as can start: the machine's own where it is new enough."""
    found = shutil.which("python3", path=PLAIN_PATH)
    if found:
        asked = subprocess.run([found, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"], check=False)
        if asked.returncode == 0:
            return "python3"
    return sys.executable


def _taken(held: ExitStack, port: int) -> int:
    listener = held.enter_context(socket.socket())
    listener.bind(("127.0.0.1", port))
    return int(listener.getsockname()[1])
