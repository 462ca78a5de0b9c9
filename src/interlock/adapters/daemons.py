# SPDX-License-Identifier: Apache-2.0
"""Starting and ending the processes of ours that outlive us.

They are found by the lock they hold, never by a number in a file.
"""

import os
import select
import signal
import subprocess
from pathlib import Path
from typing import Final

from interlock.adapters import linux
from interlock.ports.failure import Unavailable

PLAIN_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT: Final = {"PATH": PLAIN_PATH, "LC_ALL": "C.UTF-8"}
LAUNCH_SECONDS: Final = 20.0
_BETWEEN_LOOKS: Final = 20
"""Milliseconds."""
_LOOKS: Final = round(LAUNCH_SECONDS * 1000 / _BETWEEN_LOOKS)


def launch(module: str, folder: Path) -> None:
    """Start `main(folder)` of a module as a process of its own, and return when it says it is under way."""
    with (folder / "launch.log").open("ab") as log:
        try:
            subprocess.run(
                [*linux.boot(module), str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=ENVIRONMENT,
                start_new_session=True,
                timeout=LAUNCH_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as fault:
            raise Unavailable("job.not_launched", f"a process cannot be started: {fault}", "try again") from fault


def has_begun(begun: Path, lock: Path) -> bool:
    """Whether that file is there. Who holds the lock may be about to write it, and is waited for: two that start the
    same at once are one start.
    """
    for _ in range(_LOOKS):
        if begun.exists() or not linux.holder(str(lock)):
            break
        select.poll().poll(_BETWEEN_LOOKS)
    return begun.exists()


def end_holder(lock: Path, seconds: float) -> None:
    """Ask the process that holds the lock to end, and return when it has; nobody holding it is an end too."""
    descriptor = linux.signal_holder(str(lock), signal.SIGTERM)
    if descriptor < 0:
        return
    try:
        waiting = select.poll()  # `select.select` takes no number above 1023
        waiting.register(descriptor, select.POLLIN)
        ended = waiting.poll(seconds * 1000)
    finally:
        os.close(descriptor)
    if not ended:
        raise Unavailable("job.does_not_end", f"the process behind '{lock}' did not end in time", "try again")
