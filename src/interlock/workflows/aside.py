# SPDX-License-Identifier: Apache-2.0
"""Asking what may take long to answer, beside the controller's own steps or within them.

A controller that waits for a slow program lets go of what it exposes; so where time is real, the question is asked in a
thread of its own, and its answer is fetched at a later step.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, Protocol

from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.ports.deploy import Presence

Place = tuple[ServiceName, EnvironmentName]
TOGETHER: Final = 8
"""How many questions are under way at once; the others wait for their turn."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """The answer is not there yet."""


class Asking(Protocol):
    """Gives the answer, or `NotYet`: then the same question is to be asked again. Raises what the question raises."""

    def answer(self, place: Place, question: Callable[[], Presence]) -> Presence | NotYet: ...


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Waits for every answer: for a world in which time stands still meanwhile."""

    def answer(self, place: Place, question: Callable[[], Presence]) -> Presence | NotYet:
        """The answer."""
        return question()


@dataclass(frozen=True, slots=True)
class Aside:
    """Asks in threads; one question for each place at a time."""

    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(TOGETHER, "look"))
    asked: dict[Place, Future[Presence]] = field(default_factory=dict)

    def answer(self, place: Place, question: Callable[[], Presence]) -> Presence | NotYet:
        """The answer, once it is there."""
        if place not in self.asked:
            self.asked[place] = self.pool.submit(question)
        if not self.asked[place].done():
            return NotYet()
        return self.asked.pop(place).result()
