# SPDX-License-Identifier: Apache-2.0
"""The version of the rules, recorded with every decision, and what earlier ones decided otherwise."""

from typing import Final

ENGINE: Final = "18"
"""The version that decides now."""
_NOBODY_ASKED_WHO_LETS_ON: Final = frozenset(str(number) for number in range(1, 13))


def asks_who_lets_on(engine: str) -> bool:
    """Whether lifting a freeze or a recall and resuming a rollout took a role then, and not a signature alone."""
    return engine not in _NOBODY_ASKED_WHO_LETS_ON
