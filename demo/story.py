# SPDX-License-Identifier: Apache-2.0
"""Chapters 3 to 6: one good release, three ways round the rules, a dead controller, one bad release."""

import time
from typing import Final

from outsider import keep_older_copy, remember
from scene import ANN, BEN, DANA, ELI, Scene, seconds_since
from shell import DemoFailed, Person
from watch import Browser, all_answer

GOOD: Final = "v1.1.0"
SNEAKY: Final = "v1.1.1-sneaky"
BAD: Final = "v1.2.0"
ENDS: Final = ("PromotionFailed", "PromotionTurnedAway", "RollbackBegun")
FEATURE: Final = '<form class="filter"'
LONGEST_RETURN: Final = 30.0
"""Seconds from the failed check to the good release serving again."""


def staging(scene: Scene) -> None:
    """v1.1.0 is made a release and proven in staging; people agree to it, but not its author."""
    scene.say("Dana's v1.1.0 lets the desk filter its tasks. She asks for production straight away.")
    scene.do(DANA, "interlock change open CR-1 --title 'The desk filters its tasks'")
    began = scene.now()
    scene.do(DANA, f"interlock release create {GOOD}")
    scene.refused(DANA, f"interlock promote {GOOD} production", "signoff.missing")
    scene.wait("EvidenceRecorded", since=began, check="tests")
    scene.say("Its tests ran by themselves, as another user without sight of the ledger. Staging is open.")
    _promote(scene, DANA, GOOD, "staging")
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


def killed(scene: Scene) -> None:
    """v1.1.0 goes to production; in the middle of its bake the controller dies."""
    began = scene.now()
    scene.do(BEN, f"interlock promote {GOOD} production")
    scene.wait("BakeObserved", since=began, unless=ENDS)
    scene.say("It serves and is watched for ten seconds before it counts as good. Now the controller dies.")
    number = scene.controller.kill()
    scene.screen.typed(ANN.handle, f"kill -9 {number}")
    before = scene.now()
    scene.must(
        all_answer(scene.ports.production, "1.1.0"),
        "production goes on serving v1.1.0: it does not need the controller",
    )
    scene.do(ANN, "interlock status")
    scene.screen.typed(ANN.handle, "interlock drive &")
    restarted = time.monotonic()
    scene.controller.start()
    scene.wait("PromotionCompleted", since=before, unless=ENDS)
    scene.measured.values["restart_to_finish_seconds"] = round(seconds_since(restarted), 2)
    scene.must(
        _deployments(scene, began) == 1, "it went on in the middle of the bake: nothing was deployed a second time"
    )
    scene.ask(scene.ports.production[0], "/version")
    desk = Browser(scene.ports.production[0])
    desk.send("/login", name="desk", password="demo-desk")  # noqa: S106 - the example's own, for machines like this
    scene.must(FEATURE in desk.page("/tasks"), "the desk logs in to production and finds the new filter")
    remember(scene)


def goes_back(scene: Scene) -> None:
    """v1.2.0 passes everything but production, which takes itself back."""
    scene.say("Eli's v1.2.0 opens no second follow-up for the same contact. Tests pass, staging passes, people agree.")
    visitor = Browser(scene.ports.production[0])
    thanks = visitor.send("/register", name="Zoe Visitor", email="zoe@visitor.example", interest="the fair")
    scene.must("Thank you" in thanks, "meanwhile in production: Zoe registers, and the desk has an open task")
    scene.do(ELI, "interlock change open CR-3 --title 'One follow-up per contact'")
    began = scene.now()
    scene.do(ELI, f"interlock release create {BAD} --change CR-3")
    scene.wait("EvidenceRecorded", since=began, check="tests")
    _promote(scene, ELI, BAD, "staging")
    scene.do(ELI, f"interlock sign {BAD} rollback-plan --yes")
    scene.do(DANA, f"interlock approve {BAD} --yes")
    began = scene.now()
    scene.do(ELI, f"interlock promote {BAD} production")
    failed = scene.wait(
        "EvidenceRecorded", since=began, within=60, check="smoke", environment="production", verdict="fail"
    )
    scene.wait("RollbackCompleted", since=failed.index, unless=("RollbackStranded",))
    back = scene.visitor.wait_for("1.1.0", failed.time, LONGEST_RETURN)
    if back is None:
        raise DemoFailed("production does not serve v1.1.0 again")
    took = (back - failed.time).total_seconds()
    scene.measured.values["longest_silence_seconds"] = round(scene.visitor.silence(failed.time, back), 2)
    scene.measured.values["failed_check_to_good_release_seconds"] = round(took, 2)
    scene.must(
        took < LONGEST_RETURN, f"v1.1.0 serves again {took:.1f} s after the check failed; nobody had to be asked"
    )
    scene.do(ANN, "interlock incident list")
    scene.do(ANN, "interlock recall list")
    scene.say("Once more, perhaps it was bad luck?")
    scene.refused(ELI, f"interlock promote {BAD} production", "recall.active")


def _promote(scene: Scene, who: Person, version: str, environment: str) -> None:
    """Ask for it and wait until it is done."""
    began = scene.now()
    scene.do(who, f"interlock promote {version} {environment}")
    scene.wait("PromotionCompleted", since=began, unless=ENDS)


def _deployments(scene: Scene, since: int) -> int:
    return sum(record.event == "DeploymentBegun" for record in scene.chronicle.records(since))
