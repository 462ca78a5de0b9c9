# SPDX-License-Identifier: Apache-2.0
"""The example's own faults, switched in the running service by the example's own command. No evidence is made up.

Whoever serves must have been started with `--allow-faults`. A fault is told to one release, so that what serves beside
it goes on as it was.
"""

from dataclasses import dataclass
from pathlib import Path

from rules import python
from scene import Scene
from shell import Person


@dataclass(frozen=True, slots=True)
class Fault:
    """One of `outreach/faults.py`, in the release of that version, with the folder of the data it serves."""

    name: str
    version: str
    data: Path

    def on(self, scene: Scene, who: Person) -> None:
        """From now on it breaks."""
        scene.do(who, f"{self._command} {self.name} on --release {self.version}")

    def off(self, scene: Scene, who: Person) -> None:
        """Take it back, with what it left behind."""
        scene.do(who, f"{self._command} {self.name} off")

    @property
    def _command(self) -> str:
        return f"{python()} -m outreach fault --data {self.data}"
