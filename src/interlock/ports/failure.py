# SPDX-License-Identifier: Apache-2.0
"""The two ways the outside world lets us down, shared by every port, and how effects are deduplicated.

Neither is ever a pass: `Unavailable` is worth another try, `Rejected` is not.
"""

from enum import StrEnum


class PortFailure(Exception):
    """Base of both. `code` is stable and documented; the message is one sentence; `next_step` says what to do."""

    def __init__(self, code: str, sentence: str, next_step: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.next_step = next_step


class Unavailable(PortFailure):
    """The outside did not answer, or not in time. Nothing is known; trying again may help."""


class Busy(Unavailable):
    """Others are at it, and nobody waits for them in a row: `seconds` is after how long asking again is worth it."""

    def __init__(self, code: str, sentence: str, next_step: str, seconds: int) -> None:
        super().__init__(code, sentence, next_step)
        self.seconds = seconds


class Rejected(PortFailure):
    """The outside understood and declined, or what we asked cannot be expressed. Trying again will not help."""


class Deduplication(StrEnum):
    """What happens when an effect is started twice under one key (I10)."""

    KEY = "key"
    """The second start is the first one."""
    OBSERVED = "observed"
    """The adapter looks at the world first and does nothing when it is already so."""
    NONE = "none"
    """At least once: the effect may happen again."""
