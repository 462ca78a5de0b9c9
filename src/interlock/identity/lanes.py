# SPDX-License-Identifier: Apache-2.0
"""Threads for who has to wait for others, so that who only looks, and is done in a moment, is not kept behind them.

The loop has a handful of threads for everything. As many who wait for the ledger's lock, or for an identity provider
that does not answer, would have them all.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import copy_context
from typing import Final, TypeVar

T = TypeVar("T")

SPEAKING: Final = ThreadPoolExecutor(8, "speaking")
"""For who says something: one at a time writes."""
ARRIVING: Final = ThreadPoolExecutor(16, "arriving")
"""For who comes with the word of a provider, which is asked over the net."""


async def in_lane(lane: Executor, work: Callable[[], T]) -> T:
    """What it gives, done in one of these threads."""
    return await asyncio.get_running_loop().run_in_executor(lane, copy_context().run, work)
