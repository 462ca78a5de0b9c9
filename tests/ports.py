# SPDX-License-Identifier: Apache-2.0
"""Ports for what a test starts."""

import os
import random
from collections.abc import Iterator
from itertools import count
from typing import Final

from interlock.adapters.loopback import free_among

PORTS: Final = range(20_000, 32_000)
"""Below those that the kernel gives to connections: one of them could take a port before its server does."""
ROW: Final = 8
"""At most so many in a row."""
WORKERS: Final = 4
"""Among so many test processes no two are given the same port."""


def _rows() -> Iterator[int]:
    """The first of every row of this process, from one by chance on, again and again."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    own = PORTS[worker % WORKERS * ROW :: WORKERS * ROW]
    begin = random.randrange(len(own))
    return (own[step % len(own)] for step in count(begin))


_ROWS: Final = _rows()


def free_port(row: int = 1) -> int:
    """The first of so many in a row on which nobody listens."""
    assert row <= ROW, row
    for _ in range(len(PORTS) // ROW):
        first = next(_ROWS)
        if len(free_among(range(first, first + row))) == row:
            return first
    raise AssertionError("no ports are free")
