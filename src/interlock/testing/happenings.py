# SPDX-License-Identifier: Apache-2.0
"""What happens around people in a scenario: checks that answer otherwise, deployments that fail, time that passes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from interlock.adapters.check.memory import NeverAnswers, says
from interlock.adapters.check.memory import Scripted as ScriptedCheck
from interlock.adapters.deploy.memory import Declines, DeployScript, Fails, Hangs, Remains, Scripted, Succeeds
from interlock.domain.ids import EVERYWHERE, CheckId, EnvironmentName
from interlock.domain.verdict import Verdict
from interlock.packs.shape import key
from interlock.testing.acts import Version
from interlock.testing.stage import NOTHING_YET, Stage


class Says(StrEnum):
    """What a check says from now on."""

    PASS = Verdict.PASS.value
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"
    ERROR = "error"
    SILENT = "silent"


class ComesTo(StrEnum):
    """What a deployment comes to from now on."""

    SUCCESS = "success"
    FAILURE = "failure"
    WRECK = "wreck"
    REFUSAL = "refusal"
    HANGING = "hanging"


class Whose(StrEnum):
    """What cannot be reached for a while."""

    CHECKS = "checks"
    DEPLOYMENTS = "deployments"


class Controlled(StrEnum):
    """Whether the controller lives while time passes."""

    ALIVE = "alive"
    DEAD = "dead"


_SCRIPTS: Final[Mapping[ComesTo, DeployScript]] = {
    ComesTo.SUCCESS: Succeeds(),
    ComesTo.FAILURE: Fails("as written"),
    ComesTo.WRECK: Fails("as written", remains=Remains.NOTHING),
    ComesTo.REFUSAL: Declines("deploy.declined", "as written"),
    ComesTo.HANGING: Hangs(),
}


@dataclass(frozen=True, slots=True)
class CheckSays:
    """From now on a check says this about a version."""

    check: CheckId = field(metadata=key(doc="The check."))
    says: Says = field(metadata=key(doc="What it says."))
    there: EnvironmentName = field(
        default=EVERYWHERE, metadata=key("in", doc="Where; none: in no place in particular.")
    )
    of: Version = field(default=NOTHING_YET, metadata=key(doc="The version it is about; none: the newest release."))

    def happen(self, stage: Stage) -> None:
        """Write the answer down in front of all others."""
        answer = NeverAnswers() if self.says is Says.SILENT else says(Verdict(self.says.value), "as written")
        entry = ScriptedCheck(self.check, self.of or stage.newest, self.there, answer)
        stage.world.checks.scripts = (entry, *stage.world.checks.scripts)


@dataclass(frozen=True, slots=True)
class DeploymentComesTo:
    """From now on a version's deployment comes to this."""

    deployment: Version = field(metadata=key(doc="The version."))
    there: EnvironmentName = field(metadata=key("in", doc="Where."))
    comes_to: ComesTo = field(
        metadata=key(
            doc="`failure` leaves what ran, `wreck` leaves nothing, `refusal` never starts, `hanging` never ends."
        )
    )

    def happen(self, stage: Stage) -> None:
        """Write it down in front of all others."""
        entry = Scripted(self.deployment, self.there, _SCRIPTS[self.comes_to])
        stage.world.deploys.scripts = (entry, *stage.world.deploys.scripts)


@dataclass(frozen=True, slots=True)
class Outage:
    """Something does not answer for a number of calls."""

    outage: Whose = field(metadata=key(doc="What does not answer."))
    calls: int = field(metadata=key(doc="For how many calls."))

    def happen(self, stage: Stage) -> None:
        """Let it begin."""
        world = stage.world.checks if self.outage is Whose.CHECKS else stage.world.deploys
        world.outages = self.calls


@dataclass(frozen=True, slots=True)
class Wait:
    """Let the controller work: until nothing is left to do, or for some time."""

    wait: timedelta | Literal["rest"] = field(metadata=key(doc="`rest`, or how long."))
    controller: Controlled = field(
        default=Controlled.ALIVE, metadata=key(doc="`dead`: nobody acts while the time passes.")
    )

    def happen(self, stage: Stage) -> None:
        """Let time pass."""
        if not isinstance(self.wait, timedelta):
            stage.hands.settle()
        elif self.controller is Controlled.DEAD:
            stage.world.moments.advance(self.wait)
        else:
            stage.hands.work(self.wait)


@dataclass(frozen=True, slots=True)
class ClockBack:
    """The clock jumps back."""

    clock_back: timedelta = field(metadata=key(doc="How far."))

    def happen(self, stage: Stage) -> None:
        """Set it back."""
        stage.world.moments.advance(-self.clock_back)


AHappening: TypeAlias = CheckSays | DeploymentComesTo | Outage | Wait | ClockBack
