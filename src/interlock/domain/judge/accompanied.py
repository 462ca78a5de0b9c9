# SPDX-License-Identifier: Apache-2.0
"""A candidate compared with what is stable, and with a baseline that is as fresh as itself.

1. It is compared with what is stable throughout, which allows for its warm-up; and beside a baseline all of which is
   ready with that as well, which need not. Either may send it back, from half of the budget each.
2. What no warm-up that is allowed for explains, and the baseline shows no less of, is a longer warm-up, or something
   that new instances meet. While the candidate is warming up that holds it where it is, and does not send it back.
3. When it should have warmed up, the comparison with what is stable begins anew: from then on nothing excuses it.
4. So a baseline that is ill itself may keep a candidate that is as ill where it is, for three minutes of its exposure
   at most. It never lets one on.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from interlock.domain.judge.contest import USUAL_TERMS
from interlock.domain.judge.judging import Beside, Moment, Standing, is_worse, judge, observe, observe_beside
from interlock.domain.judge.trial import Trial
from interlock.domain.strategy import Analysis, Baseline
from interlock.domain.traffic import Snapshot, Tick

WARM: Final = USUAL_TERMS.warm_after
"""Seconds of exposure from which the candidate is taken to be warm."""


@dataclass(frozen=True, slots=True)
class Trials:
    """The candidate against what is stable, and against its baseline."""

    stable: Trial = Trial()
    baseline: Trial = Trial()


@lru_cache(maxsize=16)
def hear_all(trials: Trials, tick: Tick, seen: Snapshot, moment: Moment, analysis: Analysis) -> Trials:
    """After one more tick, and the snapshot at its end. Remembered: who decides hears it, and whoever folds it next."""
    is_grown = moment.age >= WARM > moment.age - moment.lasted
    is_over = is_grown and is_excused(trials, analysis)
    stable = observe(Trial() if is_over else trials.stable, tick, seen.edges, moment, analysis)
    if not is_whole(seen):
        return Trials(stable, trials.baseline)
    return Trials(stable, observe_beside(trials.baseline, tick, seen.edges, moment, analysis))


def is_whole(seen: Snapshot) -> bool:
    """Whether there is a baseline, and all of it is ready."""
    return 0 < seen.baseline_members <= seen.baseline_ready


def is_excused(trials: Trials, analysis: Analysis) -> bool:
    """Whether the baseline, of which enough was seen, shows no less of what would send the candidate back."""
    if analysis.baseline is Baseline.NONE or not is_worse(trials.stable, analysis):
        return False
    return judge(trials.baseline, analysis, Beside.BASELINE).standing is Standing.GOOD
