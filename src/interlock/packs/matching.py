# SPDX-License-Identifier: Apache-2.0
"""Bindings checked against the procedure they bind, and against themselves: what does not go together is refused.

Every problem points at the key that has to change, not at the one that was right before it.
"""

from collections.abc import Iterator
from datetime import timedelta

from interlock.domain.handling import ReportAsked, StepAsked
from interlock.domain.ids import CheckId, EnvironmentName, RoleName
from interlock.domain.moment import span_in_words
from interlock.domain.procedure import Procedure
from interlock.domain.requirement import CheckRequirement, CountRequirement, RecordRequirement, Requirement
from interlock.domain.strategy import Measure
from interlock.domain.traffic import LANES, Lane
from interlock.packs.bindings import (
    AttachedSpec,
    Bindings,
    CheckSpec,
    CommandDeploy,
    CountSpec,
    DeploySpec,
    EnvironmentBinding,
    ProcessDeploy,
)
from interlock.packs.examining import Findings, SarifSpec, SecretsSpec
from interlock.packs.keeping import DECISIONS, INCIDENTS, NOTES
from interlock.packs.listening import brings_up_baseline, clashes, doubled_proxies
from interlock.packs.nearest import advice
from interlock.packs.problem import Problem, Problems, problems_of
from interlock.packs.routing import EnvoyRoute, RouteSpec
from interlock.packs.shape import decode, problem_at
from interlock.packs.yaml_tree import Document, Step, read


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
    named = ((("roles", role), role) for role in bindings.roles)
    posted = ((("environments", name, "roles", role), role) for name, roles in bindings.posts.items() for role in roles)
    for at, role in (*named, *posted, *_bringers(bindings)):
        if role not in procedure.roles:
            sentence = f"the pack has no role '{role}'"
            yield problem_at(document, at, "bindings.unknown_role", sentence, advice(role, procedure.roles))
    yield from _held_twice(document, bindings)
    yield from _audiences(document, bindings, procedure)
    yield from _checks(document, bindings, procedure)
    yield from _unbounded(document, bindings, procedure)
    yield from _routes(document, bindings, procedure)
    yield from _leases(document, bindings, procedure)
    yield from _records(document, bindings, procedure)
    yield from clashes(document, bindings, procedure)
    yield from doubled_proxies(document, bindings)


def _held_twice(document: Document, bindings: Bindings) -> Iterator[Problem]:
    """Who holds a role in every environment is not kept to one by being named there once more."""
    for name, roles in bindings.posts.items():
        for role, people in roles.items():
            for place, person in enumerate(people):
                if person in bindings.roles.get(role, ()):
                    at = ("environments", name, "roles", role, place)
                    sentence = f"'{person}' holds {role} in every environment already, by what stands under roles"
                    step = "take the name out there to have it held in this environment alone, or out here"
                    yield problem_at(document, at, "bindings.held_everywhere", sentence, step)


def _audiences(document: Document, bindings: Bindings, procedure: Procedure) -> Iterator[Problem]:
    for name in bindings.audiences:
        if name not in procedure.audiences:
            sentence, step = f"the pack has no audience '{name}'", advice(name, procedure.audiences)
            yield problem_at(document, ("audiences", name), "bindings.unknown_audience", sentence, step)
    for name in procedure.audiences:
        if not bindings.audiences.get(name):
            sentence = f"the pack has audience '{name}' told, and no address of theirs is bound"
            step = f"write under audiences where messages to '{name}' go"
            yield problem_at(document, ("audiences", name), "bindings.unbound_audience", sentence, step)


def _records(document: Document, bindings: Bindings, procedure: Procedure) -> Iterator[Problem]:
    """Files are named for records that there are, and never for what only an approved proposal changes."""
    paths = bindings.records.paths if bindings.records else {}
    asked = (one.id for stage in procedure.stages for one in stage.requires if isinstance(one, RecordRequirement))
    reports = (duty.id for duty in procedure.handling.duties if isinstance(duty.asked, ReportAsked))
    known = tuple(dict.fromkeys((*asked, *reports, NOTES, DECISIONS, INCIDENTS)))
    governed = {one.casefold() for one in (document.source, bindings.pack, *bindings.governed)}
    for name, path in paths.items():
        at = ("records", "paths", name)
        if name not in known:
            sentence = f"the pack asks for no record '{name}'"
            yield problem_at(document, at, "bindings.unknown_record", sentence, advice(name, known))
        if path.casefold() in governed:
            sentence = f"'{path}' is a governed file, which no record may replace"
            yield problem_at(document, at, "bindings.governed_record", sentence, "name another file")


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
        for word in ("metrics", "noise"):
            if getattr(place, word) is not None and place.route is None:
                sentence = f"'{name}' has {word} and no route, so there are no arms to compare"
                step = f"add a route, or drop {word}"
                yield problem_at(document, (*at, word), "bindings.unbound_route", sentence, step)
        if place.route is not None:
            yield from _lanes(document, place.deploy, place.route, (*at, "route"))
            yield from _baselines(document, procedure, place, at)
            if _judges_latency(procedure, name) and not _counts_latency(place):
                sentence = "the pack judges latency, and nothing here counts it"
                step = "add metrics (prometheus) with slower, or let the pack say latency: unjudged"
                yield problem_at(document, at, "bindings.no_latency", sentence, step)


def _baselines(
    document: Document, procedure: Procedure, place: EnvironmentBinding, at: tuple[Step, ...]
) -> Iterator[Problem]:
    """A baseline needs a deployer that ends what it brought up, a third pool, and counters of that."""
    if not brings_up_baseline(procedure, EnvironmentName(str(at[-1]))):
        return
    asked, step = "the pack compares with a baseline", "or let the pack say baseline: none"
    if not isinstance(place.deploy, ProcessDeploy):
        sentence = f"{asked}, and what a command deploys nobody here can end"
        yield problem_at(document, (*at, "deploy"), "bindings.no_baseline", sentence, f"deploy processes, {step}")
    if not isinstance(place.route, EnvoyRoute):
        sentence = f"{asked}, and only Envoy has a third pool for it"
        yield problem_at(document, (*at, "route"), "bindings.no_baseline", sentence, f"use envoy, {step}")
    if place.metrics is not None:
        sentence = f"{asked}, and these metrics count two arms"
        yield problem_at(document, (*at, "metrics"), "bindings.no_baseline", sentence, f"leave them out, {step}")


def _judges_latency(procedure: Procedure, environment: EnvironmentName) -> bool:
    rollouts = [stage.rollout for stage in procedure.stages if stage.environment == environment]
    guards = [guard for rollout in rollouts if rollout.steps for guard in rollout.analysis.guards]
    return any(guard.measure is Measure.LATENCY for guard in guards)


def _counts_latency(place: EnvironmentBinding) -> bool:
    """Envoy keeps histograms, HAProxy does not; of Prometheus the bindings say it."""
    if place.metrics is not None:
        return bool(place.metrics.slower)
    return isinstance(place.route, EnvoyRoute)


def _leases(document: Document, bindings: Bindings, procedure: Procedure) -> Iterator[Problem]:
    """An exposure that nobody holds must end no later than one that nobody sees."""
    for name, place in bindings.environments.items():
        rollouts = [stage.rollout for stage in procedure.stages if stage.environment == name and stage.rollout.steps]
        shortest = min((rollout.blind_for for rollout in rollouts), default=timedelta.max)
        if place.route is not None and place.route.ttl > shortest:
            ttl, patience = span_in_words(place.route.ttl), span_in_words(shortest)
            sentence = f"an exposure would outlive whoever holds it by {ttl}, and the pack goes back after {patience}"
            at = ("environments", name, "route", "ttl")
            yield problem_at(document, at, "bindings.long_lease", sentence, "let ttl be at most as long as blind_for")


def _lanes(document: Document, deploy: DeploySpec, route: RouteSpec, at: tuple[str, ...]) -> Iterator[Problem]:
    missing = [lane for lane in LANES if not route.lanes.get(lane)]
    if isinstance(deploy, CommandDeploy) and missing:
        sentence = f"nothing says where the instances of lane {missing[0]} listen"
        yield problem_at(document, at, "bindings.no_lanes", sentence, "list them under lanes, such as a: [10.0.0.1:80]")
    if Lane.C in route.lanes:
        sentence = "releases stand in lanes a and b, and there is no other to list"
        yield problem_at(document, (*at, "lanes", Lane.C), "bindings.unknown_lane", sentence, "leave it out")
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


def _bringers(bindings: Bindings) -> Iterator[tuple[tuple[Step, ...], RoleName]]:
    """The roles that bring evidence, each with its place."""
    own = ((("environments", name, "checks"), one.checks) for name, one in bindings.environments.items())
    for at, checks in ((("checks",), bindings.checks), *own):
        for check, spec in checks.items():
            for place, role in enumerate(spec.by if isinstance(spec, AttachedSpec) else ()):
                yield (*at, check, "by", place), role


def _unbounded(document: Document, bindings: Bindings, procedure: Procedure) -> Iterator[Problem]:
    """What counts passes whatever it counts, so somebody must say how many are too many."""
    judged = {(one.check, one.environment) for one in _asked_of(procedure) if isinstance(one, CheckRequirement)}
    for check, environment in dict.fromkeys((*sorted(judged), *_proofs_of(procedure))):
        if _counts(bindings.check(check, environment)):
            sentence = f"check '{check}' is bound to something that counts, and the pack says no at_most for it"
            step = "say at_most in the pack's gate, or bind a check that passes or fails by itself"
            yield problem_at(document, ("checks",), "bindings.unbounded_count", sentence, step)


def _counts(spec: CheckSpec | None) -> bool:
    if isinstance(spec, SarifSpec | SecretsSpec):
        return spec.findings is Findings.COUNTED
    return isinstance(spec, CountSpec)


def _asked_of(procedure: Procedure) -> Iterator[Requirement]:
    for stage in procedure.stages:
        yield from stage.requires


def _proofs_of(procedure: Procedure) -> Iterator[tuple[CheckId, EnvironmentName]]:
    """Every check that verification, a bake or what follows a rollback relies on, and where."""
    for stage in procedure.stages:
        for check in dict.fromkeys(stage.verification.checks + stage.bake.checks):
            yield check, stage.environment
    for duty in procedure.handling.duties:
        if isinstance(duty.asked, StepAsked):
            for environment in procedure.handling.environments or tuple(one.name for one in procedure.environments):
                yield duty.asked.step, environment


def _checks_of(procedure: Procedure) -> Iterator[tuple[CheckId, EnvironmentName]]:
    """Every check the procedure relies on, and where, each once."""
    wanted: dict[tuple[CheckId, EnvironmentName], None] = {}
    for stage in procedure.stages:
        for requirement in stage.requires:
            if isinstance(requirement, CheckRequirement | CountRequirement):
                wanted[requirement.check, requirement.environment] = None
    wanted.update(dict.fromkeys(_proofs_of(procedure)))
    yield from wanted
