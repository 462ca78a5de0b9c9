# SPDX-License-Identifier: Apache-2.0
"""The strict policy, played: main goes to staging by itself, production takes approvals, and what is bad goes back.

Seven people and the pack `lsos`. One commit is tried while the running service is broken in one way after the other,
and then goes the whole way; v1.1.5 is stopped by its own commit; v1.1.6 mends that as an emergency; v1.2.0 is bad for
a crowd and goes back in the order of the policy; and somebody replaces what runs.
"""

from pathlib import Path
from typing import Final

from play import Play, run
from screen import Screen

from procedures import ending, lsos_faults, lsos_release, lsos_return, lsos_trunk, setting
from procedures.lsos_cast import PROCEDURE
from procedures.stage import Stage, set_stage


def perform(root: Path) -> int:
    """Tell it in that folder; gives the exit code."""
    return run(PLAY, root)


def _stage(root: Path, screen: Screen) -> Stage:
    return set_stage(PROCEDURE, root, screen)


PLAY: Final = Play(
    (
        ("people", "A repository and seven people", lsos_release.people),
        ("rules", "The policy comes into force", setting.rules),
        ("today", "What runs today", lsos_release.today),
        ("delivered", "What is green on main goes to staging, unasked", lsos_release.delivered),
        ("prepared", "v1.1.0 is prepared, and staging gets slow", lsos_release.prepared),
        ("agreed", "A change of high risk: its owner, and security", lsos_release.agreed),
        ("verified", "Broken before anybody gets it", lsos_faults.verified),
        ("watched", "Broken once everybody gets it: the whole way back", lsos_faults.watched),
        ("live", "v1.1.4: the same commit on real traffic, whole", lsos_release.live),
        ("careless", "v1.1.5: stopped by what it is made of", lsos_trunk.careless),
        ("emergency", "v1.1.6: an emergency, and its review", lsos_trunk.emergency),
        ("goes-back", "v1.2.0: fine everywhere, but not for a crowd", lsos_return.goes_back),
        ("drift", "Somebody replaces what runs", lsos_return.drift),
        ("ending", "The ledger, and what of the policy was seen", ending.verify),
    ),
    _stage,
    Stage.put_away,
    ending.rows,
)
