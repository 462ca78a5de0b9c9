# SPDX-License-Identifier: Apache-2.0
"""What the controller may begin with nobody there: to move what was delivered by itself, and only short of production.

Asked wherever it would begin something, and again whenever a delivered release meets other rules.
"""

from interlock.domain.change import Change, ChangeKind
from interlock.domain.gate import Situation
from interlock.domain.procedure import Governance
from interlock.domain.release import Release
from interlock.domain.trunk import UNDELIVERED, opens_production


def fault_of_rule(governance: Governance, kind: ChangeKind) -> str:
    """Why no change of this kind is delivered by itself under these rules, as a sentence; empty when it may be.

    The loader refuses such a pack; a release looks again, as it may meet rules of which it knows nothing.
    """
    procedure = governance.procedure
    rule = procedure.delivery
    if rule == UNDELIVERED:
        return "no rule in force delivers anything by itself"
    if kind is not rule.kind:
        return f"what is delivered by itself is a {rule.kind} change"
    taken = (path for path in procedure.paths if kind in path.kinds)
    reached = tuple(name for path in taken for name in procedure.environments_of(path))
    if opens_production((*reached, rule.environment), procedure.environments):
        return f"a {kind} change may reach production, and nothing comes near that by itself"
    return ""


def admits(situation: Situation) -> bool:
    """Whether the controller itself may ask for this promotion: of what it delivered, to where it is delivered."""
    rule = situation.governance.procedure.delivery
    is_delivered = bool(situation.release.branch) and situation.release.branch == rule.branch
    is_there = situation.environment.name == rule.environment
    return is_delivered and is_there and not fault_of_rule(situation.governance, situation.change.kind)


def may_repin(state: Release, one: Change, governance: Governance) -> bool:
    """Whether a delivered release may be judged by these rules: nothing that was delivered comes to production."""
    return not state.branch or not fault_of_rule(governance, one.kind)
