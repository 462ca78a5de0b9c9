# SPDX-License-Identifier: Apache-2.0
"""Bindings: how each check, deployment and message of a procedure is done for one service (`interlock.yaml`).

1. Bindings stand in the repository that is judged, so they are governed: their digest, and that of every file named
   under `governed`, is part of the governance digest, and the version that counts is the last approved one.
2. A requirement whose check is not bound is refused when the bindings are loaded, never found out at the gate.
3. They hold no secret: an address that needs one names an environment variable of the controller.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Final

from interlock.domain.groups import is_group, parse_holder
from interlock.domain.ids import (
    EVERYWHERE,
    AudienceName,
    CheckId,
    ComponentName,
    EnvironmentName,
    PersonId,
    RoleName,
    ServiceName,
    parse_branch,
    parse_name,
)
from interlock.domain.procedure import LOOKS
from interlock.packs.areas import AreaShape
from interlock.packs.examining import ContractSpec, ExaminingSpec, VersionSpec
from interlock.packs.keeping import RecordsSpec
from interlock.packs.problem import Problems
from interlock.packs.routing import NoiseSpec, PrometheusMetrics, RouteSpec
from interlock.packs.shape import decode, key
from interlock.packs.wanted import DAY, FEW, PORTS, Span
from interlock.packs.yaml_tree import read

Branch = Annotated[str, parse_branch]
AreaName = Annotated[str, parse_name]
Holder = Annotated[PersonId, parse_holder]
_STATUS: Final = Span(100, 599)
_EXIT_CODES: Final = Span(1, 255)


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A program and its arguments, without a shell; words in braces are filled in."""

    command: tuple[str, ...] = field(
        metadata=key(
            doc="The program and its arguments; {endpoint} is the first instance, where traffic is split.", at_least=1
        )
    )
    timeout: timedelta = field(default=timedelta(minutes=15), metadata=key(doc="After which it is ended.", span=DAY))
    environment: Mapping[str, str] = field(
        default_factory=dict, metadata=key(doc="Its environment variables; nothing else is passed on.")
    )
    inconclusive_codes: tuple[int, ...] = field(
        default=(), metadata=key(doc="Exit codes that mean: could not tell.", span=_EXIT_CODES)
    )


@dataclass(frozen=True, slots=True)
class JunitSpec:
    """A program that writes a JUnit XML report."""

    junit: tuple[str, ...] = field(metadata=key(doc="The program and its arguments.", at_least=1))
    report: str = field(metadata=key(doc="Where it writes the report, from the source folder."))
    timeout: timedelta = field(default=timedelta(minutes=15), metadata=key(doc="After which it is ended.", span=DAY))
    environment: Mapping[str, str] = field(default_factory=dict, metadata=key(doc="Its environment variables."))


@dataclass(frozen=True, slots=True)
class CountSpec:
    """A program that prints what it counted: {"query": ..., "count": ...}."""

    count: tuple[str, ...] = field(metadata=key(doc="The program and its arguments.", at_least=1))
    timeout: timedelta = field(default=timedelta(minutes=15), metadata=key(doc="After which it is ended.", span=DAY))
    environment: Mapping[str, str] = field(default_factory=dict, metadata=key(doc="Its environment variables."))


@dataclass(frozen=True, slots=True)
class HttpSpec:
    """Addresses that must answer."""

    http: tuple[str, ...] = dataclasses.field(
        metadata=key(
            doc="Addresses that must all answer; {endpoint} is each instance, where traffic is split.",
            at_least=1,
        )
    )
    expect: int = dataclasses.field(default=200, metadata=key(doc="The HTTP status expected.", span=_STATUS))
    field: str = dataclasses.field(
        default="", metadata=key(doc="A JSON pointer into the answer, such as /version; none: any body will do.")
    )
    equals: str = dataclasses.field(default="", metadata=key(doc="What that field must be, such as {version}."))
    timeout: timedelta = dataclasses.field(
        default=timedelta(seconds=5), metadata=key(doc="After which it does not answer.", span=DAY)
    )


@dataclass(frozen=True, slots=True)
class PromqlSpec:
    """A Prometheus query compared with a limit."""

    promql: str = field(metadata=key(doc="The query."))
    server: str = field(metadata=key(doc="The address of the Prometheus server."))
    at_most: float | None = field(default=None, metadata=key(doc="The largest value that passes."))
    at_least: float | None = field(default=None, metadata=key(doc="The smallest value that passes."))
    timeout: timedelta = field(
        default=timedelta(seconds=5), metadata=key(doc="After which it does not answer.", span=DAY)
    )

    def __post_init__(self) -> None:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("give one of at_most and at_least")


@dataclass(frozen=True, slots=True)
class BranchSpec:
    """The released commit was committed on, or merged into, a branch of the service's repository."""

    branch: Branch = field(metadata=key(doc="The branch, such as main."))
    remote: str = field(
        default="",
        metadata=key(doc="The remote whose branch is meant, as last fetched, such as origin; none: the one here."),
    )


@dataclass(frozen=True, slots=True)
class AttachedSpec:
    """Evidence that somebody else brings, such as CI, with `interlock evidence attach`."""

    attached: str = field(metadata=key(doc="Who brings it, in words."))
    by: tuple[RoleName, ...] = field(
        metadata=key(
            doc="The roles whose holders may say that it passes; anybody may say that it does not.", at_least=1
        )
    )


CheckSpec = CommandSpec | JunitSpec | CountSpec | HttpSpec | PromqlSpec | ExaminingSpec | BranchSpec | AttachedSpec


@dataclass(frozen=True, slots=True)
class GitArtifact:
    git: str = field(metadata=key(doc="`archive`: the source at the released commit."))


@dataclass(frozen=True, slots=True)
class FileArtifact:
    file: str = field(metadata=key(doc="A file, from the repository's folder; {version} and {commit} are filled in."))


@dataclass(frozen=True, slots=True)
class OciArtifact:
    oci: str = field(metadata=key(doc="A pinned reference, name@sha256:..., or layout:PATH."))


ArtifactSpec = GitArtifact | FileArtifact | OciArtifact


@dataclass(frozen=True, slots=True)
class CommandDeploy:
    """Any script of the team's own."""

    command: tuple[str, ...] = field(metadata=key(doc="The program and its arguments.", at_least=1))
    timeout: timedelta = field(default=timedelta(minutes=15), metadata=key(doc="After which it has failed.", span=DAY))
    environment: Mapping[str, str] = field(default_factory=dict, metadata=key(doc="Its environment variables."))
    running: tuple[str, ...] = field(
        default=(), metadata=key(doc="A program that prints the digest or version that runs now.")
    )


@dataclass(frozen=True, slots=True)
class ProcessDeploy:
    """Processes on this machine that outlive the controller."""

    process: tuple[str, ...] = field(
        metadata=key(doc="The program and its arguments; {port} is filled in.", at_least=1)
    )
    port: int = field(metadata=key(doc="The port of the first process; each further one takes the next.", span=PORTS))
    instances: int = field(default=1, metadata=key(doc="How many processes.", span=FEW))
    ready: str = field(default="", metadata=key(doc="A path that answers 200 once a process is ready."))
    within: timedelta = field(default=timedelta(seconds=30), metadata=key(doc="By when all must be ready.", span=DAY))
    environment: Mapping[str, str] = field(default_factory=dict, metadata=key(doc="Their environment variables."))


DeploySpec = CommandDeploy | ProcessDeploy


@dataclass(frozen=True, slots=True)
class EnvironmentBinding:
    deploy: DeploySpec = field(metadata=key(doc="How a release is made present there."))
    checks: Mapping[CheckId, CheckSpec] = field(
        default_factory=dict, metadata=key(doc="Checks that are done differently there.")
    )
    roles: Mapping[RoleName, tuple[Holder, ...]] = field(
        default_factory=dict, metadata=key(doc="Who holds a role there alone, besides those who hold it everywhere.")
    )
    route: RouteSpec | None = field(
        default=None, metadata=key(doc="What splits its traffic; releases then stand in two lanes, a and b.")
    )
    metrics: PrometheusMetrics | None = field(
        default=None, metadata=key(doc="Where both arms are counted; without it the proxies' own counters are read.")
    )
    noise: NoiseSpec | None = field(
        default=None, metadata=key(doc="How noisy the service is in good order; none: what is usual is assumed.")
    )
    compare: timedelta = field(
        default=LOOKS.running,
        metadata=key(doc="How often what runs there is compared with what was released.", span=DAY),
    )


@dataclass(frozen=True, slots=True)
class DeliverSpec:
    """Where the head of a branch that goes to an environment by itself is read, and how often."""

    remote: str = field(
        default="",
        metadata=key(doc="The remote whose branch is meant, as last fetched, such as origin; none: the one here."),
    )
    every: timedelta = field(default=LOOKS.head, metadata=key(doc="How often it is read.", span=DAY))


@dataclass(frozen=True, slots=True)
class Bindings:
    """A service's bindings."""

    service: ServiceName = field(metadata=key(doc="The service's name."))
    pack: str = field(metadata=key(doc="A pack of the library, or the path of one in this repository."))
    environments: Mapping[EnvironmentName, EnvironmentBinding] = field(
        metadata=key(doc="How each environment of the pack is deployed to.", at_least=1)
    )
    roles: Mapping[RoleName, tuple[Holder, ...]] = field(
        metadata=key(
            doc="Who holds each role in every environment: people, or group:NAME for a group of the identity provider."
        )
    )
    checks: Mapping[CheckId, CheckSpec] = field(default_factory=dict, metadata=key(doc="How each check is done."))
    components: Mapping[ComponentName, ArtifactSpec] = field(
        default_factory=dict, metadata=key(doc="What is shipped; nothing named: the source at the released commit.")
    )
    solo: tuple[PersonId, ...] = field(
        default=(), metadata=key(doc="Who declares to work alone: separation of duties is off, and it shows.")
    )
    areas: Mapping[AreaName, AreaShape] = field(
        default_factory=dict, metadata=key(doc="What the source is divided into, and who owns each part.")
    )
    external_authors: tuple[str, ...] = field(
        default=(), metadata=key(doc="Addresses of authors who hold no role here, such as bots.")
    )
    deliver: DeliverSpec = field(
        default=DeliverSpec(), metadata=key(doc="For a pack that delivers a branch: where and how often it is read.")
    )
    governed: tuple[str, ...] = field(
        default=(), metadata=key(doc="Files of the repository that these bindings rely on.")
    )
    notify: tuple[str, ...] = field(
        default=(), metadata=key(doc="Where messages go: an address, or $NAME for one kept in the environment.")
    )
    audiences: Mapping[AudienceName, tuple[str, ...]] = field(
        default_factory=dict,
        metadata=key(
            doc="Where the messages to each audience of the pack go; file:PATH keeps a status page in a folder."
        ),
    )
    records: RecordsSpec | None = field(
        default=None,
        metadata=key(doc="Where records are committed once a release or an incident has ended; none: nowhere."),
    )

    @property
    def posts(self) -> Mapping[EnvironmentName, Mapping[RoleName, tuple[PersonId, ...]]]:
        """Who holds a role in one environment alone; nothing of an environment where nobody does."""
        return {name: one.roles for name, one in self.environments.items() if one.roles}

    def who_holds(self, roles: tuple[RoleName, ...], *where: EnvironmentName) -> tuple[PersonId, ...]:
        """Everybody who holds one of the roles everywhere, or in one of these places."""
        bound = (self.roles, *(self.posts.get(place, {}) for place in where))
        return tuple(dict.fromkeys(one for role in roles for people in bound for one in people.get(role, ())))

    def who_could_stand(self, roles: tuple[RoleName, ...], *where: EnvironmentName) -> tuple[PersonId, ...]:
        """The same, with as many for a group as are asked of one: only its provider knows how many are in it."""
        held = self.who_holds(roles, *where)
        numbers = range(1, int(FEW.most) + 1)
        return tuple(
            PersonId(f"{one} {number}") if is_group(one) else one
            for one in held
            for number in (numbers if is_group(one) else (1,))
        )

    def addresses(self, audience: AudienceName) -> tuple[str, ...]:
        """Where messages to an audience go; with no name, those to everybody."""
        return self.audiences.get(audience, ()) if audience else self.notify

    def check(self, check: CheckId, environment: EnvironmentName) -> CheckSpec | None:
        """How a check is done in an environment; None when it is bound nowhere."""
        place = self.environments.get(environment)
        own = place.checks.get(check) if place else None
        return own or self.checks.get(check)

    def brought(
        self, *where: EnvironmentName
    ) -> Iterator[tuple[tuple[CheckId, EnvironmentName], tuple[RoleName, ...]]]:
        """The checks in these places that somebody else does, and who may say that they pass."""
        for place in where:
            own = self.environments[place].checks if place in self.environments else {}
            for check in dict.fromkeys((*self.checks, *own)):
                spec = self.check(check, place)
                if isinstance(spec, AttachedSpec):
                    yield (check, place), spec.by

    def goes_by_name(self, check: CheckId, environment: EnvironmentName) -> bool:
        """Whether the answer depends on what the release is called, not on its content alone.

        A check in an environment is about what runs there, by whatever name.
        """
        if self.compares(check, environment):
            return True
        said = str(self.check(check, environment))
        return environment == EVERYWHERE and any(word in said for word in ("{version}", "{release}"))

    def compares(self, check: CheckId, environment: EnvironmentName) -> bool:
        """Whether it holds a release against the one it follows."""
        return isinstance(self.check(check, environment), ContractSpec | VersionSpec)


def load_bindings(source: str, content: bytes) -> Bindings | Problems:
    """The bindings in these bytes, by themselves."""
    document = read(source, content)
    return document if isinstance(document, Problems) else decode(document, Bindings)
