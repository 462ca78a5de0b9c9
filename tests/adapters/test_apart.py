# SPDX-License-Identifier: Apache-2.0
"""Work that is done apart is bounded, and ends when it is told to."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
import pytest

from interlock.adapters.apart import MOST, Apart
from interlock.packs.shelf import Shelf
from interlock.ports.failure import Busy, PortFailure, Rejected, Unavailable
from interlock.service.tracing_apart import MODULE, Question, Traced, answer_in

WAIT = 60


def asked(text: str) -> bytes:
    return msgspec.json.encode(Question("procedure.md", text, "starter", (Shelf().pack("starter") or b"").decode()))


SHORT = asked("# Releases\n\nEvery change must be reviewed by somebody who did not write it.\n")
ENDLESS = asked("a:\n" * 16_000)


@dataclass
class Asking:
    """Somebody who asks in a thread of their own, and what came of it."""

    apart: Apart
    who: str
    failures: list[PortFailure] = field(default_factory=list)

    def __call__(self) -> None:
        try:
            self.apart.ask(self.who, ENDLESS)
        except PortFailure as failure:
            self.failures.append(failure)


@contextmanager
def at_work(apart: Apart, *people: str) -> Iterator[tuple[Asking, ...]]:
    """These have something read that does not end; at the end they are told to."""
    asking = tuple(Asking(apart, one) for one in people)
    threads = [threading.Thread(target=one) for one in asking]
    for thread in threads:
        thread.start()
    until = time.monotonic() + WAIT
    while apart.at_work < len(people):
        assert time.monotonic() < until, "nothing is at work"
        time.sleep(0.01)
    try:
        yield asking
    finally:
        apart.end()
        for thread in threads:
            thread.join(WAIT)


def refused(ask: Callable[[], object]) -> PortFailure:
    with pytest.raises(PortFailure) as caught:
        ask()
    return caught.value


def test_what_is_asked_is_answered_and_makes_room_again() -> None:
    apart = Apart(MODULE, seconds=WAIT)
    for _ in range(MOST + 1):
        answer = answer_in(apart.ask("ann", SHORT))
        assert isinstance(answer, Traced)
        assert [one.line for one in answer.tracing.traces] == [3]
    assert apart.at_work == 0


def test_what_takes_more_of_a_processor_than_anybody_gets_is_ended() -> None:
    apart = Apart(MODULE, seconds=WAIT, own_seconds=1)
    failure = refused(lambda: apart.ask("ann", ENDLESS))
    assert (type(failure), failure.code, apart.at_work) == (Rejected, "procedure.too_long", 0)


def test_what_takes_longer_than_anybody_waits_is_ended() -> None:
    apart = Apart(MODULE, seconds=0.1)
    failure = refused(lambda: apart.ask("ann", ENDLESS))
    assert (type(failure), failure.code, apart.at_work) == (Rejected, "procedure.too_long", 0)


def test_one_is_read_for_each_who_asks() -> None:
    apart = Apart(MODULE, seconds=WAIT, own_seconds=WAIT)
    with at_work(apart, "ann"):
        failure = refused(lambda: apart.ask("ann", SHORT))
        assert isinstance(failure, Busy)
        assert failure.code == "procedure.busy"
        assert isinstance(answer_in(apart.ask("ben", SHORT)), Traced)


def test_so_many_are_read_at_once_and_nobody_waits_for_a_place() -> None:
    apart = Apart(MODULE, seconds=WAIT, own_seconds=WAIT)
    with at_work(apart, *(f"person{number}" for number in range(MOST))):
        failure = refused(lambda: apart.ask("ann", SHORT))
        assert isinstance(failure, Busy)
        assert failure.seconds > 0


def test_the_end_ends_what_is_at_work_and_nothing_begins_after_it() -> None:
    apart = Apart(MODULE, seconds=WAIT, own_seconds=WAIT)
    with at_work(apart, "ann", "ben") as asking:
        pass
    assert [[one.code for one in each.failures] for each in asking] == [["server.ending"]] * 2
    assert apart.at_work == 0
    assert isinstance(refused(lambda: apart.ask("ann", SHORT)), Unavailable)


def test_a_fault_of_what_runs_there_is_a_fault_of_ours() -> None:
    with pytest.raises(RuntimeError, match="DecodeError"):
        Apart(MODULE, seconds=WAIT).ask("ann", b"no question")
