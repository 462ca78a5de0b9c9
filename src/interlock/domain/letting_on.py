# SPDX-License-Identifier: Apache-2.0
"""Letting on again what somebody stopped: lifting a freeze or a recall, having a paused rollout go on.

1. To stop takes no role: nothing stands before what takes exposure away (I0). To let on again gives it back, and takes
   a role in every place where something may move again by it.
2. It is one of those that the pack names as `lifters`. Where it names none, it is one of those that approve before
   production, else of those that sign something off before it, else any. Roles that approve emergencies alone do not
   count: an emergency takes two people together, and here one acts.
3. It is held in that very environment; outside production, whoever holds it in a production environment lets on too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from interlock.domain.actor import Actor
from interlock.domain.artifact import LiftRecall
from interlock.domain.change import ChangeKind
from interlock.domain.decision import Refused, refuse
from interlock.domain.environment import Tier
from interlock.domain.freeze import LiftFreeze
from interlock.domain.ids import EnvironmentName, PersonId, RoleName
from interlock.domain.procedure import Governance, Procedure
from interlock.domain.requirement import ApprovalRequirement, PeopleRequirement, Requirement, SignoffRequirement
from interlock.domain.rollout import ResumeRollout

LetOn: TypeAlias = LiftFreeze | LiftRecall | ResumeRollout


@dataclass(frozen=True, slots=True)
class Stopped:
    """Where something may move again, and the rules it moves by."""

    governance: Governance
    environment: EnvironmentName


Alternatives: TypeAlias = tuple[Stopped, ...]
"""Places of which one is enough."""


def refusal(places: Iterable[Alternatives], actor: Actor) -> Refused | None:
    """Why somebody does not let on again in one of each of these; None when they may."""
    for alternatives in places:
        if not any(actor.name in who_lets_on(place) for place in alternatives):
            return _refused(alternatives, actor)
    return None


def who_lets_on(place: Stopped) -> tuple[PersonId, ...]:
    """Everybody who may let something go on there."""
    governance, roles = place.governance, roles_that_let_on(place.governance.procedure)
    production = _production(governance.procedure)
    environments = (place.environment,) if place.environment in production else (place.environment, *production)
    held = (person for name in environments for person in governance.there(name).who_holds(*roles))
    return tuple(dict.fromkeys((*held, *governance.solo)))


def roles_that_let_on(procedure: Procedure) -> tuple[RoleName, ...]:
    """The roles of which one is enough."""
    if procedure.lifters:
        return procedure.lifters
    asked = _asked_before_production(procedure)
    approving = _roles(one for one in asked if isinstance(one, ApprovalRequirement))
    return approving or _roles(one for one in asked if isinstance(one, SignoffRequirement)) or procedure.roles


def _roles(asked: Iterable[PeopleRequirement]) -> tuple[RoleName, ...]:
    return tuple(dict.fromkeys(role for one in asked for role in one.roles))


def _asked_before_production(procedure: Procedure) -> tuple[Requirement, ...]:
    usual = [path for path in procedure.paths if path.kinds != (ChangeKind.EMERGENCY,)]
    return tuple(
        one
        for path in usual or procedure.paths
        for name in _production(procedure)
        for stage in procedure.stages_into(path, name)
        for one in stage.requires
    )


def _production(procedure: Procedure) -> tuple[EnvironmentName, ...]:
    """The environments in production; where there is none, every one."""
    known = procedure.environments
    return tuple(one.name for one in known if one.tier is Tier.PRODUCTION) or tuple(one.name for one in known)


def _refused(alternatives: Alternatives, actor: Actor) -> Refused:
    place = alternatives[0]
    governance = place.governance
    roles = roles_that_let_on(governance.procedure)
    where = f"{governance.service} in {place.environment}"
    elsewhere = governance.there(place.environment).elsewhere(PersonId(actor.name), roles)
    sentence = f"whoever lets {where} go on holds one of: {', '.join(roles)}; '{actor.name}' holds none{elsewhere}"
    named = ", ".join(who_lets_on(place)) or "nobody yet"
    return refuse("stopped.role", sentence, f"ask a person who does: {named}")
