# SPDX-License-Identifier: Apache-2.0
"""When time alone may open a gate that is shut now: a freeze ends, a window opens, a hold is over.

These are moments to look again at, no promise: whether the gate opens then is asked then.
"""

from collections.abc import Iterator
from datetime import datetime

from interlock.domain.change import ChangeKind
from interlock.domain.freeze import in_force
from interlock.domain.gate import Situation
from interlock.domain.requirement import HoldRequirement


def reopenings(situation: Situation, now: datetime) -> tuple[datetime, ...]:
    """Every such moment to come that is known now, each once, the first first."""
    return tuple(sorted({moment for moment in _moments(situation, now) if moment > now}))


def _moments(situation: Situation, now: datetime) -> Iterator[datetime]:
    service, environment, kind = situation.release.service, situation.environment.name, situation.change.kind
    for declared in in_force(situation.freezes, service, environment, now):
        if kind not in declared.admits:
            yield declared.ends
    if kind is not ChangeKind.EMERGENCY:
        for window in situation.windows:
            yield from (interval.opens for interval in window.occurrences.intervals)
    said = [one.at for one in situation.approvals.signoffs] + [one.at for one in situation.approvals.decisions]
    for hold in situation.requirements():
        if isinstance(hold, HoldRequirement):
            yield from (moment + hold.at_least for moment in said)
