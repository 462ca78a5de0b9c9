# SPDX-License-Identifier: Apache-2.0
"""Adapters, built from the bindings of one recorded governance, never from the file in the checkout."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from interlock.adapters import registry, routes
from interlock.adapters.jobs import open_scratch
from interlock.adapters.registry import Premises, Sources
from interlock.adapters.routes import Lines, Site
from interlock.config import Home, secret
from interlock.domain.artifact import Artifact
from interlock.domain.governance import GovernanceRef
from interlock.domain.ids import EVERYWHERE, AudienceName, CheckId, EnvironmentName, ServiceName
from interlock.domain.release import Release, ReleasePhase
from interlock.domain.slot import NOTHING, OccupantKind
from interlock.domain.traffic import Lane
from interlock.domain.trunk import Head, branch_reference
from interlock.packs.bindings import AttachedSpec, Bindings, CheckSpec, EnvironmentBinding
from interlock.packs.shelf import Shelf
from interlock.ports.check import UNTOLD, Checker, CheckRequest, Former, NoFormer
from interlock.ports.deploy import Deployer, DeployRequest, PlacedArtifact
from interlock.ports.failure import Rejected
from interlock.ports.journal import Journal
from interlock.ports.metrics import TrafficMetrics
from interlock.ports.notify import Notifier
from interlock.ports.router import Endpoint, ProxyCommand, ProxyState, TrafficRouter
from interlock.ports.source import Commit, SourceRepository
from interlock.ports.store import LedgerStore
from interlock.service.compose import Artifacts, Composer, Draft, Wanted, draft_release
from interlock.service.former import release_at
from interlock.service.gather import Gatherer
from interlock.service.library import PackLibrary
from interlock.service.view import View

SCRATCH: Final = Path(tempfile.gettempdir())
"""Where the account that checks run as can reach its copies."""


@dataclass(slots=True)
class BoundWorkshop:
    """Builds adapters from recorded bindings, once per binding."""

    home: Home
    repository: SourceRepository
    library: PackLibrary
    premises: Premises
    secrets: Callable[[str], str] = secret
    sources: Sources = field(init=False)
    lines: Lines | None = None
    """What is open towards proxies; nothing before a router is asked for."""

    def __post_init__(self) -> None:
        self.sources = registry.sources(self.repository, self.home.repository, self.premises)

    def artifacts(self) -> Artifacts:
        """The ways of naming and fetching artifacts."""
        return Artifacts(self.sources.git, self.sources.file, self.sources.oci)

    def deployer(self, view: View, ref: GovernanceRef, environment: EnvironmentName, lane: Lane = Lane.A) -> Deployer:
        """The deployer bound for an environment, into one of its lanes."""
        return registry.deployer(self._bound(view, ref, environment).deploy, self.premises, lane)

    def head(self, view: View, ref: GovernanceRef, branch: str) -> str:
        """The head of a branch here, or of the remote that is bound, as it was fetched last."""
        remote = self._bindings(view, ref).deliver.remote
        return self.repository.resolve(branch_reference(branch, remote)).sha

    def draft(self, gatherer: Gatherer, store: LedgerStore, service: ServiceName, head: Head) -> Draft:
        """What a person would hand in who made a release of it."""
        rules = self.library.rules(gatherer.view, gatherer.view.service(service).in_force)
        wanted = Wanted(service, head.version, head.commit, head.change, rules)
        return draft_release(Composer(self.repository, Shelf()), self.artifacts(), gatherer, store, wanted)

    def routes(self, view: View, ref: GovernanceRef, environment: EnvironmentName) -> bool:
        """Whether its traffic is split under these bindings."""
        bound = self._bindings(view, ref).environments.get(environment)
        return bound is not None and bound.route is not None

    def router(self, view: View, ref: GovernanceRef, environment: EnvironmentName) -> TrafficRouter:
        """What splits it. Raises `Rejected` where nothing does."""
        bound, site = self._bound(view, ref, environment), self._site(view, ref, environment)
        return self._opened().router(bound, site)

    def proxies(
        self, view: View, ref: GovernanceRef, environment: EnvironmentName
    ) -> tuple[tuple[ProxyCommand, ProxyState], ...]:
        """Write the files of its proxies; how each is started, and what it serves now. Opens no port.

        They serve what is live, unless something is moving there: that is the controller's then.
        """
        bound, site = self._bound(view, ref, environment), self._site(view, ref, environment)
        slot = view.slot(site.service, environment)
        rests = slot.kind is OccupantKind.FREE and slot.live != NOTHING
        stable = self.endpoints(view, ref, environment, slot.live.lane) if rests else ()
        return self._opened().proxies(bound, site, stable)

    def metrics(self, view: View, ref: GovernanceRef, environment: EnvironmentName) -> TrafficMetrics:
        """Where both arms are counted."""
        return routes.metrics(self._bound(view, ref, environment), self._site(view, ref, environment))

    def endpoints(
        self, view: View, ref: GovernanceRef, environment: EnvironmentName, lane: Lane
    ) -> tuple[Endpoint, ...]:
        """Where the instances of a lane listen."""
        return routes.endpoints(self._bound(view, ref, environment), lane)

    def close(self) -> None:
        """Give back what is open towards proxies."""
        if self.lines is not None:
            self.lines.close()

    def deploy_request(
        self, view: View, ref: GovernanceRef, release: Release, environment: EnvironmentName
    ) -> DeployRequest:
        """The request with every artifact fetched into the content store and checked against its digest."""
        placed = tuple(self._placed(artifact) for artifact in release.artifacts)
        return DeployRequest(release.service, environment, release.id, release.version, release.digest, placed)

    def runs(self, view: View, ref: GovernanceRef, check: CheckId) -> bool:
        """Whether the check is run by us, rather than attached by somebody else."""
        bindings = self._bindings(view, ref)
        specs = [bindings.check(check, environment) for environment in (EVERYWHERE, *bindings.environments)]
        return not all(spec is None or isinstance(spec, AttachedSpec) for spec in specs)

    def goes_by_name(self, view: View, ref: GovernanceRef, check: CheckId, environment: EnvironmentName) -> bool:
        """As its binding says."""
        return self._bindings(view, ref).goes_by_name(check, environment)

    def checker(self, view: View, ref: GovernanceRef, environment: EnvironmentName, check: CheckId) -> Checker:
        """The check as it is bound there."""
        spec = self._bindings(view, ref).check(check, environment)
        if spec is None:
            raise Rejected(
                "bindings.unbound_check",
                f"check '{check}' is not bound under this governance",
                "bind it and have the governance approved",
            )
        return registry.checker(spec, self.premises)

    def check_request(
        self, view: View, ref: GovernanceRef, release: Release, environment: EnvironmentName, check: CheckId, lane: Lane
    ) -> CheckRequest:
        """The request with the release's own source at hand, and where it listens."""
        workspace = self._source(release)
        named = (release.service, environment, release.id, release.version, release.digest)
        at = self.endpoints(view, ref, environment, lane) if self.routes(view, ref, environment) else ()
        endpoints = tuple(f"{one.host}:{one.port}" for one in at)
        compares = self._bindings(view, ref).compares(check, environment)
        former = self.former(view, ref, release.base) if compares else UNTOLD
        return CheckRequest(check, *named, workspace, endpoints, commit=release.commit, former=former)

    def former(self, view: View, ref: GovernanceRef, base: str) -> Former | NoFormer:
        """The good release whose commit a release is based on, with its source at hand."""
        rules = self.library.rules(view, ref)
        environments = [one.name for one in reversed(rules.governance.procedure.environments)]
        found = release_at(view, rules.bindings.service, base, environments)
        if found.phase is ReleasePhase.ABSENT:
            return NoFormer("no good release of this service is known that the release follows")
        return Former(found.version, found.commit, self._source(found))

    def tells(self, view: View, ref: GovernanceRef, to: AudienceName) -> bool:
        """Whether any address is bound."""
        return bool(self._bindings(view, ref).addresses(to))

    def notifier(self, view: View, ref: GovernanceRef, to: AudienceName) -> Notifier:
        """Who tells people. `$NAME` in the bindings stands for an address in our environment."""
        return registry.notifier(self._bindings(view, ref).addresses(to), self.home.repository, self.secrets)

    def bindings(self, view: View, ref: GovernanceRef) -> Bindings:
        """How everything is done under a recorded governance."""
        return self._bindings(view, ref)

    def journal(self, view: View, ref: GovernanceRef) -> Journal:
        """What writes records into the service's repository."""
        return registry.journal(self._bindings(view, ref).records, self.home.repository, self.premises)

    def commits(self, base: str, head: str) -> tuple[Commit, ...]:
        """Every commit of the repository after `base` and up to `head`."""
        return tuple(self.repository.commits(base, head))

    def _bound(self, view: View, ref: GovernanceRef, environment: EnvironmentName) -> EnvironmentBinding:
        bound = self._bindings(view, ref).environments.get(environment)
        if bound is None:
            raise Rejected(
                "bindings.unbound_environment",
                f"environment '{environment}' is not bound under this governance",
                "bind it and have the governance approved",
            )
        return bound

    def _opened(self) -> Lines:
        self.lines = self.lines or Lines()
        return self.lines

    def _site(self, view: View, ref: GovernanceRef, environment: EnvironmentName) -> Site:
        service = self._bindings(view, ref).service
        return Site(service, environment, self.home.routes / service / environment)

    def _bindings(self, view: View, ref: GovernanceRef) -> Bindings:
        return self.library.rules(view, ref).bindings

    def _placed(self, artifact: Artifact) -> PlacedArtifact:
        path = self.artifacts().of(artifact.kind).fetch(artifact.reference, artifact.digest)
        return PlacedArtifact(artifact.component, artifact.digest, artifact.reference, path)

    def _source(self, release: Release) -> Path:
        """The release's source, from its commit; content-addressed, so it is unpacked once."""
        digest = self.sources.git.identify(release.commit)
        return self.sources.git.fetch(release.commit, digest)


def set_up(home: Home, repository: SourceRepository, library: PackLibrary) -> BoundWorkshop:
    """The workshop of a home."""
    premises = Premises(home.jobs, home.deployments, home.content, open_scratch(SCRATCH), home.repository)
    return BoundWorkshop(home, repository, library, premises)


def rehearse(home: Home, bindings: Bindings) -> None:
    """Build every adapter these bindings name, and keep none. Raises `Rejected` for the first that cannot be."""
    premises = Premises(home.jobs, home.deployments, home.content, SCRATCH, home.repository)
    for name, bound in bindings.environments.items():
        with _placed_at(f"environments.{name}.deploy"):
            registry.deployer(bound.deploy, premises)
    for where, checks in (("", bindings.checks), *_checks_by_place(bindings)):
        for check, spec in checks.items():
            if not isinstance(spec, AttachedSpec):
                with _placed_at(f"{where}checks.{check}"):
                    registry.checker(spec, premises)
    for where, addresses in (("notify", bindings.notify), *_addresses_by_place(bindings)):
        for number, address in enumerate(addresses):
            if not address.startswith(registry.KEPT_APART):
                with _placed_at(f"{where}[{number}]"):
                    registry.address(address, home.repository)


def _checks_by_place(bindings: Bindings) -> Iterator[tuple[str, Mapping[CheckId, CheckSpec]]]:
    for name, bound in bindings.environments.items():
        yield f"environments.{name}.", bound.checks


def _addresses_by_place(bindings: Bindings) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, addresses in bindings.audiences.items():
        yield f"audiences.{name}", addresses


@contextmanager
def _placed_at(place: str) -> Iterator[None]:
    """Say where in the bindings it is that cannot be built."""
    try:
        yield
    except Rejected as fault:
        raise Rejected(fault.code, f"{place}: {fault.sentence}", fault.next_step) from fault
