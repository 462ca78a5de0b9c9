# SPDX-License-Identifier: Apache-2.0
"""One looks at the ledger for every open page."""

import asyncio
from collections.abc import AsyncGenerator
from typing import cast

import pytest

from interlock.ports.failure import Unavailable
from interlock.web import pulse
from interlock.web.pulse import Pulse


class Ledger:
    """Grows when it is told to, and counts how often it is asked."""

    def __init__(self) -> None:
        self.size = 1
        self.asked = 0
        self.is_down = False

    def look(self) -> int:
        self.asked += 1
        if self.is_down:
            raise Unavailable("store.locked", "it is locked", "wait")
        return self.size


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "EVERY", 0.05)


def listening(one: Pulse, ledger: Ledger) -> AsyncGenerator[int, None]:
    return cast("AsyncGenerator[int, None]", one.beats(ledger.look))


def test_every_page_is_told_of_the_same_growth_and_the_ledger_is_asked_once_for_all() -> None:
    async def story() -> tuple[list[int], int]:
        one, ledger = Pulse(), Ledger()
        pages = [listening(one, ledger) for _ in range(300)]
        assert set(await asyncio.gather(*(anext(page) for page in pages))) == {1}
        ledger.size = 7
        told = await asyncio.gather(*(until(page, 7) for page in pages))
        asked = ledger.asked
        for page in pages:
            await page.aclose()
        assert one.looking is not None
        await one.looking
        return told, asked

    told, asked = asyncio.run(story())
    assert told == [7] * 300
    assert asked < 300


def test_nobody_looks_where_nobody_listens_and_somebody_does_again_later() -> None:
    async def story() -> int:
        one, ledger = Pulse(), Ledger()
        for size in (1, 2):
            ledger.size = size
            page = listening(one, ledger)
            assert await until(page, size) == size
            await page.aclose()
            assert one.looking is not None
            await one.looking
        return len(one.listeners)

    assert asyncio.run(story()) == 0


def test_a_page_that_hears_nothing_is_given_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "BREATH", 0.2)

    async def story() -> int:
        page = listening(Pulse(), Ledger())
        await until(page, 1)
        again = await anext(page)
        await page.aclose()
        return again

    assert asyncio.run(story()) == 1


def test_a_ledger_that_cannot_be_read_now_is_looked_at_again() -> None:
    async def story() -> int:
        one, ledger = Pulse(), Ledger()
        page = listening(one, ledger)
        await anext(page)
        ledger.is_down = True
        await asyncio.sleep(0.2)
        ledger.is_down, ledger.size = False, 3
        found = await until(page, 3)
        await page.aclose()
        return found

    assert asyncio.run(story()) == 3


def test_when_the_server_ends_every_page_is_let_go_and_none_begins_to_listen() -> None:
    async def story() -> tuple[list[list[int]], int]:
        one, ledger = Pulse(), Ledger()
        pages = [listening(one, ledger) for _ in range(3)]
        await asyncio.gather(*(anext(page) for page in pages))
        rest = [asyncio.create_task(what_comes(page)) for page in (*pages, listening(one, ledger))]
        await asyncio.sleep(0)
        one.end()
        one.end()
        return await asyncio.gather(*rest), len(one.listeners)

    assert asyncio.run(story()) == ([[]] * 4, 0)


async def what_comes(page: AsyncGenerator[int, None]) -> list[int]:
    """All that is told still."""
    return [beat async for beat in page]


async def until(page: AsyncGenerator[int, None], size: int) -> int:
    """What it is told at last."""
    async for beat in page:
        if beat == size:
            return beat
    raise AssertionError("it fell silent")
