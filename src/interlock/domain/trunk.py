# SPDX-License-Identifier: Apache-2.0
"""A branch whose every new head goes to an environment by itself, as a written procedure says it.

What is made of a head is named after the branch, the number of the head, and the commit: whoever asks for it twice asks
for the same thing.
"""

import re
from dataclasses import dataclass
from typing import Final

from interlock.domain.change import ChangeKind
from interlock.domain.environment import Environment, Tier
from interlock.domain.ids import ChangeId, EnvironmentName

_NO_IDENTIFIER: Final = re.compile(r"[^0-9A-Za-z]+")
_LONGEST: Final = 20
_SHORT: Final = 12


@dataclass(frozen=True, slots=True)
class DeliveryRule:
    """Every new head of `branch` becomes a release of a change of that kind, and goes to `environment`."""

    branch: str
    environment: EnvironmentName
    kind: ChangeKind
    cites: tuple[str, ...] = ()


UNDELIVERED: Final = DeliveryRule("", EnvironmentName(""), ChangeKind.STANDARD)
"""Nothing goes anywhere by itself."""


@dataclass(frozen=True, slots=True)
class Head:
    """A commit that was seen at the head of the branch. `number` counts the heads that were seen."""

    branch: str = ""
    commit: str = ""
    number: int = 0

    @property
    def version(self) -> str:
        """The version of what is made of it: a semantic one, before every other, later heads after earlier ones."""
        return f"0.0.0-{self._identifier}.{self.number}+{self.commit[:_SHORT]}"

    @property
    def change(self) -> ChangeId:
        """The change request that it is delivered under."""
        return ChangeId(f"{self._identifier}.{self.number}-{self.commit[:_SHORT]}")

    @property
    def _identifier(self) -> str:
        """The branch, as a version may say it."""
        return _NO_IDENTIFIER.sub("-", self.branch)[:_LONGEST].strip("-") or "head"


def opens_production(stages: tuple[EnvironmentName, ...], environments: tuple[Environment, ...]) -> bool:
    """Whether one of the environments that are promoted into is a production one."""
    return any(one.tier is Tier.PRODUCTION for one in environments if one.name in stages)


def branch_reference(branch: str, remote: str) -> str:
    """The full name of a branch of this repository, or of a remote's as it was fetched last."""
    return f"refs/remotes/{remote}/{branch}" if remote else f"refs/heads/{branch}"
