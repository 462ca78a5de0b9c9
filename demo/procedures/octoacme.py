# SPDX-License-Identifier: Apache-2.0
"""OctoAcme's guide, played: everybody hands on in order, agrees a day ahead, and going back is prepared.

Seven people and the pack `octoacme`. v1.1.0 goes the whole way; v1.1.1 is tried while the running service is broken in
one way after the other, each of which sends it back; then people send back what no check objects to.
"""

from pathlib import Path
from typing import Final

from play import Play, run
from screen import Screen

from procedures import ending, octoacme_faults, octoacme_incidents, octoacme_release, setting
from procedures.octoacme_cast import PROCEDURE
from procedures.stage import Stage, set_stage


def perform(root: Path) -> int:
    """Tell it in that folder; gives the exit code."""
    return run(PLAY, root)


def _stage(root: Path, screen: Screen) -> Stage:
    return set_stage(PROCEDURE, root, screen)


PLAY: Final = Play(
    (
        ("people", "A repository and seven people", setting.people),
        ("rules", "The procedure comes into force", setting.rules),
        ("today", "What runs today", setting.today),
        ("ready", "v1.1.0: machines and records, then staging", octoacme_release.ready),
        ("handed-on", "v1.1.0 is handed on, in order", octoacme_release.handed_on),
        ("decided", "Go or no-go, a day ahead", octoacme_release.decided),
        ("live", "v1.1.0 on real traffic", octoacme_release.live),
        ("prepared", "v1.1.1 cannot wait a day", octoacme_faults.prepare),
        ("tried", "The running service is broken in six ways, one after the other", octoacme_faults.tried),
        ("healthy", "The same commit, and nothing is broken", octoacme_faults.healthy),
        ("declared", "People see what no check sees", octoacme_incidents.declared),
        ("closed", "What is owed before an incident is closed", octoacme_incidents.closed),
        ("ordered", "Security orders it back", octoacme_incidents.ordered),
        ("settled", "Two disagree", octoacme_incidents.settled),
        ("ending", "The ledger, and what of the procedure was seen", ending.verify),
    ),
    _stage,
    Stage.put_away,
    ending.rows,
)
