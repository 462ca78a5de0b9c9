# SPDX-License-Identifier: Apache-2.0
"""Python's collector goes through everything there is, now and then, and holds everybody up meanwhile.

What a large ledger was folded to is a million things that stay: a pass over them takes half a second and finds nothing.
After a pass that took long, what is left is therefore set aside, and later passes go through what came since. What ends
later without being in a circle is given back all the same.
"""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from interlock.domain.moment import NEVER

LONG: Final = timedelta(milliseconds=20)
"""A pass that takes longer than this is not repeated over the same things."""
_WHOLE: Final = 2
"""The generation of a pass over everything."""


@dataclass(slots=True)
class Sweeping:
    """Is told by the collector of every pass."""

    now: Callable[[], datetime]
    set_aside: Callable[[], None]
    begun: datetime = field(default=NEVER)

    def __call__(self, phase: str, told: Mapping[str, int]) -> None:
        """A pass begins, or has come to its end."""
        if told["generation"] < _WHOLE:
            return
        if phase == "start":
            self.begun = self.now()
        elif self.now() - self.begun > LONG:
            self.set_aside()


@contextmanager
def swept_once(now: Callable[[], datetime]) -> Iterator[None]:
    """While this lasts, nothing large is gone through twice."""
    sweeping = Sweeping(now, gc.freeze)
    gc.callbacks.append(sweeping)
    try:
        yield
    finally:
        gc.callbacks.remove(sweeping)
        gc.unfreeze()
