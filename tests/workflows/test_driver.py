# SPDX-License-Identifier: Apache-2.0
"""The driver: one at a time, reachable by its owner, stopped and killed without harm. Real files and sockets."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from interlock.adapters.signer.memory import MemoryPersonSigner, MemorySigner
from interlock.adapters.store.memory import MemoryStore
from interlock.domain.ids import CommandId, PersonId, TextRef
from interlock.domain.people import AddPerson
from interlock.ledger.codec import encode
from interlock.ledger.command import CommandBody, SshSignature
from interlock.ledger.record import Batch
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.store import Appended, Conflict, Growth, Head, NotGrown
from interlock.service.handle import Declined, Done, Submission
from interlock.testing.world import ORIGIN, World
from interlock.workflows.controller import Step
from interlock.workflows.driver import HANGS, TRIES, Driver, NoDriver, driving, hand_in
from interlock.workflows.wire import decode_outcome, decode_submission, encode_outcome, encode_submission

HOLD = """
import sys, time
from pathlib import Path
from interlock.workflows.driver import driving
with driving(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def _joins(world: World, person: str, *, named: str = "first") -> Submission:
    signer = MemoryPersonSigner(person)
    encoded = encode(AddPerson(PersonId(person), signer.public_key, TextRef("text:0"), ()))
    body = CommandBody(
        encoded.name,
        encoded.version,
        CommandId(named),
        world.store.origin,
        f"person:{person}",
        world.clock.now(),
        encoded.payload,
    )
    return Submission(body, SshSignature(signer.public_key, signer.sign(body.message)))


def _quiet(_step: Step) -> None:
    return None


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def address(tmp_path: Path) -> Path:
    return tmp_path / "driver.sock"


@pytest.fixture
def driver(world: World, address: Path) -> "Driver":
    return Driver(world.controller(), address, world.clock)


def _running(driver: Driver) -> threading.Thread:
    thread = threading.Thread(target=driver.run, args=(_quiet,), daemon=True)
    thread.start()
    return thread


def _wait_for(address: Path) -> None:
    ready = threading.Event()
    for _ in range(500):
        if address.exists():
            return
        ready.wait(0.01)
    raise AssertionError("the driver does not listen")


def test_a_second_driver_is_refused_and_told_who_holds_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "driver.lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Rejected, match=str(holder.pid)) as refused, driving(lock):
            pass
        assert refused.value.code == "driver.held"
        holder.kill()
        holder.wait()
        with driving(lock):
            assert lock.read_text() == str(os.getpid())


def test_who_is_refused_by_a_stopped_driver_is_told_how_to_go_on(tmp_path: Path) -> None:
    lock = tmp_path / "driver.lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGSTOP)
        os.waitpid(holder.pid, os.WUNTRACED)
        with pytest.raises(Rejected, match="is stopped") as refused, driving(lock):
            pass
        assert f"kill -KILL {holder.pid}" in refused.value.next_step
        holder.kill()


WAIT = """
import sys, time
from pathlib import Path
from interlock.workflows.driver import standing_by
print("ready", flush=True)
with standing_by(Path(sys.argv[1]), lambda stopped: print(stopped.sentence, flush=True)):
    print("held", flush=True)
    time.sleep(60)
"""


def test_who_stands_by_for_a_stopped_driver_says_so_once_and_drives_as_soon_as_it_is_killed(tmp_path: Path) -> None:
    lock = tmp_path / "driver.lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGSTOP)
        with subprocess.Popen([sys.executable, "-c", WAIT, str(lock)], stdout=subprocess.PIPE, text=True) as follower:
            assert follower.stdout is not None
            assert follower.stdout.readline() == "ready\n"
            assert f"(process {holder.pid}) is stopped" in follower.stdout.readline()
            holder.kill()
            assert follower.stdout.readline() == "held\n"
            follower.kill()


def test_who_stands_by_drives_as_soon_as_the_other_is_killed(tmp_path: Path) -> None:
    lock = tmp_path / "driver.lock"
    with driving(lock):
        follower = subprocess.Popen([sys.executable, "-c", WAIT, str(lock)], stdout=subprocess.PIPE, text=True)
        assert follower.stdout is not None
        assert follower.stdout.readline() == "ready\n"
        assert lock.read_text() == str(os.getpid())
    with follower:
        assert follower.stdout.readline() == "held\n"
        assert lock.read_text() == str(follower.pid)
        follower.kill()


def test_a_command_handed_to_the_driver_is_decided_and_recorded(world: World, driver: Driver, address: Path) -> None:
    thread = _running(driver)
    _wait_for(address)
    outcome = hand_in(address, _joins(world, "ann"))
    driver.stop()
    thread.join()
    assert isinstance(outcome, Done)
    assert [record.event for record in outcome.records] == ["CommandAccepted", "PersonAdded"]
    assert world.desk().view().people().is_registered(PersonId("ann"))


def test_the_same_submission_handed_in_twice_has_one_answer(world: World, driver: Driver, address: Path) -> None:
    thread = _running(driver)
    _wait_for(address)
    submission = _joins(world, "ann")
    first, second = hand_in(address, submission), hand_in(address, submission)
    driver.stop()
    thread.join()
    assert first == second


def test_a_refusal_comes_back_with_its_reasons(world: World, driver: Driver, address: Path) -> None:
    thread = _running(driver)
    _wait_for(address)
    hand_in(address, _joins(world, "ann"))
    again = hand_in(address, _joins(world, "ann", named="second"))
    driver.stop()
    thread.join()
    assert isinstance(again, Declined)
    assert again.reasons[0].code == "people.already_registered"


def _connected(address: Path) -> socket.socket:
    """A client of the driver."""
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    one.connect(str(address))
    return one


def test_whoever_finds_the_address_finds_somebody_there(driver: Driver, address: Path) -> None:
    """As after a driver that was killed while it began: what it left is nobody's."""
    address.with_name(f"{address.name}.new").touch()
    thread = _running(driver)
    _wait_for(address)
    _connected(address).close()
    driver.stop()
    thread.join()
    assert not list(address.parent.glob(f"{address.name}*"))


def test_clients_that_say_nothing_keep_nobody_waiting(world: World, driver: Driver, address: Path) -> None:
    thread = _running(driver)
    _wait_for(address)
    silent = [_connected(address) for _ in range(3)]
    outcome = hand_in(address, _joins(world, "ann"))
    assert isinstance(outcome, Done)
    for one in silent:
        one.close()
    driver.stop()
    thread.join()


class Held(MemoryStore):
    """A ledger that another process holds for the first so many tries."""

    tries = 0

    def append(self, batch: Batch) -> Appended | Conflict:
        if self.tries:
            self.tries -= 1
            raise Unavailable("store.locked", "another process writes", "try again")
        return MemoryStore.append(self, batch)


def test_a_ledger_that_is_held_is_waited_for_before_a_client_is_told(address: Path) -> None:
    world = World(store=Held(ORIGIN, MemorySigner(ORIGIN)))
    driver = Driver(world.controller(), address, world.clock)
    thread = _running(driver)
    _wait_for(address)
    assert isinstance(world.store, Held)
    world.store.tries = TRIES
    outcome = hand_in(address, _joins(world, "ann"))
    world.store.tries = 10 * TRIES
    with pytest.raises(Unavailable, match="another process writes"):
        hand_in(address, _joins(world, "ben", named="second"))
    driver.stop()
    thread.join()
    assert isinstance(outcome, Done)


def test_a_driver_hangs_that_has_not_come_round_for_long_and_no_more_once_it_has(world: World, address: Path) -> None:
    controller, seconds, told = world.controller(), [0.0], list[bool]()
    controller.keeper.monotonic = lambda: seconds[0]
    driver = Driver(controller, address, world.clock)

    def stand_still(_step: Step) -> None:
        for passed in (0.0, HANGS, 1.0):
            seconds[0] += passed
            told.append(driver.hangs)

    driver.run(stand_still, until_idle=True)
    driver.run(stand_still, until_idle=True)
    assert told == [False, False, True] * 2


def test_without_a_driver_the_client_is_told_so(world: World, address: Path) -> None:
    assert hand_in(address, _joins(world, "ann")) == NoDriver()


def test_the_socket_of_a_killed_driver_counts_as_none_and_is_replaced(world: World, address: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(address))
    assert hand_in(address, _joins(world, "ann")) == NoDriver()
    driver = Driver(world.controller(), address, world.clock)
    driver.run(_quiet, until_idle=True)
    assert not address.exists()


def test_only_the_owner_can_reach_the_socket(driver: Driver, address: Path) -> None:
    thread = _running(driver)
    _wait_for(address)
    mode = address.stat().st_mode & 0o777
    driver.stop()
    thread.join()
    assert mode == 0o600


def test_nonsense_on_the_socket_is_answered_and_the_driver_lives(world: World, driver: Driver, address: Path) -> None:
    thread = _running(driver)
    _wait_for(address)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(address))
        client.sendall(b"\x00 not json")
        client.shutdown(socket.SHUT_WR)
        answer = client.recv(65536)
    after = hand_in(address, _joins(world, "ann"))
    driver.stop()
    thread.join()
    assert b"driver.unreadable" in answer
    assert isinstance(after, Done)


def test_a_path_longer_than_a_socket_address_is_reached(world: World, tmp_path: Path) -> None:
    folder = tmp_path / ("long-" * 20) / ("name-" * 20)
    folder.mkdir(parents=True)
    driver = Driver(world.controller(), folder / "driver.sock", world.clock)
    thread = _running(driver)
    _wait_for(driver.address)
    outcome = hand_in(driver.address, _joins(world, "ann"))
    driver.stop()
    thread.join()
    assert isinstance(outcome, Done)


def test_a_submission_and_its_outcome_survive_the_wire(world: World) -> None:
    submission = _joins(world, "ann")
    arrived = decode_submission(encode_submission(submission))
    assert (arrived.body.message, arrived.signature) == (submission.body.message, submission.signature)
    outcome = world.desk().submit(submission, world.clock.now())
    assert decode_outcome(encode_outcome(outcome)) == outcome


def test_a_command_of_a_robot_is_refused_at_the_socket(world: World, driver: Driver, address: Path) -> None:
    thread = _running(driver)
    _wait_for(address)
    submission = _joins(world, "ann")
    body = CommandBody(
        submission.body.command,
        1,
        CommandId("forged"),
        world.store.origin,
        "robot:controller",
        world.clock.now(),
        submission.body.payload,
    )
    outcome = hand_in(address, Submission(body))
    driver.stop()
    thread.join()
    assert isinstance(outcome, Declined)
    assert outcome.reasons[0].code == "command.robot"


class Lost(MemoryStore):
    """A ledger that can be neither looked at nor written for a while."""

    is_lost = False
    asked = 0

    def head(self) -> Head:
        if self.is_lost:
            self.asked += 1
            raise Unavailable("store.replaced", "the file is another's", "put it back")
        return MemoryStore.head(self)

    def growth(self, *, since: Head) -> Growth | NotGrown:
        self.head()
        return MemoryStore.growth(self, since=since)


def test_a_ledger_that_is_lost_for_a_while_ends_no_driver(address: Path) -> None:
    store = Lost(ORIGIN, MemorySigner(ORIGIN))
    world = World(store=store)
    driver = Driver(world.controller(), address, world.clock)
    thread = _running(driver)
    _wait_for(address)
    store.is_lost = True
    driver.woken.set()
    pause = threading.Event()
    for _ in range(500):
        if store.asked > 3 and not driver.works:
            break
        pause.wait(0.01)
    assert not driver.works
    store.is_lost = False
    outcome = hand_in(address, _joins(world, "ann"))
    driver.stop()
    thread.join()
    assert isinstance(outcome, Done)
