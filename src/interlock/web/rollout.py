# SPDX-License-Identifier: Apache-2.0
"""A rollout as it happens: the split, both arms, the evidence beside its bound, the steps, and what can be done.

Everything drawn is also said in words or numbers. What is done about it says first what will happen.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from interlock.domain.ids import PromotionId
from interlock.domain.judge.judging import Standing
from interlock.domain.judge.saying import evidence_in_words
from interlock.domain.promotion import PromotionPhase
from interlock.domain.rollout import RolloutPhase
from interlock.domain.strategy import Ask
from interlock.domain.traffic import UNEXPOSED, WHOLE
from interlock.service.gather import Ungoverned
from interlock.service.rollouts import Onlooker, Progress, exposure_in_words, step_in_words
from interlock.web.figures import Figures
from interlock.web.findings import Node, plain
from interlock.web.look import Look
from interlock.web.page import NOBODY, Page, Place, Reader

_DONE: Final = frozenset({PromotionPhase.BAKING, PromotionPhase.SETTLING, PromotionPhase.COMPLETED})
_NOT_BEGUN: Final = frozenset({PromotionPhase.WAITING, PromotionPhase.DEPLOYING, PromotionPhase.VERIFYING})
_FAILED: Final = frozenset({PromotionPhase.FAILED, PromotionPhase.RETURNED, PromotionPhase.TURNED_AWAY})


class Pace(StrEnum):
    """Where a step stands."""

    DONE = "done"
    NOW = "now"
    FAILED = "failed"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step of the rollout."""

    words: str
    pace: Pace


@dataclass(frozen=True, slots=True)
class Bar:
    """Something of which so much is reached: `part` of one, and the words that say so."""

    name: str
    kind: str
    part: float
    words: str
    bound: str


@dataclass(frozen=True, slots=True)
class RolloutShown:
    """The page of a rollout."""

    seen: Progress
    steps: tuple[StepShown, ...]
    bars: tuple[Bar, ...]
    tree: Node
    version: str
    stable: str
    is_paused: bool
    asks: int
    """The step that asks the reader; -1: none does."""
    next_step: str

    @property
    def token(self) -> str:
        """Changes when more than numbers does: then the page is shown anew."""
        rollout, waits = self.seen.course.rollout, ",".join(one.finding.code for one in self.seen.awaited)
        return f"{self.seen.promotion.phase}/{rollout.step}/{rollout.phase}/{rollout.confirmed}/{waits}"


def page(look: Look, named: str, reader: Reader) -> Page:
    """The page of a promotion's rollout. Raises `Ungoverned` (code `promotion.unknown`)."""
    one = shown(look, named, reader)
    title = f"{one.seen.promotion.release} in {one.seen.promotion.environment}"
    return Page("rollout.html", title, Place.FLEET, {"one": one, "now": look.now})


def known(look: Look, named: str) -> PromotionId:
    """The promotion of that name. Raises `Ungoverned` (code `promotion.unknown`)."""
    state, _ = look.gatherer.turn_of(PromotionId(named))
    if not look.sees(state.service):
        raise Ungoverned("promotion.unknown", f"there is no promotion '{named}'", "see `interlock status`")
    return state.id


def shown(look: Look, named: str, reader: Reader) -> RolloutShown:
    """How it is now."""
    seen = Onlooker().of(look.viewer, known(look, named))
    slot = look.view.slot(seen.promotion.service, seen.promotion.environment)
    course, step = seen.course, seen.course.rollout.step
    asking = course.steps[step] if step < len(course.steps) else None
    is_asked = isinstance(asking, Ask) and any(reader.person in one.whom.people for one in seen.awaited)
    return RolloutShown(
        seen,
        tuple(StepShown(step_in_words(one), _pace(seen, number)) for number, one in enumerate(course.steps)),
        bars(seen),
        plain(seen.finding),
        seen.promotion.release.rpartition(":")[2],
        slot.live.release.rpartition(":")[2],
        course.rollout.phase is RolloutPhase.PAUSED,
        step if is_asked else -1,
        step_in_words(course.steps[step + 1]) if step + 1 < len(course.steps) else "it becomes stable",
    )


def live(look: Look, named: str, drawn: Figures) -> dict[str, object]:
    """What changes from moment to moment, for the page's charts and bars."""
    one = shown(look, named, NOBODY)
    return {"token": one.token, "pace": one.seen.pace, "bars": one.bars, "figures": drawn}


def bars(seen: Progress) -> tuple[Bar, ...]:
    """The share, and the evidence beside what it goes back at."""
    exposed = "nothing" if seen.exposure == UNEXPOSED else exposure_in_words(seen.exposure)
    share = 0.0 if seen.exposure == UNEXPOSED else seen.exposure.share / WHOLE
    told = seen.account
    evidence = min(max(told.log_evidence / told.threshold, 0.0), 1.0) if told.threshold else 0.0
    words = f"{evidence_in_words(told.log_evidence)} times as likely worse as not"
    kind = "evidence bad" if seen.judgement.standing is Standing.BAD else "evidence"
    return (
        Bar("exposed to the candidate", "candidate", share, exposed, "of all traffic"),
        Bar("evidence against it", kind, evidence, words, f"it goes back at {evidence_in_words(told.threshold)}"),
    )


def _pace(seen: Progress, number: int) -> Pace:
    phase, at = seen.promotion.phase, seen.course.rollout.step
    if phase in _DONE or (phase not in _NOT_BEGUN and number < at):
        return Pace.DONE
    if phase in _NOT_BEGUN or number > at:
        return Pace.AHEAD
    return Pace.FAILED if phase in _FAILED else Pace.NOW
