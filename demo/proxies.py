# SPDX-License-Identifier: Apache-2.0
"""The proxies before production: real Envoys, started as `interlock rollout proxies` says, each with a log of its own.

Nothing in the story stops them: they go on when the controller is dead.
"""

import json
import shlex
import time
from typing import Final

from scene import ANN, Scene
from shell import DemoFailed
from watch import version_at

WITHIN: Final = 15.0
"""Seconds after what it is to serve a proxy may take to serve it."""


def start(scene: Scene) -> None:
    """Start all of them."""
    told = json.loads(scene.quietly(ANN, "interlock", "rollout", "proxies", "production", "--json"))
    for proxy in told["proxies"]:
        argv = [str(word) for word in proxy["command"]]
        _begin(scene, str(proxy["proxy"]), argv)


def wait(scene: Scene, version: str) -> None:
    """Wait until every one of them serves that version."""
    deadline = time.monotonic() + WITHIN
    while not all(version_at(port) == version for port in scene.ports.listen):
        if time.monotonic() > deadline:
            raise DemoFailed(f"the proxies do not serve {version}; see {scene.root / 'proxies'}")
        time.sleep(0.05)


def _begin(scene: Scene, name: str, argv: list[str]) -> None:
    log = scene.root / "proxies" / f"{name}.log"
    log.parent.mkdir(exist_ok=True)
    shown = shlex.join([argv[0].rpartition("/")[2], *argv[1:]]).replace(f"{scene.repository}/", "")
    scene.screen.typed(ANN.handle, f"{shown} &")
    scene.shell.leave_running(argv, scene.repository, scene.shell.environment(ANN), log)
