# SPDX-License-Identifier: Apache-2.0
"""What a controller needs to act on the world for a service: the adapters its governed bindings name.

1. A release is checked and deployed by the bindings it pinned, a rollback by those in force.
2. Building what is asked for may fail as any port may (`Unavailable`, `Rejected`); nothing is guessed instead.
"""

from typing import Protocol

from interlock.domain.governance import GovernanceRef
from interlock.domain.ids import AudienceName, CheckId, EnvironmentName, ServiceName
from interlock.domain.release import Release
from interlock.domain.traffic import Lane
from interlock.domain.trunk import Head
from interlock.packs.bindings import Bindings
from interlock.ports.check import Checker, CheckRequest
from interlock.ports.deploy import Deployer, DeployRequest
from interlock.ports.journal import Journal
from interlock.ports.metrics import TrafficMetrics
from interlock.ports.notify import Notifier
from interlock.ports.router import Endpoint, TrafficRouter
from interlock.ports.source import Commit
from interlock.ports.store import LedgerStore
from interlock.service.compose import Draft
from interlock.service.gather import Gatherer
from interlock.service.view import View


class Workshop(Protocol):
    """Adapters by governance."""

    def deployer(
        self, view: View, ref: GovernanceRef, environment: EnvironmentName, lane: Lane = Lane.A
    ) -> Deployer: ...

    def deploy_request(
        self, view: View, ref: GovernanceRef, release: Release, environment: EnvironmentName
    ) -> DeployRequest:
        """The request with the release's content fetched and at hand."""
        ...

    def runs(self, view: View, ref: GovernanceRef, check: CheckId) -> bool:
        """Whether the check is run by us, rather than attached by somebody else."""
        ...

    def goes_by_name(self, view: View, ref: GovernanceRef, check: CheckId, environment: EnvironmentName) -> bool:
        """Whether its answer depends on what the release is called, so that it holds for no other one."""
        ...

    def checker(self, view: View, ref: GovernanceRef, environment: EnvironmentName, check: CheckId) -> Checker: ...

    def check_request(
        self, view: View, ref: GovernanceRef, release: Release, environment: EnvironmentName, check: CheckId, lane: Lane
    ) -> CheckRequest:
        """The request with the release's source at hand, and where its instances listen if they stand in a lane."""
        ...

    def head(self, view: View, ref: GovernanceRef, branch: str) -> str:
        """The full name of the commit at the head of a branch of the service's repository."""
        ...

    def draft(self, gatherer: Gatherer, store: LedgerStore, service: ServiceName, head: Head) -> Draft:
        """The release that a head makes, under the rules in force. Raises `Unfit` as well, for what cannot be one."""
        ...

    def routes(self, view: View, ref: GovernanceRef, environment: EnvironmentName) -> bool:
        """Whether the environment's traffic is split."""
        ...

    def router(self, view: View, ref: GovernanceRef, environment: EnvironmentName) -> TrafficRouter:
        """What splits it; the same object as long as its binding is the same."""
        ...

    def metrics(self, view: View, ref: GovernanceRef, environment: EnvironmentName) -> TrafficMetrics: ...

    def endpoints(
        self, view: View, ref: GovernanceRef, environment: EnvironmentName, lane: Lane
    ) -> tuple[Endpoint, ...]:
        """Where the instances of a lane listen."""
        ...

    def tells(self, view: View, ref: GovernanceRef, to: AudienceName) -> bool:
        """Whether any address of the audience is bound (no name: of everybody)."""
        ...

    def notifier(self, view: View, ref: GovernanceRef, to: AudienceName) -> Notifier: ...

    def bindings(self, view: View, ref: GovernanceRef) -> Bindings: ...

    def journal(self, view: View, ref: GovernanceRef) -> Journal:
        """What writes records into the repository."""
        ...

    def commits(self, base: str, head: str) -> tuple[Commit, ...]:
        """Every commit of the repository after `base` and up to `head`, newest first."""
        ...
