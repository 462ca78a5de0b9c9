# SPDX-License-Identifier: Apache-2.0
"""Bad requests of the candidate against stable's of the same tick, as a running bet that an honest one cannot win.

Of the m bad requests of a tick x were the candidate's. With w its part of all requests (weighted by the warm-up that is
allowed), a rate exp(b) times stable's gains `(x b - m ln(1 + w (exp(b) - 1))) / dispersion`.

1. *Tick by tick*: what hits both arms alike moves x and m together and is no evidence, however sudden.
2. *An honest candidate is not a copy*: instances of one program differ. It is believed to lie around the tolerated
   margin as far as instances do; the bet wins only on what such a candidate would not show.
3. *Dispersion divides the gain*: a cluster of failures counts as one accident. It is estimated from earlier ticks of
   stable alone, and until it was measured some seconds are believed as one accident (`Pair.told`), which says no more
   than one failure would: large clusters are rare, and what was seen of stable may have had none. Within such a tick
   one bad request more may be worth a trifle less. What is not known speaks against proof as well (`Noise.unseen`).
   What wanders within minutes (`Noise.wander`) adds to it, the more of it an instance shows meanwhile.
4. *Warm-up*: one lane takes every tick and allows for it, the other takes only instances that are warm and allows
   nothing. The guarantee rests on that allowance (`Noise.warm_up`) being large enough.
5. *Onsets*: part of the money is laid at the start, part at each step and every ten minutes, so that a defect that
   wakes late is not drowned in the healthy time before. Money not laid yet is worth what it is.
6. *Breaking*: a part of the money is on a candidate that is suddenly worse by far (`abrupt`).
7. What lies beyond anything stable does is weighed for itself, and is no part of this money (`far`).
8. The expected worth of all money never rises for an honest candidate, so it ever reaches 1/budget with a chance of at
   most the budget (Ville).
"""

import math
from dataclasses import dataclass, replace
from typing import Final

from interlock.domain.judge import abrupt
from interlock.domain.judge.far import Far, furthest, strayed
from interlock.domain.judge.favour import NO_GAIN, Favour, Gained, added, favoured
from interlock.domain.judge.lanes import (
    ABRUPT_MONEY,
    CAUTIOUS_MONEY,
    LATER_MONEY,
    NOTHING,
    WARM_MONEY,
    Bet,
    Lane,
    fresh_money,
    gained,
    weighed,
    with_bet,
    without_old,
)
from interlock.domain.judge.nodes import NODES, RAISED, WORSE, anything, better, crossings, honest, mixed, odds, worse
from interlock.domain.judge.noise import FIRST, LASTS, USUAL, WANDERS, Count, Noise, Pair, envelope
from interlock.domain.judge.roughness import Roughness, lasting, rougher
from interlock.domain.judge.stakes import Stakes, log_sum

EVERY: Final = 600.0
_SETTLED: Final = 2 / 3
"""The part of `Terms.warm_after` from which a candidate proves itself: what is left of warming up speaks against it."""
HEAVIEST: Final = 3.0
"""A candidate instance that carries many times a stable one's load is not taken to be noisier without end."""


@dataclass(frozen=True, slots=True)
class Terms:
    """`margin`: the logarithm of the ratio that is tolerated. `warm_after`: seconds from which an instance is warm."""

    margin: float = math.log(1.05)
    noise: Noise = USUAL
    warm_after: float = 180.0


USUAL_TERMS: Final = Terms()


@dataclass(frozen=True, slots=True)
class Beat:
    """One tick. `at`: its end, in seconds since the rollout began. `step`: which exposure.

    `ages`: seconds since each candidate instance took its first request; none given: all as old as the rollout.
    `fresh`: the same of stable instances that were started for this rollout, so that both warm up alike.
    `warm`: that of the candidate which warm instances did; `Count(-1, -1)`: not told apart.
    """

    at: float
    stable: Count
    candidate: Count
    step: int = 0
    ages: tuple[float, ...] = ()
    fleet: int = 1
    fresh: tuple[float, ...] = ()
    warm: Count = Count(-1, -1)


@dataclass(frozen=True, slots=True)
class Contest:
    """All that must be remembered of one metric. `Contest()` is the start; folding one by one is folding all.

    `plain`: gains over every tick with no allowance for warm-up, to be divided by the dispersion that is known when one
    asks: for intervals and doubts. `favour`: the same for what speaks in its favour.
    `spent`: what was told lately, of the most that an accident may add.
    `wondering`: as `breaking`, were nothing taken for an accident.
    `ignored`: ticks that could not be used.
    """

    cautious: Lane = Lane(idle=CAUTIOUS_MONEY, worth=math.log(CAUTIOUS_MONEY))
    warm: Lane = Lane(idle=WARM_MONEY + LATER_MONEY, worth=math.log(WARM_MONEY + LATER_MONEY))
    breaking: Stakes = abrupt.NOTHING
    wondering: Stakes = abrupt.NOTHING
    far: Far = Far()
    plain: tuple[float, ...] = NOTHING
    favour: Favour = Favour()
    roughness: Roughness = Roughness()
    spent: float = 0.0
    stable: Count = Count(0, 0)
    candidate: Count = Count(0, 0)
    at: float = -math.inf
    step: int = -1
    laid_at: float = -math.inf
    laid: int = 0
    spread: float = 0.0
    ignored: int = 0


def begin() -> Contest:
    """Before the first tick."""
    return Contest()


def fold(contest: Contest, beat: Beat, terms: Terms = USUAL_TERMS) -> Contest:
    """After one more tick. What cannot be used, came twice or came late changes nothing but `ignored`."""
    if not _is_usable(beat) or beat.at <= contest.at:
        return replace(contest, ignored=contest.ignored + 1)
    before = _laid(contest, beat, terms)
    pair, most, spent = _pair(contest, before, beat, terms.noise)
    dispersion = pair.dispersion
    allowed = 1.0 if beat.fresh else envelope(terms.noise, beat.ages or (beat.at,))
    plain, cautious, warm, gain = before.plain, before.cautious, before.warm, NO_GAIN
    breaking, wondering = before.breaking, before.wondering
    both = _plus(beat.candidate, beat.stable)
    told, calm = warm_count(beat, terms.warm_after), warm_count(beat, terms.warm_after * _SETTLED)
    least = abrupt.beyond(terms.margin, before.spread, allowed)
    if both.bad:
        gains = _gains(beat.candidate, beat.stable, 1.0, dispersion)
        present = lasting(before.roughness, terms.noise)
        plain = added(plain, gains, present)
        excused = gains if allowed == 1 else _gains(beat.candidate, beat.stable, allowed, dispersion)
        cautious = gained(cautious, _believed(pair, excused), terms.margin)
        own = gains if calm == beat.candidate else _gains(calm, beat.stable, 1.0, dispersion)
        gain = Gained(gains, own, present)
        if told.all:
            warm = gained(warm, _lately(pair, own, before, beat, terms.noise), terms.margin)
        breaking = abrupt.broken(breaking, pair, least)
        wondering = abrupt.broken(wondering, pair.singly(), least)
        spent = min(most, spent + max(0.0, pair.told(max(gains[WORSE:]) * dispersion)))
    return replace(
        before,
        cautious=cautious,
        warm=warm,
        breaking=breaking,
        wondering=wondering,
        far=_strayed(before, pair, least, terms.margin),
        plain=plain,
        favour=favoured(before.favour, both, gain, _youngest(beat), is_new=beat.step != contest.step),
        roughness=rougher(before.roughness, (beat.stable, beat.candidate), beat.at, beat.at - contest.at, terms.noise),
        spent=spent,
        stable=_plus(before.stable, beat.stable),
        candidate=_plus(before.candidate, beat.candidate),
        at=beat.at,
    )


def log_evidence(contest: Contest) -> float:
    """The logarithm of the evidence that the candidate is worse than tolerated; that of 1 is 0."""
    breaking = math.log(ABRUPT_MONEY) + abrupt.worth(contest.breaking)
    return log_sum((contest.cautious.worth, contest.warm.worth, breaking))


def log_doubt(contest: Contest, terms: Terms = USUAL_TERMS) -> float:
    """As `log_evidence`, were no warm-up allowed for, or no accident: reason to expose no more, and none to go back."""
    margin, spread = terms.margin, contest.spread
    gains = _divided(contest.plain, lasting(contest.roughness, terms.noise))
    warm = odds(gains, worse(margin, spread), honest(margin, spread))
    return max(warm, log_wonder(contest))


def doubt_at(contest: Contest, candidate: Count, stable: Count, terms: Terms = USUAL_TERMS) -> float:
    """What would speak against a candidate by these counts, as a logarithm, without any allowance."""
    gains = _gains(candidate, stable, 1.0, lasting(contest.roughness, terms.noise))
    return odds(tuple(gains), worse(terms.margin, contest.spread), honest(terms.margin, contest.spread))


def log_young_doubt(contest: Contest, terms: Terms = USUAL_TERMS) -> float:
    """What speaks against it, as a logarithm, were no warm-up allowed for, by what it did once settled as soon as that
    is told apart.
    """
    margin, spread = terms.margin, contest.spread
    gains = contest.favour.settled if contest.warm.bets else contest.plain
    return odds(_divided(gains, lasting(contest.roughness, terms.noise)), worse(margin, spread), honest(margin, spread))


def log_wonder(contest: Contest) -> float:
    """What is by far too much for a warm-up, were no accident allowed for: as a logarithm."""
    return math.log(ABRUPT_MONEY) + abrupt.worth(contest.wondering)


def log_safe(contest: Contest, limit: float, noise: Noise = USUAL) -> float:
    """The logarithm of the evidence that the candidate's rate is below `limit` (a ratio) times stable's.

    No allowance is made for warm-up here: it would speak in the candidate's favour. Half of the money is on all that it
    did, half on what it did once warm. What is not known of dispersion speaks against it.
    """
    at = math.log(limit)
    favour, due = better(at, contest.spread), honest(at, contest.spread)
    by = lasting(contest.roughness, noise, noise.unseen)
    proofs = [odds(_divided(gains, by), favour, due) for gains in (contest.favour.whole, contest.favour.settled)]
    return log_sum(proofs) - math.log(len(proofs))


def interval(
    contest: Contest, miss: float = 0.05, noise: Noise = USUAL, *, settled: bool = False
) -> tuple[float, float, float]:
    """Lowest, likeliest and highest ratio of the candidate's rate to stable's; valid at every look at once.

    `miss`: the chance that the ratio of what was counted ever lies outside. Without data: 0, 1, infinity. `settled`: of
    what was counted once all of its instances had warmed up.
    """
    gains = contest.favour.settled if settled else contest.plain
    if not any(gains):
        return 0.0, 1.0, math.inf
    plain = _divided(gains, lasting(contest.roughness, noise, noise.unseen))
    low, high = crossings(plain, mixed(plain, anything()) + math.log(miss))
    likeliest = NODES[plain.index(max(plain))]
    return math.exp(low), math.exp(likeliest), math.exp(high)


def warm_count(beat: Beat, after: float) -> Count:
    """What warm instances did of the candidate's tick; nothing while nobody can say that all are so old (seconds)."""
    if beat.fresh:
        return beat.candidate
    if beat.warm.is_usable or beat.warm == Count(0, 0):
        return Count(min(beat.warm.bad, beat.candidate.bad), min(beat.warm.all, beat.candidate.all))
    return beat.candidate if _youngest(beat) >= after else Count(0, 0)


def spread_of(terms: Terms, candidates: int, fleet: int) -> float:
    """How far the mean of so many candidate instances may lie from that of so many stable ones, in logarithms."""
    return terms.noise.spread * math.sqrt(1 / max(candidates, 1) + 1 / max(fleet, 1))


def _youngest(beat: Beat) -> float:
    return min(beat.ages, default=beat.at)


def _pair(last: Contest, before: Contest, beat: Beat, noise: Noise) -> tuple[Pair, float, float]:
    """The tick; the most that an accident may add, and what of that lately was."""
    dispersion = _dispersion(before.roughness, beat, noise) + _wandering(before, beat, noise, beat.at)
    most = noise.most(dispersion, before.roughness.seen, _event(beat))
    spent = _spent(last, beat.at, most)
    accident = _accident(beat, noise, beat.at - last.at)
    return Pair(beat.candidate, beat.stable, dispersion, most - spent, accident), most, spent


def _strayed(before: Contest, pair: Pair, least: float, margin: float) -> Far:
    beyond = furthest(before.stable, pair.stable, least, pair.dispersion)
    return strayed(before.far, pair, beyond, abrupt.beyond(margin, before.spread, 1.0))


def _is_usable(beat: Beat) -> bool:
    return beat.stable.is_usable and beat.candidate.is_usable and all(map(math.isfinite, (beat.at, *beat.ages)))


def _laid(contest: Contest, beat: Beat, terms: Terms) -> Contest:
    """The first bets at the beginning, and a later one where a new onset is due."""
    instances = len(beat.ages)
    spread = spread_of(terms, instances, beat.fleet)
    after = contest if spread == contest.spread else replace(contest, spread=spread)
    if not contest.cautious.bets:
        alone = spread_of(terms, 1, beat.fleet)
        after = replace(after, cautious=with_bet(after.cautious, Bet(CAUTIOUS_MONEY, alone)), step=beat.step)
    if not warm_count(beat, terms.warm_after).all:
        return after
    if not contest.warm.bets:
        first = with_bet(after.warm, Bet(WARM_MONEY, spread))
        return replace(after, warm=first, laid_at=beat.at, step=beat.step)
    if beat.step == contest.step and beat.at < contest.laid_at + EVERY:
        return after
    later = with_bet(after.warm, Bet(fresh_money(contest.laid), spread, contest.warm.gains))
    later = weighed(without_old(later, terms.margin), terms.margin)
    return replace(after, warm=later, laid_at=beat.at, laid=contest.laid + 1, step=beat.step)


def _gains(candidate: Count, stable: Count, allowed: float, dispersion: float) -> list[float]:
    """What this tick adds at each node."""
    weight = candidate.all * allowed
    fair = weight / (weight + stable.all)
    own, both = candidate.bad / dispersion, (candidate.bad + stable.bad) / dispersion
    return [own * node - both * math.log1p(fair * more) for node, more in zip(NODES, RAISED, strict=True)]


def _believed(pair: Pair, gains: list[float]) -> list[float]:
    """As though they varied by so much more that the highest, of those that are worse, is what is believed of it."""
    highest = max(gains[WORSE:])
    believed = pair.told(highest * pair.dispersion)
    return [one * believed / highest for one in gains] if highest > believed else gains


def _divided(gains: tuple[float, ...], dispersion: float) -> tuple[float, ...]:
    return tuple(one / dispersion for one in gains)


def _accident(beat: Beat, noise: Noise, lasted: float) -> float:
    """Bad requests that one accident brings at the utmost, whichever instances they come to; or, of times, all that one
    instance has while it lasts.
    """
    whole, part = beat.candidate.all, LASTS / lasted
    if noise.accident < math.inf:
        return min(noise.accident, whole * max(1.0, part))
    return whole / max(len(beat.ages), 1) * (part or 1.0)


def _event(beat: Beat) -> float:
    """The most that a single failure says."""
    fair = beat.candidate.all / (beat.candidate.all + beat.stable.all)
    return NODES[-1] - math.log1p(fair * RAISED[-1])


def _spent(contest: Contest, at: float, most: float) -> float:
    """What is left, at this time, of what was told: none after as long as an accident lasts."""
    return max(0.0, contest.spent - most * (at - contest.at) / LASTS)


def _dispersion(seen: Roughness, beat: Beat, noise: Noise) -> float:
    """By what the gain of this tick is divided, from the ticks before it."""
    short = lasting(seen, noise)
    long = max(noise.long, short)
    per_candidate = beat.candidate.all / max(len(beat.ages), 1)
    per_stable = beat.stable.all / max(beat.fleet, 1)
    load = min(per_candidate / per_stable, HEAVIEST)
    return max(1.0, short + (long - short) * load)


def _lately(pair: Pair, own: list[float], before: Contest, beat: Beat, noise: Noise) -> list[float]:
    """What is believed of the gains of warm instances, of which the last bet was laid not long ago."""
    if not noise.wander:
        return _believed(pair, own)
    shorter = _wandering(before, beat, noise, beat.at - before.laid_at) - _wandering(before, beat, noise, beat.at)
    dispersion = pair.dispersion + shorter
    gains = [gain * pair.dispersion / dispersion for gain in own]
    return _believed(replace(pair, dispersion=dispersion), gains)


def _wandering(before: Contest, beat: Beat, noise: Noise, since: float) -> float:
    """How much dispersion is added by what comes and goes within minutes: more, the more of it an instance shows.

    In the first minutes `since` a bet was laid it has not come and gone: it adds up less.
    """
    if not noise.wander:
        return 0.0
    seen, instances = before.stable if before.stable.all else beat.stable, max(len(beat.ages), 1)
    lasted = max(beat.at - before.at if before.at > -math.inf else beat.at, 1.0)
    lasting = min(FIRST + max(since, 0.0), WANDERS)
    slow = beat.candidate.all / instances * seen.bad / seen.all * max(1.0, lasting / lasted)
    return float(noise.wander**2 * slow * (1 + instances / max(beat.fleet, 1)))


def _plus(one: Count, other: Count) -> Count:
    return Count(one.bad + other.bad, one.all + other.all)
