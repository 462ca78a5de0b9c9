# SPDX-License-Identifier: Apache-2.0
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.adapters import linux


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder that other users get through, in which no program is left running."""
    with tempfile.TemporaryDirectory(prefix="interlock-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)
        linux.send(signal.SIGKILL, linux.marked_below(f"INTERLOCK_JOB={folder}"))
