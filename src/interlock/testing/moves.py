# SPDX-License-Identifier: Apache-2.0
"""How people move releases in a scenario: promote, pace, call off, go back. Verbs like those of `acts`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from interlock.domain.ids import UNSAID, EnvironmentName, PromotionId, ReleaseId
from interlock.domain.promotion import AbortPromotion, RequestPromotion
from interlock.domain.rollback import BeginRollback
from interlock.domain.rollout import AgreeToStep, PauseRollout, ResumeRollout
from interlock.domain.slot import AdoptRunning
from interlock.ledger.codec import Command
from interlock.packs.shape import key
from interlock.testing.acts import Act, Version
from interlock.testing.stage import NOTHING_YET, SERVICE, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Promote(Act):
    """Ask that the release go to an environment."""

    promote: EnvironmentName = field(metadata=key(doc="Where to."))
    supersede: Version = field(
        default=NOTHING_YET, metadata=key(doc="The version under way there that this one makes pointless; none: none.")
    )

    def commands(self, stage: Stage) -> Iterator[Command]:
        ended = stage.promotion(self.supersede, self.promote) if self.supersede else PromotionId("")
        promotion = stage.next_promotion(self.of, self.promote)
        yield RequestPromotion(promotion, stage.release(self.of), self.promote, ended)


@dataclass(frozen=True, slots=True, kw_only=True)
class Abort(Act):
    """Call a promotion off."""

    abort: EnvironmentName = field(metadata=key(doc="Where it was to go."))
    why: str = field(default="", metadata=key(doc="The reason, in their words."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        reason = stage.words(self.why) if self.why else UNSAID
        yield AbortPromotion(stage.promotion(self.of, self.abort), reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Act):
    """Let a rollout stand where it is."""

    pause: EnvironmentName = field(metadata=key(doc="Where it is rolled out."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield PauseRollout(stage.promotion(self.of, self.pause))


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Act):
    """Let a paused rollout go on."""

    resume: EnvironmentName = field(metadata=key(doc="Where it is rolled out."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield ResumeRollout(stage.promotion(self.of, self.resume))


@dataclass(frozen=True, slots=True, kw_only=True)
class Agree(Act):
    """Answer the step of a rollout that asks."""

    agree: EnvironmentName = field(metadata=key(doc="Where it is rolled out."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        promotion = stage.promotion(self.of, self.agree)
        yield AgreeToStep(promotion, stage.gatherer().view.rollout(promotion).step)


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBack(Act):
    """Order a rollback."""

    rollback: EnvironmentName = field(metadata=key(doc="The environment."))
    to: Version = field(default=NOTHING_YET, metadata=key(doc="The version to return to; none: the last good one."))
    why: str = field(default="", metadata=key(doc="The reason, in their words."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        target = stage.release(self.to) if self.to else ReleaseId("")
        yield BeginRollback(stage.next_rollback(self.rollback), SERVICE, self.rollback, target, stage.words(self.why))


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt(Act):
    """Record in one's own name that a version runs in an environment."""

    adopt: EnvironmentName = field(metadata=key(doc="The environment."))
    version: Version = field(metadata=key(doc="The version that runs there."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        named, artifacts = stage.release(self.version), stage.artifacts(self.version)
        commit = stage.commit(self.version)
        yield AdoptRunning(SERVICE, self.adopt, named, self.version, artifacts, commit, "as written")


AMove: TypeAlias = Adopt | Promote | Abort | Pause | Resume | Agree | RollBack
