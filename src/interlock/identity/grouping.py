# SPDX-License-Identifier: Apache-2.0
"""Writing into the ledger in which groups an identity provider says that somebody is.

Only groups that rules in force give a role to are written down, so that a decision can be made again from the ledger
alone, and nothing else of what a provider knows of people gets there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from interlock.bootstrap.houses import OpenHouse
from interlock.domain.groups import PREFIX, RecordGroups
from interlock.domain.ids import CommandId, PersonId
from interlock.workflows.controller import services

NOTHING_NEW: Final = frozenset(("groups.none",))


@dataclass(frozen=True, slots=True)
class Grouping:
    """Of one ledger."""

    house: OpenHouse

    def record(self, person: PersonId, issuer: str, told: Iterable[str]) -> None:
        """What the provider at this address said of somebody who has just come in through it."""
        now = self.house.clock.now()
        groups = tuple(sorted(self._asked_for().intersection(told)))
        name = CommandId(f"groups/{person}/{now:%Y%m%dT%H%M%S.%f}")
        self.house.desk.perform(RecordGroups(person, issuer, groups), name, now, known=NOTHING_NEW)

    def _asked_for(self) -> frozenset[str]:
        """The groups that hold a role in some service."""
        view = self.house.view()
        states = (view.service(name) for name in services(self.house.store))
        rules = (self.house.library.governance(view, state.in_force) for state in states if state.is_governed)
        return frozenset(one.removeprefix(PREFIX) for governance in rules for one in governance.names_of_groups)
