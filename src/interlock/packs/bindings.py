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
from typing import Annotated

from interlock.domain.ids import CheckId, ComponentName, EnvironmentName, PersonId, RoleName, ServiceName, parse_name
from interlock.domain.procedure import Procedure
from interlock.domain.requirement import CheckRequirement, CountRequirement
from interlock.domain.strategy import Measure
from interlock.domain.traffic import Lane
from interlock.packs.nearest import advice
from interlock.packs.problem import Problem, Problems, problems_of
from interlock.packs.shape import decode, key, problem_at
from interlock.packs.yaml_tree import Document, read

ProxyName = Annotated[str, parse_name]
"""It becomes the name of a file, too."""


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A program and its arguments, without a shell; words in braces are filled in."""

    command: tuple[str, ...] = field(
        metadata=key(
            doc="The program and its arguments; {endpoint} is the first instance, where traffic is split.", at_least=1
        )
    )
    timeout: timedelta = field(default=timedelta(minutes=15), metadata=key(doc="After which it is ended."))
    environment: Mapping[str, str] = field(
        default_factory=dict, metadata=key(doc="Its environment variables; nothing else is passed on.")
    )
    inconclusive_codes: tuple[int, ...] = field(default=(), metadata=key(doc="Exit codes that mean: could not tell."))


@dataclass(frozen=True, slots=True)
class JunitSpec:
    """A program that writes a JUnit XML report."""

    junit: tuple[str, ...] = field(metadata=key(doc="The program and its arguments.", at_least=1))
    report: str = field(metadata=key(doc="Where it writes the report, from the source folder."))
    timeout: timedelta = field(default=timedelta(minutes=15), metadata=key(doc="After which it is ended."))
    environment: Mapping[str, str] = field(default_factory=dict, metadata=key(doc="Its environment variables."))


@dataclass(frozen=True, slots=True)
class CountSpec:
    """A program that prints what it counted: {"query": ..., "count": ...}."""

    count: tuple[str, ...] = field(metadata=key(doc="The program and its arguments.", at_least=1))
    timeout: timedelta = field(default=timedelta(minutes=15), metadata=key(doc="After which it is ended."))
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
    expect: int = dataclasses.field(default=200, metadata=key(doc="The HTTP status expected."))
    field: str = dataclasses.field(
        default="", metadata=key(doc="A JSON pointer into the answer, such as /version; none: any body will do.")
    )
    equals: str = dataclasses.field(default="", metadata=key(doc="What that field must be, such as {version}."))
    timeout: timedelta = dataclasses.field(
        default=timedelta(seconds=5), metadata=key(doc="After which it does not answer.")
    )


@dataclass(frozen=True, slots=True)
class PromqlSpec:
    """A Prometheus query compared with a limit."""

    promql: str = field(metadata=key(doc="The query."))
    server: str = field(metadata=key(doc="The address of the Prometheus server."))
    at_most: float | None = field(default=None, metadata=key(doc="The largest value that passes."))
    at_least: float | None = field(default=None, metadata=key(doc="The smallest value that passes."))
    timeout: timedelta = field(default=timedelta(seconds=5), metadata=key(doc="After which it does not answer."))

    def __post_init__(self) -> None:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("give one of at_most and at_least")


@dataclass(frozen=True, slots=True)
class AttachedSpec:
    """Evidence that somebody else brings, such as CI, with `interlock evidence attach`."""

    attached: str = field(metadata=key(doc="Who brings it, in words."))


CheckSpec = CommandSpec | JunitSpec | CountSpec | HttpSpec | PromqlSpec | AttachedSpec


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
    timeout: timedelta = field(default=timedelta(minutes=15), metadata=key(doc="After which it has failed."))
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
    port: int = field(metadata=key(doc="The port of the first process; each further one takes the next."))
    instances: int = field(default=1, metadata=key(doc="How many processes."))
    ready: str = field(default="", metadata=key(doc="A path that answers 200 once a process is ready."))
    within: timedelta = field(default=timedelta(seconds=30), metadata=key(doc="By when all must be ready."))
    environment: Mapping[str, str] = field(default_factory=dict, metadata=key(doc="Their environment variables."))


DeploySpec = CommandDeploy | ProcessDeploy


@dataclass(frozen=True, slots=True)
class EnvoyRoute:
    """Envoy proxies; Interlock writes their files and is their control plane for the share only."""

    envoy: tuple[ProxyName, ...] = field(metadata=key(doc="The names of the proxies.", at_least=1))
    listen: int = field(metadata=key(doc="The port of the first proxy; each further one takes the next."))
    admin: int = field(metadata=key(doc="The first proxy's administration port; each further one takes the next."))
    control: int = field(metadata=key(doc="The port where Interlock tells the proxies the share."))
    ttl: timedelta = field(
        default=timedelta(seconds=3), metadata=key(doc="How long an exposure outlives whoever holds it.")
    )
    lanes: Mapping[Lane, tuple[str, ...]] = field(
        default_factory=dict,
        metadata=key(doc="Where the instances of lanes a and b listen (host:port), unless they are processes here."),
    )


@dataclass(frozen=True, slots=True)
class HaproxyRoute:
    """HAProxy; Interlock writes its files and sets its weights."""

    haproxy: tuple[ProxyName, ...] = field(metadata=key(doc="The names of the proxies.", at_least=1))
    listen: int = field(metadata=key(doc="The port of the first proxy; each further one takes the next."))
    ttl: timedelta = field(
        default=timedelta(seconds=3), metadata=key(doc="How long an exposure outlives whoever holds it.")
    )
    lanes: Mapping[Lane, tuple[str, ...]] = field(
        default_factory=dict,
        metadata=key(doc="Where the instances of lanes a and b listen (host:port), unless they are processes here."),
    )


RouteSpec = EnvoyRoute | HaproxyRoute


@dataclass(frozen=True, slots=True)
class PrometheusMetrics:
    """Counters of both arms by PromQL; each query gives one value for every source."""

    prometheus: str = field(metadata=key(doc="The address of the Prometheus server."))
    requests: str = field(
        metadata=key(doc="All requests; {arm} is stable or candidate, {fresh} how old a sample may be.")
    )
    errors: str = field(metadata=key(doc="Bad answers, and requests without one, with {arm} and {fresh}."))
    slower: Mapping[str, str] = field(
        default_factory=dict, metadata=key(doc="Requests slower than each edge, such as 250ms, with {arm} and {fresh}.")
    )
    source: str = field(default="instance", metadata=key(doc="The label that tells sources apart."))
    ready: str = field(default="", metadata=key(doc="How many of the candidate's instances are ready; none: unknown."))
    members: str = field(default="", metadata=key(doc="How many instances the candidate has; none: unknown."))
    fresh_for: timedelta = field(
        default=timedelta(seconds=5), metadata=key(doc="How old a sample may be: two or three scrape intervals.")
    )
    timeout: timedelta = field(default=timedelta(seconds=1), metadata=key(doc="After which it does not answer."))


@dataclass(frozen=True, slots=True)
class EnvironmentBinding:
    deploy: DeploySpec = field(metadata=key(doc="How a release is made present there."))
    checks: Mapping[CheckId, CheckSpec] = field(
        default_factory=dict, metadata=key(doc="Checks that are done differently there.")
    )
    route: RouteSpec | None = field(
        default=None, metadata=key(doc="What splits its traffic; releases then stand in two lanes, a and b.")
    )
    metrics: PrometheusMetrics | None = field(
        default=None, metadata=key(doc="Where both arms are counted; without it the proxies' own counters are read.")
    )


@dataclass(frozen=True, slots=True)
class Bindings:
    """A service's bindings."""

    service: ServiceName = field(metadata=key(doc="The service's name."))
    pack: str = field(metadata=key(doc="A pack of the library, or the path of one in this repository."))
    environments: Mapping[EnvironmentName, EnvironmentBinding] = field(
        metadata=key(doc="How each environment of the pack is deployed to.", at_least=1)
    )
    roles: Mapping[RoleName, tuple[PersonId, ...]] = field(metadata=key(doc="Who holds each role."))
    checks: Mapping[CheckId, CheckSpec] = field(default_factory=dict, metadata=key(doc="How each check is done."))
    components: Mapping[ComponentName, ArtifactSpec] = field(
        default_factory=dict, metadata=key(doc="What is shipped; nothing named: the source at the released commit.")
    )
    solo: tuple[PersonId, ...] = field(
        default=(), metadata=key(doc="Who declares to work alone: separation of duties is off, and it shows.")
    )
    external_authors: tuple[str, ...] = field(
        default=(), metadata=key(doc="Addresses of authors who hold no role here, such as bots.")
    )
    governed: tuple[str, ...] = field(
        default=(), metadata=key(doc="Files of the repository that these bindings rely on.")
    )
    notify: tuple[str, ...] = field(
        default=(), metadata=key(doc="Where messages go: an address, or $NAME for one kept in the environment.")
    )

    def check(self, check: CheckId, environment: EnvironmentName) -> CheckSpec | None:
        """How a check is done in an environment; None when it is bound nowhere."""
        place = self.environments.get(environment)
        own = place.checks.get(check) if place else None
        return own or self.checks.get(check)


def load_bindings(source: str, content: bytes) -> Bindings | Problems:
    """The bindings in these bytes, by themselves."""
    document = read(source, content)
    return document if isinstance(document, Problems) else decode(document, Bindings)


def bind(source: str, content: bytes, procedure: Procedure) -> Bindings | Problems:
    """The bindings in these bytes, checked against the procedure they bind."""
    document = read(source, content)
    if isinstance(document, Problems):
        return document
    bindings = decode(document, Bindings)
    if isinstance(bindings, Problems):
        return bindings
    found = tuple(_mismatches(document, bindings, procedure))
    return problems_of(document.source, document.lines, found) if found else bindings


def _mismatches(document: Document, bindings: Bindings, procedure: Procedure) -> Iterator[Problem]:
    yield from _environments(document, bindings, procedure)
    for role in bindings.roles:
        if role not in procedure.roles:
            sentence = f"the pack has no role '{role}'"
            yield problem_at(
                document, ("roles", role), "bindings.unknown_role", sentence, advice(role, procedure.roles)
            )
    yield from _checks(document, bindings, procedure)
    yield from _routes(document, bindings, procedure)


def _environments(document: Document, bindings: Bindings, procedure: Procedure) -> Iterator[Problem]:
    environments = tuple(one.name for one in procedure.environments)
    for name in bindings.environments:
        if name not in environments:
            sentence = f"the pack has no environment '{name}'"
            yield problem_at(
                document, ("environments", name), "bindings.unknown_environment", sentence, advice(name, environments)
            )
    for name in environments:
        if name not in bindings.environments:
            sentence = f"environment '{name}' of the pack is not bound"
            step = f"say how '{name}' is deployed to"
            yield problem_at(document, ("environments",), "bindings.unbound_environment", sentence, step)


def _routes(document: Document, bindings: Bindings, procedure: Procedure) -> Iterator[Problem]:
    for name, place in bindings.environments.items():
        at = ("environments", name)
        rolls = any(stage.rollout.steps for stage in procedure.stages if stage.environment == name)
        if rolls and place.route is None:
            sentence = f"the pack rolls releases out in '{name}' step by step, and nothing splits its traffic"
            yield problem_at(document, at, "bindings.unbound_route", sentence, "add a route: envoy or haproxy")
        if place.metrics is not None and place.route is None:
            sentence = f"'{name}' has metrics and no route, so there are no arms to compare"
            yield problem_at(
                document, (*at, "metrics"), "bindings.unbound_route", sentence, "add a route, or drop them"
            )
        if place.route is not None:
            yield from _lanes(document, place.deploy, place.route, (*at, "route"))
            if _judges_latency(procedure, name) and not _counts_latency(place):
                sentence = "the pack judges latency, and nothing here counts it"
                step = "add metrics (prometheus) with slower, or let the pack say latency: unjudged"
                yield problem_at(document, at, "bindings.no_latency", sentence, step)


def _judges_latency(procedure: Procedure, environment: EnvironmentName) -> bool:
    rollouts = [stage.rollout for stage in procedure.stages if stage.environment == environment]
    guards = [guard for rollout in rollouts if rollout.steps for guard in rollout.analysis.guards]
    return any(guard.measure is Measure.LATENCY for guard in guards)


def _counts_latency(place: EnvironmentBinding) -> bool:
    """Envoy keeps histograms, HAProxy does not; of Prometheus the bindings say it."""
    if place.metrics is not None:
        return bool(place.metrics.slower)
    return isinstance(place.route, EnvoyRoute)


def _lanes(document: Document, deploy: DeploySpec, route: RouteSpec, at: tuple[str, ...]) -> Iterator[Problem]:
    missing = [lane for lane in Lane if not route.lanes.get(lane)]
    if isinstance(deploy, CommandDeploy) and missing:
        sentence = f"nothing says where the instances of lane {missing[0]} listen"
        yield problem_at(document, at, "bindings.no_lanes", sentence, "list them under lanes, such as a: [10.0.0.1:80]")
    if isinstance(deploy, ProcessDeploy) and route.lanes:
        sentence = "the processes' own ports are the lanes"
        yield problem_at(document, (*at, "lanes"), "bindings.two_lanes", sentence, "leave lanes out")


def _checks(document: Document, bindings: Bindings, procedure: Procedure) -> Iterator[Problem]:
    for check, environment in _checks_of(procedure):
        if bindings.check(check, environment) is None:
            sentence = f"check '{check}' is required and not bound"
            yield problem_at(
                document, ("checks",), "bindings.unbound_check", sentence, f"say under checks how '{check}' is done"
            )
    for check, environment in _proofs_of(procedure):
        if isinstance(bindings.check(check, environment), AttachedSpec):
            sentence = f"check '{check}' proves deployments to {environment}, and only the controller can do that"
            yield problem_at(
                document, ("checks",), "bindings.attached_proof", sentence, "bind a check that the controller runs"
            )


def _proofs_of(procedure: Procedure) -> Iterator[tuple[CheckId, EnvironmentName]]:
    """Every check that verification or a bake relies on, and where."""
    for stage in procedure.stages:
        for check in dict.fromkeys(stage.verification.checks + stage.bake.checks):
            yield check, stage.environment


def _checks_of(procedure: Procedure) -> Iterator[tuple[CheckId, EnvironmentName]]:
    """Every check the procedure relies on, and where, each once."""
    wanted: dict[tuple[CheckId, EnvironmentName], None] = {}
    for stage in procedure.stages:
        for requirement in stage.requires:
            if isinstance(requirement, CheckRequirement | CountRequirement):
                wanted[requirement.check, requirement.environment] = None
    wanted.update(dict.fromkeys(_proofs_of(procedure)))
    yield from wanted
