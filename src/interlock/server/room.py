# SPDX-License-Identifier: Apache-2.0
"""Whether the disk would take what is said next.

It is tried, not computed: what a file system says it has left knows neither of a quota, nor of a folder that is read
only, nor of what it keeps for others. The room is allocated in a file without a name, beside the ledger, and given
back at once: nothing is written, the ledger does not grow, and whoever is killed meanwhile leaves nothing.
"""

import os
import threading
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from interlock.ports.failure import Unavailable

ROOM: Final = 1024 * 1024
"""Bytes that must be there: many times what a decision takes."""
_TRYING: Final = threading.Lock()


def require_room(folder: Path) -> None:
    """Raises `Unavailable` (`server.no_room`) where the folder takes no write. One tries at a time: it is asked by
    whoever comes.
    """
    try:
        with _TRYING, TemporaryFile(dir=folder) as file:
            os.posix_fallocate(file.fileno(), 0, ROOM)
    except OSError as fault:
        sentence = f"'{folder}' takes no {ROOM >> 10} KiB more: {fault.strerror}"
        step = "make room on that disk, or see who may write there; until then nothing can be recorded"
        raise Unavailable("server.no_room", sentence, step) from fault
