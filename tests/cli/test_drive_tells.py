# SPDX-License-Identifier: Apache-2.0
"""What the driver says on its terminal, and a terminal that nobody reads."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from interlock.bootstrap.houses import House
from interlock.cli.drive import Teller
from interlock.cli.text import para
from interlock.config import Home
from interlock.testing.world import World

MORE_THAN_A_PIPE_HOLDS: Final = "word " * 100_000


@pytest.fixture
def teller(tmp_path: Path) -> Teller:
    return Teller(House(Home(tmp_path, tmp_path), World().store), 0)


@contextmanager
def unread() -> Iterator[int]:
    """A terminal that nobody reads, while this lasts; its other end. Pytest puts its own back between phases."""
    reader, writer = os.pipe()
    with (
        pytest.MonkeyPatch.context() as patched,
        io.TextIOWrapper(io.FileIO(writer, "w"), write_through=True) as terminal,
    ):
        patched.setattr("sys.stderr", terminal)
        yield reader
        os.close(reader)


def go_away(reader: int) -> None:
    """Nobody is at this end any more; its number stays taken."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, reader)
    os.close(nothing)


def words(teller: Teller) -> None:
    teller.words.put((para(MORE_THAN_A_PIPE_HOLDS),))


def test_what_was_to_be_said_is_said_before_it_ends(teller: Teller, capsys: pytest.CaptureFixture[str]) -> None:
    teller.words.put((para("the last word"),))
    teller.close()
    assert "the last word" in capsys.readouterr().err
    assert not teller.mouth.is_alive()


def test_nobody_waits_for_a_terminal_that_is_held_up(teller: Teller) -> None:
    with unread() as reader:
        words(teller)
        teller.close()
        assert teller.mouth.is_alive()
        go_away(reader)
        teller.mouth.join()


def test__a_terminal_that_is_gone_ends_what_is_said_and_nothing_else(teller: Teller) -> None:
    with unread() as reader:
        words(teller)
        go_away(reader)
        teller.close()
        assert not teller.mouth.is_alive()
