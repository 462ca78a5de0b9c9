# SPDX-License-Identifier: Apache-2.0
"""`interlock drive`: the controller at work, told line by line as it happens."""

import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import FrameType
from typing import Final

from interlock.bootstrap.houses import House, open_house
from interlock.cli.narrate import Narrator
from interlock.cli.output import Report, tell
from interlock.cli.text import Block, para, quiet, strong, warn
from interlock.config import find_home
from interlock.ports.failure import Rejected
from interlock.workflows.controller import Step
from interlock.workflows.driver import Driver, driving, standing_by

LAST_WORDS: Final = 2.0
"""Seconds in which a driver that ends says what is left to say; a terminal that is held up is not waited for."""


@dataclass(slots=True)
class Teller:
    """Tells every record written since it was last asked, whoever wrote it.

    It speaks in a thread of its own: a terminal that is held up (Ctrl-S, a pager) holds up nothing else.
    """

    house: House
    told: int
    steps: int = 0
    narrator: Narrator = field(default_factory=Narrator)
    words: SimpleQueue[tuple[Block, ...] | None] = field(default_factory=SimpleQueue)
    mouth: Thread = field(init=False)

    def __post_init__(self) -> None:
        self.mouth = Thread(target=self._speak, name="teller", daemon=True)
        self.mouth.start()

    def __call__(self, _step: Step) -> None:
        """Tell what is new."""
        self.steps += 1
        for record in self.house.store.records(since=self.told):
            self.told = record.index + 1
            self.words.put(tuple(self.narrator.narrate(record)))

    def close(self) -> None:
        """Say what is left, for as long as somebody listens."""
        self.words.put(None)
        self.mouth.join(LAST_WORDS)

    def _speak(self) -> None:
        with suppress(OSError):
            while (words := self.words.get()) is not None:
                tell(*words)


def _tell_of(stopped: Rejected) -> None:
    tell(para(warn("○ "), stopped.sentence), para(quiet(f"  {stopped.next_step}")))


def drive(*, until_idle: bool = False, standby: bool = False) -> Report:
    """Run the controller for this repository's ledger until Ctrl-C.

    Only one driver acts at a time. It may be stopped or killed at any moment; the next one goes on from the ledger.

    Parameters
    ----------
    until_idle
        End as soon as nothing is left to do.
    standby
        While another drives, wait, ready to go on at the moment it ends or dies.
    """
    home = find_home(Path.cwd())
    house = open_house(home)
    if standby:
        house.view().people()
        tell(para(strong("standing by "), str(home.folder), quiet("  goes on as soon as nobody drives")))
    with standing_by(home.lock, _tell_of) if standby else driving(home.lock):
        house.heal()
        driver = Driver(house.controller(), home.socket, house.clock)

        def stop(_number: int, _frame: FrameType | None) -> None:
            driver.stop()

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        tell(para(strong("driving "), str(home.folder), quiet("  Ctrl-C ends it; what is under way goes on")))
        teller = Teller(house, house.store.head().size)
        try:
            driver.run(teller, until_idle=until_idle)
        finally:
            teller.close()
            for number, handler in before.items():
                signal.signal(number, handler)
    idle = "nothing is left to do" if not driver.stopping.is_set() else "stopped; the next start goes on from here"
    return Report({"records": teller.told, "steps": teller.steps, "stopped": driver.stopping.is_set()}, (para(idle),))
