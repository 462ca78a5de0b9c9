# SPDX-License-Identifier: Apache-2.0
"""Chapters 3 and 4: one good release, and ways round the rules."""

from typing import Final

from outsider import keep_older_copy
from scene import ANN, BEN, DANA, Scene
from shell import Person

GOOD: Final = "v1.1.0"
SNEAKY: Final = "v1.1.1-sneaky"
BAD: Final = "v1.2.0"
ENDS: Final = ("PromotionFailed", "PromotionTurnedAway", "RollbackBegun")


def staging(scene: Scene) -> None:
    """v1.1.0 is made a release and proven in staging; people agree to it, but not its author."""
    scene.say("Dana's v1.1.0 lets the desk filter its tasks. She asks for production straight away.")
    scene.do(DANA, "interlock change open CR-1 --title 'The desk filters its tasks'")
    began = scene.now()
    scene.do(DANA, f"interlock release create {GOOD}")
    scene.refused(DANA, f"interlock promote {GOOD} production", "signoff.missing")
    scene.wait("EvidenceRecorded", since=began, check="tests")
    scene.say("Its tests ran by themselves, as another user without sight of the ledger. Staging is open.")
    promote(scene, DANA, GOOD, "staging")
    scene.do(DANA, "interlock status")
    scene.say("Dana also reviews for the team. May she approve what she wrote herself?")
    scene.refused(DANA, f"interlock approve {GOOD} --yes", "approval.author")
    scene.do(DANA, f"interlock sign {GOOD} rollback-plan --yes")
    scene.do(BEN, f"interlock approve {GOOD} --yes")
    keep_older_copy(scene)


def ways_round(scene: Scene) -> None:
    """A change that brings its own judge, and a freeze."""
    scene.say("A way round: a second change that quietly makes the smoke check pass, always.")
    scene.quietly(DANA, "git", "switch", "--quiet", "--create", "quick-fix", GOOD)
    (scene.repository / "smoke.py").write_text("print('passed')\n", encoding="utf-8")
    scene.do(DANA, "git diff --stat")
    scene.quietly(DANA, "git", "commit", "--quiet", "--message", "Quick fix", "smoke.py")
    scene.quietly(DANA, "git", "tag", SNEAKY)
    scene.do(DANA, "interlock change open CR-2 --title 'A quick fix'")
    scene.do(DANA, f"interlock release create {SNEAKY} --change CR-2")
    scene.refused(DANA, f"interlock promote {SNEAKY} staging", "governance.smuggled")
    scene.quietly(DANA, "git", "switch", "--quiet", "main")
    scene.do(DANA, f"interlock release withdraw {SNEAKY} --reason 'that was no fix'")
    scene.say("Another: everything is agreed, but production is frozen.")
    scene.do(ANN, "interlock freeze declare fair --environment production --until 2h --reason 'the spring fair'")
    scene.refused(BEN, f"interlock promote {GOOD} production", "freeze.active")
    scene.do(ANN, "interlock freeze lift fair --reason 'the fair is over'")


def promote(scene: Scene, who: Person, version: str, environment: str) -> None:
    """Ask for it and wait until it is done."""
    began = scene.now()
    scene.do(who, f"interlock promote {version} {environment}")
    scene.wait("PromotionCompleted", since=began, unless=ENDS)
