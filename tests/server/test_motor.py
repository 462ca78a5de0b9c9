# SPDX-License-Identifier: Apache-2.0
import threading
from contextlib import closing
from io import StringIO

import pytest
from tests.cli.workplace import Workplace

from interlock.adapters.clock import monotonic
from interlock.bootstrap.houses import open_house
from interlock.config import find_home
from interlock.server.serving import Motor
from interlock.telemetry import Log
from interlock.workflows.controller import Controller, Rest, Step
from interlock.workflows.driver import HANGS, Driver


def test_a_driver_that_hangs_is_not_well(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, done = threading.Event(), threading.Event()

    def hang(_self: Controller) -> Step:
        begun.set()
        done.wait()
        return Rest(0, ())

    monkeypatch.setattr(Controller, "step", hang)
    home = find_home(place.folder)
    house = open_house(home)
    with closing(house.store):
        motor = Motor(house, Driver(house.controller(), home.socket, house.clock), Log(StringIO()))
        motor.thread.start()
        begun.wait()
        soon = motor.beat().fault
        motor.driver.controller.keeper.monotonic = lambda: monotonic() + HANGS
        later = motor.beat().fault
        motor.driver.stop()
        done.set()
        motor.thread.join()
    assert (soon, later) == ("", "the driver hangs")
