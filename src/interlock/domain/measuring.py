# SPDX-License-Identifier: Apache-2.0
"""What one measurement adds to a rollout: time observed, time ill, and what the analysis says then.

1. Time counts from the measurement before it, or from the confirmation of the exposure when there was none since. A
   jump of the clock counts for two pauses at most, a clock put back for nothing, and that only once.
2. A step is observed while its own exposure is confirmed and nothing speaks against going on. What was seen of the
   exposure before it, during a pause, or across a time of blindness is no observation of it.
3. Doubt holds the exposure for as long as it grows, and for `blind_for` after that: an old one that nothing was added
   to holds nobody up for ever, but is never forgotten either. A broken cap holds for as long as it is broken.
4. A step needs requests of its own, and time in which the candidate has none for longer than `blind_for` is not
   observed: what was seen before a share grew says nothing of the larger one.
5. Illness is kept over steps and heals much slower than it grows: a candidate that crashes again and again is found
   out, and one that was replaced now and then in a day is not.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from interlock.domain.judge.judging import Judgement, Standing
from interlock.domain.moment import NEVER, span_in_words
from interlock.domain.opinion import opinion, said
from interlock.domain.rollout import Measured, Rollout, RolloutPhase, evolve
from interlock.domain.strategy import Ask, Invite, Pace, Split, Step, Strategy, Weigh
from interlock.domain.traffic import WHOLE, Snapshot, between
from interlock.domain.verdict import Verdict

EXPECTED: Final = 20
"""Candidate requests to be expected, since there was one, before none at all is taken for silence."""
OWN: Final = 20
"""Requests of its own that every step needs: if one in five were bad, they would show one with 99 %."""
HEALING: Final = 20
"""How many times slower illness heals than it grows: who is unready for less than a twentieth of the time recovers."""
_SHORTEST: Final = timedelta(milliseconds=1)
"""What lies between two measurements, whatever the clock says."""
_NOTHING_ADDED: Final = 1e-9
_NO_OBJECTION: Final = frozenset({Standing.GOOD, Standing.UNDECIDED})


@dataclass(frozen=True, slots=True)
class Look:
    """A measurement, the rollout after it, and how its candidate stands then."""

    measured: Measured
    seen: Rollout
    judgement: Judgement
    is_observed: bool
    """Whether it counts for the step."""


def look(rollout: Rollout, snapshot: Snapshot, strategy: Strategy, now: datetime) -> Look:
    """Measure a rollout whose exposure was confirmed at some time."""
    since = rollout.confirmed_at if rollout.measured_at == NEVER else rollout.measured_at
    elapsed = min(max(now - since, timedelta(0)), 2 * strategy.every)
    bare = Measured(rollout.promotion, now, snapshot, timedelta(0), timedelta(0), aged=max(elapsed, _SHORTEST))
    seen = evolve(rollout, bare)
    judgement = opinion(seen)
    is_ill = _is_ill(seen)
    is_worse = _is_unready(seen) or (is_ill and bool(between(rollout.snapshot, snapshot).stable.requests))
    is_own = rollout.confirmed == rollout.step and rollout.phase is RolloutPhase.ADVANCING and not rollout.is_blind
    calm = _calm(rollout, snapshot, judgement, elapsed)
    is_seen = is_own and not is_ill and seen.quiet <= strategy.blind_for
    is_observed = is_seen and _may_go_on(judgement, calm, strategy)
    counted = elapsed if is_observed else timedelta(0)
    ill = elapsed if is_worse else -min(rollout.ill, elapsed / HEALING)
    after = replace(seen, held=rollout.held + counted, ill=rollout.ill + ill, calm=calm)
    return Look(replace(bare, counted=counted, ill=ill, calm=calm), after, judgement, is_observed)


def is_over(seen: Look, step: Step, pace: Pace) -> bool:
    """Whether the step was observed for its time and its requests, with enough to go by; testers are few.

    Where the pace is that of proof, a proof stands for the rest of the time, never for requests.
    """
    rollout = seen.seen
    if not seen.is_observed or isinstance(step, Ask) or rollout.requests < least_of(step):
        return False
    is_early = pace is Pace.PROVEN and seen.judgement.is_proven
    if rollout.held < step.hold and not is_early:
        return False
    return seen.judgement.may_pass or isinstance(step, Invite)


def least_of(step: Weigh | Invite) -> int:
    """How many requests of the candidate a step must have seen of its own: what was seen before says nothing of it."""
    return max(step.least, 1 if isinstance(step, Invite) else OWN)


def objection(rollout: Rollout, strategy: Strategy) -> str:
    """Why its candidate may not be exposed further by what was seen last; empty when it may, or nothing was exposed."""
    if rollout.is_blind:
        return f"nothing can be measured: {rollout.blind_why}"
    if rollout.measured_at == NEVER:
        return ""
    if _is_ill(rollout):
        return illness(rollout)
    judgement = opinion(rollout)
    return "" if _may_go_on(judgement, rollout.calm, strategy) else said(rollout).why()


def _may_go_on(judgement: Judgement, calm: timedelta, strategy: Strategy) -> bool:
    """Whether nothing speaks against going on: no doubt, or only one that nothing was added to for long enough."""
    return judgement.standing in _NO_OBJECTION or (judgement.may_pass and calm > strategy.blind_for)


def _calm(rollout: Rollout, snapshot: Snapshot, judgement: Judgement, elapsed: timedelta) -> timedelta:
    """How long requests have added nothing to a doubt; a time without any says nothing either way."""
    if judgement.standing is not Standing.SUSPICIOUS:
        return timedelta(0)
    if not between(rollout.snapshot, snapshot).candidate.requests:
        return rollout.calm
    before = opinion(rollout)
    is_silent = judgement.weight <= before.weight + _NOTHING_ADDED
    return rollout.calm + elapsed if is_silent else timedelta(0)


def guilt(rollout: Rollout) -> str:
    """What a candidate goes back for, without what was merely too little to tell."""
    finding = said(rollout)
    blamed = (leaf for leaf in finding.children if leaf.verdict is Verdict.FAIL)
    return "; ".join(f"{leaf.subject}: {leaf.sentence}" for leaf in blamed)


def illness(rollout: Rollout) -> str:
    """What is wrong with a candidate that does not take its requests."""
    ready = f"{rollout.snapshot.ready} of {rollout.snapshot.members} of its endpoints are ready"
    return f"the candidate did not take its requests for {span_in_words(rollout.ill)} in all; {ready}"


def _is_ill(seen: Rollout) -> bool:
    """Whether the candidate does not take the requests it is given: not all of it is ready, or it is silent."""
    return _is_unready(seen) or _is_silent(seen)


def _is_unready(seen: Rollout) -> bool:
    return seen.snapshot.ready < seen.snapshot.members or seen.snapshot.members == 0


def _is_silent(seen: Rollout) -> bool:
    """Whether it had none of the requests it should have had. What was not confirmed, nobody need have sent.

    Of users, who stay on one side, perhaps none is on its own: then nobody can say.
    """
    if seen.analysis.split is Split.USERS:
        return False
    left = WHOLE - seen.exposure.share - seen.exposure.baseline
    expected = seen.unanswered * seen.exposure.share // max(left, 1)
    return seen.confirmed == seen.authorised and expected >= EXPECTED
