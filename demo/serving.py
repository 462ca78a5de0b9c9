# SPDX-License-Identifier: Apache-2.0
"""A chapter after the last, for `--serve`: the server on everything that happened, until somebody stops it."""

import secrets
import socket
import time
import urllib.error
import urllib.request
from contextlib import closing
from typing import Final

from play import Interrupted
from scene import ANN, EVERYBODY, Scene
from shell import DemoFailed

from interlock.bootstrap.accounts import open_accounts
from interlock.bootstrap.houses import read_house
from interlock.bootstrap.keys import fresh_bytes
from interlock.config import find_home
from interlock.domain.ids import PersonId
from interlock.identity.register import Register
from interlock.ports.accounts import Rank

UP: Final = 60.0
"""Seconds within which it must answer."""
LOG: Final = "server.log"


def serve(scene: Scene) -> None:
    """Everybody gets an account; the server takes the controller's place and stays until it is interrupted."""
    scene.controller.stop()
    passwords = _accounts(scene)
    port = _free_port()
    argv = ["interlock", "serve", "--port", str(port)]
    scene.screen.typed(ANN.handle, " ".join(argv))
    scene.shell.leave_running(argv, scene.repository, scene.shell.environment(ANN), scene.root / LOG)
    _until_it_answers(port, scene)
    scene.say(f"Open http://localhost:{port} and sign in as one of them; Ctrl-C ends it.")
    for handle, password in passwords.items():
        scene.screen.line(f"  {handle:<8}{password}")
    scene.screen.line()
    try:
        while True:
            time.sleep(1)
    except Interrupted:
        scene.screen.fact("the server was asked to end")


def _accounts(scene: Scene) -> dict[str, str]:
    """A password for each, drawn for this demo alone."""
    home = find_home(scene.repository)
    house = read_house(home)
    passwords = {one.handle: secrets.token_urlsafe(12) for one in EVERYBODY}
    with closing(house.store), closing(open_accounts(home)) as accounts:
        register = Register(accounts, house.clock, fresh_bytes, house.view().people)
        for handle, password in passwords.items():
            register.add(PersonId(handle), Rank.ADMINISTRATOR if handle == ANN.handle else Rank.MEMBER, password)
    return passwords


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def _until_it_answers(port: int, scene: Scene) -> None:
    end = time.monotonic() + UP
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise DemoFailed(f"the server does not come up: {(scene.root / LOG).read_text(errors='replace')[-500:]}")
