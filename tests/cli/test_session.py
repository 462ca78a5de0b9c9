# SPDX-License-Identifier: Apache-2.0
"""Whether a controller is at work, as commands tell it."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.workplace import Workplace

from interlock.cli.session import has_driver
from interlock.config import Home, find_home


@pytest.fixture
def home(folder: Path) -> Home:
    """A ledger's folder with the socket of a driver in it."""
    found = find_home(folder)
    found.lock.parent.mkdir(parents=True, exist_ok=True)
    found.socket.touch()
    return found


@pytest.fixture
def driver(home: Home) -> Iterator[subprocess.Popen[bytes]]:
    """A process that took the driver's lock."""
    process = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    home.lock.write_text(str(process.pid))
    yield process
    process.kill()
    process.communicate()


def state_of(process: subprocess.Popen[bytes], wanted: str) -> None:
    """Wait until the system says that the process is in this state."""
    while f") {wanted} " not in Path(f"/proc/{process.pid}/stat").read_text():
        assert process.pid


@pytest.mark.usefixtures("driver")
def test_a_driver_that_lives_is_at_work(home: Home) -> None:
    assert has_driver(home)


def test_a_driver_that_was_stopped_is_not_at_work(home: Home, driver: subprocess.Popen[bytes]) -> None:
    driver.send_signal(signal.SIGSTOP)
    state_of(driver, "T")
    assert not has_driver(home)


def test_a_driver_that_was_killed_is_not_at_work_although_nobody_has_waited_for_it(
    home: Home, driver: subprocess.Popen[bytes]
) -> None:
    driver.kill()
    state_of(driver, "Z")
    assert not has_driver(home)


@pytest.mark.parametrize("holder", ["", "nobody", "0"])
def test_where_nobody_holds_the_lock_nobody_is_at_work(home: Home, holder: str) -> None:
    home.lock.write_text(holder)
    assert not has_driver(home)


def test_what_is_said_while_the_driver_is_stopped_is_recorded_without_it(place: Workplace) -> None:
    home = find_home(place.folder)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as driver, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(home.socket))
        listener.listen()
        home.lock.write_text(str(driver.pid))
        driver.send_signal(signal.SIGSTOP)
        state_of(driver, "T")
        place.done("dan", "change", "open", "CR-1", "--title", "Say two")
        driver.kill()
    assert [one["change"] for one in place.done("dan", "change", "list")["changes"]] == ["CR-1"]
