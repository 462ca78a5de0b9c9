# SPDX-License-Identifier: Apache-2.0
"""Errors and latency against what they usually are: half more is borne, and what cannot be judged is no good news."""

import runpy
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

PROGRAM: Final = Path(__file__).resolve().parents[2] / "examples/outreach/procedures/octoacme/no_worse.py"
HELD, FAILED, UNKNOWN = 0, 1, 2


def test_each_check_is_asked_to_hold_to_half_more_than_is_usual() -> None:
    asked = runpy.run_path(str(PROGRAM))["bounds"](0.2, 2.0, 50.0)
    assert asked == (("latency.py", "--bound", "0.3"), ("error_rate.py", "--at-most", "3"))


@pytest.mark.parametrize(
    ("codes", "together"),
    [([HELD, HELD], HELD), ([UNKNOWN, FAILED], FAILED), ([HELD, UNKNOWN], UNKNOWN), ([7, HELD], UNKNOWN)],
    ids=["both held", "one failed", "one could not judge", "one broke"],
)
def test_it_is_as_good_as_the_worse_of_both(codes: list[int], together: int) -> None:
    assert runpy.run_path(str(PROGRAM))["worst"](codes) == together


def test_where_nobody_answers_nothing_is_judged() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        ended = subprocess.run(
            [sys.executable, str(PROGRAM), "--url", url, "--seconds", "1", "--percent", "1"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert (ended.returncode, ended.stdout.count("UNKNOWN")) == (UNKNOWN, 2)
