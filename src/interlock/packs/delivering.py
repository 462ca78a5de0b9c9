# SPDX-License-Identifier: Apache-2.0
"""What of a pack goes to an environment by itself, and that it cannot come near production.

What is refused here the domain refuses again, wherever the controller would begin something by itself.
"""

from collections.abc import Iterator

from interlock.domain.change import ChangeKind
from interlock.domain.environment import Environment
from interlock.domain.ids import EnvironmentName
from interlock.domain.procedure import NOWHERE
from interlock.domain.trunk import UNDELIVERED, DeliveryRule, opens_production
from interlock.packs.citing import whole
from interlock.packs.model import DeliverShape, PackFile, PathShape
from interlock.packs.names import Names
from interlock.packs.problem import Problem
from interlock.packs.shape import problem_at
from interlock.packs.yaml_tree import Document


def delivery_rule(shape: PackFile) -> DeliveryRule:
    """What is delivered by itself under this pack."""
    rule = shape.deliver
    if rule is None:
        return UNDELIVERED
    return DeliveryRule(rule.branch, rule.environment, rule.kind, whole(rule.cites))


def delivery_problems(document: Document, shape: PackFile) -> Iterator[Problem]:
    """What keeps that from being delivered by itself."""
    rule = shape.deliver
    if rule is None:
        return
    known = Names(document, "environment", tuple(one.name for one in shape.environments))
    yield from known.check((rule.environment,), ("deliver", "environment"))
    paths = {name: path for name, path in shape.paths.items() if rule.kind in path.kinds}
    if rule.kind is ChangeKind.EMERGENCY:
        sentence, step = "an emergency is declared by people, never by itself", "deliver as a standard or normal change"
        yield problem_at(document, ("deliver", "kind"), "pack.delivers_production", sentence, step)
    places = tuple(Environment(one.name, one.tier, one.after) for one in shape.environments)
    for name, path in paths.items():
        if opens_production(_environments(shape, path), places):
            sentence = f"path '{name}' takes {rule.kind} changes to production, and nothing comes near that by itself"
            step = "let what is delivered be of a kind whose paths all end before production"
            yield problem_at(document, ("deliver", "kind"), "pack.delivers_production", sentence, step)
    if not any(rule.environment in _environments(shape, path) for path in paths.values()):
        yield _nowhere(document, rule)


def _environments(shape: PackFile, path: PathShape) -> tuple[EnvironmentName, ...]:
    stages = {one.name: one.environment for one in shape.stages}
    visited = (stages.get(name, NOWHERE) for name in path.stages)
    return tuple(name for name in visited if name != NOWHERE)


def _nowhere(document: Document, rule: DeliverShape) -> Problem:
    sentence = f"no path takes {rule.kind} changes to '{rule.environment}'"
    step = f"give {rule.kind} changes a path whose last stage promotes into '{rule.environment}'"
    return problem_at(document, ("deliver",), "pack.delivers_nowhere", sentence, step)
