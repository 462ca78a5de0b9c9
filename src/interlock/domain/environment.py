# SPDX-License-Identifier: Apache-2.0
"""Where releases run, and what must come before what."""

from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.ids import EnvironmentName


class Tier(StrEnum):
    """How much is at stake in an environment."""

    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Environment:
    """A place a release is promoted into; `after` names those where the same artifacts must have been completed."""

    name: EnvironmentName
    tier: Tier
    after: tuple[EnvironmentName, ...] = ()
