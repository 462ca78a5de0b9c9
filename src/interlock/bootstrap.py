# SPDX-License-Identifier: Apache-2.0
"""The composition root: from a home on disk to a desk, a workshop and a controller. The only module that knows all.

1. A ledger is opened for writing only by who holds its key; everybody else reads.
2. Adapters are built from the bindings of one recorded governance, never from the file in the checkout.
3. What only acting on the world needs is imported when it is built: reading a ledger must cost next to nothing.
"""

import base64
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from interlock.adapters.calendar.rfc5545 import Rfc5545Calendar
from interlock.adapters.clock import SystemClock, draw, monotonic
from interlock.adapters.signer.ssh import SshKeySigner, SshVerifier, parse_public_key
from interlock.adapters.source.git import GitRepository
from interlock.adapters.store.sqlite import SqliteReader, SqliteStore
from interlock.config import Home, for_ssh, secret
from interlock.domain.governance import GovernanceRef
from interlock.domain.ids import EVERYWHERE, CheckId, CommandId, EnvironmentName
from interlock.domain.release import Release
from interlock.domain.slot import NOTHING, OccupantKind
from interlock.domain.traffic import Lane
from interlock.ledger.keyring import OpenLedger
from interlock.packs.bindings import AttachedSpec, Bindings, CheckSpec, EnvironmentBinding
from interlock.packs.shelf import Shelf
from interlock.ports.calendar import Calendar
from interlock.ports.clock import Clock
from interlock.ports.failure import Rejected
from interlock.ports.signing import CheckpointSigner, PersonSigner, SignatureVerifier
from interlock.ports.store import LedgerStore
from interlock.service.handle import Desk
from interlock.service.library import PackLibrary
from interlock.service.view import View

if TYPE_CHECKING:
    from interlock.adapters.registry import Premises, Sources
    from interlock.adapters.routes import Lines, Site
    from interlock.domain.artifact import Artifact
    from interlock.ports.check import Checker, CheckRequest, Reading
    from interlock.ports.deploy import Deployer, DeployRequest, PlacedArtifact
    from interlock.ports.metrics import TrafficMetrics
    from interlock.ports.notify import Notifier
    from interlock.ports.router import Endpoint, ProxyCommand, ProxyState, TrafficRouter
    from interlock.ports.source import SourceRepository
    from interlock.service.compose import Artifacts, Composer
    from interlock.workflows.controller import Controller

SCRATCH: Final = Path(tempfile.gettempdir())
"""Where the account that checks run as can reach its copies."""


@dataclass(slots=True)
class BoundWorkshop:
    """Builds adapters from recorded bindings, once per binding."""

    home: Home
    repository: "SourceRepository"
    library: PackLibrary
    premises: "Premises"
    secrets: Callable[[str], str] = secret
    sources: "Sources" = field(init=False)
    lines: "Lines | None" = None
    """What is open towards proxies; nothing before a router is asked for."""

    def __post_init__(self) -> None:
        from interlock.adapters.registry import sources

        self.sources = sources(self.repository, self.home.repository, self.premises)

    def artifacts(self) -> "Artifacts":
        """The ways of naming and fetching artifacts."""
        from interlock.service.compose import Artifacts

        return Artifacts(self.sources.git, self.sources.file, self.sources.oci)

    def deployer(self, view: View, ref: GovernanceRef, environment: EnvironmentName, lane: Lane = Lane.A) -> "Deployer":
        """The deployer bound for an environment, into one of its lanes."""
        from interlock.adapters.registry import deployer

        return deployer(self._bound(view, ref, environment).deploy, self.premises, lane)

    def routes(self, view: View, ref: GovernanceRef, environment: EnvironmentName) -> bool:
        """Whether its traffic is split under these bindings."""
        bound = self._bindings(view, ref).environments.get(environment)
        return bound is not None and bound.route is not None

    def router(self, view: View, ref: GovernanceRef, environment: EnvironmentName) -> "TrafficRouter":
        """What splits it. Raises `Rejected` where nothing does."""
        bound, site = self._bound(view, ref, environment), self._site(view, ref, environment)
        return self._opened().router(bound, site)

    def proxies(
        self, view: View, ref: GovernanceRef, environment: EnvironmentName
    ) -> "tuple[tuple[ProxyCommand, ProxyState], ...]":
        """Write the files of its proxies; how each is started, and what it serves now. Opens no port.

        They serve what is live, unless something is moving there: that is the controller's then.
        """
        bound, site = self._bound(view, ref, environment), self._site(view, ref, environment)
        slot = view.slot(site.service, environment)
        rests = slot.kind is OccupantKind.FREE and slot.live != NOTHING
        stable = self.endpoints(view, ref, environment, slot.live.lane) if rests else ()
        return self._opened().proxies(bound, site, stable)

    def metrics(self, view: View, ref: GovernanceRef, environment: EnvironmentName) -> "TrafficMetrics":
        """Where both arms are counted."""
        from interlock.adapters.routes import metrics

        return metrics(self._bound(view, ref, environment), self._site(view, ref, environment))

    def endpoints(
        self, view: View, ref: GovernanceRef, environment: EnvironmentName, lane: Lane
    ) -> "tuple[Endpoint, ...]":
        """Where the instances of a lane listen."""
        from interlock.adapters.routes import endpoints

        return endpoints(self._bound(view, ref, environment), lane)

    def close(self) -> None:
        """Give back what is open towards proxies."""
        if self.lines is not None:
            self.lines.close()

    def deploy_request(
        self, view: View, ref: GovernanceRef, release: Release, environment: EnvironmentName
    ) -> "DeployRequest":
        """The request with every artifact fetched into the content store and checked against its digest."""
        from interlock.ports.deploy import DeployRequest

        placed = tuple(self._placed(artifact) for artifact in release.artifacts)
        return DeployRequest(release.service, environment, release.id, release.version, release.digest, placed)

    def runs(self, view: View, ref: GovernanceRef, check: CheckId) -> bool:
        """Whether the check is run by us, rather than attached by somebody else."""
        bindings = self._bindings(view, ref)
        specs = [bindings.check(check, environment) for environment in (EVERYWHERE, *bindings.environments)]
        return not all(spec is None or isinstance(spec, AttachedSpec) for spec in specs)

    def checker(self, view: View, ref: GovernanceRef, environment: EnvironmentName, check: CheckId) -> "Checker":
        """The check as it is bound there."""
        spec = self._bindings(view, ref).check(check, environment)
        if spec is None:
            raise Rejected(
                "bindings.unbound_check",
                f"check '{check}' is not bound under this governance",
                "bind it and have the governance approved",
            )
        from interlock.adapters.registry import checker

        return checker(spec, self.premises)

    def check_request(
        self, view: View, ref: GovernanceRef, release: Release, environment: EnvironmentName, check: CheckId, lane: Lane
    ) -> "CheckRequest":
        """The request with the release's own source at hand, and where it listens."""
        from interlock.ports.check import CheckRequest

        workspace = self._source(release)
        named = (release.service, environment, release.id, release.version, release.digest)
        at = self.endpoints(view, ref, environment, lane) if self.routes(view, ref, environment) else ()
        return CheckRequest(check, *named, workspace, tuple(f"{one.host}:{one.port}" for one in at))

    def tells(self, view: View, ref: GovernanceRef) -> bool:
        """Whether any address is bound."""
        return bool(self._bindings(view, ref).notify)

    def notifier(self, view: View, ref: GovernanceRef) -> "Notifier":
        """Who tells people. `$NAME` in the bindings stands for an address in our environment."""
        from interlock.adapters.registry import notifier

        return notifier(tuple(self._address(address) for address in self._bindings(view, ref).notify))

    def _bound(self, view: View, ref: GovernanceRef, environment: EnvironmentName) -> EnvironmentBinding:
        bound = self._bindings(view, ref).environments.get(environment)
        if bound is None:
            raise Rejected(
                "bindings.unbound_environment",
                f"environment '{environment}' is not bound under this governance",
                "bind it and have the governance approved",
            )
        return bound

    def _opened(self) -> "Lines":
        from interlock.adapters.routes import Lines

        self.lines = self.lines or Lines()
        return self.lines

    def _site(self, view: View, ref: GovernanceRef, environment: EnvironmentName) -> "Site":
        from interlock.adapters.routes import Site

        service = self._bindings(view, ref).service
        return Site(service, environment, self.home.routes / service / environment)

    def _bindings(self, view: View, ref: GovernanceRef) -> Bindings:
        return self.library.rules(view, ref).bindings

    def _placed(self, artifact: "Artifact") -> "PlacedArtifact":
        from interlock.ports.deploy import PlacedArtifact

        path = self.artifacts().of(artifact.kind).fetch(artifact.reference, artifact.digest)
        return PlacedArtifact(artifact.component, artifact.digest, artifact.reference, path)

    def _source(self, release: Release) -> Path:
        """The release's source, from its commit; content-addressed, so it is unpacked once."""
        digest = self.sources.git.identify(release.commit)
        return self.sources.git.fetch(release.commit, digest)

    def _address(self, address: str) -> str:
        if not address.startswith("$"):
            return address
        value = self.secrets(address.removeprefix("$"))
        if not value:
            raise Rejected(
                "notify.no_address", f"the environment variable {address} is not set", "set it for the controller"
            )
        return value


@dataclass(slots=True)
class House:
    """Everything of one home, put together."""

    home: Home
    store: LedgerStore
    desk: Desk
    library: PackLibrary
    clock: SystemClock
    repository: GitRepository

    def composer(self) -> "Composer":
        """Reads the governance that stands in the repository."""
        from interlock.service.compose import Composer

        return Composer(self.repository, Shelf())

    def workshop(self) -> BoundWorkshop:
        """Builds adapters from recorded bindings."""
        from interlock.adapters.jobs import open_scratch
        from interlock.adapters.registry import Premises

        premises = Premises(self.home.jobs, self.home.deployments, self.home.content, open_scratch(SCRATCH))
        return BoundWorkshop(self.home, self.repository, self.library, premises)

    def heal(self) -> None:
        """Bring back what watches over local processes where it was lost. The processes themselves live on."""
        from interlock.adapters.deploy.process import ProcessDeployer
        from interlock.workflows.controller import services

        view, workshop = self.desk.view(), self.workshop()
        for service in services(self.store):
            ref = view.service(service).in_force
            for environment in self.library.rules(view, ref).bindings.environments if ref.digest else ():
                for lane in Lane:
                    deployer = workshop.deployer(view, ref, environment, lane)
                    if isinstance(deployer, ProcessDeployer):
                        deployer.revive(service, environment)

    def controller(self) -> "Controller":
        """Moves every service of the ledger. Only the holder of the driver's lock may run it."""
        from interlock.workflows.controller import Controller
        from interlock.workflows.keeper import Keeper

        return Controller(self.desk, self.workshop(), self.clock, Keeper(draw(8).hex(), monotonic))


def repository_at(home: Home) -> "SourceRepository":
    """The repository a home belongs to, ledger or not."""
    return GitRepository(home.repository)


def make_ledger(home: Home, origin: str) -> House:
    """A new ledger with a new key. Raises `Rejected` (code `store.exists`) when there is one already."""
    from interlock.adapters.signer.ed25519 import Ed25519Signer

    home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home.folder / ".gitignore").write_text("*\n")  # no part of the repository, worktrees and submodules included
    signer = Ed25519Signer.create(home.key, origin)
    store = SqliteStore.create(home.ledger, origin, signer)
    house = _house(home, store)
    opening = OpenLedger(origin, base64.b64encode(signer.public_key).decode())
    house.desk.perform(opening, CommandId("open"), house.clock.now())
    return house


def open_house(home: Home) -> House:
    """The home's ledger, for writing."""
    from interlock.adapters.signer.ed25519 import Ed25519Signer

    with closing(SqliteReader.open(_existing(home).ledger)) as reader:
        origin = reader.origin
    return _house(home, SqliteStore.open(home.ledger, Ed25519Signer.load(home.key, origin)))


def read_house(home: Home) -> House:
    """The home's ledger, for reading only: no key is touched."""
    return _house(home, SqliteReader.open(_existing(home).ledger))


def person_signer(key: Path) -> PersonSigner:
    """A person's own key, private or `.pub`. Raises `Rejected` (`signing.no_key`, `signing.unusable_key`)."""
    return SshKeySigner.load(key, for_ssh())


def public_key(line: str) -> str:
    """The key of an OpenSSH public key line, without its comment. Raises `ValueError` with a sentence."""
    return parse_public_key(line)


def fresh_bytes(count: int) -> bytes:
    """That many random bytes, for salts and command ids."""
    return draw(count)


@dataclass(frozen=True, slots=True)
class Outsider:
    """What somebody brings along who has no ledger, only a copy of one."""

    checks: SignatureVerifier
    calendar: Calendar
    library: PackLibrary
    clock: Clock


def outsider() -> Outsider:
    """All of it, untouched by any ledger."""
    return Outsider(SshVerifier(), Rfc5545Calendar(), PackLibrary(), SystemClock())


def ledger_key(path: Path, name: str) -> CheckpointSigner:
    """A key that signs checkpoints, of a ledger or a witness. Raises `Rejected` for one that cannot be used."""
    from interlock.adapters.signer.ed25519 import Ed25519Signer

    return Ed25519Signer.load(path, name)


def new_ledger_key(path: Path, name: str) -> CheckpointSigner:
    """A new one, kept at `path`, where nothing may be yet."""
    from interlock.adapters.signer.ed25519 import Ed25519Signer

    return Ed25519Signer.create(path, name)


def rehearse(home: Home, bindings: Bindings) -> None:
    """Build every adapter these bindings name, and keep none. Raises `Rejected` for the first that cannot be."""
    from interlock.adapters.registry import Premises, checker, deployer

    premises = Premises(home.jobs, home.deployments, home.content, SCRATCH)
    for name, bound in bindings.environments.items():
        with _placed_at(f"environments.{name}.deploy"):
            deployer(bound.deploy, premises)
    for where, checks in (("", bindings.checks), *_checks_by_place(bindings)):
        for check, spec in checks.items():
            if not isinstance(spec, AttachedSpec):
                with _placed_at(f"{where}checks.{check}"):
                    checker(spec, premises)


def junit_reading(content: bytes) -> "Reading":
    """What a JUnit report says."""
    from interlock.adapters.check.junit import read_junit

    return read_junit(content)


def _checks_by_place(bindings: Bindings) -> Iterator[tuple[str, Mapping[CheckId, CheckSpec]]]:
    for name, bound in bindings.environments.items():
        yield f"environments.{name}.", bound.checks


@contextmanager
def _placed_at(place: str) -> Iterator[None]:
    """Say where in the bindings it is that cannot be built."""
    try:
        yield
    except Rejected as fault:
        raise Rejected(fault.code, f"{place}: {fault.sentence}", fault.next_step) from fault


def _existing(home: Home) -> Home:
    if not home.exists:
        raise Rejected(
            "home.none",
            f"there is no ledger at {home.folder}",
            "run `interlock init` in your repository, or name the ledger's folder with INTERLOCK_HOME",
        )
    return home


def _house(home: Home, store: LedgerStore) -> House:
    library = PackLibrary()
    desk = Desk(store, SshVerifier(), library, Rfc5545Calendar())
    return House(home, store, desk, library, SystemClock(), GitRepository(home.repository))
