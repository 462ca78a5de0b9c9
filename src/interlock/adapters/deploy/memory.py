# SPDX-License-Identifier: Apache-2.0
"""Deployments that happen in a value: for simulations, dry runs and crash tests.

The world is explicit and apart from the adapter, so a controller that was killed and built anew meets the same world.
Nothing here waits or asks the time: a deployment ends after it was observed a given number of times.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, assert_never

from interlock.domain.ids import Digest, EffectKey, EnvironmentName, ServiceName
from interlock.domain.traffic import Lane
from interlock.ports.deploy import (
    CannotTell,
    Deployed,
    DeployFailed,
    DeployProgress,
    DeployRequest,
    InProgress,
    NothingRuns,
    Presence,
    Running,
    Unknown,
)
from interlock.ports.failure import Deduplication, Rejected, Unavailable

GOING_ON: Final = InProgress("going on")


class Remains(StrEnum):
    """What runs after a deployment that failed."""

    FORMER = "former"
    CANDIDATE = "candidate"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Succeeds:
    """Ends well at the observation after `steps` that said it goes on."""

    steps: int = 1


@dataclass(frozen=True, slots=True)
class Fails:
    detail: str
    steps: int = 1
    remains: Remains = Remains.FORMER


@dataclass(frozen=True, slots=True)
class Declines:
    """`start` is `Rejected` and nothing happens."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Hangs:
    """Goes on until it is cancelled."""


DeployScript = Succeeds | Fails | Declines | Hangs


@dataclass(frozen=True, slots=True)
class Scripted:
    """What happens to a release, named by its version or digest, in one environment."""

    release: str
    environment: EnvironmentName
    script: DeployScript


@dataclass(frozen=True, slots=True)
class Begun:
    """One deployment of the world: how often it was looked at, and how it stands."""

    request: DeployRequest
    script: DeployScript
    looks: int = 0
    ended: DeployProgress = GOING_ON
    lane: Lane = Lane.A


@dataclass(slots=True)
class DeployWorld:
    """What is true outside. `acted` lists every effect that really happened, in order, so that a test can count.

    The next `outages` calls find nobody at home; `blind` says why presence cannot be told, empty when it can.
    """

    scripts: Sequence[Scripted] = ()
    otherwise: DeployScript = field(default_factory=Succeeds)
    outages: int = 0
    blind: str = ""
    begun: dict[EffectKey, Begun] = field(default_factory=dict)
    lanes: dict[Lane, dict[tuple[ServiceName, EnvironmentName], Running]] = field(
        default_factory=lambda: {lane: {} for lane in Lane}
    )
    acted: list[tuple[str, EffectKey]] = field(default_factory=list)

    @property
    def present(self) -> dict[tuple[ServiceName, EnvironmentName], Running]:
        """What runs where there is only one lane."""
        return self.lanes[Lane.A]

    def script_for(self, request: DeployRequest) -> DeployScript:
        """The first script that names the release's version or digest in that environment."""
        for entry in self.scripts:
            if entry.release in {request.version, request.digest} and entry.environment == request.environment:
                return entry.script
        return self.otherwise

    def adopt(self, service: ServiceName, environment: EnvironmentName, digest: Digest, version: str) -> None:
        """Let something run that no deployment of ours brought."""
        self.present[service, environment] = Running(digest, version)

    def answer(self) -> None:
        """Be reachable, or use up one outage."""
        if self.outages:
            self.outages -= 1
            raise Unavailable("deploy.unreachable", "the simulated world does not answer", "try again")


@dataclass(frozen=True, slots=True)
class MemoryDeployer:
    """Deploys into one lane of a `DeployWorld`."""

    world: DeployWorld
    lane: Lane = Lane.A

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.KEY

    def start(self, request: DeployRequest, key: EffectKey) -> None:
        self.world.answer()
        if key in self.world.begun:
            if self.world.begun[key].request != request:
                raise Rejected(
                    "deploy.key_reused", f"'{key}' was another deployment", "start this one under a key of its own"
                )
            return
        script = self.world.script_for(request)
        if isinstance(script, Declines):
            raise Rejected(script.code, script.sentence, "deploy another release")
        self.world.begun[key] = Begun(request, script, lane=self.lane)
        self.world.acted.append(("start", key))

    def observe(self, key: EffectKey) -> DeployProgress:
        self.world.answer()
        begun = self.world.begun.get(key)
        if begun is None:
            return Unknown(f"no deployment was started under '{key}'")
        if isinstance(begun.ended, InProgress):
            begun = replace(begun, looks=begun.looks + 1, ended=_standing(begun.script, begun.looks))
            self.world.begun[key] = begun
            self._make_true(begun)
        return begun.ended

    def cancel(self, key: EffectKey) -> None:
        self.world.answer()
        begun = self.world.begun.get(key)
        if begun is not None and isinstance(begun.ended, InProgress):
            self.world.begun[key] = replace(begun, ended=DeployFailed("cancelled"))
            self.world.acted.append(("cancel", key))

    def running(self, service: ServiceName, environment: EnvironmentName) -> Presence:
        self.world.answer()
        if self.world.blind:
            return CannotTell(self.world.blind)
        return self.world.lanes[self.lane].get((service, environment), NothingRuns())

    def retire(self, service: ServiceName, environment: EnvironmentName) -> None:
        self.world.answer()
        for key, begun in self.world.begun.items():
            place = (begun.request.service, begun.request.environment)
            if place == (service, environment) and begun.lane is self.lane and isinstance(begun.ended, InProgress):
                self.world.begun[key] = replace(begun, ended=DeployFailed("retired"))
        if self.world.lanes[self.lane].pop((service, environment), None) is not None:
            self.world.acted.append(("retire", EffectKey(f"{service}/{environment}/{self.lane}")))

    def _make_true(self, begun: Begun) -> None:
        place = (begun.request.service, begun.request.environment)
        candidate = Running(begun.request.digest, begun.request.version)
        match begun.ended, begun.script:
            case (Deployed(), _) | (DeployFailed(), Fails(remains=Remains.CANDIDATE)):
                self.world.lanes[self.lane][place] = candidate
            case DeployFailed(), Fails(remains=Remains.NOTHING):
                self.world.lanes[self.lane].pop(place, None)
            case _:
                pass


def _standing(script: DeployScript, looks: int) -> DeployProgress:
    match script:
        case Succeeds(steps):
            return Deployed("present") if looks >= steps else InProgress(f"step {looks + 1} of {steps}")
        case Fails(detail, steps):
            return DeployFailed(detail) if looks >= steps else InProgress(f"step {looks + 1} of {steps}")
        case Hangs():
            return InProgress("going on without end")
        case Declines(_, sentence):
            return DeployFailed(sentence)
        case _:
            assert_never(script)


def scripted(table: Mapping[tuple[str, EnvironmentName], DeployScript]) -> tuple[Scripted, ...]:
    """A table of (version or digest, environment) as scripts."""
    return tuple(Scripted(release, environment, script) for (release, environment), script in table.items())
