# SPDX-License-Identifier: Apache-2.0
"""Many contests at once that share one schedule, for measuring the judge.

The same rules as the product's `contest`, over arrays; a test holds the two together.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from bench.judge.fleets import Floats, Noises
from numpy.typing import NDArray

from interlock.domain.judge import abrupt, far, stakes
from interlock.domain.judge import contest as one
from interlock.domain.judge import noise as of_one
from interlock.domain.judge.lanes import ABRUPT_MONEY, CAUTIOUS_MONEY, LATER_MONEY, MOST_BETS, WARM_MONEY, fresh_money
from interlock.domain.judge.nodes import NODES, RAISED, WORSE, honest, worse
from interlock.domain.judge.noise import envelope
from interlock.domain.judge.roughness import BLOCK, CLIPPED, SHIFT, TELLING, WEIGHT

Rows = NDArray[np.intp]
Arm = tuple[Floats, Floats]
"""Bad requests and all requests, per rollout."""
_NODES: Final = np.array(NODES)
_RAISED: Final = np.array(RAISED)
_TIMES: Final = np.array(abrupt.TIMES)
_LEAST: Final = 1e-9
"""A gain that no accident could lessen."""
_LATER: Final = np.array(abrupt.PRIOR.later)


class Rough(NamedTuple):
    """Dispersion of a tick, the most that it may add as one accident, and failures of one, per rollout."""

    dispersion: Floats
    most: Floats
    accident: Floats

    def told(self, gains: Floats, rows: Rows | slice = slice(None)) -> Floats:
        """What is believed of gains (rollouts, or rollouts by alternatives) that are counted singly."""
        shape = (-1,) if gains.ndim == 1 else (-1, 1)
        dispersion, most, accident = (of[rows].reshape(shape) for of in self)
        return np.asarray(np.minimum(gains / dispersion, np.maximum(most, gains / accident)))


class Bets:
    """One lane of many contests: gains (rollouts by nodes), bets (money, spread per rollout, gains then)."""

    def __init__(self, rollouts: int, idle: float) -> None:
        self.gains: Floats = np.zeros((rollouts, len(NODES)))
        self.bets: list[tuple[float, Floats, Floats, Floats, Floats]] = []
        self.idle: Floats = np.full(rollouts, idle)
        self.worth: Floats = np.full(rollouts, math.log(idle))

    def lay(self, money: float, spread: Floats, margin: float) -> None:
        """One more bet, and the oldest later one taken back when there are too many."""
        against, due = _beliefs(spread, margin)
        self.bets.append((money, spread, self.gains.copy(), against, due))
        self.idle -= money
        if len(self.bets) > MOST_BETS:
            self.idle += np.exp(np.minimum(self._worth_of(1, np.arange(len(self.idle))), 700.0))
            del self.bets[1]

    def weigh(self, wanted: NDArray[np.bool_]) -> None:
        """Reckon the worth of these rollouts' money anew."""
        at = np.flatnonzero(wanted)
        worths = [self._worth_of(bet, at) for bet in range(len(self.bets))]
        with np.errstate(divide="ignore"):
            worths.append(np.log(np.maximum(self.idle[at], 0.0)))
        self.worth[at] = np.logaddexp.reduce(np.stack(worths), axis=0)

    def _worth_of(self, bet: int, rows: Rows) -> Floats:
        money, _, since, against, due = self.bets[bet]
        won = self.gains[rows] - since[rows]
        won -= won.max(axis=1, keepdims=True)
        np.exp(won, out=won)
        above = np.einsum("rn,rn->r", won, against[rows])
        below = np.einsum("rn,rn->r", won, due[rows])
        with np.errstate(divide="ignore"):
            worth: Floats = math.log(money) + np.log(above) - np.log(below)
        return worth


class Breaking:
    """The stakes of many contests on sudden breakage."""

    def __init__(self, rollouts: int) -> None:
        self.laid: Floats = np.tile(np.array(abrupt.PRIOR.first), (rollouts, 1))
        self.onsets: Floats = np.zeros(rollouts)

    def fold(self, candidate: Arm, stable: Arm, least: Floats, rough: Rough) -> None:
        """One more tick."""
        rows = np.flatnonzero(candidate[0] + stable[0])
        own, both = candidate[0][rows], candidate[0][rows] + stable[0][rows]
        heavier = candidate[1][rows] * least[rows]
        fair = heavier / (heavier + stable[1][rows])
        gains = own[:, None] * np.log(_TIMES) - both[:, None] * np.log1p(fair[:, None] * (_TIMES - 1))
        self.laid[rows] += rough.told(gains, rows)
        rows = np.flatnonzero(stable[0])
        self.onsets[rows] += 1
        since = stakes.HORIZON + self.onsets[rows]
        part = np.log(stakes.HORIZON / ((since - 1) * since))
        self.laid[rows] = np.logaddexp(self.laid[rows], _LATER + part[:, None])

    @property
    def worth(self) -> Floats:
        """Natural logarithm of each contest's money on it, were all of it laid there."""
        kept = abrupt.PRIOR.kept + np.log(stakes.HORIZON / (stakes.HORIZON + self.onsets))
        return np.asarray(np.logaddexp.reduce(np.column_stack((self.laid, kept)), axis=1))


class Straying:
    """What of many contests is held against a rate that no honest candidate comes near."""

    def __init__(self, rollouts: int) -> None:
        self.laid: Floats = np.tile(np.array(far.PRIOR.first), (rollouts, 1))
        self.onsets: Floats = np.zeros(rollouts)
        self.lately: Floats = np.zeros(rollouts)
        self.stable: Arm = (np.zeros(rollouts), np.zeros(rollouts))

    def fold(
        self, candidate: Arm, stable: Arm, least: tuple[Floats, Floats], rough: Rough, usable: NDArray[np.bool_]
    ) -> None:
        """One more tick. `least`: as by `beyond`, as it warms up and once it is warm. `usable`: both had requests."""
        heavier = candidate[1] * least[1]
        fair = heavier / (heavier + stable[1])
        said = candidate[0] * math.log(far.BY_FAR) - (candidate[0] + stable[0]) * np.log1p(fair * (far.BY_FAR - 1))
        self.lately = np.where(usable, np.maximum(0.0, self.lately + rough.told(said)), self.lately)
        limit = self._limit(stable, least[0], rough.dispersion, usable)
        counts = usable & (limit <= far.MOST)
        times = np.array(far.TIMES)
        gains = candidate[0][:, None] * np.log(times)
        gains = rough.told(gains - candidate[1][:, None] * np.log1p(limit[:, None] * (times - 1)))
        onsets = self.onsets + 1
        since = stakes.HORIZON + onsets
        part = np.log(stakes.HORIZON / ((since - 1) * since))
        laid = np.logaddexp(self.laid + gains, np.array(far.PRIOR.later) + part[:, None])
        self.laid = np.where(counts[:, None], laid, self.laid)
        self.onsets = np.where(counts, onsets, self.onsets)

    @property
    def log_risk(self) -> Floats:
        """Natural logarithm of the risk from which each goes back for it; infinity: from none."""
        kept = far.PRIOR.kept + np.log(stakes.HORIZON / (stakes.HORIZON + self.onsets))
        worth = np.logaddexp.reduce(np.column_stack((self.laid, kept)), axis=1)
        return np.asarray(np.where(self.lately >= math.log(far.BESIDE), -worth - math.log(far.RARELY), np.inf))

    def _limit(self, stable: Arm, times: Floats, dispersion: Floats, usable: NDArray[np.bool_]) -> Floats:
        bad, requests = self.stable
        usual = (bad + stable[0] + far.UNSEEN) / (requests + stable[1])
        due = stable[1] * (bad + far.UNSEEN) / np.maximum(requests, stable[1])
        surely = (stable[0] + far.SURELY * np.sqrt(dispersion * stable[0])) / stable[1]
        present = np.where(stable[0] > due + np.sqrt(due) + far.UNSEEN, surely, 0.0)
        self.stable = bad + stable[0], requests + np.where(usable, stable[1], 0.0)
        return np.asarray(np.maximum(far.FLOOR, times * np.maximum(usual, present)))


class Pairs:
    """Of many contests what `roughness` has of one."""

    def __init__(self, rollouts: int) -> None:
        self.found: Floats = np.zeros(rollouts)
        self.apart: Floats = np.zeros(rollouts)
        self.pairs: Floats = np.zeros(rollouts)

    def known(self, assumed: Floats, weight: Floats) -> Floats:
        """Their dispersions."""
        seen = np.minimum(self.found, self.apart)
        return np.asarray(np.maximum(1.0, (assumed * weight + seen) / (weight + self.pairs)))

    def add(self, rows: NDArray[np.bool_], found: Floats, apart: Floats, known: Floats) -> None:
        """One more, of these rows."""
        most = CLIPPED * known
        self.found += np.where(rows, np.minimum(found, most), 0.0)
        self.apart += np.where(rows, np.minimum(apart, most), 0.0)
        self.pairs += rows


def _found(last: Arm, now: Arm) -> tuple[Floats, NDArray[np.bool_]]:
    """What two times tell of stable's dispersion, and in which rollouts they do."""
    both = last[0] + now[0]
    tells = (last[1] > 0) & (now[1] > 0) & (both > 0)
    share = np.where(tells, now[1], 1.0) / np.where(tells, now[1] + last[1], 2.0)
    due = np.where(tells, both, 1.0) * share
    return np.where(tells, (now[0] - due) ** 2 / np.where(tells, due * (1 - share), 1.0), 0.0), tells


def _apart(last: tuple[Arm, Arm], now: tuple[Arm, Arm], found: Floats) -> Floats:
    """What they tell of both arms against each other; `found` where they tell too little, or of two shares."""
    (own, of_all), (beside, beside_of) = now
    (was, was_of), (once, once_of) = last
    whole = np.maximum(own + beside + was + once, 1.0)
    chance = (own + was) * (beside + once) * (own + beside) * (was + once) / whole**3
    shift = beside_of * was_of / np.maximum(once_of * of_all, 1.0)
    tells = (chance >= TELLING) & (shift > 1 / SHIFT) & (shift < SHIFT)
    due = (beside + once) * (own + beside) / whole
    return np.where(tells, (beside - due) ** 2 / np.where(tells, chance, 1.0), found)


class Crowd:
    """As many contests as there are noises, folded tick by tick with one call. Arrays have one entry per rollout."""

    def __init__(self, terms: one.Terms, noises: Noises) -> None:
        rollouts = len(noises.short)
        self.terms, self.noises = terms, noises
        self.cautious = Bets(rollouts, CAUTIOUS_MONEY)
        self.warm = Bets(rollouts, WARM_MONEY + LATER_MONEY)
        self.breaking, self.wondering = Breaking(rollouts), Breaking(rollouts)
        self.straying = Straying(rollouts)
        self.spent: Floats = np.zeros(rollouts)
        self.heard_at: Floats = np.full(rollouts, -np.inf)
        self.ticks, self.blocks = Pairs(rollouts), Pairs(rollouts)
        self.last: Arm = (np.zeros(rollouts), np.zeros(rollouts))
        self.block, self.before = _neither(rollouts), _neither(rollouts)
        self.since: Floats = np.full(rollouts, np.nan)
        self.seen: Floats = np.zeros(rollouts)
        self.candidate: Arm = (np.zeros(rollouts), np.zeros(rollouts))
        self.spread: Floats = np.zeros(rollouts)
        self.step, self.laid, self.laid_at = -1, 0, -math.inf

    @property
    def log_evidence(self) -> Floats:
        """Natural logarithm of each contest's evidence."""
        lanes = np.logaddexp(self.cautious.worth, self.warm.worth)
        return np.asarray(np.logaddexp(lanes, math.log(ABRUPT_MONEY) + self.breaking.worth))

    @property
    def log_suspicion(self) -> Floats:
        """The same for holding, to which no tick is an accident."""
        return np.asarray(np.maximum(self.log_evidence, math.log(ABRUPT_MONEY) + self.wondering.worth))

    def fold(self, beat: one.Beat, stable: Arm, candidate: Arm) -> None:
        """One more tick. Of `beat` only what all rollouts share is read: time, step, ages, fleet.

        Where an arm has no requests the tick is ignored. All of the candidate is warm once its youngest instance is.
        """
        is_warm = beat.fresh or min(beat.ages, default=beat.at) >= self.terms.warm_after
        nothing = np.zeros_like(candidate[0])
        self.fold_apart(beat, stable, candidate, candidate if is_warm else (nothing, nothing))

    def fold_apart(self, beat: one.Beat, stable: Arm, candidate: Arm, warm: Arm) -> None:
        """The same where it is known what of the candidate its warm instances did."""
        usable = (stable[1] > 0) & (candidate[1] > 0)
        beside = np.where(usable, stable[0], 0.0), np.where(usable, stable[1], 1.0)
        own = np.where(usable, candidate[0], 0.0), np.where(usable, candidate[1], 1.0)
        told = np.where(usable, warm[0], 0.0), np.where(usable, warm[1], 0.0)
        self._lay(beat, told)
        rough = self._rough(beat, own[1], beside[1], usable)
        freely = rough._replace(most=np.maximum(rough.most, of_one.HOLDS))
        allowed = 1.0 if beat.fresh else envelope(self.terms.noise, beat.ages or (beat.at,))
        self._tell(own, beside, rough)
        _gain(self.cautious.gains, (own[0], own[1] * allowed), beside, rough)
        self.cautious.weigh(own[0] + beside[0] > 0)
        beside_warm = np.where(told[1] > 0, beside[0], 0.0), beside[1]
        _gain(self.warm.gains, told, beside_warm, rough)
        self.warm.weigh(told[0] + beside_warm[0] > 0)
        least = np.exp(self.terms.margin + abrupt.SPREADS * self.spread) * allowed
        self.breaking.fold(own, beside, least, rough)
        self.wondering.fold(own, beside, least, freely)
        settled = np.exp(self.terms.margin + abrupt.SPREADS * self.spread)
        self.straying.fold(own, beside, (least, settled), rough, usable)
        self._see(stable, candidate, beat.at, usable)
        self.candidate = self.candidate[0] + own[0], self.candidate[1] + np.where(usable, candidate[1], 0.0)

    def _lay(self, beat: one.Beat, told: Arm) -> None:
        margin, instances = self.terms.margin, max(len(beat.ages), 1)
        self.spread = self.noises.spread * math.sqrt(1 / instances + 1 / max(beat.fleet, 1))
        if not self.cautious.bets:
            alone = self.noises.spread * math.sqrt(1 + 1 / max(beat.fleet, 1))
            self.cautious.lay(CAUTIOUS_MONEY, alone, margin)
            self.step = beat.step
        if not np.any(told[1] > 0):
            return
        if not self.warm.bets:
            self.warm.lay(WARM_MONEY, self.spread, margin)
        elif beat.step != self.step or beat.at >= self.laid_at + one.EVERY:
            self.warm.lay(fresh_money(self.laid), self.spread, margin)
            self.warm.weigh(np.ones(len(self.spread), dtype=np.bool_))
            self.laid += 1
        else:
            return
        self.step, self.laid_at = beat.step, beat.at

    def _tell(self, own: Arm, beside: Arm, rough: Rough) -> None:
        """What the gains spend of what an accident may add."""
        rows = np.flatnonzero(own[0] + beside[0])
        gains = _gains(own, beside, rough.dispersion, rows)
        told = rough.told(gains[:, WORSE:].max(axis=1) * rough.dispersion[rows], rows)
        self.spent[rows] = np.minimum(self.spent[rows] + rough.most[rows], self.spent[rows] + np.maximum(0.0, told))

    def _rough(self, beat: one.Beat, candidate: Floats, stable: Floats, usable: NDArray[np.bool_]) -> Rough:
        short = np.maximum(self._within(), self._over())
        long = np.maximum(self.noises.long, short)
        load = np.minimum(candidate / max(len(beat.ages), 1) / (stable / max(beat.fleet, 1)), one.HEAVIEST)
        dispersion = np.asarray(np.maximum(1.0, short + (long - short) * load))
        singly = np.full_like(dispersion, np.inf)
        np.divide(1.0, 1 - 1 / dispersion, out=singly, where=dispersion > 1)
        event = _NODES[-1] - np.log1p(candidate / (candidate + stable) * _RAISED[-1])
        alone = np.minimum(of_one.CALM, singly) * np.minimum(1.0, event / of_one.CALM)
        unknown = self.noises.burst * np.maximum(alone, np.log1p(self.seen * of_one.SELDOM))
        most = np.maximum(unknown, self.noises.borne)
        lasted = beat.at - self.heard_at
        rested = np.maximum(0.0, self.spent - most * lasted / of_one.LASTS)
        brought = candidate * np.maximum(1.0, of_one.LASTS / lasted)
        self.spent = np.where(usable, rested, self.spent)
        self.seen += np.where(usable, np.minimum(1.0, lasted / of_one.LASTS), 0.0)
        self.heard_at = np.where(usable, beat.at, self.heard_at)
        return Rough(dispersion, most - self.spent, np.minimum(of_one.ACCIDENT, brought))

    def _see(self, stable: Arm, candidate: Arm, at: float, usable: NDArray[np.bool_]) -> None:
        within, over = self._within(), self._over()
        found, tells = _found(self.last, stable)
        self.ticks.add(tells & usable, found, found, within)
        self.last = np.where(usable, stable[0], self.last[0]), np.where(usable, stable[1], self.last[1])
        first = usable & np.isnan(self.since)
        told = usable & ~first
        self.block = _more(self.block[0], stable, told), _more(self.block[1], candidate, told)
        ended = told & (at - np.where(told, self.since, at) >= BLOCK)
        found, tells = _found(self.before[0], self.block[0])
        self.blocks.add(tells & ended, found, _apart(self.before, self.block, found), over)
        self.before = _either(ended, self.block[0], self.before[0]), _either(ended, self.block[1], self.before[1])
        none = _neither(len(ended))
        self.block = _either(ended, none[0], self.block[0]), _either(ended, none[1], self.block[1])
        self.since = np.where(first | ended, at, self.since)

    def _within(self) -> Floats:
        return self.ticks.known(self.noises.short, self.noises.ticks)

    def _over(self) -> Floats:
        return self.blocks.known(self.noises.short, self.noises.ticks * WEIGHT)


def _neither(rollouts: int) -> tuple[Arm, Arm]:
    return (np.zeros(rollouts), np.zeros(rollouts)), (np.zeros(rollouts), np.zeros(rollouts))


def _more(arm: Arm, now: Arm, rows: NDArray[np.bool_]) -> Arm:
    return arm[0] + np.where(rows, now[0], 0.0), arm[1] + np.where(rows, now[1], 0.0)


def _either(rows: NDArray[np.bool_], one: Arm, other: Arm) -> Arm:
    return np.where(rows, one[0], other[0]), np.where(rows, one[1], other[1])


def _gain(gains: Floats, candidate: Arm, stable: Arm, rough: "Rough") -> None:
    rows = np.flatnonzero(candidate[0] + stable[0])
    gained = _gains(candidate, stable, rough.dispersion, rows)
    highest = np.maximum(gained[:, WORSE:].max(axis=1), _LEAST)
    gains[rows] += gained * (rough.told(highest * rough.dispersion[rows], rows) / highest)[:, None]


def _gains(candidate: Arm, stable: Arm, dispersion: Floats, rows: Rows) -> Floats:
    """What a tick adds at each node, of these rollouts."""
    own, both = candidate[0][rows], candidate[0][rows] + stable[0][rows]
    own, both = own / dispersion[rows], both / dispersion[rows]
    fair = candidate[1][rows] / (candidate[1][rows] + stable[1][rows])
    return np.asarray(own[:, None] * _NODES - both[:, None] * np.log1p(fair[:, None] * _RAISED))


def _beliefs(spread: Floats, margin: float) -> tuple[Floats, Floats]:
    spreads, rows = np.unique(spread, return_inverse=True)
    against = np.array([worse(margin, float(each)) for each in spreads])
    due = np.array([honest(margin, float(each)) for each in spreads])
    return against[rows], due[rows]
