# SPDX-License-Identifier: Apache-2.0
"""What happens in a scenario unasked: a branch moves on, and something else runs than was released."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from interlock.domain.ids import EnvironmentName, PersonId
from interlock.packs.model import Name
from interlock.packs.shape import key
from interlock.packs.wanted import NATURAL
from interlock.ports.deploy import Running
from interlock.testing.acts import Version
from interlock.testing.stage import SERVICE, Stage
from interlock.testing.trunk import ScriptedHead

NOTHING = "nothing"


class Sight(StrEnum):
    """Whether what runs can be told."""

    SEEN = "seen"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class HeadMoves:
    """From now on this commit is the head of the branch; later it is spoken of like a version."""

    head: Name = field(metadata=key(doc="A short name for the commit."))
    authors: tuple[PersonId, ...] = field(default=(), metadata=key(doc="Who wrote it."))
    unknown_authors: int = field(default=0, metadata=key(doc="How many of its authors nobody knows.", span=NATURAL))
    touches: tuple[str, ...] = field(default=(), metadata=key(doc="The areas of the source that it touches."))

    def happen(self, stage: Stage) -> None:
        """Let it be so."""
        stage.world.trunk.history.append(ScriptedHead(self.head, self.authors, self.unknown_authors, self.touches))
        stage.contents[self.head] = self.head
        stage.newest = self.head
        self._keep_what_was_said(stage)

    def _keep_what_was_said(self, stage: Stage) -> None:
        """What was written down of it before it was there is about it, and not about a version of that name."""
        checks, deploys, natures = stage.world.checks, stage.world.deploys, stage.world.traffic.natures
        digest = stage.known_as(self.head)
        checks.scripts = [replace(one, release=digest) if one.release == self.head else one for one in checks.scripts]
        deploys.scripts = [replace(one, release=digest) if one.release == self.head else one for one in deploys.scripts]
        if self.head in natures:
            natures[digest] = natures.pop(self.head)


@dataclass(frozen=True, slots=True)
class Drifts:
    """From now on something else runs there, and nobody released it."""

    drifts: EnvironmentName = field(metadata=key(doc="The environment."))
    to: Version = field(metadata=key(doc="The version that runs instead; `nothing`."))

    def happen(self, stage: Stage) -> None:
        """Let it run behind everybody's back."""
        lane = stage.gatherer().view.slot(SERVICE, self.drifts).live.lane
        running = stage.world.deploys.lanes[lane]
        if self.to == NOTHING:
            running.pop((SERVICE, self.drifts), None)
        else:
            running[SERVICE, self.drifts] = Running(stage.digest(self.to), self.to)


@dataclass(frozen=True, slots=True)
class PresenceIs:
    """From now on it can be told what runs, or it cannot."""

    presence: Sight = field(metadata=key(doc="`seen` or `hidden`, in every environment."))

    def happen(self, stage: Stage) -> None:
        """Let it be so."""
        stage.world.deploys.blind = "as written" if self.presence is Sight.HIDDEN else ""


ASurprise: TypeAlias = HeadMoves | Drifts | PresenceIs
