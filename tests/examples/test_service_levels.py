# SPDX-License-Identifier: Apache-2.0
"""Three checks, one answer: what they come to together is never better than the worst of them."""

import runpy
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

PROGRAM: Final = Path(__file__).resolve().parents[2] / "examples/outreach/procedures/octoacme/service_levels.py"
HELD, FAILED, UNKNOWN = 0, 1, 2


@pytest.mark.parametrize(
    ("codes", "together"),
    [
        ([HELD, HELD, HELD], HELD),
        ([HELD, FAILED, HELD], FAILED),
        ([UNKNOWN, HELD, FAILED], FAILED),
        ([HELD, UNKNOWN, HELD], UNKNOWN),
        ([HELD, 7, HELD], UNKNOWN),
    ],
    ids=["all held", "one failed", "one failed, one could not judge", "one could not judge", "one broke"],
)
def test_the_levels_are_as_good_as_the_worst_of_them(codes: list[int], together: int) -> None:
    assert runpy.run_path(str(PROGRAM))["worst"](codes) == together


def test_where_nobody_answers_no_level_is_kept_and_none_is_broken() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        ended = subprocess.run(
            [sys.executable, str(PROGRAM), "--url", url], capture_output=True, text=True, check=False
        )
    assert ended.returncode == UNKNOWN
    assert ended.stdout.count("UNKNOWN") == 3
