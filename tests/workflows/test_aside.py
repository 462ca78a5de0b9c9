# SPDX-License-Identifier: Apache-2.0
"""What takes long is done beside the controller's steps, whatever it is: everything else goes on meanwhile."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import wait
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Event
from typing import Final

import pytest
from tests.service.shop import ANN, a_stage, act, done

from interlock.domain.actor import CONTROLLER, Assurance
from interlock.domain.ids import AudienceName, CommandId, EffectKey
from interlock.domain.outbox import MessageDue, Tone, outbox_stream
from interlock.ledger.codec import encode
from interlock.ledger.record import Batch, Draft
from interlock.ports.check import Checker, CheckRequest, Lost, Pending, Reading
from interlock.ports.failure import Deduplication
from interlock.ports.notify import Message
from interlock.testing.acts import Release
from interlock.testing.stage import SERVICE, Stage
from interlock.workflows.aside import Aside
from interlock.workflows.controller import Controller, Moved, Rest


@dataclass(slots=True)
class Gate:
    """What does not answer until it may."""

    opens: Event = field(default_factory=Event)
    begun: list[str] = field(default_factory=list)

    def passed(self, what: str) -> None:
        self.begun.append(what)
        assert self.opens.wait(30)


@dataclass(slots=True)
class SlowCheck:
    """A check that nobody hears of for long."""

    checks: Checker
    gate: Gate
    deduplication: Deduplication = Deduplication.KEY

    def start(self, request: CheckRequest, key: EffectKey) -> None:
        self.checks.start(request, key)

    def observe(self, request: CheckRequest, key: EffectKey) -> Pending | Reading | Lost:
        self.gate.passed(key)
        return self.checks.observe(request, key)

    def cancel(self, key: EffectKey) -> None:
        self.checks.cancel(key)


@dataclass(slots=True)
class SlowNotifier:
    gate: Gate
    deduplication: Deduplication = Deduplication.NONE

    def deliver(self, message: Message, key: EffectKey, lost: tuple[str, ...] = ()) -> None:
        self.gate.passed(message.title)


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.opens.set()


def resting(controller: Controller) -> Rest:
    """The step at which it rests, awaiting something."""
    while isinstance(step := controller.step(), Moved):
        pass
    return step


def owe(stage: Stage, title: str, to: str) -> None:
    """A message is to be told."""
    due = MessageDue(SERVICE, EffectKey(title), Tone.INFO, title, "b", AudienceName(to))
    encoded, latest = encode(due), stage.world.store.head().latest
    draft = Draft(outbox_stream(SERVICE), encoded.name, encoded.version, encoded.payload)
    name = CommandId(f"owe {title}")
    stage.world.store.append(Batch((draft,), latest, str(CONTROLLER), Assurance.AUTHENTICATED, name, {}))


def waiting(stage: Stage) -> set[str]:
    """Messages that nobody recorded as delivered."""
    return {str(key) for key in stage.gatherer().view.outbox(SERVICE).waiting}


def test_a_message_that_hangs_holds_up_no_step_and_is_recorded_once_it_arrived(gate: Gate) -> None:
    stage, aside = a_stage(), Aside()
    owe(stage, "one", "")
    workshop = replace(stage.world.workshop(), notifications=SlowNotifier(gate))
    controller = replace(stage.world.controller(), workshop=workshop, asking=aside)
    assert resting(controller).pending == 1
    assert resting(controller).pending == 1
    assert (gate.begun, waiting(stage)) == (["one"], {"one"})
    gate.opens.set()
    aside.asked["one"].result()
    assert resting(controller).pending == 0
    assert (gate.begun, waiting(stage)) == (["one"], set())


def test_a_check_that_hangs_holds_up_no_step_and_its_reading_is_recorded_later(gate: Gate) -> None:
    stage, aside = a_stage(), Aside()
    done(act(stage, Release(release="v2", by=ANN)))
    slow = SlowCheck(stage.world.workshop().checks, gate)
    controller = replace(stage.world.controller(), workshop=replace(stage.world.workshop(), checks=slow), asking=aside)
    before = stage.world.store.head().size
    awaited = resting(controller).pending
    assert (awaited > 0, len(gate.begun)) == (True, awaited)
    assert stage.world.store.head().size == before
    gate.opens.set()
    stage.world.moments.advance(timedelta(minutes=1))
    while resting(controller).pending:
        wait(tuple(aside.asked.values()))
    assert any(one.event == "EvidenceRecorded" for one in stage.world.store.records(since=before))


HANGS: Final = """
from threading import Event
from typing import Final
from interlock.workflows.aside import Aside
Aside().answer("line", "key", Event().wait)
"""


def test_whoever_ends_waits_for_nothing_that_hangs() -> None:
    assert subprocess.run([sys.executable, "-c", HANGS], timeout=60, check=False).returncode == 0
