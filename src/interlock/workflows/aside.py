# SPDX-License-Identifier: Apache-2.0
"""Doing what may take long beside the controller's own steps: a question, a message, a check, a push.

1. A controller that waits sees nothing meanwhile, and lets go of what it exposes; so where time is real, an errand is
   done in a thread of its own, and what came of it is fetched at a later step.
2. An errand is known by its key. Errands of one line are done one after another: messages to one audience arrive in
   order, and a repository is written by one at a time.
3. Nothing is kept but what is under way or not yet fetched; whoever is killed begins anew, under the same key.
   Nobody who ends waits for it.
"""

from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Thread
from typing import Any, Final, Protocol, TypeVar

T = TypeVar("T")

TOGETHER: Final = 32
"""How many errands are under way at once; the others wait for their turn."""
GRACE: Final = 0.02
"""Seconds an errand is waited for at first: most are done at once, and need no second look."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """The answer is not there yet."""


class Asking(Protocol):
    """Gives the answer, or `NotYet`: then the same is to be asked again. Raises what the errand raises."""

    def answer(self, line: str, key: str, errand: Callable[[], T]) -> T | NotYet: ...

    def is_waiting(self, line: str, key: str) -> bool:
        """Whether asking now would say `NotYet`, whatever the errand is."""
        ...


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Waits for every answer: for a world in which time stands still meanwhile."""

    def answer(self, line: str, key: str, errand: Callable[[], T]) -> T | NotYet:
        """The answer."""
        return errand()

    def is_waiting(self, line: str, key: str) -> bool:
        """Never."""
        return False


@dataclass(frozen=True, slots=True)
class Aside:
    """Does errands in threads."""

    turns: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(TOGETHER))
    asked: dict[str, Future[Any]] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    """Of each line the key of the errand that was begun last."""

    def answer(self, line: str, key: str, errand: Callable[[], T]) -> T | NotYet:
        """The answer, once it is there."""
        if key not in self.asked:
            if self._is_taken(line):
                return NotYet()
            self.asked[key], self.lines[line] = self._begun(errand), key
            wait([self.asked[key]], GRACE)
        if not self.asked[key].done():
            return NotYet()
        found: T = self.asked.pop(key).result()
        return found

    def is_waiting(self, line: str, key: str) -> bool:
        """While it or another of its line is under way."""
        return not self.asked[key].done() if key in self.asked else self._is_taken(line)

    def _begun(self, errand: Callable[[], Any]) -> Future[Any]:
        future = Future[Any]()
        Thread(target=_do, args=(errand, future, self.turns), name="aside", daemon=True).start()
        return future

    def _is_taken(self, line: str) -> bool:
        before = self.asked.get(self.lines.get(line, ""))
        return before is not None and not before.done()


def _do(errand: Callable[[], Any], future: Future[Any], turns: BoundedSemaphore) -> None:
    with turns:
        try:
            found = errand()
        except BaseException as fault:  # noqa: BLE001 - it is raised where the answer is fetched
            future.set_exception(fault)
        else:
            future.set_result(found)
