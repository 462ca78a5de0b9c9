# SPDX-License-Identifier: Apache-2.0
"""What tests of checks share: a request, and a world in which programs run as checks."""

from pathlib import Path
from threading import Event

from interlock.domain.ids import CheckId, EnvironmentName, ReleaseId, ServiceName, digest_of
from interlock.ports.check import Checker, CheckRequest, Reading
from interlock.testing.contracts.check import KEY, CheckRig, until_read

NOWHERE = Path()
"""The workspace of a check that looks at none."""


def request(version: str, workspace: Path = NOWHERE) -> CheckRequest:
    """Ask about this version."""
    digest = digest_of(version.encode())
    service, environment = ServiceName("outreach"), EnvironmentName("staging")
    return CheckRequest(CheckId("unit-tests"), service, environment, ReleaseId("r"), version, digest, workspace)


class Programs:
    """`scratch` lies where other users get; the version of a request names its script in the workspace."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "state").mkdir(mode=0o700)
        (root / "scratch").mkdir(mode=0o711)
        self.workspace = root / "workspace"
        self.workspace.mkdir()

    def scripted(self, script: str, version: str = "script") -> CheckRequest:
        """A request that this script answers."""
        (self.workspace / version).write_text(script)
        return request(version, self.workspace)

    def wait(self) -> None:
        """Give a program a moment."""
        Event().wait(0.01)


def answer(rig: CheckRig, check: Checker, asked: CheckRequest) -> Reading:
    """What the check says, begun here."""
    check.start(asked, KEY)
    return until_read(rig, check, asked)
