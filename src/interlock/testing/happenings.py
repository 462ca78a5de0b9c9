# SPDX-License-Identifier: Apache-2.0
"""What happens around people in a scenario: checks that answer otherwise, deployments that fail, time that passes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from interlock.adapters.check.memory import CheckScript, NeverAnswers, says
from interlock.adapters.check.memory import Scripted as ScriptedCheck
from interlock.adapters.deploy.memory import Declines, DeployScript, Fails, Hangs, Remains, Scripted, Succeeds
from interlock.adapters.metrics.memory import Nature
from interlock.adapters.router.memory import Manner
from interlock.adapters.semver import Size
from interlock.domain.ids import EVERYWHERE, AudienceName, CheckId, EnvironmentName
from interlock.domain.verdict import Verdict
from interlock.packs.shape import key
from interlock.packs.wanted import NATURAL, PERCENT, YEAR, Span
from interlock.ports.check import Counted
from interlock.testing.acts import Version
from interlock.testing.stage import NOTHING_YET, SERVICE, Stage

_CALLS: Final = Span(1, 10_000)
_ONE: Final = Span(0, 1)


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
    METRICS = "metrics"


class Reachable(StrEnum):
    """Whether messages arrive."""

    UP = "up"
    DOWN = "down"


class Controlled(StrEnum):
    """Whether the controller lives while time passes."""

    ALIVE = "alive"
    DEAD = "dead"


_ANSWERS: Final = frozenset(Says) - {Says.SILENT}
_SILENCE: Final = NeverAnswers()
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
    change: Size = field(
        default=Size.PATCH, metadata=key(doc="How much of a change it finds the release to be, where it compares.")
    )

    def happen(self, stage: Stage) -> None:
        """Write the answer down in front of all others."""
        answer = says(Verdict(self.says.value), "as written", change=self.change) if self.says in _ANSWERS else _SILENCE
        _write_down(stage, self.check, self.of, self.there, answer)


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """From now on a check counts so many of what it looks for in a version; before it is said it counts none."""

    check: CheckId = field(metadata=key(doc="The check."))
    counts: int = field(metadata=key(doc="How many it finds.", span=NATURAL))
    there: EnvironmentName = field(
        default=EVERYWHERE, metadata=key("in", doc="Where; none: in no place in particular.")
    )
    of: Version = field(default=NOTHING_YET, metadata=key(doc="The version it is about; none: the newest release."))

    def happen(self, stage: Stage) -> None:
        """Write the answer down in front of all others."""
        counted = Counted("as written", self.counts, stage.world.moments.now())
        _write_down(stage, self.check, self.of, self.there, says(Verdict.PASS, "as written", counted))


def _write_down(stage: Stage, check: CheckId, version: str, environment: EnvironmentName, answer: CheckScript) -> None:
    entry = ScriptedCheck(check, stage.known_as(version), environment, answer)
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
        entry = Scripted(stage.known_as(self.deployment), self.there, _SCRIPTS[self.comes_to])
        stage.world.deploys.scripts = (entry, *stage.world.deploys.scripts)


@dataclass(frozen=True, slots=True)
class Outage:
    """Something does not answer for a number of calls."""

    outage: Whose = field(metadata=key(doc="What does not answer."))
    calls: int = field(metadata=key(doc="For how many calls.", span=_CALLS))

    def happen(self, stage: Stage) -> None:
        """Let it begin."""
        match self.outage:
            case Whose.CHECKS:
                stage.world.checks.outages = self.calls
            case Whose.DEPLOYMENTS:
                stage.world.deploys.outages = self.calls
            case Whose.METRICS:
                for counters in stage.world.traffic.counters.values():
                    counters.outages = self.calls


@dataclass(frozen=True, slots=True)
class RequestsGo:
    """From now on the requests that a version answers go so."""

    requests: Version = field(metadata=key(doc="The version that answers them."))
    errors: float = field(default=0.0, metadata=key(doc="How many of a hundred fail.", span=PERCENT))
    slow: float = field(
        default=5.0, metadata=key(doc="How many of a hundred take more than a tenth of a second.", span=PERCENT)
    )

    def happen(self, stage: Stage) -> None:
        """Let it answer so."""
        slower = (_of_a_hundred(self.slow), Fraction(0))
        stage.world.traffic.natures[stage.known_as(self.requests)] = Nature(_of_a_hundred(self.errors), slower)


@dataclass(frozen=True, slots=True)
class ProxiesBehave:
    """From now on every proxy of an environment behaves so."""

    proxies: EnvironmentName = field(metadata=key(doc="The environment."))
    do: Manner = field(metadata=key(doc="What they do with what they are told."))

    def happen(self, stage: Stage) -> None:
        """Let them."""
        stage.world.traffic.router((SERVICE, self.proxies))
        stage.world.traffic.routers[SERVICE, self.proxies].behave(self.do)


@dataclass(frozen=True, slots=True)
class CandidateIs:
    """From now on so many of the candidate's endpoints take requests."""

    candidate: EnvironmentName = field(metadata=key(doc="The environment."))
    ready: int = field(metadata=key(doc="How many of its one endpoint are ready.", span=_ONE))

    def happen(self, stage: Stage) -> None:
        """Let it be so."""
        stage.world.traffic.metrics((SERVICE, self.candidate))
        stage.world.traffic.counters[SERVICE, self.candidate].ready = self.ready


@dataclass(frozen=True, slots=True)
class ReceiverIs:
    """From now on messages to an audience arrive, or do not."""

    receiver: AudienceName = field(metadata=key(doc="The audience."))
    state: Reachable = field(metadata=key("is", doc="Whether it can be reached."))

    def happen(self, stage: Stage) -> None:
        """Let it be so."""
        failing = stage.world.notifications.failing
        if self.state is Reachable.DOWN:
            failing.add(self.receiver)
        else:
            failing.discard(self.receiver)


@dataclass(frozen=True, slots=True)
class Wait:
    """Let the controller work: until nothing is left to do, or for some time."""

    wait: timedelta | Literal["rest"] = field(metadata=key(doc="`rest`, or how long.", span=YEAR))
    controller: Controlled = field(
        default=Controlled.ALIVE, metadata=key(doc="`dead`: nobody acts while the time passes.")
    )

    def happen(self, stage: Stage) -> None:
        """Let time pass."""
        if not isinstance(self.wait, timedelta):
            stage.hands.settle()
        elif self.controller is Controlled.DEAD:
            stage.world.kill()
            stage.world.moments.advance(self.wait)
            stage.world.traffic.flow()
        else:
            stage.hands.work(self.wait)


@dataclass(frozen=True, slots=True)
class ClockBack:
    """The clock jumps back."""

    clock_back: timedelta = field(metadata=key(doc="How far.", span=YEAR))

    def happen(self, stage: Stage) -> None:
        """Set it back."""
        stage.world.moments.advance(-self.clock_back)


AHappening: TypeAlias = (
    CheckSays
    | CheckCounts
    | DeploymentComesTo
    | Outage
    | RequestsGo
    | ProxiesBehave
    | CandidateIs
    | ReceiverIs
    | Wait
    | ClockBack
)


def _of_a_hundred(number: float) -> Fraction:
    return Fraction(str(number)) / 100
