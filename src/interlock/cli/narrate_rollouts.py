# SPDX-License-Identifier: Apache-2.0
"""The events of a rollout as a person would tell them. Measurements are not told one by one: they go on and on."""

from typing import Final

from interlock.cli.text import Span, bad, good, quiet, warn
from interlock.domain import baseline, promotion, rollback, rollout
from interlock.domain.actor import name_of
from interlock.domain.traffic import UNEXPOSED, Means
from interlock.ledger.codec import Event
from interlock.service.rollouts import exposure_in_words

Told = tuple[tuple[Span, str], ...]

_PLAIN: Final = quiet("· ")
_CAUSES: Final = {
    promotion.Cause.ANALYSIS: "worse than what is stable",
    promotion.Cause.LIVENESS: "it takes no requests",
    promotion.Cause.EXPOSURE: "the proxies did not do as told",
    promotion.Cause.LOST: "it cannot be held",
    promotion.Cause.BLIND: "nobody could see",
}
"""Why a rollout goes back by itself, before the sentence that says what was seen."""


def about_rollouts(event: Event) -> Told:
    """One line of one event; nothing for what is not about a rollout."""
    match event:
        case rollout.ExposureAuthorised(step=step, exposure=exposure):
            what = "nothing" if exposure == UNEXPOSED else exposure_in_words(exposure)
            return ((_PLAIN, f"step {step + 1}: the gate is open for {what}"),)
        case rollout.ExposureConfirmed(step=step, proxies=proxies, absent=absent):
            missing = f"; absent: {', '.join(absent)}" if absent else ""
            return ((good("✓ "), f"step {step + 1}: exposed, confirmed by {', '.join(proxies)}{missing}"),)
        case rollout.ProxiesSeen(absent=absent):
            if absent:
                return ((warn("○ "), f"not answering: {', '.join(absent)}; nothing more is exposed until they are"),)
            return ((_PLAIN, "every proxy answers"),)
        case rollout.StepFinished(step=step):
            return ((good("✓ "), f"step {step + 1} is finished"),)
        case rollout.SightLost(sentence=sentence):
            return ((warn("○ "), f"nothing could be measured: {sentence}"),)
        case rollout.ExposureLost():
            return ((warn("● "), "its exposure was lost: nobody held it, and what is stable has all of the traffic"),)
        case _:
            return _about_people(event) or _about_settling(event) or _about_baseline(event)


def returned(proxies: tuple[str, ...], absent: tuple[str, ...]) -> Told:
    """What the proxies said of the good release whose traffic was given back to it."""
    missing = f"; absent: {', '.join(absent)}" if absent else ""
    if proxies:
        return ((good("✓ "), f"the good release has its traffic again, confirmed by {', '.join(proxies)}{missing}"),)
    why = f"not answering: {', '.join(absent)}" if absent else "what the proxies serve could not be read"
    return ((warn("○ "), f"the good release is what every proxy is told to serve; {why}"),)


def _about_baseline(event: Event) -> Told:
    match event:
        case baseline.BaselineBegun(release=release):
            return ((_PLAIN, f"fresh instances of {release} are brought up, to compare it with"),)
        case baseline.BaselineStands():
            return ((good("✓ "), "its baseline stands"),)
        case baseline.BaselineMissed(sentence=sentence):
            return ((warn("○ "), f"it goes without a baseline: {sentence}"),)
        case baseline.BaselineEnded():
            return ((_PLAIN, "its baseline is ended"),)
        case _:
            return ()


def _about_people(event: Event) -> Told:
    match event:
        case rollout.RolloutPaused(by=by):
            return ((warn("○ "), f"{name_of(by)} paused the rollout"),)
        case rollout.RolloutResumed(by=by):
            return ((_PLAIN, f"{name_of(by)} let the rollout go on"),)
        case rollout.StepAgreed(by=by, step=step):
            return ((good("✓ "), f"{by} agreed to step {step + 1}"),)
        case _:
            return ()


def _about_settling(event: Event) -> Told:
    match event:
        case promotion.PromotionExposed():
            return ((good("✓ "), "all of the traffic reaches it"),)
        case promotion.PromotionSetBack():
            return ((warn("○ "), "what was baked counts no more"),)
        case promotion.SettlingBegun():
            return ((_PLAIN, "it has proven itself: it becomes stable"),)
        case promotion.PromotionFailed(cause=cause, sentence=sentence) if cause in _CAUSES:
            return ((bad("✗ "), f"the rollout failed: {_CAUSES[cause]}: {sentence}"),)
        case rollback.RollbackBegun(leaving=leaving, target=target, environment=place, means=Means.SWITCH):
            return ((warn("● "), f"{place}: traffic goes back from {leaving} to {target}"),)
        case _:
            return ()
