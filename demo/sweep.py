# SPDX-License-Identifier: Apache-2.0
"""Leaving nothing behind: every process that a demo in this folder started, found by what it was started with.

A process counts as the demo's by its environment or its command line, never by the folder it stands in: that may be
somebody's own shell.
"""

import os
import signal
import time
from pathlib import Path
from typing import Final

from shell import MARK

from interlock.adapters import linux
from interlock.adapters.deploy.process import ProcessDeployer
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.ports.failure import Unavailable

NAMES: Final = (MARK, "INTERLOCK_PLACE", "INTERLOCK_JOB", "INTERLOCK_SLOT")
GRACE: Final = 5.0
LANES: Final = ("", "b")
"""Lane a has no name of its own."""


def left(root: Path) -> set[int]:
    """Every live process that the demo started, but for this one."""
    return {process for process, _ in linux.processes() if process != os.getpid() and _is_ours(process, root)}


def sweep(root: Path, service: str, environments: tuple[str, ...]) -> set[int]:
    """End them all, in an orderly way first; gives what could not be ended."""
    _stop_services(root, service, environments)
    for number in (signal.SIGTERM, signal.SIGKILL):
        linux.send(number, left(root))
        deadline = time.monotonic() + GRACE
        while left(root) and time.monotonic() < deadline:
            time.sleep(0.05)
    return left(root)


def _stop_services(root: Path, service: str, environments: tuple[str, ...]) -> None:
    state = root / service / ".interlock" / "deployments"
    for lane in LANES:
        deployer = ProcessDeployer(run=("true",), state=state, base_port=1, lane=lane)
        for environment in environments:
            try:
                deployer.stop(ServiceName(service), EnvironmentName(environment))
            except (Unavailable, FileNotFoundError):
                continue  # what did not end in time is killed below


def _is_ours(process: int, root: Path) -> bool:
    markers = tuple(f"{name}={root}".encode() for name in NAMES)
    ends = (b"", b"/", b"#")
    for entry in linux.environment_of(process):
        for marker in markers:
            if entry.startswith(marker) and entry[len(marker) : len(marker) + 1] in ends:
                return True
    words = _command_line(process)
    return (
        len(words) > 1
        and words[0].rpartition(b"/")[2].startswith(b"python")
        and words[-1].startswith(f"{root}/".encode())
    )


def _command_line(process: int) -> list[bytes]:
    """Supervisors and runners are started with a bare environment and their folder as last argument."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().removesuffix(b"\0").split(b"\0")
    except OSError:
        return []
