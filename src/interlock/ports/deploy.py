# SPDX-License-Identifier: Apache-2.0
"""Making a release present in an environment, and knowing what is there.

1. `start` returns once the effect is under way (or was already, under the same key); it never waits for its end.
2. The same key with the same request is the same deployment, also after a crash of the caller, as far as
   `deduplication` promises. The same key with another request is `Rejected` (code `deploy.key_reused`).
3. `observe` reads the world, never a memory in this process: a new process with the same configuration sees the same.
   An unknown key is `Unknown`.
4. `cancel` ends what `start` began and returns when it has ended; cancelling what ended or never began changes nothing.
5. `running` tells what the environment runs *now*, by digest, or says that it cannot tell and why.
6. `retire` ends everything that stands in its lane, also a deployment under way there. It returns once that has begun;
   `running` says when nothing is left. What is retired twice ends once. Who has no way to do it is `Rejected` (code
   `deploy.stays`).
7. Every call ends within its deadline. Faults are `Unavailable` or `Rejected`, never anything else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from interlock.domain.ids import ComponentName, Digest, EffectKey, EnvironmentName, ReleaseId, ServiceName
from interlock.ports.failure import Deduplication


@dataclass(frozen=True, slots=True)
class PlacedArtifact:
    """One component's content, at hand. `path` is a file, or for a source archive its unpacked folder."""

    component: ComponentName
    digest: Digest
    locator: str
    path: Path


@dataclass(frozen=True, slots=True)
class DeployRequest:
    """What to make present where. `digest` is the release's own digest over all its artifacts."""

    service: ServiceName
    environment: EnvironmentName
    release: ReleaseId
    version: str
    digest: Digest
    artifacts: Sequence[PlacedArtifact]


@dataclass(frozen=True, slots=True)
class InProgress:
    detail: str


@dataclass(frozen=True, slots=True)
class Deployed:
    detail: str


@dataclass(frozen=True, slots=True)
class DeployFailed:
    detail: str


@dataclass(frozen=True, slots=True)
class Unknown:
    detail: str


DeployProgress = InProgress | Deployed | DeployFailed | Unknown


@dataclass(frozen=True, slots=True)
class Running:
    digest: Digest
    version: str


@dataclass(frozen=True, slots=True)
class NothingRuns:
    pass


@dataclass(frozen=True, slots=True)
class CannotTell:
    why: str


Presence = Running | NothingRuns | CannotTell


class Deployer(Protocol):
    """Puts one service's releases into one environment."""

    @property
    def deduplication(self) -> Deduplication: ...

    def start(self, request: DeployRequest, key: EffectKey) -> None: ...

    def observe(self, key: EffectKey) -> DeployProgress: ...

    def cancel(self, key: EffectKey) -> None: ...

    def running(self, service: ServiceName, environment: EnvironmentName) -> Presence: ...

    def retire(self, service: ServiceName, environment: EnvironmentName) -> None: ...
