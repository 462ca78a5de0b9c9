# SPDX-License-Identifier: Apache-2.0
"""What is live in an environment, as what was said or seen about it is bound to it.

How often something else became live only grows: what comes back is not what was spoken of, and is looked at anew. While
the release itself is live there, that is no change.
"""

from dataclasses import dataclass

from interlock.domain.ids import Digest, EnvironmentName
from interlock.domain.requirement import NOT_ABOUT_LIVE


@dataclass(frozen=True, slots=True)
class InPlace:
    """What was live in an environment, and how often that had changed by then."""

    environment: EnvironmentName
    digest: Digest
    changes: int


def was_replaced(
    where: EnvironmentName, known: tuple[InPlace, ...], live: tuple[InPlace, ...], release: Digest
) -> bool:
    """Whether something else is live there than was `known`; always where it was not known."""
    now = next((one for one in live if one.environment == where), InPlace(where, Digest(""), 0))
    return where != NOT_ABOUT_LIVE and now not in known and now.digest != release
