# SPDX-License-Identifier: Apache-2.0
"""What a requirement asks, and who holds a role, in a phrase; the same for every face."""

from interlock.domain.ids import RoleName
from interlock.domain.moment import span_in_words
from interlock.domain.procedure import Governance
from interlock.domain.requirement import (
    FOREVER,
    ApprovalRequirement,
    CheckRequirement,
    CountRequirement,
    HoldRequirement,
    RecordRequirement,
    Requirement,
    SignoffRequirement,
    Who,
)


def asked_in_words(one: Requirement) -> str:
    """What a requirement asks, in a phrase."""
    match one:
        case CheckRequirement(check=check, environment=place):
            where = "" if place == "*" else f" in {place}"
            age = "" if one.max_age == FOREVER else f", at most {span_in_words(one.max_age)} old"
            return f"check '{check}' passes{where}{age}"
        case CountRequirement(check=check, at_most=most):
            return f"check '{check}' counts at most {most}"
        case SignoffRequirement(roles=roles, statement=statement):
            return f"{' or '.join(roles)} attests: {statement}"
        case ApprovalRequirement(roles=roles, count=count):
            return _approvers(one, " or ".join(roles), count)
        case RecordRequirement(roles=roles, sections=sections):
            return f"{' or '.join(roles)} writes it, with {', '.join(sections)}"
        case HoldRequirement(since=since, at_least=at_least):
            return f"{span_in_words(at_least)} have passed since {', '.join(since)}"


def holders_in_words(governance: Governance, role: RoleName) -> tuple[str, ...]:
    """Who holds a role everywhere, and in one environment alone: `ann (staging)`."""
    posted = (f"{one} ({place})" for place, roles in governance.posts.items() for one in roles.get(role, ()))
    return (*governance.holders.get(role, ()), *posted)


def _approvers(one: ApprovalRequirement, who: str, count: int) -> str:
    match one.who:
        case Who.ANY:
            return f"{who} approves" if count == 1 else f"{count} of {who} approve"
        case Who.EACH:
            return f"one of each approves: {', '.join(one.roles)}"
        case Who.OWNERS:
            return f"an owner of each touched area approves, else {who}"
