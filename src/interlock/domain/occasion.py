# SPDX-License-Identifier: Apache-2.0
"""What can happen in an incident that clocks and messages go by."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from interlock.domain.moment import NEVER


class OccasionKind(StrEnum):
    """What can happen in an incident that clocks and messages go by."""

    OPENED = "opened"
    LABELLED = "labelled"
    DECIDED = "decided"
    DISAGREED = "disagreed"
    ESCALATED = "escalated"
    PROMISED = "promised"
    """Somebody said by when they tell more, and was heard."""
    SENT = "sent"
    ARRIVED = "arrived"
    """What was sent reached everybody it is for."""
    DONE = "done"
    SCHEDULED = "scheduled"
    MISSED = "missed"
    """A clock ran out."""
    RESTORED = "restored"
    """Something else than the release under suspicion runs there, and is proven."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """A kind of thing that happens; `of` says to or with what, empty whatever it is."""

    kind: OccasionKind
    of: str = ""

    def covers(self, other: "Occasion") -> bool:
        """Whether what happened is what is meant here."""
        return self.kind is other.kind and self.of in {"", other.of}


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened when; `until` is what was promised for."""

    occasion: Occasion
    at: datetime
    until: datetime = NEVER
