# SPDX-License-Identifier: Apache-2.0
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from interlock.adapters.daemons import end_holder

HOLDS = """
import fcntl, sys, time
with open(sys.argv[1], "w") as lock:
    fcntl.lockf(lock, fcntl.LOCK_EX)
    print("held", flush=True)
    time.sleep(600)
"""
MANY = 1100
"""Files that are open: `select` takes none with a number above 1023."""


@pytest.fixture
def crowded() -> Iterator[None]:
    """A process with very many connections."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(limits[0], 2 * MANY), limits[1]), limits[1]))
    with ExitStack() as closing:
        for _ in range(MANY):
            closing.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.usefixtures("crowded")
def test_a_process_is_ended_also_by_one_that_has_very_many_files_open(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(lock)], stdout=subprocess.PIPE) as held:
        assert held.stdout is not None
        assert held.stdout.readline() == b"held\n"
        end_holder(lock, 60)
        assert held.wait(60) == -15
